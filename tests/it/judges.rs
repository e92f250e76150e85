//! Calls of the reference readers ("judges"): that they run, and that they answer correctly.
//!
//! `JUDGES=1` enables them, see `support::judge`. Where they compare random cases, `JUDGE_CASES` is the
//! number of cases (2000), and `JUDGE_SEED` replays a run.

mod draw;
mod files;
mod js_yaml;
mod yaml;

use std::fs;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::support::judge::{Answer, Case, Judge};
use crate::support::keys;
use crate::support::made::{Made, deflated, stored};

/// Returns the answers of a judge; `Err` is a rejection.
fn ask(judge: &Judge, cases: &[Case]) -> Vec<Result<Value, String>> {
    let short = |answer| match answer {
        Answer::Ok(value) => Ok(value),
        Answer::Refused(message) => Err(message),
        other => panic!("{other:?}"),
    };
    judge.ask(cases).into_iter().map(short).collect()
}

fn refused(message: &str) -> Result<Value, String> {
    Err(message.to_owned())
}

fn archive() -> Vec<u8> {
    let entries = [stored("a-1/", b""), stored("a-1/b", b"sea"), deflated("a-1/c", b"sea")];
    Made::of(entries).bytes()
}

const SEA_SHA256: &str = "4a69f19c8c264850d0f0fca1d7cd8ac0d07771cb9aaf5923c2c621a3e0f74475";

#[test]
fn the_registrys_yaml() {
    let Some(judge) = Judge::registry() else { return };
    let text = |text: &str| json!(["text", text]);
    let rows = [
        ("yaml", "a: 1", Ok(json!(["map", [[text("a"), ["int", "1"]]]]))),
        ("yaml", "a: 1\na: no\n", Ok(json!(["map", [[text("a"), ["bool", false]]]]))),
        ("yaml", "[-.inf, 1.5, ~, !!binary /w==]", {
            Ok(json!(["list", [["float", "-Inf"], ["float", "1.5"], ["null"], ["bytes", "/w=="]]]))
        }),
        ("yaml", "? [a]\n: 1", refused("yaml: invalid map key: []interface {}{\"a\"}")),
        ("yaml_ordered", "b: 1\na: 2\nb: 3\n", {
            let pairs = [
                [text("b"), json!(["int", "1"])],
                [text("a"), json!(["int", "2"])],
                [text("b"), json!(["int", "3"])],
            ];
            Ok(json!(["map", pairs]))
        }),
        ("config", "a.b: 1.0", {
            let below = |value| json!(["map", [[text("a"), ["map", [[text("b"), value]]]]]]);
            Ok(json!({ "value": below(json!(["float", "1"])), "texts": below(text("1")) }))
        }),
        ("config", "a", {
            refused(
                "type 'string' is not supported on top level of config, only dictionary or list",
            )
        }),
        ("pipeline", "1: a", Ok(json!(["map", [[text("1"), text("a")]]]))),
        ("fields", "- name: a\n- ~", {
            Ok(json!(["list", [["map", [[text("name"), text("a")]]], ["null"]]]))
        }),
    ];
    let case = |name, input: &str| Case::new(name, input).with("extension", ".yml");
    let cases: Vec<Case> = rows.iter().map(|(name, input, _)| case(name, input)).collect();
    for ((name, input, expected), answer) in rows.iter().zip(ask(&judge, &cases)) {
        assert_eq!(answer, *expected, "{name} {input:?}");
    }
    let panics = judge.ask(&[Case::new("config", "'-1': 1")]);
    assert_eq!(panics, [Answer::Panic("runtime error: index out of range [-1]".to_owned())]);
    // Depending on chance, the last one wins, or they conflict.
    let varies = judge.ask(&[Case::new("config", "a.b: 1\na: {b: 2}")]);
    assert!(matches!(&varies[..], [Answer::Varies(answers)] if answers.len() == 2), "{varies:?}");
}

#[test]
fn the_registrys_versions() {
    let Some(judge) = Judge::registry() else { return };
    let cases = [
        Case::new("semver", "1.0"),
        Case::new("semver", "1.2.3-a.1+b"),
        Case::new("constraint", "^8 ||"),
        Case::new("constraint", "^8.1"),
        Case::new("constraint", "^8.1").with("version", "8.0.0"),
    ];
    let version = json!({ "major": "1", "minor": "2", "patch": "3", "pre": "a.1", "meta": "b" });
    let answers = ask(&judge, &cases);
    assert_eq!(answers[0], refused("invalid semantic version"));
    assert_eq!(answers[1], Ok(version));
    assert!(answers[2].is_err());
    assert_eq!(answers[3..], [Ok(json!({})), Ok(json!({ "matches": false }))]);
}

#[test]
fn both_judges_read_archives() {
    let judges = [Judge::registry(), Judge::kibana()];
    for (judge, names_have_types) in judges.into_iter().flatten().zip([true, false]) {
        let answers = ask(&judge, &[Case::new("zip", archive()), Case::new("zip", "PK")]);
        let entries = answers[0].as_ref().expect("an archive")["entries"].clone();
        let entries = entries.as_array().expect("a list");
        let names = ["a-1/", "a-1/b", "a-1/c"].map(|name| match names_have_types {
            true => json!(["text", name]),
            false => json!(name),
        });
        let of = |field: &str| entries.iter().map(|entry| entry[field].clone()).collect::<Vec<_>>();
        assert_eq!(of("name"), names);
        assert_eq!(of("method"), [0, 0, 8]);
        assert_eq!(of("size"), [0, 3, 3]);
        assert_eq!(of("is_dir"), [true, false, false]);
        assert_eq!(
            of("content")[1..],
            [json!({ "sha256": SEA_SHA256 }), json!({ "sha256": SEA_SHA256 })]
        );
        assert!(answers[1].is_err());
    }
}

#[test]
fn both_judges_check_signatures() {
    let judges = [Judge::registry(), Judge::kibana()].into_iter().flatten();
    let signature = keys::forge("ed25519", b"sea", keys::year(2021));
    let key = |name| fs::read(keys::public(name)).expect("read a key");
    let case = |name: &str, input: &str, signer| {
        let keys = Value::from_iter([base64_of(&key(signer))]);
        Case::new(name, input).with_bytes("signature", signature.as_bytes()).with("keys", keys)
    };
    for (judge, is_kibana) in judges.zip([false, true]) {
        let cases = [
            case("signature", "sea", "ed25519"),
            case("signature", "bay", "ed25519"),
            case("signature", "sea", "rsa"),
        ];
        let is_good = |answer: &Result<Value, String>| match (answer, is_kibana) {
            (Ok(answer), true) => answer["signatures"][0]["good"] == true,
            (Ok(answer), false) => answer["signer"].is_string(),
            (Err(_), _) => false,
        };
        let good: Vec<bool> = ask(&judge, &cases).iter().map(is_good).collect();
        assert_eq!(good, [true, false, false]);
    }
    if let Some(judge) = Judge::registry() {
        let packets = ask(&judge, &[case("signature_packets", "", "ed25519")]);
        let issuers = packets[0].as_ref().expect("a block")["issuers"].clone();
        assert_eq!(issuers.as_array().map(Vec::len), Some(1));
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn kibanas_yaml() {
    let Some(judge) = Judge::kibana() else { return };
    let cases = ["a: 1", "a: 1\na: 2", "[no, 1:20, 2020-01-01, -0.0]", ""];
    let answers = ask(&judge, &cases.map(|input| Case::new("yaml", input)));
    assert_eq!(answers[0], Ok(json!(["map", [[["text", "a"], ["number", "1"]]]])));
    let message = answers[1].as_ref().expect_err("a duplicate key");
    assert!(message.starts_with("duplicated mapping key"), "{message}");
    let items = json!([
        ["text", "no"],
        ["number", "80"],
        ["time", "2020-01-01T00:00:00.000Z"],
        ["number", "-0"]
    ]);
    assert_eq!(answers[2], Ok(json!(["list", items])));
    assert_eq!(answers[3], Ok(json!(["undefined"])));
}

/// Writes to stderr, bypassing the test harness, so that progress is visible.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").expect("write to stderr");
}

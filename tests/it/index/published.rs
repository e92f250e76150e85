//! Published entries: their revision, their signature, and the comparison with derived entries.

use package_storage_migrate::rules::index::{
    Comparison, as_line, compare, identify, with_signature,
};

/// An entry, and its revision and whether it is signed, or the fault.
type Identified<'a> = (&'a str, Result<(&'a str, bool), &'a str>);

#[test]
fn entries_are_identified() {
    let rows: &[Identified<'_>] = &[
        (r#"{"package_manifest":{"name":"a","version":"1.0.0"}}"#, Ok(("a 1.0.0", false))),
        (
            r#"{ "x": 1, "package_manifest": {"version":"1.0.0-b+c","signature_path":"/s","name":"É-é"} }"#,
            Ok(("É-é 1.0.0-b+c", true)),
        ),
        (
            r#"{"package_manifest":{"name":"a","version":"1.0.0","signature_path":""}}"#,
            Ok(("a 1.0.0", false)),
        ),
        (r#"{"package_manifest":{"name":"a","version":"1.0"}}"#, Err("`1.0` of a is not")),
        (r#"{"package_manifest":{"version":"1.0.0"}}"#, Err("missing field `name`")),
        (r#"{"package_manifest":null}"#, Err("invalid type: null")),
        (r#"{"name":"a","version":"1.0.0"}"#, Err("missing field `package_manifest`")),
        (r#"{"package_manifest":{"name":"a","name":"b","version":"1.0.0"}}"#, Err("duplicate")),
        (r#"{"package_manifest":{"name":"a","version":"1.0.0"]}"#, Err("expected")),
    ];
    for (entry, expected) in rows {
        let found = identify(entry.as_bytes());
        match (found, expected) {
            (Ok(found), Ok((id, is_signed))) => {
                assert_eq!(format!("{} {}", found.id.name, found.id.version), *id);
                assert_eq!(found.is_signed, *is_signed, "{entry}");
            }
            (Err(error), Err(told)) => {
                assert!(error.to_string().contains(told), "{entry}: {error}");
            }
            (found, _) => panic!("{entry}: {found:?}, not {expected:?}"),
        }
    }
}

#[test]
fn a_line_has_no_space_between_tokens() {
    let rows = [
        ("{ \"a\" :\n\t[ 1 , \"b c\\\" \\\\\" ]\r\n}", "{\"a\":[1,\"b c\\\" \\\\\"]}"),
        ("{\"a\":\"\\\\\" , \"b\" : 1}", "{\"a\":\"\\\\\",\"b\":1}"),
    ];
    for (entry, line) in rows {
        assert_eq!(String::from_utf8(as_line(entry.as_bytes())).unwrap(), line);
    }
}

#[test]
fn a_signature_is_inserted_at_its_place_and_removed() {
    let rows = [
        // At its place in the registry's order.
        (r#"{"name":"a","format_version":"1.0.0"}"#, r#"{"name":"a",S,"format_version":"1.0.0"}"#),
        (
            r#"{"categories":["a"],"discovery":{"fields":[]},"format_version":"1"}"#,
            r#"{"categories":["a"],S,"discovery":{"fields":[]},"format_version":"1"}"#,
        ),
        (r#"{"name":"a","group":"b"}"#, r#"{"name":"a",S,"group":"b"}"#),
        // Members of that name elsewhere are others.
        (
            r#"{"owner":{"group":"a"},"description":",\"group\":","format_version":"1"}"#,
            r#"{"owner":{"group":"a"},"description":",\"group\":",S,"format_version":"1"}"#,
        ),
        (r#"{"n\u0061me":"a","gr\u006fup":"b"}"#, r#"{"n\u0061me":"a",S,"gr\u006fup":"b"}"#),
        // At the end of an entry by somebody else.
        (r#"{"version":"1","name":"a"}"#, r#"{"version":"1","name":"a",S}"#),
    ];
    let item = |manifest: &str| format!("{{\"package_manifest\":{manifest}}}");
    let signature = |path: &str| format!("\"signature_path\":\"{path}\"");
    for (unsigned, signed) in rows {
        let line = |path| item(&signed.replacen('S', &signature(path), 1));
        let with =
            |line: &str, path| String::from_utf8(with_signature(line.as_bytes(), path)).unwrap();
        assert_eq!(with(&item(unsigned), Some("/s")), line("/s"));
        assert_eq!(with(&line("/s"), None), item(unsigned));
        assert_eq!(with(&line("/s"), Some("/t")), line("/t"));
        assert_eq!(with(&item(unsigned), None), item(unsigned));
    }
}

/// What is expected of a comparison.
enum Expected {
    Same,
    /// Since, until.
    Other(&'static str, &'static str),
    /// The fields, each with `published -> derived`.
    Conflict(&'static [&'static str]),
}

use Expected::{Conflict, Other, Same};

const NONE: &str = "-";

#[test]
fn differences_are_told_apart_from_those_of_releases() {
    let rows: &[(&str, &str, Expected)] = &[
        // The same values.
        (r#"{"a":1,"b":[true,null]}"#, r#"{"b":[true,null],"a":1}"#, Same),
        (r#"{"a":"\u0026\u00e9"}"#, r#"{"a":"&é"}"#, Same),
        (r#"{"a":1.0,"b":1e3,"c":100e-3}"#, r#"{"a":1,"b":1000,"c":0.1}"#, Same),
        (r#"{"a":{},"b":[]}"#, r#"{"b":[],"a":{}}"#, Same),
        // A signature comes later.
        (r#"{"download":"/d","signature_path":"/d.sig"}"#, r#"{"download":"/d"}"#, Same),
        (
            r#"{"download":"/d","signature_path":"/e.sig"}"#,
            r#"{"download":"/d"}"#,
            Conflict(&["signature_path \"/e.sig\" -> -"]),
        ),
        // Other values.
        (r#"{"a":1}"#, r#"{"a":2}"#, Conflict(&["a 1 -> 2"])),
        (
            r#"{"a":9007199254740992}"#,
            r#"{"a":9007199254740993}"#,
            Conflict(&["a 9007199254740992 -> 9007199254740993"]),
        ),
        (
            r#"{"a":9007199254740992.0}"#,
            r#"{"a":9007199254740993}"#,
            Conflict(&["a 9007199254740992.0 -> 9007199254740993"]),
        ),
        (r#"{"a":"1"}"#, r#"{"a":1}"#, Conflict(&["a \"1\" -> 1"])),
        (r#"{"a":null}"#, r#"{}"#, Conflict(&["a null -> -"])),
        (r#"{}"#, r#"{"a":{"b":1}}"#, Conflict(&["a - -> {\"b\":1}"])),
        (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, Conflict(&["a[0] 1 -> 2", "a[1] 2 -> 1"])),
        (r#"{"a":[1]}"#, r#"{"a":[1,2]}"#, Conflict(&["a [1] -> [1,2]"])),
        (
            r#"{"vars":[{"name":"a"},{"name":"b","x":{"y":[1]}}]}"#,
            r#"{"vars":[{"name":"a"},{"name":"b","x":{"y":[2]}}]}"#,
            Conflict(&["vars[1].x.y[0] 1 -> 2"]),
        ),
        // Members that were added over time.
        (r#"{}"#, r#"{"source":{"license":"a"}}"#, Other("1.10.0", "1.10.0")),
        (r#"{}"#, r#"{"agent":{}}"#, Other("1.10.0", "1.22.0")),
        (
            r#"{"conditions":{}}"#,
            r#"{"conditions":{"agent":{"version":"^8"}}}"#,
            Other("1.10.0", "1.32.1"),
        ),
        (
            r#"{"conditions":{}}"#,
            r#"{"conditions":{"kibana":{"version":"^8"}}}"#,
            Conflict(&["conditions.kibana - -> {\"version\":\"^8\"}"]),
        ),
        (
            r#"{"data_streams":[{"streams":[{"input":"a"}]}]}"#,
            r#"{"data_streams":[{"streams":[{"input":"a","ingestion_method":"File"}]}]}"#,
            Other("1.10.0", "1.31.1"),
        ),
        (
            r#"{"data_streams":[{"streams":[{"ingestion_method":"API"}]}]}"#,
            r#"{"data_streams":[{"streams":[{"ingestion_method":"File"}]}]}"#,
            Conflict(&["data_streams[0].streams[0].ingestion_method \"API\" -> \"File\""]),
        ),
        (
            r#"{"policy_templates":[{}]}"#,
            r#"{"policy_templates":[{"ingestion_method":"File"}]}"#,
            Other("1.10.0", "1.32.1"),
        ),
        (r#"{}"#, r#"{"deprecated":{"since":"1"}}"#, Other("1.10.0", "1.35.0")),
        (
            r#"{"vars":[{}]}"#,
            r#"{"vars":[{"deprecated":{"since":"1"}}]}"#,
            Other("1.10.0", "1.35.0"),
        ),
        (r#"{}"#, r#"{"requires":{}}"#, Other("1.10.0", "1.36.0")),
        (r#"{}"#, r#"{"group":"a"}"#, Other("1.10.0", "1.39.0")),
        (r#"{"group":"a"}"#, r#"{}"#, Conflict(&["group \"a\" -> -"])),
        // 1.32 wrote the method of a data stream.
        (
            r#"{"data_streams":[{"ingestion_method":"File"}]}"#,
            r#"{"data_streams":[{}]}"#,
            Other("1.32.0", "1.32.1"),
        ),
        // Empty lists as defaults.
        (r#"{"vars":[{}]}"#, r#"{"vars":[{"default":[]}]}"#, Other("1.10.0", "1.18.0")),
        (
            r#"{"vars":[{"default":[]}]}"#,
            r#"{"vars":[{}]}"#,
            Conflict(&["vars[0].default [] -> -"]),
        ),
        (
            r#"{"vars":[{}]}"#,
            r#"{"vars":[{"default":[1]}]}"#,
            Conflict(&["vars[0].default - -> [1]"]),
        ),
        (
            r#"{"vars":[{"default":{"vars":[{}]}}]}"#,
            r#"{"vars":[{"default":{"vars":[{"default":[]}]}}]}"#,
            Conflict(&["vars[0].default.vars[0].default - -> []"]),
        ),
        // Categories that the newest release drops.
        (
            r#"{"categories":["cloud","soup"]}"#,
            r#"{"categories":["cloud"]}"#,
            Other("1.10.0", NONE),
        ),
        (r#"{"categories":["soup"]}"#, r#"{}"#, Other("1.10.0", NONE)),
        (
            r#"{"categories":["cloud","web"]}"#,
            r#"{"categories":["cloud"]}"#,
            Conflict(&["categories [\"cloud\",\"web\"] -> [\"cloud\"]"]),
        ),
        (r#"{"categories":["web"]}"#, r#"{}"#, Conflict(&["categories [\"web\"] -> -"])),
        // The default of the licence.
        (
            r#"{"conditions":{},"license":"basic"}"#,
            r#"{"conditions":{"elastic":{"subscription":"gold"}},"license":"gold"}"#,
            Other("1.10.0", "1.10.0"),
        ),
        (
            r#"{"license":"basic"}"#,
            r#"{"license":"gold"}"#,
            Conflict(&["license \"basic\" -> \"gold\""]),
        ),
        // All by one release.
        (r#"{"vars":[{}]}"#, r#"{"vars":[{"default":[]}],"group":"a"}"#, Other("1.10.0", "1.18.0")),
        (
            r#"{}"#,
            r#"{"group":"a","name":"b"}"#,
            Conflict(&["group - -> \"a\"", "name - -> \"b\""]),
        ),
        // A release that writes one member writes the other one too.
        (
            r#"{"deprecated":{"since":"1"}}"#,
            r#"{"deprecated":{"since":"1"},"group":"a"}"#,
            Other("1.36.0", "1.39.0"),
        ),
        (
            r#"{"group":"a"}"#,
            r#"{"deprecated":{"since":"1"},"group":"a"}"#,
            Conflict(&["deprecated - -> {\"since\":\"1\"}"]),
        ),
        // Long values are cut.
        (
            r#"{"a":"ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"}"#,
            r#"{"a":""}"#,
            Conflict(&["a \"ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé… -> \"\""]),
        ),
    ];
    for (published, derived, expected) in rows {
        let item = |manifest: &&str| format!("{{\"package_manifest\":{manifest}}}");
        let found = compare(item(published).as_bytes(), item(derived).as_bytes());
        let row = format!("{published} {derived}: {found:?}");
        match (&found, expected) {
            (Comparison::Same, Same) => {}
            (Comparison::OtherRelease { releases, fields }, Other(since, until)) => {
                let last = releases.until.map_or(NONE.to_owned(), |until| until.to_string());
                assert_eq!((&*releases.since.to_string(), &*last), (*since, *until), "{row}");
                assert!(!fields.is_empty(), "{row}");
            }
            (Comparison::Conflict { fields }, Conflict(expected)) => {
                let or_none = |text: &Option<String>| text.clone().unwrap_or(NONE.to_owned());
                let shown = fields.iter().map(|difference| {
                    let (published, derived) =
                        (or_none(&difference.published), or_none(&difference.derived));
                    format!("{} {published} -> {derived}", difference.field)
                });
                assert_eq!(shown.collect::<Vec<_>>(), *expected, "{row}");
            }
            _ => panic!("{row}"),
        }
    }
}

/// Go reads a lone surrogate, which is no text in Rust.
#[test]
fn an_entry_that_only_go_reads_is_a_conflict() {
    let published = br#"{"package_manifest":{"name":"a","x":"\ud800"}}"#;
    let Comparison::Conflict { fields } = compare(published, br#"{"package_manifest":{}}"#) else {
        panic!("a conflict")
    };
    assert_eq!(fields[0].field, "package_manifest");
}

//! Compares `js_yaml` with Kibana's js-yaml, on the same cases as for the registry's YAML.
//!
//! A difference fails the test and is shown. Each text that go-yaml accepts is read twice: by the parser, and from
//! go-yaml's tree if that is supposed to be equivalent.
//!
//! Known differences, which are not compared: collections that contain themselves, the format of dates as keys, unpaired
//! surrogates in texts, and keys named `__proto__`.

use package_storage_migrate::yaml::Document;
use package_storage_migrate::yaml::js_yaml::{Value, load, read};
use serde_json::{Value as Json, json};

use super::draw::{self, Draw};
use super::say;
use super::yaml::cases;
use crate::support::judge::{Answer, Case, Judge};

/// The maximum number of differences that are shown.
const SHOWN: usize = 40;

#[test]
fn as_kibana_reads_it() {
    let Some(judge) = Judge::kibana() else { return };
    let (mut draw, case_count) = (Draw::from_environment("js-yaml"), draw::case_count());
    let mut cases = cases::picked();
    cases.extend((0..case_count).map(|_| cases::draw(&mut draw)));
    let (mut accepted_count, mut ordinary_count) = (0, 0);
    let mut differences = Vec::new();
    for cases in cases.chunks(20_000) {
        let asked: Vec<Case> = cases.iter().map(|case| Case::new("yaml", case)).collect();
        for (case, answer) in cases.iter().zip(judge.ask(&asked)) {
            let theirs = match answer {
                // Includes collections that contain themselves.
                Answer::Ok(value) if value.to_string().contains("[\"deep\"]") => Ok(json!(["any"])),
                Answer::Ok(value) => Ok(sorted(&value)),
                // Kibana refuses the file for any exception.
                Answer::Refused(message) | Answer::Panic(message) => Err(message),
                Answer::Varies(answers) => panic!("{answers:?}"),
            };
            accepted_count += usize::from(theirs.is_ok());
            let document = Document::parse(case).ok();
            let is_ordinary = document.as_ref().is_some_and(Document::is_ordinary);
            ordinary_count += usize::from(is_ordinary);
            let readings = [("", read(case)), ("by the tree, ", load(case, document.as_ref()))];
            for (how, ours) in readings {
                let ours = ours.map(|value| shown(&value)).map_err(|error| error.to_string());
                let is_same = match (&ours, &theirs) {
                    (Ok(ours), Ok(theirs)) => is_same(ours, theirs),
                    (ours, theirs) => ours.is_err() && theirs.is_err(),
                };
                if !is_same {
                    let text = String::from_utf8_lossy(case);
                    differences.push(format!(
                        "{how}{text:?}\n    ours:   {ours:?}\n    theirs: {theirs:?}"
                    ));
                }
            }
        }
    }
    say(&format!(
        "{} cases, of which Kibana accepts {accepted_count}, and {ordinary_count} are ordinary; {} differ",
        cases.len(),
        differences.len()
    ));
    differences.sort_by_key(String::len);
    differences.iter().take(SHOWN).for_each(|difference| say(difference));
    assert!(differences.is_empty(), "{} differences", differences.len());
}

fn is_same(ours: &Json, theirs: &Json) -> bool {
    let any = |value: &Json| *value == json!(["any"]);
    match (ours, theirs) {
        _ if any(ours) || any(theirs) => true,
        (Json::Array(ours), Json::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
        }
        _ => ours == theirs,
    }
}

/// A value in the format of the judges, with sorted keys.
fn shown(value: &Value<'_>) -> Json {
    match value {
        Value::Undefined => json!(["undefined"]),
        Value::Null => json!(["null"]),
        Value::Bool(value) => json!(["bool", value]),
        Value::Number(number) if *number == 0.0 && number.is_sign_negative() => {
            json!(["number", "-0"])
        }
        Value::Number(_) => json!(["number", value.to_text()]),
        Value::Text(text) if text.contains('\u{fffd}') => json!(["any"]),
        Value::Text(text) => json!(["text", text]),
        Value::Date(millis) => json!(["time", millis]),
        Value::Bytes(bytes) => {
            use base64::Engine;
            json!(["bytes", base64::engine::general_purpose::STANDARD.encode(bytes)])
        }
        Value::List(items) => json!(["list", items.iter().map(shown).collect::<Vec<_>>()]),
        Value::Map(map) => {
            let pairs = map.iter().map(|(key, value)| json!([["text", key], shown(value)]));
            json!(["map", pairs.collect::<Vec<_>>()])
        }
    }
}

/// Kibana's value with sorted keys, and dates as milliseconds.
fn sorted(value: &Json) -> Json {
    match (value[0].as_str(), &value[1]) {
        (Some("utf16"), _) => json!(["any"]),
        (Some("text"), Json::String(text)) if text.contains('\u{fffd}') => json!(["any"]),
        (Some("time"), Json::String(time)) => match time.parse::<jiff::Timestamp>() {
            Ok(time) => json!(["time", time.as_millisecond() as f64]),
            Err(_) => json!(["any"]),
        },
        (Some("list"), Json::Array(items)) => {
            json!(["list", items.iter().map(sorted).collect::<Vec<_>>()])
        }
        (Some("map"), Json::Array(pairs)) => {
            let mut pairs: Vec<(&str, Json)> = pairs
                .iter()
                .map(|pair| {
                    (pair[0][1].as_str().unwrap_or_default(), json!([pair[0], sorted(&pair[1])]))
                })
                .collect();
            pairs.sort_by_key(|(key, _)| *key);
            // Dates as keys are formatted in the local time zone.
            if pairs.iter().any(|(key, _)| key.contains("GMT") || key.contains('\u{fffd}')) {
                return json!(["any"]);
            }
            json!(["map", pairs.into_iter().map(|(_, pair)| pair).collect::<Vec<_>>()])
        }
        _ => value.clone(),
    }
}

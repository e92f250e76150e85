//! The file of decisions: what it may say, and what is said of each fault in it, with its line.

use package_storage_migrate::model::finding::Decision;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::rules::decisions::Resolutions;

const DIGEST: &str = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";

/// A file of one entry, with one field otherwise; an empty text leaves the field out.
fn with(field: &str, value: &str) -> String {
    let fields = [
        ("package", "buoy".to_owned()),
        ("version", "1.0.0".to_owned()),
        ("code", "content-conflict".to_owned()),
        ("decision", "{keep: staging}".to_owned()),
        ("reason", "the owner asked for it".to_owned()),
        ("digests", format!("{{production: ~, staging: {DIGEST}}}")),
    ];
    let mut text = "# by hand\nresolutions:\n".to_owned();
    for (index, (name, usual)) in fields.iter().enumerate() {
        let value = if *name == field { value } else { usual };
        let dash = if index == 0 { "- " } else { "  " };
        text += &match value {
            "" => format!("{dash}# no {name}\n"),
            value => format!("{dash}{name}: {value}\n"),
        };
    }
    text
}

fn faults(text: &str) -> Vec<String> {
    match Resolutions::parse(text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|f| format!("{}: {}", f.line, f.detail)).collect(),
    }
}

#[test]
fn an_entry_says_what_was_decided_on_what_and_why() {
    let keep = Decision::Keep(Stage::Staging);
    let rows = [
        ("{keep: staging}", keep),
        ("\n      keep: staging", keep),
        ("\"keep: staging\"", keep),
        ("skip", Decision::Skip),
        ("accept", Decision::Accept),
    ];
    for (text, decision) in rows {
        let text = with("decision", text);
        let resolutions = Resolutions::parse(text.as_bytes()).expect(&text);
        let entries: Vec<_> = resolutions.entries().collect();
        let [entry] = entries.as_slice() else { panic!("{text}: {entries:?}") };
        assert_eq!(entry.line, 3);
        assert_eq!(entry.revision.to_string(), "buoy-1.0.0");
        assert_eq!(entry.code, "content-conflict");
        assert_eq!(entry.settlement.decision, decision, "{text}");
        assert_eq!(entry.settlement.reason, "the owner asked for it");
        let digests: Vec<_> =
            entry.digests.iter().map(|(stage, d)| (*stage, d.is_some())).collect();
        assert_eq!(digests, [(Stage::Production, false), (Stage::Staging, true)]);
        assert_eq!(resolutions.of(&entry.revision), std::slice::from_ref(*entry));
    }
    assert_eq!(faults("resolutions: []"), [""; 0]);
}

#[test]
fn each_fault_names_its_line() {
    let rows = [
        (String::new(), "1: this is no mapping"),
        ("resolutions:\n".to_owned(), "1: `resolutions` is no list"),
        ("other: 1\nresolutions: []\n".to_owned(), "1: `other` is no field here"),
        ("resolutions: [a]\n".to_owned(), "1: this is no mapping"),
        ("resolutions:\n\t- a\n".to_owned(), "2: tabs disallowed within this context"),
        (with("package", ""), "4: `package` is missing"),
        (with("package", "Buoy"), "3: `package: Buoy`: a package name consists of a-z, 0-9 and _"),
        (with("version", "1.0"), "4: `version: 1.0`: a version is strict semver"),
        (with("version", "[1.0.0]"), "4: `version` is no text"),
        (with("code", ""), "3: `code` is missing"),
        (
            with("code", "missing-object"),
            "3: `keep` decides on content-conflict only, not on missing-object",
        ),
        (with("decision", "~"), "6: nothing is decided yet"),
        (with("decision", " "), "6: nothing is decided yet"),
        (with("decision", "keep"), "6: a decision is `skip`, `accept`, or `keep: ` and a stage"),
        (
            with("decision", "{keep: canary}"),
            "6: a decision is `skip`, `accept`, or `keep: ` and a stage",
        ),
        (with("decision", "[skip]"), "6: a decision is `skip`, `accept`, or `keep: ` and a stage"),
        (
            with("decision", "{keep: production}"),
            "3: `digests` has no content of production, whose copy is to be kept",
        ),
        (
            with("decision", "{keep: snapshot}"),
            "3: `digests` has no content of snapshot, whose copy is to be kept",
        ),
        (with("reason", "' '"), "3: `reason` is empty: say why, for those who read it later"),
        (with("digests", "{}"), "8: `digests` names no copy"),
        (with("digests", "~"), "8: `digests` is no mapping of stages"),
        (with("digests", "{canary: ~}"), "8: canary is no stage"),
        (with("digests", "{staging: 0E57}"), "8: a digest is 64 lower-case hex digits, or ~"),
        (with("digests", "{staging: ~, staging: ~}"), "8: staging is there twice"),
        (with("reason", "a\n  reason: b"), "8: `reason` is there twice"),
        (with("reason", "a\n  note: b"), "8: `note` is no field here"),
    ];
    for (text, fault) in rows {
        assert!(
            faults(&text).iter().any(|found| found.starts_with(fault)),
            "{text}\n{:?}",
            faults(&text)
        );
        assert_eq!(faults(&text).len(), 1, "{text}\n{:?}", faults(&text));
    }
}

#[test]
fn entries_on_one_revision_agree() {
    let first = with("decision", "skip");
    let second = |text: &str| text.split_once("resolutions:\n").expect("a list").1.to_owned();
    let rows = [
        (second(&first), "9: buoy-1.0.0 content-conflict is decided in line 3 already"),
        (
            second(&with("code", "missing-object")).replace("{keep: staging}", "accept"),
            "9: it says `accept` of buoy-1.0.0, but line 3 says `skip`",
        ),
        (
            second(&with("code", "missing-object"))
                .replace("{keep: staging}", "skip")
                .replace("production: ~", "snapshot: ~"),
            "9: its digests of buoy-1.0.0 are not those of line 3",
        ),
    ];
    for (more, fault) in rows {
        assert_eq!(faults(&(first.clone() + &more)), [fault]);
    }
    let agreeing = second(&with("code", "missing-object")).replace("{keep: staging}", "skip");
    assert_eq!(faults(&(first + &agreeing)), [""; 0]);
}

//! The decisions file: its format, and the error for each fault, with its line.

use package_storage_migrate::model::finding::Decision;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::rules::decisions::Resolutions;

const DIGEST: &str = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";

/// A file with one entry, with one field changed; an empty text omits the field.
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
fn an_entry_has_a_decision_a_reason_and_the_content() {
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

/// Faults of syntax and structure: one for the file, with line and column, as reported by `serde_yaml`.
#[test]
fn a_fault_of_syntax_or_structure_has_a_line_and_a_column() {
    let rows = [
        (String::new(), "line 1, column 1: missing field `resolutions`"),
        (
            "a\n".to_owned(),
            "line 1, column 1: invalid type: string \"a\", expected a mapping with `resolutions`",
        ),
        ("resolutions:\n".to_owned(), "line 1, column 1: `resolutions` is not a list"),
        ("other: 1\nresolutions: []\n".to_owned(), "line 1, column 1: unknown field `other`"),
        (
            "resolutions: []\n---\nresolutions: []\n".to_owned(),
            "line 1: deserializing from YAML containing more than one document is not supported",
        ),
        (
            "resolutions: [a]\n".to_owned(),
            "line 1, column 15: resolutions[0]: invalid type: string \"a\", expected a mapping with the fields of a decision",
        ),
        (
            "resolutions:\n\t- a\n".to_owned(),
            "line 2, column 1: found character that cannot start any token",
        ),
        (
            "resolutions: &a [*a]\n".to_owned(),
            "line 1, column 14: resolutions[0]: invalid type: sequence, expected a mapping",
        ),
        (
            "%YAML 1.2\n---\nresolutions: []\n".to_owned(),
            "line 1, column 1: the registry reads YAML 1.1 only",
        ),
        (with("package", ""), "line 4, column 3: resolutions[0]: missing field `package`"),
        (with("code", ""), "line 3, column 3: resolutions[0]: missing field `code`"),
        (
            with("version", "[1.0.0]"),
            "line 4, column 12: resolutions[0].version: invalid type: sequence, expected a string",
        ),
        (
            with("decision", "5"),
            "line 6, column 13: resolutions[0].decision: invalid type: integer `5`, expected `skip`, `accept`, `keep-published` or `{keep: <stage>}`",
        ),
        (
            with("decision", "[skip]"),
            "line 6, column 13: resolutions[0].decision: invalid type: sequence",
        ),
        (
            with("decision", "{}"),
            "line 6, column 13: resolutions[0].decision: expected `skip`, `accept`, `keep-published`, or `keep: ` and a stage",
        ),
        (
            with("decision", "{keep: staging, or: skip}"),
            "line 6, column 13: resolutions[0].decision: expected `skip`, `accept`, `keep-published`, or `keep: ` and a stage",
        ),
        (
            with("decision", "{keep: [staging]}"),
            "line 6, column 20: resolutions[0].decision.keep: invalid type: sequence",
        ),
        (
            with("digests", "~"),
            "line 8, column 12: resolutions[0].digests: invalid type: unit value, expected a mapping of stages to digests",
        ),
        (
            with("digests", "{staging: [a]}"),
            "line 8, column 22: resolutions[0].digests.staging: invalid type: sequence",
        ),
        (
            with("reason", "a\n  reason: b"),
            "line 3, column 3: resolutions[0]: duplicate field `reason`",
        ),
        (
            with("reason", "a\n  note: b"),
            "line 8, column 3: resolutions[0]: unknown field `note`, expected one of `package`, `version`",
        ),
        // Together with invalid values, which are reported only after it is fixed.
        (
            with("reason", "' '\n  note: b").replace("1.0.0", "1.0"),
            "line 8, column 3: resolutions[0]: unknown field `note`",
        ),
    ];
    for (text, expected) in rows {
        let faults = Resolutions::parse(text.as_bytes()).err().unwrap_or_default();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let [fault] = faults.as_slice() else { panic!("{text}\n{faults:?}") };
        assert!(fault.starts_with(expected), "{text}\n{fault}");
    }
}

/// All invalid values are reported, with the number and the revision of the decision.
#[test]
fn each_invalid_value_has_a_line() {
    const CHOICES: &str = "expected `skip`, `accept`, `keep-published`, or `keep: ` and a stage";
    let rows = [
        ("package", "Buoy", 3, "`package: Buoy`: a package name consists of a-z, 0-9 and _"),
        ("package", "~", 3, "`package: ~`: a package name consists of a-z, 0-9 and _"),
        ("version", "1.0", 4, "`version: 1.0`: a version is strict semver"),
        ("version", "\"1\\n\"", 4, "`version: 1\\n`: a version is strict semver"),
        (
            "code",
            "missing-object",
            5,
            "`keep` applies only to content-conflict, not to missing-object",
        ),
        ("decision", "~", 6, "no decision yet"),
        ("decision", " ", 6, "no decision yet"),
        ("decision", "keep", 6, CHOICES),
        ("decision", "''", 6, CHOICES),
        ("decision", "no", 6, CHOICES),
        ("decision", "{keep: canary}", 6, CHOICES),
        ("decision", "{skip: staging}", 6, CHOICES),
        (
            "decision",
            "{keep: production}",
            8,
            "`digests` has no digest for production, whose copy should be kept",
        ),
        (
            "decision",
            "{keep: snapshot}",
            8,
            "`digests` has no digest for snapshot, whose copy should be kept",
        ),
        ("reason", "' '", 7, "`reason` is empty"),
        ("reason", " ", 7, "`reason` is empty"),
        ("digests", "{}", 8, "`digests` is empty"),
        (
            "digests",
            "{canary: ~}",
            8,
            "`digests`: canary is not a stage: expected production, staging or snapshot",
        ),
        ("digests", "{staging: 0E57}", 8, "a digest must be 64 lower-case hex digits, or ~"),
        ("digests", "{staging: ~, staging: ~}", 8, "`digests`: staging appears twice"),
        ("digests", "\n      staging: ~\n      staging: ~", 9, "`digests`: staging appears twice"),
    ];
    for (field, value, line, expected) in rows {
        let text = with(field, value);
        let found = faults(&text);
        let [found] = found.as_slice() else { panic!("{text}\n{found:?}") };
        assert!(found.starts_with(&format!("{line}: decision 1 (")), "{text}\n{found}");
        assert!(found.contains(&format!("): {expected}")), "{text}\n{found}");
    }
    let second = with("decision", "~").replace("# by hand\nresolutions:\n", "");
    let text =
        with("version", "1.0") + &second.replace("reason: the owner asked for it", "reason:");
    let expected = [
        "4: decision 1 (buoy 1.0): `version: 1.0`: a version is strict semver",
        "12: decision 2 (buoy 1.0.0): no decision yet",
        "13: decision 2 (buoy 1.0.0): `reason` is empty",
    ];
    let found = faults(&text);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn entries_on_one_revision_must_agree() {
    let first = with("decision", "skip");
    let second = |text: &str| text.split_once("resolutions:\n").expect("a list").1.to_owned();
    let rows = [
        (second(&first), "9: decision 2: buoy-1.0.0 content-conflict is already decided in line 3"),
        (
            second(&with("code", "missing-object")).replace("{keep: staging}", "accept"),
            "9: decision 2: the decision on buoy-1.0.0 is `accept`, but `skip` in line 3",
        ),
        (
            second(&with("code", "missing-object"))
                .replace("{keep: staging}", "skip")
                .replace("production: ~", "snapshot: ~"),
            "9: decision 2: the digests of buoy-1.0.0 differ from those in line 3",
        ),
    ];
    for (more, fault) in rows {
        assert_eq!(faults(&(first.clone() + &more)), [fault]);
    }
    let agreeing = second(&with("code", "missing-object")).replace("{keep: staging}", "skip");
    assert_eq!(faults(&(first + &agreeing)), [""; 0]);
}

//! The output of a validator in findings: bounded, as text, and independent of the temporary folder.

use super::*;

/// The output in the finding of a validator that exits with code 1 after `script`.
fn kept(yard: &Yard, script: &str) -> String {
    let template = sh(&format!("{script}\nexit 1"), "{dir} {archive}");
    yard.run(yard.migrate(&template).arg("--dry-run").args("--report -"), "v2");
    let ran = yard.migrate(&template).args("--dry-run --quiet --report -").run();
    yard.assert_tidy();
    let report = ran.json();
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "validation-failed", "{script}: {ran}");
    finding["evidence"]["output"].as_str().unwrap().to_owned()
}

#[test]
fn output_is_kept_as_text() {
    let yard = Yard::pier(|r| r);
    let rows = [
        ("", ""),
        ("echo a; echo b >&2; echo c", "a\nb\nc"),
        ("printf \"a\\r\\nb\\r\\n\\n \\n\"", "a\nb"),
        ("printf \"\\n a\\tb\\n\\n c\"", "a b\n\n c"),
        ("printf \"\\377a\\303\\251\\303\"", "\\xffaé\\xc3"),
        ("printf \"\\033[31mred\\033[0m\\000\"", "\\u{1b}[31mred\\u{1b}[0m\\u{0}"),
        ("printf \"a\\342\\200\\256b\"", "a\\u{202e}b"),
        // Paths, also of siblings and files inside, and in the middle of a word.
        ("echo \"$1\" \"$2\"", "{dir} {archive}"),
        ("echo \"x$1/manifest.yml:$2:1\"", "x{dir}/manifest.yml:{archive}:1"),
        ("pwd -P; cd ..; pwd -P", "{dir}\n{dir}/.."),
        ("echo \"${1%/*}/other\"", "{dir}/../other"),
        ("echo \"${1%?}\"", "{dir}/../pier-1.0."),
    ];
    for (script, expected) in rows {
        assert_eq!(kept(&yard, script), expected, "{script}");
    }
}

#[test]
fn output_is_bounded() {
    let yard = Yard::pier(|r| r);
    let lines = |from: usize, to: usize| {
        (from..=to).map(|number| number.to_string()).collect::<Vec<_>>().join("\n")
    };
    let cut = "\n(output truncated)";
    let rows = [
        ("seq 1 20", lines(1, 20)),
        ("seq 1 21", lines(1, 20) + cut),
        ("seq 1 9999999", lines(1, 20) + cut),
        ("head -c 3999 /dev/zero | tr \"\\0\" a", "a".repeat(3999)),
        ("head -c 4000 /dev/zero | tr \"\\0\" a", "a".repeat(3999) + cut),
        ("head -c 99999999 /dev/zero | tr \"\\0\" a", "a".repeat(3999) + cut),
        // Truncation is reported even if only blanks were cut off.
        ("echo a; head -c 99999 /dev/zero | tr \"\\0\" \"\\n\"", "a".to_owned() + cut),
        // A character of two bytes is kept as a whole or not at all.
        (
            "head -c 3998 /dev/zero | tr \"\\0\" a; printf \"\\303\\251\\303\\251\"",
            "a".repeat(3998) + cut,
        ),
        (
            "printf \"b\\n\"; head -c 9999 /dev/zero | tr \"\\0\" a",
            "b\n".to_owned() + &"a".repeat(3998) + cut,
        ),
    ];
    for (script, expected) in rows {
        let kept = kept(&yard, script);
        assert!(kept == expected, "{script}: {} bytes: {kept:.100}", kept.len());
    }
}

/// Only the first 64 KiB are used. A path that crosses this limit must not be shown in part, even if so many paths were
/// replaced that the end is kept.
#[test]
fn no_part_of_a_temporary_path_is_kept() {
    let yard = Yard::pier(|r| r);
    for length in 1..=3 {
        // A path after so many characters that it is cut at different positions.
        let script = format!(
            "i=0; while [ $i -lt 2000 ]; do printf \"%s\" \"$1\"; i=$((i+1)); done; printf \"%.{length}s\" xxx"
        );
        let kept = kept(&yard, &script);
        assert!(!kept.contains("tmp") && !kept.contains("package-storage"), "{kept:.300}");
    }
}

/// Long enough for a shell to start on a busy machine.
#[test]
fn no_part_of_a_temporary_path_is_kept_of_a_validator_that_is_stopped() {
    let yard = Yard::pier(|r| r);
    // In the middle of a path.
    let template =
        sh("printf \"%s\" \"${1%/*}\"; printf \"%s\" \"at ${1%????}\"; exec sleep 600", "{dir}");
    let tool = yard.migrate(&template).args("--validate-timeout 10s");
    yard.run(tool, "v2").expect_code(0, "a warning");
    let line = &yard.findings("v2")[0];
    assert!(line.ends_with(" output={dir}/..at"), "{line}");
}

#[test]
fn reports_show_the_output() {
    let yard = Yard::pier(|r| r);
    let tool = yard.migrate(&sh("echo \"no | title\"; echo \"$1\"; exit 1", "{dir}"));
    yard.run(tool, "v2").expect_code(0, "a warning");
    let text = fs::read_to_string(yard.path("v2/report.md")).unwrap();
    let parts = [
        "| pier 1.0.0 | production |  | the validator failed with exit code 1: no \\| title |",
        "```text\nno | title\n{dir}\n```",
        "1 revisions, 0 passed, 1 failed, 0 not validated.",
    ];
    for part in parts {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

//! How GitHub's runner parses the annotations, and the size limit of the job summary.

use package_storage_migrate::model::mismatch::MismatchKind;
use package_storage_migrate::report::text::AllFindings;
use package_storage_migrate::report::verify::github::{MAX_SUMMARY_LEN, annotations, summary};
use package_storage_migrate::report::verify::markdown;

use super::literal::{HOSTILE, everything, good, mismatch, outcome, request, result};

/// A workflow command as parsed by the runner (actions/runner, `ActionCommand.TryParseV2`).
#[derive(Debug, PartialEq)]
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    message: String,
}

fn read(line: &str) -> Command {
    let rest = line.trim_start().strip_prefix("::").expect("a command");
    let (info, message) = rest.split_once("::").expect("a message");
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let unescape = |text: &str, tokens: &[(&str, &str)]| {
        tokens.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    const DATA: [(&str, &str); 3] = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
    const PROPERTY: [(&str, &str); 5] =
        [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    let property = |pair: &str| {
        let (key, value) = pair.split_once('=').expect("key=value");
        (key.to_owned(), unescape(value, &PROPERTY))
    };
    Command {
        name: name.to_owned(),
        properties: properties.split(',').map(property).collect(),
        message: unescape(message, &DATA),
    }
}

fn commands(text: &str) -> Vec<Command> {
    assert!(text.ends_with('\n') && !text.contains('\r'), "{text}");
    text.lines().map(read).collect()
}

fn command(name: &str, title: &str, message: &str) -> Command {
    let properties = vec![("title".to_owned(), title.to_owned())];
    Command { name: name.to_owned(), properties, message: message.to_owned() }
}

#[test]
fn names_round_trip() {
    let rows = [
        ("a.yml", "a.yml"),
        ("100%", "100%"),
        ("%0A", "%0A"),
        ("%250A", "%250A"),
        ("a\nb\r", r"a\nb\r"),
        ("a,b:c=d;e]", "a,b:c=d;e]"),
        ("::error::x", "::error::x"),
        ("##[error]x", "##[error]x"),
        ("\u{1b}[31m", r"\u{1b}[31m"),
    ];
    for (path, shown) in rows {
        let mut result = result("aws-1.0.0", 1, None);
        result.mismatches = vec![mismatch("aws-1.0.0.zip", Some(path), MismatchKind::FileExtra)];
        let outcome = outcome(request(), 1, vec![result], vec![]);
        let message = format!(
            "1 time in 1 object\naws-1.0.0: {shown}: the archive has the file, v1 does not"
        );
        let expected = [
            command(
                "error",
                "verify",
                "v1 and v2 do not match: 0 of 1 archive as expected, 1 is not; 1 file, 1,000 bytes read",
            ),
            command("error", "file-extra", &message),
        ];
        assert_eq!(commands(&annotations(&outcome)), expected, "{path}");
    }
}

#[test]
fn annotations_stay_within_the_limits_of_the_runner() {
    let outcome = everything();
    let found = commands(&annotations(&outcome));
    for level in ["error", "notice"] {
        let of_level: Vec<_> = found.iter().filter(|command| command.name == level).collect();
        assert!((1..=10).contains(&of_level.len()), "{of_level:?}");
    }
    for command in &found {
        assert!(command.message.encode_utf16().count() <= 4096, "{command:?}");
    }
    let titles: Vec<&str> = found.iter().map(|command| &*command.properties[0].1).collect();
    let rest = found.iter().find_map(|command| command.message.strip_prefix("and ")).unwrap();
    for group in outcome.by_code() {
        let is_listed =
            titles.contains(&group.code) || rest.split(", ").any(|code| code == group.code);
        assert!(is_listed, "{} in {found:?}", group.code);
    }
}

#[test]
fn long_names_stay_within_the_limits_of_the_runner() {
    for text in ["\u{10ffff}", "\u{e0001}", "😀", "%", "\n"] {
        let path = text.repeat(10_000);
        let mut result = result("aws-1.0.0", 1, None);
        result.mismatches = (0..9)
            .map(|_| mismatch("aws-1.0.0.zip", Some(&path), MismatchKind::FileExtra))
            .collect();
        for command in commands(&annotations(&outcome(request(), 1, vec![result], vec![]))) {
            assert!(command.message.encode_utf16().count() <= 4096, "{text:?}");
        }
    }
}

#[test]
fn a_match_is_a_notice() {
    let message = "v1 and v2 match: 2 of 2 archives, 9 files, 1,000 bytes read";
    assert_eq!(commands(&annotations(&good())), [command("notice", "verify", message)]);
    let empty = annotations(&outcome(request(), 0, vec![], vec![]));
    assert!(
        empty.starts_with(
            "::error title=verify::v1 and v2 are not proven to match: 0 of 0 archives as expected"
        ),
        "{empty}"
    );
}

#[test]
fn a_summary_is_truncated_to_its_limit_and_keeps_the_verdict() {
    let (outcome, all) = (everything(), AllFindings::Nowhere);
    let whole = markdown::render(&outcome, &all);
    assert!((whole.len() as u64) < MAX_SUMMARY_LEN / 8, "{}", whole.len());
    assert_eq!(summary(&outcome, &all, MAX_SUMMARY_LEN).as_ref(), Some(&whole));
    assert_eq!(summary(&outcome, &all, whole.len() as u64).as_ref(), Some(&whole));
    let verdict = whole.lines().find(|line| line.starts_with("**")).unwrap();
    const CUT: &str = "\n… the rest exceeds the size limit of a job summary.\n";
    let (mut cut_count, mut none_count) = (0, 0);
    for max_len in (0..whole.len()).step_by(13) {
        let Some(text) = summary(&outcome, &all, max_len as u64) else {
            assert_eq!(cut_count, 0, "{max_len}");
            none_count += 1;
            continue;
        };
        assert!(text.len() <= max_len, "{max_len}");
        assert!(text.lines().any(|line| line == verdict), "{max_len}: {text}");
        let (kept, _) = text.split_once(CUT).unwrap();
        assert!(kept.ends_with('\n') && whole.starts_with(kept), "{max_len}: {text}");
        cut_count += 1;
    }
    assert!(cut_count > 100 && none_count > 10, "{cut_count} {none_count}");
    let long = result("aws-1.0.0", 1, [(Some(HOSTILE), MismatchKind::FileMissing)]);
    let text = summary(&super::literal::outcome(request(), 1, vec![long], vec![]), &all, 1 << 20);
    assert!(text.unwrap().contains("## Mismatches"));
}

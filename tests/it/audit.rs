//! Tests of the rules for paths and differences, with literals and random names.
//!
//! Contents are written as in [`crate::content`]; bytes are given by blob number. `findings` tests how
//! the tool reports the findings.

use std::collections::BTreeSet;

use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::model::finding::ConflictClass::{
    self, Behaviour, LineEndings, Metadata,
};
use package_storage_migrate::model::finding::{Alike, FindingKind};
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::rules::differences::{
    self, BlobBytes, MAX_COMPARED_LEN, class_of_path, differs_only_in_line_endings,
};
use package_storage_migrate::rules::paths;
use proptest::prelude::*;

use crate::content::{content, entry_path};

#[test]
fn documentation_files_are_metadata() {
    let metadata = [
        "changelog.yml",
        "docs/README.md",
        "docs/x/y",
        "img/logo.svg",
        "LICENSE.txt",
        "NOTICE",
        "data_stream/log/NOTICE.txt",
        "README.md",
        "data_stream/log/system-test-note.md",
        "_dev/build/build.yml",
        "data_stream/log/_dev/test/x.json",
    ];
    let behaviour = [
        "manifest.yml",
        "docs",
        "img",
        "_dev",
        "data_stream/changelog.yml",
        "data_stream/docs/x",
        "kibana/img/x",
        "kibana/dashboard/LICENSED.json/x",
        "x.md/y",
        "MY_LICENSE",
        "license.txt",
        "changelog.yml2",
    ];
    for (paths, class) in [(&metadata[..], Metadata), (&behaviour[..], Behaviour)] {
        for path in paths {
            assert_eq!(class_of_path(&entry_path(path)), class, "{path}");
        }
    }
}

#[test]
fn line_endings_are_crlf_or_lf_and_the_last_one_is_optional() {
    let same: [[&[u8]; 2]; 8] = [
        [b"", b""],
        [b"", b"\n"],
        [b"a", b"a\r\n"],
        [b"a\nb\n", b"a\r\nb\r\n"],
        [b"a\r\nb\n", b"a\nb\r\n"],
        [b"a\nb", b"a\r\nb\n"],
        [b"gr\xfc\xdfe\n", b"gr\xfc\xdfe\r\n"],
        [b"a\rb", b"a\rb\n"],
    ];
    let different: [[&[u8]; 2]; 9] = [
        [b"a", b"b"],
        [b"a", b"a\n\n"],
        [b"a\n\nb", b"a\nb"],
        [b"a ", b"a"],
        [b"a\rb", b"a\nb"],
        [b"a\r\r\n", b"a\n"],
        [b"a\r", b"a"],
        [b"\0\n", b"\0\r\n"],
        [b"\0", b"\0\n"],
    ];
    for (rows, expected) in [(&same[..], true), (&different[..], false)] {
        for [a, b] in rows {
            for (a, b) in [(a, b), (b, a)] {
                let found = differs_only_in_line_endings(a, b);
                assert_eq!(found, expected, "{} {}", a.escape_ascii(), b.escape_ascii());
            }
        }
    }
}

/// Classifies a difference where blob 1 is `a LF`, 2 `a CRLF`, 3 `b LF`, 8 too long, 9 unreadable.
fn classify(winner: &str, other: &str) -> (ConflictClass, String) {
    let read = |blob_id: ObjectId| match blob_id.0[0] {
        1 => BlobBytes::Small(b"a\n".to_vec()),
        2 => BlobBytes::Small(b"a\r\n".to_vec()),
        3 => BlobBytes::Small(b"b\n".to_vec()),
        8 => BlobBytes::Large,
        9 => BlobBytes::Unreadable,
        number => panic!("unexpected read of {number}"),
    };
    classify_with(winner, other, &read)
}

fn classify_with(
    winner: &str,
    other: &str,
    read: &dyn Fn(ObjectId) -> BlobBytes,
) -> (ConflictClass, String) {
    let (winner, other) = (content(winner), content(other));
    let diff = winner.diff(&other);
    differences::classify(&diff, (Stage::Production, &winner), (Stage::Staging, &other), read)
}

#[test]
fn the_class_is_that_of_the_most_severe_file() {
    let rows = [
        ("a=1 b=1", "a=2 b=1", LineEndings),
        ("a=1 docs/a=1", "a=2 docs/a=2", LineEndings),
        ("a=1", "a=3", Behaviour),
        ("docs/a=1", "docs/a=3", Metadata),
        ("a=1 docs/a=1", "a=2 docs/a=3", Metadata),
        ("a=1 docs/a=1", "a=3 docs/a=3", Behaviour),
        ("docs/a=1", "docs/a=1 docs/b=5", Metadata),
        ("docs/a=1 docs/b=5", "docs/a=2", Metadata),
        ("a=1", "a=1 b=5", Behaviour),
        ("a=1 b=5", "a=2", Behaviour),
        // A file that is not read gets the class of its path.
        ("a=8", "a=1", Behaviour),
        ("a=1", "a=9", Behaviour),
        ("docs/a=8", "docs/a=9", Metadata),
        // A fourth file is read only if it may be more severe.
        ("a=3 docs/b=1 docs/c=1 docs/d=5", "a=1 docs/b=2 docs/c=3 docs/d=6", Behaviour),
        ("docs/a=1 docs/b=1 docs/c=1 x=1", "docs/a=2 docs/b=2 docs/c=2 x=3", Behaviour),
    ];
    for (winner, other, class) in rows {
        assert_eq!(classify(winner, other).0, class, "{winner} against {other}");
    }
}

#[test]
fn differences_are_shown_as_unified_diffs_with_escapes() {
    let (_, text) = classify("a=1 docs/b=1 z=8", "a=2 docs/b=3 z=1");
    let expected = [
        "--- production/a",
        "+++ staging/a",
        "@@ -1 +1 @@",
        "-a",
        "+a\\r",
        "--- production/docs/b",
        "+++ staging/docs/b",
        "@@ -1 +1 @@",
        "-a",
        "+b",
        "... 1 more changed, not shown: not text, too long, unreadable, or after the first 3",
        "",
    ];
    assert_eq!(text, expected.join("\n"));

    let (_, text) = classify_with("a=1", "a=2", &|blob_id| {
        let text = if blob_id.0[0] == 1 { "\u{202e}\tx\u{1b}[2J" } else { "`````\n" };
        BlobBytes::Small(text.as_bytes().to_vec())
    });
    assert!(
        text.ends_with("\n-\\u{202e}\tx\\u{1b}[2J\n\\ No newline at end of file\n+`````\n"),
        "{text}"
    );
}

#[test]
fn diffs_are_bounded_and_count_what_is_omitted() {
    let file = |text: &str| BlobBytes::Small(text.as_bytes().to_vec());
    let shown = |old: BlobBytes, new: BlobBytes| {
        classify_with("a=1", "a=2", &|id| if id.0[0] == 1 { old.clone() } else { new.clone() }).1
    };
    let lines = "old\n".repeat(100);
    let text = shown(file(&lines), file(&lines.replace("old", "new")));
    // Two header lines, one hunk line, and 37 of 200 lines.
    assert_eq!(text.lines().count(), 41);
    assert!(text.ends_with("\n-old\n... 163 more lines\n"), "{text}");

    let text = shown(file("x"), file(&"\u{e9}".repeat(1_000)));
    let longest = format!("\n+{}...\n", "\u{e9}".repeat(159));
    assert!(text.contains(&longest), "{text}");

    let not_shown = "... 1 more changed, not shown: ";
    let long = "x".repeat((64 << 10) + 1);
    for (old, new) in [
        (file(""), file(&long)),
        (file(&"\n".repeat(2_001)), file("")),
        (file("\0"), file("x")),
        (BlobBytes::Small(b"\xff".to_vec()), file("x")),
        (file("x"), BlobBytes::Large),
    ] {
        let text = shown(old, new);
        assert!(text.starts_with(not_shown) && text.lines().count() == 1, "{text}");
    }

    let (_, text) = classify("a=1 b=1 c=1 d=1 e=1", "a=3 b=3 c=3 d=3 e=3");
    assert_eq!(text.matches("--- production/").count(), 3);
    assert!(text.contains("\n... 2 more changed, not shown: "), "{text}");
}

/// The worst case is 2,000 lines, the maximum, without a line in common.
#[test]
fn the_worst_case_is_compared_quickly() {
    let lines = |word: &str| (0..2_000).map(|n| format!("{word}{n}\n")).collect::<String>();
    let (old, new) = (lines("a"), lines("b"));
    assert!(old.len() < MAX_COMPARED_LEN);
    let started = std::time::Instant::now();
    let (class, text) = classify_with("a=1", "a=2", &|id| {
        BlobBytes::Small(if id.0[0] == 1 { &old } else { &new }.clone().into_bytes())
    });
    assert_eq!((class, text.lines().count()), (Behaviour, 41));
    assert!(started.elapsed().as_secs() < 240, "{:?}", started.elapsed());
}

/// The reported pairs of paths.
fn alike(text: &str) -> Vec<(String, String, Alike)> {
    let defects = paths::check(&content(text)).into_iter();
    let pair = |defect: package_storage_migrate::model::finding::Defect| match defect.kind {
        FindingKind::PathCollision { alike, other: Some(other) } => {
            (defect.path.expect("a path"), other, alike)
        }
        kind => panic!("{kind:?}"),
    };
    defects.map(pair).collect()
}

/// A path, the path it collides with, and why.
type Pair<'a> = (&'a str, &'a str, Alike);

#[test]
fn paths_are_folded_character_by_character() {
    let rows: [(&str, &[Pair<'_>]); 12] = [
        ("a=1 b=1", &[]),
        ("a/x=1 A/y=1", &[]),
        ("ss=1 ß=1", &[]),
        ("a=1 A=1", &[("a", "A", Alike::Case)]),
        ("k=1 \u{212a}=1", &[("\u{212a}", "k", Alike::Case)]),
        ("σ=1 ς=1 Σ=1", &[("ς", "Σ", Alike::Case), ("σ", "Σ", Alike::Case)]),
        ("É=1 e\u{301}=1", &[("É", "e\u{301}", Alike::Case)]),
        ("é=1 e\u{301}=1", &[("é", "e\u{301}", Alike::Normalization)]),
        ("\u{e9}/a=1 e\u{301}=1", &[("e\u{301}", "\u{e9}", Alike::Normalization)]),
        ("A=1 a/b=1", &[("A", "a", Alike::Case)]),
        ("a=1 A/b=1 A/c=1", &[("a", "A", Alike::Case)]),
        ("x/A=1 X/a/B/c=1", &[("x/A", "X/a", Alike::Case)]),
    ];
    for (text, expected) in rows {
        let expected: Vec<_> = expected
            .iter()
            .map(|(path, other, alike)| ((*path).to_owned(), (*other).to_owned(), *alike))
            .collect();
        assert_eq!(alike(text), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Compared with brute force: each file with each file and each folder.
    #[test]
    fn every_pair_that_differs_only_in_case_is_reported(
        names in prop::collection::btree_set("[aA]/[bB]/[cC]|[aA]/[bB]|[aA]b?", 0..7),
    ) {
        let folders_of = |name: &str| -> Vec<String> {
            name.match_indices('/').map(|(end, _)| name[..end].to_owned()).collect()
        };
        let folders: BTreeSet<String> = names.iter().flat_map(|name| folders_of(name)).collect();
        prop_assume!(names.is_disjoint(&folders));
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let mut expected = BTreeSet::new();
        for name in &names {
            if let Some(first) = names.iter().find(|first| same(first, name) && *first < name) {
                expected.insert((name.clone(), first.clone(), Alike::Case));
            }
            let folders = folders.iter().filter(|folder| same(folder, name));
            expected.extend(folders.map(|folder| (name.clone(), folder.clone(), Alike::Case)));
        }
        let text: String = names.iter().map(|name| format!("{name}=1 ")).collect();
        prop_assert_eq!(alike(&text).into_iter().collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn no_path_collides_with_itself(names in prop::collection::btree_set("x[a-z]{0,2}(/x[a-z._-]{0,8}x)?", 0..7)) {
        let text: String = names.iter().map(|name| format!("{name}_=1 ")).collect();
        prop_assert_eq!(alike(&text), Vec::new());
    }
}

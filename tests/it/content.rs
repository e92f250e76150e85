//! Tests of a revision's content: safe paths, collisions, differences, the digest.
//!
//! Contents are written as text, `a/b=1 c=2*`: a file `a/b` with blob 1 and an executable
//! file `c` with blob 2; other tests share [`content`]. The digest is also compared with the vectors in
//! `tests/vectors/content-digest.json`, which any script can check.

use std::collections::{BTreeMap, BTreeSet};

use package_storage_migrate::digest::Sha256;
use package_storage_migrate::model::content::{
    Content, ContentDiff, EntryPath, FileEntry, FileMode, ObjectId, PathCollision, UnsafePath,
};
use proptest::prelude::*;
use serde::Deserialize;

/// Parses a content from its text form.
pub(crate) fn content(text: &str) -> Content {
    Content::new(files(text)).expect("no collision")
}

/// Parses a safe path.
pub(crate) fn entry_path(text: &str) -> EntryPath {
    EntryPath::parse(text.as_bytes()).expect("a safe path")
}

fn files(text: &str) -> Vec<FileEntry> {
    let file = |word: &str| {
        let (path, blob) = word.split_once('=').expect("path=blob");
        let executable = blob.ends_with('*');
        let number = blob.trim_end_matches('*').parse().expect("a blob's number");
        file_entry(path, number, executable)
    };
    text.split_whitespace().map(file).collect()
}

fn file_entry(path: &str, blob: u8, executable: bool) -> FileEntry {
    let mode = if executable { FileMode::Executable } else { FileMode::Regular };
    FileEntry { path: entry_path(path), mode, blob_id: ObjectId([blob; 20]) }
}

#[test]
fn ordinary_and_unusual_paths_are_accepted_unchanged() {
    let longest = format!("{}/{}", "d".repeat(999), "f".repeat(EntryPath::MAX_LEN - 1000));
    let accepted = [
        "manifest.yml",
        "kibana/search/Logs of the day.json",
        "img/[Logs Cassandra] System Logs.jpg",
        "elasticsearch/ilm_policy/.fleet-actions.json",
        "data_stream/log/test/pipeline/x.log",
        ".gitignore",
        ".github/x",
        "git",
        "a.git",
        "...",
        "..a",
        "a..",
        "a*b?c:d",
        "a/C:",
        "nul.txt",
        ".git2",
        ".gitmodules",
        "git~2",
        ".\u{200c}github",
        "a\u{202e}b",
        " leading and trailing ",
        "docs/grüße/日本語.md",
        "e\u{301}",
        &longest,
    ];
    for text in accepted {
        assert_eq!(EntryPath::parse(text.as_bytes()).map(|path| path.to_string()), Ok(text.into()));
    }
}

#[test]
fn unsafe_paths_are_rejected_with_the_violated_rule() {
    let too_long = vec![b'x'; EntryPath::MAX_LEN + 1];
    let rows: [(UnsafePath, &[&[u8]]); 9] = [
        (UnsafePath::NotUtf8, &[b"\xff", b"gr\xfc\xdfe.md", b"\xed\xa0\x80", b"a/\xc0\xaf/b"]),
        (UnsafePath::EmptyComponent, &[b"", b"/", b"/etc/passwd", b"a/", b"a//b"]),
        (UnsafePath::DotComponent, &[b".", b"..", b"./a", b"a/../b", b"a/.", b"../../etc"]),
        (UnsafePath::GitComponent, &[b".git", b".GIT/config", b"a/.Git", b"a/.giT/b"]),
        (UnsafePath::Backslash, &[b"\\", b"a\\b", b"..\\a", b"a/c:\\b"]),
        (
            UnsafePath::ControlCharacter,
            &[b"a\0b", b"a\nb", b"a/\tb", b"\x1b[2J", b"\x7f", "\u{85}".as_bytes()],
        ),
        (
            UnsafePath::GitLookAlike,
            &[
                b".git ",
                b"a/.GIT./b",
                b".git . .",
                b".git:x",
                b".git ::$INDEX_ALLOCATION",
                b"git~1",
                b"a/GIT~1 ",
                "\u{200c}.git".as_bytes(),
                "a/.G\u{feff}i\u{202e}t".as_bytes(),
            ],
        ),
        (UnsafePath::DriveLetter, &[b"C:", b"c:/x", b"z:x"]),
        (UnsafePath::TooLong, &[&too_long]),
    ];
    for (kind, paths) in rows {
        for path in paths {
            assert_eq!(EntryPath::parse(path), Err(kind), "{}", path.escape_ascii());
        }
    }
    let reached: BTreeSet<usize> = rows.iter().map(|(kind, _)| number(*kind)).collect();
    assert!(reached.into_iter().eq(0..KIND_COUNT), "a kind has no row");
}

const KIND_COUNT: usize = 9;

/// Fails to compile when a kind is added: give it a number, and a row above.
fn number(kind: UnsafePath) -> usize {
    match kind {
        UnsafePath::NotUtf8 => 0,
        UnsafePath::EmptyComponent => 1,
        UnsafePath::DotComponent => 2,
        UnsafePath::GitComponent => 3,
        UnsafePath::Backslash => 4,
        UnsafePath::ControlCharacter => 5,
        UnsafePath::GitLookAlike => 6,
        UnsafePath::DriveLetter => 7,
        UnsafePath::TooLong => KIND_COUNT - 1,
    }
}

#[test]
fn folders_of_a_path_come_outermost_first() {
    let rows: [(&str, &[&str]); 3] = [("a", &[]), ("a/b", &["a"]), ("a/b c/d", &["a", "a/b c"])];
    for (path, folders) in rows {
        assert!(entry_path(path).folders().eq(folders.iter().copied()), "{path}");
    }
}

#[test]
fn collisions_are_detected_in_any_order() {
    let rows = [
        ("a=1 a=1", "a"),
        ("a=1 b=1 a=2*", "a"),
        ("a=1 a/b=2", "a"),
        ("a/b/c=1 a/b=2", "a/b"),
        ("a=1 a/b/c=2 d=3", "a"),
        // In byte order, another name is between the file and the folder's contents.
        ("a=1 a.b=2 a/b=3", "a"),
        ("x/a=1 x/a-b/c=2 x/a/b=3", "x/a"),
    ];
    for (text, path) in rows {
        for files in orders(files(text)) {
            assert_eq!(Content::new(files), Err(PathCollision(path.to_owned())), "{text}");
        }
    }
}

#[test]
fn similar_paths_do_not_collide_and_are_found_by_their_exact_path() {
    for text in ["a.b/c=1 a/c=2 ab=3", "a/b=1 b/a=2 b/b=3", "a/b/a=1 a/a/b=2", "a=1", ""] {
        for given in orders(files(text)) {
            let content = Content::new(given).unwrap();
            assert!(content.files().is_sorted_by(|a, b| a.path.as_str() < b.path.as_str()));
            for file in files(text) {
                assert_eq!(content.find(file.path.as_str()), Some(&file));
            }
            for absent in ["", "a/", "A", "a.b", "b"] {
                assert_eq!(content.find(absent), None, "{absent} in {text}");
            }
        }
    }
}

/// Returns all orders of up to three files.
fn orders(files: Vec<FileEntry>) -> Vec<Vec<FileEntry>> {
    let turned = |by: usize| {
        let mut files = files.clone();
        let by = by.min(files.len());
        files.rotate_left(by);
        files
    };
    let forward = (0..3).map(turned);
    forward.flat_map(|files| [files.clone(), files.into_iter().rev().collect()]).collect()
}

#[test]
fn each_difference_is_listed_once() {
    let rows: [(&str, &str, [&[&str]; 3], usize); 9] = [
        ("", "", [&[], &[], &[]], 0),
        ("a=1", "a=1", [&[], &[], &[]], 0),
        ("", "a=1 b=2", [&["a", "b"], &[], &[]], 0),
        ("a=1 b=2", "", [&[], &["a", "b"], &[]], 0),
        ("a=1", "a=2", [&[], &[], &["a"]], 0),
        ("a=1 b=1", "a=1* b=1", [&[], &[], &[]], 1),
        // A file with other bytes and another mode is changed, not mode-only.
        ("a=1 b=1 c=3", "a=1* b=1* c=4*", [&[], &[], &["c"]], 2),
        ("a=1 c=1 e=1", "b=1 d=1 e=1", [&["b", "d"], &["a", "c"], &[]], 0),
        ("a.b=1 a/b=1", "a/a=1 a/b=2 ab=1", [&["a/a", "ab"], &["a.b"], &["a/b"]], 0),
    ];
    for (left, right, [added, removed, changed], mode_changed_count) in rows {
        let paths = |texts: &[&str]| texts.iter().map(|text| entry_path(text)).collect();
        let expected = ContentDiff {
            added: paths(added),
            removed: paths(removed),
            changed: paths(changed),
            mode_changed_count,
        };
        let found = content(left).diff(&content(right));
        assert_eq!(found, expected, "{left} against {right}");
        let is_same = added.is_empty() && removed.is_empty() && changed.is_empty();
        assert_eq!(found.is_same_content(), is_same);
    }
}

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    files: Vec<VectorFile>,
    digest: Sha256,
}

#[derive(Deserialize)]
struct VectorFile {
    blob_id: ObjectId,
    path: String,
    mode: String,
}

#[test]
fn the_content_digest_matches_the_vectors() {
    let text = include_str!("../vectors/content-digest.json");
    let Vectors { vectors } = serde_json::from_str(text).unwrap();
    assert!(vectors.len() >= 5);
    for Vector { name, files, digest } in vectors {
        let entries = files.into_iter().map(|file| FileEntry {
            path: entry_path(&file.path),
            mode: match file.mode.as_str() {
                "100755" => FileMode::Executable,
                mode => {
                    assert_eq!(mode, "100644", "{name}");
                    FileMode::Regular
                }
            },
            blob_id: file.blob_id,
        });
        assert_eq!(Content::new(entries.collect()).unwrap().digest(), digest, "{name}");
    }
}

/// Paths with blobs and modes. Files start with `f` and folders with `d`, so that there are no collisions.
pub(crate) fn any_tree<B: Strategy>(
    blob: B,
) -> impl Strategy<Value = BTreeMap<String, (B::Value, bool)>>
where
    B::Value: Clone,
{
    prop::collection::btree_map("(d[. a]?/){0,2}f[. aé]?", (blob, any::<bool>()), 0..8)
}

type Tree = BTreeMap<String, (u8, bool)>;

fn listed(tree: &Tree) -> Vec<FileEntry> {
    tree.iter().map(|(path, (blob, executable))| file_entry(path, *blob, *executable)).collect()
}

fn content_of(tree: &Tree) -> Content {
    Content::new(listed(tree)).expect("no collision")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_content_equals_itself(tree in any_tree(0..3_u8)) {
        let content = content_of(&tree);
        prop_assert_eq!(content.diff(&content.clone()), ContentDiff::default());
    }

    #[test]
    fn differences_are_symmetric(
        left in any_tree(0..3_u8), right in any_tree(0..3_u8),
    ) {
        let (left, right) = (content_of(&left), content_of(&right));
        let (forward, backward) = (left.diff(&right), right.diff(&left));
        prop_assert_eq!(&forward.added, &backward.removed);
        prop_assert_eq!(&forward.removed, &backward.added);
        prop_assert_eq!(&forward.changed, &backward.changed);
        prop_assert_eq!(forward.mode_changed_count, backward.mode_changed_count);
        prop_assert_eq!(forward.is_same_content(), left.digest() == right.digest());
    }

    #[test]
    fn the_digest_is_independent_of_order_and_modes(
        (tree, shuffled) in any_tree(0..3_u8)
            .prop_flat_map(|tree| (Just(tree.clone()), Just(listed(&tree)).prop_shuffle())),
        mode in any::<bool>(),
    ) {
        let digest = content_of(&tree).digest();
        prop_assert_eq!(Content::new(shuffled).unwrap().digest(), digest);
        let one_mode = tree.into_iter().map(|(path, (blob, _))| (path, (blob, mode))).collect();
        prop_assert_eq!(content_of(&one_mode).digest(), digest);
    }

    #[test]
    fn another_blob_or_path_changes_the_digest(
        tree in any_tree(0..3_u8).prop_filter("a file", |tree| !tree.is_empty()),
        place in any::<prop::sample::Index>(),
    ) {
        let path = place.get(&tree.keys().cloned().collect::<Vec<_>>()).clone();
        let (blob, executable) = tree[&path];
        let digest = content_of(&tree).digest();
        let mut other_blob = tree.clone();
        other_blob.insert(path.clone(), (blob + 1, executable));
        prop_assert_ne!(content_of(&other_blob).digest(), digest);
        let mut renamed = tree;
        renamed.remove(&path);
        renamed.insert(format!("{path}~"), (blob, executable));
        prop_assert_ne!(content_of(&renamed).digest(), digest);
    }
}

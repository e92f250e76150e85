//! Which files attributes change on checkout: a table of literals, compared with the installed Git.
//!
//! Expected values are from git 2.39.5. The same rows are written to a repository and checked out by the
//! installed Git: a file's bytes must change exactly in the listed cases.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;

use package_storage_migrate::v1::attributes::{AttributeFile, conversion};

use crate::support::git::git;

/// The text of an attribute file, a path in its folder, the bytes, and the attributes that change them.
type Row = (&'static str, &'static str, &'static [u8], &'static [&'static str]);

const ID: &[u8] = b"$Id$\n";
const LF: &[u8] = b"a\nb\n";

/// Text with one control character per 128 bytes, and one more.
const ODD: &[u8] = &{
    let mut bytes = [b'a'; 300];
    bytes[0] = 1;
    bytes[1] = 1;
    bytes[2] = 1;
    bytes[299] = b'\n';
    bytes
};
const NEARLY_ODD: &[u8] = &{
    let mut bytes = [b'a'; 300];
    bytes[0] = 1;
    bytes[1] = 127;
    bytes[298] = b'\n';
    bytes[299] = 0x1a;
    bytes
};

const ROWS: &[Row] = &[
    // The effect of each attribute.
    ("* ident", "a", ID, &["ident"]),
    ("* -ident", "a", ID, &[]),
    ("* !ident", "a", ID, &[]),
    ("* ident=1", "a", ID, &[]),
    ("* ident", "a", b"x $Id: 1234 $ y", &["ident"]),
    ("* ident", "a", b"$Id:x$", &["ident"]),
    ("* ident", "a", b"$Id: a.c 12 me $", &[]),
    ("* ident", "a", b"$Id: a.c 12 me $Id$", &[]),
    ("* ident", "a", b"$Id: a.c 12 me $ $Id$", &["ident"]),
    ("* ident", "a", b"$Id:a.c 12 me$", &["ident"]),
    ("* ident", "a", b"$Id: 12\t$", &["ident"]),
    ("* ident", "a", b"$Id: 12\tme$", &[]),
    ("* ident", "a", b"$Id: $", &["ident"]),
    ("* ident", "a", b"$Id:   $", &[]),
    ("* ident", "a", b"$Id: \n$", &[]),
    ("* ident", "a", b"$Id", &[]),
    ("* ident", "a", b"$Id\n$", &[]),
    ("* ident", "a", b"$id$ Id$ $Idx$ $Revision$", &[]),
    ("* ident", "a", b"$$Id$", &[]),
    ("* ident", "a", b"$$$Id$", &["ident"]),
    ("* ident", "a", b"$x$Id$", &["ident"]),
    ("* ident", "a", b"$I$Id$", &[]),
    ("* ident", "a", b"$Id $Id$", &["ident"]),
    ("* ident", "a", b"$Id:x\n$Id$", &["ident"]),
    ("* ident", "a", b"$Id: a b $$Id$", &["ident"]),
    ("* ident", "a", b"$Id: a b $$$Id$", &[]),
    ("* eol=crlf", "a", LF, &["eol=crlf"]),
    ("* eol=crlf", "a", b"a\r\nb\n", &["eol=crlf"]),
    ("* eol=crlf", "a", b"a\r\nb\r\n", &[]),
    ("* eol=crlf", "a", b"\0\n", &["eol=crlf"]),
    ("* eol=crlf", "a", b"a", &[]),
    ("* eol=crlf", "a", b"", &[]),
    ("* eol=lf", "a", LF, &[]),
    ("* eol=CRLF", "a", LF, &[]),
    ("* eol", "a", LF, &[]),
    ("* text", "a", LF, &[]),
    ("* text=auto", "a", LF, &[]),
    ("* text eol=crlf", "a", LF, &["eol=crlf"]),
    ("* text=input eol=crlf", "a", LF, &["eol=crlf"]),
    ("* text=other eol=crlf", "a", LF, &["eol=crlf"]),
    ("* -text eol=crlf", "a", LF, &[]),
    ("* binary eol=crlf", "a", LF, &[]),
    ("* -crlf eol=crlf", "a", LF, &[]),
    ("* text -crlf eol=crlf", "a", LF, &["eol=crlf"]),
    ("* !text -crlf eol=crlf", "a", LF, &[]),
    ("* crlf=auto eol=crlf", "a", b"\0\n", &[]),
    ("* text=auto eol=crlf", "a", LF, &["eol=crlf"]),
    ("* text=auto eol=crlf", "a", b"a\r\nb\n", &[]),
    ("* text=auto eol=crlf", "a", b"a\rb\n", &[]),
    ("* text=auto eol=crlf", "a", b"a\0b\n", &[]),
    ("* text=auto eol=crlf", "a", ODD, &[]),
    ("* text=auto eol=crlf", "a", NEARLY_ODD, &["eol=crlf"]),
    ("* text=auto eol=crlf", "a", b"\xff\xfe\n", &["eol=crlf"]),
    ("* text=auto eol=crlf", "a", b"\x1b[0m\x08\x0c\t\n", &["eol=crlf"]),
    ("* working-tree-encoding=UTF-16LE", "a", b"a", &["working-tree-encoding=UTF-16LE"]),
    ("* working-tree-encoding=UTF-8", "a", b"a", &[]),
    ("* working-tree-encoding=utf8", "a", b"a", &[]),
    ("* working-tree-encoding=", "a", b"a", &[]),
    ("* working-tree-encoding=UTF-16LE", "a", b"", &[]),
    ("* filter=upper", "a", b"a", &["filter=upper"]),
    ("* -filter", "a", b"a", &[]),
    ("* filter", "a", b"a", &[]),
    ("* filter=upper ident", "a", ID, &["ident", "filter=upper"]),
    // Which lines are effective.
    ("", "a", ID, &[]),
    ("\n# * ident\n  # * ident\n", "a", ID, &[]),
    ("  * ident", "a", ID, &["ident"]),
    ("*\tident\r\n", "a", ID, &["ident"]),
    ("* text ident", "a", ID, &["ident"]),
    ("* ident -ident", "a", ID, &[]),
    ("* ident\n* -ident", "a", ID, &[]),
    ("* -ident\n* ident", "a", ID, &["ident"]),
    ("* ident\n* !ident", "a", ID, &[]),
    ("* ident\nb -ident", "a", ID, &["ident"]),
    ("* ident *=1", "a", ID, &[]),
    ("* ident --text", "a", ID, &[]),
    ("* ident =1", "a", ID, &[]),
    ("* ident -text=1", "a", ID, &["ident"]),
    ("* ident a.b_c-d=%", "a", ID, &["ident"]),
    ("!b ident", "a", ID, &[]),
    ("\\!a ident", "!a", ID, &["ident"]),
    ("\"a b\" ident", "a b", ID, &["ident"]),
    ("\"a\\tb\" ident", "a\tb", ID, &["ident"]),
    ("\"a\\qb ident", "\"aqb", ID, &["ident"]),
    ("\"a\"ident", "a", ID, &["ident"]),
    ("a\0\n* ident", "a", ID, &[]),
    ("\u{feff}a ident", "a", ID, &[]),
    ("[attr]shout filter=upper\n* shout", "a", ID, &[]),
    // Which paths match.
    ("a ident", "b/a", ID, &["ident"]),
    ("a ident", "A", ID, &[]),
    ("a ident", "ab", ID, &[]),
    ("a ident", "a/b", ID, &[]),
    ("a/ ident", "a/b", ID, &[]),
    ("a/* ident", "a/b", ID, &["ident"]),
    ("a/* ident", "a/b/c", ID, &[]),
    ("a/* ident", "b/a/c", ID, &[]),
    ("/a ident", "a", ID, &["ident"]),
    ("/a ident", "b/a", ID, &[]),
    ("b/a ident", "b/a", ID, &["ident"]),
    ("b/a ident", "c/b/a", ID, &[]),
    ("*.txt ident", "a.txt", ID, &["ident"]),
    ("*.txt ident", "b/.txt", ID, &["ident"]),
    ("*.txt ident", "a.txt/b", ID, &[]),
    ("*a*b* ident", "xaybz", ID, &["ident"]),
    ("*a*b* ident", "xbyaz", ID, &[]),
    ("a? ident", "ab", ID, &["ident"]),
    ("a? ident", "a", ID, &[]),
    ("b?a ident", "b/a", ID, &[]),
    ("** ident", "b/a", ID, &["ident"]),
    ("**/a ident", "a", ID, &["ident"]),
    ("**/a ident", "c/b/a", ID, &["ident"]),
    ("**/a ident", "ba", ID, &[]),
    ("b/** ident", "b/c/a", ID, &["ident"]),
    ("b/**/a ident", "b/a", ID, &["ident"]),
    ("b/**/a ident", "b/c/d/a", ID, &["ident"]),
    ("b/**/a ident", "ba", ID, &[]),
    ("b/**a ident", "b/ca", ID, &["ident"]),
    ("b/**a ident", "b/c/a", ID, &[]),
    ("b**/a ident", "b/a", ID, &["ident"]),
    ("b**/a ident", "b/c/a", ID, &["ident"]),
    ("b**/a ident", "bc/a", ID, &["ident"]),
    ("?**/a ident", "bc/d/a", ID, &[]),
    ("b/*/a ident", "b/c/a", ID, &["ident"]),
    ("b/*/a ident", "b/c/d/a", ID, &[]),
    ("[ab] ident", "b", ID, &["ident"]),
    ("[a-c]x ident", "bx", ID, &["ident"]),
    ("[!a-c]x ident", "bx", ID, &[]),
    ("[^a-c]x ident", "dx", ID, &["ident"]),
    ("[]-]x ident", "]x", ID, &["ident"]),
    ("[a-]x ident", "-x", ID, &["ident"]),
    ("[\\]]x ident", "]x", ID, &["ident"]),
    ("[a\\-c]x ident", "bx", ID, &[]),
    ("[[:digit:]]x ident", "7x", ID, &["ident"]),
    ("[[:digit:]]x ident", "ax", ID, &[]),
    ("[[:no:]]x ident", "nx", ID, &[]),
    ("[[:x]x ident", ":x", ID, &["ident"]),
    ("[a ident", "[a", ID, &[]),
    ("b[!a]c ident", "b/c", ID, &[]),
    ("b/[!a]c ident", "b//c", ID, &[]),
    ("\\a ident", "a", ID, &["ident"]),
    ("\\*a ident", "*a", ID, &["ident"]),
    ("\\*a ident", "ba", ID, &[]),
    ("a\\ ident", "a\\", ID, &[]),
    ("\u{e9} ident", "\u{e9}", ID, &["ident"]),
    ("? ident", "\u{e9}", ID, &[]),
    ("?? ident", "\u{e9}", ID, &["ident"]),
];

#[test]
fn attributes_change_the_files_in_the_table() {
    for (attributes, path, bytes, expected) in ROWS {
        let file = AttributeFile::parse("r", attributes.as_bytes());
        let found = conversion(&[&file], &format!("r/{path}")).changes(bytes);
        assert_eq!(found, *expected, "{attributes:?} {path:?} {}", bytes.escape_ascii());
    }
}

/// The attribute files of several folders, outer ones first; whether they change the file `b/a` with [`ID`].
type Stack = (&'static [(&'static str, &'static str)], bool);

const STACKS: &[Stack] = &[
    (&[("", "* ident")], true),
    (&[("", "* ident"), ("b", "* -ident")], false),
    (&[("", "* -ident"), ("b", "* ident")], true),
    (&[("", "* ident"), ("b", "* text")], true),
    (&[("", "* ident"), ("b", "a !ident")], false),
    (&[("", "/a ident"), ("b", "")], false),
    (&[("", "b/a ident")], true),
    (&[("b", "/a ident")], true),
    (&[("b", "b/a ident")], false),
    (&[("", "[attr]id ident -text\n* id")], true),
    (&[("", "[attr]id ident\n* -id")], false),
    (&[("", "[attr]id ident\n* id -ident")], false),
    (&[("", "[attr]id ident"), ("b", "* id")], true),
    (&[("b", "[attr]id ident\n* id")], false),
    (&[("", "[attr]id ident\n[attr]id -ident\n* id")], false),
    (&[("", "[attr]id ident\n[attr]two id\n* two")], true),
    (&[("", "[attr]id two\n[attr]two id ident\n* two")], true),
    (&[("", "[attr]-id ident\n* -id")], false),
    (&[("", "[attr] id\n* id")], false),
    (&[("", "[attr]binary ident\n* binary")], true),
];

#[test]
fn deeper_files_take_precedence_and_only_the_root_file_defines_macros() {
    for (files, expected) in STACKS {
        let parsed: Vec<_> = files
            .iter()
            .map(|(folder, text)| AttributeFile::parse(folder, text.as_bytes()))
            .collect();
        let files_of: Vec<&AttributeFile> = parsed.iter().collect();
        let is_changed = !conversion(&files_of, "b/a").changes(ID).is_empty();
        assert_eq!(is_changed, *expected, "{files:?}");
    }
}

/// Git ignores lines of 2,048 bytes or more.
#[test]
fn long_lines_are_ignored() {
    for (len, expected) in [(2047, true), (2048, false)] {
        let line = format!("a ident {}", "x".repeat(len - 8));
        let file = AttributeFile::parse("", line.as_bytes());
        assert_eq!(!conversion(&[&file], "a").changes(ID).is_empty(), expected, "{len}");
    }
}

/// A pattern that takes exponential time with backtracking.
#[test]
fn a_pattern_with_many_stars_terminates() {
    let line = format!("{}b ident", "a*".repeat(900));
    let file = AttributeFile::parse("", line.as_bytes());
    assert!(conversion(&[&file], &"a".repeat(4000)).is_none());
}

#[test]
fn a_checkout_by_git_changes_the_same_files() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    git(at, &["init", "-q"], b"");
    git(at, &["config", "filter.upper.smudge", "tr a-z A-Z"], b"");
    git(at, &["config", "core.autocrlf", "false"], b"");
    // Paths that no file system supports are only in the table.
    let rows: Vec<(usize, &Row)> =
        ROWS.iter().enumerate().filter(|(_, (_, path, ..))| !path.contains("//")).collect();
    let mut index = Vec::new();
    let mut add = |path: String, bytes: &[u8]| {
        let id = git(at, &["hash-object", "-w", "--stdin", "--no-filters"], bytes).text();
        index.extend([b"100644 ", id.as_bytes(), b"\t", path.as_bytes(), b"\0"].concat());
    };
    for (number, (attributes, path, bytes, _)) in &rows {
        add(format!("r{number}/.gitattributes"), attributes.as_bytes());
        add(format!("r{number}/{path}"), bytes);
    }
    git(at, &["update-index", "-z", "--index-info"], &index);
    git(at, &["checkout-index", "--all", "--force"], b"");
    let changed = |(number, (_, path, bytes, _)): &(usize, &Row)| {
        fs::read(at.join(format!("r{number}/{path}"))).unwrap() != *bytes
    };
    let found: BTreeSet<usize> = rows.iter().filter(|row| changed(row)).map(|row| row.0).collect();
    for (number, row) in &rows {
        assert_eq!(found.contains(number), !row.3.is_empty(), "git differs: {row:?}");
    }
    for (files, expected) in STACKS {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        git(at, &["init", "-q"], b"");
        fs::create_dir(at.join("b")).unwrap();
        for (folder, text) in *files {
            fs::write(at.join(folder).join(".gitattributes"), text).unwrap();
        }
        let output = git(at, &["check-attr", "ident", "b/a"], b"").text();
        assert_eq!(output == "b/a: ident: set", *expected, "git differs: {files:?}: {output}");
    }
}

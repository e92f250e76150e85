//! Corrupt objects: loose ones with garbage, replaced or truncated ones, and packed ones.
//!
//! Tests the finding of each; `corruption` tests that any changed byte is detected.

use std::fs;

use git2::Oid;

use super::objects::{BOTH, ObjectRow, check_objects, manifest_row};
use crate::support::damage;
use crate::support::v1_repo::V1Repo;

#[test]
fn corrupt_objects_are_found() {
    check_objects(ROWS);
}

/// Truncates a loose object to `len` bytes.
fn cut(repo: &V1Repo, id: Oid, len: usize) {
    let file = damage::loose_file(repo.path(), id);
    damage::rewrite(&file, &fs::read(&file).unwrap()[..len]);
}

/// A file whose entry in the pack starts with these bytes.
macro_rules! entry_row {
    ($name:literal $header:literal $detail:literal) => {
        ObjectRow {
            name: $name,
            object: "staging packages/harbor_log/1.2.0-rc1/img/c.svg",
            damage: |repo, id| damage::overwrite_packed(repo, id, $header),
            archives: &["+harbor_log-1.0.0", "+harbor_log-1.1.0", "+port-1.0.0"],
            balance: [9, 6, 2, 0, 1],
            findings: &[corrupt!("harbor_log 1.2.0-rc1 staging img/c.svg" "blob" $detail)],
            others: BOTH,
        }
    };
}

/// A finding about the row's object.
macro_rules! corrupt {
    ($about:literal $kind:literal $detail:literal) => {
        concat!(
            "blocker corrupt-object ",
            $about,
            " detail=",
            $detail,
            " object_id=<id> object_kind=",
            $kind
        )
    };
}

pub(super) const ROWS: &[ObjectRow] = &[
    manifest_row(
        "a file that does not inflate",
        |repo, id| repo.garble_object(id),
        &[corrupt!("harbor_log 1.0.0 production manifest.yml" "blob" "corrupt deflate stream")],
    ),
    manifest_row(
        "a file of other bytes",
        |repo, id| repo.replace_object(id, b"name: harbor_log\nversion: 1.0.0\n"),
        &[corrupt!("harbor_log 1.0.0 production manifest.yml" "blob"
                "its bytes hash to b4f70b5d5e7aa1432c9195dc39fc2b96f4fe8d0d")],
    ),
    manifest_row(
        "an empty file for an object",
        |repo, id| cut(repo, id, 0),
        &[corrupt!("harbor_log 1.0.0 production manifest.yml" "blob" "incomplete deflate stream")],
    ),
    manifest_row(
        "an object cut off in its header",
        |repo, id| cut(repo, id, 4),
        &[corrupt!("harbor_log 1.0.0 production manifest.yml" "blob" "incomplete deflate stream")],
    ),
    manifest_row(
        "an object cut off in its middle",
        |repo, id| repo.truncate_object(id),
        &[corrupt!("harbor_log 1.0.0 production manifest.yml" "blob" "incomplete deflate stream")],
    ),
    manifest_row(
        "an object cut off before its checksum",
        |repo, id| {
            let len = fs::metadata(damage::loose_file(repo.path(), id)).unwrap().len();
            cut(repo, id, usize::try_from(len).unwrap() - 1);
        },
        &[corrupt!("harbor_log 1.0.0 production manifest.yml" "blob" "incomplete deflate stream")],
    ),
    ObjectRow {
        name: "a byte of a pack",
        object: "staging packages/harbor_log/1.2.0-rc1/img/c.svg",
        damage: damage::flip_packed,
        archives: &["+harbor_log-1.0.0", "+harbor_log-1.1.0", "+port-1.0.0"],
        balance: [9, 6, 2, 0, 1],
        findings: &[
            corrupt!("harbor_log 1.2.0-rc1 staging img/c.svg" "blob" "incorrect data check"),
        ],
        others: BOTH,
    },
    // Kind and length in the format of Git's "gitformat-pack": a blob of 2 GiB would use all memory.
    entry_row!("a length beyond all measure" b"\xbf\xff\xff\xff\x7f"
        "its pack entry declares more bytes than it can contain"),
    entry_row!("a kind that does not exist" b"\x56"
        "its pack entry has an unreadable header"),
    entry_row!("a base where no entry begins" b"\x66\x01"
        "its delta base is not an object of the pack"),
    ObjectRow {
        name: "a folder that is a file",
        object: "production packages/harbor_log/1.0.0",
        damage: |repo, id| repo.replace_object(id, b""),
        archives: &["+harbor_log-1.1.0", "+harbor_log-1.2.0-rc1", "+port-1.0.0"],
        balance: [9, 6, 2, 0, 1],
        findings: &[corrupt!("harbor_log 1.0.0 production -" "tree" "it is a blob")],
        others: BOTH,
    },
];

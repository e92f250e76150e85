//! Differences between a checkout of v1 and an archive: Git LFS pointers, and attributes.
//!
//! `attributes` tests which attribute changes which file, `lfs_pointer` the format of pointers.

use super::{Row, check, check_all, harbor};
use crate::support::v1_repo::{RevisionDraft, SYMLINK, V1Repo};

#[test]
fn differences_of_a_checkout_are_found() {
    check_all(ROWS);
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

/// `pier` 1.0.0 in production and staging, with three files that attributes may change.
fn pier(repo: V1Repo, attributes: &[(&str, &str)]) -> V1Repo {
    let build = |r: RevisionDraft| {
        r.manifest()
            .file("img/a.svg", "<svg>$Id$</svg>\n")
            .file("img/b.svg", "<svg>\r\n")
            .file("empty.txt", "")
    };
    let repo = repo
        .stage("production", |s| s.revision("pier", "1.0.0", build))
        .stage("staging", |s| s.revision("pier", "1.0.0", build));
    attributes.iter().fold(repo, |repo, (path, text)| {
        repo.stage("production", |s| s.file(path, text)).stage("staging", |s| s.file(path, text))
    })
}

const BALANCE: [u64; 5] = [5, 4, 1, 0, 0];
const COPY: &str = "info identical-copy pier 1.0.0 staging - winner=production";

macro_rules! differs {
    ($attribute:literal, $files:literal, $count:literal) => {
        concat!(
            "warning checkout-differs pier 1.0.0 production - attribute=",
            $attribute,
            " file_count=",
            $count,
            " files=",
            $files
        )
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "Git LFS pointers in two files",
        make: |repo| {
            repo.stage("production", |s| {
                s.revision("pier", "1.0.0", |r| {
                    r.manifest()
                        .file("img/a.png", POINTER)
                        .file("img/b.png", POINTER.replace("12345", "0"))
                        .file("img/c.png", POINTER.replace("size", "length"))
                })
            })
        },
        archives: &["+pier-1.0.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            "warning lfs-pointer pier 1.0.0 production img/a.png size=12345",
            "warning lfs-pointer pier 1.0.0 production img/b.png size=0",
        ],
    },
    Row {
        name: "a pointer with the attribute that replaces it in a checkout",
        make: |repo| {
            repo.stage("production", |s| {
                s.file(".gitattributes", "*.png filter=lfs diff=lfs merge=lfs -text\n").revision(
                    "pier",
                    "1.0.0",
                    |r| r.manifest().file("img/a.png", POINTER),
                )
            })
        },
        archives: &["+pier-1.0.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &["warning lfs-pointer pier 1.0.0 production img/a.png size=12345"],
    },
    Row {
        name: "attributes that change nothing",
        make: |repo| pier(repo, &[(".gitattributes", "* text=auto eol=lf -ident\n*.svg diff\n")]),
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[COPY],
    },
    Row {
        name: "an attribute file at the top",
        make: |repo| pier(repo, &[(".gitattributes", "*.svg ident\n")]),
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[differs!("ident", r#"["img/a.svg"]"#, "1"), COPY],
    },
    Row {
        name: "one in packages/",
        make: |repo| pier(repo, &[("packages/.gitattributes", "pier/*/img/a.svg eol=crlf\n")]),
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[
            differs!("eol=crlf", r#"["img/a.svg"]"#, "1"),
            "warning stray-entry - - production .gitattributes entry_kind=file",
            "warning stray-entry - - staging .gitattributes entry_kind=file",
            COPY,
        ],
    },
    Row {
        name: "one in the package's folder, but not in another package's",
        make: |repo| {
            let other = ("packages/lighthouse/.gitattributes", "*.svg filter=other\n");
            let own = ("packages/pier/.gitattributes", "*.svg filter=crypt\n");
            pier(repo, &[other, own])
        },
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[
            differs!("filter=crypt", r#"["img/a.svg","img/b.svg"]"#, "2"),
            "warning stray-entry lighthouse - production lighthouse/.gitattributes entry_kind=file",
            "warning stray-entry lighthouse - staging lighthouse/.gitattributes entry_kind=file",
            "warning stray-entry pier - production pier/.gitattributes entry_kind=file",
            "warning stray-entry pier - staging pier/.gitattributes entry_kind=file",
            COPY,
        ],
    },
    Row {
        name: "one in the revision, which is archived, and a deeper one that takes precedence",
        make: |repo| {
            let own = ("packages/pier/1.0.0/.gitattributes", "* working-tree-encoding=UTF-16\n");
            let deeper =
                ("packages/pier/1.0.0/img/.gitattributes", "*.svg !working-tree-encoding\n");
            pier(repo, &[own, deeper])
        },
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[
            differs!(
                "working-tree-encoding=UTF-16",
                r#"[".gitattributes","docs/README.md","img/.gitattributes","manifest.yml"]"#,
                "4"
            ),
            COPY,
        ],
    },
    Row {
        name: "only the winner's stage counts",
        make: |repo| {
            pier(repo, &[]).stage("staging", |s| s.file(".gitattributes", "*.svg ident\n"))
        },
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[COPY],
    },
    Row {
        name: "a symlink is not an attribute file",
        make: |repo| {
            pier(repo, &[]).stage("production", |s| {
                s.file("attributes", "*.svg ident\n").file_with_mode(
                    ".gitattributes",
                    SYMLINK,
                    "attributes",
                )
            })
        },
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[COPY],
    },
    Row {
        name: "an attribute file that is missing",
        make: |repo| {
            let repo = pier(repo, &[(".gitattributes", "*.svg ident\n")]);
            let id = repo.object_id("staging", ".gitattributes");
            repo.remove_object(id);
            repo
        },
        archives: &["+pier-1.0.0"],
        balance: BALANCE,
        findings: &[
            concat!(
                "blocker missing-object - - production .gitattributes ",
                "object_id=174de242e98ac07d4591c52cb08b7aa0d6940add object_kind=blob partial_clone=false"
            ),
            concat!(
                "blocker missing-object - - staging .gitattributes ",
                "object_id=174de242e98ac07d4591c52cb08b7aa0d6940add object_kind=blob partial_clone=false"
            ),
            COPY,
        ],
    },
];

#[test]
fn more_than_five_files_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(dir.path()).stage("production", |s| {
        let pier = |r: RevisionDraft| {
            (0..7).fold(r.manifest(), |r, number| r.file(format!("{number}.txt"), "a\n"))
        };
        s.revision("pier", "1.0.0", pier).file(".gitattributes", "*.txt eol=crlf\n")
    });
    let files = r#"["0.txt","1.txt","2.txt","3.txt","4.txt"]"#;
    let finding = format!(
        "warning checkout-differs pier 1.0.0 production - attribute=eol=crlf file_count=7 files={files}"
    );
    check("seven files", &repo, &["+pier-1.0.0"], [4, 4, 0, 0, 0], &[finding]);
}

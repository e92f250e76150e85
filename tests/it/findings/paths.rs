//! Paths that are allowed in archives but not portable: none of them is a blocker.

use super::{Row, check_all};
use crate::support::v1_repo::{FILE, RevisionDraft, V1Repo};

#[test]
fn paths_that_are_not_portable_are_found() {
    check_all(ROWS);
}

/// `harbor_log 1.2.0` in production, with these files in addition to the manifest.
fn with_files(repo: V1Repo, files: &[&str]) -> V1Repo {
    let build = |r: RevisionDraft| {
        files.iter().fold(r.manifest(), |r, path| match path.rsplit_once('/') {
            Some((folder, name)) => r.raw_entry(folder, name, FILE, ""),
            None => r.file(path, ""),
        })
    };
    repo.stage("production", |s| s.revision("harbor_log", "1.2.0", build))
}

macro_rules! unportable {
    ($rest:literal) => {
        concat!("warning unportable-path harbor_log 1.2.0 production ", $rest)
    };
}

macro_rules! alike {
    ($rest:literal) => {
        concat!("warning path-collision harbor_log 1.2.0 production ", $rest)
    };
}

const ARCHIVED: [u64; 5] = [4, 4, 0, 0, 0];

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "unusual names that are portable",
        make: |repo| {
            with_files(
                repo,
                &[
                    "img/[Logs Cassandra] System Logs.jpg",
                    "elasticsearch/ilm_policy/.fleet-actions.json",
                    "docs/grüße/日本語.md",
                    "img/a\u{2764}\u{fe0f}.png",
                    "img/console.log",
                    "img/com10",
                    "img/auxiliary",
                    "img/x.nul",
                ],
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[],
    },
    Row {
        name: "a name that is too long for file systems",
        make: |repo| {
            with_files(
                repo,
                &[
                    "docs/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
                ],
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[
            "warning key-too-long harbor_log 1.2.0 production docs/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy key_len=295 name_len=256",
        ],
    },
    Row {
        name: "names that Windows does not accept",
        make: |repo| {
            with_files(
                repo,
                &[
                    "aux/a.yml",
                    "aux/b.yml",
                    "img/Nul.tar.gz",
                    "img/lpt\u{b3}",
                    "img/ends /aux",
                    "img/ends.",
                    "img/what?.png",
                    "img/con :x",
                ],
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[
            unportable!("aux reason=it is a reserved device name on Windows"),
            unportable!("img/Nul.tar.gz reason=it is a reserved device name on Windows"),
            unportable!("img/con :x reason=it has a character that Windows forbids"),
            unportable!("img/con :x reason=it is a reserved device name on Windows"),
            unportable!("img/ends  reason=Windows removes a dot or space at the end of a name"),
            unportable!("img/ends. reason=Windows removes a dot or space at the end of a name"),
            unportable!("img/lpt\u{b3} reason=it is a reserved device name on Windows"),
            unportable!("img/what?.png reason=it has a character that Windows forbids"),
        ],
    },
    Row {
        name: "a name that is displayed as another one",
        make: |repo| with_files(repo, &["docs/a\u{202e}gpj.md", "docs/README\u{200b}.md"]),
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[
            unportable!("docs/README\\xe2\\x80\\x8b.md reason=it has a hidden character"),
            unportable!("docs/a\\xe2\\x80\\xaegpj.md reason=it has a hidden character"),
        ],
    },
    Row {
        name: "paths that are equal if case is ignored",
        make: |repo| with_files(repo, &["docs/readme.md", "docs/Readme.md", "img/É", "img/é"]),
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[
            alike!("docs/Readme.md alike=case other=docs/README.md"),
            alike!("docs/readme.md alike=case other=docs/README.md"),
            alike!("img/é alike=case other=img/É"),
        ],
    },
    Row {
        name: "paths that are equal after Unicode normalization",
        make: |repo| with_files(repo, &["img/\u{e9}.svg", "img/e\u{301}.svg"]),
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[alike!("img/\u{e9}.svg alike=normalization other=img/e\u{301}.svg")],
    },
    Row {
        name: "a file and a folder that are equal if case is ignored; two such folders are not reported",
        make: |repo| {
            with_files(
                repo,
                &["Docs", "fields/x", "Fields/y", "img/a", "img/A/b", "q/R", "q/r/R/s"],
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: ARCHIVED,
        findings: &[
            alike!("Docs alike=case other=docs"),
            alike!("img/a alike=case other=img/A"),
            alike!("q/R alike=case other=q/r"),
        ],
    },
];

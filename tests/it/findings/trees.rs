//! Entries of a revision: entries and paths that are not allowed in archives, and missing manifests.
//! `manifests` tests the content of manifests.

use git2::{ObjectType, Repository};

use super::{Row, check, check_all, harbor};
use crate::support::v1_repo::{FILE, FOLDER, RevisionDraft, V1Repo};

#[test]
fn entries_and_missing_manifests_are_found() {
    check_all(ROWS);
}

/// ZIP stores a name's length in two bytes.
#[test]
fn a_path_may_be_almost_as_long_as_zip_allows() {
    let dir = tempfile::tempdir().unwrap();
    let [longest, too_long] = [65_000, 65_001].map(|len| "x".repeat(len));
    let repo = harbor(dir.path()).stage("production", |s| {
        s.revision("harbor_log", "1.1.0", |r| r.manifest().file(&longest, "")).revision(
            "harbor_log",
            "1.2.0",
            |r| r.manifest().file(&too_long, ""),
        )
    });
    let reason = "it is longer than 65000 bytes";
    let finding =
        format!("blocker unsafe-path harbor_log 1.2.0 production {too_long} reason={reason}");
    check("long paths", &repo, &["+harbor_log-1.1.0"], [5, 4, 0, 0, 1], &[finding]);
}

/// `harbor_log 1.2.0` in production.
pub(super) fn harbor_log(
    repo: V1Repo,
    build: impl FnOnce(RevisionDraft) -> RevisionDraft,
) -> V1Repo {
    repo.stage("production", |s| s.revision("harbor_log", "1.2.0", build))
}

macro_rules! unsafe_path {
    ($rest:literal) => {
        concat!("blocker unsafe-path harbor_log 1.2.0 production ", $rest)
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "entries that cannot be represented in archives",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest()
                    .symlink("docs/newest.md", "README.md")
                    .submodule("module")
                    .raw_entry("img", "pipe", 0o010_644, "")
            })
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker unsupported-entry harbor_log 1.2.0 production docs/newest.md entry_kind=symlink",
            "blocker unsupported-entry harbor_log 1.2.0 production img/pipe entry_kind=unknown",
            "blocker unsupported-entry harbor_log 1.2.0 production module entry_kind=submodule",
        ],
    },
    Row {
        name: "a symlink instead of a manifest",
        make: |repo| harbor_log(repo, |r| r.file("a.yml", "").symlink("manifest.yml", "a.yml")),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker unsupported-entry harbor_log 1.2.0 production manifest.yml entry_kind=symlink",
        ],
    },
    Row {
        name: "paths that lead elsewhere, or nowhere",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest()
                    .raw_entry("", "", FILE, "")
                    .raw_entry("", "/etc/passwd", FILE, "")
                    .raw_entry("img", "a//b", FILE, "")
                    .raw_entry("", ".", FILE, "")
                    .raw_entry("", "..", FILE, "")
                    .raw_entry("img", "../../x", FILE, "")
                    .file("docs/../up/x", "")
                    .file(".git/config", "")
                    .file("img/.GiT", "")
                    .file(r"c:\x", "")
                    .file("a\nb", "")
                    .file("a\x7fb", "")
                    .file("a\u{85}b", "")
                    .file(b"docs/\xff.md", "")
                    .file("git~1", "")
                    .file("img/.git . .", "")
                    .file("img/.git::$INDEX_ALLOCATION", "")
                    .file("img/.g\u{200c}it", "")
                    .file("C:/x", "")
                    .file("d:x", "")
            })
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            unsafe_path!(" reason=a component is empty"),
            unsafe_path!(". reason=a component is . or .."),
            unsafe_path!(".. reason=a component is . or .."),
            unsafe_path!(".git reason=a component is .git"),
            unsafe_path!("/etc/passwd reason=a name contains a slash"),
            unsafe_path!("C: reason=it begins with a drive letter"),
            unsafe_path!("a\\nb reason=it contains a control character"),
            unsafe_path!("a\\x7fb reason=it contains a control character"),
            unsafe_path!("a\\xc2\\x85b reason=it contains a control character"),
            unsafe_path!("c:\\\\x reason=it contains a backslash"),
            unsafe_path!("d:x reason=it begins with a drive letter"),
            unsafe_path!("docs/.. reason=a component is . or .."),
            unsafe_path!("docs/\\xff.md reason=it is not UTF-8"),
            unsafe_path!("git~1 reason=a component is .git on Windows or macOS"),
            unsafe_path!("img/../../x reason=a name contains a slash"),
            unsafe_path!("img/.GiT reason=a component is .git"),
            unsafe_path!("img/.g\\xe2\\x80\\x8cit reason=a component is .git on Windows or macOS"),
            unsafe_path!("img/.git . . reason=a component is .git on Windows or macOS"),
            unsafe_path!(
                "img/.git::$INDEX_ALLOCATION reason=a component is .git on Windows or macOS"
            ),
            unsafe_path!("img/a//b reason=a name contains a slash"),
        ],
    },
    Row {
        name: "a name that contains a slash",
        make: |repo| harbor_log(repo, |r| r.manifest().raw_entry("", "img/a.png", FILE, "")),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[unsafe_path!("img/a.png reason=a name contains a slash")],
    },
    Row {
        name: "the same path twice",
        make: |repo| harbor_log(repo, |r| r.manifest().raw_entry("docs", "README.md", FILE, "")),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &["blocker path-collision harbor_log 1.2.0 production docs/README.md alike=same"],
    },
    Row {
        name: "a file and a folder with the same path",
        make: |repo| harbor_log(repo, |r| r.manifest().raw_entry("", "docs", FILE, "")),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &["blocker path-collision harbor_log 1.2.0 production docs alike=same"],
    },
    Row {
        name: "a million entries and one",
        make: |repo| {
            // The shortest possible entry, with a mode that Git does not define, which is rejected quickly.
            let entry = [b"0 x\0".as_slice(), &[0; 20]].concat();
            let tree = entry.repeat(1_000_001);
            let git = Repository::open_bare(repo.path()).unwrap();
            let id = git.odb().unwrap().write(ObjectType::Tree, &tree).unwrap();
            harbor_log(repo, |r| r.manifest().raw_entry_to("", "img", FOLDER, id))
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &["blocker too-many-entries harbor_log 1.2.0 production - limit=1000000"],
    },
    Row {
        name: "no manifest at the top",
        make: |repo| {
            harbor_log(repo, |r| r.file("Manifest.yml", "").file("data_stream/manifest.yml", ""))
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker manifest-missing harbor_log 1.2.0 production -",
            "blocker not-loadable harbor_log 1.2.0 production docs/README.md always_on=true detail=it is missing rule=13 since=1.10.0 until=null",
        ],
    },
    Row {
        name: "an empty folder instead of a revision",
        make: |repo| repo.stage("staging", |s| s.empty_folder("packages/harbor_log/1.2.0")),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker manifest-missing harbor_log 1.2.0 staging -",
            "blocker not-loadable harbor_log 1.2.0 staging docs/README.md always_on=true detail=it is missing rule=13 since=1.10.0 until=null",
        ],
    },
    Row {
        name: "a folder instead of a manifest",
        make: |repo| harbor_log(repo, |r| r.file("manifest.yml/x", "")),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker manifest-missing harbor_log 1.2.0 production -",
            "blocker not-loadable harbor_log 1.2.0 production docs/README.md always_on=true detail=it is missing rule=13 since=1.10.0 until=null",
        ],
    },
];

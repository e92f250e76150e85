//! Findings from comparing copies, from names, and from entries next to packages.

use super::{Row, check, check_all, harbor};
use crate::support::v1_repo::{EXECUTABLE, FILE, FOLDER, RevisionDraft, V1Repo};

#[test]
fn copies_names_and_stages_are_checked() {
    check_all(ROWS);
}

/// ZIP files and their signatures must have names that common file systems accept: 255 bytes.
#[test]
fn a_version_may_be_as_long_as_a_file_name_allows() {
    let dir = tempfile::tempdir().unwrap();
    let [longest, too_long] = [239, 240].map(|len| format!("1.0.0-{}", "x".repeat(len)));
    let repo = harbor(dir.path()).stage("staging", |s| {
        s.revision("b", &longest, RevisionDraft::manifest)
            .revision("b", &too_long, |r| r.manifest())
    });
    let reason = "the archive's file name would be longer than 255 bytes";
    let finding = format!("blocker invalid-version b {too_long} staging - reason={reason}");
    check("long versions", &repo, &[&format!("+b-{longest}")], [5, 4, 0, 0, 1], &[finding]);
}

fn harbor_log(stage: &'static str) -> impl FnOnce(V1Repo) -> V1Repo {
    move |repo| {
        repo.stage(stage, |s| {
            s.revision("harbor_log", "1.2.0", |r| r.manifest().file("changelog.yml", "- first\n"))
        })
    }
}

/// Adds a revision whose folders have any names.
fn revision_at(repo: V1Repo, stage: &str, name: &[u8], version: &[u8]) -> V1Repo {
    let path = [b"packages/", name, b"/", version, b"/manifest.yml"].concat();
    repo.stage(stage, |s| s.file(path, "name: x\nversion: 1.0.0\n"))
}

macro_rules! bad_name {
    ($subject:literal) => {
        concat!(
            "blocker invalid-name ",
            $subject,
            " - reason=a package name consists of a-z, 0-9 and _"
        )
    };
}

macro_rules! bad_version {
    ($version:literal) => {
        concat!(
            "blocker invalid-version b ",
            $version,
            " production - reason=a version is strict semver: three numbers without leading zeros, \
             then an optional prerelease and build"
        )
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "the same files in all stages",
        make: |repo| {
            let repo = harbor_log("production")(repo);
            harbor_log("snapshot")(harbor_log("staging")(repo))
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [6, 4, 2, 0, 0],
        findings: &[
            "info identical-copy harbor_log 1.2.0 staging - winner=production",
            "info identical-copy harbor_log 1.2.0 snapshot - winner=production",
        ],
    },
    Row {
        name: "the same files in the lower stages only",
        make: |repo| harbor_log("snapshot")(harbor_log("staging")(repo)),
        archives: &["+harbor_log-1.2.0"],
        balance: [5, 4, 1, 0, 0],
        findings: &[
            "warning exposes-unpromoted harbor_log 1.2.0 staging,snapshot - production_newest=null standing=newest",
            "info identical-copy harbor_log 1.2.0 snapshot - winner=staging",
        ],
    },
    Row {
        name: "other modes",
        make: |repo| {
            harbor_log("staging")(harbor_log("production")(repo)).stage("staging", |s| {
                s.revision("harbor_log", "1.2.0", |r| r.set_file_modes(EXECUTABLE))
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [5, 4, 1, 0, 0],
        findings: &["info mode-only harbor_log 1.2.0 staging - file_count=3 winner=production"],
    },
    Row {
        name: "a file changed, one added, one removed; and a third copy equal to the first",
        make: |repo| {
            let repo = harbor_log("snapshot")(harbor_log("production")(repo));
            repo.stage("staging", |s| {
                s.revision("harbor_log", "1.2.0", |r| {
                    r.manifest()
                        .file("changelog.yml", "- other\n")
                        .file("b/c", "")
                        .file("b/a", "")
                        .remove("docs/README.md")
                })
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [6, 4, 2, 0, 0],
        findings: &[
            concat!(
                r#"conflict content-conflict harbor_log 1.2.0 staging - added=["b/a","b/c"] "#,
                "changed=[\"changelog.yml\"] class=behaviour ",
                "diff=--- production/changelog.yml\n+++ staging/changelog.yml\n@@ -1 +1 @@\n-- first\n+- other\n ",
                r#"removed=["docs/README.md"] winner=production"#,
            ),
            "info identical-copy harbor_log 1.2.0 snapshot - winner=production",
        ],
    },
    Row {
        name: "line endings only; and a documentation file that is too long to be compared or shown",
        make: |repo| {
            let text = |r: RevisionDraft, text: &str| r.manifest().file("fields.yml", text);
            let long =
                |r: RevisionDraft, byte| r.manifest().file("docs/x", vec![byte; (1 << 20) + 1]);
            repo.stage("production", |s| {
                s.revision("harbor_log", "1.1.0", |r| text(r, "- a\n")).revision(
                    "harbor_log",
                    "1.2.0",
                    |r| long(r, b'a'),
                )
            })
            .stage("snapshot", |s| {
                s.revision("harbor_log", "1.1.0", |r| text(r, "- a\r\n")).revision(
                    "harbor_log",
                    "1.2.0",
                    |r| long(r, b'b'),
                )
            })
        },
        archives: &["+harbor_log-1.1.0", "+harbor_log-1.2.0"],
        balance: [7, 5, 2, 0, 0],
        findings: &[
            concat!(
                r#"conflict content-conflict harbor_log 1.1.0 snapshot - added=[] changed=["fields.yml"] "#,
                "class=line-endings ",
                "diff=--- production/fields.yml\n+++ snapshot/fields.yml\n@@ -1 +1 @@\n-- a\n+- a\\r\n ",
                "removed=[] winner=production",
            ),
            concat!(
                r#"conflict content-conflict harbor_log 1.2.0 snapshot - added=[] changed=["docs/x"] "#,
                "class=metadata ",
                "diff=... 1 more changed, not shown: not text, too long, unreadable, or after the first 3\n ",
                "removed=[] winner=production",
            ),
        ],
    },
    Row {
        name: "markers, wherever they are",
        make: |repo| {
            let marker = |stage: &'static str, name: &'static str, version: &'static str| {
                move |repo: V1Repo| {
                    repo.stage(stage, |s| s.revision(name, version, RevisionDraft::manifest))
                }
            };
            let repo = marker("production", "production", "0.0.1")(repo);
            let repo = marker("staging", "production", "0.0.1")(repo);
            let repo = marker("staging", "staging", "0.0.1")(repo);
            marker("snapshot", "snapshot", "no version")(repo)
        },
        archives: &[],
        balance: [7, 3, 0, 4, 0],
        findings: &[
            "info marker-package production 0.0.1 production -",
            "info marker-package production 0.0.1 staging -",
            "info marker-package snapshot no version snapshot -",
            "info marker-package staging 0.0.1 staging -",
        ],
    },
    Row {
        name: "entries other than folders, among packages and among versions",
        make: |repo| {
            repo.stage("staging", |s| {
                s.file("packages/notes.txt", "")
                    .symlink("packages/newest", "fog_horn")
                    .submodule("packages/module")
                    .raw_entry("packages", "odd", 0o010_644, "")
                    .raw_entry("packages", b"\xff\n", FILE, "")
                    .file("packages/fog_horn/notes.txt", "")
                    .symlink("packages/fog_horn/newest", "0.9.0")
                    .submodule("packages/fog_horn/module")
                    .file_with_mode("packages/fog_horn/1.0.0", EXECUTABLE, "a version, but a file")
            })
        },
        archives: &[],
        balance: [3, 3, 0, 0, 0],
        findings: &[
            "warning stray-entry - - staging \\xff\\n entry_kind=file",
            "warning stray-entry - - staging module entry_kind=submodule",
            "warning stray-entry - - staging newest entry_kind=symlink",
            "warning stray-entry - - staging notes.txt entry_kind=file",
            "warning stray-entry - - staging odd entry_kind=unknown",
            "warning stray-entry fog_horn - staging fog_horn/1.0.0 entry_kind=file",
            "warning stray-entry fog_horn - staging fog_horn/module entry_kind=submodule",
            "warning stray-entry fog_horn - staging fog_horn/newest entry_kind=symlink",
            "warning stray-entry fog_horn - staging fog_horn/notes.txt entry_kind=file",
        ],
    },
    Row {
        name: "a stage without packages",
        make: |repo| {
            repo.stage("staging", |s| s.remove("packages/fog_horn").file("packages/.gitkeep", ""))
                .stage("snapshot", |s| s.remove("packages").file("README.md", ""))
        },
        archives: &["-buoy-0.3.0", "-fog_horn-0.9.0"],
        balance: [1, 1, 0, 0, 0],
        findings: &[
            "warning empty-stage - - staging -",
            "warning empty-stage - - snapshot -",
            "warning stray-entry - - staging .gitkeep entry_kind=file",
        ],
    },
    Row {
        name: "a local branch that is behind",
        make: |repo| {
            let behind = repo.commit_id("staging");
            let ahead = repo.stage("staging", |s| s.file("README.md", "newer"));
            let ahead_id = ahead.commit_id("staging");
            let level_id = ahead.commit_id("production");
            ahead
                .set_ref("refs/heads/staging", behind)
                .set_ref("refs/remotes/origin/staging", ahead_id)
                .set_ref("refs/remotes/origin/production", level_id)
                .set_ref("refs/remotes/upstream/production", ahead_id)
        },
        archives: &[],
        balance: [3, 3, 0, 0, 0],
        findings: &[concat!(
            "warning stale-branch - - staging - other=refs/remotes/origin/staging ",
            "other_commit=eefa4553f2559f9d9e842f137b3336451ce294ee ",
            "read=refs/heads/staging read_commit=fe69b812f596f51eb5e12bfa78a431de39f02169"
        )],
    },
    Row {
        name: "invalid package names",
        make: |repo| {
            let names: [&[u8]; 6] =
                [b"Lighthouse", b"fog-horn", b"b\xc3\xbcy", b"bu\xffy", b"buoy.old", b"bu\noy"];
            let repo = names
                .into_iter()
                .fold(repo, |repo, name| revision_at(repo, "production", name, b"1.0.0"));
            revision_at(repo, "staging", b"Lighthouse", b"1.1.0")
        },
        archives: &[],
        balance: [10, 3, 0, 0, 7],
        findings: &[
            bad_name!("Lighthouse 1.0.0 production"),
            bad_name!("Lighthouse 1.1.0 staging"),
            bad_name!("bu\\noy 1.0.0 production"),
            bad_name!("bu\\xffy 1.0.0 production"),
            bad_name!("buoy.old 1.0.0 production"),
            bad_name!("b\u{fc}y 1.0.0 production"),
            bad_name!("fog-horn 1.0.0 production"),
        ],
    },
    Row {
        name: "invalid versions",
        make: |repo| {
            let versions: [&[u8]; 8] = [
                b"1.0",
                b"v1.0.0",
                b"01.0.0",
                b"1.0.0-01",
                b"1.0.0-a_b",
                b" 1.0.0",
                b"\xff",
                b"1.0.0\\",
            ];
            versions
                .into_iter()
                .fold(repo, |repo, version| revision_at(repo, "production", b"b", version))
        },
        archives: &[],
        balance: [11, 3, 0, 0, 8],
        findings: &[
            bad_version!(" 1.0.0"),
            bad_version!("01.0.0"),
            bad_version!("1.0"),
            bad_version!("1.0.0-01"),
            bad_version!("1.0.0-a_b"),
            bad_version!("1.0.0\\\\"),
            bad_version!("\\xff"),
            bad_version!("v1.0.0"),
        ],
    },
    Row {
        name: "two folders with the same name",
        make: |repo| {
            let version_id = repo.object_id("production", "packages/lighthouse/1.0.0");
            let package_id = repo.object_id("production", "packages/lighthouse");
            repo.stage("snapshot", |s| {
                s.raw_entry_to("packages/harbor_log", "1.2.0", FOLDER, version_id)
                    .raw_entry_to("packages/harbor_log", "1.2.0", FOLDER, version_id)
                    .raw_entry_to("packages", "tide_gauge", FOLDER, package_id)
                    .raw_entry_to("packages", "tide_gauge", FOLDER, package_id)
            })
        },
        archives: &[],
        balance: [7, 3, 0, 0, 4],
        findings: &[
            "blocker path-collision harbor_log 1.2.0 snapshot - alike=same",
            "blocker path-collision harbor_log 1.2.0 snapshot - alike=same",
            "blocker path-collision tide_gauge 1.0.0 snapshot - alike=same",
            "blocker path-collision tide_gauge 1.0.0 snapshot - alike=same",
        ],
    },
];

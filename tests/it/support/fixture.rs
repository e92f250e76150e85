//! The sources of `fixtures/v1-repo`: one small v1 repository with one copy for every case.
//!
//! `COPIES` is the overview; below it are the contents of each package. All of it is made up. After a
//! change here, the folder must be refreshed (see `fixtures/README.md`). For a case that only
//! one test needs, build a repository with `v1_repo` instead.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::v1_repo::{EXECUTABLE, RevisionDraft, StageDraft, V1Repo};

/// Each copy at the stages' tips as (stage, name, version, purpose).
pub(crate) const COPIES: [(&str, &str, &str, &str); 18] = [
    ("production", "beacon", "1.1.0", "same as in snapshot; a path with spaces and brackets"),
    ("production", "buoy", "2.0.0", "an empty file, CRLF lines, no final line end"),
    ("production", "ferry_fleet", "0.1.7", "a dotfile"),
    ("production", "harbor_log", "1.2.0", "conflict with staging"),
    ("production", "lighthouse", "1.0.0", "same in all three stages"),
    ("production", "tide_gauge", "0.3.0", "same as in staging but for the modes: all 100755"),
    ("snapshot", "beacon", "1.1.0", "same as in production"),
    ("snapshot", "beacon", "2.0.0-rc1", "a prerelease with release: ga, only here"),
    ("snapshot", "lighthouse", "1.0.0", "same in all three stages"),
    ("snapshot", "rusty_anchor", "0.1.0", "a manifest that is not YAML"),
    ("snapshot", "snapshot", "0.0.1", "marker"),
    ("snapshot", "tide_gauge", "0.10.0", "only here; newer than 0.3.0 although it sorts before it"),
    ("staging", "drift_net", "1.0.0", "a manifest with version 1.0.1"),
    ("staging", "fog_horn", "0.9.0", "only here"),
    ("staging", "harbor_log", "1.2.0", "conflict: a file changed, one added, one removed"),
    ("staging", "lighthouse", "1.0.0", "same in all three stages"),
    ("staging", "staging", "0.0.1", "marker"),
    ("staging", "tide_gauge", "0.3.0", "same as in production but for the modes: all 100644"),
];

/// Returns the folder of the fixture: a read-only bare repository as plain files. With `REFRESH_GOLDEN=1`
/// in the environment it is rebuilt first; only once, so that no test reads half of it.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1-repo");
        if env::var_os("REFRESH_GOLDEN").is_some_and(|value| value == "1") {
            if path.exists() {
                fs::remove_dir_all(&path).expect("remove the old fixture");
            }
            build(&path);
        }
        path
    });
    &FOLDER
}

/// Builds the fixture in `path`, where a test may change it.
pub(crate) fn build(path: &Path) -> V1Repo {
    V1Repo::create(path)
        .stage("production", |s| {
            stage_top(s, "production").revision("lantern", "0.1.0", RevisionDraft::manifest)
        })
        .stage("production", |s| {
            s.remove("packages/lantern") // Withdrawn: in the history, but not at the tip.
                .file(
                    "packages/README.md",
                    "One folder a package, one folder a version.\n",
                )
                .revision("beacon", "1.1.0", beacon)
                .revision("buoy", "2.0.0", buoy)
                .revision("ferry_fleet", "0.1.7", ferry_fleet)
                .revision("harbor_log", "1.2.0", harbor_log)
                .revision("lighthouse", "1.0.0", lighthouse)
                .revision("tide_gauge", "0.3.0", |r| {
                    tide_gauge(r).set_file_modes(EXECUTABLE)
                })
        })
        .stage("staging", |s| {
            stage_top(s, "staging")
                .revision("drift_net", "1.0.0", drift_net)
                .revision("fog_horn", "0.9.0", RevisionDraft::manifest)
                .revision("harbor_log", "1.2.0", harbor_log_in_staging)
                .revision("lighthouse", "1.0.0", lighthouse)
                .revision("staging", "0.0.1", RevisionDraft::manifest)
                .revision("tide_gauge", "0.3.0", tide_gauge)
        })
        .stage("snapshot", |s| {
            stage_top(s, "snapshot")
                .revision("beacon", "1.1.0", beacon)
                .revision("beacon", "2.0.0-rc1", beacon)
                .revision("lighthouse", "1.0.0", lighthouse)
                .revision("rusty_anchor", "0.1.0", rusty_anchor)
                .revision("snapshot", "0.0.1", RevisionDraft::manifest)
                .revision("tide_gauge", "0.10.0", tide_gauge)
        })
}

/// Adds the files of a branch outside of its packages.
fn stage_top(stage: StageDraft, name: &str) -> StageDraft {
    stage
        .file("README.md", format!("# Packages of the harbor\n\nThis is the stage {name}.\n"))
        .file("Dockerfile", format!("FROM scratch\nCOPY packages /packages/{name}\n"))
}

fn beacon(revision: RevisionDraft) -> RevisionDraft {
    revision
        .manifest_with(
            "release: ga\n\
             screenshots:\n\
             \x20 - src: /img/[Metrics Beacon] Overview.png\n\
             \x20   title: How often the beacon flashed\n\
             \x20   type: image/png\n",
        )
        .file(
            "img/[Metrics Beacon] Overview.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\x01not a picture\xff\xfe",
        )
        .file("data_stream/flashes/manifest.yml", "title: Flashes\ntype: metrics\n")
        .file("data_stream/flashes/fields/base-fields.yml", BASE_FIELDS)
}

fn buoy(revision: RevisionDraft) -> RevisionDraft {
    revision
        .manifest_with("conditions:\n  kibana.version: ^8.2.0\nowner:\n  github: example/harbor\n")
        .file("NOTICE.txt", "")
        .file("data_stream/waves/manifest.yml", "title: Waves\ntype: logs\n")
        .file("data_stream/waves/fields/base-fields.yml", BASE_FIELDS)
        .file(
            "data_stream/waves/elasticsearch/ingest_pipeline/default.yml",
            "description: Reads a line of the buoy.\r\nprocessors:\r\n  - lowercase:\r\n      field: message\r\n",
        )
        .file("kibana/dashboard/buoy-waves.json", r#"{"attributes":{"title":"Waves"}}"#)
}

fn drift_net(revision: RevisionDraft) -> RevisionDraft {
    revision.manifest().file(
        "manifest.yml",
        "format_version: 1.0.0\nname: drift_net\ntitle: drift net\nversion: 1.0.1\n\
         description: Says another version than its folder.\ntype: integration\n",
    )
}

fn ferry_fleet(revision: RevisionDraft) -> RevisionDraft {
    revision
        .manifest_with("release: experimental\n")
        .file("elasticsearch/ilm_policy/.fleet-actions.json", "{\"policy\":{\"phases\":{}}}\n")
}

fn harbor_log(revision: RevisionDraft) -> RevisionDraft {
    revision
        .manifest()
        .file("NOTICE.txt", "Kept by the harbor master.\n")
        .file("data_stream/arrivals/manifest.yml", "title: Arrivals\ntype: logs\n")
        .file("data_stream/arrivals/fields/base-fields.yml", BASE_FIELDS)
}

fn harbor_log_in_staging(revision: RevisionDraft) -> RevisionDraft {
    harbor_log(revision)
        .file("data_stream/arrivals/manifest.yml", "title: Arrivals by day\ntype: logs\n")
        .file("data_stream/arrivals/sample_event.json", "{\"message\":\"gull 7 moored\"}\n")
        .remove("NOTICE.txt")
}

fn lighthouse(revision: RevisionDraft) -> RevisionDraft {
    revision
        .manifest_with("release: ga\nicons:\n  - src: /img/lighthouse.svg\n")
        .file("changelog.yml", "- version: 1.0.0\n  changes:\n    - description: First light.\n")
        .file("img/lighthouse.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n")
}

fn rusty_anchor(revision: RevisionDraft) -> RevisionDraft {
    revision.manifest().file(
        "manifest.yml",
        "format_version: 1.0.0\nname: rusty_anchor\ntitle: \"rusty anchor\nversion: 0.1.0\n",
    )
}

fn tide_gauge(revision: RevisionDraft) -> RevisionDraft {
    revision
        .manifest_with("release: beta\n")
        .file("data_stream/level/manifest.yml", "title: Level\ntype: metrics\n")
        .file("data_stream/level/fields/base-fields.yml", BASE_FIELDS)
        .file("data_stream/level/agent/stream/stream.yml.hbs", "period: {{period}}\n")
}

/// The same bytes in several packages, as in real packages.
const BASE_FIELDS: &str = "- name: data_stream.type\n  type: constant_keyword\n\
                           - name: data_stream.dataset\n  type: constant_keyword\n\
                           - name: data_stream.namespace\n  type: constant_keyword\n\
                           - name: '@timestamp'\n  type: date\n";

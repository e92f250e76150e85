//! `verify` accepts archives that other tools made from checkouts.
//!
//! Each case is a flat folder of archives made by one tool. `zip_reader` tests single archives.

use std::fs;
use std::path::Path;

use crate::support::others::MAKERS;
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;

/// The revisions; `files` returns their files besides the manifest and the readme.
const REVISIONS: [(&str, &str); 3] =
    [("buoy", "1.0.0"), ("buoy", "1.1.0-beta.1"), ("reef_2", "0.3.0")];

fn files(version: &str) -> Vec<(String, Vec<u8>)> {
    let noise = (0..40_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        (format!("kibana/search/Logs of {version}.json"), b"{\"title\": \"sea\"}\n".repeat(400)),
        ("img/[Logs] noise.png".to_owned(), noise),
        ("data_stream/log/fields/base-fields.yml".to_owned(), b"- name: sea\n".to_vec()),
        ("data_stream/log/empty.yml".to_owned(), Vec::new()),
    ]
}

/// Creates the v1 repository, and checks it out in `work`.
fn v1_and_checkouts(work: &Path) -> std::path::PathBuf {
    let repo = work.join("v1");
    V1Repo::create(&repo).stage("production", |mut stage| {
        for (name, version) in REVISIONS {
            stage = stage.revision(name, version, |mut revision| {
                revision = revision.manifest();
                for (path, bytes) in files(version) {
                    revision = revision.file(path, bytes);
                }
                revision
            });
        }
        stage
    });
    let checkout = git2::Repository::open(&repo).expect("open v1");
    let tip = checkout.revparse_single("refs/heads/production:packages").expect("the packages");
    tip.as_tree()
        .expect("a folder")
        .walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            let Some(blob) = entry.to_object(&checkout).ok().and_then(|o| o.into_blob().ok())
            else {
                return git2::TreeWalkResult::Ok;
            };
            let mut parts = folder.splitn(3, '/');
            let (name, version) = (parts.next().expect("a name"), parts.next().expect("a version"));
            let below = parts.next().expect("a folder");
            let file = work
                .join(format!("{name}-{version}"))
                .join(below)
                .join(entry.name().expect("a name in UTF-8"));
            fs::create_dir_all(file.parent().expect("a folder")).expect("make a folder");
            fs::write(file, blob.content()).expect("write a file");
            git2::TreeWalkResult::Ok
        })
        .expect("walk the tree");
    repo
}

#[test]
fn archives_of_other_tools_match() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let repo = v1_and_checkouts(work.path());
    let v2 = work.path().join("v2");
    for maker in MAKERS {
        fs::create_dir_all(&v2).expect("make a folder");
        let mut is_unavailable = false;
        for (name, version) in REVISIONS {
            let root = format!("{name}-{version}");
            match maker.make_of(work.path(), &root) {
                Some(bytes) => fs::write(v2.join(format!("{root}.zip")), bytes).expect("write"),
                None => is_unavailable = true,
            }
        }
        if is_unavailable {
            continue;
        }
        for depth in ["entries", "content"] {
            let row = format!("{}, {depth}", maker.command);
            let ran = Tool::bare().arg("verify").arg(&repo).arg("--v2").arg(&v2);
            let ran = ran.args(&format!("--exact --stages production --depth {depth} --report -"));
            let report = ran.run().expect_code(0, &row).json();
            assert_eq!(report["counts"]["revisions"]["good"], 3, "{row}");
            assert_eq!(report["counts"]["files_compared"], 3 * 6, "{row}");
            assert_eq!(report["mismatches"].as_array().map(Vec::len), Some(0), "{row}");
        }
    }
}

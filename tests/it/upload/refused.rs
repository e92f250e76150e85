//! What is refused before the first request, and the flags that say otherwise.

use std::fs;
use std::path::Path;

use package_storage_migrate::v2::store::bucket::StoreKind::S3;

use super::{LANTERN, THREE, counts, serve, tool, upload};
use crate::support::bucket_server::Store;
use crate::support::fixture;
use crate::support::keys;
use crate::support::tool::Tool;

/// Copies an output folder, so that it can be changed.
fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy(from, to.path());
    to
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

#[test]
fn files_that_are_not_those_of_the_plan_are_refused() {
    type Edit = fn(&Path);
    let rows: [(&str, Edit, &str, &str); 6] = [
        ("missing", |file| fs::remove_file(file).unwrap(), "", "does not exist"),
        ("empty", |file| fs::write(file, "").unwrap(), "", "has 0 bytes, and"),
        (
            "a folder",
            |file| {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
            },
            "",
            "is not a file",
        ),
        ("no plan", |file| fs::remove_file(root(file).join("plan.json")).unwrap(), "", "plan.json"),
        (
            "no report",
            |file| fs::remove_file(root(file).join("report.json")).unwrap(),
            "",
            "report.json",
        ),
        (
            "other bytes of the same length",
            |file| {
                let mut bytes = fs::read(file).unwrap();
                bytes[50] ^= 1;
                fs::write(file, bytes).unwrap();
            },
            "--check-files",
            "has another SHA-256 than planned",
        ),
    ];
    let store = Store::new(S3);
    let server = serve(&store);
    for (what, edit, args, expected) in rows {
        let folder = copied(&THREE.path());
        edit(&folder.path().join(LANTERN));
        let ran = tool(folder.path(), &store, &server).args(args).run().expect_code(3, what);
        assert!(ran.stderr.contains(expected), "{what}: {ran}");
        assert_eq!(server.requests().len(), 0, "{what}");
    }
}

fn root(file: &Path) -> &Path {
    file.ancestors().nth(3).unwrap()
}

/// Without `--check-files`, other bytes are found while they are sent, and never stored.
#[test]
fn other_bytes_are_never_stored() {
    let folder = copied(&THREE.path());
    let file = folder.path().join(LANTERN);
    let mut bytes = fs::read(&file).unwrap();
    bytes[50] ^= 1;
    fs::write(&file, bytes).unwrap();
    let store = Store::new(S3);
    let server = serve(&store);
    let (ran, report) = upload(folder.path(), &store, &server, "");
    let ran = ran.expect_code(3, "other bytes");
    assert_eq!(counts(&report), [10, 0, 0, 1, 3], "{ran}");
    assert!(ran.stderr.contains("SHA-256 differs"), "{ran}");
    assert!(
        store.keys().iter().all(|key| !key.contains("lantern-1.0.0.zip")),
        "{:?}",
        store.keys()
    );
}

#[test]
fn unfinished_plans_are_refused_unless_a_flag_allows_them() {
    let scratch = tempfile::tempdir().unwrap();
    let migrate = |name: &str, args: &str| {
        let folder = scratch.path().join(name);
        Tool::migrate(fixture::folder()).output(&folder).args(args).args("--fail-on never").run();
        folder
    };
    let blocked = migrate("blocked", "");
    let shard = migrate("shard", "--shard 1/2 --exclude drift_net,rusty_anchor");
    let unsigned = migrate("unsigned", "--exclude drift_net,rusty_anchor");
    let rows = [
        (&blocked, "", "open blockers", "--allow-blockers"),
        (&shard, "", "the plan is that of shard 1/2", "--allow-shard"),
        (&unsigned, "--layout queue", "have no signature, which a queue requires", ""),
    ];
    for (folder, args, expected, flag) in rows {
        let store = Store::new(S3);
        let server = serve(&store);
        let ran = tool(folder, &store, &server).args(args).run().expect_code(3, expected);
        assert!(ran.stderr.contains(expected), "{ran}");
        assert!(ran.stderr.contains(flag), "{ran}");
        assert_eq!(server.requests().len(), 0, "{expected}");
        if !flag.is_empty() {
            let (ran, report) = upload(folder, &store, &server, flag);
            ran.expect_code(0, flag);
            assert!(counts(&report)[0] > 3, "{report}");
        }
    }
}

/// A plan whose signatures only a dry run has planned.
#[test]
fn pending_signatures_are_left_out_on_request() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("v2");
    let args = "--exclude drift_net,rusty_anchor --resources archives,static";
    let migrate = || Tool::migrate(fixture::folder()).args(args);
    migrate().output(&folder).run().expect_code(0, "migrate");
    let plan = migrate().args("--dry-run --sign-key").arg(keys::secret("ed25519"));
    let plan = plan.arg("--plan").arg(folder.join("plan.json"));
    plan.arg("--report").arg(folder.join("report.json")).run().expect_code(0, "a dry run");

    let store = Store::new(S3);
    let server = serve(&store);
    let ran = tool(&folder, &store, &server).run().expect_code(3, "pending");
    assert!(ran.stderr.contains("signatures do not exist yet"), "{ran}");
    assert!(ran.stderr.contains("--allow-pending"), "{ran}");
    assert_eq!(server.requests().len(), 0);
    let (ran, report) = upload(&folder, &store, &server, "--allow-pending");
    ran.expect_code(0, "--allow-pending");
    let archive_count = report["counts"]["by_kind"]["archive"]["created"].as_u64().unwrap();
    let [created, there, conflict, failed, withheld] = counts(&report);
    assert!(archive_count > 5 && created > archive_count, "{report}");
    assert_eq!([there, conflict, failed, withheld], [0, 0, 0, archive_count]);
    assert_eq!(report["notices"][0]["signature_count"], archive_count);
    assert!(store.keys().iter().all(|key| !key.ends_with(".sig")), "{:?}", store.keys());
}

/// Joined shards are uploaded from their folders.
#[test]
fn the_joined_plan_of_shards_is_uploaded() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = |name: &str| scratch.path().join(name);
    for shard in ["1/2", "2/2"] {
        let run = Tool::migrate(fixture::folder()).output(folder(&shard[..1]));
        let run = run.args("--exclude drift_net,rusty_anchor --shard").arg(shard).run();
        run.expect_code(0, shard);
    }
    let merge = Tool::bare().arg("merge-plans").arg(folder("1")).arg(folder("2"));
    merge.output(folder("whole")).run().expect_code(0, "merge-plans");
    let store = Store::new(S3);
    let server = serve(&store);
    let upload = |args: &[&str]| {
        let mut run = tool(&folder("1"), &store, &server).arg(folder("2"));
        for arg in args {
            run = run.arg(arg);
        }
        run.run()
    };
    let ran = upload(&[]).expect_code(2, "without --plan");
    assert!(ran.stderr.contains("several folders need --plan"), "{ran}");
    let plan = folder("whole").join("plan.json");
    upload(&["--plan", plan.to_str().unwrap()]).expect_code(0, "the joined plan");
    let text = fs::read_to_string(plan).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(store.keys().len(), plan["uploads"].as_array().unwrap().len());
}

#[test]
fn an_invalid_command_line_is_refused() {
    let rows = [
        ("--to v2", "expected gs://, s3:// or az://"),
        ("--to https://example.org/", "expected gs://, s3:// or az://"),
        ("--to gs://", "expected the name of a bucket"),
        ("--to gs://bkt --internal /tmp", "expected gs://, s3:// or az://"),
        ("--to gs://bkt --layout flat", "expected bucket or queue"),
        ("--to gs://bkt --rate 0/s", "expected a number of requests per second"),
        ("--to gs://bkt --rate 5/m", "expected a number of requests per second"),
        ("--to gs://bkt --fail-on failed", "expected conflict or never"),
        ("--to gs://bkt --jobs 0", "expected a number from 1 to 1024"),
        ("--to gs://bkt --plan whole.json", "expected a file named plan.json"),
        ("--to gs://bkt --cache-control \u{e9}", "expected one line of ASCII"),
        ("", "--to"),
    ];
    for (args, expected) in rows {
        let run = Tool::bare().arg("upload").arg(THREE.path()).args(args).run();
        let ran = run.expect_code(2, args);
        assert!(ran.stderr.contains(expected), "{args}: {ran}");
    }
}

//! `upload` and `verify` against real servers: those in `STORES`, URLs of buckets separated by spaces; without it, nothing.
//!
//! `.ci/stores` starts three of them. Each test works below a new prefix, and leaves its objects there.

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use package_storage_migrate::digest::ObjectDigests;
use package_storage_migrate::v2::store::bucket::{
    Access, Bucket, BucketUrl, Environment, NewObject, Replacement,
};
use package_storage_migrate::v2::store::http::Limits;
use serde_json::Value;

use super::verified::{
    CACHE_CONTROL, assert_stated_as_uploaded, assert_stated_changes_found, run, stated_changes,
};
use super::{LANTERN, THREE, checked, counts, outcome};
use crate::stores::create;
use crate::support::bucket_server::Stored;
use crate::support::tool::{Ran, Tool};

/// The first letters of the variables that access to stores is configured by.
const VARIABLES: &[&str] = &["AWS_", "AZURE_", "STORAGE_", "GOOGLE_", "CLOUDSDK_"];

fn stores() -> Vec<String> {
    let run = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_nanos();
    let urls = env::var("STORES").unwrap_or_default();
    urls.split_whitespace()
        .map(|url| format!("{}/upload {run}", url.trim_end_matches('/')))
        .collect()
}

/// The folder to upload: `UPLOAD_FOLDER`, made by `migrate`, or a small one.
fn folder() -> PathBuf {
    env::var_os("UPLOAD_FOLDER").map_or_else(|| THREE.path(), PathBuf::from)
}

fn with_environment(mut tool: Tool) -> Tool {
    for (name, value) in env::vars() {
        if VARIABLES.iter().any(|start| name.starts_with(start)) {
            tool = tool.env(&name, value);
        }
    }
    tool
}

fn tool(folder: &Path, url: &str) -> Tool {
    with_environment(Tool::bare().arg("upload").arg(folder).arg("--to").arg(url))
}

fn open(url: &BucketUrl) -> Bucket {
    let environment = Environment::of_process();
    Bucket::open(url, &environment, Access::default(), Limits::default()).unwrap()
}

fn upload(folder: &Path, url: &str, args: &str) -> (Ran, Value) {
    let ran = tool(folder, url).args("--report -").args(args).run();
    let report = checked(&ran, url);
    (ran, report)
}

#[test]
fn up_again_and_verified() {
    for url in stores() {
        let folder = folder();
        let (ran, dry) = upload(&folder, &url, "--dry-run");
        ran.expect_code(0, &url);
        let (ran, report) = upload(&folder, &url, "");
        ran.expect_code(0, &url);
        let count = counts(&report)[0];
        assert!(count > 10, "{url}");
        assert_eq!(counts(&report), [count, 0, 0, 0, 0], "{url}");
        assert_eq!(report["objects"], dry["objects"], "{url}");
        assert_eq!(report["requests"], dry["requests"], "{url}");
        let (ran, report) = upload(&folder, &url, "");
        ran.expect_code(0, &url);
        assert_eq!(counts(&report), [0, count, 0, 0, 0], "{url}");
        assert_eq!(report["counts"]["all"]["created_bytes"], 0, "{url}");
        for depth in ["listing", "entries", "content"] {
            let v1 = folder.parent().expect("a parent").join("v1.git");
            let verify = Tool::bare().arg("verify").arg(v1).arg("--v2").arg(&url);
            let verify = with_environment(verify).arg("--plan").arg(folder.join("plan.json"));
            let ran = verify.args("--exact --depth").arg(depth).run();
            ran.expect_code(0, &url);
        }
    }
}

/// The URLs at which everyone can read the buckets in `STORES`: those in `STORE_ENDPOINTS`, in the same order.
#[test]
fn served_to_everyone() {
    let endpoints = env::var("STORE_ENDPOINTS").unwrap_or_default();
    for (url, endpoint) in stores().into_iter().zip(endpoints.split_whitespace()) {
        let prefix = url.rsplit('/').next().expect("a prefix").replace(' ', "%20");
        let args = format!("--endpoint {endpoint}/{prefix}/");
        let (ran, report) = upload(&THREE.path(), &url, &args);
        ran.expect_code(0, &url);
        assert_eq!(report["endpoint"]["objects"].as_array().expect("a list").len(), 4, "{url}");
        let verify = Tool::bare().arg("verify").arg(THREE.v1()).arg("--v2").arg(&url);
        let verify = with_environment(verify).args("--depth listing --report -").args(&args);
        let report = verify.run().expect_code(0, &url).json();
        assert_eq!(report["endpoint"]["objects"].as_array().expect("a list").len(), 4, "{url}");
        // Another prefix, in which there is nothing.
        let other = format!("--endpoint {endpoint}/other/");
        let (ran, report) = upload(&THREE.path(), &url, &other);
        ran.expect_code(1, &url);
        let code = &report["endpoint"]["objects"][0]["mismatch"]["code"];
        // Without the right to list, S3 does not say what is missing.
        assert!(["endpoint-missing", "endpoint-refused"].iter().any(|one| code == one), "{report}");
    }
}

#[test]
fn a_conflict_stays() {
    for url in stores() {
        let bucket = open(&url.parse().unwrap());
        let created = create(&bucket, LANTERN, b"another archive");
        assert_eq!(created, "created", "{url}");
        let (ran, report) = upload(&THREE.path(), &url, "");
        ran.expect_code(1, &url);
        assert_eq!(counts(&report), [10, 0, 1, 0, 3], "{url}");
        assert_eq!(outcome(&report, LANTERN), "conflict other-bytes", "{url}");
        assert_eq!(bucket.read(LANTERN, 1000).unwrap().unwrap().1, b"another archive", "{url}");
    }
}

/// Writes an object again with the same bytes, and other properties.
fn change(bucket: &Bucket, key: &str, edit: fn(&mut Stored)) {
    let (entry, bytes) = bucket.read(key, 1 << 20).unwrap().unwrap();
    let mut stored = Stored {
        bytes,
        content_type: entry.content_type.unwrap(),
        cache_control: entry.cache_control.unwrap_or_default(),
        ..Stored::default()
    };
    edit(&mut stored);
    let Stored { bytes, content_type, cache_control, .. } = &stored;
    let object = NewObject {
        key,
        digests: &ObjectDigests::of(bytes),
        content_type,
        cache_control: Some(cache_control.as_str()).filter(|text| !text.is_empty()),
        content: &bytes.as_slice(),
    };
    let replacement = bucket.replace(&object, entry.revision.as_ref());
    assert!(matches!(replacement, Replacement::Replaced), "{key}: {replacement:?}");
}

/// The changes of the stand-ins' test, in the same table, as the servers themselves list and state them.
#[test]
fn what_a_store_states_about_each_kind_of_object_is_compared() {
    for url in stores() {
        let bucket_url: BucketUrl = url.parse().unwrap();
        upload(&THREE.path(), &url, CACHE_CONTROL).0.expect_code(0, &url);
        let verify = |args: &str| {
            let tool = Tool::bare().arg("verify").arg(THREE.v1()).arg("--v2").arg(&url);
            run(with_environment(tool), args)
        };
        assert_stated_as_uploaded(bucket_url.kind(), &verify);
        let bucket = open(&bucket_url);
        for (key, edit) in stated_changes() {
            change(&bucket, &key, edit);
        }
        assert_stated_changes_found(bucket_url.kind(), &verify);
    }
}

#[test]
fn two_at_once_end_as_one() {
    for url in stores() {
        let runs = [(); 2].map(|()| tool(&THREE.path(), &url).args("--report -").start());
        let count = THREE.uploads().len() as u64;
        for run in runs {
            let report = checked(&run.wait().expect_code(0, &url), &url);
            let [created, there, ..] = counts(&report);
            assert_eq!(created + there, count, "{url}");
        }
    }
}

/// Killed after twenty different times.
#[test]
fn killed_twenty_times() {
    for url in stores() {
        for number in 0..20 {
            let url = format!("{url}/{number}");
            let mut running = tool(&THREE.path(), &url).args("--jobs 2").start();
            let start = std::time::Instant::now();
            running.runs_until(|| start.elapsed() >= Duration::from_millis(10 + 4 * number));
            running.signal("KILL");
            running.wait();
            let (ran, report) = upload(&THREE.path(), &url, "");
            ran.expect_code(0, &url);
            let [created, there, ..] = counts(&report);
            assert_eq!((created + there) as usize, THREE.uploads().len(), "{url}");
        }
    }
}

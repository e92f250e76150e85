//! Plans with signatures: their order, rejected plans, and merging.

use std::fs;

use package_storage_migrate::model::plan::Plan;

use crate::support::v1_repo::V1Repo;

use super::*;

/// Returns the text of a plan of the fixture with all signatures.
fn signed_plan() -> String {
    let dir = tempfile::tempdir().unwrap();
    signed_run(dir.path());
    text(dir.path(), "plan.json")
}

#[test]
fn a_plan_with_misplaced_signatures_is_rejected() {
    type Sabotage = fn(&mut Vec<Value>);
    let plan = signed_plan();
    let rows: [(&str, Sabotage, &str); 8] = [
        ("before its archive", |uploads| uploads.swap(2, 3), "is out of order in the uploads"),
        ("first of all", |uploads| drop(uploads.remove(0)), "is out of order in the uploads"),
        ("after another archive", |uploads| uploads.swap(1, 3), "is out of order in the uploads"),
        (
            "archives out of order",
            |uploads| uploads.rotate_left(2),
            "is out of order in the uploads",
        ),
        (
            "twice",
            |uploads| uploads.insert(1, uploads[1].clone()),
            "is out of order in the uploads",
        ),
        ("one less than counted", |uploads| drop(uploads.remove(1)), "the counts of signatures"),
        (
            "under another name",
            |uploads| uploads[1]["key"] = json!("artifacts/packages/x.zip.sig"),
            "is not the key of the signature",
        ),
        (
            "without one digest",
            |uploads| drop(uploads[1].as_object_mut().unwrap().remove("md5")),
            "some of size, sha256, md5 and crc32c",
        ),
    ];
    let read = Plan::from_json(&plan).unwrap();
    assert_eq!(read.to_json().unwrap(), plan);
    for (row, sabotage, said) in rows {
        let mut sabotaged: Value = serde_json::from_str(&plan).unwrap();
        sabotage(sabotaged["uploads"].as_array_mut().unwrap());
        let error = Plan::from_json(&sabotaged.to_string()).expect_err(row).to_string();
        assert!(error.contains(said), "{row}: {error}");
    }
    for field in ["\"signs\"", "\"made\"", "\"content_type\":\"application/pgp-signature\",\"key\""]
    {
        let more = plan.replacen(field, &format!("\"more\":1,{field}"), 1);
        let error = Plan::from_json(&more).expect_err(field).to_string();
        assert!(error.contains("unknown field `more`"), "{field}: {error}");
    }
}

/// `+` and `-` sort before `.`, so sorting by key would separate an archive from its signature.
#[test]
fn a_signature_follows_its_archive_for_all_versions() {
    let dir = tempfile::tempdir().unwrap();
    let versions = ["1.0.0-b", "1.0.0-b.zip", "1.0.0-b.zip+c", "1.0.0-b.zip-c"];
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        versions.iter().fold(s, |s, version| s.revision("buoy", version, |r| r.manifest()))
    });
    let output = dir.path().join("v2");
    let tool = Tool::migrate(repo.path()).args("--stages production").output(&output);
    with_key(tool, "ed25519").run().expect_code(0, "odd versions");
    let plan = text(&output, "plan.json");
    assert_eq!(Plan::from_json(&plan).unwrap().to_json().unwrap(), plan);
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let uploads = v2::signed_uploads(&plan);
    assert_eq!(uploads.len(), 2 * versions.len());
    for pair in uploads.chunks(2) {
        assert_eq!(pair[1]["signs"], pair[0]["key"]);
    }
}

#[test]
fn parts_are_merged_with_their_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name);
    let whole = folder("whole");
    fs::create_dir_all(whole.join(ARCHIVES)).unwrap();
    for index in ["1", "2", "3"] {
        let tool = migrate(&folder(index)).args("--shard").arg(format!("{index}/3"));
        tool.run();
        with_key(sign(&folder(index)), "ed25519").run().expect_code(0, index);
        for (name, bytes) in v2::archives(&folder(index)) {
            fs::write(whole.join(ARCHIVES).join(name), bytes).unwrap();
        }
    }
    let tool = migrate(&whole).arg("--public-key").arg(public("ed25519"));
    let ran = tool.run().expect_code(EXIT_CODE, "one run over everything");
    assert!(ran.stderr.contains("9 of 9: 0 made, 9 kept\n"), "{ran}");

    let merge = || {
        let tool = Tool::bare().arg("merge-plans").output(folder("joined"));
        ["2", "3", "1"].iter().fold(tool, |tool, name| tool.arg(folder(name))).run()
    };
    let ran = merge().expect_code(EXIT_CODE, "joined");
    assert!(ran.stderr.contains("\nSigned    9 of 9\n"), "{ran}");
    for name in ["plan.json", "report.json", "report.md"] {
        assert_eq!(text(&folder("joined"), name), text(&whole, name), "{name}");
    }

    // One part is not signed.
    fs::remove_dir_all(folder("2")).unwrap();
    migrate(&folder("2")).args("--shard 2/3").run();
    let before = v2::stamps(&folder("joined"));
    let ran = merge().expect_code(3, "half signed");
    assert!(ran.stderr.contains("has signatures, and"), "{ran}");
    assert!(ran.stderr.contains("hint: sign the other parts too"), "{ran}");
    assert_eq!(v2::stamps(&folder("joined")), before);

    // A report whose signatures do not match its plan.
    with_key(sign(&folder("2")), "ed25519").run().expect_code(0, "2");
    let report = folder("2").join("report.json");
    let original = fs::read_to_string(&report).unwrap();
    for (row, lie) in [("none", r#""pending":1"#), ("two", r#""archives":1"#)] {
        let (field, _) = lie.split_once(':').unwrap();
        let at = original.find(field).unwrap();
        let end = at + original[at..].find(',').unwrap();
        fs::write(&report, format!("{}{lie}{}", &original[..at], &original[end..])).unwrap();
        merge().expect_code(3, row);
    }
}

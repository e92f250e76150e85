//! Static resources in the output folder: one file for all objects with the same bytes, what a second run
//! keeps, and what is never replaced.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{StageDraft, V1Repo};
use crate::support::v2::{self, STATICS};

/// Number of static resources of [`build`], and of distinct files among them.
const COUNTS: (usize, usize) = (20, 10);

/// Two packages whose revisions share files, within a package, between packages, and between a static
/// resource and another file.
fn build(path: &Path) -> V1Repo {
    V1Repo::create(path).stage("production", |s| {
        let shared = |s: StageDraft, name: &str| {
            ["1.0.0", "1.1.0", "2.0.0"].iter().fold(s, |s, version| {
                s.revision(name, version, |r| {
                    r.manifest()
                        .file("img/logo.svg", "<svg/>")
                        .file("kibana/logo.svg", "<svg/>")
                        .file(format!("img/{name}.png"), format!("of all revisions of {name}"))
                })
            })
        };
        let s = ["beacon", "buoy"].into_iter().fold(s, shared);
        s.revision("buoy", "1.0.0", |r| {
            r.file("docs/first.md", "only here").file("docs/again.md", "only here")
        })
    })
}

fn migrate(repo: &V1Repo, output: &Path) -> Tool {
    Tool::migrate(repo.path()).args("--stages production").output(output)
}

fn places(output: &Path) -> Vec<PathBuf> {
    v2::statics(output).into_keys().map(|key| output.join(key)).collect()
}

#[test]
fn each_distinct_file_is_written_once() {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(&dir.path().join("v1"));
    for jobs in ["1", "4"] {
        let output = dir.path().join(jobs);
        let ran = migrate(&repo, &output).args("--jobs").arg(jobs).run().expect_code(0, jobs);
        let (count, distinct) = COUNTS;
        let said = format!("\nStatic    {count} of {count} in {}", output.display());
        assert!(ran.stderr.contains(&said), "{ran}");
        let found = v2::statics(&output);
        assert_eq!(found.len(), count);
        assert_eq!(found.values().collect::<BTreeSet<_>>().len(), distinct);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let inode = |path: &PathBuf| fs::metadata(path).unwrap().ino();
            let inodes: BTreeSet<u64> = places(&output).iter().map(inode).collect();
            assert_eq!(inodes.len(), distinct, "{jobs} jobs");
        }
        let left = fs::read_dir(output.join(STATICS)).unwrap();
        assert_eq!(left.count(), 6, "nothing but the folders of the revisions");
    }
    assert_eq!(v2::tree(&dir.path().join("1")), v2::tree(&dir.path().join("4")));
}

#[test]
fn a_second_run_keeps_every_object_and_makes_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(&dir.path().join("v1"));
    let output = dir.path().join("v2");
    migrate(&repo, &output).run().expect_code(0, "first");
    let (tree, stamps) = (v2::tree(&output), v2::stamps(&output.join(STATICS)));
    let files = |stamps: &std::collections::BTreeMap<String, _>| -> Vec<(String, u64)> {
        let files = stamps.iter().filter(|(path, _)| tree[&format!("{STATICS}/{path}")].is_some());
        files.map(|(path, stamp): (&String, &(u64, _, u64))| (path.clone(), stamp.0)).collect()
    };
    let second = migrate(&repo, &output).run().expect_code(0, "second");
    assert!(second.stderr.contains(": 0 written, 20 kept\n"), "{second}");
    assert_eq!(v2::stamps(&output.join(STATICS)), stamps);

    // All objects of one file, one of several, and the only one.
    let gone = [
        "beacon-1.0.0/img/beacon.png",
        "beacon-1.1.0/img/beacon.png",
        "beacon-2.0.0/img/beacon.png",
        "buoy-1.1.0/img/logo.svg",
        "buoy-2.0.0/docs/README.md",
    ];
    for path in gone {
        fs::remove_file(output.join(STATICS).join(path)).unwrap();
    }
    // What a killed run leaves: kept files, and a copy in the making.
    let left = output.join(STATICS).join(".package-storage-migrate-aB3xYz.tmp");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("0000"), "half").unwrap();
    fs::write(output.join(STATICS).join(".package-storage-migrate-0.tmp"), "half").unwrap();
    let preview = migrate(&repo, &output).arg("--dry-run").run().expect_code(0, "preview");
    assert!(preview.stderr.contains("a run would write 5 into"), "{preview}");
    assert!(left.exists(), "a dry run changes nothing");
    let third = migrate(&repo, &output).run().expect_code(0, "third");
    assert!(third.stderr.contains(": 5 written, 15 kept\n"), "{third}");
    assert_eq!(v2::tree(&output), tree);
    let kept = |files: Vec<(String, u64)>| -> Vec<_> {
        files.into_iter().filter(|(path, _)| !gone.contains(&path.as_str())).collect()
    };
    let after = v2::stamps(&output.join(STATICS));
    assert_eq!(kept(files(&after)), kept(files(&stamps)), "no other object was written anew");
}

/// What lies at an object's place; made from the bytes that belong there.
type Obstacle = (&'static str, fn(&Path, &[u8]));

const OBSTACLES: [Obstacle; 8] = [
    ("an empty file", |at, _| fs::write(at, "").unwrap()),
    ("as many other bytes", |at, right| fs::write(at, vec![b'x'; right.len()]).unwrap()),
    ("a byte less", |at, right| fs::write(at, &right[..right.len() - 1]).unwrap()),
    ("a byte more", |at, right| fs::write(at, [right, b"x"].concat()).unwrap()),
    ("a folder", |at, _| fs::create_dir(at).unwrap()),
    ("a link to a file of somebody else", |at, _| {
        let other = at.ancestors().nth(6).unwrap().join("other");
        fs::write(&other, "other").unwrap();
        fs::hard_link(other, at).unwrap();
    }),
    #[cfg(unix)]
    ("a symlink to other bytes", |at, _| std::os::unix::fs::symlink("/etc/hostname", at).unwrap()),
    #[cfg(unix)]
    ("a symlink to nothing", |at, _| std::os::unix::fs::symlink("nowhere", at).unwrap()),
];

#[test]
fn other_bytes_at_an_objects_place_are_never_replaced() {
    let root = tempfile::tempdir().unwrap();
    let repo = build(&root.path().join("v1"));
    let whole = root.path().join("whole");
    migrate(&repo, &whole).run().expect_code(0, "an empty folder");
    let expected = v2::statics(&whole);
    // One of several objects with the same bytes, so that a run links right beside it.
    let key = format!("{STATICS}/buoy-1.1.0/img/logo.svg");
    for (row, put) in OBSTACLES {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("v2");
        let at = output.join(&key);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        put(&at, &expected[&key]);
        let before = v2::stamps(dir.path());
        let said = format!(
            "error: {} already exists with different content, and was not replaced",
            at.display()
        );
        let preview = migrate(&repo, &output).arg("--dry-run").run().expect_code(3, row);
        assert!(preview.stderr.contains(&said), "{row}: {preview}");
        assert_eq!(v2::stamps(dir.path()), before, "{row}");

        let ran = migrate(&repo, &output).run().expect_code(3, row);
        assert!(ran.stderr.contains(&said), "{row}: {ran}");
        assert!(ran.stderr.contains("\nStatic    19 of 20 in "), "{row}: {ran}");
        assert!(ran.stderr.contains(": 19 written, 0 kept, 1 refused"), "{row}: {ran}");
        let after = v2::stamps(dir.path());
        let place = format!("v2/{key}");
        assert_eq!(after[&place].0, before[&place].0, "{row}");
        assert_eq!(after[&place].2, before[&place].2, "{row}");
        if let Ok(other) = fs::read_to_string(dir.path().join("other")) {
            assert_eq!(other, "other", "{row}");
        }
        let remove = if at.is_dir() { fs::remove_dir } else { fs::remove_file };
        remove(&at).unwrap();
        let mut right = v2::tree(&whole);
        right.remove(&key);
        assert!(
            v2::tree(&output) == right,
            "{row}: all else is as it should be, plan and reports included"
        );
    }
}

#[test]
fn objects_that_are_not_in_the_plan_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(&dir.path().join("v1"));
    let output = dir.path().join("v2");
    migrate(&repo, &output).run().expect_code(0, "first");
    let statics = output.join(STATICS);
    fs::create_dir_all(statics.join("lantern-0.1.0/docs")).unwrap();
    fs::write(statics.join("lantern-0.1.0/docs/README.md"), "older").unwrap();
    fs::write(statics.join("buoy-1.0.0/no\u{1b}tes.txt"), "by hand").unwrap();
    let said = format!(
        "not in this plan, but in {}/: buoy-1.0.0/no\\x1btes.txt, lantern-0.1.0/docs/README.md\n",
        statics.display()
    );
    for (flags, is_said) in
        [("", true), ("--quiet", true), ("--dry-run", true), ("--resources archives", false)]
    {
        let ran = migrate(&repo, &output).args(flags).run().expect_code(0, flags);
        assert_eq!(ran.stderr.contains(&said), is_said, "{flags}: {ran}");
    }
    // A static resource does not stand for an archive of the same name.
    let archives = output.join(v2::ARCHIVES);
    fs::write(archives.join("README.md"), "by hand").unwrap();
    let ran = migrate(&repo, &output).run().expect_code(0, "an archive");
    assert!(ran.stderr.contains(&format!("{}/: README.md\n", archives.display())), "{ran}");
}

#[test]
fn a_folder_in_the_way_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (row, file) in [
        ("a", "a/artifacts/static"),
        ("b", "b/artifacts/static/lighthouse-1.0.0"),
        ("c", "c/artifacts/static/lighthouse-1.0.0/img"),
    ] {
        fs::create_dir_all(at(file).parent().unwrap()).unwrap();
        fs::write(at(file), "in the way").unwrap();
        let ran = Tool::migrate(fixture::folder()).output(at(row)).run().expect_code(3, file);
        assert!(ran.stderr.contains(&format!("{}", at(file).display())), "{file}: {ran}");
        assert_eq!(fs::read(at(file)).unwrap(), b"in the way", "{file}");
        assert!(!at(row).join("plan.json").exists(), "{file}");
    }
}

/// Without archives, exactly what would be beside them is made.
#[test]
fn either_kind_is_made_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name);
    let run = |name: &str, flags: &str| {
        Tool::migrate(fixture::folder()).args(flags).output(folder(name)).run()
    };
    run("both", "").expect_code(1, "both");
    let ran = run("archives", "--resources archives").expect_code(1, "archives");
    assert!(!folder("archives").join(STATICS).exists());
    assert!(!ran.stderr.contains("\nStatic "), "{ran}");
    let ran = run("static", "--resources static").expect_code(1, "static");
    assert!(!ran.stderr.contains("\nArchives "), "{ran}");
    assert_eq!(v2::archives(&folder("static")).len(), 0);
    assert_eq!(v2::statics(&folder("static")), v2::statics(&folder("both")));
    assert_eq!(v2::archives(&folder("archives")), v2::archives(&folder("both")));
    let [both, statics, archives] = ["both", "static", "archives"].map(|name| {
        let json = |file: &str| v2::json(&folder(name).join(file));
        (json("plan.json"), json("report.json"))
    });
    assert_eq!(v2::uploads(&statics.0, "static"), v2::uploads(&both.0, "static"));
    assert_eq!(v2::uploads(&archives.0, "archive"), v2::uploads(&both.0, "archive"));
    assert_eq!(statics.1["findings"], both.1["findings"]);
    assert_eq!(statics.1["balance"], both.1["balance"]);
}

/// A store or a file system would refuse them, and with them the whole run.
#[test]
fn files_whose_keys_are_too_long_stay_in_the_archive_alone() {
    let dir = tempfile::tempdir().unwrap();
    // `artifacts/static/buoy-1.0.0/` has 28 bytes.
    let folders = |count: usize| format!("docs/{}", "ab/".repeat(count));
    let long = |len: usize| format!("{}{}", folders(300), "x".repeat(len - 28 - 5 - 900));
    let name = |len: usize| format!("img/{}", "y".repeat(len));
    let paths = [(long(1024), true), (long(1025), false), (name(255), true), (name(256), false)];
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        s.revision("buoy", "1.0.0", |r| {
            paths.iter().fold(r.manifest(), |r, (path, _)| r.file(path, "bytes"))
        })
    });
    let output = dir.path().join("v2");
    migrate(&repo, &output).run().expect_code(0, "warnings");
    let found = v2::statics(&output);
    for (path, is_made) in &paths {
        let key = format!("{STATICS}/buoy-1.0.0/{path}");
        assert_eq!(found.contains_key(&key), *is_made, "{} bytes", key.len());
    }
    let report = v2::json(&output.join("report.json"));
    let lines = v2::findings(&report);
    let told = |path: &str, key_len: usize, name_len: usize| {
        format!(
            "warning key-too-long buoy 1.0.0 production {path} key_len={key_len} name_len={name_len}"
        )
    };
    let path = &paths[1].0;
    assert!(lines.contains(&told(path, 1025, 92)), "{lines:?}");
    assert!(lines.contains(&told(&paths[3].0, 288, 256)), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.contains("key-too-long")).count(), 2);
}

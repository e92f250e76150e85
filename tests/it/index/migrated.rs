//! The index that `migrate` makes: the same as from its archives, in a dry run, from shards, and with signatures.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::fixture;
use crate::support::keys::secret;
use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::V1Repo;
use crate::support::v2::{self, json, tree, uploads};

/// The exit code of `migrate`: two revisions of the fixture are broken on purpose.
const EXIT_CODE: i32 = 1;
/// The newest commit of the fixture, and of all repositories with commits of the first day only.
const CURSOR: &str = "1577836800";
const METADATA: &str = "v2/metadata";

fn migrate(output: &Path) -> Tool {
    Tool::migrate(fixture::folder()).output(output)
}

fn index_path(folder: &Path) -> PathBuf {
    folder.join(METADATA).join(CURSOR).join("search-index-all.json")
}

/// The index that `index` makes from the archives of a folder.
fn from_archives(folder: &Path) -> String {
    let ran = Tool::on("index", folder).args("--cursor 1 --output - --quiet").run();
    String::from_utf8(ran.expect_code(0, "index").stdout).unwrap()
}

/// Asserts that the files of the index are those of the plan, which has them last, in the order of publishing.
fn assert_planned(folder: &Path) -> Vec<String> {
    let plan = json(&folder.join("plan.json"));
    let all = plan["uploads"].as_array().unwrap();
    let is_of_index =
        |upload: &&Value| ["index", "delta", "cursor"].contains(&upload["kind"].as_str().unwrap());
    let kinds: Vec<String> =
        all.iter().filter(is_of_index).map(|upload| upload["kind"].to_string()).collect();
    for (upload, kind) in all[all.len() - kinds.len()..].iter().zip(&kinds) {
        assert_eq!(upload["kind"].to_string(), *kind, "the last uploads");
        assert_eq!(upload["content_type"], "application/json");
        assert_eq!(upload["key"], upload["file"]);
        let bytes = fs::read(folder.join(upload["file"].as_str().unwrap())).unwrap();
        assert_eq!(upload["size"], bytes.len());
        let digest = package_storage_migrate::digest::Sha256::of(&bytes);
        assert_eq!(upload["sha256"], digest.to_string());
    }
    let report = json(&folder.join("report.json"));
    assert_eq!(report["index"], plan["index"]);
    kinds.iter().map(|kind| kind.trim_matches('"').to_owned()).collect()
}

#[test]
fn the_index_is_that_of_the_archives_and_a_dry_run_plans_the_same() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    let ran = migrate(folder).run().expect_code(EXIT_CODE, "a run");
    assert!(ran.stderr.contains(&format!("\nIndex     9 entries at {CURSOR} (")), "{ran}");
    let index = fs::read_to_string(index_path(folder)).unwrap();
    assert_eq!(index, from_archives(folder));
    assert_eq!(assert_planned(folder), ["index", "cursor"]);
    let cursor = fs::read_to_string(folder.join(METADATA).join("cursor.json")).unwrap();
    assert_eq!(cursor, format!("{{\"current\":\"{CURSOR}\"}}\n"));

    let dry = Tool::migrate(fixture::folder()).args("--dry-run --quiet --plan - --jobs 1").run();
    let plan = fs::read(folder.join("plan.json")).unwrap();
    assert!(dry.expect_code(EXIT_CODE, "a dry run").stdout == plan, "the plan of a dry run");
    // Without archives, from the same files.
    let alone = TempDir::new().unwrap();
    let ran = migrate(alone.path()).args("--resources index").run();
    ran.expect_code(EXIT_CODE, "only the index");
    assert_eq!(fs::read_to_string(index_path(alone.path())).unwrap(), index);
    assert!(v2::archives(alone.path()).is_empty());
    // And not at all.
    let none = TempDir::new().unwrap();
    let ran = migrate(none.path()).args("--resources archives,static").run();
    let ran = ran.expect_code(EXIT_CODE, "no index");
    assert!(!ran.stderr.contains("\nIndex "), "{ran}");
    assert!(!none.path().join("v2").exists());
    assert!(json(&none.path().join("plan.json")).get("index").is_none());
}

#[test]
fn another_cursor_can_be_set() {
    let output = TempDir::new().unwrap();
    let run = |args: &str| migrate(output.path()).args(args).run();
    run("--cursor night-1").expect_code(EXIT_CODE, "another cursor");
    assert!(output.path().join(METADATA).join("night-1/search-index-all.json").exists());
    assert_eq!(json(&output.path().join(METADATA).join("cursor.json"))["current"], "night-1");
    for args in ["--cursor ../a", "--cursor 1 --resources archives", "--base-cursor 1"] {
        run(args).expect_code(2, args);
    }
}

/// Temporary files are removed wherever an index is written.
#[test]
fn a_killed_run_leaves_only_what_the_next_one_removes() {
    let output = TempDir::new().unwrap();
    let leftover = |below: &str| {
        let path = output.path().join(below).join(".package-storage-migrate-x.tmp");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "half").unwrap();
        path
    };
    let places = [METADATA, "v2/metadata/1577836800", "v2/metadata/1"];
    type Run = fn(&Path) -> Ran;
    let runs: [Run; 4] = [
        |folder| migrate(folder).run(),
        |folder| Tool::on("index", folder).args("--cursor 2").run(),
        |folder| {
            Tool::bare().arg("sign").arg(folder).arg("--sign-key").arg(secret("ed25519")).run()
        },
        |folder| {
            let (first, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
            migrate(first.path()).run();
            let from = Tool::on("index", first.path()).args("--cursor 2").output(folder).run();
            drop(other);
            from
        },
    ];
    for run in runs {
        let paths = places.map(leftover);
        let ran = run(output.path());
        assert!([Some(0), Some(EXIT_CODE)].contains(&ran.code), "{ran}");
        for path in paths {
            assert!(!path.exists(), "{}: {ran}", path.display());
        }
    }
}

#[test]
fn signatures_are_in_the_index_whenever_they_are_made() {
    let (at_once, later) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let sign = |tool: Tool| tool.arg("--sign-key").arg(secret("ed25519"));
    sign(migrate(at_once.path())).run().expect_code(EXIT_CODE, "signed at once");
    let index = fs::read_to_string(index_path(at_once.path())).unwrap();
    assert_eq!(index.matches("\"signature_path\":\"/epr/").count(), 9, "{index}");
    assert_eq!(index, from_archives(at_once.path()));

    // A dry run plans them as well, although the signatures have other bytes each time.
    let dry = sign(Tool::migrate(fixture::folder())).args("--dry-run --quiet --plan -").run();
    let dry: Value = dry.expect_code(EXIT_CODE, "a dry run").json();
    let plan = json(&at_once.path().join("plan.json"));
    for kind in ["index", "cursor"] {
        assert_eq!(uploads(&dry, kind), uploads(&plan, kind));
    }

    migrate(later.path()).run().expect_code(EXIT_CODE, "unsigned");
    let unsigned = fs::read_to_string(index_path(later.path())).unwrap();
    assert!(!unsigned.contains("signature_path"));
    let again = || sign(Tool::bare().arg("sign").arg(later.path())).run();
    again().expect_code(0, "signed later");
    assert_eq!(fs::read_to_string(index_path(later.path())).unwrap(), index);
    assert_eq!(assert_planned(later.path()), ["index", "cursor"]);
    // A run that was killed between the index and the plan: the index is ahead.
    let unsigned_plan = migrate_plan_without_signatures();
    for (name, text) in &unsigned_plan {
        fs::write(later.path().join(name), text).unwrap();
    }
    again().expect_code(0, "signed again");
    assert_eq!(assert_planned(later.path()), ["index", "cursor"]);
    assert_eq!(fs::read_to_string(index_path(later.path())).unwrap(), index);
    // An index of another run is not touched.
    fs::write(index_path(later.path()), "{\"packages\":[]}").unwrap();
    let ran = again().expect_code(3, "another index");
    assert!(ran.stderr.contains("missing or different from the plan"), "{ran}");
}

/// Plan and report of an unsigned run.
fn migrate_plan_without_signatures() -> [(&'static str, String); 2] {
    let output = TempDir::new().unwrap();
    migrate(output.path()).run().expect_code(EXIT_CODE, "unsigned");
    ["plan.json", "report.json"]
        .map(|name| (name, fs::read_to_string(output.path().join(name)).unwrap()))
}

#[test]
fn imported_signatures_are_in_the_index() {
    let (output, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let sign = |tool: Tool| tool.arg("--sign-key").arg(secret("ed25519"));
    migrate(output.path()).run().expect_code(EXIT_CODE, "unsigned");
    sign(migrate(other.path())).run().expect_code(EXIT_CODE, "signed elsewhere");
    let one = v2::archives(other.path()).into_iter().find(|(name, _)| name.ends_with(".sig"));
    let (name, bytes) = one.unwrap();
    let from = TempDir::new().unwrap();
    fs::write(from.path().join(&name), bytes).unwrap();
    let import = Tool::bare().args("signatures import").arg(output.path()).arg("--from");
    let import = import.arg(from.path()).arg("--public-key");
    import.arg(crate::support::keys::public("ed25519")).run().expect_code(1, "one of nine");
    let index = fs::read_to_string(index_path(output.path())).unwrap();
    assert_eq!(index.matches("signature_path").count(), 1, "{index}");
    assert_eq!(index, from_archives(output.path()));
    assert_eq!(assert_planned(output.path()), ["index", "cursor"]);
}

#[test]
fn parts_are_joined_to_the_index_of_the_whole() {
    let whole = TempDir::new().unwrap();
    migrate(whole.path()).run().expect_code(EXIT_CODE, "the whole");
    let parts: Vec<TempDir> = (1..=3).map(|_| TempDir::new().unwrap()).collect();
    let mut merge = Tool::bare().arg("merge-plans");
    for (number, part) in (1..).zip(&parts) {
        let ran = migrate(part.path()).arg("--shard").arg(format!("{number}/3")).run();
        assert!([Some(0), Some(EXIT_CODE)].contains(&ran.code), "{ran}");
        let files: Vec<String> = tree(&part.path().join(METADATA))
            .into_keys()
            .filter(|path| path.contains('.'))
            .collect();
        let name = format!("{CURSOR}/search-index-all.part-{number}-of-3.json");
        assert_eq!(files, [name], "no registry reads it, and there is no cursor");
        assert_eq!(assert_planned(part.path()), [""; 0]);
        merge = merge.arg(part.path());
    }
    let joined = TempDir::new().unwrap();
    merge.output(joined.path()).run().expect_code(EXIT_CODE, "the parts");
    for file in ["plan.json", "report.json", "v2/metadata/cursor.json"] {
        let [one, other] = [&whole, &joined].map(|dir| fs::read_to_string(dir.path().join(file)));
        assert_eq!(one.unwrap(), other.unwrap(), "{file}");
    }
    let [one, other] = [&whole, &joined].map(|dir| fs::read(index_path(dir.path())).unwrap());
    assert!(one == other, "the index");

    // A part that was changed is not joined.
    let part =
        parts[0].path().join(METADATA).join(CURSOR).join("search-index-all.part-1-of-3.json");
    fs::write(part, "{\"packages\":[]}").unwrap();
    let merge =
        parts.iter().fold(Tool::bare().arg("merge-plans"), |tool, dir| tool.arg(dir.path()));
    let ran = merge.args("--plan -").run().expect_code(3, "a changed part");
    assert!(ran.stderr.contains("missing or different from the plan"), "{ran}");
}

/// A random package: lines of its manifest, and files.
fn package() -> impl Strategy<Value = (Vec<&'static str>, Vec<&'static str>)> {
    let lines = vec![
        "conditions.kibana.version: ^8.0.0\n",
        "categories: [cloud, web]\n",
        "vars: [{name: a, type: text, default: [1, 2.50, {b.c: x}]}]\n",
        "policy_templates: [{name: p, title: P, description: D, inputs: [{type: logfile, title: T}]}]\n",
        "icons: [{src: /img/a.svg}]\n",
        "license: gold\n",
        "release: ga\n",
    ];
    let files = vec![
        "data_stream/a/manifest.yml",
        "data_stream/a.b/manifest.yml",
        "data_stream/a/elasticsearch/ingest_pipeline/default.yml",
        "docs/p.md",
        "img/a.svg",
        "img/[a] b.png",
        "kibana/dashboard/x/y/z.json",
        "a.b/c",
        "a/c",
    ];
    (proptest::sample::subsequence(lines, 0..=7), proptest::sample::subsequence(files, 0..=9))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn random_packages_have_the_same_entries_from_git_and_from_archives(
        packages in proptest::collection::vec(package(), 1..6),
    ) {
        let dir = TempDir::new().unwrap();
        let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
            packages.iter().zip(0..).fold(s, |s, ((lines, files), patch)| {
                s.revision("pier", &format!("0.{patch}.0"), |r| {
                    let r = r.manifest_with(&lines.concat()).file("img/a.svg", "<svg/>");
                    files.iter().fold(r, |r, path| {
                        r.file(*path, match path.ends_with("manifest.yml") {
                            true => "type: logs\ntitle: A\nstreams: [{input: logfile, title: T}]\n",
                            false => "- {}\n",
                        })
                    })
                })
            })
        });
        let output = dir.path().join("v2");
        let args = "--stages production --fail-on never --registry 1.16.3";
        let ran = Tool::migrate(repo.path()).args(args).output(&output).run();
        let ran = ran.expect_code(0, "random packages");
        let index = fs::read_to_string(index_path(&output)).unwrap();
        prop_assert_eq!(index.lines().count(), packages.len() + 2, "{}", ran);
        prop_assert_eq!(index, from_archives(&output));
    }
}

//! Shards: the shard of a package is stable, all shards together are the whole, and parts that do not
//! belong together are rejected. The parts are real runs over the fixture, some of them modified.

use std::sync::atomic::AtomicBool;

use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::plan::Plan;
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::{Resource, Resources};
use package_storage_migrate::model::scope::{Scope, Unpromoted};
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::ops::merge_plans::{MergeError, Part, merge};
use package_storage_migrate::ops::migrate::{GoneNames, Options, migrate};
use package_storage_migrate::report::migration;
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::folder::Preview;

use crate::support::fixture;
use crate::support::tool::Tool;

fn shard(text: &str) -> Shard {
    text.parse().expect("a shard")
}

/// Returns the plan and the report of one shard's run over the fixture.
fn part(text: &str) -> Part {
    part_of(text, Scope::default())
}

/// The same with a scope.
fn part_of(text: &str, scope: Scope) -> Part {
    let stages = Stage::ALL.map(|stage| StageRequest { stage, pinned: None });
    let options = Options {
        stages: stages.to_vec(),
        remote: "origin".to_owned(),
        shard: shard(text),
        scope,
        resources: Resources::default(),
        base: None,
        gone_names: GoneNames::Refused,
        cursor: None,
        resolutions: Resolutions::default(),
        validator: None,
        registry: RegistryRelease::NEWEST,
        kibana_versions: vec!["8.5.3".parse().expect("a version")],
        jobs: 1,
    };
    let never = AtomicBool::new(false);
    let outcome =
        migrate(fixture::folder(), &options, &Preview::new(None), &Silent, &never).expect("a run");
    Part { name: format!("part {text}"), plan: outcome.plan, report: outcome.report }
}

fn parts(count: u32) -> Vec<Part> {
    (1..=count).map(|index| part(&format!("{index}/{count}"))).collect()
}

#[test]
fn shards_are_parsed() {
    for text in ["1/1", "1/2", "2/2", "10000/10000"] {
        assert_eq!(shard(text).to_string(), text);
    }
    for text in
        ["", "1", "/", "0/1", "2/1", "0/0", "1/0", "-1/2", "1/2/3", "1/10001", "a/b", "1 /2"]
    {
        assert!(text.parse::<Shard>().is_err(), "{text:?}");
    }
    assert!(serde_json::from_str::<Shard>(r#"{"index":3,"count":2}"#).is_err());
}

#[test]
fn a_package_is_in_exactly_one_shard_and_always_the_same() {
    for count in [1, 2, 3, 7, 100] {
        for name in ["nginx", "aws", "", "snapshot", "Not-A-Name"] {
            let holders = (1..=count)
                .filter(|index| shard(&format!("{index}/{count}")).contains(name.as_bytes()));
            assert_eq!(holders.count(), 1, "{name} of {count}");
        }
    }
    // `printf nginx | sha256sum` begins with 5be1ecc7935f1dd8, which is 0 modulo 8 and 8 modulo 10.
    for (text, expected) in [("1/8", true), ("2/8", false), ("9/10", true), ("1/10", false)] {
        assert_eq!(shard(text).contains(b"nginx"), expected, "{text}");
    }
}

/// Everything except the packages that match `glob`.
fn scope(glob: &str) -> Scope {
    let exclude = [glob.parse().expect("a glob")].into();
    Scope { exclude, unpromoted: Unpromoted::Exclude, ..Scope::default() }
}

#[test]
fn all_shards_together_are_the_whole_run() {
    for scope in [Scope::default(), scope("buoy")] {
        let whole = part_of("1/1", scope.clone());
        for count in [1, 2, 3, 16] {
            let shards = (1..=count).rev();
            let shards = shards.map(|index| part_of(&format!("{index}/{count}"), scope.clone()));
            let (plan, report) = merge(shards.collect()).expect("they belong together");
            assert_eq!(plan, whole.plan, "{count} shards of {scope}");
            assert_eq!(report, whole.report, "{count} shards of {scope}");
        }
    }
}

#[test]
fn plan_and_report_are_read_back_as_they_were_written() {
    let parts = [part("1/1"), part("2/3"), part_of("1/1", scope("buoy"))];
    for Part { plan, report, .. } in parts {
        assert_eq!(Plan::from_json(&plan.to_json().unwrap()).unwrap(), plan);
        assert_eq!(
            migration::json::parse(&migration::json::render(&report).unwrap()).unwrap(),
            report
        );
    }
    let newer = part("1/1").plan.to_json().unwrap();
    let newer = newer.replace("\"schema_version\": 4", "\"schema_version\": 5");
    let error = Plan::from_json(&newer).expect_err("another form").to_string();
    assert_eq!(error, "unsupported schema version 5, expected 4");
}

#[test]
fn the_fuzzer_seeds_are_valid() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/plan");
    for (name, is_plan) in [("shard.json", true), ("every-finding.json", false)] {
        let text = std::fs::read_to_string(format!("{seeds}/{name}")).unwrap();
        if is_plan {
            let read = Plan::from_json(&text).expect(name);
            assert_eq!(Plan::from_json(&read.to_json().unwrap()).expect(name), read);
        } else {
            let read = migration::json::parse(&text).expect(name);
            assert_eq!(
                migration::json::parse(&migration::json::render(&read).unwrap()).expect(name),
                read
            );
        }
    }
}

#[test]
fn unknown_schema_versions_and_fields_are_rejected() {
    let Part { plan, report, .. } = part("1/1");
    let (plan, report) = (plan.to_json().unwrap(), migration::json::render(&report).unwrap());
    let older = report.replace("\"schema_version\": 4", "\"schema_version\": 1");
    let older = older.replace("{\"marker\":2,\"scope\":0,\"unpromoted\":0}", "2");
    let error = migration::json::parse(&older).expect_err("another form").to_string();
    assert_eq!(error, "unsupported schema version 1, expected 4");

    let fields = [
        "\n  \"schema_version\"",
        "\"stages\"",
        "\"copies\"",
        "\"marker\"",
        "\"severity\"",
        "\"winner\"",
        "\"size\"",
        "\"fingerprint\"",
        "\"path\"",
        "\"objects\"",
    ];
    for field in fields {
        let more = |text: &str| text.replacen(field, &format!("\"more\":1,{field}"), 1);
        for (text, is_read) in [
            (&plan, Plan::from_json(&more(&plan)).is_ok()),
            (&report, migration::json::parse(&more(&report)).is_ok()),
        ] {
            assert_eq!(is_read, !text.contains(field), "{field}");
        }
    }
}

#[test]
fn parts_that_do_not_belong_together_are_rejected() {
    type Sabotage = fn(&mut Vec<Part>);
    let foreign = |what| MergeError::Foreign {
        part: "part 2/2".to_owned(),
        first: "part 1/2".to_owned(),
        what,
    };
    let rows: [(&str, Sabotage, MergeError); 22] = [
        ("none", |parts| parts.clear(), MergeError::Empty),
        ("a gap", |parts| drop(parts.pop()), MergeError::Gap { index: 2, count: 2 }),
        (
            "a gap at the start",
            |parts| drop(parts.remove(0)),
            MergeError::Gap { index: 1, count: 2 },
        ),
        ("twice", |parts| parts.push(parts[0].clone()), MergeError::Twice(shard("1/2"))),
        ("another count", |parts| parts[1] = part("2/3"), {
            let part = "part 2/3".to_owned();
            MergeError::Foreign { part, first: "part 1/2".to_owned(), what: "number of shards" }
        }),
        (
            "another version of Kibana",
            |parts| {
                let view = parts[1].report.visibility.views.last_mut().expect("a view");
                view.kibana = Some("8.5.4".parse().expect("a version"));
            },
            foreign("Kibana versions"),
        ),
        (
            "another commit",
            |parts| {
                parts[1].plan.source.stages[0].commit = "0".repeat(40);
                parts[1].report.source.stages[0].commit = "0".repeat(40);
            },
            foreign("source"),
        ),
        (
            "another clone",
            |parts| parts[1].report.source.stages[0].reference = "refs/heads/x".to_owned(),
            foreign("ref in this clone"),
        ),
        (
            "another engine",
            |parts| parts[1].plan.archive_engine.fingerprint.push('x'),
            foreign("archive engine"),
        ),
        (
            "another version of the tool",
            |parts| {
                parts[1].plan.tool.version.push('x');
                parts[1].report.tool.version.push('x');
            },
            foreign("tool"),
        ),
        ("another scope", |parts| parts[1] = part_of("2/2", scope("beacon")), foreign("scope")),
        (
            "a plan with another scope than its report",
            |parts| {
                parts[1] = part_of("2/2", scope("beacon"));
                parts[1].plan.scope = Scope::default();
            },
            MergeError::Torn("part 2/2".to_owned()),
        ),
        (
            "another release of the registry",
            |parts| {
                let old = "1.15.0".parse().unwrap();
                (parts[1].plan.registry, parts[1].report.registry) = (old, old);
            },
            foreign("release of the registry"),
        ),
        (
            "a plan that hides its release of the registry",
            |parts| parts[1].report.registry = "1.15.0".parse().unwrap(),
            MergeError::Torn("part 2/2".to_owned()),
        ),
        (
            "the report of another run",
            |parts| parts[1].report.source.stages[0].commit = "0".repeat(40),
            MergeError::Torn("part 2/2".to_owned()),
        ),
        (
            "a missing archive",
            |parts| drop(parts[1].plan.uploads.remove(0)),
            MergeError::Balance("part 2/2".to_owned()),
        ),
        (
            "a stage with another balance",
            |parts| parts[1].report.balance_by_stage.of(Stage::Staging).copies += 1,
            MergeError::Balance("part 2/2".to_owned()),
        ),
        (
            "a missing static resource",
            |parts| drop(parts[1].plan.uploads.pop()),
            MergeError::Balance("part 2/2".to_owned()),
        ),
        (
            "another set of static resources",
            |parts| {
                let part = &mut parts[1];
                for resources in [&mut part.plan.resources, &mut part.report.resources] {
                    resources.statics = ["docs/**".parse().unwrap()].into_iter().collect();
                }
            },
            foreign("set of resources"),
        ),
        (
            "other kinds of objects",
            |parts| {
                let part = &mut parts[1];
                for resources in [&mut part.plan.resources, &mut part.report.resources] {
                    resources.kinds = [Resource::Static].into();
                }
            },
            foreign("set of resources"),
        ),
        (
            "different resources in plan and report",
            |parts| parts[1].plan.resources.kinds = [Resource::Static].into(),
            MergeError::Torn("part 2/2".to_owned()),
        ),
        (
            "swapped shard numbers",
            |parts| {
                let swapped = [parts[1].plan.shard, parts[0].plan.shard];
                for (part, shard) in parts.iter_mut().zip(swapped) {
                    (part.plan.shard, part.report.shard) = (shard, shard);
                }
            },
            MergeError::Misplaced {
                part: "part 1/2".to_owned(),
                package: part("1/2").plan.archives().next().unwrap().package.clone(),
                shard: shard("2/2"),
            },
        ),
    ];
    for (row, sabotage, expected) in rows {
        let mut sabotaged = parts(2);
        sabotage(&mut sabotaged);
        assert_eq!(merge(sabotaged).expect_err(row), expected, "{row}");
    }
}

#[test]
fn the_command_merges_folders_into_the_files_of_a_whole_run() {
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name);
    Tool::migrate(fixture::folder()).output(folder("whole")).run().expect_code(1, "whole");
    for index in 1..=3 {
        let shard = format!("--shard {index}/3");
        let run = Tool::migrate(fixture::folder()).args(&shard).output(folder(&index.to_string()));
        assert!(matches!(run.run().code, Some(0 | 1)), "{shard}");
    }
    let merge = |names: &[&str]| {
        let tool = Tool::bare().arg("merge-plans").output(folder("joined"));
        names.iter().fold(tool, |tool, name| tool.arg(folder(name))).run()
    };
    let gap = merge(&["1", "3"]).expect_code(3, "a gap");
    assert!(gap.stderr.contains("shard 2/3 is missing"), "{gap}");
    assert!(!folder("joined").exists(), "nothing is written");
    let absent = merge(&["1", "2", "4"]).expect_code(3, "no part");
    assert!(absent.stderr.contains("cannot read"), "{absent}");

    merge(&["3", "1", "2"]).expect_code(1, "all parts");
    for name in ["plan.json", "report.json", "report.md"] {
        let read = |run: &str| std::fs::read_to_string(folder(run).join(name)).unwrap();
        assert_eq!(read("joined"), read("whole"), "{name}");
    }
}

//! The verdict of a migration: one sentence for each state of a run.

use package_storage_migrate::model::balance::{Balance, StageBalances};
use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::model::finding::{
    ConflictClass, EntryKind, Finding, FindingKind, ObjectKind,
};
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::plan::{Source, Tool};
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::{Resources, StaticCounts};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::signature_status::Coverage;
use package_storage_migrate::report::migration::Report;
use package_storage_migrate::rules::visibility::{self, Visibility};

fn finding(package: Option<&str>, version: Option<&str>, kind: FindingKind) -> Finding {
    let text = |name: &str| name.to_owned();
    let (package, version) = (package.map(text), version.map(text));
    Finding { package, version, stages: vec![Stage::Staging], path: None, kind, settled: None }
}

#[test]
fn the_verdict_counts_revisions_and_what_blocks_them() {
    let blocker = |version| {
        finding(
            Some("buoy"),
            version,
            FindingKind::MissingObject {
                object_kind: ObjectKind::Tree,
                object_id: ObjectId([7; 20]),
                partial_clone: false,
            },
        )
    };
    let conflict = |package| {
        finding(
            Some(package),
            Some("1.0.0"),
            FindingKind::ContentConflict {
                winner: Stage::Production,
                added: Vec::new(),
                removed: Vec::new(),
                changed: Vec::new(),
                class: ConflictClass::Metadata,
                diff: String::new(),
            },
        )
    };
    let warning = finding(None, None, FindingKind::StrayEntry { entry_kind: EntryKind::File });
    let info = finding(Some("staging"), Some("1.0.0"), FindingKind::MarkerPackage);
    let rows = [
        (1234, vec![], "ready: 1,234 revisions go to v2, no blockers or open decisions"),
        (1, vec![info.clone()], "ready: 1 revision goes to v2, no blockers or open decisions"),
        (
            0,
            vec![warning.clone()],
            "ready: 0 revisions go to v2, no blockers or open decisions, 1 warning to review",
        ),
        (
            2,
            vec![conflict("a"), conflict("b"), conflict("a"), info],
            "not ready: 2 revisions go to v2, open decisions on 2 revisions",
        ),
        (
            2,
            vec![blocker(Some("1.0.0")), blocker(Some("1.0.0")), blocker(None)],
            "not ready: 2 revisions go to v2, blockers on 1 revision and 1 package",
        ),
        (
            3,
            vec![blocker(Some("1.0.0")), conflict("a"), warning.clone(), warning],
            "not ready: 3 revisions go to v2, blockers on 1 revision, \
             open decisions on 1 revision, 2 warnings to review",
        ),
    ];
    for (archived, findings, expected) in rows {
        let report = Report {
            tool: Tool::this(),
            source: Source { stages: Vec::new() },
            shard: Shard::WHOLE,
            scope: Scope::default(),
            resources: Resources::default(),
            resolutions: None,
            registry: RegistryRelease::NEWEST,
            balance: Balance { copies: archived, archived, ..Balance::default() },
            balance_by_stage: StageBalances::default(),
            statics: StaticCounts::default(),
            index: None,
            visibility: Visibility::of(
                &[],
                &visibility::Options {
                    v1: Stage::Production,
                    registry: RegistryRelease::NEWEST,
                    kibana_versions: &[],
                },
                [].into_iter(),
            ),
            validation: None,
            signatures: Coverage::default(),
            against: None,
            findings,
        };
        assert_eq!(report.verdict().to_string(), expected);
        assert_eq!(report.verdict().is_ready(), expected.starts_with("ready"), "{expected}");
    }
}

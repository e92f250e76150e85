//! The report as an HTML page: the verdict and the balance as a picture, what needs a decision, what users will see,
//! every package with its revisions, and every finding.
//!
//! Nothing is left out. The plan adds the sizes and stages of the archives, which the report does not have.

use askama::Template;

use super::compared::Compared;
use super::flow::{Flow, outcomes};
use super::packages::{Package, packages};
use super::seen::Seen;
use super::{Report, objects, reasons};
use crate::model::balance::Balance;
use crate::model::finding::Severity;
use crate::model::plan::Plan;
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::Resource;
use crate::model::validation::{Validation, ValidationCounts};
use crate::report::findings::CodeGroup;
use crate::report::html::findings::Group;
use crate::report::html::text::{Text, size};
use crate::report::html::{Figure, Page};
use crate::report::signatures;
use crate::report::text::{grouped, numbered};

#[derive(Template)]
#[template(path = "migration.html")]
struct MigrationPage {
    page: Page,
    is_ready: bool,
    verdict: String,
    /// What the report covers if it is not everything, and other settings.
    remarks: Vec<Text>,
    figures: Vec<Figure>,
    flow: Option<Flow>,
    balance: Vec<BalanceRow>,
    excluded: String,
    /// What to decide or to review, the most severe first.
    open: Vec<Open>,
    seen: Seen,
    not_installable: Option<NotInstallable>,
    /// What a store has, if the plan was compared with it.
    against: Option<Compared>,
    has_archives: bool,
    packages: Vec<Package>,
    groups: Vec<Group>,
    settled: Vec<Group>,
    finding_count: String,
    signatures: String,
    /// The stages, for the filter.
    stages: Vec<&'static str>,
}

struct BalanceRow {
    stage: &'static str,
    copies: String,
    outcomes: Vec<String>,
}

/// A code with open findings.
struct Open {
    rank: String,
    code: &'static str,
    subjects: String,
    advice: &'static str,
}

struct NotInstallable {
    sentence: String,
    highest_count: String,
    highest: Vec<Text>,
}

/// Renders the report as one HTML file.
pub fn render(report: &Report, plan: &Plan) -> String {
    let page = MigrationPage::of(report, plan);
    page.render().expect("writing to a String cannot fail")
}

impl MigrationPage {
    fn of(report: &Report, plan: &Plan) -> Self {
        let verdict = report.verdict();
        let sentence = verdict.to_string();
        let (_, sentence) = sentence.split_once(": ").unwrap_or(("", &sentence));
        let groups = report.by_code();
        let settled = CodeGroup::all_of(report.settled().map(|(finding, _)| finding));
        let has_archives = plan.resources.has(Resource::Archives);
        let packages = if has_archives { packages(report, plan) } else { Vec::new() };
        let open = groups.iter().filter(|group| group.severity > Severity::Info).map(Open::of);
        let not_installable = report.not_installable().map(|found| NotInstallable {
            sentence: format!(
                "{} of {} cannot be installed",
                numbered(found.revisions, "revision", "revisions"),
                numbered(found.packages, "package", "packages")
            ),
            highest_count: numbered(
                found.highest.len() as u64,
                "is the highest version of its package",
                "are the highest versions of their packages",
            ),
            highest: found.highest.iter().map(|revision| Text::of(revision)).collect(),
        });
        MigrationPage {
            page: Page::of("Migration report", &report.tool, &report.source),
            is_ready: verdict.is_ready(),
            verdict: sentence.to_owned(),
            remarks: remarks(report),
            figures: figures(report, plan, packages.len()),
            flow: Flow::of(&report.balance_by_stage),
            balance: balance_rows(report),
            excluded: reasons(&report.balance.excluded),
            open: open.collect(),
            seen: Seen::of(&report.visibility, report.registry),
            not_installable,
            against: report.against.as_ref().map(Compared::of),
            has_archives,
            packages,
            groups: groups.iter().map(Group::of_findings).collect(),
            settled: settled.iter().map(settled_group).collect(),
            finding_count: grouped(report.findings.len() as u64),
            signatures: signatures::sentence(&report.signatures),
            stages: report.source.stages.iter().map(|at| at.stage.into()).collect(),
        }
    }
}

fn settled_group(group: &CodeGroup<'_>) -> Group {
    let group = Group::of_findings(group);
    Group { id: format!("settled-{}", group.id), ..group }
}

/// Returns what a reader must know about the run to judge the numbers.
fn remarks(report: &Report) -> Vec<Text> {
    let mut remarks = Vec::new();
    if !report.shard.is_whole() {
        remarks.push(format!("Partial: shard {} of the packages.", report.shard));
    }
    if !report.scope.is_everything() {
        remarks.push(format!("Partial: {}.", report.scope));
    }
    if report.registry != RegistryRelease::NEWEST {
        remarks.push(format!("Checked against package-registry {}.", report.registry));
    }
    if !report.resources.is_default() {
        remarks.push(format!("Made: {}.", report.resources));
    }
    if report.resources.has(Resource::Static) {
        remarks.push(objects::statics(report.statics));
    }
    remarks.extend(report.index.as_ref().map(objects::index));
    match &report.validation {
        None => remarks.push("Packages were not validated.".to_owned()),
        Some(Validation { settings, counts }) => {
            let ValidationCounts { passed, failed, not_validated } = *counts;
            let [passed, failed, not_validated] = [passed, failed, not_validated].map(grouped);
            remarks.push(format!(
                "Validated with {}: {passed} passed, {failed} failed, {not_validated} not validated.",
                settings.command
            ));
        }
    }
    if let Some(digest) = report.resolutions {
        remarks.push(format!("Decisions: SHA-256 {digest}."));
    }
    remarks.iter().map(|remark| Text::of(remark)).collect()
}

fn figures(report: &Report, plan: &Plan, package_count: usize) -> Vec<Figure> {
    let bytes = plan.archives().map(|archive| archive.size).sum();
    let verdict = report.verdict();
    let mut figures = vec![
        Figure::counted(report.balance.archived, "revision goes to v2", "revisions go to v2"),
        Figure::counted(report.balance.blocked, "copy blocked", "copies blocked").in_tone("bad"),
        Figure::counted(verdict.undecided.revisions, "open decision", "open decisions")
            .in_tone("odd"),
        Figure::counted(verdict.warning_count, "warning", "warnings").in_tone("odd"),
    ];
    if plan.resources.has(Resource::Archives) {
        figures.push(Figure::counted(package_count as u64, "package", "packages"));
        figures.push(Figure::of(size(bytes), "of archives"));
        let signed = signatures::counts(&report.signatures);
        let (signed, rest) = signed.split_once(' ').unwrap_or((&signed, ""));
        figures.push(Figure::of(signed, format!("{rest} archives signed")));
    }
    if plan.resources.has(Resource::Static) {
        figures.push(Figure::counted(
            report.statics.objects,
            "static resource",
            "static resources",
        ));
    }
    figures
}

fn balance_rows(report: &Report) -> Vec<BalanceRow> {
    let row = |stage: &'static str, balance: &Balance| BalanceRow {
        stage,
        copies: grouped(balance.copies),
        outcomes: outcomes(balance).into_iter().map(|(_, _, copies)| grouped(copies)).collect(),
    };
    let stages = report.balance_by_stage.iter();
    let mut rows: Vec<_> = stages.map(|(stage, balance)| row(stage.into(), balance)).collect();
    rows.push(row("all stages", &report.balance));
    rows
}

impl Open {
    fn of(group: &CodeGroup<'_>) -> Self {
        let CodeGroup { severity, code, findings } = group;
        Open {
            rank: severity.to_string(),
            code,
            subjects: numbered(findings.len() as u64, "finding", "findings"),
            advice: findings.first().map_or("", |finding| finding.kind.advice()),
        }
    }
}

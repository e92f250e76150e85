//! Merges the plans and reports of all shards into those of the whole run.
//!
//! Pure: parts in, a plan and a report out, or the reason why the parts do not belong together. The
//! result is exactly that of a single run without shards.

use crate::model::balance::{Balance, StageBalances};
use crate::model::cursor::Cursor;
use crate::model::finding::{Finding, FindingKind};
use crate::model::plan::{BaseIndex, IndexCounts, Plan, PlannedIndex, Upload};
use crate::model::resources::{Resource, StaticCounts};
use crate::model::shard::Shard;
use crate::model::signature_status::Coverage;
use crate::model::validation::ValidationCounts;
use crate::report::migration::Report;

/// The plan and the report of one shard's run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The folder they were read from, for messages.
    pub name: String,
    /// The plan.
    pub plan: Plan,
    /// The report.
    pub report: Report,
}

/// Why parts cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are no parts.
    #[error("there are no parts")]
    Empty,
    /// The plan and the report of a part belong to different runs.
    #[error("the plan and the report in {0} belong to different runs")]
    Torn(String),
    /// The parts differ in their commits, tool, scope or number of shards.
    #[error("{part} and {first} differ in their {what}")]
    Foreign {
        /// The part.
        part: String,
        /// The first part on the command line.
        first: String,
        /// The property that differs.
        what: &'static str,
    },
    /// Two parts are the same shard.
    #[error("shard {0} appears twice")]
    Twice(Shard),
    /// A shard is missing.
    #[error("shard {index}/{count} is missing")]
    Gap {
        /// The missing shard.
        index: u32,
        /// The number of shards.
        count: u32,
    },
    /// A part has a package of another shard.
    #[error("{part} has {package}, which does not belong to shard {shard}")]
    Misplaced {
        /// The part.
        part: String,
        /// The package.
        package: String,
        /// The shard of the part.
        shard: Shard,
    },
    /// The balance of a part does not add up, or does not match its plan.
    #[error("the balance in {0} does not add up")]
    Balance(String),
    /// The validation counts in a part's report do not match its plan and findings.
    #[error("the validation counts in {0} do not match its plan and findings")]
    Validation(String),
    /// The signatures in a part's report do not match its plan.
    #[error("the signatures in the report in {0} do not match its plan")]
    Coverage(String),
    /// One part is signed and another is not, which a single run never produces.
    #[error("{signed} has signatures, and {unsigned} has none")]
    HalfSigned {
        /// The first part with signatures.
        signed: String,
        /// The first part with archives, but without signatures.
        unsigned: String,
    },
}

impl MergeError {
    /// Returns what the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            MergeError::HalfSigned { .. } => {
                "sign the other parts too, with `sign`, or remove the signatures and run `migrate` again"
            }
            MergeError::Empty
            | MergeError::Torn(_)
            | MergeError::Foreign { .. }
            | MergeError::Twice(_)
            | MergeError::Gap { .. }
            | MergeError::Misplaced { .. }
            | MergeError::Balance(_)
            | MergeError::Validation(_)
            | MergeError::Coverage(_) => "pass the folder of every shard of one run, each once",
        }
    }
}

/// Merges all shards of one run, given in any order.
///
/// # Errors
/// The parts do not belong together, or a shard is missing; the first reason is returned.
pub fn merge(parts: Vec<Part>) -> Result<(Plan, Report), MergeError> {
    let first = parts.first().cloned().ok_or(MergeError::Empty)?;
    for part in &parts {
        part.check()?;
        check_same_run(part, &first)?;
    }
    check_complete(&parts)?;
    check_signed_alike(&parts)?;

    // Without the part; the caller joins the parts.
    let index = first.plan.index.map(|index| PlannedIndex { part: None, ..index });
    let index = index.map(|index| PlannedIndex { counts: IndexCounts::default(), ..index });
    let mut plan =
        Plan { shard: Shard::WHOLE, uploads: Vec::new(), index: index.clone(), ..first.plan };
    let mut report = Report {
        shard: Shard::WHOLE,
        index,
        balance: Balance::default(),
        balance_by_stage: StageBalances::default(),
        visibility: first.report.visibility.emptied(),
        statics: StaticCounts::default(),
        signatures: Coverage::default(),
        against: None,
        findings: Vec::new(),
        ..first.report
    };
    let mut validated = ValidationCounts::default();
    for part in parts {
        plan.uploads.extend(part.plan.uploads);
        report.findings.extend(part.report.findings);
        report.balance.copies += part.report.balance.copies;
        report.balance.add(&part.report.balance);
        report.balance_by_stage.add(&part.report.balance_by_stage);
        report.statics.add(part.report.statics);
        report.visibility.add(part.report.visibility);
        report.signatures.extend(part.report.signatures);
        if let Some(validation) = part.report.validation {
            validated.add(&validation.counts);
        }
    }
    if let Some(validation) = &mut report.validation {
        validation.counts = validated;
    }
    plan.uploads.sort_by(Upload::cmp_order);
    Finding::sort(&mut report.findings);
    Ok((plan, report))
}

impl Part {
    /// Checks that the plan and the report belong to one run, and that their counts agree.
    ///
    /// # Errors
    /// [`MergeError::Torn`], [`MergeError::Misplaced`], [`MergeError::Balance`],
    /// [`MergeError::Validation`] and [`MergeError::Coverage`].
    pub fn check(&self) -> Result<(), MergeError> {
        let Part { name, plan, report } = self;
        let shard = plan.shard;
        let one_run = plan.tool == report.tool
            && shard == report.shard
            && plan.scope == report.scope
            && plan.resources == report.resources
            && plan.index == report.index
            && plan.resolutions == report.resolutions
            && plan.validation.as_ref() == report.validation.as_ref().map(|found| &found.settings)
            && plan.registry == report.registry
            && plan.source.stages.len() == report.source.stages.len()
            && plan.source.stages.iter().zip(&report.source.stages).all(|(planned, reported)| {
                (planned.stage, &planned.commit) == (reported.stage, &reported.commit)
            });
        if !one_run {
            return Err(MergeError::Torn(name.clone()));
        }
        let planned = plan.archives().map(|archive| &archive.package);
        let planned = planned.chain(plan.statics().map(|resource| &resource.from().package));
        let found = report.findings.iter().filter_map(|finding| finding.package.as_ref());
        // The shard of an escaped name cannot be computed: its original bytes are unknown.
        let misplaced = planned
            .chain(found.filter(|package| !package.contains('\\')))
            .find(|package| !shard.contains(package.as_bytes()));
        if let Some(package) = misplaced {
            return Err(MergeError::Misplaced {
                part: name.clone(),
                package: package.clone(),
                shard,
            });
        }
        let archived = plan.archives().count() as u64;
        // A plan without archives does not show the number of revisions.
        let has_archives = plan.resources.has(Resource::Archives);
        let is_sum = !has_archives || report.balance.archived == archived;
        let is_sum = is_sum && report.balance_by_stage.total() == report.balance;
        let has_statics = report.statics == plan.static_counts();
        if report.balance.check().is_err() || !is_sum || !has_statics {
            return Err(MergeError::Balance(name.clone()));
        }
        if !validation_adds_up(report) {
            return Err(MergeError::Validation(name.clone()));
        }
        let (counts, coverage) = (plan.signature_counts(), &report.signatures);
        let reported = (coverage.signed_count(), coverage.pending_count, coverage.archive_count());
        if reported != (counts.made, counts.pending, archived) {
            return Err(MergeError::Coverage(name.clone()));
        }
        Ok(())
    }
}

/// Returns whether the counts of validation match the findings, and cover all archives.
fn validation_adds_up(report: &Report) -> bool {
    let (mut failed, mut not_validated) = (0, 0);
    for finding in &report.findings {
        match finding.kind {
            FindingKind::ValidationFailed { .. } => failed += 1,
            FindingKind::NotValidated { .. } => not_validated += 1,
            _ => {}
        }
    }
    let counts = report.validation.as_ref().map(|validation| validation.counts);
    let is_whole = counts.is_none_or(|counts| counts.total() >= report.balance.archived);
    let ValidationCounts { failed: counted, not_validated: uncounted, .. } =
        counts.unwrap_or_default();
    is_whole && (counted, uncounted) == (failed, not_validated)
}

fn check_same_run(part: &Part, first: &Part) -> Result<(), MergeError> {
    let differs = [
        ("tool", part.plan.tool != first.plan.tool),
        ("source", part.plan.source != first.plan.source),
        ("ref in this clone", part.report.source != first.report.source),
        ("archive engine", part.plan.archive_engine != first.plan.archive_engine),
        ("scope", part.plan.scope != first.plan.scope),
        ("search index", continued(&part.plan) != continued(&first.plan)),
        ("set of resources", part.plan.resources != first.plan.resources),
        ("decisions file", part.plan.resolutions != first.plan.resolutions),
        ("validation setting", part.plan.validation != first.plan.validation),
        ("release of the registry", part.plan.registry != first.plan.registry),
        ("Kibana versions", !part.report.visibility.has_views_of(&first.report.visibility)),
        ("number of shards", part.plan.shard.count() != first.plan.shard.count()),
    ];
    match differs.into_iter().find(|(_, differs)| *differs) {
        Some((what, _)) => {
            let (part, first) = (part.name.clone(), first.name.clone());
            Err(MergeError::Foreign { part, first, what })
        }
        None => Ok(()),
    }
}

/// Returns the name of the search index, and the published index that it continues.
fn continued(plan: &Plan) -> Option<(&Cursor, Option<&BaseIndex>)> {
    plan.index.as_ref().map(|index| (&index.cursor, index.base.as_ref()))
}

/// Checks that either all parts with archives have signatures or none has: archives that are published
/// together must not be partly signed.
fn check_signed_alike(parts: &[Part]) -> Result<(), MergeError> {
    let signed = parts.iter().find(|part| part.plan.signatures().next().is_some());
    let unsigned = parts.iter().find(|part| {
        part.plan.signatures().next().is_none() && part.plan.archives().next().is_some()
    });
    match (signed, unsigned) {
        (Some(signed), Some(unsigned)) => Err(MergeError::HalfSigned {
            signed: signed.name.clone(),
            unsigned: unsigned.name.clone(),
        }),
        _ => Ok(()),
    }
}

/// Checks that every shard appears exactly once. All parts must have the same number of shards.
fn check_complete(parts: &[Part]) -> Result<(), MergeError> {
    let mut shards: Vec<Shard> = parts.iter().map(|part| part.plan.shard).collect();
    shards.sort_by_key(|shard| shard.index());
    if let Some(pair) = shards.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(MergeError::Twice(pair[0]));
    }
    let count = shards[0].count();
    let exists = |index: &u32| shards.binary_search_by_key(index, |shard| shard.index()).is_ok();
    match (1..=count).find(|index| !exists(index)) {
        Some(index) => Err(MergeError::Gap { index, count }),
        None => Ok(()),
    }
}

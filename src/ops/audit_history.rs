//! Audits the history of the stages, and reports removed and changed revisions.
//!
//! Combines `v1`, which reads commits and folders, with `rules::history`, which folds them. Changes
//! nothing, and reads no file contents. Independent of the terminal and the command line.

use std::path::Path;

use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::Stage;
use crate::model::plan::{Source, Tool};
use crate::model::timeline::{HistoryFinding, PathChange, Subject};
use crate::report::history::HistoryReport;
use crate::rules::history::{History, StageHistory};
use crate::v1::commits::{Chain, walk};
use crate::v1::objects::ObjectReader;
use crate::v1::repository::V1Repository;
use crate::v1::stages::{StageCommit, StageRequest};
use crate::v1::tree_diff::compare;

/// What to audit.
#[derive(Clone, Debug)]
pub struct Options {
    /// The stages, in their precedence.
    pub stages: Vec<StageRequest>,
    /// The remote whose branches are read if there is no local branch.
    pub remote: String,
}

/// Audits the history of the repository at `path`: the first-parent history of each stage.
///
/// # Errors
/// The repository or a stage does not exist, a tip cannot be read, or no commit has a package. Older
/// commits that cannot be read are findings in the report.
pub fn audit_history(
    path: &Path,
    options: &Options,
    observer: &dyn Observer,
) -> Result<HistoryReport, Error> {
    audit_history_with(path, options, observer, &mut |_, _| {})
}

/// Audits like [`audit_history`], and passes each change of a path to `watch` before it is recorded: one stage
/// after the other, in order of precedence, and the changes of each in the order of its commits.
///
/// # Errors
/// Those of [`audit_history`].
pub fn audit_history_with(
    path: &Path,
    options: &Options,
    observer: &dyn Observer,
    watch: &mut dyn FnMut(Stage, &PathChange),
) -> Result<HistoryReport, Error> {
    let repository = V1Repository::open(path)?;
    let stages = repository.find_stages(&options.stages, &options.remote)?;
    let shallow = repository.shallow_commits()?;
    let reader = repository.reader()?;
    let chains = stages
        .iter()
        .map(|at| Chain::read(&reader, at, &shallow))
        .collect::<Result<Vec<_>, _>>()?;
    let walks: Vec<_> = chains.iter().map(Chain::walk).collect();

    let commit_count = walks.iter().map(|walk| walk.commit_count).sum();
    observer.observe(Event::Started(Phase::Walking, commit_count));
    let mut audit = Audit { reader, history: History::default(), findings: Vec::new() };
    for (at, chain) in stages.iter().zip(&chains) {
        audit.take_stage((at, chain), watch, &|| observer.observe(Event::Advanced(0)))?;
    }
    observer.observe(Event::Finished);
    let all: Vec<_> = stages.iter().map(|at| at.stage).collect();
    let newest = walks[0].newest;
    audit.findings.extend(repository.overrides()?.finding_kinds().into_iter().map(|kind| {
        let finding = Finding::of_stages(all.clone(), kind);
        HistoryFinding { commit: newest, finding }
    }));

    if audit.history.revisions.is_empty() {
        return Err(Error::NoHistory);
    }
    Ok(HistoryReport {
        tool: Tool::this(),
        source: Source::of(stages.iter().map(|at| (at.stage, &at.read_ref, at.commit_id))),
        walks,
        history: audit.history,
        findings: sort(audit.findings),
    })
}

struct Audit {
    reader: ObjectReader,
    history: History,
    findings: Vec<HistoryFinding>,
}

impl Audit {
    fn take_stage(
        &mut self,
        (at, chain): (&StageCommit, &Chain),
        watch: &mut dyn FnMut(Stage, &PathChange),
        on_commit: &dyn Fn(),
    ) -> Result<(), Error> {
        let Audit { reader, history, findings } = self;
        findings.extend(chain.cut_off.clone());
        let newest = chain.walk().newest;
        findings.extend(at.diverged.clone().map(|(other, other_commit)| {
            let kind = FindingKind::StaleBranch {
                read: at.read_ref.clone(),
                read_commit: at.commit_id.to_string(),
                other,
                other_commit: other_commit.to_string(),
            };
            HistoryFinding { commit: newest, finding: Finding::of_stage(at.stage, kind) }
        }));
        findings.extend(at.ambiguity().map(|kind| {
            let finding = Finding::of_stage(at.stage, kind);
            HistoryFinding { commit: newest, finding }
        }));

        let mut not_compared = Vec::new();
        let mut on_change = |change: PathChange| {
            watch(at.stage, &change);
            let (subject, commit) = (change.subject.clone(), change.commit);
            let recorded = history.record(at.stage, change, |old, new| compare(reader, old, new));
            if let (Err(defect), Subject::Revision(revision)) = (recorded, subject) {
                let finding = Finding::of_revision(&revision, vec![at.stage], *defect);
                not_compared.push(HistoryFinding { commit, finding });
            }
        };
        findings.extend(walk(reader, at, chain, &mut on_change, on_commit)?);
        findings.extend(not_compared);
        let is_at_tip = |histories: &Vec<StageHistory>| {
            histories.iter().any(|history| history.stage == at.stage && history.is_at_tip())
        };
        if !history.revisions.values().any(is_at_tip) {
            let finding = Finding::of_stage(at.stage, FindingKind::EmptyStage);
            findings.push(HistoryFinding { commit: newest, finding });
        }
        Ok(())
    }
}

/// Merges equal findings of several stages about one commit, and sorts them, the worst first, then by
/// date.
fn sort(findings: Vec<HistoryFinding>) -> Vec<HistoryFinding> {
    let mut joined: Vec<HistoryFinding> = Vec::new();
    for HistoryFinding { commit, finding } in findings {
        let known = joined.iter_mut().find(|known| {
            let Finding { package, version, path, kind, stages: _, settled: _ } = &known.finding;
            known.commit == commit
                && (package, version, path, kind)
                    == (&finding.package, &finding.version, &finding.path, &finding.kind)
        });
        match known {
            Some(known) => known.finding.stages.extend(finding.stages),
            None => joined.push(HistoryFinding { commit, finding }),
        }
    }
    joined.sort_by(|a, b| {
        a.finding.order(&b.finding).then_with(|| a.commit.time.cmp(&b.commit.time))
    });
    joined
}

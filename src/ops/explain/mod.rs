//! Explains what became of a package or a revision: combines the history, a dry run of `migrate` and, on
//! request, a verification of v2, each limited to the package.
//!
//! Decides nothing by itself, so that it cannot contradict the commands that it explains. The dry run has the
//! whole package in its scope even for one revision: some findings compare the versions of a package.

mod history;
mod in_v2;
mod narrowed;
mod reported;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde_json::Value;

use crate::error::Error;
use crate::model::event::Observer;
use crate::model::finding::{Decision, Finding, Severity};
use crate::model::package::{ObjectKey, RevisionId, STATIC_PREFIX};
use crate::model::plan::{ArchiveUpload, Upload};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::Resources;
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::ops::audit_history::{self, audit_history_with};
use crate::ops::migrate::{self, migrate};
use crate::report::explain::{
    CopyRole, RevisionStory, Story, StoryCopy, StoryOutcome, StorySubject, WinnerReason,
};
use crate::report::history::HistoryReport;
use crate::rules::decisions::Resolutions;
use crate::rules::history::{Fate, LastPresence, fate, last_presence};
use crate::rules::index::EntryId;
use crate::rules::similar_names::similar_names;
use crate::v1::content::read_content;
use crate::v1::objects::ObjectReader;
use crate::v1::repository::V1Repository;
use crate::v1::stages::StageRequest;
use crate::v2::folder::Preview;

use history::States;
use in_v2::Seen;
use reported::Expected;

pub use in_v2::V2;

/// What to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The stages, in their precedence.
    pub stages: Vec<StageRequest>,
    /// The remote whose branches are read if there is no local branch.
    pub remote: String,
    /// The decisions of people.
    pub resolutions: Resolutions,
    /// The release of the registry that must be able to load the packages.
    pub registry: RegistryRelease,
    /// Number of worker threads, at least 1.
    pub jobs: usize,
}

/// Explains `subject` in the repository at `path`.
///
/// # Errors
/// [`Error::NeverThere`], and those of [`audit_history::audit_history`], [`migrate()`] and
/// [`crate::ops::verify::verify`].
pub fn explain(
    path: &Path,
    subject: StorySubject,
    options: &Options,
    v2: Option<&V2<'_>>,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Story, Error> {
    let audited =
        audit_history::Options { stages: options.stages.clone(), remote: options.remote.clone() };
    let mut states = States::of(&subject.name);
    let mut watch = |stage, change: &_| states.record(stage, change);
    let history = audit_history_with(path, &audited, observer, &mut watch)?;
    let selected = select(&history, &subject)?;

    let is_at_tip =
        |revision: &RevisionId| fate(&history.history.revisions[revision]) == Fate::AtTip;
    let mut of_package = history.history.revisions.keys();
    let has_any = of_package.any(|other| other.name == subject.name && is_at_tip(other));
    let migrated = match has_any {
        true => Some(dry_run(path, options, scope_of(&subject.name), observer, interrupt)?),
        false => None,
    };
    let at_tip: Vec<_> = selected.iter().copied().filter(|revision| is_at_tip(revision)).collect();
    let scope = || scope_of(&subject);
    let seen = v2.map(|v2| Seen::compare(path, options, v2, &at_tip, scope(), observer, interrupt));
    let seen = seen.transpose()?;
    let reader = V1Repository::open(path)?.reader()?;
    let migrated = Migrated::of(migrated);
    let revisions = selected.iter().map(|revision| {
        let histories = &history.history.revisions[*revision];
        let findings = migrated.findings_on(revision);
        let archive = migrated.archives.get(&revision.archive_key()).cloned();
        let copies = copies(&reader, &states, revision, &options.stages, archive.as_ref());
        let outcome = outcome(fate(histories), &findings, archive.as_ref(), copies.len(), || {
            last_presence(histories).expect("a revision that is gone was removed")
        });
        let entry = match subject.version.is_some() || seen.is_some() {
            true => migrated.entry(revision)?,
            false => None,
        };
        let has_entry = entry.is_some();
        let expected = || Expected { statics: migrated.statics_of(revision), has_entry };
        let v2 = seen.as_ref().map(|seen| seen.story(revision, &expected())).transpose()?;
        Ok(RevisionStory {
            revision: (*revision).clone(),
            outcome,
            copies,
            events: states.events(&reader, revision, histories),
            archive,
            entry: entry.filter(|_| subject.version.is_some()),
            v2,
        })
    });
    let revisions = revisions.collect::<Result<Vec<_>, Error>>()?;
    let version = subject.version.as_ref().map(ToString::to_string);
    let is_about = |finding: &Finding| match (&finding.package, &finding.version) {
        (None, _) => finding.path.is_none(),
        (Some(package), _) if package != subject.name.as_str() => false,
        (Some(_), None) => true,
        (Some(_), of) => version.is_none() || *of == version,
    };
    let history_findings = history.findings.into_iter().filter(|found| is_about(&found.finding));
    let history_findings = history_findings.collect();
    let findings = migrated.findings.iter().filter(|finding| is_about(finding)).cloned().collect();
    Ok(Story {
        tool: history.tool,
        source: history.source,
        resolutions: options.resolutions.file_digest(),
        registry: options.registry,
        places: seen.as_ref().map(Seen::places),
        subject,
        history_findings,
        findings,
        revisions,
    })
}

/// Returns the revisions to explain, by version.
///
/// # Errors
/// [`Error::NeverThere`].
fn select<'h>(
    history: &'h HistoryReport,
    subject: &StorySubject,
) -> Result<Vec<&'h RevisionId>, Error> {
    let all = history.history.revisions.keys();
    let of_package = all.clone().filter(|revision| revision.name == subject.name);
    let is_selected = |revision: &&RevisionId| {
        subject.version.as_ref().is_none_or(|version| revision.version == *version)
    };
    let selected: Vec<_> = of_package.clone().filter(is_selected).collect();
    if !selected.is_empty() {
        return Ok(selected);
    }
    let mut similar = Vec::new();
    if let Some(version) = &subject.version {
        let versions = of_package.map(|revision| revision.version.to_string());
        let versions = similar_names(&version.to_string(), versions);
        similar.extend(versions.into_iter().map(|version| format!("{}-{version}", subject.name)));
    }
    let has_package = all.clone().any(|revision| revision.name == subject.name);
    if similar.is_empty() && !has_package {
        let names: BTreeSet<String> = all.map(|revision| revision.name.to_string()).collect();
        similar = similar_names(subject.name.as_str(), names);
    }
    let folder = match &subject.version {
        Some(version) => format!("{}/{version}", subject.name),
        None => subject.name.to_string(),
    };
    let is_inside = |path: &str| path == folder || path.starts_with(&format!("{folder}/"));
    let mut others = history.history.others.keys();
    let other = others.find(|other| is_inside(&other.path));
    let other = other.map(|other| format!("packages/{}: {}", other.path, other.kind.message()));
    let package = has_package.then(|| subject.name.to_string());
    let (subject, is_whole) = (subject.to_string(), history.is_whole());
    Err(Error::NeverThere { subject, similar, package, other, is_whole })
}

/// Returns the scope of a package or a revision.
fn scope_of(subject: &impl ToString) -> Scope {
    // Names and versions have no character with a meaning in a glob.
    let glob = subject.to_string().parse().expect("a name is a glob");
    Scope { include: BTreeSet::from([glob]), ..Scope::default() }
}

fn dry_run(
    path: &Path,
    options: &Options,
    scope: Scope,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<migrate::Outcome, Error> {
    let migrated = migrate::Options {
        stages: options.stages.clone(),
        remote: options.remote.clone(),
        shard: Shard::WHOLE,
        scope,
        resources: Resources::default(),
        resolutions: options.resolutions.clone(),
        validator: None,
        registry: options.registry,
        kibana_versions: Vec::new(),
        base: None,
        gone_names: migrate::GoneNames::Reported,
        cursor: None,
        jobs: options.jobs,
    };
    migrate(path, &migrated, &Preview::new(None), observer, interrupt)
}

/// What is needed of a dry run; empty without one.
#[derive(Default)]
struct Migrated {
    archives: BTreeMap<ObjectKey, ArchiveUpload>,
    /// The keys of static resources.
    statics: Vec<ObjectKey>,
    findings: Vec<Finding>,
    index: Option<migrate::UnwrittenIndex>,
}

impl Migrated {
    fn of(outcome: Option<migrate::Outcome>) -> Self {
        let Some(outcome) = outcome else {
            return Migrated::default();
        };
        let archives = outcome.plan.archives();
        let archives = archives.map(|archive| (archive.key.clone(), archive.clone())).collect();
        let statics = outcome.plan.uploads.iter().filter_map(|upload| match upload {
            Upload::Static(upload) => Some(upload.key().clone()),
            _ => None,
        });
        let statics = statics.collect();
        Migrated { archives, statics, findings: outcome.report.findings, index: outcome.index }
    }

    fn findings_on(&self, revision: &RevisionId) -> Vec<&Finding> {
        let version = revision.version.to_string();
        let is_on = |finding: &&Finding| {
            finding.package.as_deref() == Some(revision.name.as_str())
                && finding.version.as_ref().is_none_or(|of| *of == version)
        };
        self.findings.iter().filter(is_on).collect()
    }

    fn statics_of(&self, revision: &RevisionId) -> Vec<ObjectKey> {
        let folder = format!("{STATIC_PREFIX}{revision}/");
        let of_revision = self.statics.iter().filter(|key| key.as_str().starts_with(&folder));
        of_revision.cloned().collect()
    }

    /// Returns the entry of a revision in the search index, without `package_manifest` around it.
    fn entry(&self, revision: &RevisionId) -> Result<Option<Value>, Error> {
        let Some(index) = &self.index else { return Ok(None) };
        let Some(line) = index.entries.line_of(&EntryId::from(revision))? else { return Ok(None) };
        let mut item: Value = serde_json::from_slice(&line)
            .map_err(|source| Error::Json { what: "the index entry", source })?;
        Ok(Some(item["package_manifest"].take()))
    }
}

/// Returns the copies of a revision at the tips.
fn copies(
    reader: &ObjectReader,
    states: &States,
    revision: &RevisionId,
    stages: &[StageRequest],
    archive: Option<&ArchiveUpload>,
) -> Vec<StoryCopy> {
    let copy = |request: &StageRequest| {
        let stage = request.stage;
        let tree = states.at_tip(revision, stage)?;
        // Why it cannot be read is a finding of the dry run.
        let content = read_content(reader, tree).ok();
        let content_digest = content.as_ref().map(|content| content.digest());
        let role = match (archive, content_digest) {
            (None, _) => CopyRole::NotMigrated,
            (Some(archive), _) if archive.stage == stage => CopyRole::Migrated,
            (Some(archive), Some(digest)) if archive.content_digest == digest => {
                CopyRole::Duplicate
            }
            (Some(_), Some(_)) => CopyRole::Shadowed,
            (Some(_), None) => CopyRole::NotCompared,
        };
        let file_count = content.map(|content| content.files().len());
        Some(StoryCopy { stage, tree, content_digest, file_count, role })
    };
    stages.iter().filter_map(copy).collect()
}

/// Returns what a migration does with a revision.
fn outcome(
    fate: Fate,
    findings: &[&Finding],
    archive: Option<&ArchiveUpload>,
    copy_count: usize,
    last_presence: impl FnOnce() -> LastPresence,
) -> StoryOutcome {
    let settled = || findings.iter().filter_map(|finding| finding.settled.as_ref());
    if let Some(archive) = archive {
        let is_decided = settled().any(|settled| settled.decision == Decision::Keep(archive.stage));
        let why = match (is_decided, copy_count) {
            (true, _) => WinnerReason::Decision,
            (false, 0 | 1) => WinnerReason::OnlyCopy,
            (false, _) => WinnerReason::Precedence,
        };
        return StoryOutcome::Archived { stage: archive.stage, why };
    }
    if let Some(skipped) = settled().find(|settled| settled.decision == Decision::Skip) {
        return StoryOutcome::Skipped { reason: skipped.reason.clone() };
    }
    match fate {
        Fate::Gone => StoryOutcome::Gone { last: last_presence() },
        Fate::Unknown => StoryOutcome::Unknown,
        Fate::AtTip => {
            let blockers =
                findings.iter().filter(|finding| finding.kind.severity() == Severity::Blocker);
            let codes: BTreeSet<_> = blockers.map(|finding| finding.kind.code()).collect();
            StoryOutcome::Blocked { codes: codes.into_iter().collect() }
        }
    }
}

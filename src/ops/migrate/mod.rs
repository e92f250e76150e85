//! The migration engine: turns a v1 repository into archives in a sink, a plan and a report.
//!
//! It lists all copies and then processes windows, each a few revisions of one package: it reads the files of
//! the copies, selects the winners, reads and deflates each distinct blob once, assembles the archives from the
//! compressed pieces, and keeps what the next window needs. It is independent of the terminal and the command
//! line.

mod apply_decisions;
mod assembly;
mod audited;
mod check;
mod checkout;
mod entry;
mod first_copy;
mod gate;
mod gone;
mod indexing;
mod ledger;
mod outbox;
mod pool;
mod schedule;
mod sighting;
mod statics;
mod tasks;
mod validation;
mod window;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;

use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::cursor::Cursor;
use crate::model::event::{Event, Observer, Phase};
use crate::model::finding::Finding;
use crate::model::package::{ObjectKey, PackageName, RevisionId, Stage};
use crate::model::plan::{ArchiveEngine, Plan, Source, Tool, Upload};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::{Resource, Resources};
use crate::model::scope::{Scope, Unpromoted};
use crate::model::shard::Shard;
use crate::model::signature_status::Coverage;
use crate::model::timeline::CommitTime;
use crate::model::validation::Validation;
use crate::ops::index::{Base, Entries};
use crate::ops::past::Past;
use crate::ops::validate::Validator;
use crate::report::migration::Report;
use crate::rules::constraint::Version;
use crate::rules::decisions::{CopyDigests, DecisionFault, Resolutions};
use crate::rules::registry::KnownItems;
use crate::rules::similar_names::similar_names;
use crate::rules::visibility::{self, Visibility};
use crate::v1::listing::{ListedPackage, Listing};
use crate::v1::repository::V1Repository;
use crate::v1::stages::StageRequest;
use crate::v1::workers::Workers;
use crate::v2::archive;
use crate::v2::archive::deflate::Deflater;
use crate::v2::folder::Sink;

use checkout::Checkout;
use gate::Gate;
use gone::Evidence;
use ledger::Ledger;
use outbox::{Chunks, Outbox};
use schedule::WINDOW_LEN;
use statics::Statics;

pub use gone::GoneNames;

/// What to migrate, and the number of worker threads.
#[derive(Clone, Debug)]
pub struct Options {
    /// The stages in order of precedence.
    pub stages: Vec<StageRequest>,
    /// The remote whose branches are used if there are no local ones.
    pub remote: String,
    /// The packages to migrate.
    pub shard: Shard,
    /// The revisions to migrate.
    pub scope: Scope,
    /// The objects to make of each revision.
    pub resources: Resources,
    /// The decisions of people.
    pub resolutions: Resolutions,
    /// The validator, if packages are validated.
    pub validator: Option<Validator>,
    /// The release of the registry that must be able to load the packages.
    pub registry: RegistryRelease,
    /// The versions of Kibana whose users' view is reported.
    pub kibana_versions: Vec<Version>,
    /// The published index that the new one continues.
    pub base: Option<Base>,
    /// What to do about names in the scope and in decisions that v1 does not have any more.
    pub gone_names: GoneNames,
    /// The name of the index, instead of the derived one.
    pub cursor: Option<Cursor>,
    /// Number of worker threads, at least 1.
    pub jobs: usize,
}

/// The result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The plan, without signatures.
    pub plan: Plan,
    /// The report.
    pub report: Report,
    /// The results of the sink.
    pub deliveries: Deliveries,
    /// The results of the sink for static resources.
    pub statics: Deliveries,
    /// The SHA-256 state after all bytes of each archive in the sink, so that signing does not read it again.
    pub read: BTreeMap<ObjectKey, Sha256Hasher>,
    /// The content digests of revisions with open findings that are more than information.
    pub open: BTreeMap<RevisionId, CopyDigests>,
    /// The index, if one is made; it is written once the signatures are known.
    pub index: Option<UnwrittenIndex>,
}

/// An index that is not written yet.
#[derive(Debug)]
pub struct UnwrittenIndex {
    /// Its entries.
    pub entries: Entries,
    /// Its name.
    pub cursor: Cursor,
}

/// The number of objects of a kind by the result of the sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Number of objects that were written.
    pub written_count: u64,
    /// Number of objects that already existed with the same bytes.
    pub kept_count: u64,
    /// Number of objects that were discarded by a sink that stores nothing.
    pub discarded_count: u64,
    /// Objects that already exist with other bytes, sorted.
    pub refused: Vec<ObjectKey>,
}

/// Migrates the repository at `path` into `sink`.
///
/// Stops soon after `interrupt` becomes true.
///
/// # Errors
/// The repository cannot be read, an archive cannot be written, or decisions do not match. Defects of v1 are
/// findings in the report, not errors.
pub fn migrate(
    path: &Path,
    options: &Options,
    sink: &dyn Sink,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Outcome, Error> {
    let repository = V1Repository::open(path)?;
    let stages = repository.find_stages(&options.stages, &options.remote)?;

    observer.observe(Event::Started(Phase::Listing, stages.len() as u64));
    let Options { shard, scope, resources, resolutions, .. } = options;
    let reader = repository.reader()?;
    let evidence = Evidence {
        past: Past::new(&repository, &stages),
        base: options.base.as_ref(),
        policy: options.gone_names,
    };
    let is_accepted = |glob: &_| evidence.accepts(glob);
    let mut listing = Listing::read(&reader, &stages, *shard, scope, is_accepted, || {
        observer.observe(Event::Advanced(0));
    })?;
    let precedence: Vec<Stage> = stages.iter().map(|stage| stage.stage).collect();
    if shard.is_first() {
        listing.findings.extend(evidence.of_scope(scope, &listing.accepted, &precedence)?);
        let kinds = repository.overrides()?.finding_kinds().into_iter();
        listing.findings.extend(kinds.map(|kind| Finding::of_stages(precedence.clone(), kind)));
    }
    let (checkout, unread) = Checkout::read(&reader, &listing.attribute_files);
    listing.findings.extend(unread);
    observer.observe(Event::Finished);

    let base = options.base.as_ref();
    if let Some(base) = base {
        listing.findings.extend(indexing::only_published(base, *shard, scope, &listing));
    }
    let index = match resources.has(Resource::Index) {
        true => Some(UnwrittenIndex {
            entries: Entries::new(base, *shard),
            cursor: cursor(options, listing.newest_time)?,
        }),
        false => None,
    };
    let revision_count = listing.packages.values().map(|package| package.revisions.len() as u64);
    observer.observe(Event::Started(Phase::Archiving, revision_count.sum()));
    let is_listed = |revision: &RevisionId| {
        let package = listing.packages.get(&revision.name);
        package.is_some_and(|package| package.revisions.contains_key(revision))
    };
    let decided = resolutions.entries().map(|entry| &entry.revision);
    let (listed, unlisted): (BTreeSet<&RevisionId>, BTreeSet<&RevisionId>) =
        decided.partition(|revision| is_listed(revision));
    let all = || listing.packages.values().flat_map(|package| package.revisions.keys());
    // Decisions on revisions that are excluded, or belong to another shard, are not errors.
    let may_be_excluded = |revision: &RevisionId| {
        let version = revision.version.to_string();
        scope.unpromoted == Unpromoted::Exclude
            || !scope.contains(revision.name.as_str(), &version)
            || !shard.contains(revision.name.as_str().as_bytes())
    };
    // What is in a folder that cannot be read may still be there.
    let is_listable = |revision: &RevisionId| {
        let package = listing.packages.get(&revision.name);
        package.is_none_or(|package| package.unreadable_from.is_none())
    };
    let is_absent = |revision: &RevisionId| !may_be_excluded(revision) && is_listable(revision);
    let mut gone = BTreeSet::new();
    for revision in unlisted.iter().copied().filter(|revision| is_absent(revision)) {
        if let Some(finding) = evidence.of_decision(revision)? {
            listing.findings.push(finding);
            gone.insert(revision);
        }
    }
    let similar: BTreeMap<&RevisionId, Vec<String>> = unlisted
        .into_iter()
        .map(|revision| {
            let names = all().map(ToString::to_string);
            (revision, similar_names(&revision.to_string(), names))
        })
        .collect();
    let ledger = Ledger::new(observer, interrupt, resolutions);
    // Twice what all workers can fill at once, so that the other half can be written meanwhile. More chunks would
    // hide longer stalls of the disk, but use more memory.
    let chunks = Chunks::new(2 * options.jobs * WINDOW_LEN);
    let gate = Gate::new(options.jobs);
    let statics = Statics::new(resources, sink);
    thread::scope(|threads| {
        let run = Run {
            precedence: &precedence,
            workers: Workers::new(&repository),
            known_items: KnownItems::default(),
            validator: options.validator.as_ref(),
            registry: options.registry,
            checkout,
            resources,
            statics: &statics,
            entries: index.as_ref().map(|index| &index.entries),
            outbox: Outbox::open(threads, sink, &ledger, &chunks)?,
            ledger: &ledger,
            gate: &gate,
        };
        run.all_packages(listing.packages, options.jobs)
    })?;
    observer.observe(Event::Finished);

    let mut tally = ledger.finish()?;
    let revisions = mem::take(&mut tally.statics);
    // Another shard may have a match.
    if shard.is_whole() {
        statics::check_used(&resources.statics, &revisions)?;
    }
    let (statics, placed) = statics.place(revisions, options.jobs, observer, interrupt)?;
    let faults = tally.decisions.finish(resolutions, &similar, |revision| {
        listed.contains(revision) || !(may_be_excluded(revision) || gone.contains(revision))
    });
    if !faults.is_empty() {
        return Err(Error::Resolutions {
            faults: faults.iter().map(DecisionFault::to_string).collect(),
        });
    }
    tally.balances.add(&listing.balances);
    tally.balances.check()?;
    tally.findings.extend(listing.findings);
    Finding::sort(&mut tally.findings);
    let archives = tally.uploads.into_iter().map(Upload::Archive);
    let mut uploads: Vec<Upload> =
        archives.chain(statics.into_iter().map(Upload::Static)).collect();
    uploads.sort_by(Upload::cmp_order);
    tally.deliveries.refused.sort();
    let validation = options.validator.as_ref().map(|validator| Validation {
        settings: validator.settings().clone(),
        counts: tally.validated,
    });
    let plan = Plan {
        tool: Tool::this(),
        source: Source::of(stages.iter().map(|at| (at.stage, &at.home_ref, at.commit_id))),
        shard: *shard,
        scope: scope.clone(),
        resources: resources.clone(),
        resolutions: resolutions.file_digest(),
        validation: validation.as_ref().map(|validation| validation.settings.clone()),
        registry: options.registry,
        archive_engine: ArchiveEngine { fingerprint: archive::FINGERPRINT.to_owned() },
        index: None,
        uploads,
    };
    let report = Report {
        tool: Tool::this(),
        source: Source::of(stages.iter().map(|at| (at.stage, &at.read_ref, at.commit_id))),
        shard: *shard,
        scope: scope.clone(),
        resources: resources.clone(),
        resolutions: resolutions.file_digest(),
        registry: options.registry,
        balance: tally.balances.total(),
        balance_by_stage: tally.balances,
        statics: plan.static_counts(),
        index: None,
        visibility: Visibility::of(
            &tally.sightings,
            &visibility::Options {
                v1: precedence[0],
                registry: options.registry,
                kibana_versions: &options.kibana_versions,
            },
            tally.unread.iter().map(RevisionId::to_string),
        ),
        validation,
        signatures: Coverage::unsigned(plan.archives().map(|archive| archive.key.clone())),
        against: None,
        findings: tally.findings,
    };
    Ok(Outcome {
        plan,
        report,
        deliveries: tally.deliveries,
        statics: placed,
        read: tally.read,
        open: tally.open,
        index,
    })
}

/// Returns the name of the index.
fn cursor(options: &Options, newest_time: Option<CommitTime>) -> Result<Cursor, Error> {
    let base = options.base.as_ref().map(|base| &base.index.cursor);
    let cursor = match (&options.cursor, base) {
        (Some(cursor), Some(base)) => cursor.clone().after(base),
        (Some(cursor), None) => Ok(cursor.clone()),
        (None, base) => Cursor::derived(newest_time, base),
    };
    cursor.map_err(|source| Error::Cursor { source: source.into() })
}

/// The state shared by all workers of a run.
struct Run<'r> {
    precedence: &'r [Stage],
    workers: Workers<'r, Deflater>,
    known_items: KnownItems,
    validator: Option<&'r Validator>,
    registry: RegistryRelease,
    checkout: Checkout,
    resources: &'r Resources,
    statics: &'r Statics<'r>,
    /// The entries of the search index, if one is made.
    entries: Option<&'r Entries>,
    outbox: Outbox<'r>,
    ledger: &'r Ledger<'r>,
    gate: &'r Gate,
}

impl<'r> Run<'r> {
    /// Processes all packages, with at most as many windows in flight as there are workers, so that memory is
    /// bounded by the largest windows.
    fn all_packages(
        &self,
        packages: BTreeMap<PackageName, ListedPackage>,
        jobs: usize,
    ) -> Result<(), Error> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build()
            .map_err(|source| Error::Workers { jobs, source: source.into() })?;
        let packages = packages.into_values().collect();
        pool.in_place_scope(|scope| {
            for window in schedule::windows(packages, self.precedence) {
                let permit = self.gate.enter();
                if self.ledger.is_stopped() {
                    break;
                }
                scope.spawn(|scope| tasks::start(window, self, scope, permit));
            }
        });
        Ok(())
    }
}

//! Verifies that v2 matches v1.
//!
//! Independent of the tool that made the archives: the expected content is read from Git again
//! (`truth`), each archive is treated as untrusted (`inspect`), and the two are compared (`compare`);
//! static resources are compared with the files that they come from (`statics`).
//! The archive writer and its choice of copies are not used; a plan is compared with v2, but never
//! trusted.

mod archive;
mod archive_entry;
mod blobs;
mod check;
mod compare;
mod content_types;
mod decisions;
mod delta;
mod digested;
mod endpoint_run;
mod entries;
mod entry_check;
mod index_entries;
mod index_entry;
mod index_listing;
mod index_place;
mod index_run;
mod inspect;
mod json_value;
mod listed;
mod lost;
mod metered;
mod planned;
mod registry;
mod revision;
mod signatures;
mod stated;
mod static_listing;
mod static_run;
mod statics;
mod surplus;
mod truth;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::digest::Sha256;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::mismatch::Extras;
use crate::model::package::{PackageName, RevisionId, Stage};
use crate::model::plan::{Plan, Source, Tool, Upload};
use crate::model::resources::{Resource, StaticSet};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::verification::{
    Depth, Notice, PlaceName, Reading, RevisionResult, VerifyOutcome, VerifyRequest,
};
use crate::openpgp::PublicKeys;
use crate::ops::endpoint::Endpoint;
use crate::ops::past::Past;
use crate::parallel;
use crate::rules::decisions::Resolutions;
use crate::v1::repository::V1Repository;
use crate::v1::stages::StageRequest;
use crate::v1::workers::Workers;
use crate::v2::store::Place;

use blobs::{Blobs, Needed};
use check::{Check, Counts};
use endpoint_run::EndpointRun;
use entry_check::{EntryCheck, EntryTruth};
use index_listing::IndexListing;
use index_place::IndexSource;
use index_run::IndexRun;
use listed::{expected, ignored, lists, not_listed};
use metered::Metered;
use planned::{Planned, PlannedIndex};
use revision::Checked;
use stated::{Gaps, Statements};
use static_listing::StaticListing;
use static_run::StaticRun;
use surplus::{Known, in_sample};
use truth::Listed;

pub use content_types::expected_type;
pub use index_entries::indexed_revisions;
pub use index_place::IndexPlace;

pub use entries::{Derived, NoEntry, expected_entries};
pub use registry::{RegistryOptions, verify_registry};

/// What to verify, and how.
#[derive(Debug)]
pub struct Options {
    /// The stages, in their precedence.
    pub stages: Vec<StageRequest>,
    /// The remote whose branches are read if there is no local branch.
    pub remote: String,
    /// The revisions that v2 should have.
    pub scope: Scope,
    /// The decisions.
    pub resolutions: Resolutions,
    /// The kinds of object to compare.
    pub kinds: BTreeSet<Resource>,
    /// The files that are static resources.
    pub statics: StaticSet,
    /// The maximum number of static resources to compare; all if there is none.
    pub static_sample: Option<usize>,
    /// Where the index is, if not in the place of the archives.
    pub index: Option<IndexPlace>,
    /// The index that v2 continues.
    pub base_index: Option<IndexPlace>,
    /// The `Cache-Control` that archives, signatures and static resources should have, if it is compared.
    pub cache_control: Option<String>,
    /// The endpoint of registries, through which an object of each kind is also read.
    pub endpoint: Option<Endpoint>,
    /// Whether v2 may have objects that v1 does not.
    pub extras: Extras,
    /// How much of v2 is compared.
    pub depth: Depth,
    /// The slice of the revisions to check.
    pub sample: Shard,
    /// A plan that v2 is also compared with, and the SHA-256 of its file.
    pub plan: Option<(Plan, Sha256)>,
    /// The keys that every archive's signature is checked with, at depth content.
    pub public_keys: Option<PublicKeys>,
    /// The location of v2, for display.
    pub place_name: PlaceName,
    /// Number of worker threads, at least 1.
    pub jobs: usize,
}

/// Compares v2 in `place` with the v1 repository at `path`.
///
/// Stops soon after `interrupt` is set.
///
/// # Errors
/// The verification as a whole is not possible; a problem with a single revision, in v1 or in v2, is part
/// of the outcome.
pub fn verify(
    path: &Path,
    options: &Options,
    place: &dyn Place,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<VerifyOutcome, Error> {
    let repository = V1Repository::open(path)?;
    let stages = repository.find_stages(&options.stages, &options.remote)?;
    let Options { scope, resolutions, sample, jobs, .. } = options;
    let read_len = || {
        let index_len = options.index.as_ref().map_or(0, |index| index.source().place.read_len());
        let endpoint_len = options.endpoint.as_ref().map_or(0, Endpoint::read_len);
        place.read_len() + index_len + endpoint_len
    };
    let observer = &Metered::new(observer, read_len);

    observer.observe(Event::Started(Phase::Listing, stages.len() as u64));
    let past = Past::new(&repository, &stages);
    let reader = repository.reader()?;
    let listing = past.list(&reader, scope, || observer.observe(Event::Advanced(0)))?;
    let has = |kind| options.kinds.contains(&kind);
    let (names, static_names) = lists(place, has(Resource::Static))?;
    observer.observe(Event::Finished);

    let workers = Workers::new(&repository);
    let (rulings, gone) = decisions::rulings(resolutions, (&listing, &past), scope, &workers)?;
    let precedence: Vec<Stage> = stages.iter().map(|stage| stage.stage).collect();
    let expected = expected(&listing, &rulings);
    let is_in_sample =
        |(revision, _): &&(&RevisionId, Listed<'_>)| in_sample(*sample, &revision.to_string());
    let to_check: Vec<(&RevisionId, Listed<'_>)> =
        expected.iter().filter(is_in_sample).copied().collect();

    observer.observe(Event::Started(Phase::Comparing, to_check.len() as u64));
    let base = options.base_index.as_ref();
    // Whether entries continue those of a base is only known by reading them.
    let lists_index = options.depth == Depth::Listing && base.is_none();
    let gaps = Gaps::default();
    let statements = Statements {
        is_stating: place.has_content_types(),
        of_lists_alone: false,
        cache_control: options.cache_control.as_deref(),
        gaps: &gaps,
    };
    let check = Check {
        place,
        names: names.as_deref(),
        statements: statements.of(options.depth, names.is_some()),
        kinds: &options.kinds,
        statics: &options.statics,
        depth: options.depth,
        precedence: &precedence,
        workers,
        blobs: Blobs::new(match options.depth {
            Depth::Entries => Needed::Crc32,
            Depth::Listing | Depth::Content => Needed::Len,
        }),
        planned: options.plan.as_ref().map(|(plan, _)| Planned::new(plan)),
        derives_entries: has(Resource::Index) && !lists_index,
        keys: options.public_keys.as_ref(),
        counts: Counts::default(),
    };
    let numbered: Vec<(usize, &(&RevisionId, Listed<'_>))> = to_check.iter().enumerate().collect();
    let checked = parallel::each(*jobs, interrupt, &numbered, |(index, one)| {
        let checked = check.revision(*index, one)?;
        observer.observe(Event::Advanced(0));
        Ok(checked)
    })?;
    observer.observe(Event::Finished);
    let (mut results, mut expected_statics, mut unknown) =
        (Vec::new(), Vec::new(), BTreeSet::new());
    let mut truths = Vec::with_capacity(checked.len());
    for Checked { result, statics, entry } in checked {
        truths.push(entry);
        match statics {
            Some(statics) => expected_statics.extend(statics),
            None => drop(unknown.insert(result.revision.to_string())),
        }
        results.push(result);
    }

    let unlisted = |package: &PackageName| listing.packages[package].unreadable_from.is_some();
    let known = Known {
        archives: expected.iter().map(|(revision, _)| format!("{revision}.zip")).collect(),
        unlisted_packages: listing
            .packages
            .keys()
            .filter(|package| unlisted(package))
            .map(|package| package.as_str().to_owned())
            .collect::<BTreeSet<String>>(),
        scope,
        sample: *sample,
        extras: options.extras,
    };
    let mut others = not_listed(&listing.findings, *sample);
    let (mut notices, mut len_only_count) = (Vec::from_iter(gone), 0);
    if has(Resource::Archives) {
        others.extend(names.as_deref().map(|names| known.surplus(names)).unwrap_or_default());
        if let Some((plan, _)) = &options.plan {
            let v2 = (place, names.as_deref());
            others.extend(lost::lost(plan, &known, v2, *jobs, interrupt)?);
        }
    }
    let endpoint_run = EndpointRun {
        place,
        names: names.as_deref(),
        has_index: has(Resource::Index) && options.index.is_none(),
    };
    let (mut statics_result, mut served_static) = (None, None);
    if has(Resource::Static) {
        let listing = static_names.map(|names| StaticListing::new(names, &expected_statics));
        if options.endpoint.is_some() {
            served_static = endpoint_run.of_static(&expected_statics, listing.as_ref());
        }
        let run = StaticRun {
            options,
            place,
            statements,
            planned: check.planned.as_ref(),
            observer,
            interrupt,
        };
        let found = run.compare(expected_statics, listing.as_ref(), &known, &mut results)?;
        others.extend(listing.iter().flat_map(|listing| listing.surplus(&known, &unknown)));
        others.extend(found.lost);
        len_only_count = found.len_only_count;
        statics_result = Some(found.result);
    }
    let index_source = match &options.index {
        Some(index) => index.source(),
        None => IndexSource { place, object: None },
    };
    let index_statements =
        Statements { is_stating: index_source.place.has_content_types(), ..statements };
    let (mut index_result, mut index_objects) = (None, None);
    let listing = (has(Resource::Index) && lists_index).then(|| {
        let planned = options.plan.as_ref().and_then(|(plan, _)| PlannedIndex::of(plan));
        IndexListing { source: index_source, planned, statements: index_statements }
    });
    let listed = listing.as_ref().and_then(|listing| Some((listing, listing.compare()?)));
    if let Some((listing, listed)) = listed {
        len_only_count += listed.len_only_count;
        let (objects, notice) = listing.result(listed);
        index_objects = Some(objects);
        notices.push(notice);
    } else if has(Resource::Index) {
        if lists_index {
            truths = derive_truths(&check, &to_check, *jobs, interrupt, &mut results)?;
        }
        let count = truths.iter().filter(|truth| !matches!(truth, EntryTruth::Without(_))).count();
        observer.observe(Event::Started(Phase::ComparingIndex, count as u64));
        let run = IndexRun {
            source: index_source,
            base: base.map(|base| (base.source(), base.name.to_string())),
            entries: EntryCheck {
                archives: (place, names.as_deref()),
                truths: &truths,
                derive: &|position: usize| check.entry_again(&to_check[position]),
                known: &known,
            },
            planned: check.planned.as_ref().filter(|_| has_planned_index(options)),
            statements: index_statements,
            depth: options.depth,
            jobs: *jobs,
            observer,
            interrupt,
        };
        index_result = Some(run.compare(&mut results)?);
        observer.observe(Event::Finished);
    }
    notices.extend(check.notices(len_only_count));
    notices.extend(gaps.notices());
    let endpoint_result = options.endpoint.as_ref().map(|endpoint| {
        let archives = to_check.iter().filter(|_| has(Resource::Archives));
        let archive = endpoint_run.archive(archives.map(|(revision, _)| *revision));
        endpoint_run.read(endpoint, archive, served_static)
    });
    notices.extend(ignored(repository.overrides()?));
    notices.extend(names.is_none().then_some(Notice::NotListed));
    let reading = Reading { archive_count: check.archive_count(), byte_len: read_len() };
    let request = VerifyRequest {
        tool: Tool::this(),
        source: Source::of(stages.iter().map(|at| (at.stage, &at.read_ref, at.commit_id))),
        scope: scope.clone(),
        resolutions: resolutions.file_digest(),
        plan: options.plan.as_ref().map(|(_, digest)| *digest),
        place: options.place_name.clone(),
        kinds: options.kinds.clone(),
        statics: options.statics.clone(),
        index: options.index.as_ref().map(|index| index.name.clone()),
        base_index: base.map(|base| base.name.clone()),
        endpoint: options.endpoint.as_ref().map(|endpoint| endpoint.name.clone()),
        cache_control: options.cache_control.clone(),
        depth: options.depth,
        sample: *sample,
        extras: options.extras,
        public_keys: options.public_keys.iter().flat_map(PublicKeys::fingerprints).collect(),
        registry: None,
    };
    let to_check_count = to_check.len() as u64;
    let outcome = VerifyOutcome::new(request, to_check_count, results, others, notices, reading);
    let outcome = outcome.with_resources(statics_result, index_result);
    Ok(outcome.with_index_objects(index_objects).with_endpoint(endpoint_result))
}

/// Derives the entries of the revisions after all: the objects of the index are not as expected, so it is read.
fn derive_truths(
    check: &Check<'_>,
    to_check: &[(&RevisionId, Listed<'_>)],
    jobs: usize,
    interrupt: &AtomicBool,
    results: &mut [RevisionResult],
) -> Result<Vec<EntryTruth>, Error> {
    let derived = parallel::each(jobs, interrupt, to_check, |one| check.entry_truth(one))?;
    let mut truths = Vec::with_capacity(derived.len());
    for (result, (truth, unreadable)) in results.iter_mut().zip(derived) {
        result.mismatches.extend(unreadable);
        truths.push(truth);
    }
    Ok(truths)
}

/// Returns whether the plan has an index among its uploads.
fn has_planned_index(options: &Options) -> bool {
    options.plan.as_ref().is_some_and(|(plan, _)| {
        plan.uploads.iter().any(|upload| matches!(upload, Upload::Index(_)))
    })
}

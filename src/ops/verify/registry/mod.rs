//! Compares what a running registry answers with what v1 says: for its users, this is the migration.
//!
//! The expected answers are derived from Git (`entries`) and from the rules of the registry's own release (`rules/served`,
//! `rules/search`); no access to a bucket is needed. What the registry does by itself is computed: it depends on what a
//! revision is served from. Archives are compared as in every other place.

mod answers;
mod base;
mod extras;
mod list;
mod queries;
mod revision;
mod run;
mod statics;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;

use super::blobs::{Blobs, Needed};
use super::check::{Check, Counts};
use super::entries::{NoEntry, expected_entry};
use super::metered::Metered;
use super::planned::Planned;
use super::stated::{Gaps, Statements};
use super::static_listing::ExpectedStatic;
use super::statics::sampled;
use super::truth::{ExpectedCopies, Listed, NotCheckable, expected_copies};
use super::{Options, decisions, expected, ignored, in_sample, not_listed};
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::mismatch::Extras;
use crate::model::package::{RevisionId, Stage};
use crate::model::plan::{Source, Tool};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::{Resource, StaticSet};
use crate::model::verification::{
    Depth, Notice, ObjectCounts, Reading, RegistryRequest, ServedFrom, StaticsResult,
    VerifyOutcome, VerifyRequest,
};
use crate::ops::past::Past;
use crate::parallel;
use crate::v1::objects::ObjectReader;
use crate::v1::repository::V1Repository;
use crate::v1::workers::Workers;
use crate::v2::registry::Registry;
use crate::v2::store::Place;
use crate::v2::zip_reader::FileReader;

use base::Base;
use run::Run;

/// What to ask a registry, besides the options of every place.
#[derive(Clone, Debug)]
pub struct RegistryOptions {
    /// Revisions that the registry should have and v1 does not.
    pub known_extras: BTreeSet<RevisionId>,
    /// What all revisions are served from; `None` to conclude it from the headers of each archive.
    pub served_from: Option<ServedFrom>,
    /// How long answers that differ are requested again: a registry polls its index, and caches answers.
    pub wait: Duration,
    /// The pause between two rounds of requests.
    pub pause: Duration,
}

/// A revision of v1 that the registry should serve.
struct Subject<'l> {
    revision: &'l RevisionId,
    listed: Listed<'l>,
    /// Its entry, or why it has none.
    derived: Result<Value, NoEntry>,
    /// Whether the entry is that of the base index, although v1 says something else.
    is_as_published: bool,
    /// Its static resources in the sample.
    statics: Vec<ExpectedStatic>,
}

impl<'l> Subject<'l> {
    fn new(
        revision: &'l RevisionId,
        listed: Listed<'l>,
        copies: Result<ExpectedCopies, NotCheckable>,
        reader: &ObjectReader,
        static_set: &StaticSet,
    ) -> Self {
        let copies = match copies {
            Ok(copies) => copies,
            Err(reasons) => {
                let derived = Err(NoEntry::NotCheckable(reasons));
                let statics = Vec::new();
                return Subject { revision, listed, derived, is_as_published: false, statics };
            }
        };
        let derived = expected_entry(revision, &copies[0], reader).map(|manifest| {
            serde_json::to_value(manifest).expect("an entry holds finite numbers only")
        });
        let statics = copies[0]
            .files()
            .filter(|(file, _)| static_set.contains(file.path.as_str()))
            .map(|(file, facts)| ExpectedStatic {
                revision: 0,
                key: revision.static_key(&file.path),
                blob_id: file.blob_id,
                len: facts.len,
            })
            .collect();
        Subject { revision, listed, derived, is_as_published: false, statics }
    }
}

/// Keeps the static resources in the sample; returns the number of all.
fn sample_statics(subjects: &mut [Subject<'_>], max: Option<usize>) -> u64 {
    let mut all = Vec::new();
    for (position, subject) in subjects.iter_mut().enumerate() {
        let statics = std::mem::take(&mut subject.statics).into_iter();
        all.extend(statics.map(|file| ExpectedStatic { revision: position, ..file }));
    }
    let total = all.len() as u64;
    for file in sampled(all, max) {
        subjects[file.revision].statics.push(file);
    }
    total
}

/// What does not change from one round of requests to the next.
struct Terms<'t> {
    registry: &'t Registry,
    release: RegistryRelease,
    depth: Depth,
    served_from: Option<ServedFrom>,
    extras: Extras,
    /// Whether only a sample of the static resources is compared.
    is_static_sample: bool,
    /// Compares archives, also with the plan.
    planned: Check<'t>,
    /// Compares archives that are made at each request: with v1 only.
    unplanned: Check<'t>,
}

/// Compares the answers of a registry with the v1 repository at `path`.
///
/// Stops soon after `interrupt` is set.
///
/// # Errors
/// The comparison as a whole is not possible; [`Error::KnownExtras`]. A problem with a single revision, in v1 or in the
/// registry, is part of the outcome.
pub fn verify_registry(
    path: &Path,
    (options, asked): (&Options, &RegistryOptions),
    registry: &Registry,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<VerifyOutcome, Error> {
    let repository = V1Repository::open(path)?;
    let stages = repository.find_stages(&options.stages, &options.remote)?;
    let Options { scope, resolutions, sample, jobs, .. } = options;
    let observer = &Metered::new(observer, || registry.read_len());

    observer.observe(Event::Started(Phase::Listing, stages.len() as u64));
    let past = Past::new(&repository, &stages);
    let reader = repository.reader()?;
    let listing = past.list(&reader, scope, || observer.observe(Event::Advanced(0)))?;
    let workers: Workers<'_, FileReader> = Workers::new(&repository);
    let (rulings, gone) = decisions::rulings(resolutions, (&listing, &past), scope, &workers)?;
    observer.observe(Event::Finished);
    let precedence: Vec<Stage> = stages.iter().map(|stage| stage.stage).collect();
    let expected = expected(&listing, &rulings);

    let blobs = Blobs::new(Needed::Len);
    let mut subjects = parallel::each(*jobs, interrupt, &expected, |(revision, listed)| {
        workers.with(|worker| {
            let copies = expected_copies(listed, &precedence, &worker.reader, &blobs);
            Subject::new(revision, *listed, copies, &worker.reader, &options.statics)
        })
    })?;
    let base = match &options.base_index {
        Some(index) => Base::read(index, &mut subjects, interrupt)?,
        None => Base::default(),
    };
    let (mut to_check, others): (Vec<_>, Vec<_>) =
        subjects.into_iter().partition(|one| in_sample(*sample, &one.revision.to_string()));
    let in_v1 = sample_statics(&mut to_check, options.static_sample);
    let sample_len = to_check.iter().map(|subject| subject.statics.len() as u64).sum();

    let version = version(registry)?;
    let known = version.as_deref().and_then(|version| version.parse::<RegistryRelease>().ok());
    let release = known.unwrap_or(RegistryRelease::NEWEST);
    let plan = options.plan.as_ref().map(|(plan, _)| plan);
    let archives_alone = BTreeSet::from([Resource::Archives]);
    // The registry states the types itself.
    let gaps = Gaps::default();
    let statements =
        Statements { is_stating: false, of_lists_alone: false, cache_control: None, gaps: &gaps };
    let archives = |plan: Option<_>| Check {
        place: registry,
        names: None,
        statements,
        kinds: &archives_alone,
        statics: &options.statics,
        depth: Depth::Content,
        precedence: &precedence,
        workers: Workers::new(&repository),
        blobs: Blobs::new(Needed::Len),
        planned: plan.map(Planned::new).filter(|planned| planned.has(Resource::Archives)),
        derives_entries: false,
        keys: None,
        counts: Counts::default(),
    };
    let terms = Terms {
        registry,
        release,
        depth: options.depth,
        served_from: asked.served_from,
        extras: options.extras,
        is_static_sample: sample_len < in_v1,
        planned: archives(plan),
        unplanned: archives(None),
    };

    let run = Run { terms, options, asked, to_check, others, base, observer, interrupt };
    let round = run.rounds()?;
    run.check_extras(&round)?;

    let mut mismatches = not_listed(&listing.findings, *sample);
    mismatches.extend(round.of_list.iter().chain(&round.queried.mismatches).cloned());
    let mut notices: Vec<Notice> = ignored(repository.overrides()?).chain(gone).collect();
    notices.extend(run.notices(version.as_deref(), known, &round));
    let answers = run.answers(version, &round);
    let statuses = round.answered.values().flat_map(|one| one.statics.iter().copied());
    let counts = ObjectCounts::of(sample_len, statuses);
    // If v1 has none, there is nothing to prove about them.
    let statics = (in_v1 > 0).then_some(StaticsResult { in_v1, counts });
    let kinds = [Some(Resource::Archives), statics.map(|_| Resource::Static)];
    let archive_count = run.terms.planned.archive_count() + run.terms.unplanned.archive_count();
    let reading = Reading { archive_count, byte_len: registry.read_len() };
    let request = VerifyRequest {
        tool: Tool::this(),
        source: Source::of(stages.iter().map(|at| (at.stage, &at.read_ref, at.commit_id))),
        scope: scope.clone(),
        resolutions: resolutions.file_digest(),
        plan: options.plan.as_ref().map(|(_, digest)| *digest),
        kinds: kinds.into_iter().flatten().collect(),
        statics: options.statics.clone(),
        place: options.place_name.clone(),
        index: None,
        base_index: options.base_index.as_ref().map(|base| base.name.clone()),
        endpoint: None,
        cache_control: None,
        depth: options.depth,
        sample: *sample,
        extras: options.extras,
        public_keys: Vec::new(),
        registry: Some(RegistryRequest {
            known_extras: asked.known_extras.iter().map(RevisionId::to_string).collect(),
        }),
    };
    let to_check_count = run.to_check.len() as u64;
    let results = round.answered.into_values().map(|answered| answered.result).collect();
    let outcome =
        VerifyOutcome::new(request, to_check_count, results, mismatches, notices, reading);
    Ok(outcome.with_resources(statics, None).with_registry(answers))
}

/// Returns the version that the registry reports, if it reports one.
///
/// # Errors
/// [`Error::NoRegistry`] if it is not a registry, or does not respond.
fn version(registry: &Registry) -> Result<Option<String>, Error> {
    match answers::json(registry.index()) {
        Ok(Some(index)) => Ok(revision::version(&index).map(str::to_owned)),
        Ok(None) => Ok(None),
        Err(kind) => Err(Error::NoRegistry { detail: kind.message() }),
    }
}

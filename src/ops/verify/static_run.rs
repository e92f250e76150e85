//! The comparison of all static resources of a run: the sample, the plan, and the results by revision.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use super::Options;
use super::lost::lost_statics;
use super::planned::Planned;
use super::stated::Statements;
use super::static_listing::{ExpectedStatic, StaticListing};
use super::statics::{ComparedStatic, StaticCheck, of_revision, sampled};
use super::surplus::Known;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::STATIC_PREFIX;
use crate::model::resources::Resource;
use crate::model::verification::{ObjectCounts, RevisionResult, StaticsResult};
use crate::v2::store::Place;

/// What the comparison needs.
pub(super) struct StaticRun<'r> {
    pub(super) options: &'r Options,
    pub(super) place: &'r dyn Place,
    pub(super) statements: Statements<'r>,
    pub(super) planned: Option<&'r Planned<'r>>,
    pub(super) observer: &'r dyn Observer,
    pub(super) interrupt: &'r AtomicBool,
}

/// What was found of the static resources.
pub(super) struct FoundStatics {
    pub(super) result: StaticsResult,
    /// Those that are only in the plan.
    pub(super) lost: Vec<Mismatch>,
    /// Number of objects of which only the size could be compared with the plan.
    pub(super) len_only_count: u64,
}

impl StaticRun<'_> {
    /// Compares the expected objects and adds the mismatches to the results of their revisions.
    ///
    /// # Errors
    /// [`Error::Interrupted`]; [`Error::Workers`].
    pub(super) fn compare(
        &self,
        expected: Vec<ExpectedStatic>,
        listing: Option<&StaticListing>,
        known: &Known<'_>,
        results: &mut [RevisionResult],
    ) -> Result<FoundStatics, Error> {
        let Options { depth, extras, jobs, static_sample, plan, .. } = self.options;
        let (depth, extras, jobs, place) = (*depth, *extras, *jobs, self.place);
        let planned = self.planned.filter(|planned| planned.has(Resource::Static));
        let lost = match plan.as_ref().filter(|_| planned.is_some()) {
            Some((plan, _)) => {
                let keys = expected.iter().map(|one| one.key.as_str()).collect();
                lost_statics(plan, known, &keys, (place, listing), (jobs, self.interrupt))?
            }
            None => Vec::new(),
        };
        let in_v1 = expected.len() as u64;
        let expected = sampled(expected, *static_sample);
        let to_check = expected.len() as u64;
        self.observer.observe(Event::Started(Phase::ComparingStatics, to_check));
        let statements = self.statements.of(depth, listing.is_some());
        let check = StaticCheck { place, depth, statements, planned, jobs };
        let compared = check.compare(&expected, listing, self.observer, self.interrupt)?;
        self.observer.observe(Event::Finished);

        let len_only_count = compared.iter().filter(|one| one.is_len_only).count() as u64;
        let counts = ObjectCounts::of(to_check, compared.iter().map(|one| one.status(extras)));
        let mut by_revision: BTreeMap<usize, Vec<ComparedStatic>> = BTreeMap::new();
        for one in compared {
            by_revision.entry(one.revision).or_default().push(one);
        }
        for (index, of_one) in by_revision {
            let result = &mut results[index];
            let folder = format!("{STATIC_PREFIX}{}/", result.revision);
            let is_absent =
                result.mismatches.iter().any(|m| m.kind == MismatchKind::ArchiveMissing);
            let mismatches = of_revision(of_one, (&folder, is_absent), to_check < in_v1);
            result.of_resources.extend(mismatches);
        }
        Ok(FoundStatics { result: StaticsResult { in_v1, counts }, lost, len_only_count })
    }
}

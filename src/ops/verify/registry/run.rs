//! A run: rounds of requests, each for what has not been found equal yet, until nothing differs or the time is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::answers::mismatch;
use super::base::Base;
use super::list::{self, List};
use super::queries::{self, Queried};
use super::revision::Answered;
use super::{RegistryOptions, Subject, Terms};
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::mismatch::{Class, Extras, Mismatch};
use crate::model::package::RevisionId;
use crate::model::registry_release::RegistryRelease;
use crate::model::verification::{Depth, Notice, RegistryAnswers, ServedFrom, Share};
use crate::ops::verify::Options;
use crate::parallel;
use crate::rules::served::Deprecations;
use crate::v2::registry::RegistryQuery;

/// The answers of one round.
#[derive(Default)]
pub(super) struct Round {
    pub(super) list: Option<List>,
    /// Mismatches of the list, and of what v1 does not have.
    pub(super) of_list: Vec<Mismatch>,
    pub(super) queried: Queried,
    pub(super) answered: BTreeMap<RevisionId, Answered>,
}

/// One run: the terms, and what to ask about.
pub(super) struct Run<'r> {
    pub(super) terms: Terms<'r>,
    pub(super) options: &'r Options,
    pub(super) asked: &'r RegistryOptions,
    /// The revisions in the sample.
    pub(super) to_check: Vec<Subject<'r>>,
    /// Those outside of it: the registry should serve them, but they are not compared.
    pub(super) others: Vec<Subject<'r>>,
    pub(super) base: Base,
    pub(super) observer: &'r dyn Observer,
    pub(super) interrupt: &'r AtomicBool,
}

impl Run<'_> {
    /// Asks for everything, and then again for what differs, until nothing does or the time is over.
    pub(super) fn rounds(&self) -> Result<Round, Error> {
        let deadline = Instant::now() + self.asked.wait;
        let mut round = Round::default();
        self.ask(&mut round)?;
        while is_different(&round) && Instant::now() < deadline {
            self.pause(deadline)?;
            self.ask(&mut round)?;
        }
        Ok(round)
    }

    fn pause(&self, deadline: Instant) -> Result<(), Error> {
        const STEP: Duration = Duration::from_millis(100);
        let until = deadline.min(Instant::now() + self.asked.pause);
        while Instant::now() < until {
            if self.interrupt.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            thread::sleep(STEP.min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }

    /// Asks for the list, for the revisions that have not been found equal yet, and for the queries.
    fn ask(&self, round: &mut Round) -> Result<(), Error> {
        round.of_list.clear();
        round.list = match List::request(self.terms.registry) {
            Ok(list) => Some(list),
            Err(kind) => {
                round.of_list.push(mismatch(&RegistryQuery::All.request(), None, kind));
                None
            }
        };
        let list = round.list.as_ref();
        let extras = list.map(|list| self.extras(list)).unwrap_or_default();
        round.of_list.extend(extras.mismatches);
        let mut deprecations = Deprecations::default();
        let entries =
            self.subjects().filter_map(|one| Some((one.revision, one.derived.as_ref().ok()?)));
        let of_extras = extras.pages.iter().map(|(revision, page)| (revision, page));
        for (revision, entry) in entries.chain(self.base.entries()).chain(of_extras) {
            deprecations.add(revision, entry);
        }

        let is_open = |one: &&Subject<'_>| match round.answered.get(one.revision) {
            Some(answered) => answered.result.all().next().is_some(),
            None => true,
        };
        let open: Vec<&Subject<'_>> = self.to_check.iter().filter(is_open).collect();
        self.observer.observe(Event::Started(Phase::Comparing, open.len() as u64));
        let answered = parallel::each(self.options.jobs, self.interrupt, &open, |subject| {
            let answered = self.terms.revision(subject, list, &deprecations)?;
            self.observer.observe(Event::Advanced(0));
            Ok(answered)
        })?;
        self.observer.observe(Event::Finished);
        for answered in answered {
            round.answered.insert(answered.result.revision.clone(), answered);
        }

        // Other releases may have written published entries; what the list shows of them was compared.
        let entries: BTreeMap<String, &Value> = self
            .subjects()
            .filter(|one| !one.is_as_published)
            .filter_map(|one| Some((one.revision.to_string(), one.derived.as_ref().ok()?)))
            .collect();
        round.queried = match &round.list {
            Some(list) => {
                queries::compare(self.terms.registry, self.terms.release, list, |revision| {
                    entries.get(revision).copied()
                })
            }
            // Without the list, there is nothing to select from.
            None => Queried::default(),
        };
        Ok(())
    }

    /// All revisions of v1 that the registry should serve.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &Subject<'_>> {
        self.to_check.iter().chain(&self.others)
    }

    pub(super) fn of_v1(&self) -> BTreeSet<String> {
        self.subjects().map(|subject| subject.revision.to_string()).collect()
    }

    /// Returns how much was compared.
    pub(super) fn answers(&self, version: Option<String>, round: &Round) -> RegistryAnswers {
        let answered = || round.answered.values();
        let count = |is: &dyn Fn(&&Answered) -> bool| answered().filter(is).count() as u64;
        let sources: BTreeSet<ServedFrom> = answered().filter_map(|one| one.served_from).collect();
        RegistryAnswers {
            version,
            release: self.terms.release,
            served_from: sources.into_iter().collect(),
            listed: round.list.as_ref().map_or(0, |list| list.items.len() as u64),
            pages: Share {
                compared: count(&|one| one.has_page),
                total: self.to_check.len() as u64,
            },
            archive_sizes: Share {
                compared: count(&|one| one.has_size),
                total: count(&|one| one.served_from.is_some()),
            },
            visible: round.queried.visible,
            categories: round.queried.categories,
            as_published: self.to_check.iter().filter(|one| one.is_as_published).count() as u64,
            base_only: self.base.names().count() as u64,
        }
    }

    /// Returns what limits the comparison, or qualifies it.
    pub(super) fn notices(
        &self,
        version: Option<&str>,
        known: Option<RegistryRelease>,
        round: &Round,
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        if known.is_none() {
            notices.push(Notice::UnknownRelease {
                version: version.map(str::to_owned),
                judged_as: self.terms.release,
            });
        }
        let made = round
            .answered
            .values()
            .filter(|one| one.served_from == Some(ServedFrom::Folders))
            .count();
        if made > 0 && self.options.depth != Depth::Content {
            notices.push(Notice::ArchivesMadeOnRequest { object_count: made as u64 });
        }
        let extensions: BTreeSet<String> =
            round.answered.values().flat_map(|one| one.unjudged.clone()).collect();
        if !extensions.is_empty() {
            notices.push(Notice::TypesNotJudged { extensions });
        }
        let of_v1 = self.of_v1();
        let others = round.list.as_ref().map(|list| list.others(&of_v1)).unwrap_or_default();
        let unmigrated: BTreeSet<String> = others
            .into_iter()
            .filter(|name| {
                list::revision(name).is_some_and(|revision| self.is_unmigrated(&revision))
            })
            .map(str::to_owned)
            .collect();
        if !unmigrated.is_empty() {
            notices.push(Notice::ServedUnmigrated { revisions: unmigrated });
        }
        notices
    }
}

fn is_different(round: &Round) -> bool {
    let of_revisions = round.answered.values().flat_map(|answered| answered.result.all());
    let mut all = of_revisions.chain(&round.of_list).chain(&round.queried.mismatches);
    all.any(|found| found.kind.class(Extras::Allowed) != Class::Information)
}

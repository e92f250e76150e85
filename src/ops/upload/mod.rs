//! Uploads what a plan has into a store: creates objects, and never replaces one.
//!
//! First the files are looked at, then the stores' lists, then what is missing is sent: archives, each followed by its
//! signature, static resources, the index. The cursor, which makes registries load the index, is written last, and only
//! if everything else is there. There is no journal: an interrupted run goes on by looking at what is there.

mod cursor;
mod files;
mod objects;
mod refusal;
mod send;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::digest::Sha256;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::package::{ARCHIVE_PREFIX, METADATA_PREFIX, STATIC_PREFIX};
use crate::model::plan::{Plan, PlannedIndex, Tool};
use crate::model::upload::{
    Conflict, Failure, Layout, ObjectKind, Outcome, UploadNotice, UploadOutcome, UploadRequest,
    UploadedObject, Withheld,
};
use crate::model::verification::PlaceName;
use crate::parallel;
use crate::v2::index::{cursor_key, entry_names};
use crate::v2::store::bucket::{Bucket, Entry, StoreKind};

use cursor::{CursorState, has_index_between, judge};
use objects::{Before, Object, compare, of_plan, without_archives};
use refusal::Refusal;
use send::Sender;

/// The maximum length of `cursor.json` in bytes.
const MAX_CURSOR_LEN: usize = 64 << 10;
/// The bounds of the number of concurrent requests, if it is not given.
const CONCURRENT_REQUESTS: std::ops::RangeInclusive<usize> = 16..=64;
/// One more concurrent request for each of these times that the store takes to answer.
const TIME_PER_REQUEST: Duration = Duration::from_millis(2);

/// What to upload, and how.
#[derive(Debug)]
pub struct Options {
    /// Where the files of the plan are, in the order in which they are looked for.
    pub folders: Vec<PathBuf>,
    /// The plan, or the folder that has it, for messages.
    pub plan_path: PathBuf,
    /// The SHA-256 of the plan.
    pub plan_digest: Sha256,
    /// Number of open blockers in the report of the plan.
    pub blocker_count: u64,
    /// What is uploaded although it is usually a mistake.
    pub allowed: Allowed,
    /// The layout of the keys.
    pub layout: Layout,
    /// The `Cache-Control` of archives, signatures and static resources.
    pub cache_control: Option<String>,
    /// Whether to compare the digests of all files before the first request.
    pub checks_files: bool,
    /// Whether to write nothing.
    pub is_dry_run: bool,
    /// Number of concurrent requests; by the store's latency if it is not given.
    pub jobs: Option<usize>,
    /// The store of archives and static resources.
    pub to: PlaceName,
    /// The store of the index, if it is another one.
    pub internal: Option<PlaceName>,
}

/// What is uploaded although it is usually a mistake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed {
    /// A plan with signatures that do not exist yet; they are left out.
    pub pending: bool,
    /// A plan whose report has open blockers.
    pub blockers: bool,
    /// The plan of a shard.
    pub shard: bool,
}

/// A plan whose files are all there.
#[derive(Debug)]
pub struct Checked<'p> {
    plan: &'p Plan,
    objects: Vec<Object<'p>>,
    left_out: u64,
}

/// The opened stores.
#[derive(Clone, Copy)]
pub struct Stores<'s> {
    /// The store of archives and static resources.
    pub to: &'s Bucket,
    /// The store of the index.
    pub internal: &'s Bucket,
    /// The kind of the latter.
    pub internal_kind: StoreKind,
}

/// Checks that a plan may be uploaded, and that its files are there. Sends no request.
///
/// # Errors
/// [`Error::Upload`]; [`Error::Interrupted`].
pub fn check<'p>(
    plan: &'p Plan,
    options: &Options,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Checked<'p>, Error> {
    let refused = |refusal: Refusal| Error::Upload {
        path: options.plan_path.clone(),
        hint: refusal.hint(),
        source: refusal.into(),
    };
    if options.blocker_count > 0 && !options.allowed.blockers {
        return Err(refused(Refusal::Blockers(options.blocker_count)));
    }
    let (mut objects, left_out) = of_plan(plan, options).map_err(refused)?;
    files::find(&mut objects, &options.folders).map_err(refused)?;
    if options.checks_files {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        files::check_digests(&objects, jobs, observer, interrupt)?.map_err(refused)?;
    }
    Ok(Checked { plan, objects, left_out })
}

/// Uploads a plan, or finds out what that would do.
///
/// # Errors
/// A store cannot be listed; [`Error::Interrupted`]. What happens to a single object is part of the outcome.
pub fn upload(
    checked: &Checked<'_>,
    options: &Options,
    stores: Stores<'_>,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<UploadOutcome, Error> {
    let Checked { plan, objects, left_out } = checked;
    let Stores { to, internal, internal_kind } = stores;
    let lists = Lists::read(objects, options.layout, stores, observer)?;
    let jobs = options.jobs.unwrap_or_else(|| jobs(latency(internal)));
    let sender = Sender {
        to,
        internal,
        cache_control: options.cache_control.as_deref(),
        is_dry_run: options.is_dry_run,
        observer,
    };
    let run = Run { plan, objects, lists: &lists, sender, jobs, interrupt };
    let outcomes = run.outcomes()?;

    let mut notices = Vec::new();
    if *left_out > 0 {
        notices.push(UploadNotice::NotInQueue { object_count: *left_out });
    }
    match plan.signature_counts().pending {
        0 => {}
        signature_count => notices.push(UploadNotice::Pending { signature_count }),
    }
    let has_index = objects.iter().any(|object| object.kind.is_of_index());
    if has_index && internal_kind != StoreKind::Gcs {
        notices.push(UploadNotice::IndexNotReadable);
    }
    let objects = objects.iter().zip(outcomes).map(|(object, outcome)| UploadedObject {
        kind: object.kind,
        key: object.key.clone(),
        size: object.digests.map(|digests| digests.size),
        outcome,
    });
    let request = UploadRequest {
        tool: Tool::this(),
        source: plan.source.clone(),
        shard: plan.shard,
        scope: plan.scope.clone(),
        resolutions: plan.resolutions,
        plan: options.plan_digest,
        to: options.to.clone(),
        internal: options.internal.clone(),
        layout: options.layout,
        cache_control: options.cache_control.clone(),
        is_dry_run: options.is_dry_run,
    };
    let others = if std::ptr::eq(to, internal) { 0 } else { internal.page_count() };
    let page_count = to.page_count() + others;
    Ok(UploadOutcome { request, objects: objects.collect(), notices, page_count })
}

/// Measures how long a store takes to answer; its answer does not matter.
fn latency(bucket: &Bucket) -> Duration {
    let start = Instant::now();
    let answer = bucket.head(cursor_key().as_str());
    // What is wrong is reported about the objects.
    answer.map_or(Duration::ZERO, |_| start.elapsed())
}

/// Returns the number of concurrent requests for a latency.
fn jobs(latency: Duration) -> usize {
    let times = latency.as_micros() / TIME_PER_REQUEST.as_micros();
    let (least, most) = (*CONCURRENT_REQUESTS.start(), *CONCURRENT_REQUESTS.end());
    usize::try_from(times).unwrap_or(most).clamp(least, most)
}

/// What is in the stores at the start.
struct Lists {
    /// Archives, static resources, and signatures.
    to: BTreeMap<String, Entry>,
    /// The objects of indexes.
    internal: BTreeMap<String, Entry>,
}

impl Lists {
    fn read(
        objects: &[Object<'_>],
        layout: Layout,
        stores: Stores<'_>,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let has = |wanted: &dyn Fn(ObjectKind) -> bool| objects.iter().any(|one| wanted(one.kind));
        let has_statics = has(&|kind| kind == ObjectKind::Static);
        let has_index = has(&ObjectKind::is_of_index);
        let prefixes: &[&str] = match layout {
            Layout::Queue => &[""],
            Layout::Bucket if has_statics => &[ARCHIVE_PREFIX, STATIC_PREFIX],
            Layout::Bucket => &[ARCHIVE_PREFIX],
        };
        let count = prefixes.len() + usize::from(has_index);
        observer.observe(Event::Started(Phase::ListingStore, count as u64));
        let mut lists = Lists { to: BTreeMap::new(), internal: BTreeMap::new() };
        for prefix in prefixes {
            lists.to.append(&mut stores.to.list_or_fail(prefix)?);
            observer.observe(Event::Advanced(0));
        }
        if has_index {
            lists.internal = stores.internal.list_or_fail(METADATA_PREFIX)?;
            observer.observe(Event::Advanced(0));
        }
        observer.observe(Event::Finished);
        Ok(lists)
    }

    fn of(&self, object: &Object<'_>) -> &BTreeMap<String, Entry> {
        if object.kind.is_of_index() { &self.internal } else { &self.to }
    }
}

/// A run over all objects.
struct Run<'r> {
    plan: &'r Plan,
    objects: &'r [Object<'r>],
    lists: &'r Lists,
    sender: Sender<'r>,
    jobs: usize,
    interrupt: &'r AtomicBool,
}

impl Run<'_> {
    /// Returns the outcome of each object, in their order.
    fn outcomes(&self) -> Result<Vec<Outcome>, Error> {
        let before = self.before()?;
        let state = self.cursor_state();
        let observer = self.sender.observer;
        let to_send = || {
            let is_sent = |(object, before): &(&Object<'_>, &Before)| {
                **before == Before::Absent && object.digests.is_some()
            };
            self.objects.iter().zip(&before).filter(is_sent)
        };
        observer.observe(Event::Started(Phase::Uploading, to_send().count() as u64));
        let sizes = to_send().filter_map(|(object, _)| Some(object.digests?.size));
        observer.observe(Event::Expected(sizes.sum()));
        let index_at = self.objects.iter().position(|object| object.kind.is_of_index());
        let index_at = index_at.unwrap_or(self.objects.len());
        let mut outcomes = Vec::with_capacity(self.objects.len());
        let numbered: Vec<usize> = (0..index_at).collect();
        let is_of_archives = |position: &usize| {
            matches!(self.objects[*position].kind, ObjectKind::Archive | ObjectKind::Signature)
        };
        let (archives, statics) =
            numbered.split_at(numbered.iter().filter(|at| is_of_archives(at)).count());
        // An archive and its signature are one task.
        let pairs: Vec<&[usize]> = archives
            .chunk_by(|_, next| self.objects[*next].kind == ObjectKind::Signature)
            .collect();
        for tasks in [pairs, statics.chunks(1).collect()] {
            let done = parallel::each(self.jobs, self.interrupt, &tasks, |task| {
                Ok(self.in_turn(task, &before))
            })?;
            outcomes.extend(done.into_iter().flatten());
        }
        outcomes.extend(self.index(
            &self.objects[index_at..],
            &before[index_at..],
            &outcomes,
            state,
        )?);
        observer.observe(Event::Finished);
        Ok(outcomes)
    }

    /// Returns what is known about each object before the first one is sent.
    fn before(&self) -> Result<Vec<Before>, Error> {
        let mut before: Vec<Before> =
            self.objects.iter().map(|object| compare(object, self.lists.of(object))).collect();
        let unclear: Vec<usize> = (0..before.len())
            .filter(|at| before[*at] == Before::Unclear)
            .filter(|at| self.objects[*at].kind != ObjectKind::Cursor)
            .collect();
        if unclear.is_empty() {
            return Ok(before);
        }
        let observer = self.sender.observer;
        observer.observe(Event::Started(Phase::Settling, unclear.len() as u64));
        let settled = parallel::each(self.jobs, self.interrupt, &unclear, |at| {
            let settled = self.sender.settle(&self.objects[*at]);
            observer.observe(Event::Advanced(0));
            Ok(settled)
        })?;
        observer.observe(Event::Finished);
        for (at, settled) in unclear.into_iter().zip(settled) {
            before[at] = settled;
        }
        Ok(before)
    }

    /// Sends an archive and then its signature, or a single object.
    fn in_turn(&self, task: &[usize], before: &[Before]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(task.len());
        for at in task {
            let object = &self.objects[*at];
            let outcome = match outcomes.last() {
                _ if object.digests.is_none() => Outcome::Withheld(Withheld::Pending),
                Some(archive) if !archive.is_there() => {
                    Outcome::Withheld(Withheld::ArchiveNotThere)
                }
                _ => self.sender.create(object, &before[*at]),
            };
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Looks at the cursor in the store; `None` if the plan has no cursor.
    fn cursor_state(&self) -> Option<Result<CursorState, Failure>> {
        let cursor = self.objects.iter().find(|object| object.kind == ObjectKind::Cursor)?;
        let planned = self.plan.index.as_ref()?;
        let found = self.sender.internal.read(&cursor.key, MAX_CURSOR_LEN);
        Some(match found {
            Ok(found) => Ok(judge(found, planned, &cursor.digests?)),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                Ok(CursorState::Other(Conflict::CursorUnreadable))
            }
            Err(error) => Err(Failure::Store { detail: error.to_string() }),
        })
    }

    /// Sends the objects of the index, the cursor last.
    fn index(
        &self,
        objects: &[Object<'_>],
        before: &[Before],
        others: &[Outcome],
        first_look: Option<Result<CursorState, Failure>>,
    ) -> Result<Vec<Outcome>, Error> {
        let Some(planned) = &self.plan.index else { return Ok(Vec::new()) };
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        // Nothing of the index is written over a cursor that has moved meanwhile.
        let state = match (self.sender.is_dry_run, &first_look) {
            (false, Some(Ok(CursorState::Absent | CursorState::Base(_)))) => self.cursor_state(),
            _ => first_look,
        };
        let missing = self.entries_without_archives(objects, planned)?;
        let is_missing = |outcome: &&Outcome| {
            !outcome.is_there() && **outcome != Outcome::Withheld(Withheld::Pending)
        };
        let mut not_there = others.iter().filter(is_missing).count() as u64;
        let mut outcomes = Vec::with_capacity(objects.len());
        for (object, before) in objects.iter().zip(before) {
            let outcome = match (object.kind, &state, missing.first()) {
                (ObjectKind::Cursor, Some(Ok(CursorState::Other(conflict))), _) => {
                    Outcome::Conflict(conflict.clone())
                }
                (ObjectKind::Cursor, Some(Err(failure)), _) => Outcome::Failed(failure.clone()),
                (_, Some(Ok(CursorState::Other(_))), _) => {
                    Outcome::Withheld(Withheld::CursorNotBase)
                }
                (_, Some(Err(_)), _) => {
                    Outcome::Withheld(Withheld::NotComplete { object_count: 1 })
                }
                (ObjectKind::Index, _, Some(first)) => Outcome::Failed(Failure::ArchivesMissing {
                    entry_count: missing.len() as u64,
                    first: first.clone(),
                }),
                _ if not_there > 0 => {
                    Outcome::Withheld(Withheld::NotComplete { object_count: not_there })
                }
                (ObjectKind::Delta, ..) if has_index_between(planned, &self.lists.internal) => {
                    Outcome::Withheld(Withheld::IndexBetween)
                }
                (ObjectKind::Cursor, Some(Ok(CursorState::Published)), _) => Outcome::AlreadyThere,
                (ObjectKind::Cursor, Some(Ok(CursorState::Base(None))), _) => {
                    let detail =
                        "the store reports no state of the cursor, so it cannot be replaced safely";
                    Outcome::Failed(Failure::Store { detail: detail.to_owned() })
                }
                (ObjectKind::Cursor, Some(Ok(CursorState::Base(Some(revision)))), _) => {
                    self.sender.replace(object, Some(revision))
                }
                (ObjectKind::Cursor, ..) => self.sender.replace(object, None),
                _ => self.sender.create(object, before),
            };
            let is_left_out = outcome == Outcome::Withheld(Withheld::IndexBetween);
            not_there += u64::from(!outcome.is_there() && !is_left_out);
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Returns the archives of new entries of the index that are neither in the plan nor in the store.
    fn entries_without_archives(
        &self,
        objects: &[Object<'_>],
        planned: &PlannedIndex,
    ) -> Result<Vec<String>, Error> {
        // With a published index, the new entries are those that the changes add.
        let kind = if planned.base.is_some() { ObjectKind::Delta } else { ObjectKind::Index };
        let Some(object) = objects.iter().find(|object| object.kind == kind) else {
            return Ok(Vec::new());
        };
        let path: &Path = &object.path;
        let file = File::open(path).map_err(Error::file("open", path))?;
        let entries = entry_names(file)
            .map_err(|source| Error::OwnIndex { path: path.to_owned(), source: source.into() })?;
        Ok(without_archives(&entries, self.objects, &self.lists.to, ARCHIVE_PREFIX))
    }
}

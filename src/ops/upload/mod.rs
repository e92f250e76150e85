//! Uploads what a plan has into a store: creates objects, and never replaces one.
//!
//! First the files are looked at, then the stores' lists, then what is missing is sent: archives, each followed by its
//! signature, static resources, the index. The cursor, which makes registries load the index, is written last, and only
//! if everything else is there. There is no journal: an interrupted run goes on by looking at what is there.

mod cursor;
mod files;
mod index;
mod lists;
mod objects;
mod published;
mod refusal;
mod run;
mod send;
mod served;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::digest::Sha256;
use crate::error::Error;
use crate::model::event::Observer;
use crate::model::plan::{Plan, Tool};
use crate::model::upload::{
    Comparison, Layout, UploadNotice, UploadOutcome, UploadRequest, UploadedObject,
};
use crate::model::verification::PlaceName;
use crate::ops::endpoint::Endpoint;
use crate::v2::index::{ChangedEntries, cursor_key};
use crate::v2::store::bucket::{Bucket, StoreKind};

use lists::Lists;
use objects::{Object, check_plan, of_plan};
use refusal::Refusal;
use run::Run;
use send::Sender;

pub use published::{Described, MirrorFolder, Published};

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
    /// Whether the published signature of an archive that is there stays, instead of being a conflict.
    pub keeps_signatures: bool,
    /// Whether to write nothing.
    pub is_dry_run: bool,
    /// Number of concurrent requests; by the store's latency if it is not given.
    pub jobs: Option<usize>,
    /// The store of archives and static resources.
    pub to: PlaceName,
    /// The store of the index, if it is another one.
    pub internal: Option<PlaceName>,
    /// The endpoint of registries, through which an object of each kind is read at the end.
    pub endpoint: Option<Endpoint>,
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
    check_plan(plan, options.layout, options.allowed).map_err(refused)?;
    let (mut objects, left_out) = of_plan(plan, options.layout);
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
    let jobs = options.jobs.unwrap_or_else(|| jobs(latency(internal)));
    let writes = (!options.is_dry_run).then_some([to, internal]);
    let changed = index::changed_in_files(plan, objects)?;
    let lists = Lists::read(objects, options.layout, [to, internal], observer)?;
    let cache_control = options.cache_control.as_deref();
    let sender = Sender { to, internal, writes, cache_control, observer };
    let keeps_signatures = options.keeps_signatures;
    let run =
        Run { plan, objects, lists: &lists, changed, keeps_signatures, sender, jobs, interrupt };
    let uploaded = run.uploaded()?;
    let has_index = options.internal.is_none();
    let served = |endpoint| served::read(endpoint, (objects, &uploaded), has_index);
    let endpoint = options.endpoint.as_ref().map(served);
    let mut notices = Vec::new();
    if *left_out > 0 {
        notices.push(UploadNotice::NotInQueue { object_count: *left_out });
    }
    notices.extend(notices_on(plan, &uploaded, Some(internal_kind)));
    let others = if std::ptr::eq(to, internal) { 0 } else { internal.page_count() };
    let page_count = to.page_count() + others;
    let request = UploadRequest {
        layout: options.layout,
        cache_control: options.cache_control.clone(),
        endpoint: options.endpoint.as_ref().map(|endpoint| endpoint.name.clone()),
        is_dry_run: options.is_dry_run,
        ..dry_run(plan, options.plan_digest, &options.to, options.internal.as_ref())
    };
    Ok(UploadOutcome { request, objects: uploaded, notices, page_count, endpoint })
}

/// A place that a plan is compared with.
#[derive(Clone, Copy)]
pub struct ComparedPlace<'p> {
    /// Its name, for display.
    pub name: &'p PlaceName,
    /// Its kind, if it is a bucket.
    pub kind: Option<StoreKind>,
    /// The place.
    pub place: &'p dyn Published,
}

/// Finds out what uploading a plan would do, without its files; `changed` are the entries of its index that are not
/// published like this. The plan may be that of a shard, or lack signatures: nothing is uploaded. `internal` is the
/// place of the index, if it is not `to`.
///
/// # Errors
/// A place cannot be listed; [`Error::Interrupted`].
pub fn compare(
    plan: &Plan,
    changed: ChangedEntries,
    (to, internal): (ComparedPlace<'_>, Option<ComparedPlace<'_>>),
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Comparison, Error> {
    let text = plan.to_json().map_err(|source| Error::Json { what: "the plan", source })?;
    let internal_name = internal.map(|internal| internal.name);
    let request = dry_run(plan, Sha256::of(text.as_bytes()), to.name, internal_name);
    let (objects, _) = of_plan(plan, request.layout);
    let of_index = internal.unwrap_or(to);
    let lists = Lists::read(&objects, request.layout, [to.place, of_index.place], observer)?;
    let sender = Sender {
        to: to.place,
        internal: of_index.place,
        writes: None,
        cache_control: None,
        observer,
    };
    let run = Run {
        plan,
        objects: &objects,
        lists: &lists,
        changed,
        keeps_signatures: false,
        sender,
        jobs: *CONCURRENT_REQUESTS.start(),
        interrupt,
    };
    let uploaded = run.uploaded()?;
    let notices = notices_on(plan, &uploaded, of_index.kind);
    let others = internal.map_or(0, |internal| internal.place.page_count());
    let page_count = to.place.page_count() + others;
    let outcome = UploadOutcome { request, objects: uploaded, notices, page_count, endpoint: None };
    Ok(Comparison { outcome, others: lists.others(&objects) })
}

/// Returns what does not concern a single object.
fn notices_on(
    plan: &Plan,
    objects: &[UploadedObject],
    internal_kind: Option<StoreKind>,
) -> Vec<UploadNotice> {
    let mut notices = Vec::new();
    match plan.signature_counts().pending {
        0 => {}
        signature_count => notices.push(UploadNotice::Pending { signature_count }),
    }
    let has_index = objects.iter().any(|object| object.kind.is_of_index());
    if has_index && internal_kind.is_some_and(|kind| kind != StoreKind::Gcs) {
        notices.push(UploadNotice::IndexNotReadable);
    }
    notices
}

/// Returns the request of a dry run with the keys of the plan, and nothing besides.
fn dry_run(
    plan: &Plan,
    plan_digest: Sha256,
    to: &PlaceName,
    internal: Option<&PlaceName>,
) -> UploadRequest {
    UploadRequest {
        tool: Tool::this(),
        source: plan.source.clone(),
        shard: plan.shard,
        scope: plan.scope.clone(),
        resolutions: plan.resolutions,
        plan: plan_digest,
        to: to.clone(),
        internal: internal.cloned(),
        layout: Layout::Bucket,
        cache_control: None,
        endpoint: None,
        is_dry_run: true,
    }
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

//! The static resources of a run: each distinct blob is hashed once, written once if an object is missing, and
//! linked under all its keys once all archives are made.
//!
//! Blobs arrive as they are read for the archives, so none is read a second time. A revision that is not migrated has
//! no static resources: its blobs may be written to the temporary folder, but are never linked.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use super::Deliveries;
use crate::digest::ObjectDigests;
use crate::error::Error;
use crate::model::content::{Content, EntryPath, ObjectId, escape};
use crate::model::event::{Event, Observer, Phase};
use crate::model::finding::{Defect, FindingKind};
use crate::model::package::{MAX_FILE_NAME_LEN, MAX_KEY_LEN, ObjectKey, RevisionId};
use crate::model::plan::StaticUpload;
use crate::model::resources::{Resource, Resources, StaticSet};
use crate::parallel;
use crate::v2::folder::{Delivery, StaticSink};
use crate::v2::statics::content_type;

/// The use of a blob as a static resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum StaticUse {
    /// It is hashed: all of its objects exist.
    Digested,
    /// It is hashed and written.
    Kept,
}

/// A file that is a static resource.
#[derive(Clone)]
pub(super) struct StaticFile {
    pub(super) path: EntryPath,
    pub(super) blob_id: ObjectId,
    pub(super) used: StaticUse,
}

/// The distinct blobs that are static resources.
pub(super) struct Statics<'r> {
    resources: &'r Resources,
    sink: &'r dyn StaticSink,
    blobs: Mutex<HashMap<ObjectId, StaticBlob>>,
}

/// The state of a blob.
#[derive(Default)]
struct StaticBlob {
    is_kept: bool,
    digests: Option<ObjectDigests>,
}

impl<'r> Statics<'r> {
    pub(super) fn new(resources: &'r Resources, sink: &'r dyn StaticSink) -> Self {
        Statics { resources, sink, blobs: Mutex::default() }
    }

    /// Returns the files of a revision that are static resources, and a defect for each that cannot be one.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(super) fn files(
        &self,
        revision: &RevisionId,
        content: &Content,
    ) -> Result<(Vec<StaticFile>, Vec<Defect>), Error> {
        let (mut files, mut defects) = (Vec::new(), Vec::new());
        if !self.resources.has(Resource::Static) {
            return Ok((files, defects));
        }
        for file in content.files() {
            let path = file.path.as_str();
            if !self.resources.statics.contains(path) {
                continue;
            }
            let key = revision.static_key(&file.path);
            if let Some(kind) = too_long(&key) {
                defects.push(Defect { path: Some(escape(path.as_bytes())), kind });
                continue;
            }
            let used = match self.sink.lacks(&key)? {
                true => StaticUse::Kept,
                false => StaticUse::Digested,
            };
            files.push(StaticFile { path: file.path.clone(), blob_id: file.blob_id, used });
        }
        Ok((files, defects))
    }

    /// Takes a blob's bytes: hashes and writes them unless that was done before.
    pub(super) fn take(
        &self,
        blob_id: ObjectId,
        used: StaticUse,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let is_to_keep = {
            let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
            let is_known = blobs.contains_key(&blob_id);
            let blob = blobs.entry(blob_id).or_default();
            let is_to_keep = used == StaticUse::Kept && !blob.is_kept;
            blob.is_kept |= is_to_keep;
            if is_known && !is_to_keep {
                return Ok(());
            }
            is_to_keep
        };
        let digests = ObjectDigests::of(bytes);
        if is_to_keep {
            self.sink.keep(&digests.sha256, bytes)?;
        }
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.entry(blob_id).or_default().digests = Some(digests);
        Ok(())
    }

    /// Places every static resource of the migrated revisions; returns their uploads, in no particular order, and the
    /// results of the sink.
    ///
    /// # Errors
    /// [`Error::Interrupted`], and [`Error::File`] if an object cannot be placed or compared.
    pub(super) fn place(
        self,
        revisions: Vec<(RevisionId, Vec<StaticFile>)>,
        jobs: usize,
        observer: &dyn Observer,
        interrupt: &AtomicBool,
    ) -> Result<(Vec<StaticUpload>, Deliveries), Error> {
        let blobs = self.blobs.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut uploads = Vec::new();
        for (revision, files) in revisions {
            for StaticFile { path, blob_id, .. } in files {
                let digests = blobs.get(&blob_id).and_then(|blob| blob.digests);
                let digests = digests.expect("the blobs of a migrated revision were read");
                let content_type = content_type(path.as_str()).into();
                uploads.push(StaticUpload::of(&revision, &path, content_type, digests));
            }
        }
        let mut groups: BTreeMap<_, (ObjectDigests, Vec<&ObjectKey>)> = BTreeMap::new();
        for upload in &uploads {
            let digests = *upload.digests();
            let group = groups.entry(digests.sha256).or_insert((digests, Vec::new()));
            group.1.push(upload.key());
        }
        let groups: Vec<_> = groups.into_values().collect();

        if !self.resources.has(Resource::Static) {
            return Ok((uploads, Deliveries::default()));
        }
        observer.observe(Event::Started(Phase::Placing, uploads.len() as u64));
        self.sink.flush()?;
        let placed = parallel::each(jobs, interrupt, &groups, |(digests, keys)| {
            let placed = self.sink.place(digests, keys)?;
            placed.iter().for_each(|_| observer.observe(Event::Advanced(digests.size)));
            Ok(placed)
        })?;
        self.sink.clear()?;
        observer.observe(Event::Finished);

        let mut deliveries = Deliveries::default();
        for ((_, keys), placed) in groups.iter().zip(placed) {
            for (key, delivery) in keys.iter().zip(placed) {
                deliveries.add(key, delivery);
            }
        }
        deliveries.refused.sort();
        Ok((uploads, deliveries))
    }
}

/// Returns the finding for a key that stores or file systems do not accept.
fn too_long(key: &ObjectKey) -> Option<FindingKind> {
    let key_len = key.as_str().len();
    let name_len = key.as_str().split('/').map(str::len).max().unwrap_or(0);
    (key_len > MAX_KEY_LEN || name_len > MAX_FILE_NAME_LEN)
        .then_some(FindingKind::KeyTooLong { key_len, name_len })
}

/// Checks that each glob of `--static` matches a file.
///
/// # Errors
/// [`Error::UnusedStatics`]: publishing cannot be undone, so a typing error must not go unnoticed.
pub(super) fn check_used(
    set: &StaticSet,
    revisions: &[(RevisionId, Vec<StaticFile>)],
) -> Result<(), Error> {
    let files = revisions.iter().flat_map(|(_, files)| files);
    let unused = set.unused(files.map(|file| file.path.as_str()));
    match unused.is_empty() {
        true => Ok(()),
        false => Err(Error::UnusedStatics {
            globs: unused.into_iter().map(ToString::to_string).collect(),
        }),
    }
}

impl Deliveries {
    /// Counts an object.
    pub(super) fn add(&mut self, key: &ObjectKey, delivery: Delivery) {
        match delivery {
            Delivery::Written => self.written_count += 1,
            Delivery::Kept => self.kept_count += 1,
            Delivery::Discarded => self.discarded_count += 1,
            Delivery::Refused => self.refused.push(key.clone()),
        }
    }
}

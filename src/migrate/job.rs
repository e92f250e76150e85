//! One package: its copies are read and decided on, its blobs made ready, its archives assembled.
//!
//! Three kinds of small tasks, none of which ever waits: one that starts the package, one per
//! distinct blob, one per archive. The last blob that is ready starts the archives; the last
//! archive drops the pieces and makes room for another package.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::Scope;

use super::Run;
use super::workers::{Permit, Worker};
use crate::archive::deflate::Piece;
use crate::archive::layout::{self, Entry};
use crate::archive::writer::ArchiveWriter;
use crate::content::{FileEntry, ObjectId};
use crate::event::Event;
use crate::finding::{Defect, Finding, FindingKind, ObjectKind};
use crate::package::RevisionId;
use crate::plan::Upload;
use crate::resolve::{Copy, Resolution, Winner, resolve};
use crate::v1::copy::read_content;
use crate::v1::git::ObjectReader;
use crate::v1::listing::{ListedCopy, ListedPackage};
use crate::v1::manifest::{MANIFEST_PATH, Manifest};

/// The media type of an archive.
const ARCHIVE_TYPE: &str = "application/zip";

/// A package in the works.
pub(super) struct PackageJob<'g> {
    archives: Vec<ArchiveJob>,
    blobs: Vec<BlobJob>,
    /// Where a blob stands in `blobs`.
    places: HashMap<ObjectId, usize>,
    blobs_left: AtomicUsize,
    _permit: Permit<'g>,
}

/// A revision that has a winner.
struct ArchiveJob {
    resolution: Resolution,
    winner: Winner,
}

/// A blob that archives of the package need.
struct BlobJob {
    blob_id: ObjectId,
    is_manifest: bool,
    ready: OnceLock<Result<ReadyBlob, FindingKind>>,
}

struct ReadyBlob {
    piece: Piece,
    /// What it says, when it is a manifest.
    manifest: Option<Result<Manifest, String>>,
}

impl<'g> PackageJob<'g> {
    /// Reads the copies of a package, decides on each revision, and starts on the blobs.
    pub(super) fn start<'s>(
        run: &'s Run<'s>,
        scope: &Scope<'s>,
        package: ListedPackage,
        permit: Permit<'g>,
    ) where
        'g: 's,
    {
        let unreadable_from = package.unreadable_from;
        let decided = run.workers.with(|worker| {
            let decide = |(revision, copies): (RevisionId, Vec<ListedCopy>)| {
                let copies = copies.into_iter().map(|copy| read_copy(&worker.reader, copy));
                resolve(revision, copies.collect(), &run.precedence, unreadable_from)
            };
            package.revisions.into_iter().map(decide).collect::<Vec<_>>()
        });
        let resolutions = match decided {
            Ok(resolutions) => resolutions,
            Err(error) => return run.record(Err::<fn(&mut _), _>(error)),
        };
        let mut archives = Vec::new();
        for mut resolution in resolutions {
            match resolution.winner.take() {
                Some(winner) => archives.push(ArchiveJob { resolution, winner }),
                None => run.block(resolution, Vec::new()),
            }
        }
        let (blobs, places) = distinct_blobs(&archives);
        let job = Arc::new(PackageJob {
            blobs_left: AtomicUsize::new(blobs.len()),
            archives,
            blobs,
            places,
            _permit: permit,
        });
        if job.blobs.is_empty() {
            return job.start_archives(run, scope);
        }
        for index in 0..job.blobs.len() {
            let job = Arc::clone(&job);
            scope.spawn(move |scope| job.make_ready(run, scope, index));
        }
    }

    fn make_ready<'s>(self: Arc<Self>, run: &'s Run<'s>, scope: &Scope<'s>, index: usize)
    where
        'g: 's,
    {
        if run.is_stopped() {
            return;
        }
        let blob = &self.blobs[index];
        match run.workers.with(|worker| blob.make_ready(worker)) {
            Ok(ready) => {
                if blob.ready.set(ready).is_err() {
                    unreachable!("each blob is made ready once");
                }
            }
            Err(error) => return run.record(Err::<fn(&mut _), _>(error)),
        }
        // The last one sees what all others have set.
        if self.blobs_left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.start_archives(run, scope);
        }
    }

    fn start_archives<'s>(self: Arc<Self>, run: &'s Run<'s>, scope: &Scope<'s>)
    where
        'g: 's,
    {
        for index in 0..self.archives.len() {
            let job = Arc::clone(&self);
            scope.spawn(move |_| {
                if !run.is_stopped() {
                    job.finish_archive(run, &job.archives[index]);
                }
            });
        }
    }

    fn finish_archive(&self, run: &Run<'_>, archive: &ArchiveJob) {
        let ArchiveJob { resolution, winner } = archive;
        let defects = self.defects(resolution, winner);
        if !defects.is_empty() {
            let about =
                |defect| Finding::of_revision(&resolution.revision, winner.same_in.clone(), defect);
            return run.block(resolution.clone(), defects.into_iter().map(about).collect());
        }
        let key = resolution.revision.archive_key();
        let delivered = run.sink.deliver(&key, &|out| self.assemble(run, archive, out));
        run.record(delivered.map(|(digests, delivery)| {
            run.observer.observe(Event::RevisionFinished { archive_size: digests.size });
            let upload = Upload {
                file: key.clone(),
                key,
                content_type: ARCHIVE_TYPE.to_owned(),
                size: digests.size,
                sha256: digests.sha256,
                md5: digests.md5,
                crc32c: digests.crc32c,
                package: resolution.revision.name.to_string(),
                version: resolution.revision.version.to_string(),
                stage: winner.stage,
                content_digest: winner.content.digest(),
                file_count: winner.content.files().len() as u64,
            };
            move |tally: &mut super::Tally| {
                tally.balance.add(&resolution.ends_archived());
                tally.findings.extend(resolution.findings.iter().cloned());
                tally.deliver(upload, delivery);
            }
        }));
    }

    /// Everything that keeps the winner from being archived faithfully.
    fn defects(&self, resolution: &Resolution, winner: &Winner) -> Vec<Defect> {
        let mut defects = Vec::new();
        for file in winner.content.files() {
            if let Err(kind) = self.ready(file) {
                defects.push(Defect { path: Some(file.path.to_string()), kind: kind.clone() });
            }
        }
        let manifest = match winner.content.find(MANIFEST_PATH) {
            Some(file) => self.ready(file).ok().and_then(|blob| blob.manifest.as_ref()),
            None => {
                defects.push(Defect { path: None, kind: FindingKind::ManifestMissing });
                None
            }
        };
        let disagreement = manifest.and_then(|read| manifest_defect(&resolution.revision, read));
        defects
            .extend(disagreement.map(|kind| Defect { path: Some(MANIFEST_PATH.to_owned()), kind }));
        defects
    }

    fn ready(&self, file: &FileEntry) -> Result<&ReadyBlob, &FindingKind> {
        let blob = &self.blobs[self.places[&file.blob_id]];
        blob.ready.get().expect("archives start after all blobs are ready").as_ref()
    }

    fn assemble(&self, run: &Run<'_>, archive: &ArchiveJob, out: &mut dyn Write) -> io::Result<()> {
        let revision = &archive.resolution.revision;
        let mut writer = ArchiveWriter::new(out);
        for entry in layout::entries(&archive.winner.content) {
            if run.is_stopped() {
                return Err(io::Error::other("the run was stopped"));
            }
            let name = entry.name(revision);
            match entry {
                Entry::Folder(_) => writer.add_folder(&name)?,
                Entry::File(file) => match self.ready(file) {
                    Ok(blob) => writer.add_file(&name, &blob.piece)?,
                    Err(kind) => return Err(io::Error::other(kind.message())),
                },
            }
        }
        writer.finish().map(drop)
    }
}

impl BlobJob {
    fn make_ready(&self, worker: &mut Worker) -> Result<ReadyBlob, FindingKind> {
        let Worker { reader, deflater } = worker;
        let read = reader.read(ObjectKind::Blob, self.blob_id, |bytes| ReadyBlob {
            piece: deflater.piece(bytes),
            manifest: self
                .is_manifest
                .then(|| Manifest::parse(bytes).map_err(|error| error.to_string())),
        });
        read.map_err(|error| error.into_finding_kind())
    }
}

impl Run<'_> {
    fn block(&self, resolution: Resolution, findings: Vec<Finding>) {
        self.observer.observe(Event::RevisionFinished { archive_size: 0 });
        self.record(Ok(|tally: &mut super::Tally| {
            tally.balance.add(&resolution.ends_blocked());
            tally.findings.extend(resolution.findings);
            tally.findings.extend(findings);
        }));
    }
}

fn read_copy(reader: &ObjectReader, copy: ListedCopy) -> Copy {
    let content = match copy.tree {
        Ok(tree_id) => read_content(reader, tree_id),
        Err(defect) => Err(vec![defect]),
    };
    Copy { stage: copy.stage, content }
}

fn distinct_blobs(archives: &[ArchiveJob]) -> (Vec<BlobJob>, HashMap<ObjectId, usize>) {
    let mut blobs: Vec<BlobJob> = Vec::new();
    let mut places = HashMap::new();
    for file in archives.iter().flat_map(|archive| archive.winner.content.files()) {
        let place = *places.entry(file.blob_id).or_insert_with(|| {
            let ready = OnceLock::new();
            blobs.push(BlobJob { blob_id: file.blob_id, is_manifest: false, ready });
            blobs.len() - 1
        });
        blobs[place].is_manifest |= file.path.as_str() == MANIFEST_PATH;
    }
    (blobs, places)
}

fn manifest_defect(
    revision: &RevisionId,
    manifest: &Result<Manifest, String>,
) -> Option<FindingKind> {
    match manifest {
        Err(detail) => Some(FindingKind::ManifestUnreadable { detail: detail.clone() }),
        Ok(Manifest { name, version }) => {
            let agrees = name == revision.name.as_str() && *version == revision.version.to_string();
            (!agrees).then(|| FindingKind::ManifestMismatch {
                manifest_name: name.clone(),
                manifest_version: version.clone(),
            })
        }
    }
}

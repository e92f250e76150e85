//! Creates the archives of a window, interleaved: one chunk of each archive in turn.
//!
//! They are interleaved so that their digests can be computed together. The bytes go to [`Outbox`], whose threads
//! write to disk.

use super::Run;
use super::check::{self, Checked};
use super::indexing;
use super::ledger::{Account, Archived, Done};
use super::outbox::Ticket;
use super::sighting::Seen;
use super::window::{ArchiveJob, Window};
use crate::digest::{ObjectDigests, ObjectHasher, Sha256Hasher};
use crate::error::Error;
use crate::model::finding::Finding;
use crate::model::plan::{ArchiveType, ArchiveUpload};
use crate::model::resources::Resource;
use crate::v2::archive::layout::{self, LayoutEntry};
use crate::v2::archive::writer::{ArchiveEntry, ArchiveStream};
use crate::v2::folder::{CHUNK_LEN, Chunk};

/// Number of bytes generated of each archive before all are hashed: small enough that the data of eight archives
/// stays in the processor's cache in between. A multiple of the block size of the digests.
const STEP_LEN: usize = 16 << 10;

/// An archive under construction.
struct Lane<'w, 'r, S> {
    archive: &'w ArchiveJob<'r>,
    done: Done<'r>,
    stream: S,
    hasher: ObjectHasher,
    ticket: Ticket,
}

/// Creates all archives of a window whose blobs are ready; a revision with a blocker gets no archive.
pub(super) fn assemble<'r>(run: &Run<'r>, window: &Window<'r>) {
    let mut lanes = Vec::new();
    for archive in &window.archives {
        let checked = check::check(window, archive, run.registry, &run.resources.statics);
        let Checked { mut findings, entry, line } = checked;
        findings.extend(archive.validation.get().cloned());
        let ArchiveJob { resolution, decided, .. } = archive;
        let mut compared = None;
        if let (Some(entries), Some(line)) = (run.entries, line) {
            match indexing::compare(entries, archive, line) {
                Ok((entry, finding)) => {
                    findings.extend(finding);
                    compared = Some(entry);
                }
                Err(error) => return run.ledger.fail(error),
            }
        }
        if decided.is_skipped() || decided.is_stale(&resolution.digests) {
            let findings = findings.into_iter().chain(archive.remarks.iter().cloned());
            let seen = Seen::of(archive, entry, false);
            run.ledger.close(resolution, *decided, findings.collect(), seen);
            continue;
        }
        if check::is_blocked(&findings) {
            run.ledger.close(resolution, *decided, findings, Seen::of(archive, entry, false));
            continue;
        }
        if let (Some(entries), Some(compared)) = (run.entries, compared)
            && let Err(error) = indexing::add(entries, archive, &compared)
        {
            return run.ledger.fail(error);
        }
        let done = done(archive, findings, Seen::of(archive, entry, true));
        if !run.resources.has(Resource::Archives) {
            run.ledger.finish_revision(done);
            continue;
        }
        lanes.push(Lane {
            archive,
            done,
            stream: stream(window, archive),
            hasher: ObjectHasher::default(),
            ticket: run.outbox.begin(archive.resolution.revision.archive_key()),
        });
    }
    while !lanes.is_empty() {
        if run.ledger.is_stopped() {
            return;
        }
        let mut chunks: Vec<Chunk> = lanes.iter().map(|_| run.outbox.chunk()).collect();
        for _ in 0..CHUNK_LEN / STEP_LEN {
            let mut digested = Vec::with_capacity(lanes.len());
            for (lane, chunk) in lanes.iter_mut().zip(&mut chunks) {
                match chunk.read_more(&mut lane.stream, STEP_LEN) {
                    Ok(bytes) => digested.push((&mut lane.hasher, bytes)),
                    Err(source) => {
                        let key = lane.archive.resolution.revision.archive_key().to_string();
                        return run.ledger.fail(Error::Archive { key, source });
                    }
                }
            }
            ObjectHasher::update_together(&mut digested);
        }
        let mut unfinished = Vec::new();
        for (lane, chunk) in lanes.into_iter().zip(chunks) {
            let is_last = !chunk.is_full();
            run.outbox.write(lane.ticket, chunk);
            if is_last {
                let sha256 = lane.hasher.sha256().clone();
                let digests = lane.hasher.finish();
                let archived = archived(lane.archive, lane.done, &digests, sha256);
                run.outbox.finish(lane.ticket, digests, archived);
            } else {
                unfinished.push(lane);
            }
        }
        lanes = unfinished;
    }
}

/// Returns the bytes of an archive as a stream, generated from the ready pieces on demand.
pub(super) fn stream<'w>(
    window: &'w Window<'_>,
    archive: &'w ArchiveJob<'_>,
) -> ArchiveStream<'w, impl Iterator<Item = ArchiveEntry<'w>>> {
    let root = archive.resolution.revision.to_string();
    let entries = layout::entries(&archive.winner.content).into_iter();
    ArchiveStream::new(entries.map(move |entry| ArchiveEntry {
        name: entry.name(&root),
        piece: match entry {
            LayoutEntry::Folder(_) => None,
            LayoutEntry::File(file) => {
                let blob =
                    window.ready(file).expect("a winner without blockers has only readable blobs");
                Some(blob.piece.as_ref().expect("blobs are deflated if there are archives"))
            }
        },
    }))
}

/// Returns what is recorded of a revision that is migrated.
fn done<'r>(archive: &ArchiveJob<'r>, findings: Vec<Finding>, seen: Seen) -> Done<'r> {
    let ArchiveJob { resolution, decided, remarks, statics, .. } = archive;
    let findings = findings.into_iter().chain(remarks.iter().cloned());
    let outcome = resolution.balance_if_archived();
    let account = Account::new(resolution, *decided, outcome, findings, seen);
    Done { account, statics: statics.clone() }
}

/// Returns what is recorded once the archive is in the sink.
fn archived<'r>(
    archive: &ArchiveJob<'r>,
    done: Done<'r>,
    digests: &ObjectDigests,
    sha256: Sha256Hasher,
) -> Archived<'r> {
    let ArchiveJob { resolution, winner, .. } = archive;
    let key = resolution.revision.archive_key();
    Archived {
        done,
        sha256,
        upload: ArchiveUpload {
            content_type: ArchiveType::Zip,
            file: key.clone(),
            key,
            size: digests.size,
            sha256: digests.sha256,
            md5: digests.md5,
            crc32c: digests.crc32c,
            package: resolution.revision.name.to_string(),
            version: resolution.revision.version.to_string(),
            stage: winner.stage,
            content_digest: resolution.digests[&winner.stage].expect("a winner can be read"),
            file_count: winner.content.files().len() as u64,
        },
    }
}

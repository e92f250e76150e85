//! Writes the files of the search index, and adds them to a plan.
//!
//! A dry run does the same with no folder to write to.

use std::collections::HashSet;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use super::entries::{Entries, Entry, Origin};
use crate::digest::{ObjectDigests, ObjectHasher};
use crate::error::Error;
use crate::model::cursor::Cursor;
use crate::model::package::ObjectKey;
use crate::model::plan::{
    BaseIndex, IndexCounts, IndexPart, IndexUpload, PartFile, Plan, PlannedIndex, SignatureUpload,
    Upload,
};
use crate::rules::index::{EntryId, with_signature};
use crate::v2::folder::Replacement;
use crate::v2::index::{ChangedEntries, IndexText, cursor_key, delta_key, index_key};

/// What becomes of an entry.
enum Change {
    /// It stays as it is published.
    None,
    /// It is not published yet.
    Added { is_signed: bool },
    /// It refers to a signature from now on.
    Updated,
}

impl Entries {
    /// Writes the index unless it equals the published one, and adds it to a plan that has all signatures. Without a
    /// folder, nothing is written: a dry run.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Interrupted`].
    pub fn write(
        &self,
        plan: Plan,
        cursor: Cursor,
        base: Option<BaseIndex>,
        folder: Option<&Path>,
        interrupt: &AtomicBool,
    ) -> Result<Plan, Error> {
        let signed: HashSet<&ObjectKey> = plan.signatures().map(SignatureUpload::signs).collect();
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let changes: Vec<(&EntryId, &Entry, Change)> = list
            .iter()
            .map(|(id, entry)| (id, entry, entry.change(is_signed(id, &signed))))
            .collect();
        let mut counts = IndexCounts { entries: changes.len() as u64, ..IndexCounts::default() };
        for (_, _, change) in &changes {
            *match change {
                Change::None => &mut counts.published,
                Change::Added { .. } => &mut counts.added,
                Change::Updated => &mut counts.updated,
            } += 1;
        }
        let mut planned = PlannedIndex { cursor, base, counts, part: None };
        let is_whole = plan.shard.is_whole();
        if is_whole && planned.base.is_some() && counts.is_unchanged() {
            return Ok(plan.with_index(Some(planned), Vec::new()));
        }
        let write = |text: &mut IndexText<'_>, is_wanted: fn(&Change) -> bool| {
            for (id, entry, change) in changes.iter().filter(|(_, _, change)| is_wanted(change)) {
                if interrupt.load(Ordering::Relaxed) {
                    return Err(Error::Interrupted);
                }
                text.add(&self.line(id, entry, change)?)?;
            }
            Ok(())
        };

        // The changes come first: if the run is killed, they show which signatures in the index are new.
        let delta = planned.base.as_ref().map(|_| {
            written(folder, delta_key(&planned.cursor, plan.shard), |sink| {
                let mut text = IndexText::begin_delta(sink)?;
                write(&mut text, |change| matches!(change, Change::Added { .. }))?;
                text.begin_updated()?;
                write(&mut text, |change| matches!(change, Change::Updated))?;
                text.finish().map(drop)
            })
        });
        let delta = delta.transpose()?;
        let index = written(folder, index_key(&planned.cursor, plan.shard), |sink| {
            let mut text = IndexText::begin(sink)?;
            write(&mut text, |_| true)?;
            text.finish().map(drop)
        })?;
        if !is_whole {
            planned.part = Some(IndexPart { index: part(index), delta: delta.map(part) });
            return Ok(plan.with_index(Some(planned), Vec::new()));
        }
        // Last, so that the cursor always has its index.
        let json = planned.cursor.to_json();
        let cursor = written(folder, cursor_key(), |sink| sink(json.as_bytes()))?;
        let mut uploads = vec![Upload::Index(upload(index)), Upload::Cursor(upload(cursor))];
        uploads.extend(delta.map(|delta| Upload::Delta(upload(delta))));
        Ok(plan.with_index(Some(planned), uploads))
    }

    /// Returns which entries are not published like this, given a plan that has all signatures.
    pub fn changed(&self, plan: &Plan) -> ChangedEntries {
        let signed: HashSet<&ObjectKey> = plan.signatures().map(SignatureUpload::signs).collect();
        let mut changed = ChangedEntries::default();
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, entry) in list.iter() {
            let names = match entry.change(is_signed(id, &signed)) {
                Change::None => continue,
                Change::Added { .. } => &mut changed.added,
                Change::Updated => &mut changed.updated,
            };
            names.push((id.name.clone(), id.version.to_string()));
        }
        changed
    }

    /// Returns the line of an entry as it is published.
    fn line(&self, id: &EntryId, entry: &Entry, change: &Change) -> Result<Vec<u8>, Error> {
        let line = self.spool.read(entry.line)?;
        Ok(match change {
            Change::Added { is_signed: true } | Change::Updated => {
                with_signature(&line, Some(&id.signature_path()))
            }
            Change::None | Change::Added { is_signed: false } => line,
        })
    }
}

fn is_signed(id: &EntryId, signed: &HashSet<&ObjectKey>) -> bool {
    id.revision().is_some_and(|revision| signed.contains(&revision.archive_key()))
}

impl Entry {
    /// Returns the change; a published entry never loses its signature.
    fn change(&self, is_signed: bool) -> Change {
        match self.origin {
            Origin::New => Change::Added { is_signed },
            Origin::Matching { is_signed: false } if is_signed => Change::Updated,
            Origin::Matching { .. } | Origin::Published { .. } => Change::None,
        }
    }
}

/// Writes a file, or only its digests without a folder.
fn written(
    folder: Option<&Path>,
    key: ObjectKey,
    write: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error>,
) -> Result<(ObjectKey, ObjectDigests), Error> {
    let path = folder.map(|folder| folder.join(key.as_str()));
    let mut file = path.as_deref().map(Replacement::begin).transpose()?;
    let mut hasher = ObjectHasher::default();
    write(&mut |bytes| {
        hasher.update(bytes);
        file.as_mut().map_or(Ok(()), |file| file.write(bytes))
    })?;
    file.map_or(Ok(()), Replacement::finish)?;
    Ok((key, hasher.finish()))
}

fn upload((key, digests): (ObjectKey, ObjectDigests)) -> IndexUpload {
    IndexUpload::of(key, digests)
}

fn part((file, digests): (ObjectKey, ObjectDigests)) -> PartFile {
    PartFile { file, size: digests.size, sha256: digests.sha256 }
}

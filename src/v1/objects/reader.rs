//! Reads objects and checks their bytes against their ids.
//!
//! Every object is hashed here, which is faster than libgit2's own check (switched off); bytes that do not
//! hash to their id never leave this file. `loose` reads loose objects and `pack` packed ones; libgit2 reads
//! what `pack` leaves to it. An object found by none of them is searched again after the packs have been
//! listed again, since Git may repack during the run.

use std::cell::RefCell;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use git2::ErrorCode;

use super::pack::PackReader;
use super::store::{ListedPacks, MAX_LISTINGS, ObjectStore};
use crate::digest::git_object_id;
use crate::error::Error;
use crate::model::content::ObjectId;
use crate::model::finding::{FindingKind, ObjectKind};

/// One worker's access to the repository's objects.
pub struct ObjectReader {
    handle: git2::Repository,
    partial_clone: bool,
    store: Arc<ObjectStore>,
    packed: RefCell<Packed>,
}

/// The packs of a worker, and its reader of them.
struct Packed {
    listed: Arc<ListedPacks>,
    reader: PackReader,
}

impl Packed {
    fn new(listed: Arc<ListedPacks>) -> Self {
        let reader = PackReader::new(Arc::clone(&listed.packs));
        Packed { listed, reader }
    }
}

/// An object's bytes, from either reader.
enum Bytes {
    Loose(Vec<u8>),
    Packed(Arc<Vec<u8>>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Loose(bytes) => bytes,
            Bytes::Packed(bytes) => bytes,
        }
    }
}

/// Why an object's bytes are unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableObject(FindingKind);

impl UnreadableObject {
    /// Converts it to the finding that reports it.
    pub fn into_finding_kind(self) -> FindingKind {
        self.0
    }

    pub(in crate::v1) fn malformed(object_kind: ObjectKind, object_id: ObjectId) -> Self {
        let detail = "its bytes are malformed".to_owned();
        UnreadableObject(FindingKind::CorruptObject { object_kind, object_id, detail })
    }
}

impl ObjectReader {
    pub(in crate::v1) fn new(
        handle: git2::Repository,
        partial_clone: bool,
        store: Arc<ObjectStore>,
    ) -> Self {
        let packed = RefCell::new(Packed::new(store.packs()));
        ObjectReader { handle, partial_clone, store, packed }
    }

    /// Reads an object, checks that its bytes hash to its id, and passes them to `use_bytes`.
    ///
    /// # Errors
    /// The object is missing, unreadable, of another kind, or hashes to another id, in the packs as they
    /// are now.
    pub fn read<T>(
        &self,
        object_kind: ObjectKind,
        object_id: ObjectId,
        use_bytes: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, UnreadableObject> {
        let wanted = Wanted { object_kind, object_id };
        let mut listings_left = MAX_LISTINGS;
        let mut packs_have_changed = || {
            listings_left = listings_left.saturating_sub(1);
            let changed = listings_left > 0 && self.relist_packs(wanted)?;
            Ok(changed)
        };
        loop {
            let failure = match self.read_without_libgit2(wanted) {
                Ok(Some(bytes)) => return Ok(use_bytes(&bytes)),
                Ok(None) => None,
                Err(failure) => Some(failure),
            };
            // Before libgit2 looks: it lists packs again itself, and must not see an index that is unchecked.
            if packs_have_changed()? {
                continue;
            }
            if let Some(failure) = failure {
                return Err(failure);
            }
            let odb = self.odb(wanted)?;
            match self.read_with_libgit2(&odb, wanted) {
                Ok(object) => return Ok(use_bytes(object.data())),
                Err(_) if packs_have_changed()? => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Reads an object without libgit2; `None` when the object is left to libgit2.
    fn read_without_libgit2(&self, wanted: Wanted) -> Result<Option<Bytes>, UnreadableObject> {
        let Wanted { object_id, .. } = wanted;
        let checked = |read: io::Result<(String, Vec<u8>)>| {
            let (kind, bytes) = read.map_err(|error| wanted.corrupt(error.to_string()))?;
            wanted.check(&kind, &bytes)?;
            Ok(Bytes::Loose(bytes))
        };
        let loose = self.store.loose();
        let listed = match loose.read(object_id).map(checked) {
            Some(Ok(bytes)) => return Ok(Some(bytes)),
            failed => failed,
        };
        let packed = &mut self.packed.borrow_mut().reader;
        if let Some(object) = packed.read(object_id)
            && wanted.check(object.kind, &object.bytes).is_ok()
        {
            return Ok(Some(Bytes::Packed(object.bytes)));
        }
        if let Some(loose) = listed.or_else(|| loose.read_new(object_id).map(checked)) {
            return loose.map(Some);
        }
        match packed.damage(object_id) {
            Some(damage) => Err(wanted.corrupt(damage.to_owned())),
            None => Ok(None),
        }
    }

    fn read_with_libgit2<'o>(
        &self,
        odb: &'o git2::Odb<'_>,
        wanted: Wanted,
    ) -> Result<git2::OdbObject<'o>, UnreadableObject> {
        let object =
            odb.read(git_oid(wanted.object_id)).map_err(|error| self.unreadable(wanted, &error))?;
        wanted.check(object.kind().str(), object.data())?;
        Ok(object)
    }

    fn odb(&self, wanted: Wanted) -> Result<git2::Odb<'_>, UnreadableObject> {
        self.handle.odb().map_err(|error| wanted.corrupt(error.message().to_owned()))
    }

    /// Lists the packs again; returns whether they have changed.
    fn relist_packs(&self, wanted: Wanted) -> Result<bool, UnreadableObject> {
        let packed = &mut *self.packed.borrow_mut();
        let listed = self.store.packs_if_changed(&packed.listed);
        let listed = listed.map_err(|error| wanted.corrupt(relist_failure(&error)))?;
        let Some(listed) = listed else { return Ok(false) };
        *packed = Packed::new(listed);
        let refreshed = self.odb(wanted)?.refresh();
        refreshed.map_err(|error| wanted.corrupt(error.message().to_owned()))?;
        Ok(true)
    }

    /// Returns a blob's length in bytes. For a packed blob, usually only the declared length is read: its
    /// bytes are not checked. Otherwise the blob is read, since git2 panics where libgit2 returns an object
    /// kind that does not exist.
    ///
    /// # Errors
    /// As [`ObjectReader::read`].
    pub fn blob_len(&self, blob_id: ObjectId) -> Result<u64, UnreadableObject> {
        let object_kind = ObjectKind::Blob;
        if !self.store.loose().contains(blob_id)
            && let Some((kind, len)) = self.packed.borrow_mut().reader.declared(blob_id)
            && kind == <&str>::from(object_kind)
        {
            return Ok(len);
        }
        self.read(object_kind, blob_id, |bytes| bytes.len() as u64)
    }

    fn unreadable(&self, wanted: Wanted, error: &git2::Error) -> UnreadableObject {
        let Wanted { object_kind, object_id } = wanted;
        let partial_clone = self.partial_clone;
        match error.code() {
            ErrorCode::NotFound => UnreadableObject(FindingKind::MissingObject {
                object_kind,
                object_id,
                partial_clone,
            }),
            _ => wanted.corrupt(error.message().to_owned()),
        }
    }
}

/// The object that is to be read.
#[derive(Clone, Copy)]
struct Wanted {
    object_kind: ObjectKind,
    object_id: ObjectId,
}

impl Wanted {
    fn corrupt(self, detail: String) -> UnreadableObject {
        let Wanted { object_kind, object_id } = self;
        UnreadableObject(FindingKind::CorruptObject { object_kind, object_id, detail })
    }

    fn check(self, kind: &str, bytes: &[u8]) -> Result<(), UnreadableObject> {
        if kind != <&str>::from(self.object_kind) {
            return Err(self.corrupt(format!("it is a {kind}")));
        }
        let hashed = ObjectId(git_object_id(kind, bytes));
        if hashed != self.object_id {
            return Err(self.corrupt(format!("its bytes hash to {hashed}")));
        }
        Ok(())
    }
}

/// Describes why packs cannot be listed again, without a path of this machine: it becomes part of a report.
fn relist_failure(error: &Error) -> String {
    match error {
        Error::PackIndex { what, .. } => format!("the index of a new pack is damaged: {what}"),
        Error::File { source, .. } => format!("the packs cannot be listed again: {source}"),
        other => other.to_string(),
    }
}

fn git_oid(id: ObjectId) -> git2::Oid {
    git2::Oid::from_bytes(&id.0).expect("20 bytes are an object id")
}

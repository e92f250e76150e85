//! Reads objects and compares their bytes with their ids.
//!
//! Every object that is read is hashed here, which is faster than libgit2's own check (it is switched
//! off); bytes that do not hash to their id never get further than this file. Loose objects are read by
//! `loose`, packed ones by `pack`, and by libgit2 whatever `pack` leaves to it. What none of them has is
//! looked for again in packs listed anew, since Git may repack meanwhile.

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

/// The packs that a worker reads, and its way to read them.
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

/// An object's bytes, by whoever read them.
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

/// Why an object's bytes cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableObject(FindingKind);

impl UnreadableObject {
    /// The finding that says so.
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

    /// Reads an object, checks that its bytes hash to its id, and hands them to `use_bytes`.
    ///
    /// # Errors
    /// The object is missing, cannot be read, is of another kind, or hashes to another id; in the packs
    /// as they are now.
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
            let changed = listings_left > 0 && self.list_packs_anew(wanted)?;
            Ok(changed)
        };
        loop {
            let failure = match self.read_by_ourselves(wanted) {
                Ok(Some(bytes)) => return Ok(use_bytes(&bytes)),
                Ok(None) => None,
                Err(failure) => Some(failure),
            };
            // Before libgit2 looks: it lists packs anew by itself, and no index may be new to us then.
            if packs_have_changed()? {
                continue;
            }
            if let Some(failure) = failure {
                return Err(failure);
            }
            let odb = self.odb(wanted)?;
            match self.read_by_libgit2(&odb, wanted) {
                Ok(object) => return Ok(use_bytes(object.data())),
                Err(_) if packs_have_changed()? => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Reads an object without libgit2; none when only libgit2 may have it.
    fn read_by_ourselves(&self, wanted: Wanted) -> Result<Option<Bytes>, UnreadableObject> {
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

    fn read_by_libgit2<'o>(
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

    /// Turns to the packs that are there now; tells whether they are others than before.
    fn list_packs_anew(&self, wanted: Wanted) -> Result<bool, UnreadableObject> {
        let packed = &mut *self.packed.borrow_mut();
        let listed = self.store.packs_after(&packed.listed);
        let listed = listed.map_err(|error| wanted.corrupt(unlisted(&error)))?;
        let Some(listed) = listed else { return Ok(false) };
        *packed = Packed::new(listed);
        let refreshed = self.odb(wanted)?.refresh();
        refreshed.map_err(|error| wanted.corrupt(error.message().to_owned()))?;
        Ok(true)
    }

    /// Tells a blob's length in bytes. What is packed is mostly only looked up: its bytes are not
    /// checked. What cannot be looked up is read, since git2 panics where libgit2 tells a kind that
    /// does not exist.
    ///
    /// # Errors
    /// As [`ObjectReader::read`].
    pub fn blob_len(&self, blob_id: ObjectId) -> Result<u64, UnreadableObject> {
        let object_kind = ObjectKind::Blob;
        if !self.store.loose().holds(blob_id)
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

/// Why packs cannot be listed anew, without any path of this machine: a report holds it.
fn unlisted(error: &Error) -> String {
    match error {
        Error::PackIndex { what, .. } => format!("the index of a new pack is damaged: {what}"),
        Error::File { source, .. } => format!("the packs cannot be listed anew: {source}"),
        other => other.to_string(),
    }
}

fn git_oid(id: ObjectId) -> git2::Oid {
    git2::Oid::from_bytes(&id.0).expect("an id of 20 bytes is an object id")
}

//! Reads objects and compares their bytes with their ids.
//!
//! Every object that is read is hashed here, which is faster than libgit2's own check (it is
//! switched off); bytes that do not hash to their id never get further than this file. Loose
//! objects are read by `loose`, packed ones by `pack`, and by libgit2 whatever `pack` leaves to it.

use std::cell::RefCell;
use std::sync::Arc;

use git2::ErrorCode;

use super::loose::LooseObjects;
use super::pack::{PackReader, Packs};
use crate::digest::git_object_id;
use crate::model::content::ObjectId;
use crate::model::finding::{FindingKind, ObjectKind};

/// One worker's access to the repository's objects.
pub struct ObjectReader {
    handle: git2::Repository,
    partial_clone: bool,
    loose: Arc<LooseObjects>,
    packed: RefCell<PackReader>,
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
        loose: Arc<LooseObjects>,
        packs: Arc<Packs>,
    ) -> Self {
        ObjectReader { handle, partial_clone, loose, packed: RefCell::new(PackReader::new(packs)) }
    }

    /// Reads an object, checks that its bytes hash to its id, and hands them to `use_bytes`.
    ///
    /// # Errors
    /// The object is missing, cannot be read, is of another kind, or hashes to another id.
    pub fn read<T>(
        &self,
        object_kind: ObjectKind,
        object_id: ObjectId,
        use_bytes: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, UnreadableObject> {
        let corrupt = |detail: String| {
            UnreadableObject(FindingKind::CorruptObject { object_kind, object_id, detail })
        };
        let check = |kind: &str, bytes: &[u8]| {
            if kind != <&str>::from(object_kind) {
                return Err(corrupt(format!("it is a {kind}")));
            }
            let hashed = ObjectId(git_object_id(kind, bytes));
            if hashed != object_id {
                return Err(corrupt(format!("its bytes hash to {hashed}")));
            }
            Ok(())
        };
        if let Some(read) = self.loose.read(object_id) {
            let (kind, bytes) = read.map_err(|error| corrupt(error.to_string()))?;
            check(&kind, &bytes)?;
            return Ok(use_bytes(&bytes));
        }
        let packed = self.packed.borrow_mut().read(object_id);
        if let Some(object) = packed
            && check(object.kind, &object.bytes).is_ok()
        {
            return Ok(use_bytes(&object.bytes));
        }
        if let Some(damage) = self.packed.borrow().damage(object_id) {
            return Err(corrupt(damage.to_owned()));
        }
        let odb = self.handle.odb().map_err(|error| corrupt(error.message().to_owned()))?;
        let object = odb
            .read(git_oid(object_id))
            .map_err(|error| self.unreadable(object_kind, object_id, &error))?;
        check(object.kind().str(), object.data())?;
        Ok(use_bytes(object.data()))
    }

    /// Tells a blob's length in bytes. What is packed is mostly only looked up: its bytes are not
    /// checked. What cannot be looked up is read, since git2 panics where libgit2 tells a kind that
    /// does not exist.
    ///
    /// # Errors
    /// As [`ObjectReader::read`].
    pub fn blob_len(&self, blob_id: ObjectId) -> Result<u64, UnreadableObject> {
        let object_kind = ObjectKind::Blob;
        if !self.loose.holds(blob_id)
            && let Some((kind, len)) = self.packed.borrow_mut().declared(blob_id)
            && kind == <&str>::from(object_kind)
        {
            return Ok(len);
        }
        self.read(object_kind, blob_id, |bytes| bytes.len() as u64)
    }

    fn unreadable(
        &self,
        object_kind: ObjectKind,
        object_id: ObjectId,
        error: &git2::Error,
    ) -> UnreadableObject {
        let partial_clone = self.partial_clone;
        UnreadableObject(match error.code() {
            ErrorCode::NotFound => {
                FindingKind::MissingObject { object_kind, object_id, partial_clone }
            }
            _ => {
                let detail = error.message().to_owned();
                FindingKind::CorruptObject { object_kind, object_id, detail }
            }
        })
    }
}

fn git_oid(id: ObjectId) -> git2::Oid {
    git2::Oid::from_bytes(&id.0).expect("an id of 20 bytes is an object id")
}

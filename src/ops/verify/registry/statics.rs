//! Compares a static resource: its bytes with v1's blob, and its content type with that of its extension.

use crate::digest::git_object_id;
use crate::model::content::{ObjectId, escape};
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::{RevisionId, STATIC_PREFIX};
use crate::model::verification::ServedFrom;
use crate::ops::verify::content_types::{expected_type, extension, is_same_type, known_type};
use crate::ops::verify::static_listing::ExpectedStatic;
use crate::ops::verify::statics::ComparedStatic;
use crate::v2::registry::{Registry, static_request};

/// What was found.
pub(super) struct Compared {
    pub(super) compared: ComparedStatic,
    /// The extension, if the content type was not judged.
    pub(super) unjudged: Option<String>,
}

/// Compares a static resource.
pub(super) fn compare(
    registry: &Registry,
    revision: &RevisionId,
    file: &ExpectedStatic,
    served_from: Option<ServedFrom>,
) -> Compared {
    let folder = format!("{STATIC_PREFIX}{revision}/");
    let path = file.key.as_str().strip_prefix(&folder).expect("its key begins with its revision");
    let (mut kinds, mut unjudged) = (Vec::new(), None);
    match registry.file(revision, path) {
        Ok(Some(page)) => {
            kinds.extend(difference(file, &page.bytes));
            let expected = match (known_type(path), served_from) {
                (Some(known), _) => Some(known),
                // An object has the type with which it was uploaded.
                (None, Some(ServedFrom::Storage)) => Some(expected_type(path)),
                // The type is that of the host's tables, or guessed by the content.
                (None, Some(ServedFrom::Folders | ServedFrom::Archives) | None) => None,
            };
            let found = page.content_type.unwrap_or_default();
            match expected {
                Some(expected) if is_same_type(&found, expected) => {}
                Some(expected) => kinds.push(MismatchKind::StaticContentType {
                    expected: expected.to_owned(),
                    found: escape(found.as_bytes()),
                }),
                None => unjudged = Some(extension(path).unwrap_or_default().to_owned()),
            }
        }
        Ok(None) => kinds.push(MismatchKind::StaticMissing { object_count: 1 }),
        Err(error) => kinds.push(MismatchKind::StaticUnreachable { detail: error.to_string() }),
    }
    let is_missing = matches!(kinds[..], [MismatchKind::StaticMissing { .. }]);
    let object = static_request(revision, path);
    let mismatch = |kind| Mismatch { object: object.clone(), path: None, kind };
    let compared = ComparedStatic {
        revision: file.revision,
        key: file.key.clone(),
        mismatches: kinds.into_iter().map(mismatch).collect(),
        is_missing,
        is_len_only: false,
    };
    Compared { compared, unjudged }
}

fn difference(file: &ExpectedStatic, bytes: &[u8]) -> Option<MismatchKind> {
    let found_len = bytes.len() as u64;
    if found_len != file.len {
        return Some(MismatchKind::StaticSize { expected_len: file.len, found_len });
    }
    let found = ObjectId(git_object_id("blob", bytes));
    let kind = MismatchKind::StaticDiffers { expected: file.blob_id, found };
    (found != file.blob_id).then_some(kind)
}

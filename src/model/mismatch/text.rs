//! The messages of mismatches, and the advice on them.

use super::MismatchKind;
use crate::model::finding::FieldDifference;
use crate::model::signature_status::SignatureState;

impl MismatchKind {
    /// Returns the message: a sentence without the name of its subject.
    pub fn message(&self) -> String {
        match self {
            MismatchKind::NotCheckable { stage, detail } => {
                format!(
                    "the copy in {stage} cannot be read, so the expected content is unknown: {detail}"
                )
            }
            MismatchKind::ArchiveMissing => "v2 has no such archive".to_owned(),
            MismatchKind::ArchiveExtra => "v1 has no such revision".to_owned(),
            MismatchKind::ArchiveUnreachable { detail } => {
                format!("the archive could not be fetched, so its content is unknown: {detail}")
            }
            MismatchKind::ArchiveUnreadable { detail } => {
                format!("not a valid ZIP archive: {detail}")
            }
            MismatchKind::StrayBytes { detail } => detail.clone(),
            MismatchKind::WrongRoot { found } => match found.as_str() {
                "" => "not in a root folder".to_owned(),
                _ => format!("the root folder is {found}, expected <name>-<version>"),
            },
            MismatchKind::FileMissing => "v1 has the file, the archive does not".to_owned(),
            MismatchKind::FileExtra => "the archive has the file, v1 does not".to_owned(),
            MismatchKind::FileDiffers { expected, found, expected_len, found_len } => {
                let len = expected_len.map(|len| format!(" of {len} bytes")).unwrap_or_default();
                let found = match found {
                    Some(found) => format!("blob {found} of {found_len} bytes"),
                    None => format!("different content of {found_len} bytes"),
                };
                format!("v1 has blob {expected}{len}, the archive has {found}")
            }
            MismatchKind::OtherCopy { stage, expected } => {
                format!(
                    "the archive has the files of the copy in {stage}, not of the one in {expected}"
                )
            }
            MismatchKind::DuplicateEntry => {
                "the name appears twice: readers differ in which entry they use".to_owned()
            }
            MismatchKind::UnsafeEntry { reason } => format!("the name is unsafe: {reason}"),
            MismatchKind::UnsupportedCompression { method } => {
                format!(
                    "compressed with method {method}; the registry supports 0 (store) and 8 (deflate)"
                )
            }
            MismatchKind::HeaderDisagreement { field } => {
                format!("the central directory and the local header disagree on {field}")
            }
            MismatchKind::PlanDisagreement { field, planned, found } => {
                let (planned, found) = (or_nothing(planned), or_nothing(found));
                format!("{field}: the plan says {planned}, v2 has {found}")
            }
            MismatchKind::StaticMissing { object_count: 1 } => "v2 has no such object".to_owned(),
            MismatchKind::StaticMissing { object_count } => {
                format!("v2 has none of the revision's {object_count} static resources")
            }
            MismatchKind::StaticExtra { object_count: 1 } => {
                "v1 has no such static resource".to_owned()
            }
            MismatchKind::StaticExtra { object_count } => {
                format!("v1 has no such revision, v2 has {object_count} static resources of it")
            }
            MismatchKind::StaticCase { found } => {
                format!("v2 has it only as {found}; keys are case-sensitive")
            }
            MismatchKind::StaticNotAFile { found } => {
                format!("v2 has a {found} here, expected a file")
            }
            MismatchKind::StaticUnreachable { detail } => {
                format!("the object could not be fetched, so its content is unknown: {detail}")
            }
            MismatchKind::StaticSize { expected_len, found_len } => {
                format!("v1 has {expected_len} bytes, v2 has {found_len}")
            }
            MismatchKind::StaticDiffers { expected, found } => {
                format!("v1 has blob {expected}, v2 has other bytes of the same size, blob {found}")
            }
            MismatchKind::StaticContentType { expected, found } => match found.as_str() {
                "" => format!("there is no content type, expected {expected}"),
                _ => format!("the content type is {found}, expected {expected}"),
            },
            MismatchKind::ContentTypeDiffers { expected, found } => {
                format!("the content type is {found}, expected {expected}")
            }
            MismatchKind::CacheControlDiffers { expected, found } => match found.as_str() {
                "" => format!("there is no Cache-Control, expected {expected}"),
                _ => format!("Cache-Control is {found}, expected {expected}"),
            },
            MismatchKind::CursorMissing => {
                "there is no cursor, so no registry finds the index".to_owned()
            }
            MismatchKind::CursorUnreadable { detail } => format!("it names no index: {detail}"),
            MismatchKind::CursorStale { cursor, base } => {
                format!("the cursor {cursor} sorts before that of the base index, {base}")
            }
            MismatchKind::IndexMissing => {
                "this index does not exist, although the cursor or --index names it".to_owned()
            }
            MismatchKind::IndexUnreachable { detail } => {
                format!("the object could not be fetched, so its content is unknown: {detail}")
            }
            MismatchKind::IndexUnreadable { detail } => {
                format!("the registry does not read the index: {detail}")
            }
            MismatchKind::EntryMissing => "the index has no such entry".to_owned(),
            MismatchKind::EntryExtra { detail } => {
                format!("the index should not have this entry: {detail}")
            }
            MismatchKind::EntryDiffers { fields } => {
                format!("the entry differs from v1: {}", differences(fields, "v1 says"))
            }
            MismatchKind::EntryUnreadable { detail } => {
                format!("the registry does not read the entry, nor the index: {detail}")
            }
            MismatchKind::EntryDuplicate => "the index has two entries of this revision".to_owned(),
            MismatchKind::EntryOrder { after } => {
                format!("the entry follows {after}; entries are sorted by name, then by version")
            }
            MismatchKind::EntrySignature { expected, found } => match (expected, found) {
                (None, Some(found)) => {
                    format!("signature_path is {found}, but v2 has no signature of the archive")
                }
                (expected, found) => format!(
                    "signature_path is {}, expected {}",
                    found.as_deref().unwrap_or("missing"),
                    expected.as_deref().unwrap_or("none"),
                ),
            },
            MismatchKind::ArchiveEntry { fields } => format!(
                "the registry derives another entry from the archive than from v1's files: {}",
                differences(fields, "v1 says")
            ),
            MismatchKind::BaseEntryLost { is_changed: true } => {
                "the entry differs from the one in the base index".to_owned()
            }
            MismatchKind::BaseEntryLost { is_changed: false } => {
                "the base index has this entry, the index does not".to_owned()
            }
            MismatchKind::DeltaUnreadable { detail } => {
                format!("the list of changes cannot be read: {detail}")
            }
            MismatchKind::DeltaDiffers { detail } => detail.clone(),
            MismatchKind::EndpointMissing => {
                "v2 has the object, the endpoint does not, so no registry finds it".to_owned()
            }
            MismatchKind::EndpointRefused { status } => format!(
                "the endpoint answers a request without credentials with HTTP status {status}, so no registry reads the object"
            ),
            MismatchKind::EndpointDiffers { expected, expected_len, found, found_len } => format!(
                "v2 has {expected_len} bytes with SHA-256 {expected}, the endpoint serves {found_len} bytes with SHA-256 {found}"
            ),
            MismatchKind::EndpointUnreachable { detail } => format!(
                "the object could not be fetched through the endpoint, so it is unknown what a registry reads: {detail}"
            ),
            MismatchKind::Signature(state) => state.message(),
            MismatchKind::Registry(mismatch) => mismatch.message(),
        }
    }

    /// Returns the advice: what to do, in one imperative line.
    pub fn advice(&self) -> &'static str {
        match self {
            MismatchKind::NotCheckable { .. } => {
                "Repair v1 (`git fsck` lists missing and corrupt objects) or verify against a complete clone, then run again."
            }
            MismatchKind::ArchiveMissing => {
                "Upload the archive; if the revision was excluded on purpose, exclude it here too with --exclude or --resolutions."
            }
            MismatchKind::ArchiveExtra => {
                "Nothing, if it was published after the migration; otherwise find out who uploaded it."
            }
            MismatchKind::ArchiveUnreachable { .. } => {
                "Check that v2 is reachable, then run again."
            }
            MismatchKind::ArchiveUnreadable { .. } => {
                "Upload the archive again from a verified folder, and check how it was uploaded."
            }
            MismatchKind::StrayBytes { .. } => {
                "Create the archive again without these bytes; a tool that pads its last block does so only when it writes to a pipe."
            }
            MismatchKind::WrongRoot { .. } => {
                "Create the archive again: the registry finds files only in the folder `<name>-<version>/`."
            }
            MismatchKind::FileMissing
            | MismatchKind::FileExtra
            | MismatchKind::FileDiffers { .. } => {
                "Find out whether v1 changed after the archive was created or the archive is wrong, then create and upload it again."
            }
            MismatchKind::OtherCopy { .. } => {
                "If that copy is the right one, select it with --resolutions or --stages; otherwise create and upload the archive again."
            }
            MismatchKind::DuplicateEntry
            | MismatchKind::UnsafeEntry { .. }
            | MismatchKind::HeaderDisagreement { .. } => {
                "Do not serve it: readers may see different packages. Find out which tool made the archive, then create it again."
            }
            MismatchKind::UnsupportedCompression { .. } => {
                "Create the archive again with store or deflate."
            }
            MismatchKind::PlanDisagreement { .. } => {
                "Run again with --depth content, which shows whether the files differ or only their compression."
            }
            MismatchKind::StaticMissing { .. } => {
                "Upload the static resources of the revision; if v2 should have others, set --static as in `migrate`."
            }
            MismatchKind::StaticExtra { .. } => {
                "Nothing, if it was published after the migration; otherwise remove it, or set --static as in `migrate`."
            }
            MismatchKind::StaticCase { .. } => {
                "Upload it again under its own key: the tool or file system that was used changed the case."
            }
            MismatchKind::StaticNotAFile { .. } => {
                "Remove it and upload the file again: tools skip links or follow them, and a folder is no object."
            }
            MismatchKind::StaticUnreachable { .. } => "Check that v2 is reachable, then run again.",
            MismatchKind::StaticSize { .. } | MismatchKind::StaticDiffers { .. } => {
                "Find out whether v1 changed after the object was created or the object is wrong, then upload it again."
            }
            MismatchKind::StaticContentType { .. } => {
                "Set the content type from the plan: a registry in storage mode repeats it to Kibana."
            }
            MismatchKind::ContentTypeDiffers { .. } => {
                "Set the content type from the plan: `upload` sets it when it creates an object, and never later."
            }
            MismatchKind::CacheControlDiffers { .. } => {
                "Set it on the object, or give --cache-control the value that `upload` was given; that of a cursor is no-cache."
            }
            MismatchKind::CursorMissing | MismatchKind::CursorUnreadable { .. } => {
                "Publish the index again, the cursor last; if the index is elsewhere, name its place with --index."
            }
            MismatchKind::CursorStale { .. } => {
                "Make the index again with --base-index, which selects a later cursor."
            }
            MismatchKind::IndexMissing => {
                "Upload the index before the cursor, or restore the previous cursor until it is there; check the place that --index names."
            }
            MismatchKind::IndexUnreachable { .. } => {
                "Check that the index is reachable, then run again."
            }
            MismatchKind::IndexUnreadable { .. } | MismatchKind::EntryUnreadable { .. } => {
                "Restore the previous cursor at once: a registry does not start with this index. Then make the index again."
            }
            MismatchKind::EntryMissing | MismatchKind::EntryDiffers { .. } => {
                "Make the index again; if the published entry is right, name the published index with --base-index."
            }
            MismatchKind::EntryExtra { .. } => {
                "Make the index again; if it continues a published one, name that with --base-index."
            }
            MismatchKind::EntryDuplicate | MismatchKind::EntryOrder { .. } => {
                "Make the index again, and find out which tool joined or edited it."
            }
            MismatchKind::EntrySignature { .. } => {
                "Upload the signature, or make the index again after signing: Kibana refuses or skips what it cannot check."
            }
            MismatchKind::ArchiveEntry { .. } => {
                "Create the archive again with `migrate`, or with entries for folders: without them the registry does not list all assets."
            }
            MismatchKind::BaseEntryLost { .. } => {
                "Make the index again with --base-index: what is published must not change."
            }
            MismatchKind::DeltaUnreadable { .. } | MismatchKind::DeltaDiffers { .. } => {
                "Make index and delta again together; without a delta, a registry reads the whole index."
            }
            MismatchKind::EndpointMissing => {
                "Check that --endpoint leads to this bucket, with its prefix; a private container of Azure answers the same."
            }
            MismatchKind::EndpointRefused { .. } => {
                "Allow everyone to read objects (not to list them): registries send no credentials."
            }
            MismatchKind::EndpointDiffers { .. } => {
                "Check that --endpoint leads to this bucket, and that no login page or cache answers for it."
            }
            MismatchKind::EndpointUnreachable { .. } => {
                "Check that the endpoint is reachable, then run again."
            }
            MismatchKind::Signature(state) => signature_advice(state),
            MismatchKind::Registry(mismatch) => mismatch.advice(),
        }
    }
}

/// The maximum number of fields that a message names.
const SHOWN_FIELDS: usize = 5;

/// Returns the first fields that differ with both values, and the number of the others.
fn differences(fields: &[FieldDifference], says: &str) -> String {
    let shown =
        fields.iter().take(SHOWN_FIELDS).map(|FieldDifference { field, published, derived }| {
            let (found, expected) = (or_nothing_of(published), or_nothing_of(derived));
            format!("{field} is {found}, {says} {expected}")
        });
    let mut text = shown.collect::<Vec<_>>().join("; ");
    if fields.len() > SHOWN_FIELDS {
        text += &format!("; and {} more fields", fields.len() - SHOWN_FIELDS);
    }
    text
}

fn or_nothing_of(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("missing")
}

/// Returns the value of a plan or of v2, or a word for its absence.
fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

fn signature_advice(state: &SignatureState) -> &'static str {
    match state {
        SignatureState::Good { .. } => "Nothing.",
        SignatureState::Missing => "Sign the archive, and upload the signature next to it.",
        SignatureState::UnknownKey { .. } => {
            "Add the key with --public-key if you trust it; otherwise sign the archive again."
        }
        SignatureState::Bad { .. } => {
            "Do not serve it: the archive or the signature was changed. Upload both again from a verified folder."
        }
        SignatureState::KeyExpired { .. } | SignatureState::KeyRevoked { .. } => {
            "Sign the archive again with a valid key."
        }
        SignatureState::Stale { .. } => {
            "Find out why the archive was replaced, and sign it again if it is the right one."
        }
        SignatureState::Orphan => "Upload the archive, or remove the signature.",
        SignatureState::Malformed { .. } => {
            "Create a detached binary signature, and upload it again."
        }
    }
}

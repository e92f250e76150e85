//! What a mismatch says to people: its message and its advice.

use super::MismatchKind;
use crate::model::signature_status::SignatureState;

impl MismatchKind {
    /// What does not match, as a sentence without its subject's name.
    pub fn message(&self) -> String {
        match self {
            MismatchKind::NotCheckable { stage, detail } => {
                format!(
                    "the copy in {stage} cannot be read, so that nobody can say what v2 should hold: {detail}"
                )
            }
            MismatchKind::ArchiveMissing => "v2 has no such archive".to_owned(),
            MismatchKind::ArchiveExtra => "v1 has no such revision".to_owned(),
            MismatchKind::ArchiveUnreachable { detail } => {
                format!(
                    "v2 does not hand the archive out, so that nothing is known about it: {detail}"
                )
            }
            MismatchKind::ArchiveUnreadable { detail } => {
                format!("not a whole ZIP archive: {detail}")
            }
            MismatchKind::StrayBytes { detail } => detail.clone(),
            MismatchKind::WrongRoot { found } => match found.as_str() {
                "" => "lies outside any root folder".to_owned(),
                _ => format!("lies below {found}, not below the root folder <name>-<version>"),
            },
            MismatchKind::FileMissing => "v1 has the file, the archive lacks it".to_owned(),
            MismatchKind::FileExtra => "the archive has the file, v1 does not".to_owned(),
            MismatchKind::FileDiffers { expected, found, expected_len, found_len } => {
                let len = expected_len.map(|len| format!(" of {len} bytes")).unwrap_or_default();
                let found = match found {
                    Some(found) => format!("blob {found} of {found_len} bytes"),
                    None => format!("other bytes, {found_len} of them"),
                };
                format!("v1 has blob {expected}{len}, the archive has {found}")
            }
            MismatchKind::OtherCopy { stage, expected } => {
                format!("holds the files of the copy in {stage}, not of the one in {expected}")
            }
            MismatchKind::DuplicateEntry => {
                "the name is there twice: which one is taken depends on the reader".to_owned()
            }
            MismatchKind::UnsafeEntry { reason } => format!("the name is unsafe: {reason}"),
            MismatchKind::UnsupportedCompression { method } => {
                format!(
                    "compressed by method {method}; the registry reads 0 (store) and 8 (deflate)"
                )
            }
            MismatchKind::HeaderDisagreement { field } => {
                format!("the central directory and the local header disagree on {field}")
            }
            MismatchKind::PlanDisagreement { field, planned, found } => {
                let (planned, found) = (or_nothing(planned), or_nothing(found));
                format!("{field}: the plan says {planned}, v2 has {found}")
            }
            MismatchKind::Signature(state) => state.message(),
        }
    }

    /// What to do about it, in one imperative line.
    pub fn advice(&self) -> &'static str {
        match self {
            MismatchKind::NotCheckable { .. } => {
                "Mend v1 (`git fsck` lists what is missing or corrupt) or verify against a complete clone, then run again."
            }
            MismatchKind::ArchiveMissing => {
                "Upload the archive; if the revision was left out on purpose, leave it out here too with --exclude or --resolutions."
            }
            MismatchKind::ArchiveExtra => {
                "Nothing, if it was published after the move; otherwise find out who put it there."
            }
            MismatchKind::ArchiveUnreachable { .. } => {
                "See whether the place answers at all, then run again."
            }
            MismatchKind::ArchiveUnreadable { .. } => {
                "Upload the archive again from a folder that verifies, and look at how it was uploaded."
            }
            MismatchKind::StrayBytes { .. } => {
                "Make the archive again without these bytes; a tool that fills up its last block does so only when it writes to a pipe."
            }
            MismatchKind::WrongRoot { .. } => {
                "Make the archive again: the registry finds files only below `<name>-<version>/`."
            }
            MismatchKind::FileMissing
            | MismatchKind::FileExtra
            | MismatchKind::FileDiffers { .. } => {
                "Find out whether v1 changed after the archive was made or the archive is wrong; make and upload it again."
            }
            MismatchKind::OtherCopy { .. } => {
                "If that copy is the right one, say so with --resolutions or --stages; otherwise make and upload the archive again."
            }
            MismatchKind::DuplicateEntry
            | MismatchKind::UnsafeEntry { .. }
            | MismatchKind::HeaderDisagreement { .. } => {
                "Do not serve it: two readers may see two packages. Find out who made the archive, then make it again."
            }
            MismatchKind::UnsupportedCompression { .. } => {
                "Make the archive again with store or deflate."
            }
            MismatchKind::PlanDisagreement { .. } => {
                "Run again with --depth content: it tells whether the files differ, or only how they are compressed."
            }
            MismatchKind::Signature(state) => signature_advice(state),
        }
    }
}

/// What a plan or v2 has, where there may be nothing.
fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

fn signature_advice(state: &SignatureState) -> &'static str {
    match state {
        SignatureState::Good { .. } => "Nothing.",
        SignatureState::Missing => "Sign the archive, and upload the signature beside it.",
        SignatureState::UnknownKey { .. } => {
            "Give the key with --public-key if you trust it; otherwise sign the archive again."
        }
        SignatureState::Bad { .. } => {
            "Do not serve it: the archive or the signature was changed. Upload both again from a folder that verifies."
        }
        SignatureState::KeyExpired { .. } | SignatureState::KeyRevoked { .. } => {
            "Sign the archive again with a key that is valid."
        }
        SignatureState::Stale { .. } => {
            "Find out why the archive was replaced, and sign it again if it is right."
        }
        SignatureState::Orphan => "Upload the archive, or remove the signature.",
        SignatureState::Malformed { .. } => {
            "Make a detached binary signature, and upload it again."
        }
    }
}

//! Loads the keys before any work is done, and summarizes the signatures at the end.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use indicatif::HumanCount;

use super::terminal::{self, BAD, GOOD, ODD};
use crate::error::Error;
use crate::openpgp::{PublicKeys, Signer};
use crate::ops::sign::{Maker, Signed};
use crate::v2::folder::ArchiveSink;

/// Loads the public keys in these files, and warns about keys that cannot be used.
pub(super) fn load_public(files: &[PathBuf], now: SystemTime) -> Result<PublicKeys, Error> {
    let keys = PublicKeys::load(files, now)?;
    terminal::warn(keys.unusable());
    Ok(keys)
}

/// The keys of a run.
pub(super) struct Keys {
    /// The signer, and its name for display.
    pub(super) signer: Option<(Box<dyn Signer>, String)>,
    /// The keys that signatures are checked with, in addition to the signer's own.
    pub(super) public_keys: PublicKeys,
}

impl Keys {
    /// Returns how missing signatures are made; a dry run has no sink for them.
    pub(super) fn maker<'a>(&'a self, sink: Option<&'a dyn ArchiveSink>) -> Maker<'a> {
        match (&self.signer, sink) {
            (None, _) => Maker::NoSigner,
            (Some(_), None) => Maker::LaterRun,
            (Some((signer, _)), Some(sink)) => {
                Maker::Signer { signer: &**signer, sink, signed_at: SystemTime::now() }
            }
        }
    }

    /// Returns the keys that signatures are checked with, the signer's own first.
    pub(super) fn public_keys(&self) -> Vec<&PublicKeys> {
        let own = self.signer.as_ref().map(|(signer, _)| signer.public_keys());
        own.into_iter().chain([&self.public_keys]).filter(|keys| !keys.is_empty()).collect()
    }

    /// Returns the summary's text on signatures.
    pub(super) fn summary_text(&self, signed: &Signed) -> String {
        let Signed { coverage, made_count, kept_count, refused, .. } = signed;
        let total = HumanCount(coverage.archive_count());
        let signed_count = HumanCount(coverage.signed_count());
        let by = self.signer.as_ref().map(|(_, name)| format!(" by {name}")).unwrap_or_default();
        let mut text = match coverage.pending_count {
            0 if coverage.is_unsigned() => format!("{signed_count} of {total}"),
            0 => {
                let is_all = coverage.signed_count() == coverage.archive_count();
                let style = if is_all && refused.is_empty() { GOOD } else { ODD };
                format!(
                    "{style}{signed_count} of {total}{style:#}: {} made{by}, {} kept",
                    HumanCount(*made_count),
                    HumanCount(*kept_count),
                )
            }
            pending => format!(
                "{signed_count} of {total}; a run would make {}{by} (dry run: nothing is signed)",
                HumanCount(pending)
            ),
        };
        if coverage.unknown_count() > 0 {
            let unknown = HumanCount(coverage.unknown_count());
            text += &format!(", {ODD}{unknown} by a key that was not provided{ODD:#}");
        }
        if !refused.is_empty() {
            text += &format!(", {BAD}{} refused{BAD:#}", HumanCount(refused.len() as u64));
        }
        text
    }
}

/// Shows existing signatures in the output folder that must not be published; also with `--quiet`.
pub(super) fn show_faults(signed: &Signed, folder: &Path) {
    for (key, state) in &signed.refused {
        terminal::fault(format_args!(
            "{} already exists, and must not be published: {}",
            folder.join(key.as_str()).display(),
            state.message(),
        ));
    }
    if !signed.refused.is_empty() {
        terminal::hint(
            "it was not replaced, and is not in the plan; check where the file comes from, move it away, and run `sign`",
        );
    }
}

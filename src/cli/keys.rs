//! Who signs: their keys are loaded before any work, and what they signed is told at the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use indicatif::HumanCount;

use super::terminal::{BAD, GOOD, ODD, STRONG};
use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::event::Observer;
use crate::model::package::ObjectKey;
use crate::model::plan::Plan;
use crate::openpgp::{CommandSigner, OpenPgpSigner, Passphrase, PublicKeys, SignCommand, Signer};
use crate::ops::sign::{Maker, Options, Signed, sign};
use crate::v2::folder::ArchiveSink;

/// Who is to sign, and whose signatures are known, as flags and variables say.
#[derive(Debug)]
pub(crate) struct SigningChoice {
    pub(crate) signer: SignerChoice,
    /// Files of public keys.
    pub(crate) public_keys: Vec<PathBuf>,
}

/// Who is to sign.
#[derive(Debug)]
pub(crate) enum SignerChoice {
    Nobody,
    Key { path: PathBuf, named_by: NamedBy, passphrase: Option<PassphraseSource> },
    Command(SignCommand),
}

/// What named a key.
#[derive(Debug)]
pub(crate) enum NamedBy {
    Flag,
    Variable(&'static str),
}

/// Where a passphrase is.
#[derive(Debug)]
pub(crate) enum PassphraseSource {
    File(PathBuf),
    Given(Passphrase),
}

/// Loaded keys.
pub(super) struct Keys {
    signer: Option<NamedSigner>,
    public_keys: PublicKeys,
}

struct NamedSigner {
    signer: Box<dyn Signer>,
    name: String,
}

/// What is to be signed.
pub(super) struct Signing<'a> {
    /// The output folder, if there is one.
    pub(super) folder: Option<&'a Path>,
    /// Where signatures go; none in a dry run.
    pub(super) sink: Option<&'a dyn ArchiveSink>,
    /// The SHA-256 after all bytes of archives that need not be read again.
    pub(super) read: &'a BTreeMap<ObjectKey, Sha256Hasher>,
    /// Archives that lie in the folder with other bytes.
    pub(super) refused: &'a [ObjectKey],
    pub(super) jobs: usize,
}

impl SigningChoice {
    /// Loads all keys, and finds out whether the signer can sign at `now`. Secrets end here.
    pub(super) fn load(self, now: SystemTime) -> Result<Keys, Error> {
        let public_keys = PublicKeys::load(&self.public_keys, now)?;
        Ok(match self.signer {
            SignerChoice::Nobody => Keys { signer: None, public_keys },
            SignerChoice::Key { path, named_by, passphrase } => {
                let passphrase = match passphrase {
                    Some(PassphraseSource::File(path)) => Some(Passphrase::read(&path)?),
                    Some(PassphraseSource::Given(passphrase)) => Some(passphrase),
                    None => None,
                };
                let signer = OpenPgpSigner::load(&path, passphrase.as_ref(), now)?;
                let name = match named_by {
                    NamedBy::Flag => signer.fingerprint(),
                    NamedBy::Variable(variable) => {
                        format!("{} ({variable})", signer.fingerprint())
                    }
                };
                let signer = NamedSigner { signer: Box::new(signer), name };
                Keys { signer: Some(signer), public_keys }
            }
            SignerChoice::Command(command) => {
                let signer = Box::new(CommandSigner::new(command, public_keys));
                let signer = NamedSigner { signer, name: "--sign-command".to_owned() };
                Keys { signer: Some(signer), public_keys: PublicKeys::default() }
            }
        })
    }
}

impl Keys {
    /// Signs the archives of a plan, or tells what would be signed.
    pub(super) fn sign(
        &self,
        plan: &Plan,
        signing: &Signing<'_>,
        observer: &dyn Observer,
        interrupt: &AtomicBool,
    ) -> Result<Signed, Error> {
        let Some(folder) = signing.folder else {
            return Ok(Signed::nowhere(plan, self.signer.is_some()));
        };
        let maker = match (&self.signer, signing.sink) {
            (None, _) => Maker::Nobody,
            (Some(_), None) => Maker::LaterRun,
            (Some(NamedSigner { signer, .. }), Some(sink)) => {
                Maker::Signer { signer: &**signer, sink, signed_at: SystemTime::now() }
            }
        };
        let own = self.signer.as_ref().map(|NamedSigner { signer, .. }| signer.public_keys());
        let public_keys: Vec<&PublicKeys> =
            own.into_iter().chain([&self.public_keys]).filter(|keys| !keys.is_empty()).collect();
        let options = Options {
            folder,
            maker,
            public_keys: &public_keys,
            read: signing.read,
            refused: signing.refused,
            jobs: signing.jobs,
        };
        sign(plan, &options, observer, interrupt)
    }

    /// The summary's line on signatures.
    pub(super) fn told(&self, signed: &Signed) -> String {
        let Signed { coverage, made_count, kept_count, refused, .. } = signed;
        let total = HumanCount(coverage.archive_count());
        let there = HumanCount(coverage.signed_count());
        let by = match &self.signer {
            Some(NamedSigner { name, .. }) => format!(" by {name}"),
            None => String::new(),
        };
        let mut text = match coverage.pending_count {
            0 if coverage.is_unsigned() => format!("{there} of {total}"),
            0 => {
                let is_all = coverage.signed_count() == coverage.archive_count();
                let style = if is_all && refused.is_empty() { GOOD } else { ODD };
                format!(
                    "{style}{there} of {total}{style:#}: {} made{by}, {} kept",
                    HumanCount(*made_count),
                    HumanCount(*kept_count),
                )
            }
            pending => format!(
                "{there} of {total}; a run would make {}{by} (dry run: nothing is made)",
                HumanCount(pending)
            ),
        };
        if coverage.unknown_count() > 0 {
            let unknown = HumanCount(coverage.unknown_count());
            text += &format!(", {ODD}{unknown} by a key that was not given{ODD:#}");
        }
        if !refused.is_empty() {
            text += &format!(", {BAD}{} refused{BAD:#}", HumanCount(refused.len() as u64));
        }
        text
    }
}

/// What is wrong with signatures in the output folder; shown even to those who want it quiet.
pub(super) fn faults(signed: &Signed, folder: &Path) -> Option<String> {
    let mut lines = Vec::new();
    for (key, state) in &signed.refused {
        lines.push(format!(
            "{BAD}error{BAD:#}: {} is already there, and is not to be published: {}",
            folder.join(key.as_str()).display(),
            state.message(),
        ));
    }
    if !lines.is_empty() {
        lines.push(format!(
            "  {STRONG}hint{STRONG:#}: it was not replaced, and is not in the plan; find out who made it, move it away, then run `sign`"
        ));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

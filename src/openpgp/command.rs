//! Signs with an external program, for keys in an agent, on a card or in a service.
//!
//! A template with `{input}` and `{output}` is split into words once; no shell is involved. The program's
//! output is accepted only when it is a signature over the archive's bytes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::{
    ArchiveToSign, ArmoredSignature, DetachedSignature, Passphrase, PublicKeys, SIGNATURE_MAX_LEN,
    Signer, checker_of, read_bounded,
};
use crate::error::Error;
use crate::model::command_template::CommandTemplate;
use crate::model::signature_status::SignatureState;

const INPUT: &str = "{input}";
const OUTPUT: &str = "{output}";

/// How far the other program's clock may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(10 * 60);

/// How much of a failing program's stderr is shown, from its end, in bytes.
const SHOWN_LEN: usize = 2000;

/// A program and its arguments, such as `gpg --batch --detach-sign --armor --output {output} {input}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignCommand(CommandTemplate);

impl FromStr for SignCommand {
    type Err = &'static str;

    fn from_str(template: &str) -> Result<Self, Self::Err> {
        let template = CommandTemplate::parse(template, &[INPUT, OUTPUT])?;
        if !template.has(INPUT) {
            return Err("it has no {input} for the archive's path");
        }
        if !template.has(OUTPUT) {
            return Err("it has no {output} for the signature's path");
        }
        Ok(SignCommand(template))
    }
}

impl SignCommand {
    fn fill(&self, input: &Path, output: &Path) -> Command {
        let mut command = Command::new(self.0.program());
        command.args(self.0.arguments(&[(INPUT, input.as_os_str()), (OUTPUT, output.as_os_str())]));
        command
    }
}

/// Signs by running a program for each archive.
pub struct CommandSigner {
    command: SignCommand,
    public_keys: PublicKeys,
    /// What is not shown, even if the program prints it.
    hidden: Option<Passphrase>,
}

impl CommandSigner {
    /// Creates a signer that runs `command` and checks with `public_keys`. Without keys, only 16 bits
    /// of each signature's digest are checked.
    pub fn new(command: SignCommand, public_keys: PublicKeys) -> Self {
        CommandSigner { command, public_keys, hidden: None }
    }

    /// Never shows this passphrase, which the program finds in its environment.
    #[must_use]
    pub fn hiding(mut self, passphrase: Option<Passphrase>) -> Self {
        self.hidden = passphrase;
        self
    }

    fn run(&self, archive: &ArchiveToSign<'_>) -> Result<DetachedSignature, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::Folder)?;
        let output = folder.path().join("signature");
        // Absolute, so that no name is interpreted as a flag.
        let input = std::path::absolute(archive.path).map_err(Failure::Folder)?;
        let ran = self
            .command
            .fill(&input, &output)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(|source| Failure::Start {
                program: self.command.0.program().to_owned(),
                source,
            })?;
        let stderr = || match &self.hidden {
            Some(passphrase) => last_of(&passphrase.masked_in(&ran.stderr)),
            None => last_of(&ran.stderr),
        };
        if !ran.status.success() {
            return Err(Failure::Status { status: ran.status.to_string(), stderr: stderr() });
        }
        let bytes = match fs::metadata(&output) {
            Ok(_) => read_bounded(&output, SIGNATURE_MAX_LEN).map_err(Failure::Read)?,
            Err(_) => return Err(Failure::Nothing { stderr: stderr() }),
        };
        let too_long = || Failure::Malformed(format!("longer than {SIGNATURE_MAX_LEN} bytes"));
        DetachedSignature::parse(&bytes.ok_or_else(too_long)?)
            .map_err(|malformed| Failure::Malformed(malformed.0))
    }

    fn checked(&self, archive: &ArchiveToSign<'_>) -> Result<ArmoredSignature, Failure> {
        let made = self.run(archive)?;
        let checker =
            checker_of(&made, archive.path, Some(archive.sha256)).map_err(Failure::Read)?;
        if checker.is_over_other_bytes() {
            return Err(Failure::OtherBytes);
        }
        let now = SystemTime::now() + CLOCK_SKEW;
        let state = checker.finish(&self.public_keys, made.created(), now);
        match &state {
            SignatureState::Good { .. } => {}
            SignatureState::UnknownKey { .. } if self.public_keys.is_empty() => {}
            state => return Err(Failure::NotGood(state.clone())),
        }
        Ok(ArmoredSignature { text: made.to_armor(), state })
    }
}

impl Signer for CommandSigner {
    fn sign(&self, archive: &ArchiveToSign<'_>) -> Result<ArmoredSignature, Error> {
        self.checked(archive)
            .map_err(|failure| Error::Sign { key: archive.key.to_string(), source: failure.into() })
    }

    fn public_keys(&self) -> &PublicKeys {
        &self.public_keys
    }
}

/// Why a program made no acceptable signature.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot prepare the paths of archive and signature")]
    Folder(#[source] std::io::Error),
    #[error("cannot start {program}")]
    Start { program: String, source: std::io::Error },
    #[error("the command failed with {status}{stderr}")]
    Status { status: String, stderr: String },
    #[error("the command wrote no signature{stderr}")]
    Nothing { stderr: String },
    #[error("cannot check the signature")]
    Read(#[source] Error),
    #[error("the command's output is not a signature that can be published: {0}")]
    Malformed(String),
    #[error("the command's signature is over other bytes than the archive's")]
    OtherBytes,
    #[error("the command's signature is not good: {}", .0.message())]
    NotGood(SignatureState),
}

/// Formats the end of a program's stderr, to be appended to a message.
fn last_of(stderr: &[u8]) -> String {
    let shown = &stderr[stderr.len().saturating_sub(SHOWN_LEN)..];
    match String::from_utf8_lossy(shown).trim() {
        "" => String::new(),
        text => format!(", and printed: {text}"),
    }
}

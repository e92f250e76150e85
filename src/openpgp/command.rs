//! Signs by another program, for keys that live in an agent, on a card or behind a service.
//!
//! A template with `{input}` and `{output}` is split into words once; no shell ever sees it. What
//! the program writes is taken only when it is a signature over the archive's bytes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::{
    ArchiveToSign, ArmoredSignature, DetachedSignature, PublicKeys, SIGNATURE_MAX_LEN, Signer,
    fed_checker, read_bounded,
};
use crate::error::Error;
use crate::model::command_template::CommandTemplate;
use crate::model::signature_status::SignatureState;

const INPUT: &str = "{input}";
const OUTPUT: &str = "{output}";

/// How far another program's clock may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(10 * 60);

/// The most of what a failing program says that is shown, in bytes; its last ones.
const SHOWN_LEN: usize = 2000;

/// A program and its arguments, such as `gpg --batch --detach-sign --armor --output {output} {input}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignCommand(CommandTemplate);

impl FromStr for SignCommand {
    type Err = &'static str;

    fn from_str(template: &str) -> Result<Self, Self::Err> {
        let template = CommandTemplate::parse(template, &[INPUT, OUTPUT])?;
        if !template.has(INPUT) {
            return Err("it has no {input}, where the archive's path goes");
        }
        if !template.has(OUTPUT) {
            return Err("it has no {output}, where the signature's path goes");
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
}

impl CommandSigner {
    /// Signs with `command`, and checks with `public_keys`. Without keys, only 16 bits of each
    /// signature's digest are checked.
    pub fn new(command: SignCommand, public_keys: PublicKeys) -> Self {
        CommandSigner { command, public_keys }
    }

    fn run(&self, archive: &ArchiveToSign<'_>) -> Result<DetachedSignature, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::Folder)?;
        let output = folder.path().join("signature");
        // Absolute, so that no name is taken for a flag.
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
        let said = || last_of(&ran.stderr);
        if !ran.status.success() {
            return Err(Failure::Status { status: ran.status.to_string(), said: said() });
        }
        let bytes = match fs::metadata(&output) {
            Ok(_) => read_bounded(&output, SIGNATURE_MAX_LEN).map_err(Failure::Read)?,
            Err(_) => return Err(Failure::Nothing { said: said() }),
        };
        let too_long = || Failure::Malformed(format!("longer than {SIGNATURE_MAX_LEN} bytes"));
        DetachedSignature::parse(&bytes.ok_or_else(too_long)?)
            .map_err(|malformed| Failure::Malformed(malformed.0))
    }

    fn checked(&self, archive: &ArchiveToSign<'_>) -> Result<ArmoredSignature, Failure> {
        let made = self.run(archive)?;
        let checker =
            fed_checker(&made, archive.path, Some(archive.sha256)).map_err(Failure::Read)?;
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

/// Why a program made no signature that can be taken.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot make a folder for the signature")]
    Folder(#[source] std::io::Error),
    #[error("cannot start {program}")]
    Start { program: String, source: std::io::Error },
    #[error("the command ended with {status}{said}")]
    Status { status: String, said: String },
    #[error("the command wrote no signature{said}")]
    Nothing { said: String },
    #[error("cannot check the signature")]
    Read(#[source] Error),
    #[error("what the command wrote is no signature that can be published: {0}")]
    Malformed(String),
    #[error("what the command wrote is over other bytes than the archive's")]
    OtherBytes,
    #[error("the signature that the command made is not good: {}", .0.message())]
    NotGood(SignatureState),
}

/// The end of what a program said, to follow a sentence.
fn last_of(stderr: &[u8]) -> String {
    let shown = &stderr[stderr.len().saturating_sub(SHOWN_LEN)..];
    match String::from_utf8_lossy(shown).trim() {
        "" => String::new(),
        text => format!(", and said: {text}"),
    }
}

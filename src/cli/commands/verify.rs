//! `verify`: compares v2 with v1 and tells what does not match.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::migrate::read_resolutions;
use crate::cli::exit_status::ExitStatus;
use crate::cli::interrupt::interrupt_flag;
use crate::cli::outputs::Outputs;
use crate::cli::progress::Progress;
use crate::cli::summary::verify as verify_summary;
use crate::cli::terminal;
use crate::cli::verify_outputs::{self, GitHubStep};
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::plan::Plan;
use crate::openpgp::PublicKeys;
use crate::ops::verify::{Options, verify};
use crate::v2::store::folder::Folder;
use crate::v2::store::http::{HttpPlace, Limits};
use crate::v2::store::{Place, PlaceArg};

/// A checked command line.
#[derive(Debug)]
pub(crate) struct VerifyCommand {
    pub(crate) v1_repo: PathBuf,
    pub(crate) v2: PlaceArg,
    pub(crate) options: Options,
    /// The file of decisions.
    pub(crate) resolutions: Option<PathBuf>,
    /// A plan to compare with as well.
    pub(crate) plan: Option<PathBuf>,
    /// Files of the keys that signatures are checked with; none when they are not.
    pub(crate) public_keys: Vec<PathBuf>,
    pub(crate) outputs: Outputs,
    pub(crate) quiet: bool,
}

impl VerifyCommand {
    pub(crate) fn run(mut self) -> Result<ExitStatus, Error> {
        if let Some(path) = &self.resolutions {
            self.options.resolutions = read_resolutions(path)?;
        }
        self.options.plan = self.plan.as_deref().map(read_plan).transpose()?;
        if !self.public_keys.is_empty() {
            let keys = PublicKeys::load(&self.public_keys, SystemTime::now())?;
            self.options.public_keys = Some(keys);
        }
        let interrupt = interrupt_flag();
        let place: Box<dyn Place> = match &self.v2 {
            PlaceArg::Folder(path) => Box::new(Folder::open(path)?),
            PlaceArg::Url(base) => Box::new(HttpPlace::open(base.clone(), Limits::default())?),
        };
        let progress = Progress::on_stderr(self.quiet);
        let outcome = verify(&self.v1_repo, &self.options, &*place, &progress, &interrupt)?;
        drop(progress);

        verify_outputs::write(&self.outputs, &GitHubStep::from_environment(), &outcome)?;
        if !self.quiet {
            terminal::say(verify_summary::render(&outcome, &self.outputs));
        }
        Ok(ExitStatus::of_proof(&outcome))
    }
}

fn read_plan(path: &Path) -> Result<(Plan, Sha256), Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read the plan in", path))?;
    let plan =
        Plan::from_json(&text).map_err(|source| Error::Parse { path: path.to_owned(), source })?;
    Ok((plan, Sha256::of(text.as_bytes())))
}

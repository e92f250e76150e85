//! The flags of `migrate`.

use std::path::PathBuf;

use super::EXIT_CODES;
use super::commands::migrate::MigrateCommand;
use super::flags::{JobsArgs, ScopeArgs, StagesArgs, TellArgs};
use super::outputs::Target;
use super::signing_flags::SigningArgs;
use crate::model::shard::Shard;
use crate::ops::migrate;
use crate::rules::decisions::Resolutions;

/// Make v2's archives, the upload plan and the report from a v1 repository
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct MigrateArgs {
    /// The v1 repository: bare, a work tree, or a .git folder
    v1_repo: PathBuf,

    /// The folder that mirrors the v2 bucket; plan and report go there too
    #[arg(short, long, value_name = "DIR", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// Do everything but keep archives; write only what --plan and --report name
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    stages: StagesArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    /// Apply the decisions in this file (YAML)
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,

    /// Write a skeleton of decisions to this file: everything that is open, ready to be filled in
    #[arg(long, value_name = "FILE")]
    write_resolutions: Option<PathBuf>,

    /// Migrate only one of N shares of the packages; join what they tell with merge-plans
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, hide_default_value = true)]
    shard: Shard,

    #[command(flatten)]
    signing: SigningArgs,

    #[command(flatten)]
    jobs: JobsArgs,

    #[command(flatten)]
    tell: TellArgs,
}

impl MigrateArgs {
    /// Checks what flags say together.
    pub(super) fn into_command(self) -> Result<MigrateCommand, String> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let (fail_on, quiet) = (self.tell.fail_on, self.tell.quiet);
        Ok(MigrateCommand {
            v1_repo: self.v1_repo,
            options: migrate::Options {
                stages,
                remote,
                shard: self.shard,
                scope: self.scope.into(),
                resolutions: Resolutions::default(),
                jobs: self.jobs.count(),
            },
            resolutions: self.resolutions,
            outputs: self.tell.outputs(
                self.output.as_deref().filter(|_| !self.dry_run),
                self.write_resolutions.map(Target::from),
            )?,
            folder: self.output,
            keeps_archives: !self.dry_run,
            signing: self.signing.check()?,
            fail_on,
            quiet,
        })
    }
}

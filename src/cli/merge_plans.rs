//! The flags of `merge-plans`.

use std::path::PathBuf;

use super::EXIT_CODES;
use super::commands::merge_plans::MergePlansCommand;
use super::flags::TellArgs;

/// Join the plans and reports of all shards into those of the whole run
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct MergePlansArgs {
    /// The output folders of the shards' runs, with plan.json and report.json in each
    #[arg(required = true, value_name = "PART_DIR")]
    parts: Vec<PathBuf>,

    /// The folder that plan and report go to
    #[arg(short, long, value_name = "DIR", required_unless_present_any = ["plan", "report"])]
    output: Option<PathBuf>,

    #[command(flatten)]
    tell: TellArgs,
}

impl MergePlansArgs {
    pub(super) fn into_command(self) -> Result<MergePlansCommand, String> {
        let (fail_on, quiet) = (self.tell.fail_on, self.tell.quiet);
        let outputs = self.tell.outputs(self.output.as_deref(), None)?;
        Ok(MergePlansCommand { parts: self.parts, folder: self.output, outputs, fail_on, quiet })
    }
}

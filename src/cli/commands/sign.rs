//! `sign`: signs the archives that a previous run left unsigned, in its folder. Touches no archive.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::signing::{KEY_VARIABLE, SigningArgs};
use crate::cli::flags::{JobsArgs, default_outputs};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys;
use crate::cli::own_index::OwnIndex;
use crate::cli::previous_run::read_checked_part;
use crate::cli::summary::{labelled, multiple_signatures_line, written_lines};
use crate::cli::terminal;
use crate::cli::terminal::progress::Progress;
use crate::ops::merge_plans::Part;
use crate::ops::sign::{Options, sign};
use crate::v2::folder::OutputFolder;

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    success
  2    invalid command line
  3    could not complete, or an existing signature must not be published
  130  interrupted";

/// Sign the archives that a previous run left unsigned
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct SignArgs {
    /// The output folder of `migrate`, with plan.json and report.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    signing: SigningArgs,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl SignArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let outputs = default_outputs(&self.folder);
        let Some(keys) = self.signing.load_signer(SystemTime::now())? else {
            return Err(Failure::Usage(format!(
                "set a key with --sign-key or {KEY_VARIABLE}, or a program with --sign-command"
            )));
        };
        let interrupt = interrupt_flag();
        let sink = OutputFolder::reopen(&self.folder)?;
        let part = read_checked_part(&self.folder)?;
        let index = OwnIndex::read(&self.folder, &part, &interrupt)?;
        let Part { plan, mut report, .. } = part;

        let progress = Progress::on_stderr(self.quiet);
        let options = Options {
            folder: &self.folder,
            maker: keys.maker(Some(&sink)),
            public_keys: &keys.public_keys(),
            read: &BTreeMap::new(),
            refused: &[],
            jobs: self.jobs.count(),
        };
        let signed = sign(&plan, &options, &progress, &interrupt)?;
        drop(progress);
        report.signatures = signed.coverage.clone();
        let plan = plan.with_signatures(signed.uploads.clone());
        let plan = index.update(&self.folder, plan, &mut report, &interrupt)?;
        outputs.write(&plan, &report)?;

        if !self.quiet {
            let mut lines = vec![labelled(0, "Signed", &keys.summary_text(&signed))];
            lines.extend(multiple_signatures_line(&signed.coverage));
            lines.extend(written_lines(&outputs));
            terminal::summary(lines.join("\n"));
        }
        keys::show_faults(&signed, &self.folder);
        Ok(ExitStatus::of_refused(!signed.refused.is_empty()))
    }
}

//! `signatures export` and `signatures import`: for archives that are signed by an external service.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Subcommand;
use indicatif::{HumanBytes, HumanCount};

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::{JobsArgs, default_outputs};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys;
use crate::cli::own_index::OwnIndex;
use crate::cli::previous_run::{read_checked_part, read_plan};
use crate::cli::summary::{labelled, multiple_signatures_line, name_lines, written_lines};
use crate::cli::terminal::progress::Progress;
use crate::cli::terminal::{self, BAD, GOOD, ODD};
use crate::ops::merge_plans::Part;
use crate::ops::sign;
use crate::ops::sign::export::{Exported, Layout, MANIFEST_NAME, SUMS_NAME, export};
use crate::ops::sign::import::{Imported, import};
use crate::ops::sign::workers::Workers;
use crate::ops::sign::{Maker, Signed};
use crate::v2::folder::OutputFolder;

/// The maximum number of names of one kind that are shown.
const SHOWN: usize = 12;

/// The exit codes in the help of `export`.
const EXPORT_CODES: &str = "\
Exit codes:
  0    success
  2    invalid command line
  3    could not complete, or a file already exists with different content
  130  interrupted";

/// The exit codes in the help of `import`.
const IMPORT_CODES: &str = "\
Exit codes:
  0    every archive has a good signature, and every signature was imported
  1    completed, but signatures are missing, bad or foreign
  2    invalid command line
  3    could not complete, or an existing signature must not be published
  130  interrupted";

/// Export unsigned archives for an external signer, and import its signatures
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SignaturesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Export the archives without a signature, with manifest.json and SHA256SUMS
#[derive(Debug, clap::Args)]
#[command(after_help = EXPORT_CODES)]
struct ExportArgs {
    /// The output folder of `migrate`, with plan.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The folder to export to
    #[arg(long, value_name = "EXPORT_DIR")]
    to: PathBuf,

    /// Write only manifest.json and SHA256SUMS, for a service that already has the archives
    #[arg(long)]
    digests_only: bool,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// Import signatures (<archive>.asc or <archive>.sig, armored or binary) after checking each
#[derive(Debug, clap::Args)]
#[command(after_help = IMPORT_CODES)]
struct ImportArgs {
    /// The output folder of `migrate`, with plan.json and report.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The folder with the signatures
    #[arg(long, value_name = "SIGNATURE_DIR")]
    from: PathBuf,

    /// Check signatures with the public keys in this file; repeatable
    #[arg(long, value_name = "FILE", required = true)]
    public_key: Vec<PathBuf>,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl SignaturesArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        match self.action {
            Action::Export(args) => args.run(),
            Action::Import(args) => args.run(),
        }
    }
}

impl ExportArgs {
    fn run(self) -> Result<ExitStatus, Failure> {
        if is_below(&self.to, &self.folder.join("artifacts")) {
            let text = "--to is inside the folder to be published: choose another folder";
            return Err(Failure::Usage(text.to_owned()));
        }
        let layout = if self.digests_only { Layout::Digests } else { Layout::Archives };
        let plan = read_plan(&self.folder)?;
        let interrupt = interrupt_flag();
        let progress = Progress::on_stderr(self.quiet);
        let workers =
            Workers { jobs: self.jobs.count(), observer: &progress, interrupt: &interrupt };
        let exported = export(&plan, &self.folder, &self.to, layout, workers)?;
        drop(progress);
        if !self.quiet {
            terminal::summary(self.summary(&exported));
        }
        for name in &exported.refused {
            terminal::other_bytes(&self.to.join(name));
        }
        Ok(ExitStatus::of_refused(!exported.refused.is_empty()))
    }

    fn summary(&self, exported: &Exported) -> String {
        let unsigned = HumanCount(exported.unsigned_count);
        let total = HumanCount(exported.unsigned_count + exported.signed_count);
        let bytes = HumanBytes(exported.total_len);
        let mut text = format!("{unsigned} of {total} to be signed ({bytes})");
        if !self.digests_only {
            text += &format!(
                ": {} linked, {} copied, {} kept",
                HumanCount(exported.linked_count),
                HumanCount(exported.copied_count),
                HumanCount(exported.kept_count),
            );
        }
        let mut lines = vec![labelled(0, "Exported", &text)];
        lines.extend(name_lines("Left over", &exported.left_over, SHOWN));
        for (index, name) in [SUMS_NAME, MANIFEST_NAME].iter().enumerate() {
            lines.push(labelled(index, "Written", &self.to.join(name).display().to_string()));
        }
        lines.join("\n")
    }
}

impl ImportArgs {
    fn run(self) -> Result<ExitStatus, Failure> {
        let outputs = default_outputs(&self.folder);
        let keys = keys::load_public(&self.public_key, SystemTime::now())?;
        let interrupt = interrupt_flag();
        let sink = OutputFolder::reopen(&self.folder)?;
        let part = read_checked_part(&self.folder)?;
        let index = OwnIndex::read(&self.folder, &part, &interrupt)?;
        let Part { plan, mut report, .. } = part;

        let progress = Progress::on_stderr(self.quiet);
        let jobs = self.jobs.count();
        let workers = Workers { jobs, observer: &progress, interrupt: &interrupt };
        let imported = import(&plan, &self.folder, &self.from, &keys, &sink, workers)?;
        let options = sign::Options {
            folder: &self.folder,
            maker: Maker::NoSigner,
            public_keys: &[&keys],
            read: &imported.read,
            refused: &[],
            jobs,
        };
        let signed = sign::sign(&plan, &options, &progress, &interrupt)?;
        drop(progress);
        report.signatures = signed.coverage.clone();
        let plan = plan.with_signatures(signed.uploads.clone());
        let plan = index.update(&self.folder, plan, &mut report, &interrupt)?;
        outputs.write(&plan, &report)?;

        if !self.quiet {
            let mut lines = vec![labelled(0, "Signed", &summary_text(&imported, &signed))];
            lines.extend(multiple_signatures_line(&signed.coverage));
            let missing: Vec<String> =
                imported.missing.iter().map(|key| key.file_name().to_owned()).collect();
            lines.extend(name_lines("Missing", &missing, SHOWN));
            lines.extend(written_lines(&outputs));
            terminal::summary(lines.join("\n"));
        }
        show_faults(&imported, &self.from);
        keys::show_faults(&signed, &self.folder);
        let is_whole = imported.bad.is_empty()
            && imported.missing.is_empty()
            && imported.foreign.is_empty()
            && signed.coverage.good_count() == signed.coverage.archive_count();
        Ok(match (signed.refused.is_empty(), is_whole) {
            (false, _) => ExitStatus::CouldNotFinish,
            (true, false) => ExitStatus::Findings,
            (true, true) => ExitStatus::Done,
        })
    }
}

/// Returns whether `path` is `folder` or inside it. A path that does not exist yet is located by its
/// nearest existing ancestor.
fn is_below(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute
        .ancestors()
        .find_map(|above| above.canonicalize().ok())
        .is_some_and(|existing| existing.starts_with(folder))
}

fn summary_text(imported: &Imported, signed: &Signed) -> String {
    let (good, total) = (signed.coverage.good_count(), signed.coverage.archive_count());
    let style = if good == total { GOOD } else { ODD };
    let mut text = format!(
        "{style}{} of {} good{style:#}: {} imported, {} already present",
        HumanCount(good),
        HumanCount(total),
        HumanCount(imported.written_count),
        HumanCount(imported.kept_count),
    );
    for (count, what, style) in [
        (imported.missing.len(), "missing", ODD),
        (imported.bad.len(), "bad", BAD),
        (imported.foreign.len(), "foreign", ODD),
        (signed.refused.len(), "refused", BAD),
    ] {
        if count > 0 {
            text += &format!(", {style}{} {what}{style:#}", HumanCount(count as u64));
        }
    }
    text
}

/// Shows every signature that was not imported; also with `--quiet`.
fn show_faults(imported: &Imported, from: &Path) {
    for (name, state) in &imported.bad {
        let path = from.join(name);
        terminal::fault(format_args!("{} was not imported: {}", path.display(), state.message()));
    }
    for name in &imported.foreign {
        terminal::warning(format_args!("{} matches no archive", from.join(name).display()));
    }
    if !imported.bad.is_empty() {
        terminal::hint(
            "have these archives signed again; `signatures export` exports unsigned archives",
        );
    }
}

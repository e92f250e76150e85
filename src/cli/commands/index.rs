//! `index`: makes the search index from archives alone.

use std::path::PathBuf;

use indicatif::{HumanBytes, HumanCount};

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::JobsArgs;
use crate::cli::flags::access::AccessArgs;
use crate::cli::interrupt::interrupt_flag;
use crate::cli::outputs::Target;
use crate::cli::previous_run::read_plan_file;
use crate::cli::summary::{labelled, name_lines};
use crate::cli::terminal::{self, GOOD};
use crate::model::cursor::Cursor;
use crate::model::package::ARCHIVE_PREFIX;
use crate::model::plan::Plan;
use crate::model::shard::Shard;
use crate::ops::index::{Indexed, index};
use crate::v2::folder::{OutputFolder, Replacement, clean_metadata, replace_file};
use crate::v2::index::{cursor_key, index_key};
use crate::v2::store::{Place, PlaceArg, PlaceKind, open_place};

/// The maximum number of other files that are named.
const SHOWN: usize = 5;

/// The end of the command's help.
const EXIT_CODES: &str = "\
Exit codes:
  0    success: every archive has its entry
  2    invalid command line
  3    could not complete, or an archive cannot be indexed: nothing is written
  130  interrupted";

/// Create the search index that the registry reads, from archives alone
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct IndexArgs {
    /// A folder that mirrors the bucket, such as the output folder of `migrate`, a flat folder of archives, the
    /// http(s) URL under which artifacts/packages/ is served, or a bucket (gs://, s3:// or az://)
    #[arg(value_name = "PLACE")]
    place: PlaceArg,

    /// The archives of a URL, which cannot be listed: those of this plan
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// The name of the index: letters, digits, -, _ and .; usually the time in Unix seconds
    #[arg(long, value_name = "CURSOR")]
    cursor: Cursor,

    /// Write v2/metadata/<CURSOR>/search-index-all.json and v2/metadata/cursor.json below this folder,
    /// or - for only the index on stdout [default: <PLACE>, if it is a folder]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    #[command(flatten)]
    access: AccessArgs,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Hide the summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl IndexArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let interrupt = interrupt_flag();
        let name = self.place.name.to_string();
        let (place, names) = self.open()?;
        let folder = match &self.place.kind {
            PlaceKind::Folder(path) => Some(path.clone()),
            PlaceKind::Url(_) | PlaceKind::Bucket(_) => None,
        };
        let Some(output) = self.output.or(folder) else {
            return Err(Failure::Usage("a URL or a bucket requires --output".to_owned()));
        };
        let target = Target::from(output);
        // The index of a folder to which another run is writing would be incomplete.
        let lock = match &target {
            Target::File(folder) if folder.join(ARCHIVE_PREFIX).is_dir() => {
                Some(OutputFolder::reopen(folder)?)
            }
            Target::File(folder) => {
                clean_metadata(folder)?;
                None
            }
            Target::Stdout => None,
        };
        let jobs = self.jobs.count();
        let mut index_len = 0;
        let mut written = Vec::new();
        let indexed = match &target {
            Target::Stdout => {
                let mut text = Vec::new();
                let mut sink = |bytes: &[u8]| {
                    text.extend_from_slice(bytes);
                    Ok(())
                };
                let indexed = index(&*place, &name, names, jobs, &interrupt, &mut sink)?;
                index_len += text.len() as u64;
                let text = std::str::from_utf8(&text).expect("JSON is UTF-8");
                terminal::data(text)?;
                written.push(target.to_string());
                indexed
            }
            Target::File(folder) => {
                let path = folder.join(index_key(&self.cursor, Shard::WHOLE).as_str());
                let mut file = Replacement::begin(&path)?;
                let mut sink = |bytes: &[u8]| {
                    index_len += bytes.len() as u64;
                    file.write(bytes)
                };
                let indexed = index(&*place, &name, names, jobs, &interrupt, &mut sink)?;
                file.finish()?;
                // Last, so that the cursor always has its index.
                let cursor = folder.join(cursor_key().as_str());
                replace_file(&cursor, &self.cursor.to_json())?;
                written.extend([path, cursor].map(|path| path.display().to_string()));
                indexed
            }
        };
        drop(lock);
        if !self.quiet {
            terminal::summary(summary(&indexed, index_len, &written));
        }
        Ok(ExitStatus::Done)
    }
}

impl IndexArgs {
    /// Opens the place; also returns the names of its files if it cannot be listed.
    fn open(&self) -> Result<(Box<dyn Place>, Vec<String>), Failure> {
        let kind = &self.place.kind;
        let names = match (kind, &self.plan) {
            (PlaceKind::Folder(_) | PlaceKind::Bucket(_), None) => Vec::new(),
            (PlaceKind::Folder(_) | PlaceKind::Bucket(_), Some(_)) => {
                let text = "folders and buckets are listed: --plan is for a URL";
                return Err(Failure::Usage(text.to_owned()));
            }
            (PlaceKind::Url(_), None) => {
                let text = "a URL cannot be listed: name its archives with --plan";
                return Err(Failure::Usage(text.to_owned()));
            }
            (PlaceKind::Url(_), Some(plan)) => archive_names(&read_plan_file(plan)?),
        };
        Ok((open_place(kind, self.access.into())?, names))
    }
}

/// Returns the file names of a plan's archives and signatures.
fn archive_names(plan: &Plan) -> Vec<String> {
    let archives = plan.archives().map(|archive| &archive.key);
    let keys = archives.chain(plan.signatures().map(|signature| signature.key()));
    keys.filter_map(|key| Some(key.as_str().strip_prefix(ARCHIVE_PREFIX)?.to_owned())).collect()
}

fn summary(indexed: &Indexed, index_len: u64, written: &[String]) -> String {
    let Indexed { entry_count, signed_count, others } = indexed;
    let total = HumanCount(*entry_count);
    let indexed = format!("{GOOD}{total} of {total}{GOOD:#} indexed ({})", HumanBytes(index_len));
    let mut lines = vec![
        labelled(0, "Archives", &indexed),
        labelled(0, "Signed", &format!("{} of {total}", HumanCount(*signed_count))),
    ];
    lines.extend(name_lines("Others", others, SHOWN));
    lines.extend(written.iter().enumerate().map(|(index, path)| labelled(index, "Written", path)));
    lines.join("\n")
}

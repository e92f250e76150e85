//! Flags of the search index that `migrate` makes.

use std::ffi::OsString;
use std::sync::atomic::AtomicBool;

use crate::cli::exit_status::Failure;
use crate::cli::flags::access::AccessArgs;
use crate::model::cursor::Cursor;
use crate::model::resources::{Resource, Resources};
use crate::ops::index::{Base, BasePlace};
use crate::v2::store::{PlaceArg, PlaceKind};

/// The search index.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct IndexFlags {
    /// Continue the search index that v2 has today: its file, or a folder, URL or bucket
    /// with v2/metadata/cursor.json
    #[arg(long, value_name = "FILE|FOLDER|URL", value_parser = place)]
    base_index: Option<PlaceArg>,

    /// The cursor of the index in the file of --base-index
    #[arg(long, value_name = "CURSOR", requires = "base_index")]
    base_cursor: Option<Cursor>,

    /// The name of the search index [default: the newest commit's time in Unix seconds, or the base's cursor plus 1]
    #[arg(long, value_name = "CURSOR")]
    pub(in crate::cli) cursor: Option<Cursor>,

    #[command(flatten)]
    pub(in crate::cli) access: AccessArgs,
}

/// Parses a place; `OsString` is needed for paths that are not UTF-8, and clap has no parser for it.
fn place(text: &str) -> Result<PlaceArg, String> {
    PlaceArg::try_from(OsString::from(text)).map_err(|error| error.to_string())
}

impl IndexFlags {
    /// Reads the published index, if one is given.
    ///
    /// # Errors
    /// Flags that contradict each other; the index cannot be read.
    pub(in crate::cli) fn base(
        &self,
        resources: &Resources,
        interrupt: &AtomicBool,
    ) -> Result<Option<Base>, Failure> {
        if !resources.has(Resource::Index) && (self.base_index.is_some() || self.cursor.is_some()) {
            let message = "--base-index and --cursor require index in --resources";
            return Err(Failure::Usage(message.to_owned()));
        }
        let Some(PlaceArg { kind, .. }) = &self.base_index else { return Ok(None) };
        let place = match (kind, self.base_cursor.clone()) {
            (PlaceKind::Folder(path), Some(cursor)) if !path.is_dir() => {
                BasePlace::File(path.clone(), cursor)
            }
            (PlaceKind::Folder(path), None) if path.is_dir() => BasePlace::Folder(path.clone()),
            (PlaceKind::Folder(_), None) => {
                return Err(Failure::Usage(
                    "a file as --base-index needs --base-cursor".to_owned(),
                ));
            }
            (PlaceKind::Url(_) | PlaceKind::Bucket(_), None) => {
                BasePlace::Remote(kind.clone(), self.access.into())
            }
            (PlaceKind::Folder(_) | PlaceKind::Url(_) | PlaceKind::Bucket(_), Some(_)) => {
                let message =
                    "--base-cursor is only for a file: a folder, URL or bucket has cursor.json";
                return Err(Failure::Usage(message.to_owned()));
            }
        };
        Ok(Some(Base::read(&place, interrupt)?))
    }
}

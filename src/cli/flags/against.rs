//! Flags of `migrate --dry-run` that compare the plan with what v2 has today.

use std::ffi::OsString;
use std::sync::atomic::AtomicBool;

use crate::cli::exit_status::Failure;
use crate::error::Error;
use crate::model::event::Observer;
use crate::model::plan::Plan;
use crate::model::upload::Comparison;
use crate::model::verification::PlaceName;
use crate::ops::upload::{ComparedPlace, Described, MirrorFolder, Published, compare};
use crate::v2::index::ChangedEntries;
use crate::v2::store::bucket::{Bucket, Environment, StoreKind};
use crate::v2::store::http::Limits;
use crate::v2::store::{Access, PlaceArg, PlaceKind};

/// What v2 has today.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AgainstFlags {
    /// With --dry-run: compare the plan with what v2 has today, by lists and digests. A folder that
    /// mirrors the bucket, gs://, s3:// or az://
    #[arg(long, value_name = "STORE", value_parser = place)]
    against: Option<PlaceArg>,

    /// The store of the search index and its cursor [default: that of --against]
    #[arg(long, value_name = "STORE", value_parser = place, requires = "against")]
    internal: Option<PlaceArg>,
}

/// Parses a place; `OsString` is needed for paths that are not UTF-8, and clap has no parser for it.
fn place(text: &str) -> Result<PlaceArg, String> {
    match PlaceArg::try_from(OsString::from(text)) {
        Ok(PlaceArg { kind: PlaceKind::Url(_), .. }) => {
            Err("a URL cannot be listed: name a folder, gs://, s3:// or az://".to_owned())
        }
        Ok(place) => Ok(place),
        Err(error) => Err(error.to_string()),
    }
}

/// The opened stores.
pub(in crate::cli) struct Against {
    to: Store,
    internal: Option<Store>,
}

struct Store {
    name: PlaceName,
    kind: Option<StoreKind>,
    place: Box<dyn Published>,
}

impl AgainstFlags {
    /// Opens the stores, if one is given; sends no request to them.
    ///
    /// # Errors
    /// Not a dry run; credentials that cannot be used.
    pub(in crate::cli) fn open(
        self,
        is_dry_run: bool,
        access: Access,
    ) -> Result<Option<Against>, Failure> {
        let Some(to) = self.against else { return Ok(None) };
        if !is_dry_run {
            let text = "--against compares and writes nothing: add --dry-run, or run `upload` after `migrate` to publish";
            return Err(Failure::Usage(text.to_owned()));
        }
        let internal = self.internal.map(|place| Store::open(place, access)).transpose()?;
        Ok(Some(Against { to: Store::open(to, access)?, internal }))
    }
}

impl Store {
    fn open(PlaceArg { name, kind }: PlaceArg, access: Access) -> Result<Self, Error> {
        let (kind, place): (_, Box<dyn Published>) = match kind {
            PlaceKind::Folder(path) => (None, Box::new(MirrorFolder(path))),
            PlaceKind::Bucket(url) => {
                let environment = Environment::of_process();
                let bucket = Bucket::open(&url, &environment, access, Limits::default())?;
                (Some(url.kind()), Box::new(Described(bucket)))
            }
            PlaceKind::Url(_) => unreachable!("rejected when the flags are parsed"),
        };
        Ok(Store { name, kind, place })
    }

    fn compared(&self) -> ComparedPlace<'_> {
        ComparedPlace { name: &self.name, kind: self.kind, place: &*self.place }
    }
}

impl Against {
    /// Compares a plan with the stores.
    ///
    /// # Errors
    /// A store cannot be listed; [`Error::Interrupted`].
    pub(in crate::cli) fn compare(
        &self,
        plan: &Plan,
        changed: ChangedEntries,
        observer: &dyn Observer,
        interrupt: &AtomicBool,
    ) -> Result<Comparison, Error> {
        let internal = self.internal.as_ref().map(Store::compared);
        compare(plan, changed, (self.to.compared(), internal), observer, interrupt)
    }
}

//! Flags that select the objects to make of each revision, or to verify.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::num::NonZero;

use crate::cli::exit_status::Failure;
use crate::cli::named_values::named;
use crate::model::resources::{Resource, Resources, StaticGlob, StaticSet};
use crate::ops::verify::IndexPlace;
use crate::v2::store::{Access, PlaceArg};

/// The objects to make of each revision.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ResourcesArgs {
    /// Create only these kinds of object: archives (with their signatures), static, index
    /// [default: archives,static,index]
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = named::<Resource>(&["archives", "static", "index"]),
        hide_possible_values = true
    )]
    resources: Vec<Resource>,

    /// Create static resources of the files that match this glob, instead of the default set; repeatable
    /// [default: docs/**, img/**, changelog.yml, LICENSE.txt, NOTICE.txt]
    #[arg(long = "static", value_name = "GLOB")]
    statics: Vec<StaticGlob>,
}

impl ResourcesArgs {
    /// Returns the selection.
    ///
    /// # Errors
    /// `--static` without static resources.
    pub(in crate::cli) fn resources(self) -> Result<Resources, String> {
        let mut resources = Resources::default();
        if !self.resources.is_empty() {
            resources.kinds = self.resources.into_iter().collect();
        }
        if !self.statics.is_empty() {
            if !resources.has(Resource::Static) {
                return Err("--static requires static in --resources".to_owned());
            }
            resources.statics = self.statics.into_iter().collect::<StaticSet>();
        }
        Ok(resources)
    }
}

/// How many static resources to compare.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum StaticSample {
    All,
    Of(NonZero<usize>),
}

impl StaticSample {
    /// Returns the maximum number; `None` for all.
    pub(in crate::cli) fn max(self) -> Option<usize> {
        match self {
            StaticSample::All => None,
            StaticSample::Of(number) => Some(number.get()),
        }
    }
}

fn parse_sample(text: &str) -> Result<StaticSample, &'static str> {
    match text {
        "all" => Ok(StaticSample::All),
        text => text.parse().map(StaticSample::Of).map_err(|_| "expected a number above 0, or all"),
    }
}

/// The objects to verify.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VerifiedArgs {
    /// Compare only these kinds of object: archives (with their signatures), static, index [default: all
    /// for a bucket or a folder that mirrors it, archives for a flat folder, archives,static for a URL, and
    /// index with --index]
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = named::<Resource>(&["archives", "static", "index"]),
        hide_possible_values = true
    )]
    resources: Vec<Resource>,

    /// The files that are static resources, as for migrate; repeatable [default: those of --plan, otherwise
    /// docs/**, img/**, changelog.yml, LICENSE.txt, NOTICE.txt]
    #[arg(long = "static", value_name = "GLOB")]
    statics: Vec<StaticGlob>,

    /// Compare only this number of static resources, always the same ones, or all [default: 500 for a URL
    /// or a registry, otherwise all]
    #[arg(long, value_name = "N|all", value_parser = parse_sample)]
    pub(in crate::cli) static_sample: Option<StaticSample>,

    #[command(flatten)]
    index: IndexPlaceArgs,

    /// The published index that v2 continues: its entries must be in the index or the registry's list, even for
    /// revisions that v1 does not have, or has with other content
    #[arg(long, value_name = "FILE|FOLDER|URL")]
    pub(in crate::cli) base_index: Option<OsString>,
}

impl VerifiedArgs {
    /// Checks that no flag is given that a registry does not allow.
    ///
    /// # Errors
    /// Which one, and why.
    pub(in crate::cli) fn check_for_registry(&self) -> Result<(), String> {
        if !self.resources.is_empty() {
            let text = "--resources requires --v2: a registry is asked for every kind of object";
            return Err(text.to_owned());
        }
        if self.index.is_given() {
            let text = "--index requires --v2: a registry answers from the index that it loads";
            return Err(text.to_owned());
        }
        Ok(())
    }

    /// Returns the kinds of object, and the files that are static resources.
    ///
    /// # Errors
    /// A flag about static resources without them.
    pub(in crate::cli) fn selection(
        self,
        default_kinds: &[Resource],
        planned: Option<&StaticSet>,
    ) -> Result<(BTreeSet<Resource>, StaticSet), String> {
        let kinds: BTreeSet<Resource> = match self.resources.is_empty() {
            true => default_kinds.iter().copied().collect(),
            false => self.resources.into_iter().collect(),
        };
        let has_flags = !self.statics.is_empty() || self.static_sample.is_some();
        if has_flags && !kinds.contains(&Resource::Static) {
            return Err("--static and --static-sample require static in --resources".to_owned());
        }
        let statics = match (self.statics.is_empty(), planned) {
            (false, _) => self.statics.into_iter().collect(),
            (true, Some(planned)) => planned.clone(),
            (true, None) => StaticSet::default(),
        };
        Ok((kinds, statics))
    }

    /// Opens the places of an index that are given.
    ///
    /// # Errors
    /// Not a place, or it cannot be opened.
    pub(in crate::cli) fn index_places(
        &mut self,
        access: Access,
    ) -> Result<(Option<IndexPlace>, Option<IndexPlace>), Failure> {
        let index = self.index.open(access)?;
        Ok((index, open_index("--base-index", self.base_index.take(), access)?))
    }
}

/// The place of the index, if it is not that of the other objects.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct IndexPlaceArgs {
    /// Where the index is, if not in --v2: a folder, URL or bucket with v2/metadata/cursor.json, or the file of an index
    #[arg(long, value_name = "FILE|FOLDER|URL")]
    index: Option<OsString>,
}

impl IndexPlaceArgs {
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.index.is_some()
    }

    /// Opens the place, if it is given.
    ///
    /// # Errors
    /// Not a place, or it cannot be opened.
    pub(in crate::cli) fn open(&mut self, access: Access) -> Result<Option<IndexPlace>, Failure> {
        open_index("--index", self.index.take(), access)
    }
}

fn open_index(
    flag: &str,
    given: Option<OsString>,
    access: Access,
) -> Result<Option<IndexPlace>, Failure> {
    let Some(given) = given else { return Ok(None) };
    let arg = PlaceArg::try_from(given).map_err(|error| format!("{flag}: {error}"))?;
    Ok(Some(IndexPlace::open(arg, access)?))
}

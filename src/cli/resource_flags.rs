//! Flags that select the objects to make of each revision, or to verify.

use std::collections::BTreeSet;
use std::num::NonZero;

use crate::model::resources::{Resource, Resources, StaticGlob, StaticSet};
use crate::model::verification::ResourceKind;

/// The objects to make of each revision.
#[derive(Debug, clap::Args)]
pub(super) struct ResourcesArgs {
    /// Make only these kinds of object: archives (with their signatures), static, index
    /// [default: archives,static,index]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    resources: Vec<Resource>,

    /// Make static resources of the files that match this glob, instead of the default set; repeatable
    /// [default: docs/**, img/**, changelog.yml, LICENSE.txt, NOTICE.txt]
    #[arg(long = "static", value_name = "GLOB")]
    statics: Vec<StaticGlob>,
}

impl ResourcesArgs {
    /// Returns the selection.
    ///
    /// # Errors
    /// `--static` without static resources.
    pub(super) fn resources(self) -> Result<Resources, String> {
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

/// The objects to verify.
#[derive(Debug, clap::Args)]
pub(super) struct VerifiedArgs {
    /// Compare only these kinds of object: archives (with their signatures), static, index [default: all
    /// for a folder that mirrors the bucket, archives for a flat folder, archives,static for a URL, and
    /// index with --index]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    resources: Vec<ResourceKind>,

    /// The files that are static resources, as for migrate; repeatable [default: those of --plan, otherwise
    /// docs/**, img/**, changelog.yml, LICENSE.txt, NOTICE.txt]
    #[arg(long = "static", value_name = "GLOB")]
    statics: Vec<StaticGlob>,

    /// Compare only this number of static resources, always the same ones [default: all for a folder,
    /// 500 for a URL]
    #[arg(long, value_name = "N")]
    pub(super) static_sample: Option<NonZero<usize>>,
}

impl VerifiedArgs {
    /// Returns the kinds of object, and the files that are static resources.
    ///
    /// # Errors
    /// A flag about static resources without them.
    pub(super) fn selection(
        self,
        default_kinds: &[ResourceKind],
        planned: Option<&StaticSet>,
    ) -> Result<(BTreeSet<ResourceKind>, StaticSet), String> {
        let kinds: BTreeSet<ResourceKind> = match self.resources.is_empty() {
            true => default_kinds.iter().copied().collect(),
            false => self.resources.into_iter().collect(),
        };
        let has_flags = !self.statics.is_empty() || self.static_sample.is_some();
        if has_flags && !kinds.contains(&ResourceKind::Static) {
            return Err("--static and --static-sample require static in --resources".to_owned());
        }
        let statics = match (self.statics.is_empty(), planned) {
            (false, _) => self.statics.into_iter().collect(),
            (true, Some(planned)) => planned.clone(),
            (true, None) => StaticSet::default(),
        };
        Ok((kinds, statics))
    }
}

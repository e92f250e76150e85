//! Flags that select the objects to make of each revision.

use crate::model::resources::{Resource, Resources, StaticGlob, StaticSet};

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

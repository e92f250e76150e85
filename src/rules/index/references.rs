//! The files that an entry refers to, and that Kibana therefore requests from the registry.
//!
//! Images and READMEs are named in the entry. `LICENSE.txt`, `NOTICE.txt` and `changelog.yml` are not: Kibana links to
//! them if they are among the assets (kibana, Fleet's `details.tsx` and `changelog_modal.tsx`; kibana#101663, #137799,
//! #152082).

use super::{Image, PackageManifest};
use crate::model::finding::ResourceUse;

/// A file that an entry refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'m> {
    /// Its path on the registry.
    pub path: &'m str,
    /// What Kibana uses it for.
    pub used_as: ResourceUse,
}

/// Files at the top level of a package to which Kibana links if they are listed.
const LINKED: [(&str, ResourceUse); 3] = [
    ("LICENSE.txt", ResourceUse::License),
    ("NOTICE.txt", ResourceUse::Notice),
    ("changelog.yml", ResourceUse::Changelog),
];

impl PackageManifest {
    /// Returns the files that the entry refers to, in its order.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut found = Vec::new();
        images(&self.icons, ResourceUse::Icon, &mut found);
        images(&self.screenshots, ResourceUse::Screenshot, &mut found);
        readme(self.readme.as_deref(), ResourceUse::Readme, &mut found);
        for template in &self.policy_templates {
            images(&template.icons, ResourceUse::TemplateIcon, &mut found);
            images(&template.screenshots, ResourceUse::TemplateScreenshot, &mut found);
            readme(template.readme.as_deref(), ResourceUse::TemplateReadme, &mut found);
        }
        for asset in &self.assets {
            let inside = asset.strip_prefix(&self.path).and_then(|path| path.strip_prefix('/'));
            let linked = LINKED.iter().find(|(name, _)| inside == Some(name));
            found.extend(linked.map(|(_, used_as)| Reference { path: asset, used_as: *used_as }));
        }
        found
    }
}

fn images<'m>(images: &'m [Image], used_as: ResourceUse, found: &mut Vec<Reference<'m>>) {
    found.extend(images.iter().map(|image| Reference { path: &image.path, used_as }));
}

fn readme<'m>(path: Option<&'m str>, used_as: ResourceUse, found: &mut Vec<Reference<'m>>) {
    found.extend(path.map(|path| Reference { path, used_as }));
}

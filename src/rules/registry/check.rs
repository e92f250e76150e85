//! Checks a package against the rules: the paths of its files and the facts about each.
//!
//! Returns all broken rules, not only the first. Faults that only some releases of the registry refuse are filtered by
//! the given release. Pure.

use std::collections::BTreeMap;

use super::data_stream::ReadDataStream;
use super::fault::{Faults, Rule, excerpt};
use super::fields::{Fields, Group, REQUIRED, Search};
use super::files::{BadPattern, Files, Item};
use super::manifest::ManifestFacts;
use super::{Facts, MANIFEST_PATH, PIPELINES};
use crate::model::registry_release::{RegistryRelease, Releases};

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// The releases that refuse the package for it.
    pub releases: Releases,
    /// The file or folder at fault; `None` if there are several.
    pub path: Option<String>,
    /// How the rule is broken.
    pub detail: String,
}

/// The result of loading a package in a release of the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The broken rules; empty if the package loads.
    pub broken: Vec<Broken>,
    /// Categories that it drops because it does not know them, with the releases that refuse the package for it.
    pub dropped_categories: Vec<(String, Releases)>,
    /// Values that it loads but cannot serve because JSON cannot represent them, with the path of the manifest.
    pub unservable: Vec<(String, String)>,
}

/// Checks a package by its files, each with its facts if its path has a role. A manifest that cannot be read, and a
/// file with a role but without facts, break no rule here because they are blockers.
pub fn check<'a>(
    files: impl Iterator<Item = (&'a str, Option<&'a Facts>)>,
    release: RegistryRelease,
) -> Verdict {
    let files = Files::of(files);
    let manifest = match files.file(MANIFEST_PATH) {
        Some(Some(Facts::Manifest(read))) => read.as_ref().as_ref().ok(),
        _ => None,
    };
    let manifest = manifest.map(|manifest| &manifest.facts);
    let root = manifest.map(|read| format!("{}-{}", read.name, read.version)).unwrap_or_default();
    let package = Package { files: files.in_root(root), manifest };
    let mut found = Found::default();
    package.places(&mut found);
    if let Some(manifest) = manifest {
        found.at(Some(MANIFEST_PATH)).extend(&manifest.faults);
        package.named_in(manifest, &mut found);
    }
    package.data_streams(&mut found);
    let dropped = manifest.map(|manifest| manifest.unknown_categories.as_slice());
    let dropped = dropped.unwrap_or_default().iter();
    let refused = Rule::CATEGORY.releases();
    Verdict {
        dropped_categories: dropped
            .filter(|(_, releases)| releases.contains(release) && !refused.contains(release))
            .map(|(category, releases)| (category.clone(), releases.and(refused)))
            .collect(),
        unservable: found.unservable(),
        broken: found.broken(release),
    }
}

/// The faults by path.
#[derive(Default)]
struct Found(BTreeMap<Option<String>, Faults>);

impl Found {
    fn at(&mut self, path: Option<&str>) -> &mut Faults {
        self.0.entry(path.map(str::to_owned)).or_default()
    }

    fn unservable(&self) -> Vec<(String, String)> {
        let by_path = self
            .0
            .iter()
            .filter_map(|(path, faults)| Some((path.clone()?, faults.unservable.joined()?)));
        by_path.collect()
    }

    fn broken(self, release: RegistryRelease) -> Vec<Broken> {
        let by_path = self.0.iter().flat_map(|(path, faults)| {
            faults.by_rule().map(|(rule, releases, detail)| Broken {
                rule,
                releases,
                path: path.clone(),
                detail,
            })
        });
        by_path.filter(|broken| broken.releases.contains(release)).collect()
    }
}

struct Package<'a> {
    files: Files<'a>,
    manifest: Option<&'a ManifestFacts>,
}

impl<'a> Package<'a> {
    /// Checks the rules about the paths of files and folders.
    fn places(&self, found: &mut Found) {
        const README: &str = "docs/README.md";
        if self.files.has_folder(README) {
            found.at(Some(README)).add(Rule::README, || "it is a folder".to_owned());
        } else if self.files.file(README).is_none() {
            found.at(Some(README)).add(Rule::README, || "it is missing".to_owned());
        }
        for folder in self.files.folders() {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            if name.contains('-') && !folder.contains(".DS_Store") {
                let detail = || format!("the folder `{}` has a dash in its name", excerpt(folder));
                found.at(None).add(Rule::FOLDER_NAME, detail);
            }
        }
    }

    /// Checks the rules about files that the manifest refers to.
    fn named_in(&self, manifest: &ManifestFacts, found: &mut Found) {
        for template in &manifest.templates {
            if let Some((path, Item::Folder)) = self.files.find(&format!("docs/{template}.md")) {
                found.at(Some(&path)).add(Rule::TEMPLATE_README, || "it is a folder".to_owned());
            }
        }
        for image in &manifest.images {
            if self.files.find(image).is_none() {
                let detail = || format!("the image `{}` is missing", excerpt(image));
                found.at(Some(MANIFEST_PATH)).add(Rule::IMAGE, detail);
            }
        }
    }

    fn data_streams(&self, found: &mut Found) {
        // The only error is a malformed pattern, which this is not.
        let folders = self.files.list("data_stream").unwrap_or_default();
        for (folder, item) in folders {
            let Item::Folder = item else { continue };
            let place = format!("{folder}/{MANIFEST_PATH}");
            if self.files.has_folder(&place) {
                // The registry treats it as another data stream, and looks for a manifest inside.
                let (rule, treated_as) = match self.files.file(&format!("{place}/{MANIFEST_PATH}"))
                {
                    None => (Rule::DATA_STREAM, ""),
                    Some(_) => (Rule::FIELDS, ", which is treated as a data stream without fields"),
                };
                found.at(Some(&place)).add(rule, || format!("it is a folder{treated_as}"));
            }
            if let Some(Some(Facts::DataStream(facts))) = self.files.file(&place) {
                found.at(Some(&place)).extend(&facts.faults);
                if let Some(read) = &facts.read {
                    let name = folder.rsplit('/').next().unwrap_or(folder);
                    let stream = DataStream { package: self, name, place: &place, read };
                    if let Err(BadPattern) = stream.check(found) {
                        found.at(Some(&place)).add(Rule::DATA_STREAM, || {
                            "the folder's name is a malformed pattern".to_owned()
                        });
                    }
                }
            }
        }
    }
}

struct DataStream<'p, 'a> {
    package: &'p Package<'a>,
    name: &'p str,
    /// The path of its manifest.
    place: &'p str,
    read: &'p ReadDataStream,
}

impl DataStream<'_, '_> {
    fn check(&self, found: &mut Found) -> Result<(), BadPattern> {
        let DataStream { package, name, place, read } = self;
        let package_name = package.manifest.map_or("", |manifest| &manifest.name);
        if !read.has_dataset && (name.contains('-') || package_name.contains('-')) {
            let detail = || format!("dataset is `{}.{}`", excerpt(package_name), excerpt(name));
            found.at(Some(place)).add(Rule::DATASET, detail);
        }
        let folder = match &read.base_path {
            Some(base_path) => base_path.clone(),
            None => format!("data_stream/{name}"),
        };
        let pipelines = package.files.list(&format!("{folder}/{PIPELINES}"))?;
        let names = pipelines.iter().map(|(path, _)| path.rsplit('/').next().unwrap_or(path));
        let has_default = names.clone().any(|name| matches!(name, "default.json" | "default.yml"));
        let takes_default = has_default && (read.takes_default || read.pipeline.is_empty());
        if read.pipeline.is_empty() && !takes_default && !pipelines.is_empty() {
            let names: Vec<&str> = names.take(3).collect();
            let detail =
                || format!("no pipeline has the name default: {}", excerpt(&names.join(", ")));
            found.at(Some(place)).add(Rule::UNUSED_PIPELINES, detail);
        }
        let named = (!read.pipeline.is_empty()).then_some(read.pipeline.as_str());
        let default = (takes_default && named != Some("default")).then_some("default");
        for pipeline in named.into_iter().chain(default) {
            self.check_pipeline(pipeline, &folder, found);
        }
        self.check_fields(&format!("{folder}/fields"), found)
    }

    fn check_pipeline(&self, name: &str, folder: &str, found: &mut Found) {
        let mut exists = false;
        for extension in ["json", "yml"] {
            let path = format!("{folder}/{PIPELINES}/{name}.{extension}");
            let Some((path, item)) = self.package.files.find(&path) else { continue };
            exists = true;
            let error = match item {
                Item::Folder => Some("it is a folder"),
                Item::File(Some(Facts::Pipeline(read))) => {
                    read.0.as_ref().err().map(String::as_str)
                }
                Item::File(Some(_)) => Some("it is not a pipeline"),
                Item::File(None) if super::Role::of(&path).is_some() => None,
                Item::File(None) => Some("pipelines outside of `elasticsearch` are not supported"),
            };
            if let Some(error) = error {
                found.at(Some(&path)).add(Rule::PIPELINE, || excerpt(error));
            }
        }
        if !exists {
            let detail = || format!("the pipeline `{}` is missing", excerpt(name));
            found.at(Some(self.place)).add(Rule::PIPELINE, detail);
        }
    }

    /// Checks the required fields. Up to 1.16.3, the registry read only the first file, and did not check the names if
    /// there was one.
    fn check_fields(&self, folder: &str, found: &mut Found) -> Result<(), BadPattern> {
        let all_files = Releases::since(17, 0);
        let (mut read, mut is_whole) = (Vec::new(), true);
        let items = self.package.files.list(folder)?;
        for (index, (path, item)) in items.iter().enumerate() {
            let error = match item {
                Item::Folder => "it is a folder",
                Item::File(Some(Facts::Fields(facts))) => match &facts.0 {
                    Ok(fields) => {
                        read.push(fields);
                        continue;
                    }
                    Err(error) => error,
                },
                Item::File(_) => {
                    is_whole = false;
                    continue;
                }
            };
            is_whole = false;
            let releases = if index == 0 { Releases::ALL } else { all_files };
            found.at(Some(path)).add_in(Rule::FIELDS, releases, || excerpt(error));
        }
        if !is_whole {
            return Ok(());
        }
        if items.is_empty() {
            let faults = found.at(Some(folder));
            faults.add(Rule::FIELDS, || "it is missing".to_owned());
            return Ok(());
        }
        for (index, (name, expected, _)) in REQUIRED.iter().enumerate() {
            let detail = match field_type(&read, index) {
                Some(kind) if kind == *expected => continue,
                Some(kind) => format!("{name} is `{}`, not {expected}", excerpt(kind)),
                None => format!("{name} is missing"),
            };
            found.at(Some(folder)).add_in(Rule::FIELDS, all_files, || detail);
        }
        Ok(())
    }
}

/// Returns the type of a required field, which is defined by its full name or inside its group.
fn field_type<'a>(files: &[&'a Fields], index: usize) -> Option<&'a str> {
    let found = |search: &'a Search| match search {
        Search::Found(kind) if !kind.is_empty() => Some(kind.as_str()),
        Search::Found(_) | Search::Typeless | Search::Nameless | Search::Absent => None,
    };
    let whole = files.iter().map(|file| &file.whole[index]).find(|s| **s != Search::Absent);
    whole.and_then(found).or_else(|| {
        let group = files.iter().map(|file| &file.group).find(|group| **group != Group::Absent);
        match group {
            Some(Group::Found(searches)) => found(&searches[index]),
            Some(Group::Absent | Group::Nameless | Group::Invalid) | None => None,
        }
    })
}

//! Judges a package: the files' places and what is known of each, against the rules.
//!
//! Every broken rule is told, not only the first. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::data_stream::ReadDataStream;
use super::fault::{Faults, Rule, excerpt};
use super::fields::{Fields, Group, REQUIRED, Search};
use super::manifest::ManifestFacts;
use super::{Facts, MANIFEST_PATH, PIPELINES};

/// A rule that a package breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// The file or folder at fault, unless it is about several.
    pub path: Option<String>,
    /// What breaks it.
    pub detail: String,
}

/// Judges a package by its files, each with its facts if its path has a role. A manifest that cannot
/// be read breaks no rule here, nor does a file with a role and without facts: both are blockers.
pub fn check<'a>(files: impl Iterator<Item = (&'a str, Option<&'a Facts>)>) -> Vec<Broken> {
    let package = Package::of(files);
    let manifest = package.manifest;
    let mut found = Found::default();
    package.places(&mut found);
    if let Some(manifest) = manifest {
        found.at(Some(MANIFEST_PATH)).extend(&manifest.faults);
        package.named_in(manifest, &mut found);
    }
    for (name, stream) in &package.data_streams {
        if let Some(facts) = stream.facts {
            found.at(Some(&format!("data_stream/{name}/{MANIFEST_PATH}"))).extend(&facts.faults);
            if let Some(read) = &facts.read {
                stream.check(name, read, manifest, &mut found);
            }
        }
    }
    found.broken()
}

/// What is broken, by path.
#[derive(Default)]
struct Found(BTreeMap<Option<String>, Faults>);

impl Found {
    fn at(&mut self, path: Option<&str>) -> &mut Faults {
        self.0.entry(path.map(str::to_owned)).or_default()
    }

    fn broken(self) -> Vec<Broken> {
        let by_path = self.0.iter().flat_map(|(path, faults)| {
            faults.by_rule().map(|(rule, detail)| Broken { rule, path: path.clone(), detail })
        });
        by_path.collect()
    }
}

/// A package's files and folders, and its data streams by the name of their folders.
struct Package<'a> {
    manifest: Option<&'a ManifestFacts>,
    files: BTreeSet<&'a str>,
    folders: BTreeSet<&'a str>,
    data_streams: BTreeMap<&'a str, DataStream<'a>>,
}

#[derive(Default)]
struct DataStream<'a> {
    facts: Option<&'a super::DataStreamFacts>,
    fields: BTreeMap<&'a str, Item<'a>>,
    pipelines: BTreeMap<&'a str, Item<'a>>,
}

/// What lies in a folder that the registry reads.
enum Item<'a> {
    File(Option<&'a Facts>),
    Folder,
}

impl<'a> Item<'a> {
    /// The name below the folder, and what has it.
    fn of(inside: &'a str, facts: Option<&'a Facts>) -> (&'a str, Self) {
        match inside.split_once('/') {
            Some((folder, _)) => (folder, Item::Folder),
            None => (inside, Item::File(facts)),
        }
    }
}

impl<'a> Package<'a> {
    fn of(files: impl Iterator<Item = (&'a str, Option<&'a Facts>)>) -> Self {
        let (mut manifest, mut paths, mut folders) = (None, BTreeSet::new(), BTreeSet::new());
        let mut data_streams: BTreeMap<&str, DataStream<'_>> = BTreeMap::new();
        for (path, facts) in files {
            paths.insert(path);
            if let Some(Facts::Manifest(read)) = facts {
                manifest = read.as_ref().as_ref().ok().map(|manifest| &manifest.facts);
            }
            // The folders of a sibling are there already.
            for (end, _) in path.rmatch_indices('/') {
                if !folders.insert(&path[..end]) {
                    break;
                }
            }
            let below = path.strip_prefix("data_stream/").and_then(|path| path.split_once('/'));
            let Some((name, inside)) = below else { continue };
            let stream = data_streams.entry(name).or_default();
            if inside == MANIFEST_PATH {
                stream.facts = match facts {
                    Some(Facts::DataStream(facts)) => Some(facts),
                    _ => None,
                };
            } else if let Some(inside) = inside.strip_prefix("fields/") {
                stream.fields.extend([Item::of(inside, facts)]);
            } else if let Some(inside) = inside.strip_prefix(PIPELINES) {
                stream.pipelines.extend([Item::of(inside, facts)]);
            }
        }
        Package { manifest, files: paths, folders, data_streams }
    }

    /// Rules about where files and folders are.
    fn places(&self, found: &mut Found) {
        const README: &str = "docs/README.md";
        if self.folders.contains(README) {
            found.at(Some(README)).add(Rule::README, || "it is a folder".to_owned());
        } else if !self.files.contains(README) {
            found.at(Some(README)).add(Rule::README, || "it is missing".to_owned());
        }
        for folder in &self.folders {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            if name.contains('-') && !folder.contains(".DS_Store") {
                let detail = || format!("the folder `{}` has a dash in its name", excerpt(folder));
                found.at(None).add(Rule::FOLDER_NAME, detail);
            }
        }
    }

    /// Rules about files that the manifest names.
    fn named_in(&self, manifest: &ManifestFacts, found: &mut Found) {
        for template in &manifest.templates {
            let path = cleaned(&format!("docs/{template}.md"));
            if let Some(folder) = path.filter(|path| self.folders.contains(path.as_str())) {
                found.at(Some(&folder)).add(Rule::TEMPLATE_README, || "it is a folder".to_owned());
            }
        }
        for image in &manifest.images {
            let path = cleaned(image);
            let is_there = path.as_deref().is_some_and(|path| {
                path.is_empty() || self.files.contains(path) || self.folders.contains(path)
            });
            if !is_there {
                let detail = || format!("the image `{}` is not there", excerpt(image));
                found.at(Some(MANIFEST_PATH)).add(Rule::IMAGE, detail);
            }
        }
    }
}

impl DataStream<'_> {
    fn check(
        &self,
        name: &str,
        read: &ReadDataStream,
        manifest: Option<&ManifestFacts>,
        found: &mut Found,
    ) {
        let folder = format!("data_stream/{name}");
        let place = format!("{folder}/{MANIFEST_PATH}");
        let package = manifest.map_or("", |manifest| &manifest.name);
        if !read.has_dataset && (name.contains('-') || package.contains('-')) {
            let detail = || format!("dataset is `{}.{}`", excerpt(package), excerpt(name));
            found.at(Some(&place)).add(Rule::DATASET, detail);
        }
        let has_default = ["default.json", "default.yml"]
            .iter()
            .any(|default| self.pipelines.contains_key(default));
        let takes_default = has_default && (read.takes_default || read.pipeline.is_empty());
        if read.pipeline.is_empty() && !takes_default && !self.pipelines.is_empty() {
            let names: Vec<&str> = self.pipelines.keys().copied().take(3).collect();
            let detail = || format!("no pipeline is named default: {}", excerpt(&names.join(", ")));
            found.at(Some(&place)).add(Rule::UNUSED_PIPELINES, detail);
        }
        let named = (!read.pipeline.is_empty()).then_some(read.pipeline.as_str());
        let default = (takes_default && named != Some("default")).then_some("default");
        for pipeline in named.into_iter().chain(default) {
            self.check_pipeline(pipeline, &folder, found);
        }
        self.check_fields(&folder, found);
    }

    fn check_pipeline(&self, name: &str, folder: &str, found: &mut Found) {
        let mut is_there = false;
        for extension in ["json", "yml"] {
            let file = format!("{name}.{extension}");
            let Some(item) = self.pipelines.get(file.as_str()) else { continue };
            is_there = true;
            let error = match item {
                Item::Folder => Some("it is a folder"),
                Item::File(Some(Facts::Pipeline(read))) => {
                    read.0.as_ref().err().map(String::as_str)
                }
                Item::File(_) => None,
            };
            if let Some(error) = error {
                let path = format!("{folder}/{PIPELINES}{file}");
                found.at(Some(&path)).add(Rule::PIPELINE, || excerpt(error));
            }
        }
        if !is_there {
            let place = format!("{folder}/{MANIFEST_PATH}");
            let detail = || format!("there is no pipeline `{}`", excerpt(name));
            found.at(Some(&place)).add(Rule::PIPELINE, detail);
        }
    }

    fn check_fields(&self, folder: &str, found: &mut Found) {
        let fields_folder = format!("{folder}/fields");
        let (mut read, mut is_whole) = (Vec::new(), true);
        for (name, item) in &self.fields {
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
            let path = format!("{fields_folder}/{name}");
            found.at(Some(&path)).add(Rule::FIELDS, || excerpt(error));
        }
        if !is_whole {
            return;
        }
        if read.is_empty() {
            let faults = found.at(Some(&fields_folder));
            return faults.add(Rule::FIELDS, || "it is missing".to_owned());
        }
        for (index, (name, expected, _)) in REQUIRED.iter().enumerate() {
            let detail = match field_type(&read, index) {
                Some(kind) if kind == *expected => continue,
                Some(kind) => format!("{name} is `{}`, not {expected}", excerpt(kind)),
                None => format!("{name} is not there"),
            };
            found.at(Some(&fields_folder)).add(Rule::FIELDS, || detail);
        }
    }
}

/// The type of a required field: whole, or else inside its group.
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
            Some(Group::Absent | Group::Nameless | Group::Odd) | None => None,
        }
    })
}

/// A path without `.` and `..`, inside the package; none if it leads out of it.
fn cleaned(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

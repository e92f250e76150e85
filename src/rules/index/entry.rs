//! Derives a revision's entry from its files: the fields of its manifests, and those that depend on other files.
//!
//! Defaults are the registry's (`newPackage`, `NewDataStream`). A package that it would refuse may have an entry
//! here, or a less specific fault: check with `registry` first.

use super::assets::{assets, joined};
use super::ingestion::method_of;
use super::{DataStream, PackageManifest, PolicyTemplate, UnpackError, VersionCondition};
use crate::model::package::PackageVersion;
use crate::rules::constraint::Constraint;
use crate::rules::registry::{Facts, MANIFEST_PATH, is_known_category, path_match};
use crate::yaml::YamlError;

/// The default name of a stream's template.
const DEFAULT_TEMPLATE: &str = "stream.yml.hbs";
/// The default name of a pipeline, and its files.
const DEFAULT_PIPELINE: &str = "default";
const DEFAULT_PIPELINE_FILES: [&str; 2] = ["default.json", "default.yml"];

/// The files of a revision.
#[derive(Clone, Copy)]
pub struct RevisionFiles<'a> {
    /// The archive's root folder, `<name>-<version>` in archives of `migrate`.
    pub root: &'a str,
    /// Their paths inside the revision in the order of the archive, with the facts of those that have a role.
    pub files: &'a [(&'a str, Option<&'a Facts>)],
    /// The depth to which the registry lists them, see [`listed_depth`](super::listed_depth); any number above their
    /// depth for an archive with folder entries.
    pub listed_depth: usize,
    /// Whether there is a signature.
    pub is_signed: bool,
}

/// Why a revision has no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// A manifest is missing, or was not read.
    #[error("{0} is missing or cannot be read")]
    Missing(String),
    /// A manifest cannot be parsed.
    #[error("{path}{}: {source}", line_of(source))]
    Unparsable {
        /// Its path.
        path: String,
        /// Why.
        source: YamlError,
    },
    /// A manifest has a value of the wrong type.
    #[error("{path}: {source}")]
    Value {
        /// Its path.
        path: String,
        /// The value.
        source: UnpackError,
    },
    /// The registry does not load an index with such a version.
    #[error("the version `{0}` is not a semantic version")]
    Version(String),
    /// The registry does not load an index with such a format version; in SQL mode, it needs one.
    #[error("format_version `{0}` is not a semantic version")]
    FormatVersion(String),
    /// The registry does not load an index with such a condition.
    #[error("conditions.{product}.version `{constraint}` is not a version constraint")]
    Constraint {
        /// The product.
        product: &'static str,
        /// The text.
        constraint: String,
    },
    /// The registry treats it as the manifest of a data stream.
    #[error("{0} is a folder")]
    Folder(String),
    /// The registry treats the path of a data stream as a pattern when it looks for pipelines.
    #[error("the path `{0}` is not a valid pattern")]
    Pattern(String),
}

/// Checks that the registry loads an index with this entry: a single other one makes the whole index unreadable
/// (package-registry 1.40.1, `packages/package.go`, `setRuntimeFields`; `internal/storage/sqlindexer.go`).
///
/// # Errors
/// The first fault.
pub fn check_loadable(manifest: &PackageManifest) -> Result<(), EntryFault> {
    let PackageManifest { version, format_version, conditions, .. } = manifest;
    let is_version = |text: &str| text.parse::<PackageVersion>().is_ok();
    if !is_version(version) {
        return Err(EntryFault::Version(version.clone()));
    }
    let kibana = conditions.as_ref().and_then(|conditions| conditions.kibana.as_ref());
    let agent = conditions.as_ref().and_then(|conditions| conditions.agent.as_ref());
    for (product, condition) in [("kibana", kibana), ("agent", agent)] {
        if let Some(VersionCondition { version }) = condition
            && Constraint::parse(version).is_none()
        {
            return Err(EntryFault::Constraint { product, constraint: version.clone() });
        }
    }
    match is_version(format_version) {
        true => Ok(()),
        false => Err(EntryFault::FormatVersion(format_version.clone())),
    }
}

/// Derives the entry of a revision.
///
/// # Errors
/// Why it has none.
pub fn entry(revision: RevisionFiles<'_>) -> Result<PackageManifest, EntryFault> {
    let RevisionFiles { root, files, listed_depth, is_signed } = revision;
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    // Few files, so that each data stream need not be compared with all files.
    let pipelines: Vec<&str> =
        paths.iter().copied().filter(|path| path.contains("/default.")).collect();
    let missing = |path: &str| EntryFault::Missing(path.to_owned());
    let manifest = files.iter().find(|(path, _)| *path == MANIFEST_PATH);
    let Some((_, Some(Facts::Manifest(read)))) = manifest else {
        return Err(missing(MANIFEST_PATH));
    };
    let read = read.as_ref().as_ref().map_err(|source| EntryFault::Unparsable {
        path: MANIFEST_PATH.to_owned(),
        source: source.clone(),
    })?;
    let mut package = taken(&read.entry, MANIFEST_PATH)?;
    let path = joined(&["/package", &package.name, &package.version]);
    package.complete(&path, root, &paths)?;
    package.assets = assets(&path, &paths, listed_depth);
    for (path, facts) in files {
        let Some((folder, inside)) = in_data_stream(path) else { continue };
        match inside.strip_prefix(MANIFEST_PATH) {
            Some("") => {}
            Some(below) if below.starts_with('/') => {
                return Err(EntryFault::Folder(format!("data_stream/{folder}/{MANIFEST_PATH}")));
            }
            Some(_) | None => continue,
        }
        let read = match facts {
            Some(Facts::DataStream(facts)) => facts.entry(),
            _ => None,
        };
        let read = read.ok_or_else(|| missing(path))?;
        let mut stream = taken(read, path)?;
        stream.complete(folder, &package, &pipelines)?;
        package.data_streams.push(stream);
    }
    package.signature_path = match is_signed {
        true => format!("{}.sig", package.download),
        false => String::new(),
    };
    Ok(package)
}

fn line_of(error: &YamlError) -> String {
    error.place.map(|place| format!(", line {}", place.line)).unwrap_or_default()
}

/// Returns the fields of the manifest, to be completed.
fn taken<T: Clone>(read: &Result<T, UnpackError>, path: &str) -> Result<T, EntryFault> {
    read.clone().map_err(|source| EntryFault::Value { path: path.to_owned(), source })
}

/// The folder of a data stream, and the path below it.
fn in_data_stream(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("data_stream/")?.split_once('/')
}

impl PackageManifest {
    /// Adds what the manifest does not contain, except files and data streams. `path` is that of the revision on the
    /// registry.
    fn complete(&mut self, path: &str, root: &str, files: &[&str]) -> Result<(), EntryFault> {
        let version: PackageVersion =
            self.version.parse().map_err(|_| EntryFault::Version(self.version.clone()))?;
        let is_input = self.kind == "input";
        self.policy_templates
            .iter_mut()
            .for_each(|template| template.complete(path, root, is_input, files));
        if self.kind.is_empty() {
            "integration".clone_into(&mut self.kind);
        }
        if self.license.is_empty() {
            let elastic =
                self.conditions.as_ref().and_then(|conditions| conditions.elastic.as_ref());
            let subscription = elastic.map(|elastic| elastic.subscription.as_str());
            let subscription = subscription.filter(|subscription| !subscription.is_empty());
            subscription.unwrap_or("basic").clone_into(&mut self.license);
        }
        if self.release.is_empty() {
            if version.is_stable() { "ga" } else { "beta" }.clone_into(&mut self.release);
        }
        self.icons.iter_mut().chain(&mut self.screenshots).for_each(|image| image.locate(path));
        self.categories.retain(|category| is_known_category(category));
        self.readme = Some(joined(&[path, "docs/README.md"]));
        let file_name = format!("{}-{}.zip", self.name, self.version);
        self.download = joined(&["/epr", &self.name, &file_name]);
        path.clone_into(&mut self.path);
        Ok(())
    }
}

impl PolicyTemplate {
    fn complete(&mut self, package: &str, root: &str, is_input_package: bool, files: &[&str]) {
        self.multiple.get_or_insert(true);
        self.icons.iter_mut().chain(&mut self.screenshots).for_each(|image| image.locate(package));
        let readme = format!("docs/{}.md", self.name);
        // A name with `..` leaves the folder, and may return to it.
        let found = joined(&[root, &joined(&[&readme])]);
        let inside = found.strip_prefix(root).and_then(|inside| inside.strip_prefix('/'));
        if inside.is_some_and(|inside| files.contains(&inside)) {
            self.readme = Some(joined(&[package, &readme]));
        }
        if is_input_package && !self.input.is_empty() {
            method_of(&self.input).unwrap_or_default().clone_into(&mut self.ingestion_method);
        }
    }
}

impl DataStream {
    /// Adds what the manifest of the data stream in `folder` does not contain. `pipelines` are all files that may be
    /// default pipelines.
    fn complete(
        &mut self,
        folder: &str,
        package: &PackageManifest,
        pipelines: &[&str],
    ) -> Result<(), EntryFault> {
        self.package.get_or_insert_with(|| package.name.clone());
        self.path.get_or_insert_with(|| folder.to_owned());
        if self.dataset.is_empty() {
            self.dataset = format!("{}.{folder}", package.name);
        }
        if self.release.is_empty() {
            package.release.clone_into(&mut self.release);
        }
        for stream in &mut self.streams {
            stream.enabled.get_or_insert(true);
            if stream.template_path.is_empty() {
                DEFAULT_TEMPLATE.clone_into(&mut stream.template_path);
            }
            if let Some(method) = method_of(&stream.input) {
                method.clone_into(&mut stream.ingestion_method);
            }
        }
        let base = self.base_path.take().unwrap_or_else(|| format!("data_stream/{folder}"));
        let pipeline_folder = joined(&[&base, "elasticsearch/ingest_pipeline"]);
        if !has_default_pipeline(&pipeline_folder, pipelines)? {
            return Ok(());
        }
        match &mut self.elasticsearch {
            Some(elasticsearch) if elasticsearch.pipeline_name.is_empty() => {
                DEFAULT_PIPELINE.clone_into(&mut elasticsearch.pipeline_name);
                DEFAULT_PIPELINE.clone_into(&mut self.ingest_pipeline);
            }
            _ if self.ingest_pipeline.is_empty() => {
                DEFAULT_PIPELINE.clone_into(&mut self.ingest_pipeline);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Returns whether a folder has the default pipeline. Go's `fs.Glob` compares component by component, so that special
/// characters in the folder's path may match other folders.
fn has_default_pipeline(folder: &str, files: &[&str]) -> Result<bool, EntryFault> {
    if !path_match::is_valid(folder) {
        return Err(EntryFault::Pattern(folder.to_owned()));
    }
    let is_in_folder = |file: &&str| {
        let mut components = file.split('/');
        let is_match = |wanted: &str| {
            components.next().is_some_and(|found| match path_match::is_pattern(wanted) {
                true => path_match::matches(wanted, found),
                false => wanted == found,
            })
        };
        folder.split('/').all(is_match)
            && components.next().is_some_and(|name| DEFAULT_PIPELINE_FILES.contains(&name))
    };
    Ok(files.iter().any(is_in_folder))
}

//! Checks a winner before it is archived: unreadable files, the manifest, and the rules of the registry and Kibana.
//!
//! `pool` parses blobs according to their roles when it reads them; this module evaluates the results for one
//! revision. A revision with a blocker is not archived.

use super::entry;
use super::pool::ReadyBlob;
use super::window::{ArchiveJob, Window};
use crate::model::content::FileEntry;
use crate::model::finding::{Defect, Finding, FindingKind, Severity, Stability};
use crate::model::package::{PackageVersion, RevisionId};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::StaticSet;
use crate::rules::index::{EntryFault, PackageManifest, check_loadable, line};
use crate::rules::kibana::{self, Entry};
use crate::rules::links::RelativeLink;
use crate::rules::precedence::Winner;
use crate::rules::registry::{self as rules, Facts, MANIFEST_PATH, Manifest, Verdict};
use crate::yaml::YamlError;

/// The result of checking a winner.
pub(super) struct Checked {
    /// All findings.
    pub(super) findings: Vec<Finding>,
    /// The entry in the search index, without a signature; also of a revision with a blocker, if it can be derived.
    pub(super) entry: Result<PackageManifest, EntryFault>,
    /// The line of the entry in the search index; `None` if there is a blocker.
    pub(super) line: Option<Vec<u8>>,
}

/// Checks a winner whose blobs are ready.
pub(super) fn check(
    window: &Window<'_>,
    archive: &ArchiveJob<'_>,
    registry: RegistryRelease,
    statics: &StaticSet,
) -> Checked {
    let ArchiveJob { resolution, winner, is_highest, .. } = archive;
    let mut entry_line = None;
    let ready = |file: &FileEntry| window.ready(file);
    let mut defects = defects(&resolution.revision, winner, registry, ready);
    let entry = entry::derive(&resolution.revision, winner, ready)
        .and_then(|manifest| check_loadable(&manifest).map(|()| manifest));
    if !has_blocker(defects.iter().map(|defect| &defect.kind)) {
        match &entry {
            Ok(manifest) => {
                let line = line(manifest);
                defects.extend(entry::dangling(manifest, winner, statics));
                defects.extend(entry::inexact(manifest, &line));
                entry_line = Some(line);
            }
            Err(fault) => {
                let kind = FindingKind::NotServable { detail: fault.to_string() };
                defects.push(Defect { path: None, kind });
            }
        }
        defects.extend(broken_links(winner, ready));
        defects.extend(of_kibana(&resolution.revision, winner, *is_highest, ready));
    }
    let about = |defect| Finding::of_revision(&resolution.revision, winner.same_in.clone(), defect);
    let findings = defects.into_iter().map(about).collect();
    Checked { findings, entry, line: entry_line }
}

/// Returns whether a finding is a blocker.
pub(super) fn is_blocked(findings: &[Finding]) -> bool {
    has_blocker(findings.iter().map(|finding| &finding.kind))
}

fn has_blocker<'k>(mut kinds: impl Iterator<Item = &'k FindingKind>) -> bool {
    kinds.any(|kind| kind.severity() == Severity::Blocker)
}

fn defects<'a>(
    revision: &RevisionId,
    winner: &'a Winner,
    registry: RegistryRelease,
    ready: impl Fn(&FileEntry) -> Result<&'a ReadyBlob, &'a FindingKind>,
) -> Vec<Defect> {
    let mut defects = Vec::new();
    let (mut files, mut manifest) = (Vec::new(), None);
    for file in winner.content.files() {
        let in_file = |kind| Defect { path: Some(file.path.to_string()), kind };
        let facts = match ready(file) {
            Ok(ReadyBlob { facts, lfs_size, .. }) => {
                let pointer = lfs_size.map(|size| FindingKind::LfsPointer { size });
                defects.extend(pointer.map(in_file));
                facts.as_ref()
            }
            Err(kind) => {
                defects.push(in_file(kind.clone()));
                None
            }
        };
        if let Some(Facts::Manifest(read)) = facts {
            manifest = Some(&**read);
        }
        files.push((file.path.as_str(), facts));
    }
    if winner.content.find(MANIFEST_PATH).is_none() {
        defects.push(Defect { path: None, kind: FindingKind::ManifestMissing });
    }
    let of_manifest = manifest.map(|read| of_manifest(revision, read)).unwrap_or_default();
    let in_manifest = |kind| Defect { path: Some(MANIFEST_PATH.to_owned()), kind };
    defects.extend(of_manifest.into_iter().map(in_manifest));
    defects.extend(of_registry(rules::check(files.into_iter(), registry), registry));
    defects
}

/// Converts the verdict of a release of the registry.
fn of_registry(verdict: Verdict, registry: RegistryRelease) -> Vec<Defect> {
    let Verdict { broken, dropped_categories, unservable } = verdict;
    let broken = broken.into_iter().map(|broken| Defect {
        path: broken.path,
        kind: FindingKind::NotLoadable {
            rule: broken.rule.number(),
            always_on: broken.rule.is_always_on(registry),
            since: broken.releases.since,
            until: broken.releases.until,
            detail: broken.detail,
        },
    });
    let in_manifest = |kind| Defect { path: Some(MANIFEST_PATH.to_owned()), kind };
    let dropped = dropped_categories.into_iter().map(|(category, refused)| {
        in_manifest(FindingKind::CategoryDropped {
            category,
            since: refused.since,
            until: refused.until.unwrap_or(registry),
        })
    });
    let unservable = unservable.into_iter().map(|(path, detail)| Defect {
        path: Some(path),
        kind: FindingKind::NotServable { detail },
    });
    broken.chain(dropped).chain(unservable).collect()
}

/// Checks the archive with Kibana's rules.
fn of_kibana<'a>(
    revision: &RevisionId,
    winner: &'a Winner,
    highest: bool,
    ready: impl Fn(&FileEntry) -> Result<&'a ReadyBlob, &'a FindingKind>,
) -> Vec<Defect> {
    let files = winner.content.files();
    let root = revision.to_string();
    let folder = format!("{root}/");
    let names: Vec<String> = files.iter().map(|file| format!("{root}/{}", file.path)).collect();
    let mut entries = vec![Entry { name: &folder, facts: None, len: None }];
    let mut defects = Vec::new();
    for (file, name) in files.iter().zip(&names) {
        let blob = ready(file).ok();
        let facts = blob.and_then(|blob| blob.kibana_facts.as_ref());
        entries.push(Entry { name, facts, len: blob.and_then(|blob| blob.kibana_len) });
        let differences = facts.map_or(&[][..], kibana::Facts::differences);
        if !differences.is_empty() {
            let kind = FindingKind::ReadDifferently { fields: differences.to_vec() };
            defects.push(Defect { path: Some(file.path.to_string()), kind });
        }
    }
    let broken = kibana::check(&entries).into_iter();
    defects.extend(broken.map(|kibana::Broken { rule, path, key, detail }| Defect {
        path,
        kind: FindingKind::NotInstallable { rule, key, detail, highest },
    }));
    defects
}

/// Checks the relative links of documents.
fn broken_links<'a>(
    winner: &'a Winner,
    ready: impl Fn(&FileEntry) -> Result<&'a ReadyBlob, &'a FindingKind>,
) -> Vec<Defect> {
    let files = winner.content.files();
    let exists = |path: &str| {
        let folder = format!("{path}/");
        files
            .iter()
            .any(|file| file.path.as_str() == path || file.path.as_str().starts_with(&folder))
    };
    let mut defects = Vec::new();
    for file in files {
        let document = file.path.as_str();
        let links = ready(file).map_or(&[][..], |blob| &blob.links);
        let is_broken =
            |link: &&RelativeLink| !link.target(document).is_some_and(|path| exists(&path));
        let links: Vec<String> =
            links.iter().filter(is_broken).map(|link| link.destination.clone()).collect();
        if !links.is_empty() {
            let kind = FindingKind::BrokenLinks { links };
            defects.push(Defect { path: Some(file.path.to_string()), kind });
        }
    }
    defects
}

fn of_manifest(revision: &RevisionId, manifest: &Result<Manifest, YamlError>) -> Vec<FindingKind> {
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(YamlError { detail, place }) => {
            return vec![FindingKind::ManifestUnreadable {
                detail: detail.clone(),
                line: place.map(|place| place.line),
                column: place.map(|place| place.column),
            }];
        }
    };
    let mut kinds = manifest.ambiguities.clone();
    let Manifest { name, version, release, .. } = manifest;
    if name != revision.name.as_str() || *version != revision.version.to_string() {
        kinds.push(FindingKind::ManifestMismatch {
            manifest_name: name.clone(),
            manifest_version: version.clone(),
        });
    }
    kinds.extend(release.as_deref().and_then(|release| contradiction(&revision.version, release)));
    kinds
}

/// Checks whether `release` contradicts the version: the registry derives `beta` from a prerelease tag or 0.x, and
/// `ga` otherwise (package-registry, `packages/releases.go`).
fn contradiction(version: &PackageVersion, release: &str) -> Option<FindingKind> {
    let version_says = if version.is_prerelease() {
        Stability::Prerelease
    } else if version.major() == 0 {
        Stability::TechnicalPreview
    } else {
        Stability::Stable
    };
    let contradicts = match version_says {
        Stability::Prerelease | Stability::TechnicalPreview => release == "ga",
        Stability::Stable => release == "beta" || release == "experimental",
    };
    contradicts.then(|| FindingKind::ReleaseContradiction {
        release: release.to_owned(),
        version: version.to_string(),
        version_says,
    })
}

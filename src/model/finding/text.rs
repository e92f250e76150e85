//! The message and the advice of each finding.
//!
//! Text for people is written only here, in the other `text` files of `model`, in `report`, `cli` and `error`.

use super::FieldDifference;
use super::{
    Alike, Ambiguity, ChangedInteger, ConflictClass, DanglingCause, FindingKind, KibanaRule,
    NamedBy, NoVerdict,
};
use super::{ReadDifference, Recency, ResourceUse};
use crate::model::package::{MAX_FILE_NAME_LEN, MAX_KEY_LEN};
use crate::model::registry_release::Releases;

impl FindingKind {
    /// Returns what was found, as a sentence without the name of its subject.
    pub fn message(&self) -> String {
        match self {
            FindingKind::IdenticalCopy { winner } => {
                format!("the same files as the copy in {winner}")
            }
            FindingKind::ModeOnly { winner, file_count } => format!(
                "the same files as the copy in {winner}; {} in mode only",
                count(*file_count as u64, "file differs", "files differ"),
            ),
            FindingKind::ContentConflict { winner, added, removed, changed, class, diff: _ } => {
                format!(
                    "differs from the copy in {winner}, which wins: {} added, {} removed, {} changed; {}",
                    added.len(),
                    removed.len(),
                    changed.len(),
                    match class {
                        ConflictClass::LineEndings => "only line endings differ",
                        ConflictClass::Metadata =>
                            "only changelog, docs, images or similar files differ",
                        ConflictClass::Behaviour => "the package may behave differently",
                    },
                )
            }
            FindingKind::MarkerPackage => {
                "a marker for the distribution, not a package: not migrated".to_owned()
            }
            FindingKind::StrayEntry { entry_kind } => {
                format!("a {entry_kind} where only folders are allowed: not migrated")
            }
            FindingKind::EmptyStage => "the stage has no packages".to_owned(),
            FindingKind::StaleBranch { read, read_commit, other, other_commit } => {
                format!("{read} at {read_commit} was read, but {other} is at {other_commit}")
            }
            FindingKind::AmbiguousRevision { revision, read, others } => {
                format!("{revision} is ambiguous: {read} was read, not {}", others.join(" or "))
            }
            FindingKind::ReplacedObjects { object_count } => format!(
                "refs/replace/ replaces {}; Git reads the replacements, this tool reads the originals",
                count(*object_count, "object", "objects"),
            ),
            FindingKind::GraftedCommits { commit_count } => format!(
                "info/grafts gives {} other parents; Git follows these, this tool follows the parents in the commits",
                count(*commit_count, "commit", "commits"),
            ),
            FindingKind::ShallowHistory { parent } => {
                format!("the clone is shallow: commit {parent} and its ancestors are missing")
            }
            FindingKind::InvalidName { reason } | FindingKind::InvalidVersion { reason } => {
                reason.clone()
            }
            FindingKind::MissingObject { object_kind, object_id, partial_clone } => format!(
                "{object_kind} {object_id} is missing from the repository{}",
                if *partial_clone { ", which is a partial clone" } else { "" },
            ),
            FindingKind::CorruptObject { object_kind, object_id, detail } => {
                format!("{object_kind} {object_id} is corrupt: {detail}")
            }
            FindingKind::UnsupportedEntry { entry_kind } => {
                format!("a {entry_kind}, which cannot be represented in an archive")
            }
            FindingKind::UnsafePath { reason } => format!("the path is unsafe: {reason}"),
            FindingKind::UnportablePath { reason } => {
                format!("the path is not portable: {reason}")
            }
            FindingKind::KeyTooLong { key_len, name_len } => format!(
                "not a static resource: its key would have {key_len} bytes, with a component of {name_len}; stores accept {MAX_KEY_LEN}, file systems {MAX_FILE_NAME_LEN} for a component"
            ),
            FindingKind::DanglingResource { used_as, cause } => format!(
                "{}, so Kibana shows a gap: {}",
                match cause {
                    DanglingCause::Missing =>
                        "the registry refers to the file, but the package does not have it",
                    DanglingCause::NotStatic =>
                        "the registry refers to the file, but it is not a static resource",
                    DanglingCause::Outside => "the registry refers to a path outside the package",
                },
                used_as.iter().map(|used_as| place(*used_as)).collect::<Vec<_>>().join(", "),
            ),
            FindingKind::BrokenLinks { links } => {
                format!("links to files that the package does not have: {}", links.join(", "))
            }
            FindingKind::PathCollision { alike, other } => {
                let other = other.as_deref().unwrap_or("itself");
                match alike {
                    Alike::Same => {
                        "the path appears twice, or both as a file and as a folder".to_owned()
                    }
                    Alike::Case => {
                        format!("the same path as {other} if case is ignored")
                    }
                    Alike::Normalization => {
                        format!("the same text as {other} in another Unicode form")
                    }
                }
            }
            FindingKind::KeyCollision { key, others, other_count } => format!(
                "its object key is {key} if case is ignored, the same as that of {}",
                named(others, *other_count),
            ),
            FindingKind::EqualPrecedence { others, other_count } => format!(
                "neither newer nor older than {}: only the build metadata differs",
                named(others, *other_count),
            ),
            FindingKind::ExposesUnpromoted { standing, production_newest } => format!(
                "never in production, but v2 serves it to everyone: {}; {}",
                match standing {
                    Recency::Older => "not newer than production's newest version",
                    Recency::Newer => "newer than every version in production, but not the newest",
                    Recency::Newest => "as the newest of its package",
                },
                match production_newest {
                    Some(version) => format!("production's newest version is {version}"),
                    None => "production has no release of the package".to_owned(),
                },
            ),
            FindingKind::LfsPointer { size } => format!(
                "a Git LFS pointer to {}, not the file itself: a checkout with Git LFS has the file",
                count(*size, "byte", "bytes"),
            ),
            FindingKind::CheckoutDiffers { attribute, files, file_count } => format!(
                "{attribute} in .gitattributes changes {} in a checkout: {}",
                count(*file_count as u64, "file", "files"),
                named(files, *file_count),
            ),
            FindingKind::TooManyEntries { limit } => {
                format!("more than {limit} files and folders")
            }
            FindingKind::Undecided { unreadable } => {
                format!("unknown whether {unreadable} has a copy, which would win")
            }
            FindingKind::ManifestMissing => "no manifest.yml".to_owned(),
            FindingKind::ManifestUnreadable { detail, line, column } => {
                let place = match (line, column) {
                    (Some(line), Some(column)) => format!(" at line {line}, column {column}"),
                    _ => String::new(),
                };
                format!("manifest.yml cannot be read{place}: {detail}")
            }
            FindingKind::ManifestAmbiguous { field, reason, readings, line, .. } => match reason {
                Ambiguity::DuplicateKey => format!(
                    "{field} in manifest.yml appears more than once, last in line {line}: the registry uses the last one, other readers refuse the file"
                ),
                Ambiguity::Number | Ambiguity::Bool | Ambiguity::Null | Ambiguity::Date => format!(
                    "{field} in manifest.yml, line {line}, is {} without quotes, which is {} in YAML",
                    readings.first().map_or("", String::as_str),
                    reason,
                ),
            },
            FindingKind::ManifestMismatch { manifest_name, manifest_version } => {
                let or_none = |text: &String| match text.is_empty() {
                    true => "(none)".to_owned(),
                    false => text.clone(),
                };
                format!(
                    "manifest.yml has {} {}, which differs from the folder names",
                    or_none(manifest_name),
                    or_none(manifest_version),
                )
            }
            FindingKind::NotLoadable { rule, always_on, since, until, detail } => format!(
                "breaks rule {rule} of the registry ({}), which applies {}: {detail}",
                Releases { since: *since, until: *until },
                if *always_on { "always" } else { "with validation" },
            ),
            FindingKind::CategoryDropped { category, since, until } => format!(
                "the registry does not know the category {category} and drops it; releases from {since} to {until} refuse the package for it"
            ),
            FindingKind::NotServable { detail } => format!(
                "the registry loads the package, but the index cannot have its entry: {detail}"
            ),
            FindingKind::InexactIntegers { integers } => {
                let text = |ChangedInteger { field, value, shown }: &ChangedInteger| {
                    format!("{field} is {value}, shown as {shown}")
                };
                format!(
                    "a registry that reads the index changes integers: {}",
                    integers.iter().map(text).collect::<Vec<_>>().join("; "),
                )
            }
            FindingKind::IndexConflict { fields } => {
                format!("the published index entry differs from v1: {}", differing(fields))
            }
            FindingKind::IndexOtherRelease { since, until, fields } => format!(
                "the published index entry is that of another release of the registry ({}): {}",
                Releases { since: *since, until: *until },
                differing(fields),
            ),
            FindingKind::IndexOnly => {
                "the published index has the revision, and v1 does not: it stays published"
                    .to_owned()
            }
            FindingKind::NoLongerInV1 { named_by, name, revision, stage, commit } => {
                let flag = match named_by {
                    NamedBy::Include => Some("--include"),
                    NamedBy::Exclude => Some("--exclude"),
                    NamedBy::Decision => None,
                };
                let named = match flag {
                    Some(flag) => format!("{flag} {name} matches nothing in v1 any more"),
                    None => format!("a decision is about {name}, which v1 does not have any more"),
                };
                match (stage, commit) {
                    (Some(stage), Some(commit)) => {
                        format!("{named}: {revision} was last in {stage} at commit {commit}")
                    }
                    _ => format!("{named}: {revision} is in the published index only"),
                }
            }
            FindingKind::NotInstallable { rule, key: _, detail, highest } => format!(
                "breaks rule {rule} of Kibana's package parser{}: {detail}",
                if *highest { ", as the highest version of its package" } else { "" },
            ),
            FindingKind::ReadDifferently { fields } => {
                let text = |ReadDifference { field, line, registry, kibana }: &ReadDifference| {
                    format!(
                        "the registry reads {field} in line {line} as {registry}, Kibana as {kibana}"
                    )
                };
                fields.iter().map(text).collect::<Vec<_>>().join("; ")
            }
            FindingKind::ReleaseContradiction { release, version, version_says } => format!(
                "manifest.yml has release {release}, but the version {version} is {}",
                version_says,
            ),
            FindingKind::ValidationFailed { exit_code, output, .. } => {
                format!("the validator failed with exit code {exit_code}{}", first_line(output))
            }
            FindingKind::NotValidated { cause, output, .. } => match cause {
                NoVerdict::TimedOut(limit) => format!(
                    "the validator was stopped after {limit}, without a verdict{}",
                    first_line(output)
                ),
                NoVerdict::Signal(signal) => format!(
                    "the validator was killed by signal {signal}, without a verdict{}",
                    first_line(output)
                ),
                NoVerdict::NotUnpacked(detail) => {
                    format!("the package could not be unpacked for the validator: {detail}")
                }
            },
        }
    }

    /// Returns what to do about it, as imperative sentences on one line.
    pub fn advice(&self) -> &'static str {
        match self {
            FindingKind::IdenticalCopy { .. } | FindingKind::ModeOnly { .. } => {
                "No action: v2 has no stages, and archives do not store file modes."
            }
            FindingKind::ContentConflict { .. } => {
                "Review the differences. If the other copy is the right one, keep it with --resolutions, fix v1, or change the order of --stages; then run again."
            }
            FindingKind::MarkerPackage => "No action: v2 has no distributions.",
            FindingKind::StrayEntry { .. } => "Remove it from v1, or move it into a package.",
            FindingKind::EmptyStage => "Omit the stage from --stages if it is meant to be empty.",
            FindingKind::StaleBranch { .. } => {
                "Update the local branch, or pin the stage: --stages <stage>=<ref>."
            }
            FindingKind::AmbiguousRevision { .. } => {
                "Use the full name of the ref: --stages <stage>=refs/heads/<branch>, or refs/tags/<tag>."
            }
            FindingKind::ReplacedObjects { .. } => {
                "Delete them with `git replace -d <object>`, or make them permanent with `git filter-branch -- --all`, which changes commit ids; then run again."
            }
            FindingKind::GraftedCommits { .. } => {
                "Remove the file, or make the grafts permanent with `git filter-branch -- --all`, which changes commit ids; then run again. The current content of the stages does not depend on it."
            }
            FindingKind::ShallowHistory { .. } => {
                "Fetch the rest with `git fetch --unshallow`, or clone v1 again without --depth; then run again."
            }
            FindingKind::InvalidName { .. } | FindingKind::InvalidVersion { .. } => {
                "The registry cannot serve it: rename the folder and change the manifest, or remove it."
            }
            FindingKind::MissingObject { partial_clone: true, .. } => {
                "Complete the partial clone with `git fetch --refetch --no-filter origin '+refs/heads/*:refs/remotes/origin/*'`, or clone v1 again without --filter; then run again."
            }
            FindingKind::MissingObject { partial_clone: false, .. } => {
                "Fetch the object from a complete clone of v1 (`git fsck` lists all missing objects), then run again."
            }
            FindingKind::CorruptObject { .. } => {
                "Clone v1 again from an intact source (`git fsck` lists all corrupt objects), then run again."
            }
            FindingKind::UnsupportedEntry { .. } => {
                "Replace it in v1 with the files that it refers to."
            }
            FindingKind::UnsafePath { .. } => "Rename the file in v1.",
            FindingKind::UnportablePath { .. } => {
                "Rename the file in v1 if the package is unpacked on such systems; the archive contains it unchanged."
            }
            FindingKind::KeyTooLong { .. } => {
                "Shorten the path in v1 if a registry must serve the file by itself; the archive contains it."
            }
            FindingKind::DanglingResource { cause: DanglingCause::NotStatic, .. } => {
                "Select the file with --static."
            }
            FindingKind::DanglingResource { .. } => {
                "Correct the path in the next version of the package; v1 has the same gap."
            }
            FindingKind::BrokenLinks { .. } => {
                "Correct the links in the next version of the package; v1 has the same."
            }
            FindingKind::PathCollision { alike: Alike::Same, .. } => {
                "Rename or remove one of the two in v1."
            }
            FindingKind::PathCollision { alike: Alike::Case | Alike::Normalization, .. } => {
                "Rename one of the two in v1 if the package is unpacked on Windows or macOS; the archive contains both."
            }
            FindingKind::KeyCollision { .. } => {
                "Use a case-sensitive file system and store, or remove all but one from v1."
            }
            FindingKind::EqualPrecedence { .. } => {
                "Keep only one of them in v1: it is undefined which one users are offered."
            }
            FindingKind::ExposesUnpromoted { .. } => {
                "Publish it if its owner agrees; otherwise omit its stage from --stages, or remove it from v1."
            }
            FindingKind::LfsPointer { .. } => {
                "Commit the file itself to v1 (`git lfs migrate export` does that) and run again; the archive contains the pointer."
            }
            FindingKind::CheckoutDiffers { .. } => {
                "If v1 was served from a checkout, commit the files as they are in the checkout, remove the attribute, and run again; the archive contains the committed bytes."
            }
            FindingKind::TooManyEntries { .. } => "Split the package, or remove it from v1.",
            FindingKind::Undecided { .. } => {
                "Fix what prevents the package from being listed in that stage; it is reported as a separate finding."
            }
            FindingKind::ManifestMissing => "Add the manifest, or remove the folder from v1.",
            FindingKind::ManifestUnreadable { .. } => "Fix the manifest in v1.",
            FindingKind::ManifestAmbiguous { reason: Ambiguity::DuplicateKey, .. } => {
                "Remove the duplicates in v1."
            }
            FindingKind::ManifestAmbiguous { .. } => "Put the value in quotes in v1.",
            FindingKind::NotLoadable { always_on: true, .. } => {
                "Fix the package in v1, or remove it: a single such package prevents a registry from starting."
            }
            FindingKind::NotLoadable { always_on: false, .. } => {
                "Fix the package in v1, or serve it with a registry that runs with -disable-package-validation."
            }
            FindingKind::CategoryDropped { .. } => {
                "Use a category that the registry knows in a new version of the package."
            }
            FindingKind::NotServable { .. } => {
                "Correct the package in v1, or remove it: one such entry would disable the whole index."
            }
            FindingKind::InexactIntegers { .. } => {
                "Quote the value in the next version of the package; archives contain the exact integer."
            }
            FindingKind::IndexConflict { .. } => {
                "The published entry stays. Review the fields, and settle it with `keep-published` in --resolutions; only a new version can change what is published."
            }
            FindingKind::IndexOtherRelease { .. } => "No action: the published entry stays.",
            FindingKind::IndexOnly => {
                "No action if it was removed from v1 on purpose: what is published stays. Otherwise restore it in v1."
            }
            FindingKind::NoLongerInV1 { named_by: NamedBy::Decision, .. } => {
                "Remove the entry from the decisions file, unless it should name another revision: nothing else is decided by it."
            }
            FindingKind::NoLongerInV1 { .. } => {
                "Remove it from the command line, unless it should name something else: nothing else is selected or left out by it."
            }
            FindingKind::NotInstallable { rule, .. } => installable(*rule),
            FindingKind::ReadDifferently { .. } => {
                "Quote the values in the next version if they are meant as text; published versions do not change."
            }
            FindingKind::ReleaseContradiction { .. } => {
                "Inform the owners of the package: it is published unchanged, and only a new version can correct it."
            }
            FindingKind::ValidationFailed { .. } => {
                "Read the validator's output; fix the package in v1, skip it, or accept that it is published unchanged."
            }
            FindingKind::NotValidated { cause: NoVerdict::TimedOut(_), .. } => {
                "Run again with a longer --validate-timeout, or run the validator by hand."
            }
            FindingKind::NotValidated { cause: NoVerdict::Signal(_), .. } => {
                "Run the validator by hand on this package, and run again once it terminates normally."
            }
            FindingKind::NotValidated { cause: NoVerdict::NotUnpacked(_), .. } => {
                "Rename the file in v1, or set TMPDIR to a file system that accepts the path."
            }
            FindingKind::ManifestMismatch { .. } => {
                "Make the folder names in v1 match the manifest, or the reverse."
            }
        }
    }
}

/// Returns the first line of a program's output as the end of a sentence.
fn first_line(output: &str) -> String {
    output.lines().next().map_or_else(String::new, |line| format!(": {line}"))
}

/// Returns the advice for a rule of Kibana.
fn installable(rule: KibanaRule) -> &'static str {
    match rule {
        KibanaRule::K1 => "Move all files into one top-level folder.",
        KibanaRule::K2 => "Add the manifest.",
        KibanaRule::K3 => {
            "Fix the file in v1 or in the package's next version: no duplicate keys, one document, only tags and anchors that js-yaml knows, UTF-8."
        }
        KibanaRule::K4 => {
            "Add the key in v1 or in the package's next version; Kibana cannot install this one from its archive."
        }
        KibanaRule::K5 => {
            "Make the folder name match the name and version of the manifest in v1, both as text."
        }
        KibanaRule::K6 => "Add the data stream's manifest, or remove its folder.",
        KibanaRule::K7 => "Give the data stream a title and a type.",
        KibanaRule::K8 => "Give each stream an input and a title.",
        KibanaRule::K9 => "Give each variable a name and a type.",
        KibanaRule::K10 => "Give each policy template a name, a title and a description.",
        KibanaRule::K11 => "Give each input a type and a title.",
        KibanaRule::K12 => "Make it a list, and remove null items.",
        KibanaRule::K13 => "Shorten the file, or remove it from the package.",
        KibanaRule::K14 => {
            "Fix the file in v1 or in the package's next version: installing fails after part of the assets have been created."
        }
    }
}

/// The maximum number of differing fields in a message.
const SHOWN_FIELDS: usize = 3;

fn differing(fields: &[FieldDifference]) -> String {
    let shown = fields.iter().take(SHOWN_FIELDS).map(|difference| {
        let FieldDifference { field, published, derived } = difference;
        match (published, derived) {
            (Some(published), Some(derived)) => format!("{field} is {published}, not {derived}"),
            (Some(published), None) => format!("{field} is {published}, which v1 does not have"),
            (None, Some(derived)) => format!("{field} is missing, {derived} in v1"),
            (None, None) => field.clone(),
        }
    });
    let shown = shown.collect::<Vec<_>>().join("; ");
    match fields.len().saturating_sub(SHOWN_FIELDS) {
        0 => shown,
        more => format!("{shown}; and {}", count(more as u64, "more field", "more fields")),
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Returns the first names and the number of the others.
fn named(names: &[String], count: usize) -> String {
    match count.saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Returns the part of Kibana that shows a file.
fn place(used_as: ResourceUse) -> &'static str {
    match used_as {
        ResourceUse::Icon => "the icon in the list of integrations and on the package's page",
        ResourceUse::Screenshot => "a screenshot on the package's overview",
        ResourceUse::Readme => "the text of the package's overview",
        ResourceUse::TemplateIcon => "the icon of a policy template in the list of integrations",
        ResourceUse::TemplateScreenshot => "a screenshot on the overview of a policy template",
        ResourceUse::TemplateReadme => "the text of the overview of a policy template",
        ResourceUse::Changelog => "the changelog on the package's page",
        ResourceUse::License => "the licence in the details of the package",
        ResourceUse::Notice => "the notice in the details of the package",
    }
}

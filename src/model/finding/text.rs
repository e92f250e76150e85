//! What a finding says to people: its message and its advice.
//!
//! Sentences stand here, in `report` and in `error`, and nowhere else.

use super::{Alike, Ambiguity, ConflictClass, FindingKind, KibanaRule, NoVerdict};
use super::{ReadDifference, Recency};
use crate::model::registry_release::Releases;

impl FindingKind {
    /// What was found, as a sentence without its subject's name.
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
                    "not the files of the copy in {winner}, which wins: {} added, {} removed, {} changed; {}",
                    added.len(),
                    removed.len(),
                    changed.len(),
                    match class {
                        ConflictClass::LineEndings => "only line endings differ",
                        ConflictClass::Metadata =>
                            "only changelog, docs, images or the like differ",
                        ConflictClass::Behaviour => "what the package does may differ",
                    },
                )
            }
            FindingKind::MarkerPackage => {
                "marks which distribution is served and is no package: not migrated".to_owned()
            }
            FindingKind::StrayEntry { entry_kind } => {
                format!("a {entry_kind} lies where only folders may be: not migrated")
            }
            FindingKind::EmptyStage => "the stage holds no package".to_owned(),
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
                "info/grafts gives {} other parents; Git follows these, this tool follows those that the commits name",
                count(*commit_count, "commit", "commits"),
            ),
            FindingKind::ShallowHistory { parent } => {
                format!("the clone is shallow: commit {parent} and all before it are not there")
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
                format!("a {entry_kind}, which an archive cannot hold faithfully")
            }
            FindingKind::UnsafePath { reason } => format!("the path is unsafe: {reason}"),
            FindingKind::UnportablePath { reason } => {
                format!("the path cannot be used everywhere: {reason}")
            }
            FindingKind::PathCollision { alike, other } => {
                let other = other.as_deref().unwrap_or("itself");
                match alike {
                    Alike::Same => {
                        "the path is there twice, or as a file and as a folder".to_owned()
                    }
                    Alike::Case => {
                        format!("the same path as {other} where upper and lower case are one")
                    }
                    Alike::Normalization => {
                        format!("the same text as {other} in another Unicode form")
                    }
                }
            }
            FindingKind::KeyCollision { key, others, other_count } => format!(
                "its object is {key} where upper and lower case are one, as that of {}",
                named(others, *other_count),
            ),
            FindingKind::EqualPrecedence { others, other_count } => format!(
                "neither newer nor older than {}: only the build differs",
                named(others, *other_count),
            ),
            FindingKind::ExposesUnpromoted { standing, production_newest } => format!(
                "production never had it, and v2 shows it to everyone: {}; {}",
                match standing {
                    Recency::Older => "no newer than production's newest",
                    Recency::Newer => "newer than anything in production, but not the newest",
                    Recency::Newest => "as the newest of its package",
                },
                match production_newest {
                    Some(version) => format!("production's newest is {version}"),
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
                format!("nobody can say whether {unreadable} has a copy, which would win")
            }
            FindingKind::ManifestMissing => "there is no manifest.yml".to_owned(),
            FindingKind::ManifestUnreadable { detail, line, column } => {
                let place = match (line, column) {
                    (Some(line), Some(column)) => format!(" at line {line}, column {column}"),
                    _ => String::new(),
                };
                format!("manifest.yml cannot be read{place}: {detail}")
            }
            FindingKind::ManifestAmbiguous { field, reason, readings, line, .. } => match reason {
                Ambiguity::DuplicateKey => format!(
                    "{field} in manifest.yml is there twice, last in line {line}: the registry takes the last one, other readers refuse it"
                ),
                Ambiguity::Number | Ambiguity::Bool | Ambiguity::Null | Ambiguity::Date => format!(
                    "{field} in manifest.yml, line {line}, is {} without quotes, {} to readers of YAML",
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
                    "manifest.yml says {} {}, the folders say otherwise",
                    or_none(manifest_name),
                    or_none(manifest_version),
                )
            }
            FindingKind::NotLoadable { rule, always_on, since, until, detail } => format!(
                "breaks rule {rule} of the registry ({}), which holds {}: {detail}",
                Releases { since: *since, until: *until },
                if *always_on { "always" } else { "under validation" },
            ),
            FindingKind::CategoryDropped { category, since, until } => format!(
                "the registry does not know the category {category} and drops it; releases from {since} to {until} refuse the package for it"
            ),
            FindingKind::NotServable { detail } => format!(
                "the registry loads the package but cannot serve its page, as JSON has no such number: {detail}"
            ),
            FindingKind::NotInstallable { rule, key: _, detail, highest } => format!(
                "breaks rule {rule} of Kibana's package parser{}: {detail}",
                if *highest { ", as the highest version of its package" } else { "" },
            ),
            FindingKind::ReadDifferently { fields } => {
                let text = |ReadDifference { field, line, registry, kibana }: &ReadDifference| {
                    format!(
                        "{field} in line {line} is {registry} to the registry, {kibana} to Kibana"
                    )
                };
                fields.iter().map(text).collect::<Vec<_>>().join("; ")
            }
            FindingKind::ReleaseContradiction { release, version, version_says } => format!(
                "manifest.yml says release {release}, the version {version} says {}",
                version_says,
            ),
            FindingKind::ValidationFailed { exit_code, output, .. } => {
                format!("the validator ended with exit code {exit_code}{}", first_line(output))
            }
            FindingKind::NotValidated { cause, output, .. } => match cause {
                NoVerdict::TimedOut(limit) => format!(
                    "the validator was stopped after {limit}, without a verdict{}",
                    first_line(output)
                ),
                NoVerdict::Signal(signal) => format!(
                    "the validator was ended by signal {signal}, without a verdict{}",
                    first_line(output)
                ),
                NoVerdict::NotUnpacked(detail) => {
                    format!("the package cannot be unpacked for the validator: {detail}")
                }
            },
        }
    }

    /// What to do about it, in one imperative line.
    pub fn advice(&self) -> &'static str {
        match self {
            FindingKind::IdenticalCopy { .. } | FindingKind::ModeOnly { .. } => {
                "Nothing: v2 has no stages, and archives do not carry file modes."
            }
            FindingKind::ContentConflict { .. } => {
                "Look at the differences. If the other copy is the right one, mend v1 and run again, or name the stages in another order."
            }
            FindingKind::MarkerPackage => "Nothing: v2 has no distributions.",
            FindingKind::StrayEntry { .. } => "Remove it from v1, or move it into a package.",
            FindingKind::EmptyStage => "Leave the stage out with --stages if it should be empty.",
            FindingKind::StaleBranch { .. } => {
                "Update the local branch, or pin the stage: --stages <stage>=<ref>."
            }
            FindingKind::AmbiguousRevision { .. } => {
                "Name the ref in full: --stages <stage>=refs/heads/<branch>, or refs/tags/<tag>."
            }
            FindingKind::ReplacedObjects { .. } => {
                "Delete them with `git replace -d <object>`, or make them part of v1 with `git filter-branch -- --all`, which changes the ids of commits; then run again."
            }
            FindingKind::GraftedCommits { .. } => {
                "Remove the file, or make it part of v1 with `git filter-branch -- --all`, which changes the ids of commits; then run again. What the stages hold now does not depend on it."
            }
            FindingKind::ShallowHistory { .. } => {
                "Fetch the rest with `git fetch --unshallow`, or clone v1 again without --depth; then run again."
            }
            FindingKind::InvalidName { .. } | FindingKind::InvalidVersion { .. } => {
                "The registry could never serve it: rename the folder and its manifest, or remove it."
            }
            FindingKind::MissingObject { partial_clone: true, .. } => {
                "Complete the partial clone with `git fetch --refetch --no-filter origin '+refs/heads/*:refs/remotes/origin/*'`, or clone v1 again without --filter; then run again."
            }
            FindingKind::MissingObject { partial_clone: false, .. } => {
                "Fetch the object from a complete clone of v1 (`git fsck` lists all that are missing), then run again."
            }
            FindingKind::CorruptObject { .. } => {
                "Clone v1 again from a good source (`git fsck` lists all that are corrupt), then run again."
            }
            FindingKind::UnsupportedEntry { .. } => {
                "Replace it in v1 with the files that it stands for."
            }
            FindingKind::UnsafePath { .. } => "Rename the file in v1.",
            FindingKind::UnportablePath { .. } => {
                "Rename the file in v1 if anyone unpacks the package on such a system; the archive holds it as it is."
            }
            FindingKind::PathCollision { alike: Alike::Same, .. } => {
                "Rename or remove one of the two in v1."
            }
            FindingKind::PathCollision { alike: Alike::Case | Alike::Normalization, .. } => {
                "Rename one of the two in v1 if anyone unpacks the package on Windows or macOS; the archive holds both."
            }
            FindingKind::KeyCollision { .. } => {
                "Write to a file system and to a store that tell upper from lower case, or remove all but one from v1."
            }
            FindingKind::EqualPrecedence { .. } => {
                "Keep one of them in v1: which one users are offered is left to chance."
            }
            FindingKind::ExposesUnpromoted { .. } => {
                "Publish it if its owner agrees; otherwise leave its stage out with --stages, or remove it from v1."
            }
            FindingKind::LfsPointer { .. } => {
                "Commit the file itself to v1 (`git lfs migrate export` does so) and run again; the archive holds the pointer."
            }
            FindingKind::CheckoutDiffers { .. } => {
                "If v1 was served from a checkout, commit the files as they are there, remove the attribute, and run again; the archive holds what is committed."
            }
            FindingKind::TooManyEntries { .. } => "Split the package, or remove it from v1.",
            FindingKind::Undecided { .. } => {
                "Mend what keeps the package from being listed in that stage; it is a finding of its own."
            }
            FindingKind::ManifestMissing => "Add the manifest, or remove the folder from v1.",
            FindingKind::ManifestUnreadable { .. } => "Mend the manifest in v1.",
            FindingKind::ManifestAmbiguous { reason: Ambiguity::DuplicateKey, .. } => {
                "Remove one of the two in v1."
            }
            FindingKind::ManifestAmbiguous { .. } => "Put the value in quotes in v1.",
            FindingKind::NotLoadable { always_on: true, .. } => {
                "Mend the package in v1, or remove it: one such package keeps a whole registry from starting."
            }
            FindingKind::NotLoadable { always_on: false, .. } => {
                "Mend the package in v1, or serve it by a registry with -disable-package-validation."
            }
            FindingKind::CategoryDropped { .. } => {
                "Use a category that the registry knows, in a new version of the package."
            }
            FindingKind::NotServable { .. } => {
                "Replace the value in v1: an index of v2 cannot hold it either."
            }
            FindingKind::NotInstallable { rule, .. } => installable(*rule),
            FindingKind::ReadDifferently { .. } => {
                "Quote the values in the next version if they are meant as text; published versions stay as they are."
            }
            FindingKind::ReleaseContradiction { .. } => {
                "Tell the package's owners: it is published as it is, and only a new version can say otherwise."
            }
            FindingKind::ValidationFailed { .. } => {
                "Read what the validator reports; mend the package in v1, skip it, or accept that it is published as it is."
            }
            FindingKind::NotValidated { cause: NoVerdict::TimedOut(_), .. } => {
                "Run again with a longer --validate-timeout, or run the validator by hand."
            }
            FindingKind::NotValidated { cause: NoVerdict::Signal(_), .. } => {
                "Run the validator by hand on this package, and run again when it ends by itself."
            }
            FindingKind::NotValidated { cause: NoVerdict::NotUnpacked(_), .. } => {
                "Rename the file in v1, or run where TMPDIR is on a file system that takes the path."
            }
            FindingKind::ManifestMismatch { .. } => {
                "Make the folder names and the manifest agree in v1."
            }
        }
    }
}

/// The first line of a program's output, to follow a sentence.
fn first_line(output: &str) -> String {
    output.lines().next().map_or_else(String::new, |line| format!(": {line}"))
}

/// How a package comes to keep a rule of Kibana's.
fn installable(rule: KibanaRule) -> &'static str {
    match rule {
        KibanaRule::K1 => "Move everything into one folder.",
        KibanaRule::K2 => "Add the manifest.",
        KibanaRule::K3 => {
            "Correct the file in v1 or in the package's next version: keys only once, one document, tags and anchors that js-yaml knows, UTF-8."
        }
        KibanaRule::K4 => {
            "Add the key in v1 or in the package's next version; Kibana cannot install this one from its archive."
        }
        KibanaRule::K5 => {
            "Make the folder names and the manifest agree in v1, with name and version as text."
        }
        KibanaRule::K6 => "Add the data stream's manifest, or remove its folder.",
        KibanaRule::K7 => "Give the data stream a title and a type.",
        KibanaRule::K8 => "Give each stream an input and a title.",
        KibanaRule::K9 => "Give each variable a name and a type.",
        KibanaRule::K10 => "Give each policy template a name, a title and a description.",
        KibanaRule::K11 => "Give each input a type and a title.",
        KibanaRule::K12 => "Make it a list, and remove items that are null.",
        KibanaRule::K13 => "Make the file shorter, or leave it out of the package.",
        KibanaRule::K14 => {
            "Correct the file in v1 or in the package's next version: installing fails after part of the assets have been created."
        }
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first of several names, and how many there are besides.
fn named(names: &[String], count: usize) -> String {
    match count.saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

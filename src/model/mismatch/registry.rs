//! The mismatches of a registry's answers: every code with its evidence, its texts and its class.
//!
//! The object of such a mismatch is the request, such as `/package/<name>/<version>/`, and its path the place in the
//! answer: a JSON path, a package or a category. Archives, signatures and static resources have the codes of every other
//! place.

use serde::Serialize;

use super::{Class, MismatchKind};

/// The kind of a mismatch in a registry's answers, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum RegistryMismatch {
    /// The registry gave no answer: what it serves is unknown.
    AnswerUnreachable {
        /// The error.
        detail: String,
    },
    /// The answer is not what the registry's API specifies.
    AnswerUnreadable {
        /// Why.
        detail: String,
    },
    /// v1's revision has no entry, so that the registry's answers about it cannot be judged.
    EntryUnknown {
        /// Why.
        detail: String,
    },
    /// The list of all revisions lacks one of v1 or of the base index.
    ListMissing,
    /// The list has a revision that v1 does not have.
    ListExtra,
    /// The list has a revision more than once.
    ListDuplicate {
        /// How often.
        count: u64,
    },
    /// A field of the list is not as expected, while the page does not have the same difference.
    ListDiffers {
        /// The expected value as JSON; `None` if there should be none.
        expected: Option<String>,
        /// The value in the list.
        found: Option<String>,
    },
    /// A listed revision has no page.
    PageMissing,
    /// A field of the page is not as expected.
    PageDiffers {
        /// The expected value as JSON; `None` if there should be none.
        expected: Option<String>,
        /// The value on the page.
        found: Option<String>,
    },
    /// The page refers to a signature that the registry does not serve.
    SignatureDangling,
    /// A query shows another version of a package.
    QueryDiffers {
        /// The version according to the registry's rule; `None` if the query should not show the package.
        expected: Option<String>,
        /// The version that it shows.
        found: Option<String>,
    },
    /// A category has another number of packages.
    CategoryDiffers {
        /// The number according to the registry's rule; 0 if the category should not be listed.
        expected: u64,
        /// The number that is listed.
        found: u64,
    },
}

impl RegistryMismatch {
    /// Returns the class.
    pub fn class(&self) -> Class {
        match self {
            RegistryMismatch::AnswerUnreachable { .. } | RegistryMismatch::EntryUnknown { .. } => {
                Class::Unknown
            }
            RegistryMismatch::AnswerUnreadable { .. }
            | RegistryMismatch::ListMissing
            | RegistryMismatch::ListExtra
            | RegistryMismatch::ListDuplicate { .. }
            | RegistryMismatch::ListDiffers { .. }
            | RegistryMismatch::PageMissing
            | RegistryMismatch::PageDiffers { .. }
            | RegistryMismatch::SignatureDangling
            | RegistryMismatch::QueryDiffers { .. }
            | RegistryMismatch::CategoryDiffers { .. } => Class::Mismatch,
        }
    }

    /// Returns the message: a sentence without the name of its subject.
    pub fn message(&self) -> String {
        match self {
            RegistryMismatch::AnswerUnreachable { detail } => {
                format!("the registry gave no answer, so what it serves is unknown: {detail}")
            }
            RegistryMismatch::AnswerUnreadable { detail } => {
                format!("not an answer of a package registry: {detail}")
            }
            RegistryMismatch::EntryUnknown { detail } => {
                format!("served, but v1 does not determine its entry: {detail}")
            }
            RegistryMismatch::ListMissing => "the list lacks the revision".to_owned(),
            RegistryMismatch::ListExtra => "v1 has no such revision".to_owned(),
            RegistryMismatch::ListDuplicate { count } => {
                format!("the list has the revision {count} times")
            }
            RegistryMismatch::ListDiffers { expected, found } => {
                format!("expected {}, the list has {}", or_nothing(expected), or_nothing(found))
            }
            RegistryMismatch::PageMissing => "the revision is listed, but has no page".to_owned(),
            RegistryMismatch::PageDiffers { expected, found } => {
                format!("expected {}, the page has {}", or_nothing(expected), or_nothing(found))
            }
            RegistryMismatch::SignatureDangling => {
                "the page refers to the signature, but it is not served".to_owned()
            }
            RegistryMismatch::QueryDiffers { expected, found } => format!(
                "the registry's rule selects {}, the query shows {}",
                or_nothing(expected),
                or_nothing(found),
            ),
            RegistryMismatch::CategoryDiffers { expected, found } => {
                format!("the registry's rule counts {expected}, the registry {found}")
            }
        }
    }

    /// Returns the advice: what to do, in one imperative line.
    pub fn advice(&self) -> &'static str {
        match self {
            RegistryMismatch::AnswerUnreachable { .. } => {
                "Check that the registry is running and reachable, and what its log says; then run again."
            }
            RegistryMismatch::AnswerUnreadable { .. } => {
                "Check that the URL is that of a package registry, and what is between it and this machine."
            }
            RegistryMismatch::EntryUnknown { .. } => {
                "Repair the package, or leave it out with --exclude or --resolutions."
            }
            RegistryMismatch::ListMissing | RegistryMismatch::PageMissing => {
                "Check that the index has the revision and that the registry has loaded that index; --wait waits for it."
            }
            RegistryMismatch::ListExtra => {
                "If it was published after the migration, add it with --known-extra or --base-index; otherwise find out who published it."
            }
            RegistryMismatch::ListDuplicate { .. } => {
                "Serve each revision from one place only: releases before 1.11 list a revision once for each indexer."
            }
            RegistryMismatch::ListDiffers { .. } | RegistryMismatch::PageDiffers { .. } => {
                "Find out whether v1 changed after the index was made or the index is wrong, then make it again."
            }
            RegistryMismatch::SignatureDangling => {
                "Upload the signature, or publish an index without its path: clients fail on a path that leads nowhere."
            }
            RegistryMismatch::QueryDiffers { .. } | RegistryMismatch::CategoryDiffers { .. } => {
                "Compare with the list first; if that is right, wait until the registry's caches have expired (--wait)."
            }
        }
    }
}

impl From<RegistryMismatch> for MismatchKind {
    fn from(mismatch: RegistryMismatch) -> Self {
        MismatchKind::Registry(mismatch)
    }
}

/// Returns a value, or a word for its absence.
fn or_nothing(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("nothing")
}

//! Compares what a place states about an object beside its bytes: the content type, and `Cache-Control` on request.
//!
//! A statement that is not there cannot be compared. It is counted, so that the run says so.

use std::sync::atomic::{AtomicU64, Ordering};

use super::content_types::{expected_type, is_same_type};
use crate::model::content::escape;
use crate::model::mismatch::MismatchKind;
use crate::model::verification::{Depth, Notice};
use crate::v2::store::Description;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject<'k> {
    Archive,
    Signature,
    /// A static resource with this key.
    Static(&'k str),
    /// The index, or its delta.
    Index,
    Cursor,
}

impl Subject<'_> {
    /// Returns the type that `upload` and a registry expect.
    fn content_type(self) -> &'static str {
        match self {
            Subject::Archive => "application/zip",
            // RFC 3156.
            Subject::Signature => "application/pgp-signature",
            Subject::Static(key) => expected_type(key),
            Subject::Index | Subject::Cursor => "application/json",
        }
    }

    /// Returns what `Cache-Control` should be if `upload` was given this value; `None` if it sets none.
    fn cache_control(self, given: &str) -> Option<&str> {
        match self {
            Subject::Archive | Subject::Signature | Subject::Static(_) => Some(given),
            Subject::Index => None,
            Subject::Cursor => Some("no-cache"),
        }
    }
}

/// The objects about which something is not stated.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// Those without a content type.
    untyped: AtomicU64,
    /// Those of which the list says nothing.
    unlisted: AtomicU64,
}

impl Gaps {
    /// Returns a notice for each kind of gap.
    pub(super) fn notices(&self) -> impl Iterator<Item = Notice> {
        let counts = [&self.untyped, &self.unlisted].map(|count| count.load(Ordering::Relaxed));
        let [untyped, unlisted] = counts;
        let notices = [
            (untyped, Notice::TypesUnknown { object_count: untyped }),
            (unlisted, Notice::TypesNotListed { object_count: unlisted }),
        ];
        notices.into_iter().filter_map(|(count, notice)| (count > 0).then_some(notice))
    }
}

/// How statements are compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statements<'c> {
    /// Whether the place states anything; a folder does not.
    pub(super) is_stating: bool,
    /// Whether statements of lists alone count: at depth `listing`, whatever else an answer says is not looked at.
    pub(super) of_lists_alone: bool,
    /// The expected `Cache-Control`, if it is compared.
    pub(super) cache_control: Option<&'c str>,
    pub(super) gaps: &'c Gaps,
}

impl Statements<'_> {
    /// Returns the statements for objects that were found in a list, or each by a request.
    pub(super) fn of(self, depth: Depth, is_listed: bool) -> Self {
        Statements { of_lists_alone: depth == Depth::Listing && !is_listed, ..self }
    }

    /// Compares what is stated about an object.
    pub(super) fn differences(
        self,
        subject: Subject<'_>,
        stated: Option<&Description>,
        depth: Depth,
    ) -> Vec<MismatchKind> {
        if !self.is_stating {
            return Vec::new();
        }
        let Some(Description { content_type, cache_control }) =
            stated.filter(|_| !self.of_lists_alone)
        else {
            let gap = match depth {
                Depth::Listing => &self.gaps.unlisted,
                Depth::Entries | Depth::Content => &self.gaps.untyped,
            };
            gap.fetch_add(1, Ordering::Relaxed);
            return Vec::new();
        };
        let mut kinds = Vec::new();
        let expected = subject.content_type();
        match content_type {
            Some(found) if is_same_type(found, expected) => {}
            Some(found) => {
                let (expected, found) = (expected.to_owned(), escape(found.as_bytes()));
                kinds.push(match subject {
                    Subject::Static(_) => MismatchKind::StaticContentType { expected, found },
                    _ => MismatchKind::ContentTypeDiffers { expected, found },
                });
            }
            None => drop(self.gaps.untyped.fetch_add(1, Ordering::Relaxed)),
        }
        let expected = self.cache_control.and_then(|given| subject.cache_control(given));
        let found = cache_control.as_deref().unwrap_or_default();
        if let Some(expected) = expected.filter(|expected| !is_same_control(found, expected)) {
            kinds.push(MismatchKind::CacheControlDiffers {
                expected: expected.to_owned(),
                found: escape(found.as_bytes()),
            });
        }
        kinds
    }
}

/// Returns whether two values of `Cache-Control` have the same directives: order, case and white space do not matter
/// (RFC 9111, 5.2).
fn is_same_control(one: &str, other: &str) -> bool {
    let directives = |text: &str| {
        let mut all: Vec<String> =
            text.split(',').map(|part| part.trim().to_ascii_lowercase()).collect();
        all.retain(|part| !part.is_empty());
        all.sort_unstable();
        all
    };
    directives(one) == directives(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_directives_are_the_same_value() {
        let rows = [
            ("no-cache", "no-cache", true),
            ("public, max-age=3600", "Max-Age=3600,public", true),
            ("public, max-age=3600", "public, max-age=360", false),
            ("public, max-age=3600", "max-age=3600", false),
            ("no-cache", "", false),
            ("", "", true),
            ("public,", "public", true),
        ];
        for (one, other, expected) in rows {
            assert_eq!(is_same_control(one, other), expected, "{one} {other}");
        }
    }
}

//! The reports of `verify` in every format, rendered from literal outcomes.
//!
//! The golden files have the exact texts; `verdict` tests which outcomes are a match, `junit` and
//! `github` how readers of these formats parse hostile names. `verify` tests the outcomes themselves.

#![allow(clippy::unwrap_used)]

mod counts;
mod edge;
mod github;
mod html;
mod junit;
mod literal;
mod markdown;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use package_storage_migrate::model::mismatch::{Extras, MismatchKind, RegistryMismatch};
use package_storage_migrate::model::signature_status::SignatureState;
use package_storage_migrate::model::verification::{Depth, PlaceName};
use package_storage_migrate::report::text::AllFindings;
use package_storage_migrate::report::verify::{
    github as annotations, json, junit as xml, markdown as md,
};

use crate::documents::page;
use crate::report::assert_golden;
use literal::{every_kind, everything, good, of_registry};

/// Kinds and codes; does not compile if a kind is not listed.
macro_rules! codes {
    ({$($kind:ident: $code:literal,)*} signatures {$($state:ident: $of_state:literal,)*}
        registry {$($answer:ident: $of_answer:literal,)*}) => {
        pub(crate) const CODES: &[&str] = &[$($code,)* $($of_state,)* $($of_answer),*];

        const fn _every_kind_is_listed(kind: &MismatchKind) {
            match kind {
                $(MismatchKind::$kind { .. } => {})*
                MismatchKind::Signature(state) => match state {
                    $(SignatureState::$state { .. } => {})*
                },
                MismatchKind::Registry(answer) => match answer {
                    $(RegistryMismatch::$answer { .. } => {})*
                },
            }
        }
    };
}

codes! {{
    NotCheckable: "not-checkable",
    ArchiveMissing: "archive-missing",
    ArchiveExtra: "archive-extra",
    ArchiveUnreachable: "archive-unreachable",
    ArchiveUnreadable: "archive-unreadable",
    StrayBytes: "stray-bytes",
    WrongRoot: "wrong-root",
    FileMissing: "file-missing",
    FileExtra: "file-extra",
    FileDiffers: "file-differs",
    OtherCopy: "other-copy",
    DuplicateEntry: "duplicate-entry",
    UnsafeEntry: "unsafe-entry",
    UnsupportedCompression: "unsupported-compression",
    HeaderDisagreement: "header-disagreement",
    PlanDisagreement: "plan-disagreement",
    StaticMissing: "static-missing",
    StaticExtra: "static-extra",
    StaticCase: "static-case",
    StaticNotAFile: "static-not-a-file",
    StaticUnreachable: "static-unreachable",
    StaticSize: "static-size",
    StaticDiffers: "static-differs",
    StaticContentType: "static-content-type",
    ContentTypeDiffers: "content-type-differs",
    CacheControlDiffers: "cache-control-differs",
    CursorMissing: "cursor-missing",
    CursorUnreadable: "cursor-unreadable",
    CursorStale: "cursor-stale",
    IndexMissing: "index-missing",
    IndexUnreachable: "index-unreachable",
    IndexUnreadable: "index-unreadable",
    EntryMissing: "entry-missing",
    EntryExtra: "entry-extra",
    EntryDiffers: "entry-differs",
    EntryUnreadable: "entry-unreadable",
    EntryDuplicate: "entry-duplicate",
    EntryOrder: "entry-order",
    EntrySignature: "entry-signature",
    ArchiveEntry: "archive-entry",
    BaseEntryLost: "base-entry-lost",
    DeltaUnreadable: "delta-unreadable",
    DeltaDiffers: "delta-differs",
    EndpointMissing: "endpoint-missing",
    EndpointRefused: "endpoint-refused",
    EndpointDiffers: "endpoint-differs",
    EndpointUnreachable: "endpoint-unreachable",
} signatures {
    Good: "signature-good",
    Missing: "signature-missing",
    UnknownKey: "signature-unknown-key",
    Bad: "signature-bad",
    KeyExpired: "signature-key-expired",
    KeyRevoked: "signature-key-revoked",
    Stale: "signature-stale",
    Orphan: "signature-orphan",
    Malformed: "signature-malformed",
} registry {
    AnswerUnreachable: "answer-unreachable",
    AnswerUnreadable: "answer-unreadable",
    EntryUnknown: "entry-unknown",
    ListMissing: "list-missing",
    ListExtra: "list-extra",
    ListDuplicate: "list-duplicate",
    ListDiffers: "list-differs",
    PageMissing: "page-missing",
    PageDiffers: "page-differs",
    SignatureDangling: "signature-dangling",
    QueryDiffers: "query-differs",
    CategoryDiffers: "category-differs",
}}

#[test]
fn every_kind_has_its_code_in_texts_and_json() {
    let codes: Vec<&str> = every_kind().iter().map(MismatchKind::code).collect();
    assert_eq!(codes, CODES);
    for kind in every_kind() {
        assert!(!kind.message().is_empty() && kind.advice().ends_with('.'), "{}", kind.code());
        assert_eq!(serde_json::to_value(&kind).unwrap()["code"], kind.code());
    }
}

#[test]
fn the_page_of_mismatches_lists_every_code() {
    let page = page("docs/mismatches.md");
    let rows: BTreeMap<&str, &str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(code, rest)| (code, rest.split(" |").next().unwrap()))
        .collect();
    let classes: BTreeMap<&str, &str> = every_kind()
        .iter()
        .filter(|kind| kind.code() != "signature-good")
        .map(|kind| (kind.code(), <&str>::from(kind.class(Extras::Allowed))))
        .collect();
    assert_eq!(rows, classes);
    assert_eq!(classes.len() + 1, CODES.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn reports_match_the_golden_files() {
    let all = AllFindings::File("all.json".to_owned());
    for (name, outcome) in
        [("verify", everything()), ("verify-good", good()), ("verify-registry", of_registry())]
    {
        assert_golden(&format!("{name}.json"), &json::render(&outcome).unwrap());
        assert_golden(&format!("{name}.md"), &md::render(&outcome, &all));
        assert_golden(&format!("{name}.xml"), &xml::render(&outcome).unwrap());
        assert_golden(&format!("{name}.annotations"), &annotations::annotations(&outcome));
    }
}

#[test]
fn the_json_report_has_a_line_for_each_mismatch_and_revision() {
    let outcome = everything();
    let text = json::render(&outcome).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (list, count) in [
        ("mismatches", outcome.mismatches().len()),
        ("revisions", outcome.revisions().len()),
        ("notices", outcome.notices().len()),
    ] {
        let records = report[list].as_array().unwrap();
        assert_eq!(records.len(), count, "{list}");
        for record in records {
            let is_line = |line: &str| {
                serde_json::from_str::<serde_json::Value>(line.trim().trim_end_matches(','))
                    .is_ok_and(|found| found == *record)
            };
            assert!(text.lines().any(is_line), "{record}");
        }
    }
    assert!(!text.contains("pass"), "{text}");
}

#[test]
fn a_location_is_shown_without_secrets() {
    let rows = [
        ("v2", "v2"),
        ("/a@b/c?d#e", "/a@b/c?d#e"),
        ("https://v2.example.org", "https://v2.example.org"),
        ("https://v2.example.org/a@b/", "https://v2.example.org/a@b/"),
        ("https://user@v2.example.org/a", "https://v2.example.org/a"),
        ("https://user:pass@v2.example.org:8443/a", "https://v2.example.org:8443/a"),
        ("https://us@er:p@ss@v2.example.org/a", "https://v2.example.org/a"),
        ("https://v2.example.org/a?token=x", "https://v2.example.org/a"),
        ("https://user:pa#ss@v2.example.org/a", "https://user:pa"),
        ("https://user:pa?ss@v2.example.org/a", "https://user:pa"),
        ("gs://bucket/prefix#1", "gs://bucket/prefix"),
    ];
    for (given, shown) in rows {
        assert_eq!(PlaceName::new(given).as_str(), shown, "{given}");
    }
}

#[test]
fn a_depth_is_one_of_three() {
    for depth in Depth::ALL {
        assert_eq!(<&str>::from(depth).parse(), Ok(depth));
    }
    for text in ["", "Content", "all", "entries "] {
        assert!(text.parse::<Depth>().is_err(), "{text}");
    }
}

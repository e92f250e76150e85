//! Literal outcomes of `verify`: one with every code and hostile names, and small ones to vary.

use package_storage_migrate::digest::Sha256;
use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::model::finding::FieldDifference;
use package_storage_migrate::model::mismatch::{Extras, Mismatch, MismatchKind, RegistryMismatch};
use package_storage_migrate::model::package::{ObjectKey, RevisionId, Stage};
use package_storage_migrate::model::plan::{Source, SourceStage, Tool};
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::{Resource, StaticGlob, StaticSet};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::signature_status::SignatureState;
use package_storage_migrate::model::verification::{
    Depth, EndpointKind, EndpointObject, EndpointResult, IndexResult, Notice, ObjectCounts,
    PlaceName, Reading, RegistryAnswers, RegistryRequest, RevisionResult, ServedFrom, Share,
    StaticsResult, VerifyOutcome, VerifyRequest,
};

/// Returns the default request: everything, every byte.
pub(super) fn request() -> VerifyRequest {
    let stage = |stage: Stage, digit: &str| SourceStage {
        stage,
        reference: format!("refs/heads/{stage}"),
        commit: digit.repeat(40),
    };
    VerifyRequest {
        tool: Tool { name: "package-storage-migrate".to_owned(), version: "0.0.0".to_owned() },
        source: Source { stages: vec![stage(Stage::Production, "a"), stage(Stage::Staging, "b")] },
        scope: Scope::default(),
        resolutions: None,
        plan: None,
        kinds: [Resource::Archives].into(),
        statics: StaticSet::default(),
        place: PlaceName::new("v2"),
        index: None,
        base_index: None,
        endpoint: None,
        cache_control: None,
        depth: Depth::Content,
        sample: Shard::WHOLE,
        extras: Extras::Allowed,
        public_keys: Vec::new(),
        registry: None,
    }
}

pub(super) fn revision(text: &str) -> RevisionId {
    let (name, version) = text.split_once('-').expect("name-version");
    RevisionId::new(name.parse().expect("a name"), version.parse().expect("a version"))
        .expect("a revision")
}

pub(super) fn mismatch(object: &str, path: Option<&str>, kind: MismatchKind) -> Mismatch {
    Mismatch { object: object.to_owned(), path: path.map(str::to_owned), kind }
}

/// Creates a result with mismatches of the revision's archive.
pub(super) fn result(
    name: &str,
    file_count: u64,
    mismatches: impl IntoIterator<Item = (Option<&'static str>, MismatchKind)>,
) -> RevisionResult {
    let object = format!("{name}.zip");
    let mismatches = mismatches.into_iter().map(|(path, kind)| mismatch(&object, path, kind));
    RevisionResult {
        revision: revision(name),
        file_count,
        mismatches: mismatches.collect(),
        of_resources: Vec::new(),
    }
}

/// Everything that has a meaning in some format.
pub(super) const HOSTILE: &str = "a|b `c` <d> & \"e\" 'f' ]]> %0A 50% g: h, i ::error::j ##[error]k \u{1}\u{1b}[31m\n\r\t\u{85}\u{202e}\u{fffe}é😀";

/// The key of an index.
const INDEX: &str = "v2/metadata/1/search-index-all.json";

/// Returns one mismatch of every kind.
pub(super) fn every_kind() -> Vec<MismatchKind> {
    let of_registry = every_answer().into_iter().map(MismatchKind::Registry);
    every_kind_of_objects().into_iter().chain(of_registry).collect()
}

/// Returns one mismatch of every kind in a registry's answers.
fn every_answer() -> Vec<RegistryMismatch> {
    let hostile = || HOSTILE.to_owned();
    let (expected, found) = (Some("\"ga\"".to_owned()), Some(hostile()));
    vec![
        RegistryMismatch::AnswerUnreachable { detail: hostile() },
        RegistryMismatch::AnswerUnreadable { detail: hostile() },
        RegistryMismatch::EntryUnknown { detail: hostile() },
        RegistryMismatch::ListMissing,
        RegistryMismatch::ListExtra,
        RegistryMismatch::ListDuplicate { count: 2 },
        RegistryMismatch::ListDiffers { expected: None, found: found.clone() },
        RegistryMismatch::PageMissing,
        RegistryMismatch::PageDiffers { expected: expected.clone(), found },
        RegistryMismatch::SignatureDangling,
        RegistryMismatch::QueryDiffers { expected, found: None },
        RegistryMismatch::CategoryDiffers { expected: 7, found: 0 },
    ]
}

/// Returns one mismatch of every kind of objects in v2.
fn every_kind_of_objects() -> Vec<MismatchKind> {
    let hostile = || HOSTILE.to_owned();
    let fingerprint = || "f1".repeat(20);
    vec![
        MismatchKind::NotCheckable { stage: Stage::Staging, detail: hostile() },
        MismatchKind::ArchiveMissing,
        MismatchKind::ArchiveExtra,
        MismatchKind::ArchiveUnreachable { detail: hostile() },
        MismatchKind::ArchiveUnreadable { detail: hostile() },
        MismatchKind::StrayBytes { detail: hostile() },
        MismatchKind::WrongRoot { found: hostile() },
        MismatchKind::FileMissing,
        MismatchKind::FileExtra,
        MismatchKind::FileDiffers {
            expected: ObjectId([0x11; 20]),
            found: Some(ObjectId([0x22; 20])),
            expected_len: Some(1234),
            found_len: 1235,
        },
        MismatchKind::OtherCopy { stage: Stage::Staging, expected: Stage::Production },
        MismatchKind::DuplicateEntry,
        MismatchKind::UnsafeEntry { reason: hostile() },
        MismatchKind::UnsupportedCompression { method: 12 },
        MismatchKind::HeaderDisagreement { field: "crc32".to_owned() },
        MismatchKind::PlanDisagreement {
            field: "size".to_owned(),
            planned: "7".to_owned(),
            found: hostile(),
        },
        MismatchKind::StaticMissing { object_count: 1 },
        MismatchKind::StaticExtra { object_count: 3 },
        MismatchKind::StaticCase { found: hostile() },
        MismatchKind::StaticNotAFile { found: "folder".to_owned() },
        MismatchKind::StaticUnreachable { detail: hostile() },
        MismatchKind::StaticSize { expected_len: 1234, found_len: 1235 },
        MismatchKind::StaticDiffers { expected: ObjectId([0x33; 20]), found: ObjectId([0x44; 20]) },
        MismatchKind::StaticContentType { expected: "image/png".to_owned(), found: hostile() },
        MismatchKind::ContentTypeDiffers {
            expected: "application/zip".to_owned(),
            found: hostile(),
        },
        MismatchKind::CacheControlDiffers { expected: hostile(), found: String::new() },
        MismatchKind::CursorMissing,
        MismatchKind::CursorUnreadable { detail: hostile() },
        MismatchKind::CursorStale { cursor: "1".to_owned(), base: "2".to_owned() },
        MismatchKind::IndexMissing,
        MismatchKind::IndexUnreachable { detail: hostile() },
        MismatchKind::IndexUnreadable { detail: hostile() },
        MismatchKind::EntryMissing,
        MismatchKind::EntryExtra { detail: hostile() },
        MismatchKind::EntryDiffers { fields: fields() },
        MismatchKind::EntryUnreadable { detail: hostile() },
        MismatchKind::EntryDuplicate,
        MismatchKind::EntryOrder { after: hostile() },
        MismatchKind::EntrySignature { expected: None, found: Some(hostile()) },
        MismatchKind::ArchiveEntry { fields: fields()[..1].to_vec() },
        MismatchKind::BaseEntryLost { is_changed: true },
        MismatchKind::DeltaUnreadable { detail: hostile() },
        MismatchKind::DeltaDiffers { detail: hostile() },
        MismatchKind::EndpointMissing,
        MismatchKind::EndpointRefused { status: 403 },
        MismatchKind::EndpointDiffers {
            expected: Sha256([0x55; 32]),
            expected_len: 1234,
            found: Sha256([0x66; 32]),
            found_len: 1235,
        },
        MismatchKind::EndpointUnreachable { detail: hostile() },
        MismatchKind::Signature(SignatureState::Good { fingerprint: fingerprint(), among: None }),
        MismatchKind::Signature(SignatureState::Missing),
        MismatchKind::Signature(SignatureState::UnknownKey { issuer: fingerprint() }),
        MismatchKind::Signature(SignatureState::Bad {
            fingerprint: fingerprint(),
            unknown_critical: None,
        }),
        MismatchKind::Signature(SignatureState::KeyExpired { fingerprint: fingerprint() }),
        MismatchKind::Signature(SignatureState::KeyRevoked { fingerprint: fingerprint() }),
        MismatchKind::Signature(SignatureState::Stale { fingerprint: fingerprint() }),
        MismatchKind::Signature(SignatureState::Orphan),
        MismatchKind::Signature(SignatureState::Malformed { detail: hostile() }),
    ]
}

/// Returns more fields than a message names.
fn fields() -> Vec<FieldDifference> {
    let field = |(published, derived): (Option<&str>, Option<&str>)| FieldDifference {
        field: HOSTILE.to_owned(),
        published: published.map(str::to_owned),
        derived: derived.map(str::to_owned),
    };
    let pairs = [(Some(HOSTILE), Some("1")), (Some("1"), None), (None, Some(HOSTILE))];
    pairs.into_iter().cycle().take(7).map(field).collect()
}

/// Returns whether a kind is about a file inside an archive.
fn is_of_file(kind: &MismatchKind) -> bool {
    matches!(
        kind.code(),
        "wrong-root"
            | "file-missing"
            | "file-extra"
            | "file-differs"
            | "duplicate-entry"
            | "unsafe-entry"
            | "unsupported-compression"
            | "header-disagreement"
    )
}

/// Returns an outcome with every kind of mismatch, in separate revisions or other objects, and with more
/// mismatches of one kind than are shown; unsorted, so that the reports have to sort them.
pub(super) fn everything() -> VerifyOutcome {
    let mut revisions = vec![result("zebra-1.0.0", 70, None), result("aws-1.10.0", 1, None)];
    let (mut others, mut of_index) = (Vec::new(), Vec::new());
    let mut endpoint = EndpointResult { objects: vec![served("pier-1.0.0/img/icon.png", None)] };
    for (index, kind) in every_kind_of_objects().into_iter().enumerate().rev() {
        let path = is_of_file(&kind).then_some(HOSTILE);
        match kind.code() {
            "archive-extra" => {
                others.push(mismatch(&format!("{HOSTILE}.zip"), None, kind.clone()));
                others.push(mismatch("a-2.0.0.zip", None, kind));
            }
            "static-extra" => {
                let object = format!("artifacts/static/a-2.0.0/{HOSTILE}");
                others.push(mismatch(&object, None, kind));
            }
            "cursor-missing" | "cursor-unreadable" | "cursor-stale" | "index-missing"
            | "index-unreachable" | "index-unreadable" => {
                of_index.push(mismatch(INDEX, None, kind))
            }
            "entry-unreadable" | "entry-extra" | "base-entry-lost" | "delta-unreadable"
            | "delta-differs" => of_index.push(mismatch(INDEX, Some(HOSTILE), kind)),
            code if code.starts_with("endpoint-") => {
                endpoint.objects.push(served(&format!("pier-1.0.0/img/{index}.png"), Some(kind)));
            }
            code if code.starts_with("entry-") => {
                let mut result = result(&format!("aws-1.2.{index}"), index as u64, None);
                result.of_resources.push(mismatch(INDEX, Some(HOSTILE), kind));
                revisions.push(result);
            }
            code if code.starts_with("static-") => {
                let mut result = result(&format!("aws-1.2.{index}"), index as u64, None);
                let object = format!("artifacts/static/{}/{HOSTILE}", result.revision);
                result.of_resources.push(mismatch(&object, None, kind));
                revisions.push(result);
            }
            "signature-orphan" => others.push(mismatch(&format!("{HOSTILE}.zip.sig"), None, kind)),
            _ => revisions.push(result(&format!("aws-1.2.{index}"), index as u64, [(path, kind)])),
        }
    }
    let many = [MismatchKind::FileMissing, MismatchKind::FileExtra].into_iter();
    let many =
        many.flat_map(|kind| PATHS.iter().rev().map(move |path| (Some(*path), kind.clone())));
    let many = many.chain([(None, MismatchKind::ArchiveUnreachable { detail: "cut".to_owned() })]);
    revisions.push(result("aws-1.3.0", 12, many));
    let to_check_count = revisions.len() as u64 + 1;
    let request = VerifyRequest {
        scope: Scope {
            include: ["aws".parse().expect("a glob"), "zebra*".parse().expect("a glob")].into(),
            ..Scope::default()
        },
        resolutions: Some(Sha256([7; 32])),
        plan: Some(Sha256([8; 32])),
        kinds: Resource::ALL.iter().copied().collect(),
        statics: ["docs/**".parse::<StaticGlob>().expect("a glob")].into_iter().collect(),
        place: PlaceName::new("https://user:pass@v2.example.org:8443/a|b/?token=x#y"),
        index: Some(PlaceName::new("https://user:pass@index.example.org/c|d/?token=x#y")),
        base_index: Some(PlaceName::new("base|index")),
        endpoint: Some(PlaceName::new("https://v2.example.org/bucket|a/")),
        cache_control: Some(HOSTILE.to_owned()),
        depth: Depth::Entries,
        sample: "3/30".parse().expect("a shard"),
        public_keys: vec!["f1".repeat(20)],
        ..request()
    };
    let notices = vec![
        Notice::TypesUnknown { object_count: 4 },
        Notice::TypesNotListed { object_count: 5 },
        Notice::IndexByDigest { object_count: 3 },
        Notice::IndexByName { object_count: 1 },
        Notice::LengthsOnly { object_count: 3 },
        Notice::GraftedCommits { commit_count: 1 },
        Notice::ReplacedObjects { object_count: 2 },
        Notice::NotListed,
        Notice::NoRanges,
    ];
    let reading = Reading { archive_count: 24, byte_len: 1_234_567_890 };
    let counts = ObjectCounts { to_check: 50, checked: 49, good: 44, mismatch: 5, unknown: 1 };
    let statics = StaticsResult { in_v1: 70, counts };
    let counts = ObjectCounts { to_check: 30, checked: 28, good: 27, mismatch: 1, unknown: 1 };
    let index = IndexResult { counts, as_published: 2, base_only: 1234, mismatches: of_index };
    VerifyOutcome::new(request, to_check_count, revisions, others, notices, reading)
        .with_resources(Some(statics), Some(index))
        .with_endpoint(Some(endpoint))
}

/// Returns a static resource that was read through the endpoint.
pub(super) fn served(path: &str, kind: Option<MismatchKind>) -> EndpointObject {
    let key: ObjectKey = format!("artifacts/static/{path}").try_into().expect("a key");
    let mismatch = kind.map(|kind| Mismatch::of_object(&key, kind));
    EndpointObject { kind: EndpointKind::Static, key, mismatch }
}

/// Returns an outcome with every kind of mismatch in the answers of a registry.
pub(super) fn of_registry() -> VerifyOutcome {
    let (mut revisions, mut others) = (vec![result("aws-1.0.0", 4, None)], Vec::new());
    for (index, kind) in every_answer().into_iter().enumerate() {
        let path = match kind {
            RegistryMismatch::ListExtra
            | RegistryMismatch::ListDuplicate { .. }
            | RegistryMismatch::QueryDiffers { .. }
            | RegistryMismatch::CategoryDiffers { .. } => {
                others.push(mismatch("/search", Some(HOSTILE), kind.into()));
                continue;
            }
            RegistryMismatch::PageDiffers { .. } | RegistryMismatch::ListDiffers { .. } => {
                Some("vars[0].default")
            }
            _ => None,
        };
        let mut result = result(&format!("aws-1.1.{index}"), 1, None);
        let object = format!("/package/aws/{}/", result.revision.version);
        result.mismatches.push(mismatch(&object, path, kind.into()));
        revisions.push(result);
    }
    let of_icon = [
        MismatchKind::StaticMissing { object_count: 1 },
        MismatchKind::StaticContentType { expected: "image/png".to_owned(), found: String::new() },
    ];
    let of_icon = of_icon.map(|kind| mismatch("/package/aws/1.0.0/img/icon.png", None, kind));
    revisions[0].of_resources.extend(of_icon);
    let to_check_count = revisions.len() as u64;
    let request = VerifyRequest {
        place: PlaceName::new("https://user:pass@registry.example.org/"),
        kinds: [Resource::Archives, Resource::Static].into(),
        base_index: Some(PlaceName::new("base|index")),
        depth: Depth::Listing,
        registry: Some(RegistryRequest { known_extras: vec!["aws-2.0.0".to_owned()] }),
        ..request()
    };
    let notices = vec![
        Notice::UnknownRelease {
            version: Some(HOSTILE.to_owned()),
            judged_as: RegistryRelease::OLDEST,
        },
        Notice::UnknownRelease { version: None, judged_as: RegistryRelease::OLDEST },
        Notice::ArchivesMadeOnRequest { object_count: 2 },
        Notice::TypesNotJudged { extensions: ["".to_owned(), "abc".to_owned()].into() },
        Notice::ServedUnmigrated { revisions: ["snapshot-0.0.1".to_owned()].into() },
        Notice::NoLongerInV1 {
            names: ["--exclude a*".to_owned(), "the decision on aws-0.9.0".to_owned()].into(),
        },
    ];
    let reading = Reading { archive_count: 0, byte_len: 1_234_567 };
    let counts = ObjectCounts { to_check: 678, checked: 678, good: 676, mismatch: 2, unknown: 0 };
    let statics = StaticsResult { in_v1: 13_555, counts };
    let outcome = VerifyOutcome::new(request, to_check_count, revisions, others, notices, reading);
    outcome.with_resources(Some(statics), None).with_registry(RegistryAnswers {
        version: Some("1.10.0".to_owned()),
        release: RegistryRelease::OLDEST,
        served_from: vec![ServedFrom::Folders, ServedFrom::Storage],
        listed: 2_317,
        pages: Share { compared: 8, total: 9 },
        archive_sizes: Share { compared: 7, total: 8 },
        visible: 170,
        categories: 20,
        as_published: 3,
        base_only: 4,
    })
}

const PATHS: [&str; 12] = [
    "a.yml", "b.yml", "c.yml", "d.yml", "e.yml", "f.yml", "g.yml", "h.yml", "i.yml", "j.yml",
    "k.yml", "l.yml",
];

/// Returns a match of two revisions with nine files.
pub(super) fn good() -> VerifyOutcome {
    outcome(request(), 2, vec![result("aws-1.0.0", 4, None), result("aws-1.1.0", 5, None)], vec![])
}

pub(super) fn outcome(
    request: VerifyRequest,
    to_check_count: u64,
    revisions: Vec<RevisionResult>,
    others: Vec<Mismatch>,
) -> VerifyOutcome {
    let reading = Reading { archive_count: revisions.len() as u64, byte_len: 1_000 };
    VerifyOutcome::new(request, to_check_count, revisions, others, Vec::new(), reading)
}

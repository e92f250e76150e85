//! `verify --plan`: differences between v2 and the plan, while v1 remains the source of truth.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::AtomicBool;

use package_storage_migrate::digest::{ObjectHasher, Sha256, Sha256Hasher};
use package_storage_migrate::error::Error;
use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::mismatch::MismatchKind;
use package_storage_migrate::model::package::ObjectKey;
use package_storage_migrate::model::plan::{Plan, Upload};
use package_storage_migrate::model::verification::{Conclusion, Depth, Notice, VerifyOutcome};
use package_storage_migrate::ops::verify::verify;
use package_storage_migrate::read_at::ReadAt;
use package_storage_migrate::v2::store::{Claims, Listed, Place, StoredObject, Wanted};

use super::lines;
use super::pair::{Files, Pair, options};

fn pair() -> Pair {
    Pair::migrated(0, |repo| {
        repo.stage("production", |s| {
            s.revision("kelp", "1.0.0", |r| r.manifest())
                .revision("reef", "1.0.0", |r| r.manifest())
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s)
    })
}

/// Returns the migration's plan after `change`.
fn plan(pair: &Pair, change: fn(&mut Plan)) -> Option<(Plan, Sha256)> {
    let text = std::fs::read_to_string(pair.v2().join("plan.json")).expect("read the plan");
    let mut plan = Plan::from_json(&text).expect("a plan");
    change(&mut plan);
    Some((plan, Sha256Hasher::default().finish()))
}

fn first(plan: &mut Plan) -> &mut package_storage_migrate::model::plan::ArchiveUpload {
    match &mut plan.uploads[0] {
        Upload::Archive(archive) => archive,
        _ => panic!("the first upload is an archive"),
    }
}

fn fields(outcome: &VerifyOutcome) -> Vec<String> {
    let field = |(_, mismatch): (_, &package_storage_migrate::model::mismatch::Mismatch)| {
        let MismatchKind::PlanDisagreement { field, .. } = &mismatch.kind else {
            panic!("expected a plan disagreement: {mismatch:?}")
        };
        format!("{field} {}", mismatch.object)
    };
    outcome.mismatches().into_iter().map(field).collect()
}

#[test]
fn v2_is_compared_with_the_plan_at_every_depth() {
    let pair = pair();
    type Change = fn(&mut Plan);
    // At depth listing, a folder provides only sizes.
    type Row = (&'static str, Change, &'static [&'static str], &'static [&'static str]);
    let rows: [Row; 4] = [
        ("nothing", |_| {}, &[], &[]),
        (
            "a length",
            |plan| first(plan).size += 1,
            &["size kelp-1.0.0.zip"],
            &["size kelp-1.0.0.zip"],
        ),
        ("a digest", |plan| first(plan).sha256 = Sha256([7; 32]), &["sha256 kelp-1.0.0.zip"], &[]),
        (
            "a missing upload",
            |plan| drop(plan.uploads.remove(0)),
            &["key kelp-1.0.0.zip"],
            &["key kelp-1.0.0.zip"],
        ),
    ];
    for (row, change, by_content, by_listing) in rows {
        for depth in Depth::ALL {
            let outcome = pair.verify(&pair.archives, |options| {
                (options.depth, options.plan) = (depth, plan(&pair, change));
            });
            let outcome = outcome.expect("it finishes");
            let expected = if depth == Depth::Content { by_content } else { by_listing };
            assert_eq!(fields(&outcome), expected, "{row}, {depth}");
            let lengths_only = Notice::LengthsOnly { object_count: 2 };
            let has_notice = outcome.notices().contains(&lengths_only);
            assert_eq!(has_notice, depth != Depth::Content, "{row}, {depth}");
        }
    }
}

#[test]
fn a_planned_archive_in_neither_v1_nor_v2_is_reported() {
    let pair = pair();
    let with_another: fn(&mut Plan) = |plan| {
        let mut another = first(plan).clone();
        another.version = "2.0.0".to_owned();
        another.key = "artifacts/packages/kelp-2.0.0.zip".to_owned().try_into().expect("a key");
        plan.uploads.push(Upload::Archive(another));
    };
    let mut with_archive = pair.archives.clone();
    with_archive.insert("kelp-2.0.0.zip".to_owned(), b"whatever it is".to_vec());
    type Row<'r> = (&'static str, &'r Files, &'static [&'static str], &'static [&'static str]);
    let rows: [Row; 3] = [
        ("in neither", &pair.archives, &[], &["plan-disagreement kelp-2.0.0.zip"]),
        ("in v2", &with_archive, &[], &["archive-extra kelp-2.0.0.zip"]),
        ("excluded", &pair.archives, &["kelp"], &[]),
    ];
    for (row, files, excluded, expected) in rows {
        for depth in Depth::ALL {
            let outcome = pair.verify(files, |options| {
                (options.depth, options.plan) = (depth, plan(&pair, with_another));
                options.scope.exclude =
                    excluded.iter().map(|glob| glob.parse().expect("a glob")).collect();
            });
            assert_eq!(lines(&outcome.expect("it finishes")), expected, "{row}, {depth}");
        }
    }
    // If v2 cannot be listed, the archive is looked up.
    for (files, expected) in
        [(&pair.archives, "plan-disagreement kelp-2.0.0.zip"), (&with_archive, "")]
    {
        let mut options = options(Depth::Entries);
        options.plan = plan(&pair, with_another);
        let place = Claiming { files: files.clone(), claims: honest };
        let interrupt = AtomicBool::new(false);
        let outcome = verify(pair.repo.path(), &options, &place, &Silent, &interrupt);
        assert_eq!(lines(&outcome.expect("it finishes")).concat(), expected);
    }
}

#[test]
fn a_size_mismatch_leads_to_a_comparison_of_the_files() {
    let pair = pair();
    let mut files = pair.archives.clone();
    let reef = files["reef-1.0.0.zip"].clone();
    files.insert("kelp-1.0.0.zip".to_owned(), [&reef[..], b"x"].concat());
    let outcome = pair.verify(&files, |options| {
        (options.depth, options.plan) = (Depth::Listing, plan(&pair, |_| {}));
    });
    let outcome = outcome.expect("it finishes");
    assert_eq!(
        lines(&outcome),
        [
            "plan-disagreement kelp-1.0.0.zip",
            "plan-disagreement kelp-1.0.0.zip",
            "stray-bytes kelp-1.0.0.zip",
            "wrong-root kelp-1.0.0.zip",
        ]
    );
}

#[test]
fn planned_signatures_are_checked() {
    let pair = pair();
    let with_signatures: fn(&mut Plan) = |plan| {
        let archives: Vec<_> = plan.archives().cloned().collect();
        let mut hasher = ObjectHasher::default();
        hasher.update(b"the planned one");
        let digests = [None, Some(hasher.finish())];
        let signature = package_storage_migrate::model::plan::SignatureUpload::of;
        let signatures = archives.iter().zip(digests).map(|(a, d)| signature(a, d)).collect();
        *plan = plan.clone().with_signatures(signatures);
    };
    type Row = (&'static [(&'static str, &'static str)], &'static [&'static str]);
    let rows: [Row; 4] = [
        (&[], &["signature-missing kelp-1.0.0.zip.sig", "signature-missing reef-1.0.0.zip.sig"]),
        (&[("kelp", "any one")], &["signature-missing reef-1.0.0.zip.sig"]),
        (&[("kelp", "any one"), ("reef", "the planned one")], &[]),
        (
            &[("kelp", "any one"), ("reef", "not the planned")],
            &["plan-disagreement reef-1.0.0.zip.sig"],
        ),
    ];
    for (signatures, expected) in rows {
        let mut files = pair.archives.clone();
        for (name, text) in signatures {
            files.insert(format!("{name}-1.0.0.zip.sig"), text.as_bytes().to_vec());
        }
        for depth in Depth::ALL {
            let outcome = pair.verify(&files, |options| {
                (options.depth, options.plan) = (depth, plan(&pair, with_signatures));
            });
            let outcome = outcome.expect("it finishes");
            assert_eq!(lines(&outcome), expected, "{signatures:?}, {depth}");
        }
    }
}

/// A store that provides digests.
struct Claiming {
    files: Files,
    claims: fn(&[u8]) -> Claims,
}

struct Claimed<'p>(&'p [u8], Claims);

impl Place for Claiming {
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }

    fn list_below(&self, _: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
        Ok(None)
    }

    fn find(&self, key: &ObjectKey, _: Wanted) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let found = self.files.get(key.file_name());
        Ok(found.map(|bytes| Box::new(Claimed(bytes, (self.claims)(bytes))) as _))
    }

    fn read_len(&self) -> u64 {
        0
    }
}

impl ReadAt for Claimed<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}

impl StoredObject for Claimed<'_> {
    fn claims(&self) -> Claims {
        self.1
    }
}

/// Returns the correct digests.
fn honest(bytes: &[u8]) -> Claims {
    let mut hasher = ObjectHasher::default();
    hasher.update(bytes);
    let digests = hasher.finish();
    Claims { md5: Some(digests.md5), crc32c: Some(digests.crc32c), sha256: None }
}

#[test]
fn digests_from_a_store_only_trigger_a_full_comparison() {
    let pair = pair();
    let corrupted = |at: usize| {
        let mut files = pair.archives.clone();
        let kelp = files.get_mut("kelp-1.0.0.zip").expect("it is there");
        let middle = kelp.len() / at;
        kelp[middle] ^= 1;
        files
    };
    let lying = |_: &[u8]| Claims { crc32c: None, ..honest(b"something else") };
    type Row = (&'static str, Files, fn(&[u8]) -> Claims, bool);
    let rows: [Row; 4] = [
        ("as planned", pair.archives.clone(), honest, true),
        ("other bytes with their digests", corrupted(3), honest, false),
        ("a wrong digest", pair.archives.clone(), lying, true),
        ("other bytes without a digest", corrupted(3), |_| Claims::default(), true),
    ];
    for (row, files, claims, is_match) in rows {
        let mut options = options(Depth::Listing);
        options.plan = plan(&pair, |_| {});
        let place = Claiming { files, claims };
        let interrupt = AtomicBool::new(false);
        let outcome = verify(pair.repo.path(), &options, &place, &Silent, &interrupt);
        let outcome = outcome.expect("it finishes");
        assert_eq!(
            outcome.conclusion() == Conclusion::Match,
            is_match,
            "{row}: {:?}",
            lines(&outcome)
        );
        assert!(outcome.notices().contains(&Notice::NotListed), "{row}");
    }
}

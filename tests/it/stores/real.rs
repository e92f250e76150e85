//! Real servers, or emulators that others wrote: the same calls against each of them.
//!
//! `STORES` names the buckets, separated by spaces; without it, nothing is tested here. The bucket is accessed as
//! the environment says; objects are created below a fresh prefix, and stay. `.ci/stores` starts three servers.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use package_storage_migrate::digest::ObjectDigests;
use package_storage_migrate::model::package::ObjectKey;
use package_storage_migrate::v2::store::bucket::{
    Access, Bucket, BucketUrl, Environment, NewObject, StoreKind,
};
use package_storage_migrate::v2::store::http::Limits;
use package_storage_migrate::v2::store::{Place, Wanted};

use super::{at_once, create, creation, replacement, with};

/// Names that clients and servers are known to change.
const LITERAL: &[&str] = &[
    "[Logs Cassandra] Overview.json",
    "a b+c&d=e?f#g.json",
    "100%25 and %2F.json",
    "größe-日本.svg",
    "~tilde'(quote)!*;:@,$.txt",
];

fn buckets() -> Vec<BucketUrl> {
    let urls = std::env::var("STORES").unwrap_or_default();
    let run = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_nanos();
    let fresh = |url: &str| format!("{}/run-{run}", url.trim_end_matches('/'));
    urls.split_whitespace().map(|url| fresh(url).parse().expect("a bucket's URL")).collect()
}

fn open(url: &BucketUrl) -> Bucket {
    let environment = Environment::of_process();
    Bucket::open(url, &environment, Access::default(), Limits::default()).expect("a bucket")
}

#[test]
fn objects_are_created_once_and_kept() {
    for url in buckets() {
        let bucket = open(&url);
        let bytes = b"the first bytes";
        let key = "artifacts/packages/lantern-1.0.0.zip";
        assert_eq!(create(&bucket, key, bytes), "created", "{url}");
        assert_eq!(create(&bucket, key, bytes), "already there", "{url}");
        assert_eq!(create(&bucket, key, b"others"), "conflict with 15 bytes", "{url}");
        let head = bucket.head(key).expect("an answer").expect("an object");
        assert_eq!(head.len, 15, "{url}");
        let digests = ObjectDigests::of(bytes);
        assert_eq!(head.claims.md5, Some(digests.md5), "{url}: {head:?}");
        assert_eq!(head.content_type.as_deref(), Some("application/zip"), "{url}");
        assert_eq!(head.cache_control.as_deref(), Some("public, max-age=60"), "{url}");
        let listed = bucket.list("artifacts/").expect("a list");
        assert_eq!(listed.keys().collect::<Vec<_>>(), [key], "{url}");
        assert_eq!(listed[key].claims.md5, Some(digests.md5), "{url}");
        if url.kind() != StoreKind::S3 {
            assert_eq!(listed[key].content_type.as_deref(), Some("application/zip"), "{url}");
            let cache_control = listed[key].cache_control.as_deref();
            assert_eq!(cache_control, Some("public, max-age=60"), "{url}");
        }
        let planned =
            ObjectDigests { sha256: digests.sha256, ..ObjectDigests::of(b"other bytes!!!!") };
        let wrong = NewObject {
            key: "wrong",
            digests: &ObjectDigests { sha256: ObjectDigests::of(b"x").sha256, ..planned },
            content_type: "text/plain",
            cache_control: None,
            content: &&bytes[..],
        };
        let outcome = creation(bucket.create(&wrong));
        assert!(outcome.contains("SHA-256 differs"), "{url}: {outcome}");
        assert_eq!(bucket.head("wrong").expect("an answer"), None, "{url}");
    }
}

#[test]
fn the_store_checks_the_digests() {
    for url in buckets() {
        let bucket = open(&url);
        let bytes = b"damaged on the way";
        // Only the SHA-256 is right, so that the bytes are sent.
        let digests = ObjectDigests {
            sha256: ObjectDigests::of(bytes).sha256,
            ..ObjectDigests::of(b"damaged in the way")
        };
        let object = NewObject {
            key: "damaged",
            digests: &digests,
            content_type: "text/plain",
            cache_control: None,
            content: &&bytes[..],
        };
        let limits = Limits { attempts: 1, ..Limits::default() };
        let once = Bucket::open(&url, &Environment::of_process(), Access::default(), limits);
        let outcome = creation(once.expect("a bucket").create(&object));
        // fake-gcs-server 1.54 stores it; then its digests are those of other bytes.
        assert!(
            outcome.starts_with("failed") || outcome.starts_with("conflict"),
            "{url}: {outcome}"
        );
        drop(bucket);
    }
}

#[test]
fn keys_are_literal() {
    for url in buckets() {
        let bucket = open(&url);
        for name in LITERAL {
            let key = format!("package/lantern/1.0.0/{name}");
            assert_eq!(create(&bucket, &key, name.as_bytes()), "created", "{url} {name}");
            assert_eq!(create(&bucket, &key, name.as_bytes()), "already there", "{url} {name}");
            let (entry, bytes) = bucket.read(&key, 1000).expect("an answer").expect("an object");
            assert_eq!((entry.len, &bytes[..]), (name.len() as u64, name.as_bytes()), "{url}");
        }
        let listed = bucket.list("package/").expect("a list");
        let names: Vec<&str> =
            listed.keys().map(|key| key.rsplit_once('/').map_or("", |(_, name)| name)).collect();
        let mut expected = LITERAL.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected, "{url}");
    }
}

#[test]
fn one_of_many_wins() {
    for url in buckets() {
        let bucket = Arc::new(open(&url));
        let one = Arc::clone(&bucket);
        let results = at_once(24, move |_| create(&one, "same", b"the same bytes"));
        assert_eq!(results.iter().filter(|result| *result == "created").count(), 1, "{results:?}");
        assert!(results.iter().all(|result| result == "created" || result == "already there"));
        let one = Arc::clone(&bucket);
        let results = at_once(24, move |number| create(&one, "other", &[number as u8; 5]));
        let conflicts = vec!["conflict with 5 bytes".to_owned(); 23];
        assert_eq!(results, [conflicts, vec!["created".to_owned()]].concat(), "{url}");
    }
}

#[test]
fn an_object_is_replaced_only_in_the_known_state() {
    for url in buckets() {
        let bucket = Arc::new(open(&url));
        let state = |key: &str| bucket.head(key).expect("an answer").expect("an object").revision;
        let set = |bytes: &[u8], expected: Option<_>| {
            with("cursor.json", bytes, |object| replacement(bucket.replace(object, expected)))
        };
        assert_eq!(set(b"1", None), "replaced", "{url}");
        let first = state("cursor.json").expect("a state");
        assert_eq!(set(b"other", None), "moved", "{url}");
        assert_eq!(set(b"22", Some(&first)), "replaced", "{url}");
        assert_eq!(set(b"333", Some(&first)), "moved", "{url}");
        let second = state("cursor.json").expect("a state");
        let one = Arc::clone(&bucket);
        let results = at_once(24, move |number| {
            with("cursor.json", format!("run {number}").as_bytes(), |object| {
                replacement(one.replace(object, Some(&second)))
            })
        });
        let moved = vec!["moved".to_owned(); 23];
        assert_eq!(results, [moved, vec!["replaced".to_owned()]].concat(), "{url}");
    }
}

#[test]
fn lists_have_pages_and_archives_are_read() {
    for url in buckets() {
        let bucket = Arc::new(open(&url));
        // One more than fits into a page.
        let count = if url.kind() == StoreKind::Azure { 5001 } else { 1001 };
        let one = Arc::clone(&bucket);
        at_once(16, move |thread| {
            for number in (thread..count).step_by(16) {
                let key = format!("artifacts/packages/p-{number}.0.0.zip");
                assert_eq!(create(&one, &key, key.as_bytes()), "created");
            }
            String::new()
        });
        let place: &dyn Place = &*bucket;
        let names = place.list().expect("a list").expect("names");
        assert_eq!(names.len(), count, "{url}");
        let key = ObjectKey::try_from("artifacts/packages/p-7.0.0.zip".to_owned()).expect("a key");
        let expected = ObjectDigests::of(key.as_str().as_bytes());
        for wanted in [Wanted::Claims, Wanted::Tail(3), Wanted::Whole] {
            let found = place.find(&key, wanted).expect("an answer").expect("an object");
            assert_eq!(found.len(), 30, "{url} {wanted:?}");
            let claims = found.claims();
            assert!(claims.md5.is_none_or(|md5| md5 == expected.md5), "{url} {claims:?}");
            let mut bytes = [0; 9];
            found.read_exact_at(&mut bytes, 21).expect("bytes");
            assert_eq!(&bytes, b"7.0.0.zip", "{url} {wanted:?}");
        }
        let absent =
            ObjectKey::try_from("artifacts/packages/q-1.0.0.zip".to_owned()).expect("a key");
        assert!(place.find(&absent, Wanted::Whole).expect("an answer").is_none(), "{url}");
        assert!(!place.lacks_range_support(), "{url}");
    }
}

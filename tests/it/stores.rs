//! Buckets of the three stores: names, credentials, lists, and the outcome of writes.
//!
//! `support::bucket_server` stands in for the stores, with faults; `real` runs against real servers.

use std::sync::Arc;
use std::thread;

use package_storage_migrate::digest::ObjectDigests;
use package_storage_migrate::v2::store::bucket::{Bucket, Creation, NewObject, Replacement};

mod answers;
mod credentials;
mod faults;
mod reading;
mod real;
mod urls;

/// Calls a bucket with an object of these bytes.
fn with<R>(key: &str, bytes: &[u8], call: impl FnOnce(&NewObject<'_>) -> R) -> R {
    let digests = ObjectDigests::of(bytes);
    let content_type = "application/zip";
    let cache_control = Some("public, max-age=60");
    call(&NewObject { key, digests: &digests, content_type, cache_control, content: &bytes })
}

pub(crate) fn create(bucket: &Bucket, key: &str, bytes: &[u8]) -> String {
    with(key, bytes, |object| creation(bucket.create(object)))
}

/// Formats an outcome.
fn creation(creation: Creation) -> String {
    match creation {
        Creation::Created => "created".to_owned(),
        Creation::AlreadyThere => "already there".to_owned(),
        Creation::Conflict(entry) => format!("conflict with {} bytes", entry.len),
        Creation::Failed(error) => format!("failed: {error}"),
    }
}

fn replacement(replacement: Replacement) -> String {
    match replacement {
        Replacement::Replaced => "replaced".to_owned(),
        Replacement::Moved => "moved".to_owned(),
        Replacement::Failed(error) => format!("failed: {error}"),
    }
}

/// Calls a function on many threads at once, and returns the results, sorted.
fn at_once(count: usize, call: impl Fn(usize) -> String + Send + Sync + 'static) -> Vec<String> {
    let call = Arc::new(call);
    let threads: Vec<_> = (0..count)
        .map(|number| {
            let call = Arc::clone(&call);
            thread::spawn(move || call(number))
        })
        .collect();
    let mut results: Vec<String> =
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    results.sort();
    results
}

//! A place at a URL: the effect of each fault of a server, all within bounded time.

use std::io;
use std::time::{Duration, Instant};

use package_storage_migrate::error::Error;
use package_storage_migrate::model::package::ObjectKey;
use package_storage_migrate::v2::store::http::{BaseUrl, HttpPlace, Limits};
use package_storage_migrate::v2::store::{Place, PlaceArg, PlaceKind, Wanted};

use crate::support::fault_server::{ClosedPort, Delivery, FaultServer, Reply, Request};

mod faults;
mod requests;

/// Waits and attempts so small that a table of faults takes seconds; time-outs so long that only
/// data that never arrives reaches them.
pub(crate) const LIMITS: Limits = Limits {
    connect: Duration::from_secs(20),
    response: Duration::from_secs(20),
    idle: Duration::from_secs(20),
    attempt: Duration::from_secs(40),
    request: Duration::from_secs(120),
    attempts: 3,
    first_wait: Duration::from_millis(5),
    longest_wait: Duration::from_millis(20),
    longest_retry_after: Duration::from_secs(3),
    give_up_after: 10,
    object_len: 4 << 20,
    slowest_rate: 1 << 20,
    spacing: Duration::ZERO,
};

const NAME: &str = "lantern-1.0.0.zip";

/// Returns an object long enough to be read in several parts.
fn object() -> Vec<u8> {
    (0..1_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::try_from(format!("artifacts/packages/{name}")).expect("a key")
}

fn path(name: &str) -> String {
    format!("/artifacts/packages/{name}")
}

fn server(wrong: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static) -> FaultServer {
    FaultServer::serve([(path(NAME), object())], wrong)
}

fn open(server: &FaultServer, limits: Limits) -> HttpPlace {
    let base = server.url().parse().expect("a base URL");
    HttpPlace::open(base, limits).expect("a server that responds")
}

/// Finds the object and reads its end, a part far from it, and one that overlaps with the end.
/// Panics when a byte is wrong: no fault of a server may cause that.
fn read(place: &dyn Place, wanted: Wanted) -> io::Result<Option<()>> {
    let Some(found) = place.find(&key(NAME), wanted)? else { return Ok(None) };
    let object = object();
    assert_eq!(found.len(), object.len() as u64);
    for (offset, len) in [(995_000, 5000), (100, 1000), (900_000, 100_000), (0, 0)] {
        let mut bytes = vec![0; len];
        found.read_exact_at(&mut bytes, offset as u64)?;
        assert!(bytes == object[offset..offset + len], "other bytes at {offset}");
    }
    Ok(Some(()))
}

/// Formats the outcome: `read`, `absent`, or the error.
fn outcome(read: io::Result<Option<()>>) -> String {
    match read {
        Ok(Some(())) => "read".to_owned(),
        Ok(None) => "absent".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_place_is_unreachable_only_if_no_server_responds() {
    let closed = ClosedPort::take();
    let port = closed.port;
    let base: BaseUrl = format!("http://user:secret@127.0.0.1:{port}/v2").parse().unwrap();
    let error = HttpPlace::open(base, LIMITS).err().expect("no server responds");
    assert_eq!(error.to_string(), format!("cannot reach http://127.0.0.1:{port}/v2/"));
    assert!(matches!(error, Error::ReachPlace { certificate: false, .. }));
    assert!(error.hint().contains("https_proxy"));
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(cause.contains("refused") && cause.ends_with(", after 3 attempts"), "{cause}");
    assert!(!format!("{error:?}").contains("secret"));

    for status in [403, 404, 405, 500] {
        let server = server(move |_, _| Reply::status(status));
        let place = HttpPlace::open(server.url().parse().unwrap(), LIMITS);
        assert!(place.is_ok(), "{status}");
    }
}

#[test]
fn an_outage_ends_a_run_soon() {
    let server = server(|_, reply| match reply.status {
        404 => reply,
        _ => Reply::status(503),
    });
    let place = open(&server, Limits { give_up_after: 4, ..LIMITS });
    let outcomes: Vec<String> = (0..6).map(|_| outcome(read(&place, Wanted::Tail(1)))).collect();
    let failed = "HTTP status 503, after 3 attempts";
    let given_up = "not requested: 4 requests in a row failed before";
    assert_eq!(outcomes, [failed, failed, failed, failed, given_up, given_up]);
    assert_eq!(server.requests().len(), 1 + 4 * 3);
}

#[test]
fn retry_after_delays_every_request() {
    let server = server(|request, reply| match (request.method.as_str(), request.earlier) {
        ("GET", 0) => Reply::status(429).with("retry-after", "1"),
        _ => reply,
    });
    let place = open(&server, Limits { attempts: 1, ..LIMITS });
    let start = Instant::now();
    assert_eq!(outcome(read(&place, Wanted::Whole)), "HTTP status 429");
    assert_eq!(outcome(read(&place, Wanted::Whole)), "read");
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[test]
fn places_are_folders_and_urls() {
    let url = |text: &str| text.parse::<BaseUrl>().map(|url| url.to_string());
    let rows = [
        ("https://v2.test", Ok("https://v2.test/")),
        ("https://v2.test/", Ok("https://v2.test/")),
        ("HTTP://v2.test:8080/a/b", Ok("http://v2.test:8080/a/b/")),
        ("http://user:secret@v2.test/a/", Ok("http://v2.test/a/")),
        ("http://[::1]:80/", Ok("http://[::1]:80/")),
        ("http://v2.test/?a", Err("a base URL must not contain ? or #")),
        ("http://v2.test/#a", Err("a base URL must not contain ? or #")),
        (
            "http://",
            Err(
                "expected a URL with a host; special characters in its path must be percent-encoded",
            ),
        ),
        (
            "http:///a",
            Err(
                "expected a URL with a host; special characters in its path must be percent-encoded",
            ),
        ),
        (
            "http://v2.test/a b",
            Err(
                "expected a URL with a host; special characters in its path must be percent-encoded",
            ),
        ),
        ("ftp://v2.test/", Err("a base URL must start with https:// or http://")),
        ("v2.test", Err("a base URL must start with https:// or http://")),
    ];
    for (text, expected) in rows {
        let found = url(text).map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
    let rows = [
        ("v2", "folder"),
        ("/a/v2", "folder"),
        ("C:\\v2", "folder"),
        ("https://v2.test/", "url"),
        ("HTTPS://v2.test/", "url"),
        ("", "expected a folder or a URL"),
        ("gs://bucket", "bucket"),
        ("S3://bucket/a/b", "bucket"),
        ("az://container", "bucket"),
        ("s3://", "the name of a bucket"),
        ("s3://key:secret@bucket", "the name of a bucket"),
        ("file:///v2", "a URL that starts with https://, http://, gs://, s3:// or az://"),
        ("https://v2.test/?a", "must not contain ? or #"),
    ];
    for (text, expected) in rows {
        let found = match text.parse::<PlaceArg>().map(|place| place.kind) {
            Ok(PlaceKind::Folder(folder)) => {
                assert_eq!(folder.to_str(), Some(text));
                "folder".to_owned()
            }
            Ok(PlaceKind::Url(_)) => "url".to_owned(),
            Ok(PlaceKind::Bucket(_)) => "bucket".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expected), "{text}: {found}");
    }
}

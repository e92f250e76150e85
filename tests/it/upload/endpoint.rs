//! `verify --endpoint`: objects of an uploaded v2, read as registries do. `at_the_end` tests `upload --endpoint`.
//!
//! The endpoint is another server over the same store, so that a request to it is told apart from one to the store.

mod at_the_end;

use std::fs;

use package_storage_migrate::v2::store::bucket::StoreKind;
use serde_json::Value;

use super::{ALL, CURSOR, Migrated, PREFIX, S3, SECRETS, THREE, serve, upload};
use crate::support::bucket_server::Store;
use crate::support::fault_server::{FaultServer, Reply, Request};
use crate::support::schemas::assert_valid;
use crate::support::tool::{Ran, Tool};

/// The smallest archive.
const PIER: &str = "artifacts/packages/pier-2.0.0.zip";
/// The first one of the smallest static resources.
const STATIC: &str = "artifacts/static/beacon-1.0.0/img/[Logs Cassandra] 100%25 ü.svg";

/// Fills a store with the three revisions.
fn filled(kind: StoreKind) -> (Store, FaultServer) {
    let store = Store::new(kind);
    let server = serve(&store);
    upload(&THREE.path(), &store, &server, "").0.expect_code(0, "upload");
    (store, server)
}

pub(super) type Wrong = fn(&Store, &Request, Reply) -> Reply;

/// Serves the objects of a store like a public bucket.
pub(super) fn public(store: &Store, wrong: Wrong) -> FaultServer {
    let mut public = store.clone();
    public.kind = S3;
    public.serve(move |store, request| {
        assert_eq!(request.header("authorization"), None);
        let mut reply = wrong(store, request, store.correct(request));
        if request.method == "GET" {
            // That of the body which is sent.
            reply.headers.retain(|(name, _)| *name != "content-length");
        }
        reply
    })
}

pub(super) fn url(endpoint: &FaultServer) -> String {
    format!("http://127.0.0.1:{}/bkt/pre%20fix/%5Bv2%5D/", endpoint.port)
}

fn verify(of: &Migrated, place: &str, args: &str) -> Tool {
    let tool = Tool::bare().arg("verify").arg(of.v1()).arg("--v2").arg(place);
    tool.args("--report -").args(args)
}

fn verify_bucket(store: &Store, server: &FaultServer, args: &str) -> Ran {
    let tool = verify(&THREE, &format!("{}://bkt/{PREFIX}", store.kind), args);
    let variables = store.variables(server);
    let ran = variables.iter().fold(tool, |tool, (name, value)| tool.env(name, value)).run();
    let all = ran.to_string();
    assert!(SECRETS.iter().all(|secret| !all.contains(secret)), "{all}");
    ran
}

fn report(ran: &Ran) -> Value {
    let report = ran.json();
    assert_valid("verify-report", &report, "endpoint");
    report
}

/// Returns the objects that were read, with their results.
fn read(report: &Value) -> Vec<String> {
    let objects = report["endpoint"]["objects"].as_array().unwrap().iter();
    let text = |object: &Value, name: &str| object[name].as_str().unwrap().to_owned();
    let line =
        |object: &Value| ["kind", "object", "result"].map(|name| text(object, name)).join(" ");
    objects.map(line).collect()
}

/// Returns the codes of mismatches, each once, with the number of objects.
fn codes(report: &Value) -> Vec<String> {
    let mismatches = report["mismatches"].as_array().unwrap();
    let mut codes: Vec<&str> = mismatches.iter().map(|m| m["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes.chunk_by(|a, b| a == b).map(|of| format!("{} {}", of.len(), of[0])).collect()
}

#[test]
fn an_object_of_each_kind_is_read_without_credentials() {
    for kind in ALL {
        let (store, server) = filled(*kind);
        let endpoint = public(&store, |_, _, reply| reply);
        for depth in ["listing", "entries", "content"] {
            let before = endpoint.requests().len();
            let args = format!("--depth {depth} --exact --endpoint {}", url(&endpoint));
            let ran = verify_bucket(&store, &server, &args).expect_code(0, depth);
            let line =
                "4 of 4 objects at the endpoint: archive, signature, static resource, cursor";
            assert!(ran.stderr.contains(line), "{kind} {ran}");
            assert!(ran.stderr.contains(", 4 of 4 objects at the endpoint, "), "{kind} {ran}");
            assert!(ran.stderr.contains(&format!("Endpoint  {}", url(&endpoint))), "{ran}");
            let report = report(&ran);
            let expected = [
                format!("archive {PIER} good"),
                format!("signature {PIER}.sig good"),
                format!("static {STATIC} good"),
                format!("cursor {CURSOR} good"),
            ];
            assert_eq!(read(&report), expected, "{kind} {depth}");
            assert_eq!(report["endpoint"]["url"], url(&endpoint));
            assert_eq!(report["verdict"]["conclusion"], "match");
            let requests = &endpoint.requests()[before..];
            let methods: Vec<&str> = requests.iter().map(|sent| sent.method.as_str()).collect();
            assert_eq!(methods, ["HEAD", "GET", "GET", "GET", "GET"], "{kind} {depth}");
        }
    }
}

fn is_get(request: &Request, end: &str) -> bool {
    request.method == "GET" && request.path.ends_with(end)
}

fn page() -> Reply {
    let body = b"<html>Log in</html>".to_vec();
    Reply { body, ..Reply::status(200).with("content-type", "text/html") }
}

/// Every fault of an endpoint: the exit code's class, and the codes with their numbers.
#[rustfmt::skip]
const ROWS: &[(&str, Wrong, &str, &[&str])] = &[
    ("none", |_, _, r| r, "match", &[]),
    ("401", |_, _, _| Reply::status(401), "mismatch", &["4 endpoint-refused"]),
    ("403", |s, _, _| s.error(403, "AccessDenied"), "mismatch", &["4 endpoint-refused"]),
    ("Azure's 409", |s, _, _| s.error(409, "PublicAccessNotPermitted"), "mismatch", &["4 endpoint-refused"]),
    ("404", |s, _, _| s.error(404, "NoSuchBucket"), "mismatch", &["4 endpoint-missing"]),
    ("410", |_, _, _| Reply::status(410), "mismatch", &["4 endpoint-missing"]),
    ("403 for signatures", |_, q, r| if is_get(q, ".sig") { Reply::status(403) } else { r }, "mismatch", &["1 endpoint-refused"]),
    ("404 for static resources", |_, q, r| if is_get(q, ".svg") { Reply::status(404) } else { r }, "mismatch", &["1 endpoint-missing"]),
    ("a byte that differs", |_, q, mut r| { if is_get(q, ".zip") { r.body[100] ^= 1; } r }, "mismatch", &["1 endpoint-differs"]),
    ("a byte more", |_, q, mut r| { if is_get(q, ".zip") { r.body.push(0); } r }, "mismatch", &["1 endpoint-differs"]),
    ("a byte less", |_, q, mut r| { if is_get(q, ".zip") { r.body.pop(); } r }, "mismatch", &["1 endpoint-differs"]),
    ("an empty answer", |_, _, _| Reply::status(200), "mismatch", &["4 endpoint-differs"]),
    ("a login page", |_, _, _| page(), "mismatch", &["4 endpoint-differs"]),
    ("a redirect to the object", |s, q, _| moved(s, q), "match", &[]),
    ("a redirect to a login page", |_, q, _| if q.path == "/login" { page() } else { Reply::status(302).with("location", "/login") }, "mismatch", &["4 endpoint-differs"]),
    ("an old cursor", |_, q, mut r| { if is_get(q, "cursor.json") { r.body = br#"{"current":"1"}"#.to_vec(); } r }, "mismatch", &["1 endpoint-differs"]),
    ("a cursor that is replaced while it is read", |s, q, r| if is_get(q, "cursor.json") { replaced(s, r) } else { r }, "match", &[]),
    ("503 for an hour", |_, q, r| if q.method == "GET" { Reply::status(503).with("retry-after", "3600") } else { r }, "not-proven", &["4 endpoint-unreachable"]),
    ("429 for an hour", |_, q, r| if q.method == "GET" { Reply::status(429).with("retry-after", "3600") } else { r }, "not-proven", &["4 endpoint-unreachable"]),
    ("a proxy that asks for credentials", |_, _, _| Reply::status(407), "not-proven", &["4 endpoint-unreachable"]),
    ("an odd status", |_, _, _| Reply::status(203), "not-proven", &["4 endpoint-unreachable"]),
    ("gzip", |_, _, r| r.with("content-encoding", "gzip"), "not-proven", &["4 endpoint-unreachable"]),
];

/// Redirects each request, and serves the object at the new path.
fn moved(store: &Store, request: &Request) -> Reply {
    match request.path.strip_prefix("/moved") {
        Some(path) => store.correct(&Request { path: path.to_owned(), ..request.clone() }),
        None => Reply::status(302).with("location", format!("/moved{}", request.path)),
    }
}

/// Replaces the cursor in the store by one with other spaces, and serves that.
fn replaced(store: &Store, reply: Reply) -> Reply {
    let mut body = reply.body;
    body.push(b'\n');
    store.put(&format!("{PREFIX}/{CURSOR}"), &body);
    Reply { body, ..Reply::status(200) }
}

#[test]
fn every_fault_of_an_endpoint_is_found() {
    let mut differences = Vec::new();
    for (fault, wrong, conclusion, expected) in ROWS {
        let (store, server) = filled(S3);
        let endpoint = public(&store, *wrong);
        let args = format!("--depth listing --endpoint {}", url(&endpoint));
        let ran = verify_bucket(&store, &server, &args);
        let report = report(&ran);
        let found = (report["verdict"]["conclusion"].as_str().unwrap(), codes(&report));
        let is_code = ran.code == Some(i32::from(*conclusion != "match"));
        if found.0 != *conclusion || found.1 != *expected || !is_code {
            differences.push(format!("{fault}: {found:?}, code {:?}", ran.code));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What is read depends on what is there, and on what is looked at.
#[test]
fn only_what_exists_and_is_looked_at_is_read() {
    type Edit = fn(&Store);
    let rows: [(&str, Edit, &str, &[&str]); 6] = [
        ("archives", |_| (), "archives", &["archive pier", "signature pier"]),
        ("static resources", |_| (), "static", &["static beacon"]),
        ("the index", |_| (), "index", &["cursor"]),
        (
            "no signature of the smallest archive",
            |store| store.remove(&format!("{PREFIX}/{PIER}.sig")),
            "archives",
            &["archive beacon", "signature beacon"],
        ),
        (
            "no signature",
            |store| {
                let keys = store.keys().into_iter();
                keys.filter(|key| key.ends_with(".sig")).for_each(|key| store.remove(&key));
            },
            "archives",
            &["archive pier"],
        ),
        (
            "a larger archive",
            |store| {
                store.edit(&format!("{PREFIX}/{PIER}"), |object| object.bytes.resize(20_000, 0));
            },
            "archives",
            &["archive beacon", "signature beacon"],
        ),
    ];
    for (what, edit, kinds, expected) in rows {
        let (store, server) = filled(S3);
        edit(&store);
        let endpoint = public(&store, |_, _, reply| reply);
        let url = url(&endpoint);
        let args = format!("--depth listing --resources {kinds} --endpoint {url}");
        let ran = verify_bucket(&store, &server, &args).expect_code(0, what);
        let shown = |line: &String| {
            let name = ["beacon", "lantern", "pier"].into_iter().find(|name| line.contains(*name));
            let kind = line.split(' ').next().unwrap();
            name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}"))
        };
        let found: Vec<String> = read(&report(&ran)).iter().map(shown).collect();
        assert_eq!(found, expected, "{what}");
    }
    // An index that lies elsewhere is not for registries.
    let (store, server) = filled(S3);
    let endpoint = public(&store, |_, _, reply| reply);
    let args = format!("--depth listing --endpoint {}", url(&endpoint));
    let tool =
        verify(&THREE, &format!("s3://bkt/{PREFIX}"), &args).arg("--index").arg(THREE.path());
    let variables = store.variables(&server);
    let ran = variables.iter().fold(tool, |tool, (name, value)| tool.env(name, value)).run();
    let found = read(&report(&ran.expect_code(0, "index")));
    assert_eq!(found.len(), 3, "{found:?}");
}

/// A folder, and places that cannot be listed.
#[test]
fn every_place_can_be_compared_with_an_endpoint() {
    let (store, server) = filled(S3);
    let endpoint = public(&store, |_, _, reply| reply);
    let args = format!("--endpoint {}", url(&endpoint));
    let flat = THREE.path().join("artifacts/packages");
    let v2 = THREE.path();
    // The smallest archive, or the first one where sizes are unknown.
    for (place, count, first) in [
        (v2.to_str().unwrap(), 4, PIER),
        (flat.to_str().unwrap(), 2, PIER),
        (&*url(&endpoint), 3, "artifacts/packages/beacon-1.0.0.zip"),
    ] {
        let ran = verify(&THREE, place, &args).run().expect_code(0, place);
        let found = read(&report(&ran));
        assert_eq!(found.len(), count, "{place}: {found:?}");
        assert_eq!(found[0], format!("archive {first} good"), "{place}");
    }
    drop(server);
    let denied = store.serve(|store, request| match request.path.contains("list-type=") {
        true => store.error(403, "AccessDenied"),
        false => store.correct(request),
    });
    let ran = verify_bucket(&store, &denied, &args).expect_code(0, "a list that is denied");
    assert_eq!(read(&report(&ran)).len(), 4);
    assert!(ran.stderr.contains("v2 cannot be listed"), "{ran}");
}

/// Nothing to read is no proof, and the verdict says so.
#[test]
fn an_empty_bucket_has_nothing_to_read() {
    let store = Store::new(S3);
    let server = serve(&store);
    let endpoint = public(&store, |_, _, reply| reply);
    let args = format!("--endpoint {}", url(&endpoint));
    let ran = verify_bucket(&store, &server, &args).expect_code(1, "an empty bucket");
    assert_eq!(read(&report(&ran)), Vec::<String>::new());
    assert!(ran.stderr.contains("0 of 0 objects at the endpoint: none is there"), "{ran}");
    let text = "0 of 0 objects at the endpoint as expected, nothing was checked";
    assert!(ran.stderr.contains(text), "{ran}");
}

#[test]
fn an_endpoint_that_cannot_be_used_ends_the_run() {
    let rows = [
        ("ftp://v2.example.org/", 2, "--endpoint: a base URL must start with https:// or http://"),
        ("", 2, "--endpoint: a base URL must start with"),
        ("https://v2.example.org/?token=planted", 2, "--endpoint: a base URL must not contain ?"),
        (
            "https://user:planted@v2.example.org/",
            2,
            "--endpoint: expected a URL without credentials",
        ),
        ("http://127.0.0.1:9/", 3, "cannot reach http://127.0.0.1:9/"),
    ];
    for (url, code, expected) in rows {
        let tool = verify(&THREE, THREE.path().to_str().unwrap(), "");
        let ran = tool.arg("--endpoint").arg(url).run().expect_code(code, url);
        assert!(ran.stderr.contains(expected), "{url}: {ran}");
        assert!(!ran.to_string().contains("planted"), "{url}: {ran}");
    }
    let ran = Tool::bare().arg("verify").arg(THREE.v1()).args("--registry-url http://127.0.0.1:9/");
    let ran = ran.args("--endpoint http://127.0.0.1:9/").run().expect_code(2, "a registry");
    assert!(ran.stderr.contains("--endpoint requires --v2"), "{ran}");
}

/// The other formats name what was read, too.
#[test]
fn every_report_shows_the_endpoint() {
    let (store, server) = filled(S3);
    let endpoint = public(&store, |_, _, _| Reply::status(403));
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let args = format!(
        "--depth listing --endpoint {} --report {} --report {} --junit {}",
        url(&endpoint),
        path("a.md"),
        path("a.html"),
        path("a.xml"),
    );
    verify_bucket(&store, &server, &args).expect_code(1, "403");
    for name in ["a.md", "a.html", "a.xml"] {
        let text = fs::read_to_string(path(name)).unwrap();
        // Markdown escapes a part of the URL.
        let port = endpoint.port.to_string();
        for expected in ["endpoint-refused", "HTTP status 403", &port] {
            assert!(text.contains(expected), "{name}: {expected}\n{text}");
        }
    }
}

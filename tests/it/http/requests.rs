//! The requests that a server receives, their number, and the counted bytes of its responses.

use super::*;

/// Formats requests for objects: method, path below the archives, range.
fn lines(server: &FaultServer) -> Vec<String> {
    let line = |request: Request| {
        let name = request.path.strip_prefix("/artifacts/packages/")?.to_owned();
        let range = request.header("range").unwrap_or("whole").to_owned();
        Some(format!("{} {name} {range}", request.method))
    };
    server.requests().into_iter().filter_map(line).skip(1).collect()
}

/// What is wanted, the reads (offset and length), the requests, and the number of received bytes.
type Row<'a> = (Wanted, &'a [(u64, usize)], &'a [&'a str], u64);

#[test]
fn an_archive_costs_one_request() {
    let rows: [Row; 7] = [
        (Wanted::Claims, &[], &["HEAD X whole"], 0),
        (Wanted::Whole, &[(0, 1_000_000), (5, 5)], &["GET X whole"], 1_000_000),
        // The reads of an archive reader.
        (Wanted::Tail(22), &[(991_808, 8192), (999_978, 22)], &["GET X bytes=-8192"], 8192),
        (
            Wanted::Tail(20_000),
            &[(991_808, 8192), (980_000, 20_000)],
            &["GET X bytes=-20000"],
            20_000,
        ),
        // A directory longer than expected: the missing part is requested once, and kept.
        (
            Wanted::Tail(10_000),
            &[(991_808, 8192), (985_000, 100), (987_000, 10_000)],
            &["GET X bytes=-10000", "GET X bytes=985000-989999"],
            15_000,
        ),
        // Far from the end: only the requested bytes.
        (
            Wanted::Tail(10_000),
            &[(30, 40), (30, 40)],
            &["GET X bytes=-10000", "GET X bytes=30-69", "GET X bytes=30-69"],
            10_080,
        ),
        (Wanted::Tail(2_000_000), &[(0, 1_000_000)], &["GET X bytes=-2000000"], 1_000_000),
    ];
    for (wanted, reads, expected, read_len) in rows {
        let server = server(|_, reply| reply);
        let place = open(&server, LIMITS);
        let found = place.find(&key(NAME), wanted).unwrap().expect("it exists");
        for (offset, len) in reads {
            let mut bytes = vec![0; *len];
            found.read_exact_at(&mut bytes, *offset).unwrap();
            let start = usize::try_from(*offset).unwrap();
            assert!(bytes == object()[start..start + len], "{wanted:?} at {offset}");
        }
        let expected: Vec<String> = expected.iter().map(|line| line.replace('X', NAME)).collect();
        assert_eq!(lines(&server), expected, "{wanted:?}");
        assert_eq!(place.read_len(), read_len, "{wanted:?}");
    }
}

#[test]
fn small_objects_are_read_completely() {
    for len in [0, 1, 100, 8192, 8193] {
        let bytes = object()[..len].to_vec();
        let server = FaultServer::serve([(path(NAME), bytes.clone())], |_, reply| reply);
        let place = open(&server, LIMITS);
        for wanted in [Wanted::Claims, Wanted::Tail(1), Wanted::Whole] {
            let found = place.find(&key(NAME), wanted).unwrap().expect("it exists");
            assert_eq!(found.len(), len as u64);
            let mut read = vec![0; len];
            found.read_exact_at(&mut read, 0).unwrap();
            assert!(read == bytes, "{len} {wanted:?}");
            let beyond = found.read_exact_at(&mut [0], len as u64).expect_err("beyond the end");
            assert_eq!(beyond.kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}

#[test]
fn connections_are_reused_and_failed_attempts_are_counted() {
    let server = server(|request, reply| match request.earlier {
        0 if request.path == path(NAME) => reply.delivered(Delivery::Cut(1000)),
        _ => reply,
    });
    let place = open(&server, LIMITS);
    for _ in 0..10 {
        place.find(&key(NAME), Wanted::Tail(1)).unwrap().expect("it exists");
        assert!(place.find(&key("beacon-1.0.0.zip"), Wanted::Tail(1)).unwrap().is_none());
    }
    assert_eq!(server.connection_count(), 2, "one, and another after it was closed early");
    let missing_len = "no such object".len() as u64;
    assert_eq!(place.read_len(), 1000 + 10 * (8192 + missing_len));
}

#[test]
fn missing_range_support_is_detected_once() {
    let server = server(|request, reply| match request.method.as_str() {
        "GET" => Reply { body: object(), ..Reply::status(200) },
        _ => reply,
    });
    let place = open(&server, LIMITS);
    assert!(!place.lacks_range_support());
    for _ in 0..3 {
        assert_eq!(outcome(read(&place, Wanted::Tail(1))), "read");
    }
    assert!(place.lacks_range_support());
    let mut expected = vec![
        format!("GET {NAME} bytes=-8192"),
        format!("HEAD {NAME} whole"),
        format!("GET {NAME} bytes=991808-999999"),
    ];
    expected.extend([format!("GET {NAME} whole"), format!("GET {NAME} whole")]);
    assert_eq!(lines(&server), expected);
}

#[test]
fn requests_have_a_user_agent_credentials_and_encoded_keys() {
    let name = "lantern-1.0.0+a b[1]é.zip";
    let encoded = "lantern-1.0.0%2Ba%20b%5B1%5D%C3%A9.zip";
    let below = format!("/v2/deep/artifacts/packages/{encoded}");
    let server = FaultServer::serve([(below.clone(), object())], |_, reply| reply);
    let base = format!("http://user:s%40c@127.0.0.1:{}/v2/deep", server.port);
    let place = HttpPlace::open(base.parse().unwrap(), LIMITS).unwrap();
    assert!(place.find(&key(name), Wanted::Tail(1)).unwrap().is_some());
    assert!(place.list().unwrap().is_none());

    let requests = server.requests();
    assert_eq!(requests[0].path, "/v2/deep/artifacts/packages/");
    assert_eq!(requests[1].path, below);
    let agent = concat!("package-storage-migrate/", env!("CARGO_PKG_VERSION"));
    for request in &requests {
        assert_eq!(request.header("user-agent"), Some(agent));
        assert_eq!(request.header("accept-encoding"), Some("identity"));
        // user:s@c
        assert_eq!(request.header("authorization"), Some("Basic dXNlcjpzQGM="));
    }
}

#[test]
fn redirects_are_followed_with_their_range_but_without_credentials() {
    let target = server(|_, reply| reply);
    let location = format!("{}artifacts/packages/{NAME}", target.url());
    let front = server(move |_, _| Reply::status(302).with("location", location.clone()));
    let base = format!("http://user:secret@127.0.0.1:{}/", front.port);
    let place = HttpPlace::open(base.parse().unwrap(), LIMITS).unwrap();
    assert_eq!(outcome(read(&place, Wanted::Tail(1))), "read");
    let ranges: Vec<_> = target
        .requests()
        .iter()
        .filter_map(|request| request.header("range").map(str::to_owned))
        .collect();
    assert_eq!(ranges, ["bytes=-8192", "bytes=100-1099", "bytes=900000-991807"]);
    assert!(target.requests().iter().all(|request| request.header("authorization").is_none()));
}

/// A server's response to a request for more bytes than the object has.
type Short = (&'static str, fn(Reply, usize) -> Reply);

const SHORT: [Short; 5] = [
    // RFC 9110, 14.1.2: nginx, Apache, S3, GCS.
    ("the whole object", |reply, _| reply),
    // range-parser, used by Express, http-server and serve.
    ("416, with the length", |_, len| {
        Reply::status(416).with("content-range", format!("bytes */{len}"))
    }),
    // Starlette.
    ("416, with no unit", |_, len| Reply::status(416).with("content-range", format!("*/{len}"))),
    ("416", |_, _| Reply::status(416)),
    ("400", |_, _| Reply::status(400)),
];

#[test]
fn objects_shorter_than_the_requested_range_are_read() {
    for (what, short) in SHORT {
        for len in [1_usize, 100, 8191] {
            let bytes = object()[..len].to_vec();
            let objects = [(path(NAME), bytes.clone())];
            let server =
                FaultServer::serve(objects, move |request, reply| match request.header("range") {
                    Some(range) if range.starts_with("bytes=-") => short(reply, len),
                    _ => reply,
                });
            let place = open(&server, LIMITS);
            let found = place.find(&key(NAME), Wanted::Tail(1));
            if what == "400" {
                // A status after which no other range is requested.
                let error = found.err().expect("an error");
                assert_eq!(error.to_string(), "HTTP status 400");
                continue;
            }
            let found = found.unwrap().expect("it exists");
            assert_eq!(found.len(), len as u64, "{what}");
            let mut read = vec![0; len];
            found.read_exact_at(&mut read, 0).unwrap();
            assert!(read == bytes, "{what} {len}");
            let requests = lines(&server).len();
            assert!(requests <= 3, "{what}: {requests} requests");
            // A server that sends the length supports tail ranges nevertheless.
            place.find(&key("beacon-1.0.0.zip"), Wanted::Tail(1)).unwrap();
            if what.contains("with the length") {
                let request = "GET beacon-1.0.0.zip bytes=-8192".to_owned();
                assert!(lines(&server).contains(&request), "{what}");
            }
            assert!(!place.lacks_range_support(), "{what}");
        }
    }
}

#[test]
fn a_failed_head_does_not_affect_the_object() {
    for status in [400, 401, 403, 404, 405, 501] {
        let server = server(move |request, reply| match request.method.as_str() {
            "HEAD" => Reply::status(status),
            _ => reply,
        });
        let place = open(&server, LIMITS);
        for _ in 0..2 {
            let found = place.find(&key(NAME), Wanted::Claims).unwrap().expect("it exists");
            assert_eq!(found.len(), 1_000_000);
        }
        assert!(place.find(&key("beacon-1.0.0.zip"), Wanted::Claims).unwrap().is_none());
        let expected = [
            format!("HEAD {NAME} whole"),
            format!("GET {NAME} bytes=0-0"),
            // The failed method is not tried again.
            format!("GET {NAME} bytes=0-0"),
            "GET beacon-1.0.0.zip bytes=0-0".to_owned(),
        ];
        assert_eq!(lines(&server), expected, "{status}");
        assert_eq!(place.read_len(), 2 + "no such object".len() as u64);
    }
    // A missing object is requested with both methods, and HEAD stays in use.
    let server = server(|_, reply| reply);
    let place = open(&server, LIMITS);
    for _ in 0..2 {
        assert!(place.find(&key("beacon-1.0.0.zip"), Wanted::Claims).unwrap().is_none());
    }
    let both = ["HEAD beacon-1.0.0.zip whole", "GET beacon-1.0.0.zip bytes=0-0"];
    assert_eq!(lines(&server), [both, both].concat());
}

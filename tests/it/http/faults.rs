//! The outcome of each fault, and the number of requests: one row per fault.

use super::*;

type Wrong = fn(&Request, Reply) -> Reply;

struct Row {
    fault: &'static str,
    wrong: Wrong,
    /// The outcome, or its start followed by `…`.
    outcome: &'static str,
    /// Number of requests for the object, HEAD and GET; 0 where a slow machine may need more.
    requests: usize,
}

const fn row(fault: &'static str, wrong: Wrong, outcome: &'static str, requests: usize) -> Row {
    Row { fault, wrong, outcome, requests }
}

/// Applies the fault to the first GET of the object only.
fn once(request: &Request, sound: Reply, wrong: impl FnOnce(Reply) -> Reply) -> Reply {
    if request.method == "GET" && request.earlier == 0 { wrong(sound) } else { sound }
}

/// Applies the fault to every GET but the first.
fn later(request: &Request, sound: Reply, wrong: impl FnOnce(Reply) -> Reply) -> Reply {
    if request.method == "GET" && request.earlier > 0 { wrong(sound) } else { sound }
}

fn is_tail(request: &Request) -> bool {
    request.header("range").is_some_and(|range| range.starts_with("bytes=-"))
}

/// Removes the object's length from a partial response.
fn of_unknown_len(reply: Reply) -> Reply {
    let part = reply.headers.iter().find(|(name, _)| *name == "content-range");
    match part.and_then(|(_, part)| part.rsplit_once('/')) {
        Some((part, _)) => {
            let part = format!("{part}/*");
            reply.with("content-range", part)
        }
        None => reply,
    }
}

/// Returns the response of a server without range support.
fn whole() -> Reply {
    Reply { body: object(), ..Reply::status(200) }
}

const HOUR: Duration = Duration::from_secs(60 * 60);

const ROWS: &[Row] = &[
    row("none", |_, reply| reply, "read", 3),
    row("404", |_, _| Reply::status(404), "absent", 1),
    row("410", |_, _| Reply::status(410), "absent", 1),
    row("401", |_, _| Reply::status(401), "HTTP status 401", 1),
    // S3's response for a missing object without list permission: nothing is known.
    row("403", |_, _| Reply::status(403), "HTTP status 403", 1),
    row("404 later", |a, r| later(a, r, |_| Reply::status(404)), "HTTP status 404", 2),
    row("a success without content", |_, _| Reply::status(204), "HTTP status 204", 1),
    row("500 once", |a, r| once(a, r, |_| Reply::status(500)), "read", 4),
    row(
        "500 every time",
        |a, r| match a.method.as_str() {
            "GET" => Reply::status(500),
            _ => r,
        },
        "HTTP status 500, after 3 attempts",
        3,
    ),
    row(
        "500 every time, later",
        |a, r| later(a, r, |_| Reply::status(500)),
        "HTTP status 500, after 3 attempts",
        4,
    ),
    row("408 once", |a, r| once(a, r, |_| Reply::status(408)), "read", 4),
    row("429 once", |a, r| once(a, r, |_| Reply::status(429).with("retry-after", "1")), "read", 4),
    row(
        "429 for an hour",
        |a, r| once(a, r, |_| Reply::status(429).with("retry-after", "3600")),
        "the server asks to wait 35…",
        1,
    ),
    row(
        "503 until a date in the past",
        |a, r| {
            once(a, r, |_| Reply::status(503).with("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"))
        },
        "read",
        4,
    ),
    row(
        "a truncated body once",
        |a, r| once(a, r, |r| r.delivered(Delivery::Cut(1000))),
        "read",
        4,
    ),
    row(
        "a truncated body every time",
        |_, r| r.delivered(Delivery::Cut(1000)),
        "the server closed the connection early, after 3 attempts",
        3,
    ),
    row(
        "a truncated body later",
        |a, r| later(a, r, |r| r.delivered(Delivery::Cut(10))),
        "the server closed the connection early, after 3 attempts",
        4,
    ),
    row(
        "a short body that ends properly",
        |_, mut r| {
            r.body.truncate(1000);
            r.delivered(Delivery::Chunked)
        },
        "the body ended after 1000 of 8192 bytes, after 3 attempts",
        3,
    ),
    row(
        "a short body of another length",
        |_, mut r| {
            r.body.truncate(1000);
            r
        },
        "the body ended after 1000 of 8192 bytes, after 3 attempts",
        3,
    ),
    row(
        "a long body",
        |_, mut r| {
            r.body.push(0);
            r
        },
        "the body is longer than the expected 8192 bytes",
        1,
    ),
    row(
        "a long body in chunks",
        |_, mut r| {
            r.body.push(0);
            r.delivered(Delivery::Chunked)
        },
        "the body is longer than the expected 8192 bytes",
        1,
    ),
    row("chunks", |_, r| r.delivered(Delivery::Chunked), "read", 3),
    row("a reset once", |a, r| once(a, r, |r| r.delivered(Delivery::Reset)), "read", 4),
    row(
        "a reset every time",
        |a, r| match a.method.as_str() {
            "GET" => r.delivered(Delivery::Reset),
            _ => r,
        },
        "Connection reset by peer…",
        3,
    ),
    row(
        "invalid HTTP",
        |a, r| match a.method.as_str() {
            "GET" => r.delivered(Delivery::Garbage),
            _ => r,
        },
        "the response is not valid HTTP…",
        3,
    ),
    row(
        "no ranges",
        |a, r| match a.method.as_str() {
            "GET" => whole(),
            _ => r,
        },
        "read, whole",
        3,
    ),
    row(
        "no ranges, and no length",
        |a, r| match a.method.as_str() {
            "GET" => whole().delivered(Delivery::Chunked),
            _ => r,
        },
        "read, whole",
        3,
    ),
    row(
        "no ranges, and no HEAD",
        |a, _| match a.method.as_str() {
            "GET" => whole(),
            _ => Reply::status(405),
        },
        "read, whole",
        4,
    ),
    row(
        "no ranges, and no length anywhere",
        |a, _| match a.method.as_str() {
            "GET" => whole().delivered(Delivery::Chunked),
            _ => Reply::status(200).delivered(Delivery::Chunked),
        },
        "read, whole",
        3,
    ),
    row(
        "no ranges, and no length but the end of the connection",
        |_, _| whole().delivered(Delivery::UntilClosed),
        "read, whole",
        3,
    ),
    row(
        "no ranges, no length, and no HEAD",
        |a, _| match a.method.as_str() {
            "GET" => whole().delivered(Delivery::UntilClosed),
            _ => Reply::status(404),
        },
        "read, whole",
        3,
    ),
    // The case of a redirect that is signed for GET only.
    row(
        "no tail ranges, and a HEAD that is not allowed",
        |a, r| match a.method.as_str() {
            "GET" if is_tail(a) => whole(),
            "GET" => r,
            _ => Reply::status(403),
        },
        "read",
        6,
    ),
    row(
        "no tail ranges, and 404 for a HEAD",
        |a, r| match a.method.as_str() {
            "GET" if is_tail(a) => whole(),
            "GET" => r,
            _ => Reply::status(404),
        },
        "read",
        6,
    ),
    row("no tail ranges", |a, r| if is_tail(a) { whole() } else { r }, "read", 5),
    row("no ranges later", |a, r| later(a, r, |_| whole()), "read, whole", 2),
    row(
        "no ranges, and another length",
        |a, r| later(a, r, |_| Reply { body: object()[1..].to_vec(), ..Reply::status(200) }),
        "the object was replaced while it was read, whole",
        2,
    ),
    row(
        "another part",
        |_, r| r.with("content-range", "bytes 0-8191/1000000"),
        "the server sent another part than bytes=991808-999999",
        2,
    ),
    row(
        "another part later",
        |a, r| later(a, r, |r| r.with("content-range", "bytes 101-1100/1000000")),
        "the server sent another part than bytes=100-1099",
        2,
    ),
    row(
        "the start instead of the end",
        |a, r| match is_tail(a) {
            true => Reply {
                body: object()[..8193].to_vec(),
                ..r.with("content-range", "bytes 0-8192/1000000").with("content-length", "8193")
            },
            false => r,
        },
        "read",
        4,
    ),
    row(
        "a part without Content-Range",
        |_, mut r| {
            r.headers.retain(|(name, _)| *name != "content-range");
            r
        },
        "the server sent another part than bytes=991808-999999",
        3,
    ),
    // RFC 9110, 14.4.
    row("parts of an object of unknown length", |_, r| of_unknown_len(r), "read", 5),
    row(
        "parts of an object of unknown length, and no HEAD",
        |a, r| match a.method.as_str() {
            "GET" => of_unknown_len(r),
            _ => Reply::status(405),
        },
        "read",
        4,
    ),
    row(
        "another part of an object of unknown length",
        |a, r| later(a, r, |r| r.with("content-range", "bytes 101-1100/*")),
        "the server sent another part than bytes=100-1099",
        2,
    ),
    row(
        "another total",
        |a, r| later(a, r, |r| r.with("content-range", "bytes 100-1099/1000001")),
        "the object was replaced while it was read",
        2,
    ),
    row(
        "another tag",
        |a, r| later(a, r, |r| r.with("etag", "\"other\"")),
        "the object was replaced while it was read",
        2,
    ),
    row(
        "another tag, and a server that honours If-Match",
        |a, r| once(a, r, |r| r.with("etag", "\"other\"")),
        "the object was replaced while it was read",
        2,
    ),
    row("weak tags that change", |a, r| r.with("etag", format!("W/\"{}\"", a.earlier)), "read", 3),
    row(
        "a shorter object later",
        |a, r| later(a, r, |_| Reply::status(416).with("content-range", "bytes */50")),
        "the object was replaced while it was read",
        2,
    ),
    row(
        "gzip",
        |_, r| r.with("content-encoding", "gzip"),
        "the server sent the object with a Content-Encoding, so its bytes differ",
        1,
    ),
    row("identity", |_, r| r.with("content-encoding", "identity"), "read", 3),
    row("416", |_, _| Reply::status(416), "HTTP status 416", 4),
    row(
        "416 for a tail",
        |a, r| match is_tail(a) {
            true => Reply::status(416),
            false => r,
        },
        "read",
        5,
    ),
    row(
        "a redirect loop",
        |a, _| Reply::status(302).with("location", a.path.clone()),
        "too many redirects",
        6,
    ),
    row(
        "a redirect without a target",
        |a, r| match a.method.as_str() {
            "GET" => Reply::status(302),
            _ => r,
        },
        "the response is not valid HTTP…",
        3,
    ),
    row("304", |_, _| Reply::status(304), "HTTP status 304", 1),
];

/// Each time-out separately, so short that it is reached.
const SLOW: &[(Limits, Row)] = &[
    (
        Limits { response: SHORT, attempts: 6, ..LIMITS },
        row("no byte once", |a, r| once(a, r, |r| r.delivered(Delivery::Late(HOUR))), "read", 0),
    ),
    (
        Limits { response: SHORT, ..LIMITS },
        row(
            "no byte every time",
            |a, r| if a.method == "GET" { r.delivered(Delivery::Late(HOUR)) } else { r },
            "no response within 1 s, after 3 attempts",
            0,
        ),
    ),
    (
        Limits { idle: SHORT, attempts: 6, ..LIMITS },
        row(
            "half a body, then silence, once",
            |a, r| once(a, r, |r| r.delivered(Delivery::Stalled(1000))),
            "read",
            0,
        ),
    ),
    (
        Limits { idle: SHORT, ..LIMITS },
        row(
            "half a body, then silence, every time",
            |_, r| r.delivered(Delivery::Stalled(1000)),
            "no data within 1 s, after 3 attempts",
            0,
        ),
    ),
    (
        Limits { attempt: SHORT, ..LIMITS },
        row(
            "a byte at a time",
            |_, r| r.delivered(Delivery::Dribbled(Duration::from_millis(50))),
            "not completed within 1 s, after 3 attempts",
            0,
        ),
    ),
    (
        Limits { attempt: SHORT, request: SHORT, ..LIMITS },
        row(
            "a byte at a time, and no time for another attempt",
            |_, r| r.delivered(Delivery::Dribbled(Duration::from_millis(50))),
            "not completed within 1 s",
            0,
        ),
    ),
];

const SHORT: Duration = Duration::from_secs(1);

#[test]
fn faults_have_the_expected_outcome() {
    // In parallel, since slow rows mostly wait.
    let differences: Vec<String> = std::thread::scope(|scope| {
        let slow = SLOW.iter().map(|(limits, row)| (*limits, row));
        let rows = ROWS.iter().map(|row| (LIMITS, row)).chain(slow);
        let rows: Vec<_> =
            rows.map(|(limits, row)| scope.spawn(move || differs(limits, row))).collect();
        rows.into_iter().filter_map(|row| row.join().expect("no wrong byte")).collect()
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Returns how the outcome differs from the row, if it does.
fn differs(limits: Limits, row: &Row) -> Option<String> {
    let server = server(row.wrong);
    let start = Instant::now();
    let place = open(&server, limits);
    let mut found = outcome(read(&place, Wanted::Tail(5000)));
    if place.lacks_range_support() {
        found += ", whole";
    }
    let received = server.requests();
    let requests = received.iter().filter(|request| request.path == path(NAME)).count();
    let as_expected = match row.outcome.strip_suffix('…') {
        Some(start) => found.starts_with(start),
        None => found == row.outcome,
    };
    let took = start.elapsed();
    let in_time = took < Duration::from_secs(240);
    let as_often = row.requests == 0 || requests == row.requests;
    (!as_expected || !as_often || !in_time).then(|| {
        format!("{}: {found}, {requests} requests, {:.1} s", row.fault, took.as_secs_f32())
    })
}

#[test]
fn an_object_above_the_limit_is_not_received() {
    let sound = |_: &Request, reply: Reply| reply;
    let long = vec![0; LIMITS.object_len as usize + 1];
    let serve = |wrong: Wrong| FaultServer::serve([(path(NAME), long.clone())], wrong);
    let rows: [(Wrong, u64); 2] =
        [(sound, 0), (|_, reply| reply.delivered(Delivery::Chunked), LIMITS.object_len)];
    for (wrong, received) in rows {
        let server = serve(wrong);
        let place = open(&server, LIMITS);
        let found = place.find(&key(NAME), Wanted::Whole).map(|_| None);
        assert_eq!(outcome(found), "the object is longer than 4194304 bytes");
        assert!(place.read_len() <= received + (1 << 20), "{}", place.read_len());
    }
}

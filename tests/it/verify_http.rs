//! `verify` against a faulty server: never a false match, never an endless run.
//!
//! The faults themselves are tested in `http`; this file tests their effect on the verification.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::mismatch::Extras;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::resources::{Resource, StaticSet};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::verification::{Depth, PlaceName, VerifyOutcome};
use package_storage_migrate::ops::verify::{Options, verify};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::store::http::{HttpPlace, Limits};

use crate::http::LIMITS;
use crate::support::fault_server::{ClosedPort, Delivery, FaultServer, Reply, Request};
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::v2;

/// Archives by the paths at which they are served.
pub(crate) type Archives = BTreeMap<String, Vec<u8>>;

/// A v1 repository with three revisions, and their archives.
pub(crate) struct Pair {
    folder: tempfile::TempDir,
    pub(crate) archives: Archives,
}

/// The archive with faulty responses.
const LANTERN: &str = "/artifacts/packages/lantern-1.0.0.zip";

impl Pair {
    pub(crate) fn migrated() -> Self {
        let folder = tempfile::tempdir().unwrap();
        V1Repo::create(&folder.path().join("v1.git"))
            .stage("production", |s| {
                s.revision("beacon", "1.0.0", |r| r.manifest().file("img/a.png", noise(1)))
                    .revision("lantern", "1.0.0", |r| r.manifest().file("img/b.png", noise(2)))
                    .revision("pier", "2.0.0", |r| r.manifest().file("docs/README.md", "# Pier\n"))
            })
            .stage("staging", |s| s)
            .stage("snapshot", |s| s);
        let out = folder.path().join("v2");
        Tool::migrate(folder.path().join("v1.git")).output(&out).run().expect_code(0, "migrate");
        let archives = v2::archives(&out).into_iter();
        let archives = archives.map(|(name, bytes)| (format!("/{}/{name}", v2::ARCHIVES), bytes));
        let archives: Archives = archives.collect();
        assert_eq!(archives.len(), 3);
        assert!(archives[LANTERN].len() > 100_000);
        Pair { folder, archives }
    }

    pub(crate) fn v1(&self) -> PathBuf {
        self.folder.path().join("v1.git")
    }

    /// Starts a server with a fault in one archive.
    fn serve(&self, wrong: Wrong) -> FaultServer {
        let archives = self.archives.clone();
        FaultServer::serve(self.archives.clone(), move |request, reply| {
            if request.path == LANTERN { wrong(request, reply, &archives) } else { reply }
        })
    }
}

/// Returns incompressible bytes, so that archives are longer than the requested tails.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..100_000).map(|_| next()).collect()
}

type Wrong = fn(&Request, Reply, &Archives) -> Reply;

/// Every fault, and the results at the depths `entries` and `content`: the conclusion, then codes.
const ROWS: &[(&str, Wrong, [&str; 2])] = &[
    ("none", |_, r, _| r, ["match", "match"]),
    ("404", |_, _, _| Reply::status(404), ["mismatch archive-missing", "mismatch archive-missing"]),
    ("403", |_, _, _| Reply::status(403), UNREACHABLE),
    ("500 once", |a, r, _| if a.earlier == 0 { Reply::status(500) } else { r }, ["match", "match"]),
    ("500 every time", |_, _, _| Reply::status(500), UNREACHABLE),
    (
        "429 once",
        |a, r, _| match a.earlier {
            0 => Reply::status(429).with("retry-after", "1"),
            _ => r,
        },
        ["match", "match"],
    ),
    ("429 for an hour", |_, _, _| Reply::status(429).with("retry-after", "3600"), UNREACHABLE),
    ("no byte every time", |_, r, _| r.delivered(Delivery::Late(HOUR)), UNREACHABLE),
    ("a byte at a time", |_, r, _| r.delivered(Delivery::Dribbled(PAUSE)), UNREACHABLE),
    ("half a body, then silence", |_, r, _| r.delivered(Delivery::Stalled(100)), UNREACHABLE),
    ("a truncated body", |_, r, _| r.delivered(Delivery::Cut(100)), UNREACHABLE),
    ("a reset", |_, r, _| r.delivered(Delivery::Reset), UNREACHABLE),
    ("invalid HTTP", |_, r, _| r.delivered(Delivery::Garbage), UNREACHABLE),
    ("a redirect loop", |a, _, _| Reply::status(302).with("location", a.path.clone()), UNREACHABLE),
    ("gzip", |_, r, _| r.with("content-encoding", "gzip"), UNREACHABLE),
    (
        "no ranges",
        |a, r, archives| match a.method.as_str() {
            "GET" => whole(LANTERN, archives),
            _ => r,
        },
        ["match no-ranges", "match"],
    ),
    (
        "another part",
        |a, r, _| match a.header("range") {
            Some(_) => r.with("content-range", "bytes 0-8191/100000"),
            None => r,
        },
        ["not-proven archive-unreachable", "match"],
    ),
    // The end of another archive does not match this one; the whole archive does.
    (
        "the end of another archive",
        |a, r, archives| if a.header("range").is_some() { end(BEACON, archives) } else { r },
        ["match", "match"],
    ),
    (
        "another archive",
        |a, _, archives| match a.header("range") {
            Some(_) => end(BEACON, archives),
            None => whole(BEACON, archives),
        },
        ["mismatch wrong-root", "mismatch wrong-root"],
    ),
    (
        "an error page with status 200",
        |_, _, _| Reply { body: b"<html>not found".to_vec(), ..Reply::status(200) },
        ["mismatch archive-unreadable", "mismatch archive-unreadable"],
    ),
    (
        "an empty object",
        |a, _, _| match a.header("range") {
            Some(_) => Reply::status(416).with("content-range", "bytes */0"),
            None => Reply::status(200),
        },
        ["mismatch archive-unreadable", "mismatch archive-unreadable"],
    ),
];

const UNREACHABLE: [&str; 2] = ["not-proven archive-unreachable", "not-proven archive-unreachable"];
const HOUR: Duration = Duration::from_secs(60 * 60);
const PAUSE: Duration = Duration::from_millis(50);

const BEACON: &str = "/artifacts/packages/beacon-1.0.0.zip";

/// Returns a whole archive, ignoring the range.
fn whole(path: &str, archives: &Archives) -> Reply {
    Reply { body: archives[path].clone(), ..Reply::status(200) }
}

/// Returns the end of an archive as a partial response.
fn end(path: &str, archives: &Archives) -> Reply {
    let archive = &archives[path];
    let (start, total) = (archive.len() - 8192, archive.len());
    let part = format!("bytes {start}-{}/{total}", total - 1);
    Reply { body: archive[start..].to_vec(), ..Reply::status(206) }.with("content-range", part)
}

#[test]
fn faults_never_cause_a_false_match_or_an_endless_run() {
    let pair = &Pair::migrated();
    // In parallel, since slow rows mostly wait.
    let differences: Vec<String> = std::thread::scope(|scope| {
        let rows: Vec<_> = ROWS
            .iter()
            .flat_map(|row| {
                [(Depth::Entries, row.2[0]), (Depth::Content, row.2[1])].map(|(depth, expected)| {
                    scope.spawn(move || differs(pair, row.0, row.1, depth, expected))
                })
            })
            .collect();
        rows.into_iter().filter_map(|row| row.join().unwrap()).collect()
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Returns short time-outs for faults that never end.
fn limits(fault: &str) -> Limits {
    match fault {
        "no byte every time" | "a byte at a time" | "half a body, then silence" => {
            let second = Duration::from_secs(1);
            Limits { response: second, idle: second, attempt: second, ..LIMITS }
        }
        _ => LIMITS,
    }
}

/// Returns how the result differs from the row, if it does.
fn differs(pair: &Pair, fault: &str, wrong: Wrong, depth: Depth, expected: &str) -> Option<String> {
    let server = pair.serve(wrong);
    let start = Instant::now();
    let place = HttpPlace::open(server.url().parse().unwrap(), limits(fault)).unwrap();
    let options = Options {
        stages: Stage::ALL.map(|stage| StageRequest { stage, pinned: None }).to_vec(),
        remote: "origin".to_owned(),
        scope: Scope::default(),
        kinds: [Resource::Archives].into(),
        statics: StaticSet::default(),
        static_sample: None,
        index: None,
        base_index: None,
        endpoint: None,
        cache_control: None,
        resolutions: Resolutions::default(),
        extras: Extras::Allowed,
        depth,
        sample: Shard::WHOLE,
        plan: None,
        public_keys: None,
        place_name: PlaceName::new(&server.url()),
        // One at a time, so that the order of archives is known.
        jobs: 1,
    };
    let outcome = verify(&pair.v1(), &options, &place, &Silent, &AtomicBool::new(false)).unwrap();
    let found = line(&outcome);
    let took = start.elapsed();
    (found != expected || took > Duration::from_secs(240))
        .then(|| format!("{fault} at {depth:?}: {found}, {:.1} s", took.as_secs_f32()))
}

/// Formats the conclusion, the distinct codes of mismatches, and notices except those that all rows have.
fn line(outcome: &VerifyOutcome) -> String {
    let conclusion = serde_json::to_value(outcome.conclusion()).unwrap();
    let mut words = vec![conclusion.as_str().unwrap().to_owned()];
    for (_, mismatch) in outcome.mismatches() {
        words.push(mismatch.kind.code().to_owned());
    }
    words.extend(outcome.notices().iter().map(|notice| notice.code().to_owned()));
    words.retain(|word| word != "not-listed" && word != "types-unknown");
    words.dedup();
    words.join(" ")
}

#[test]
fn exit_codes() {
    let pair = Pair::migrated();
    let rows: [(&str, Wrong, &str, i32, &str); 7] = [
        ("sound", |_, r, _| r, "", 0, "3 of 3 archives"),
        ("listing", |_, r, _| r, "--depth listing", 0, "3 of 3 archives"),
        ("content", |_, r, _| r, "--depth content", 0, "3 of 3 archives"),
        ("404", |_, _, _| Reply::status(404), "", 1, "archive-missing"),
        ("403", |_, _, _| Reply::status(403), "", 1, "archive-unreachable"),
        (
            "429 once",
            |a, r, _| match a.earlier {
                0 => Reply::status(429).with("retry-after", "1"),
                _ => r,
            },
            "",
            0,
            "3 of 3 archives",
        ),
        (
            "no ranges",
            |a, r, archives| match a.method.as_str() {
                "GET" => whole(LANTERN, archives),
                _ => r,
            },
            "",
            0,
            "every archive was read in full",
        ),
    ];
    for (fault, wrong, flags, code, expected) in rows {
        let url = pair.serve(wrong).url();
        let tool = Tool::bare().arg("verify").arg(pair.v1()).arg("--v2").arg(url);
        let tool = tool.args("--resources archives").args(flags);
        let ran = tool.run().expect_code(code, fault);
        assert!(ran.stderr.contains(expected), "{fault}: {ran}");
    }
}

#[test]
fn unreachable_places_are_errors() {
    let closed = ClosedPort::take();
    let port = closed.port;
    let pair = Pair::migrated();
    let at = |place: &str| {
        let tool = Tool::bare().arg("verify").arg(pair.v1()).arg("--v2").arg(place);
        tool.args("--resources archives")
    };

    // Those that wait between attempts are started first.
    let no_server = at(&format!("http://u:secret@127.0.0.1:{port}")).start();
    let emulator = format!("http://127.0.0.1:{port}");
    let no_emulator = at("gs://bucket").env("STORAGE_EMULATOR_HOST", emulator).start();
    let server = pair.serve(|_, reply, _| reply);
    let proxied = |name: &str, value: &str| at(&server.url()).env(name, value);
    let nowhere = format!("http://127.0.0.1:{port}");
    let no_proxy = proxied("http_proxy", &nowhere).start();

    let ran = no_server.wait().expect_code(3, "no server");
    assert!(ran.stderr.contains(&format!("cannot reach http://127.0.0.1:{port}/")), "{ran}");
    assert!(ran.stderr.contains("check the URL"), "{ran}");
    assert!(!ran.stderr.contains("secret"), "{ran}");
    let ran = no_emulator.wait().expect_code(3, "no emulator");
    assert!(ran.stderr.contains("cannot reach gs://bucket/"), "{ran}");
    assert!(
        ran.stderr.contains(", after 3 attempts") && ran.stderr.contains("check the URL"),
        "{ran}"
    );
    no_proxy.wait().expect_code(3, "an unreachable proxy");
    let ran = proxied("http_proxy", "ftp://u:secret@proxy").run().expect_code(3, "no proxy");
    assert!(ran.stderr.contains("http_proxy is not a proxy URL"), "{ran}");
    assert!(!ran.stderr.contains("secret"), "{ran}");
    proxied("https_proxy", &nowhere).run().expect_code(0, "a proxy for https only");
    let direct = proxied("http_proxy", &nowhere).env("no_proxy", "example.org, 127.0.0.1");
    direct.run().expect_code(0, "a host to connect to directly");
}

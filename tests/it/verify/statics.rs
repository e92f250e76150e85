//! `verify` of static resources: one row per fault in a folder, plans, samples, and places without a listing.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use package_storage_migrate::digest::{Sha256, Sha256Hasher};
use package_storage_migrate::error::Error;
use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::mismatch::{Extras, MismatchKind};
use package_storage_migrate::model::plan::{Plan, StaticUpload, Upload};
use package_storage_migrate::model::resources::{Resource, StaticGlob};
use package_storage_migrate::model::verification::{Conclusion, Depth, Notice, VerifyOutcome};
use package_storage_migrate::ops::verify::{Options, verify};
use package_storage_migrate::report::verify::verdict;
use package_storage_migrate::v2::store::folder::Folder;
use package_storage_migrate::v2::store::http::HttpPlace;

use super::lines;
use super::pair::{Pair, options};
use crate::http::LIMITS;
use crate::support::fault_server::{FaultServer, Reply, Request};
use crate::support::v2::{self, STATICS};

pub(super) const BOTH: [Resource; 2] = [Resource::Archives, Resource::Static];

/// A repository with eight static resources; two have the same bytes, one is empty.
fn pair() -> Pair {
    Pair::migrated(0, |repo| {
        repo.stage("production", |s| {
            s.revision("harbor", "1.0.0", |r| {
                r.manifest()
                    .file("NOTICE.txt", "")
                    .file("img/[Logs] a b.png", "one picture")
                    .file("img/twin.png", "one picture")
                    .file("img/other.svg", "<svg/>")
                    .file("kibana/img/a.png", "not a static resource")
            })
            .revision("pier", "2.0.0", |r| r.manifest().file("changelog.yml", "- version: 2.0.0\n"))
        })
        .stage("staging", |s| s.revision("pier", "2.1.0", |r| r.manifest()))
        .stage("snapshot", |s| s)
    })
}

const STATIC_COUNT: u64 = 8;

/// Copies the migrated folder, changes the copy, and compares it.
pub(super) fn verify_changed(
    pair: &Pair,
    change: impl FnOnce(&Path),
    set: impl FnOnce(&mut Options),
) -> Result<VerifyOutcome, Error> {
    let folder = tempfile::tempdir().expect("make a folder");
    for (path, bytes) in v2::tree(&pair.v2()) {
        let at = folder.path().join(path);
        match bytes {
            Some(bytes) => {
                fs::create_dir_all(at.parent().expect("a parent")).expect("make a folder");
                fs::write(at, bytes).expect("write a file");
            }
            None => fs::create_dir_all(at).expect("make a folder"),
        }
    }
    change(folder.path());
    let mut options = options(Depth::Content);
    options.kinds = BOTH.into();
    set(&mut options);
    let place = Folder::open(folder.path())?;
    verify(pair.repo.path(), &options, &place, &Silent, &AtomicBool::new(false))
}

fn at(v2: &Path, below: &str) -> std::path::PathBuf {
    v2.join(STATICS).join(below)
}

fn put(v2: &Path, below: &str, bytes: &str) {
    let path = at(v2, below);
    fs::create_dir_all(path.parent().expect("a parent")).expect("make a folder");
    fs::write(path, bytes).expect("write a file");
}

fn remove(v2: &Path, below: &str) {
    fs::remove_file(at(v2, below)).expect("it exists");
}

#[cfg(unix)]
fn link(v2: &Path, to: &str, below: &str) {
    std::os::unix::fs::symlink(to, at(v2, below)).expect("make a link");
}

/// Whether a fault is visible without reading objects.
#[derive(Clone, Copy, PartialEq)]
enum Visible {
    Listed,
    ReadOnly,
}
use Visible::{Listed, ReadOnly};

type Row = (&'static str, fn(&Path), Visible, &'static [&'static str]);

const ROWS: &[Row] = &[
    ("nothing", |_| {}, Listed, &[]),
    (
        "an object removed",
        |v2| remove(v2, "harbor-1.0.0/img/other.svg"),
        Listed,
        &["static-missing artifacts/static/harbor-1.0.0/img/other.svg"],
    ),
    (
        "an object with brackets removed",
        |v2| remove(v2, "harbor-1.0.0/img/[Logs] a b.png"),
        Listed,
        &["static-missing artifacts/static/harbor-1.0.0/img/[Logs] a b.png"],
    ),
    (
        "an object with brackets under an encoded key",
        |v2| {
            let from = at(v2, "harbor-1.0.0/img/[Logs] a b.png");
            let to = at(v2, "harbor-1.0.0/img/%5BLogs%5D%20a%20b.png");
            fs::rename(from, to).expect("it exists");
        },
        Listed,
        &[
            "static-extra artifacts/static/harbor-1.0.0/img/%5BLogs%5D%20a%20b.png",
            "static-missing artifacts/static/harbor-1.0.0/img/[Logs] a b.png",
        ],
    ),
    (
        "an empty object removed",
        |v2| remove(v2, "harbor-1.0.0/NOTICE.txt"),
        Listed,
        &["static-missing artifacts/static/harbor-1.0.0/NOTICE.txt"],
    ),
    (
        "all objects of a revision removed",
        |v2| fs::remove_dir_all(at(v2, "harbor-1.0.0")).expect("it exists"),
        Listed,
        &["static-missing artifacts/static/harbor-1.0.0/"],
    ),
    (
        "the only object of a revision removed",
        |v2| remove(v2, "pier-2.1.0/docs/README.md"),
        Listed,
        &["static-missing artifacts/static/pier-2.1.0/docs/README.md"],
    ),
    (
        "a whole revision removed",
        |v2| {
            fs::remove_dir_all(at(v2, "pier-2.0.0")).expect("it exists");
            fs::remove_file(v2.join(v2::ARCHIVES).join("pier-2.0.0.zip")).expect("it exists");
        },
        Listed,
        &["archive-missing pier-2.0.0.zip"],
    ),
    (
        "only the archive removed",
        |v2| fs::remove_file(v2.join(v2::ARCHIVES).join("pier-2.0.0.zip")).expect("it exists"),
        Listed,
        &["archive-missing pier-2.0.0.zip"],
    ),
    (
        "a byte appended",
        |v2| put(v2, "harbor-1.0.0/img/other.svg", "<svg/>\n"),
        Listed,
        &["static-size artifacts/static/harbor-1.0.0/img/other.svg"],
    ),
    (
        "an empty object with a byte",
        |v2| put(v2, "harbor-1.0.0/NOTICE.txt", "x"),
        Listed,
        &["static-size artifacts/static/harbor-1.0.0/NOTICE.txt"],
    ),
    (
        "an object emptied",
        |v2| put(v2, "harbor-1.0.0/img/twin.png", ""),
        Listed,
        &["static-size artifacts/static/harbor-1.0.0/img/twin.png"],
    ),
    (
        "a byte flipped",
        |v2| put(v2, "harbor-1.0.0/img/other.svg", "<svg0>"),
        ReadOnly,
        &["static-differs artifacts/static/harbor-1.0.0/img/other.svg"],
    ),
    (
        "a byte flipped in one of two with the same bytes",
        |v2| put(v2, "harbor-1.0.0/img/twin.png", "one pictura"),
        ReadOnly,
        &["static-differs artifacts/static/harbor-1.0.0/img/twin.png"],
    ),
    (
        "an object renamed in case only",
        |v2| {
            let from = at(v2, "pier-2.0.0/docs/README.md");
            fs::rename(from, at(v2, "pier-2.0.0/docs/readme.md")).expect("it exists");
        },
        Listed,
        &["static-case artifacts/static/pier-2.0.0/docs/README.md"],
    ),
    (
        "a folder renamed in case only",
        |v2| {
            let from = at(v2, "pier-2.0.0/docs");
            fs::rename(from, at(v2, "pier-2.0.0/Docs")).expect("it exists");
        },
        Listed,
        &["static-case artifacts/static/pier-2.0.0/docs/README.md"],
    ),
    (
        "a folder in the place of an object",
        |v2| {
            remove(v2, "pier-2.0.0/docs/README.md");
            fs::create_dir(at(v2, "pier-2.0.0/docs/README.md")).expect("make a folder");
        },
        Listed,
        &["static-not-a-file artifacts/static/pier-2.0.0/docs/README.md"],
    ),
    #[cfg(unix)]
    (
        "a link in the place of an object",
        |v2| {
            remove(v2, "harbor-1.0.0/img/twin.png");
            link(v2, "[Logs] a b.png", "harbor-1.0.0/img/twin.png");
        },
        Listed,
        &["static-not-a-file artifacts/static/harbor-1.0.0/img/twin.png"],
    ),
    #[cfg(unix)]
    (
        "a link in the place of a folder",
        |v2| {
            let from = at(v2, "harbor-1.0.0/img");
            fs::rename(from, v2.join("img")).expect("it exists");
            link(v2, "../../../img", "harbor-1.0.0/img");
        },
        Listed,
        &["static-not-a-file artifacts/static/harbor-1.0.0/img"],
    ),
    (
        "a file in the place of a folder",
        |v2| {
            fs::remove_dir_all(at(v2, "harbor-1.0.0/img")).expect("it exists");
            put(v2, "harbor-1.0.0/img", "x");
        },
        Listed,
        &["static-not-a-file artifacts/static/harbor-1.0.0/img"],
    ),
    (
        "an object added to a revision",
        |v2| put(v2, "harbor-1.0.0/kibana/img/a.png", "not a static resource"),
        Listed,
        &["static-extra artifacts/static/harbor-1.0.0/kibana/img/a.png"],
    ),
    (
        "the objects of another revision added",
        |v2| {
            put(v2, "quay-1.0.0/docs/README.md", "# Quay\n");
            put(v2, "quay-1.0.0/NOTICE.txt", "x");
        },
        Listed,
        &["static-extra artifacts/static/quay-1.0.0/"],
    ),
    (
        "a case twin added",
        |v2| put(v2, "pier-2.0.0/docs/readme.md", "# Pier\n"),
        Listed,
        &["static-extra artifacts/static/pier-2.0.0/docs/readme.md"],
    ),
    (
        "a file beside the revisions",
        |v2| put(v2, "notes.txt", "x"),
        Listed,
        &["static-extra artifacts/static/notes.txt"],
    ),
    (
        "temporary files of a migration, and an empty folder",
        |v2| {
            put(v2, ".package-storage-migrate-x1.tmp/abc", "x");
            fs::create_dir(at(v2, "quay-1.0.0")).expect("make a folder");
        },
        Listed,
        &[],
    ),
];

#[test]
fn every_fault_is_reported_exactly_at_every_depth_that_shows_it() {
    let pair = pair();
    let mut faults = Vec::new();
    for (row, change, visible, expected) in ROWS {
        for depth in Depth::ALL {
            for extras in [Extras::Allowed, Extras::Refused] {
                let outcome = verify_changed(&pair, change, |options| {
                    (options.depth, options.extras) = (depth, extras);
                });
                let outcome = outcome.unwrap_or_else(|error| panic!("{row}, {depth}: {error}"));
                let is_invisible = depth != Depth::Content && *visible == ReadOnly;
                let expected: &[&str] = if is_invisible { &[] } else { expected };
                let only_extras = expected.iter().all(|line| line.starts_with("static-extra"));
                let is_match = expected.is_empty() || (only_extras && extras == Extras::Allowed);
                let found = (lines(&outcome), outcome.conclusion() == Conclusion::Match);
                if found.0 != expected || found.1 != is_match {
                    faults.push(format!("{row}, {depth}: {found:?}, not {expected:?}"));
                }
                let statics = outcome.statics.expect("static resources are looked at");
                assert_eq!((statics.in_v1, statics.counts.to_check), (STATIC_COUNT, STATIC_COUNT));
                assert_eq!(statics.counts.checked, STATIC_COUNT, "{row}");
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_named_kinds_are_looked_at_and_nothing_is_no_match() {
    let pair = pair();
    let spoil = |v2: &Path| {
        remove(v2, "harbor-1.0.0/img/other.svg");
        fs::remove_file(v2.join(v2::ARCHIVES).join("pier-2.0.0.zip")).expect("it exists");
    };
    let rows: [(&[Resource], &[&str]); 2] = [
        (&[Resource::Archives], &["archive-missing pier-2.0.0.zip"]),
        (&[Resource::Static], &["static-missing artifacts/static/harbor-1.0.0/img/other.svg"]),
    ];
    for (kinds, expected) in rows {
        let outcome = verify_changed(&pair, spoil, |options| {
            options.kinds = kinds.iter().copied().collect();
        });
        let outcome = outcome.expect("it finishes");
        assert_eq!(lines(&outcome), expected);
        assert_eq!(outcome.statics.is_some(), kinds[0] == Resource::Static);
    }
    let nothing = |options: &mut Options| {
        options.kinds = [Resource::Static].into();
        options.statics = ["*.none".parse::<StaticGlob>()]
            .into_iter()
            .map(|glob| glob.expect("a glob"))
            .collect();
    };
    let outcome = verify_changed(&pair, |_| {}, nothing).expect("it finishes");
    assert_eq!(outcome.conclusion(), Conclusion::NotProven);
    let no_kinds = |options: &mut Options| options.kinds.clear();
    let outcome = verify_changed(&pair, |_| {}, no_kinds).expect("it finishes");
    assert_eq!(outcome.conclusion(), Conclusion::NotProven);
}

#[test]
fn hard_links_are_read_once() {
    let pair = pair();
    let reads = |change: fn(&Path)| {
        let kinds = |options: &mut Options| options.kinds = [Resource::Static].into();
        verify_changed(&pair, change, kinds).expect("it finishes").reading.byte_len
    };
    let all = reads(|_| {});
    let with_link = reads(|v2| {
        remove(v2, "harbor-1.0.0/img/twin.png");
        let from = at(v2, "harbor-1.0.0/img/[Logs] a b.png");
        fs::hard_link(from, at(v2, "harbor-1.0.0/img/twin.png")).expect("make a hard link");
    });
    let expected = if cfg!(unix) { "one picture".len() as u64 } else { 0 };
    assert_eq!(all - with_link, expected);
}

/// Returns the migration's plan after `change`.
fn plan(pair: &Pair, change: fn(&mut Vec<Upload>)) -> Option<(Plan, Sha256)> {
    let text = fs::read_to_string(pair.v2().join("plan.json")).expect("read the plan");
    let mut plan = Plan::from_json(&text).expect("a plan");
    change(&mut plan.uploads);
    Some((plan, Sha256Hasher::default().finish()))
}

/// Replaces the first static resource of a plan.
fn replace(uploads: &mut [Upload], change: fn(&mut serde_json::Value)) {
    let is_static = |upload: &&mut Upload| matches!(upload, Upload::Static(_));
    let first = uploads.iter_mut().find(is_static).expect("a static resource");
    let mut value = serde_json::to_value(&*first).expect("JSON");
    change(&mut value);
    *first = serde_json::from_value(value).expect("an upload");
}

#[test]
fn static_resources_are_compared_with_the_plan() {
    let pair = pair();
    const FIRST: &str = "artifacts/static/harbor-1.0.0/NOTICE.txt";
    type Change = fn(&mut Vec<Upload>);
    // Whether the change is visible without reading objects.
    let rows: [(&str, Change, &[&str], bool); 6] = [
        ("nothing", |_| {}, &[], true),
        ("a size", |plan| replace(plan, |upload| upload["size"] = 7.into()), &["size"], true),
        (
            "a digest",
            |plan| replace(plan, |upload| upload["sha256"] = "07".repeat(32).into()),
            &["sha256"],
            false,
        ),
        (
            "a content type",
            |plan| replace(plan, |upload| upload["content_type"] = "text/html".into()),
            &["content_type"],
            true,
        ),
        (
            "an upload missing",
            |plan| {
                let at = plan.iter().position(|upload| upload.key().as_str() == FIRST);
                plan.remove(at.expect("it is planned"));
            },
            &["key"],
            true,
        ),
        (
            "an upload that v1 and v2 do not have",
            |plan| {
                let is_static = |upload: &&Upload| matches!(upload, Upload::Static(_));
                let Some(Upload::Static(last)) = plan.iter().rfind(is_static) else {
                    panic!("a static resource")
                };
                let text = serde_json::to_string(last).expect("JSON");
                let text = text.replace("docs/README.md", "docs/MORE.md");
                let more: StaticUpload = serde_json::from_str(&text).expect("an upload");
                plan.push(Upload::Static(more));
            },
            &["key"],
            true,
        ),
    ];
    for (row, change, expected, is_visible) in rows {
        for depth in Depth::ALL {
            let outcome = verify_changed(
                &pair,
                |_| {},
                |options| {
                    (options.depth, options.plan) = (depth, plan(&pair, change));
                },
            );
            let outcome = outcome.expect("it finishes");
            let fields: Vec<&str> = outcome
                .mismatches()
                .iter()
                .map(|(_, mismatch)| match &mismatch.kind {
                    MismatchKind::PlanDisagreement { field, .. } => field.as_str(),
                    other => panic!("{row}: {other:?}"),
                })
                .collect();
            let is_shown = is_visible || depth == Depth::Content;
            assert_eq!(fields, if is_shown { expected } else { &[] }, "{row}, {depth}");
        }
    }
    // A plan of archives alone says nothing about static resources.
    let outcome = verify_changed(
        &pair,
        |_| {},
        |options| {
            let (mut only, digest) = plan(&pair, |uploads| {
                uploads.retain(|upload| !matches!(upload, Upload::Static(_)));
            })
            .expect("a plan");
            only.resources.kinds = [Resource::Archives].into();
            options.plan = Some((only, digest));
        },
    );
    assert_eq!(lines(&outcome.expect("it finishes")), [""; 0]);
}

/// Serves the migrated folder; each object has the content type of `typed`.
fn serve(
    pair: &Pair,
    wrong: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static,
) -> FaultServer {
    let files = v2::tree(&pair.v2()).into_iter();
    let encode = |path: &str| path.replace('[', "%5B").replace(']', "%5D").replace(' ', "%20");
    let files = files.filter_map(|(path, bytes)| Some((format!("/{}", encode(&path)), bytes?)));
    FaultServer::serve(files, move |request, reply| {
        let typed = match request.path.rsplit('.').next() {
            Some("md") => "text/markdown; charset=utf-8",
            Some("png") => "image/png",
            Some("svg") => "image/svg+xml",
            Some("txt") => "Text/Plain;charset=UTF-8",
            Some("yml") => "text/yaml; charset=UTF-8",
            _ => "application/zip",
        };
        wrong(request, reply.with("content-type", typed))
    })
}

fn verify_served(
    server: &FaultServer,
    pair: &Pair,
    set: impl FnOnce(&mut Options),
) -> VerifyOutcome {
    let place = HttpPlace::open(server.url().parse().expect("a URL"), LIMITS).expect("it is there");
    let mut options = options(Depth::Entries);
    options.kinds = BOTH.into();
    set(&mut options);
    verify(pair.repo.path(), &options, &place, &Silent, &AtomicBool::new(false))
        .expect("it finishes")
}

#[test]
fn each_fault_of_a_server_is_reported_exactly() {
    let pair = pair();
    type Wrong = fn(&Request, Reply) -> Reply;
    const OTHER: &str = "artifacts/static/harbor-1.0.0/img/other.svg";
    fn is_other(request: &Request) -> bool {
        request.path.ends_with("/img/other.svg")
    }
    // The codes at the depths listing, entries and content.
    let rows: [(&str, Wrong, [&str; 3]); 8] = [
        ("nothing", |_, r| r, ["", "", ""]),
        (
            "404",
            |a, r| if is_other(a) { Reply::status(404) } else { r },
            ["static-missing", "static-missing", "static-missing"],
        ),
        (
            "403",
            |a, r| if is_other(a) { Reply::status(403) } else { r },
            ["static-unreachable", "static-unreachable", "static-unreachable"],
        ),
        (
            "another size",
            |a, r| match is_other(a) {
                true => {
                    let len = r.body.len() + 1;
                    Reply { body: vec![b'x'; len], ..r }.with("content-length", len.to_string())
                }
                false => r,
            },
            ["static-size", "static-size", "static-size"],
        ),
        (
            "other bytes",
            |a, r| match is_other(a) {
                true => Reply { body: vec![b'x'; r.body.len()], ..r },
                false => r,
            },
            ["", "", "static-differs"],
        ),
        (
            "another content type",
            |a, r| if is_other(a) { r.with("content-type", "text/plain") } else { r },
            ["", "static-content-type", "static-content-type"],
        ),
        (
            "a content type without its parameter",
            |a, r| match a.path.contains("README.md") && a.path.contains("pier-2.1.0") {
                true => r.with("content-type", "text/markdown"),
                false => r,
            },
            ["", "static-content-type", "static-content-type"],
        ),
        (
            "no content type",
            |a, mut r| {
                r.headers.retain(|(name, _)| !is_other(a) || *name != "content-type");
                r
            },
            ["", "", ""],
        ),
    ];
    for (row, wrong, codes) in rows {
        let server = serve(&pair, wrong);
        for (depth, code) in Depth::ALL.into_iter().zip(codes) {
            let outcome = verify_served(&server, &pair, |options| options.depth = depth);
            let readme = "artifacts/static/pier-2.1.0/docs/README.md";
            let object = if row.contains("parameter") { readme } else { OTHER };
            let expected = Vec::from_iter((!code.is_empty()).then(|| format!("{code} {object}")));
            assert_eq!(lines(&outcome), expected, "{row}, {depth}");
            let untyped = outcome.notices().contains(&Notice::TypesUnknown { object_count: 1 });
            assert_eq!(untyped, row == "no content type" && depth != Depth::Listing, "{row}");
            let conclusion = match code {
                "" => Conclusion::Match,
                "static-unreachable" => Conclusion::NotProven,
                _ => Conclusion::Mismatch,
            };
            assert_eq!(outcome.conclusion(), conclusion, "{row}, {depth}");
        }
    }
}

/// At a URL, each archive states its type where it is read; at depth `listing`, only lists count.
#[test]
fn what_a_server_states_about_archives_is_compared() {
    let pair = pair();
    let rows = [
        ("application/zip", "no-store", ""),
        ("application/x-zip-compressed", "no-store", "content-type-differs"),
        ("application/zip", "public", "cache-control-differs"),
    ];
    for (content_type, cache_control, code) in rows {
        let server = serve(&pair, move |request, reply| match request.path.ends_with(".zip") {
            true => reply.with("content-type", content_type).with("cache-control", cache_control),
            false => reply.with("cache-control", "no-store"),
        });
        for depth in Depth::ALL {
            let outcome = verify_served(&server, &pair, |options| {
                options.depth = depth;
                options.cache_control = Some("no-store".to_owned());
            });
            let names = ["harbor-1.0.0.zip", "pier-2.0.0.zip", "pier-2.1.0.zip"];
            let is_compared = depth != Depth::Listing && !code.is_empty();
            let expected: Vec<String> =
                names.iter().filter(|_| is_compared).map(|name| format!("{code} {name}")).collect();
            assert_eq!(lines(&outcome), expected, "{content_type} {cache_control} {depth}");
            let object_count = 3 + STATIC_COUNT;
            let is_left_out = outcome.notices().contains(&Notice::TypesNotListed { object_count });
            assert_eq!(is_left_out, depth == Depth::Listing, "{depth}");
        }
    }
}

#[test]
fn a_sample_is_stable_and_says_so() {
    let pair = pair();
    let server = serve(&pair, |_, reply| reply);
    let mut before = Vec::new();
    for max in 1..=STATIC_COUNT as usize {
        let from = server.requests().len();
        let outcome = verify_served(&server, &pair, |options| options.static_sample = Some(max));
        let mut asked: Vec<String> = server.requests()[from..]
            .iter()
            .filter(|request| request.path.contains("/artifacts/static/"))
            .map(|request| request.path.clone())
            .collect();
        asked.sort();
        assert_eq!(asked.len(), max);
        assert!(before.iter().all(|path| asked.contains(path)), "{before:?} {asked:?}");
        before = asked;
        let statics = outcome.statics.expect("static resources are looked at");
        assert_eq!((statics.counts.good, statics.in_v1), (max as u64, STATIC_COUNT));
        assert_eq!(outcome.conclusion(), Conclusion::Match);
        let sentence = verdict(&outcome);
        let sample = max < STATIC_COUNT as usize;
        assert_eq!(
            sentence.contains("with a sample of the static resources"),
            sample,
            "{sentence}"
        );
        assert!(sentence.contains(&format!("{max} of 8 static resources")), "{sentence}");
    }
}

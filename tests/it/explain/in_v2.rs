//! `explain --v2`: one row for each state of the archive, the static resources and the index entry, in a folder, behind
//! a URL and in a bucket of each kind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use package_storage_migrate::ops::verify::expected_type;
use package_storage_migrate::v2::store::bucket::StoreKind::{Azure, Gcs, S3};
use serde_json::Value;

use super::{explain, harbor, text};
use crate::support::bucket_server::Store;
use crate::support::fault_server::FaultServer;
use crate::support::schemas::assert_valid;
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;

/// The objects of v2 by their keys.
type Objects = BTreeMap<String, Vec<u8>>;

const QUAY: &str = "artifacts/packages/quay-1.0.0.zip";
const QUAY_SVG: &str = "artifacts/static/quay-1.0.0/img/a.svg";
const QUAY_STATICS: &str = "artifacts/static/quay-1.0.0/";
const MARK_README: &str = "artifacts/static/mark-1.0.0/docs/README.md";
const PIER: &str = "artifacts/packages/pier-1.0.0.zip";
const PIER_LOG: &str = "artifacts/static/pier-1.0.0/changelog.yml";
const MOLE: &str = "artifacts/packages/mole-1.0.0.zip";
const MOLE_LOG: &str = "artifacts/static/mole-1.0.0/changelog.yml";
const CURSOR: &str = "v2/metadata/cursor.json";

struct Row {
    name: &'static str,
    subject: &'static str,
    edit: fn(&mut Objects),
    /// The states of the archive, the static resources and the entry.
    expected: [&'static str; 3],
    codes: &'static [&'static str],
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { name: "as migrated", subject: "quay-1.0.0", edit: |_| {}, expected: ["equal"; 3], codes: &[] },
    Row {
        name: "another archive", subject: "quay-1.0.0", edit: |v2| copy(v2, PIER, QUAY),
        expected: ["different", "equal", "equal"], codes: &["wrong-root"],
    },
    Row {
        name: "no archive", subject: "quay-1.0.0", edit: |v2| remove(v2, &[QUAY]),
        expected: ["missing", "equal", "equal"], codes: &["archive-missing"],
    },
    Row {
        name: "nothing", subject: "quay-1.0.0",
        edit: |v2| { remove(v2, &[QUAY]); remove_below(v2, QUAY_STATICS); entries(v2, |all| all.retain(|one| !is(one, "quay"))); },
        expected: ["missing"; 3], codes: &["archive-missing"],
    },
    Row {
        name: "a longer static resource", subject: "quay-1.0.0", edit: |v2| v2.get_mut(QUAY_SVG).unwrap().push(b' '),
        expected: ["equal", "different", "equal"], codes: &["static-size"],
    },
    Row {
        name: "all but one of the static resources", subject: "quay-1.0.0", edit: |v2| remove(v2, &[QUAY_SVG]),
        expected: ["equal", "different", "equal"], codes: &["static-missing"],
    },
    Row {
        name: "no static resources", subject: "quay-1.0.0", edit: |v2| remove_below(v2, QUAY_STATICS),
        expected: ["equal", "missing", "equal"], codes: &["static-missing"],
    },
    Row {
        name: "not its only static resource", subject: "mark-1.0.0", edit: |v2| remove(v2, &[MARK_README]),
        expected: ["equal", "missing", "equal"], codes: &["static-missing"],
    },
    Row {
        name: "no entry", subject: "quay-1.0.0", edit: |v2| entries(v2, |all| all.retain(|one| !is(one, "quay"))),
        expected: ["equal", "equal", "missing"], codes: &["entry-missing"],
    },
    Row {
        name: "another entry", subject: "quay-1.0.0",
        edit: |v2| entries(v2, |all| {
            all.iter_mut().filter(|one| is(one, "quay")).for_each(|one| one["package_manifest"]["title"] = "x".into());
        }),
        expected: ["equal", "equal", "different"], codes: &["entry-differs"],
    },
    Row {
        name: "a broken index", subject: "quay-1.0.0", edit: |v2| { let key = index(v2); v2.insert(key, b"{".to_vec()); },
        expected: ["equal", "equal", "unknown"], codes: &["index-unreadable"],
    },
    Row {
        name: "a broken cursor", subject: "quay-1.0.0", edit: |v2| { v2.insert(CURSOR.to_owned(), b"{".to_vec()); },
        expected: ["equal", "equal", "unknown"], codes: &["cursor-unreadable"],
    },
    Row {
        name: "a cursor without its index", subject: "quay-1.0.0", edit: |v2| { let key = index(v2); v2.remove(&key); },
        expected: ["equal", "equal", "unknown"], codes: &["index-missing"],
    },
    Row {
        name: "no index", subject: "quay-1.0.0", edit: |v2| remove(v2, &[CURSOR]),
        expected: ["equal", "equal", ""], codes: &[],
    },
    // Blocked: nothing of it is migrated.
    Row {
        name: "a blocked revision", subject: "reef-1.0.0", edit: |_| {},
        expected: ["missing", "absent", "absent"], codes: &["archive-missing"],
    },
    Row {
        name: "an entry of a blocked revision", subject: "reef-1.0.0",
        edit: |v2| { copy(v2, PIER, "artifacts/packages/reef-1.0.0.zip"); twin(v2, "reef"); },
        expected: ["different", "missing", "extra"], codes: &["entry-extra", "static-missing", "wrong-root"],
    },
    Row { name: "gone", subject: "mole-1.0.0", edit: |_| {}, expected: ["absent"; 3], codes: &[] },
    Row { name: "a version that is gone", subject: "pier-0.9.0", edit: |_| {}, expected: ["absent"; 3], codes: &[] },
    Row {
        name: "gone, and all of it in v2", subject: "mole-1.0.0",
        edit: |v2| { copy(v2, PIER, MOLE); copy(v2, PIER_LOG, MOLE_LOG); twin(v2, "mole"); },
        expected: ["extra"; 3], codes: &[],
    },
    Row {
        name: "gone, and only its archive in v2", subject: "mole-1.0.0", edit: |v2| copy(v2, PIER, MOLE),
        expected: ["extra", "absent", "absent"], codes: &[],
    },
    Row {
        name: "gone, with a broken index", subject: "mole-1.0.0", edit: |v2| { let key = index(v2); v2.insert(key, b"{".to_vec()); },
        expected: ["absent", "absent", "unknown"], codes: &["index-unreadable"],
    },
];

fn remove(v2: &mut Objects, keys: &[&str]) {
    keys.iter().for_each(|key| drop(v2.remove(*key).unwrap()));
}

fn remove_below(v2: &mut Objects, prefix: &str) {
    let count = v2.len();
    v2.retain(|key, _| !key.starts_with(prefix));
    assert!(v2.len() + 1 < count, "{prefix}");
}

fn copy(v2: &mut Objects, from: &str, to: &str) {
    v2.insert(to.to_owned(), v2[from].clone());
}

/// Returns the key of the index.
fn index(v2: &Objects) -> String {
    let mut keys = v2.keys();
    keys.find(|key| key.ends_with("/search-index-all.json")).unwrap().clone()
}

/// Changes the entries of the index.
fn entries(v2: &mut Objects, edit: impl FnOnce(&mut Vec<Value>)) {
    let key = index(v2);
    let mut read: Value = serde_json::from_slice(&v2[&key]).unwrap();
    edit(read["packages"].as_array_mut().unwrap());
    v2.insert(key, serde_json::to_vec(&read).unwrap());
}

fn is(entry: &Value, package: &str) -> bool {
    entry["package_manifest"]["name"] == package
}

/// Adds an entry for another package, like that of `pier`.
fn twin(v2: &mut Objects, package: &str) {
    entries(v2, |all| {
        let mut twin = all.iter().find(|one| is(one, "pier")).unwrap().clone();
        twin["package_manifest"]["name"] = package.into();
        all.push(twin);
        all.sort_by_key(|one| text(&one["package_manifest"]["name"]).to_owned());
    });
}

fn migrated(repo: &V1Repo, to: &Path) -> Objects {
    let migrate = Tool::migrate(repo.path()).output(to).args("--quiet --fail-on never");
    migrate.run().expect_code(0, "migrate");
    let plan: Value = serde_json::from_slice(&fs::read(to.join("plan.json")).unwrap()).unwrap();
    let keys = plan["uploads"].as_array().unwrap().iter().map(|upload| text(&upload["key"]));
    keys.map(|key| (key.to_owned(), fs::read(to.join(key)).unwrap())).collect()
}

/// Returns the states of the only revision in v2, and the codes of the mismatches.
fn states(story: &Value) -> ([String; 3], Vec<String>) {
    let v2 = &story["revisions"][0]["v2"];
    let states = ["archive", "statics", "entry"].map(|part| text(&v2[part]).to_owned());
    let found = v2["mismatches"].as_array().unwrap().iter();
    let mut codes: Vec<String> = found.map(|one| text(&one["code"]).to_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    (states, codes)
}

/// A place of each kind with the same objects.
struct Site {
    kind: String,
    base: String,
    variables: Vec<(String, String)>,
    _server: Option<FaultServer>,
}

impl Site {
    /// Returns a folder, a URL and a bucket of each kind; `folder` is that of the objects.
    fn of_each_kind(objects: &Objects, folder: &Path) -> Vec<Site> {
        for (key, bytes) in objects {
            fs::create_dir_all(folder.join(key).parent().unwrap()).unwrap();
            fs::write(folder.join(key), bytes).unwrap();
        }
        let server = FaultServer::serve(
            objects.iter().map(|(key, bytes)| (format!("/{key}"), bytes.clone())),
            |_, reply| reply,
        );
        let site = |kind: &str, base: String, server| Site {
            kind: kind.to_owned(),
            base: base.trim_end_matches('/').to_owned(),
            variables: Vec::new(),
            _server: server,
        };
        let mut sites = vec![
            site("folder", folder.to_str().unwrap().to_owned(), None),
            site(URL, server.url(), Some(server)),
        ];
        for kind in [Gcs, S3, Azure] {
            let store = Store::new(kind);
            for (key, bytes) in objects {
                store.edit(key, |object| {
                    object.bytes = bytes.clone();
                    let (_, key) = key.split_once('/').unwrap();
                    object.content_type = expected_type(key).to_owned();
                });
            }
            let server = store.serve(Store::correct);
            let variables = store.variables(&server);
            let site = site(&kind.to_string(), format!("{kind}://bkt"), Some(server));
            sites.push(Site { variables, ..site });
        }
        sites
    }

    /// Names a folder of the place in a flag.
    fn name_in(&self, tool: Tool, flag: &str, folder: &str) -> Tool {
        let tool = tool.arg(flag).arg(format!("{}/{folder}", self.base));
        let variables = self.variables.iter();
        variables.fold(tool, |tool, (name, value)| tool.env(name, value))
    }
}

const URL: &str = "URL";

/// Returns how a run differs from what is expected.
fn difference(
    (row, place): (&str, &str),
    tool: Tool,
    expected: [&str; 3],
    codes: &[&str],
) -> Option<String> {
    let story = tool.args("--format json").run().expect_code(0, row).json();
    assert_valid("story", &story, row);
    let found = states(&story);
    (found.0 != expected || found.1 != codes).then(|| format!("{row}, {place}: {found:?}"))
}

/// Returns the state of static resources behind a URL, where what is not expected cannot be looked up.
fn behind_url(subject: &str, statics: &'static str) -> &'static str {
    match statics {
        "extra" | "absent" => "",
        "missing" if subject == "reef-1.0.0" => "different",
        other => other,
    }
}

#[test]
fn every_state_in_every_kind_of_place() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let all = migrated(&repo, &dir.path().join("v2"));
    let mut differences = Vec::new();
    for (number, Row { name, subject, edit, expected, codes }) in ROWS.iter().enumerate() {
        let mut objects = all.clone();
        edit(&mut objects);
        let objects = objects.into_iter().map(|(key, bytes)| (format!("pre/{key}"), bytes));
        let folder = dir.path().join(format!("row-{number}"));
        for site in Site::of_each_kind(&objects.collect(), &folder) {
            let tool = site.name_in(Tool::explain(repo.path(), subject), "--v2", "pre");
            let (expected, codes) = match site.kind == URL {
                false => (*expected, codes.to_vec()),
                // There is no index.
                true => {
                    let is_of_index = |code: &str| {
                        ["entry", "index", "cursor"].contains(&code.split('-').next().unwrap())
                    };
                    let codes = codes.iter().filter(|code| !is_of_index(code)).copied();
                    ([expected[0], behind_url(subject, expected[1]), ""], codes.collect())
                }
            };
            differences.extend(difference((name, &site.kind), tool, expected, &codes));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The same rows, with the index in a place of its own, which may be of the same or of another kind.
#[test]
fn every_state_with_the_index_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let all = migrated(&repo, &dir.path().join("v2"));
    let mut differences = Vec::new();
    for (number, Row { name, subject, edit, expected, codes }) in ROWS.iter().enumerate() {
        let mut objects = all.clone();
        edit(&mut objects);
        let objects = objects.into_iter().map(|(key, bytes)| {
            let folder = if key.starts_with("v2/metadata/") { "internal" } else { "pre" };
            (format!("{folder}/{key}"), bytes)
        });
        let folder = dir.path().join(format!("row-{number}"));
        let sites = Site::of_each_kind(&objects.collect(), &folder);
        // An index that was named has to be there.
        let [archive, statics, entry] = *expected;
        let (entry, codes) = match entry {
            "" => ("unknown", &["cursor-missing"][..]),
            entry => (entry, *codes),
        };
        for (position, index) in sites.iter().enumerate() {
            let site = &sites[(position + number) % sites.len()];
            let statics = if site.kind == URL { behind_url(subject, statics) } else { statics };
            let tool = site.name_in(Tool::explain(repo.path(), subject), "--v2", "pre");
            let tool = index.name_in(tool, "--index", "internal");
            let places = format!("{}, index in {}", site.kind, index.kind);
            differences.extend(difference((name, &places), tool, [archive, statics, entry], codes));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// An index can be named by its file, which needs no cursor.
#[test]
fn the_file_of_an_index_can_be_named() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let v2 = dir.path().join("v2");
    let mut objects = migrated(&repo, &v2);
    let file = dir.path().join("index.json");
    let flat = v2.join("artifacts/packages");
    let shown = |subject: &str, file: &Path| {
        let tool = Tool::explain(repo.path(), subject).arg("--v2").arg(&flat);
        let ran = tool.arg("--index").arg(file).run().expect_code(0, subject);
        String::from_utf8(ran.stdout).unwrap()
    };
    fs::write(&file, &objects[&index(&objects)]).unwrap();
    let place = file.display();
    let one = shown("quay-1.0.0", &file);
    let expected =
        format!("V2        archive equal in {}; index entry equal in {place}\n", flat.display());
    assert!(one.contains(&expected), "{one}");
    let absent = shown("mole-1.0.0", &file);
    assert!(absent.contains(&format!("; index entry absent in {place}\n")), "{absent}");
    let overview = shown("quay", &file);
    let expected = format!("V2        {}; the index in {place}\n", flat.display());
    assert!(overview.contains(&expected), "{overview}");
    entries(&mut objects, |all| all.retain(|one| !is(one, "quay")));
    fs::write(&file, &objects[&index(&objects)]).unwrap();
    let overview = shown("quay", &file);
    assert!(overview.contains("  archive equal, index entry missing  "), "{overview}");
    // A fault of the index is named with its file, also if the subject is gone.
    fs::write(&file, "{").unwrap();
    for subject in ["quay-1.0.0", "mole-1.0.0"] {
        let one = shown(subject, &file);
        assert!(one.contains(" index-unreadable index.json: "), "{one}");
    }
    fs::remove_file(&file).unwrap();
    let one = shown("quay-1.0.0", &file);
    assert!(one.contains(" index-missing index.json: "), "{one}");
}

/// Without an index, the text says so, and how to name one.
#[test]
fn the_text_names_the_flag_for_an_index_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let v2 = dir.path().join("v2");
    let objects = migrated(&repo, &v2);
    let said = "          no index there: if it is elsewhere, name its place with --index\n";
    let server = FaultServer::serve(
        objects.iter().map(|(key, bytes)| (format!("/{key}"), bytes.clone())),
        |_, reply| reply,
    );
    let flat = v2.join("artifacts/packages").to_str().unwrap().to_owned();
    let whole = v2.to_str().unwrap().to_owned();
    let shown = |place: &str, subject: &str| {
        let tool = Tool::explain(repo.path(), subject).arg("--v2").arg(place);
        String::from_utf8(tool.run().expect_code(0, place).stdout).unwrap()
    };
    for subject in ["quay-1.0.0", "quay"] {
        assert!(!shown(&whole, subject).contains(said), "{subject}");
    }
    fs::remove_file(v2.join(CURSOR)).unwrap();
    for place in [flat, server.url(), whole] {
        for subject in ["quay-1.0.0", "quay"] {
            let text = shown(&place, subject);
            assert!(text.contains(said), "{place}: {text}");
        }
    }
    let ran = Tool::explain(repo.path(), "quay").arg("--index").arg(&v2).run();
    let ran = ran.expect_code(2, "no --v2");
    assert!(ran.stderr.contains("--index requires --v2"), "{ran}");
}

#[test]
fn a_flat_folder_has_only_archives() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    migrated(&repo, &dir.path().join("v2"));
    let flat = dir.path().join("v2/artifacts/packages");
    for (subject, expected) in [("quay-1.0.0", "equal"), ("mole-1.0.0", "absent")] {
        let story = explain(&repo, subject, &["--v2", flat.to_str().unwrap()]);
        assert_eq!(
            states(&story),
            ([expected, "", ""].map(str::to_owned), Vec::new()),
            "{subject}"
        );
    }
}

#[test]
fn the_text_names_the_states() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let v2 = dir.path().join("v2");
    migrated(&repo, &v2);
    let shown = |subject| {
        let ran = Tool::explain(repo.path(), subject).arg("--v2").arg(&v2).run();
        String::from_utf8(ran.expect_code(0, subject).stdout).unwrap()
    };
    let place = v2.display();
    let all = "archive equal, static resources equal, index entry equal";
    assert!(shown("quay-1.0.0").contains(&format!("V2        {all} in {place}\n")));
    assert!(shown("quay").contains("archived from snapshot  equal"));
    fs::remove_file(v2.join(QUAY_SVG)).unwrap();
    let found = "archive equal, static resources different, index entry equal";
    let one = shown("quay-1.0.0");
    for part in
        [&format!("V2        {found} in {place}\n"), &format!(" static-missing {QUAY_SVG}: ")]
    {
        assert!(one.contains(part.as_str()), "{part}\n{one}");
    }
    let overview = shown("quay");
    for part in [
        &format!("archived from snapshot  {found}"),
        &format!(" 1.0.0: static-missing {QUAY_SVG}: "),
    ] {
        assert!(overview.contains(part.as_str()), "{part}\n{overview}");
    }
    let gone = shown("mole-1.0.0");
    let absent = "archive absent, static resources absent, index entry absent";
    assert!(gone.contains(&format!("V2        {absent} in {place}\n")), "{gone}");
}

/// Without v1's copy, nothing is known of any of its objects.
#[test]
fn a_copy_that_cannot_be_read_leaves_all_states_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let v2 = dir.path().join("v2");
    migrated(&repo, &v2);
    repo.remove_object(repo.object_id("snapshot", "packages/quay/1.0.0/img"));
    let story = explain(&repo, "quay-1.0.0", &["--v2", v2.to_str().unwrap()]);
    let expected = (["unknown"; 3].map(str::to_owned), vec!["not-checkable".to_owned()]);
    assert_eq!(states(&story), expected);
}

/// A place that refuses to answer leaves the states of what is gone unknown, with the reasons.
#[test]
fn a_place_that_does_not_answer_leaves_all_states_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let store = Store::new(Gcs);
    let server = store.serve(|store, _| store.error(400, "invalid"));
    let mut tool = Tool::explain(repo.path(), "mole-1.0.0").args("--format json --v2 gs://bkt");
    for (name, value) in store.variables(&server) {
        tool = tool.env(&name, value);
    }
    let story = tool.run().expect_code(0, "nothing is known").json();
    let codes = ["archive-unreachable", "index-unreachable", "static-unreachable"];
    let expected = (["unknown"; 3].map(str::to_owned), codes.map(str::to_owned).to_vec());
    assert_eq!(states(&story), expected);
}

/// A bucket has many static resources; only those of the revision are listed.
#[test]
fn only_the_static_resources_of_the_revision_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let objects = migrated(&repo, &dir.path().join("v2"));
    let store = Store::new(Gcs);
    for (key, bytes) in &objects {
        store.put(key, bytes);
    }
    let server = store.serve(Store::correct);
    let mut tool = Tool::explain(repo.path(), "quay-1.0.0").args("--v2 gs://bkt");
    for (name, value) in store.variables(&server) {
        tool = tool.env(&name, value);
    }
    tool.run().expect_code(0, "a bucket");
    let requests = server.requests();
    let lists = requests.iter().map(|request| request.path.as_str());
    let lists: Vec<&str> =
        lists.filter(|path| path.contains("prefix=") && path.contains("static")).collect();
    assert!(!lists.is_empty());
    for list in lists {
        assert!(list.contains("static%2Fquay-1.0.0%2F"), "{list}");
    }
}

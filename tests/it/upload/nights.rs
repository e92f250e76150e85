//! The night job: migrate what v1 has today onto the published index, upload what is new, verify.
//!
//! Three nights over a v1 in which revisions are added, changed and removed after they were published. None of these
//! stops a later night.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use package_storage_migrate::v2::store::bucket::StoreKind;
use serde_json::Value;

use super::{ALL, CURSOR, counts, outcome, serve};
use crate::support::bucket_server::Store;
use crate::support::fault_server::FaultServer;
use crate::support::schemas::assert_valid;
use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::{RevisionDraft, StageDraft, V1Repo};
use crate::support::v2;

const LANTERN: &str = "artifacts/packages/lantern-1.0.0.zip";
const BEACON: &str = "artifacts/packages/beacon-1.0.0.zip";

fn complete(revision: RevisionDraft, text: &str) -> RevisionDraft {
    revision.manifest().file("img/logo.svg", "<svg/>").file("docs/README.md", text)
}

fn revision(stage: StageDraft, name: &str, version: &str, text: &str) -> StageDraft {
    stage.revision(name, version, |r| complete(r, text))
}

/// A v1, and its production after each day.
struct Case {
    folder: tempfile::TempDir,
    stages: Vec<String>,
    kind: StoreKind,
    store: Store,
    server: FaultServer,
}

impl Case {
    fn new(kind: StoreKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut repo = V1Repo::create(&folder.path().join("v1.git"));
        let days: [fn(StageDraft) -> StageDraft; 3] = [
            |s| {
                let s = revision(s, "beacon", "1.0.0", "# Beacon\n");
                let s = revision(s, "lantern", "1.0.0", "# Lantern\n");
                revision(s, "pier", "2.0.0", "# Pier\n")
            },
            // One is added, one is changed, one vanishes.
            |s| {
                let s = revision(s, "harbor", "1.0.0", "# Harbor\n");
                let s = revision(s, "lantern", "1.0.0", "# Lantern, changed\n");
                s.remove("packages/pier")
            },
            // Another is added, and the manifest of another one is changed, which its entry shows.
            |s| {
                let s = revision(s, "beacon", "1.1.0", "# Beacon\n");
                s.revision("beacon", "1.0.0", |r| r.manifest_with("categories: [web]\n"))
            },
        ];
        let mut stages = Vec::new();
        for (day, change) in days.into_iter().enumerate() {
            repo = repo.stage_at("production", day as i64, &[], change);
            stages.push(format!("production={}", repo.commit_id("production")));
        }
        let mut store = Store::new(kind);
        store.page_len = 100;
        let server = serve(&store);
        Case { folder, stages, kind, store, server }
    }

    fn output(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tool(&self, command: &str, to: &str) -> (Tool, String) {
        let mut tool = Tool::bare().arg(command);
        for (name, value) in self.store.variables(&self.server) {
            tool = tool.env(&name, value);
        }
        (tool, format!("{}://bkt/{to}", self.kind))
    }

    /// Migrates the state of a day into a fresh folder.
    fn migrate(&self, day: usize, to: &str, has_base: bool, args: &str) -> (Ran, PathBuf) {
        let (tool, store) = self.tool("migrate", to);
        let output = self.output(&format!("{to}-{day}"));
        if output.exists() {
            fs::remove_dir_all(&output).unwrap();
        }
        let mut tool = tool.arg(self.output("v1.git")).arg("--stages").arg(&self.stages[day]);
        tool = tool.output(&output).args(args);
        if has_base {
            tool = tool.arg("--base-index").arg(store);
        }
        (tool.run(), output)
    }

    fn upload(&self, output: &PathBuf, to: &str) -> (Ran, Value) {
        self.upload_with(output, to, "")
    }

    fn upload_with(&self, output: &PathBuf, to: &str, args: &str) -> (Ran, Value) {
        let (tool, store) = self.tool("upload", to);
        let ran = tool.arg(output).args(args).args("--report -").arg("--to").arg(store).run();
        let report = ran.json();
        assert_valid("upload-report", &report, to);
        (ran, report)
    }

    fn verify(&self, day: usize, to: &str, args: &str) -> Ran {
        let (tool, store) = self.tool("verify", to);
        let tool = tool.arg(self.output("v1.git")).arg("--stages").arg(&self.stages[day]);
        tool.arg("--v2").arg(&store).arg("--index").arg(&store).args(args).run()
    }

    fn objects(&self, to: &str) -> BTreeMap<String, Vec<u8>> {
        let prefix = format!("{to}/");
        let keys = self.store.keys();
        let keys = keys.iter().filter_map(|key| Some((key.strip_prefix(&prefix)?, key)));
        keys.map(|(short, key)| (short.to_owned(), self.store.get(key).unwrap().bytes)).collect()
    }

    /// Returns the lines of the index that the cursor names.
    fn index(&self, to: &str) -> BTreeSet<String> {
        let objects = self.objects(to);
        let cursor: Value = serde_json::from_slice(&objects[CURSOR]).unwrap();
        let key =
            format!("v2/metadata/{}/search-index-all.json", cursor["current"].as_str().unwrap());
        let text = String::from_utf8(objects[&key].clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains("package_manifest"));
        lines.map(|line| line.trim_end_matches(',').to_owned()).collect()
    }
}

fn differing<'a>(
    one: &'a BTreeMap<String, Vec<u8>>,
    other: &'a BTreeMap<String, Vec<u8>>,
) -> Vec<&'a str> {
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let keys = keys.into_iter().filter(|key| key.starts_with("artifacts/"));
    keys.filter(|key| one.get(*key) != other.get(*key)).map(String::as_str).collect()
}

#[test]
fn three_nights() {
    // In parallel, since each night needs the one before.
    std::thread::scope(|scope| {
        for kind in ALL {
            scope.spawn(|| three_nights_of(*kind));
        }
    });
}

fn three_nights_of(kind: StoreKind) {
    let case = Case::new(kind);
    let (ran, output) = case.migrate(0, "v2", false, "");
    ran.expect_code(0, "the first night");
    let (ran, report) = case.upload(&output, "v2");
    ran.expect_code(0, "the first night");
    assert_eq!(counts(&report), [11, 0, 0, 0, 0], "{kind}");
    case.verify(0, "v2", "--exact").expect_code(0, "the first night");

    // lantern is a conflict, harbor is published all the same, and pier stays.
    let (ran, output) = case.migrate(1, "v2", true, "");
    ran.expect_code(0, "the second night");
    let findings = v2::findings(&v2::json(&output.join("report.json")));
    assert_eq!(findings, ["info index-only pier 2.0.0  -"], "{kind}");
    let (ran, report) = case.upload(&output, "v2");
    let ran = ran.expect_code(1, "the second night");
    // Its archive and its README; the archive and two static resources of harbor, and the index, are new.
    assert_eq!(counts(&report), [6, 4, 2, 0, 0], "{kind} {ran}");
    assert_eq!(outcome(&report, LANTERN), "conflict other-bytes", "{kind}");
    assert_eq!(outcome(&report, CURSOR), "created", "{kind} {ran}");
    assert!(ran.stderr.contains(LANTERN), "{ran}");
    let ran = case.verify(1, "v2", "").expect_code(1, "the second night");
    let expected = ["2 of 3 archives as expected, 1 is not", "3 of 3 index entries as expected"];
    assert!(expected.iter().all(|text| ran.stderr.contains(text)), "{kind} {ran}");
    // What vanished is information.
    assert!(ran.stderr.contains("information      1  archive-extra"), "{kind} {ran}");

    let (ran, output) = case.migrate(2, "v2", true, "");
    ran.expect_code(0, "the third night");
    let findings = v2::findings(&v2::json(&output.join("report.json")));
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0].starts_with("conflict index-conflict beacon 1.0.0 production"));
    let (ran, report) = case.upload(&output, "v2");
    let ran = ran.expect_code(1, "the third night");
    for key in [LANTERN, BEACON] {
        assert_eq!(outcome(&report, key), "conflict other-bytes", "{kind}");
    }
    assert_eq!(outcome(&report, CURSOR), "created", "{kind} {ran}");

    // The end, beside what a single run of the last day publishes.
    let (ran, output) = case.migrate(2, "once", false, "");
    ran.expect_code(0, "a single run");
    case.upload(&output, "once").0.expect_code(0, "a single run");
    let (nights, once) = (case.objects("v2"), case.objects("once"));
    assert_eq!(
        differing(&nights, &once),
        [
            BEACON,
            LANTERN,
            "artifacts/packages/pier-2.0.0.zip",
            "artifacts/static/beacon-1.0.0/docs/README.md",
            "artifacts/static/lantern-1.0.0/docs/README.md",
            "artifacts/static/pier-2.0.0/docs/README.md",
            "artifacts/static/pier-2.0.0/img/logo.svg",
        ],
        "{kind}"
    );
    let (nights, once) = (case.index("v2"), case.index("once"));
    let names = |lines: Vec<&String>| {
        let name = |line: &&String| {
            let entry: Value = serde_json::from_str(line).unwrap();
            let entry = &entry["package_manifest"];
            let text = |field: &str| entry[field].as_str().unwrap().to_owned();
            format!("{}-{}", text("name"), text("version"))
        };
        lines.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(nights.difference(&once).collect()), ["beacon-1.0.0", "pier-2.0.0"]);
    assert_eq!(names(once.difference(&nights).collect()), ["beacon-1.0.0"], "{kind}");

    // The way out: leave the changed revisions out, with the same flags in each command.
    let out = "--exclude lantern-1.0.0,beacon-1.0.0";
    let (ran, output) = case.migrate(2, "v2", true, out);
    ran.expect_code(0, "the fourth night");
    let (ran, report) = case.upload(&output, "v2");
    ran.expect_code(0, "the fourth night");
    let [created, _, conflict, failed, withheld] = counts(&report);
    assert_eq!([created, conflict, failed, withheld], [0; 4], "{kind}: nothing is new");
    case.verify(2, "v2", out).expect_code(0, "the fourth night");
}

/// Names become stale while v1 is switched off: what v1 once had is reported, and what was never there stops the night.
#[test]
fn a_name_that_v1_does_not_have_any_more_stops_no_night() {
    let case = Case::new(StoreKind::Gcs);
    let out = "--exclude pier-2.0.0";
    let (ran, output) = case.migrate(0, "v2", false, out);
    ran.expect_code(0, "the first night");
    case.upload(&output, "v2").0.expect_code(0, "the first night");
    // Without a published index, it is a first run.
    let (ran, output) = case.migrate(1, "v2", false, out);
    let ran = ran.expect_code(3, "a first run");
    assert!(ran.stderr.contains("no package or revision matches pier-2.0.0"), "{ran}");
    assert!(ran.stderr.contains("correct or remove each"), "{ran}");
    assert!(!output.join("plan.json").exists());

    let (ran, output) = case.migrate(1, "v2", true, out);
    let ran = ran.expect_code(0, "the second night");
    let findings = v2::findings(&v2::json(&output.join("report.json")));
    let [finding] = findings.as_slice() else { panic!("{findings:?} {ran}") };
    assert!(finding.starts_with("warning no-longer-in-v1 - - production - commit="), "{finding}");
    assert!(
        finding.ends_with("named_by=exclude revision=pier-2.0.0 stage=production"),
        "{finding}"
    );
    let (ran, report) = case.upload(&output, "v2");
    ran.expect_code(1, "lantern has changed");
    assert_eq!(outcome(&report, CURSOR), "created");
    assert!(!case.objects("v2").contains_key("artifacts/packages/pier-2.0.0.zip"));
    let out = "--exclude pier-2.0.0,lantern";
    let ran = case.verify(1, "v2", out).expect_code(0, "the second night");
    assert!(ran.stderr.contains("what these name: --exclude pier-2.0.0\n"), "{ran}");

    for misspelt in ["--exclude peir-2.0.0", "--exclude pier-2.0.0,pier-2.0.1"] {
        let (ran, output) = case.migrate(1, "v2", true, misspelt);
        ran.expect_code(3, misspelt);
        assert!(!output.join("plan.json").exists(), "{misspelt}");
        case.verify(1, "v2", misspelt).expect_code(3, misspelt);
    }
}

/// A revision that is not published yet and conflicts holds the index back: its entry would be that of another archive.
#[test]
fn an_entry_waits_for_its_archive() {
    for kind in ALL {
        let case = Case::new(*kind);
        let (_, output) = case.migrate(0, "v2", false, "");
        case.upload(&output, "v2").0.expect_code(0, "the first night");
        for name in
            ["artifacts/packages/harbor-1.0.0.zip", "artifacts/static/harbor-1.0.0/img/logo.svg"]
        {
            let stored = format!("v2/{name}");
            case.store.put(&stored, b"another");
            let cursor = case.store.get(&format!("v2/{CURSOR}")).unwrap().generation;
            let (_, output) = case.migrate(1, "v2", true, "");
            let (ran, report) = case.upload(&output, "v2");
            let ran = ran.expect_code(1, name);
            assert_eq!(outcome(&report, name), "conflict other-bytes", "{kind} {ran}");
            assert_eq!(outcome(&report, CURSOR), "withheld not-complete", "{kind} {ran}");
            assert_eq!(case.store.get(&format!("v2/{CURSOR}")).unwrap().generation, cursor);
            case.store.remove(&stored);
        }
    }
}

/// The script that MIGRATION.md names, over a mirror of v1.
#[cfg(unix)]
#[test]
fn the_script_of_the_documents_runs_a_night() {
    use std::path::Path;
    use std::process::Command;

    let case = Case::new(StoreKind::Gcs);
    let (_, output) = case.migrate(0, "v2", false, "");
    case.upload(&output, "v2").0.expect_code(0, "the first night");
    let (v1, mirror) = (case.output("v1.git"), case.output("mirror.git"));
    let set = |day: usize| {
        let commit_id = case.stages[day].split_once('=').unwrap().1.parse().unwrap();
        drop(V1Repo::open(&v1).set_ref("refs/heads/production", commit_id));
    };
    let command = |program: &str| {
        let tool = Path::new(env!("CARGO_BIN_EXE_package-storage-migrate")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new(crate::support::program::in_path(program));
        command.env_clear().env("PATH", format!("{}:{path}", tool.display()));
        command.env("HOME", case.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        command.current_dir(case.folder.path());
        command
    };
    let mut clone = command("git");
    clone.args(["clone", "--quiet", "--mirror"]).arg(&v1).arg(&mirror);
    assert!(clone.status().unwrap().success());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nightly-sync.sh");
    let night = |flags: &str| {
        let mut shell = command("sh");
        shell.arg(&script).env("V1", &mirror).env("V2", "gs://bkt/v2").env("FLAGS", flags);
        shell.envs(case.store.variables(&case.server));
        let ran = shell.output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8(ran.stderr).unwrap())
    };
    let report = |name: &str| fs::read_to_string(case.output("reports").join(name)).unwrap();

    let only = "--stages production";
    set(0);
    assert_eq!(night(only).0, 0, "nothing is new");
    set(1);
    let (code, shown) = night(only);
    assert_eq!(code, 1, "{shown}");
    assert!(report("report.md").contains("index-only"), "{shown}");
    assert!(report("upload.md").contains(LANTERN), "{shown}");
    assert!(case.objects("v2").contains_key("artifacts/packages/harbor-1.0.0.zip"), "{shown}");
    set(2);
    assert_eq!(night(only).0, 1, "the conflict stays");
    assert!(case.objects("v2").contains_key("artifacts/packages/beacon-1.1.0.zip"));
    let (code, shown) = night(&format!("{only} --exclude lantern-1.0.0,beacon-1.0.0"));
    assert_eq!(code, 0, "{shown}");
    // One that vanished long ago.
    let (code, shown) = night(&format!("{only} --exclude lantern-1.0.0,beacon-1.0.0,pier"));
    assert_eq!(code, 0, "{shown}");
    for name in ["report.md", "verify.md"] {
        assert!(report(name).contains("--exclude pier"), "{}", report(name));
    }
    let (code, _) = night("--stages production --exclude no_such");
    assert_eq!(code, 3, "what cannot finish publishes nothing");
}

/// Each night makes other signatures of the same archives: the published ones stay, and only new archives get one.
#[test]
fn signatures_of_other_nights_stay() {
    let sign = format!("--sign-key {}", crate::support::keys::secret("ed25519").display());
    let signature = |name: &str| format!("artifacts/packages/{name}.zip.sig");
    let [beacon, lantern, harbor] =
        ["beacon-1.0.0", "lantern-1.0.0", "harbor-1.0.0"].map(signature);
    for kind in ALL {
        let case = Case::new(*kind);
        let (_, output) = case.migrate(0, "v2", false, &sign);
        case.upload(&output, "v2").0.expect_code(0, "the first night");
        // Another time, so that the signatures differ on a fast machine as well.
        let published = case.objects("v2");
        let (ran, output) = case.migrate(1, "v2", true, &sign);
        ran.expect_code(0, "the second night");
        let armor = crate::support::keys::forge(
            "ed25519",
            &fs::read(output.join(BEACON)).unwrap(),
            crate::support::keys::year(2024),
        );
        fs::write(output.join(&beacon), armor).unwrap();
        let resigned = Tool::bare().arg("sign").arg(&output).args(&sign).run();
        resigned.expect_code(0, "a signature of another time");

        let (_, report) = case.upload_with(&output, "v2", "--dry-run");
        assert_eq!(outcome(&report, &beacon), "conflict other-bytes", "{kind}");
        let (ran, report) = case.upload_with(&output, "v2", "--keep-signatures");
        let ran = ran.expect_code(1, "lantern has changed");
        assert_eq!(outcome(&report, &beacon), "withheld signature-stays", "{kind} {ran}");
        assert_eq!(outcome(&report, &harbor), "created", "{kind} {ran}");
        // It would be that of another archive.
        assert_eq!(outcome(&report, &lantern), "conflict other-bytes", "{kind} {ran}");
        assert_eq!(outcome(&report, CURSOR), "created", "{kind} {ran}");
        let now = case.objects("v2");
        for key in [&beacon, &lantern] {
            assert_eq!(now[key], published[key], "{kind} {key}");
        }
        let (ran, output) = case.migrate(1, "v2", true, &format!("{sign} --exclude lantern-1.0.0"));
        ran.expect_code(0, "the third night");
        let (ran, report) = case.upload_with(&output, "v2", "--keep-signatures");
        let ran = ran.expect_code(0, "the third night");
        assert_eq!(counts(&report)[0], 0, "{kind} {ran}");
    }
}

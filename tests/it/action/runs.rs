//! Runs of the action's scripts: the tool is installed in each way, `verify` passes and fails, and inputs stay data.
//!
//! Cargo is a stand-in that keeps its arguments: a build of the tool would take minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::{parsed, steps};
use crate::support::fixture;
use crate::support::program::write_script;
use crate::support::tool::Tool;
use crate::support::v2;
use crate::support::workflow::{Job, Runner, Values, bash_is_missing, text};

const BINARY: &str = env!("CARGO_BIN_EXE_package-storage-migrate");
const TOOL: &str = "package-storage-migrate";
/// What is broken in the fixture.
const BROKEN: &str = "drift_net,rusty_anchor";

/// What the fixture becomes in v2.
static V2: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let migrate = Tool::migrate(fixture::folder()).output(folder.path());
    migrate.args("--fail-on never").run().expect_code(0, "the fixture");
    folder
});

/// A workspace.
struct Case {
    folder: tempfile::TempDir,
    inputs: Values,
    /// A folder before the others of PATH.
    first_path: Option<PathBuf>,
}

impl Case {
    /// Creates a workspace, with the inputs of a run that passes.
    fn new() -> Self {
        let mut inputs = Values::new();
        for (name, input) in parsed("action.yml")["inputs"].as_mapping().unwrap() {
            let default = text(input, "default").unwrap_or_default();
            inputs.insert(name.as_str().unwrap().to_owned(), default.to_owned());
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("temp")).unwrap();
        Case { folder, inputs, first_path: None }
            .with("v1-repository", fixture::folder().to_str().unwrap())
            .with("v2", V2.path().to_str().unwrap())
            .with("exclude", BROKEN)
            .with("binary", BINARY)
    }

    fn with(mut self, input: &str, value: &str) -> Self {
        let old = self.inputs.insert(input.to_owned(), value.to_owned());
        assert!(old.is_some(), "no input {input}");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a program into the folder before the others of PATH.
    fn program(&mut self, name: &str, script: &str) {
        let folder = self.path("first");
        fs::create_dir_all(&folder).unwrap();
        write_script(&folder.join(name), script);
        self.first_path = Some(folder);
    }

    fn run(&self) -> Job {
        let mut path = std::env::var("PATH").unwrap();
        if let Some(first) = &self.first_path {
            path = format!("{}:{path}", first.display());
        }
        let temp = self.path("temp");
        let environment = [
            ("PATH", path.as_str()),
            ("HOME", self.folder.path().to_str().unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("RUNNER_TEMP", temp.to_str().unwrap()),
            ("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR")),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let inputs = self.inputs.clone();
        let runner = Runner { folder: self.folder.path(), inputs, environment: environment.into() };
        runner.run(&steps(&parsed("action.yml")["runs"]))
    }

    /// Runs both steps to the end of `verify`, and checks what it leaves.
    #[track_caller]
    fn expect(&self, code: &str, job_code: i32, annotation: &str) -> Job {
        let job = self.run();
        let verify = job.step("verify");
        assert_eq!(verify.outputs.get("exit-code").map(String::as_str), Some(code), "{job:#?}");
        assert_eq!(job.code(), job_code, "{job:#?}");
        let shown = format!("{}{}", verify.stdout, verify.stderr);
        assert!(shown.contains(annotation), "{annotation}: {job:#?}");
        job
    }

    /// Runs a step that must fail with this message before there is a result.
    #[track_caller]
    fn expect_refusal(&self, message: &str) {
        let job = self.run();
        let (_, last) = job.steps.last().unwrap();
        assert_eq!(last.code, 2, "{message}: {job:#?}");
        assert!(last.stdout.contains(&format!("::{message}")), "{message}: {job:#?}");
        assert!(last.outputs.is_empty(), "{job:#?}");
    }
}

#[test]
fn a_match() {
    if bash_is_missing() {
        return;
    }
    let job = Case::new().expect("0", 0, "::notice");
    assert!(job.summary.contains("match"), "{}", job.summary);
    assert_eq!(job.step("verify").outputs["report"], "verify.json");
}

#[test]
fn a_mismatch_fails_unless_never() {
    if bash_is_missing() {
        return;
    }
    // What is broken is missing in v2.
    let case = Case::new().with("exclude", "");
    let job = case.expect("1", 1, "::error title=archive-missing");
    assert!(job.summary.contains("archive-missing"), "{}", job.summary);
    assert_eq!(job.step("verify").outputs["report"], "verify.json");
    case.with("fail-on", "never").expect("1", 0, "::error title=archive-missing");
}

#[test]
fn what_could_not_complete_fails_always() {
    if bash_is_missing() {
        return;
    }
    let case = Case::new().with("fail-on", "never").with("plan", "missing.json");
    let job =
        case.expect("3", 3, "::error title=package-storage-migrate::verify ended with exit code 3");
    assert!(!job.step("verify").outputs.contains_key("report"), "{job:#?}");
    let case = Case::new().with("fail-on", "never").with("depth", "deep");
    case.expect("2", 2, "verify ended with exit code 2");
}

#[test]
fn every_input_reaches_verify() {
    if bash_is_missing() {
        return;
    }
    let plan = V2.path().join("plan.json");
    let case = Case::new()
        .with("depth", "entries")
        .with("plan", plan.to_str().unwrap())
        .with("index", V2.path().to_str().unwrap())
        .with("include", "harbor_log\n\n  buoy,ferry_fleet  \n")
        .with("exclude", "buoy\nferry_fleet")
        .with("arguments", "--stages=production\n--static-sample=1\n")
        .with("reports", "night.json\nnight.md\n")
        .with("junit", "night.xml");
    let job = case.expect("0", 0, "");
    assert_eq!(job.step("verify").outputs["report"], "night.json");
    let report = v2::json(&case.path("night.json"));
    assert_eq!(report["depth"], "entries", "{report}");
    assert!(report["plan"].is_string(), "{report}");
    assert!(report["index"].is_string(), "{report}");
    let scope = report["scope"].to_string();
    for part in ["harbor_log", "\"buoy\"", "\"ferry_fleet\""] {
        assert!(scope.contains(part), "{part}: {scope}");
    }
    assert_eq!(report["source"]["stages"].as_array().unwrap().len(), 1, "{report}");
    assert!(fs::read_to_string(case.path("night.md")).unwrap().starts_with("# "));
    assert!(fs::read_to_string(case.path("night.xml")).unwrap().starts_with("<?xml"));
}

/// Values with the syntax of shells and of flags, in each input.
#[test]
fn inputs_are_data() {
    if bash_is_missing() {
        return;
    }
    let values = [
        "$(touch pwned)`touch pwned`'; touch pwned; '\"; touch pwned; \"",
        "--report=pwned.json",
        "a --report=pwned.json\n--report=pwned.json\n; touch pwned",
    ];
    let names: Vec<String> = Case::new().inputs.into_keys().collect();
    let is_pwned = |case: &Case| ["pwned", "pwned.json"].map(|name| case.path(name).exists());
    for value in values {
        for name in names.iter().filter(|name| *name != "arguments") {
            let mut case = Case::new();
            case.program("cargo", "#!/bin/sh\nexit 9\n");
            let case = match name.as_str() {
                // Looked at without a binary only.
                "archive" => case.with("binary", "").with("archive-sha256", "0"),
                "archive-sha256" => case.with("binary", "").with("archive", BINARY),
                _ => case,
            };
            let case = case.with(name, value);
            let job = case.run();
            assert_eq!(is_pwned(&case), [false; 2], "{name}: {value}: {job:#?}");
        }
    }
    // The one input that flags belong in.
    let case = Case::new().with("arguments", values[1]);
    case.expect("0", 0, "");
    assert_eq!(is_pwned(&case), [false, true]);
}

#[test]
fn a_repository_is_cloned_from_its_url() {
    if bash_is_missing() {
        return;
    }
    let url = format!("file://{}", fixture::folder().display());
    let case = Case::new().with("v1-repository", &url);
    case.expect("0", 0, "::notice");
    // The runner's folder is shared by the steps of a job.
    case.expect("0", 0, "::notice");
    let job = case.with("v1-repository", "file:///nonexistent.git").run();
    assert_eq!(job.code(), 128, "{job:#?}");
    assert!(job.step("verify").outputs.is_empty(), "{job:#?}");
}

#[test]
fn an_installed_tool() {
    if bash_is_missing() {
        return;
    }
    let mut case = Case::new();
    case.program("my-tool", &format!("#!/bin/sh\nexec {BINARY} \"$@\"\n"));
    case.with("binary", "my-tool").expect("0", 0, "::notice");
    Case::new()
        .with("binary", "./missing")
        .expect_refusal("there is no program at the input binary");
}

#[test]
fn the_version_is_checked() {
    if bash_is_missing() {
        return;
    }
    let version = env!("CARGO_PKG_VERSION");
    Case::new().with("version", version).expect("0", 0, "::notice");
    let message = format!("the tool is {TOOL} {version}, which is not the input version");
    Case::new().with("version", "9.9.9").expect_refusal(&message);
}

#[test]
fn an_invalid_fail_on_is_refused() {
    if bash_is_missing() {
        return;
    }
    let message = "the input fail-on is neither mismatch nor never";
    Case::new().with("fail-on", "").expect_refusal(message);
    Case::new().with("fail-on", "blocker").expect_refusal(message);
}

fn sh(folder: &Path, script: &str) -> String {
    let mut shell = std::process::Command::new("sh");
    let ran = shell.args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{script}: {ran:?}");
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

#[test]
fn an_archive() {
    if bash_is_missing() {
        return;
    }
    let sum = |case: &Case| sh(case.folder.path(), "sha256sum <a.tar.gz | cut -d ' ' -f 1");
    let packed = |script: &str| {
        let case = Case::new().with("binary", "").with("archive", "a.tar.gz");
        let pack = format!("mkdir -p in/{TOOL}-0.1.0; {script}; tar -czf a.tar.gz in");
        sh(case.folder.path(), &pack);
        let digest = sum(&case);
        case.with("archive-sha256", &digest)
    };
    // A script in the place of the tool, which takes seconds to pack.
    let copy = format!(
        "printf '#!/bin/sh\\nexec {BINARY} \"$@\"\\n' >in/{TOOL}-0.1.0/{TOOL}; chmod +x in/{TOOL}-0.1.0/{TOOL}"
    );
    packed(&copy).expect("0", 0, "::notice");
    let twice = format!("{copy}; cp in/{TOOL}-0.1.0/{TOOL} in/");
    for (script, change, message) in [
        (copy.as_str(), "", "the input archive requires archive-sha256"),
        (&copy, "another", "the archive has another SHA-256"),
        ("true", "=", "the archive does not contain the tool once"),
        (&twice, "=", "the archive does not contain the tool once"),
    ] {
        let case = packed(script);
        let digest = case.inputs["archive-sha256"].clone();
        let digest = match change {
            "=" => digest,
            "" => String::new(),
            // The digest depends on the time: it may start with any digit.
            _ => format!("{}{}", if digest.starts_with('0') { '1' } else { '0' }, &digest[1..]),
        };
        case.with("archive-sha256", &digest).expect_refusal(message);
    }
}

/// Without a binary or an archive, Cargo builds the action's own source.
#[test]
fn the_source() {
    if bash_is_missing() {
        return;
    }
    let mut case = Case::new().with("binary", "");
    let arguments = case.path("arguments");
    let cargo = format!(
        "#!/bin/sh\necho \"$PWD\" \"$@\" >{}\ncp {BINARY} \"$6/bin/{TOOL}\"\n",
        arguments.display()
    );
    case.program("cargo", &cargo);
    case.expect("0", 0, "::notice");
    let root = case.path("temp").join(TOOL);
    assert_eq!(
        fs::read_to_string(arguments).unwrap().trim(),
        format!(
            "{} install --locked --path . --root {}",
            env!("CARGO_MANIFEST_DIR"),
            root.display()
        )
    );
    case.program("cargo", "#!/bin/sh\nexit 101\n");
    assert_eq!(case.run().code(), 101);
}

//! Credentials are in no output: planted ones of each kind, all commands that can have them, and servers that answer
//! well, that refuse and repeat what they were sent, that redirect, and that are not who they say.
//!
//! The stores' own hosts are asked, over a proxy with a password and TLS, and one server of ours answers for all of
//! them. Each source proves that its secret was used. That the search finds what is there is tested as well.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;

use crate::log;
use crate::support::keys;
use crate::support::tls_server::{AUTHORITY, TlsServer};
use crate::support::tool::{Ran, Tool, all_cases};
use crate::support::v1_repo::V1Repo;

mod basic;
mod local;
mod sources;
mod world;

use sources::{Source, sources};
use world::{Mode, World};

/// What all planted secrets contain: as it is, in Base64 at each of the three offsets, and in hexadecimal digits.
const NEEDLES: &[&str] = &["planted", "cGxhbnRlZ", "BsYW50ZW", "wbGFudGVk", "706c616e746564"];
/// A line of the service account's private key.
static KEY_LINE: LazyLock<&str> =
    LazyLock::new(|| sources::PRIVATE_KEY.lines().nth(3).expect("a line of the key"));

/// An output folder of `migrate`, and its repository.
struct Migrated {
    folder: tempfile::TempDir,
}

impl Migrated {
    fn v1(&self) -> PathBuf {
        self.folder.path().join("v1.git")
    }

    fn v2(&self) -> PathBuf {
        self.folder.path().join("v2")
    }

    /// Returns the content type of an object of the plan.
    fn content_type(&self, key: &str) -> String {
        let plan = fs::read(self.v2().join("plan.json")).unwrap();
        let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
        let mut uploads = plan["uploads"].as_array().unwrap().iter();
        let upload = uploads.find(|upload| upload["key"] == key);
        upload.map_or(String::new(), |upload| upload["content_type"].as_str().unwrap().to_owned())
    }

    /// Returns all files of the output folder, by their keys.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        collect(&self.v2(), &mut files);
        let key = |path: &Path| path.strip_prefix(self.v2()).unwrap().to_str().unwrap().to_owned();
        files.into_iter().map(|(path, bytes)| (key(&path), bytes)).collect()
    }
}

static MIGRATED: LazyLock<Migrated> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let repo = folder.path().join("v1.git");
    V1Repo::create(&repo)
        .stage("production", |stage| stage.revision("beacon", "1.0.0", |r| r.manifest()))
        .stage("staging", |s| s)
        .stage("snapshot", |s| s);
    let migrated = Migrated { folder };
    let tool = Tool::migrate(&repo).output(migrated.v2());
    let tool = tool.arg("--sign-key").arg(keys::secret("ed25519"));
    tool.run().expect_code(0, "migrate");
    migrated
});

fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
}

/// Returns the secrets in some bytes.
fn secrets(bytes: &[u8]) -> BTreeSet<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let is_shown = |needle: &&&str| text.contains(&needle.to_lowercase());
    let mut found: BTreeSet<_> = NEEDLES.iter().filter(is_shown).copied().collect();
    if String::from_utf8_lossy(bytes).contains(*KEY_LINE) {
        found.insert("the private key");
    }
    found
}

/// Returns where a run shows secrets: its streams, and the files in a folder.
fn shown(ran: &Ran, folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    let files = files.iter().map(|(path, bytes)| (name(path), &bytes[..]));
    let streams =
        [("stdout".to_owned(), &ran.stdout[..]), ("stderr".to_owned(), ran.stderr.as_bytes())];
    let all = streams.into_iter().chain(files);
    all.filter(|(_, bytes)| !secrets(bytes).is_empty()).map(|(name, _)| name).collect()
}

/// A command that reads or writes a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Upload,
    Verify,
    Index,
    Migrate,
}
use Command::{Index, Migrate, Upload, Verify};

const COMMANDS: &[Command] = &[Upload, Verify, Index, Migrate];

/// Adds a report of each of these formats.
fn reports(tool: Tool, folder: &Path, formats: &[&str]) -> Tool {
    formats
        .iter()
        .fold(tool, |tool, format| tool.arg("--report").arg(folder.join(format!("out.{format}"))))
}

impl Command {
    /// Returns a run with every output that the command has, in a folder.
    fn tool(self, place: &str, folder: &Path) -> Tool {
        let tool = Tool::bare();
        match self {
            Upload => {
                let tool = tool.arg("upload").arg(MIGRATED.v2()).arg("--to").arg(place);
                reports(tool.args("--report -"), folder, &["json", "md", "html"])
            }
            Verify => {
                let tool = tool.arg("verify").arg(MIGRATED.v1()).arg("--v2").arg(place);
                let tool = tool.arg("--plan").arg(MIGRATED.v2().join("plan.json"));
                let tool = tool.args("--depth content --report -");
                let tool = reports(tool, folder, &["json", "md", "html"]);
                let tool = tool.arg("--junit").arg(folder.join("out.xml"));
                let tool = tool.env("GITHUB_ACTIONS", "true");
                tool.env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
            }
            Index => {
                let tool = tool.arg("index").arg(place).args("--cursor 7");
                let tool = match place.starts_with("http") {
                    true => tool.arg("--plan").arg(MIGRATED.v2().join("plan.json")),
                    false => tool,
                };
                tool.output(folder.join("index"))
            }
            Migrate => {
                let tool = Tool::migrate(MIGRATED.v1()).output(folder.join("v2"));
                let tool = tool.arg("--base-index").arg(place).args("--report -");
                reports(tool, folder, &["json", "md", "html"])
            }
        }
    }
}

/// What is wrong with a case, and whether its run succeeded.
#[derive(Clone, Copy)]
struct Case<'a> {
    source: &'a Source,
    command: Command,
    mode: Mode,
    format: LogFormat,
}

/// The form of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogFormat {
    Text,
    Json,
}

impl LogFormat {
    const ALL: [LogFormat; 2] = [LogFormat::Text, LogFormat::Json];

    /// Adds the flag, if it is needed.
    fn on(self, tool: Tool) -> Tool {
        match self {
            LogFormat::Text => tool,
            LogFormat::Json => tool.args("--log-format json"),
        }
    }

    /// Checks that all of stderr is events, if it should be: a line that is none may have come from anywhere.
    #[track_caller]
    fn check(self, ran: &Ran, row: &str) {
        if self == LogFormat::Json {
            log::parsed(ran, row);
        }
    }
}

impl Case<'_> {
    fn run(&self) -> Vec<String> {
        let Case { source, command, mode, format } = *self;
        let world = World::start(source.kind, mode, command != Upload);
        let proxy = TlsServer::proxy(world.server.port);
        let folder = tempfile::tempdir().unwrap();
        let [home, out] = ["home", "out"].map(|name| folder.path().join(name));
        fs::create_dir(&home).unwrap();
        fs::create_dir(&out).unwrap();
        source.write(&home);
        let place = format!("{}://bkt/pre", source.kind);
        let mut tool = format.on(command.tool(&place, &out).args(source.args)).env("HOME", &home);
        // Log lines, if there were any.
        tool = tool.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        for (name, value) in source.variables(&home, world.server.port) {
            tool = tool.env(name, value);
        }
        let port = if mode == Mode::ProxyRefuses { world.refusing_proxy() } else { proxy.port };
        let address = format!("http://planted-user:planted-password@127.0.0.1:{port}");
        tool = tool.env("HTTPS_PROXY", address);
        if mode != Mode::Untrusted {
            tool = tool.env("SSL_CERT_FILE", AUTHORITY);
        }
        let ran = tool.run();
        format.check(&ran, source.name);
        let mut wrong: Vec<String> =
            shown(&ran, &out).into_iter().map(|name| format!("{name} shows a secret")).collect();
        let is_proven = match mode {
            Mode::Success => ran.code == Some(0) && world.received(source.proof),
            // The secret was on its way back to the tool.
            Mode::Unauthorized | Mode::Redirect => {
                ran.code == Some(3) && world.received(source.proof)
            }
            Mode::WritesRefused => world.received(source.proof),
            // Where a machine's own server refuses, there are no credentials.
            Mode::TokensRefused => !world.requests().is_empty(),
            Mode::Untrusted | Mode::ProxyRefuses => ran.code != Some(0),
        };
        let asks_proxy = proxy.connects().iter().any(|head| {
            // Basic authentication with the password.
            head.contains("cGxhbnRlZC11c2VyOnBsYW50ZWQtcGFzc3dvcmQ=")
        });
        if !is_proven || !(asks_proxy || matches!(mode, Mode::TokensRefused | Mode::ProxyRefuses)) {
            wrong.push("the secret was not used, or the run ends otherwise".to_owned());
        }
        if !wrong.is_empty() {
            wrong.push(format!("{ran}\n{:?}", world.requests()));
        }
        wrong
    }
}

/// Runs all cases, some at once, and fails with what is wrong.
#[track_caller]
fn hold<C: Sync>(
    cases: &[C],
    name: impl Fn(&C) -> String + Sync,
    run: impl Fn(&C) -> Vec<String> + Sync,
) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = run(case);
                    if !found.is_empty() {
                        let text = format!("{}: {}", name(case), found.join("\n  "));
                        wrong.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Returns the cases, or some of them.
fn cases(sources: &[Source]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for source in sources {
        for mode in Mode::ALL {
            for command in COMMANDS {
                let is_of_writes = *mode == Mode::WritesRefused;
                let is_of_tokens = *mode == Mode::TokensRefused;
                if (is_of_writes && *command != Upload) || (is_of_tokens && !source.asks_for_tokens)
                {
                    continue;
                }
                // What only differs before the first request of the store.
                let is_early =
                    matches!(mode, Mode::TokensRefused | Mode::Untrusted | Mode::ProxyRefuses);
                if is_early && !matches!(command, Upload | Verify) {
                    continue;
                }
                let formats = LogFormat::ALL;
                cases.extend(formats.map(|format| Case {
                    source,
                    command: *command,
                    mode: *mode,
                    format,
                }));
            }
        }
    }
    assert!(sources.len() >= 18 && cases.len() >= 600, "{} {}", sources.len(), cases.len());
    if !all_cases() {
        // Coprime with the number of commands and formats, so that each source, mode, command and format is among
        // them.
        cases = cases.into_iter().step_by(7).collect();
    }
    cases
}

fn hold_cases(cases: &[Case<'_>]) {
    assert!(!cases.is_empty());
    let name = |case: &Case<'_>| {
        format!("{}, {:?}, {:?}, {:?}", case.source.name, case.command, case.mode, case.format)
    };
    hold(cases, name, Case::run);
}

#[test]
fn no_output_shows_credentials_of_a_store() {
    let sources = sources();
    let mut cases = cases(&sources);
    cases.retain(|case| case.mode != Mode::ProxyRefuses);
    hold_cases(&cases);
}

/// Runs the cases in which no connection to the store succeeds, so that some runs take all attempts.
pub(crate) fn hold_refusing_proxy() {
    let sources = sources();
    let mut cases = cases(&sources);
    cases.retain(|case| case.mode == Mode::ProxyRefuses);
    hold_cases(&cases);
}

/// The search finds a secret in each place where it looks, and in each form.
#[test]
fn what_is_shown_is_found() {
    for secret in ["x-planted-1", "eHBsYW50ZWQ=", "cGxhbnRlZA==", "eHhwbGFudGVk", "706C616E746564"]
    {
        assert!(!secrets(secret.as_bytes()).is_empty(), "{secret}");
    }
    assert!(!secrets(sources::PRIVATE_KEY.as_bytes()).is_empty());
    assert!(secrets(b"plant, cGxhbnQ=, 706c616e74").is_empty());
    // A place whose name has the needle, and which is shown: everything that names the place is found.
    let world = World::start(sources()[0].kind, Mode::Success, false);
    let expected: [(Command, &[&str]); 2] = [
        (Upload, &["stdout", "stderr", "out.html", "out.json", "out.md"]),
        (Verify, &["stdout", "stderr", "out.html", "out.json", "out.md", "out.xml", "summary.md"]),
    ];
    for (command, places) in expected {
        let folder = tempfile::tempdir().unwrap();
        let tool = command.tool("gs://bkt/planted", folder.path());
        let host = format!("http://127.0.0.1:{}", world.server.port);
        let ran = tool.env("STORAGE_EMULATOR_HOST", host).run();
        let found = shown(&ran, folder.path());
        for place in places {
            assert!(found.iter().any(|name| name == place), "{command:?} {place}: {found:?} {ran}");
        }
    }
}

//! User and password in an http(s) URL, and secrets in URLs that are refused.

use super::{Command, Index, LogFormat, MIGRATED, Migrate, Verify, hold, shown};
use crate::support::fault_server::{FaultServer, Reply, Request};
use crate::support::tls_server::{AUTHORITY, TlsServer};
use crate::support::tool::{Ran, Tool};

/// Base64 of `planted-user:planted-password`.
const SENT: &str = "Basic cGxhbnRlZC11c2VyOnBsYW50ZWQtcGFzc3dvcmQ=";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Success,
    Unauthorized,
    Redirect,
    Untrusted,
}

fn repeated(request: &Request, status: u16) -> Reply {
    let sent = request.header("authorization").unwrap_or_default().to_owned();
    let reply = Reply { body: sent.clone().into_bytes(), ..Reply::status(status) };
    reply.with("www-authenticate", format!("Basic realm=\"{sent}\"")).with("server", sent)
}

fn answer(mode: Mode, request: &Request, reply: Reply) -> Reply {
    match mode {
        Mode::Success | Mode::Untrusted => reply,
        Mode::Unauthorized => repeated(request, 401),
        Mode::Redirect if request.path.contains("planted") => repeated(request, 404),
        Mode::Redirect => repeated(request, 302).with(
            "location",
            format!("/planted?token=planted&{}", request.path.trim_start_matches('/')),
        ),
    }
}

#[test]
fn no_output_shows_the_password_of_a_url() {
    let mut cases = Vec::new();
    for mode in [Mode::Success, Mode::Unauthorized, Mode::Redirect, Mode::Untrusted] {
        for command in [Some(Verify), Some(Index), Some(Migrate), None] {
            cases.extend(LogFormat::ALL.map(|format| (mode, command, format)));
        }
    }
    let run = |(mode, command, format): &(Mode, Option<Command>, LogFormat)| {
        let (mode, command) = (*mode, *command);
        let files = MIGRATED.files().into_iter().map(|(key, bytes)| (format!("/{key}"), bytes));
        let server = FaultServer::serve(files, move |request, reply| answer(mode, request, reply));
        let tls = TlsServer::before(server.port);
        let folder = tempfile::tempdir().unwrap();
        let url = format!("https://planted-user:planted-password@127.0.0.1:{}/", tls.port);
        let tool = match command {
            Some(command) => command.tool(&url, folder.path()),
            None => {
                let tool = Tool::bare().arg("verify").arg(MIGRATED.v1()).arg("--registry-url");
                let tool = tool.arg(&url).args("--report -").arg("--report");
                let tool = tool.arg(folder.path().join("out.md")).arg("--junit");
                tool.arg(folder.path().join("out.xml")).env("GITHUB_ACTIONS", "true")
            }
        };
        let tool = match mode {
            Mode::Untrusted => tool,
            _ => tool.env("SSL_CERT_FILE", AUTHORITY),
        };
        let ran = format.on(tool).run();
        format.check(&ran, &format!("{mode:?}"));
        let mut wrong = shown(&ran, folder.path());
        let is_sent = |request: &Request| request.header("authorization") == Some(SENT);
        let is_used = server.requests().iter().any(is_sent) || mode == Mode::Untrusted;
        // A registry answers other paths than a bucket.
        let succeeds = mode == Mode::Success && command.is_some();
        if !is_used || (ran.code == Some(0)) != succeeds {
            wrong.push("the password was not used, or the run ends otherwise".to_owned());
        }
        if !wrong.is_empty() {
            wrong.push(ran.to_string());
        }
        wrong
    };
    hold(&cases, |case| format!("{case:?}"), run);
}

/// A URL that is not accepted is not repeated: it may have a password or a signature.
#[test]
fn a_refused_url_is_not_shown() {
    let v1 = MIGRATED.v1();
    let v2 = MIGRATED.v2();
    let urls = [
        "az://bkt?sv=2021&sig=planted-sas",
        "az://acc.blob.core.windows.net/bkt?sig=planted-sas",
        "s3://AKID:planted-secret@bkt",
        "gs://bkt?token=planted",
        "gs://bkt#planted",
        "https://planted-user:planted-password@127.0.0.1:1/?a=b",
        "https://planted-user:planted-password@/",
        "https://user:planted%ZZ@[::1/",
        "ftp://planted-user:planted-password@127.0.0.1/",
        "HTTPS://planted-user:planted-password@127.0.0.1:port/",
    ];
    let urls = urls.into_iter().flat_map(|url| LogFormat::ALL.map(|format| (url, format)));
    let cases: Vec<(&str, LogFormat)> = urls.collect();
    let run = |(url, format): &(&str, LogFormat)| {
        let (url, format) = (*url, *format);
        let mut wrong = Vec::new();
        let run = |tool: Tool| -> Ran { format.on(tool).run() };
        let upload = || Tool::bare().arg("upload").arg(&v2);
        let verify = || Tool::bare().arg("verify").arg(&v1);
        let runs = [
            ("--to", upload().arg("--to").arg(url)),
            ("--to=", upload().arg(format!("--to={url}"))),
            ("--internal", upload().args("--to gs://bkt --internal").arg(url)),
            ("--v2", verify().arg("--v2").arg(url)),
            ("--registry-url", verify().arg("--registry-url").arg(url)),
            ("verify --base-index", verify().arg("--v2").arg(&v2).arg("--base-index").arg(url)),
            ("index", Tool::bare().arg("index").arg(url).args("--cursor 1")),
            ("--base-index", Tool::migrate(&v1).args("--dry-run --base-index").arg(url)),
            ("a second place", verify().arg("--v2").arg(&v2).arg(url)),
            ("an unknown flag", Tool::migrate(&v1).arg(format!("--to={url}"))),
        ];
        for (what, tool) in runs {
            let ran = run(tool);
            format.check(&ran, what);
            let folder = tempfile::tempdir().unwrap();
            if !shown(&ran, folder.path()).is_empty() || ran.code == Some(0) {
                wrong.push(format!("{what}: {ran}"));
            }
        }
        wrong
    };
    hold(&cases, |case| format!("{case:?}"), run);
}

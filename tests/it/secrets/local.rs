//! The passphrase of a signing key, the arguments of a signing program, and the environment of commands that need none
//! of it.

use std::fs;
use std::path::Path;

use super::{LogFormat, MIGRATED, reports, shown};
use crate::support::fault_server::FaultServer;
use crate::support::keys;
use crate::support::tool::Tool;

const VARIABLE: &str = "ELASTIC_PACKAGE_SIGNER_PASSPHRASE";

/// Runs `sign` over a folder of unsigned archives, and `migrate`.
fn runs(out: &Path) -> [Tool; 2] {
    let sign = Tool::bare().arg("sign").arg(out.join("unsigned"));
    let migrate = Tool::migrate(MIGRATED.v1()).output(out.join("v2")).args("--report -");
    let migrate = migrate.arg("--report").arg(out.join("out.md"));
    [sign, migrate.arg("--report").arg(out.join("out.html"))]
}

#[test]
fn no_output_shows_a_passphrase() {
    let locked = keys::secret("ed25519-locked");
    // The passphrase, and whether it is the right one.
    let rows = [(keys::PASSPHRASE, true), ("planted-passphrase", false)];
    for (passphrase, is_right) in rows {
        for in_file in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("out");
            fs::create_dir(&out).unwrap();
            let unsigned = Tool::migrate(MIGRATED.v1()).output(out.join("unsigned"));
            unsigned.run().expect_code(0, "migrate");
            let file = folder.path().join("passphrase");
            fs::write(&file, passphrase).unwrap();
            let formats = LogFormat::ALL.into_iter().zip(runs(&out));
            for (format, tool) in formats.chain(LogFormat::ALL.into_iter().rev().zip(runs(&out))) {
                let tool = format.on(tool).arg("--sign-key").arg(&locked);
                let tool = match in_file {
                    true => tool.arg("--passphrase-file").arg(&file),
                    false => tool.env(VARIABLE, passphrase),
                };
                let ran = tool.run();
                format.check(&ran, passphrase);
                assert_eq!(ran.code == Some(0), is_right, "{ran}");
                assert!(shown(&ran, &out).is_empty(), "{ran}");
                let text = format!("{ran}");
                assert!(!text.contains(keys::PASSPHRASE), "{ran}");
            }
        }
    }
}

/// A program that fails is named by what it printed, not by its arguments; and it does not get the passphrase.
#[cfg(unix)]
#[test]
fn no_output_shows_the_arguments_of_a_signing_program() {
    let programs = ["exit 3", "env >&2; exit 3", "true", "env > \"$2\""];
    for program in programs {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        fs::create_dir(&out).unwrap();
        let unsigned = Tool::migrate(MIGRATED.v1()).output(out.join("unsigned"));
        unsigned.run().expect_code(0, "migrate");
        let formats = LogFormat::ALL.into_iter().zip(runs(&out));
        for (format, tool) in formats.chain(LogFormat::ALL.into_iter().rev().zip(runs(&out))) {
            let tool = format.on(tool);
            let command =
                format!("sh -c '{program}' signer {{input}} {{output}} --pin planted-pin");
            let tool = tool.arg("--sign-command").arg(command).env(VARIABLE, "planted-passphrase");
            let ran = tool.run();
            format.check(&ran, program);
            assert_ne!(ran.code, Some(0), "{program}: {ran}");
            assert!(shown(&ran, &out).is_empty(), "{program}: {ran}");
        }
    }
}

/// What a job has in its environment, although some of its commands read no store.
const ENVIRONMENT: &[(&str, &str)] = &[
    (VARIABLE, "planted-passphrase"),
    ("AWS_ACCESS_KEY_ID", "AKIDPLANTED"),
    ("AWS_SECRET_ACCESS_KEY", "planted-secret-key"),
    ("AWS_SESSION_TOKEN", "planted-session"),
    ("AZURE_CLIENT_SECRET", "planted-client-secret"),
    ("AZURE_STORAGE_CONNECTION_STRING", "AccountName=acc;AccountKey=cGxhbnRlZC1hY2NvdW50LWtleQ=="),
    ("GOOGLE_APPLICATION_CREDENTIALS", "/planted/adc.json"),
    ("HTTPS_PROXY", "http://planted-user:planted-password@127.0.0.1:9"),
    ("RUST_LOG", "trace"),
    ("GITHUB_ACTIONS", "true"),
];

/// Reports that are read again have no secret either, whatever the run that wrote them was given.
#[test]
fn commands_without_a_store_show_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let [parts, out] = ["parts", "out"].map(|name| folder.path().join(name));
    for path in [&parts, &out] {
        fs::create_dir(path).unwrap();
    }
    let with_environment =
        |tool: Tool| ENVIRONMENT.iter().fold(tool, |tool, (name, value)| tool.env(name, value));
    let files = MIGRATED.files().into_iter().map(|(key, bytes)| (format!("/{key}"), bytes));
    let server = FaultServer::serve(files, |_, reply| reply);
    let url = format!("http://planted-user:planted-password@127.0.0.1:{}/", server.port);
    let night = out.join("night.json");
    let verify = Tool::bare().arg("verify").arg(MIGRATED.v1()).arg("--v2").arg(&url);
    let verify = with_environment(verify.args("--depth content --static-sample all"));
    verify.arg("--report").arg(&night).run().expect_code(0, "verify");
    assert!(server.requests().iter().any(|request| request.header("authorization").is_some()));
    let shards = ["1/2", "2/2"].map(|shard| {
        let part = parts.join(shard.replace('/', "-of-"));
        let tool = Tool::migrate(MIGRATED.v1()).output(&part).arg("--shard").arg(shard);
        with_environment(tool).run().expect_code(0, shard);
        part
    });
    let [first, second] = &shards;
    let coverage = Tool::bare().args("report coverage").arg(&night);
    let coverage = coverage.arg("--report").arg(out.join("coverage.html"));
    let history = Tool::bare().arg("audit-history").arg(MIGRATED.v1());
    let history = reports(history, &out, &["json", "md", "html"]);
    let merge = Tool::bare().arg("merge-plans").arg(first).arg(second);
    let merge = merge.output(out.join("merged"));
    for (name, tool) in
        [("report coverage", coverage), ("audit-history", history), ("merge-plans", merge)]
    {
        let ran = with_environment(tool).run().expect_code(0, name);
        assert!(!ran.stderr.is_empty(), "{name}");
        assert!(shown(&ran, folder.path()).is_empty(), "{name}: {ran}");
    }
    assert!(out.join("coverage.html").exists() && out.join("merged/plan.json").exists());
}

//! The passphrase of a signing key, and the arguments of a signing program.

use std::fs;
use std::path::Path;

use super::{MIGRATED, shown};
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
            for tool in runs(&out) {
                let tool = tool.arg("--sign-key").arg(&locked);
                let tool = match in_file {
                    true => tool.arg("--passphrase-file").arg(&file),
                    false => tool.env(VARIABLE, passphrase),
                };
                let ran = tool.run();
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
        for tool in runs(&out) {
            let command =
                format!("sh -c '{program}' signer {{input}} {{output}} --pin planted-pin");
            let tool = tool.arg("--sign-command").arg(command).env(VARIABLE, "planted-passphrase");
            let ran = tool.run();
            assert_ne!(ran.code, Some(0), "{program}: {ran}");
            assert!(shown(&ran, &out).is_empty(), "{program}: {ran}");
        }
    }
}

//! The input of a validator: the unpacked package, and the final archive.

use std::collections::BTreeMap;

use super::*;

/// Copies the working folder to `LOG`, and the archive.
const COPY: &str = "cp -R . \"$LOG/${PWD##*/}\" && cp \"$1\" \"$LOG\"";

#[test]
fn the_archive_is_final_and_the_folder_has_its_files() {
    let odd = ["docs/a b.md", "docs/é €.md", "docs/'$HOME' \"*\" {dir}.md", "-rf", "img/🚢.svg"];
    let yard = Yard::pier(|r| {
        odd.iter().fold(r, |r, name| r.file(name, format!("{name}\n"))).file("docs/empty.md", "")
    });
    for (output, flags) in [("written", ""), ("written", ""), ("dry", "--dry-run")] {
        let ran = yard.run(yard.migrate(&sh(COPY, "{archive}")).args(flags), output);
        let ran = ran.expect_code(0, output);
        assert!(ran.stderr.contains("Validated 1 of 1 passed, 0 failed"), "{ran}");
        let log = yard.path("log");
        let archive = fs::read(log.join("pier-1.0.0.zip")).unwrap();
        assert!(v2::archives(&yard.path("written"))["pier-1.0.0.zip"] == archive, "{output}");
        let found: BTreeMap<_, _> = v2::tree(&log.join("pier-1.0.0"))
            .into_iter()
            .filter_map(|(path, bytes)| Some((path, bytes?)))
            .collect();
        assert_eq!(found.len(), odd.len() + 3, "{found:?}");
        for name in odd {
            assert_eq!(found[name], format!("{name}\n").into_bytes(), "{output}");
        }
        assert_eq!(found["docs/empty.md"], b"", "{output}");
        fs::remove_dir_all(&log).unwrap();
        fs::create_dir(&log).unwrap();
    }
}

#[test]
fn it_runs_in_the_packages_folder_as_elastic_package_expects_it() {
    let yard = Yard::pier(|r| r);
    let script = "pwd -P; test \"$1\" = \"$(pwd -P)\" && test \"$2\" = \"$1.zip\" && ls -A . .. && cat && exit 7";
    yard.run(yard.migrate(&sh(script, "{dir} {archive}")), "v2").expect_code(0, "a warning");
    let output = "{dir}\n.:\ndocs\nmanifest.yml\n\n..:\n.git\npier-1.0.0\npier-1.0.0.zip";
    assert_eq!(
        yard.findings("v2"),
        [format!(
            "warning validation-failed pier 1.0.0 production - exit_code=7 fail_on_error=false output={output}"
        )]
    );
}

#[test]
fn it_gets_the_environment_but_no_passphrase() {
    let yard = Yard::pier(|r| r);
    let script = "echo \"$ELASTIC_PACKAGE_SIGNER_PASSPHRASE/$OTHER\"; exit 1";
    let tool = yard.migrate(&sh(script, ""));
    let tool = tool.env("ELASTIC_PACKAGE_SIGNER_PASSPHRASE", "secret").env("OTHER", "seen");
    yard.run(tool, "v2").expect_code(0, "a warning");
    assert!(yard.findings("v2")[0].ends_with("output=/seen"), "{:?}", yard.findings("v2"));
}

#[test]
fn a_package_that_cannot_be_unpacked_is_not_validated() {
    let name = format!("kibana/{}.md", "a".repeat(300));
    let yard = Yard::pier(|r| r.file(&name, "x"));
    let ran = yard.run(yard.migrate("false"), "v2").expect_code(0, "a warning");
    assert!(ran.stderr.contains("Validated 0 of 1 passed, 0 failed, 1 not validated"), "{ran}");
    let line = &yard.findings("v2")[0];
    let expected = format!(
        "warning not-validated pier 1.0.0 production - cause={{\"not-unpacked\":\"pier-1.0.0/{name}: "
    );
    assert!(line.starts_with(&expected), "{line}");
    assert!(v2::archives(&yard.path("v2")).contains_key("pier-1.0.0.zip"));
}

#[test]
fn changes_by_a_validator_do_not_affect_archives() {
    let yard = Yard::pier(|r| r.file("docs/a.md", "x"));
    yard.run(yard.plain(), "plain").expect_code(0, "plain");
    let script =
        "rm -r docs; echo y > manifest.yml; : > \"$1\"; mkdir -p a/b; chmod 500 a/b a; ln -s / c";
    yard.run(yard.migrate(&sh(script, "{archive}")), "v2").expect_code(0, "v2");
    assert!(v2::archives(&yard.path("plain")) == v2::archives(&yard.path("v2")));
}

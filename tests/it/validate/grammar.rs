//! The command-line arguments of validation.

use package_storage_migrate::model::validation::{TimeLimit, ValidateCommand};

use super::*;

#[test]
fn templates_have_a_grammar() {
    let rows: [(&str, Result<(), &str>); 10] = [
        ("elastic-package lint", Ok(())),
        ("validate {dir}", Ok(())),
        ("'my validator' --archive={archive} {dir}/manifest.yml", Ok(())),
        ("", Err("missing program")),
        (" \t", Err("missing program")),
        ("validate \"open", Err("unclosed quote or trailing backslash")),
        ("validate open\\", Err("unclosed quote or trailing backslash")),
        ("{dir}/validate", Err("the program contains a placeholder")),
        ("{archive}", Err("the program contains a placeholder")),
        ("validate {other}", Ok(())),
    ];
    for (template, expected) in rows {
        let parsed = template.parse::<ValidateCommand>();
        assert_eq!(parsed.clone().map(drop), expected, "{template}");
        if let Ok(command) = parsed {
            assert_eq!(command.to_string(), template, "it is kept as it was given");
        }
    }
}

#[test]
fn arguments_are_filled_without_a_shell() {
    let command: ValidateCommand =
        "v {dir} {archive} a{dir}b{archive}c {dir}{dir} '{dir} x' $HOME *".parse().unwrap();
    // A path is always one argument, and placeholders in it are not replaced.
    let (dir, archive) = (Path::new("/t/{archive} $x"), Path::new("/t/a'\".zip"));
    let expected = [
        "/t/{archive} $x",
        "/t/a'\".zip",
        "a/t/{archive} $xb/t/a'\".zipc",
        "/t/{archive} $x/t/{archive} $x",
        "/t/{archive} $x x",
        "$HOME",
        "*",
    ];
    assert_eq!(command.arguments(dir, archive), expected);
}

#[test]
fn time_limits_have_a_grammar() {
    let rows = [
        ("1ms", Some(("1ms", 1))),
        ("1500ms", Some(("1500ms", 1500))),
        ("2000ms", Some(("2s", 2000))),
        ("90s", Some(("90s", 90_000))),
        ("2m", Some(("120s", 120_000))),
        ("24h", Some(("86400s", 86_400_000))),
        ("0s", None),
        ("25h", None),
        ("99999999999999999999s", None),
        ("18446744073709551615h", None),
        ("60", None),
        ("s", None),
        ("", None),
        ("-1s", None),
        ("1.5s", None),
        ("1 s", None),
        ("1d", None),
        ("1S", None),
    ];
    for (text, expected) in rows {
        let parsed = text.parse::<TimeLimit>().ok();
        let told = parsed.map(|limit| (limit.to_string(), limit.duration().as_millis()));
        let told = told.as_ref().map(|(text, length)| (text.as_str(), *length));
        assert_eq!(told, expected, "{text:?}");
    }
}

#[test]
fn wrong_command_lines_end_with_2() {
    let yard = Yard::pier(|r| r);
    let rows = [
        ("--validate-timeout 5s", "--validate-command"),
        ("--validate-fail-on-error", "--validate-command"),
        ("--validate-command true --validate-timeout 5", "90s"),
        ("--validate-command {dir}", "the program contains a placeholder"),
        ("--validate-command true --validate-command true", "multiple times"),
    ];
    for (flags, expected) in rows {
        let ran = yard.run(yard.plain().args(flags), "v2").expect_code(2, flags);
        assert!(ran.stderr.contains(expected), "{flags}: {ran}");
        assert!(!yard.path("v2").exists(), "{flags}");
    }
}

#[cfg(unix)]
#[test]
fn a_program_that_cannot_be_run_fails_the_run_at_once() {
    use crate::support::program::write_script;

    let yard = Yard::pier(|r| r);
    let folder = yard.path("programs");
    fs::create_dir(&folder).unwrap();
    let script = |name: &str, text: &str| write_script(&folder.join(name), text);
    script("good", "#!/bin/sh\nexit 0\n");
    script("lost", "#! /no/such/interpreter -x\n");
    fs::write(folder.join("plain"), "#!/bin/sh\nexit 0\n").unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let rows = [
        ("no-such-validator {dir}".to_owned(), "no such program in PATH"),
        (path("missing"), "No such file or directory"),
        (path("plain"), "Permission denied"),
        ("plain".to_owned(), "Permission denied"),
        (folder.display().to_string(), "it is not a file"),
        (path("lost"), "its interpreter /no/such/interpreter: No such file or directory"),
        ("./programs/missing".to_owned(), "No such file or directory"),
    ];
    let search = format!("{}:/usr/bin:/bin", folder.display());
    for (template, expected) in rows {
        for flags in ["", "--dry-run"] {
            let tool = yard.migrate(&template).args(flags).env("PATH", &search);
            let ran = yard.run(tool.current_dir(yard.dir.path()), "v2").expect_code(3, &template);
            assert!(ran.stderr.contains(expected), "{template}: {ran}");
            assert!(
                ran.stderr.starts_with("error: cannot run the validator "),
                "{template}: {ran}"
            );
            assert!(!ran.stderr.contains("listing"), "{template}: {ran}");
            assert!(!yard.path("v2").exists(), "{template}");
        }
    }
    // A relative path is relative to the tool's working folder, not to the package.
    for template in ["./programs/good", "programs/good", "good"] {
        let tool = yard.migrate(template).env("PATH", &search).current_dir(yard.dir.path());
        yard.run(tool, "v2").expect_code(0, template);
    }
}

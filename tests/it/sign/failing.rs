//! Runs that cannot sign write nothing and reveal no secret. Killed runs can be resumed.

use std::fs;

use super::*;

/// Returns a line in the middle of a key's armor.
fn line_of(name: &str) -> String {
    let armor = fs::read_to_string(secret(name)).unwrap();
    armor.lines().nth(4).unwrap().to_owned()
}

#[test]
fn a_key_that_cannot_sign_fails_the_run_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("made");
    migrate(&folder).run().expect_code(EXIT_CODE, "unsigned");
    let before = v2::stamps(dir.path());
    let wrong = "a wrong passphrase";
    let passphrase_file = dir
        .path()
        .parent()
        .unwrap()
        .join(format!("{}-passphrase", dir.path().file_name().unwrap().to_str().unwrap()));
    fs::write(&passphrase_file, wrong).unwrap();
    let with_file = format!("--passphrase-file {}", passphrase_file.display());
    let not_there = "--passphrase-file /not/there";
    let rows = [
        ("a wrong passphrase", secret("ed25519-locked"), with_file.as_str(), "passphrase is wrong"),
        ("no passphrase", secret("rsa-locked"), "", "no passphrase was given"),
        ("no file of it", secret("ed25519-locked"), not_there, "cannot open /not/there"),
        ("a public key", public("ed25519"), "", "it is a public key"),
        ("for encryption only", secret("encryption"), "", "is not allowed to sign files"),
        ("expired", secret("expired"), "", "expired on 2020-03-01"),
        ("revoked", secret("compromised"), "", "was revoked on"),
        ("not yet valid", secret("future"), "", "cannot sign with the key"),
        ("no key", fixture::folder().join("HEAD"), "", "it contains no OpenPGP key"),
        ("nothing", "/not/there".into(), "", "cannot open /not/there"),
    ];
    for (row, key, flags, said) in rows {
        let secrets = [
            wrong.to_owned(),
            PASSPHRASE.to_owned(),
            line_of("ed25519-locked"),
            line_of("rsa-locked"),
            line_of("encryption"),
        ];
        let runs = [
            migrate(&dir.path().join("new")),
            Tool::migrate(fixture::folder()).arg("--dry-run"),
            sign(&folder),
        ];
        for tool in runs {
            let ran = tool.arg("--sign-key").arg(&key).args(flags).run().expect_code(3, row);
            assert!(ran.stderr.contains(said), "{row}: {ran}");
            assert_eq!(v2::stamps(dir.path()), before, "{row}: nothing is written");
            let stdout = String::from_utf8_lossy(&ran.stdout).into_owned();
            for secret in &secrets {
                assert!(!ran.stderr.contains(secret) && !stdout.contains(secret), "{row}: {ran}");
            }
        }
    }
    fs::remove_file(passphrase_file).unwrap();
}

#[test]
fn invalid_command_lines_are_rejected() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("v2");
    let key = secret("ed25519").into_os_string().into_string().unwrap();
    let command = ["--sign-command", "x {input} {output}"];
    let passphrase = ["--passphrase-file", "p"];
    let rows = [
        ("two signers", [["--sign-key", &key], command].concat(), "cannot be used with"),
        ("no key", passphrase.to_vec(), "--passphrase-file requires --sign-key"),
        ("a command's", [passphrase, command].concat(), "cannot be used with"),
        ("no placeholder", vec!["--sign-command", "gpg"], "it has no {input}"),
    ];
    for (row, flags, said) in rows {
        for tool in [migrate(&folder), sign(&folder)] {
            let tool = flags.iter().fold(tool, |tool, flag| tool.arg(flag));
            let ran = tool.run().expect_code(2, row);
            assert!(ran.stderr.contains(said), "{row}: {ran}");
        }
    }
    let ran = sign(&folder).run().expect_code(2, "no signer");
    assert!(ran.stderr.contains("set a key with --sign-key"), "{ran}");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let odd = std::ffi::OsStr::from_bytes(b"odd\xff");
        let tool = with_key(migrate(&folder), "ed25519-locked");
        let ran = tool.env("ELASTIC_PACKAGE_SIGNER_PASSPHRASE", odd).run().expect_code(2, "odd");
        assert!(ran.stderr.contains("is not UTF-8: use --passphrase-file"), "{ran}");
        assert!(!ran.stderr.contains("odd"), "{ran}");
    }
    assert!(!folder.exists());
}

#[test]
fn sign_needs_the_folder_of_a_run_and_locks_it() {
    let dir = tempfile::tempdir().unwrap();
    let [absent, torn, whole] = ["absent", "torn", "whole"].map(|name| dir.path().join(name));
    let ran = with_key(sign(&absent), "ed25519").run().expect_code(3, "no folder");
    assert!(ran.stderr.contains("cannot find the folder"), "{ran}");
    assert!(!absent.exists());

    migrate(&whole).run().expect_code(EXIT_CODE, "whole");
    let scoped = migrate(&torn).args("--exclude buoy").run();
    scoped.expect_code(EXIT_CODE, "another scope");
    fs::copy(whole.join("report.json"), torn.join("report.json")).unwrap();
    let ran = with_key(sign(&torn), "ed25519").run().expect_code(3, "of two runs");
    assert!(ran.stderr.contains("belong to different runs"), "{ran}");
    assert_eq!(archives_and_signatures(&torn).1.len(), 0);

    let lock = fs::File::create(whole.join(".package-storage-migrate.lock")).unwrap();
    lock.try_lock().unwrap();
    let ran = with_key(sign(&whole), "ed25519").run().expect_code(3, "locked");
    assert!(ran.stderr.contains("another run is using"), "{ran}");
    assert_eq!(archives_and_signatures(&whole).1.len(), 0);
    // Not by closing the file: a child process that another thread starts may still have it open.
    lock.unlock().unwrap();
    fs::remove_file(whole.join("plan.json")).unwrap();
    let ran = with_key(sign(&whole), "ed25519").run().expect_code(3, "no plan");
    assert!(ran.stderr.contains("plan.json"), "{ran}");
}

#[test]
fn a_command_that_fails_leaves_no_signature_and_no_plan() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("it fails", "sh -c 'echo no card >&2; exit 2' {input} {output}", "no card"),
        ("it writes nothing", "true {input} {output}", "wrote no signature"),
        ("it copies the archive", "cp {input} {output}", "is not a signature"),
        ("a missing program", "/not/there {input} {output}", "cannot start /not/there"),
    ];
    for (row, command, said) in rows {
        let folder = dir.path().join(row);
        let ran = migrate(&folder).arg("--sign-command").arg(command).run().expect_code(3, row);
        assert!(ran.stderr.contains("cannot sign artifacts/packages/"), "{row}: {ran}");
        assert!(ran.stderr.contains(said), "{row}: {ran}");
        assert!(!folder.join("plan.json").exists(), "{row}: plan and report are last");
        assert_eq!(archives_and_signatures(&folder).1.len(), 0, "{row}");
    }
}

/// Stops a run after some of its signatures, and returns their number; `None` if all were made.
fn stopped_while_it_signs(signal: &str, code: Option<i32>) -> Option<(tempfile::TempDir, usize)> {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    // The slowest key, so that there is enough time to stop the run.
    let mut running = with_key(migrate(dir.path()), "rsa").args("--jobs 1 --quiet").start();
    let is_half_done = || {
        let names = fs::read_dir(&archives).into_iter().flatten().flatten();
        names.filter(|entry| entry.path().extension().is_some_and(|end| end == "sig")).count() > 1
    };
    running.runs_until(is_half_done);
    running.signal(signal);
    let ran = running.wait();
    let (_, signatures) = archives_and_signatures(dir.path());
    let half_done = signatures.keys().filter(|name| name.ends_with(".zip.sig")).count();
    if half_done == COUNT {
        return None;
    }
    assert_eq!(ran.code, code, "{signal}: {ran}");
    assert!(!dir.path().join("plan.json").exists(), "{signal}: plan and report are last");
    Some((dir, half_done))
}

#[test]
fn a_run_that_is_stopped_while_it_signs_can_be_resumed() {
    for (signal, code) in [("KILL", None), ("TERM", Some(130))] {
        // On a busy machine, runs may be over before they are stopped.
        let stopped = (0..50).find_map(|_| stopped_while_it_signs(signal, code));
        let (dir, half_done) = stopped.expect("a run that is slow enough to be stopped");

        let tool = with_key(migrate(dir.path()), "ed25519").arg("--public-key").arg(public("rsa"));
        let ran = tool.run().expect_code(EXIT_CODE, signal);
        let said =
            format!("9 of 9: {} made by {FINGERPRINT}, {half_done} kept\n", COUNT - half_done);
        assert!(ran.stderr.contains(&said), "{signal}: {ran}");
        assert_eq!(not_good(dir.path()), [""; 0], "{signal}: no signature was incomplete");
        let (archives, signatures) = archives_and_signatures(dir.path());
        assert_eq!((archives.len(), signatures.len()), (COUNT, COUNT), "{signal}");
    }
}

//! Signing by an external service: export and import of archives and signatures.

use std::process::Command;

use super::*;

fn export(v2: &V2, to: &Path) -> Tool {
    Tool::on("signatures export", v2.root()).arg("--to").arg(to)
}

fn import(v2: &V2, from: &Path) -> Tool {
    Tool::on("signatures import", v2.root())
        .arg("--from")
        .arg(from)
        .arg("--public-key")
        .arg(keys::public("ed25519"))
        .arg("--public-key")
        .arg(keys::public("expired"))
        .arg("--public-key")
        .arg(keys::public("compromised"))
}

#[test]
fn unsigned_archives_are_exported_and_their_signatures_imported() {
    let v2 = V2::new();
    let out = v2.folder.path().join("out");
    let before = tree(&v2.root());
    let ran = export(&v2, &out).run().expect_code(0, "export");
    assert!(ran.stderr.contains("9 of 9 to be signed (15.45 KiB): 9 linked"), "{ran}");
    assert_eq!(tree(&v2.root()), before, "the folder does not change");
    let names: Vec<String> = tree(&out).into_keys().collect();
    assert_eq!(names[..2], ["SHA256SUMS", NAMES[0]]);
    assert_eq!(names.len(), NAMES.len() + 2);
    let check = ["--check", "--strict", "--quiet", "SHA256SUMS"];
    let sums = Command::new("sha256sum").args(check).current_dir(&out).status();
    assert!(sums.expect("sha256sum").success());
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let plan = v2.plan();
    for (at, name) in NAMES.into_iter().enumerate() {
        let (listed, planned) = (&manifest["archives"][at], &plan["uploads"][at]);
        assert_eq!(listed["file"], name);
        assert_eq!(listed["signature"], format!("{name}.asc"));
        for field in ["key", "size", "sha256"] {
            assert_eq!(listed[field], planned[field], "{name}");
        }
    }
    let again = export(&v2, &out).run().expect_code(0, "export again");
    assert!(again.stderr.contains("0 linked, 0 copied, 9 kept"), "{again}");

    // The service answers in every accepted format.
    for (at, name) in NAMES.into_iter().enumerate() {
        let armor = forge("ed25519", &fs::read(out.join(name)).unwrap(), year(2023));
        let (suffix, bytes) = match at % 3 {
            0 => ("asc", armor.into_bytes()),
            1 => ("sig", keys::unarmored(&armor)),
            _ => ("asc", keys::unarmored(&armor)),
        };
        fs::write(out.join(format!("{name}.{suffix}")), bytes).unwrap();
    }
    let ran = import(&v2, &out).run().expect_code(0, "import");
    assert!(ran.stderr.contains("9 of 9 good: 9 imported, 0 already present"), "{ran}");
    assert_eq!(v2.plan()["signatures"], serde_json::json!({"made": 9, "pending": 0, "missing": 0}));
    for name in NAMES {
        let signature = fs::read_to_string(v2.file(&format!("{name}.sig"))).unwrap();
        assert!(signature.starts_with("-----BEGIN PGP SIGNATURE-----\n"), "{name}");
    }
    v2.verify().run().expect_code(0, "verify");
    let signed = tree(&v2.root());
    let ran = import(&v2, &out).run().expect_code(0, "import again");
    assert!(ran.stderr.contains("9 of 9 good: 0 imported, 9 already present"), "{ran}");
    assert_eq!(tree(&v2.root()), signed);
    let ran = export(&v2, &v2.folder.path().join("none")).run().expect_code(0, "nothing left");
    assert!(ran.stderr.contains("0 of 9 to be signed"), "{ran}");
}

#[test]
fn digests_can_be_exported_alone() {
    let v2 = V2::new();
    fs::write(v2.file(&format!("{}.sig", NAMES[0])), "whatever").unwrap();
    let out = v2.folder.path().join("out");
    export(&v2, &out).arg("--digests-only").run().expect_code(0, "export");
    let names: Vec<String> = tree(&out).into_keys().collect();
    assert_eq!(names, ["SHA256SUMS", "manifest.json"]);
    let sums = fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 8, "one already has a signature file");
}

#[test]
fn export_replaces_no_file_and_requires_the_planned_archives() {
    let v2 = V2::new();
    let out = v2.folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join(NAMES[3]), "other bytes").unwrap();
    fs::write(out.join("old-1.0.0.zip"), "from an earlier export").unwrap();
    let ran = export(&v2, &out).run().expect_code(3, "other bytes there");
    assert!(ran.stderr.contains("8 linked"), "{ran}");
    assert!(
        ran.stderr.contains(&format!("{} already exists with different content", NAMES[3])),
        "{ran}"
    );
    assert!(ran.stderr.contains("Left over old-1.0.0.zip"), "{ran}");
    assert_eq!(fs::read(out.join(NAMES[3])).unwrap(), b"other bytes");

    for inside in ["artifacts", "artifacts/packages", "artifacts/packages/new/folder"] {
        let ran = export(&v2, &v2.root().join(inside)).run().expect_code(2, inside);
        assert!(ran.stderr.contains("inside the folder to be published"), "{ran}");
    }

    v2.flip(NAMES[5]);
    let fresh = v2.folder.path().join("fresh");
    let ran = export(&v2, &fresh).run().expect_code(3, "not the plan's");
    assert!(ran.stderr.contains(NAMES[5]), "{ran}");
    assert!(!fresh.exists());
}

#[test]
fn only_good_signatures_are_imported() {
    let v2 = V2::new();
    let from = v2.folder.path().join("from");
    fs::create_dir(&from).unwrap();
    let put = |file: &str, bytes: &[u8]| fs::write(from.join(file), bytes).unwrap();
    let made = |key: &str, name: &str, time| forge(key, &v2.bytes(name), time);
    let [bad, unknown, expired, revoked, malformed, stale, missing, twice, good] = NAMES;
    v2.set_modified(bad, year(2022));
    put(&format!("{bad}.asc"), made("ed25519", good, year(2023)).as_bytes());
    put(&format!("{unknown}.asc"), made("rsa", unknown, year(2023)).as_bytes());
    put(&format!("{expired}.asc"), made("expired", expired, year(2023)).as_bytes());
    put(&format!("{revoked}.asc"), made("compromised-before", revoked, year(2020)).as_bytes());
    put(&format!("{malformed}.sig"), b"21f8c1e0a9d84d5d\n");
    put(&format!("{stale}.asc"), made("ed25519", good, year(2023)).as_bytes());
    put(&format!("{twice}.asc"), b"");
    put(&format!("{twice}.sig"), made("ed25519", twice, year(2023)).as_bytes());
    put(&format!("{good}.asc"), made("ed25519", good, year(2023)).as_bytes());
    put("ghost-1.0.0.zip.asc", made("ed25519", good, year(2023)).as_bytes());
    put("manifest.json", b"");
    fs::create_dir(from.join("folder")).unwrap();

    let ran = import(&v2, &from).run().expect_code(1, "some are not good");
    let line = "2 of 9 good: 2 imported, 0 already present, 1 missing, 7 bad, 2 foreign";
    assert!(ran.stderr.contains(line), "{ran}");
    for (name, why) in [
        (format!("{bad}.asc"), "does not match the archive"),
        (format!("{unknown}.asc"), "a key that was not provided"),
        (format!("{expired}.asc"), "after it had expired"),
        (format!("{revoked}.asc"), "which was revoked"),
        (format!("{malformed}.sig"), "not an OpenPGP signature"),
        (format!("{stale}.asc"), "older than the archive"),
        (format!("{twice}.asc"), "not a usable signature: empty"),
    ] {
        let line = ran.stderr.lines().find(|line| line.contains(&name)).unwrap_or_default();
        assert!(line.contains("was not imported") && line.contains(why), "{name}: {ran}");
    }
    for foreign in ["ghost-1.0.0.zip.asc", "folder"] {
        let line = format!("{} matches no archive", from.join(foreign).display());
        assert!(ran.stderr.contains(&line), "{ran}");
    }
    assert!(ran.stderr.contains(missing), "{ran}");
    let signatures: Vec<String> =
        archives(&v2.root()).into_keys().filter(|name| name.ends_with(".sig")).collect();
    assert_eq!(signatures, [format!("{twice}.sig"), format!("{good}.sig")]);
    assert_eq!(v2.plan()["signatures"], serde_json::json!({"made": 2, "pending": 0, "missing": 7}));
}

#[test]
fn existing_signatures_are_not_replaced() {
    let v2 = V2::signed();
    let from = v2.folder.path().join("from");
    fs::create_dir(&from).unwrap();
    let before = tree(&v2.root());
    let other = forge("ed25519", &v2.bytes(NAMES[0]), year(2023));
    fs::write(from.join(format!("{}.asc", NAMES[0])), other).unwrap();
    import(&v2, &from).run().expect_code(0, "another good signature exists");
    assert_eq!(tree(&v2.root()), before);

    let path = v2.file(&format!("{}.sig", NAMES[0]));
    fs::write(&path, "not a signature").unwrap();
    let ran = import(&v2, &from).run().expect_code(3, "something else exists");
    assert!(ran.stderr.contains("already exists, and must not be published"), "{ran}");
    assert_eq!(fs::read(&path).unwrap(), b"not a signature");
}

#[test]
fn nothing_is_imported_for_archives_that_do_not_match_the_plan() {
    let v2 = V2::new();
    let from = v2.folder.path().join("from");
    fs::create_dir(&from).unwrap();
    v2.flip(NAMES[0]);
    for name in &NAMES[..2] {
        let armor = forge("ed25519", &v2.bytes(name), SystemTime::now());
        fs::write(from.join(format!("{name}.asc")), armor).unwrap();
    }
    let ran = import(&v2, &from).run().expect_code(3, "not the plan's");
    assert!(ran.stderr.contains(NAMES[0]), "{ran}");
    assert!(!v2.file(&format!("{}.sig", NAMES[0])).exists());
    assert!(v2.file(&format!("{}.sig", NAMES[1])).exists(), "the others are imported");
    Tool::on("signatures import", v2.root())
        .arg("--from")
        .arg(&from)
        .run()
        .expect_code(2, "no key");
}

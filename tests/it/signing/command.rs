//! External signing programs: which signatures are accepted, and the reported errors.

use std::error::Error as _;

use package_storage_migrate::openpgp::{CommandSigner, SignCommand};

use super::*;

#[test]
fn templates_have_a_grammar() {
    let rows: [(&str, Result<(), &str>); 10] = [
        ("gpg --output {output} {input}", Ok(())),
        ("'my signer' --to={output} --from={input}", Ok(())),
        ("sign {input}{output}", Ok(())),
        ("", Err("missing program")),
        ("  ", Err("missing program")),
        ("gpg 'open", Err("unclosed quote or trailing backslash")),
        ("gpg open\\", Err("unclosed quote or trailing backslash")),
        ("gpg {output}", Err("it has no {input} for the archive's path")),
        ("gpg {input}", Err("it has no {output} for the signature's path")),
        ("{input} {output} {input}", Err("the program contains a placeholder")),
    ];
    for (template, expected) in rows {
        let parsed = template.parse::<SignCommand>().map(drop);
        assert_eq!(parsed, expected, "{template}");
    }
}

#[test]
fn gpg_signs_as_a_command() {
    let Some(gpg) = Gpg::start("--sign-command with gpg") else { return };
    gpg.import(&keys::secret("rsa"));
    let archive = Archive::new();
    let home = gpg.home().display();
    let gpg_signs =
        format!("gpg --homedir '{home}' --batch --quiet --detach-sign --output {{output}}");
    for options in ["", "--armor", "--digest-algo SHA256"] {
        let template = format!("{gpg_signs} {options} {{input}}");
        let made = run(&archive, &template, public_keys(&["rsa"])).expect(&template);
        assert_eq!(made.state, SignatureState::Good { fingerprint: RSA.to_owned(), among: None });
        assert!(made.text.starts_with("-----BEGIN PGP SIGNATURE-----\n"), "{}", made.text);
        let unchecked = run(&archive, &template, PublicKeys::default()).expect(&template);
        assert_eq!(unchecked.state, SignatureState::UnknownKey { issuer: RSA.to_owned() });
        let foreign = run(&archive, &template, public_keys(&["ed25519"]));
        assert!(error_chain(foreign).contains("not good"), "{template}");
    }
}

#[test]
fn only_signatures_over_the_archive_are_accepted() {
    let archive = Archive::new();
    let made = archive.sign(&signer("ed25519", year(2023)), year(2023)).unwrap();
    let other = Archive::new();
    fs::write(&other.path, "other bytes").unwrap();
    let over_other = other.sign(&signer("ed25519", year(2023)), year(2023)).unwrap();
    let good = archive.file("good's");
    fs::write(&good, &made.text).unwrap();
    fs::write(archive.file("over-other"), over_other.text).unwrap();
    fs::write(archive.file("text"), "no signature").unwrap();
    fs::write(archive.file("long"), made.text.repeat(400)).unwrap();
    let folder = archive.folder.path().display();
    let copy = |name: &str| format!("cp \"{folder}/{name}\" {{output}} {{input}}");
    // `cp` would treat the archive as another source, so the shell drops it.
    let shell = |script: &str| format!("sh -c '{script}' signer {{input}} {{output}}");
    let accepted =
        run(&archive, &shell(&format!("cp \"{folder}\"/good* \"$2\"")), public_keys(&["ed25519"]));
    assert_eq!(accepted.expect("a copy of a good one"), made);
    let rows = [
        (shell("exit 3"), "the command failed with exit status: 3"),
        (shell("echo no card >&2; exit 1"), "and printed: no card"),
        (shell("kill -9 $$"), "the command failed with signal: 9"),
        (shell("true"), "the command wrote no signature"),
        (
            shell("echo nothing to do >&2"),
            "the command wrote no signature, and printed: nothing to do",
        ),
        (shell("cat > \"$2\""), "not a signature that can be published: empty"),
        (shell(&format!("cp \"{folder}/text\" \"$2\"")), "not an OpenPGP signature"),
        (shell(&format!("cp \"{folder}/long\" \"$2\"")), "longer than 65536 bytes"),
        (
            shell(&format!("cp \"{folder}/over-other\" \"$2\"")),
            "is over other bytes than the archive's",
        ),
        (copy("good's"), "the command failed with exit status: 1"),
        ("no-such-program {input} {output}".to_owned(), "cannot start no-such-program"),
    ];
    for (template, expected) in rows {
        let text = error_chain(run(&archive, &template, PublicKeys::default()));
        assert!(text.contains(expected), "{template}: {text}");
        assert!(text.starts_with("cannot sign artifacts/packages/lighthouse-1.0.0.zip"), "{text}");
    }
}

#[test]
fn paths_are_never_interpreted_as_flags_or_placeholders() {
    let archive = Archive::new();
    let made = archive.sign(&signer("ed25519", year(2023)), year(2023)).unwrap();
    let odd = archive.file("-o {output} 'x' $HOME");
    fs::rename(&archive.path, &odd).unwrap();
    let signature = archive.file("signature");
    fs::write(&signature, &made.text).unwrap();
    let odd = Archive { path: odd, ..archive };
    // The program gets the exact path in one word, and the file's bytes.
    let template = format!(
        "sh -c 'test $# = 2 && test -f \"$1\" && cp \"{}\" \"$2\"' signer {{input}} {{output}}",
        signature.display()
    );
    let accepted = run(&odd, &template, public_keys(&["ed25519"]));
    assert_eq!(accepted.expect("a copy of a good one"), made);
}

fn run(archive: &Archive, template: &str, keys: PublicKeys) -> Result<ArmoredSignature, Error> {
    let command: SignCommand = template.parse().expect(template);
    archive.sign(&CommandSigner::new(command, keys), year(2023))
}

fn error_chain(made: Result<ArmoredSignature, Error>) -> String {
    let error = made.expect_err("it must be rejected");
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

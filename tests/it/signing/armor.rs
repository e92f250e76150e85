//! Armor of all kinds: accepted is what both gpg 2.2.40 and openpgp.js 5.11.3 accept. Comments name the
//! one that differs; go-crypto 1.4.1 is more lenient with blanks and checksums.

use super::draft::{check_rows, verdict};
use super::*;

const BEGIN: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

#[test]
fn armor_variants() {
    let archive = Archive::new();
    let armor = archive.sign(&signer("ed25519", year(2023)), year(2023)).unwrap().text;
    let public = fs::read_to_string(keys::public("ed25519")).unwrap();
    let lines: Vec<&str> = armor.lines().collect();
    let (body, checksum) = (&lines[2..lines.len() - 2], lines[lines.len() - 2]);
    assert!(checksum.starts_with('=') && body.len() > 1, "{armor}");
    let of = |parts: &[&[&str]]| parts.concat().join("\n") + "\n";
    let each = |change: &dyn Fn(&str) -> String| body.iter().map(|line| change(line)).collect();
    let with_body = |body: Vec<String>| {
        let body: Vec<&str> = body.iter().map(String::as_str).collect();
        of(&[&[BEGIN, ""], &body, &[checksum, END]])
    };
    let first_with = |inside: &str| {
        let (start, end) = body[0].split_at(10);
        let first = [format!("{start}{inside}{end}")];
        with_body(first.into_iter().chain(body[1..].iter().map(ToString::to_string)).collect())
    };
    let unpadded: Vec<String> = each(&|line| line.trim_end_matches('=').to_owned());
    let padding = body.last().unwrap().matches('=').count();
    let mut rows: Vec<(String, String, &str)> = Vec::new();
    let none = "malformed: not an OpenPGP signature";
    let headers = "malformed: damaged armor: its headers do not end in a blank line";
    let no_end = "malformed: damaged armor: it has no end line";
    let base64 = "malformed: damaged armor: it contains something other than base64";
    let wrong = "malformed: damaged armor: its checksum does not match";
    for blank in [" ", "\t", "  ", " \t"] {
        let mut add = |name: &str, text: String, expected: &'static str| {
            rows.push((format!("{name}: {blank:?}"), text, expected));
        };
        add("after the first line", armor.replace(BEGIN, &format!("{BEGIN}{blank}")), "good");
        add("after the last line", armor.replace(END, &format!("{END}{blank}")), "good");
        add("after each line", armor.replace('\n', &format!("{blank}\n")), "good");
        add("in the blank line", of(&[&[BEGIN, blank], body, &[checksum, END]]), "good");
        add("after base64", with_body(each(&|line| format!("{line}{blank}"))), "good");
        add("before base64", with_body(each(&|line| format!("{blank}{line}"))), "good");
        add("before the checksum", armor.replace(checksum, &format!("{blank}{checksum}")), "good");
        add("before the first line", format!("{blank}{armor}"), none);
        // gpg accepts it.
        add("before the last line", armor.replace(END, &format!("{blank}{END}")), no_end);
    }
    let good: Vec<(&str, String)> = vec![
        ("plain", armor.clone()),
        ("CRLF", armor.replace('\n', "\r\n")),
        ("text before", format!("Hello\n{armor}")),
        ("a header-like line before", format!("Hello\nYou: there\n\n-----\n{armor}")),
        ("text after", format!("{armor}bye\n")),
        ("text on both sides", format!("Hello\n\n{armor}\nbye")),
        ("no line break at the end", armor.trim_end().to_owned()),
        ("no checksum", of(&[&[BEGIN, ""], body, &[END]])),
        ("a blank line before the checksum", of(&[&[BEGIN, ""], body, &["", checksum, END]])),
        ("a blank line before the end", of(&[&[BEGIN, ""], body, &[checksum, "", END]])),
        (
            "a blank line in between",
            of(&[&[BEGIN, ""], &body[..1], &[""], &body[1..], &[checksum, END]]),
        ),
        ("two blank lines", of(&[&[BEGIN, "", ""], body, &[checksum, END]])),
        ("a header", of(&[&[BEGIN, "Version: any", ""], body, &[checksum, END]])),
        ("an unknown header", of(&[&[BEGIN, "Any-Thing: grüße", ""], body, &[checksum, END]])),
        ("a header without a value", of(&[&[BEGIN, "Comment:", ""], body, &[checksum, END]])),
        ("one long line", of(&[&[BEGIN, "", &body.concat()], &[checksum, END]])),
        (
            "short lines",
            with_body(each(&|line| {
                let (start, end) = line.split_at(line.len() / 2);
                format!("{start}\n{end}")
            })),
        ),
        ("another type at the end", armor.replace("END PGP SIGNATURE", "END PGP MESSAGE")),
        ("a blank inside base64", first_with(" ")),
        ("no padding", with_body(unpadded.clone())),
    ];
    rows.extend(good.into_iter().map(|(name, text)| (name.to_owned(), text, "good")));
    let rejected: Vec<(&str, String, &str)> = vec![
        ("CR alone", armor.replace('\n', "\r"), none),
        ("text on the first line", format!("Hello {armor}"), none),
        // gpg accepts it.
        ("text on the last line", format!("{}bye\n", armor.trim_end()), no_end),
        ("a byte order mark", format!("\u{feff}{armor}"), "malformed: not an OpenPGP packet…"),
        ("lower case", armor.replace(BEGIN, &BEGIN.to_lowercase()), none),
        ("four dashes", armor.replace("-----", "----"), none),
        ("a dash before each line", armor.replace("-----BEGIN", "- -----BEGIN"), none),
        ("a message", armor.replace("PGP SIGNATURE", "PGP MESSAGE"), none),
        ("a public key before", format!("{public}{armor}"), none),
        // openpgp.js accepts it.
        ("a public key after", format!("{armor}{public}"), none),
        ("an extra first line", format!("{BEGIN}\n{armor}"), no_end),
        // gpg accepts the next two.
        ("no end", of(&[&[BEGIN, ""], body, &[checksum]]), no_end),
        ("half an end", armor[..armor.len() - 20].to_owned(), no_end),
        ("no blank line", of(&[&[BEGIN], body, &[checksum, END]]), headers),
        // openpgp.js accepts the next two.
        ("a header without a blank", of(&[&[BEGIN, "A:b", ""], body, &[checksum, END]]), headers),
        ("a header without a colon", of(&[&[BEGIN, "A b", ""], body, &[checksum, END]]), headers),
        ("another checksum", armor.replace(checksum, "=AAAA"), wrong),
        ("a checksum that is not base64", armor.replace(checksum, "=A-AA"), wrong),
        ("a short checksum", armor.replace(checksum, "=AAA"), base64),
        ("a dash inside base64", first_with("-"), base64),
        ("another character inside base64", first_with("!"), base64),
        ("a zero inside base64", first_with("\0"), base64),
        ("base64 after the checksum", of(&[&[BEGIN, ""], body, &[checksum, "AAAA", END]]), base64),
        (
            "base64 after its padding",
            match padding {
                0 => with_body(each(&|line| format!("{line}="))),
                _ => of(&[&[BEGIN, ""], body, &["AAAA", checksum, END]]),
            },
            base64,
        ),
        ("an empty block", of(&[&[BEGIN, "", END]]), "malformed: damaged armor: it is empty"),
    ];
    let rejected =
        rejected.into_iter().map(|(name, text, expected)| (name.to_owned(), text, expected));
    rows.extend(rejected);
    rows.extend([
        ("two blocks".to_owned(), armor.repeat(2), "good, signature 1 of 2"),
        (
            "two blocks with text between".to_owned(),
            format!("{armor}and\n{armor}"),
            "good, signature 1 of 2",
        ),
    ]);
    let checked = rows.into_iter().map(|(name, text, expected)| {
        (name, verdict(text.as_bytes(), &[public.as_bytes()]), expected)
    });
    check_rows(checked.collect());
}

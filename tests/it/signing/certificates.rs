//! The statements of a certificate that make a key's signatures acceptable (RFC 9580, 5.2.1, 5.2.3 and
//! 10.1), one row each.
//!
//! The references are go-crypto 1.4.1, openpgp.js 5.11.3 and gpg 2.2.40; comments name those that
//! differ. go-crypto rejects the whole certificate for each faulty part.

use super::draft::*;

const USER: &[u8] = b"made up <made-up@example.org>";

/// Flags: certify, sign, encrypt, authenticate.
const CERTIFY: u8 = 1;
const SIGN: u8 = 2;
const ENCRYPT: u8 = 12;
const AUTHENTICATE: u8 = 32;

/// A self-signature or a binding.
struct SelfSignature<'k> {
    by: &'k Key,
    kind: u8,
    made: u32,
    flags: Option<u8>,
    more: Vec<u8>,
    unhashed: Vec<u8>,
}

impl<'k> SelfSignature<'k> {
    fn of(by: &'k Key, kind: u8) -> Self {
        let flags = Some(CERTIFY | SIGN);
        SelfSignature { by, kind, made: at(2020), flags, more: Vec::new(), unhashed: Vec::new() }
    }

    fn over(&self, data: &[u8]) -> Vec<u8> {
        let flags = self.flags.map(|flags| sub(27, &[flags])).unwrap_or_default();
        let hashed = [made(self.made), self.by.issuers(), flags, self.more.clone()].concat();
        let draft = Draft::new(self.by).hashed(&[&hashed]).and_unhashed(&self.unhashed);
        draft.with(|draft| draft.kind = self.kind).body(data)
    }
}

/// Creates a positive certification of the user.
fn user(key: &Key, change: impl FnOnce(&mut SelfSignature<'_>)) -> Vec<u8> {
    let mut own = SelfSignature::of(key, 0x13);
    change(&mut own);
    let len = u32::try_from(USER.len()).expect("short").to_be_bytes();
    packet(2, &own.over(&[&key.hashed()[..], &[0xb4], &len, USER].concat()))
}

fn direct(key: &Key, change: impl FnOnce(&mut SelfSignature<'_>)) -> Vec<u8> {
    let mut own = SelfSignature::of(key, 0x1f);
    change(&mut own);
    packet(2, &own.over(&key.hashed()))
}

/// Creates a revocation of `key` in 2022, with a reason.
fn revoked(key: &Key, reason: u8, change: impl FnOnce(&mut SelfSignature<'_>)) -> Vec<u8> {
    let mut own = SelfSignature::of(key, 0x20);
    (own.made, own.flags, own.more) = (at(2022), None, sub(29, &[reason]));
    change(&mut own);
    packet(2, &own.over(&key.hashed()))
}

fn lifetime(seconds: u32) -> Vec<u8> {
    sub(9, &seconds.to_be_bytes())
}

fn expires(seconds: u32) -> Vec<u8> {
    sub(3, &seconds.to_be_bytes())
}

fn nothing(_: &mut SelfSignature<'_>) {}

#[test]
fn primary_keys() {
    let (key, other) = (Key::of("ed25519"), Key::of("retired-before"));
    let signature = Draft::new(&key).over_file();
    let (primary, id) = (packet(6, &key.body), packet(13, USER));
    let bare = |parts: &[&[u8]]| [&primary[..], &parts.concat()].concat();
    let with = |change: &dyn Fn(&mut SelfSignature<'_>)| bare(&[&id, &user(&key, change)]);
    let after = |revocation: Vec<u8>| bare(&[&revocation, &id, &user(&key, nothing)]);
    let unbound = "no key: the key 1ed037ecb671dc8f5297132cdced378d5c834e1b has no valid self-sig…";
    let may_not = "malformed: made on 2023-01-01, but the key 1ed037ecb671dc8f5297132cdced378d5c8…";
    let of_2022 = |own: &mut SelfSignature<'_>| own.made = at(2022);
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("plain", with(&nothing), "good"),
        // Flags (5.2.3.29). go-crypto requires some.
        ("no flags", with(&|own| own.flags = None), "good"),
        ("sign", with(&|own| own.flags = Some(SIGN)), "good"),
        ("certify", with(&|own| own.flags = Some(CERTIFY)), may_not),
        ("encrypt", with(&|own| own.flags = Some(ENCRYPT)), may_not),
        ("empty flags", with(&|own| own.flags = Some(0)), may_not),
        // Self-signatures.
        ("no self-signature", bare(&[&id]), unbound),
        ("only the key", bare(&[]), unbound),
        ("no user", bare(&[&direct(&key, nothing)]), unbound),
        ("a user without a certification", bare(&[&direct(&key, nothing), &id]), unbound),
        ("of another user", bare(&[&packet(13, b"another"), &user(&key, nothing)]), unbound),
        (
            "by another key",
            bare(&[&id, &{
                let mut own = SelfSignature::of(&other, 0x13);
                own.flags = Some(SIGN);
                let len = u32::try_from(USER.len()).expect("short").to_be_bytes();
                packet(2, &own.over(&[&key.hashed()[..], &[0xb4], &len, USER].concat()))
            }]),
            unbound,
        ),
        ("critical and unknown", with(&|own| own.more = critical(99, b"x")), unbound),
        ("a critical notation", with(&|own| own.more = critical(20, &notation("a@b.c"))), unbound),
        ("not critical", with(&|own| own.more = sub(99, b"x")), "good"),
        // gpg accepts the next two.
        ("expired itself", with(&|own| own.more = expires(YEAR)), unbound),
        ("of the future", with(&|own| own.made = at(2100)), unbound),
        // openpgp.js requires it to be older than the signature.
        ("newer than the signature", with(&|own| own.made = at(2024)), "good"),
        // The newest one counts.
        (
            "the newer one removes the flag",
            bare(&[
                &id,
                &user(&key, nothing),
                &user(&key, |own| {
                    (own.made, own.flags) = (at(2022), Some(CERTIFY));
                }),
            ]),
            may_not,
        ),
        // The key's expiration (5.2.3.13).
        ("expired", with(&|own| own.more = lifetime(YEAR)), "key-expired"),
        ("expires later", with(&|own| own.more = lifetime(40 * YEAR)), "good"),
        ("expires never", with(&|own| own.more = lifetime(0)), "good"),
        (
            "expired by the direct signature",
            bare(&[&direct(&key, |own| own.more = lifetime(YEAR)), &id, &user(&key, nothing)]),
            "key-expired",
        ),
        (
            "expired, then extended",
            bare(&[&id, &user(&key, |own| own.more = lifetime(YEAR)), &user(&key, of_2022)]),
            "good",
        ),
        (
            "shortened",
            bare(&[
                &id,
                &user(&key, nothing),
                &user(&key, |own| {
                    (own.made, own.more) = (at(2022), lifetime(YEAR));
                }),
            ]),
            "key-expired",
        ),
        // Revocations (5.2.3.31). The references reject all signatures of a key that was revoked for any
        // reason; here, those made before it was superseded or retired remain good.
        ("revoked", after(revoked(&key, 0, nothing)), "key-revoked"),
        (
            "revoked without a reason",
            after(revoked(&key, 0, |own| own.more.clear())),
            "key-revoked",
        ),
        ("compromised later", after(revoked(&key, 2, |own| own.made = at(2024))), "key-revoked"),
        ("superseded before", after(revoked(&key, 1, nothing)), "key-revoked"),
        ("superseded later", after(revoked(&key, 1, |own| own.made = at(2024))), "good"),
        ("retired later", after(revoked(&key, 3, |own| own.made = at(2024))), "good"),
        ("for a user's reason", after(revoked(&key, 32, |own| own.made = at(2024))), "key-revoked"),
        (
            "revoked in the future",
            after(revoked(&key, 0, |own| own.made = at(2100))),
            "key-revoked",
        ),
        // openpgp.js rejects the whole certificate.
        (
            "revoked, critical and unknown",
            after(revoked(&key, 0, |own| own.more.extend(critical(99, b"x")))),
            "good",
        ),
        // go-crypto lets the revocation expire.
        (
            "revoked for some time",
            after(revoked(&key, 0, |own| own.more.extend(expires(86_400)))),
            "key-revoked",
        ),
        (
            "revoked by another",
            after(packet(2, &{
                let mut own = SelfSignature::of(&other, 0x20);
                own.more = sub(29, &[0]);
                own.over(&key.hashed())
            })),
            "good",
        ),
        (
            "an unreadable revocation",
            after(packet(2, &[4, 0x20, 22])),
            "no key: the key 1ed037ecb671dc8f5297132cdced378d5c834e1b is damaged…",
        ),
        ("another unreadable signature", after(packet(2, &[4, 0x1f, 22])), "good"),
        (
            "a revoked user",
            bare(&[
                &id,
                &user(&key, nothing),
                &user(&key, |own| {
                    (own.kind, own.made, own.flags) = (0x30, at(2022), None);
                }),
            ]),
            unbound,
        ),
        // Packets (4.3). gpg 2.2 and openpgp.js 5 are older than this rule.
        (
            "a critical packet",
            bare(&[&packet(39, b"x"), &id, &user(&key, nothing)]),
            "no key: the key 1ed037ecb671dc8f5297132cdced378d5c834e1b has a critical packet of u…",
        ),
        (
            "a packet that is not critical",
            bare(&[&packet(41, b"x"), &id, &user(&key, nothing)]),
            "good",
        ),
        (
            "padding, a marker and trust",
            bare(&[
                &packet(21, b"xx"),
                &packet(10, b"PGP"),
                &id,
                &packet(12, b"\x06"),
                &user(&key, nothing),
            ]),
            "good",
        ),
    ];
    let checked = rows.into_iter().map(|(name, certificate, expected)| {
        (name.to_owned(), verdict(&signature, &[&certificate]), expected)
    });
    check_rows(checked.collect());
}

#[test]
fn subkeys() {
    let (key, subkey, other) = (Key::of("ed25519"), Key::of("expired"), Key::of("retired-before"));
    let signature = Draft::new(&subkey).over_file();
    let both = [key.hashed(), subkey.hashed()].concat();
    // The subkey's confirmation of the binding, in a subpacket.
    let back = |by: &Key, kind: u8, change: &dyn Fn(&mut SelfSignature<'_>)| {
        let mut own = SelfSignature::of(by, kind);
        own.flags = None;
        change(&mut own);
        let body = own.over(&both);
        // All but the shortest need a length of two octets.
        let len = body.len() + 1;
        if len < 192 {
            return sub(32, &body);
        }
        let len = u16::try_from(len - 192).expect("a short signature") + (192 << 8);
        [&len.to_be_bytes()[..], &[32], &body].concat()
    };
    let plain_back = back(&subkey, 0x19, &nothing);
    let binding = |change: &dyn Fn(&mut SelfSignature<'_>)| {
        let mut own = SelfSignature::of(&key, 0x18);
        (own.flags, own.unhashed) = (Some(SIGN), plain_back.clone());
        change(&mut own);
        packet(2, &own.over(&both))
    };
    let with_primary = |primary: &dyn Fn(&mut SelfSignature<'_>), parts: &[&[u8]]| {
        let certify = user(&key, |own| {
            own.flags = Some(CERTIFY);
            primary(own);
        });
        let start = [packet(6, &key.body), packet(13, USER), certify, packet(14, &subkey.body)];
        [start.concat(), parts.concat()].concat()
    };
    let with = |parts: &[&[u8]]| with_primary(&nothing, parts);
    let plain = binding(&nothing);
    let revocation = |by: &Key, kind: u8, reason: u8, made: u32| {
        let mut own = SelfSignature::of(by, kind);
        (own.made, own.flags, own.more) = (made, None, sub(29, &[reason]));
        packet(2, &own.over(&both))
    };
    let by_back = |back: Vec<u8>| with(&[&binding(&|own| own.unhashed.clone_from(&back))]);
    let may_not = "malformed: made on 2023-01-01, but the key 468f64429dfc72beec9cfe6d60b12e5095…";
    let unbound = "unknown-key";
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("plain", with(&[&plain]), "good"),
        (
            "a hashed confirmation",
            with(&[&binding(&|own| {
                own.unhashed.clear();
                own.more.clone_from(&plain_back);
            })]),
            "good",
        ),
        // The subkey's confirmation (5.2.1.9).
        ("no confirmation", by_back(Vec::new()), may_not),
        ("a confirmation by the primary key", by_back(back(&key, 0x19, &nothing)), may_not),
        ("a confirmation by another key", by_back(back(&other, 0x19, &nothing)), may_not),
        // openpgp.js accepts the next two.
        ("a confirmation of another type", by_back(back(&subkey, 0x18, &nothing)), unbound),
        ("a confirmation over a file", by_back(back(&subkey, 0x00, &nothing)), unbound),
        // gpg accepts the next two.
        (
            "an expired confirmation",
            by_back(back(&subkey, 0x19, &|own| own.more = expires(86_400))),
            may_not,
        ),
        (
            "a confirmation of the future",
            by_back(back(&subkey, 0x19, &|own| own.made = at(2100))),
            may_not,
        ),
        (
            "a critical confirmation",
            by_back(back(&subkey, 0x19, &|own| own.more = critical(99, b"x"))),
            may_not,
        ),
        (
            "a confirmation with a critical notation",
            by_back(back(&subkey, 0x19, &|own| own.more = critical(20, &notation("a@b.c")))),
            may_not,
        ),
        // Flags. go-crypto requires some.
        ("no flags", with(&[&binding(&|own| own.flags = None)]), "good"),
        ("encrypt", with(&[&binding(&|own| own.flags = Some(ENCRYPT))]), may_not),
        ("certify", with(&[&binding(&|own| own.flags = Some(CERTIFY))]), may_not),
        ("authenticate", with(&[&binding(&|own| own.flags = Some(AUTHENTICATE))]), may_not),
        // Bindings.
        ("no binding", with(&[]), unbound),
        (
            "bound by another",
            with(&[&{
                let mut own = SelfSignature::of(&other, 0x18);
                own.unhashed.clone_from(&plain_back);
                packet(2, &own.over(&both))
            }]),
            unbound,
        ),
        ("bound by another type", with(&[&binding(&|own| own.kind = 0x1f)]), unbound),
        (
            "the binding of another",
            with(&[&packet(2, &{
                let mut own = SelfSignature::of(&key, 0x18);
                own.unhashed.clone_from(&plain_back);
                own.over(&[key.hashed(), other.hashed()].concat())
            })]),
            unbound,
        ),
        ("critical and unknown", with(&[&binding(&|own| own.more = critical(99, b"x"))]), unbound),
        (
            "a critical notation",
            with(&[&binding(&|own| own.more = critical(20, &notation("a@b.c")))]),
            unbound,
        ),
        ("the binding expired", with(&[&binding(&|own| own.more = expires(86_400))]), unbound),
        // gpg accepts it.
        ("a binding of the future", with(&[&binding(&|own| own.made = at(2100))]), unbound),
        // Expirations.
        ("expired", with(&[&binding(&|own| own.more = lifetime(YEAR))]), "key-expired"),
        ("expires later", with(&[&binding(&|own| own.more = lifetime(40 * YEAR))]), "good"),
        (
            "expired, then extended",
            with(&[
                &binding(&|own| own.more = lifetime(YEAR)),
                &binding(&|own| own.made = at(2022)),
            ]),
            "good",
        ),
        (
            "the newer binding lacks the confirmation",
            with(&[
                &plain,
                &binding(&|own| {
                    own.made = at(2022);
                    own.unhashed.clear();
                }),
            ]),
            may_not,
        ),
        (
            "the primary key expired",
            with_primary(&|own| own.more = lifetime(YEAR), &[&plain]),
            "key-expired",
        ),
        // Revocations.
        ("revoked", with(&[&plain, &revocation(&key, 0x28, 0, at(2022))]), "key-revoked"),
        ("revoked first", with(&[&revocation(&key, 0x28, 0, at(2022)), &plain]), "key-revoked"),
        (
            "revoked, and bound again",
            with(&[
                &plain,
                &revocation(&key, 0x28, 0, at(2022)),
                &binding(&|own| own.made = at(2024)),
            ]),
            "key-revoked",
        ),
        ("retired later", with(&[&plain, &revocation(&key, 0x28, 3, at(2024))]), "good"),
        ("revoked by another", with(&[&plain, &revocation(&other, 0x28, 0, at(2022))]), "good"),
        ("revoked by itself", with(&[&plain, &revocation(&subkey, 0x28, 0, at(2022))]), "good"),
        (
            "revoked like a primary key",
            with(&[&plain, &revocation(&key, 0x20, 0, at(2022))]),
            "good",
        ),
        (
            "the primary key was revoked",
            {
                let certificate = with(&[&plain]);
                let primary_len = packet(6, &key.body).len();
                let (primary, rest) = certificate.split_at(primary_len);
                [primary, &revoked(&key, 0, nothing), rest].concat()
            },
            "key-revoked",
        ),
    ];
    let checked = rows.into_iter().map(|(name, certificate, expected)| {
        (name.to_owned(), verdict(&signature, &[&certificate]), expected)
    });
    check_rows(checked.collect());
}

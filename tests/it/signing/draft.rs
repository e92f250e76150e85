//! Signatures and certificates assembled octet by octet (RFC 9580, 4 and 5.2), each with one
//! unusual property.

use pgp::composed::{Deserializable, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::SecretKey;
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, Password, SignatureBytes, SigningKey};

use super::*;

/// Returns the seconds since 1970 at the start of a year.
pub(super) fn at(year_number: u64) -> u32 {
    let since = year(year_number).duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    u32::try_from(since.as_secs()).expect("before 2106")
}

/// A year, in seconds.
pub(super) const YEAR: u32 = 366 * 86_400;

/// Creates a packet with a header in the new format.
pub(super) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc0 | tag];
    match body.len() {
        len @ 0..192 => bytes.push(len as u8),
        len => {
            let len = u16::try_from(len - 192).expect("a short packet");
            bytes.extend((len + (192 << 8)).to_be_bytes());
        }
    }
    [&bytes, body].concat()
}

/// Creates a subpacket that is not critical.
pub(super) fn sub(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[u8::try_from(body.len() + 1).expect("short"), kind], body].concat()
}

/// Creates a critical subpacket.
pub(super) fn critical(kind: u8, body: &[u8]) -> Vec<u8> {
    sub(kind | 0x80, body)
}

/// Creates a creation time.
pub(super) fn made(time: u32) -> Vec<u8> {
    sub(2, &time.to_be_bytes())
}

/// Creates the body of a notation subpacket.
pub(super) fn notation(name: &str) -> Vec<u8> {
    let len = u8::try_from(name.len()).expect("short");
    [&[0x80, 0, 0, 0, 0, len, 0, 1], name.as_bytes(), b"v"].concat()
}

/// A key of the fixtures; its own certificate is not used here.
pub(super) struct Key {
    secret: SecretKey,
    pub(super) body: Vec<u8>,
}

impl Key {
    pub(super) fn of(name: &str) -> Self {
        let (key, _) = SignedSecretKey::from_armor_file(keys::secret(name)).expect("a key");
        let secret = key.primary_key;
        let mut body = Vec::new();
        secret.public_key().to_writer(&mut body).expect("write to memory");
        Key { secret, body }
    }

    pub(super) fn fingerprint(&self) -> Vec<u8> {
        self.secret.fingerprint().as_bytes().to_vec()
    }

    pub(super) fn id(&self) -> Vec<u8> {
        self.fingerprint()[12..].to_vec()
    }

    /// Creates the subpacket with its fingerprint.
    pub(super) fn issuer(&self) -> Vec<u8> {
        sub(33, &[&[4], &self.fingerprint()[..]].concat())
    }

    /// Creates both issuer subpackets: readers before RFC 9580 know only key ids.
    pub(super) fn issuers(&self) -> Vec<u8> {
        [self.issuer(), sub(16, &self.id())].concat()
    }

    /// Returns the hashed form of the key, in version 4.
    pub(super) fn hashed(&self) -> Vec<u8> {
        let len = u16::try_from(self.body.len()).expect("a short key");
        [&[0x99], &len.to_be_bytes()[..], &self.body].concat()
    }

    fn sign(&self, hash: u8, digest: &[u8]) -> Vec<u8> {
        let (hash, digest) = match digest.len() {
            // A short digest, which no key signs, is rejected before the signature is checked.
            0..32 => (HashAlgorithm::Sha256, vec![0; 32]),
            _ => (HashAlgorithm::from(hash), digest.to_vec()),
        };
        let hash = if hash.digest_size().is_some() { hash } else { HashAlgorithm::Sha512 };
        let values = self.secret.sign(&Password::empty(), hash, &digest).expect("sign");
        let SignatureBytes::Mpis(numbers) = values else { panic!("a key of another kind") };
        let mut bytes = Vec::new();
        numbers.to_writer(&mut bytes).expect("write to memory");
        bytes
    }
}

/// A signature to be created.
#[derive(Clone)]
pub(super) struct Draft<'k> {
    pub(super) key: &'k Key,
    pub(super) version: u8,
    pub(super) kind: u8,
    pub(super) hash: u8,
    /// The octet of the algorithm, if it differs from the key's.
    pub(super) algorithm: Option<u8>,
    pub(super) hashed: Vec<u8>,
    pub(super) unhashed: Vec<u8>,
}

impl<'k> Draft<'k> {
    /// Creates a signature over a file, in 2023.
    pub(super) fn new(key: &'k Key) -> Self {
        Draft {
            key,
            version: 4,
            kind: 0,
            hash: 10,
            algorithm: None,
            hashed: [made(at(2023)), key.issuers()].concat(),
            unhashed: Vec::new(),
        }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn hashed(self, hashed: &[&[u8]]) -> Self {
        self.with(|draft| draft.hashed = hashed.concat())
    }

    /// Adds a subpacket to the hashed area.
    pub(super) fn and(self, subpacket: &[u8]) -> Self {
        self.with(|draft| draft.hashed.extend(subpacket))
    }

    pub(super) fn and_unhashed(self, subpacket: &[u8]) -> Self {
        self.with(|draft| draft.unhashed.extend(subpacket))
    }

    /// Creates the body of its packet, over some data.
    pub(super) fn body(&self, data: &[u8]) -> Vec<u8> {
        let algorithm = self.algorithm.unwrap_or_else(|| self.key.secret.algorithm().into());
        let digest = |parts: &[&[u8]]| {
            let hash = HashAlgorithm::from(self.hash);
            let hash = if hash.digest_size().is_some() { hash } else { HashAlgorithm::Sha512 };
            hash.digest(&parts.concat()).expect("a digest")
        };
        let end = |digest: &[u8]| [&digest[..2], &self.key.sign(self.hash, digest)].concat();
        let len = |area: &[u8]| u16::try_from(area.len()).expect("short").to_be_bytes();
        match self.version {
            3 => {
                let trailer = [&[self.kind], &at(2023).to_be_bytes()[..]].concat();
                let start = [&[3, 5], &trailer[..], &self.key.id(), &[algorithm, self.hash]];
                [start.concat(), end(&digest(&[data, &trailer]))].concat()
            }
            6 => {
                // RFC 9580, 9.5: 32 octets with SHA-512.
                let salt = [b's'; 32];
                let wide = |area: &[u8]| [&[0, 0], &len(area)[..]].concat();
                let start = [6, self.kind, algorithm, self.hash];
                let part = [&start, &wide(&self.hashed)[..], &self.hashed].concat();
                let part_len = u32::try_from(part.len()).expect("short").to_be_bytes();
                let digest = digest(&[&salt, data, &part, &[6, 0xff], &part_len]);
                let between = [&wide(&self.unhashed)[..], &self.unhashed, &digest[..2], &[32]];
                let values = self.key.sign(self.hash, &digest);
                [&part, &between.concat(), &salt[..], &values].concat()
            }
            version => {
                let start = [version, self.kind, algorithm, self.hash];
                let part = [&start, &len(&self.hashed)[..], &self.hashed].concat();
                let part_len = u32::try_from(part.len()).expect("short").to_be_bytes();
                let digest = digest(&[data, &part, &[version, 0xff], &part_len]);
                let unhashed = [&len(&self.unhashed)[..], &self.unhashed].concat();
                [part, unhashed, end(&digest)].concat()
            }
        }
    }

    /// Creates its packet, over the tests' signed bytes.
    pub(super) fn over_file(&self) -> Vec<u8> {
        packet(2, &self.body(BYTES))
    }
}

/// Returns the result of checking a signature with these certificates in a file: the code, and further
/// details; or why the file has no usable key.
pub(super) fn verdict(signature: &[u8], certificates: &[&[u8]]) -> String {
    let archive = Archive::new();
    // Older than the signature, so that a mismatch is bad, not stale.
    archive.set_modified(year(2021));
    let path = archive.file("keys");
    fs::write(&path, certificates.concat()).expect("write the keys");
    let keys = match PublicKeys::load(&[path], year(2026)) {
        Ok(keys) => keys,
        Err(error) => {
            let cause = std::error::Error::source(&error).expect("a cause");
            return format!("no key: {cause}");
        }
    };
    match archive.check(signature, &keys) {
        SignatureState::Good { among: None, .. } => "good".to_owned(),
        SignatureState::Good { among: Some(place), .. } => format!("good, {place}"),
        SignatureState::Bad { unknown_critical: None, .. } => "bad".to_owned(),
        SignatureState::Bad { unknown_critical: Some(what), .. } => format!("bad: {what}"),
        SignatureState::Malformed { detail } => format!("malformed: {detail}"),
        state => state.code().strip_prefix("signature-").expect("a code").to_owned(),
    }
}

/// Checks rows of a name, the actual and the expected result; the latter may be a prefix, followed
/// by `…`.
#[track_caller]
pub(super) fn check_rows(rows: Vec<(String, String, &str)>) {
    let differs = |(name, found, expected): &(String, String, &str)| {
        let is_right = match expected.strip_suffix('…') {
            Some(start) => found.starts_with(start),
            None => found == expected,
        };
        (!is_right).then(|| format!("{name}: {found}, not {expected}"))
    };
    let differences: Vec<String> = rows.iter().filter_map(differs).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

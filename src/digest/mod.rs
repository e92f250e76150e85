//! Digests and checksums, their text forms, and a hasher that computes all of them in one pass.
//!
//! SHA-256 is used for comparison. MD5 and CRC-32C are included because object stores show them in
//! listings, so that a bucket can be compared without a download; alone they prove nothing.

mod md5_hasher;
mod sha256;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::Digest;

use self::md5_hasher::Md5Hasher;

pub use self::sha256::Sha256Hasher;

/// A SHA-256 value; 64 lower-case hex digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", base16ct::HexDisplay(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Sha256 {
    /// Computes the SHA-256 of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Sha256Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Returns the value in base64, as S3 has it in `x-amz-checksum-sha256` and a Content-Security-Policy in its hashes.
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Parses base64, as S3 shows it.
    pub fn from_base64(text: &str) -> Option<Self> {
        decode_base64(text).map(Sha256).ok()
    }
}

/// An incremental hasher of the SHA-2 family; a signature determines which one.
#[derive(Clone)]
pub struct Sha2Hasher(Sha2State);

#[derive(Clone)]
enum Sha2State {
    Sha256(Sha256Hasher),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Sha2Hasher {
    /// Continues a SHA-256.
    pub fn sha256(so_far: Sha256Hasher) -> Self {
        Sha2Hasher(Sha2State::Sha256(so_far))
    }

    /// Starts a SHA-384.
    pub fn sha384() -> Self {
        Sha2Hasher(Sha2State::Sha384(sha2::Sha384::new()))
    }

    /// Starts a SHA-512.
    pub fn sha512() -> Self {
        Sha2Hasher(Sha2State::Sha512(sha2::Sha512::new()))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Sha2State::Sha256(hasher) => hasher.update(bytes),
            Sha2State::Sha384(hasher) => hasher.update(bytes),
            Sha2State::Sha512(hasher) => hasher.update(bytes),
        }
    }

    /// Returns the digest of all bytes.
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            Sha2State::Sha256(hasher) => hasher.finish().0.to_vec(),
            Sha2State::Sha384(hasher) => hasher.finalize().to_vec(),
            Sha2State::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// Computes a SHA-1, which Git appends to its files.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    sha1::Sha1::digest(bytes).into()
}

/// Computes the id of a Git object: SHA-1 over `<kind> SP <length> NUL <bytes>`.
pub fn git_object_id(kind: &str, bytes: &[u8]) -> [u8; 20] {
    let mut hasher = sha1::Sha1::new_with_prefix(format!("{kind} {}\0", bytes.len()));
    hasher.update(bytes);
    hasher.finalize().into()
}

/// An incremental hasher of Git blob ids: like [`git_object_id`].
pub struct BlobHasher(sha1::Sha1);

impl BlobHasher {
    /// Starts with the blob's length in bytes, which is part of the hashed data.
    pub fn new(len: u64) -> Self {
        BlobHasher(sha1::Sha1::new_with_prefix(format!("blob {len}\0")))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the id of the blob.
    pub fn finish(self) -> [u8; 20] {
        self.0.finalize().into()
    }
}

/// The size of an object and its digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectDigests {
    /// Length in bytes.
    pub size: u64,
    /// Used for comparison.
    pub sha256: Sha256,
    /// As shown by GCS and S3.
    pub md5: Md5,
    /// As shown by GCS and S3.
    pub crc32c: Crc32c,
}

impl ObjectDigests {
    /// Computes the digests of an object in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = ObjectHasher::default();
        hasher.update(bytes);
        hasher.finish()
    }
}

/// An MD5 value; base64 as text, as in GCS and `Content-MD5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Md5(pub [u8; 16]);

/// A CRC-32C value; base64 of its big-endian bytes as text, as in GCS and S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc32c(pub u32);

/// Computes all digests of an object in one pass.
#[derive(Clone, Default)]
pub struct ObjectHasher {
    size: u64,
    sha256: Sha256Hasher,
    md5: Md5Hasher,
    crc32c: u32,
}

impl ObjectHasher {
    /// Adds bytes to several objects: three times as fast for eight as for each one separately.
    pub fn update_together(objects: &mut [(&mut ObjectHasher, &[u8])]) {
        for (object, bytes) in objects.iter_mut() {
            object.size += bytes.len() as u64;
            object.crc32c = crc32c::crc32c_append(object.crc32c, bytes);
        }
        let mut streams: Vec<_> =
            objects.iter_mut().map(|(object, bytes)| (&mut object.sha256, *bytes)).collect();
        Sha256Hasher::update_together(&mut streams);
        let mut streams: Vec<_> =
            objects.iter_mut().map(|(object, bytes)| (&mut object.md5, *bytes)).collect();
        Md5Hasher::update_together(&mut streams);
    }

    /// Returns the SHA-256 hasher with all bytes so far.
    pub fn sha256(&self) -> &Sha256Hasher {
        &self.sha256
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        ObjectHasher::update_together(&mut [(self, bytes)]);
    }

    /// Returns the digests of all bytes.
    pub fn finish(self) -> ObjectDigests {
        ObjectDigests {
            size: self.size,
            sha256: self.sha256.finish(),
            md5: Md5(self.md5.finish()),
            crc32c: Crc32c(self.crc32c),
        }
    }
}

impl fmt::Display for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Display for Crc32c {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(self.0.to_be_bytes()))
    }
}

impl FromStr for Sha256 {
    type Err = base16ct::Error;

    fn from_str(text: &str) -> Result<Self, base16ct::Error> {
        decode_hex(text).map(Sha256)
    }
}

impl FromStr for Md5 {
    type Err = base64::DecodeSliceError;

    fn from_str(text: &str) -> Result<Self, base64::DecodeSliceError> {
        decode_base64(text).map(Md5)
    }
}

impl Md5 {
    /// Parses 32 lower-case hex digits, as shown by S3.
    pub fn from_hex(text: &str) -> Option<Self> {
        decode_hex(text).map(Md5).ok()
    }
}

impl FromStr for Crc32c {
    type Err = base64::DecodeSliceError;

    fn from_str(text: &str) -> Result<Self, base64::DecodeSliceError> {
        decode_base64(text).map(|bytes| Crc32c(u32::from_be_bytes(bytes)))
    }
}

/// Decodes exactly `N` bytes from lower-case hex digits.
pub(crate) fn decode_hex<const N: usize>(text: &str) -> Result<[u8; N], base16ct::Error> {
    let mut bytes = [0; N];
    match base16ct::lower::decode(text, &mut bytes)?.len() {
        len if len == N => Ok(bytes),
        _ => Err(base16ct::Error::InvalidLength),
    }
}

fn decode_base64<const N: usize>(text: &str) -> Result<[u8; N], base64::DecodeSliceError> {
    let mut bytes = [0; N];
    match BASE64_STANDARD.decode_slice(text, &mut bytes)? {
        len if len == N => Ok(bytes),
        len => Err(base64::DecodeError::InvalidLength(len).into()),
    }
}

/// Implements serde with the text form of `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($type:ty, $expected:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(|_| {
                    let found = serde::de::Unexpected::Str(&text);
                    serde::de::Error::invalid_value(found, &$expected)
                })
            }
        }
    };
}
pub(crate) use serde_as_text;

serde_as_text!(Sha256, "64 lower-case hex digits");
serde_as_text!(Md5, "16 bytes in base64");
serde_as_text!(Crc32c, "4 bytes in base64");

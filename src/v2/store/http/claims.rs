//! Digests of an object that stores declare in response headers.
//!
//! GCS: `x-goog-hash` (cloud.google.com/storage/docs/xml-api/reference-headers). S3: the ETag is
//! the MD5 of an object that was uploaded in one part and is not encrypted with a KMS or customer key
//! (docs.aws.amazon.com, AmazonS3, API_Object), and `x-amz-checksum-crc32c`, which has a suffix for
//! multipart uploads and is then not a digest of the bytes, like `x-amz-checksum-sha256`. Azure: `Content-MD5`
//! of a whole blob, `x-ms-blob-content-md5` with a part of it (learn.microsoft.com, Get Blob). Pure.

use ureq::http::HeaderMap;

use crate::digest::{Md5, Sha256};
use crate::v2::store::Claims;

/// Which bytes the response has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::v2::store) enum Scope {
    /// The whole object, or no bytes, as with HEAD.
    Object,
    /// A part of it; a checksum may be that of the part.
    Part,
}

/// Parses the claims; headers with an unknown meaning are ignored.
pub(in crate::v2::store) fn claims(headers: &HeaderMap, scope: Scope) -> Claims {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // GCS decompresses such objects on the way: the digests are those of other bytes.
    if text("x-goog-stored-content-encoding").is_some_and(|encoding| encoding != "identity") {
        return Claims::default();
    }
    let mut claims = Claims::default();
    let google = headers.get_all("x-goog-hash").iter().filter_map(|value| value.to_str().ok());
    for (name, digest) in
        google.flat_map(|value| value.split(',')).filter_map(|pair| pair.trim().split_once('='))
    {
        match name {
            "md5" => claims.md5 = digest.parse().ok(),
            "crc32c" => claims.crc32c = digest.parse().ok(),
            // GCS may add more digests.
            _ => {}
        }
    }
    if claims.md5.is_none() && text("x-amz-request-id").is_some() && !has_other_tag(headers) {
        claims.md5 = text("etag")
            .and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"'))
            .and_then(Md5::from_hex);
    }
    if scope == Scope::Object {
        if claims.crc32c.is_none() {
            claims.crc32c = text("x-amz-checksum-crc32c").and_then(|digest| digest.parse().ok());
        }
        claims.sha256 = text("x-amz-checksum-sha256").and_then(Sha256::from_base64);
    }
    if claims.md5.is_none() && text("x-ms-request-id").is_some() {
        let of_blob = text("x-ms-blob-content-md5");
        let of_body = text("content-md5").filter(|_| scope == Scope::Object);
        claims.md5 = of_blob.or(of_body).and_then(|digest| digest.parse().ok());
    }
    claims
}

/// Returns whether the ETag is not the MD5 of the bytes, because of how S3 encrypts them.
fn has_other_tag(headers: &HeaderMap) -> bool {
    let encryption = headers.get("x-amz-server-side-encryption");
    encryption.is_some_and(|method| method.as_bytes() != b"AES256")
        || headers.contains_key("x-amz-server-side-encryption-customer-algorithm")
}

#[cfg(test)]
mod tests {
    use ureq::http::{HeaderName, HeaderValue};

    use super::*;

    type Named<'a> = &'a [(&'a str, &'a str)];

    #[test]
    fn stores_claim() {
        const MD5: &str = "XUFAKrxLKna5cZ2REBfFkg==";
        const HEX: &str = "\"5d41402abc4b2a76b9719d911017c592\"";
        const CRC: &str = "mnG7TA==";
        let goog = format!("crc32c={CRC}, md5={MD5}");
        let (goog_crc, goog_md5) = (format!("crc32c={CRC}"), format!("md5={MD5}"));
        let s3 = ("x-amz-request-id", "1");
        const SHA: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let azure = ("x-ms-request-id", "1");
        let rows: [(Named, Scope, &str); 20] = [
            (&[("x-goog-hash", &goog)], Scope::Object, "md5 crc32c"),
            (&[("x-goog-hash", &goog_crc), ("x-goog-hash", &goog_md5)], Scope::Part, "md5 crc32c"),
            (&[("x-goog-hash", &goog_crc), ("etag", HEX)], Scope::Object, "crc32c"),
            (
                &[("x-goog-hash", &goog), ("x-goog-stored-content-encoding", "gzip")],
                Scope::Object,
                "",
            ),
            (&[("x-goog-hash", "md5=short,sha256=x,crc32c")], Scope::Object, ""),
            (&[("etag", HEX)], Scope::Object, ""),
            (&[s3, ("etag", HEX)], Scope::Part, "md5"),
            (&[s3, ("etag", HEX), ("x-amz-server-side-encryption", "AES256")], Scope::Part, "md5"),
            (&[s3, ("etag", HEX), ("x-amz-server-side-encryption", "aws:kms")], Scope::Part, ""),
            (
                &[s3, ("etag", HEX), ("x-amz-server-side-encryption-customer-algorithm", "AES256")],
                Scope::Part,
                "",
            ),
            (&[s3, ("etag", "\"5d41402abc4b2a76b9719d911017c592-2\"")], Scope::Object, ""),
            (&[s3, ("x-amz-checksum-crc32c", CRC)], Scope::Object, "crc32c"),
            (&[s3, ("x-amz-checksum-crc32c", CRC)], Scope::Part, ""),
            (&[s3, ("x-amz-checksum-crc32c", "mnG7TA==-2")], Scope::Object, ""),
            (&[s3, ("x-amz-checksum-sha256", SHA)], Scope::Object, "sha256"),
            (&[s3, ("x-amz-checksum-sha256", SHA)], Scope::Part, ""),
            (&[("content-md5", MD5)], Scope::Object, ""),
            (&[azure, ("content-md5", MD5)], Scope::Object, "md5"),
            (&[azure, ("content-md5", MD5)], Scope::Part, ""),
            (&[azure, ("x-ms-blob-content-md5", MD5)], Scope::Part, "md5"),
        ];
        for (named, scope, expected) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in named {
                let name: HeaderName = name.parse().unwrap();
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
            let found = claims(&headers, scope);
            let mut names = Vec::new();
            if let Some(md5) = found.md5 {
                assert_eq!(md5.to_string(), MD5, "{named:?}");
                names.push("md5");
            }
            if let Some(crc32c) = found.crc32c {
                assert_eq!(crc32c.to_string(), CRC, "{named:?}");
                names.push("crc32c");
            }
            if let Some(sha256) = found.sha256 {
                assert_eq!(sha256, Sha256::of(b"hello"), "{named:?}");
                names.push("sha256");
            }
            assert_eq!(names.join(" "), expected, "{named:?}");
        }
    }
}

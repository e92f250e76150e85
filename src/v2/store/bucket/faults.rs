//! What the error codes of the stores mean: one table for all three.
//!
//! A status alone means what it means for any server (`http::fault`); the table has the exceptions. Codes are
//! shown in messages, so only those of a safe form are kept. Pure.

use ureq::http::HeaderMap;

use super::answers::{PageError, error_code, error_reason};
use crate::v2::store::bucket_url::StoreKind;
use crate::v2::store::http::BaseUrl;
use crate::v2::store::http::fault::{HttpFault, Refusal};

/// What to do about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Try again, signed anew.
    Again,
    /// Try again, and send less often.
    Slower,
    /// Try again with new credentials.
    Renew,
    /// Do not try again.
    Final,
}

use Meaning::{Again, Final, Renew, Slower};
use StoreKind::{Azure, Gcs, S3};

/// The exceptions: kind of store, status, code (any if empty), meaning. The first row that matches counts.
const TABLE: &[(StoreKind, u16, &str, Meaning)] = &[
    // AWS asks to try again: another write was under way (API_PutObject, conditional writes).
    (S3, 409, "", Again),
    // The body did not arrive, or not whole, in time.
    (S3, 400, "RequestTimeout", Again),
    (S3, 400, "IncompleteBody", Again),
    // The bytes were damaged on the way: those of the file are checked before the last of them is sent.
    (S3, 400, "BadDigest", Again),
    (S3, 400, "XAmzContentSHA256Mismatch", Again),
    (S3, 400, "XAmzContentChecksumMismatch", Again),
    (Azure, 400, "Md5Mismatch", Again),
    // Often a signature that waited too long, and not a wrong clock.
    (S3, 403, "RequestTimeTooSkewed", Again),
    (S3, 400, "ExpiredToken", Renew),
    (S3, 403, "ExpiredToken", Renew),
    (S3, 400, "TokenRefreshRequired", Renew),
    (S3, 400, "InvalidToken", Renew),
    (S3, 401, "", Renew),
    (Gcs, 401, "", Renew),
    (Azure, 401, "", Renew),
    // Azure's answer to a signature that it does not accept, also because of the time in it.
    (Azure, 403, "AuthenticationFailed", Renew),
    (Gcs, 403, "rateLimitExceeded", Slower),
    (Gcs, 403, "userRateLimitExceeded", Slower),
    (Gcs, 503, "", Slower),
    (S3, 503, "", Slower),
    (Azure, 503, "", Slower),
    // Not answers of a busy store, but of one that lacks the feature.
    (S3, 501, "", Final),
];

/// Interprets a refusal; returns also whether credentials should be renewed.
pub(super) fn interpret(
    kind: StoreKind,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> (Refusal, bool) {
    let code = code(status, headers, body);
    let matches = |row: &&(StoreKind, u16, &str, Meaning)| {
        (row.0, row.1) == (kind, status) && (row.2.is_empty() || Some(row.2) == code.as_deref())
    };
    let meaning = TABLE.iter().find(matches).map(|row| row.3);
    let mut refusal = Refusal { code, ..Refusal::of_status(status) };
    match meaning {
        Some(Again | Renew) => refusal.transient = true,
        Some(Slower) => (refusal.transient, refusal.slows) = (true, true),
        Some(Final) => refusal.transient = false,
        None => {}
    }
    (refusal, meaning == Some(Renew))
}

/// Returns the error code of an answer.
fn code(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let code = header("x-ms-error-code").map(str::to_owned);
    let code = code.or_else(|| error_code(body)).or_else(|| error_reason(body));
    let code = code.filter(|code| is_safe(code));
    // S3's answer in the wrong region names the right one.
    match header("x-amz-bucket-region").filter(|region| is_region(region)) {
        Some(region) if matches!(status, 301 | 307 | 400) => {
            let code = code.unwrap_or_else(|| "PermanentRedirect".to_owned());
            Some(format!("{code}, the bucket is in {region}"))
        }
        _ => code,
    }
}

/// Returns whether a code can be shown: a word like those of the stores (`XAmzContentSHA256Mismatch`), which neither a
/// token, a signature, nor an escape sequence is. A server may repeat anything that it was sent.
fn is_safe(code: &str) -> bool {
    let digit_count = code.bytes().filter(u8::is_ascii_digit).count();
    let is_word = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (1..=48).contains(&code.len()) && is_word && digit_count <= 4
}

/// Returns whether a text is the name of a region, such as `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else { return false };
    let is_word = |part: &&str| {
        (1..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let is_number = number.len() <= 2 && number.parse::<u8>().is_ok();
    area.len() == 2
        && (1..=2).contains(&middle.len())
        && parts[..parts.len() - 1].iter().all(is_word)
        && is_number
}

/// What is wrong with an answer that does not name the state of the object.
pub(super) const NO_TAG: &str = "it has no ETag";

/// Converts the fault of an answer of the server at `base`. One that is cut off may be whole the next time.
pub(super) fn bad_page(error: PageError, base: &BaseUrl) -> HttpFault {
    let foreign = |what| HttpFault::Foreign { host: base.host(), what };
    match error {
        PageError::Malformed => HttpFault::Answer("it is malformed or cut off"),
        PageError::Form => HttpFault::Implausible("it has another form than the documented one"),
        PageError::NoToken => HttpFault::Answer("it does not name the next page"),
        PageError::WebPage => foreign("a web page"),
        PageError::Foreign => foreign("another format"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_and_regions_are_shown() {
        for code in ["NoSuchKey", "XAmzContentSHA256Mismatch", "rateLimitExceeded", "slow"] {
            assert!(is_safe(code), "{code}");
        }
        let token = "ya29A0AfB7bycLz0123456789".to_owned();
        let long = "a".repeat(49);
        for text in ["", "two words", "a-b", "a.b", "a_b", "\u{1b}[2J", &token, &long] {
            assert!(!is_safe(text), "{text}");
        }
        for region in ["us-east-1", "us-gov-west-1", "ap-southeast-2", "cn-northwest-1"] {
            assert!(is_region(region), "{region}");
        }
        for text in ["", "us", "us-1", "us-east", "planted-token-1", "us-east-1234", "us-EAST-1"] {
            assert!(!is_region(text), "{text}");
        }
    }
}

//! The grammar of `Range` and `Content-Range` (RFC 9110, 14), limited to a single range of bytes.
//!
//! Pure.

use std::fmt;
use std::str::FromStr;

/// A range of bytes to request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// This many bytes at the end, at least 1.
    Tail(u64),
    /// This many bytes at an offset, at least 1.
    At { offset: u64, len: u64 },
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Tail(len) => write!(f, "bytes=-{len}"),
            Range::At { offset, len } => write!(f, "bytes={offset}-{}", offset + (len - 1)),
        }
    }
}

impl Range {
    /// Returns the offset and the length of this range in an object of `total` bytes; `None` when the
    /// object does not contain all of it.
    pub(super) fn within(self, total: u64) -> Option<(u64, u64)> {
        match self {
            Range::Tail(len) => {
                let len = len.min(total);
                Some((total - len, len))
            }
            Range::At { offset, len } => {
                (offset.checked_add(len)? <= total).then_some((offset, len))
            }
        }
    }
}

/// A parsed `Content-Range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentRange {
    /// Bytes of an object with `total` bytes; `None` where the server does not send the total.
    Bytes { offset: u64, len: u64, total: Option<u64> },
    /// No bytes, since the range is outside of an object with `total` bytes.
    Unsatisfied { total: u64 },
}

/// An invalid `Content-Range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentRangeError;

impl FromStr for ContentRange {
    type Err = ContentRangeError;

    fn from_str(text: &str) -> Result<Self, ContentRangeError> {
        let (unit, rest) = text.trim().split_once(' ').ok_or(ContentRangeError)?;
        let (range, total) = rest.trim().split_once('/').ok_or(ContentRangeError)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return Err(ContentRangeError);
        }
        if range == "*" {
            return Ok(ContentRange::Unsatisfied { total: number(total)? });
        }
        let total = if total == "*" { None } else { Some(number(total)?) };
        let (first, last) = range.split_once('-').ok_or(ContentRangeError)?;
        let (first, last) = (number(first)?, number(last)?);
        if first > last || total.is_some_and(|total| last >= total) || last == u64::MAX {
            return Err(ContentRangeError);
        }
        Ok(ContentRange::Bytes { offset: first, len: last - first + 1, total })
    }
}

/// Parses digits only: no sign, no space.
fn number(text: &str) -> Result<u64, ContentRangeError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ContentRangeError);
    }
    text.parse().map_err(|_| ContentRangeError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        let bytes = |offset, len, total| {
            let total = Some(total);
            Ok(ContentRange::Bytes { offset, len, total })
        };
        let rows = [
            ("bytes 0-0/1", bytes(0, 1, 1)),
            ("bytes 90-99/100", bytes(90, 10, 100)),
            ("Bytes 0-9/18446744073709551615", bytes(0, 10, u64::MAX)),
            ("bytes */0", Ok(ContentRange::Unsatisfied { total: 0 })),
            ("bytes 0-9/*", Ok(ContentRange::Bytes { offset: 0, len: 10, total: None })),
            ("bytes 9-0/*", Err(ContentRangeError)),
            ("bytes 0-18446744073709551615/*", Err(ContentRangeError)),
            ("bytes */*", Err(ContentRangeError)),
            ("*/10", Err(ContentRangeError)),
            ("bytes 0-10/10", Err(ContentRangeError)),
            ("bytes 9-0/10", Err(ContentRangeError)),
            ("bytes +0-9/10", Err(ContentRangeError)),
            ("bytes 0-/10", Err(ContentRangeError)),
            ("bytes=0-9/10", Err(ContentRangeError)),
            ("lines 0-9/10", Err(ContentRangeError)),
            ("bytes 0-9/18446744073709551616", Err(ContentRangeError)),
            ("", Err(ContentRangeError)),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn ranges() {
        let at = |offset, len| Range::At { offset, len };
        let rows = [
            (Range::Tail(10), "bytes=-10", 100, Some((90, 10))),
            (Range::Tail(10), "bytes=-10", 4, Some((0, 4))),
            (Range::Tail(1), "bytes=-1", 0, Some((0, 0))),
            (at(0, 1), "bytes=0-0", 1, Some((0, 1))),
            (at(90, 10), "bytes=90-99", 100, Some((90, 10))),
            (at(90, 11), "bytes=90-100", 100, None),
            (at(u64::MAX, 1), "bytes=18446744073709551615-18446744073709551615", 5, None),
        ];
        for (range, header, total, within) in rows {
            assert_eq!(range.to_string(), header);
            assert_eq!(range.within(total), within, "{header} of {total}");
        }
    }
}

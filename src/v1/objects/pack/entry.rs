//! Parses a pack's entry: a whole object, or a delta against another one.
//!
//! Format: Git's documentation, "gitformat-pack". No declared value is trusted: anything that does not fit
//! is `None`, and the caller has another way to read the object.

use crate::model::content::ObjectId;

/// Length of the longest header that Git writes, in bytes: a length, and an id or a distance.
pub(super) const MAX_HEADER_LEN: usize = 10 + 20;

/// The header before an entry's zlib stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the stream contains.
    pub(super) payload: Payload,
    /// Declared length of the inflated stream, in bytes.
    pub(super) len: u64,
    /// Where the stream starts, relative to the entry.
    pub(super) stream_at: usize,
}

/// What an entry's zlib stream contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// A whole object of this kind.
    Object(&'static str),
    /// A delta against the entry that starts this many bytes before this one.
    OffsetDelta(u64),
    /// A delta against an object of the same pack.
    RefDelta(ObjectId),
}

impl Header {
    /// Parses the header at the start of an entry.
    pub(super) fn read(entry: &[u8]) -> Option<Self> {
        let mut rest = entry;
        let first = take_byte(&mut rest)?;
        let mut len = u64::from(first & 0x0f);
        if first & 0x80 != 0 {
            len |= take_varint(&mut rest)? << 4;
        }
        let payload = match first >> 4 & 7 {
            1 => Payload::Object("commit"),
            2 => Payload::Object("tree"),
            3 => Payload::Object("blob"),
            4 => Payload::Object("tag"),
            6 => Payload::OffsetDelta(take_base_distance(&mut rest)?),
            7 => {
                let (id, after) = rest.split_first_chunk()?;
                rest = after;
                Payload::RefDelta(ObjectId(*id))
            }
            _ => return None,
        };
        Some(Header { payload, len, stream_at: entry.len() - rest.len() })
    }
}

/// Applies a delta to its base; `None` when the delta does not match the base or results in more than
/// `max_len` bytes.
pub(super) fn apply_delta(base: &[u8], mut delta: &[u8], max_len: u64) -> Option<Vec<u8>> {
    let base_len = take_varint(&mut delta)?;
    let len = take_varint(&mut delta)?;
    if base_len != base.len() as u64 || len > max_len {
        return None;
    }
    let len = usize::try_from(len).ok()?;
    let mut object = Vec::with_capacity(len);
    while let Some(instruction) = take_byte(&mut delta) {
        let piece = match instruction {
            // Reserved.
            0 => return None,
            insert_len @ 1..=0x7f => {
                let (inserted, after) = delta.split_at_checked(usize::from(insert_len))?;
                delta = after;
                inserted
            }
            0x80.. => {
                let offset = take_sparse(&mut delta, instruction & 0x0f)?;
                let copy_len = match take_sparse(&mut delta, instruction >> 4 & 0x07)? {
                    0 => 0x10000,
                    copy_len => copy_len,
                };
                base.get(offset..)?.get(..copy_len)?
            }
        };
        if piece.len() > len - object.len() {
            return None;
        }
        object.extend_from_slice(piece);
    }
    (object.len() == len).then_some(object)
}

/// Returns the declared length in bytes of the object that a delta results in.
pub(super) fn result_len(mut delta: &[u8]) -> Option<u64> {
    take_varint(&mut delta)?;
    take_varint(&mut delta)
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, after) = rest.split_first()?;
    *rest = after;
    Some(*byte)
}

/// Reads a little-endian base-128 number; the high bit means that more bytes follow.
fn take_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..56).step_by(7) {
        let byte = take_byte(rest)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Reads how far before an entry its base starts: a big-endian base-128 number, with one added
/// before each further byte, so that every number has only one encoding.
fn take_base_distance(rest: &mut &[u8]) -> Option<u64> {
    let mut byte = take_byte(rest)?;
    let mut distance = u64::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = take_byte(rest)?;
        distance = distance.checked_add(1)?.checked_mul(1 << 7)? | u64::from(byte & 0x7f);
    }
    Some(distance)
}

/// Reads a little-endian number whose zero bytes may be absent: `present` has a bit for each byte.
fn take_sparse(rest: &mut &[u8], present: u8) -> Option<usize> {
    let mut value = 0;
    for byte in (0..4).filter(|byte| present & 1 << byte != 0) {
        value |= usize::from(take_byte(rest)?) << (8 * byte);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headers_are_read() {
        let id = ObjectId([0xab; 20]);
        let by_id = [[0x75].as_slice(), &id.0].concat();
        type Row<'r> = (&'r [u8], Option<(Payload, u64, usize)>);
        let rows: [Row; 16] = [
            (&[0x15], Some((Payload::Object("commit"), 5, 1))),
            (&[0x2f], Some((Payload::Object("tree"), 15, 1))),
            (&[0x30], Some((Payload::Object("blob"), 0, 1))),
            (&[0x4f], Some((Payload::Object("tag"), 15, 1))),
            (&[0xb0, 0x01], Some((Payload::Object("blob"), 16, 2))),
            (&[0xbf, 0xff, 0x7f], Some((Payload::Object("blob"), (1 << 18) - 1, 3))),
            (&[0x61, 0x7f], Some((Payload::OffsetDelta(127), 1, 2))),
            (&[0x61, 0x80, 0x00], Some((Payload::OffsetDelta(128), 1, 3))),
            (&[0x61, 0xff, 0x7f], Some((Payload::OffsetDelta(16511), 1, 3))),
            (&by_id, Some((Payload::RefDelta(id), 5, 21))),
            (&[], None),
            (&[0x05], None),
            (&[0x55], None),
            (&[0xb0], None),
            (&[0x61, 0x80], None),
            (&[0x75, 0xab], None),
        ];
        for (bytes, expected) in rows {
            let expected =
                expected.map(|(payload, len, stream_at)| Header { payload, len, stream_at });
            assert_eq!(Header::read(bytes), expected, "{}", bytes.escape_ascii());
        }
        let endless = [0xff; 40];
        assert_eq!(Header::read(&[&[0xb0], endless.as_slice()].concat()), None);
        assert_eq!(Header::read(&[&[0x61], endless.as_slice()].concat()), None);
    }

    #[test]
    fn deltas_are_applied() {
        let base = b"0123456789";
        let rows: [(&[u8], Option<&[u8]>); 13] = [
            (b"\x0a\x00", Some(b"")),
            (b"\x0a\x03\x03abc", Some(b"abc")),
            (b"\x0a\x03\x91\x02\x03", Some(b"234")),
            (b"\x0a\x04\x90\x02\x02xy", Some(b"01xy")),
            (b"\x0a\x0a\x90\x0a", Some(base)),
            // The base or the object has another length.
            (b"\x09\x01\x01a", None),
            (b"\x0a\x02\x01a", None),
            (b"\x0a\x01\x02ab", None),
            // A copy from outside the base, and one of 0x10000 bytes, which is encoded as 0.
            (b"\x0a\x03\x91\x08\x03", None),
            (b"\x0a\x03\x81\x00", None),
            // Truncated, reserved, and empty.
            (b"\x0a\x03\x03ab", None),
            (b"\x0a\x01\x00", None),
            (b"", None),
        ];
        for (delta, expected) in rows {
            let applied = apply_delta(base, delta, 1 << 20);
            assert_eq!(applied.as_deref(), expected, "{}", delta.escape_ascii());
        }
        let long = vec![7; 0x10000];
        let whole = apply_delta(&long, b"\x80\x80\x04\x80\x80\x04\x80", 1 << 20);
        assert_eq!(whole, Some(long.clone()));
        assert_eq!(apply_delta(&long, b"\x80\x80\x04\x80\x80\x04\x80", 0xffff), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(base: Vec<u8>, bytes: Vec<u8>) {
            Header::read(&bytes);
            apply_delta(&base, &bytes, 1 << 16);
            let start = [&[base.len().min(127) as u8, 100], bytes.as_slice()].concat();
            apply_delta(&base, &start, 1 << 16);
        }
    }
}

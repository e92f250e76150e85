//! What a pack's entry says: a whole object, or a delta against another one.
//!
//! Format: Git's documentation, "gitformat-pack". Nothing that is declared is believed: whatever
//! does not fit is none, and the caller has another way to read the object.

use crate::model::content::ObjectId;

/// The longest header that Git writes, in bytes: a length, and an id or a distance.
pub(super) const MAX_HEADER_LEN: usize = 10 + 20;

/// What stands before an entry's zlib stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the stream holds.
    pub(super) holds: Holds,
    /// Length of what the stream holds, in bytes, as it is declared.
    pub(super) len: u64,
    /// Where the stream begins, from the entry's beginning.
    pub(super) stream_at: usize,
}

/// What an entry's zlib stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A whole object of this kind.
    Object(&'static str),
    /// A delta against the entry that begins so many bytes before this one.
    OffsetDelta(u64),
    /// A delta against an object of the same pack.
    RefDelta(ObjectId),
}

impl Header {
    /// Reads the header at the beginning of an entry.
    pub(super) fn read(entry: &[u8]) -> Option<Self> {
        let mut rest = entry;
        let first = take_byte(&mut rest)?;
        let mut len = u64::from(first & 0x0f);
        if first & 0x80 != 0 {
            len |= take_varint(&mut rest)? << 4;
        }
        let holds = match first >> 4 & 7 {
            1 => Holds::Object("commit"),
            2 => Holds::Object("tree"),
            3 => Holds::Object("blob"),
            4 => Holds::Object("tag"),
            6 => Holds::OffsetDelta(take_base_distance(&mut rest)?),
            7 => {
                let (id, behind) = rest.split_first_chunk()?;
                rest = behind;
                Holds::RefDelta(ObjectId(*id))
            }
            _ => return None,
        };
        Some(Header { holds, len, stream_at: entry.len() - rest.len() })
    }
}

/// Makes an object from its base and a delta; none when the delta does not fit or makes more than
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
                let (inserted, behind) = delta.split_at_checked(usize::from(insert_len))?;
                delta = behind;
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

/// The length in bytes of the object that a delta makes, as it is declared.
pub(super) fn made_len(mut delta: &[u8]) -> Option<u64> {
    take_varint(&mut delta)?;
    take_varint(&mut delta)
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, behind) = rest.split_first()?;
    *rest = behind;
    Some(*byte)
}

/// A number in bytes of 7 bits, the lowest first; the high bit says that more follow.
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

/// How far before an entry its base begins: 7 bits a byte, the highest first, and one is added
/// before each byte that follows, so that every number is written in one way only.
fn take_base_distance(rest: &mut &[u8]) -> Option<u64> {
    let mut byte = take_byte(rest)?;
    let mut distance = u64::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = take_byte(rest)?;
        distance = distance.checked_add(1)?.checked_mul(1 << 7)? | u64::from(byte & 0x7f);
    }
    Some(distance)
}

/// A number of little-endian bytes, of which only those are there whose bit is set.
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
        type Row<'r> = (&'r [u8], Option<(Holds, u64, usize)>);
        let rows: [Row; 16] = [
            (&[0x15], Some((Holds::Object("commit"), 5, 1))),
            (&[0x2f], Some((Holds::Object("tree"), 15, 1))),
            (&[0x30], Some((Holds::Object("blob"), 0, 1))),
            (&[0x4f], Some((Holds::Object("tag"), 15, 1))),
            (&[0xb0, 0x01], Some((Holds::Object("blob"), 16, 2))),
            (&[0xbf, 0xff, 0x7f], Some((Holds::Object("blob"), (1 << 18) - 1, 3))),
            (&[0x61, 0x7f], Some((Holds::OffsetDelta(127), 1, 2))),
            (&[0x61, 0x80, 0x00], Some((Holds::OffsetDelta(128), 1, 3))),
            (&[0x61, 0xff, 0x7f], Some((Holds::OffsetDelta(16511), 1, 3))),
            (&by_id, Some((Holds::RefDelta(id), 5, 21))),
            (&[], None),
            (&[0x05], None),
            (&[0x55], None),
            (&[0xb0], None),
            (&[0x61, 0x80], None),
            (&[0x75, 0xab], None),
        ];
        for (bytes, expected) in rows {
            let expected = expected.map(|(holds, len, stream_at)| Header { holds, len, stream_at });
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
            // The base has another length, or the object.
            (b"\x09\x01\x01a", None),
            (b"\x0a\x02\x01a", None),
            (b"\x0a\x01\x02ab", None),
            // A copy from outside the base, and one of 0x10000 bytes, which is written as none.
            (b"\x0a\x03\x91\x08\x03", None),
            (b"\x0a\x03\x81\x00", None),
            // Cut off, reserved, and nothing at all.
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
            let begun = [&[base.len().min(127) as u8, 100], bytes.as_slice()].concat();
            apply_delta(&base, &begun, 1 << 16);
        }
    }
}

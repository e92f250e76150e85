//! ASCII armor (RFC 9580, 6.2): the blocks in a text, and the bytes in a block.
//!
//! Accepts what both gpg 2.2 and openpgp.js 5 accept: text around a block, blanks at the ends of lines
//! and around base64, no checksum. A block without an end, or with a wrong checksum, is rejected.
//! Does not parse packets.

use std::io::{Read, Write};

use pgp::armor::{self, BlockType, Dearmor, DearmorOptions};
use pgp::ser::Serialize;
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Length of a line of base64 in the text passed to pgp.
const LINE_LEN: usize = 64;

/// A block of armor, still encoded.
pub(super) struct Block<'t> {
    /// The type in its header line, such as `PGP SIGNATURE`.
    pub(super) kind: &'t [u8],
    /// All lines between header and tail, without trailing blanks.
    lines: Vec<&'t [u8]>,
    has_end: bool,
}

/// Why a block cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ArmorFault {
    /// Neither `Name: value` nor a blank line.
    #[error("its headers do not end in a blank line")]
    Headers,
    /// The last line is missing.
    #[error("it has no end line")]
    NoEnd,
    /// Not base64.
    #[error("it contains something other than base64")]
    Base64,
    /// The block has no data.
    #[error("it is empty")]
    Empty,
    /// The checksum does not match the bytes.
    #[error("its checksum does not match")]
    Checksum,
}

/// Returns the blocks in a text, in order; the text around them is ignored.
pub(super) fn blocks(text: &[u8]) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_inside = false;
    for line in text.split(|byte| *byte == b'\n').map(trim_end) {
        if let Some(kind) = kind_of(line, BEGIN) {
            blocks.push(Block { kind, lines: Vec::new(), has_end: false });
            is_inside = true;
        } else if let (true, Some(block)) = (is_inside, blocks.last_mut()) {
            block.has_end = kind_of(line, END).is_some();
            is_inside = !block.has_end;
            if is_inside {
                block.lines.push(line);
            }
        }
    }
    blocks
}

/// Returns the type in a header or tail line.
fn kind_of<'t>(line: &'t [u8], before: &[u8]) -> Option<&'t [u8]> {
    line.strip_prefix(before)?.strip_suffix(DASHES)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn trim_end(line: &[u8]) -> &[u8] {
    let len = line.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
    &line[..len]
}

impl Block<'_> {
    /// Decodes the bytes in the block.
    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, ArmorFault> {
        if !self.has_end {
            return Err(ArmorFault::NoEnd);
        }
        let header_count =
            self.lines.iter().position(|line| line.is_empty()).ok_or(ArmorFault::Headers)?;
        let (headers, body) = self.lines.split_at(header_count);
        if !headers.iter().all(|line| is_header(line)) {
            return Err(ArmorFault::Headers);
        }
        let (base64, checksum) = encoded(body)?;
        let bytes = decode(&base64)?;
        match checksum {
            _ if bytes.is_empty() => Err(ArmorFault::Empty),
            Some(checksum) if checksum != crc24(&bytes) => Err(ArmorFault::Checksum),
            _ => Ok(bytes),
        }
    }
}

/// Returns whether a line is `Name: value`; the value may be empty.
fn is_header(line: &[u8]) -> bool {
    match line.iter().position(|byte| *byte == b':') {
        Some(at) => line.get(at + 1).is_none_or(|byte| *byte == b' '),
        None => false,
    }
}

/// Returns the base64 characters without padding, and the checksum, if there is one.
fn encoded(body: &[&[u8]]) -> Result<(Zeroizing<Vec<u8>>, Option<u32>), ArmorFault> {
    let room = body.iter().map(|line| line.len()).sum();
    let mut base64 = Zeroizing::new(Vec::with_capacity(room));
    let (mut checksum, mut padding_len) = (None, 0);
    for line in body {
        let line = &line[line.iter().take_while(|byte| is_blank(**byte)).count()..];
        if checksum.is_some() && !line.is_empty() {
            return Err(ArmorFault::Base64);
        }
        if let (Some(b'='), 5) = (line.first(), line.len()) {
            let bytes = decode(&line[1..]).map_err(|_| ArmorFault::Checksum)?;
            let bytes = <[u8; 3]>::try_from(bytes.as_slice()).map_err(|_| ArmorFault::Checksum)?;
            checksum = Some(u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]));
            continue;
        }
        for byte in line.iter().copied().filter(|byte| !is_blank(*byte)) {
            match byte {
                b'=' => padding_len += 1,
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding_len == 0 => {
                    base64.push(byte);
                }
                _ => return Err(ArmorFault::Base64),
            }
        }
    }
    Ok((base64, checksum))
}

/// Decodes base64 characters with pgp, by wrapping them in a block as pgp itself writes it.
fn decode(base64: &[u8]) -> Result<Zeroizing<Vec<u8>>, ArmorFault> {
    const KIND: &[u8] = b"PGP MESSAGE-----\n";
    if base64.is_empty() {
        return Ok(Zeroizing::default());
    }
    let room = 2 * base64.len() + 100;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for part in [BEGIN, KIND, b"\n"] {
        text.extend_from_slice(part);
    }
    for line in base64.chunks(LINE_LEN) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.pop();
    text.extend_from_slice(&b"=="[..(4 - base64.len() % 4) % 4 % 3]);
    for part in [b"\n", END, KIND] {
        text.extend_from_slice(part);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(base64.len()));
    let options = DearmorOptions::new().set_limit(room);
    let read = Dearmor::with_options(&text[..], options).read_to_end(&mut bytes);
    // A single remaining character does not encode a byte.
    match read {
        Ok(len) if len == base64.len() * 3 / 4 && base64.len() % 4 != 1 => Ok(bytes),
        _ => Err(ArmorFault::Base64),
    }
}

/// Encodes a signature's packets as armor, with the checksum that older readers require.
pub(super) fn of_signature(packets: &[u8]) -> String {
    struct Bytes<'a>(&'a [u8]);
    impl Serialize for Bytes<'_> {
        fn to_writer<W: Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
            Ok(writer.write_all(self.0)?)
        }
        fn write_len(&self) -> usize {
            self.0.len()
        }
    }
    let mut text: Vec<u8> = Vec::new();
    let written: pgp::errors::Result<()> =
        armor::write(&Bytes(packets), BlockType::Signature, &mut text, None, true);
    written.expect("writing to memory does not fail");
    String::from_utf8(text).expect("armor is ASCII")
}

/// Computes the armor's checksum (RFC 9580, 6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    const START: u32 = 0x00B7_04CE;
    const POLYNOMIAL: u32 = 0x0086_4CFB;
    bytes.iter().fold(START, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 16), |crc, _| {
            let shifted = (crc << 1) & 0x00FF_FFFF;
            if crc & 0x0080_0000 == 0 { shifted } else { shifted ^ POLYNOMIAL }
        })
    })
}

//! The packets of a file of keys: armored or binary, one block or several.
//!
//! Knows nothing of what packets mean. Its errors may hold bytes of the file: who reads secret keys
//! must not pass them on.

use std::io::Read;

use pgp::armor::{BlockType, Dearmor, DearmorOptions};
use pgp::errors::{Error, Result};
use pgp::packet::{Packet, PacketParser, PacketTrait};
use pgp::types::Tag;
use zeroize::Zeroizing;

/// The longest file of keys that is read, in bytes.
pub(super) const KEY_FILE_MAX_LEN: u64 = 16 << 20;

/// All packets in a file of keys, in its order, without those that mean nothing outside GnuPG.
///
/// # Errors
/// What cannot be parsed.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Packet>> {
    let mut packets = Vec::new();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        add_binary(bytes, &mut packets)?;
        return Ok(packets);
    }
    for block in armored_blocks(bytes) {
        let options = DearmorOptions::new().set_limit(bytes.len() + 1);
        let mut armor = Dearmor::with_options(block, options);
        let mut binary = Zeroizing::new(Vec::with_capacity(block.len()));
        armor.read_to_end(&mut binary)?;
        if matches!(armor.typ, Some(BlockType::PublicKey | BlockType::PrivateKey)) {
            add_binary(&binary, &mut packets)?;
        }
    }
    Ok(packets)
}

fn add_binary(bytes: &[u8], packets: &mut Vec<Packet>) -> Result<()> {
    for packet in PacketParser::new(bytes) {
        match packet {
            Ok(packet) if matches!(packet.tag(), Tag::Trust | Tag::Marker | Tag::Padding) => {}
            Ok(packet) => packets.push(packet),
            // RFC 9580, 4.3: unknown packets that are not critical are to be ignored.
            Err(Error::Unsupported { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The armored blocks in a text, each from its first line to the next one's.
fn armored_blocks(text: &[u8]) -> Vec<&[u8]> {
    const BEGIN: &[u8] = b"-----BEGIN PGP ";
    let starts: Vec<usize> = (0..text.len())
        .filter(|&at| (at == 0 || text[at - 1] == b'\n') && text[at..].starts_with(BEGIN))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(&start, end)| &text[start..end]).collect()
}

//! The sequence of packets in bytes (RFC 9580, 4.2), and in a file of keys.
//!
//! Does not interpret packets, except to ignore those without meaning. pgp's parse errors may contain bytes
//! of a packet: code that reads secret keys must not pass them on.

use pgp::errors::Result;
use pgp::packet::{Packet, PacketHeader};
use pgp::types::{PacketLength, Tag};
use zeroize::Zeroizing;

use super::armor;

/// The longest file of keys that is read, in bytes.
pub(super) const KEY_FILE_MAX_LEN: u64 = 16 << 20;

/// A packet whose body has not been parsed.
pub(super) struct RawPacket<'b> {
    header: PacketHeader,
    body: &'b [u8],
    /// Header and body.
    pub(super) bytes: &'b [u8],
}

/// What a packet's type implies for a reader that does not parse it (RFC 9580, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// To be parsed.
    Content,
    /// Without meaning here: a marker, padding, GnuPG's trust packets, or unknown and not critical.
    Ignored,
    /// Unknown and critical: the packet sequence that contains it must be rejected.
    Critical(u8),
}

/// Why bytes are not packets.
#[derive(Debug, thiserror::Error)]
pub(super) enum PacketFault {
    /// No valid packet header.
    #[error("not an OpenPGP packet: {0}")]
    NoHeader(std::io::Error),
    /// A partial or indeterminate length, which only data packets may have.
    #[error("a packet without a fixed length")]
    NoLength,
    /// The body is shorter than its length.
    #[error("damaged: a packet is truncated")]
    Truncated,
}

impl<'b> RawPacket<'b> {
    pub(super) fn tag(&self) -> Tag {
        self.header.tag()
    }

    pub(super) fn body(&self) -> &'b [u8] {
        self.body
    }

    pub(super) fn role(&self) -> Role {
        match self.tag() {
            Tag::Marker | Tag::Padding | Tag::Trust => Role::Ignored,
            Tag::UnassignedNonCritical(_) | Tag::Experimental(_) => Role::Ignored,
            Tag::UnassignedCritical(_) | Tag::Invalid(_) => Role::Critical(self.tag().into()),
            _ => Role::Content,
        }
    }

    /// Parses the packet.
    ///
    /// # Errors
    /// The packet is malformed.
    pub(super) fn parse(&self) -> Result<Packet> {
        Packet::from_reader(self.header, self.body)
    }
}

/// Splits bytes into packets.
///
/// # Errors
/// The bytes are not a sequence of complete packets of fixed length.
pub(super) fn split(bytes: &[u8]) -> std::result::Result<Vec<RawPacket<'_>>, PacketFault> {
    let mut packets = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut after = rest;
        let header = PacketHeader::try_from_reader(&mut after).map_err(PacketFault::NoHeader)?;
        let PacketLength::Fixed(len) = header.packet_length() else {
            return Err(PacketFault::NoLength);
        };
        let len = usize::try_from(len).map_err(|_| PacketFault::Truncated)?;
        let (body, next) = after.split_at_checked(len).ok_or(PacketFault::Truncated)?;
        let bytes = &rest[..rest.len() - next.len()];
        packets.push(RawPacket { header, body, bytes });
        rest = next;
    }
    Ok(packets)
}

/// Returns the bytes of all packets in a file of keys: armored or binary, one block or several.
///
/// # Errors
/// Armor that cannot be decoded.
pub(super) fn bytes_of_keys(
    file: &[u8],
) -> std::result::Result<Zeroizing<Vec<u8>>, armor::ArmorFault> {
    // Allocated at once: a growing vector would leave copies of secrets in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(file.len()));
    if file.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.extend_from_slice(file);
        return Ok(bytes);
    }
    for block in armor::blocks(file) {
        if matches!(block.kind, b"PGP PUBLIC KEY BLOCK" | b"PGP PRIVATE KEY BLOCK") {
            bytes.extend_from_slice(&block.decode()?);
        }
    }
    Ok(bytes)
}

/// Parses all relevant packets of a file of keys, in order; `None` when it is damaged.
pub(super) fn parse(file: &[u8]) -> Option<Vec<Packet>> {
    let bytes = bytes_of_keys(file).ok()?;
    let packets = split(&bytes).ok()?;
    let packets = packets.iter().filter(|packet| packet.role() != Role::Ignored);
    packets.map(|packet| packet.parse().ok()).collect()
}

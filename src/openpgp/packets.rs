//! The packets in bytes, one after the other (RFC 9580, 4.2), and those in a file of keys.
//!
//! Knows nothing of what packets mean but which of them mean nothing. What pgp says of a packet may
//! hold bytes of it: whoever reads secret keys must not pass it on.

use pgp::errors::Result;
use pgp::packet::{Packet, PacketHeader};
use pgp::types::{PacketLength, Tag};
use zeroize::Zeroizing;

use super::armor;

/// The longest file of keys that is read, in bytes.
pub(super) const KEY_FILE_MAX_LEN: u64 = 16 << 20;

/// A packet that nobody has looked into.
pub(super) struct RawPacket<'b> {
    header: PacketHeader,
    body: &'b [u8],
    /// Header and body.
    pub(super) bytes: &'b [u8],
}

/// What a packet's type says of it, to a reader that does not look into it (RFC 9580, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// To be looked into.
    Content,
    /// Means nothing here: a marker, padding, GnuPG's own notes, or unknown and not critical.
    Nothing,
    /// Unknown, and critical: nothing that it stands among must be taken.
    Critical(u8),
}

/// Why bytes are no packets.
#[derive(Debug, thiserror::Error)]
pub(super) enum PacketFault {
    /// No header of a packet.
    #[error("no OpenPGP packet: {0}")]
    NoHeader(std::io::Error),
    /// A length that only packets of data may have, or none.
    #[error("a packet without a length")]
    NoLength,
    /// The body is shorter than its length.
    #[error("damaged: a packet is cut off")]
    CutOff,
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
            Tag::Marker | Tag::Padding | Tag::Trust => Role::Nothing,
            Tag::UnassignedNonCritical(_) | Tag::Experimental(_) => Role::Nothing,
            Tag::UnassignedCritical(_) | Tag::Invalid(_) => Role::Critical(self.tag().into()),
            _ => Role::Content,
        }
    }

    /// Looks into the packet.
    ///
    /// # Errors
    /// What cannot be parsed.
    pub(super) fn parse(&self) -> Result<Packet> {
        Packet::from_reader(self.header, self.body)
    }
}

/// Cuts bytes into packets.
///
/// # Errors
/// Anything but whole packets of a fixed length.
pub(super) fn split(bytes: &[u8]) -> std::result::Result<Vec<RawPacket<'_>>, PacketFault> {
    let mut packets = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut behind = rest;
        let header = PacketHeader::try_from_reader(&mut behind).map_err(PacketFault::NoHeader)?;
        let PacketLength::Fixed(len) = header.packet_length() else {
            return Err(PacketFault::NoLength);
        };
        let len = usize::try_from(len).map_err(|_| PacketFault::CutOff)?;
        let (body, next) = behind.split_at_checked(len).ok_or(PacketFault::CutOff)?;
        let bytes = &rest[..rest.len() - next.len()];
        packets.push(RawPacket { header, body, bytes });
        rest = next;
    }
    Ok(packets)
}

/// The bytes of all packets in a file of keys: armored or binary, one block or several.
///
/// # Errors
/// Armor that cannot be decoded.
pub(super) fn bytes_of_keys(
    file: &[u8],
) -> std::result::Result<Zeroizing<Vec<u8>>, armor::ArmorFault> {
    // Room for all of it: a vector that grows leaves copies behind.
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

/// All packets of a file of keys that mean something, in its order; none when it is damaged.
pub(super) fn parse(file: &[u8]) -> Option<Vec<Packet>> {
    let bytes = bytes_of_keys(file).ok()?;
    let packets = split(&bytes).ok()?;
    let packets = packets.iter().filter(|packet| packet.role() != Role::Nothing);
    packets.map(|packet| packet.parse().ok()).collect()
}

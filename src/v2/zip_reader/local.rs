//! Compares local headers and data descriptors with the central directory.
//!
//! Every field that both have and that readers rely on must be equal; where a data descriptor
//! provides CRC-32 and lengths, those before the data may be 0.

use super::entry::{Entry, Method};
use super::extra;
use super::fault::{FaultKind, Field};
use super::fields::{Fields, LOCAL_HEADER_LEN};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

/// Length of the longest local header.
pub(super) const MAX_HEADER_LEN: usize = LOCAL_HEADER_LEN + 2 * u16::MAX as usize;
/// Length of the longest data descriptor: a signature, CRC-32, and two lengths of 64 bits.
pub(super) const MAX_DESCRIPTOR_LEN: u64 = 4 + 4 + 8 + 8;

/// Flags that only describe the compression level (APPNOTE 4.4.4).
const FLAGS_OF_LEVEL: u16 = 1 << 1 | 1 << 2;

/// Compares a local header with its entry, and returns the header's length.
///
/// `bytes` start with the header, and contain all of it unless it extends beyond the entry.
pub(super) fn check_header(entry: &Entry, bytes: &[u8]) -> Result<usize, FaultKind> {
    let missing = FaultKind::NoLocalHeader { offset: entry.header_offset };
    let mut fields = Fields(bytes);
    let header =
        fields.take(LOCAL_HEADER_LEN).map(Fields).and_then(LocalHeader::parse).ok_or(missing)?;
    let disagree = |field| FaultKind::HeaderDisagreement { field };
    // A header that extends into the next entry has a wrong name or extra field length.
    let name = fields.take(header.name_len.into()).ok_or(disagree(Field::Name))?;
    if name != &*entry.name {
        return Err(disagree(Field::Name));
    }
    let extra = fields.take(header.extra_len.into()).ok_or(disagree(Field::Extra))?;
    if (header.flags ^ entry.flags) & !FLAGS_OF_LEVEL != 0 {
        return Err(disagree(Field::Flags));
    }
    let method = match entry.method {
        Method::Store => 0,
        Method::Deflate => 8,
        Method::Unsupported(method) => method,
    };
    if header.method != method {
        return Err(disagree(Field::Method));
    }
    let zip64 = extra::zip64(extra, name)?;
    let [len, stored_len] =
        extra::widen_local(zip64, header.lens).ok_or(FaultKind::Zip64 { field: Field::Extra })?;
    let rows = [
        (Field::Crc32, header.crc32.into(), entry.crc32.into()),
        (Field::StoredLen, stored_len, entry.stored_len),
        (Field::Len, len, entry.len),
    ];
    for (field, local, central) in rows {
        if local != central && !(local == 0 && entry.has_descriptor()) {
            return Err(disagree(field));
        }
    }
    Ok(LOCAL_HEADER_LEN + name.len() + extra.len())
}

/// Returns the declared length of the header at the start of these bytes; `None` when it is not one.
pub(super) fn declared_len(bytes: &[u8]) -> Option<usize> {
    let header = Fields(bytes).take(LOCAL_HEADER_LEN).map(Fields).and_then(LocalHeader::parse)?;
    Some(LOCAL_HEADER_LEN + usize::from(header.name_len) + usize::from(header.extra_len))
}

/// The relevant fields of a local header (APPNOTE 4.3.7).
struct LocalHeader {
    flags: u16,
    method: u16,
    crc32: u32,
    /// Length and stored length.
    lens: [u32; 2],
    name_len: u16,
    extra_len: u16,
}

impl LocalHeader {
    fn parse(mut fields: Fields<'_>) -> Option<Self> {
        if fields.u32()? != LOCAL_HEADER {
            return None;
        }
        let _version = fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        let crc32 = fields.u32()?;
        let (stored_len, len) = (fields.u32()?, fields.u32()?);
        let (name_len, extra_len) = (fields.u16()?, fields.u16()?);
        Some(LocalHeader { flags, method, crc32, lens: [len, stored_len], name_len, extra_len })
    }
}

/// Checks the bytes between an entry's data and the next entry: none, or a data descriptor where the
/// flags announce one, with or without a signature, in 32 or 64 bits.
pub(super) fn check_descriptor(
    entry: &Entry,
    offset: u64,
    between: &[u8],
) -> Result<(), FaultKind> {
    if !entry.has_descriptor() {
        return match between.len() as u64 {
            0 => Ok(()),
            len => Err(FaultKind::UnlistedBytes { offset, len }),
        };
    }
    let signature = DESCRIPTOR.to_le_bytes();
    let crc32 = entry.crc32.to_le_bytes();
    let lens = [entry.stored_len, entry.len];
    let wide: Vec<u8> = lens.iter().flat_map(|len| len.to_le_bytes()).collect();
    let narrow: Vec<u8> = lens.iter().flat_map(|len| (*len as u32).to_le_bytes()).collect();
    let forms = [
        [&signature[..], &crc32, &narrow].concat(),
        [&crc32[..], &narrow].concat(),
        [&signature[..], &crc32, &wide].concat(),
        [&crc32[..], &wide].concat(),
    ];
    let fits_narrow = lens.iter().all(|len| u32::try_from(*len).is_ok());
    let forms = if fits_narrow { &forms[..] } else { &forms[2..] };
    if forms.iter().any(|form| form == between) {
        Ok(())
    } else {
        Err(FaultKind::HeaderDisagreement { field: Field::DataDescriptor })
    }
}

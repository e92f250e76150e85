//! The two extra fields that override header fields: ZIP64 and Info-ZIP's Unicode Path.
//!
//! All others (times, owners, padding) are ignored. Trailing bytes that are not a complete field count as
//! padding.

use super::fault::{FaultKind, Field};
use super::fields::Fields;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// Length of the version and the CRC-32 before the name in Unicode Path, in bytes.
const UNICODE_PATH_FRAME_LEN: usize = 1 + 4;

/// Finds the ZIP64 field, after comparing the name with Unicode Path.
///
/// Some readers use the name in Unicode Path, some do not; some check its CRC-32 first. So the two names must
/// be identical.
pub(super) fn zip64<'a>(extra: &'a [u8], name: &[u8]) -> Result<Option<&'a [u8]>, FaultKind> {
    let (mut zip64, mut unicode_path) = (None, None);
    let mut fields = Fields(extra);
    while let Some((id, data)) = next(&mut fields) {
        let (place, field) = match id {
            ZIP64 => (&mut zip64, Field::Extra),
            UNICODE_PATH => (&mut unicode_path, Field::UnicodePath),
            _ => continue,
        };
        if place.replace(data).is_some() {
            return Err(match field {
                Field::UnicodePath => FaultKind::HeaderDisagreement { field },
                _ => FaultKind::Zip64 { field },
            });
        }
    }
    match unicode_path.map(|data| data.get(UNICODE_PATH_FRAME_LEN..)) {
        Some(other) if other != Some(name) => {
            Err(FaultKind::HeaderDisagreement { field: Field::UnicodePath })
        }
        _ => Ok(zip64),
    }
}

fn next<'a>(fields: &mut Fields<'a>) -> Option<(u16, &'a [u8])> {
    let id = fields.u16()?;
    let len = fields.u16()?;
    Some((id, fields.take(len.into())?))
}

/// Numbers of a central header: length, stored length, offset of the local header.
pub(super) type CentralNumbers = [u64; 3];

/// Widens the numbers of a central header, and returns the disk: a number that is all ones is in
/// the ZIP64 field, in this order, and no other number is (APPNOTE 4.5.3).
///
/// Some writers put all numbers there, which is accepted as long as they agree.
pub(super) fn widen_central(
    zip64: Option<&[u8]>,
    narrow: [u32; 3],
    disk: u16,
) -> Option<(CentralNumbers, u32)> {
    let mut fields = Fields(zip64.unwrap_or_default());
    let mut wide = narrow.map(u64::from);
    for number in &mut wide {
        if *number == u64::from(u32::MAX) {
            *number = fields.u64()?;
        }
    }
    let wide_disk = if disk == u16::MAX { fields.u32()? } else { disk.into() };
    if !fields.0.is_empty() {
        let mut all: Vec<u8> = wide.iter().flat_map(|number| number.to_le_bytes()).collect();
        all.extend(wide_disk.to_le_bytes());
        if !all.starts_with(zip64.unwrap_or_default()) {
            return None;
        }
    }
    Some((wide, wide_disk))
}

/// Widens length and stored length of a local header: both are in the ZIP64 field when one of them is all
/// ones (APPNOTE 4.5.3), but not all writers comply.
pub(super) fn widen_local(zip64: Option<&[u8]>, narrow: [u32; 2]) -> Option<[u64; 2]> {
    let mut fields = Fields(zip64.unwrap_or_default());
    let mut wide = narrow.map(u64::from);
    if let (Some(len), Some(stored_len)) = (fields.u64(), fields.u64()) {
        for (number, value) in wide.iter_mut().zip([len, stored_len]) {
            if *number == u64::from(u32::MAX) {
                *number = value;
            }
        }
        return Some(wide);
    }
    let mut fields = Fields(zip64.unwrap_or_default());
    for number in &mut wide {
        if *number == u64::from(u32::MAX) {
            *number = fields.u64()?;
        }
    }
    Some(wide)
}

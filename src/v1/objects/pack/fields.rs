//! The fields that all pack indexes have in common.
//!
//! Formats: Git's documentation, "gitformat-pack".

/// The fault of an index that ends before a field does.
pub(super) const CUT_OFF: &str = "it is truncated";

/// Length of an object's id, in bytes.
pub(super) const ID_LEN: usize = 20;

/// Length of the fan-out table, which counts the ids up to each first byte, in bytes.
pub(super) const FAN_OUT_LEN: usize = 256 * 4;

/// Set in a 4-byte offset whose other bits are the number of an 8-byte offset.
const LARGE_OFFSET: u32 = 1 << 31;

/// Resolves a 4-byte offset with the 8-byte offsets of its index.
pub(super) fn whole_offset(offset: u32, larges: &[u8]) -> Result<u64, &'static str> {
    if offset & LARGE_OFFSET == 0 {
        return Ok(u64::from(offset));
    }
    be_u64(larges, (offset ^ LARGE_OFFSET) as usize * 8)
}

/// Reads the 4-byte number at `at`.
pub(super) fn be_u32(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT_OFF)?;
    Ok(u32::from_be_bytes(*field))
}

/// Reads the 8-byte number at `at`.
pub(super) fn be_u64(bytes: &[u8], at: usize) -> Result<u64, &'static str> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT_OFF)?;
    Ok(u64::from_be_bytes(*field))
}

//! The fields that all indexes of packs have in common.
//!
//! Formats: Git's documentation, "gitformat-pack".

/// What is wrong with an index that ends before a field does.
pub(super) const CUT_OFF: &str = "it is cut off";

/// Length of an object's id, in bytes.
pub(super) const ID_LEN: usize = 20;

/// Length of the table that says how many ids begin with each byte or a lower one, in bytes.
pub(super) const FAN_OUT_LEN: usize = 256 * 4;

/// In a 4-byte offset: the rest is the number of an 8-byte offset.
const LARGE_OFFSET: u32 = 1 << 31;

/// The offset that a 4-byte field means, with the 8-byte offsets of its index.
pub(super) fn whole_offset(offset: u32, larges: &[u8]) -> Result<u64, &'static str> {
    if offset & LARGE_OFFSET == 0 {
        return Ok(u64::from(offset));
    }
    be_u64(larges, (offset ^ LARGE_OFFSET) as usize * 8)
}

/// The 4-byte number that begins at `at`.
pub(super) fn be_u32(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT_OFF)?;
    Ok(u32::from_be_bytes(*field))
}

/// The 8-byte number that begins at `at`.
pub(super) fn be_u64(bytes: &[u8], at: usize) -> Result<u64, &'static str> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT_OFF)?;
    Ok(u64::from_be_bytes(*field))
}

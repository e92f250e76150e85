//! Checks pack indexes before they are used.
//!
//! libgit2 1.9 reads out of bounds when an index places an object beyond its pack's end
//! (`git_packfile_unpack_header`), so one flipped bit would crash the process. Checks only the offsets,
//! the order (without which two readers find different entries) and the index's own checksum; what is at
//! an offset is checked when it is read. Formats: Git's documentation, "gitformat-pack": pack-*.idx of
//! versions 1 and 2, multi-pack-index.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::TRAILER_LEN;
use super::fields::{CUT_OFF, FAN_OUT_LEN, ID_LEN, be_u32, be_u64, whole_offset};
use crate::digest::sha1;
use crate::error::Error;

/// A pack, and the bytes of its checked index.
pub(in crate::v1) struct CheckedPack {
    /// The file that contains the objects.
    pub(in crate::v1) path: PathBuf,
    /// Its index.
    pub(in crate::v1) index: Vec<u8>,
}

/// Checks every index in a folder of packs; an absent folder has no indexes.
///
/// # Errors
/// [`Error::PackIndex`] for the first damaged index; [`Error::File`].
pub(in crate::v1) fn check_all(folder: &Path) -> Result<Vec<CheckedPack>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file("list the packs in", folder)(error)),
    };
    let mut pack_lens = HashMap::new();
    let mut indexes = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::file("list the packs in", folder))?.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("pack") => {
                let metadata = path.metadata().map_err(Error::file("look at", &path))?;
                pack_lens.insert(path.with_extension("idx"), metadata.len());
            }
            Some("idx") => indexes.push(path),
            _ => {}
        }
    }
    let check = |path: &Path, check: &dyn Fn(&[u8]) -> Result<(), &'static str>| {
        let bytes = fs::read(path).map_err(Error::file("read", path))?;
        check_trailer(&bytes)
            .and_then(|()| check(&bytes))
            .map_err(|what| Error::PackIndex { path: path.to_owned(), what })?;
        Ok(bytes)
    };
    let mut checked = Vec::new();
    for path in indexes {
        // An index without its pack is never used.
        if let Some(pack_len) = pack_lens.get(&path) {
            let index = check(&path, &|bytes| check_index(bytes, *pack_len))?;
            checked.push(CheckedPack { path: path.with_extension("pack"), index });
        }
    }
    let multi = folder.join("multi-pack-index");
    if multi.try_exists().map_err(Error::file("look at", &multi))? {
        let pack_len = |name: &str| pack_lens.get(&folder.join(name)).copied();
        check(&multi, &|bytes| check_multi_index(bytes, &pack_len))?;
    }
    Ok(checked)
}

const OUT_OF_BOUNDS: &str = "an object is outside its pack";

fn check_trailer(bytes: &[u8]) -> Result<(), &'static str> {
    let (content, trailer) = bytes.split_last_chunk::<ID_LEN>().ok_or(CUT_OFF)?;
    if sha1(content) == *trailer { Ok(()) } else { Err("its checksum is wrong") }
}

fn check_index(bytes: &[u8], pack_len: u64) -> Result<(), &'static str> {
    let in_bounds = |offset: u64| offset < pack_len.saturating_sub(TRAILER_LEN);
    let (fan_out_at, entry_len) = match bytes.strip_prefix(b"\xfftOc") {
        Some(rest) if be_u32(rest, 0)? == 2 => (8, ID_LEN + 4 + 4),
        Some(_) => return Err("its version is unknown"),
        None => (0, 4 + ID_LEN),
    };
    let count = be_u32(bytes, fan_out_at + FAN_OUT_LEN - 4)? as usize;
    let entries = bytes.get(fan_out_at + FAN_OUT_LEN..).ok_or(CUT_OFF)?;
    if entries.len() / entry_len < count {
        return Err(CUT_OFF);
    }
    match fan_out_at {
        0 => {
            check_order(bytes, (0..count).map(|index| &entries[index * entry_len + 4..][..ID_LEN]))
        }
        _ => check_order(&bytes[fan_out_at..], entries.chunks_exact(ID_LEN).take(count)),
    }?;
    for index in 0..count {
        let offset = match fan_out_at {
            0 => u64::from(be_u32(entries, index * entry_len)?),
            _ => {
                let larges = entries.get(count * entry_len..).ok_or(CUT_OFF)?;
                whole_offset(be_u32(entries, count * (ID_LEN + 4) + index * 4)?, larges)?
            }
        };
        if !in_bounds(offset) {
            return Err(OUT_OF_BOUNDS);
        }
    }
    Ok(())
}

/// Checks that ids are sorted, and that the fan-out table counts them by their first byte.
fn check_order<'b>(
    fan_out: &[u8],
    ids: impl Iterator<Item = &'b [u8]> + Clone,
) -> Result<(), &'static str> {
    if !ids.clone().is_sorted() {
        return Err("its ids are out of order");
    }
    let mut counts = [0_u32; 256];
    for id in ids {
        counts[usize::from(id[0])] += 1;
    }
    let mut total = 0;
    for (first, count) in counts.into_iter().enumerate() {
        total += count;
        if be_u32(fan_out, first * 4)? != total {
            return Err("its fan-out is wrong");
        }
    }
    Ok(())
}

fn check_multi_index(
    bytes: &[u8],
    pack_len: &dyn Fn(&str) -> Option<u64>,
) -> Result<(), &'static str> {
    let head = bytes.get(..12).ok_or(CUT_OFF)?;
    if &head[..6] != b"MIDX\x01\x01" {
        return Err("its version is unknown");
    }
    let mut chunks: HashMap<&[u8], (usize, usize)> = HashMap::new();
    for index in 0..usize::from(head[6]) {
        let row = bytes.get(12 + index * 12..).ok_or(CUT_OFF)?;
        let at = be_u64(row, 4)? as usize;
        let end = be_u64(row, 16)? as usize;
        chunks.insert(row.get(..4).ok_or(CUT_OFF)?, (at, end));
    }
    let chunk = |name: &[u8]| match chunks.get(name) {
        Some((at, end)) => bytes.get(*at..*end).ok_or(CUT_OFF),
        None => Ok(&[] as &[u8]),
    };
    let pack_lens: Vec<Option<u64>> = chunk(b"PNAM")?
        .split(|byte| *byte == 0)
        .map(|name| std::str::from_utf8(name).ok().and_then(pack_len))
        .collect();
    let (offsets, larges) = (chunk(b"OOFF")?, chunk(b"LOFF")?);
    for row in offsets.chunks_exact(8) {
        let pack = pack_lens.get(be_u32(row, 0)? as usize);
        let offset = whole_offset(be_u32(row, 4)?, larges)?;
        match pack {
            // A pack that is gone is never read.
            Some(None) => {}
            Some(Some(len)) if offset < len.saturating_sub(TRAILER_LEN) => {}
            _ => return Err(OUT_OF_BOUNDS),
        }
    }
    Ok(())
}

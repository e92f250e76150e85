//! Gives a file a second name for other tools: as a hard link where possible, else as a copy.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::temporary::Temporary;
use super::{CHUNK_LEN, Delivery, compare_with_file};
use crate::digest::ObjectDigests;
use crate::error::Error;

/// How a file got its second name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// As a hard link.
    Linked,
    /// As a copy with the same bytes: hard links do not cross file systems.
    Copied,
    /// A file of that name with the same bytes already existed.
    Kept,
    /// A file of that name with other bytes already existed, and was not changed.
    Refused,
}

/// Gives the file `from`, which has these digests, the second name `to`; never overwrites other bytes.
///
/// # Errors
/// [`Error::File`].
pub fn hand_over(from: &Path, to: &Path, digests: &ObjectDigests) -> Result<Handover, Error> {
    if let Some(existing) = compared(to, digests)? {
        return Ok(existing);
    }
    match fs::hard_link(from, to) {
        Ok(()) => return Ok(Handover::Linked),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Ok(compared(to, digests)?.unwrap_or(Handover::Refused));
        }
        // Another file system, or one without hard links; any other error recurs below.
        Err(_) => {}
    }
    let mut file = File::open(from).map_err(Error::file("open", from))?;
    let mut copy = Temporary::beside(to)?;
    let mut chunk = vec![0; CHUNK_LEN];
    loop {
        match file.read(&mut chunk).map_err(Error::file("read", from))? {
            0 => break,
            len => copy.write(&chunk[..len])?,
        }
    }
    match copy.persist_new()? {
        Some(()) => Ok(Handover::Copied),
        None => Ok(compared(to, digests)?.unwrap_or(Handover::Refused)),
    }
}

fn compared(to: &Path, digests: &ObjectDigests) -> Result<Option<Handover>, Error> {
    Ok(compare_with_file(to, digests)?.map(|delivery| match delivery {
        Delivery::Kept => Handover::Kept,
        Delivery::Refused | Delivery::Written | Delivery::Discarded => Handover::Refused,
    }))
}

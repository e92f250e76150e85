//! Files for others to take: the same bytes under a second name, as a link where there can be one.

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
    /// It is the same file.
    Linked,
    /// It has the same bytes: across file systems there are no links.
    Copied,
    /// It was there already, with the same bytes.
    Kept,
    /// It is there already with other bytes, and stays as it is.
    Refused,
}

/// Gives the file `from`, whose digests these are, the name `to` as well; never over other bytes.
///
/// # Errors
/// [`Error::File`].
pub fn hand_over(from: &Path, to: &Path, digests: &ObjectDigests) -> Result<Handover, Error> {
    if let Some(there) = compared(to, digests)? {
        return Ok(there);
    }
    match fs::hard_link(from, to) {
        Ok(()) => return Ok(Handover::Linked),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Ok(compared(to, digests)?.unwrap_or(Handover::Refused));
        }
        // Another file system, or one without links: whatever is wrong with both shows below.
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

//! The sink of a dry run: it keeps nothing, and tells what a run would do.

use std::path::PathBuf;

use super::{ArchiveSink, Compared, Delivery, Incoming};
use crate::digest::ObjectDigests;
use crate::error::Error;
use crate::model::package::ObjectKey;

/// Keeps nothing; compares with an output folder, if there is one, and writes nothing into it.
pub struct Preview {
    folder: Option<PathBuf>,
}

impl Preview {
    /// A sink that looks at `folder` only to tell what a run would do there.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Preview { folder }
    }
}

impl ArchiveSink for Preview {
    fn begin(&self, key: &ObjectKey) -> Result<Box<dyn Incoming + '_>, Error> {
        Ok(match &self.folder {
            Some(folder) => Box::new(Compared {
                path: folder.join(key.as_str()),
                otherwise: Delivery::Discarded,
            }),
            None => Box::new(Discarded),
        })
    }
}

/// An archive that there is nothing to compare with.
struct Discarded;

impl Incoming for Discarded {
    fn write(&mut self, _bytes: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn finish(self: Box<Self>, _digests: &ObjectDigests) -> Result<Delivery, Error> {
        Ok(Delivery::Discarded)
    }
}

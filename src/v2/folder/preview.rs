//! The sink of a dry run: it stores nothing, and returns what a run would do.

use std::path::PathBuf;

use super::{ArchiveSink, Compared, Delivery, Incoming};
use crate::error::Error;
use crate::model::package::ObjectKey;

/// Stores nothing; compares with an output folder, if there is one, and writes nothing into it.
pub struct Preview {
    pub(super) folder: Option<PathBuf>,
}

impl Preview {
    /// Creates a sink that only compares with the files in `folder`.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Preview { folder }
    }
}

impl ArchiveSink for Preview {
    fn begin(&self, key: &ObjectKey) -> Result<Box<dyn Incoming + '_>, Error> {
        let path = self.folder.as_ref().map(|folder| folder.join(key.as_str()));
        Ok(Box::new(Compared { path, otherwise: Delivery::Discarded }))
    }
}

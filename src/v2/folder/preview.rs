//! The sink of a dry run: it keeps nothing, and tells what a run would do.

use std::path::PathBuf;

use super::{ArchiveSink, Compared, Delivery, Incoming};
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
        let path = self.folder.as_ref().map(|folder| folder.join(key.as_str()));
        Ok(Box::new(Compared { path, otherwise: Delivery::Discarded }))
    }
}

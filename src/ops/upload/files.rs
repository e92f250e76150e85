//! The files of a plan: presence and sizes before the first request, and their digests on demand.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::objects::Object;
use super::refusal::{FileFault, Refusal};
use crate::digest::{ObjectDigests, Sha256, Sha256Hasher};
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::parallel;

/// Length of one read, in bytes.
const PIECE_LEN: usize = 256 << 10;

/// Finds the file of each object in the first of the folders that has it, with the planned size.
///
/// # Errors
/// Files are missing, or have another size.
pub(super) fn find(objects: &mut [Object<'_>], folders: &[PathBuf]) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    for object in objects {
        let Some(digests) = object.digests else { continue };
        let paths = folders.iter().map(|folder| folder.join(object.file.as_str()));
        let found = paths.map(|path| (fs::metadata(&path), path)).find(|(metadata, _)| {
            !matches!(metadata, Err(error) if error.kind() == io::ErrorKind::NotFound)
        });
        let file = object.file.to_string();
        match found {
            None => faults.push(FileFault::Missing { file }),
            Some((Err(error), _)) => {
                faults.push(FileFault::Unreadable { file, detail: error.to_string() });
            }
            Some((Ok(metadata), _)) if !metadata.is_file() => {
                faults.push(FileFault::NotAFile { file });
            }
            Some((Ok(metadata), _)) if metadata.len() != digests.size => {
                let (planned, found) = (digests.size, metadata.len());
                faults.push(FileFault::Size { file, planned, found });
            }
            Some((Ok(_), path)) => object.path = path,
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Files(faults)) }
}

/// Compares the SHA-256 of all files with the plan.
///
/// # Errors
/// [`Error::Interrupted`]; the inner one: files have other bytes.
pub(super) fn check_digests(
    objects: &[Object<'_>],
    jobs: usize,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Result<(), Refusal>, Error> {
    let present: Vec<(&Object<'_>, ObjectDigests)> =
        objects.iter().filter_map(|object| Some((object, object.digests?))).collect();
    observer.observe(Event::Started(Phase::CheckingFiles, present.len() as u64));
    observer.observe(Event::Expected(present.iter().map(|(_, digests)| digests.size).sum()));
    let faults = parallel::each(jobs, interrupt, &present, |(object, digests)| {
        let file = object.file.to_string();
        let fault = match sha256(&object.path) {
            Ok(sha256) if sha256 == digests.sha256 => None,
            Ok(_) => Some(FileFault::Digest { file }),
            Err(error) => Some(FileFault::Unreadable { file, detail: error.to_string() }),
        };
        observer.observe(Event::Advanced(digests.size));
        Ok(fault)
    })?;
    observer.observe(Event::Finished);
    let faults: Vec<FileFault> = faults.into_iter().flatten().collect();
    Ok(if faults.is_empty() { Ok(()) } else { Err(Refusal::Files(faults)) })
}

/// Returns the SHA-256 of a file.
pub(super) fn sha256(path: &Path) -> io::Result<Sha256> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256Hasher::default());
    let mut piece = vec![0; PIECE_LEN];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            len => hasher.update(&piece[..len]),
        }
    }
}

//! Finds a program as `execvp` does, before there is anything to run it on.
//!
//! Its absolute path is kept: the program runs in another folder than the one it is named from.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where programs are looked for without `PATH` (`_PATH_DEFPATH`).
const DEFAULT_PATH: &str = "/usr/bin:/bin";

/// The absolute path of a program: as named when the name has a separator, else the first in `PATH`.
///
/// # Errors
/// What keeps it from being started: no such file, no permission, or a script without its interpreter.
pub(super) fn find(name: &str) -> io::Result<PathBuf> {
    let named = Path::new(name);
    if named.components().count() > 1 || name.contains(std::path::is_separator) {
        let path = std::path::absolute(named)?;
        return check(&path).map(|()| path);
    }
    let folders = env::var_os("PATH").unwrap_or_else(|| OsString::from(DEFAULT_PATH));
    let mut denied = None;
    for folder in env::split_paths(&folders) {
        // An empty entry is the current folder.
        let path = std::path::absolute(Path::new(".").join(folder).join(name))?;
        match check(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => denied = denied.or(Some(error)),
        }
    }
    let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such program in PATH");
    Err(denied.unwrap_or_else(missing))
}

fn check(path: &Path) -> io::Result<()> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not a file"));
    }
    check_executable(path)
}

/// Checks permissions, and those of a script's interpreter.
#[cfg(unix)]
fn check_executable(path: &Path) -> io::Result<()> {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK)?;
    let Some(interpreter) = interpreter(path)? else { return Ok(()) };
    rustix::fs::access(&interpreter, rustix::fs::Access::EXEC_OK).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("its interpreter {}: {error}", interpreter.display()))
    })
}

#[cfg(not(unix))]
fn check_executable(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// The interpreter that a script's first line names; none for other programs, and for those that may be
/// run but not read.
#[cfg(unix)]
fn interpreter(path: &Path) -> io::Result<Option<PathBuf>> {
    use std::ffi::OsStr;
    use std::io::Read;
    use std::os::unix::ffi::OsStrExt;

    // As much as Linux looks at (BINPRM_BUF_SIZE).
    const HEAD_LEN: u64 = 256;
    let mut head = Vec::new();
    match fs::File::open(path) {
        Ok(file) => file.take(HEAD_LEN).read_to_end(&mut head)?,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(line) = head.strip_prefix(b"#!") else { return Ok(None) };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
    let name = line.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    Ok(Some(PathBuf::from(OsStr::from_bytes(name))))
}

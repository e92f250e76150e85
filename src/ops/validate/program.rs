//! Finds a program like `execvp`, before the first package is validated.
//!
//! The path is made absolute because the program runs in another working folder. Not the `which` crate: it does not
//! distinguish a file that is not executable, or a script without its interpreter, from no file at all.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The search path if `PATH` is not set (`_PATH_DEFPATH`).
const DEFAULT_PATH: &str = "/usr/bin:/bin";

/// Returns the absolute path of a program: the name itself if it contains a separator, otherwise the first match in
/// `PATH`.
///
/// # Errors
/// It cannot be started: no such file, no permission, or the interpreter of a script is missing.
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
    let missing = || io::Error::new(io::ErrorKind::NotFound, "no such program in PATH");
    Err(denied.unwrap_or_else(missing))
}

fn check(path: &Path) -> io::Result<()> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not a file"));
    }
    check_executable(path)
}

/// Checks the permissions of the program, and of the interpreter if it is a script.
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

/// Returns the interpreter in the first line of a script; `None` for other programs, and if the file is executable but
/// not readable.
#[cfg(unix)]
fn interpreter(path: &Path) -> io::Result<Option<PathBuf>> {
    use std::ffi::OsStr;
    use std::io::Read;
    use std::os::unix::ffi::OsStrExt;

    // The number of bytes that Linux examines (BINPRM_BUF_SIZE).
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

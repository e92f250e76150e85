//! Programs that tests start: where they are, and scripts that tests write to be executed.
//!
//! What `sh` or `bash` reads as its input is not executed, and may be written in any way.

use std::path::PathBuf;

/// Returns the path of a program in `PATH`, or its name if it is not there.
///
/// For commands with another environment: for a name, the standard library then copies this process (`fork`), with
/// its memory and for a long time with its open files; for a path, it does not (`posix_spawn`).
pub(crate) fn in_path(name: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut paths = std::env::split_paths(&folders).map(|folder| folder.join(name));
    paths.find(|path| path.is_file()).unwrap_or_else(|| name.into())
}

/// Writes an executable script.
///
/// Linux refuses to execute a file that any process has open for writing (`Text file busy`, execve(2)). If this process
/// wrote it, a thread that starts a program at that moment would have a child that holds the descriptor until it
/// executes that program, which on a busy machine may be later than the first use of the script. So a child process
/// writes it, whose descriptors no other process inherits.
#[cfg(unix)]
pub(crate) fn write_script(path: &std::path::Path, text: &str) {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut shell = Command::new("sh")
        .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("start a shell");
    let mut input = shell.stdin.take().expect("a pipe");
    input.write_all(text.as_bytes()).expect("write a script");
    drop(input);
    assert!(shell.wait().expect("wait for a shell").success(), "write {}", path.display());
}

//! Writes scripts that are executed as programs.
//!
//! Only for files that the system itself executes; what `sh` or `bash` reads as its input may be written in any way.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes an executable script.
///
/// Linux refuses to execute a file that any process has open for writing (`Text file busy`, execve(2)). If this process
/// wrote it, a thread that starts a program at that moment would have a child that holds the descriptor until it
/// executes that program, which on a busy machine may be later than the first use of the script. So a child process
/// writes it, whose descriptors no other process inherits.
pub(crate) fn write_executable(path: &Path, text: &str) {
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

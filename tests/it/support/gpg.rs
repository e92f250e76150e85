//! GnuPG with an empty home of its own, as the other judge of signatures.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A home with nothing in it but what is imported.
pub(crate) struct Gpg {
    // In the system's folder: the agent's socket must have a short path.
    home: tempfile::TempDir,
}

impl Gpg {
    /// None where there is no gpg; says on stderr what is skipped then.
    pub(crate) fn start(skipped: &str) -> Option<Self> {
        let there = Command::new("gpg").arg("--version").stdout(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            // Past the harness, which keeps to itself what a passing test says.
            writeln!(io::stderr(), "SKIPPED, for there is no gpg here: {skipped}")
                .expect("a stderr");
            return None;
        }
        Some(Gpg { home: tempfile::tempdir().expect("a temporary folder") })
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Imports a key, and has gpg take it for its owner's.
    pub(crate) fn import(&self, key: &Path) {
        let done = self.run(["--import".as_ref(), key.as_os_str()]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs gpg with the arguments, never asking anybody.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        Command::new("gpg")
            .env("GNUPGHOME", self.home())
            .args(["--batch", "--no-tty", "--pinentry-mode", "loopback", "--status-fd", "1"])
            .args(["--trust-model", "always", "--passphrase", super::keys::PASSPHRASE])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("run gpg")
    }

    /// Gpg's status lines on a signature, as one text; `GOODSIG` in it is good.
    pub(crate) fn verify(&self, signature: &Path, file: &Path) -> (bool, String) {
        let done = self.run(["--verify".as_ref(), signature.as_os_str(), file.as_os_str()]);
        (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let kill = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.home())
            .args(["--kill", "all"])
            .stderr(Stdio::null())
            .status();
        // An agent that is left behind ends by itself when its home is gone.
        drop(kill);
    }
}

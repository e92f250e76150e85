//! GnuPG with an empty home directory, as another reference for signatures.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A home directory that contains only imported keys.
pub(crate) struct Gpg {
    // In the system's folder: the agent's socket must have a short path.
    home: tempfile::TempDir,
}

impl Gpg {
    /// Starts gpg; without gpg, returns `None` and prints on stderr what is skipped.
    pub(crate) fn start(skipped: &str) -> Option<Self> {
        let status = Command::new("gpg").arg("--version").stdout(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            // Bypasses the test harness, which hides the output of passing tests.
            writeln!(io::stderr(), "SKIPPED, since gpg is not installed: {skipped}")
                .expect("a stderr");
            return None;
        }
        let home = tempfile::tempdir().expect("a temporary folder");
        // How often a passphrase is hashed: otherwise, the agent finds out what takes a tenth of a second, for each key.
        let conf = home.path().join("gpg-agent.conf");
        fs::write(conf, "s2k-count 65536\n").expect("configure the agent");
        Some(Gpg { home })
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Imports a key, which gpg then trusts.
    pub(crate) fn import(&self, key: &Path) {
        let done = self.run(["--import".as_ref(), key.as_os_str()]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs gpg with the arguments, without prompts.
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

    /// Returns gpg's exit status and status lines for a signature; `GOODSIG` means good.
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
        // An agent that is left running exits when its home directory is removed.
        drop(kill);
    }
}

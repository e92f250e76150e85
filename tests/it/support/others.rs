//! Makes archives as others would: with Git, Info-ZIP, Python and 7z, from a checkout.
//!
//! Modes and times of the checkout are set to odd values first. A tool that is not there is named on
//! stderr and left out, unless the variable `ALL_TOOLS` is set. Used by the tests of the zip reader
//! and of `verify`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The folder of the checkout that is archived, and the root of the archives.
pub(crate) const ROOT: &str = "buoy-1.0.0";

/// A way to make an archive.
pub(crate) struct Maker {
    /// The program that it needs.
    pub(crate) program: &'static str,
    /// A shell's words, in the folder that holds `$root`: they write `$out`.
    pub(crate) command: &'static str,
    /// Whether the archive has folders as entries of their own.
    pub(crate) folders: bool,
}

const fn maker(program: &'static str, command: &'static str, folders: bool) -> Maker {
    Maker { program, command, folders }
}

/// All ways.
pub(crate) const MAKERS: &[Maker] = &[
    maker("git", r#"git archive --format=zip --prefix="$root/" -o "$out" "HEAD:$root""#, true),
    maker("git", r#"git archive --format=zip -0 --prefix="$root/" -o "$out" "HEAD:$root""#, true),
    maker("zip", r#"zip -qr "$out" "$root""#, true),
    maker("zip", r#"zip -qr0 "$out" "$root""#, true),
    maker("zip", r#"zip -qr9D "$out" "$root""#, false),
    maker("zip", r#"zip -qr0DX "$out" "$root""#, false),
    // Into a pipe: data descriptors.
    maker("zip", r#"zip -qr - "$root" | cat >"$out""#, true),
    // With ZIP64. Never into a pipe: such archives are broken, for all readers.
    maker("zip", r#"zip -qr -fz "$out" "$root""#, true),
    maker("python3", r#"python3 -c "$python" deflated seekable"#, false),
    maker("python3", r#"python3 -c "$python" stored seekable"#, false),
    maker("python3", r#"python3 -c "$python" deflated pipe | cat >"$out""#, false),
    maker(
        "python3",
        r#"python3 -c 'import shutil, sys; shutil.make_archive(*sys.argv[1:])' "${out%.zip}" zip . "$root""#,
        true,
    ),
    maker("7z", r#"7z a -bd -bso0 -bsp0 -tzip "$out" "$root""#, true),
    maker("7z", r#"7z a -bd -bso0 -bsp0 -tzip -mx=0 "$out" "$root""#, true),
    maker("7z", r#"7z a -bd -bso0 -bsp0 -tzip -mx=9 -mm=Deflate "$out" "$root""#, true),
];

/// Python's zipfile, file by file, with a file longer in ZIP64 than it must be.
const PYTHON: &str = r#"
import os, sys, zipfile
method = {"deflated": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED}[sys.argv[1]]
out = sys.stdout.buffer if sys.argv[2] == "pipe" else os.environ["out"]
with zipfile.ZipFile(out, "w", method) as archive:
    for folder, folders, files in os.walk(os.environ["root"]):
        folders.sort(reverse=True)
        for name in files:
            path = os.path.join(folder, name)
            entry = zipfile.ZipInfo.from_file(path)
            entry.compress_type = method
            with archive.open(entry, "w", force_zip64=name == "manifest.yml") as into:
                into.write(open(path, "rb").read())
"#;

impl Maker {
    /// The archive of `<folder>/buoy-1.0.0`; none when the program is not there.
    pub(crate) fn make(&self, folder: &Path) -> Option<Vec<u8>> {
        self.make_of(folder, ROOT)
    }

    /// The archive of a folder `root` in `folder`; none when the program is not there.
    pub(crate) fn make_of(&self, folder: &Path, root: &str) -> Option<Vec<u8>> {
        if !is_there(self.program) {
            assert!(std::env::var_os("ALL_TOOLS").is_none(), "{} is not there", self.program);
            // Past the test's own capture: what is left out is seen on every run.
            let Maker { program, command, .. } = self;
            writeln!(io::stderr(), "skipped: {program} is not there, so nobody ran {command}")
                .expect("write to stderr");
            return None;
        }
        let out = folder.join("made.zip");
        if out.exists() {
            fs::remove_file(&out).expect("remove the last archive");
        }
        shell(folder, root, &out, ODDITIES);
        if self.program == "git" {
            shell(folder, root, &out, COMMIT);
        }
        shell(folder, root, &out, self.command);
        Some(fs::read(&out).expect("an archive"))
    }
}

/// Modes and times as nobody has them.
const ODDITIES: &str = r#"
find "$root" -type f -exec chmod 751 {} + && find "$root" -exec touch -d 2001-02-03T04:05:06Z {} +"#;

/// What `git archive` needs.
const COMMIT: &str = r#"
test -d .git || git init -q . && git add -A "$root" && git -c user.name=x -c user.email=x commit -qm x --allow-empty"#;

fn is_there(program: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", "command -v \"$0\" >/dev/null", program]);
    command.status().expect("run a shell").success()
}

fn shell(folder: &Path, root: &str, out: &Path, words: &str) {
    let mut command = Command::new("sh");
    command
        .args(["-e", "-c", words])
        .current_dir(folder)
        .envs([("LC_ALL", "C.UTF-8"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("python", PYTHON)])
        .env("root", root)
        .env("out", out)
        .stdin(Stdio::null());
    let output = command.output().expect("run a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}: {} {said}", output.status);
}

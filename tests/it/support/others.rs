//! Creates archives from a checkout with other tools: Git, Info-ZIP, Python and 7z.
//!
//! Modes and times of the checkout are set to unusual values first. A missing tool is reported on
//! stderr and skipped, unless the variable `ALL_TOOLS` is set. Used by the tests of the zip reader
//! and of `verify`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The folder of the checkout that is archived, and the root of the archives.
pub(crate) const ROOT: &str = "buoy-1.0.0";

/// A command that creates an archive.
pub(crate) struct Maker {
    /// The program that it needs.
    pub(crate) program: &'static str,
    /// A shell command, run in the folder that contains `$root`: it writes `$out`.
    pub(crate) command: &'static str,
    /// Whether the archive has folders as entries of their own.
    pub(crate) folders: bool,
}

const fn maker(program: &'static str, command: &'static str, folders: bool) -> Maker {
    Maker { program, command, folders }
}

/// All commands.
pub(crate) const MAKERS: &[Maker] = &[
    maker("git", r#"git archive --format=zip --prefix="$root/" -o "$out" "HEAD:$root""#, true),
    maker("git", r#"git archive --format=zip -0 --prefix="$root/" -o "$out" "HEAD:$root""#, true),
    maker("zip", r#"zip -qr "$out" "$root""#, true),
    maker("zip", r#"zip -qr0 "$out" "$root""#, true),
    maker("zip", r#"zip -qr9D "$out" "$root""#, false),
    maker("zip", r#"zip -qr0DX "$out" "$root""#, false),
    // Into a pipe: data descriptors.
    maker("zip", r#"zip -qr - "$root" | cat >"$out""#, true),
    // With ZIP64. Not into a pipe: such archives are broken for all readers.
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

/// Python's zipfile, file by file, with ZIP64 for one file that does not need it.
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
    /// Creates the archive of `<folder>/buoy-1.0.0`; `None` when the program is missing.
    pub(crate) fn make(&self, folder: &Path) -> Option<Vec<u8>> {
        self.make_of(folder, ROOT)
    }

    /// Creates the archive of a folder `root` in `folder`; `None` when the program is missing.
    pub(crate) fn make_of(&self, folder: &Path, root: &str) -> Option<Vec<u8>> {
        if !is_installed(self.program) {
            assert!(std::env::var_os("ALL_TOOLS").is_none(), "{} is not installed", self.program);
            // Bypasses the test harness, so that skipped commands are visible in every run.
            let Maker { program, command, .. } = self;
            writeln!(io::stderr(), "SKIPPED, since {program} is not installed: {command}")
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

/// Sets unusual modes and times.
const ODDITIES: &str = r#"
find "$root" -type f -exec chmod 751 {} + && find "$root" -exec touch -d 2001-02-03T04:05:06Z {} +"#;

/// Creates the commit that `git archive` needs.
const COMMIT: &str = r#"
test -d .git || git init -q . && git add -A "$root" && git -c user.name=x -c user.email=x commit -qm x --allow-empty"#;

fn is_installed(program: &str) -> bool {
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
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}: {} {stderr}", output.status);
}

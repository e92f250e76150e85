//! Repositories in other formats: unsupported ref and object formats, and alternates.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use crate::support::git::{git, try_git};
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

fn build(path: &Path) -> V1Repo {
    V1Repo::create(path)
        .stage("production", |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest))
        .stage("staging", |s| s.revision("pier", "1.0.0", RevisionDraft::manifest))
        .stage("snapshot", |s| s.revision("quay", "1.0.0", RevisionDraft::manifest))
}

const COMMANDS: [&str; 3] = ["migrate", "audit-history", "verify"];

/// Checks that all commands end with exit code 3 and print these texts.
fn check_refused(path: &Path, texts: &[&str], row: &str) {
    for command in COMMANDS {
        let flags = match command {
            "migrate" => "--dry-run",
            "verify" => "--v2 .",
            _ => "",
        };
        let tool = Tool::bare().arg(command).arg(path).args(flags);
        let ran = tool.run().expect_code(3, row);
        for text in texts {
            assert!(ran.stderr.contains(text), "{row}, {command}: {text} is not in {ran}");
        }
    }
}

#[test]
fn unsupported_object_formats_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let hint = "\n  hint: use a SHA-1 repository with the same stages; `git fast-export --all | git fast-import`";
    let texts = [" has the object format sha256, and only SHA-1 is supported\n", hint];
    git(dir.path(), &["init", "-q", "--bare", "--object-format=sha256", "bare"], b"");
    check_refused(&at("bare"), &texts, "bare");
    git(dir.path(), &["init", "-q", "--object-format=sha256", "tree"], b"");
    check_refused(&at("tree"), &texts, "a work tree");
    check_refused(&at("tree/.git"), &texts, "its .git folder");
    git(&at("tree"), &["commit", "-q", "--allow-empty", "-m", "first"], b"");
    git(&at("tree"), &["worktree", "add", "-q", "../linked"], b"");
    check_refused(&at("linked"), &texts, "a linked work tree");

    // The remedy.
    git(dir.path(), &["init", "-q", "--bare", "--object-format=sha1", "sha1"], b"");
    fs::create_dir_all(at("tree/packages/buoy/1.0.0")).unwrap();
    let manifest = at("tree/packages/buoy/1.0.0/manifest.yml");
    fs::write(manifest, "name: buoy\nversion: 1.0.0\n").unwrap();
    git(&at("tree"), &["add", "."], b"");
    git(&at("tree"), &["commit", "-q", "-m", "second"], b"");
    git(&at("tree"), &["branch", "-m", "production"], b"");
    let exported = git(&at("tree"), &["fast-export", "--all"], b"").stdout;
    git(&at("sha1"), &["fast-import", "--quiet"], &exported);
    let ran = Tool::migrate(at("sha1")).args("--dry-run --stages production --plan -").run();
    assert!(ran.stderr.contains("1 copy") || ran.stderr.contains("Copies    1 ="), "{ran}");
}

/// Uses the layout of Git 2.45 ("gitrepository-layout", "reftable"), which need not be installed.
#[test]
fn unsupported_ref_formats_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let repo = build(&at("v1"));
    let clone = crate::support::v1_repo::clone_plain(repo.path(), &at("clone"));
    drop(clone);
    let reftable = |folder: &str, format: &str| {
        let config = fs::read_to_string(at(folder).join("config")).unwrap();
        let config = config.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
        let extension = format!("[extensions]\n\trefStorage = {format}\n");
        fs::write(at(folder).join("config"), config + &extension).unwrap();
    };
    reftable("v1", "files");
    let ran = Tool::migrate(repo.path()).arg("--dry-run").run().expect_code(0, "files");
    assert!(ran.stderr.contains("Copies    3 = 3 archived"), "{ran}");

    for folder in ["v1", "clone/.git"] {
        fs::remove_dir_all(at(folder).join("refs")).unwrap();
        fs::create_dir_all(at(folder).join("refs")).unwrap();
        fs::write(at(folder).join("refs/heads"), "this repository uses the reftable format\n")
            .unwrap();
        fs::write(at(folder).join("HEAD"), "ref: refs/heads/.invalid\n").unwrap();
        fs::create_dir(at(folder).join("reftable")).unwrap();
        reftable(folder, "reftable");
    }
    for path in ["v1", "clone", "clone/.git"] {
        let path = at(path);
        let hint = format!(
            "\n  hint: clone it with Git 2.45 or newer, and use the clone: `git clone --bare --ref-format=files {} v1.git`",
            path.display()
        );
        let texts = [" stores its refs in the format reftable, which is not supported\n", &hint];
        check_refused(&path, &texts, "reftable");
    }
}

/// Git ignores comments, libgit2 rejects them. Files that libgit2 reads are tested in `findings`.
#[test]
fn unreadable_grafts_are_reported() {
    let rows = ["# a comment\n", "x\n", "6d82e66e844aa46db2a9425e4fea78c01c91d613 x\n"];
    for text in rows {
        let dir = tempfile::tempdir().unwrap();
        let repo = build(dir.path());
        fs::create_dir_all(dir.path().join("info")).unwrap();
        fs::write(dir.path().join("info/grafts"), text).unwrap();
        let texts = [
            ": its info/grafts cannot be read\n",
            "\n  hint: remove everything but ids from the file",
        ];
        check_refused(repo.path(), &texts, text);
    }
}

/// The lines of `objects/info/alternates`, with `<at>` for the folder of all repositories; and whether the
/// objects of `lender` are found. The result is also compared with Git.
type Row = (&'static [u8], bool);

const ALTERNATES: &[Row] = &[
    (b"<at>/lender/objects\n", true),
    (b"<at>/lender/objects", true),
    (b"<at>/lender/objects/\n", true),
    (b"../../lender/objects\n", true),
    (b"./../../lender/objects\n", true),
    // Relative without a leading dot: libgit2 resolves it against the working directory.
    (b"inner/objects\n", true),
    (b"\n\n# a comment\n<at>/lender/objects\n", true),
    (b"# <at>/lender/objects\n", false),
    (b" <at>/lender/objects\n", false),
    (b"<at>/nowhere\n<at>/lender/objects\n", true),
    (b"<at>/nowhere\n", false),
    (b"\"<at>/lender/objects\"\n", true),
    (b"\"../../lender/objects\"\n", true),
    (b"\"<at>/\\154\\145nder/objects\"\n", true),
    (b"\"<at>/with blank/\\\"#\\\"/objects\"\n", true),
    (b"<at>/with blank/\"#\"/objects\n", true),
    (b"\"<at>/lender/objects\n", false),
    (b"\"<at>/lender\\qobjects\"\n", false),
    (b"\"<at>/lender/objects\"x\n", true),
    (b"\"<at>/nowhere\"x<at>/lender/objects\n", true),
    (b"\"<at>/nowhere\"\n<at>/lender/objects\n", true),
    (b"<at>/chain/5/objects\n", true),
    (b"<at>/chain/6/objects\n", false),
    (b"<at>/circle/objects\n<at>/lender/objects\n", true),
    (b"<at>/borrower/objects\n<at>/lender/objects\n", true),
];

#[cfg(unix)]
const NOT_UTF_8: &[Row] = &[(b"<at>/\xff/objects\n", true), (b"../../\xff/objects\n", true)];

#[cfg(not(unix))]
const NOT_UTF_8: &[Row] = &[];

/// Creates repositories to borrow from: one under several names, a chain, a cycle.
fn lenders(at: &Path) {
    build(&at.join("lender"));
    let link = |to: &Path| {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        git(at, &["clone", "-q", "--bare", "lender", to.to_str().unwrap()], b"");
    };
    link(&at.join("with blank/\"#\""));
    let borrowing = |folder: &str, from: &str| {
        let info = at.join(folder).join("objects/info");
        fs::create_dir_all(&info).unwrap();
        fs::write(info.join("alternates"), from).unwrap();
    };
    for number in 2..=6 {
        borrowing(&format!("chain/{number}"), &format!("../../{}/objects\n", number - 1));
    }
    borrowing("chain/1", &format!("{}/lender/objects\n", at.display()));
    borrowing("circle", "../objects\n");
}

/// Creates a repository with the refs of the lender but without objects.
fn borrower(at: &Path, alternates: &[u8]) -> std::path::PathBuf {
    let path = at.join("borrower");
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    git(at, &["init", "-q", "--bare", "borrower"], b"");
    for stage in ["production", "staging", "snapshot"] {
        let id = fs::read(at.join("lender/refs/heads").join(stage)).unwrap();
        fs::write(path.join("refs/heads").join(stage), id).unwrap();
    }
    git(at, &["clone", "-q", "--bare", "lender", "borrower/objects/inner"], b"");
    let text = replace(alternates, b"<at>", at.to_str().unwrap().as_bytes());
    fs::write(path.join("objects/info/alternates"), text).unwrap();
    path
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut made = Vec::new();
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        made.extend_from_slice(&rest[..at]);
        made.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    made.extend_from_slice(rest);
    made
}

#[test]
fn alternates_are_read_like_git_does_of_loose_objects() {
    alternates_are_read_like_git_does("");
}

#[test]
fn alternates_are_read_like_git_does_of_packs_whose_index_only_libgit2_reads() {
    alternates_are_read_like_git_does("1");
}

#[test]
fn alternates_are_read_like_git_does_of_packs() {
    alternates_are_read_like_git_does("2");
}

/// Packs the lenders with this version of the index, if there is one.
fn alternates_are_read_like_git_does(packing: &str) {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().canonicalize().unwrap();
    lenders(&at);
    let expected = Tool::migrate(at.join("lender")).args("--dry-run --quiet --plan -").run();
    let expected = expected.expect_code(0, "the lender").stdout;
    make_not_utf_8(&at);
    if !packing.is_empty() {
        let version = format!("pack.indexVersion={packing}");
        for folder in ["lender", "with blank/\"#\""] {
            git(&at.join(folder), &["-c", &version, "repack", "-a", "-d", "-f", "-q"], b"");
        }
    }
    for (alternates, found) in ALTERNATES.iter().chain(NOT_UTF_8) {
        let shown = alternates.escape_ascii();
        let borrower = borrower(&at, alternates);
        let by_git = try_git(&borrower, &["rev-list", "--objects", "--all"], b"");
        assert_eq!(by_git.is_success, *found, "git differs: {shown}: {}", by_git.stderr);
        let tool = Tool::migrate(&borrower).args("--dry-run --quiet --plan -");
        let ran = tool.run().expect_code(if *found { 0 } else { 3 }, &shown.to_string());
        assert_eq!(ran.stdout == expected, *found, "{shown}, packs {packing}: {ran}");
    }
}

/// Links the lender under a name that is not UTF-8, if the system supports that.
fn make_not_utf_8(at: &Path) {
    #[cfg(unix)]
    {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        std::os::unix::fs::symlink("lender", at.join(OsStr::from_bytes(b"\xff"))).unwrap();
    }
    #[cfg(not(unix))]
    let _ = at;
}

/// Such a path can be passed to libgit2 only unchanged.
#[cfg(unix)]
#[test]
fn an_alternate_that_is_not_utf_8_is_reported_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().canonicalize().unwrap();
    lenders(&at);
    make_not_utf_8(&at);
    let path = borrower(&at, b"\"<at>/\\377/objects\"\n");
    let texts = [
        "error: the alternate ",
        r"/\xff/objects in ",
        "/info/alternates cannot be read: its path is not UTF-8\n",
        "\n  hint: write the alternate as an absolute path without quotes, or copy the borrowed objects with `git repack -a -d`",
    ];
    check_refused(&path, &texts, "quoted");
    // Both remedies.
    fs::write(
        path.join("objects/info/alternates"),
        [at.to_str().unwrap().as_bytes(), b"/\xff/objects\n"].concat(),
    )
    .unwrap();
    Tool::migrate(&path).arg("--dry-run").run().expect_code(0, "without quotes");
    git(&path, &["repack", "-a", "-d", "-q"], b"");
    fs::remove_file(path.join("objects/info/alternates")).unwrap();
    Tool::migrate(&path).arg("--dry-run").run().expect_code(0, "copied");
    assert!(v2::tree(&path.join("objects/pack")).len() > 1);
}

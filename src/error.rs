//! Errors: why the tool could not find an answer or keep a promise. Findings are not errors.
//!
//! One kind per action that failed, with its subject; the cause is only in `source()`; the hint is
//! apart, imperative, and printed by `cli` below the causes. Every error ends the run with exit
//! code 3, but an interrupt, which ends it with 130.

use std::io;
use std::path::PathBuf;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a run could not finish.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The v1 repository cannot be opened.
    #[error("cannot open the v1 repository {}", path.display())]
    OpenRepository {
        /// The path that was given.
        path: PathBuf,
        /// Whether Git's ownership check refused it.
        foreign_owner: bool,
        /// What Git's library said.
        source: Cause,
    },
    /// The repository's file of grafts has lines that libgit2 does not read, such as comments.
    #[error("cannot open the v1 repository {}: its info/grafts cannot be read", path.display())]
    Grafts {
        /// The path that was given.
        path: PathBuf,
        /// What Git's library said.
        source: Cause,
    },
    /// The repository keeps its refs in a format that is not read.
    #[error("the v1 repository {} keeps its refs as {format}, which is not read", path.display())]
    RefFormat {
        /// The path that was given.
        path: PathBuf,
        /// The format, as Git calls it.
        format: String,
    },
    /// The repository has ids of a format that is not read.
    #[error("the v1 repository {} has object ids of {format}, and only SHA-1 is read", path.display())]
    ObjectFormat {
        /// The path that was given.
        path: PathBuf,
        /// The format, as Git calls it.
        format: String,
    },
    /// A folder that the repository borrows objects from has a path that cannot be read.
    #[error("the alternate {path} in {} cannot be read: its path is not UTF-8", file.display())]
    Alternate {
        /// The file that lists it.
        file: PathBuf,
        /// The path, with odd bytes escaped.
        path: String,
    },
    /// A stage has no branch.
    #[error("stage {stage} has neither {local} nor {remote}; {}", there_are(available))]
    StageMissing {
        /// The stage.
        stage: &'static str,
        /// The local ref that was looked for.
        local: String,
        /// The remote ref that was looked for.
        remote: String,
        /// The branches there are.
        available: Vec<String>,
    },
    /// A stage's pinned revision is not there.
    #[error("stage {stage} is pinned to {revision}, which names no commit")]
    PinnedRevision {
        /// The stage.
        stage: &'static str,
        /// What it was pinned to.
        revision: String,
        /// What Git's library said.
        source: Cause,
    },
    /// A stage's branch is there, but cannot be read.
    #[error("cannot read {reference} of stage {stage}")]
    ReadRef {
        /// The stage.
        stage: &'static str,
        /// The ref.
        reference: String,
        /// What Git's library said.
        source: Cause,
    },
    /// An index of a pack is damaged, and with it every object in the pack.
    #[error("the pack index {} is damaged: {what}", path.display())]
    PackIndex {
        /// The index.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A stage's commit, or the folder `packages/` in it, cannot be read.
    #[error("cannot read stage {stage} at commit {commit}: {what}")]
    ReadStage {
        /// The stage.
        stage: &'static str,
        /// The commit's id.
        commit: String,
        /// Which object, and what is wrong with it.
        what: String,
    },
    /// No stage holds a copy of anything.
    #[error("no stage holds a single package")]
    NothingToMigrate,
    /// No stage ever held anything.
    #[error("no stage ever held a single package")]
    NoHistory,
    /// Globs of the scope that no package and no revision is fit by, in any stage or shard.
    #[error("no package and no revision is fit by {}", globs.join(", "))]
    UnfitGlobs {
        /// The globs.
        globs: Vec<String>,
    },
    /// The scope leaves out every copy, in all shards.
    #[error("nothing is left to migrate: {scope} leaves out all {copies} copies")]
    NothingInScope {
        /// The scope, as flags.
        scope: String,
        /// Number of copies.
        copies: u64,
    },
    /// A folder or file of the output cannot be made, read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was to be done, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run works on the output folder.
    #[error("another run works on {}", path.display())]
    OutputLocked {
        /// The output folder.
        path: PathBuf,
    },
    /// Nothing answers where v2 should be served.
    #[error("cannot reach {place}")]
    ReachPlace {
        /// The base URL, without credentials.
        place: String,
        /// Whether it is the server's certificate that is not trusted.
        certificate: bool,
        /// What the connection failed with.
        source: Cause,
    },
    /// An archive cannot be made from its pieces.
    #[error("cannot make the archive {key}")]
    Archive {
        /// The archive's key.
        key: String,
        /// What the writer said.
        source: io::Error,
    },
    /// The worker threads cannot be started.
    #[error("cannot start {jobs} worker threads")]
    Workers {
        /// Their number.
        jobs: usize,
        /// What the system said.
        source: Cause,
    },
    /// The tool lost or doubled a copy: a defect of the tool itself.
    #[error("the balance does not add up: {copies} copies, but {sum} accounted for")]
    Balance {
        /// Copies that were listed.
        copies: u64,
        /// Copies that ended somewhere.
        sum: u64,
    },
    /// The plan or the report has no JSON form.
    #[error("cannot render {what} as JSON")]
    Json {
        /// Plan or report.
        what: &'static str,
        /// What the serializer said.
        source: serde_json::Error,
    },
    /// The skeleton of a file of decisions has no YAML form.
    #[error("cannot render the decisions as YAML")]
    Yaml {
        /// What the serializer said.
        source: Cause,
    },
    /// The report has no XML form.
    #[error("cannot render the report as XML")]
    JUnit {
        /// What the serializer said.
        source: Cause,
    },
    /// A plan or a report cannot be read back.
    #[error("cannot read {}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The parts of a run cannot be joined.
    #[error("the parts cannot be joined")]
    Merge {
        /// What to do about it.
        hint: &'static str,
        /// Why.
        source: Cause,
    },
    /// The file of decisions is no such file, or does not fit v1 as it is.
    #[error("the decisions of --resolutions cannot be applied: {}", faults.join("; "))]
    Resolutions {
        /// Every fault with its line, in the order of the file.
        faults: Vec<String>,
    },
    /// A secret key cannot be used for signing. Nothing of the key is in the cause.
    #[error("cannot sign with the key {}", path.display())]
    SecretKey {
        /// The key's file.
        path: PathBuf,
        /// Why.
        source: Cause,
        /// What the person can do.
        hint: Option<&'static str>,
    },
    /// A file has no public keys that signatures can be checked with.
    #[error("cannot take public keys from {}", path.display())]
    PublicKeys {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Cause,
        /// What the person can do.
        hint: Option<&'static str>,
    },
    /// There is nothing whose signature could be looked at.
    #[error("there is no archive in {}", path.display())]
    NoArchives {
        /// The folder.
        path: PathBuf,
    },
    /// Archives that are not what the plan says; they are not signed.
    #[error("not signed, since missing or with other bytes than the plan's: {}", some_of(files))]
    UnplannedBytes {
        /// The files below the output folder.
        files: Vec<String>,
    },
    /// Plan and report in a folder are not of one run.
    #[error("cannot go on in {}", path.display())]
    Unsuited {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// An archive cannot be signed.
    #[error("cannot sign {key}")]
    Sign {
        /// The archive's key.
        key: String,
        /// Why.
        source: Cause,
    },
    /// The program of `--validate-command` cannot be run.
    #[error("cannot run the validator {program}")]
    Validator {
        /// The program, as the template names it.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// Ctrl-C, SIGTERM or SIGHUP.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// What the person can do, as far as the tool knows.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::OpenRepository { path, foreign_owner: true, .. } => Some(format!(
                "the repository belongs to another user: run `git config --global --add safe.directory {}`",
                path.display()
            )),
            Error::OpenRepository { .. } => Some(
                "name a Git repository: bare, a work tree, or a .git folder".to_owned(),
            ),
            Error::Grafts { .. } => Some(
                "take everything but ids out of the file, or remove it: grafts are ignored here".to_owned(),
            ),
            Error::RefFormat { path, .. } => Some(format!(
                "clone it with Git 2.45 or newer, and read the clone: `git clone --bare --ref-format=files {} v1.git`",
                path.display()
            )),
            Error::ObjectFormat { .. } => Some(
                "read a SHA-1 repository of the same stages; `git fast-export --all | git fast-import` copies into one made by `git init --object-format=sha1`".to_owned(),
            ),
            Error::Alternate { .. } => Some(
                "write the alternate as an absolute path without quotes, or copy what is borrowed with `git repack -a -d` and remove the file".to_owned(),
            ),
            Error::StageMissing { .. } => Some(
                "fetch the branch, name another remote with --remote, leave the stage out with --stages, or pin it: --stages <stage>=<revision>".to_owned(),
            ),
            Error::PinnedRevision { .. } => {
                Some("name a branch, a tag or a commit of the v1 repository".to_owned())
            }
            Error::PackIndex { .. } => Some(
                "make it anew with `git index-pack <the .pack file>` (or `git multi-pack-index write`), or clone v1 again".to_owned(),
            ),
            Error::ReadStage { .. } | Error::ReadRef { .. } => {
                Some("run `git fsck` in the v1 repository, and clone it again from a good source".to_owned())
            }
            Error::NothingToMigrate | Error::NoHistory => Some(
                "a stage holds packages/<name>/<version>/…: check that this is a v1 package storage".to_owned(),
            ),
            Error::UnfitGlobs { .. } => Some(
                "mend or remove each; --include and --exclude take names and <name>-<version>, such as aws or 'aws-1.*'".to_owned(),
            ),
            Error::NothingInScope { .. } => {
                Some("widen --include, or narrow --exclude and --unpromoted".to_owned())
            }
            Error::OutputLocked { .. } => {
                Some("wait for it to end, or name another folder with --output".to_owned())
            }
            Error::Balance { .. } => Some("please report this with the report file".to_owned()),
            Error::File { source, .. } | Error::Archive { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => {
                    Some("make room on the disk and run again: what is done is kept".to_owned())
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Some("name a folder that you may write to".to_owned())
                }
                _ => None,
            },
            Error::ReachPlace { certificate: true, .. } => Some(
                "trust the authority that signed the certificate: add it to the system's roots (package ca-certificates), or name a PEM file with all roots in SSL_CERT_FILE".to_owned(),
            ),
            Error::ReachPlace { certificate: false, .. } => Some(
                "check the URL, the network, and the proxy in https_proxy, http_proxy, all_proxy and no_proxy".to_owned(),
            ),
            Error::Merge { hint, .. } => Some((*hint).to_owned()),
            Error::Resolutions { .. } => Some(
                "mend or remove these entries; --write-resolutions writes what is open now".to_owned(),
            ),
            Error::Parse { .. } => Some("make it again with `migrate`".to_owned()),
            Error::NoArchives { .. } => {
                Some("name the output folder of `migrate`".to_owned())
            }
            Error::Unsuited { .. } => {
                Some("run `migrate` into this folder again".to_owned())
            }
            Error::UnplannedBytes { .. } => Some(
                "run `migrate` into the folder again: it makes what is missing, and names what has other bytes".to_owned(),
            ),
            Error::Validator { .. } => Some(
                "name a program that is in PATH or give its path, and make sure that it is executable".to_owned(),
            ),
            Error::SecretKey { hint, .. } | Error::PublicKeys { hint, .. } => {
                hint.map(str::to_owned)
            }
            Error::Sign { .. }
            | Error::Workers { .. }
            | Error::Json { .. }
            | Error::Yaml { .. }
            | Error::JUnit { .. }
            | Error::Interrupted => None,
        }
    }

    /// An [`Error::File`] from an action on a path, for `map_err`.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { action, path, source }
    }
}

fn some_of(files: &[String]) -> String {
    const SHOWN: usize = 12;
    match files.len().saturating_sub(SHOWN) {
        0 => files.join(", "),
        more => format!("{} and {more} more", files[..SHOWN].join(", ")),
    }
}

fn there_are(names: &[String]) -> String {
    const SHOWN: usize = 12;
    match names.len() {
        0 => "the repository has no branches".to_owned(),
        count if count <= SHOWN => format!("there are {}", names.join(", ")),
        count => format!("there are {} and {} more", names[..SHOWN].join(", "), count - SHOWN),
    }
}

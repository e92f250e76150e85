//! Errors: why the tool could not find a result or keep a guarantee. Findings are not errors.
//!
//! One kind per failed action, with its subject; the cause is only in `source()`; the hint is
//! separate, imperative, and printed by `cli` below the causes. Every error ends the run with exit
//! code 3, except an interrupt, which ends it with 130.

mod hint;

use std::io;
use std::path::PathBuf;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What is likely to be wrong when a bucket cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListSuspect {
    /// The bucket's name, its region, or the rights.
    Rights,
    /// No credentials were found.
    NoCredentials,
    /// Something else than the store answered.
    Address,
}

/// Why a run could not finish.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Error {
    /// The v1 repository cannot be opened.
    #[error("cannot open the v1 repository {}", path.display())]
    OpenRepository {
        /// The path from the command line.
        path: PathBuf,
        /// Whether Git's ownership check refused it.
        foreign_owner: bool,
        /// The error of libgit2.
        source: Cause,
    },
    /// The repository's grafts file has lines that libgit2 does not parse, such as comments.
    #[error("cannot open the v1 repository {}: its info/grafts cannot be read", path.display())]
    Grafts {
        /// The path from the command line.
        path: PathBuf,
        /// The error of libgit2.
        source: Cause,
    },
    /// The repository stores its refs in an unsupported format.
    #[error("the v1 repository {} stores its refs in the format {format}, which is not supported", path.display())]
    RefFormat {
        /// The path from the command line.
        path: PathBuf,
        /// The format, in Git's spelling.
        format: String,
    },
    /// The repository has an unsupported object format.
    #[error("the v1 repository {} has the object format {format}, and only SHA-1 is supported", path.display())]
    ObjectFormat {
        /// The path from the command line.
        path: PathBuf,
        /// The format, in Git's spelling.
        format: String,
    },
    /// A folder that the repository borrows objects from has a path that is not UTF-8.
    #[error("the alternate {path} in {} cannot be read: its path is not UTF-8", file.display())]
    Alternate {
        /// The file that lists it.
        file: PathBuf,
        /// The path, with special bytes escaped.
        path: String,
    },
    /// A stage has no branch.
    #[error("stage {stage} has neither {local} nor {remote}; {}", branches(available))]
    StageMissing {
        /// The stage.
        stage: &'static str,
        /// The local ref that was looked for.
        local: String,
        /// The remote ref that was looked for.
        remote: String,
        /// The existing branches.
        available: Vec<String>,
    },
    /// A stage's pinned revision does not exist.
    #[error("stage {stage} is pinned to {revision}, which does not name a commit")]
    PinnedRevision {
        /// The stage.
        stage: &'static str,
        /// The pinned revision.
        revision: String,
        /// The error of libgit2.
        source: Cause,
    },
    /// A stage's branch exists, but cannot be read.
    #[error("cannot read {reference} of stage {stage}")]
    ReadRef {
        /// The stage.
        stage: &'static str,
        /// The ref.
        reference: String,
        /// The error of libgit2.
        source: Cause,
    },
    /// A pack index is damaged, and with it every object in the pack.
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
    /// No stage contains any copy.
    #[error("no stage contains any package")]
    NothingToMigrate,
    /// No commit of any stage contained a copy.
    #[error("no stage has ever contained any package")]
    NoHistory,
    /// A package or revision that no stage has ever had.
    #[error("no stage has ever had the package or revision {subject}{}", if *is_whole { "" } else { ", as far as the history can be read" })]
    NeverThere {
        /// The package or revision.
        subject: String,
        /// Names that are similar and exist, the most similar first.
        similar: Vec<String>,
        /// The package of the revision, if there are other versions of it.
        package: Option<String>,
        /// Why an entry of that name is not a revision, if there is one.
        other: Option<String>,
        /// Whether the whole history was read.
        is_whole: bool,
    },
    /// Globs of the scope that match nothing in any stage or shard.
    #[error("no package or revision matches {}", globs.join(", "))]
    UnmatchedGlobs {
        /// The globs.
        globs: Vec<String>,
        /// All revisions, `<name>-<version>`.
        known: Vec<String>,
    },
    /// Globs of `--static` that match no file of any revision.
    #[error("no file of any revision matches --static {}", globs.join(", "))]
    UnusedStatics {
        /// The globs.
        globs: Vec<String>,
    },
    /// The scope excludes every copy, in all shards.
    #[error("nothing to migrate: {scope} excludes all {copies} copies")]
    NothingInScope {
        /// The scope, as flags.
        scope: String,
        /// Number of copies.
        copies: u64,
    },
    /// A folder or file cannot be created, read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// The failed action, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Another run uses the output folder.
    #[error("another run is using {}", path.display())]
    OutputLocked {
        /// The output folder.
        path: PathBuf,
    },
    /// No server responds at the base URL, or for the bucket.
    #[error("cannot reach {place}")]
    ReachPlace {
        /// The base URL or the bucket's URL, without credentials.
        place: String,
        /// Whether the cause is that the server's certificate is not trusted.
        certificate: bool,
        /// The error of the connection.
        source: Cause,
    },
    /// The access to a bucket is not configured, or its credentials cannot be used. The cause contains no secret.
    #[error("cannot access {place}")]
    OpenStore {
        /// The bucket's URL.
        place: String,
        /// Why.
        source: Cause,
    },
    /// A bucket cannot be listed.
    #[error("cannot list {place}")]
    ListStore {
        /// The bucket's URL.
        place: String,
        /// What is likely to be wrong.
        suspect: ListSuspect,
        /// The fault of the last attempt.
        source: Cause,
    },
    /// The published index cannot be read.
    #[error("cannot read the published index {place}")]
    BaseIndex {
        /// Where it is.
        place: String,
        /// Why.
        source: Cause,
    },
    /// A search index that an earlier run has written cannot be read.
    #[error("cannot read the search index {}", path.display())]
    OwnIndex {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// A file of the search index differs from the plan.
    #[error("{file} is missing or different from the plan")]
    UnplannedIndex {
        /// The file below the output folder.
        file: String,
    },
    /// The search index has no name.
    #[error("the search index needs another cursor")]
    Cursor {
        /// Why.
        source: Cause,
    },
    /// An archive cannot be assembled.
    #[error("cannot create the archive {key}")]
    Archive {
        /// The archive's key.
        key: String,
        /// The error of the writer.
        source: io::Error,
    },
    /// The worker threads cannot be started.
    #[error("cannot start {jobs} worker {}", if *jobs == 1 { "thread" } else { "threads" })]
    Workers {
        /// Their number.
        jobs: usize,
        /// The error of the system.
        source: Cause,
    },
    /// The tool lost a copy or counted it twice: a bug in the tool.
    #[error("the balance does not add up: {copies} copies, but {sum} accounted for")]
    Balance {
        /// Number of listed copies.
        copies: u64,
        /// Number of copies with a known outcome.
        sum: u64,
    },
    /// The plan or the report has no JSON form.
    #[error("cannot render {what} as JSON")]
    Json {
        /// Plan or report.
        what: &'static str,
        /// The error of the serializer.
        source: serde_json::Error,
    },
    /// The skeleton of a file of decisions has no YAML form.
    #[error("cannot render the decisions as YAML")]
    Yaml {
        /// The serializer's error.
        source: Cause,
    },
    /// The report has no XML form.
    #[error("cannot render the report as XML")]
    #[strum(serialize = "junit")]
    JUnit {
        /// The error of the serializer.
        source: Cause,
    },
    /// A plan or a report cannot be parsed.
    #[error("cannot read {}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What the user can do about it.
        hint: &'static str,
        /// The error of the parser.
        source: serde_json::Error,
    },
    /// The parts of a run cannot be merged.
    #[error("the parts cannot be merged")]
    Merge {
        /// What the user can do about it.
        hint: &'static str,
        /// Why.
        source: Cause,
    },
    /// The file of decisions is malformed, or does not match the current v1.
    #[error("the decisions of --resolutions cannot be applied: {}", faults.join("; "))]
    Resolutions {
        /// Every fault with its line, in the order of the file.
        faults: Vec<String>,
    },
    /// A secret key cannot be used for signing. The cause contains nothing of the key.
    #[error("cannot sign with the key {}", path.display())]
    SecretKey {
        /// The key's file.
        path: PathBuf,
        /// Why.
        source: Cause,
        /// What the user can do about it.
        hint: Option<&'static str>,
    },
    /// A file has no public keys that can be used to check signatures.
    #[error("cannot read public keys from {}", path.display())]
    PublicKeys {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Cause,
        /// What the user can do about it.
        hint: Option<&'static str>,
    },
    /// The folder has no archives whose signatures could be checked.
    #[error("found no archive in {}", path.display())]
    NoArchives {
        /// The folder.
        path: PathBuf,
    },
    /// The URL of a registry does not answer like one.
    #[error("the URL does not answer like a package registry: {detail}")]
    NoRegistry {
        /// Why.
        detail: String,
    },
    /// Revisions that were given as known extras, and are none.
    #[error("--known-extra: {}", faults.join("; "))]
    KnownExtras {
        /// Each revision, and why it is none.
        faults: Vec<String>,
    },
    /// Archives that have no entry in an index, which is therefore not made.
    #[error("{} of {archive_count} archives cannot be indexed: {}", faults.len(), faults.join("; "))]
    Unindexed {
        /// Each archive's file name, and why.
        faults: Vec<String>,
        /// Number of archives.
        archive_count: usize,
    },
    /// Archives that differ from the plan, and are not signed.
    #[error("not signed, since missing or different from the plan: {}", some_of(files))]
    UnplannedBytes {
        /// The files below the output folder.
        files: Vec<String>,
    },
    /// What is in a folder must not be uploaded.
    #[error("cannot upload {}", path.display())]
    Upload {
        /// The folder or the plan.
        path: PathBuf,
        /// Why.
        source: Cause,
        /// What the user can do.
        hint: &'static str,
    },
    /// Plan and report in a folder do not belong to the same run.
    #[error("cannot continue in {}", path.display())]
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
        /// The system's error.
        source: io::Error,
    },
    /// Ctrl-C, SIGTERM or SIGHUP.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// The codes of all kinds.
    pub const CODES: &'static [&'static str] = <Error as strum::VariantNames>::VARIANTS;

    /// Returns the stable code of its kind.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Returns a closure that creates an [`Error::File`], for `map_err`.
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

fn branches(names: &[String]) -> String {
    const SHOWN: usize = 12;
    match names.len() {
        0 => "the repository has no branches".to_owned(),
        count if count <= SHOWN => format!("its branches are {}", names.join(", ")),
        count => {
            format!("its branches are {} and {} more", names[..SHOWN].join(", "), count - SHOWN)
        }
    }
}

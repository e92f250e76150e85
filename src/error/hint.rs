//! What the user can do about an error: one hint a kind, in the imperative.

use std::io;

use super::{Error, ListSuspect};

impl Error {
    /// Returns what the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Error::OpenRepository { path, foreign_owner: true, .. } => format!(
                "the repository belongs to another user: run `git config --global --add safe.directory {}`",
                path.display()
            ),
            Error::OpenRepository { .. } => "specify a Git repository that this user can read: bare, a work tree, or a .git folder".to_owned(),
            Error::Grafts { .. } => "remove everything but ids from the file, or the file itself: grafts are ignored anyway".to_owned(),
            Error::RefFormat { path, .. } => format!(
                "clone it with Git 2.45 or newer, and use the clone: `git clone --bare --ref-format=files {} v1.git`",
                path.display()
            ),
            Error::ObjectFormat { .. } => "use a SHA-1 repository with the same stages; `git fast-export --all | git fast-import` copies into one created by `git init --object-format=sha1`".to_owned(),
            Error::Alternate { .. } => "write the alternate as an absolute path without quotes, or copy the borrowed objects with `git repack -a -d` and remove the file".to_owned(),
            Error::StageMissing { .. } => "fetch the branch, specify another remote with --remote, omit the stage from --stages, or pin it: --stages <stage>=<revision>".to_owned(),
            Error::PinnedRevision { .. } => {
                "specify a branch, a tag or a commit of the v1 repository".to_owned()
            }
            Error::PackIndex { .. } => "rebuild it with `git index-pack <the .pack file>` (or `git multi-pack-index write`), or clone v1 again".to_owned(),
            Error::ReadStage { .. } | Error::ReadRef { .. } => {
                "run `git fsck` in the v1 repository, and clone it again from a good source".to_owned()
            }
            Error::NothingToMigrate | Error::NoHistory => "a stage contains packages/<name>/<version>/…: check that this is a v1 package storage".to_owned(),
            Error::UnmatchedGlobs { .. } => "correct or remove each; --include and --exclude accept names and <name>-<version>, such as aws or 'aws-1.*'".to_owned(),
            Error::NeverThere { other: Some(other), .. } => other.clone(),
            Error::NeverThere { similar, is_whole: false, .. } if similar.is_empty() => "`audit-history` reports what cannot be read; for a shallow clone, run `git fetch --unshallow`".to_owned(),
            Error::NeverThere { similar, package: Some(package), .. } if similar.is_empty() => {
                format!("`explain <V1_REPO> {package}` lists the versions of {package}")
            }
            Error::NeverThere { similar, .. } if similar.is_empty() => "`audit-history` lists what the stages ever had; --stages selects the stages".to_owned(),
            Error::NeverThere { similar, .. } => {
                format!("did you mean {}?", similar.join(" or "))
            }
            Error::UnusedStatics { .. } => "correct or remove each; --static takes paths inside a package, such as 'docs/**' or NOTICE.txt".to_owned(),
            Error::NothingInScope { .. } => {
                "widen --include, or narrow --exclude and --unpromoted".to_owned()
            }
            Error::OutputLocked { .. } => {
                "wait for it to end, or specify another folder with --output".to_owned()
            }
            Error::Balance { .. } => "please report this with the report file".to_owned(),
            Error::File { source, .. } | Error::Archive { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => {
                    "free disk space and run again: finished work is kept".to_owned()
                }
                io::ErrorKind::PermissionDenied => {
                    "give this user access to it, or specify another path".to_owned()
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    "specify a folder on a file system that is not read-only".to_owned()
                }
                io::ErrorKind::NotFound => "check the path".to_owned(),
                _ => {
                    "check the path and its file system, and run again: finished work is kept".to_owned()
                }
            },
            Error::OpenStore { .. } => "correct or remove what configures these credentials (docs/stores.md lists the variables and files), or use --anonymous for a bucket that everyone can read".to_owned(),
            Error::ListStore { suspect: ListSuspect::NoCredentials, .. } => "no credentials were found: provide them (docs/stores.md), or use --anonymous for a bucket that everyone can read".to_owned(),
            Error::ListStore { suspect: ListSuspect::Address, .. } => "check the store's address in the environment (docs/stores.md), and whether a proxy, or a network that asks for a login, answers in the store's place".to_owned(),
            Error::ListStore { suspect: ListSuspect::Rights, .. } => "check the bucket's name, its region, and the rights of the credentials (docs/stores.md)".to_owned(),
            Error::ReachPlace { certificate: true, .. } => "trust the authority that signed the certificate: add it to the system's roots (package ca-certificates), or specify a PEM file with all roots in SSL_CERT_FILE".to_owned(),
            Error::ReachPlace { certificate: false, .. } => "check the URL, the network, and the proxy in https_proxy, http_proxy, all_proxy and no_proxy".to_owned(),
            Error::Merge { hint, .. } => (*hint).to_owned(),
            Error::Resolutions { .. } => "correct or remove these entries; --write-resolutions writes the entries that are still open".to_owned(),
            Error::Parse { hint, .. } => (*hint).to_owned(),
            Error::NoArchives { .. } => {
                "specify the output folder of `migrate`".to_owned()
            }
            Error::NoRegistry { .. } => {
                "check the URL: `<URL>/search` must list packages".to_owned()
            }
            Error::KnownExtras { .. } => {
                "name only revisions that the registry has and v1 does not".to_owned()
            }
            Error::Unindexed { .. } => "replace or remove these archives: an index without them would hide them".to_owned(),
            Error::BaseIndex { .. } => "specify the index that v2 serves today; without one, omit --base-index".to_owned(),
            Error::Cursor { .. } => "specify one with --cursor: text that sorts after the published cursor, and is not shorter".to_owned(),
            Error::OwnIndex { .. } | Error::UnplannedIndex { .. } => {
                "run `migrate` into this folder again".to_owned()
            }
            Error::Upload { hint, .. } => (*hint).to_owned(),
            Error::Unsuited { .. } => {
                "run `migrate` into this folder again".to_owned()
            }
            Error::UnplannedBytes { .. } => "run `migrate` into the folder again: it creates missing archives, and reports those with other bytes".to_owned(),
            Error::Validator { .. } => "name a program that is in PATH or give its path, and make sure that it is executable".to_owned(),
            Error::SecretKey { hint, .. } => {
                hint.unwrap_or("specify an OpenPGP secret key that can sign").to_owned()
            }
            Error::PublicKeys { hint, .. } => {
                hint.unwrap_or("specify a file of OpenPGP public keys").to_owned()
            }
            Error::Sign { .. } => {
                "fix the cause, and run `sign` in the folder: existing signatures are kept".to_owned()
            }
            Error::Workers { .. } => {
                "use fewer threads (--jobs), or raise the limit of processes (`ulimit -u`)".to_owned()
            }
            Error::Json { .. } | Error::Yaml { .. } | Error::JUnit { .. } => {
                "please report this with the command line".to_owned()
            }
            Error::Interrupted => "run again: finished work is kept".to_owned(),
        }
    }
}

//! Finds the commit of each stage: its local or remote branch, or the revision that it is pinned to.
//!
//! A name that matches several refs is resolved like in Git, and all of them are reported. Reads no objects
//! but commits and annotated tags.

use git2::ErrorCode;

use crate::error::Error;
use crate::model::content::ObjectId;
use crate::model::finding::FindingKind;
use crate::model::package::Stage;

/// A stage to be read, and the revision it is pinned to, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRequest {
    /// The stage.
    pub stage: Stage,
    /// Any revision that Git understands, read instead of the stage's branch.
    pub pinned: Option<String>,
}

/// A stage's commit, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageCommit {
    /// The stage.
    pub stage: Stage,
    /// The ref that was read in this clone, or the pinned revision.
    pub read_ref: String,
    /// The ref's name in the v1 repository itself: the same in every clone.
    pub home_ref: String,
    /// The commit's id.
    pub commit_id: ObjectId,
    /// The remote branch, when a local branch was read and the remote one is at another commit.
    pub diverged: Option<(String, ObjectId)>,
    /// The refs that the pinned revision matches, in Git's order, when there are several; the
    /// first one was read.
    pub candidates: Vec<String>,
}

impl StageCommit {
    /// Returns the finding that the pinned revision matches several refs, if it does.
    pub fn ambiguity(&self) -> Option<FindingKind> {
        let (read, others) = self.candidates.split_first()?;
        Some(FindingKind::AmbiguousRevision {
            revision: self.read_ref.clone(),
            read: read.clone(),
            others: others.to_vec(),
        })
    }
}

/// Finds the commit of a stage.
pub(super) fn find_stage(
    handle: &git2::Repository,
    request: &StageRequest,
    remote: &str,
) -> Result<StageCommit, Error> {
    let stage = request.stage;
    if let Some(revision) = &request.pinned {
        let commit = handle
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map_err(|source| Error::PinnedRevision {
                stage: stage.into(),
                revision: revision.clone(),
                source: source.message().into(),
            })?;
        return Ok(StageCommit {
            stage,
            read_ref: revision.clone(),
            home_ref: revision.clone(),
            commit_id: object_id(commit.id()),
            diverged: None,
            candidates: candidates(handle, revision),
        });
    }
    let local = format!("refs/heads/{stage}");
    let remote = format!("refs/remotes/{remote}/{stage}");
    let commit_of = |name: &str| handle.refname_to_id(name).map(object_id);
    let (read_ref, commit_id, diverged) = match (commit_of(&local), commit_of(&remote)) {
        (Ok(at), Ok(remote_at)) => {
            (local.clone(), at, (at != remote_at).then_some((remote, remote_at)))
        }
        (Ok(at), Err(_)) => (local.clone(), at, None),
        (Err(absent), Ok(at)) if absent.code() == ErrorCode::NotFound => (remote, at, None),
        (Err(absent), _) if absent.code() == ErrorCode::NotFound => {
            let available = branch_names(handle);
            let stage = stage.into();
            return Err(Error::StageMissing { stage, local, remote, available });
        }
        (Err(source), _) => {
            let stage = stage.into();
            return Err(Error::ReadRef {
                stage,
                reference: local,
                source: source.message().into(),
            });
        }
    };
    let candidates = Vec::new();
    Ok(StageCommit { stage, read_ref, home_ref: local, commit_id, diverged, candidates })
}

/// Returns the refs that a revision's name matches, when there are several, in Git's order of lookup
/// (`gitrevisions`, `ref_rev_parse_rules` in its `refs.c`). A full object id is never a ref's name.
fn candidates(handle: &git2::Repository, revision: &str) -> Vec<String> {
    let ends = [revision.find(['~', '^', ':']), revision.find("@{")];
    let end = ends.into_iter().flatten().min().unwrap_or(revision.len());
    let name = &revision[..end];
    let is_id = name.parse::<ObjectId>().is_ok();
    if name.is_empty() || is_id {
        return Vec::new();
    }
    let rules = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
    let names = rules.map(|rule| format!("{rule}{name}"));
    let of_remote = format!("refs/remotes/{name}/HEAD");
    let exists = |name: &String| handle.find_reference(name).is_ok();
    let found: Vec<String> = names.into_iter().chain([of_remote]).filter(exists).collect();
    if found.len() > 1 { found } else { Vec::new() }
}

fn branch_names(handle: &git2::Repository) -> Vec<String> {
    // Only for a message, so a name that is not UTF-8 is shown lossily.
    let mut names: Vec<String> = ["refs/heads/*", "refs/remotes/*"]
        .into_iter()
        .filter_map(|glob| handle.references_glob(glob).ok())
        .flatten()
        .flatten()
        .map(|reference| String::from_utf8_lossy(reference.name_bytes()).into_owned())
        .collect();
    names.sort();
    names
}

fn object_id(oid: git2::Oid) -> ObjectId {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(oid.as_bytes());
    ObjectId(bytes)
}

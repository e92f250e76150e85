//! Reads what stages are listed by: a commit, the folder `packages/` in it, one folder's entries.
//!
//! No rules on names: those are in `listing`.

use std::collections::HashMap;

use super::objects::{ObjectReader, UnreadableObject};
use super::tree::{self, Kind};
use crate::model::content::ObjectId;
use crate::model::finding::ObjectKind;
use crate::model::timeline::CommitTime;

/// The folder of a stage that holds its packages.
const PACKAGES: &str = "packages";

/// The id of a commit's tree, whatever else the commit says.
pub(super) fn root_tree_id(
    reader: &ObjectReader,
    commit_id: ObjectId,
) -> Result<ObjectId, UnreadableObject> {
    reader.read(ObjectKind::Commit, commit_id, |bytes| {
        let line = bytes.split(|byte| *byte == b'\n').next();
        line.and_then(|line| id_after(b"tree ", line))
            .ok_or_else(|| UnreadableObject::malformed(ObjectKind::Commit, commit_id))
    })?
}

/// The fields of a commit that history needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) tree_id: ObjectId,
    /// What the branch was at before; none for its very first commit.
    pub(super) first_parent: Option<ObjectId>,
    pub(super) time: CommitTime,
}

/// Reads a commit.
pub(super) fn read_commit(
    reader: &ObjectReader,
    commit_id: ObjectId,
) -> Result<Commit, UnreadableObject> {
    reader.read(ObjectKind::Commit, commit_id, |bytes| {
        parse_commit(bytes)
            .ok_or_else(|| UnreadableObject::malformed(ObjectKind::Commit, commit_id))
    })?
}

/// Parses a commit's header: the lines `tree <id>`, any number of `parent <id>`, `author …` and
/// `committer <name> <mail> <seconds> <zone>` in this order (Git's documentation and `commit.c`).
fn parse_commit(bytes: &[u8]) -> Option<Commit> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let tree_id = id_after(b"tree ", lines.next()?)?;
    let mut line = lines.next()?;
    let mut first_parent = None;
    while line.starts_with(b"parent ") {
        let parent = id_after(b"parent ", line)?;
        first_parent.get_or_insert(parent);
        line = lines.next()?;
    }
    line.strip_prefix(b"author ")?;
    let committer = lines.next()?.strip_prefix(b"committer ")?;
    // Names may hold anything but `>`, which ends the mail address.
    let after_mail = committer.rsplit(|byte| *byte == b'>').next()?;
    let mut fields = std::str::from_utf8(after_mail).ok()?.split_ascii_whitespace();
    let time = CommitTime(fields.next()?.parse().ok()?);
    Some(Commit { tree_id, first_parent, time })
}

fn id_after(word: &[u8], line: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(line.strip_prefix(word)?).ok()?.parse().ok()
}

/// The id of the folder `packages/` in a commit's tree, if it has one.
pub(super) fn find_packages(
    reader: &ObjectReader,
    root: ObjectId,
) -> Result<Option<ObjectId>, UnreadableObject> {
    let top = list_folder(reader, root)?;
    match top.iter().find(|entry| entry.name == PACKAGES.as_bytes()) {
        Some(FolderEntry { kind: Kind::Folder, is_double: true, .. }) => {
            Err(UnreadableObject::malformed(ObjectKind::Tree, root))
        }
        Some(FolderEntry { kind: Kind::Folder, id, .. }) => Ok(Some(*id)),
        _ => Ok(None),
    }
}

/// An entry of one folder that outlives the folder's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FolderEntry {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
    /// Whether the folder has another entry of this name, as only a forged tree can.
    pub(super) is_double: bool,
}

/// Lists a folder.
pub(super) fn list_folder(
    reader: &ObjectReader,
    tree_id: ObjectId,
) -> Result<Vec<FolderEntry>, UnreadableObject> {
    reader.read(ObjectKind::Tree, tree_id, |bytes| {
        let entries = tree::parse(bytes)
            .map_err(|_| UnreadableObject::malformed(ObjectKind::Tree, tree_id))?;
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        for entry in &entries {
            *counts.entry(entry.name).or_default() += 1;
        }
        let owned = entries.iter().map(|entry| FolderEntry {
            name: entry.name.to_vec(),
            kind: entry.kind,
            id: entry.id,
            is_double: counts[entry.name] > 1,
        });
        Ok(owned.collect())
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "tree 1111111111111111111111111111111111111111\n";
    const PARENT: &str = "parent 2222222222222222222222222222222222222222\n";
    const OTHER: &str = "parent 3333333333333333333333333333333333333333\n";
    const AUTHOR: &str = "author A <a@example.org> 5 +0000\n";

    #[test]
    fn a_commit_has_a_tree_perhaps_parents_and_a_time() {
        let id = |digit: u8| ObjectId([digit; 20]);
        let rows = [
            ("", "C <c@example.org> 1600000000 +0200", None, 1_600_000_000),
            (PARENT, "C <c@example.org> 0 +0000", Some(id(0x22)), 0),
            (&[PARENT, OTHER].concat(), "C <> -1 -0000", Some(id(0x22)), -1),
            (&[OTHER, PARENT].concat(), "\u{e9} <c 7> 8 <c@d> 9 +0000", Some(id(0x33)), 9),
            ("", "<> 3", None, 3),
        ];
        for (parents, committer, first_parent, time) in rows {
            let text = format!("{TREE}{parents}{AUTHOR}committer {committer}\n\nparent of all\n");
            let commit = Commit { tree_id: id(0x11), first_parent, time: CommitTime(time) };
            assert_eq!(parse_commit(text.as_bytes()), Some(commit), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_commit_are_refused() {
        let committer = "committer C <c@example.org> 1 +0000\n";
        let rows = [
            String::new(),
            TREE.to_owned(),
            format!("{TREE}{AUTHOR}"),
            format!("{TREE}{committer}"),
            format!("{PARENT}{TREE}{AUTHOR}{committer}"),
            format!("{TREE}{AUTHOR}{PARENT}{committer}"),
            format!("tree 11\n{AUTHOR}{committer}"),
            format!("{TREE}parent x\n{AUTHOR}{committer}"),
            format!("{TREE}{AUTHOR}committer C <c@example.org>\n"),
            format!("{TREE}{AUTHOR}committer C <c@example.org> soon +0000\n"),
            format!("{TREE}{AUTHOR}committer C <c@example.org> 99999999999999999999 +0000\n"),
        ];
        for text in rows {
            assert_eq!(parse_commit(text.as_bytes()), None, "{text}");
        }
    }
}

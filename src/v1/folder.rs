//! Reads what listing a stage needs: a commit, its folder `packages/`, and the entries of a folder.
//!
//! Name rules are in `listing`. Commits are parsed as leniently as Git does.

use std::collections::HashMap;

use super::attributes;
use super::objects::{ObjectReader, UnreadableObject};
use super::tree::{self, Kind};
use crate::model::content::ObjectId;
use crate::model::finding::ObjectKind;
use crate::model::timeline::CommitTime;

/// The folder that contains a stage's packages.
pub(super) const PACKAGES: &str = "packages";

/// Returns the id of a commit's tree, ignoring the rest of the commit.
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

/// The commit fields that history needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) tree_id: ObjectId,
    /// The previous tip of the branch; `None` for a root commit.
    pub(super) first_parent: Option<ObjectId>,
    /// `None` when it cannot be parsed.
    pub(super) time: Option<CommitTime>,
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

/// Parses a commit's header: the line `tree <id>`, then any number of lines `parent <id>`, as strictly as Git
/// (`parse_commit_buffer` in its `commit.c`), and the date, which may be unreadable.
fn parse_commit(bytes: &[u8]) -> Option<Commit> {
    let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
    let tree_id = id_after(b"tree ", lines.next()?)?;
    // Git rejects a commit that consists of the tree line alone.
    lines.peek().filter(|rest| !rest.is_empty())?;
    let mut first_parent = None;
    while let Some(line) = lines.next_if(|line| line.starts_with(b"parent ")) {
        let parent = id_after(b"parent ", line)?;
        first_parent.get_or_insert(parent);
    }
    Some(Commit { tree_id, first_parent, time: committer_time(lines) })
}

/// Reads the time of a commit whose tree could be read.
pub(super) fn read_commit_time(
    reader: &ObjectReader,
    commit_id: ObjectId,
) -> Result<Option<CommitTime>, UnreadableObject> {
    reader.read(ObjectKind::Commit, commit_id, |bytes| {
        committer_time(bytes.split(|byte| *byte == b'\n'))
    })
}

/// Returns the time in the header of a commit, which ends at the first empty line.
fn committer_time<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Option<CommitTime> {
    let mut header = lines.take_while(|line| !line.is_empty());
    header.find_map(|line| line.strip_prefix(b"committer ")).and_then(commit_time)
}

/// Returns the time in `<name> <mail> <seconds> <zone>`, whatever the name and the zone; `None` when the
/// seconds are absent or exceed Git's range.
fn commit_time(committer: &[u8]) -> Option<CommitTime> {
    let mail_ends = committer.iter().rposition(|byte| *byte == b'>')?;
    let date = committer[mail_ends + 1..].trim_ascii_start();
    let digits = date.split(u8::is_ascii_whitespace).next()?;
    let digits = Some(digits).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    std::str::from_utf8(digits).ok()?.parse().ok().map(CommitTime)
}

fn id_after(word: &[u8], line: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(line.strip_prefix(word)?).ok()?.parse().ok()
}

/// The relevant entries of a commit's root folder.
pub(super) struct Top {
    /// The id of the folder `packages/`, if there is one.
    pub(super) packages: Option<ObjectId>,
    /// The id of its attribute file, if there is one.
    pub(super) attributes: Option<ObjectId>,
}

/// Reads a commit's tree.
pub(super) fn read_top(reader: &ObjectReader, root: ObjectId) -> Result<Top, UnreadableObject> {
    let top = list_folder(reader, root)?;
    let packages = match top.iter().find(|entry| entry.name == PACKAGES.as_bytes()) {
        Some(FolderEntry { kind: Kind::Folder, is_duplicate: true, .. }) => {
            return Err(UnreadableObject::malformed(ObjectKind::Tree, root));
        }
        Some(FolderEntry { kind: Kind::Folder, id, .. }) => Some(*id),
        _ => None,
    };
    Ok(Top { packages, attributes: attribute_file(&top) })
}

/// Returns the id of the attribute file among a folder's entries; like Git, ignores a symlink of that name.
pub(super) fn attribute_file(entries: &[FolderEntry]) -> Option<ObjectId> {
    let is_attribute_file = |entry: &&FolderEntry| {
        entry.name == attributes::FILE_NAME.as_bytes() && matches!(entry.kind, Kind::File(_))
    };
    entries.iter().find(is_attribute_file).map(|entry| entry.id)
}

/// An entry of a folder, with an owned name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FolderEntry {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
    /// Whether the folder has another entry of this name, which only a malformed tree can have.
    pub(super) is_duplicate: bool,
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
            is_duplicate: counts[entry.name] > 1,
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
    const COMMITTER: &str = "committer C <c@example.org> 1600000000 +0200\n";
    const AUTHOR: &str = "author A <a@example.org> 5 +0000\n";

    #[test]
    fn a_commit_has_a_tree_and_optional_parents() {
        let id = |digit: u8| ObjectId([digit; 20]);
        let rows = [
            ("", None),
            (PARENT, Some(id(0x22))),
            (&[PARENT, OTHER].concat(), Some(id(0x22))),
            (&[OTHER, PARENT].concat(), Some(id(0x33))),
        ];
        for (parents, first_parent) in rows {
            let text = format!("{TREE}{parents}{AUTHOR}{COMMITTER}\nparent of all\n");
            let time = Some(CommitTime(1_600_000_000));
            let commit = Commit { tree_id: id(0x11), first_parent, time };
            assert_eq!(parse_commit(text.as_bytes()), Some(commit), "{text}");
        }
    }

    /// Expected values from git 2.39.5: what `git rev-list --timestamp` or `git log --format=%ct` reads,
    /// whichever succeeds; `None` where both print nothing, 0, or more than fits.
    #[test]
    fn dates_of_unusual_commits_are_read() {
        let known = Some(1_600_000_000);
        let rows: [(&[&str], Option<i64>); 26] = [
            (&[AUTHOR, COMMITTER], known),
            (&[AUTHOR, AUTHOR, COMMITTER], known),
            (&[COMMITTER], known),
            (&[COMMITTER, AUTHOR], known),
            (&["author A <a@\nexample.org> 1 +0000\n", COMMITTER], known),
            (&[AUTHOR, "parent 2222\n", COMMITTER], known),
            (&[AUTHOR, "committer <c@d> 1600000000 +0000\n"], known),
            (&[AUTHOR, "committer C<c@d> 1600000000 +0000\n"], known),
            (&[AUTHOR, "committer C> <c@d> 1600000000 +0000\n"], known),
            (&[AUTHOR, "committer C <c@d>> 1600000000 +0000\n"], known),
            (&[AUTHOR, "committer C <c@d>1600000000 +0000\n"], known),
            (&[AUTHOR, "committer C <c@d>\t1600000000 +0000\n"], known),
            (&[AUTHOR, "committer C <> 01600000000 +0000\n"], known),
            (&[AUTHOR, "committer C <c@d> 1600000000\n"], known),
            (&[AUTHOR, "committer C <c@d> 1600000000 CEST\n"], known),
            (&[AUTHOR, "committer C <c@d> 9223372036854775807 +0000\n"], Some(i64::MAX)),
            (&[AUTHOR], None),
            (&[AUTHOR, "\n", COMMITTER], None),
            (&[AUTHOR, "committer C <c@d>\n"], None),
            (&[AUTHOR, "committer C <c@d> soon +0000\n"], None),
            (&[AUTHOR, "committer C <c@d> -1 -0000\n"], None),
            (&[AUTHOR, "committer C <c@d> 9223372036854775808 +0000\n"], None),
            (&[AUTHOR, "committer C <c@d> 99999999999999999999 +0000\n"], None),
            (&[AUTHOR, "committer C 1600000000 +0000\n"], None),
            (&[AUTHOR, "committer C <c@d 1600000000 +0000\n"], None),
            (&[AUTHOR, "committer 1600000000 +0000\n"], None),
        ];
        for (header, time) in rows {
            let text = format!("{TREE}{}\nparent of all\n", header.concat());
            let commit = parse_commit(text.as_bytes());
            let found = commit.unwrap_or_else(|| panic!("refused: {text}")).time;
            assert_eq!(found, time.map(CommitTime), "{text}");
        }
    }

    /// Git 2.39.5 also calls each of them bogus.
    #[test]
    fn malformed_commits_are_rejected() {
        let rows = [
            String::new(),
            TREE.to_owned(),
            format!("{PARENT}{TREE}{AUTHOR}{COMMITTER}"),
            format!("{AUTHOR}{COMMITTER}"),
            format!("tree 11\n{AUTHOR}{COMMITTER}"),
            format!("{TREE}parent x\n{AUTHOR}{COMMITTER}"),
        ];
        for text in rows {
            assert_eq!(parse_commit(text.as_bytes()), None, "{text}");
        }
    }
}

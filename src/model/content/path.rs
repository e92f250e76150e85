//! The path of a file inside a revision: which paths are safe, and which names only look harmless.
//!
//! Safe means: as a ZIP entry's name, an object's key and a file's name, on any system, the path
//! stays below its folder and never becomes Git's own. What is merely awkward somewhere is no
//! matter of this file but of `rules`.

use std::fmt;

/// A relative path inside a revision that is safe as a ZIP entry name, an object key and a file
/// name: UTF-8, `/` between components, no component that leaves the folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryPath(Box<str>);

/// Why a tree entry's path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafePath {
    /// The registry's Go reader refuses archives with such names.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// An empty path, `a//b`, or an absolute path.
    #[error("a component is empty")]
    EmptyComponent,
    /// `.` or `..`.
    #[error("a component is . or ..")]
    DotComponent,
    /// `.git` in any case: Git itself refuses to check such a tree out.
    #[error("a component is .git")]
    GitComponent,
    /// What NTFS or HFS+ takes for `.git`: `git fsck` tells of it, and Git does not check it out there
    /// (CVE-2014-9390, CVE-2019-1353).
    #[error("a component is .git on Windows or macOS")]
    GitLookAlike,
    /// Readers on Windows take a backslash for a separator; the registry hides such files.
    #[error("it holds a backslash")]
    Backslash,
    /// C0, DEL and C1 control characters.
    #[error("it holds a control character")]
    ControlCharacter,
    /// `C:` at the start: Windows takes it for another place than the folder it is unpacked in.
    #[error("it begins with a drive letter")]
    DriveLetter,
    /// ZIP stores a name's length in two bytes.
    #[error("it is longer than {} bytes", EntryPath::MAX_LEN)]
    TooLong,
}

impl EntryPath {
    /// The longest path in bytes: leaves room for the archive's root in ZIP's 65,535.
    pub const MAX_LEN: usize = 65_000;

    /// Parses the bytes of a path as Git stores it, joined with `/`.
    ///
    /// # Errors
    /// The first rule that the path breaks.
    pub fn parse(bytes: &[u8]) -> Result<Self, UnsafePath> {
        let text = std::str::from_utf8(bytes).map_err(|_| UnsafePath::NotUtf8)?;
        if text.len() > Self::MAX_LEN {
            return Err(UnsafePath::TooLong);
        }
        for component in text.split('/') {
            match component {
                "" => return Err(UnsafePath::EmptyComponent),
                "." | ".." => return Err(UnsafePath::DotComponent),
                _ if component.eq_ignore_ascii_case(".git") => {
                    return Err(UnsafePath::GitComponent);
                }
                _ if component.contains('\\') => return Err(UnsafePath::Backslash),
                _ if component.chars().any(char::is_control) => {
                    return Err(UnsafePath::ControlCharacter);
                }
                _ if is_git_on_ntfs(component) || is_git_on_hfs(component) => {
                    return Err(UnsafePath::GitLookAlike);
                }
                _ => {}
            }
        }
        match text.as_bytes() {
            [letter, b':', ..] if letter.is_ascii_alphabetic() => Err(UnsafePath::DriveLetter),
            _ => Ok(EntryPath(text.into())),
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path's folders, outermost first: `a/b/c` gives `a` and `a/b`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end])
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// NTFS drops dots and spaces at a name's end, opens a stream of the file behind a colon, and gives
/// `.git` the short name `git~1` (Git's `is_ntfs_dotgit`).
fn is_git_on_ntfs(component: &str) -> bool {
    if !component.starts_with(['.', 'g', 'G']) {
        return false;
    }
    let file = component.split(':').next().unwrap_or(component).trim_end_matches(['.', ' ']);
    file.eq_ignore_ascii_case(".git") || file.eq_ignore_ascii_case("git~1")
}

/// HFS+ passes over some code points when it compares names (Git's `is_hfs_dotgit`).
fn is_git_on_hfs(component: &str) -> bool {
    if component.is_ascii() {
        return false;
    }
    let is_passed_over = |letter: char| {
        matches!(
            letter,
            '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        )
    };
    let seen: String = component.chars().filter(|letter| !is_passed_over(*letter)).collect();
    seen.eq_ignore_ascii_case(".git")
}

/// Tells whether a character changes how a text is shown without being seen itself: the direction
/// controls of UAX #9, zero-width characters, joiners, fillers and tags (Unicode's
/// `Default_Ignorable_Code_Point`, as far as names could use them; not the variation selectors,
/// which emoji need).
pub fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Shows odd bytes as escapes, for findings: what is no UTF-8, control and hidden characters; a
/// backslash too, so that no two names look alike.
pub fn escape(bytes: &[u8]) -> String {
    let is_odd = |letter: char| letter.is_control() || letter == '\\' || is_hidden(letter);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_odd) => text.to_owned(),
        _ => bytes.escape_ascii().to_string(),
    }
}

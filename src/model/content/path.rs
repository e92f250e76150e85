//! The path of a file inside a revision, and the rules for safe paths.
//!
//! Safe means: used as the name of a ZIP entry, an object or a file, on any system, the path stays
//! inside its folder and never refers to `.git`. Paths that are safe but not portable are a matter of
//! `rules`.

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
    /// A name that NTFS or HFS+ treats as `.git`: `git fsck` reports it, and Git does not check it out
    /// on these file systems (CVE-2014-9390, CVE-2019-1353).
    #[error("a component is .git on Windows or macOS")]
    GitLookAlike,
    /// Readers on Windows treat a backslash as a separator; the registry hides such files.
    #[error("it contains a backslash")]
    Backslash,
    /// C0, DEL and C1 control characters.
    #[error("it contains a control character")]
    ControlCharacter,
    /// `C:` at the start: on Windows, this is a path outside the folder it is unpacked to.
    #[error("it begins with a drive letter")]
    DriveLetter,
    /// ZIP stores a name's length in two bytes.
    #[error("it is longer than {} bytes", EntryPath::MAX_LEN)]
    TooLong,
}

impl EntryPath {
    /// The maximum length in bytes: leaves room for the archive's root folder in ZIP's 65,535.
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

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the parent folders, outermost first: `a` and `a/b` for `a/b/c`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end])
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Returns whether NTFS treats a name as `.git`: it ignores trailing dots and spaces, interprets the
/// text after a colon as a stream name, and gives `.git` the short name `git~1` (Git's
/// `is_ntfs_dotgit`).
fn is_git_on_ntfs(component: &str) -> bool {
    if !component.starts_with(['.', 'g', 'G']) {
        return false;
    }
    let file = component.split(':').next().unwrap_or(component).trim_end_matches(['.', ' ']);
    file.eq_ignore_ascii_case(".git") || file.eq_ignore_ascii_case("git~1")
}

/// Returns whether HFS+ treats a name as `.git`: it ignores some code points when comparing names
/// (Git's `is_hfs_dotgit`).
fn is_git_on_hfs(component: &str) -> bool {
    if component.is_ascii() {
        return false;
    }
    let is_ignored = |character: char| {
        matches!(
            character,
            '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        )
    };
    let compared: String = component.chars().filter(|character| !is_ignored(*character)).collect();
    compared.eq_ignore_ascii_case(".git")
}

/// Returns whether a character is invisible but affects how a text is displayed: the direction controls
/// of UAX #9, zero-width characters, joiners, fillers and tags (a subset of Unicode's
/// `Default_Ignorable_Code_Point` that could occur in names, without the variation selectors, which
/// emoji need).
pub fn is_hidden(character: char) -> bool {
    matches!(
        character,
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

/// Escapes a name for findings if it has invalid UTF-8, control or hidden characters; also if it has a
/// backslash, so that no two names look alike.
pub fn escape(bytes: &[u8]) -> String {
    let is_special =
        |character: char| character.is_control() || character == '\\' || is_hidden(character);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_special) => text.to_owned(),
        _ => bytes.escape_ascii().to_string(),
    }
}

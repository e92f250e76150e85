//! The folders that a repository borrows objects from, as listed in `objects/info/alternates`.
//!
//! Git's reader is `link_alt_odb_entries` in its `object-file.c`; libgit2's supports neither quotes nor
//! relative paths without a leading dot. Only parses the lines: `loose` looks for the folders.

use std::path::PathBuf;

use crate::v1::quoting::unquote;

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alternate {
    /// The path, relative to the borrowing objects folder.
    pub(super) path: Vec<u8>,
    /// Whether libgit2 finds the folder by itself.
    pub(super) is_known_to_libgit2: bool,
}

/// Parses the lines like Git: skips comments, removes quotes, and keeps broken quotes.
pub(super) fn parse(file: &[u8]) -> Vec<Alternate> {
    // Git reads the file as a C string.
    let mut rest = file.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut alternates = Vec::new();
    let mut begins_line = true;
    while !rest.is_empty() {
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let (path, len, is_quoted) = match unquote(rest) {
            Some((path, len)) => (path, len, true),
            None => (line.to_vec(), line.len(), false),
        };
        // Git skips one byte as the line's end; after a quoted path it does not check which byte it is.
        let is_own_line = std::mem::replace(&mut begins_line, rest.get(len) == Some(&b'\n'));
        rest = rest.get(len + 1..).unwrap_or_default();
        if path.is_empty() || (!is_quoted && path.starts_with(b"#")) {
            continue;
        }
        let is_known_to_libgit2 =
            is_own_line && !is_quoted && (path[0] == b'.' || is_absolute(&path));
        alternates.push(Alternate { path, is_known_to_libgit2 });
    }
    alternates
}

fn is_absolute(path: &[u8]) -> bool {
    to_path(path).is_some_and(|path| path.is_absolute())
}

/// Converts bytes to a path; `None` where the system's paths are Unicode and the bytes are not UTF-8.
#[cfg(unix)]
pub(super) fn to_path(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

/// Converts bytes to a path; `None` where the system's paths are Unicode and the bytes are not UTF-8.
#[cfg(not(unix))]
pub(super) fn to_path(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from git 2.39.5: the paths that `git count-objects -v` and its errors name.
    #[test]
    fn lines_are_read_as_git_reads_them() {
        type Row = (&'static [u8], &'static [(&'static [u8], bool)]);
        let rows: [Row; 15] = [
            (b"", &[]),
            (b"\n\n", &[]),
            (b"../a\n", &[(b"../a", true)]),
            (b"../a", &[(b"../a", true)]),
            (b"a\n/b\n", &[(b"a", false), (b"/b", true)]),
            (b"# /a\n/b\n", &[(b"/b", true)]),
            (b" #/a\n", &[(b" #/a", false)]),
            (b"\"/a b\"\n/c\n", &[(b"/a b", false), (b"/c", true)]),
            (b"\"#a\"\n", &[(b"#a", false)]),
            (b"\"/\\303\\251\"\n", &[(b"/\xc3\xa9", false)]),
            (b"\"/a\nb\"\n", &[(b"/a\nb", false)]),
            (b"\"/a\"x/b\n/c", &[(b"/a", false), (b"/b", false), (b"/c", true)]),
            (b"\"/a\\q\"\n/b\n", &[(b"\"/a\\q\"", false), (b"/b", true)]),
            (b"/\xff\n", &[(b"/\xff", true)]),
            (b"/a\0\n/b\n", &[(b"/a", true)]),
        ];
        for (file, expected) in rows {
            let expected: Vec<Alternate> = expected
                .iter()
                .map(|(path, known)| Alternate { path: path.to_vec(), is_known_to_libgit2: *known })
                .collect();
            assert_eq!(parse(file), expected, "{}", file.escape_ascii());
        }
    }
}

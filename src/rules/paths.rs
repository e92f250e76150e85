//! Checks for paths that are safe but not portable: names that Windows cannot create, names with hidden
//! characters, and paths that collide on some file systems.
//!
//! None of them blocks a revision: archives keep such paths unchanged, and the registry serves them
//! from the archive. Most paths are plain ASCII and need a single check.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::model::content::{Content, escape, is_hidden};
use crate::model::finding::{Alike, Defect, FindingKind};

/// Returns all portability problems of a revision's paths, in the order of the paths.
pub fn check(content: &Content) -> Vec<Defect> {
    let mut defects = unportable(content);
    defects.extend(collisions(content));
    defects
}

/// Returns each file or folder whose own name breaks a rule, once; only the outermost component of a
/// path is reported, so that the output is no longer than the paths.
fn unportable(content: &Content) -> Vec<Defect> {
    let mut found = BTreeSet::new();
    for path in content.files().iter().map(|file| file.path.as_str()) {
        let mut end = 0;
        for component in path.split('/') {
            end += component.len();
            let mut broken = reasons(component).peekable();
            if broken.peek().is_some() {
                found.extend(broken.map(|reason| (&path[..end], reason)));
                break;
            }
            end += 1;
        }
    }
    let defect = |(path, reason): (&str, &str)| Defect {
        path: Some(escape(path.as_bytes())),
        kind: FindingKind::UnportablePath { reason: reason.to_owned() },
    };
    found.into_iter().map(defect).collect()
}

/// Returns the rules that a name breaks. Those of Windows are documented in "Naming Files, Paths, and
/// Namespaces"; backslashes and control characters have already been rejected.
fn reasons(component: &str) -> impl Iterator<Item = &'static str> {
    let rows = [
        (is_device(component), "it is a reserved device name on Windows"),
        (component.ends_with(['.', ' ']), "Windows removes a dot or space at the end of a name"),
        (
            component.bytes().any(|byte| b"<>:\"|?*".contains(&byte)),
            "it has a character that Windows forbids",
        ),
        (!component.is_ascii() && component.contains(is_hidden), "it has a hidden character"),
    ];
    rows.into_iter().filter_map(|(is_broken, reason)| is_broken.then_some(reason))
}

/// Returns whether Windows treats a name as a device, regardless of case, extensions, and spaces before
/// them. `CONIN$` and `CONOUT$` are included because Git rejects them too (its `compat/mingw.c`).
fn is_device(component: &str) -> bool {
    if !component.starts_with(['a', 'c', 'l', 'n', 'p', 'A', 'C', 'L', 'N', 'P']) {
        return false;
    }
    let stem = component.split(['.', ':']).next().unwrap_or(component).trim_end_matches(' ');
    let is_port = || {
        let mut prefix = stem.chars();
        let digit = prefix.next_back();
        matches!(digit, Some('1'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}'))
            && ["com", "lpt"].iter().any(|port| prefix.as_str().eq_ignore_ascii_case(port))
    };
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
        || is_port()
}

/// Returns pairs of files, or of a file and a folder, whose paths are equal on file systems that ignore
/// case or Unicode normalization.
///
/// At least one path of such a pair differs from its folded form, so only those paths are examined.
fn collisions(content: &Content) -> Vec<Defect> {
    let foldable =
        || content.files().iter().map(|file| file.path.as_str()).filter(|path| may_fold(path));
    let mut groups: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for path in foldable() {
        groups.entry(fold(path)).or_default().insert(path);
    }
    let mut pairs: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (folded, paths) in &mut groups {
        paths.extend(content.find(folded).map(|file| file.path.as_str()));
        let mut alike = paths.iter().copied();
        if let Some(first) = alike.next() {
            pairs.extend(alike.map(|path| (path, first)));
        }
        let folder = folder_of_files(content, folded);
        pairs.extend(folder.into_iter().flat_map(|at| paths.iter().map(move |path| (*path, at))));
    }
    for path in foldable() {
        let folded = fold(path);
        let ends = |text: &str| text.match_indices('/').map(|(end, _)| end).collect::<Vec<_>>();
        // Folding neither adds nor removes slashes.
        for (end, folded_end) in ends(path).into_iter().zip(ends(&folded)) {
            let (folder, folded) = (&path[..end], &folded[..folded_end]);
            let alike = groups.get(folded).into_iter().flatten().copied();
            let plain = content.find(folded).map(|file| file.path.as_str());
            pairs.extend(alike.chain(plain).map(|file| (file, folder)));
        }
    }
    let defect = |(path, other): (&str, &str)| {
        let is_form = path.nfc().eq(other.nfc());
        let alike = if is_form { Alike::Normalization } else { Alike::Case };
        let other = Some(escape(other.as_bytes()));
        let kind = FindingKind::PathCollision { alike, other };
        Defect { path: Some(escape(path.as_bytes())), kind }
    };
    pairs.into_iter().filter(|(path, other)| path != other).map(defect).collect()
}

/// Returns the folder with exactly this path, if it has files.
fn folder_of_files<'a>(content: &'a Content, folder: &str) -> Option<&'a str> {
    let start = format!("{folder}/");
    let files = content.files();
    let index = files.partition_point(|file| file.path.as_str() < start.as_str());
    let file = files.get(index).filter(|file| file.path.as_str().starts_with(&start))?;
    Some(&file.path.as_str()[..folder.len()])
}

fn may_fold(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
}

/// Returns the path as a file system that ignores case and Unicode normalization compares it: similar to
/// the canonical caseless matching of Unicode (chapter 3.13), but character by character, as file systems
/// do it.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().map(fold_char).nfd().collect()
}

fn fold_char(character: char) -> char {
    let upper = single(character.to_uppercase()).unwrap_or(character);
    single(upper.to_lowercase()).unwrap_or(upper)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next();
    first.filter(|_| characters.next().is_none())
}

//! Paths that are safe, and yet not everywhere what they seem: names that Windows cannot write, names
//! that do not show what they are, and paths that are one path on some systems.
//!
//! None of it keeps a revision back: archives hold such paths as they are, and the registry serves
//! them out of the archive. Most paths are plain ASCII and cost one look.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::model::content::{Content, escape, is_hidden};
use crate::model::finding::{Alike, Defect, FindingKind};

/// Everything that is awkward about the paths of a revision, in the order of the paths.
pub fn check(content: &Content) -> Vec<Defect> {
    let mut defects = unportable(content);
    defects.extend(twins(content));
    defects
}

/// Each file or folder whose own name breaks a rule, once; of one path only the outermost, so that
/// what is told is no longer than the paths are.
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

/// The rules that a name breaks. Those of Windows are in its documentation, "Naming Files, Paths, and
/// Namespaces"; a backslash and control characters are refused before.
fn reasons(component: &str) -> impl Iterator<Item = &'static str> {
    let rows = [
        (is_device(component), "a device has this name on Windows"),
        (component.ends_with(['.', ' ']), "Windows drops the dot or space at a name's end"),
        (
            component.bytes().any(|byte| b"<>:\"|?*".contains(&byte)),
            "Windows forbids one of its characters",
        ),
        (!component.is_ascii() && component.contains(is_hidden), "one of its characters is hidden"),
    ];
    rows.into_iter().filter_map(|(is_broken, reason)| is_broken.then_some(reason))
}

/// Tells whether Windows takes a name for a device's: whatever its case, its extensions, and spaces
/// before them. `CONIN$` and `CONOUT$` are those that Git refuses besides (its `compat/mingw.c`).
fn is_device(component: &str) -> bool {
    if !component.starts_with(['a', 'c', 'l', 'n', 'p', 'A', 'C', 'L', 'N', 'P']) {
        return false;
    }
    let stem = component.split(['.', ':']).next().unwrap_or(component).trim_end_matches(' ');
    let is_port = || {
        let mut letters = stem.chars();
        let digit = letters.next_back();
        matches!(digit, Some('1'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}'))
            && ["com", "lpt"].iter().any(|port| letters.as_str().eq_ignore_ascii_case(port))
    };
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device))
        || is_port()
}

/// Two files, or a file and a folder, whose paths are one where case or Unicode form do not count.
///
/// One of two such paths is not what it folds to, so only those are looked at.
fn twins(content: &Content) -> Vec<Defect> {
    let odd = || content.files().iter().map(|file| file.path.as_str()).filter(|path| is_odd(path));
    let mut groups: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for path in odd() {
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
    for path in odd() {
        let folded = fold(path);
        let ends = |text: &str| text.match_indices('/').map(|(end, _)| end).collect::<Vec<_>>();
        // Neither case nor form makes or takes a slash.
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

/// The folder of this very name, if files lie in it.
fn folder_of_files<'a>(content: &'a Content, folder: &str) -> Option<&'a str> {
    let start = format!("{folder}/");
    let files = content.files();
    let place = files.partition_point(|file| file.path.as_str() < start.as_str());
    let file = files.get(place).filter(|file| file.path.as_str().starts_with(&start))?;
    Some(&file.path.as_str()[..folder.len()])
}

fn is_odd(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
}

/// What a path is where case and Unicode form do not count: near to the canonical caseless match of
/// Unicode (chapter 3.13), but letter by letter, as file systems fold.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().map(fold_letter).nfd().collect()
}

fn fold_letter(letter: char) -> char {
    let upper = only(letter.to_uppercase()).unwrap_or(letter);
    only(upper.to_lowercase()).unwrap_or(upper)
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next();
    first.filter(|_| letters.next().is_none())
}

//! What the user may have meant: names that resemble those in an error.
//!
//! Only shown, never used.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::rules::similar_names::similar_names;

/// Returns the names that the user may have meant, the most similar first.
pub(super) fn similar(error: &Error) -> Vec<String> {
    match error {
        Error::NeverThere { similar, .. } => similar.clone(),
        Error::UnmatchedGlobs { globs, known } => {
            let mut similar = Vec::new();
            for name in globs.iter().flat_map(|glob| similar_to_glob(glob, known)) {
                if !similar.contains(&name) {
                    similar.push(name);
                }
            }
            similar
        }
        _ => Vec::new(),
    }
}

/// Returns the packages that resemble a glob or the part before its dash, or the revisions if that part is the name of a
/// package. A revision is `<name>-<version>`.
fn similar_to_glob(glob: &str, revisions: &[String]) -> Vec<String> {
    let word: String = glob.chars().filter(|letter| !"*?".contains(*letter)).collect();
    let (name, version) = word.split_once('-').unwrap_or((&word, ""));
    let of_package =
        |revision: &&String| revision.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    let versions: Vec<String> = revisions.iter().filter(of_package).cloned().collect();
    if !version.is_empty() && !versions.is_empty() {
        return similar_names(&word, versions);
    }
    let names = revisions.iter().flat_map(|revision| revision.split('-').next());
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    similar_names(name, names)
}

/// Returns what the user can do about an error, with the names that may have been meant.
pub(super) fn hint(error: &Error) -> String {
    let hint = error.hint();
    match (error, similar(error).as_slice()) {
        (Error::UnmatchedGlobs { .. }, names @ [_, ..]) => {
            format!("did you mean {}? Otherwise, {hint}", names.join(" or "))
        }
        _ => hint,
    }
}

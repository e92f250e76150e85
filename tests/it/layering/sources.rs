//! The sources, and what they use: paths of this crate, and other crates.
//!
//! Looks for paths that start with `crate::` or `super::`, in `use` trees and in other code. Not a Rust
//! parser: comment lines and a trailing `mod tests` are ignored, strings are not. So it may find a
//! dependency too many, which fails at once, rather than one too few.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files of `src/`, with `/` between components, and their code.
pub(super) type Sources = BTreeMap<String, String>;

/// Reads all files in `src/`, except those that contain only tests.
pub(super) fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut sources, mut folders) = (Sources::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "tests.rs") {
                let file = path.strip_prefix(&root).expect("below src/");
                let names: Vec<_> = file.iter().map(|name| name.to_str().expect("UTF-8")).collect();
                let text = fs::read_to_string(&path).expect("a text");
                sources.insert(names.join("/"), code(&text));
            }
        }
    }
    sources
}

/// Returns all paths of this crate in a file's code, from the crate's root.
pub(super) fn paths(file: &str, code: &str) -> BTreeSet<Vec<String>> {
    let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
    let mut parent: Vec<String> = module.split('/').map(str::to_owned).collect();
    parent.pop();
    let roots = [("crate", Vec::new()), ("package_storage_migrate", Vec::new()), ("super", parent)];
    let mut found = BTreeSet::new();
    for (word, root) in roots {
        for rest in after_word(code, word) {
            if let Some(mut rest) = rest.strip_prefix("::") {
                read_tree(&mut rest, root.clone(), &mut found);
            }
        }
    }
    found
}

/// Parses a `use` tree, or a path in other code, which is the simplest tree.
fn read_tree(rest: &mut &str, mut path: Vec<String>, found: &mut BTreeSet<Vec<String>>) {
    *rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix('{') {
        *rest = inner.trim_start();
        while !rest.is_empty() && !rest.starts_with('}') {
            read_tree(rest, path.clone(), found);
            // The rest of the branch: `as name`, white space, the comma.
            let end = rest.find([',', '}']).unwrap_or(rest.len());
            *rest = rest[end..].trim_start_matches(',').trim_start();
        }
        *rest = rest.strip_prefix('}').unwrap_or(rest);
        return;
    }
    let (name, after) = rest.split_at(rest.find(|c| !is_in_word(c)).unwrap_or(rest.len()));
    *rest = after;
    match name {
        "super" => drop(path.pop()),
        "" | "self" => {}
        name => path.push(name.to_owned()),
    }
    match after.strip_prefix("::") {
        Some(deeper) if !name.is_empty() => {
            *rest = deeper;
            read_tree(rest, path, found);
        }
        _ => drop(found.insert(path)),
    }
}

/// Returns whether code names a crate of this name.
pub(super) fn uses_crate(code: &str, name: &str) -> bool {
    after_word(code, name).any(|rest| rest.starts_with("::") || rest.starts_with(" as "))
        || code.contains(&format!("use {name};"))
}

/// Returns the text after each occurrence of a whole word.
fn after_word<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(word)
        .filter(|(at, _)| !code[..*at].ends_with(is_in_word) && !code[..*at].ends_with("::"))
        .map(move |(at, _)| &code[at + word.len()..])
        .filter(|rest| !rest.starts_with(is_in_word))
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Removes comment lines and unit tests.
pub(super) fn code(source: &str) -> String {
    let (source, _) = source.split_once("#[cfg(test)]\nmod tests {").unwrap_or((source, ""));
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

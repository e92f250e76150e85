//! Paths on the registry: those of a revision's files, and those to which manifests refer.

/// The registry does not list files whose path contains this.
const NEVER_LISTED: &str = ".DS_Store";

/// Returns the paths of all files on the registry in its order: by depth, then in the order of the archive.
pub(super) fn assets(package: &str, files: &[&str], listed_depth: usize) -> Vec<String> {
    let depth = |file: &&str| file.matches('/').count() + 1;
    let is_listed = |file: &&&str| depth(file) <= listed_depth && !file.contains(NEVER_LISTED);
    let mut listed: Vec<&str> = files.iter().filter(is_listed).copied().collect();
    listed.sort_by_key(depth);
    listed.into_iter().map(|file| format!("{package}/{file}")).collect()
}

/// Returns the depth to which the registry looks for files, given the paths of all entries of an archive (those of
/// folders with or without a trailing slash): it descends level by level and stops at the first level without an
/// entry. Only archives without folder entries have such levels.
pub fn listed_depth<'a>(entries: impl Iterator<Item = &'a str>) -> usize {
    let mut has_entry = Vec::new();
    for entry in entries {
        let level = entry.trim_end_matches('/').matches('/').count();
        if has_entry.len() <= level {
            has_entry.resize(level + 1, false);
        }
        has_entry[level] = true;
    }
    has_entry.iter().take_while(|has_entry| **has_entry).count()
}

/// Joins path elements like Go's `path.Join`: omits empty ones, and resolves `.`, `..` and double slashes.
pub(super) fn joined(elements: &[&str]) -> String {
    let elements: Vec<&str> =
        elements.iter().copied().filter(|element| !element.is_empty()).collect();
    let path = elements.join("/");
    if path.is_empty() {
        return path;
    }
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if is_rooted => {}
            _ => parts.push(part),
        }
    }
    match (is_rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

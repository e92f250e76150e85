//! Reads the output of a run: a v2 folder, its plan, its report, and any folder as a whole.
//!
//! Independent of the tool: plan and report are plain JSON here, not the tool's own types, so
//! that a change of their format is detected. Used by the tests that run the tool.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use super::schemas::assert_valid;

/// The folder of archives in a v2 folder.
pub(crate) const ARCHIVES: &str = "artifacts/packages";

/// The folder of static resources in a v2 folder.
pub(crate) const STATICS: &str = "artifacts/static";

/// Returns every file and folder below `folder` by path: a file's bytes; `None` for a folder.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for path in paths_below(folder) {
        let at = folder.join(&path);
        let bytes = (!at.is_dir()).then(|| fs::read(&at).expect("read a file"));
        found.insert(path, bytes);
    }
    found
}

/// Returns the archives of a v2 folder by file name, including temporary files and anything else.
pub(crate) fn archives(v2: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = tree(&v2.join(ARCHIVES)).into_iter();
    files.map(|(name, bytes)| (name, bytes.expect("only files are among the archives"))).collect()
}

/// Returns the static resources of a v2 folder by key, including temporary files and anything else there.
pub(crate) fn statics(v2: &Path) -> BTreeMap<String, Vec<u8>> {
    if !v2.join(STATICS).exists() {
        return BTreeMap::new();
    }
    let files = tree(&v2.join(STATICS)).into_iter();
    files.filter_map(|(path, bytes)| Some((format!("{STATICS}/{path}"), bytes?))).collect()
}

/// Returns what changes when a file is rewritten: inode, modification time, length; by path.
pub(crate) fn stamps(folder: &Path) -> BTreeMap<String, (u64, SystemTime, u64)> {
    let stamp = |path: String| {
        let metadata = fs::symlink_metadata(folder.join(&path)).expect("get a file's metadata");
        let modified = metadata.modified().expect("the system has modification times");
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        (path, (inode, modified, metadata.len()))
    };
    paths_below(folder).into_iter().map(stamp).collect()
}

/// Returns the paths of all files and folders below `folder`, with `/` between components.
fn paths_below(folder: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).expect("read a folder") {
            let entry = entry.expect("read a folder");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type().expect("get a file's type").is_dir() {
                folders.push(path.clone());
            }
            paths.push(path);
        }
    }
    paths
}

/// Parses a file as JSON. Plans and reports of a migration are validated against their schemas.
pub(crate) fn json(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
    let value = serde_json::from_slice(&bytes).expect("JSON");
    for (file, schema) in [("plan.json", "plan"), ("report.json", "report")] {
        if path.ends_with(file) {
            assert_valid(schema, &value, &path.display().to_string());
        }
    }
    value
}

/// Returns `name-version` of a plan's archives, in the plan's order.
pub(crate) fn planned(plan: &Value) -> Vec<String> {
    let uploads = plan["uploads"].as_array().expect("a list of uploads").iter();
    uploads
        .filter(|upload| upload["kind"] == "archive")
        .map(|upload| format!("{}-{}", text(&upload["package"]), text(&upload["version"])))
        .collect()
}

/// Returns a plan's uploads of one kind, in the order of the plan.
pub(crate) fn uploads<'a>(plan: &'a Value, kind: &str) -> Vec<&'a Value> {
    let uploads = plan["uploads"].as_array().expect("a list of uploads").iter();
    uploads.filter(|upload| upload["kind"] == kind).collect()
}

/// Returns a plan's archives and signatures, in the order of the plan.
pub(crate) fn signed_uploads(plan: &Value) -> Vec<&Value> {
    let uploads = plan["uploads"].as_array().expect("a list of uploads").iter();
    uploads
        .filter(|upload| ["archive", "signature"].iter().any(|kind| upload["kind"] == **kind))
        .collect()
}

/// Returns a report's balance: copies, archived, duplicates, excluded for any reason, blocked.
pub(crate) fn balance(report: &Value) -> [u64; 5] {
    let number = |count: &Value| count.as_u64().expect("a count");
    ["copies", "archived", "duplicates", "excluded", "blocked"].map(|name| {
        match &report["balance"][name] {
            Value::Object(reasons) => reasons.values().map(number).sum(),
            count => number(count),
        }
    })
}

/// Returns a report's findings in order, one per line:
/// `<severity> <code> <package> <version> <stages> <path> <evidence>…`, with `-` for absent values.
pub(crate) fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list of findings").iter();
    findings.map(finding_line).collect()
}

fn finding_line(finding: &Value) -> String {
    let stages = finding["stages"].as_array().expect("a list of stages").iter();
    let mut line = [
        text(&finding["severity"]),
        text(&finding["code"]),
        text(&finding["package"]),
        text(&finding["version"]),
        &stages.map(text).collect::<Vec<_>>().join(","),
        text(&finding["path"]),
    ]
    .join(" ");
    for (name, value) in finding["evidence"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line += &format!(" {name}={value}");
    }
    line
}

fn text(value: &Value) -> &str {
    if value.is_null() { "-" } else { value.as_str().expect("a text or nothing") }
}

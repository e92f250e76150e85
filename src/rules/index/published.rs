//! Entries as JSON text: which revision they are of, and whether they refer to a signature.
//!
//! Published entries are never parsed and written again: whoever wrote them may know fields that this tool does not.
//! Only white space is removed, so that each is a line, and `signature_path` is added or removed. Pure.

use std::ops::Range;
use std::str::FromStr;

use serde::Deserialize;

use crate::model::package::{PackageName, PackageVersion, RevisionId};

/// The member that contains the entry.
pub(super) const MANIFEST: &str = "package_manifest";
/// The member with the path of the signature.
pub(super) const SIGNATURE: &str = "signature_path";
/// The members that follow it in the registry's order (package-registry 1.40.1, `packages/package.go`); the last one
/// is in every entry.
const AFTER_SIGNATURE: [&str; 5] =
    ["discovery", "deprecated", "requires", "group", "format_version"];

/// The revision of an entry, in the order of the index: by name, then by version. The registry does not restrict the
/// names in an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: PackageVersion,
}

/// Why a text is not an entry.
#[derive(Debug, thiserror::Error)]
pub enum NoEntry {
    /// It is not JSON, or has no `package_manifest` with a name and a version.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The registry does not load an index with such a version.
    #[error("the version `{version}` of {name} is not a semantic version")]
    Version {
        /// The package.
        name: String,
        /// The text.
        version: String,
    },
}

impl EntryId {
    /// Returns the revision; `None` if v1 cannot have it.
    pub fn revision(&self) -> Option<RevisionId> {
        let name = PackageName::from_str(&self.name).ok()?;
        RevisionId::new(name, self.version.clone()).ok()
    }

    /// Returns the path of the signature on the registry.
    pub fn signature_path(&self) -> String {
        let EntryId { name, version } = self;
        format!("/epr/{name}/{name}-{version}.zip.sig")
    }
}

impl From<&RevisionId> for EntryId {
    fn from(revision: &RevisionId) -> Self {
        EntryId { name: revision.name.to_string(), version: revision.version.clone() }
    }
}

/// What an entry states about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its revision.
    pub id: EntryId,
    /// Whether it refers to a signature.
    pub is_signed: bool,
}

/// Parses the revision of an entry, `{"package_manifest":{…}}`.
///
/// # Errors
/// [`NoEntry`].
pub fn identify(entry: &[u8]) -> Result<Identity, NoEntry> {
    #[derive(Deserialize)]
    struct Item {
        package_manifest: Manifest,
    }
    #[derive(Deserialize)]
    struct Manifest {
        name: String,
        version: String,
        signature_path: Option<String>,
    }
    let Item { package_manifest } = serde_json::from_slice(entry)?;
    let Manifest { name, version, signature_path } = package_manifest;
    match PackageVersion::from_str(&version) {
        Ok(version) => {
            let is_signed = signature_path.is_some_and(|path| !path.is_empty());
            Ok(Identity { id: EntryId { name, version }, is_signed })
        }
        Err(_) => Err(NoEntry::Version { name, version }),
    }
}

/// Returns an entry as one line: without white space between its tokens.
pub fn as_line(entry: &[u8]) -> Vec<u8> {
    let (mut line, mut state) = (Vec::with_capacity(entry.len()), Strings::default());
    for byte in entry {
        let is_inside = state.next(*byte);
        if is_inside || !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            line.push(*byte);
        }
    }
    line
}

/// Returns an entry, a line for which [`identify`] succeeds, with this path of a signature or without one. The member is
/// inserted at its place in the registry's order.
pub fn with_signature(line: &[u8], path: Option<&str>) -> Vec<u8> {
    let manifest = members(line, 0).into_iter().find(|member| member.is_named(line, MANIFEST));
    let Some(manifest) = manifest else { return line.to_vec() };
    let mut members = members(line, manifest.value.start);
    members.retain(|member| !member.is_named(line, SIGNATURE));
    let follows = |member: &Member| AFTER_SIGNATURE.iter().any(|name| member.is_named(line, name));
    let place = members.iter().position(follows).unwrap_or(members.len());
    let mut texts: Vec<Vec<u8>> =
        members.iter().map(|member| line[member.name.start..member.value.end].to_vec()).collect();
    if let Some(path) = path {
        let path = serde_json::Value::from(path);
        texts.insert(place, format!("\"{SIGNATURE}\":{path}").into_bytes());
    }
    let start = manifest.value.start;
    [&line[..start], b"{", &texts.join(&b','), b"}", &line[manifest.value.end..]].concat()
}

/// A member of an object: the ranges of its name, with quotes, and of its value.
struct Member {
    name: Range<usize>,
    value: Range<usize>,
}

impl Member {
    fn is_named(&self, line: &[u8], name: &str) -> bool {
        let quoted = &line[self.name.clone()];
        match quoted.contains(&b'\\') {
            true => serde_json::from_slice::<String>(quoted).is_ok_and(|text| text == name),
            false => quoted[1..quoted.len() - 1] == *name.as_bytes(),
        }
    }
}

/// Finds the members of the object that starts at an offset of a line.
fn members(line: &[u8], start: usize) -> Vec<Member> {
    let (mut found, mut strings) = (Vec::new(), Strings::default());
    let (mut depth, mut from, mut name_end) = (0_usize, start + 1, None);
    for (at, byte) in line.iter().enumerate().skip(start) {
        if strings.next(*byte) {
            continue;
        }
        let is_end = match byte {
            b'{' | b'[' => {
                depth += 1;
                false
            }
            b'}' | b']' => {
                depth -= 1;
                depth == 0
            }
            b',' => depth == 1,
            b':' if depth == 1 => {
                name_end = Some(at);
                false
            }
            _ => false,
        };
        if is_end {
            if let Some(end) = name_end.take() {
                found.push(Member { name: from..end, value: end + 1..at });
            }
            from = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Distinguishes the bytes of strings from the others.
#[derive(Default)]
struct Strings {
    is_inside: bool,
    is_escaped: bool,
}

impl Strings {
    /// Returns whether the next byte belongs to a string, quotes included.
    fn next(&mut self, byte: u8) -> bool {
        let was_inside = self.is_inside;
        if was_inside && self.is_escaped {
            self.is_escaped = false;
        } else if was_inside && byte == b'\\' {
            self.is_escaped = true;
        } else if byte == b'"' {
            self.is_inside = !was_inside;
        }
        was_inside || self.is_inside
    }
}

//! What people decided, as a file that is reviewed and kept: `--resolutions`.
//!
//! An entry settles the findings of one code on one revision. It names the content that it was
//! decided on, so that it falls with it. Pure: a text in, entries out, or every fault with its line.
//! Applied by `migrate`; a skeleton is written by `report`.
//!
//! ```yaml
//! resolutions:
//!   - package: harbor_log
//!     version: 1.2.0
//!     code: content-conflict
//!     decision: {keep: staging}   # or skip, or accept
//!     reason: Production missed the fix; the owner asked for staging's.
//!     digests:                    # content digests of all copies; ~ for one that cannot be read
//!       production: 0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8
//!       staging: ~
//! ```

use std::collections::BTreeMap;
use std::fmt;

use crate::digest::Sha256;
use crate::model::finding::{Decision, Settlement};
use crate::model::package::{RevisionId, Stage};
use crate::yaml::{Data, Document, Node, Scalar};

/// The content digest of each copy of a revision; none of one that cannot be read.
pub type CopyDigests = BTreeMap<Stage, Option<Sha256>>;

/// A decision on the findings of one code on one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line of the file where it begins, from 1.
    pub line: u64,
    /// The revision.
    pub revision: RevisionId,
    /// The code of the findings.
    pub code: String,
    /// What was decided, and why.
    pub settlement: Settlement,
    /// What it was decided on.
    pub digests: CopyDigests,
}

/// Something that is wrong with an entry, or with the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.detail)
    }
}

/// Everything that was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolutions {
    entries: BTreeMap<RevisionId, Vec<Entry>>,
    file_digest: Option<Sha256>,
}

/// The one code that `keep` decides on.
const KEPT_CODE: &str = "content-conflict";

impl Resolutions {
    /// Parses a file.
    ///
    /// # Errors
    /// Every fault, by line.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let document = Document::parse(bytes).map_err(|error| {
            let line = error.place.map_or(1, |place| place.line);
            vec![Fault { line, detail: error.detail }]
        })?;
        let mut faults = Vec::new();
        let mut entries: BTreeMap<RevisionId, Vec<Entry>> = BTreeMap::new();
        for node in list(document.root(), &mut faults) {
            if let Some(entry) = entry(node, &mut faults) {
                let others = entries.entry(entry.revision.clone()).or_default();
                let contradicted = others.iter().find_map(|other| contradiction(other, &entry));
                faults.extend(contradicted.map(|detail| Fault { line: entry.line, detail }));
                others.push(entry);
            }
        }
        faults.sort();
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Resolutions { entries, file_digest: Some(Sha256::of(bytes)) })
    }

    /// The SHA-256 of the file; none without a file.
    pub fn file_digest(&self) -> Option<Sha256> {
        self.file_digest
    }

    /// All entries, by revision.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }

    /// The entries on one revision, in the order of the file.
    pub fn of(&self, revision: &RevisionId) -> &[Entry] {
        self.entries.get(revision).map_or(&[], Vec::as_slice)
    }
}

/// The nodes of the one list that the file holds.
fn list<'d>(root: Node<'d>, faults: &mut Vec<Fault>) -> Vec<Node<'d>> {
    let mut fields = Fields::of(root, faults);
    let list = fields.take("resolutions", faults);
    fields.finish(faults);
    match list.map(|node| (node, node.data())) {
        Some((_, Data::Sequence(items))) => items.iter().collect(),
        Some((node, _)) => {
            faults.push(fault(node, "`resolutions` is no list"));
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn entry(node: Node<'_>, faults: &mut Vec<Fault>) -> Option<Entry> {
    let mut fields = Fields::of(node, faults);
    let package = fields.parsed("package", faults);
    let version = fields.parsed("version", faults);
    let code = fields.text("code", faults);
    let decision = fields.take("decision", faults).and_then(|node| decision(node, faults));
    let reason = fields.text("reason", faults);
    let digests = fields.take("digests", faults).and_then(|node| digests(node, faults));
    fields.finish(faults);
    let revision = match RevisionId::new(package?, version?) {
        Ok(revision) => revision,
        Err(error) => {
            faults.push(fault(node, &error.to_string()));
            return None;
        }
    };
    let (code, decision, reason) = (code?.text.to_owned(), decision?, reason?.text.to_owned());
    if reason.trim().is_empty() {
        faults.push(fault(node, "`reason` is empty: say why, for those who read it later"));
        return None;
    }
    if matches!(decision, Decision::Keep(_)) && code != KEPT_CODE {
        let detail = format!("`keep` decides on {KEPT_CODE} only, not on {code}");
        faults.push(fault(node, &detail));
        return None;
    }
    let digests = digests?;
    if let Decision::Keep(stage) = decision
        && digests.get(&stage).is_none_or(Option::is_none)
    {
        let detail = format!("`digests` has no content of {stage}, whose copy is to be kept");
        faults.push(fault(node, &detail));
        return None;
    }
    let settlement = Settlement { decision, reason };
    Some(Entry { line: node.place().line, revision, code, settlement, digests })
}

/// `skip`, `accept`, `keep: <stage>` as a text, or `{keep: <stage>}`.
fn decision(node: Node<'_>, faults: &mut Vec<Fault>) -> Option<Decision> {
    let text = match node.data() {
        Data::Scalar(scalar) if is_null(&scalar) => {
            faults.push(fault(node, "nothing is decided yet"));
            return None;
        }
        Data::Scalar(scalar) => scalar.text.to_owned(),
        Data::Mapping(pairs) => match pairs.iter().collect::<Vec<_>>()[..] {
            [(key, value)] => match (key.data(), value.data()) {
                (Data::Scalar(key), Data::Scalar(value)) => format!("{}: {}", key.text, value.text),
                _ => String::new(),
            },
            _ => String::new(),
        },
        Data::Sequence(_) => String::new(),
    };
    text.parse()
        .map_err(|error: crate::model::finding::NoDecision| {
            faults.push(fault(node, &error.to_string()))
        })
        .ok()
}

fn digests(node: Node<'_>, faults: &mut Vec<Fault>) -> Option<CopyDigests> {
    let Data::Mapping(pairs) = node.data() else {
        faults.push(fault(node, "`digests` is no mapping of stages"));
        return None;
    };
    let mut digests = CopyDigests::new();
    for (key, value) in pairs.iter() {
        let (Data::Scalar(stage), Data::Scalar(digest)) = (key.data(), value.data()) else {
            faults.push(fault(value, "a digest is 64 lower-case hex digits, or ~"));
            return None;
        };
        let Ok(stage) = stage.text.parse::<Stage>() else {
            faults.push(fault(key, &format!("{} is no stage", stage.text)));
            return None;
        };
        let digest = match digest.text.parse() {
            _ if is_null(&digest) => None,
            Ok(digest) => Some(digest),
            Err(_) => {
                faults.push(fault(value, "a digest is 64 lower-case hex digits, or ~"));
                return None;
            }
        };
        if digests.insert(stage, digest).is_some() {
            faults.push(fault(key, &format!("{stage} is there twice")));
            return None;
        }
    }
    if digests.is_empty() {
        faults.push(fault(node, "`digests` names no copy"));
        return None;
    }
    Some(digests)
}

/// Why two entries on one revision cannot both stand.
fn contradiction(one: &Entry, other: &Entry) -> Option<String> {
    let (a, b) = (one.settlement.decision, other.settlement.decision);
    if one.code == other.code {
        return Some(format!(
            "{} {} is decided in line {} already",
            one.revision, one.code, one.line
        ));
    }
    if (a == Decision::Skip) != (b == Decision::Skip) {
        return Some(format!(
            "it says `{b}` of {}, but line {} says `{a}`",
            one.revision, one.line
        ));
    }
    (one.digests != other.digests)
        .then(|| format!("its digests of {} are not those of line {}", one.revision, one.line))
}

fn is_null(scalar: &Scalar<'_>) -> bool {
    scalar.is_plain && matches!(scalar.text, "" | "~" | "null")
}

fn fault(node: Node<'_>, detail: &str) -> Fault {
    Fault { line: node.place().line, detail: detail.to_owned() }
}

/// The fields of a mapping, each to be taken once.
struct Fields<'d> {
    node: Node<'d>,
    pairs: Vec<(&'d str, Node<'d>)>,
    is_mapping: bool,
}

impl<'d> Fields<'d> {
    fn of(node: Node<'d>, faults: &mut Vec<Fault>) -> Self {
        let mut pairs = Vec::new();
        let is_mapping = if let Data::Mapping(entries) = node.data() {
            for (key, value) in entries.iter() {
                if let Data::Scalar(scalar) = key.data() {
                    if pairs.iter().any(|(name, _)| *name == scalar.text) {
                        faults.push(fault(key, &format!("`{}` is there twice", scalar.text)));
                    } else {
                        pairs.push((scalar.text, value));
                    }
                }
            }
            true
        } else {
            faults.push(fault(node, "this is no mapping"));
            false
        };
        Fields { node, pairs, is_mapping }
    }

    fn take(&mut self, name: &str, faults: &mut Vec<Fault>) -> Option<Node<'d>> {
        match self.pairs.iter().position(|(key, _)| *key == name) {
            Some(index) => Some(self.pairs.remove(index).1),
            None => {
                if self.is_mapping {
                    faults.push(fault(self.node, &format!("`{name}` is missing")));
                }
                None
            }
        }
    }

    fn text(&mut self, name: &str, faults: &mut Vec<Fault>) -> Option<Scalar<'d>> {
        let node = self.take(name, faults)?;
        match node.data() {
            Data::Scalar(scalar) => Some(scalar),
            Data::Sequence(_) | Data::Mapping(_) => {
                faults.push(fault(node, &format!("`{name}` is no text")));
                None
            }
        }
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &str,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let line =
            self.pairs.iter().find(|(key, _)| *key == name).map(|(_, node)| node.place().line);
        let text = self.text(name, faults)?.text;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let detail = format!("`{name}: {text}`: {error}");
                faults.push(Fault { line: line.unwrap_or(1), detail });
                None
            }
        }
    }

    /// Tells of fields that nobody asked for.
    fn finish(self, faults: &mut Vec<Fault>) {
        for (name, node) in self.pairs {
            faults.push(fault(node, &format!("`{name}` is no field here")));
        }
    }
}

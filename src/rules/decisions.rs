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
use std::str::FromStr;

use crate::digest::Sha256;
use crate::model::finding::{Decision, NoDecision, Settlement};
use crate::model::package::{RevisionId, Stage};
use crate::yaml::{Data, Document, Node, Scalar};

/// The content digest of each copy of a revision; none of one that cannot be read.
pub type CopyDigests = BTreeMap<Stage, Option<Sha256>>;

/// A decision on the findings of one code on one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionEntry {
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
pub struct DecisionFault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub detail: String,
}

impl fmt::Display for DecisionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.detail)
    }
}

/// Everything that was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolutions {
    entries: BTreeMap<RevisionId, Vec<DecisionEntry>>,
    file_digest: Option<Sha256>,
}

/// The one code that `keep` decides on.
const KEPT_CODE: &str = "content-conflict";

impl Resolutions {
    /// Parses a file.
    ///
    /// # Errors
    /// Every fault, by line.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<DecisionFault>> {
        let document = Document::parse(bytes).map_err(|error| {
            let line = error.place.map_or(1, |place| place.line);
            vec![DecisionFault { line, detail: error.detail }]
        })?;
        let mut faults = Vec::new();
        let mut entries: BTreeMap<RevisionId, Vec<DecisionEntry>> = BTreeMap::new();
        for node in list(document.root(), &mut faults) {
            if let Some(entry) = entry(node, &mut faults) {
                let others = entries.entry(entry.revision.clone()).or_default();
                let contradicted = others.iter().find_map(|other| contradiction(other, &entry));
                faults
                    .extend(contradicted.map(|detail| DecisionFault { line: entry.line, detail }));
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
    pub fn entries(&self) -> impl Iterator<Item = &DecisionEntry> {
        self.entries.values().flatten()
    }

    /// The entries on one revision, in the order of the file.
    pub fn of(&self, revision: &RevisionId) -> &[DecisionEntry] {
        self.entries.get(revision).map_or(&[], Vec::as_slice)
    }
}

/// The nodes of the one list that the file holds.
fn list<'d>(root: Node<'d>, faults: &mut Vec<DecisionFault>) -> Vec<Node<'d>> {
    let mut fields = Fields::of(root, faults);
    let items = fields.read("resolutions", |node, _| match node.data() {
        Data::Sequence(items) => Ok(items.iter().collect()),
        _ => Err(fault(node, "`resolutions` is no list")),
    });
    fields.finish();
    items.unwrap_or_default()
}

fn entry(node: Node<'_>, faults: &mut Vec<DecisionFault>) -> Option<DecisionEntry> {
    let mut fields = Fields::of(node, faults);
    let package = fields.read("package", parsed);
    let version = fields.read("version", parsed);
    let code = fields.read("code", text);
    let decision = fields.read("decision", decision);
    let reason = fields.read("reason", text);
    let digests = fields.read("digests", digests);
    fields.finish();
    let mut refuse = |detail: String| {
        faults.push(fault(node, detail));
        None
    };
    let revision = match RevisionId::new(package?, version?) {
        Ok(revision) => revision,
        Err(error) => return refuse(error.to_string()),
    };
    let (code, decision, reason) = (code?.to_owned(), decision?, reason?.to_owned());
    if reason.trim().is_empty() {
        return refuse("`reason` is empty: say why, for those who read it later".to_owned());
    }
    if matches!(decision, Decision::Keep(_)) && code != KEPT_CODE {
        return refuse(format!("`keep` decides on {KEPT_CODE} only, not on {code}"));
    }
    let digests: CopyDigests = digests?;
    if let Decision::Keep(stage) = decision
        && digests.get(&stage).is_none_or(Option::is_none)
    {
        return refuse(format!("`digests` has no content of {stage}, whose copy is to be kept"));
    }
    let settlement = Settlement { decision, reason };
    Some(DecisionEntry { line: node.place().line, revision, code, settlement, digests })
}

/// `skip`, `accept`, `keep: <stage>` as a text, or `{keep: <stage>}`.
fn decision(node: Node<'_>, _: &str) -> Result<Decision, DecisionFault> {
    let text = match node.data() {
        Data::Scalar(scalar) if is_null(&scalar) => {
            return Err(fault(node, "nothing is decided yet"));
        }
        Data::Scalar(scalar) => scalar.text.to_owned(),
        Data::Mapping(pairs) => {
            match pairs.iter().map(|(k, v)| (k.data(), v.data())).collect::<Vec<_>>()[..] {
                [(Data::Scalar(key), Data::Scalar(value))] => {
                    format!("{}: {}", key.text, value.text)
                }
                _ => String::new(),
            }
        }
        Data::Sequence(_) => String::new(),
    };
    text.parse().map_err(|error: NoDecision| fault(node, error.to_string()))
}

fn digests(node: Node<'_>, _: &str) -> Result<CopyDigests, DecisionFault> {
    const NO_DIGEST: &str = "a digest is 64 lower-case hex digits, or ~";
    let Data::Mapping(pairs) = node.data() else {
        return Err(fault(node, "`digests` is no mapping of stages"));
    };
    let mut digests = CopyDigests::new();
    for (key, value) in pairs.iter() {
        let (Data::Scalar(stage), Data::Scalar(digest)) = (key.data(), value.data()) else {
            return Err(fault(value, NO_DIGEST));
        };
        let no_stage = |_| fault(key, format!("{} is no stage", stage.text));
        let stage: Stage = stage.text.parse().map_err(no_stage)?;
        let digest = match digest.text.parse() {
            _ if is_null(&digest) => None,
            parsed => Some(parsed.map_err(|_| fault(value, NO_DIGEST))?),
        };
        if digests.insert(stage, digest).is_some() {
            return Err(fault(key, format!("{stage} is there twice")));
        }
    }
    if digests.is_empty() {
        return Err(fault(node, "`digests` names no copy"));
    }
    Ok(digests)
}

/// Why two entries on one revision cannot both stand.
fn contradiction(one: &DecisionEntry, other: &DecisionEntry) -> Option<String> {
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

fn fault(node: Node<'_>, detail: impl Into<String>) -> DecisionFault {
    DecisionFault { line: node.place().line, detail: detail.into() }
}

fn text<'d>(node: Node<'d>, name: &str) -> Result<&'d str, DecisionFault> {
    match node.data() {
        Data::Scalar(scalar) => Ok(scalar.text),
        _ => Err(fault(node, format!("`{name}` is no text"))),
    }
}

fn parsed<T: FromStr<Err: fmt::Display>>(node: Node<'_>, name: &str) -> Result<T, DecisionFault> {
    let text = text(node, name)?;
    text.parse().map_err(|error| fault(node, format!("`{name}: {text}`: {error}")))
}

/// The fields of a mapping, each to be taken once.
struct Fields<'d, 'f> {
    node: Node<'d>,
    pairs: Vec<(&'d str, Node<'d>)>,
    is_mapping: bool,
    faults: &'f mut Vec<DecisionFault>,
}

impl<'d, 'f> Fields<'d, 'f> {
    fn of(node: Node<'d>, faults: &'f mut Vec<DecisionFault>) -> Self {
        let mut pairs = Vec::new();
        let is_mapping = if let Data::Mapping(entries) = node.data() {
            for (key, value) in entries.iter() {
                if let Data::Scalar(scalar) = key.data() {
                    if pairs.iter().any(|(name, _)| *name == scalar.text) {
                        faults.push(fault(key, format!("`{}` is there twice", scalar.text)));
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
        Fields { node, pairs, is_mapping, faults }
    }

    /// Takes a field and reads it; reports a field that is missing or cannot be read.
    fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Node<'d>, &str) -> Result<T, DecisionFault>,
    ) -> Option<T> {
        match self.pairs.iter().position(|(key, _)| *key == name) {
            Some(index) => {
                let (_, node) = self.pairs.remove(index);
                read(node, name).map_err(|fault| self.faults.push(fault)).ok()
            }
            None => {
                if self.is_mapping {
                    self.faults.push(fault(self.node, format!("`{name}` is missing")));
                }
                None
            }
        }
    }

    /// Tells of fields that nobody asked for.
    fn finish(self) {
        let unknown = |(name, node)| fault(node, format!("`{name}` is no field here"));
        self.faults.extend(self.pairs.into_iter().map(unknown));
    }
}

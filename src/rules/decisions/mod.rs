//! The decisions file of `--resolutions`, which people review and keep.
//!
//! An entry settles the findings of one code on one revision. It contains the digests of the content it was made on,
//! so that it becomes invalid if the content changes. Pure: parses a text to entries, or returns one fault of syntax
//! or structure, or all invalid values. `report` writes a template of the file.
//!
//! ```yaml
//! resolutions:
//!   - package: harbor_log
//!     version: 1.2.0
//!     code: content-conflict
//!     decision: {keep: staging}   # or skip, accept, keep-published
//!     reason: Production missed the fix; the owner asked for staging's.
//!     digests:                    # content digests of all copies; ~ if a copy cannot be read
//!       production: 0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8
//!       staging: ~
//! ```

mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::digest::Sha256;
use crate::model::content::escape;
use crate::model::finding::{Decision, NoDecision, Settlement};
use crate::model::package::{GrammarError, RevisionId, Stage};
use crate::yaml::Document;

use file::{DecisionText, DigestTexts, Entry, Places};

/// The content digest of each copy of a revision; `None` for a copy that cannot be read.
pub type CopyDigests = BTreeMap<Stage, Option<Sha256>>;

/// A decision on the findings of one code on one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionEntry {
    /// Its number in the file, counted from 1.
    pub number: usize,
    /// Its first line in the file, counted from 1.
    pub line: u64,
    /// The revision.
    pub revision: RevisionId,
    /// The code of the findings.
    pub code: String,
    /// The decision and its reason.
    pub settlement: Settlement,
    /// The content it was made on.
    pub digests: CopyDigests,
}

/// A fault of an entry or of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionFault {
    /// The line, counted from 1.
    pub line: u64,
    /// The column of a fault of syntax or structure, counted from 1.
    pub column: Option<u64>,
    /// What is wrong.
    pub detail: String,
}

impl DecisionEntry {
    /// Creates a fault of this entry; `detail` contains the revision.
    pub fn fault(&self, detail: &str) -> DecisionFault {
        let detail = format!("decision {}: {detail}", self.number);
        DecisionFault { line: self.line, column: None, detail }
    }
}

impl fmt::Display for DecisionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.map_or_else(String::new, |column| format!(", column {column}"));
        write!(f, "line {}{column}: {}", self.line, self.detail)
    }
}

/// All decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolutions {
    entries: BTreeMap<RevisionId, Vec<DecisionEntry>>,
    file_digest: Option<Sha256>,
}

/// The only code that `keep` applies to.
const KEPT_CODE: &str = "content-conflict";
/// The only code that `keep-published` applies to.
const PUBLISHED_CODE: &str = "index-conflict";

impl Resolutions {
    /// Parses a decisions file.
    ///
    /// # Errors
    /// The first fault of syntax or structure; otherwise all invalid values, by line.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<DecisionFault>> {
        let read = file::read(bytes).map_err(|fault| vec![fault])?;
        let document = Document::parse(bytes).map_err(|error| {
            let (line, column) =
                error.place.map_or((1, None), |place| (place.line, Some(place.column)));
            vec![DecisionFault { line, column, detail: error.detail }]
        })?;
        let places = Places::of(&document);
        let mut faults = Vec::new();
        let mut entries: BTreeMap<RevisionId, Vec<DecisionEntry>> = BTreeMap::new();
        for (index, written) in read.into_iter().enumerate() {
            let mut checks = Checks::of(index, &written, &places, &mut faults);
            if let Some(entry) = checks.entry(written) {
                let others = entries.entry(entry.revision.clone()).or_default();
                let contradicted = others.iter().find_map(|other| contradiction(other, &entry));
                faults.extend(contradicted.map(|detail| entry.fault(&detail)));
                others.push(entry);
            }
        }
        faults.sort();
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Resolutions { entries, file_digest: Some(Sha256::of(bytes)) })
    }

    /// Returns the SHA-256 of the file; `None` without a file.
    pub fn file_digest(&self) -> Option<Sha256> {
        self.file_digest
    }

    /// Returns all entries, by revision.
    pub fn entries(&self) -> impl Iterator<Item = &DecisionEntry> {
        self.entries.values().flatten()
    }

    /// Returns the entries on one revision, in the order of the file.
    pub fn of(&self, revision: &RevisionId) -> &[DecisionEntry] {
        self.entries.get(revision).map_or(&[], Vec::as_slice)
    }
}

/// Checks the values of one entry and collects its faults.
struct Checks<'f> {
    index: usize,
    /// The revision as written in the file.
    written: String,
    places: &'f Places<'f>,
    faults: &'f mut Vec<DecisionFault>,
}

impl<'f> Checks<'f> {
    fn of(
        index: usize,
        entry: &Entry,
        places: &'f Places<'f>,
        faults: &'f mut Vec<DecisionFault>,
    ) -> Self {
        let Entry { package, version, .. } = entry;
        let written = escape(format!("{package} {version}").as_bytes());
        Checks { index, written, places, faults }
    }

    fn entry(&mut self, written: Entry) -> Option<DecisionEntry> {
        let Entry { package, version, code, decision, reason, digests } = written;
        let package = self.parsed("package", &package);
        let version = self.parsed("version", &version);
        let decision = self.decision(decision);
        let digests = self.digests(digests);
        if reason.trim().is_empty() {
            self.refuse::<()>("reason", "`reason` is empty");
        }
        let (decision, digests) = (decision?, digests?);
        let revision = match RevisionId::new(package?, version?) {
            Ok(revision) => revision,
            Err(error) => return self.refuse("package", error),
        };
        if matches!(decision, Decision::Keep(_)) && code != KEPT_CODE {
            let detail =
                format!("`keep` applies only to {KEPT_CODE}, not to {}", escape(code.as_bytes()));
            return self.refuse("code", detail);
        }
        if decision == Decision::KeepPublished && code != PUBLISHED_CODE {
            let code = escape(code.as_bytes());
            let detail =
                format!("`keep-published` applies only to {PUBLISHED_CODE}, not to {code}");
            return self.refuse("code", detail);
        }
        if let Decision::Keep(stage) = decision
            && digests.get(&stage).is_none_or(Option::is_none)
        {
            let detail = format!("`digests` has no digest for {stage}, whose copy should be kept");
            return self.refuse("digests", detail);
        }
        if reason.trim().is_empty() {
            return None;
        }
        let (number, line) = (self.index + 1, self.places.line(self.index));
        let settlement = Settlement { decision, reason };
        Some(DecisionEntry { number, line, revision, code, settlement, digests })
    }

    fn refuse<T>(&mut self, field: &str, detail: impl fmt::Display) -> Option<T> {
        let (number, revision) = (self.index + 1, &self.written);
        let detail = format!("decision {number} ({revision}): {detail}");
        let line = self.places.line_of(self.index, field);
        self.faults.push(DecisionFault { line, column: None, detail });
        None
    }

    fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let text = escape(text.as_bytes());
                self.refuse(field, format!("`{field}: {text}`: {error}"))
            }
        }
    }

    fn decision(&mut self, DecisionText(text): DecisionText) -> Option<Decision> {
        match text.map(|text| text.parse()) {
            Some(Ok(decision)) => Some(decision),
            Some(Err(NoDecision)) => self.refuse("decision", NoDecision),
            None => self.refuse("decision", "no decision yet"),
        }
    }

    fn digests(&mut self, DigestTexts(texts): DigestTexts) -> Option<CopyDigests> {
        let mut digests = CopyDigests::new();
        for (stage, digest) in &texts {
            let Ok(stage) = stage.parse::<Stage>() else {
                let stage = escape(stage.as_bytes());
                return self.refuse(
                    "digests",
                    format!("`digests`: {stage} is not a stage: {}", GrammarError::Stage),
                );
            };
            let Ok(digest) = digest.as_deref().map(str::parse).transpose() else {
                return self.refuse("digests", "a digest must be 64 lower-case hex digits, or ~");
            };
            if digests.insert(stage, digest).is_some() {
                return self.refuse("digests", format!("`digests`: {stage} appears twice"));
            }
        }
        if digests.is_empty() {
            return self.refuse("digests", "`digests` is empty");
        }
        Some(digests)
    }
}

/// Returns why two entries on one revision contradict each other.
fn contradiction(one: &DecisionEntry, other: &DecisionEntry) -> Option<String> {
    let (a, b) = (one.settlement.decision, other.settlement.decision);
    let DecisionEntry { revision, code, line, .. } = one;
    if *code == other.code {
        return Some(format!("{revision} {code} is already decided in line {line}"));
    }
    if (a == Decision::Skip) != (b == Decision::Skip) {
        return Some(format!("the decision on {revision} is `{b}`, but `{a}` in line {line}"));
    }
    (one.digests != other.digests)
        .then(|| format!("the digests of {revision} differ from those in line {line}"))
}

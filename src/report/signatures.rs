//! Signature coverage as a section of a report: JSON, Markdown, and one sentence.
//!
//! Used by runs that sign and by runs that only check existing signatures. Pure.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::findings::lines;
use super::text::{AllFindings, EXAMPLES, grouped, inline, shown_count, write_cut, write_row};
use crate::model::package::ObjectKey;
use crate::model::plan::{SCHEMA_VERSION, Tool};
use crate::model::signature_status::{Coverage, SignaturePlace, SignatureState};

/// The JSON form of a signature that is not good.
#[derive(Serialize)]
struct Record<'a> {
    key: &'a ObjectKey,
    #[serde(flatten)]
    state: &'a SignatureState,
}

/// The JSON form of the good one among several signatures.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRecord {
    key: ObjectKey,
    place: usize,
    count: usize,
}

/// Renders the coverage as the value of a JSON field; each signature that is not good is on its own
/// line.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn to_json(coverage: &Coverage) -> serde_json::Result<String> {
    let records = coverage.others.iter().map(|(key, state)| Record { key, state });
    let counts: Vec<String> =
        coverage.counts().map(|(code, count)| format!("\"{code}\":{count}")).collect();
    let several: Vec<PlaceRecord> = coverage
        .several
        .iter()
        .map(|(key, SignaturePlace { place, count })| PlaceRecord {
            key: key.clone(),
            place: *place,
            count: *count,
        })
        .collect();
    let several = match several.is_empty() {
        true => String::new(),
        false => format!("\"several\":{},", serde_json::to_string(&several)?),
    };
    Ok(format!(
        "{{\"archives\":{},\"pending\":{},\"counts\":{{{}}},\"keys\":{},{several}\"not_good\":{}}}",
        coverage.archive_count(),
        coverage.pending_count,
        counts.join(","),
        serde_json::to_string(&coverage.good)?,
        lines(records)?,
    ))
}

/// The JSON form, for parsing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadCoverage {
    archives: u64,
    pending: u64,
    counts: BTreeMap<String, u64>,
    keys: BTreeMap<String, u64>,
    #[serde(default)]
    several: Vec<PlaceRecord>,
    not_good: Vec<ReadRecord>,
}

/// A signature that is not good, for parsing. Without `#[serde(flatten)]`, which cannot be combined
/// with `deny_unknown_fields`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRecord {
    key: ObjectKey,
    code: String,
    evidence: Option<Value>,
}

impl ReadCoverage {
    /// Converts to the model; fails if the counts do not match the lists.
    pub(super) fn into_coverage(self) -> serde_json::Result<Coverage> {
        let ReadCoverage { archives, pending, counts, keys, several, not_good } = self;
        let mut coverage = Coverage { good: keys, pending_count: pending, ..Coverage::default() };
        for PlaceRecord { key, place, count } in several {
            if !(1..=count).contains(&place) || count < 2 {
                return Err(malformed(&format!(
                    "{key} has no signature number {place} of {count}"
                )));
            }
            coverage.several.insert(key, SignaturePlace { place, count });
        }
        for ReadRecord { key, code, evidence } in not_good {
            let state = with_evidence(code, evidence)?;
            if matches!(state, SignatureState::Good { .. }) || coverage.others.contains_key(&key) {
                return Err(malformed(&format!("{key} is good or listed twice")));
            }
            coverage.add(key, state);
        }
        let expected = coverage.counts().map(|(code, count)| (code.to_owned(), count));
        if counts != expected.collect() || archives != coverage.archive_count() {
            return Err(malformed("the counts of signatures do not add up"));
        }
        Ok(coverage)
    }
}

/// Deserializes a value from its code and evidence.
pub(super) fn with_evidence<T: DeserializeOwned>(
    code: String,
    evidence: Option<Value>,
) -> serde_json::Result<T> {
    let mut fields = Map::from_iter([("code".to_owned(), Value::from(code))]);
    fields.extend(evidence.map(|evidence| ("evidence".to_owned(), evidence)));
    serde_json::from_value(Value::Object(fields))
}

fn malformed(message: &str) -> serde_json::Error {
    serde::de::Error::custom(message)
}

/// Renders the report of `verify-signatures` as JSON; `others` are the files among the archives that
/// are neither archives nor signatures.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn render_json(coverage: &Coverage, others: &[String]) -> serde_json::Result<String> {
    Ok(format!(
        "{{\n  \"schema_version\": {SCHEMA_VERSION},\n  \"tool\": {},\n  \"signatures\": {},\n  \"others\": {}\n}}\n",
        serde_json::to_string(&Tool::this())?,
        to_json(coverage)?,
        serde_json::to_string(others)?,
    ))
}

/// Renders the report of `verify-signatures` as Markdown.
pub fn render_markdown(coverage: &Coverage, others: &[String], all: &AllFindings) -> String {
    let mut text = "# Signature report\n".to_owned();
    write_section(&mut text, coverage, all)
        .and_then(|()| write_others(&mut text, others, all))
        .expect("writing to a String cannot fail");
    text
}

fn write_others(out: &mut String, others: &[String], all: &AllFindings) -> fmt::Result {
    if others.is_empty() {
        return Ok(());
    }
    let shown = &others[..shown_count(others.len(), EXAMPLES)];
    writeln!(out, "\n## Neither archives nor signatures ({})\n", grouped(others.len() as u64))?;
    for name in shown {
        writeln!(out, "- {}", inline(name))?;
    }
    write_cut(out, "\n", others.len() - shown.len(), all)
}

/// Returns the counts as a fragment of a sentence.
pub fn counts(coverage: &Coverage) -> String {
    let total = grouped(coverage.archive_count());
    let signed = grouped(coverage.signed_count());
    match coverage.pending_count {
        0 => format!("{signed} of {total}"),
        pending => format!("{signed} of {total}, {} pending", grouped(pending)),
    }
}

/// Summarizes the coverage in a sentence without its full stop.
pub fn sentence(coverage: &Coverage) -> String {
    let total = grouped(coverage.archive_count());
    let [signed, pending, unknown] =
        [coverage.signed_count(), coverage.pending_count, coverage.unknown_count()];
    let mut text = match (signed, pending) {
        (0, 1..) => format!("{} of {total} archives would be signed by a run", grouped(pending)),
        _ => format!("{} of {total} archives are signed", grouped(signed)),
    };
    if signed > 0 && pending > 0 {
        text += &format!(", {} more would be signed by a run", grouped(pending));
    }
    if unknown > 0 {
        text += &format!("; {} by a key that was not provided", grouped(unknown));
    }
    text
}

/// Summarizes the archives with several signatures in a sentence without its full stop; `None` if there
/// are no such archives.
pub fn multiple_signatures_sentence(coverage: &Coverage) -> Option<String> {
    let count = coverage.several.len() as u64;
    let not_first = coverage.good_but_not_first().count() as u64;
    if count == 0 {
        return None;
    }
    let mut text = format!(
        "{} {} more than one signature",
        grouped(count),
        if count == 1 { "archive has" } else { "archives have" }
    );
    if not_first > 0 {
        text += &format!(
            "; in {} of them the first is not the good one: Kibana checks only the first, and reports such a package as unverified",
            grouped(not_first)
        );
    }
    Some(text)
}

fn write_multiple(out: &mut String, coverage: &Coverage, all: &AllFindings) -> fmt::Result {
    let Some(sentence) = multiple_signatures_sentence(coverage) else { return Ok(()) };
    let archives: Vec<_> = coverage.several.iter().collect();
    let shown = &archives[..shown_count(archives.len(), EXAMPLES)];
    writeln!(out, "\n{sentence}.\n\n| archive | good signature |\n|---|---|")?;
    for (key, place) in shown {
        writeln!(out, "| {} | {place} |", inline(key.file_name()))?;
    }
    write_cut(out, "\n", archives.len() - shown.len(), all)
}

/// Writes the Markdown section on signatures.
pub(super) fn write_section(
    out: &mut String,
    coverage: &Coverage,
    all: &AllFindings,
) -> fmt::Result {
    writeln!(out, "\n## Signatures\n\n{}.", sentence(coverage))?;
    if !coverage.good.is_empty() {
        writeln!(out, "\n| good, by key | archives |\n|---|---:|")?;
    }
    for (fingerprint, count) in &coverage.good {
        writeln!(out, "| `{fingerprint}` | {} |", grouped(*count))?;
    }
    write_multiple(out, coverage, all)?;
    for &code in SignatureState::CODES {
        let others = coverage.others.iter().filter(|(_, state)| state.code() == code);
        let others: Vec<_> = others.collect();
        let shown = &others[..shown_count(others.len(), EXAMPLES)];
        // If nothing is signed, examples add nothing.
        if others.is_empty() || coverage.is_unsigned() {
            continue;
        }
        let count = grouped(others.len() as u64);
        writeln!(out, "\n### {code} ({count})\n\n| object | status |\n|---|---|")?;
        for (key, state) in shown {
            write_row(out, [inline(key.file_name()), inline(&state.message())])?;
        }
        write_cut(out, "\n", others.len() - shown.len(), all)?;
    }
    Ok(())
}

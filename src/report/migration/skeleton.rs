//! The skeleton of a file of decisions: an entry for everything that is open, to be filled in.
//!
//! Only what concerns a revision and is more than information: the rest is for v1 or `--exclude`.
//! The counterpart of `decisions`, which reads the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Report;
use crate::model::finding::Finding;
use crate::model::package::RevisionId;
use crate::rules::decisions::CopyDigests;

const HEAD: &str = "\
# Decisions for `migrate --resolutions`. For each entry, write one of
#   decision: {keep: <stage>}   migrate that stage's copy (content-conflict only)
#   decision: skip              do not migrate the revision
#   decision: accept            it is as it should be (not for a blocker)
# and a reason, and remove the entries that are to stay open.
resolutions:
";

/// Renders the skeleton; `digests` has the contents of every revision with an open finding.
///
/// # Errors
/// None that these types can cause; passed on rather than hidden.
pub fn render(
    report: &Report,
    digests: &BTreeMap<RevisionId, CopyDigests>,
) -> serde_yaml::Result<String> {
    let mut text = HEAD.to_owned();
    let mut told = BTreeSet::new();
    let mut elsewhere_count = 0;
    for finding in report.findings.iter().filter(|finding| finding.is_to_decide()) {
        let known = revision(finding).and_then(|revision| digests.get_key_value(&revision));
        let Some((revision, digests)) = known else {
            elsewhere_count += 1;
            continue;
        };
        if !told.insert((revision, finding.kind.code())) {
            continue;
        }
        let message: String =
            finding.kind.message().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let fields = [
            ("package", value(revision.name.as_str())?),
            ("version", value(&revision.version.to_string())?),
            ("code", value(finding.kind.code())?),
            ("decision", String::new()),
            ("reason", String::new()),
            ("digests", String::new()),
        ];
        let severity = finding.kind.severity();
        writeln!(text, "  # {severity}: {message}").expect("a String takes all");
        for (index, (name, value)) in fields.iter().enumerate() {
            let dash = if index == 0 { "-" } else { " " };
            let line = format!("  {dash} {name}: {value}");
            writeln!(text, "{}", line.trim_end()).expect("a String takes all");
        }
        for (stage, digest) in digests {
            let digest =
                digest.map_or_else(|| Ok("~".to_owned()), |digest| value(&digest.to_string()))?;
            writeln!(text, "      {stage}: {digest}").expect("a String takes all");
        }
    }
    if told.is_empty() {
        text.truncate(text.len() - 1);
        text += " []\n";
    }
    if elsewhere_count > 0 {
        writeln!(
            text,
            "# Not here: {elsewhere_count} open, which are about no revision. Mend v1, or use --exclude."
        )
        .expect("a String takes all");
    }
    Ok(text)
}

/// A text as YAML, in quotes where it needs them.
fn value(text: &str) -> serde_yaml::Result<String> {
    Ok(serde_yaml::to_string(text)?.trim_end().to_owned())
}

/// The revision that a finding is about; none when it is about none, or about an odd name.
fn revision(finding: &Finding) -> Option<RevisionId> {
    let name = finding.package.as_deref()?.parse().ok()?;
    RevisionId::new(name, finding.version.as_deref()?.parse().ok()?).ok()
}

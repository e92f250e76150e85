//! A template of the decisions file: one entry for each open finding, to be filled in.
//!
//! It contains only findings about a revision that are more than information; others are resolved in v1 or with
//! `--exclude`. The counterpart of `decisions`, which reads the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Report;
use crate::model::finding::Finding;
use crate::model::package::RevisionId;
use crate::rules::decisions::CopyDigests;

const HEAD: &str = "\
# Decisions for `migrate --resolutions`. For each entry, write one of
#   decision: {keep: <stage>}   migrate that stage's copy (content-conflict only)
#   decision: keep-published    leave the published index entry (index-conflict only)
#   decision: skip              do not migrate the revision
#   decision: accept            accept it as it is (not for a blocker)
# and a reason. Remove entries that should stay open.
resolutions:
";

/// Renders the template; `digests` has the content digests of each revision with open findings.
///
/// # Errors
/// Serialization errors, which these types do not cause.
pub fn render(
    report: &Report,
    digests: &BTreeMap<RevisionId, CopyDigests>,
) -> serde_yaml::Result<String> {
    let mut text = HEAD.to_owned();
    let mut written = BTreeSet::new();
    let mut elsewhere_count = 0;
    for finding in report.findings.iter().filter(|finding| finding.is_to_decide()) {
        let known = revision(finding).and_then(|revision| digests.get_key_value(&revision));
        let Some((revision, digests)) = known else {
            elsewhere_count += 1;
            continue;
        };
        if !written.insert((revision, finding.kind.code())) {
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
        writeln!(text, "  # {severity}: {message}").expect("writing to a String cannot fail");
        for (index, (name, value)) in fields.iter().enumerate() {
            let dash = if index == 0 { "-" } else { " " };
            let line = format!("  {dash} {name}: {value}");
            writeln!(text, "{}", line.trim_end()).expect("writing to a String cannot fail");
        }
        for (stage, digest) in digests {
            let digest =
                digest.map_or_else(|| Ok("~".to_owned()), |digest| value(&digest.to_string()))?;
            writeln!(text, "      {stage}: {digest}").expect("writing to a String cannot fail");
        }
    }
    if written.is_empty() {
        text.truncate(text.len() - 1);
        text += " []\n";
    }
    if elsewhere_count > 0 {
        writeln!(
            text,
            "# Not listed: {elsewhere_count} open findings that are not about a revision. Fix v1, or use --exclude."
        )
        .expect("writing to a String cannot fail");
    }
    Ok(text)
}

/// Renders a text as YAML, quoted if necessary.
fn value(text: &str) -> serde_yaml::Result<String> {
    Ok(serde_yaml::to_string(text)?.trim_end().to_owned())
}

/// Returns the revision of a finding; `None` if it is not about a revision with a valid name.
fn revision(finding: &Finding) -> Option<RevisionId> {
    let name = finding.package.as_deref()?.parse().ok()?;
    RevisionId::new(name, finding.version.as_deref()?.parse().ok()?).ok()
}

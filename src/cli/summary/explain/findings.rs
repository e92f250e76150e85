//! *Findings* of the dry run, and *Unread*: those that limit what is known of the history.

use anstyle::Style;

use super::lines::{one_line, push, stamp};
use crate::cli::terminal::{BAD, ODD};
use crate::model::finding::{Finding, Severity};
use crate::report::explain::Story;

pub(super) fn finding_lines(finding: &Finding) -> Vec<String> {
    let severity = finding.kind.severity();
    let style = match severity {
        Severity::Blocker => BAD,
        Severity::Conflict | Severity::Warning => ODD,
        Severity::Info => Style::new(),
    };
    let stages: Vec<&str> = finding.stages.iter().map(<&str>::from).collect();
    let path = finding.path.as_ref().map(|path| format!(" {path}:")).unwrap_or_default();
    let (code, message) = (finding.kind.code(), one_line(&finding.kind.message()));
    let in_stages = stages.join(",");
    let mut lines =
        vec![format!("{style}{severity:8}{style:#} {code}, {in_stages}:{path} {message}")];
    lines.push(match &finding.settled {
        Some(settled) => {
            format!("  settled: {}, {}", settled.decision, one_line(&settled.reason))
        }
        None => format!("  {}", finding.kind.advice()),
    });
    lines
}

pub(super) fn history_findings(story: &Story, lines: &mut Vec<String>) {
    let found = story.history_findings.iter().flat_map(|found| {
        let mut lines = finding_lines(&found.finding);
        lines[0] = format!("{} {}", stamp(found.commit), lines[0]);
        lines
    });
    push(lines, "Unread", found.collect(), "");
}

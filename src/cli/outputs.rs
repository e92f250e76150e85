//! Where the plan and the reports are written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::terminal;
use crate::error::Error;
use crate::model::package::RevisionId;
use crate::model::plan::Plan;
use crate::report::migration::{self, Report};
use crate::report::text::AllFindings;
use crate::rules::decisions::CopyDigests;
use crate::v2::folder::replace_file;

/// Where an output is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl From<PathBuf> for Target {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Target::Stdout } else { Target::File(path) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Stdout => f.write_str("stdout"),
            Target::File(path) => path.display().fmt(f),
        }
    }
}

impl Target {
    /// Returns the target with its canonical path, so that two names of one file are equal.
    pub(crate) fn canonical(&self) -> Target {
        let Target::File(path) = self else { return Target::Stdout };
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let folder = absolute.parent().and_then(|folder| folder.canonicalize().ok());
        match (absolute.canonicalize(), folder, absolute.file_name()) {
            (Ok(path), ..) => Target::File(path),
            (Err(_), Some(folder), Some(name)) => Target::File(folder.join(name)),
            _ => Target::File(absolute),
        }
    }

    pub(super) fn write(&self, text: &str) -> Result<(), Error> {
        match self {
            Target::Stdout => terminal::data(text),
            Target::File(path) => replace_file(path, text),
        }
    }
}

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Json,
    Markdown,
    Html,
}

/// All files that a command writes.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    pub(crate) plan: Option<Target>,
    pub(crate) reports: Vec<(Target, ReportFormat)>,
    /// A decisions file with the open decisions, to be completed.
    pub(crate) skeleton: Option<Target>,
    /// A report for CI, as JUnit XML.
    pub(crate) junit: Option<Target>,
}

impl Outputs {
    /// Writes all outputs; the reports before the plan, so that a new plan always has its report.
    pub(super) fn write(&self, plan: &Plan, report: &Report) -> Result<(), Error> {
        let all = self.all_findings();
        let json = || migration::json::render(report);
        let html = || migration::html::render(report, plan);
        self.write_reports(json, || migration::markdown::render(report, &all), Some(&html))?;
        if let Some(target) = &self.plan {
            let text = plan.to_json();
            target.write(&text.map_err(|source| Error::Json { what: "the plan", source })?)?;
        }
        Ok(())
    }

    /// Writes the skeleton of a decisions file, if requested.
    pub(super) fn write_skeleton(
        &self,
        report: &Report,
        open: &BTreeMap<RevisionId, CopyDigests>,
    ) -> Result<(), Error> {
        let Some(target) = &self.skeleton else { return Ok(()) };
        let text = migration::skeleton::render(report, open);
        target.write(&text.map_err(|source| Error::Yaml { source: source.into() })?)
    }

    /// Writes a report in all requested formats; `html` is `None` if its command has no HTML report.
    pub(super) fn write_reports(
        &self,
        json: impl Fn() -> serde_json::Result<String>,
        markdown: impl Fn() -> String,
        html: Option<&dyn Fn() -> String>,
    ) -> Result<(), Error> {
        self.reports.iter().try_for_each(|(target, format)| {
            target.write(&match format {
                ReportFormat::Json => {
                    json().map_err(|source| Error::Json { what: "the report", source })?
                }
                ReportFormat::Markdown => markdown(),
                ReportFormat::Html => html.expect("the flag of such a command refuses .html")(),
            })
        })
    }

    /// Returns where to find the findings that the Markdown report omits.
    pub(super) fn all_findings(&self) -> AllFindings {
        let json = || self.reports.iter().filter(|(_, format)| *format == ReportFormat::Json);
        let file = json().find_map(|(target, _)| match target {
            // Without the folder, so that the report does not depend on where it is written.
            Target::File(path) => Some(path.file_name().unwrap_or(path.as_os_str())),
            Target::Stdout => None,
        });
        match file {
            Some(name) => AllFindings::File(name.display().to_string()),
            None if json().next().is_some() => AllFindings::Stdout,
            None => AllFindings::Nowhere,
        }
    }

    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        let reports = self.reports.iter().map(|(target, _)| target);
        self.plan.iter().chain(reports).chain(&self.junit).chain(&self.skeleton)
    }
}

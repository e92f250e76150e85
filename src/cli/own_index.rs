//! Keeps the search index in an output folder true when the signatures change.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::terminal;
use crate::error::Error;
use crate::model::plan::{Plan, PlannedIndex};
use crate::ops::index::Entries;
use crate::ops::merge_plans::Part;
use crate::report::migration::Report;

/// The entries of the index in a folder.
pub(super) struct OwnIndex {
    entries: Option<Entries>,
    planned: Option<PlannedIndex>,
}

impl OwnIndex {
    /// Reads the index of an output folder, before its signatures change.
    pub(super) fn read(
        folder: &Path,
        Part { plan, report, .. }: &Part,
        interrupt: &AtomicBool,
    ) -> Result<Self, Error> {
        let entries = Entries::of_folder(folder, plan, &report.findings, interrupt)?;
        Ok(OwnIndex { entries, planned: plan.index.clone() })
    }

    /// Writes the index again, and returns the plan with it.
    pub(super) fn update(
        self,
        folder: &Path,
        plan: Plan,
        report: &mut Report,
        interrupt: &AtomicBool,
    ) -> Result<Plan, Error> {
        let OwnIndex { entries: Some(entries), planned: Some(planned) } = self else {
            if self.planned.is_some() && plan.signatures().next().is_some() {
                terminal::warning(format_args!(
                    "the search index equals the published one and may lack new signatures"
                ));
                terminal::hint("run `migrate` with --base-index again");
            }
            return Ok(plan);
        };
        let PlannedIndex { cursor, base, .. } = planned;
        let plan = entries.write(plan, cursor, base, Some(folder), interrupt)?;
        report.index.clone_from(&plan.index);
        Ok(plan)
    }
}

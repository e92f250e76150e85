//! Reads the plan and the report that a previous run left in its output folder, and reports of `verify`.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::model::plan::Plan;
use crate::ops::merge_plans::Part;
use crate::report::{coverage, migration};

/// What to do about a plan or a report that cannot be parsed.
pub(super) const OF_MIGRATE: &str = "specify the file that `migrate` wrote, or create it again";

/// Reads the plan and the report, without checking that they belong together.
pub(super) fn read_part(folder: &Path) -> Result<Part, Error> {
    let plan = read_plan(folder)?;
    let report = read(&folder.join("report.json"), OF_MIGRATE, migration::json::parse)?;
    Ok(Part { name: folder.display().to_string(), plan, report })
}

/// Reads the plan and the report, and checks that they belong to one run; used to update both.
pub(super) fn read_checked_part(folder: &Path) -> Result<Part, Error> {
    let part = read_part(folder)?;
    part.check()
        .map_err(|error| Error::Unsuited { path: folder.to_owned(), source: error.into() })?;
    Ok(part)
}

/// Reads the plan.
pub(super) fn read_plan(folder: &Path) -> Result<Plan, Error> {
    read_plan_file(&folder.join("plan.json"))
}

/// Reads a plan.
///
/// # Errors
/// [`Error::File`], [`Error::Parse`].
pub(super) fn read_plan_file(path: &Path) -> Result<Plan, Error> {
    read(path, OF_MIGRATE, Plan::from_json)
}

/// Reads a JSON report of `verify`, named as given: reports of several nights often have the same file name.
pub(super) fn read_verification(path: &Path) -> Result<coverage::Run, Error> {
    let name = path.display().to_string();
    let hint = "specify a JSON report of `verify`: --report FILE.json";
    read(path, hint, |text| coverage::json::parse(&name, text))
}

fn read<T>(
    path: &Path,
    hint: &'static str,
    parse: impl Fn(&str) -> serde_json::Result<T>,
) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
    parse(&text).map_err(|source| Error::Parse { path: path.to_owned(), hint, source })
}

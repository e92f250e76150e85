//! Tests of `verify`: it reports every mismatch exactly, and nothing else.
//!
//! `sabotage` has a row for each way to damage an archive or a folder of them; the other modules test
//! the expected content (`truth`), plans, signatures, slices, and the command.

use package_storage_migrate::error::Error;
use package_storage_migrate::model::verification::VerifyOutcome;

mod command;
mod entries;
mod index;
mod pair;
mod planned;
mod sabotage;
mod signatures;
mod slices;
mod statics;
mod truth;

/// Returns a line for each mismatch: `<code> <object>[ <path>]`.
pub(crate) fn lines(outcome: &VerifyOutcome) -> Vec<String> {
    let line = |(_, mismatch): (_, &package_storage_migrate::model::mismatch::Mismatch)| {
        let path = mismatch.path.iter().map(|path| format!(" {path}")).collect::<String>();
        format!("{} {}{path}", mismatch.kind.code(), mismatch.object)
    };
    outcome.mismatches().into_iter().map(line).collect()
}

/// Returns the error of a run that cannot complete.
#[track_caller]
pub(crate) fn error_of(ran: Result<VerifyOutcome, Error>) -> String {
    match ran {
        Err(error) => error.to_string(),
        Ok(outcome) => panic!("it finished: {:?}", lines(&outcome)),
    }
}

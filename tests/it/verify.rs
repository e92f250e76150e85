//! Holds `verify` to its promise: what is not the same is told, exactly, and nothing else is.
//!
//! `sabotage` has a row for each way to spoil an archive or a folder of them; the others look at
//! what v2 should hold (`truth`), at plans, signatures, slices, and at the command.

use package_storage_migrate::error::Error;
use package_storage_migrate::model::verification::VerifyOutcome;

mod command;
mod pair;
mod planned;
mod sabotage;
mod signatures;
mod slices;
mod truth;

/// Everything that does not match, each on a line: `<code> <object>[ <path>]`.
pub(crate) fn lines(outcome: &VerifyOutcome) -> Vec<String> {
    let line = |(_, mismatch): (_, &package_storage_migrate::model::mismatch::Mismatch)| {
        let path = mismatch.path.iter().map(|path| format!(" {path}")).collect::<String>();
        format!("{} {}{path}", mismatch.kind.code(), mismatch.object)
    };
    outcome.mismatches().into_iter().map(line).collect()
}

/// What a run that cannot finish says.
#[track_caller]
pub(crate) fn error_of(ran: Result<VerifyOutcome, Error>) -> String {
    match ran {
        Err(error) => error.to_string(),
        Ok(outcome) => panic!("it finished: {:?}", lines(&outcome)),
    }
}

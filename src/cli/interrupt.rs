//! Turns termination signals into a flag that long-running work polls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit_status::ExitStatus;
use super::terminal;

/// Returns a flag that is set by Ctrl-C, SIGTERM or SIGHUP; a second one ends the process at once.
pub(super) fn interrupt_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let handler = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            let status = ExitStatus::Interrupted;
            terminal::outcome(status.name(), status.code());
            std::process::exit(status.code().into());
        }
    });
    if let Err(error) = handler {
        // Still safe: a killed run leaves no incomplete file under a final name.
        terminal::notice(format_args!(
            "cannot handle signals, Ctrl-C will end this run at once: {error}"
        ));
    }
    flag
}

//! Ctrl-C and its kin, as a flag that long work looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit_status::ExitStatus;
use super::terminal;

/// Becomes true at Ctrl-C, SIGTERM or SIGHUP; at the second one, the process ends at once.
pub(super) fn interrupt_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let handler = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(ExitStatus::Interrupted.code().into());
        }
    });
    if let Err(error) = handler {
        // The run is as safe without: a killed run leaves no half file under a final name.
        terminal::say(format_args!("Ctrl-C ends this run at once: {error}"));
    }
    flag
}

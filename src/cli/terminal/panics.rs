//! A panic is a bug in the program. It ends the process at once, like a kill: the panic of one thread says nothing about
//! what the others are still able to do, and no file is half-written under its final name.

use std::io;
use std::mem;
use std::panic;
use std::process;

use super::log::{LogEvent, emit_last, plain};
use super::{hint, is_json};

/// The exit code of a panic, as Rust has it.
const EXIT_CODE: u8 = 101;

/// What to do about a panic.
const HINT: &str = "this is a bug in package-storage-migrate: please report it with this message";

/// Has the first panic of any thread end the process with exit code 101, after a message or an event.
pub(in crate::cli) fn end_the_process() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if is_json() {
            emit_last(&LogEvent::Error {
                code: "bug",
                message: plain(&panic.to_string()),
                causes: Vec::new(),
                hint: HINT.to_owned(),
                similar: Vec::new(),
                exit_code: EXIT_CODE,
            });
        } else {
            // Other threads that panic wait for stderr.
            mem::forget(io::stderr().lock());
            print(panic);
            hint(HINT);
        }
        process::exit(EXIT_CODE.into());
    }));
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::process::{Command, Output};
    use std::sync::Barrier;
    use std::thread;

    use super::*;
    use crate::cli::terminal::settings;

    /// The variable with the format of the log, in the process that panics.
    const FORMAT: &str = "TEST_PANIC_WITH_LOG_FORMAT";
    const THREAD_COUNT: usize = 8;

    /// Panics in several threads at once, if this is the process for it.
    #[test]
    fn a_process_that_panics() {
        let Some(format) = std::env::var_os(FORMAT) else { return };
        settings::apply([OsString::from("--log-format"), format]);
        end_the_process();
        let barrier = Barrier::new(THREAD_COUNT);
        thread::scope(|threads| {
            for number in 0..THREAD_COUNT {
                let barrier = &barrier;
                threads.spawn(move || {
                    barrier.wait();
                    panic!("planted in thread {number},\non two lines");
                });
            }
        });
    }

    fn output(format: &str) -> Output {
        let this = std::env::current_exe().expect("the path of this program");
        let name = "cli::terminal::panics::tests::a_process_that_panics";
        let mut command = Command::new(this);
        // Output that is captured would not be what a user sees.
        command.args(["--exact", name, "--nocapture"]).env(FORMAT, format);
        command.env("RUST_BACKTRACE", "0").output().expect("a process")
    }

    #[test]
    fn a_panic_is_the_last_event() {
        let Output { status, stderr, .. } = output("json");
        let stderr = String::from_utf8(stderr).expect("UTF-8");
        assert_eq!(status.code(), Some(i32::from(EXIT_CODE)), "{stderr}");
        let event: serde_json::Value = serde_json::from_str(&stderr).expect("one event");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert_eq!((&event["event"], &event["code"]), (&"error".into(), &"bug".into()), "{stderr}");
        assert_eq!((&event["exit_code"], &event["hint"]), (&EXIT_CODE.into(), &HINT.into()));
        let message = event["message"].as_str().expect("a text");
        assert!(
            message.contains("panics.rs:") && message.contains("planted in thread"),
            "{message}"
        );
    }

    #[test]
    fn a_panic_is_a_message_and_a_hint() {
        let Output { status, stderr, .. } = output("text");
        let stderr = String::from_utf8(stderr).expect("UTF-8");
        assert_eq!(status.code(), Some(i32::from(EXIT_CODE)), "{stderr}");
        assert_eq!(stderr.matches("planted in thread").count(), 1, "{stderr}");
        assert!(stderr.ends_with(&format!("  hint: {HINT}\n")), "{stderr}");
    }
}

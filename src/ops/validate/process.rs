//! Runs a program until it exits or reaches a time limit, and keeps the first bytes of its output.
//!
//! On Unix the program leads a new process group, which is killed when the program exits or reaches the
//! time limit: its child processes do not outlive it, unless they left the group.

use std::io::{self, PipeReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The most that is kept of the output, in bytes; the rest is read and dropped.
const KEPT_LEN: usize = 64 << 10;

/// Time between two looks at the clock and at the run.
const TICK: Duration = Duration::from_millis(20);

/// How long the output of a program that has ended may be held open by what left its group.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By itself.
    Exit(i32),
    /// By a signal from elsewhere.
    Signal(i32),
    /// It ran longer than it may.
    TimedOut,
    /// The run was stopped.
    Stopped,
}

/// A program that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) how: How,
    pub(super) output: Output,
}

/// What a program wrote.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// The first bytes of its output and its errors, in the order in which they were written.
    pub(super) bytes: Vec<u8>,
    /// Whether there was more.
    pub(super) is_cut: bool,
    /// Whether the program was ended while it may have been writing, or what it left behind was.
    pub(super) is_torn: bool,
}

impl Output {
    /// Reports whether it ends where the program ended it.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_cut && !self.is_torn
    }
}

/// Runs a program without input.
///
/// # Errors
/// It cannot be started, or not be waited for.
pub(super) fn run(
    mut command: Command,
    limit: Duration,
    is_stopped: &dyn Fn() -> bool,
) -> io::Result<Ended> {
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let capture = Capture::of(reader)?;
    let mut child = command.spawn()?;
    // The pipe ends only when our own writers are closed as well.
    drop(command);
    let how = wait(&mut child, &capture, limit, is_stopped);
    end_group(&mut child);
    let status = child.wait()?;
    let mut output = capture.finish();
    let how = how?.unwrap_or_else(|| how_of(status));
    output.is_torn |= !matches!(how, How::Exit(_));
    Ok(Ended { how, output })
}

/// Waits for the end of a program; none when it ended by itself, and is still there to be waited for.
fn wait(
    child: &mut Child,
    capture: &Capture,
    limit: Duration,
    is_stopped: &dyn Fn() -> bool,
) -> io::Result<Option<How>> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if has_ended(child)? {
            return Ok(None);
        }
        if is_stopped() {
            return Ok(Some(How::Stopped));
        }
        let left = limit.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Ok(Some(How::TimedOut));
        }
        // Most programs end soon after their output does.
        if capture.has_ended(TICK.min(left)) {
            thread::sleep(pause.min(left));
            pause = TICK.min(2 * pause);
        }
    }
}

/// Reports whether the program has ended. On Unix it is not reaped, so that its id, which is its
/// group's, cannot be another's when the group is ended.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::Pid(group_of(child)), options) {
        Ok(status) => Ok(status.is_some()),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    child.try_wait().map(|status| status.is_some())
}

/// Ends the program and its process group. It fails when there is nobody left.
#[cfg(unix)]
fn end_group(child: &mut Child) {
    rustix::process::kill_process_group(group_of(child), rustix::process::Signal::KILL)
        .unwrap_or_default();
}

#[cfg(not(unix))]
fn end_group(child: &mut Child) {
    child.kill().unwrap_or_default();
}

#[cfg(unix)]
fn group_of(child: &Child) -> rustix::process::Pid {
    rustix::process::Pid::from_child(child)
}

#[cfg(unix)]
fn how_of(status: std::process::ExitStatus) -> How {
    use std::os::unix::process::ExitStatusExt;

    match (status.code(), status.signal()) {
        (Some(code), _) => How::Exit(code),
        (None, signal) => How::Signal(signal.expect("without an exit code there is a signal")),
    }
}

#[cfg(not(unix))]
fn how_of(status: std::process::ExitStatus) -> How {
    How::Exit(status.code().expect("every program of this system has an exit code"))
}

/// Output that is read by a thread of its own, so that no program waits for its reader.
struct Capture {
    kept: Arc<Mutex<Output>>,
    /// Hung up when the output ends.
    ended: Receiver<()>,
}

impl Capture {
    fn of(mut reader: PipeReader) -> io::Result<Self> {
        let kept = Arc::new(Mutex::new(Output::default()));
        let (sender, ended) = mpsc::channel();
        let filled = Arc::clone(&kept);
        thread::Builder::new().spawn(move || {
            let _hangs_up_at_the_end: mpsc::Sender<()> = sender;
            let mut chunk = vec![0; 16 << 10];
            loop {
                match reader.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(len) => {
                        filled.lock().unwrap_or_else(PoisonError::into_inner).keep(&chunk[..len])
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // Nothing that a pipe of our own should do; what was read is kept.
                    Err(_) => {
                        filled.lock().unwrap_or_else(PoisonError::into_inner).is_torn = true;
                        return;
                    }
                }
            }
        })?;
        Ok(Capture { kept, ended })
    }

    /// Waits for the end of the output; reports whether it was reached.
    fn has_ended(&self, limit: Duration) -> bool {
        self.ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected)
    }

    /// What was kept.
    fn finish(self) -> Output {
        let has_ended = self.has_ended(DRAIN_LIMIT);
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        Output { is_torn: kept.is_torn || !has_ended, ..kept }
    }
}

impl Output {
    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT_LEN - self.bytes.len();
        self.bytes.extend(&bytes[..room.min(bytes.len())]);
        self.is_cut |= bytes.len() > room;
    }
}

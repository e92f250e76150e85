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

/// The number of bytes of the output that are kept; the rest is read and discarded.
const KEPT_LEN: usize = 64 << 10;

/// The polling interval for the time limit and the end of the run.
const TICK: Duration = Duration::from_millis(20);

/// How long to wait for the end of the output after the program exited: processes that left its group may keep the
/// pipe open.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It exited with this code.
    Exit(i32),
    /// It was killed by a signal that this tool did not send.
    Signal(i32),
    /// It exceeded the time limit.
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

/// The output of a program.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// The first bytes of standard output and standard error, in the order in which they were written.
    pub(super) bytes: Vec<u8>,
    /// Whether more bytes were discarded.
    pub(super) is_cut: bool,
    /// Whether the output may end in the middle of a write, because the program or its children were killed.
    pub(super) is_torn: bool,
}

impl Output {
    /// Returns whether this is the complete output.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_cut && !self.is_torn
    }
}

/// Runs a program without input.
///
/// # Errors
/// The program cannot be started or waited for.
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
    // The pipe reaches its end only if our own write ends are closed as well.
    drop(command);
    let how = wait(&mut child, &capture, limit, is_stopped);
    end_group(&mut child);
    let status = child.wait()?;
    let mut output = capture.finish();
    let how = how?.unwrap_or_else(|| how_of(status));
    output.is_torn |= !matches!(how, How::Exit(_));
    Ok(Ended { how, output })
}

/// Waits for the end of a program; returns `None` if it exited by itself. It is not reaped yet.
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
        // Most programs exit soon after closing their output.
        if capture.has_ended(TICK.min(left)) {
            thread::sleep(pause.min(left));
            pause = TICK.min(2 * pause);
        }
    }
}

/// Returns whether the program has exited. On Unix it is not reaped, so that its process group id cannot be reused
/// before the group is killed.
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

/// Kills the program and its process group. Errors are ignored: the group may have no processes left.
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
        (None, signal) => {
            How::Signal(signal.expect("a process without an exit code was killed by a signal"))
        }
    }
}

#[cfg(not(unix))]
fn how_of(status: std::process::ExitStatus) -> How {
    How::Exit(status.code().expect("processes always have an exit code on this system"))
}

/// Reads the output on a separate thread, so that the program never blocks on a full pipe.
struct Capture {
    kept: Arc<Mutex<Output>>,
    /// Disconnected when the output ends.
    ended: Receiver<()>,
}

impl Capture {
    fn of(mut reader: PipeReader) -> io::Result<Self> {
        let kept = Arc::new(Mutex::new(Output::default()));
        let (sender, ended) = mpsc::channel();
        let filled = Arc::clone(&kept);
        thread::Builder::new().spawn(move || {
            let _disconnects_on_drop: mpsc::Sender<()> = sender;
            let mut chunk = vec![0; 16 << 10];
            loop {
                match reader.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(len) => {
                        filled.lock().unwrap_or_else(PoisonError::into_inner).keep(&chunk[..len])
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // Not expected from a pipe; what was read so far is kept.
                    Err(_) => {
                        filled.lock().unwrap_or_else(PoisonError::into_inner).is_torn = true;
                        return;
                    }
                }
            }
        })?;
        Ok(Capture { kept, ended })
    }

    /// Waits for the end of the output; returns whether it was reached.
    fn has_ended(&self, limit: Duration) -> bool {
        self.ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected)
    }

    /// Returns the output.
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

//! Writes archives to the sink on separate threads, so that workers do not wait for the disk.
//!
//! Each archive is handled by one thread, which writes its chunks in order. There is a fixed number of chunks, which
//! are reused: if the disk is slower than the workers, the workers wait for a free chunk. The result of each
//! archive is reported to the [`Ledger`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use super::ledger::{Archived, Ledger};
use crate::digest::ObjectDigests;
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::v2::folder::{ArchiveSink, Chunk, Incoming};

/// Number of writer threads. With several, the file system's journal can combine their flushes.
const THREAD_COUNT: usize = 4;

/// The queue of archives to be written.
pub(super) struct Outbox<'r> {
    threads: Vec<Sender<(Ticket, Step<'r>)>>,
    next_ticket: AtomicUsize,
    chunks: &'r Chunks,
}

/// The handle of an archive that is being written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket(usize);

enum Step<'r> {
    Begin(ObjectKey),
    Write(Chunk),
    Finish(ObjectDigests, Box<Archived<'r>>),
}

impl<'r> Outbox<'r> {
    /// Starts the threads; they exit once the outbox is dropped and all steps are done.
    ///
    /// # Errors
    /// [`Error::Workers`].
    pub(super) fn open<'scope>(
        scope: &'scope thread::Scope<'scope, '_>,
        sink: &'r dyn ArchiveSink,
        ledger: &'r Ledger<'r>,
        chunks: &'r Chunks,
    ) -> Result<Self, Error>
    where
        'r: 'scope,
    {
        let threads = (0..THREAD_COUNT).map(|_| {
            let (sender, steps) = mpsc::channel();
            let write = move || write_loop(&steps, sink, ledger, chunks);
            let started = thread::Builder::new().spawn_scoped(scope, write);
            started
                .map(|_| sender)
                .map_err(|source| Error::Workers { jobs: THREAD_COUNT, source: source.into() })
        });
        let threads = threads.collect::<Result<_, _>>()?;
        Ok(Outbox { threads, next_ticket: AtomicUsize::new(0), chunks })
    }

    /// Starts an archive.
    pub(super) fn begin(&self, key: ObjectKey) -> Ticket {
        let ticket = Ticket(self.next_ticket.fetch_add(1, Ordering::Relaxed));
        self.send(ticket, Step::Begin(key));
        ticket
    }

    /// Returns an empty chunk; waits if all are in use.
    pub(super) fn chunk(&self) -> Chunk {
        self.chunks.take()
    }

    /// Queues the next bytes of an archive.
    pub(super) fn write(&self, ticket: Ticket, chunk: Chunk) {
        self.send(ticket, Step::Write(chunk));
    }

    /// Queues the end of an archive, and what is recorded once it is in the sink.
    pub(super) fn finish(&self, ticket: Ticket, digests: ObjectDigests, archived: Archived<'r>) {
        self.send(ticket, Step::Finish(digests, Box::new(archived)));
    }

    fn send(&self, ticket: Ticket, step: Step<'r>) {
        let sent = self.threads[ticket.0 % self.threads.len()].send((ticket, step));
        // A thread exits before the outbox is dropped only if it panics, which aborts the run as well.
        sent.expect("the outbox's threads run as long as it is open");
    }
}

/// Processes steps until the outbox is dropped.
fn write_loop<'r>(
    steps: &Receiver<(Ticket, Step<'r>)>,
    sink: &dyn ArchiveSink,
    ledger: &Ledger<'r>,
    chunks: &Chunks,
) {
    let mut begun: HashMap<Ticket, Box<dyn Incoming + '_>> = HashMap::new();
    for (ticket, step) in steps {
        match step {
            Step::Begin(key) => match sink.begin(&key) {
                Ok(incoming) => {
                    begun.insert(ticket, incoming);
                }
                Err(error) => ledger.fail(error),
            },
            Step::Write(chunk) => {
                // After a failure, the archive was removed from `begun`.
                let written = begun.get_mut(&ticket).map(|incoming| incoming.write(chunk.bytes()));
                chunks.give_back(chunk);
                if let Some(Err(error)) = written {
                    begun.remove(&ticket);
                    ledger.fail(error);
                }
            }
            Step::Finish(digests, archived) => {
                if let Some(incoming) = begun.remove(&ticket) {
                    match incoming.finish(&digests) {
                        Ok(delivery) => ledger.deliver(*archived, delivery),
                        Err(error) => ledger.fail(error),
                    }
                }
            }
        }
    }
}

/// A bounded pool of reusable chunks.
pub(super) struct Chunks {
    state: Mutex<ChunksState>,
    freed: Condvar,
}

struct ChunksState {
    idle: Vec<Chunk>,
    /// Number of chunks that may still be allocated.
    unallocated_count: usize,
}

impl Chunks {
    pub(super) fn new(limit: usize) -> Self {
        let state = ChunksState { idle: Vec::new(), unallocated_count: limit };
        Chunks { state: Mutex::new(state), freed: Condvar::new() }
    }

    fn take(&self) -> Chunk {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_none =
            |state: &mut ChunksState| state.idle.is_empty() && state.unallocated_count == 0;
        let mut state =
            self.freed.wait_while(state, is_none).unwrap_or_else(PoisonError::into_inner);
        state.idle.pop().unwrap_or_else(|| {
            state.unallocated_count -= 1;
            Chunk::default()
        })
    }

    fn give_back(&self, mut chunk: Chunk) {
        chunk.clear();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).idle.push(chunk);
        self.freed.notify_one();
    }
}

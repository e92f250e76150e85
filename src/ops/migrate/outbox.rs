//! Brings archives into the sink, on threads that wait for the disk so that no worker has to.
//!
//! Each archive belongs to one thread, which takes its chunks in order. Chunks are used again, and
//! there is a fixed number of them: when the disk is slower than the workers, it is they who wait.
//! Tells the [`Ledger`] what became of each archive.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use super::ledger::{Done, Ledger};
use crate::digest::ObjectDigests;
use crate::model::package::ObjectKey;
use crate::v2::folder::{ArchiveSink, Chunk, Incoming};

/// Number of threads that wait for the disk. What several flush at once, a journal writes once.
const THREAD_COUNT: usize = 4;

/// Where archives are handed over.
pub(super) struct Outbox<'r> {
    threads: Vec<Sender<(Ticket, Step<'r>)>>,
    next_ticket: AtomicUsize,
    chunks: &'r Chunks,
}

/// Stands for an archive that was begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket(usize);

enum Step<'r> {
    Begin(ObjectKey),
    Write(Chunk),
    Finish(ObjectDigests, Box<Done<'r>>),
}

impl<'r> Outbox<'r> {
    /// Starts the threads; they end when the outbox is dropped and all is done.
    pub(super) fn open<'scope>(
        scope: &'scope thread::Scope<'scope, '_>,
        sink: &'r dyn ArchiveSink,
        ledger: &'r Ledger<'r>,
        chunks: &'r Chunks,
    ) -> Self
    where
        'r: 'scope,
    {
        let threads = (0..THREAD_COUNT).map(|_| {
            let (sender, steps) = mpsc::channel();
            scope.spawn(move || carry(&steps, sink, ledger, chunks));
            sender
        });
        Outbox { threads: threads.collect(), next_ticket: AtomicUsize::new(0), chunks }
    }

    /// Begins an archive.
    pub(super) fn begin(&self, key: ObjectKey) -> Ticket {
        let ticket = Ticket(self.next_ticket.fetch_add(1, Ordering::Relaxed));
        self.send(ticket, Step::Begin(key));
        ticket
    }

    /// Gives a chunk to be filled; waits for one when all are on their way.
    pub(super) fn chunk(&self) -> Chunk {
        self.chunks.take()
    }

    /// Hands over the archive's next bytes.
    pub(super) fn write(&self, ticket: Ticket, chunk: Chunk) {
        self.send(ticket, Step::Write(chunk));
    }

    /// Hands over what is to be recorded when the archive is where it belongs.
    pub(super) fn finish(&self, ticket: Ticket, digests: ObjectDigests, done: Done<'r>) {
        self.send(ticket, Step::Finish(digests, Box::new(done)));
    }

    fn send(&self, ticket: Ticket, step: Step<'r>) {
        let sent = self.threads[ticket.0 % self.threads.len()].send((ticket, step));
        // A thread ends before the outbox only by a panic, which ends the run as well.
        sent.expect("the outbox's threads run as long as it is open");
    }
}

/// Takes steps until there will be no more.
fn carry<'r>(
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
                // After a failure there is nothing left to write into.
                let written = begun.get_mut(&ticket).map(|incoming| incoming.write(chunk.bytes()));
                chunks.give_back(chunk);
                if let Some(Err(error)) = written {
                    begun.remove(&ticket);
                    ledger.fail(error);
                }
            }
            Step::Finish(digests, done) => {
                if let Some(incoming) = begun.remove(&ticket) {
                    match incoming.finish(&digests) {
                        Ok(delivery) => ledger.deliver(*done, delivery),
                        Err(error) => ledger.fail(error),
                    }
                }
            }
        }
    }
}

/// Chunks that are used again, and no more of them than there may be.
pub(super) struct Chunks {
    state: Mutex<ChunksState>,
    freed: Condvar,
}

struct ChunksState {
    idle: Vec<Chunk>,
    /// Number of chunks that may still be made.
    unmade_count: usize,
}

impl Chunks {
    pub(super) fn new(limit: usize) -> Self {
        let state = ChunksState { idle: Vec::new(), unmade_count: limit };
        Chunks { state: Mutex::new(state), freed: Condvar::new() }
    }

    fn take(&self) -> Chunk {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_none = |state: &mut ChunksState| state.idle.is_empty() && state.unmade_count == 0;
        let mut state =
            self.freed.wait_while(state, is_none).unwrap_or_else(PoisonError::into_inner);
        state.idle.pop().unwrap_or_else(|| {
            state.unmade_count -= 1;
            Chunk::default()
        })
    }

    fn give_back(&self, mut chunk: Chunk) {
        chunk.clear();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).idle.push(chunk);
        self.freed.notify_one();
    }
}

//! Parallel map that preserves order.
//!
//! For independent items; `migrate`, whose tasks depend on each other, has its own
//! scheduling.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::error::Error;

/// Applies `work` to each of `items` with `jobs` threads, at least 1; stops soon after `interrupt`
/// becomes true.
///
/// # Errors
/// [`Error::Interrupted`]; [`Error::Workers`]; an error of `work`.
pub fn each<A: Sync, R: Send>(
    jobs: usize,
    interrupt: &AtomicBool,
    items: &[A],
    work: impl Fn(&A) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .map_err(|source| Error::Workers { jobs, source: source.into() })?;
    let one = |item| match interrupt.load(Ordering::Relaxed) {
        true => Err(Error::Interrupted),
        false => work(item),
    };
    // Split down to single items: a large one would otherwise delay those in the same batch.
    pool.install(|| items.par_iter().with_max_len(1).map(one).collect())
}

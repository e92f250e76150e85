//! Many hands over a list: results come in the list's order, whatever the threads'.
//!
//! For work whose pieces know nothing of each other; `migrate`, whose pieces wait for each other,
//! has its own.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::error::Error;

/// Does `work` on each of `items` with `jobs` threads, at least 1; stops soon after `interrupt`
/// becomes true.
///
/// # Errors
/// [`Error::Interrupted`]; [`Error::Workers`]; one of those of `work`.
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
    // Split down to single items: a large one would else hold up those that came along with it.
    pool.install(|| items.par_iter().with_max_len(1).map(one).collect())
}

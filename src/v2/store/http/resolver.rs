//! Looks up the addresses of a host, for a limited time.
//!
//! ureq does so on a thread of its own, too, but panics if the system does not start one, as in a container with a
//! limited number of processes.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

/// ureq's resolver on a thread that may fail to start.
#[derive(Debug)]
pub(super) struct ThreadedResolver;

impl Resolver for ThreadedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let (sender, found) = mpsc::sync_channel(1);
        let (uri, config) = (uri.clone(), config.clone());
        // Without a limit, ureq starts no thread.
        let unlimited = NextTimeout { after: Duration::NotHappening, ..timeout };
        thread::Builder::new().spawn(move || {
            let found = DefaultResolver::default().resolve(&uri, &config, unlimited);
            // After the limit, nobody receives it.
            sender.send(found).unwrap_or_default();
        })?;
        match found.recv_timeout(*timeout.after) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => Err(ureq::Error::Timeout(timeout.reason)),
            Err(RecvTimeoutError::Disconnected) => unreachable!("the thread always sends"),
        }
    }
}

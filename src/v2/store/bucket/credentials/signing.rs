//! Keeps credentials while they are valid, renews them, and signs each attempt of a request with them.
//!
//! Independent of the store, whose providers and signer are given.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use reqsign_core::time::Timestamp;
use reqsign_core::{Context, ProvideCredentialDyn, SignRequest, SignRequestDyn, SigningCredential};
use ureq::http::{HeaderMap, request};

use super::CredentialError;
use super::trouble::Trouble;
use crate::v2::store::bucket::faults::interpret;
use crate::v2::store::bucket_url::StoreKind;
use crate::v2::store::http::client::Authorize;
use crate::v2::store::http::fault::{HttpFault, Refusal};

/// Credentials are renewed this long before they expire: longer than a request waits for others.
const HEADROOM: Duration = Duration::from_secs(120);
/// A refusal of credentials that are younger is final.
const YOUNG: Duration = Duration::from_secs(60);

/// One place that credentials may come from.
pub(super) struct Source<C> {
    /// Its name in messages.
    pub(super) name: &'static str,
    /// Finds them.
    pub(super) provider: Box<dyn ProvideCredentialDyn<Credential = C>>,
    /// Whether a failure means that there are none: nobody configured this source.
    pub(super) is_optional: bool,
    /// What is wrong if it has none, although somebody configured it; `None` if nobody did.
    pub(super) if_none: Option<&'static str>,
}

/// Signs requests.
pub(super) struct Signing<C: SigningCredential> {
    kind: StoreKind,
    context: Context,
    source: Source<C>,
    signer: Box<dyn SignRequestDyn<Credential = C>>,
    trouble: Trouble,
    /// Whether tokens may be sent.
    is_private: bool,
    kept: Mutex<Kept<C>>,
}

struct Kept<C> {
    credential: Option<C>,
    /// Counts renewals.
    generation: u64,
    /// When the credentials were renewed because the store had refused the previous ones.
    renewed_at: Option<Instant>,
}

impl<C: SigningCredential> Signing<C> {
    /// Takes the first source that has credentials; `None` if none has.
    pub(super) fn find(
        kind: StoreKind,
        context: Context,
        sources: Vec<Source<C>>,
        signer: impl SignRequest<Credential = C>,
        trouble: Trouble,
        is_private: bool,
    ) -> Result<Option<Self>, CredentialError> {
        for source in sources {
            let found = load(&context, &source, &trouble);
            let credential = match found {
                Ok(Some(credential)) => credential,
                Ok(None) => continue,
                Err(_) if source.is_optional => continue,
                Err(error) => return Err(error),
            };
            let kept = Kept { credential: Some(credential), generation: 1, renewed_at: None };
            return Ok(Some(Signing {
                kind,
                context,
                source,
                signer: Box::new(signer),
                trouble,
                is_private,
                kept: Mutex::new(kept),
            }));
        }
        Ok(None)
    }

    /// Returns valid credentials and their generation. Only one thread at a time renews them.
    fn current(&self) -> Result<(C, u64), CredentialError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let valid = kept.credential.as_ref().filter(|credential| is_fresh(*credential));
        if let Some(credential) = valid {
            return Ok((credential.clone(), kept.generation));
        }
        let credential = load(&self.context, &self.source, &self.trouble)?.ok_or_else(|| {
            let trouble = "there are none any more".to_owned();
            CredentialError { from: self.source.name, trouble }
        })?;
        kept.generation += 1;
        kept.credential = Some(credential.clone());
        Ok((credential, kept.generation))
    }
}

fn is_fresh<C: SigningCredential>(credential: &C) -> bool {
    credential.is_valid_at(Timestamp::now() + HEADROOM)
}

fn load<C: SigningCredential>(
    context: &Context,
    source: &Source<C>,
    trouble: &Trouble,
) -> Result<Option<C>, CredentialError> {
    trouble.clear();
    let found = block_on(source.provider.provide_credential_dyn(context));
    let unusable = |trouble| CredentialError { from: source.name, trouble };
    match found {
        Ok(Some(credential)) if credential.is_valid_at(Timestamp::now()) => Ok(Some(credential)),
        Ok(Some(_)) => Err(unusable("they have expired".to_owned())),
        // A refusal to run a program, or to read a file, is not the same as nothing to run or read.
        Ok(None) => match (trouble.refusal(), source.if_none) {
            (Some(trouble), _) => Err(unusable(trouble)),
            // The library takes an answer such as HTTP status 400, or half a pair of keys, for none.
            (None, Some(text)) => Err(unusable(trouble.take().unwrap_or_else(|| text.to_owned()))),
            (None, None) => Ok(None),
        },
        // The library's own text may quote the answer of a server.
        Err(_) => Err(unusable(trouble.take().unwrap_or_else(|| "they are incomplete".to_owned()))),
    }
}

impl<C: SigningCredential> Authorize for Signing<C> {
    fn authorize(&self, head: &mut request::Parts) -> Result<u64, HttpFault> {
        if !self.is_private {
            let text = "a token must not be sent over http://, where others can read it";
            return Err(HttpFault::Credentials(text.to_owned()));
        }
        let fault = |error: CredentialError| HttpFault::Credentials(error.to_string());
        let (credential, generation) = self.current().map_err(fault)?;
        let signed =
            block_on(self.signer.sign_request_dyn(&self.context, head, Some(&credential), None));
        signed.map_err(|_| {
            let trouble = "the request cannot be signed with them".to_owned();
            fault(CredentialError { from: self.source.name, trouble })
        })?;
        Ok(generation)
    }

    fn interpret(&self, generation: u64, status: u16, headers: &HeaderMap, body: &[u8]) -> Refusal {
        let (mut refusal, is_expired) = interpret(self.kind, status, headers, body);
        if is_expired {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            // Otherwise another thread has dropped them already.
            if kept.generation == generation && kept.credential.is_some() {
                let is_young = kept.renewed_at.is_some_and(|at| at.elapsed() < YOUNG);
                if is_young {
                    refusal.transient = false;
                } else {
                    kept.credential = None;
                    kept.renewed_at = Some(Instant::now());
                }
            }
        }
        refusal
    }
}

/// Adds nothing to requests.
pub(super) struct Anonymous(pub(super) StoreKind);

impl Authorize for Anonymous {
    fn authorize(&self, _head: &mut request::Parts) -> Result<u64, HttpFault> {
        Ok(0)
    }

    fn interpret(&self, _: u64, status: u16, headers: &HeaderMap, body: &[u8]) -> Refusal {
        let (mut refusal, is_expired) = interpret(self.0, status, headers, body);
        refusal.transient &= !is_expired;
        refusal
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end. Everything that it waits for here answers at once, so there is no runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = TaskContext::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

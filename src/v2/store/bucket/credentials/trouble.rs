//! Notes why credentials cannot be fetched.
//!
//! The credential library's own messages quote answers, files and output, which may contain secrets; so what
//! fails is noted where it happens, in words without secrets, and the library only gets to know that it failed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use reqsign_core::Error;

/// The latest failure, in words without secrets.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<Noted>>>);

struct Noted {
    text: String,
    /// Whether something was not done because it is not allowed or not supported.
    is_refusal: bool,
}

impl Trouble {
    pub(super) fn note(&self, text: String, is_refusal: bool) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A refusal is the cause of what fails afterwards.
        if !noted.as_ref().is_some_and(|noted| noted.is_refusal) {
            *noted = Some(Noted { text, is_refusal });
        }
    }

    pub(super) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(|noted| noted.text)
    }

    pub(super) fn refusal(&self) -> Option<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.as_ref().filter(|noted| noted.is_refusal).map(|noted| noted.text.clone())
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trouble")
    }
}

/// Returns the error that stands for a noted one.
pub(super) fn failed() -> Error {
    Error::unexpected("see the note")
}

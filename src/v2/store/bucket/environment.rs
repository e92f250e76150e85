//! What configures access to stores: environment variables, and files that they name.
//!
//! Injectable, so that tests neither depend on a machine's credentials nor use them. Values are never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The environment that access to stores is configured by.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    transport: Option<Arc<dyn Transport>>,
}

/// Sends the requests that fetch credentials; replaces HTTP in tests.
pub trait Transport: Send + Sync {
    /// Sends a request and returns the status and the body of the response.
    ///
    /// # Errors
    /// No response.
    fn send(&self, request: &CredentialRequest) -> io::Result<(u16, Vec<u8>)>;
}

/// A request that fetches credentials.
#[derive(Clone)]
pub struct CredentialRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers that are text.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Environment {
    /// Takes the environment of this process; variables that are not UTF-8 are ignored.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Environment { variables: std::env::vars_os().filter_map(text).collect(), transport: None }
    }

    /// Creates an environment with only these variables.
    pub fn of<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Environment { variables, transport: None }
    }

    /// Fetches credentials over `transport` instead of HTTP.
    #[must_use]
    pub fn with_transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Returns a variable, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the first of these variables that is not empty.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    pub(super) fn transport(&self) -> Option<&Arc<dyn Transport>> {
        self.transport.as_ref()
    }

    pub(super) fn home(&self) -> Option<PathBuf> {
        self.first(&["HOME", "USERPROFILE"]).map(PathBuf::from)
    }
}

impl fmt::Debug for Environment {
    /// Shows names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl fmt::Debug for CredentialRequest {
    /// Shows neither headers nor body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

//! The flag for the endpoint of registries, the same for all commands that have it.

use crate::error::Error;
use crate::model::verification::PlaceName;
use crate::ops::endpoint::Endpoint;
use crate::v2::store::http::{BaseUrl, BaseUrlError, Limits};

/// The endpoint of registries.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct EndpointArgs {
    /// Also fetch one object of each kind below this base URL, without credentials, as registries do (their
    /// -storage-endpoint), and compare the bytes
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// The endpoint as the user gave it.
#[derive(Clone, Debug)]
pub(in crate::cli) struct EndpointUrl {
    name: PlaceName,
    url: BaseUrl,
}

impl EndpointArgs {
    /// Parses the URL, if it is given.
    ///
    /// # Errors
    /// Not a base URL, or one with credentials.
    pub(in crate::cli) fn check(self) -> Result<Option<EndpointUrl>, String> {
        let Some(text) = self.endpoint else { return Ok(None) };
        // Parsed here, since an error of the parser for flags would show the URL.
        let url = text.parse().map_err(|error: BaseUrlError| format!("--endpoint: {error}"))?;
        if BaseUrl::has_credentials(&url) {
            let text = "--endpoint: expected a URL without credentials: registries send none";
            return Err(text.to_owned());
        }
        Ok(Some(EndpointUrl { name: PlaceName::new(&text), url }))
    }
}

impl EndpointUrl {
    /// Opens the endpoint.
    ///
    /// # Errors
    /// No server responds.
    pub(in crate::cli) fn open(self) -> Result<Endpoint, Error> {
        Endpoint::open(self.name, self.url, Limits::default())
    }
}

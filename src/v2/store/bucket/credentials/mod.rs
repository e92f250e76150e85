//! Finds credentials, and signs requests with them.
//!
//! Order and meaning of the sources are those of the stores' own tools, with two exceptions: no program is run
//! unless that is allowed, and a source that is configured but cannot be used is an error, instead of making
//! room for the next one. Secrets are in no message: messages are made here, from hosts, paths and error codes.

mod context;
mod signing;
mod sources;
mod trouble;

use std::sync::Arc;

use super::endpoint::Endpoint;
use super::environment::Environment;
use crate::v2::store::access::Access;
use crate::v2::store::bucket_url::StoreKind;
use crate::v2::store::http::Limits;
use crate::v2::store::http::client::Authorize;

use self::context::context;
use self::signing::{Anonymous, Signing};
use self::sources::{aws, azure, google};
use self::trouble::Trouble;

/// Why the credentials cannot be used. The text contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the credentials from {from} cannot be used: {trouble}")]
pub(super) struct CredentialError {
    from: &'static str,
    trouble: String,
}

/// Finds the credentials for a store; `None` if there are none.
pub(super) fn find(
    kind: StoreKind,
    environment: &Environment,
    endpoint: &Endpoint,
    access: Access,
    limits: Limits,
) -> Result<Option<Arc<dyn Authorize>>, CredentialError> {
    let trouble = Trouble::default();
    let context = context(environment, kind, access, limits, &trouble);
    let is_private = endpoint.base.is_https() || endpoint.base.is_loopback();
    Ok(match kind {
        StoreKind::Gcs => {
            let signer = reqsign_google::RequestSigner::new("storage");
            let sources = google(environment);
            Signing::find(kind, context, sources, signer, trouble, is_private)?.map(shared)
        }
        StoreKind::S3 => {
            let signer = reqsign_aws_v4::RequestSigner::new("s3", &endpoint.region);
            // S3 demands no encryption for its own sake: the signature contains no secret.
            let sources = aws(environment);
            Signing::find(kind, context, sources, signer, trouble, true)?.map(shared)
        }
        StoreKind::Azure => {
            let signer = reqsign_azure_storage::RequestSigner::new();
            let is_key = matches!(endpoint.given, Some(super::endpoint::Given::SharedKey { .. }));
            let sources = azure(environment, endpoint.given.clone(), access);
            Signing::find(kind, context, sources, signer, trouble, is_private || is_key)?
                .map(shared)
        }
    })
}

fn shared<A: Authorize + 'static>(signing: A) -> Arc<dyn Authorize> {
    Arc::new(signing)
}

/// Returns a signer that adds nothing.
pub(super) fn anonymous(kind: StoreKind) -> Arc<dyn Authorize> {
    Arc::new(Anonymous(kind))
}

//! Where each store's credentials come from, in which order.

use reqsign_aws_v4 as aws_v4;
use reqsign_azure_storage as azure_storage;
use reqsign_core::{Context, ProvideCredential, ProvideCredentialDyn, Result};
use reqsign_google as gcs;

use super::signing::Source;
use crate::v2::store::access::Access;
use crate::v2::store::bucket::endpoint::Given;
use crate::v2::store::bucket::environment::Environment;

fn source<C>(
    name: &'static str,
    provider: impl ProvideCredentialDyn<Credential = C> + 'static,
) -> Source<C> {
    Source { name, provider: Box::new(provider), is_optional: false }
}

/// A source that exists only on the machines of a cloud, and that nothing announces.
fn optional<C>(
    name: &'static str,
    provider: impl ProvideCredentialDyn<Credential = C> + 'static,
) -> Source<C> {
    Source { is_optional: true, ..source(name, provider) }
}

/// Application default credentials (cloud.google.com/docs/authentication/application-default-credentials).
pub(super) fn google(environment: &Environment) -> Vec<Source<gcs::Credential>> {
    let mut sources = Vec::new();
    if let Some(path) = environment.get("GOOGLE_APPLICATION_CREDENTIALS") {
        let file = GoogleFile { path: path.to_owned(), must_exist: true };
        sources.push(source("GOOGLE_APPLICATION_CREDENTIALS", file));
    }
    let folder = match (environment.get("CLOUDSDK_CONFIG"), environment.get("APPDATA")) {
        (Some(folder), _) => Some(folder.into()),
        (None, Some(folder)) if cfg!(windows) => Some(std::path::Path::new(folder).join("gcloud")),
        (None, _) => environment.home().map(|home| home.join(".config/gcloud")),
    };
    if let Some(folder) = folder {
        let path = folder.join("application_default_credentials.json");
        let path = path.to_string_lossy().into_owned();
        sources.push(source("gcloud's configuration", GoogleFile { path, must_exist: false }));
    }
    sources.push(optional("the metadata server", gcs::VmMetadataCredentialProvider::new()));
    sources
}

/// A file with credentials of any kind. Those of a service account are exchanged for a token here, since the
/// signer would do that for each request.
#[derive(Debug)]
struct GoogleFile {
    path: String,
    must_exist: bool,
}

impl ProvideCredential for GoogleFile {
    type Credential = gcs::Credential;

    async fn provide_credential(&self, context: &Context) -> Result<Option<gcs::Credential>> {
        if !self.must_exist && !std::path::Path::new(&self.path).exists() {
            return Ok(None);
        }
        let file = gcs::FileCredentialProvider::new(&self.path);
        let Some(credential) = file.provide_credential(context).await? else { return Ok(None) };
        match credential.service_account {
            Some(account) => {
                let token = gcs::ServiceAccountTokenCredentialProvider::new(account);
                token.provide_credential(context).await
            }
            None => Ok(Some(credential)),
        }
    }
}

/// The order of AWS's libraries: environment, profile (keys, SSO), web identity, program, container, instance.
pub(super) fn aws(environment: &Environment) -> Vec<Source<aws_v4::Credential>> {
    let mut sources = vec![
        source("AWS_ACCESS_KEY_ID", aws_v4::EnvCredentialProvider::new()),
        source("AWS's profile", aws_v4::ProfileCredentialProvider::new()),
        source("AWS's SSO", aws_v4::SSOCredentialProvider::default()),
        source(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            aws_v4::AssumeRoleWithWebIdentityCredentialProvider::default(),
        ),
        source("credential_process", aws_v4::ProcessCredentialProvider::new()),
        source("the container", aws_v4::ECSCredentialProvider::default()),
    ];
    let is_off = environment.get("AWS_EC2_METADATA_DISABLED");
    if !is_off.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        sources.push(optional("the instance", aws_v4::IMDSv2CredentialProvider::default()));
    }
    sources
}

/// The connection string, then the environment, workload identity, the instance; Azure's CLI last, and only
/// if programs may be run.
pub(super) fn azure(
    _environment: &Environment,
    given: Option<Given>,
    access: Access,
) -> Vec<Source<azure_storage::Credential>> {
    if let Some(given) = given {
        let provider = match given {
            Given::SharedKey { account, key } => {
                azure_storage::StaticCredentialProvider::new_shared_key(&account, &key)
            }
            Given::Sas(token) => azure_storage::StaticCredentialProvider::new_sas_token(&token),
        };
        return vec![source("AZURE_STORAGE_CONNECTION_STRING", provider)];
    }
    let mut sources = vec![
        source("AZURE_STORAGE_…", azure_storage::EnvCredentialProvider::new()),
        source(
            "AZURE_CLIENT_CERTIFICATE_PATH",
            azure_storage::ClientCertificateCredentialProvider::new(),
        ),
        source("AZURE_CLIENT_SECRET", azure_storage::ClientSecretCredentialProvider::new()),
        source("Azure Pipelines", azure_storage::AzurePipelinesCredentialProvider::new()),
        source(
            "AZURE_FEDERATED_TOKEN_FILE",
            azure_storage::WorkloadIdentityCredentialProvider::new(),
        ),
        optional("the instance", azure_storage::ImdsCredentialProvider::new()),
    ];
    if access.allow_commands {
        let cli = azure_storage::AzureCliCredentialProvider::new();
        sources.insert(sources.len() - 1, optional("Azure's CLI", cli));
    }
    sources
}

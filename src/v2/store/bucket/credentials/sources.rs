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
    Source { name, provider: Box::new(provider), is_optional: false, if_none: None }
}

/// What is wrong with a source of which only a part is configured.
const INCOMPLETE: &str = "they are incomplete";

impl<C> Source<C> {
    /// Adds the variables that configure a source: if one of them is set, it must have credentials.
    fn configured_by(mut self, environment: &Environment, variables: &[&'static str]) -> Self {
        if environment.first(variables).is_some() {
            self.if_none = Some(INCOMPLETE);
        }
        self
    }
}

/// The server of a cloud's machine: asked by everyone, unless one of these variables configures it, which then names
/// it in messages.
fn of_machine<C>(
    name: &'static str,
    provider: impl ProvideCredentialDyn<Credential = C> + 'static,
    environment: &Environment,
    variables: &[&'static str],
) -> Source<C> {
    match variables.iter().find(|variable| environment.get(variable).is_some()) {
        Some(variable) => source(variable, provider).configured_by(environment, variables),
        None => optional(name, provider),
    }
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
    let server = gcs::VmMetadataCredentialProvider::new();
    let variables = ["GCE_METADATA_HOST"];
    sources.push(of_machine("the metadata server", server, environment, &variables));
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
        source("AWS_ACCESS_KEY_ID", aws_v4::EnvCredentialProvider::new())
            .configured_by(environment, &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
        source("AWS's profile", aws_v4::ProfileCredentialProvider::new()),
        source("AWS's SSO", aws_v4::SSOCredentialProvider::default()),
        source(
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            aws_v4::AssumeRoleWithWebIdentityCredentialProvider::default(),
        )
        .configured_by(environment, &["AWS_WEB_IDENTITY_TOKEN_FILE"]),
        source("credential_process", aws_v4::ProcessCredentialProvider::new()),
        source("the container", aws_v4::ECSCredentialProvider::default()).configured_by(
            environment,
            &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        ),
    ];
    // Keys in the environment win over a profile. A profile may be there for its region only.
    if environment.get("AWS_PROFILE").is_some_and(|profile| !has_profile(environment, profile)) {
        let if_none = Some("no file has a profile of this name");
        sources.insert(1, Source { if_none, ..source("AWS_PROFILE", NoCredentials) });
    }
    let is_off = environment.get("AWS_EC2_METADATA_DISABLED");
    if !is_off.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let server = aws_v4::IMDSv2CredentialProvider::default();
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
        sources.push(of_machine("the instance", server, environment, &variables));
    }
    sources
}

/// Returns whether a file of AWS's tools has a profile: `[name]` in that of the keys, `[profile name]` in the
/// configuration (docs.aws.amazon.com, cli-configure-files).
fn has_profile(environment: &Environment, profile: &str) -> bool {
    let files =
        [("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"), ("AWS_CONFIG_FILE", ".aws/config")];
    files.into_iter().any(|(variable, below_home)| {
        let path = match environment.get(variable) {
            Some(path) => Some(path.into()),
            None => environment.home().map(|home| home.join(below_home)),
        };
        let text = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        text.lines().any(|line| {
            let section = line.trim().strip_prefix('[').and_then(|line| line.split_once(']'));
            section.is_some_and(|(section, _)| {
                let section = section.trim();
                section.strip_prefix("profile ").unwrap_or(section).trim() == profile
            })
        })
    })
}

/// A source that never has credentials.
#[derive(Debug)]
struct NoCredentials;

impl ProvideCredential for NoCredentials {
    type Credential = aws_v4::Credential;

    async fn provide_credential(&self, _: &Context) -> Result<Option<aws_v4::Credential>> {
        Ok(None)
    }
}

/// The connection string, then the environment, workload identity, the instance; Azure's CLI last, and only
/// if programs may be run.
pub(super) fn azure(
    environment: &Environment,
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
        source("AZURE_STORAGE_…", azure_storage::EnvCredentialProvider::new()).configured_by(
            environment,
            &["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN"],
        ),
        source(
            "AZURE_CLIENT_CERTIFICATE_PATH",
            azure_storage::ClientCertificateCredentialProvider::new(),
        )
        .configured_by(environment, &["AZURE_CLIENT_CERTIFICATE_PATH"]),
        source("AZURE_CLIENT_SECRET", azure_storage::ClientSecretCredentialProvider::new())
            .configured_by(environment, &["AZURE_CLIENT_SECRET"]),
        source("Azure Pipelines", azure_storage::AzurePipelinesCredentialProvider::new()),
        source(
            "AZURE_FEDERATED_TOKEN_FILE",
            azure_storage::WorkloadIdentityCredentialProvider::new(),
        )
        .configured_by(environment, &["AZURE_FEDERATED_TOKEN_FILE"]),
        of_machine(
            "the instance",
            azure_storage::ImdsCredentialProvider::new(),
            environment,
            &[
                "AZURE_IMDS_ENDPOINT",
                "AZURE_OBJECT_ID",
                "AZURE_MSI_RESOURCE_ID",
                "AZURE_MSI_RES_ID",
                "AZURE_MSI_SECRET",
            ],
        ),
    ];
    if access.allow_commands {
        let cli = azure_storage::AzureCliCredentialProvider::new();
        sources.insert(sources.len() - 1, optional("Azure's CLI", cli));
    }
    sources
}

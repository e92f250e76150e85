//! The kinds of credentials, each with a planted secret.
//!
//! Azure's managed identity has a fixed address and is in `stores::credentials`.

use std::fs;
use std::path::Path;

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use serde_json::{Value, json};

pub(super) const PRIVATE_KEY: &str = include_str!("../stores/service-account.pem");
/// Base64 of `planted-account-key`.
const ACCOUNT_KEY: &str = "cGxhbnRlZC1hY2NvdW50LWtleQ==";

pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) kind: StoreKind,
    /// `{}` stands for the folder of the files, `PORT` for the port of the server.
    variables: Vec<(&'static str, String)>,
    /// The same in their text.
    files: Vec<(&'static str, String)>,
    pub(super) args: &'static str,
    /// What the server gets when the secret is used: the secret itself, or what is signed with it.
    pub(super) proof: &'static str,
    pub(super) asks_for_tokens: bool,
}

impl Source {
    /// Writes the files.
    pub(super) fn write(&self, folder: &Path) {
        for (name, text) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = text.replace("FOLDER", folder.to_str().unwrap());
            match *name {
                #[cfg(unix)]
                "helper" | "bin/az" => crate::support::program::write_script(&path, &text),
                _ => fs::write(&path, text).unwrap(),
            }
        }
    }

    pub(super) fn variables(&self, folder: &Path, port: u16) -> Vec<(&'static str, String)> {
        let text = |value: &String| {
            let value = value.replace("{}", folder.to_str().unwrap());
            value.replace("PORT", &port.to_string())
        };
        self.variables.iter().map(|(name, value)| (*name, text(value))).collect()
    }

    fn without_tokens(self) -> Self {
        Source { asks_for_tokens: false, ..self }
    }

    fn args(self, args: &'static str) -> Self {
        Source { args, ..self }
    }
}

fn source(
    name: &'static str,
    kind: StoreKind,
    variables: &[(&'static str, &str)],
    files: &[(&'static str, String)],
    proof: &'static str,
) -> Source {
    let mut all: Vec<(&'static str, String)> =
        variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    match kind {
        Gcs => {}
        S3 => all.push(("AWS_ENDPOINT_URL", "https://s3.amazonaws.com".to_owned())),
        Azure => all.push(("AZURE_STORAGE_ACCOUNT", "acc".to_owned())),
    }
    let (args, asks_for_tokens) = ("", true);
    Source { name, kind, variables: all, files: files.to_vec(), args, proof, asks_for_tokens }
}

pub(super) fn sources() -> Vec<Source> {
    const GOOGLE: (&str, &str) = ("GOOGLE_APPLICATION_CREDENTIALS", "{}/adc.json");
    const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "{}/config");
    let adc = |value: &Value| [("adc.json", value.to_string())];
    let jwt = ("jwt", "planted-jwt".to_owned());
    let user = json!({ "type": "authorized_user", "client_id": "id", "client_secret": "planted-client-secret",
        "refresh_token": "planted-refresh-token" });
    let service = json!({ "type": "service_account", "client_email": "a@b.iam.gserviceaccount.com",
        "private_key": PRIVATE_KEY, "private_key_id": "1" });
    let impersonated = json!({ "type": "impersonated_service_account", "delegates": [], "source_credentials": user,
        "service_account_impersonation_url":
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken" });
    let external = |source: Value| {
        json!({ "type": "external_account", "audience": "//iam/x", "token_url": "https://sts.googleapis.com/v1/token",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "credential_source": source })
    };
    let sso = "[default]\nsso_start_url = https://sso.test/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n";
    let sso_token = json!({ "accessToken": "planted-sso-token", "expiresAt": "2099-01-01T00:00:00Z",
        "startUrl": "https://sso.test/start", "region": "eu-west-1" });
    // The name is the SHA-1 of the start URL.
    let sso_file = ".aws/sso/cache/c2e09b4fac288e7a35fb1a0f7b55446a509137e5.json";
    let helper = "#!/bin/sh\necho planted-on-stderr >&2\necho '{\"Version\": 1, \"AccessKeyId\": \"AKIDROLE\", \
         \"SecretAccessKey\": \"planted-secret\", \"SessionToken\": \"planted-session-token\"}'\n";
    let process = "[default]\ncredential_process = FOLDER/helper --planted-argument\n";
    let az = "#!/bin/sh\necho planted-on-stderr >&2\necho '{\"accessToken\": \"plantedAccessToken0123456789\", \
         \"expires_on\": 4070908800, \"expiresOn\": \"2099-01-01 00:00:00.000000\", \"tokenType\": \"Bearer\"}'\n";
    let profile = "[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = planted-secret\naws_session_token = planted-session-token\n";
    let entra = [("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "id")];
    let with = |more: &[(&'static str, &'static str)]| [&entra[..], more].concat();
    let connection = format!(
        "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey={ACCOUNT_KEY};EndpointSuffix=core.windows.net"
    );
    vec![
        source("a user's file", Gcs, &[GOOGLE], &adc(&user), "planted-refresh-token"),
        source("a user's file at its usual place", Gcs, &[], &[(".config/gcloud/application_default_credentials.json", user.to_string())], "planted-client-secret"),
        source("a service account's file", Gcs, &[GOOGLE], &adc(&service), "assertion"),
        source("a user that acts for a service account", Gcs, &[GOOGLE], &adc(&impersonated), "planted-other-token"),
        source("a workload's token in a file", Gcs, &[GOOGLE], &[("adc.json", external(json!({ "file": "FOLDER/jwt" })).to_string()), jwt.clone()], "planted-jwt"),
        source("a workload's token at a URL", Gcs, &[GOOGLE], &adc(&external(json!({ "url": "https://sts.googleapis.com/jwt", "format": { "type": "json", "subject_token_field_name": "access_token" } }))), "plantedAccessToken0123456789"),
        source("the metadata server", Gcs, &[("GCE_METADATA_HOST", "127.0.0.1:PORT")], &[], "plantedAccessToken0123456789"),
        source("keys", S3, &[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "planted-secret")], &[], "Credential=AKIDENV/").without_tokens(),
        source("keys of a session", S3, &[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "planted-secret"), ("AWS_SESSION_TOKEN", "planted-session-token")], &[], "planted-session-token").without_tokens(),
        source("a profile", S3, &[], &[(".aws/credentials", profile.to_owned())], "planted-session-token").without_tokens(),
        source("SSO", S3, &[CONFIG], &[("config", sso.to_owned()), (sso_file, sso_token.to_string())], "planted-sso-token"),
        source("web identity", S3, &[("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "{}/jwt")], std::slice::from_ref(&jwt), "planted-jwt"),
        source("a program", S3, &[CONFIG], &[("config", process.to_owned()), ("helper", helper.to_owned())], "planted-session-token").args("--allow-credential-command").without_tokens(),
        source("a container", S3, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:PORT/ecs"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "planted-authorization")], &[], "planted-session-token"),
        source("an instance", S3, &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:PORT")], &[], "planted-imds-token"),
        source("a key", Azure, &[("AZURE_STORAGE_KEY", ACCOUNT_KEY)], &[], "SharedKey acc:").without_tokens(),
        source("a SAS", Azure, &[("AZURE_STORAGE_SAS_TOKEN", "?sv=2021&sig=planted-sas")], &[], "sig=planted-sas").without_tokens(),
        source("a connection string with a key", Azure, &[("AZURE_STORAGE_CONNECTION_STRING", &connection)], &[], "SharedKey acc:").without_tokens(),
        source("a connection string with a SAS", Azure, &[("AZURE_STORAGE_CONNECTION_STRING", "BlobEndpoint=https://acc.blob.core.windows.net;SharedAccessSignature=sv=2021&sig=planted-sas")], &[], "sig=planted-sas").without_tokens(),
        source("a client's secret", Azure, &with(&[("AZURE_CLIENT_SECRET", "planted-client-secret")]), &[], "planted-client-secret"),
        source("a workload's token", Azure, &with(&[("AZURE_FEDERATED_TOKEN_FILE", "{}/jwt")]), &[jwt], "planted-jwt"),
        source("the CLI", Azure, &[("PATH", "{}/bin:/usr/bin:/bin")], &[("bin/az", az.to_owned())], "plantedAccessToken0123456789").args("--allow-credential-command").without_tokens(),
    ]
}

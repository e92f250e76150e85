//! Where credentials come from, when they are renewed, and that no secret is ever shown.
//!
//! Hermetic: variables, files and the answers of token servers are given; `service-account.pem` was made for this.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use package_storage_migrate::v2::store::bucket::{
    Access, Bucket, CredentialRequest, Environment, Transport,
};
use serde_json::json;

use super::faults::is_like;
use super::{at_once, create};
use crate::http::LIMITS;
use crate::support::bucket_server::Store;
use crate::support::fault_server::FaultServer;

/// Answers requests for credentials by the start of `<method> <url>`, and records them.
#[derive(Clone, Default)]
struct Answers {
    answers: Vec<(String, u16, String)>,
    requests: Arc<Mutex<Vec<CredentialRequest>>>,
}

impl Answers {
    fn with(mut self, request: &str, status: u16, answer: impl ToString) -> Self {
        self.answers.push((request.to_owned(), status, answer.to_string()));
        self
    }

    fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|request| format!("{} {}", request.method, request.url)).collect()
    }
}

impl Transport for Answers {
    fn send(&self, request: &CredentialRequest) -> io::Result<(u16, Vec<u8>)> {
        self.requests.lock().unwrap().push(request.clone());
        let line = format!("{} {}", request.method, request.url);
        let found = self.answers.iter().find(|(start, ..)| line.starts_with(start));
        let (_, status, answer) = found.ok_or(io::ErrorKind::ConnectionRefused)?;
        Ok((*status, answer.clone().into_bytes()))
    }
}

/// A store that records who sent the requests.
fn recording(kind: StoreKind) -> (Store, FaultServer, Arc<Mutex<Vec<String>>>) {
    let senders: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&senders);
    let store = Store::new(kind);
    let server = store.serve(move |store, request| {
        let sas = request.path.split_once("sig=").map(|(_, sig)| format!("sig={sig}"));
        let token = request.header("x-amz-security-token").map(|token| format!(" {token}"));
        let sender = request.header("authorization").map(str::to_owned).or(sas);
        let sender = sender.unwrap_or_else(|| "nobody".to_owned()) + &token.unwrap_or_default();
        seen.lock().unwrap().push(sender);
        store.correct(request)
    });
    (store, server, senders)
}

fn variables(kind: StoreKind, server: &FaultServer) -> BTreeMap<String, String> {
    let origin = format!("http://127.0.0.1:{}", server.port);
    let (name, value) = match kind {
        Gcs => ("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", origin),
        S3 => ("AWS_ENDPOINT_URL", origin),
        Azure => ("AZURE_STORAGE_CONNECTION_STRING", format!("BlobEndpoint={origin}/acc")),
    };
    [(name.to_owned(), value)].into()
}

const TOKEN: &str = "planted-access-token";

fn token() -> serde_json::Value {
    json!({ "access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer" })
}

fn aws_keys() -> serde_json::Value {
    json!({ "Code": "Success", "Message": "", "AccessKeyId": "AKIDROLE", "SecretAccessKey": "planted-secret", "Token": "planted-session",
        "Expiration": "2099-01-01T00:00:00Z", "RoleArn": "", "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC" })
}

struct Row<'a> {
    source: &'a str,
    kind: StoreKind,
    variables: Vec<(&'a str, String)>,
    files: Vec<(&'a str, String)>,
    answers: Answers,
    access: Access,
    /// Who sent the request, or its start followed by `…`; or the error.
    expected: Result<&'a str, &'a str>,
}

fn row<'a>(
    source: &'a str,
    kind: StoreKind,
    variables: &[(&'a str, &str)],
    files: &[(&'a str, String)],
    answers: Answers,
    expected: Result<&'a str, &'a str>,
) -> Row<'a> {
    let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let access = Access::default();
    Row { source, kind, variables, files: files.to_vec(), answers, access, expected }
}

/// In variables, `{}` stands for the folder of the files.
fn rows<'a>() -> Vec<Row<'a>> {
    let none = Answers::default;
    let google = ("GOOGLE_APPLICATION_CREDENTIALS", "{}/adc.json");
    let adc = |value: serde_json::Value| [("adc.json", value.to_string())];
    let user = json!({ "type": "authorized_user", "client_id": "id", "client_secret": "planted-client-secret",
        "refresh_token": "planted-refresh-token" });
    let service = json!({ "type": "service_account", "client_email": "a@b.iam.gserviceaccount.com",
        "private_key": include_str!("service-account.pem"), "private_key_id": "1" });
    let external = |source: serde_json::Value| {
        json!({ "type": "external_account", "audience": "//iam/x", "token_url": "https://sts.googleapis.com/v1/token",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "credential_source": source })
    };
    let impersonated = json!({ "type": "impersonated_service_account", "delegates": [], "source_credentials": user.clone(),
        "service_account_impersonation_url":
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken" });
    let oauth = || none().with("POST https://oauth2.googleapis.com/token", 200, token());
    let sts = || {
        let answer = json!({ "access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token" });
        none().with("POST https://sts.googleapis.com/v1/token", 200, answer)
    };
    let page = |request: &str| {
        none().with(
            request,
            200,
            "<!-- planted -->\n<!DOCTYPE html><html><body>Log in</body></html>",
        )
    };
    let bearer = Ok("Bearer planted-access-token");
    let role = Ok("AWS4-HMAC-SHA256 Credential=AKIDROLE/…");
    let config = |text: &str| [("config", text.to_owned())];
    let aws_config = ("AWS_CONFIG_FILE", "{}/config");
    let imds = || {
        none()
            .with("PUT http://169.254.169.254/latest/api/token", 200, "planted-imds-token")
            .with(
                "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/role",
                200,
                aws_keys(),
            )
            .with(
                "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
                200,
                "role",
            )
    };
    let assumed = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>\
        <SecretAccessKey>planted-secret</SecretAccessKey><SessionToken>planted-session</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
    let sso = "[default]\nsso_start_url = https://sso.test/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n";
    let sso_token = json!({ "accessToken": "planted-sso-token", "expiresAt": "2099-01-01T00:00:00Z", "startUrl": "https://sso.test/start",
        "region": "eu-west-1" }).to_string();
    let sso_keys = json!({ "roleCredentials": { "accessKeyId": "AKIDROLE", "secretAccessKey": "planted-secret", "sessionToken": "planted-session",
        "expiration": 4_070_908_800_000_u64 } });
    let process = "[default]\ncredential_process = {}/helper --planted-argument\n";
    let entra = || {
        none().with("POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token", 200, token())
    };
    vec![
        row("a user's file", Gcs, &[google], &adc(user.clone()), oauth(), bearer),
        row("a user's file at its usual place", Gcs, &[("HOME", "{}")], &[(".config/gcloud/application_default_credentials.json", user.to_string())], oauth(), bearer),
        row("a user's file in gcloud's folder", Gcs, &[("CLOUDSDK_CONFIG", "{}")], &[("application_default_credentials.json", user.to_string())], oauth(), bearer),
        row("a service account's file", Gcs, &[google], &adc(service.clone()), oauth(), bearer),
        row("a service account that acts for another", Gcs, &[google], &adc(impersonated), oauth().with("POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a", 200,
            json!({ "accessToken": "planted-other-token", "expireTime": "2099-01-01T00:00:00Z" })), Ok("Bearer planted-other-token")),
        row("a workload's token in a file", Gcs, &[google], &[("adc.json", external(json!({ "file": "FOLDER/jwt" })).to_string()), ("jwt", "planted-jwt".to_owned())], sts(), bearer),
        row("a workload's token at a URL", Gcs, &[google], &adc(external(json!({ "url": "http://metadata.test/jwt", "format": { "type": "json", "subject_token_field_name": "t" } }))),
            sts().with("GET http://metadata.test/jwt", 200, json!({ "t": "planted-jwt" })), bearer),
        row("a program", Gcs, &[google, ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")], &adc(external(json!({ "executable": { "command": "/bin/false" } }))), none(),
            Err("the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: FOLDER/adc.json: credentials that a program provides are not supported")),
        row("the metadata server", Gcs, &[], &[], none().with("GET http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token", 200, token()), bearer),
        row("the metadata server elsewhere", Gcs, &[("GCE_METADATA_HOST", "md.test")], &[], none().with("GET http://md.test/computeMetadata/v1/", 200, token()), bearer),
        row("a machine's metadata server that refuses", Gcs, &[], &[], none().with("GET http://metadata.google.internal/computeMetadata/v1/", 400, "planted"), Ok("nobody")),
        row("a metadata server elsewhere that refuses", Gcs, &[("GCE_METADATA_HOST", "md.test")], &[], none().with("GET http://md.test/computeMetadata/v1/", 400, "planted"),
            Err("the credentials from GCE_METADATA_HOST cannot be used: md.test answered with HTTP status 400")),
        row("a metadata server elsewhere that is down", Gcs, &[("GCE_METADATA_HOST", "md.test")], &[], none(), Err("the credentials from GCE_METADATA_HOST cannot be used: md.test: connection refused")),
        row("nothing", Gcs, &[("HOME", "{}")], &[], none(), Ok("nobody")),
        row("an emulator", Gcs, &[("STORAGE_EMULATOR_HOST", "EMULATOR"), google], &adc(user.clone()), none(), Ok("nobody")),
        row("a file that is not JSON", Gcs, &[google], &[("adc.json", "planted".to_owned())], none(), Err("the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: they are incomplete")),
        row("a user who has logged out", Gcs, &[google], &adc(user.clone()), none().with("POST https://oauth2.googleapis.com/token", 400, json!({ "error": "invalid_grant", "error_description": "planted" })),
            Err("the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: oauth2.googleapis.com answered with HTTP status 400 (invalid_grant)")),
        row("a service account that was deleted", Gcs, &[google], &adc(service), none().with("POST https://oauth2.googleapis.com/token", 401, json!({ "error": "planted <token>" })),
            Err("the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: oauth2.googleapis.com answered with HTTP status 401")),
        row("a login page instead of a token", Gcs, &[google], &adc(user.clone()), page("POST https://oauth2.googleapis.com/token"),
            Err("the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: oauth2.googleapis.com answered with a web page: check the proxy, and whether the network asks for a login")),
        row("a token server that is down", Gcs, &[google], &adc(user), none(), Err("the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: oauth2.googleapis.com: connection refused")),
        row("keys", S3, &[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "planted-secret")], &[], none(), Ok("AWS4-HMAC-SHA256 Credential=AKIDENV/…")),
        row("keys of a session", S3, &[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "planted-secret"), ("AWS_SESSION_TOKEN", "planted-session")], &[], none(), Ok("AWS4-HMAC-SHA256 Credential=AKIDENV/…")),
        row("a profile", S3, &[("HOME", "{}")], &[(".aws/credentials", "[default]\naws_access_key_id = AKIDROLE\naws_secret_access_key = planted-secret\n".to_owned())], none(), role),
        row("a named profile", S3, &[("AWS_PROFILE", "p"), ("AWS_SHARED_CREDENTIALS_FILE", "{}/keys")], &[("keys", "[default]\naws_access_key_id = no\naws_secret_access_key = no\n[p]\naws_access_key_id = AKIDROLE\naws_secret_access_key = planted-secret\n".to_owned())], none(), role),
        row("SSO", S3, &[aws_config, ("HOME", "{}")], &[("config", sso.to_owned()), (".aws/sso/cache/SHA1.json", sso_token)], none().with("GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials", 200, sso_keys), role),
        row("SSO without a login", S3, &[aws_config, ("HOME", "{}")], &config(sso), none(), Err("the credentials from AWS's SSO cannot be used: cannot read FOLDER/.aws/sso/cache/…")),
        row("web identity", S3, &[("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "{}/jwt")], &[("jwt", "planted-jwt".to_owned())], none().with("POST https://sts.amazonaws.com/", 200, assumed), role),
        row("web identity that is refused", S3, &[("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "{}/jwt")], &[("jwt", "planted-jwt".to_owned())], none().with("POST https://sts.amazonaws.com/", 403, "planted"),
            Err("the credentials from AWS_WEB_IDENTITY_TOKEN_FILE cannot be used: sts.amazonaws.com answered with HTTP status 403")),
        row("a program", S3, &[aws_config], &config(process), none(), Err("the credentials from credential_process cannot be used: FOLDER/helper is run only with --allow-credential-command")),
        row("a login page instead of a role", S3, &[("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "{}/jwt")], &[("jwt", "planted-jwt".to_owned())], page("POST https://sts.amazonaws.com/"),
            Err("the credentials from AWS_WEB_IDENTITY_TOKEN_FILE cannot be used: sts.amazonaws.com answered with a web page: …")),
        row("a container", S3, &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")], &[], none().with("GET http://169.254.170.2/v2/x", 200, aws_keys()), role),
        row("an instance", S3, &[], &[], imds(), role),
        row("an instance that must not be asked", S3, &[("AWS_EC2_METADATA_DISABLED", "true")], &[], imds(), Ok("nobody")),
        row("an instance's server elsewhere that is down", S3, &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://md.test")], &[], none(),
            Err("the credentials from AWS_EC2_METADATA_SERVICE_ENDPOINT cannot be used: md.test: connection refused")),
        row("an instance's server elsewhere that refuses", S3, &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://md.test")], &[], none().with("PUT http://md.test/latest/api/token", 400, "planted"),
            Err("the credentials from AWS_EC2_METADATA_SERVICE_ENDPOINT cannot be used: md.test answered with HTTP status 400")),
        row("an instance that refuses", S3, &[], &[], none().with("PUT http://169.254.169.254/latest/api/token", 403, "planted"), Ok("nobody")),
        row("a container that refuses", S3, &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")], &[], none().with("GET http://169.254.170.2/v2/x", 404, "planted"),
            Err("the credentials from the container cannot be used: 169.254.170.2 answered with HTTP status 404")),
        row("half a pair of keys", S3, &[("AWS_ACCESS_KEY_ID", "AKIDENV")], &[], imds(), Err("the credentials from AWS_ACCESS_KEY_ID cannot be used: they are incomplete")),
        row("the other half", S3, &[("AWS_SECRET_ACCESS_KEY", "planted-secret")], &[], imds(), Err("the credentials from AWS_ACCESS_KEY_ID cannot be used: they are incomplete")),
        row("web identity without a role", S3, &[("AWS_WEB_IDENTITY_TOKEN_FILE", "{}/jwt")], &[("jwt", "planted-jwt".to_owned())], imds(), Err("the credentials from AWS_WEB_IDENTITY_TOKEN_FILE cannot be used: they are incomplete")),
        row("a profile that no file has", S3, &[("AWS_PROFILE", "q"), ("HOME", "{}")], &[(".aws/credentials", "[p]\naws_access_key_id = AKIDROLE\naws_secret_access_key = planted-secret\n".to_owned())], imds(),
            Err("the credentials from AWS_PROFILE cannot be used: no file has a profile of this name")),
        row("a profile of a region only", S3, &[("AWS_PROFILE", "q"), ("HOME", "{}")], &[(".aws/config", "[profile q]\nregion = eu-west-1\n".to_owned())], imds(), role),
        row("keys, and a profile that no file has", S3, &[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "planted-secret"), ("AWS_PROFILE", "q")], &[], none(), Ok("AWS4-HMAC-SHA256 Credential=AKIDENV/…")),
        row("nothing", S3, &[("HOME", "{}")], &[], none(), Ok("nobody")),
        row("a key", Azure, &[("AZURE_STORAGE_ACCOUNT", "acc"), ("AZURE_STORAGE_KEY", "cGxhbnRlZA==")], &[], none(), Ok("SharedKey acc:…")),
        row("a key under its other names", Azure, &[("AZURE_STORAGE_ACCOUNT_NAME", "acc"), ("AZURE_STORAGE_ACCOUNT_KEY", "cGxhbnRlZA==")], &[], none(), Ok("SharedKey acc:…")),
        row("a SAS", Azure, &[("AZURE_STORAGE_SAS_TOKEN", "?sv=2021&sig=planted-sas")], &[], none(), Ok("sig=planted-sas")),
        row("a client's secret", Azure, &[("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "id"), ("AZURE_CLIENT_SECRET", "planted-client-secret")], &[], entra(), bearer),
        row("a client's secret that is wrong", Azure, &[("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "id"), ("AZURE_CLIENT_SECRET", "planted-client-secret")], &[],
            none().with("POST https://login.microsoftonline.com/", 401, json!({ "error": "invalid_client", "error_description": "planted" })),
            Err("the credentials from AZURE_CLIENT_SECRET cannot be used: login.microsoftonline.com answered with HTTP status 401 (invalid_client)")),
        row("a login page instead of a client's token", Azure, &[("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "id"), ("AZURE_CLIENT_SECRET", "planted-client-secret")], &[], page("POST https://login.microsoftonline.com/"),
            Err("the credentials from AZURE_CLIENT_SECRET cannot be used: login.microsoftonline.com answered with a web page: …")),
        row("workload identity", Azure, &[("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "id"), ("AZURE_FEDERATED_TOKEN_FILE", "{}/jwt")], &[("jwt", "planted-jwt".to_owned())], entra(), bearer),
        row("an instance", Azure, &[], &[], none().with("GET http://169.254.169.254/metadata/identity/oauth2/token", 200, json!({ "access_token": TOKEN, "expires_on": "4070908800" })), bearer),
        row("workload identity without its file", Azure, &[("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "id"), ("AZURE_FEDERATED_TOKEN_FILE", "{}/jwt")], &[], entra(),
            Err("the credentials from AZURE_FEDERATED_TOKEN_FILE cannot be used: cannot read FOLDER/jwt: …")),
        row("a client's secret without a tenant", Azure, &[("AZURE_CLIENT_ID", "id"), ("AZURE_CLIENT_SECRET", "planted-client-secret")], &[], entra(), Err("the credentials from AZURE_CLIENT_SECRET cannot be used: they are incomplete")),
        row("an identity of an instance that has none", Azure, &[("AZURE_MSI_RES_ID", "/id")], &[], none().with("GET http://169.254.169.254/metadata/identity/oauth2/token", 400, "planted"),
            Err("the credentials from AZURE_MSI_RES_ID cannot be used: 169.254.169.254 answered with HTTP status 400")),
        row("an instance without an identity", Azure, &[], &[], none().with("GET http://169.254.169.254/metadata/identity/oauth2/token", 400, "planted"), Ok("nobody")),
        row("nothing, though there may be a CLI", Azure, &[], &[], none(), Ok("nobody")),
    ]
}

/// Returns who sent a request, or why it cannot be sent, and all words that a user may see.
fn sender(row: &Row<'_>, folder: &Path) -> (Result<String, String>, String) {
    let (_, server, senders) = recording(row.kind);
    let mut all = variables(row.kind, &server);
    let shown = folder.to_str().unwrap();
    for (name, text) in &row.files {
        // The name of SSO's cache is the SHA-1 of the start URL.
        let name = name.replace("SHA1", "c2e09b4fac288e7a35fb1a0f7b55446a509137e5");
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("FOLDER", shown).replace("{}/", &format!("{shown}/")))
            .unwrap();
    }
    for (name, value) in &row.variables {
        let value = value.replace("{}", shown);
        let value = value.replace("EMULATOR", &format!("http://127.0.0.1:{}", server.port));
        all.insert((*name).to_owned(), value);
    }
    let environment = Environment::of(all).with_transport(row.answers.clone());
    let url = format!("{}://bkt", row.kind).parse().unwrap();
    let opened = Bucket::open(&url, &environment, row.access, LIMITS);
    match opened {
        Ok(bucket) => {
            assert_eq!(bucket.head("a").unwrap(), None);
            let sender = senders.lock().unwrap()[0].clone();
            let lacks = sender == "nobody"
                && !row.variables.iter().any(|(n, _)| *n == "STORAGE_EMULATOR_HOST");
            assert_eq!(bucket.lacks_credentials(), lacks, "{}", row.source);
            (Ok(sender), format!("{environment:?} {:?}", row.access))
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).unwrap().to_string();
            let shown = format!("{error} {error:?} {:?} {environment:?} {cause}", error.hint());
            (Err(cause), shown)
        }
    }
}

#[test]
fn credentials_come_from_where_people_have_them() {
    let mut differences = Vec::new();
    for row in rows() {
        let folder = tempfile::tempdir().unwrap();
        let (found, shown) = sender(&row, folder.path());
        let expected = match row.expected {
            Ok(text) => Ok(text.to_owned()),
            Err(text) => Err(text.replace("FOLDER", folder.path().to_str().unwrap())),
        };
        let is_equal = match (&found, &expected) {
            (Ok(found), Ok(expected)) | (Err(found), Err(expected)) => is_like(found, expected),
            _ => false,
        };
        if !is_equal {
            let requests = row.answers.requests();
            differences.push(format!("{} {}: {found:?} {requests:?}", row.kind, row.source));
        }
        if shown.contains("planted") || shown.contains("PRIVATE") {
            differences.push(format!("{} {}: shows {shown}", row.kind, row.source));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[cfg(unix)]
#[test]
fn a_program_is_run_only_if_that_is_allowed() {
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIDROLE", "SecretAccessKey": "planted-secret"}"#;
    let rows = [
        (format!("echo '{keys}'"), true, Ok("AWS4-HMAC-SHA256 Credential=AKIDROLE/…")),
        (
            "echo planted >&2; exit 3".to_owned(),
            true,
            Err(
                "the credentials from credential_process cannot be used: FOLDER/helper failed: exit status: 3",
            ),
        ),
        (
            "echo planted".to_owned(),
            true,
            Err(
                "the credentials from credential_process cannot be used: the output of FOLDER/helper has another form",
            ),
        ),
        (
            "touch FOLDER/was-run".to_owned(),
            false,
            Err(
                "the credentials from credential_process cannot be used: FOLDER/helper is run only with --allow-credential-command",
            ),
        ),
    ];
    for (script, allow_commands, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        let shown = folder.path().to_str().unwrap();
        let helper = folder.path().join("helper");
        let text = format!("#!/bin/sh\n{}\n", script.replace("FOLDER", shown));
        crate::support::program::write_script(&helper, &text);
        let config = "[default]\ncredential_process = {}/helper --planted-argument\n";
        let files = [("config", config.to_owned())];
        let variables = [("AWS_CONFIG_FILE", "{}/config")];
        let row = row("a program", S3, &variables, &files, Answers::default(), expected);
        let row = Row { access: Access { allow_commands, ..Access::default() }, ..row };
        let (found, all) = sender(&row, folder.path());
        let (Ok(found) | Err(found)) = &found;
        let (Ok(expected) | Err(expected)) = expected;
        assert!(is_like(found, &expected.replace("FOLDER", shown)), "{found}");
        assert!(!all.contains("planted"), "{all}");
        assert!(!folder.path().join("was-run").exists());
    }
}

/// Tokens are renewed before they expire, and once when a store refuses one; all threads share them.
#[test]
fn tokens_are_renewed() {
    struct Tokens {
        lifetime: u64,
        count: Arc<Mutex<usize>>,
    }
    impl Transport for Tokens {
        fn send(&self, _: &CredentialRequest) -> io::Result<(u16, Vec<u8>)> {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            let token =
                json!({ "access_token": format!("planted-{count}"), "expires_in": self.lifetime });
            Ok((200, token.to_string().into_bytes()))
        }
    }
    // Lifetime in seconds, tokens that the store refuses, outcome, tokens that were fetched for 40 objects.
    let rows = [
        (3600, 0, "created", 1..=1),
        (60, 0, "created", 40..=60),
        (3600, 1, "created", 2..=2),
        (3600, 9, "failed: HTTP status 401 (authError)…", 2..=2),
    ];
    for (lifetime, refused, expected, fetched) in rows {
        let store = Store::new(Gcs);
        let server = store.serve(move |store, request| {
            let number = request.header("authorization").and_then(|text| text.split_once('-'));
            let number: usize = number.and_then(|(_, number)| number.parse().ok()).unwrap();
            if number <= refused { store.error(401, "authError") } else { store.correct(request) }
        });
        let count = Arc::new(Mutex::new(0));
        let tokens = Tokens { lifetime, count: Arc::clone(&count) };
        let environment = Environment::of(variables(Gcs, &server)).with_transport(tokens);
        let url = "gs://bkt".parse().unwrap();
        let bucket = Bucket::open(&url, &environment, Access::default(), LIMITS).unwrap();
        let bucket = Arc::new(bucket);
        let outcomes = at_once(8, move |thread| {
            let outcomes: Vec<String> =
                (0..5).map(|number| create(&bucket, &format!("{thread}-{number}"), b"a")).collect();
            assert!(outcomes.iter().all(|outcome| is_like(outcome, expected)), "{outcomes:?}");
            outcomes[0].clone()
        });
        assert!(outcomes.iter().all(|outcome| !outcome.contains("planted")), "{outcomes:?}");
        let count = *count.lock().unwrap();
        assert!(fetched.contains(&count), "{lifetime} {refused}: {count} tokens");
    }
}

/// A bearer token is not sent over http to another machine.
#[test]
fn tokens_are_not_sent_in_the_clear() {
    let answers = Answers::default()
        .with(
            "GET http://169.254.169.254/",
            200,
            json!({ "access_token": TOKEN, "expires_on": "4070908800" }),
        )
        .with("GET http://metadata.google.internal/", 200, token());
    let rows = [
        ("az://bkt", ("AZURE_STORAGE_CONNECTION_STRING", "BlobEndpoint=http://store.test/acc")),
        ("gs://bkt", ("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", "http://store.test")),
    ];
    for (url, variable) in rows {
        let environment = Environment::of([variable]).with_transport(answers.clone());
        let bucket = Bucket::open(&url.parse().unwrap(), &environment, Access::default(), LIMITS);
        let error = bucket.unwrap().head("a").unwrap_err();
        let expected = "a token must not be sent over http://, where others can read it";
        assert_eq!(error.to_string(), expected, "{url}");
    }
}

/// What `--anonymous` is for: credentials that are there stay unused.
#[test]
fn anonymous_requests_have_no_sender() {
    for kind in super::faults::ALL {
        let (store, server, senders) = recording(*kind);
        let environment = Environment::of(store.variables(&server));
        let url = format!("{kind}://bkt").parse().unwrap();
        let access = Access { anonymous: true, ..Access::default() };
        let bucket = Bucket::open(&url, &environment, access, LIMITS).unwrap();
        assert_eq!(bucket.head("a").unwrap(), None);
        assert_eq!(*senders.lock().unwrap(), ["nobody"], "{kind}");
    }
}

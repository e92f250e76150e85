//! What the credential library gets from the outside: variables, files, HTTP, and programs.
//!
//! Failures are noted here, without secrets, since the library's own messages quote answers and output.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use reqsign_core::{CommandExecute, CommandOutput, Context, Env, FileRead, HttpSend, Result};
use ureq::http::{Request, Response, Uri};

use super::trouble::{Trouble, failed};
use crate::v2::store::access::Access;
use crate::v2::store::bucket::answers::is_web_page;
use crate::v2::store::bucket::environment::{CredentialRequest, Environment};
use crate::v2::store::bucket_url::StoreKind;
use crate::v2::store::http::client::{Accepts, Authorization, Call, Client, Connection, Sent};
use crate::v2::store::http::fault::{HttpFault, Refusal};
use crate::v2::store::http::retry::RetryPolicy;
use crate::v2::store::http::{BaseUrl, Limits, proxy};

/// The longest answer with credentials, in bytes.
const MAX_ANSWER_LEN: usize = 1 << 20;
/// Attempts of a request for credentials.
const ATTEMPTS: u32 = 4;
/// How long a metadata server, which is near or not there, may take to accept a connection.
const NEAR: Duration = Duration::from_secs(2);

/// Creates the library's context.
pub(super) fn context(
    environment: &Environment,
    kind: StoreKind,
    access: Access,
    limits: Limits,
    trouble: &Trouble,
) -> Context {
    let variables = Variables::of(environment, kind);
    Context::new()
        .with_file_read(Files { trouble: trouble.clone() })
        .with_http_send(Web::new(environment, limits, trouble))
        .with_env(variables)
        .with_command_execute(Programs { access, trouble: trouble.clone() })
}

/// The variables, with those names that the library does not know added under those that it knows.
struct Variables {
    all: HashMap<String, String>,
    home: Option<PathBuf>,
}

impl Variables {
    fn of(environment: &Environment, kind: StoreKind) -> Self {
        let mut all: HashMap<String, String> = environment
            .variables()
            .iter()
            .filter(|(name, value)| {
                // Names of the library's own, and the permission to run programs, which is a flag here.
                let is_foreign = name.starts_with("AZBLOB_")
                    || *name == "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";
                !is_foreign && !value.is_empty()
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let aliases: &[(&str, &str)] = match kind {
            StoreKind::Gcs | StoreKind::S3 => &[("AWS_DEFAULT_REGION", "AWS_REGION")],
            StoreKind::Azure => &[
                ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"),
                ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"),
            ],
        };
        for (from, to) in aliases {
            if let (Some(value), false) = (all.get(*from).cloned(), all.contains_key(*to)) {
                all.insert((*to).to_owned(), value);
            }
        }
        if let Some(token) = all.get_mut("AZURE_STORAGE_SAS_TOKEN") {
            *token = token.trim_start_matches('?').to_owned();
        }
        Variables { all, home: environment.home() }
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.all.keys()).finish()
    }
}

impl Env for Variables {
    fn var(&self, key: &str) -> Option<String> {
        self.all.get(key).cloned()
    }

    fn vars(&self) -> HashMap<String, String> {
        self.all.clone()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.home.clone()
    }
}

#[derive(Debug)]
struct Files {
    trouble: Trouble,
}

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> Result<Vec<u8>> {
        let bytes = std::fs::read(path).map_err(|error| {
            self.trouble.note(format!("cannot read {path}: {error}"), false);
            failed()
        })?;
        completed(bytes).map_err(|text| {
            self.trouble.note(format!("{path}: {text}"), true);
            failed()
        })
    }
}

/// Adds the format that a file of Google's workload identity may leave out: the whole source is the token
/// (google.aip.dev/auth/4117). Rejects what needs an asynchronous runtime.
fn completed(bytes: Vec<u8>) -> std::result::Result<Vec<u8>, &'static str> {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
        return Ok(bytes);
    };
    if value["type"] != "external_account" {
        return Ok(bytes);
    }
    let Some(source) = value["credential_source"].as_object_mut() else { return Ok(bytes) };
    if source.contains_key("executable") {
        return Err("credentials that a program provides are not supported");
    }
    if !source.contains_key("format") && !source.contains_key("environment_id") {
        source.insert("format".to_owned(), serde_json::json!({ "type": "text" }));
    }
    serde_json::to_vec(&value).or(Ok(bytes))
}

/// Sends the requests for credentials: those over http to a metadata server, without a proxy.
struct Web {
    environment: Environment,
    near: Client,
    far: Client,
    near_policy: RetryPolicy,
    far_policy: RetryPolicy,
    trouble: Trouble,
}

impl Web {
    fn new(environment: &Environment, limits: Limits, trouble: &Trouble) -> Self {
        let far_limits = Limits {
            attempts: limits.attempts.min(ATTEMPTS),
            give_up_after: u32::MAX,
            spacing: Duration::ZERO,
            ..limits
        };
        let near_limits = Limits {
            connect: limits.connect.min(NEAR),
            attempts: far_limits.attempts.min(2),
            ..far_limits
        };
        let base: BaseUrl = "https://oauth2.googleapis.com/".parse().expect("a URL");
        // An invalid proxy was reported when the store's own client was made.
        let found = proxy::find(&base, |name| environment.get(name).map(str::to_owned));
        let client = |https_only, proxy, limits| {
            let authorization = Authorization::None;
            let headers = ureq::http::HeaderMap::new();
            Client::new(Connection { https_only, proxy, authorization, headers }, limits)
        };
        Web {
            environment: environment.clone(),
            near: client(false, None, near_limits),
            far: client(true, found.ok().flatten(), far_limits),
            near_policy: RetryPolicy::new(near_limits),
            far_policy: RetryPolicy::new(far_limits),
            trouble: trouble.clone(),
        }
    }

    fn send(&self, request: Request<Bytes>) -> std::result::Result<(u16, Vec<u8>), String> {
        let (head, body) = request.into_parts();
        if let Some(transport) = self.environment.transport() {
            let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or("").to_owned();
            let headers = head.headers.iter();
            let request = CredentialRequest {
                method: head.method.to_string(),
                url: head.uri.to_string(),
                headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
                body: body.to_vec(),
            };
            return transport.send(&request).map_err(|error| error.kind().to_string());
        }
        let method = ["GET", "POST", "PUT"].into_iter().find(|known| head.method == *known);
        let method = method.ok_or("an unexpected method")?;
        let (client, policy) = match head.uri.scheme_str() {
            Some("https") => (&self.far, &self.far_policy),
            _ => (&self.near, &self.near_policy),
        };
        let call = Call { method, uri: head.uri, headers: head.headers };
        let sent = policy.attempt(|| {
            let mut reader = &body[..];
            let len = body.len() as u64;
            let sent = (method != "GET").then_some(Sent { reader: &mut reader, len });
            let response = client.exchange(&call, sent, 0, Accepts::All)?;
            let status = response.status();
            let refusal = Refusal::of_status(status);
            if status >= 400 && refusal.transient {
                return Err(HttpFault::Status { refusal, retry_after: None });
            }
            Ok((status, response.read_at_most(MAX_ANSWER_LEN)?))
        });
        sent.map_err(|failed| failed.to_string())
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Web")
    }
}

impl HttpSend for Web {
    async fn http_send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let host = host(request.uri());
        let (status, body) = self.send(request).map_err(|text| {
            self.trouble.note(format!("{host}: {text}"), false);
            failed()
        })?;
        if status >= 400 {
            let code = oauth_error(&body).map(|code| format!(" ({code})")).unwrap_or_default();
            self.trouble.note(format!("{host} answered with HTTP status {status}{code}"), false);
        } else if is_web_page(&body) {
            let text = "answered with a web page: check the proxy, and whether the network asks for a login";
            self.trouble.note(format!("{host} {text}"), false);
        } else {
            self.trouble
                .note(format!("the answer of {host} has another form than expected"), false);
        }
        let response = Response::builder().status(status).body(Bytes::from(body));
        response.map_err(|_| failed())
    }
}

fn host(uri: &Uri) -> String {
    uri.host().unwrap_or("the server").to_owned()
}

/// Returns the error code of an OAuth answer (RFC 6749, 5.2), such as `invalid_grant`, or of AWS's.
fn oauth_error(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = value["error"].as_str().or_else(|| value["code"].as_str())?;
    let is_safe = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    (code.len() <= 40 && code.bytes().all(is_safe)).then(|| code.to_owned())
}

#[derive(Debug)]
struct Programs {
    access: Access,
    trouble: Trouble,
}

impl CommandExecute for Programs {
    async fn command_execute(&self, program: &str, args: &[&str]) -> Result<CommandOutput> {
        let refuse = |text: String, is_refusal| {
            self.trouble.note(text, is_refusal);
            Err(failed())
        };
        if !self.access.allow_commands {
            let text = format!("{program} is run only with --allow-credential-command");
            return refuse(text, true);
        }
        let output = Command::new(program).args(args).stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => {
                self.trouble.note(format!("the output of {program} has another form"), false);
                let (stdout, stderr) = (output.stdout, Vec::new());
                Ok(CommandOutput { status: 0, stdout, stderr })
            }
            // Its messages may contain anything.
            Ok(output) => refuse(format!("{program} failed: {}", output.status), false),
            Err(error) => refuse(format!("cannot run {program}: {error}"), false),
        }
    }
}

//! One server for all hosts: the stores, the servers that hand out tokens, and those of the machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use serde_json::json;

use super::MIGRATED;
use crate::support::bucket_server::Store;
use crate::support::fault_server::{FaultServer, Reply, Request};

/// How the servers answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Well.
    Success,
    /// The store answers 401 and repeats everything that it was sent.
    Unauthorized,
    /// The store refuses each write like that.
    WritesRefused,
    /// The store redirects to a URL with everything that it was sent.
    Redirect,
    /// The servers that hand out tokens answer 400 and repeat everything that they were sent.
    TokensRefused,
    /// No certificate is trusted.
    Untrusted,
    /// The proxy refuses the password and repeats it.
    ProxyRefuses,
}

impl Mode {
    pub(super) const ALL: &[Mode] = &[
        Mode::Success,
        Mode::Unauthorized,
        Mode::WritesRefused,
        Mode::Redirect,
        Mode::TokensRefused,
        Mode::Untrusted,
        Mode::ProxyRefuses,
    ];
}

/// The servers.
pub(super) struct World {
    pub(super) server: FaultServer,
}

impl World {
    pub(super) fn start(kind: StoreKind, mode: Mode, is_full: bool) -> Self {
        let store = Store::new(kind);
        if is_full {
            for (key, bytes) in MIGRATED.files() {
                let content_type = MIGRATED.content_type(&key);
                store.edit(&format!("pre/{key}"), |object| {
                    object.bytes = bytes;
                    object.content_type = content_type;
                });
            }
        }
        let server = store.serve(move |store, request| answer(store, mode, request));
        World { server }
    }

    pub(super) fn requests(&self) -> Vec<String> {
        let line = |request: &Request| format!("{} {}", request.method, request.path);
        self.server.requests().iter().map(line).collect()
    }

    /// Returns whether a request had this text.
    pub(super) fn received(&self, text: &str) -> bool {
        self.server.requests().iter().any(|request| everything(request).contains(text))
    }

    /// Starts a proxy that refuses the password, and returns its port.
    pub(super) fn refusing_proxy(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut head = [0; 4096];
                // The client may be gone.
                let Ok(len) = stream.read(&mut head) else { continue };
                let body = String::from_utf8_lossy(&head[..len]).into_owned();
                let status = "HTTP/1.1 407 planted-password";
                let reply = format!("{status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(reply.as_bytes());
            }
        });
        port
    }
}

/// Returns all that a request has.
fn everything(request: &Request) -> String {
    let headers: Vec<String> =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let body = String::from_utf8_lossy(&request.body[..request.body.len().min(2000)]);
    format!("{}\n{}\n{body}", request.path, headers.join("\n"))
}

/// Returns the secret itself, as far as the server knows it: a token or a signature, as a word.
fn secret(request: &Request) -> String {
    let names = ["x-amz-security-token", "authorization"];
    let header = names.iter().find_map(|name| request.header(name)).unwrap_or(&request.path);
    header.rsplit([' ', '=', ':']).next().unwrap_or_default().to_owned()
}

fn answer(store: &Store, mode: Mode, request: &Request) -> Reply {
    let host = request.header("host").unwrap_or_default().to_owned();
    if let Some(reply) = token(&host, request) {
        return match mode {
            Mode::TokensRefused => repeated(store, request, 400),
            _ => reply,
        };
    }
    let mut request = request.clone();
    if host.starts_with("acc.blob") {
        // The account is in the host.
        request.path = format!("/acc{}", request.path);
    }
    let is_write = matches!(request.method.as_str(), "PUT" | "POST");
    match mode {
        Mode::Unauthorized => repeated(store, &request, 401),
        Mode::WritesRefused if is_write => repeated(store, &request, 403),
        Mode::Redirect => {
            let port = host.rsplit(':').next().unwrap_or_default();
            let query = percent_encoding::utf8_percent_encode(
                &everything(&request),
                percent_encoding::NON_ALPHANUMERIC,
            )
            .to_string();
            let location = format!("http://127.0.0.1:{port}/planted?token=planted&{query}");
            repeated(store, &request, 307).with("location", location)
        }
        _ => store.correct(&request),
    }
}

/// Refuses a request, and repeats what it has wherever an answer has room for it.
fn repeated(store: &Store, request: &Request, status: u16) -> Reply {
    let (text, word) = (everything(request), secret(request));
    let oauth = json!({ "error": word, "error_description": text, "code": word, "message": text });
    let body = match store.kind {
        _ if status == 400 => oauth.to_string(),
        Gcs => {
            let errors = json!([{ "reason": word, "message": text, "domain": text }]);
            json!({ "error": { "code": status, "message": text, "errors": errors } }).to_string()
        }
        S3 | Azure => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            format!(
                "<?xml version=\"1.0\"?><Error><Code>{word}</Code><Message>{text}</Message></Error>"
            )
        }
    };
    let reply = Reply { body: body.into_bytes(), ..Reply::status(status) };
    let reply = reply.with("www-authenticate", format!("Bearer realm=\"{word}\""));
    let reply =
        reply.with("x-ms-error-code", word.clone()).with("x-amz-bucket-region", word.clone());
    reply.with("x-amz-request-id", word.clone()).with("server", word)
}

/// Answers for a server that hands out tokens; `None` if the request is for the store.
fn token(host: &str, request: &Request) -> Option<Reply> {
    let path = request.path.split('?').next().unwrap_or_default();
    let token = json!({ "access_token": "plantedAccessToken0123456789", "expires_in": 3600, "token_type": "Bearer",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token" });
    let keys = json!({ "Code": "Success", "AccessKeyId": "AKIDROLE", "SecretAccessKey": "planted-secret",
        "Token": "planted-session-token", "Expiration": "2099-01-01T00:00:00Z", "RoleArn": "", "Type": "AWS-HMAC",
        "LastUpdated": "2026-01-01T00:00:00Z", "Message": "" });
    let text = match (host, path) {
        ("oauth2.googleapis.com" | "sts.googleapis.com" | "login.microsoftonline.com", _) => token.to_string(),
        ("iamcredentials.googleapis.com", _) => {
            json!({ "accessToken": "planted-other-token", "expireTime": "2099-01-01T00:00:00Z" }).to_string()
        }
        ("sts.amazonaws.com", _) => "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
            <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>planted-secret</SecretAccessKey>\
            <SessionToken>planted-session-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
            </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>".to_owned(),
        (host, _) if host.starts_with("portal.sso.") => json!({ "roleCredentials": { "accessKeyId": "AKIDROLE",
            "secretAccessKey": "planted-secret", "sessionToken": "planted-session-token",
            "expiration": 4_070_908_800_000_u64 } }).to_string(),
        (_, "/ecs") => keys.to_string(),
        (_, "/latest/api/token") => "planted-imds-token".to_owned(),
        (_, "/latest/meta-data/iam/security-credentials/") => "role".to_owned(),
        (_, "/latest/meta-data/iam/security-credentials/role") => keys.to_string(),
        (_, path) if path.starts_with("/computeMetadata/") => token.to_string(),
        _ => return None,
    };
    let reply = Reply::status(200).with("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    Some(Reply { body: text.into_bytes(), ..reply })
}

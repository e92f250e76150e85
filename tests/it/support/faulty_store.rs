//! A store with faults: what each request is for, and how often there was one like it.
//!
//! `bucket_server` answers correctly; a function decides which requests get another answer. It also hands out tokens
//! as the metadata servers and token servers of the stores do, so that they can expire during a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};
use percent_encoding::percent_decode_str;

use super::bucket_server::Store;
use super::fault_server::{FaultServer, Reply, Request};

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// A page of the list of this prefix; the first one, or a later one.
    List { prefix: String, is_first: bool },
    /// What is known about an object.
    Look(String),
    /// The bytes of an object.
    Read(String),
    /// To write an object.
    Write(String),
    /// Credentials.
    Token,
}

/// A store, and the number of requests of each kind so far.
#[derive(Clone)]
pub(crate) struct Faulty {
    pub(crate) store: Store,
    counts: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// Decides about a request: another answer, or none, and then the store answers correctly.
pub(crate) type Wrong = fn(&Faulty, &Request) -> Option<Reply>;

impl Faulty {
    pub(crate) fn new(kind: StoreKind) -> Self {
        Faulty { store: Store::new(kind), counts: Arc::default() }
    }

    pub(crate) fn serve(&self, wrong: Wrong) -> FaultServer {
        let faulty = self.clone();
        self.store.serve(move |store, request| {
            let other = wrong(&faulty, request);
            other.unwrap_or_else(|| match faulty.aim(request) {
                Aim::Token => faulty.token(),
                _ => store.correct(request),
            })
        })
    }

    pub(crate) fn aim(&self, request: &Request) -> Aim {
        if let Some(key) = self.store.written_key(request) {
            return Aim::Write(key);
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let query: BTreeMap<&str, &str> =
            query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let is_look = request.method == "HEAD";
        let (list, object, token) = match self.store.kind {
            Gcs => ("/storage/v1/b/bkt/o", "/bkt/", "pageToken"),
            S3 => ("/bkt/", "/bkt/", "continuation-token"),
            Azure => ("/acc/bkt", "/acc/bkt/", "marker"),
        };
        if path == list {
            let prefix = decoded(query.get("prefix").expect("a prefix"));
            return Aim::List { prefix, is_first: !query.contains_key(token) };
        }
        match (path.strip_prefix("/storage/v1/b/bkt/o/"), path.strip_prefix(object)) {
            (Some(key), _) => Aim::Look(decoded(key)),
            (None, Some(key)) if is_look => Aim::Look(decoded(key)),
            (None, Some(key)) => Aim::Read(decoded(key)),
            (None, None) => Aim::Token,
        }
    }

    /// Counts what happens under this name, and returns how often it has happened before.
    pub(crate) fn nth(&self, name: &str) -> usize {
        let mut counts = self.counts.lock().expect("no panic");
        let count = counts.entry(name.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    pub(crate) fn writes(&self, request: &Request, end: &str) -> bool {
        matches!(self.aim(request), Aim::Write(key) if key.ends_with(end))
    }

    pub(crate) fn looks(&self, request: &Request, end: &str) -> bool {
        matches!(self.aim(request), Aim::Look(key) if key.ends_with(end))
    }

    pub(crate) fn reads(&self, request: &Request, end: &str) -> bool {
        matches!(self.aim(request), Aim::Read(key) if key.ends_with(end))
    }

    /// Whether it is the first page of the list of archives.
    pub(crate) fn lists(&self, request: &Request) -> bool {
        matches!(self.aim(request), Aim::List { prefix, is_first: true } if is_of_archives(&prefix))
    }

    /// Whether it is a later page of that list.
    pub(crate) fn lists_on(&self, request: &Request) -> bool {
        matches!(self.aim(request), Aim::List { prefix, is_first: false } if is_of_archives(&prefix))
    }

    pub(crate) fn first_write(&self, request: &Request, end: &str) -> bool {
        self.writes(request, end) && self.nth(&format!("write {end}")) == 0
    }

    pub(crate) fn first_look(&self, request: &Request, end: &str) -> bool {
        self.looks(request, end) && self.nth(&format!("look {end}")) == 0
    }

    pub(crate) fn first_list(&self, request: &Request) -> bool {
        self.lists(request) && self.nth("list") == 0
    }

    /// Carries out a request, and answers something else.
    pub(crate) fn after(&self, request: &Request, status: u16, code: &str) -> Reply {
        self.store.correct(request);
        self.store.error(status, code)
    }

    /// Returns the number of the token that a request was sent with; 0 without one.
    pub(crate) fn token_number(request: &Request) -> usize {
        let names = ["x-amz-security-token", "authorization"];
        let header = names.iter().find_map(|name| request.header(name));
        let number = header.and_then(|text| text.rsplit_once("planted-token-"));
        number.map_or(0, |(_, number)| number.parse().expect("a number"))
    }

    /// Returns the variables for credentials that this server hands out.
    pub(crate) fn token_variables(&self, server: &FaultServer) -> Vec<(String, String)> {
        let host = format!("127.0.0.1:{}", server.port);
        let origin = format!("http://{host}");
        let jwt = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/tls/authority.pem");
        let pairs: Vec<(&str, String)> = match self.store.kind {
            Gcs => vec![
                ("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", origin),
                ("GCE_METADATA_HOST", host),
            ],
            S3 => vec![
                ("AWS_ENDPOINT_URL", origin.clone()),
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{origin}/credentials")),
            ],
            Azure => vec![
                ("AZURE_STORAGE_CONNECTION_STRING", format!("BlobEndpoint={origin}/acc")),
                ("AZURE_AUTHORITY_HOST", origin),
                ("AZURE_TENANT_ID", "tenant".to_owned()),
                ("AZURE_CLIENT_ID", "client".to_owned()),
                // Any file will do: what it has is sent to the token server.
                ("AZURE_FEDERATED_TOKEN_FILE", jwt.to_owned()),
            ],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Hands out the next token.
    fn token(&self) -> Reply {
        let number = self.nth("token") + 1;
        let token = match self.store.kind {
            Gcs | Azure => serde_json::json!({
                "access_token": format!("planted-token-{number}"),
                "expires_in": 3600,
                "token_type": "Bearer",
            }),
            S3 => serde_json::json!({
                "AccessKeyId": "AKIDROLE",
                "SecretAccessKey": "planted-secret",
                "Token": format!("planted-token-{number}"),
                "Expiration": "2099-01-01T00:00:00Z",
            }),
        };
        let reply = Reply::status(200).with("content-type", "application/json");
        Reply { body: token.to_string().into_bytes(), ..reply }
    }
}

fn is_of_archives(prefix: &str) -> bool {
    prefix.ends_with("artifacts/packages/")
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned()
}

//! Where a bucket is: the store's public service, an emulator, or a compatible store, by the environment.
//!
//! The variables are those of the stores' own tools and libraries; `docs/stores.md` lists them.

use std::collections::BTreeMap;
use std::fs;

use super::azure::Azure;
use super::dialect::{Dialect, path};
use super::environment::Environment;
use super::gcs::Gcs;
use super::s3::S3;
use crate::v2::store::bucket_url::{BucketUrl, StoreKind};
use crate::v2::store::http::BaseUrl;

/// The account and key that every Azure emulator has, published by Microsoft (learn.microsoft.com, Azurite).
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A bucket's place, and what is known about access to it.
pub(super) struct Endpoint {
    pub(super) base: BaseUrl,
    pub(super) dialect: Box<dyn Dialect>,
    /// Whether it is an emulator that takes no credentials.
    pub(super) is_emulator: bool,
    /// S3's region.
    pub(super) region: String,
    /// Credentials in Azure's connection string.
    pub(super) given: Option<Given>,
}

/// Credentials that are part of the address.
#[derive(Clone)]
pub(super) enum Given {
    SharedKey { account: String, key: String },
    Sas(String),
}

/// Why a bucket's place is unknown. Values are not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EndpointError {
    #[error("{0} is not an http(s) URL")]
    Url(&'static str),
    #[error(
        "the storage account is unknown: set AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING, or use az://<account>.blob.core.windows.net/<container>"
    )]
    Account,
    #[error("AZURE_STORAGE_CONNECTION_STRING has no {0}")]
    ConnectionString(&'static str),
    #[error("{variable} must be {expected}")]
    Variable { variable: &'static str, expected: &'static str },
    #[error("{0} cannot be sent in a header")]
    Header(&'static str),
}

/// Finds the place of a bucket.
pub(super) fn find(url: &BucketUrl, environment: &Environment) -> Result<Endpoint, EndpointError> {
    match url.kind {
        StoreKind::Gcs => gcs(url, environment),
        StoreKind::S3 => s3(url, environment),
        StoreKind::Azure => azure(url, environment),
    }
}

fn parse(text: &str, variable: &'static str) -> Result<BaseUrl, EndpointError> {
    text.parse().map_err(|_| EndpointError::Url(variable))
}

fn gcs(url: &BucketUrl, environment: &Environment) -> Result<Endpoint, EndpointError> {
    const VARIABLE: &str = "STORAGE_EMULATOR_HOST";
    /// gcloud's name for an endpoint of one's own, such as a private one.
    const OVERRIDE: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE";
    let emulator = environment.get(VARIABLE);
    let base = match (emulator, environment.get(OVERRIDE)) {
        // Google's libraries accept a host without a scheme.
        (Some(host), _) if !host.contains("://") => parse(&format!("http://{host}"), VARIABLE)?,
        (Some(host), _) => parse(host, VARIABLE)?,
        (None, Some(url)) => {
            let url = url.trim_end_matches('/');
            parse(url.strip_suffix("/storage/v1").unwrap_or(url), OVERRIDE)?
        }
        (None, None) => parse("https://storage.googleapis.com", VARIABLE)?,
    };
    const PROJECT: &str = "GOOGLE_CLOUD_QUOTA_PROJECT";
    let user_project = environment.get(PROJECT).map(str::to_owned);
    if user_project.as_ref().is_some_and(|project| !project.bytes().all(|b| b.is_ascii_graphic())) {
        return Err(EndpointError::Header(PROJECT));
    }
    let dialect = Gcs { base: base.clone(), bucket: url.bucket.clone(), user_project };
    Ok(Endpoint {
        base,
        dialect: Box::new(dialect),
        is_emulator: emulator.is_some(),
        region: String::new(),
        given: None,
    })
}

fn s3(url: &BucketUrl, environment: &Environment) -> Result<Endpoint, EndpointError> {
    const ENDPOINT: &str = "AWS_ENDPOINT_URL";
    let region = environment
        .first(&["AWS_REGION", "AWS_DEFAULT_REGION"])
        .map(str::to_owned)
        .or_else(|| region_of_profile(environment))
        .unwrap_or_else(|| "us-east-1".to_owned());
    let endpoint = environment.first(&["AWS_ENDPOINT_URL_S3", ENDPOINT]);
    const STYLE: &str = "AWS_S3_ADDRESSING_STYLE";
    let is_path_style = match environment.get(STYLE) {
        Some("path") => true,
        Some("virtual") => false,
        // A certificate for *.s3.amazonaws.com does not cover names with dots.
        None | Some("auto") => endpoint.is_some() || url.bucket.contains('.'),
        Some(_) => {
            let expected = "path, virtual or auto";
            return Err(EndpointError::Variable { variable: STYLE, expected });
        }
    };
    let public;
    let endpoint = match endpoint {
        Some(endpoint) => endpoint,
        None => {
            let domain = if region.starts_with("cn-") { "com.cn" } else { "com" };
            public = format!("https://s3.{region}.amazonaws.{domain}");
            &public
        }
    };
    let bucket = path(&url.bucket);
    let base = match is_path_style {
        true => format!("{}{bucket}/", parse(endpoint, ENDPOINT)?),
        false => {
            let (scheme, rest) = endpoint.split_once("://").ok_or(EndpointError::Url(ENDPOINT))?;
            format!("{scheme}://{bucket}.{rest}")
        }
    };
    let base = parse(&base, ENDPOINT)?;
    const CHECKSUMS: &str = "AWS_REQUEST_CHECKSUM_CALCULATION";
    let sends_checksums = match environment.get(CHECKSUMS).map(str::to_ascii_lowercase).as_deref() {
        None | Some("when_supported") => true,
        Some("when_required") => false,
        Some(_) => {
            let expected = "when_supported or when_required";
            return Err(EndpointError::Variable { variable: CHECKSUMS, expected });
        }
    };
    const PAYER: &str = "AWS_REQUEST_PAYER";
    let requester_pays = match environment.get(PAYER) {
        None => false,
        Some("requester") => true,
        Some(_) => {
            return Err(EndpointError::Variable { variable: PAYER, expected: "requester" });
        }
    };
    let dialect = S3 { base: base.clone(), sends_checksums, requester_pays };
    Ok(Endpoint { base, dialect: Box::new(dialect), is_emulator: false, region, given: None })
}

/// Returns the region of the profile in AWS's configuration file.
fn region_of_profile(environment: &Environment) -> Option<String> {
    let file = match environment.get("AWS_CONFIG_FILE") {
        Some(file) => file.into(),
        None => environment.home()?.join(".aws/config"),
    };
    let text = fs::read_to_string(file).ok()?;
    let section = match environment.get("AWS_PROFILE") {
        None | Some("default") => "[default]".to_owned(),
        Some(profile) => format!("[profile {profile}]"),
    };
    let lines = text.lines().map(str::trim).skip_while(|line| *line != section).skip(1);
    lines.take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "region").then(|| value.trim().to_owned())
    })
}

fn azure(url: &BucketUrl, environment: &Environment) -> Result<Endpoint, EndpointError> {
    const VARIABLE: &str = "AZURE_STORAGE_CONNECTION_STRING";
    let account = environment.first(&["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"]);
    let (base, given) = match (&url.host, environment.get(VARIABLE), account) {
        // The URL says which account: credentials of another one must not be sent there.
        (Some(host), _, _) => (parse(&format!("https://{host}"), "the URL")?, None),
        (None, Some(text), _) => connection_string(text)?,
        (None, None, Some(account)) => {
            let host = format!("https://{}.blob.core.windows.net", path(account));
            (parse(&host, "AZURE_STORAGE_ACCOUNT")?, None)
        }
        (None, None, None) => return Err(EndpointError::Account),
    };
    let dialect = Azure { base: base.clone(), container: url.bucket.clone() };
    let (dialect, region) = (Box::new(dialect), String::new());
    Ok(Endpoint { base, dialect, is_emulator: false, region, given })
}

/// Parses Azure's connection string: pairs of name and value, separated by semicolons.
fn connection_string(text: &str) -> Result<(BaseUrl, Option<Given>), EndpointError> {
    const VARIABLE: &str = "AZURE_STORAGE_CONNECTION_STRING";
    let pairs: BTreeMap<String, &str> = text
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let get = |name: &str| pairs.get(name).copied();
    if get("usedevelopmentstorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let base = parse(&format!("http://127.0.0.1:10000/{EMULATOR_ACCOUNT}"), VARIABLE)?;
        let (account, key) = (EMULATOR_ACCOUNT.to_owned(), EMULATOR_KEY.to_owned());
        return Ok((base, Some(Given::SharedKey { account, key })));
    }
    let base = match (get("blobendpoint"), get("accountname")) {
        (Some(endpoint), _) => parse(endpoint, VARIABLE)?,
        (None, Some(account)) => {
            let scheme = get("defaultendpointsprotocol").unwrap_or("https");
            let suffix = get("endpointsuffix").unwrap_or("core.windows.net");
            parse(&format!("{scheme}://{account}.blob.{suffix}"), VARIABLE)?
        }
        (None, None) => return Err(EndpointError::ConnectionString("AccountName")),
    };
    let given = match (get("sharedaccesssignature"), get("accountname"), get("accountkey")) {
        (Some(sas), _, _) => Some(Given::Sas(sas.trim_start_matches('?').to_owned())),
        (None, Some(account), Some(key)) => {
            Some(Given::SharedKey { account: account.to_owned(), key: key.to_owned() })
        }
        (None, None, Some(_)) => return Err(EndpointError::ConnectionString("AccountName")),
        (None, _, None) => None,
    };
    Ok((base, given))
}

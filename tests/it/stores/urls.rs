//! Names of buckets, and where each of them is.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use package_storage_migrate::v2::store::bucket::{
    Access, Bucket, BucketUrl, Environment, StoreKind,
};

use super::create;
use crate::http::LIMITS;
use crate::support::bucket_server::Store;
use crate::support::fault_server::{FaultServer, Reply};

#[test]
fn names_of_buckets() {
    let name =
        "expected the name of a bucket after ://, of letters, digits, dots, dashes and underscores";
    let prefix = "a prefix has no empty, . or .. components";
    let query = "the URL of a bucket has no ? or #; credentials are taken from the environment";
    let rows = [
        ("gs://bucket", Ok("gs://bucket/")),
        ("GS://bucket/", Ok("gs://bucket/")),
        ("gs://my.bucket_1/a/b", Ok("gs://my.bucket_1/a/b/")),
        ("s3://bucket/a b/%25/[c]/", Ok("s3://bucket/a b/%25/[c]/")),
        ("az://container", Ok("az://container/")),
        ("az://$web/a", Ok("az://$web/a/")),
        ("az://acc.blob.core.windows.net/c/a", Ok("az://acc.blob.core.windows.net/c/a/")),
        ("az://acc.blob.core.windows.net", Err(name)),
        ("s3://$web", Err(name)),
        ("gs://", Err(name)),
        ("gs:///a", Err(name)),
        ("gs://..", Err(name)),
        ("gs://key:planted@bucket", Err(name)),
        ("gs://bücket", Err(name)),
        ("gs://bucket/a//b", Err(prefix)),
        ("gs://bucket//", Err(prefix)),
        ("gs://bucket/../b", Err(prefix)),
        ("gs://bucket/a/.", Err(prefix)),
        ("az://c?sig=planted", Err(query)),
        ("az://c/a#b", Err(query)),
        ("http://bucket", Err("expected gs://, s3:// or az://")),
        ("bucket", Err("expected gs://, s3:// or az://")),
    ];
    for (text, expected) in rows {
        let found = text.parse::<BucketUrl>().map(|url| url.to_string());
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
}

/// A configuration that is incomplete or contradictory is an error before the first request.
#[test]
fn the_configuration_is_checked() {
    let key = ("AWS_ACCESS_KEY_ID", "a");
    let secret = ("AWS_SECRET_ACCESS_KEY", "planted");
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let rows: [(&str, Variables, &str); 12] = [
        ("az://c", &[], "the storage account is unknown: …"),
        (
            "az://c",
            &[("AZURE_STORAGE_CONNECTION_STRING", "AccountKey=planted")],
            "AZURE_STORAGE_CONNECTION_STRING has no AccountName",
        ),
        (
            "az://c",
            &[("AZURE_STORAGE_CONNECTION_STRING", "planted")],
            "AZURE_STORAGE_CONNECTION_STRING has no AccountName",
        ),
        (
            "az://c",
            &[(
                "AZURE_STORAGE_CONNECTION_STRING",
                "BlobEndpoint=planted;AccountKey=planted;AccountName=a",
            )],
            "AZURE_STORAGE_CONNECTION_STRING is not an http(s) URL",
        ),
        (
            "s3://b",
            &[key, secret, ("AWS_ENDPOINT_URL", "planted")],
            "AWS_ENDPOINT_URL is not an http(s) URL",
        ),
        (
            "s3://b",
            &[key, secret, ("AWS_S3_ADDRESSING_STYLE", "planted")],
            "AWS_S3_ADDRESSING_STYLE must be path, virtual or auto",
        ),
        (
            "s3://b",
            &[key, secret, ("AWS_REQUEST_CHECKSUM_CALCULATION", "planted")],
            "AWS_REQUEST_CHECKSUM_CALCULATION must be when_supported or when_required",
        ),
        (
            "s3://b",
            &[key, secret, ("AWS_REQUEST_PAYER", "planted")],
            "AWS_REQUEST_PAYER must be requester",
        ),
        (
            "s3://b",
            &[key, secret, ("https_proxy", "planted://")],
            "https_proxy is not a proxy URL…",
        ),
        (
            "gs://b",
            &[("STORAGE_EMULATOR_HOST", "planted://")],
            "STORAGE_EMULATOR_HOST is not an http(s) URL",
        ),
        (
            "gs://b",
            &[("STORAGE_EMULATOR_HOST", "h"), ("GOOGLE_CLOUD_QUOTA_PROJECT", "planted\n")],
            "GOOGLE_CLOUD_QUOTA_PROJECT cannot be sent in a header",
        ),
        (
            "gs://b",
            &[("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file")],
            "the credentials from GOOGLE_APPLICATION_CREDENTIALS cannot be used: cannot read /no/such/file: …",
        ),
    ];
    for (url, variables, expected) in rows {
        let environment = Environment::of(variables.iter().copied());
        let opened = Bucket::open(&url.parse().unwrap(), &environment, Access::default(), LIMITS);
        let error = opened.err().unwrap_or_else(|| panic!("{variables:?}"));
        let cause = std::error::Error::source(&error).expect("a cause").to_string();
        assert!(super::faults::is_like(&cause, expected), "{variables:?}: {cause}");
        let all = format!("{error} {error:?} {cause} {:?} {environment:?}", error.hint());
        assert!(!all.contains("planted"), "{all}");
    }
}

/// The first request to each store: which URL, and which headers.
#[test]
fn requests_have_each_stores_form() {
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let rows = [
        (
            "gs://bkt/pre fix",
            "POST /upload/storage/v1/b/bkt/o?uploadType=multipart&ifGenerationMatch=0",
            &["x-goog-user-project: payer"][..],
        ),
        (
            "s3://bkt/pre fix",
            "PUT /bkt/pre%20fix/a%2Bb%20%5Bc%5D%2525.zip",
            &[
                "if-none-match: *",
                "content-md5: XUFAKrxLKna5cZ2REBfFkg==",
                "x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
                "x-amz-request-payer: requester",
                "cache-control: public, max-age=60",
                "authorization: AWS4-HMAC-SHA256 Credential=AKIDPLANTED/",
            ],
        ),
        (
            "az://bkt/pre fix",
            "PUT /acc/bkt/pre%20fix/a%2Bb%20%5Bc%5D%2525.zip",
            &[
                "if-none-match: *",
                "x-ms-blob-type: BlockBlob",
                "content-md5: XUFAKrxLKna5cZ2REBfFkg==",
                "x-ms-blob-content-type: application/zip",
                "x-ms-blob-cache-control: public, max-age=60",
                "authorization: SharedKey acc:",
            ],
        ),
    ];
    for ((url, line, headers), kind) in
        rows.into_iter().zip([StoreKind::Gcs, StoreKind::S3, StoreKind::Azure])
    {
        let store = Store::new(kind);
        let seen = Arc::clone(&requests);
        let server = store.serve(move |store, request| {
            let mut lines = vec![format!("{} {}", request.method, request.path)];
            lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
            seen.lock().unwrap().push(lines.join("\n"));
            store.correct(request)
        });
        let mut variables = store.variables(&server);
        let extra = [("AWS_REQUEST_PAYER", "requester"), ("GOOGLE_CLOUD_QUOTA_PROJECT", "payer")];
        variables.extend(extra.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let url: BucketUrl = url.parse().unwrap();
        let environment = Environment::of(variables.clone());
        let bucket = Bucket::open(&url, &environment, Access::default(), LIMITS).unwrap();
        let key = "a+b [c]%25.zip";
        assert_eq!(create(&bucket, key, b"hello"), "created");
        assert!(store.get("pre fix/a+b [c]%25.zip").is_some(), "{kind}: keys are literal");
        assert_eq!(bucket.list("a").unwrap().into_keys().collect::<Vec<_>>(), [key]);
        let (entry, bytes) = bucket.read(key, 10).unwrap().unwrap();
        assert_eq!(
            (&bytes[..], entry.cache_control.as_deref()),
            (&b"hello"[..], Some("public, max-age=60"))
        );
        assert!(bucket.read(key, 4).is_err(), "longer than the limit");
        assert_eq!(bucket.read("absent", 4).unwrap(), None);
        let all = std::mem::take(&mut *requests.lock().unwrap());
        assert!(all[0].starts_with(&format!("{line}\n")), "{kind}: {}", all[0]);
        for header in headers {
            assert!(all[0].contains(&format!("\n{header}")), "{kind}: {header} in {}", all[0]);
        }
        if kind == StoreKind::S3 {
            variables.push(("AWS_REQUEST_CHECKSUM_CALCULATION".into(), "WHEN_REQUIRED".into()));
            let environment = Environment::of(variables);
            let bucket = Bucket::open(&url, &environment, Access::default(), LIMITS).unwrap();
            assert_eq!(create(&bucket, "plain", b"hello"), "created");
            let all = requests.lock().unwrap();
            assert!(
                all[0].contains("content-md5") && !all[0].contains("x-amz-checksum"),
                "{all:?}"
            );
        }
        requests.lock().unwrap().clear();
    }
}

/// Where requests go, seen by a proxy: it is asked to connect to the host.
#[test]
fn hosts_follow_from_the_environment() {
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let rows: [Row; 10] = [
        ("gs://bkt", &[], "storage.googleapis.com:443"),
        (
            "gs://bkt",
            &[("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", "https://own.test/storage/v1/")],
            "own.test:443",
        ),
        ("s3://bkt", &[], "bkt.s3.us-east-1.amazonaws.com:443"),
        ("s3://bkt", &[("AWS_DEFAULT_REGION", "eu-west-1")], "bkt.s3.eu-west-1.amazonaws.com:443"),
        (
            "s3://bkt",
            &[("AWS_REGION", "cn-north-1"), ("AWS_DEFAULT_REGION", "x")],
            "bkt.s3.cn-north-1.amazonaws.com.cn:443",
        ),
        ("s3://my.bkt", &[], "s3.us-east-1.amazonaws.com:443"),
        (
            "s3://bkt",
            &[("AWS_ENDPOINT_URL", "https://x.test"), ("AWS_ENDPOINT_URL_S3", "https://own.test")],
            "own.test:443",
        ),
        (
            "s3://bkt",
            &[("AWS_ENDPOINT_URL", "https://own.test"), ("AWS_S3_ADDRESSING_STYLE", "virtual")],
            "bkt.own.test:443",
        ),
        ("az://bkt", &[("AZURE_STORAGE_ACCOUNT", "acc")], "acc.blob.core.windows.net:443"),
        (
            "az://acc.blob.core.chinacloudapi.cn/bkt",
            &[("AZURE_STORAGE_ACCOUNT", "other")],
            "acc.blob.core.chinacloudapi.cn:443",
        ),
    ];
    for (url, variables, expected) in rows {
        let hosts: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&hosts);
        let proxy = FaultServer::with(move |request| {
            seen.lock().unwrap().push(format!("{} {}", request.method, request.path));
            Reply::status(403)
        });
        let proxy = proxy.url();
        let variables = variables.iter().copied().chain(keys).chain([("https_proxy", &*proxy)]);
        let access = Access { anonymous: true, ..Access::default() };
        let environment = Environment::of(variables);
        let bucket = Bucket::open(&url.parse().unwrap(), &environment, access, LIMITS).unwrap();
        assert!(bucket.head("a").is_err());
        assert_eq!(hosts.lock().unwrap()[0], format!("CONNECT {expected}"), "{url}");
    }
}

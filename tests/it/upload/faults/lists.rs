//! Faults of lists: a part of one is never used.

use package_storage_migrate::v2::store::bucket::StoreKind::{self, Azure, Gcs, S3};

use super::{
    CONFLICT, DONE, LANTERN, Refused, Row, THERE, THREE, With, nothing, others, ours, row, six,
};
use crate::support::fault_server::{Delivery, Reply, Request};
use crate::support::faulty_store::Faulty;
use crate::upload::PREFIX;

/// Makes a page of a list with objects of one byte.
fn page(kind: StoreKind, keys: &[&str], next: Option<&str>) -> Reply {
    let body = match kind {
        Gcs => {
            let item =
                |key: &&str| serde_json::json!({ "name": key, "size": "1", "generation": "1" });
            let items: Vec<_> = keys.iter().map(item).collect();
            let list = serde_json::json!({ "kind": "storage#objects", "items": items });
            let mut list = list;
            if let Some(next) = next {
                list["nextPageToken"] = next.into();
            }
            list.to_string()
        }
        S3 => {
            let item = |key: &&str| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
            let items: String = keys.iter().map(item).collect();
            let token =
                next.map(|next| format!("<NextContinuationToken>{next}</NextContinuationToken>"));
            format!(
                "<ListBucketResult>{items}{}<IsTruncated>{}</IsTruncated></ListBucketResult>",
                token.unwrap_or_default(),
                next.is_some()
            )
        }
        Azure => {
            let item = |key: &&str| {
                format!(
                    "<Blob><Name>{key}</Name><Properties><Content-Length>1</Content-Length>\
                     </Properties></Blob>"
                )
            };
            let items: String = keys.iter().map(item).collect();
            format!(
                "<EnumerationResults><Blobs>{items}</Blobs><NextMarker>{}</NextMarker>\
                 </EnumerationResults>",
                next.unwrap_or_default()
            )
        }
    };
    Reply { body: body.into_bytes(), ..Reply::status(200) }
}

/// Answers all pages of the list of archives with a page of these keys.
fn listed(f: &Faulty, r: &Request, keys: &[&str], next: Option<&str>) -> Option<Reply> {
    (f.lists(r) || f.lists_on(r)).then(|| page(f.store.kind, keys, next))
}

fn refused(f: &Faulty, r: &Request, status: u16, code: &str) -> Option<Reply> {
    f.lists(r).then(|| f.store.error(status, code))
}

/// Cuts the first answer to the first page, with a length that fits.
fn cut(f: &Faulty, r: &Request, end: usize) -> Option<Reply> {
    f.first_list(r).then(|| {
        let mut reply = f.store.correct(r);
        reply.body.truncate(reply.body.len() - end);
        reply
    })
}

/// All archives and signatures are there.
const SIX: super::Ends = With(0, &[("artifacts/packages/", "already-there")]);

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("none: several pages", six, |_, _| None, SIX),
    row("503 for the first page, once", nothing, |f, r| f.first_list(r).then(|| f.store.error(503, "SlowDown")), DONE),
    row("503 for a later page, once", six, |f, r| (f.lists_on(r) && f.nth("later") == 0).then(|| f.store.error(503, "SlowDown")), SIX),
    row("429 with Retry-After for a page", nothing, |f, r| f.first_list(r).then(|| f.store.error(429, "TooManyRequests").with("retry-after", "1")), DONE),
    row("a connection that is cut off within a page", six, |f, r| f.first_list(r).then(|| f.store.correct(r).delivered(Delivery::Cut(150))), SIX),
    row("a reset instead of a later page", six, |f, r| (f.lists_on(r) && f.nth("later") == 0).then(|| Reply::status(200).delivered(Delivery::Reset)), SIX),
    row("a page that is cut off, with a length that fits", six, |f, r| cut(f, r, 40), SIX),
    row("a page without its last byte", six, |f, r| cut(f, r, 1), SIX),
    row("an empty page, once", six, |f, r| f.first_list(r).then(|| Reply::status(200)), SIX),
    row("pages without an object in between", six, |f, r| match f.lists(r) { true => Some(page(f.store.kind, &[], Some(&format!("{PREFIX}/artifacts/")))), false => None }, SIX),
    row("a page that says there are more, and not which", six, |f, r| f.first_list(r).then(|| { let mut reply = f.store.correct(r); let text = String::from_utf8(reply.body).unwrap(); let (start, rest) = text.split_once("<NextContinuationToken>").unwrap(); let (_, end) = rest.split_once("</NextContinuationToken>").unwrap(); reply.body = format!("{start}{end}").into_bytes(); reply }), SIX).only(&[S3]),

    row("a page that names itself as the next one", nothing, |f, r| listed(f, r, &[], Some("again")), Refused("a page of the list names itself as the next one")),
    row("a list without an end", nothing, |f, r| { let next = format!("{PREFIX}/{}", f.nth("page")); listed(f, r, &[], Some(&next)) }, Refused("the list has no end")),
    row("a key that appears twice", nothing, |f, r| { let key = format!("{PREFIX}/{LANTERN}"); listed(f, r, &[&key, &key], None) }, Refused("a key appears twice in the list")),
    row("a page that comes twice", six, |f, r| f.lists_on(r).then(|| { let mut first = r.clone(); first.path = without_token(&first.path); f.store.correct(&first) }), Refused("a key appears twice in the list")),
    row("a key without the prefix", nothing, |f, r| listed(f, r, &["elsewhere/lantern-1.0.0.zip"], None), Refused("the list has a key without the prefix")),
    row("404: there is no bucket", nothing, |f, r| refused(f, r, 404, "NoSuchBucket"), Refused("HTTP status 404 (NoSuchBucket)")),
    row("403: no right to list", nothing, |f, r| refused(f, r, 403, "AccessDenied"), Refused("HTTP status 403 (AccessDenied)")),
    row("403 for a later page", six, |f, r| f.lists_on(r).then(|| f.store.error(403, "AccessDenied")), Refused("HTTP status 403 (AccessDenied)")),
    row("401", nothing, |f, r| refused(f, r, 401, "Unauthorized"), Refused("HTTP status 401 (Unauthorized)")),
    row("400", nothing, |f, r| refused(f, r, 400, "InvalidArgument"), Refused("HTTP status 400 (InvalidArgument)")),
    row("a redirect", nothing, |f, r| f.lists(r).then(|| f.store.error(302, "Found").with("location", "http://127.0.0.1:9/?token=planted")), Refused("HTTP status 302 (Found)")),
    row("403 for the list of the index only", nothing, |f, r| r.path.contains("metadata").then(|| f.store.error(403, "AccessDenied")), Refused("HTTP status 403 (AccessDenied)")),
    row("a document of another kind", nothing, |f, r| f.lists(r).then(|| Reply { body: b"<html></html>".to_vec(), ..Reply::status(200) }), Refused("does not answer as the store does: it sent a web page")),
    row("a list of another kind", nothing, |f, r| f.lists(r).then(|| Reply { body: b"[]".to_vec(), ..Reply::status(200) }), Refused("it has another form than the documented one")).only(&[Gcs]),

    row("the digest of another object", ours, |f, r| f.lists(r).then(|| with_other_digests(f, r)), THERE),
    row("the digest of ours, and another object", |s| { s.edit(&format!("{PREFIX}/{LANTERN}"), |o| { o.bytes = THREE.bytes(LANTERN); o.bytes[9] ^= 1; }); }, |_, _| None, CONFLICT),
    row("another length", others, |_, _| None, CONFLICT),
];

/// Returns the correct page, with other digests in it than those of the objects.
fn with_other_digests(f: &Faulty, r: &Request) -> Reply {
    let other = crate::support::bucket_server::Store::new(f.store.kind);
    for key in f.store.keys() {
        let object = f.store.get(&key).expect("an object");
        other.edit(&key, |kept| {
            *kept = object;
            kept.bytes[0] ^= 1;
        });
    }
    other.correct(r)
}

/// Removes the token of a page from a path.
fn without_token(path: &str) -> String {
    let (path, query) = path.split_once('?').expect("a query");
    let is_kept = |pair: &&str| {
        !["pageToken=", "continuation-token=", "marker="].iter().any(|name| pair.starts_with(name))
    };
    format!("{path}?{}", query.split('&').filter(is_kept).collect::<Vec<_>>().join("&"))
}

//! Lists as the stores write them, and as they must not be: literal pages.

#![allow(clippy::unwrap_used)]

use package_storage_migrate::v2::store::bucket::answers::{
    Page, PageError, azure_page, gcs_page, s3_page,
};

type Parse = fn(&[u8]) -> Result<Page, PageError>;

const S3: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bkt</Name><Prefix/><KeyCount>2</KeyCount>
<IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
<Contents><Key>a &amp; &#91;b&#x5D; &lt;c&gt;.zip</Key><LastModified>2026-11-27T06:00:00.000Z</LastModified>
<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key><![CDATA[größe %25.zip]]></Key><ETag>"5d41402abc4b2a76b9719d911017c592-2"</ETag><Size>18446744073709551615</Size></Contents>
</ListBucketResult>"#;

const AZURE: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"https://acc/\" \
ContainerName=\"bkt\"><Prefix>a</Prefix><Blobs><Blob><Name>a [b].zip</Name><Properties><Last-Modified>x</Last-Modified>\
<Etag>0x8DB</Etag><ResourceType>file</ResourceType><Content-Length>5</Content-Length><Content-Type>application/zip</Content-Type>\
<Content-Encoding /><Content-MD5>XUFAKrxLKna5cZ2REBfFkg==</Content-MD5><Cache-Control>no-cache</Cache-Control></Properties></Blob>\
<Blob><Name Encoded=\"true\">a%EF%BF%BF%2525</Name><Properties><Content-Length>0</Content-Length><Content-MD5 /></Properties></Blob>\
<Blob><Name>folder</Name><Properties><ResourceType>directory</ResourceType><Content-Length>0</Content-Length></Properties></Blob>\
</Blobs><NextMarker /></EnumerationResults>";

const GCS: &str = r#"{"kind": "storage#objects", "nextPageToken": "CgNh", "items": [
{"name": "a [b].zip", "size": "5", "md5Hash": "XUFAKrxLKna5cZ2REBfFkg==", "crc32c": "mnG7TA==", "generation": "1795762490915539",
 "contentType": "application/zip", "cacheControl": "no-cache", "owner": {"entity": "x"}},
{"name": "composite", "size": "18446744073709551615", "crc32c": "mnG7TA=="},
{"name": "gzip", "size": "5", "md5Hash": "XUFAKrxLKna5cZ2REBfFkg==", "contentEncoding": "gzip"}]}"#;

fn lines(page: &Page) -> Vec<String> {
    let line = |entry: &package_storage_migrate::v2::store::bucket::Entry| {
        let digests = [
            entry.claims.md5.map(|md5| format!("md5={md5}")),
            entry.claims.crc32c.map(|crc32c| format!("crc32c={crc32c}")),
            entry.content_type.clone(),
            entry.cache_control.clone(),
            entry.revision.as_ref().map(|revision| format!("{revision:?}")),
        ];
        let digests: Vec<String> = digests.into_iter().flatten().collect();
        format!("{} {} {}", entry.key, entry.len, digests.join(" ")).trim().to_owned()
    };
    page.entries.iter().map(line).collect()
}

#[test]
fn pages_of_the_stores() {
    let page = s3_page(S3.as_bytes()).unwrap();
    assert_eq!(page.next.as_deref(), Some("1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="));
    assert_eq!(
        lines(&page),
        [
            "a & [b] <c>.zip 5 md5=XUFAKrxLKna5cZ2REBfFkg== Revision(\"\\\"5d41402abc4b2a76b9719d911017c592\\\"\")",
            "größe %25.zip 18446744073709551615 Revision(\"\\\"5d41402abc4b2a76b9719d911017c592-2\\\"\")",
        ]
    );
    let page = azure_page(AZURE.as_bytes()).unwrap();
    assert_eq!(page.next, None);
    assert_eq!(
        lines(&page),
        [
            "a [b].zip 5 md5=XUFAKrxLKna5cZ2REBfFkg== application/zip no-cache Revision(\"\\\"0x8DB\\\"\")",
            "a\u{ffff}%25 0",
        ]
    );
    let page = gcs_page(GCS.as_bytes()).unwrap();
    assert_eq!(page.next.as_deref(), Some("CgNh"));
    assert_eq!(
        lines(&page),
        [
            "a [b].zip 5 md5=XUFAKrxLKna5cZ2REBfFkg== crc32c=mnG7TA== application/zip no-cache Revision(\"1795762490915539\")",
            "composite 18446744073709551615 crc32c=mnG7TA==",
            "gzip 5",
        ]
    );
    assert_eq!(gcs_page(b"{}").unwrap(), Page::default());
}

/// A page that is cut off anywhere is never a shorter list.
#[test]
fn every_part_of_a_page_is_rejected() {
    let pages: [(Parse, &str); 3] = [(s3_page, S3), (azure_page, AZURE), (gcs_page, GCS)];
    for (parse, text) in pages {
        for end in 0..text.len() {
            assert!(parse(&text.as_bytes()[..end]).is_err(), "{end} bytes of {text}");
        }
        assert!(parse(format!("{text}\n").as_bytes()).is_ok());
    }
}

#[test]
fn other_answers_are_rejected() {
    let list = |inside: &str| format!("<ListBucketResult>{inside}</ListBucketResult>");
    let blobs = |inside: &str| {
        format!("<EnumerationResults><Blobs>{inside}</Blobs><NextMarker/></EnumerationResults>")
    };
    let done = "<IsTruncated>false</IsTruncated>";
    let bomb = "<!DOCTYPE a [<!ENTITY b \"cccc\">]><ListBucketResult>&b;</ListBucketResult>";
    let deep = "<a>".repeat(40) + &"</a>".repeat(40);
    use PageError::{Foreign, Form, Malformed, NoToken, WebPage};
    let rows: Vec<(Parse, String, PageError)> = vec![
        (s3_page, String::new(), Malformed),
        (s3_page, "<html><body>Log in</body></html>".into(), WebPage),
        (s3_page, "\u{feff} \n<!-- a --><?xml version=\"1.0\"?><!doctype HTML>".into(), WebPage),
        (azure_page, "<HTML lang=\"en\"><br></HTML>".into(), WebPage),
        (azure_page, "<!-- a".into(), Malformed),
        (s3_page, "Log in".into(), Foreign),
        (azure_page, "{}".into(), Foreign),
        (s3_page, "<Error><Code>AccessDenied</Code></Error>".into(), Form),
        (s3_page, list(""), Form),
        (s3_page, list("<IsTruncated>true</IsTruncated>"), NoToken),
        (s3_page, list("<IsTruncated>maybe</IsTruncated>"), Form),
        (s3_page, list(&format!("{done}<Contents><Key>a</Key></Contents>")), Form),
        (s3_page, list(&format!("{done}<Contents><Key>a</Key><Size>-1</Size></Contents>")), Form),
        (s3_page, list(&format!("{done}<Contents><Key>a</Key><Size>+1</Size></Contents>")), Form),
        (s3_page, list(&format!("{done}<Contents><Size>1</Size></Contents>")), Form),
        (s3_page, list(&format!("{done}&b;")), Malformed),
        (s3_page, list(&format!("{done}&#0;")), Malformed),
        (s3_page, bomb.into(), Form),
        (s3_page, deep, Form),
        (s3_page, list(done) + "x", Malformed),
        (s3_page, list(done) + &list(done), Form),
        (s3_page, list(&format!("{done}<a></b>")), Malformed),
        (azure_page, list(done), Form),
        (azure_page, "<EnumerationResults><Blobs/></EnumerationResults>".into(), Form),
        (azure_page, "<EnumerationResults><NextMarker/></EnumerationResults>".into(), Form),
        (azure_page, blobs("<Blob><Name>a</Name></Blob>"), Form),
        (azure_page, blobs("<BlobPrefix><Name>a</Name></BlobPrefix>"), Form),
        (
            azure_page,
            blobs(
                "<Blob><Name Encoded=\"true\">%FF</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>",
            ),
            Form,
        ),
        (gcs_page, "[]".into(), Form),
        (gcs_page, String::new(), Malformed),
        (gcs_page, "<html>".into(), WebPage),
        (gcs_page, "<Error><Code>AccessDenied</Code></Error>".into(), Foreign),
        (gcs_page, "Log in".into(), Foreign),
        (gcs_page, "null".into(), Foreign),
        (gcs_page, r#"{"kind": "storage#object"}"#.into(), Form),
        (gcs_page, r#"{"items": [{"name": "a"}]}"#.into(), Form),
        (gcs_page, r#"{"items": [{"size": "1"}]}"#.into(), Form),
        (gcs_page, r#"{"items": [{"name": "a", "size": "-1"}]}"#.into(), Form),
        (gcs_page, r#"{"items": [{"name": "a", "size": 1}]}"#.into(), Form),
    ];
    for (parse, text, expected) in rows {
        assert_eq!(parse(text.as_bytes()), Err(expected), "{text}");
    }
    assert!(s3_page(&[0xff]).is_err());
}

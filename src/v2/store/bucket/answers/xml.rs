//! Answers in XML: `ListObjectsV2` of S3 (docs.aws.amazon.com, AmazonS3, API_ListObjectsV2), `List Blobs` of Azure
//! (learn.microsoft.com), and the errors of both.
//!
//! The reader knows elements and text. Document types, and entities but the five of XML, are faults, so that
//! an answer cannot grow while it is read.

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::json::number;
use super::{Entry, Page, PageError, Revision, check_start};
use crate::digest::Md5;
use crate::v2::store::Claims;

/// Deeper than any documented answer.
const MAX_DEPTH: usize = 16;

/// An element.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    /// Azure's mark of a name that XML cannot contain.
    is_encoded: bool,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }
}

/// Parses a page of a list of S3.
///
/// # Errors
/// [`PageError`].
pub fn s3_page(body: &[u8]) -> Result<Page, PageError> {
    let root = parse(body)?;
    if root.name != "ListBucketResult" {
        return Err(PageError::Form);
    }
    let contents = root.children.iter().filter(|child| child.name == "Contents");
    let entries = contents.map(|object| {
        let key = object.child("Key").ok_or(PageError::Form)?.text.clone();
        let len = object.text_of("Size").and_then(number).ok_or(PageError::Form)?;
        let tag = object.text_of("ETag").map(quoted);
        let md5 = tag.as_deref().and_then(|tag| Md5::from_hex(tag.trim_matches('"')));
        Ok(Entry {
            key,
            len,
            claims: Claims { md5, ..Claims::default() },
            content_type: None,
            cache_control: None,
            revision: tag.map(Revision),
        })
    });
    let entries = entries.collect::<Result<_, PageError>>()?;
    let next = match root.text_of("IsTruncated") {
        Some("true") => {
            Some(root.text_of("NextContinuationToken").ok_or(PageError::NoToken)?.to_owned())
        }
        Some("false") => None,
        _ => return Err(PageError::Form),
    };
    Ok(Page { entries, next })
}

/// Parses a page of a list of Azure.
///
/// # Errors
/// [`PageError`].
pub fn azure_page(body: &[u8]) -> Result<Page, PageError> {
    let root = parse(body)?;
    if root.name != "EnumerationResults" {
        return Err(PageError::Form);
    }
    let blobs = root.child("Blobs").ok_or(PageError::Form)?;
    let mut entries = Vec::new();
    for blob in &blobs.children {
        if blob.name != "Blob" {
            return Err(PageError::Form);
        }
        let properties = blob.child("Properties").ok_or(PageError::Form)?;
        // With a hierarchical namespace, folders are listed as well.
        if properties.text_of("ResourceType") == Some("directory") {
            continue;
        }
        let name = blob.child("Name").ok_or(PageError::Form)?;
        let key = match name.is_encoded {
            true => percent_decode_str(&name.text)
                .decode_utf8()
                .map_err(|_| PageError::Form)?
                .into_owned(),
            false => name.text.clone(),
        };
        let len = properties.text_of("Content-Length").and_then(number).ok_or(PageError::Form)?;
        let text = |name: &str| properties.text_of(name).map(str::to_owned);
        let md5 = text("Content-MD5").and_then(|digest| digest.parse().ok());
        entries.push(Entry {
            key,
            len,
            claims: Claims { md5, ..Claims::default() },
            content_type: text("Content-Type"),
            cache_control: text("Cache-Control"),
            revision: properties.text_of("Etag").map(|tag| Revision(quoted(tag))),
        });
    }
    let next = root.child("NextMarker").ok_or(PageError::Form)?;
    let next = Some(next.text.clone()).filter(|marker| !marker.is_empty());
    Ok(Page { entries, next })
}

/// Returns the code in an error of S3, Azure, or GCS's XML API, such as `AccessDenied`.
pub(in crate::v2::store::bucket) fn error_code(body: &[u8]) -> Option<String> {
    let root = parse(body).ok().filter(|root| root.name == "Error")?;
    root.text_of("Code").map(str::to_owned)
}

/// Adds the quotes that some lists leave out.
fn quoted(tag: &str) -> String {
    if tag.starts_with('"') || tag.starts_with("W/") {
        tag.to_owned()
    } else {
        format!("\"{tag}\"")
    }
}

fn parse(body: &[u8]) -> Result<Element, PageError> {
    check_start(body, b"<")?;
    let text = std::str::from_utf8(body).map_err(|_| PageError::Malformed)?;
    // Azure's answers start with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().map_err(|_| PageError::Malformed)? {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH || root.is_some() {
                    return Err(PageError::Form);
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => {
                let element = element(&start)?;
                close(&mut open, &mut root, element)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or(PageError::Malformed)?;
                close(&mut open, &mut root, element)?;
            }
            Event::Text(text) => append(&mut open, &text)?,
            Event::CData(text) => append(&mut open, &text)?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|_| PageError::Malformed)?;
                match (character, resolve_xml_entity(&reference)) {
                    (Some(character), _) => append(&mut open, character.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => append(&mut open, text)?,
                    (None, None) => return Err(PageError::Malformed),
                }
            }
            Event::DocType(_) => return Err(PageError::Form),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    root.filter(|_| open.is_empty()).ok_or(PageError::Malformed)
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Result<Element, PageError> {
    let encoded = start.try_get_attribute("Encoded").map_err(|_| PageError::Malformed)?;
    Ok(Element {
        name: start.local_name().into_inner().to_owned(),
        is_encoded: encoded.is_some_and(|attribute| &*attribute.value == "true"),
        ..Element::default()
    })
}

fn close(
    open: &mut [Element],
    root: &mut Option<Element>,
    element: Element,
) -> Result<(), PageError> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err(PageError::Form),
    }
    Ok(())
}

fn append(open: &mut [Element], text: &str) -> Result<(), PageError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(PageError::Malformed),
    }
    Ok(())
}

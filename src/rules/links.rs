//! The relative links and images of a Markdown document, and the files that they refer to.
//!
//! Pure. Kibana shows `docs/*.md` and resolves the destinations of images, all that do not begin with `http://` or
//! `https://`, from the root of the package, without query and fragment (kibana, Fleet's `readme.tsx` and
//! `use_links.tsx`). It does not resolve links at all; they work where documents usually are read, relative to the
//! document. Markdown is parsed as CommonMark; inline HTML is not followed, since Kibana does not render it.

use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, Parser, Tag};

/// Returns whether the file with this path is a document that Kibana shows: a Markdown file in `docs`.
pub fn is_document(path: &str) -> bool {
    path.strip_prefix("docs/").is_some_and(|name| !name.contains('/') && name.ends_with(".md"))
}

/// A relative destination in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelativeLink {
    /// The destination as written.
    pub destination: String,
    /// Whether it is that of an image.
    pub is_image: bool,
}

/// Returns the distinct relative destinations in a document, in the order of appearance. Destinations inside the
/// document itself (`#section`) are omitted.
pub fn relative_links(markdown: &str) -> Vec<RelativeLink> {
    let mut links: Vec<RelativeLink> = Vec::new();
    for event in Parser::new(markdown) {
        let (destination, is_image) = match event {
            Event::Start(Tag::Link { dest_url, .. }) => (dest_url, false),
            Event::Start(Tag::Image { dest_url, .. }) => (dest_url, true),
            _ => continue,
        };
        let link = RelativeLink { destination: destination.into_string(), is_image };
        if is_relative(&link) && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

/// Returns whether a destination is a path in the package: neither empty, nor a URL with a scheme (RFC 3986, section
/// 4.2), and for links not from the root of a site.
fn is_relative(link: &RelativeLink) -> bool {
    let path = path_of(&link.destination);
    let first = path.split('/').next().unwrap_or_default();
    let has_scheme = first.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    let is_elsewhere = match link.is_image {
        true => path.starts_with("//"),
        false => path.starts_with('/'),
    };
    !path.is_empty() && !has_scheme && !is_elsewhere
}

/// Returns a destination without query and fragment.
fn path_of(destination: &str) -> &str {
    destination.split(['?', '#']).next().unwrap_or_default()
}

impl RelativeLink {
    /// Returns the path in the package that the destination in the document at `document` refers to; `None` if it leaves
    /// the package. Escapes (`%20`) are decoded.
    pub fn target(&self, document: &str) -> Option<String> {
        let decoded = percent_decode_str(path_of(&self.destination)).decode_utf8_lossy();
        let mut parts: Vec<&str> = Vec::new();
        if !self.is_image {
            parts.extend(document.split('/'));
            parts.pop();
        }
        for part in decoded.split('/') {
            match part {
                "" | "." => {}
                // Like browsers, Kibana ignores a step above the root.
                ".." if self.is_image => drop(parts.pop()),
                ".." => drop(parts.pop()?),
                _ => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }
}

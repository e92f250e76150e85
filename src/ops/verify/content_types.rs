//! The content types that static resources should have, by extension.
//!
//! Independent of the table in `v2/statics`, from which `migrate` takes the types of its plan: both are compared with
//! Go's answers in the tests.

/// Types and their extensions: those that the registry adds (package-registry 1.40.1, `mime_types.go`).
const OF_REGISTRY: &[(&str, &str)] = &[
    ("application/zip", "zip"),
    ("image/x-icon", "ico"),
    ("text/markdown; charset=utf-8", "md"),
    ("text/yaml; charset=UTF-8", "yml"),
];

/// Types and their extensions: those built into Go 1.26 (`mime/type.go`), without those that a host may add.
const OF_GO: &[(&str, &str)] = &[
    ("application/gzip", "gz"),
    ("application/json", "json"),
    ("application/msword", "doc"),
    ("application/pdf", "pdf"),
    ("application/postscript", "ai eps ps"),
    ("application/rdf+xml", "rdf"),
    ("application/rtf", "rtf"),
    ("application/vnd.android.package-archive", "apk"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/wasm", "wasm"),
    ("application/xhtml+xml", "xht xhtml"),
    ("audio/flac", "flac"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "oga ogg opus"),
    ("audio/wav", "wav"),
    ("audio/webm", "webm"),
    ("image/apng", "apng"),
    ("image/avif", "avif"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/jpeg", "jfif jpeg jpg pjp pjpeg"),
    ("image/png", "png"),
    ("image/svg+xml", "svg"),
    ("image/tiff", "tif tiff"),
    ("image/webp", "webp"),
    ("image/x-xbitmap", "xbm"),
    ("message/rfc822", "eml"),
    ("text/calendar; charset=utf-8", "ics"),
    ("text/css; charset=utf-8", "css"),
    ("text/csv; charset=utf-8", "csv"),
    ("text/html; charset=utf-8", "ehtml htm html shtml"),
    ("text/javascript; charset=utf-8", "js mjs"),
    ("text/plain; charset=utf-8", "text txt"),
    ("text/vtt; charset=utf-8", "vtt"),
    ("text/xml; charset=utf-8", "xbl xml xsl"),
    ("video/mp4", "mp4"),
    ("video/ogg", "ogv"),
];

/// The type of files with an unknown extension.
const UNKNOWN: &str = "application/octet-stream";

/// Returns the type that a static resource with this path should have.
pub fn expected_type(path: &str) -> &'static str {
    known_type(path).unwrap_or(UNKNOWN)
}

/// Returns the type that a file with this path should have; `None` if neither Go nor the registry define its extension,
/// so that a registry over folders or archives asks the tables of its host.
pub(super) fn known_type(path: &str) -> Option<&'static str> {
    let extension = extension(path)?;
    let has = |(_, extensions): &&(&str, &str)| {
        extensions.split(' ').any(|known| is_same(known, extension))
    };
    OF_REGISTRY.iter().chain(OF_GO).find(has).map(|(media_type, _)| *media_type)
}

/// Returns the extension of the file with this path, if its name has one.
pub(super) fn extension(path: &str) -> Option<&str> {
    let name = &path[path.rfind('/').map_or(0, |slash| slash + 1)..];
    name.rfind('.').map(|dot| &name[dot + 1..])
}

/// Compares letter by letter without case, as Go's `strings.ToLower` does: two letters outside of ASCII become
/// ASCII letters.
fn is_same(known: &str, extension: &str) -> bool {
    let lower = extension.chars().map(|letter| match letter {
        'İ' => 'i',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    });
    known.chars().eq(lower)
}

/// Returns whether two types are the same: case and white space do not matter, parameters do (RFC 9110, 8.3.1).
pub(super) fn is_same_type(one: &str, other: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        text.split(';').map(|part| part.trim().replace('"', "").to_ascii_lowercase()).collect()
    };
    parts(one) == parts(other)
}

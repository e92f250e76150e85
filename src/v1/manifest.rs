//! What a package manifest says of itself: its name and version, as text.
//!
//! Typed, never through an untyped YAML value, which would read `version: 1.10` as the number 1.1.
//! The only user of the YAML crate. Called by `migrate`.

use serde::Deserialize;

/// The manifest's path inside a revision.
pub const MANIFEST_PATH: &str = "manifest.yml";

/// The largest manifest that is parsed, in bytes; the largest real one has under 100 kB.
pub const MAX_MANIFEST_LEN: usize = 4 << 20;

/// The fields that the migration needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// `name`.
    pub name: String,
    /// `version`, the text as it stands there.
    pub version: String,
}

/// Why a manifest cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Larger than [`MAX_MANIFEST_LEN`].
    #[error("it has {0} bytes, more than {MAX_MANIFEST_LEN}")]
    TooLarge(usize),
    /// No mapping, a field missing, or no YAML; the parser's message names line and column.
    #[error(transparent)]
    Yaml(#[from] serde_yaml::Error),
}

impl Manifest {
    /// Parses the first YAML document, as the registry does.
    ///
    /// # Errors
    /// Every kind of [`ManifestError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_LEN {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        // The registry's parser skips a byte order mark; this one would take it for a letter.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match serde_yaml::Deserializer::from_slice(text).next() {
            Some(document) => Ok(Manifest::deserialize(document)?),
            None => Ok(serde_yaml::from_slice(text)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stay_text() {
        for version in ["1.10", "010", "1e3", "0x10", "no", "1.0.0-rc1"] {
            let manifest = Manifest::parse(format!("name: a\nversion: {version}\n").as_bytes());
            assert_eq!(manifest.expect("readable").version, version);
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let rows: [(&[u8], &str); 7] = [
            (b"", "missing field `name`"),
            (b"name: a\n", "missing field `version`"),
            (b"- a\n", "invalid type: sequence, expected struct Manifest"),
            (
                b"name: [a]\nversion: 1.0.0\n",
                "name: invalid type: sequence, expected a string at line 1 column 7",
            ),
            (
                b"name: a\n\tversion: 1\n",
                "found a tab character that violates indentation at line 2 column 1",
            ),
            (b"name: a\nname: b\nversion: 1.0.0\n", "duplicate field `name`"),
            (b"name: \xff\nversion: 1.0.0\n", "invalid leading UTF-8 octet at position 6"),
        ];
        for (bytes, message) in rows {
            let error = Manifest::parse(bytes).expect_err("refused").to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn only_the_first_document_counts() {
        let bytes = b"\xef\xbb\xbfname: a\r\nversion: 1.0.0\r\n---\nname: b\n";
        let manifest = Manifest::parse(bytes).expect("readable");
        assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("a", "1.0.0"));
    }

    #[test]
    fn a_bomb_and_a_giant_are_refused_quickly() {
        let bomb: String = (0..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
            text + &format!("a{0}: &a{0} [*a{1}, *a{1}]\n", level + 1, level)
        });
        let with_fields = format!("{bomb}name: a\nversion: 1.0.0\n");
        assert!(Manifest::parse(with_fields.as_bytes()).is_ok(), "unused anchors are skipped");
        let into_name = format!("{bomb}name: *a40\nversion: 1.0.0\n");
        assert!(Manifest::parse(into_name.as_bytes()).is_err());
        let giant = vec![b'#'; MAX_MANIFEST_LEN + 1];
        assert!(matches!(Manifest::parse(&giant), Err(ManifestError::TooLarge(_))));
    }
}

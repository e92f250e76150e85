//! Names that resemble one that does not exist, for "did you mean".
//!
//! The measure is the one that clap uses for mistyped flags. Not for deciding anything: a name is only shown.

/// The similarity from which a name is suggested, as in clap 4.
const THRESHOLD: f64 = 0.7;

/// The maximum number of suggestions.
const LIMIT: usize = 3;

/// Returns the names that resemble `word`, the most similar first; equally similar ones in their own order.
pub fn similar_names(word: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let scored = names.into_iter().map(|name| (strsim::jaro(word, &name), name));
    let mut scored: Vec<_> = scored.filter(|(score, _)| *score > THRESHOLD).collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().take(LIMIT).map(|(_, name)| name).collect()
}

//! Splits a text with long lists into parts of one item each, so that items shared by many texts are
//! parsed only once.
//!
//! Supports two shapes: a list, and a mapping whose keys are at the start of a line and have lists below them.
//! Splits only where the result is the same: at the start of a part, the parser of the whole text is either
//! between two items or two keys, and continues as at the start of a text; or it is inside quotes
//! or brackets, and then the previous part ends too early and does not parse. So if all
//! parts parse, they add up to the whole text. Otherwise the text must be parsed
//! as a whole, which also gives the position of the error. The benefit is measured in `rules/registry/known_items`.

use super::{Data, Document};

/// The maximum depth of a separately parsed part: within the whole text it may be one level deeper, and the depth
/// is bounded.
const MAX_DEPTH: usize = 200;

/// A part of a text, including its comments and empty lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'t> {
    text: &'t str,
    kind: PartKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartKind {
    /// A list of one item.
    Item,
    /// Pairs of the outermost mapping; if items follow, the last key has no value in this part.
    Pairs { items_follow: bool },
}

impl<'t> Part<'t> {
    /// Returns its text.
    pub fn text(self) -> &'t str {
        self.text
    }

    /// Returns whether it is an item, either of the outermost list or of the list below the previous key.
    pub fn is_item(self) -> bool {
        self.kind == PartKind::Item
    }

    /// Parses the part; returns `None` when the whole text must be parsed instead.
    pub fn parse(self) -> Option<Document<'t>> {
        let document = Document::parse(self.text.as_bytes()).ok()?;
        let is_expected = match (self.kind, document.root().data()) {
            (PartKind::Item, Data::Sequence(_)) => true,
            (PartKind::Pairs { items_follow: false }, Data::Mapping(_)) => true,
            (PartKind::Pairs { items_follow: true }, Data::Mapping(pairs)) => {
                let value = pairs.iter().next_back().map(|(_, value)| value.data());
                matches!(value, Some(Data::Scalar(value)) if value.is_plain && value.text.is_empty())
            }
            _ => false,
        };
        // The limit on aliases depends on the whole text.
        (is_expected && document.depth <= MAX_DEPTH && !document.has_aliases).then_some(document)
    }
}

/// The state after the lines so far.
#[derive(Clone, Copy)]
enum State {
    /// Before anything but comments and the document's start.
    Start,
    /// In an item that starts at this column.
    Item { column: usize, in_mapping: bool },
    /// In a pair of the mapping; `is_open` directly after a key without a value on its line.
    Pair { is_open: bool },
}

/// Splits a text into consecutive parts that cover all of it; returns `None` when it has another shape, or
/// contains something that may have another meaning in a part.
pub fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    // Other characters also end lines, and a byte order mark inside a text may be interpreted in two ways: both are
    // rare enough to be excluded.
    let rare = ['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];
    if rare.into_iter().any(|c| text.contains(c)) {
        return None;
    }
    let mut starts = Vec::new();
    let (mut state, mut at) = (State::Start, 0);
    for line in text.split_inclusive('\n') {
        if let Some(next) = next_state(state, line, at == 0)? {
            if !matches!((state, next), (State::Pair { .. }, State::Pair { .. })) {
                starts.push((at, matches!(next, State::Item { .. })));
            }
            state = next;
        }
        at += line.len();
    }
    // Text before the first part belongs to it.
    starts.first_mut()?.0 = 0;
    let nexts = starts.iter().skip(1).map(|next| Some(*next)).chain([None]);
    let part = |((start, is_item), next): (&(usize, bool), Option<(usize, bool)>)| Part {
        text: &text[*start..next.map_or(text.len(), |(start, _)| start)],
        kind: match is_item {
            true => PartKind::Item,
            false => PartKind::Pairs { items_follow: next.is_some() },
        },
    };
    Some(starts.iter().zip(nexts).map(part).collect())
}

/// Returns the state after a line; `Some(None)` when it does not change, and `None` when the text has another
/// shape.
fn next_state(state: State, line: &str, is_first: bool) -> Option<Option<State>> {
    let rest = line.trim_start_matches(' ');
    let column = line.len() - rest.len();
    if matches!(rest, "" | "\n") || rest.starts_with('#') {
        return Some(None);
    }
    // A document's start or end.
    if line.starts_with("---") || line.starts_with("...") {
        return (is_first && line == "---\n").then_some(None);
    }
    let is_item = rest.starts_with("- ");
    let is_key = column == 0 && rest.starts_with(|first: char| first.is_ascii_alphabetic());
    match state {
        State::Start if column == 0 && is_item => {
            Some(Some(State::Item { column, in_mapping: false }))
        }
        State::Pair { is_open: true } if column > 0 && is_item => {
            Some(Some(State::Item { column, in_mapping: true }))
        }
        State::Item { column: own, .. } if column == own && is_item => Some(Some(state)),
        State::Item { column: own, .. } if column > own => Some(None),
        State::Pair { .. } if column > 0 => Some(Some(State::Pair { is_open: false })),
        State::Start | State::Pair { .. } | State::Item { in_mapping: true, .. } if is_key => {
            let is_word = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let key = rest.trim_end_matches([' ', '\n']).strip_suffix(':');
            Some(Some(State::Pair { is_open: key.is_some_and(is_word) }))
        }
        State::Start | State::Pair { .. } | State::Item { .. } => None,
    }
}

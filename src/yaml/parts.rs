//! Cuts a text of long lists into parts of one item each, so that items that many texts share need be
//! parsed only once.
//!
//! Two shapes are cut: a list, and a mapping whose keys begin their lines and have lists below them.
//! Only where nobody can see a difference: where a part begins, the parser of the whole text is either
//! between two items or two keys, and then reads on as at the start of a text; or it is inside quotes
//! or brackets, and then the part before ends too early and is no document by itself. So when all
//! parts are documents, the text is what they are together. When one is none, the text is to be parsed
//! whole, which also finds the place of the error. What it is worth stands in `rules/registry/known_items`.

use super::{Data, Document};

/// The deepest part that is parsed by itself: in the whole it may stand one deeper, and there is a bound.
const MAX_DEPTH: usize = 200;

/// A part of a text, with the comments and empty lines in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'t> {
    text: &'t str,
    kind: PartKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartKind {
    /// A list with one item.
    Item,
    /// Pairs of the outermost mapping; the last key has no value here when items follow.
    Pairs { items_follow: bool },
}

impl<'t> Part<'t> {
    /// Its text.
    pub fn text(self) -> &'t str {
        self.text
    }

    /// Tells whether it is an item of a list, be it the outermost one or the value of a key before.
    pub fn is_item(self) -> bool {
        self.kind == PartKind::Item
    }

    /// Parses it; none when the whole text has to be parsed.
    pub fn parse(self) -> Option<Document<'t>> {
        let document = Document::parse(self.text.as_bytes()).ok()?;
        let is_sound = match (self.kind, document.root().data()) {
            (PartKind::Item, Data::Sequence(_)) => true,
            (PartKind::Pairs { items_follow: false }, Data::Mapping(_)) => true,
            (PartKind::Pairs { items_follow: true }, Data::Mapping(pairs)) => {
                let value = pairs.iter().next_back().map(|(_, value)| value.data());
                matches!(value, Some(Data::Scalar(value)) if value.is_plain && value.text.is_empty())
            }
            _ => false,
        };
        // What aliases may stand for is a share of the whole.
        (is_sound && document.depth <= MAX_DEPTH && !document.has_aliases).then_some(document)
    }
}

/// Where the lines so far have led to.
#[derive(Clone, Copy)]
enum State {
    /// Before everything but comments and the document's start.
    Start,
    /// In an item that begins at this column.
    Item { column: usize, in_mapping: bool },
    /// In a pair of the mapping; `is_open` right after a key without a value in its line.
    Pair { is_open: bool },
}

/// The text in its parts, of which it leaves nothing out; none when it has another shape, or something
/// in it could mean more to the whole than to a part.
pub fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    // Other letters end lines as well, and a mark inside a text may count as one thing or another: rare enough to
    // be left alone.
    let rare = ['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];
    if rare.into_iter().any(|letter| text.contains(letter)) {
        return None;
    }
    let mut begun = Vec::new();
    let (mut place, mut at) = (State::Start, 0);
    for line in text.split_inclusive('\n') {
        if let Some(next) = lead(place, line, at == 0)? {
            if !matches!((place, next), (State::Pair { .. }, State::Pair { .. })) {
                begun.push((at, matches!(next, State::Item { .. })));
            }
            place = next;
        }
        at += line.len();
    }
    // What comes before the first part belongs to it.
    begun.first_mut()?.0 = 0;
    let nexts = begun.iter().skip(1).map(|next| Some(*next)).chain([None]);
    let cut = |((start, is_item), next): (&(usize, bool), Option<(usize, bool)>)| Part {
        text: &text[*start..next.map_or(text.len(), |(start, _)| start)],
        kind: match is_item {
            true => PartKind::Item,
            false => PartKind::Pairs { items_follow: next.is_some() },
        },
    };
    Some(begun.iter().zip(nexts).map(cut).collect())
}

/// Where a line leads to: nowhere else when it goes on with what there is; none at all when the text
/// has another shape.
fn lead(place: State, line: &str, is_first: bool) -> Option<Option<State>> {
    let rest = line.trim_start_matches(' ');
    let column = line.len() - rest.len();
    if matches!(rest, "" | "\n") || rest.starts_with('#') {
        return Some(None);
    }
    // The document's start, its end, or another one's start.
    if line.starts_with("---") || line.starts_with("...") {
        return (is_first && line == "---\n").then_some(None);
    }
    let begins_item = rest.starts_with("- ");
    let begins_key = column == 0 && rest.starts_with(|first: char| first.is_ascii_alphabetic());
    match place {
        State::Start if column == 0 && begins_item => {
            Some(Some(State::Item { column, in_mapping: false }))
        }
        State::Pair { is_open: true } if column > 0 && begins_item => {
            Some(Some(State::Item { column, in_mapping: true }))
        }
        State::Item { column: own, .. } if column == own && begins_item => Some(Some(place)),
        State::Item { column: own, .. } if column > own => Some(None),
        State::Pair { .. } if column > 0 => Some(Some(State::Pair { is_open: false })),
        State::Start | State::Pair { .. } | State::Item { in_mapping: true, .. } if begins_key => {
            let is_word = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let key = rest.trim_end_matches([' ', '\n']).strip_suffix(':');
            Some(Some(State::Pair { is_open: key.is_some_and(is_word) }))
        }
        State::Start | State::Pair { .. } | State::Item { .. } => None,
    }
}

//! *V2*: the states of a revision's objects in v2, where they are, and the mismatches.

use anstyle::Style;

use super::lines::one_line;
use crate::cli::summary::labelled;
use crate::cli::terminal::{BAD, GOOD, ODD};
use crate::model::mismatch::Mismatch;
use crate::report::explain::{StoryPlaces, V2State, V2Story};

/// What to do where no index was compared.
const NO_INDEX: &str = "no index there: if it is elsewhere, name its place with --index";

/// Returns the lines on a revision.
pub(super) fn revision_lines(places: &StoryPlaces, v2: &V2Story) -> Vec<String> {
    let StoryPlaces { objects, index } = places;
    let texts: Vec<String> =
        parts(v2).map(|(what, found)| format!("{what} {}", state(found))).collect();
    let text = match (index, texts.as_slice()) {
        // The entry is the last part.
        (Some(index), [of_objects @ .., of_index]) if index != objects => {
            format!("{} in {objects}; {of_index} in {index}", of_objects.join(", "))
        }
        _ => format!("{} in {objects}", texts.join(", ")),
    };
    let mut lines = vec![labelled(0, "V2", &text)];
    lines.extend(index.is_none().then(|| labelled(1, "", NO_INDEX)));
    lines.extend(mismatch_texts(v2).iter().map(|text| labelled(1, "", text)));
    lines
}

/// Returns the line on where the objects of a package are.
pub(super) fn place_lines(places: &StoryPlaces) -> Vec<String> {
    let StoryPlaces { objects, index } = places;
    let text = match index {
        Some(index) if index != objects => format!("{objects}; the index in {index}"),
        _ => objects.to_string(),
    };
    let mut lines = vec![labelled(0, "V2", &text)];
    lines.extend(index.is_none().then(|| labelled(1, "", NO_INDEX)));
    lines
}

pub(super) fn mismatch_texts(v2: &V2Story) -> Vec<String> {
    let texts = v2.mismatches.iter().map(|Mismatch { object, path, kind }| {
        // The archive is that of the revision; other objects have their key.
        let is_key = path.is_none() && !object.ends_with(".zip");
        let subject = if is_key { Some(object) } else { path.as_ref() };
        let subject = subject.map(|subject| format!("{subject}: ")).unwrap_or_default();
        format!("{} {subject}{}", kind.code(), one_line(&kind.message()))
    });
    texts.collect()
}

/// Returns the states of the kinds of object that v2 can have.
fn parts(v2: &V2Story) -> impl Iterator<Item = (&'static str, V2State)> {
    let V2Story { archive, statics, entry, .. } = v2;
    let parts =
        [("archive", Some(*archive)), ("static resources", *statics), ("index entry", *entry)];
    parts.into_iter().filter_map(|(what, state)| Some((what, state?)))
}

/// Returns one word for all kinds of object if they agree or there are none of the others.
pub(super) fn states_word(v2: &V2Story) -> String {
    let is_other = |found: &V2State| *found != v2.archive && *found != V2State::Absent;
    match parts(v2).any(|(_, found)| is_other(&found)) {
        false => state_word(v2.archive).to_owned(),
        true => {
            let texts = parts(v2).map(|(what, found)| format!("{what} {}", state_word(found)));
            texts.collect::<Vec<_>>().join(", ")
        }
    }
}

fn state(state: V2State) -> String {
    let style = match state {
        V2State::Equal => GOOD,
        V2State::Different | V2State::Missing => BAD,
        V2State::Extra | V2State::Unknown => ODD,
        V2State::Absent => Style::new(),
    };
    format!("{style}{}{style:#}", state_word(state))
}

fn state_word(state: V2State) -> &'static str {
    match state {
        V2State::Equal => "equal",
        V2State::Different => "different",
        V2State::Missing => "missing",
        V2State::Extra => "only there",
        V2State::Absent => "absent",
        V2State::Unknown => "unknown",
    }
}

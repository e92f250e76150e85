//! Keys of a manifest as paths: go-ucfg 0.9.1 splits them at dots, and treats numeric steps as indices.
//!
//! It iterates over the keys of a mapping in random order. If two keys refer to the same value and the order affects the
//! result, they clash: the registry may refuse them, or read either of them. Pure; used by `config`.

use std::borrow::Cow;

use super::value::{ConfigEntry, Object, Value};
use crate::yaml::{Mark, Resolved, Scalar};

/// The maximum index; larger numbers are names (go-ucfg's `defaultMaxIdx`).
const MAX_INDEX: i64 = 1024;

/// A step of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyStep<'d> {
    Name(&'d str),
    Index(usize),
    /// A negative index: go-ucfg panics.
    Negative,
}

/// A key, split into steps.
pub(super) struct KeyPath<'d>(pub(super) Vec<KeyStep<'d>>);

/// The error for two keys whose order affects the result.
pub(super) struct Clash;

impl<'d> KeyPath<'d> {
    /// Splits a key.
    pub(super) fn of(key: &'d str) -> Self {
        let part = |part| match integer(part) {
            Some(index) if index > MAX_INDEX => KeyStep::Name(part),
            Some(index) => usize::try_from(index).map_or(KeyStep::Negative, KeyStep::Index),
            None => KeyStep::Name(part),
        };
        KeyPath(key.split('.').map(part).collect())
    }

    /// Sets the value that the key refers to; `others` are the previous keys of the mapping.
    ///
    /// # Errors
    /// A clash; the value is dropped.
    pub(super) fn put(
        &self,
        object: &mut Object<'d>,
        value: Value<'d>,
        others: &[KeyPath<'d>],
    ) -> Result<(), Clash> {
        // Whether the first `depth` steps refer to a place inside the value of another key.
        let is_inside = |depth: usize| {
            let contains =
                |other: &KeyPath<'d>| other.0.len() < depth && self.0.starts_with(&other.0);
            others.iter().any(contains)
        };
        let Some((first, rest)) = self.0.split_first() else { return Ok(()) };
        let mut slot = slot_of_object(object, *first, value.place);
        for (depth, part) in rest.iter().enumerate() {
            let is_new = slot.is_null();
            if is_new && !is_gap(slot) && is_inside(depth + 1) {
                return Err(Clash);
            }
            if is_new {
                *slot = Value { place: value.place, data: ConfigEntry::Object(Object::default()) };
            }
            slot = slot_of_value(slot, *part, &value).ok_or(Clash)?;
        }
        let is_null = slot.is_null();
        match value.is_null() {
            true if !is_null => Ok(()),
            true => {
                *slot = value;
                Ok(())
            }
            false if is_null && !is_gap(slot) && is_inside(self.0.len()) => Err(Clash),
            false if is_null => {
                *slot = value;
                Ok(())
            }
            false => merge(slot, value),
        }
    }
}

/// Returns the placeholder for list items that were not set: a null without a position.
fn gap<'d>(place: Mark) -> Value<'d> {
    let scalar = Scalar { text: "", is_plain: true };
    Value { place: Mark { line: 0, ..place }, data: ConfigEntry::Scalar(scalar) }
}

/// Returns whether a value is a placeholder: its line is 0, and lines are counted from 1.
fn is_gap(value: &Value<'_>) -> bool {
    value.place.line == 0
}

fn slot_of_list<'l, 'd>(
    items: &'l mut Vec<Value<'d>>,
    index: usize,
    place: Mark,
) -> &'l mut Value<'d> {
    while items.len() <= index {
        items.push(gap(place));
    }
    &mut items[index]
}

fn slot_of_object<'o, 'd>(
    object: &'o mut Object<'d>,
    part: KeyStep<'d>,
    place: Mark,
) -> &'o mut Value<'d> {
    match part {
        KeyStep::Name(name) => {
            object.names.entry(Cow::Borrowed(name)).or_insert_with(|| gap(place))
        }
        KeyStep::Index(index) => slot_of_list(&mut object.items, index, place),
        KeyStep::Negative => slot_of_list(&mut object.items, 0, place),
    }
}

/// Returns the slot for a step inside a value; `None` inside a scalar.
fn slot_of_value<'v, 'd>(
    value: &'v mut Value<'d>,
    part: KeyStep<'d>,
    wanted: &Value<'d>,
) -> Option<&'v mut Value<'d>> {
    let place = wanted.place;
    // A list that gets a name becomes an object, and an object without names becomes a list.
    match (&mut value.data, part) {
        (ConfigEntry::List(items), KeyStep::Name(_)) => {
            let items = std::mem::take(items);
            value.data = ConfigEntry::Object(Object { items, ..Object::default() });
        }
        (ConfigEntry::Object(object), KeyStep::Index(_)) if object.names.is_empty() => {
            value.data = ConfigEntry::List(std::mem::take(&mut object.items));
        }
        _ => {}
    }
    match (&mut value.data, part) {
        (ConfigEntry::Scalar(_), _) => None,
        (ConfigEntry::List(items), KeyStep::Index(index)) => {
            Some(slot_of_list(items, index, place))
        }
        (ConfigEntry::List(_), _) => None,
        (ConfigEntry::Object(object), part) => Some(slot_of_object(object, part, place)),
    }
}

/// Merges two objects or lists; values with the same name or index must be objects or lists as well.
fn merge<'d>(old: &mut Value<'d>, new: Value<'d>) -> Result<(), Clash> {
    let into_object = |data: ConfigEntry<'d>| match data {
        ConfigEntry::Scalar(_) => None,
        ConfigEntry::List(items) => Some(Object { items, ..Object::default() }),
        ConfigEntry::Object(object) => Some(object),
    };
    let new = into_object(new.data).ok_or(Clash)?;
    if matches!(old.data, ConfigEntry::Scalar(_)) {
        return Err(Clash);
    }
    let mut object = into_object(std::mem::replace(&mut old.data, ConfigEntry::List(Vec::new())))
        .ok_or(Clash)?;
    let mut merged = Ok(());
    for (name, value) in new.names {
        merged = merged.and(match object.names.get_mut(&name) {
            None => {
                object.names.insert(name, value);
                Ok(())
            }
            Some(old) => merge_below(old, value),
        });
    }
    for (index, value) in new.items.into_iter().enumerate() {
        merged = merged.and(match object.items.get_mut(index) {
            None => {
                object.items.push(value);
                Ok(())
            }
            Some(old) => merge_below(old, value),
        });
    }
    old.data = match object.names.is_empty() && !object.items.is_empty() {
        true => ConfigEntry::List(object.items),
        false => ConfigEntry::Object(object),
    };
    merged
}

/// Merges the values of two objects; in go-ucfg the later value wins, even if it is null, so the order matters.
fn merge_below<'d>(old: &mut Value<'d>, new: Value<'d>) -> Result<(), Clash> {
    match (old.is_null(), new.is_null()) {
        (true, true) => Ok(()),
        (true, false) if is_gap(old) => {
            *old = new;
            Ok(())
        }
        (false, true) | (true, false) => Err(Clash),
        (false, false) => match (&old.data, &new.data) {
            (ConfigEntry::Scalar(one), ConfigEntry::Scalar(other)) if are_same(*one, *other) => {
                Ok(())
            }
            _ => merge(old, new),
        },
    }
}

/// Returns whether the registry reads two scalars as the same value, so that the order does not matter.
fn are_same(one: Scalar<'_>, other: Scalar<'_>) -> bool {
    let resolved = |scalar: Scalar<'_>| match scalar.is_plain {
        true => Resolved::of(scalar.text),
        false => Resolved::Text,
    };
    match (resolved(one), resolved(other)) {
        (Resolved::Text | Resolved::Timestamp, Resolved::Text | Resolved::Timestamp) => {
            one.text == other.text
        }
        (one, other) => one == other,
    }
}

/// Parses an integer like Go's `strconv.ParseInt` with base 0.
fn integer(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, rest) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // `_` is allowed between digits and after a prefix.
    let is_separated = |text: &str| !text.contains("__") && !text.ends_with('_');
    let may_begin = rest.len() < digits.len() || !rest.starts_with('_');
    let is_alphanumeric = rest.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    if rest.is_empty() || !is_alphanumeric || !may_begin || !is_separated(rest) {
        return None;
    }
    let value = i128::from_str_radix(&rest.replace('_', ""), radix).ok()?;
    i64::try_from(if is_negative { -value } else { value }).ok()
}

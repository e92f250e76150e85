//! Keys of a manifest as paths: go-ucfg 0.9.1 splits them at dots, and treats numeric steps as indices.
//!
//! It iterates over the keys of a mapping in random order. If two keys refer to the same value and the order affects the
//! result, they clash: the registry may refuse them, or read either of them. Pure; used by `config`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use super::value::{ConfigEntry, Object, Value};
use crate::yaml::{Mark, Resolved, Scalar};

/// The maximum index; larger numbers are names (go-ucfg's `defaultMaxIdx`).
const MAX_INDEX: i64 = 1024;

/// The maximum number of pairs of keys in a mapping of which one refers to the value of the other, or to a place in it.
/// More would take long, and count as a clash.
const MAX_PAIRS: usize = 64;

/// A step of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeyStep<'d> {
    Name(&'d str),
    Index(usize),
    /// A negative index: go-ucfg panics.
    Negative,
}

/// A key, split into steps.
pub(super) struct KeyPath<'d>(pub(super) Vec<KeyStep<'d>>);

/// Two keys whose order affects the result.
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

    /// Sets the value that the key refers to, or merges it with the one that is there.
    ///
    /// # Errors
    /// A clash; the value is dropped.
    pub(super) fn put(&self, object: &mut Object<'d>, value: Value<'d>) -> Result<(), Clash> {
        put(&self.0, object, value)
    }
}

/// Sets or merges a value like go-ucfg's `normalizeSetField`.
fn put<'d>(path: &[KeyStep<'d>], object: &mut Object<'d>, value: Value<'d>) -> Result<(), Clash> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    let mut slot = slot_of_object(object, *first, value.place);
    for part in rest {
        if slot.is_null() {
            *slot = Value { place: value.place, data: ConfigEntry::Object(Object::default()) };
        }
        slot = slot_of_value(slot, *part, value.place).ok_or(Clash)?;
    }
    match (slot.is_null(), value.is_null()) {
        (true, _) => *slot = value,
        (false, true) => {}
        (false, false) if is_scalar(slot) || is_scalar(&value) => return Err(Clash),
        (false, false) => merge(slot, value),
    }
    Ok(())
}

/// The keys of a mapping so far, with their values.
#[derive(Default)]
pub(super) struct Keys<'d> {
    by_path: BTreeMap<Vec<KeyStep<'d>>, Vec<Value<'d>>>,
    pair_count: usize,
}

impl<'d> Keys<'d> {
    /// Checks that a key and each of those before it result in the same object in either order, and adds it.
    ///
    /// # Errors
    /// A clash, or too many keys that refer to a place in the value of another one.
    pub(super) fn add(&mut self, path: &KeyPath<'d>, value: &Value<'d>) -> Result<(), Clash> {
        // Only a key that refers to the value of another one, or to a place in it, depends on it.
        let path = &path.0[..];
        let outside = (1..path.len()).filter_map(|len| self.by_path.get_key_value(&path[..len]));
        let inside =
            self.by_path.range::<[KeyStep<'_>], _>((Bound::Included(path), Bound::Unbounded));
        let inside = inside.take_while(|(other, _)| other.starts_with(path));
        let mut result = Ok(());
        for (other, values) in outside.chain(inside) {
            for one in values {
                self.pair_count += 1;
                result = match self.pair_count > MAX_PAIRS {
                    true => Err(Clash),
                    false => result.and(check_order((other, one), (path, value))),
                };
            }
        }
        self.by_path.entry(path.to_vec()).or_default().push(value.clone());
        result
    }
}

fn check_order<'d>(
    one: (&[KeyStep<'d>], &Value<'d>),
    other: (&[KeyStep<'d>], &Value<'d>),
) -> Result<(), Clash> {
    let in_order = |keys: [(&[KeyStep<'d>], &Value<'d>); 2]| {
        let mut object = Object::default();
        keys.into_iter().try_for_each(|(path, value)| put(path, &mut object, value.clone()))?;
        Ok(object)
    };
    let is_same = is_same_object(&in_order([one, other])?, &in_order([other, one])?);
    if is_same { Ok(()) } else { Err(Clash) }
}

fn null<'d>(place: Mark) -> Value<'d> {
    Value { place, data: ConfigEntry::Scalar(Scalar { text: "", is_plain: true }) }
}

/// Returns whether it is a scalar other than null, which go-ucfg treats like an empty object.
fn is_scalar(value: &Value<'_>) -> bool {
    matches!(value.data, ConfigEntry::Scalar(_)) && !value.is_null()
}

/// Returns an item of a list; items before it that were not set are null.
fn slot_of_list<'l, 'd>(
    items: &'l mut Vec<Value<'d>>,
    index: usize,
    place: Mark,
) -> &'l mut Value<'d> {
    while items.len() <= index {
        items.push(null(place));
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
            object.names.entry(Cow::Borrowed(name)).or_insert_with(|| null(place))
        }
        KeyStep::Index(index) => slot_of_list(&mut object.items, index, place),
        KeyStep::Negative => slot_of_list(&mut object.items, 0, place),
    }
}

/// Returns the slot for a step inside a value; `None` inside a scalar.
fn slot_of_value<'v, 'd>(
    value: &'v mut Value<'d>,
    part: KeyStep<'d>,
    place: Mark,
) -> Option<&'v mut Value<'d>> {
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

/// Merges two objects or lists; null is an empty object (`mergeConfig`).
fn merge<'d>(old: &mut Value<'d>, new: Value<'d>) {
    let is_list = matches!(old.data, ConfigEntry::List(_));
    let into_object = |data: ConfigEntry<'d>| match data {
        ConfigEntry::Scalar(_) => Object::default(),
        ConfigEntry::List(items) => Object { items, ..Object::default() },
        ConfigEntry::Object(object) => object,
    };
    let Object { names, items } = into_object(new.data);
    let empty = ConfigEntry::Object(Object::default());
    let mut object = into_object(std::mem::replace(&mut old.data, empty));
    for (name, value) in names {
        match object.names.get_mut(&name) {
            None => {
                object.names.insert(name, value);
            }
            Some(old) => merge_below(old, value),
        }
    }
    for (index, value) in items.into_iter().enumerate() {
        match object.items.get_mut(index) {
            None => object.items.push(value),
            Some(old) => merge_below(old, value),
        }
    }
    old.data = match object.names.is_empty() && (is_list || !object.items.is_empty()) {
        true => ConfigEntry::List(object.items),
        false => ConfigEntry::Object(object),
    };
}

/// Merges two values of two objects: a scalar replaces, and is replaced (`mergeValues`).
fn merge_below<'d>(old: &mut Value<'d>, new: Value<'d>) {
    match is_scalar(old) || is_scalar(&new) {
        true => *old = new,
        false => merge(old, new),
    }
}

fn is_same_object(one: &Object<'_>, other: &Object<'_>) -> bool {
    let is_same_name = |((one_name, one), (other_name, other)): ((_, _), (_, _))| {
        one_name == other_name && is_same(one, other)
    };
    one.names.len() == other.names.len()
        && one.names.iter().zip(&other.names).all(is_same_name)
        && is_same_list(&one.items, &other.items)
}

fn is_same_list(one: &[Value<'_>], other: &[Value<'_>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
}

fn is_same(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (&one.data, &other.data) {
        (ConfigEntry::Scalar(one), ConfigEntry::Scalar(other)) => are_same(*one, *other),
        (ConfigEntry::List(one), ConfigEntry::List(other)) => is_same_list(one, other),
        (ConfigEntry::Object(one), ConfigEntry::Object(other)) => is_same_object(one, other),
        _ => false,
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

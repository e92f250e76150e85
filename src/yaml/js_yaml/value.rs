//! The JavaScript values that YAML can produce, and their conversions in JavaScript.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::number;

/// A mapping with text keys.
pub type Map<'t> = BTreeMap<Cow<'t, str>, Value<'t>>;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'t> {
    /// `undefined`, the value of a text without a document.
    Undefined,
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(Cow<'t, str>),
    /// A `Date`, in milliseconds since 1970; NaN if it is invalid.
    Date(f64),
    /// A `Buffer`.
    Bytes(Vec<u8>),
    /// An `Array`.
    List(Rc<Vec<Value<'t>>>),
    /// An object.
    Map(Rc<Map<'t>>),
}

impl<'t> Value<'t> {
    /// Returns a property, if it is an object with that property.
    pub fn get(&self, name: &str) -> Option<&Value<'t>> {
        match self {
            Value::Map(map) => map.get(name),
            _ => None,
        }
    }

    /// Returns whether the value is truthy in JavaScript.
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::Undefined | Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(value) => *value != 0.0 && !value.is_nan(),
            Value::Text(text) => !text.is_empty(),
            Value::Date(_) | Value::Bytes(_) | Value::List(_) | Value::Map(_) => true,
        }
    }

    /// Returns the result of `String(value)`, except that a date is formatted as a number.
    pub fn to_text(&self) -> String {
        match self {
            Value::Undefined => "undefined".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) | Value::Date(value) => number::text(*value),
            Value::Text(text) => text.clone().into_owned(),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::List(items) => {
                let text = |item: &Value<'_>| match item {
                    Value::Undefined | Value::Null => String::new(),
                    item => item.to_text(),
                };
                items.iter().map(text).collect::<Vec<_>>().join(",")
            }
            Value::Map(_) => "[object Object]".to_owned(),
        }
    }

    /// Converts to the same value with owned texts.
    pub(super) fn into_owned<'o>(self) -> Value<'o> {
        match self {
            Value::Undefined => Value::Undefined,
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(value) => Value::Number(value),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Date(value) => Value::Date(value),
            Value::Bytes(bytes) => Value::Bytes(bytes),
            Value::List(items) => {
                Value::List(Rc::new(items.iter().cloned().map(Value::into_owned).collect()))
            }
            Value::Map(map) => {
                let own = |(key, value): (&Cow<'_, str>, &Value<'_>)| {
                    (Cow::Owned(key.clone().into_owned()), value.clone().into_owned())
                };
                Value::Map(Rc::new(map.iter().map(own).collect()))
            }
        }
    }
}

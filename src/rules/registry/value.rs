//! The values of a manifest as go-ucfg unpacks them: scalars, lists and objects.
//!
//! Lists and objects have the same representation there: an object may have numbered values in addition to named ones, a
//! list has no names, and a scalar is a list of one item if a list is expected. Pure; `config` creates them from YAML.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::scalar::Reading;
use crate::yaml::{Mark, Scalar};

/// A value and its position.
#[derive(Debug)]
pub struct Value<'d> {
    /// The start position.
    pub place: Mark,
    /// The data.
    pub data: ConfigEntry<'d>,
}

/// The data of a value.
#[derive(Debug)]
pub enum ConfigEntry<'d> {
    /// A literal scalar.
    Scalar(Scalar<'d>),
    /// A list.
    List(Vec<Value<'d>>),
    /// Named values.
    Object(Object<'d>),
}

/// Named values, and numbered ones for numeric keys; dots in names are resolved.
#[derive(Debug, Default)]
pub struct Object<'d> {
    /// The values by name.
    pub names: BTreeMap<Cow<'d, str>, Value<'d>>,
    /// The values by number.
    pub items: Vec<Value<'d>>,
}

impl<'d> Value<'d> {
    /// Returns the value of a field; `None` if it is missing or null.
    pub fn field(&self, name: &str) -> Option<&Value<'d>> {
        match &self.data {
            ConfigEntry::Object(object) => object.names.get(name).filter(|value| !value.is_null()),
            ConfigEntry::Scalar(_) | ConfigEntry::List(_) => None,
        }
    }

    /// Returns whether it is null.
    pub fn is_null(&self) -> bool {
        self.reading() == Some(Reading::Null)
    }

    /// Returns the registry's reading of a scalar; `None` for other values.
    pub fn reading(&self) -> Option<Reading<'d>> {
        match &self.data {
            ConfigEntry::Scalar(scalar) => Some(Reading::of(*scalar)),
            ConfigEntry::List(_) | ConfigEntry::Object(_) => None,
        }
    }

    /// Returns the text of a field as read by the registry; empty if it is missing, null or not a scalar.
    pub fn text(&self, name: &str) -> String {
        let reading = self.field(name).and_then(Value::reading);
        reading.as_ref().and_then(Reading::text).unwrap_or_default().to_owned()
    }

    /// Returns the items of a list; a scalar is a list of one item.
    pub fn items(&self) -> &[Value<'d>] {
        match &self.data {
            ConfigEntry::List(items) => items,
            ConfigEntry::Scalar(_) if self.is_null() => &[],
            ConfigEntry::Scalar(_) => std::slice::from_ref(self),
            ConfigEntry::Object(object) => &object.items,
        }
    }

    /// Returns the items of a field, as in [`Value::items`].
    pub fn list(&self, name: &str) -> &[Value<'d>] {
        self.field(name).map_or(&[], Value::items)
    }
}

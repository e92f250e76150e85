//! A manifest's values: scalars, lists and objects, as go-ucfg unpacks them.
//!
//! Lists and objects are alike there: an object may have numbered values besides its named ones, a list has no
//! names, and a scalar is a list of itself where one is wanted. Pure; `config` makes them of YAML.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::scalar::Reading;
use crate::yaml::{Mark, Scalar};

/// A value, and where it stands.
#[derive(Debug)]
pub struct Value<'d> {
    /// Where it begins.
    pub place: Mark,
    /// What it is.
    pub data: ConfigEntry<'d>,
}

/// What a value is.
#[derive(Debug)]
pub enum ConfigEntry<'d> {
    /// A scalar as it stands there.
    Scalar(Scalar<'d>),
    /// A list.
    List(Vec<Value<'d>>),
    /// Named values.
    Object(Object<'d>),
}

/// Named values, and numbered ones if their keys are numbers; dots in names are resolved.
#[derive(Debug, Default)]
pub struct Object<'d> {
    /// By their names.
    pub names: BTreeMap<Cow<'d, str>, Value<'d>>,
    /// By their numbers.
    pub items: Vec<Value<'d>>,
}

impl<'d> Value<'d> {
    /// The value of a field, unless it is missing or null.
    pub fn field(&self, name: &str) -> Option<&Value<'d>> {
        match &self.data {
            ConfigEntry::Object(object) => object.names.get(name).filter(|value| !value.is_null()),
            ConfigEntry::Scalar(_) | ConfigEntry::List(_) => None,
        }
    }

    /// Tells whether it is null.
    pub fn is_null(&self) -> bool {
        self.reading() == Some(Reading::Null)
    }

    /// What the registry takes it for; none for what is no scalar.
    pub fn reading(&self) -> Option<Reading<'d>> {
        match &self.data {
            ConfigEntry::Scalar(scalar) => Some(Reading::of(*scalar)),
            ConfigEntry::List(_) | ConfigEntry::Object(_) => None,
        }
    }

    /// The text of a field as the registry reads it; empty when it is missing, null or no scalar.
    pub fn text(&self, name: &str) -> String {
        let reading = self.field(name).and_then(Value::reading);
        reading.as_ref().and_then(Reading::text).unwrap_or_default().to_owned()
    }

    /// The items where a list is wanted: a single scalar is a list of itself.
    pub fn items(&self) -> &[Value<'d>] {
        match &self.data {
            ConfigEntry::List(items) => items,
            ConfigEntry::Scalar(_) if self.is_null() => &[],
            ConfigEntry::Scalar(_) => std::slice::from_ref(self),
            ConfigEntry::Object(object) => &object.items,
        }
    }

    /// The items of a field, as [`Value::items`] has them.
    pub fn list(&self, name: &str) -> &[Value<'d>] {
        self.field(name).map_or(&[], Value::items)
    }
}

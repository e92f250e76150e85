//! Fills types from a manifest's values as go-ucfg 0.9.1 does, so that the types need only be declared.
//!
//! Scalars become strings, a scalar is a list of itself, lists and objects are interchangeable, null counts as missing,
//! and unknown fields are ignored. A value of the wrong type is an error here, and breaks rule 4 of `registry`, which
//! reports its position.

use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;

use serde::de::value::CowStrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};

use crate::rules::registry::{ConfigEntry, Object, Reading, Value};
use crate::yaml::{Mark, Resolved};

/// Strings that Go's `strconv.ParseBool` parses as true.
const TRUE: [&str; 6] = ["1", "t", "T", "TRUE", "true", "True"];

/// Why a value cannot be stored in a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// An infinite number, or `.nan`, in a field of any type.
    #[error("a number is infinite or NaN, which JSON cannot express")]
    NotFinite,
    /// It has another type; the registry's rules report the details.
    #[error("{0}")]
    Type(String),
}

impl de::Error for UnpackError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        UnpackError::Type(message.to_string())
    }
}

/// Fills a type from a manifest.
///
/// # Errors
/// A value has the wrong type.
pub fn unpack<T: DeserializeOwned>(value: &Value<'_>) -> Result<T, UnpackError> {
    T::deserialize(Unpacker(value))
}

/// An object on the path of a dotted key: a scalar in its place counts as missing.
#[derive(Default, Deserialize)]
pub(super) struct OnTheWay<T>(pub(super) T);

/// An object without members.
static NOTHING: Value<'static> = Value {
    place: Mark { line: 0, column: 0 },
    data: ConfigEntry::Object(Object { names: BTreeMap::new(), items: Vec::new() }),
};

#[derive(Clone, Copy)]
struct Unpacker<'v, 'd>(&'v Value<'d>);

impl<'v, 'd> Unpacker<'v, 'd> {
    /// Returns the text of a scalar; that of null is empty.
    fn text(self) -> Result<Cow<'d, str>, UnpackError> {
        Ok(match self.0.reading() {
            None => return Err(expected("a scalar")),
            Some(Reading::Null) => Cow::Borrowed(""),
            Some(Reading::Bool(true)) => Cow::Borrowed("true"),
            Some(Reading::Bool(false)) => Cow::Borrowed("false"),
            Some(Reading::Number(text)) => Cow::Owned(text),
            Some(Reading::Timestamp(text) | Reading::Text(text)) => Cow::Borrowed(text),
        })
    }
}

fn expected(what: &str) -> UnpackError {
    UnpackError::Type(format!("expected {what}"))
}

impl<'de> Deserializer<'de> for Unpacker<'_, '_> {
    type Error = UnpackError;

    /// Converts to a value of any type, as go-ucfg does for Go's `interface{}`.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        match &self.0.data {
            ConfigEntry::Scalar(scalar) if !scalar.is_plain => visitor.visit_str(scalar.text),
            ConfigEntry::Scalar(scalar) => match Resolved::of(scalar.text) {
                Resolved::Null => visitor.visit_unit(),
                Resolved::Bool(value) => visitor.visit_bool(value),
                Resolved::Integer(value) => visitor.visit_i128(value),
                Resolved::Float(value) if value.is_finite() => visitor.visit_f64(value),
                Resolved::Float(_) => Err(UnpackError::NotFinite),
                Resolved::Timestamp | Resolved::Text => visitor.visit_str(scalar.text),
            },
            ConfigEntry::List(items) => visitor.visit_seq(Items(items.iter())),
            ConfigEntry::Object(Object { names, items }) => {
                match (names.is_empty(), items.is_empty()) {
                    (true, true) => visitor.visit_unit(),
                    (true, false) => visitor.visit_seq(Items(items.iter())),
                    (false, _) => visitor.visit_map(Members {
                        names: names.iter(),
                        numbered: items.iter().enumerate(),
                        skips_null: false,
                        value: None,
                    }),
                }
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        match self.0.reading() {
            Some(Reading::Null) => visitor.visit_bool(false),
            Some(Reading::Bool(value)) => visitor.visit_bool(value),
            Some(reading) if reading.is_bool() => {
                visitor.visit_bool(reading.text().is_some_and(|text| TRUE.contains(&text)))
            }
            _ => Err(expected("a boolean")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        visitor.visit_string(self.text()?.into_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        visitor.visit_seq(Items(self.0.items().iter()))
    }

    /// Returns the named values of an object; a list has none.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        let names = match &self.0.data {
            ConfigEntry::Object(object) => object.names.iter(),
            ConfigEntry::List(_) => btree_map::Iter::default(),
            ConfigEntry::Scalar(_) if self.0.is_null() => btree_map::Iter::default(),
            ConfigEntry::Scalar(_) => return Err(expected("an object")),
        };
        visitor.visit_map(Members {
            names,
            numbered: [].iter().enumerate(),
            skips_null: true,
            value: None,
        })
    }

    /// Only [`OnTheWay`] is one.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, UnpackError> {
        visitor.visit_newtype_struct(match self.0.data {
            ConfigEntry::Scalar(_) => Unpacker(&NOTHING),
            ConfigEntry::List(_) | ConfigEntry::Object(_) => self,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, UnpackError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, UnpackError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        tuple tuple_struct enum identifier
    }
}

/// Iterates over the items of a list.
struct Items<'v, 'd>(std::slice::Iter<'v, Value<'d>>);

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = UnpackError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, UnpackError> {
        self.0.next().map(|value| seed.deserialize(Unpacker(value))).transpose()
    }
}

/// Iterates over the members of an object; in values of any type, numbered ones are named by their numbers.
struct Members<'v, 'd> {
    names: btree_map::Iter<'v, Cow<'d, str>, Value<'d>>,
    numbered: std::iter::Enumerate<std::slice::Iter<'v, Value<'d>>>,
    /// Whether a null member counts as missing.
    skips_null: bool,
    value: Option<&'v Value<'d>>,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = UnpackError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, UnpackError> {
        let skips_null = self.skips_null;
        let mut named = self.names.by_ref().filter(|(_, value)| !skips_null || !value.is_null());
        let (key, value) = match named.next() {
            Some((name, value)) => (Cow::Borrowed(&**name), value),
            None => match self.numbered.next() {
                Some((number, value)) => (Cow::Owned(number.to_string()), value),
                None => return Ok(None),
            },
        };
        self.value = Some(value);
        seed.deserialize(CowStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, UnpackError> {
        let value = self.value.take().expect("serde asks for a key before its value");
        seed.deserialize(Unpacker(value))
    }
}

//! The syntax of tags, and the values they apply to.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::reader::{Kind, Reader, Tag, is_flow, is_gap};
use super::{Value, resolve};
use crate::yaml::YamlError;
use crate::yaml::resolve::TAG_PREFIX;

fn is_handle(text: &str) -> bool {
    let inner = text.strip_prefix('!').and_then(|rest| rest.strip_suffix('!'));
    text == "!"
        || inner.is_some_and(|word| word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'))
}

fn is_uri(text: &str) -> bool {
    let mut characters = text.chars();
    // As in js-yaml, the first character may be anything except a comma or a bracket.
    if characters.next().is_none_or(|first| ",[]{}".contains(first)) {
        return false;
    }
    let mut rest = characters.as_str().bytes();
    while let Some(byte) = rest.next() {
        let is_allowed = match byte {
            b'%' => {
                let is_digit = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_hexdigit());
                is_digit(rest.next()) && is_digit(rest.next())
            }
            _ => byte.is_ascii_alphanumeric() || b"-#;/?:@&=+$,_.!~*'()[]".contains(&byte),
        };
        if !is_allowed {
            return false;
        }
    }
    true
}

impl<'t> Reader<'t> {
    /// Reads the arguments of `%TAG`.
    pub(super) fn prefix(&mut self, arguments: &[&'t str]) -> Result<(), YamlError> {
        let [handle, prefix] = arguments else {
            return Err(self.error("%TAG needs a handle and a prefix"));
        };
        if !is_handle(handle) || !is_uri(prefix) {
            return Err(self.error("%TAG has an invalid handle or prefix"));
        }
        match self.prefixes.insert(handle, prefix) {
            None => Ok(()),
            Some(_) => Err(self.error("%TAG appears twice for one handle")),
        }
    }

    /// Reads a tag, if there is one.
    pub(super) fn read_tag(&mut self) -> Result<bool, YamlError> {
        if self.byte() != b'!' {
            return Ok(false);
        }
        if self.tag.is_some() {
            return Err(self.error("a node has two tags"));
        }
        let start = self.at;
        self.at += 1;
        let tag = match self.byte() {
            b'<' => self.whole_tag()?,
            _ => self.short_tag(start)?,
        };
        let merge = tag.strip_prefix(TAG_PREFIX) == Some("merge");
        self.tag = Some(match &*tag {
            "?" => Tag::Implicit,
            _ if merge => Tag::Merge,
            _ => Tag::Named(tag),
        });
        Ok(true)
    }

    fn whole_tag(&mut self) -> Result<String, YamlError> {
        self.at += 1;
        let from = self.at;
        loop {
            self.at += 1;
            match self.byte() {
                0 => return Err(self.error("a tag that begins with !< must end with >")),
                b'>' => break,
                _ => {}
            }
        }
        let name = self.slice(from, self.at);
        self.at += 1;
        if !name.is_empty() && !is_uri(name) {
            return Err(self.error("a tag has invalid characters"));
        }
        Ok(name.to_owned())
    }

    fn short_tag(&mut self, start: usize) -> Result<String, YamlError> {
        let mut handle = "!";
        let mut from = self.at;
        let mut is_named = false;
        if self.byte() == b'!' {
            (handle, is_named) = ("!!", true);
            self.at += 1;
            from = self.at;
        }
        while self.byte() != 0 && !is_gap(self.byte()) {
            if self.byte() == b'!' {
                let named = self.slice(start, self.at + 1);
                if is_named || !is_handle(named) {
                    return Err(self.error("a tag has a misplaced exclamation mark"));
                }
                (handle, is_named) = (named, true);
                from = self.at + 1;
            }
            self.at += 1;
        }
        let name = self.slice(from, self.at);
        if name.bytes().any(is_flow) {
            return Err(self.error("a tag must not have brackets or commas"));
        }
        if !name.is_empty() && !is_uri(name) {
            return Err(self.error("a tag has invalid characters"));
        }
        match (self.prefixes.get(handle), handle) {
            (Some(prefix), _) => Ok(format!("{prefix}{name}")),
            (None, "!") => Ok(format!("!{name}")),
            (None, "!!") => Ok(format!("{TAG_PREFIX}{name}")),
            (None, _) => Err(self.error(format!("the tag handle `{handle}` is not declared"))),
        }
    }

    /// Converts the last node according to its tag; returns whether the tag determined the value.
    pub(super) fn apply_tag(&mut self) -> Result<bool, YamlError> {
        let tag = match &self.tag {
            None => return Ok(false),
            Some(Tag::Named(tag)) if tag == "!" => return Ok(false),
            Some(Tag::Implicit) => return self.apply_implicit(),
            Some(Tag::Merge) => format!("{TAG_PREFIX}merge"),
            Some(Tag::Named(tag)) => tag.clone(),
        };
        let value = std::mem::replace(&mut self.value, Value::Null);
        self.value = self.tagged(&tag, value)?;
        Ok(true)
    }

    fn apply_implicit(&mut self) -> Result<bool, YamlError> {
        if self.value != Value::Null && self.kind != Some(Kind::Scalar) {
            return Err(self.error("the tag !<?> is for scalars"));
        }
        let Value::Text(text) = &self.value else { return Ok(false) };
        if text == "<<" {
            self.tag = Some(Tag::Merge);
            return Ok(true);
        }
        match resolve::resolve(text) {
            Value::Text(_) => Ok(false),
            other => {
                self.value = other.into_owned();
                Ok(true)
            }
        }
    }

    fn tagged(&self, tag: &str, value: Value<'t>) -> Result<Value<'t>, YamlError> {
        let unknown = || self.error(format!("unknown tag `{tag}`"));
        let name = tag.strip_prefix(TAG_PREFIX).ok_or_else(unknown)?;
        let kind = match name {
            "str" | "null" | "bool" | "int" | "float" | "timestamp" | "merge" | "binary" => {
                Kind::Scalar
            }
            "seq" | "omap" | "pairs" => Kind::Sequence,
            "map" | "set" => Kind::Mapping,
            _ => return Err(unknown()),
        };
        if self.kind.is_some_and(|own| own != kind) {
            return Err(unknown());
        }
        if value != Value::Null && self.kind != Some(kind) {
            return Err(self.error(format!("the tag `{tag}` does not match its value")));
        }
        let mismatch = || self.error(format!("the tag `{tag}` does not match its value"));
        construct(name, value).ok_or_else(mismatch)
    }
}

/// Converts a value according to a tag; returns `None` if the tag does not apply to it.
fn construct<'t>(name: &str, value: Value<'t>) -> Option<Value<'t>> {
    let is_single = |value: &Value<'_>| matches!(value, Value::Map(map) if map.len() == 1);
    match (name, value) {
        ("str", Value::Null) => Some(Value::Text(Cow::Borrowed(""))),
        ("null" | "merge", Value::Null) => Some(Value::Null),
        ("seq" | "omap" | "pairs", Value::Null) => Some(Value::List(Rc::new(Vec::new()))),
        ("map" | "set", Value::Null) => Some(Value::Map(Rc::default())),
        ("str" | "seq" | "map", value) => Some(value),
        ("null", Value::Text(text)) => resolve::null(&text),
        ("bool", Value::Text(text)) => resolve::bool(&text),
        ("int", Value::Text(text)) => resolve::integer(&text),
        ("float", Value::Text(text)) => resolve::float(&text),
        ("timestamp", Value::Text(text)) => resolve::date(&text),
        ("merge", Value::Text(text)) => (text == "<<").then_some(Value::Text(text)),
        ("binary", Value::Text(text)) => binary(&text).map(Value::Bytes),
        ("omap", Value::List(items)) => {
            let mut keys = BTreeSet::new();
            let is_new = |item: &Value<'_>| match item {
                Value::Map(map) => map.keys().all(|key| keys.insert(key.to_string())),
                _ => false,
            };
            let is_valid = items.iter().all(is_single) && items.iter().all(is_new);
            is_valid.then_some(Value::List(items))
        }
        ("pairs", Value::List(items)) => items.iter().all(is_single).then(|| {
            let pair = |item: &Value<'t>| match item {
                Value::Map(map) => {
                    let pair = map
                        .iter()
                        .flat_map(|(key, value)| [Value::Text(key.clone()), value.clone()]);
                    Value::List(Rc::new(pair.collect()))
                }
                other => other.clone(),
            };
            Value::List(Rc::new(items.iter().map(pair).collect()))
        }),
        ("set", Value::Map(map)) => {
            map.values().all(|value| *value == Value::Null).then_some(Value::Map(map))
        }
        _ => None,
    }
}

/// Decodes base64 like js-yaml: `=` is counted as a character at any position.
fn binary(text: &str) -> Option<Vec<u8>> {
    let (mut count, mut bits, mut len) = (0, 0_u32, 0_usize);
    let mut bytes = Vec::new();
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                count += 1;
                continue;
            }
            b'\r' | b'\n' => continue,
            _ => return None,
        };
        count += 1;
        bits = bits << 6 | u32::from(value);
        len += 1;
        if len.is_multiple_of(4) {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match len % 4 {
        3 => bytes.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        2 => bytes.push((bits >> 4) as u8),
        // js-yaml decodes an empty text to three bytes.
        0 if len == 0 => bytes.extend([0; 3]),
        _ => {}
    }
    (count * 6 % 8 == 0).then_some(bytes)
}

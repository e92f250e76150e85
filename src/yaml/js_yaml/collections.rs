//! Flow and block collections, and their keys.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use super::node::Place;
use super::reader::{Kind, Reader, Tag, is_blank, is_gap};
use super::{Map, Value};
use crate::yaml::YamlError;

/// A mapping under construction.
#[derive(Default)]
struct Pairs<'t> {
    map: Map<'t>,
    /// Merged keys, which may be overridden.
    merged: HashSet<Cow<'t, str>>,
}

/// A key without its value.
struct Key<'t> {
    is_merge: bool,
    value: Value<'t>,
}

impl Key<'_> {
    const NONE: Self = Key { is_merge: false, value: Value::Null };
}

impl<'t> Reader<'t> {
    /// Takes the last node as a key.
    fn key(&mut self) -> Key<'t> {
        Key {
            is_merge: self.tag == Some(Tag::Merge),
            value: std::mem::replace(&mut self.value, Value::Null),
        }
    }

    fn store(
        &self,
        pairs: &mut Pairs<'t>,
        key: Key<'t>,
        value: Value<'t>,
    ) -> Result<(), YamlError> {
        let name = self.key_text(key.value)?;
        if key.is_merge {
            return match value {
                Value::List(items) => items.iter().try_for_each(|item| self.merge(pairs, item)),
                value => self.merge(pairs, &value),
            };
        }
        // In JavaScript, this sets the prototype instead of a property.
        if name == "__proto__" {
            return Ok(());
        }
        if !pairs.merged.remove(&name) && pairs.map.contains_key(&name) {
            return Err(self.error(format!("the key `{name}` appears twice")));
        }
        pairs.map.insert(name, value);
        Ok(())
    }

    fn key_text(&self, key: Value<'t>) -> Result<Cow<'t, str>, YamlError> {
        match key {
            Value::Text(text) => Ok(text),
            Value::List(items) if items.iter().any(|item| matches!(item, Value::List(_))) => {
                Err(self.error("nested lists in a key"))
            }
            key => Ok(Cow::Owned(key.to_text())),
        }
    }

    fn merge(&self, pairs: &mut Pairs<'t>, source: &Value<'t>) -> Result<(), YamlError> {
        let mut add = |key: Cow<'t, str>, value: Value<'t>| {
            if !pairs.map.contains_key(&key) {
                pairs.merged.insert(key.clone());
                pairs.map.insert(key, value);
            }
        };
        match source {
            Value::Map(map) => {
                map.iter().for_each(|(key, value)| add(key.clone(), value.clone()));
            }
            Value::List(items) => items.iter().enumerate().for_each(|(index, item)| {
                add(Cow::Owned(index.to_string()), item.clone());
            }),
            Value::Bytes(bytes) => bytes.iter().enumerate().for_each(|(index, byte)| {
                add(Cow::Owned(index.to_string()), Value::Number(f64::from(*byte)));
            }),
            Value::Date(_) => {}
            _ => return Err(self.error("expected a mapping or a list of mappings to merge")),
        }
        Ok(())
    }

    /// Reads a flow collection.
    pub(super) fn flow_collection(&mut self, indent: isize) -> Result<bool, YamlError> {
        let (end, kind) = match self.byte() {
            b'[' => (b']', Kind::Sequence),
            b'{' => (b'}', Kind::Mapping),
            _ => return Ok(false),
        };
        let before = (self.tag.clone(), self.anchor);
        let (mut items, mut pairs) = (Vec::new(), Pairs::default());
        let step = self.expect(match kind {
            Kind::Mapping => Value::Map(Rc::default()),
            _ => Value::List(Rc::default()),
        });
        self.at += 1;
        let mut is_after_comma = true;
        while self.byte() != 0 {
            self.skip_gaps(true)?;
            if self.byte() == end {
                self.at += 1;
                let value = match kind {
                    Kind::Mapping => Value::Map(Rc::new(pairs.map)),
                    _ => Value::List(Rc::new(items)),
                };
                self.collected(before, step, kind, value);
                return Ok(true);
            }
            if !is_after_comma {
                return Err(self.error("expected ',' in brackets"));
            }
            let mut is_pair = false;
            if self.byte() == b'?' && is_gap(self.next_byte()) {
                is_pair = true;
                self.at += 1;
                self.skip_gaps(true)?;
            }
            let line = self.line;
            self.node(indent, Place::FlowIn, false, true)?;
            let key = self.key();
            let mut value = Value::Null;
            self.skip_gaps(true)?;
            if (is_pair || self.line == line) && self.byte() == b':' {
                is_pair = true;
                self.at += 1;
                self.skip_gaps(true)?;
                self.node(indent, Place::FlowIn, false, true)?;
                value = std::mem::replace(&mut self.value, Value::Null);
            }
            if kind == Kind::Mapping {
                self.store(&mut pairs, key, value)?;
            } else if is_pair {
                let mut pair = Pairs::default();
                self.store(&mut pair, key, value)?;
                items.push(Value::Map(Rc::new(pair.map)));
            } else {
                items.push(key.value);
            }
            self.skip_gaps(true)?;
            is_after_comma = self.byte() == b',';
            self.at += usize::from(is_after_comma);
        }
        Err(self.error("unclosed bracket"))
    }

    /// Reads a block list.
    pub(super) fn block_sequence(&mut self, indent: isize) -> Result<bool, YamlError> {
        let before = (self.tag.clone(), self.anchor);
        let step = self.expect(Value::List(Rc::default()));
        let mut items = Vec::new();
        let mut is_begun = false;
        while self.byte() == b'-' && is_gap(self.next_byte()) {
            is_begun = true;
            self.at += 1;
            if self.skip_gaps(true)? > 0 && self.indent <= indent {
                items.push(Value::Null);
                continue;
            }
            let line = self.line;
            self.node(indent, Place::BlockIn, false, true)?;
            items.push(std::mem::replace(&mut self.value, Value::Null));
            self.skip_gaps(true)?;
            if (self.line == line || self.indent > indent) && self.byte() != 0 {
                return Err(self.error("bad indentation of a list item"));
            }
            if self.indent < indent {
                break;
            }
        }
        if is_begun {
            self.collected(before, step, Kind::Sequence, Value::List(Rc::new(items)));
        }
        Ok(is_begun)
    }

    /// Reads a block mapping, or a single-line node that turns out not to be a key.
    pub(super) fn block_mapping(
        &mut self,
        indent: isize,
        flow_indent: isize,
    ) -> Result<bool, YamlError> {
        let before = (self.tag.clone(), self.anchor);
        let step = self.expect(Value::Map(Rc::default()));
        let mut pairs = Pairs::default();
        let mut key = Key::NONE;
        // Whether there is an explicit key (`?`) without its value.
        let mut is_waiting = false;
        let mut is_begun = false;
        while self.byte() != 0 {
            let (line, start) = (self.line, (self.at, self.line_start));
            let is_compact;
            if matches!(self.byte(), b'?' | b':') && is_gap(self.next_byte()) {
                if self.byte() == b'?' {
                    if is_waiting {
                        let key = std::mem::replace(&mut key, Key::NONE);
                        self.store(&mut pairs, key, Value::Null)?;
                    }
                    (is_begun, is_waiting) = (true, true);
                } else if is_waiting {
                    is_waiting = false;
                } else {
                    return Err(self.error("a value without a key"));
                }
                is_compact = true;
                self.at += 1;
            } else if self.node(flow_indent, Place::FlowOut, false, true)? {
                let is_key = self.line == line && {
                    while is_blank(self.byte()) {
                        self.at += 1;
                    }
                    self.byte() == b':'
                };
                if !is_key {
                    if is_begun {
                        return Err(self.error("expected ':' after a key"));
                    }
                    // As in js-yaml, the anchor that was read before the supposed mapping is kept.
                    (self.tag, self.anchor) = before;
                    return Ok(true);
                }
                self.at += 1;
                if !is_gap(self.byte()) {
                    return Err(self.error("expected a space after the ':' of a key"));
                }
                if is_waiting {
                    let key = std::mem::replace(&mut key, Key::NONE);
                    self.store(&mut pairs, key, Value::Null)?;
                }
                (is_begun, is_waiting, is_compact) = (true, false, false);
                key = self.key();
            } else {
                break;
            }
            if self.line == line || self.indent > indent {
                let mut value = Value::Null;
                if self.node(indent, Place::BlockOut, true, is_compact)? {
                    if is_waiting {
                        // After `?`, `<<` is an ordinary key.
                        key = Key { is_merge: false, ..self.key() };
                    } else {
                        value = std::mem::replace(&mut self.value, Value::Null);
                    }
                }
                if !is_waiting {
                    let key = std::mem::replace(&mut key, Key::NONE);
                    let stored = self.store(&mut pairs, key, value);
                    if stored.is_err() {
                        // Report the position of the key.
                        self.line = line;
                        (self.at, self.line_start) = start;
                    }
                    stored.map_err(|error| self.error(error.detail))?;
                }
                self.skip_gaps(true)?;
            }
            if self.indent > indent && self.byte() != 0 {
                return Err(self.error("bad indentation of a mapping entry"));
            }
            if self.indent < indent {
                break;
            }
        }
        if is_waiting {
            self.store(&mut pairs, key, Value::Null)?;
        }
        if is_begun {
            self.collected(before, step, Kind::Mapping, Value::Map(Rc::new(pairs.map)));
        }
        Ok(is_begun)
    }
}

//! Nodes: tag and anchor, followed by the content.

use super::Value;
use super::reader::{Kind, Reader, Tag, is_flow, is_gap};
use crate::yaml::YamlError;

use std::cmp::Ordering;

/// The context of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Inside a flow collection.
    FlowIn,
    /// As a key, which may be a flow collection.
    FlowOut,
    /// As an item of a list.
    BlockIn,
    /// As a document, an explicit key (`?`) or a value.
    BlockOut,
}

impl<'t> Reader<'t> {
    /// Reads the root node.
    pub(super) fn root(&mut self) -> Result<(), YamlError> {
        self.node(self.indent - 1, Place::BlockOut, false, true).map(drop)
    }

    /// Reads a node, which becomes the last one; returns whether there is one. With `seeks`, it may begin on a later
    /// line; with `is_compact`, a block collection may begin on the same line.
    pub(super) fn node(
        &mut self,
        parent: isize,
        place: Place,
        seeks: bool,
        is_compact: bool,
    ) -> Result<bool, YamlError> {
        self.depth += 1;
        if self.depth > super::MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        (self.tag, self.anchor, self.kind, self.value) = (None, None, None, Value::Null);
        let in_block = matches!(place, Place::BlockIn | Place::BlockOut);
        let mut allows_collection = in_block;
        let mut is_new_line = false;
        let mut status = Ordering::Greater;
        if seeks && self.skip_gaps(true)? > 0 {
            is_new_line = true;
            status = self.indent.cmp(&parent);
        }
        if status == Ordering::Greater {
            while self.read_tag()? || self.read_anchor()? {
                if self.skip_gaps(true)? > 0 {
                    is_new_line = true;
                    allows_collection = in_block;
                    status = self.indent.cmp(&parent);
                } else {
                    allows_collection = false;
                }
            }
        }
        allows_collection &= is_new_line || is_compact;
        let mut has_content = false;
        if status == Ordering::Greater || place == Place::BlockOut {
            let flow_indent = if in_block { parent + 1 } else { parent };
            let block_indent = (self.at - self.line_start) as isize;
            has_content = match status {
                Ordering::Greater => {
                    self.content(place, allows_collection, flow_indent, block_indent)?
                }
                Ordering::Equal => allows_collection && self.block_sequence(block_indent)?,
                Ordering::Less => false,
            };
        }
        if self.apply_tag()? {
            self.remember();
        }
        self.depth -= 1;
        Ok(self.tag.is_some() || self.anchor.is_some() || has_content)
    }

    fn content(
        &mut self,
        place: Place,
        allows_collection: bool,
        flow_indent: isize,
        block_indent: isize,
    ) -> Result<bool, YamlError> {
        if allows_collection
            && (self.block_sequence(block_indent)?
                || self.block_mapping(block_indent, flow_indent)?)
            || self.flow_collection(flow_indent)?
        {
            return Ok(true);
        }
        let in_block = matches!(place, Place::BlockIn | Place::BlockOut);
        let has_content = if in_block && self.block(flow_indent)? || self.quoted()? {
            true
        } else if self.alias()? {
            if self.tag.is_some() || self.anchor.is_some() {
                return Err(self.error("an alias must not have a tag or an anchor"));
            }
            true
        } else if self.plain(flow_indent, place == Place::FlowIn)? {
            self.tag.get_or_insert(Tag::Implicit);
            true
        } else {
            false
        };
        self.remember();
        Ok(has_content)
    }

    /// Assigns the last node to its anchor.
    fn remember(&mut self) {
        self.expect(self.value.clone());
    }

    /// Assigns a value to the anchor of the last node; returns the number of this assignment.
    pub(super) fn expect(&mut self, value: Value<'t>) -> usize {
        self.step += 1;
        if let Some(anchor) = self.anchor {
            self.anchors.insert(anchor, (self.step, value));
        }
        self.step
    }

    fn name(&mut self) -> Result<&'t str, YamlError> {
        self.at += 1;
        let from = self.at;
        while self.byte() != 0 && !is_gap(self.byte()) && !is_flow(self.byte()) {
            self.at += 1;
        }
        match self.slice(from, self.at) {
            "" => Err(self.error("missing name of an anchor or an alias")),
            name => Ok(name),
        }
    }

    fn read_anchor(&mut self) -> Result<bool, YamlError> {
        if self.byte() != b'&' {
            return Ok(false);
        }
        if self.anchor.is_some() {
            return Err(self.error("a node has two anchors"));
        }
        self.anchor = Some(self.name()?);
        Ok(true)
    }

    fn alias(&mut self) -> Result<bool, YamlError> {
        if self.byte() != b'*' {
            return Ok(false);
        }
        let name = self.name()?;
        match self.anchors.get(name) {
            Some((_, value)) => self.value = value.clone(),
            None => return Err(self.error(format!("unknown anchor `{name}`"))),
        }
        self.skip_gaps(true)?;
        Ok(true)
    }

    /// Makes a collection the last node, with its tag and anchor. The value is assigned to the anchor, unless a node
    /// inside the collection has redefined it since assignment `step`.
    pub(super) fn collected(
        &mut self,
        before: (Option<Tag>, Option<&'t str>),
        step: usize,
        kind: Kind,
        value: Value<'t>,
    ) {
        (self.tag, self.anchor) = before;
        (self.kind, self.value) = (Some(kind), value);
        let known = self.anchor.and_then(|anchor| self.anchors.get_mut(anchor));
        if let Some((own, value)) = known
            && *own == step
        {
            *value = self.value.clone();
        }
    }
}

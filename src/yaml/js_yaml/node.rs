//! Nodes: their tag and their anchor, then whatever fits there.

use super::Value;
use super::reader::{Kind, Reader, Tag, is_flow, is_gap};
use crate::yaml::YamlError;

use std::cmp::Ordering;

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Inside brackets.
    FlowIn,
    /// As a key that may be a collection in brackets.
    FlowOut,
    /// As a list's item.
    BlockIn,
    /// As a document, a key behind `?` or a value.
    BlockOut,
}

impl<'t> Reader<'t> {
    /// The document's node.
    pub(super) fn root(&mut self) -> Result<(), YamlError> {
        self.node(self.indent - 1, Place::BlockOut, false, true).map(drop)
    }

    /// Reads a node, which becomes the last one; returns whether there was one. It may begin on a later line if it `seeks`,
    /// and a collection may begin on the same line if it `is_compact`.
    pub(super) fn node(
        &mut self,
        parent: isize,
        place: Place,
        seeks: bool,
        is_compact: bool,
    ) -> Result<bool, YamlError> {
        self.depth += 1;
        if self.depth > super::MAX_DEPTH {
            return Err(self.error("nested too deep"));
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
                return Err(self.error("an alias has a tag or an anchor"));
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

    /// The last node is what its anchor stands for.
    fn remember(&mut self) {
        self.expect(self.value.clone());
    }

    /// What the anchor of the last node stands for from now on, and the number of this step.
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
            "" => Err(self.error("an anchor or an alias has no name")),
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
            None => return Err(self.error(format!("the anchor `{name}` is not known"))),
        }
        self.skip_gaps(true)?;
        Ok(true)
    }

    /// A collection that was read becomes the last node, with the tag and the anchor that stood before it. The anchor
    /// stands for it, unless a node inside has taken the name since the step at which it began.
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

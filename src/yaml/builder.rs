//! Builds a document's tree from its events, and rejects what go-yaml v2 rejects when it decodes: keys that are
//! collections, merges of anything but mappings, tags that do not match, and excessive aliasing.

use std::borrow::Cow;
use std::collections::HashMap;

use super::grammar::{Event, PositionedEvent};
use super::resolve;
use super::tree::{Content, Document, RawData, RawNode};
use super::{MAX_NODES, Mark, YamlError};

/// Containers that are still open are on a stack.
#[derive(Default)]
pub(super) struct Builder<'s> {
    nodes: Vec<RawNode<'s>>,
    /// Contents of closed containers.
    contents: Vec<Content>,
    /// Contents of open containers, those of the innermost last.
    pending: Vec<Content>,
    open: Vec<Open>,
    anchors: HashMap<&'s str, usize>,
    root: Option<usize>,
    depth: usize,
    has_aliases: bool,
}

struct Open {
    index: usize,
    /// The index in `pending` where its contents start.
    first: usize,
    /// Whether the last key is `<<`, and its value a merge.
    is_merge: bool,
}

impl<'s> Builder<'s> {
    pub(super) fn add_event(&mut self, event: PositionedEvent<'s>) -> Result<(), YamlError> {
        let PositionedEvent { event, start, anchor, tag } = event;
        let place = Mark::from(start);
        match event {
            Event::Scalar { text, is_plain } => {
                let (text, is_plain) = match tag {
                    None => (text, is_plain),
                    Some(tag) => resolve::tagged(&tag, text)
                        .map_err(|detail| YamlError::at(place, detail))?,
                };
                let index = self.add(place, RawData::Scalar { text, is_plain }, anchor);
                self.attach(Content { index, is_alias: false }, place)
            }
            Event::SequenceStart => self.open(place, RawData::Sequence(0..0), anchor),
            Event::MappingStart => self.open(place, RawData::Mapping(0..0), anchor),
            Event::End => match self.open.pop() {
                Some(open) => self.close(open, place),
                None => Ok(()),
            },
            Event::Alias(name) => match self.anchors.get(name).copied() {
                Some(index) if self.open.iter().all(|open| open.index != index) => {
                    self.has_aliases = true;
                    self.attach(Content { index, is_alias: true }, place)
                }
                Some(_) => Err(YamlError::at(place, "an anchor contains itself")),
                None => Err(YamlError::at(place, "while parsing node, found unknown anchor")),
            },
        }
    }

    fn add(&mut self, place: Mark, data: RawData<'s>, anchor: Option<&'s str>) -> usize {
        self.nodes.push(RawNode { place, data, size: 1 });
        let index = self.nodes.len() - 1;
        if let Some(name) = anchor {
            self.anchors.insert(name, index);
        }
        index
    }

    fn open(
        &mut self,
        place: Mark,
        data: RawData<'s>,
        anchor: Option<&'s str>,
    ) -> Result<(), YamlError> {
        if self.expects_key() {
            return Err(YamlError::at(place, "a key must be a scalar"));
        }
        let index = self.add(place, data, anchor);
        self.open.push(Open { index, first: self.pending.len(), is_merge: false });
        self.depth = self.depth.max(self.open.len());
        Ok(())
    }

    fn close(&mut self, open: Open, end: Mark) -> Result<(), YamlError> {
        let start = self.contents.len();
        self.contents.extend(self.pending.drain(open.first..));
        match &mut self.nodes[open.index].data {
            RawData::Scalar { .. } => {}
            RawData::Sequence(range) | RawData::Mapping(range) => {
                *range = start..self.contents.len();
            }
        }
        self.attach(Content { index: open.index, is_alias: false }, end)
    }

    /// Returns whether the next node is a mapping's key.
    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| {
            matches!(self.nodes[open.index].data, RawData::Mapping(_))
                && (self.pending.len() - open.first).is_multiple_of(2)
        })
    }

    /// Adds a complete node to its container.
    fn attach(&mut self, content: Content, place: Mark) -> Result<(), YamlError> {
        let is_key = self.expects_key();
        let node = &self.nodes[content.index];
        let size = node.size;
        if is_key && !matches!(node.data, RawData::Scalar { .. }) {
            return Err(YamlError::at(place, "a key must be a scalar"));
        }
        let is_merge_key = is_key && !content.is_alias && is_merge(&node.data);
        let may_be_merged = self.may_be_merged(content);
        let Some(open) = self.open.last_mut() else {
            self.root = Some(content.index);
            return Ok(());
        };
        if open.is_merge && !may_be_merged {
            return Err(YamlError::at(place, "a merge needs a mapping, or a list of mappings"));
        }
        open.is_merge = is_merge_key;
        let container = &mut self.nodes[open.index];
        container.size = container.size.saturating_add(size);
        if container.size > MAX_NODES {
            let detail = format!("it has more than {MAX_NODES} nodes, including those of aliases");
            return Err(YamlError::at(place, detail));
        }
        self.pending.push(content);
        Ok(())
    }

    /// Returns whether `<<` may have this value. An alias must refer to a mapping, not to a list of them.
    fn may_be_merged(&self, content: Content) -> bool {
        let is_mapping = |index: usize| matches!(self.nodes[index].data, RawData::Mapping(_));
        match &self.nodes[content.index].data {
            RawData::Mapping(_) => true,
            RawData::Sequence(range) if !content.is_alias => {
                self.contents[range.clone()].iter().all(|item| is_mapping(item.index))
            }
            RawData::Sequence(_) | RawData::Scalar { .. } => false,
        }
    }

    pub(super) fn finish(mut self, is_ordinary: bool) -> Result<Document<'s>, YamlError> {
        let root = match self.root {
            Some(root) => root,
            None => {
                let data = RawData::Scalar { text: Cow::Borrowed(""), is_plain: true };
                self.add(Mark { line: 1, column: 1 }, data, None)
            }
        };
        let document = Document {
            nodes: self.nodes,
            contents: self.contents,
            root,
            depth: self.depth,
            has_aliases: self.has_aliases,
            is_ordinary,
        };
        if document.has_aliases && document.is_aliased_too_much() {
            return Err(YamlError::at(document.root().place(), "excessive aliasing"));
        }
        Ok(document)
    }
}

fn is_merge(data: &RawData<'_>) -> bool {
    matches!(data, RawData::Scalar { text, is_plain: true } if text == "<<")
}

/// Returns go-yaml's limit: the share of decoded nodes that may come from aliases falls from 99 % at 400,000
/// nodes to 10 % at 4,000,000.
fn allowed_share(decoded: u64) -> f64 {
    let (low, high) = (400_000.0, 4_000_000.0);
    let decoded = (decoded as f64).clamp(low, high);
    0.99 - 0.89 * ((decoded - low) / (high - low))
}

impl Document<'_> {
    /// Counts nodes in the order in which go-yaml decodes them; an alias and its target count as one each.
    fn is_aliased_too_much(&self) -> bool {
        // The document itself counts as one.
        let (mut decoded, mut aliased) = (1_u64, 0_u64);
        let mut left = vec![(Content { index: self.root, is_alias: false }, false)];
        while let Some((content, in_alias)) = left.pop() {
            let in_or_alias = in_alias || content.is_alias;
            decoded += 1 + u64::from(content.is_alias);
            aliased += u64::from(in_alias) + u64::from(content.is_alias);
            if aliased > 100
                && decoded > 1000
                && aliased as f64 / decoded as f64 > allowed_share(decoded)
            {
                return true;
            }
            match &self.nodes[content.index].data {
                RawData::Scalar { .. } => {}
                RawData::Sequence(range) => {
                    let items = self.contents[range.clone()].iter().rev();
                    left.extend(items.map(|item| (*item, in_or_alias)));
                }
                RawData::Mapping(range) => {
                    let (pairs, _) = self.contents[range.clone()].as_chunks();
                    for [key, value] in pairs.iter().rev() {
                        let is_merge = !key.is_alias && is_merge(&self.nodes[key.index].data);
                        match &self.nodes[value.index].data {
                            // Of a list of merges, the last one is decoded first, and the list itself never.
                            RawData::Sequence(range) if is_merge => {
                                let items = self.contents[range.clone()].iter();
                                left.extend(items.map(|item| (*item, in_or_alias)));
                            }
                            _ => left.push((*value, in_or_alias)),
                        }
                        if !is_merge {
                            left.push((*key, in_or_alias));
                        }
                    }
                }
            }
        }
        false
    }
}

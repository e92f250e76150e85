//! The tree of a document: its nodes, and how to walk them.
//!
//! Built by `builder`. Independent of syntax.

use std::borrow::Cow;
use std::ops::Range;

use super::Mark;

/// The first document of a text.
#[derive(Debug)]
pub struct Document<'t> {
    pub(super) nodes: Vec<RawNode<'t>>,
    /// The contents of all containers as indices of nodes, each container's in one range: this avoids an
    /// allocation per container, of which there are many small ones. An alias is the index of its
    /// target.
    pub(super) contents: Vec<Content>,
    pub(super) root: usize,
    /// Maximum nesting of containers.
    pub(super) depth: usize,
    pub(super) has_aliases: bool,
    /// Whether js-yaml parses the same tree.
    pub(super) is_ordinary: bool,
}

/// A node in a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    pub(super) index: usize,
    /// Whether it was written as an alias.
    pub(super) is_alias: bool,
}

#[derive(Debug)]
pub(super) struct RawNode<'t> {
    pub(super) place: Mark,
    pub(super) data: RawData<'t>,
    /// Number of nodes below and including this one, counting the target of each alias.
    pub(super) size: u64,
}

/// Containers with the range of their contents; in a mapping, keys and values alternate.
#[derive(Debug)]
pub(super) enum RawData<'t> {
    Scalar { text: Cow<'t, str>, is_plain: bool },
    Sequence(Range<usize>),
    Mapping(Range<usize>),
}

/// A node of a document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document<'d>,
    index: usize,
}

/// The content of a node.
#[derive(Clone, Copy, Debug)]
pub enum Data<'d> {
    /// A scalar.
    Scalar(Scalar<'d>),
    /// A list.
    Sequence(Items<'d>),
    /// Pairs in order, including duplicate keys; each key is a scalar.
    Mapping(Pairs<'d>),
}

/// A scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar<'d> {
    /// The text without quotes and escapes.
    pub text: &'d str,
    /// Whether it may be resolved as a number, a bool or null: neither quoted nor a block scalar, and
    /// without a tag that makes it text.
    pub is_plain: bool,
}

/// The items of a list.
#[derive(Clone, Copy, Debug)]
pub struct Items<'d> {
    document: &'d Document<'d>,
    contents: &'d [Content],
}

/// The pairs of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'d>(Items<'d>);

impl<'d> Items<'d> {
    /// Returns the number of items.
    pub fn len(self) -> usize {
        self.contents.len()
    }

    /// Returns whether there are no items.
    pub fn is_empty(self) -> bool {
        self.contents.is_empty()
    }

    /// Returns the items in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Node<'d>> {
        let Items { document, contents } = self;
        contents.iter().map(move |content| Node { document, index: content.index })
    }
}

impl<'d> Pairs<'d> {
    /// Returns the keys and their values in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = (Node<'d>, Node<'d>)> {
        let Items { document, contents } = self.0;
        let node = move |content: &Content| Node { document, index: content.index };
        let (pairs, _) = contents.as_chunks();
        pairs.iter().map(move |[key, value]| (node(key), node(value)))
    }
}

impl<'d> Node<'d> {
    /// Returns where the node starts.
    pub fn place(self) -> Mark {
        self.document.nodes[self.index].place
    }

    /// Returns its content.
    pub fn data(self) -> Data<'d> {
        let document = self.document;
        let items =
            |range: &Range<usize>| Items { document, contents: &document.contents[range.clone()] };
        match &document.nodes[self.index].data {
            RawData::Scalar { text, is_plain } => {
                Data::Scalar(Scalar { text, is_plain: *is_plain })
            }
            RawData::Sequence(range) => Data::Sequence(items(range)),
            RawData::Mapping(range) => Data::Mapping(Pairs(items(range))),
        }
    }
}

impl Document<'_> {
    /// Converts to the same tree with owned texts.
    pub(super) fn into_owned<'t>(self) -> Document<'t> {
        let Document { nodes, contents, root, depth, has_aliases, is_ordinary } = self;
        let own = |RawNode { place, data, size }: RawNode<'_>| RawNode {
            place,
            size,
            data: match data {
                RawData::Scalar { text, is_plain } => {
                    RawData::Scalar { text: Cow::Owned(text.into_owned()), is_plain }
                }
                RawData::Sequence(range) => RawData::Sequence(range),
                RawData::Mapping(range) => RawData::Mapping(range),
            },
        };
        let nodes = nodes.into_iter().map(own).collect();
        Document { nodes, contents, root, depth, has_aliases, is_ordinary }
    }

    /// Returns the outermost node.
    pub fn root(&self) -> Node<'_> {
        self.node(self.root)
    }

    /// Returns the node with an index; aliases of a node share its index.
    pub(super) fn node(&self, index: usize) -> Node<'_> {
        Node { document: self, index }
    }

    /// Returns whether js-yaml is known to parse the same tree. The values of scalars and duplicate keys may still
    /// differ; see `js_yaml`.
    pub fn is_ordinary(&self) -> bool {
        self.is_ordinary
    }

    /// Returns the number of nodes, counting the target of each alias.
    pub fn node_count(&self) -> u64 {
        self.nodes[self.root].size
    }
}

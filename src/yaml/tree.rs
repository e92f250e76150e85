//! The tree of a document: what its nodes are, and how they are walked.
//!
//! Made by `builder`. Knows nothing of syntax.

use std::borrow::Cow;
use std::ops::Range;

use super::Mark;

/// The first document of a text.
#[derive(Debug)]
pub struct Document<'t> {
    pub(super) nodes: Vec<RawNode<'t>>,
    /// What is in all containers, each container's in one piece, as indices of nodes: no allocation
    /// for each container, of which there are many small ones. An alias is the index of what it
    /// stands for.
    pub(super) contents: Vec<Content>,
    pub(super) root: usize,
    /// How many containers stand inside each other, at most.
    pub(super) depth: usize,
    pub(super) has_aliases: bool,
    /// Whether js-yaml's grammar makes the same tree of it.
    pub(super) is_ordinary: bool,
}

/// A node in a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    pub(super) index: usize,
    /// Whether an alias stands there for it.
    pub(super) is_alias: bool,
}

#[derive(Debug)]
pub(super) struct RawNode<'t> {
    pub(super) place: Mark,
    pub(super) data: RawData<'t>,
    /// Nodes below and this one, counting what each alias stands for.
    pub(super) size: u64,
}

/// Containers by where their contents are; in a mapping, keys and values take turns.
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

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub enum Data<'d> {
    /// A text.
    Scalar(Scalar<'d>),
    /// A list.
    Sequence(Items<'d>),
    /// Pairs in their order, a key that is there twice included; each key is a scalar.
    Mapping(Pairs<'d>),
}

/// A scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar<'d> {
    /// The text without quotes and escapes.
    pub text: &'d str,
    /// Whether a reader may take it for a number, a bool or null: neither quoted nor a block, and
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
    /// Their number.
    pub fn len(self) -> usize {
        self.contents.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(self) -> bool {
        self.contents.is_empty()
    }

    /// The items in their order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Node<'d>> {
        let Items { document, contents } = self;
        contents.iter().map(move |content| Node { document, index: content.index })
    }
}

impl<'d> Pairs<'d> {
    /// The keys and their values in their order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = (Node<'d>, Node<'d>)> {
        let Items { document, contents } = self.0;
        let node = move |content: &Content| Node { document, index: content.index };
        let (pairs, _) = contents.as_chunks();
        pairs.iter().map(move |[key, value]| (node(key), node(value)))
    }
}

impl<'d> Node<'d> {
    /// Where it begins.
    pub fn place(self) -> Mark {
        self.document.nodes[self.index].place
    }

    /// What it is.
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
    /// The same tree, with texts of its own.
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

    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        self.node(self.root)
    }

    /// The node with an index, whether it stands in the tree once or several times.
    pub(super) fn node(&self, index: usize) -> Node<'_> {
        Node { document: self, index }
    }

    /// Tells whether js-yaml's grammar is known to make the same tree of it. What scalars mean there, and whether keys
    /// may appear twice, is another question; see `js_yaml`.
    pub fn is_ordinary(&self) -> bool {
        self.is_ordinary
    }

    /// Number of its nodes, counting what each alias stands for.
    pub fn node_count(&self) -> u64 {
        self.nodes[self.root].size
    }
}

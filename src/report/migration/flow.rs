//! The balance as a picture: the copies of each stage flow to where they end.
//!
//! Computes the geometry; `templates/flow.html` draws it as SVG. The same numbers are in a table next to it.

use crate::model::balance::{Balance, StageBalances};
use crate::report::text::grouped;

/// The height that all copies share; nodes of few copies are higher than their share.
const HEIGHT: f64 = 190.0;
const MIN_NODE: f64 = 5.0;
/// Labels need this distance between nodes.
const GAP: f64 = 22.0;
const TOP: f64 = 14.0;
/// The inner edges of both columns.
const LEFT: f64 = 128.0;
const RIGHT: f64 = 392.0;
const NODE_WIDTH: f64 = 10.0;

/// The picture, in units of its view box.
pub(super) struct Flow {
    pub(super) height: String,
    /// The stages on the left, then the outcomes on the right.
    pub(super) nodes: Vec<Node>,
    pub(super) bands: Vec<Band>,
}

/// A stage or an outcome.
pub(super) struct Node {
    pub(super) class: &'static str,
    pub(super) is_left: bool,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) height: String,
    pub(super) label_y: String,
    pub(super) count: String,
    pub(super) label: &'static str,
    /// The number of copies, and where the next band starts.
    copies: u64,
    top: f64,
    len: f64,
}

/// Copies of one stage with one outcome.
pub(super) struct Band {
    pub(super) class: &'static str,
    pub(super) path: String,
    pub(super) title: String,
}

/// The outcomes of copies, from top to bottom.
pub(super) fn outcomes(balance: &Balance) -> [(&'static str, &'static str, u64); 4] {
    let Balance { copies: _, archived, duplicates, excluded, blocked } = balance;
    [
        ("archived", "to v2", *archived),
        ("duplicates", "duplicates", *duplicates),
        ("excluded", "excluded", excluded.total()),
        ("blocked", "blocked", *blocked),
    ]
}

impl Flow {
    /// Draws the balance; `None` if there are no copies.
    pub(super) fn of(stages: &StageBalances) -> Option<Self> {
        let total = stages.total();
        if total.copies == 0 {
            return None;
        }
        let left = stages.iter().map(|(stage, balance)| {
            let name: &'static str = stage.into();
            (name, name, balance.copies)
        });
        let (left, left_end) = column(left, total.copies, true);
        let (right, right_end) = column(outcomes(&total).into_iter(), total.copies, false);
        let mut flow =
            Flow { height: number(left_end.max(right_end)), nodes: Vec::new(), bands: Vec::new() };
        let (mut left_tops, mut right_tops) = (tops(&left), tops(&right));
        for (from, from_top) in left.iter().zip(&mut left_tops) {
            let balance = stages.iter().find(|(stage, _)| <&str>::from(stage) == from.label);
            let ends = balance.map(|(_, balance)| outcomes(balance)).into_iter().flatten();
            for (class, label, copies) in ends.filter(|(_, _, copies)| *copies > 0) {
                let at = right.iter().position(|node| node.class == class);
                let at = at.expect("the total has every outcome of a stage");
                let from_len = share(from.len, copies, from.copies);
                let to_len = share(right[at].len, copies, right[at].copies);
                let path = band((*from_top, from_len), (right_tops[at], to_len));
                let title = format!("{} from {}: {label}", grouped(copies), from.label);
                flow.bands.push(Band { class, path, title });
                *from_top += from_len;
                right_tops[at] += to_len;
            }
        }
        flow.nodes = left.into_iter().chain(right).collect();
        Some(flow)
    }
}

/// Stacks the nodes of a column, without empty ones; returns also where it ends.
fn column(
    rows: impl Iterator<Item = (&'static str, &'static str, u64)>,
    total: u64,
    is_left: bool,
) -> (Vec<Node>, f64) {
    let mut top = TOP;
    let mut nodes = Vec::new();
    for (class, label, copies) in rows.filter(|(_, _, copies)| *copies > 0) {
        let len = share(HEIGHT, copies, total).max(MIN_NODE);
        nodes.push(Node {
            class,
            is_left,
            x: number(if is_left { LEFT } else { RIGHT - NODE_WIDTH }),
            y: number(top),
            height: number(len),
            label_y: number(top + len / 2.0),
            count: grouped(copies),
            label,
            copies,
            top,
            len,
        });
        top += len + GAP;
    }
    (nodes, top - GAP + TOP)
}

fn tops(nodes: &[Node]) -> Vec<f64> {
    nodes.iter().map(|node| node.top).collect()
}

fn share(len: f64, part: u64, whole: u64) -> f64 {
    len * part as f64 / whole as f64
}

/// Returns the outline of a band between two spans, each with its top and length.
fn band((from, from_len): (f64, f64), (to, to_len): (f64, f64)) -> String {
    let (left, right) = (LEFT + NODE_WIDTH, RIGHT - NODE_WIDTH);
    let middle = (left + right) / 2.0;
    let [left, right, middle] = [left, right, middle].map(number);
    let [from_end, to_end] = [from + from_len, to + to_len].map(number);
    let [from, to] = [from, to].map(number);
    format!(
        "M{left} {from}C{middle} {from} {middle} {to} {right} {to}V{to_end}C{middle} {to_end} {middle} {from_end} {left} {from_end}Z"
    )
}

/// Formats a coordinate.
fn number(value: f64) -> String {
    format!("{value:.1}")
}

//! The order in which windows are processed.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::iter;
use std::rc::Rc;
use std::sync::Arc;

use super::audited;
use super::pool::Pool;
use super::window::{ListedWindow, Package};
use crate::model::package::Stage;
use crate::v1::listing::ListedPackage;

/// Number of revisions per window: the number of digests that are computed together.
pub(super) const WINDOW_LEN: usize = 8;

/// A function that takes a package from one end of the queue.
type Take = fn(&mut VecDeque<ListedPackage>) -> Option<ListedPackage>;

/// Returns the windows of all packages, alternating between packages with many and with few revisions.
///
/// Packages with many revisions share most files, so their archives are limited by the disk; packages with few
/// revisions share little and are limited by the processor. Alternating keeps both busy, and no package with
/// many revisions comes last.
pub(super) fn windows<'r>(
    mut packages: Vec<ListedPackage>,
    precedence: &[Stage],
) -> impl Iterator<Item = ListedWindow<'r>> {
    packages.sort_by_key(|package| Reverse(package.revisions.len()));
    let left = Rc::new(RefCell::new(VecDeque::from(packages)));
    let [mut many, mut few] = [VecDeque::pop_front as Take, VecDeque::pop_back].map(|take| {
        let left = Rc::clone(&left);
        let packages = iter::from_fn(move || take(&mut left.borrow_mut()));
        packages.flat_map(|package| split(package, precedence))
    });
    let mut is_turn_of_many = false;
    iter::from_fn(move || {
        is_turn_of_many = !is_turn_of_many;
        if is_turn_of_many {
            many.next().or_else(|| few.next())
        } else {
            few.next().or_else(|| many.next())
        }
    })
}

/// Splits a package into windows.
fn split<'r>(
    listed: ListedPackage,
    precedence: &[Stage],
) -> impl Iterator<Item = ListedWindow<'r>> + use<'r> {
    let package = Arc::new(Package {
        unreadable_from: listed.unreadable_from,
        highest: listed.revisions.keys().next_back().cloned(),
        remarks: audited::remarks(&listed, precedence),
        pool: Pool::default(),
    });
    let mut revisions = listed.revisions.into_iter();
    let next = move || Some(revisions.by_ref().take(WINDOW_LEN).collect::<Vec<_>>());
    let windows = iter::from_fn(next).take_while(|revisions| !revisions.is_empty());
    windows.enumerate().map(move |(number, revisions)| ListedWindow {
        package: Arc::clone(&package),
        number,
        revisions,
    })
}

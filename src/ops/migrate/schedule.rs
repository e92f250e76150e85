//! The order in which windows are worked on.

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

/// Revisions whose archives are made together: what the digests take side by side.
pub(super) const WINDOW_LEN: usize = 8;

/// Takes a package from one end.
type Take = fn(&mut VecDeque<ListedPackage>) -> Option<ListedPackage>;

/// Gives all windows of all packages: one of a package with many revisions and one of a package with
/// few in turn, from both ends towards the middle.
///
/// Many revisions share nearly everything, and what their archives wait for is the disk; few have
/// mostly files of their own, and wait for the processor. In turn, both have work all the time, and
/// no package with many revisions comes last.
pub(super) fn windows<'r>(
    mut packages: Vec<ListedPackage>,
    precedence: &[Stage],
) -> impl Iterator<Item = ListedWindow<'r>> {
    packages.sort_by_key(|package| Reverse(package.revisions.len()));
    let left = Rc::new(RefCell::new(VecDeque::from(packages)));
    let [mut many, mut few] = [VecDeque::pop_front as Take, VecDeque::pop_back].map(|take| {
        let left = Rc::clone(&left);
        let packages = iter::from_fn(move || take(&mut left.borrow_mut()));
        packages.flat_map(|package| cut(package, precedence))
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

/// Cuts a package into windows.
fn cut<'r>(
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
    let cut = move || Some(revisions.by_ref().take(WINDOW_LEN).collect::<Vec<_>>());
    let windows = iter::from_fn(cut).take_while(|revisions| !revisions.is_empty());
    windows.enumerate().map(move |(number, revisions)| ListedWindow {
        package: Arc::clone(&package),
        number,
        revisions,
    })
}

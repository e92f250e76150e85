//! The meaning of each operator, regardless of prereleases that a constraint excludes.
//!
//! The library's functions treat incomplete versions differently from each other, and not as the operators' names
//! suggest: `>8` excludes 8.1.0, but `>=8` includes it, and `<=8` includes 8.1.0.

use std::cmp::Ordering;

use super::version::Version;

/// The operator of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=`, or none.
    Equal,
    /// `!=`.
    Unequal,
    /// `>`.
    Above,
    /// `>=` and `=>`.
    AtLeast,
    /// `<`.
    Below,
    /// `<=` and `=<`.
    AtMost,
    /// `~` and `~>`.
    Tilde,
    /// `^`.
    Caret,
}

/// A comparison with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) operator: Operator,
    /// The version, with 0 for missing numbers.
    pub(super) version: Version,
    /// Number of leading numbers that are given, 0 to 3; the others are wildcards or missing.
    pub(super) given: usize,
}

impl Comparison {
    /// Returns whether it alone allows prereleases before semver 3.4.0.
    pub(super) fn takes_prereleases_by_itself(&self) -> bool {
        self.version.is_prerelease() || self.operator == Operator::Unequal && self.given == 3
    }

    /// Returns whether it holds for a version.
    pub(super) fn holds(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        let is_complete = self.given == 3;
        match self.operator {
            Operator::Equal if is_complete => order.is_eq(),
            Operator::Equal | Operator::Tilde => self.is_close_below(version),
            Operator::Unequal if is_complete => order.is_ne(),
            Operator::Unequal => !self.is_same_as_incomplete(version, order),
            Operator::Above if is_complete || self.given == 0 => order.is_gt(),
            Operator::Above => version.numbers[..self.given] > self.version.numbers[..self.given],
            Operator::AtLeast => order.is_ge(),
            Operator::Below => order.is_lt(),
            Operator::AtMost if is_complete => order.is_le(),
            Operator::AtMost => {
                let compared = if self.given == 1 { 1 } else { 2 };
                version.numbers[..compared] <= self.version.numbers[..compared]
            }
            Operator::Caret => order.is_ge() && self.has_same_leading_number(version),
        }
    }

    /// Returns whether a version is at least this one, and has the same major and minor number where given.
    fn is_close_below(&self, version: &Version) -> bool {
        if version.cmp_precedence(&self.version).is_lt() {
            return false;
        }
        let is_any = self.version.numbers == [0; 3] && matches!(self.given, 0 | 3);
        let compared = if self.given == 1 { 1 } else { 2 };
        is_any || version.numbers[..compared] == self.version.numbers[..compared]
    }

    /// Returns whether a version is the one that `!=` excludes.
    fn is_same_as_incomplete(&self, version: &Version, order: Ordering) -> bool {
        match self.given {
            // Without any number, it is a comparison with 0.0.0.
            0 => order.is_eq(),
            1 => version.numbers[0] == self.version.numbers[0],
            _ => {
                version.numbers[..2] == self.version.numbers[..2]
                    && version.prerelease() == self.version.prerelease()
            }
        }
    }

    /// Returns whether a version has the same numbers up to the first that is not 0, or up to the last that is given.
    fn has_same_leading_number(&self, version: &Version) -> bool {
        let numbers = &self.version.numbers;
        // A wildcard in place of the major number counts as a complete 0.0.0.
        let last = if self.given == 0 { 2 } else { self.given - 1 };
        let leading = numbers.iter().position(|number| *number > 0).unwrap_or(2).min(last);
        version.numbers[..=leading] == numbers[..=leading]
    }
}

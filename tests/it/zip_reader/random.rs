//! Random trees, random changes, random bytes.
//!
//! Our writer creates the archives, and a map of them marks the bytes that cannot change an archive's
//! content. Any other change must be reported, or show in the result: an archive must never be read as if it
//! contained something else.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Read, read};
use crate::archive::{Files, any_bytes, archive};
use crate::content::any_tree;
use crate::support::made::{Made, crc32, deflated, stored};

/// Returns the expected result for our archive of `buoy 1.0.0`: its files, and all folders.
fn expected(files: &Files) -> Read {
    let mut read = Read::from([("buoy-1.0.0/".to_owned(), Vec::new())]);
    for (path, (bytes, _)) in files {
        read.extend(
            path.match_indices('/')
                .map(|(end, _)| (format!("buoy-1.0.0/{}", &path[..=end]), Vec::new())),
        );
        read.insert(format!("buoy-1.0.0/{path}"), bytes.clone());
    }
    read
}

/// The purpose of a byte of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// Versions, times, attributes, and flags about the level.
    Irrelevant,
    /// Deflated data: some bits are padding, and some texts have two encodings.
    Deflated,
    Relevant,
}

/// Returns the purpose of each byte in a valid archive without ZIP64, extra
/// fields and comments.
fn uses(archive: &[u8]) -> Vec<Use> {
    let number = |at: usize, len: usize| {
        archive[at..at + len].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let mut uses = vec![Use::Relevant; archive.len()];
    let end = archive.len() - 22;
    let (mut at, directory_end) = (number(end + 16, 4), end);
    while at < directory_end {
        // Versions made by and needed; the low flags; time and date; attributes.
        for (from, to) in [(4, 8), (8, 9), (12, 16), (36, 42)] {
            uses[at + from..at + to].fill(Use::Irrelevant);
        }
        let (method, stored_len) = (number(at + 10, 2), number(at + 20, 4));
        let (name_len, local) = (number(at + 28, 2), number(at + 42, 4));
        for (from, to) in [(4, 6), (6, 7), (10, 14)] {
            uses[local + from..local + to].fill(Use::Irrelevant);
        }
        if method == 8 {
            let data = local + 30 + name_len;
            uses[data..data + stored_len].fill(Use::Deflated);
        }
        at += 46 + name_len;
    }
    uses
}

/// Checks that a changed archive is a fault, or has the same content as the good one.
fn check_change(good: &[u8], changed: &[u8], at: usize, expected: &Read) {
    let Ok(found) = read(changed) else { return };
    let purpose = uses(good)[at];
    assert!(found == *expected, "byte {at} ({purpose:?}) changes the content without a fault");
    assert!(purpose < Use::Relevant, "byte {at} is relevant, but its change is not a fault");
}

#[test]
fn every_changed_byte_is_a_fault_or_irrelevant() {
    let song = b"the sea, ".repeat(30);
    let files: Files = [("manifest.yml", &b"ahoi"[..]), ("docs/song", &song), ("docs/empty", b"")]
        .map(|(path, bytes)| (path.to_owned(), (bytes.to_vec(), false)))
        .into();
    let good = archive(&files);
    let expected = expected(&files);
    assert_eq!(read(&good).unwrap(), expected);
    let mut changed = good.clone();
    for at in 0..good.len() {
        // Each bit, all of them, and values that occur in headers.
        let bits = (0..8).map(|bit| good[at] ^ 1 << bit);
        for byte in bits.chain([!good[at], 0, 0xff, b'/', b'P', b'.', b'\\']) {
            if byte != good[at] {
                changed[at] = byte;
                check_change(&good, &changed, at, &expected);
            }
        }
        changed[at] = good[at];
    }
    let counts = uses(&good).into_iter().fold(BTreeMap::new(), |mut counts, purpose| {
        *counts.entry(purpose).or_insert(0) += 1;
        counts
    });
    // Five entries: 15 bytes in the directory and 7 before the file are irrelevant.
    assert_eq!(counts[&Use::Irrelevant], 5 * (15 + 7));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_tree_survives_archiving(given in any_tree(any_bytes())) {
        prop_assert_eq!(read(&archive(&given)).expect("a good archive"), expected(&given));
    }

    #[test]
    fn any_changed_byte_is_a_fault_or_irrelevant(
        given in any_tree(any_bytes()),
        changes in prop::collection::vec((any::<Index>(), 1..=255_u8), 64),
    ) {
        let (mut changed, expected) = (archive(&given), expected(&given));
        let good = changed.clone();
        for (index, change) in changes {
            let at = index.index(good.len());
            changed[at] ^= change;
            check_change(&good, &changed, at, &expected);
            changed[at] = good[at];
        }
    }

    #[test]
    fn a_removed_duplicated_or_moved_piece_is_a_fault(
        given in any_tree(any_bytes()),
        cuts in prop::collection::vec((any::<Index>(), any::<Index>(), any::<Index>()), 32),
    ) {
        let (good, expected) = (archive(&given), expected(&given));
        for (from, to, place) in cuts {
            let (from, to) = (from.index(good.len()), to.index(good.len()));
            let (from, to) = (from.min(to), from.max(to) + 1);
            let piece = &good[from..to];
            let rest = [&good[..from], &good[to..]].concat();
            let place = place.index(rest.len() + 1);
            let moved = [&rest[..place], piece, &rest[place..]].concat();
            let doubled = [&good[..to], piece, &good[to..]].concat();
            for (what, changed) in [("cut", rest), ("moved", moved), ("doubled", doubled)] {
                if let Ok(found) = read(&changed) {
                    // Equal bytes may be swapped.
                    prop_assert!(what == "moved" && found == expected, "{} {}..{}", what, from, to);
                }
            }
        }
    }

    #[test]
    fn almost_valid_archives_never_panic(
        mut numbers in prop::collection::vec(prop::sample::select(ODD_NUMBERS), 12),
        tail in prop::collection::vec(any::<u8>(), 0..80),
        names in prop::collection::vec("[a/.]{0,4}", 3),
    ) {
        let mut number = || numbers.pop().expect("enough numbers");
        let mut zip = Made::of([stored(&names[0], b"ahoi"), deflated(&names[1], &tail)]);
        zip.entries[0].offset = Some(number()).filter(|offset| offset % 3 == 0);
        zip.entries[1].central.stored_len = number();
        zip.entries[1].local.len = number();
        zip.entries[0].central.crc32 = if number() > 9 { crc32(b"ahoi") } else { 0 };
        zip.entries[1].central.extra = tail.clone();
        zip.entries[0].local.flags = number() as u16;
        zip.entries[0].central.flags = number() as u16;
        zip.directory_len = Some(number()).filter(|len| len % 2 == 0);
        zip.directory_offset = Some(number()).filter(|offset| offset % 2 == 0);
        zip.comment_len = Some(number() as u16).filter(|len| len % 2 == 0);
        zip.after = tail;
        // Any result is fine.
        let _: Result<Read, _> = read(&zip.bytes());
    }
}

const ODD_NUMBERS: &[u32] =
    &[0, 1, 2, 3, 4, 8, 9, 30, 46, 64, 2048, 65_535, 65_536, u32::MAX / 2, u32::MAX - 1, u32::MAX];

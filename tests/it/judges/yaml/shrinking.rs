//! Shrinks cases that differ, as long as they differ in the same way.

use std::collections::BTreeMap;

use super::readings::{Difference, compare};
use crate::support::judge::Judge;

/// How many cases of a kind are shrunk, and how many of these are shown.
const TRIED: usize = 30;
const SHOWN: usize = 8;

/// Returns the smallest cases of a kind.
pub(super) fn smallest(judge: &Judge, kind: &str, cases: &[Vec<u8>]) -> Vec<(Vec<u8>, Difference)> {
    let mut cases: Vec<Vec<u8>> = cases.to_vec();
    cases.sort_by_key(Vec::len);
    cases.truncate(TRIED);
    let shrunk: BTreeMap<(usize, Vec<u8>), Difference> = cases
        .into_iter()
        .filter_map(|case| {
            let case = shrink(judge, kind, case);
            let difference = compare(judge, std::slice::from_ref(&case)).pop()?.difference?;
            Some(((case.len(), case), difference))
        })
        .collect();
    shrunk.into_iter().map(|((_, case), difference)| (case, difference)).take(SHOWN).collect()
}

/// Removes lines, then characters, then simplifies characters, as long as this succeeds.
fn shrink(judge: &Judge, kind: &str, case: Vec<u8>) -> Vec<u8> {
    let mut case = case;
    loop {
        let before = case.clone();
        for units in [lines, characters] {
            let mut len = units(&case).len();
            while len > 0 {
                match first_alike(judge, kind, without(&units(&case), len)) {
                    Some(smaller) => case = smaller,
                    None => len /= 2,
                }
            }
        }
        while let Some(plainer) = first_alike(judge, kind, plainer(&case)) {
            case = plainer;
        }
        if case == before {
            return case;
        }
    }
}

/// Returns the first candidate that differs in the same way.
fn first_alike(judge: &Judge, kind: &str, candidates: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    if candidates.is_empty() {
        return None;
    }
    let compared = compare(judge, &candidates);
    let is_alike =
        |difference: Option<Difference>| difference.is_some_and(|found| found.kind == kind);
    candidates
        .into_iter()
        .zip(compared)
        .find_map(|(case, compared)| is_alike(compared.difference).then_some(case))
}

/// Returns all ways to remove `len` consecutive units.
fn without(units: &[&[u8]], len: usize) -> Vec<Vec<u8>> {
    let starts = (0..units.len()).step_by(len);
    let cut = |start: usize| {
        let end = (start + len).min(units.len());
        [units[..start].concat(), units[end..].concat()].concat()
    };
    starts.map(cut).collect()
}

/// Returns all ways to replace one letter or digit by the first of its kind.
fn plainer(case: &[u8]) -> Vec<Vec<u8>> {
    let plain = |byte: u8| match byte {
        b'b'..=b'z' | b'A'..=b'Z' => Some(b'a'),
        b'2'..=b'9' => Some(b'1'),
        _ => None,
    };
    let changed = |(at, byte): (usize, &u8)| {
        let mut changed = case.to_vec();
        changed[at] = plain(*byte)?;
        Some(changed)
    };
    case.iter().enumerate().filter_map(changed).collect()
}

fn lines(case: &[u8]) -> Vec<&[u8]> {
    case.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Splits into characters; into bytes where they are invalid, and into pairs of bytes in UTF-16.
fn characters(case: &[u8]) -> Vec<&[u8]> {
    if case.starts_with(b"\xff\xfe") || case.starts_with(b"\xfe\xff") {
        return case.chunks(2).collect();
    }
    case.utf8_chunks()
        .flat_map(|chunk| {
            let valid = chunk.valid();
            let characters =
                valid.char_indices().map(|(at, c)| &valid.as_bytes()[at..at + c.len_utf8()]);
            characters.chain(chunk.invalid().chunks(1)).collect::<Vec<_>>()
        })
        .collect()
}

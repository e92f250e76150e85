//! Compares our reading of YAML with the registry's, for selected and random cases.
//!
//! A difference fails the test, which groups differences by kind, shrinks the cases of each kind, and prints them.
//!
//! Known differences, which are not compared: `!!binary` with bytes that are not UTF-8 results in another text,
//! which no rule depends on; empty names, which go-ucfg cannot read; positions.

pub(super) mod cases;
mod readings;
mod shrinking;

use std::collections::BTreeMap;

use super::draw::{self, Draw};
use super::say;
use crate::support::judge::Judge;
use readings::Difference;

#[test]
fn yaml_is_read_like_the_registry_does() {
    let Some(judge) = Judge::registry() else { return };
    let (mut draw, case_count) = (Draw::from_environment("yaml"), draw::case_count());
    let mut cases = cases::picked();
    cases.extend((0..case_count).map(|_| cases::draw(&mut draw)));
    let mut kinds: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let (mut differ_count, mut accepted_count) = (0, 0);
    // In steps, since many cases would need much memory.
    for cases in cases.chunks(20_000) {
        for (case, compared) in cases.iter().zip(readings::compare(&judge, cases)) {
            accepted_count += usize::from(compared.is_accepted);
            if let Some(Difference { kind, .. }) = compared.difference {
                differ_count += 1;
                kinds.entry(kind).or_default().push(case.clone());
            }
        }
    }
    say(&format!(
        "{} cases, of which the registry accepts {accepted_count}; {differ_count} differ, in {} kinds",
        cases.len(),
        kinds.len()
    ));
    for (kind, cases) in &kinds {
        let smallest = shrinking::smallest(&judge, kind, cases);
        say(&format!("\n{} times: {kind}", cases.len()));
        for (case, difference) in smallest {
            let shown = match str::from_utf8(&case) {
                Ok(text) => format!("{text:?}"),
                Err(_) => format!("b\"{}\"", case.escape_ascii()),
            };
            let Difference { ours, theirs, .. } = difference;
            say(&format!("    {shown}\n        ours:   {ours}\n        theirs: {theirs}"));
        }
    }
    assert!(kinds.is_empty(), "{} kinds of differences", kinds.len());
}

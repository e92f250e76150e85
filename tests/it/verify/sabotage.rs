//! One row per fault: a change to v2, and exactly what `verify` reports.
//!
//! Each row is tested at the depths `content` and `entries`. A fault that is not in the archive's
//! central directory is invisible at depth `entries`; the row states this.

use package_storage_migrate::model::verification::{Conclusion, Depth};

mod archives;
mod folders;

use super::lines;
use super::pair::{Files, Pair};

const HARBOR: &str = "harbor-1.0.0.zip";
const PIER: &str = "pier-2.0.0.zip";
const TIDE: &str = "tide-0.3.0.zip";

/// Whether a fault is visible without reading files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visible {
    /// In the central directory, or in the listing.
    ByEntries,
    /// Only in the content.
    ByContentOnly,
}
use Visible::{ByContentOnly, ByEntries};

type Row = (&'static str, fn(&mut Files), Visible, &'static [&'static str]);

const STRAY: &[&str] = &["stray-bytes harbor-1.0.0.zip"];
const UNREADABLE: &[&str] = &["archive-unreadable harbor-1.0.0.zip"];
fn pair() -> Pair {
    Pair::migrated(0, |repo| {
        repo.stage("production", |s| {
            s.revision("harbor", "1.0.0", |r| {
                r.manifest()
                    .file("empty.txt", "")
                    .file("img/noise.bin", noise())
                    .file("song.txt", "the sea, ".repeat(99))
            })
            .revision("pier", "2.0.0", |r| r.manifest())
            .revision("tide", "0.3.0", |r| r.manifest().file("level.yml", "production\n"))
        })
        .stage("staging", |s| {
            s.revision("tide", "0.3.0", |r| {
                r.manifest().file("level.yml", "staging\n").file("more.yml", "more\n")
            })
        })
        .stage("snapshot", |s| s)
    })
}

/// Returns incompressible bytes.
fn noise() -> Vec<u8> {
    let next = |state: &mut u32| {
        // xorshift32
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        Some((*state >> 24) as u8)
    };
    let mut state = 0x2545_f491;
    std::iter::from_fn(|| next(&mut state)).take(3_000).collect()
}

#[test]
fn every_fault_is_reported_exactly_at_every_depth_that_shows_it() {
    let pair = pair();
    assert!(folders::ROWS.len() + archives::ROWS.len() >= 20);
    let mut faults = Vec::new();
    for (row, change, visible, expected) in folders::ROWS.iter().chain(archives::ROWS) {
        let mut v2 = pair.archives.clone();
        change(&mut v2);
        for depth in [Depth::Content, Depth::Entries] {
            let outcome = pair.verify(&v2, |options| options.depth = depth);
            let outcome = outcome.unwrap_or_else(|error| panic!("{row}, {depth}: {error}"));
            let is_invisible = depth == Depth::Entries && *visible == ByContentOnly;
            let expected: &[&str] = if is_invisible { &[] } else { expected };
            let is_match = expected.iter().all(|line| line.starts_with("archive-extra"));
            let found = (lines(&outcome), outcome.conclusion() == Conclusion::Match);
            if found.0 != expected || found.1 != is_match {
                faults.push(format!("{row}, {depth}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_listing_shows_only_which_files_exist() {
    let pair = pair();
    for (row, change, _, expected) in folders::ROWS.iter().chain(archives::ROWS) {
        let mut v2 = pair.archives.clone();
        change(&mut v2);
        let outcome = pair.verify(&v2, |options| options.depth = Depth::Listing);
        let outcome = outcome.unwrap_or_else(|error| panic!("{row}: {error}"));
        let shows = ["archive-missing", "archive-extra", "signature-orphan"];
        let expected: Vec<&&str> = expected
            .iter()
            .filter(|line| shows.iter().any(|code| line.starts_with(code)))
            .collect();
        assert_eq!(lines(&outcome), expected.into_iter().copied().collect::<Vec<_>>(), "{row}");
        assert_eq!(outcome.reading.byte_len, 0, "{row}");
        assert_eq!(outcome.file_count(), 0, "{row}");
    }
}

fn harbor(v2: &mut Files) -> &mut Vec<u8> {
    v2.get_mut(HARBOR).expect("the archive exists")
}

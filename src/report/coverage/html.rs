//! Coverage as an HTML page: the verdict, the counts after each run as a picture, the runs, what is open, and each
//! package.

use std::collections::BTreeMap;

use askama::Template;

use super::sentence::{remarks, verdict};
use super::{Counts, Coverage, Proof, Run};
use crate::model::package::RevisionId;
use crate::model::plan::{Source, Tool};
use crate::model::verification::{Conclusion, RevisionStatus};
use crate::report::html::text::Text;
use crate::report::html::{Figure, Page};
use crate::report::text::grouped;

/// The size of the picture's columns.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 160.0;
const MAX_COLUMN: f64 = 48.0;

#[derive(Template)]
#[template(path = "coverage.html")]
struct CoveragePage {
    page: Page,
    tone: &'static str,
    word: &'static str,
    verdict: String,
    remarks: Vec<Text>,
    figures: Vec<Figure>,
    bars: Vec<Bar>,
    runs: Vec<RunRow>,
    open: Vec<OpenRow>,
    packages: Vec<PackageRow>,
}

/// The revisions of one kind after a run.
struct Bar {
    class: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
    title: String,
}

struct RunRow {
    name: Text,
    place: Text,
    depth: &'static str,
    sample: String,
    tone: &'static str,
    conclusion: &'static str,
    /// Checked and good, then proved in all so far.
    counts: [String; 3],
    commits: Vec<String>,
}

struct OpenRow {
    revision: Text,
    status: &'static str,
    run: Text,
}

struct PackageRow {
    name: Text,
    counts: [String; 5],
}

/// Renders the coverage as one HTML file.
pub fn render(coverage: &Coverage) -> String {
    CoveragePage::of(coverage).render().expect("writing to a String cannot fail")
}

impl CoveragePage {
    fn of(coverage: &Coverage) -> Self {
        let (tone, word) = named(coverage.conclusion());
        let counts = coverage.counts();
        let last = coverage.runs.last();
        let nothing = Source { stages: Vec::new() };
        let source = last.map_or(&nothing, |run| &run.source);
        let runs = coverage.runs.iter().zip(&coverage.after);
        CoveragePage {
            page: Page::of("Coverage of v2", &Tool::this(), source),
            tone,
            word,
            verdict: verdict(coverage),
            remarks: remarks(coverage).iter().map(|remark| Text::of(remark)).collect(),
            figures: vec![
                Figure::counted(coverage.runs.len() as u64, "run", "runs"),
                Figure::counted(counts.total(), "revision", "revisions"),
                Figure::toned(counts.content, "every byte", "good"),
                Figure::toned(counts.entries, "names, sizes and CRC-32", "good"),
                Figure::toned(counts.listing, "listing alone", "odd"),
                Figure::toned(counts.open, "not proven", "bad"),
            ],
            bars: bars(coverage),
            runs: runs.map(|(run, after)| run_row(run, after)).collect(),
            open: coverage
                .open()
                .map(|(revision, proof)| open_row(coverage, revision, proof))
                .collect(),
            packages: packages(coverage),
        }
    }
}

fn named(conclusion: Conclusion) -> (&'static str, &'static str) {
    match conclusion {
        Conclusion::Match => ("good", "Match"),
        Conclusion::Mismatch => ("bad", "Mismatch"),
        Conclusion::NotProven => ("odd", "Not proven"),
    }
}

/// Draws a column for each run.
fn bars(coverage: &Coverage) -> Vec<Bar> {
    let total = coverage.counts().total().max(1) as f64;
    let step = (WIDTH / coverage.runs.len().max(1) as f64).min(MAX_COLUMN);
    let mut bars = Vec::new();
    for (index, (counts, run)) in coverage.after.iter().zip(&coverage.runs).enumerate() {
        let Counts { content, entries, listing, open } = *counts;
        let parts = [
            ("content", content, "with every byte"),
            ("entries", entries, "by names, sizes and CRC-32"),
            ("shallow", listing, "by the listing alone"),
            ("open", open, "not proven"),
        ];
        let mut top = HEIGHT;
        for (class, count, how) in parts.into_iter().filter(|(_, count, _)| *count > 0) {
            let height = HEIGHT * count as f64 / total;
            top -= height;
            bars.push(Bar {
                class,
                x: format!("{:.1}", step * index as f64 + step * 0.1),
                y: format!("{top:.1}"),
                width: format!("{:.1}", step * 0.8),
                height: format!("{height:.1}"),
                title: Text::of(&format!("{}: {} {how}", run.name, grouped(count))).to_string(),
            });
        }
    }
    bars
}

fn run_row(run: &Run, after: &Counts) -> RunRow {
    let (tone, conclusion) = named(run.conclusion);
    let good = run.results.values().filter(|status| **status == RevisionStatus::Good).count();
    let counts = [run.results.len() as u64, good as u64, after.total() - after.open];
    let commits = run.source.stages.iter();
    RunRow {
        name: Text::of(&run.name),
        place: Text::of(&run.place),
        depth: run.depth.into(),
        sample: if run.sample.is_whole() { "all".to_owned() } else { run.sample.to_string() },
        tone,
        conclusion,
        counts: counts.map(grouped),
        commits: commits
            .map(|at| Text::of(&at.commit).as_str().chars().take(12).collect())
            .collect(),
    }
}

fn open_row(coverage: &Coverage, revision: &RevisionId, proof: &Proof) -> OpenRow {
    OpenRow {
        revision: Text::of(&format!("{} {}", revision.name, revision.version)),
        status: match proof.status {
            RevisionStatus::Good => "good",
            RevisionStatus::Mismatch => "does not match",
            RevisionStatus::Unknown => "could not be checked",
        },
        run: Text::of(&coverage.runs[proof.run].name),
    }
}

fn packages(coverage: &Coverage) -> Vec<PackageRow> {
    let mut packages: BTreeMap<&str, Vec<&Proof>> = BTreeMap::new();
    for (revision, proof) in &coverage.proofs {
        packages.entry(revision.name.as_str()).or_default().push(proof);
    }
    let row = |(name, proofs): (&str, Vec<&Proof>)| {
        let counts = Counts::of(proofs);
        let Counts { content, entries, listing, open } = counts;
        let counts = [counts.total(), content, entries, listing, open].map(grouped);
        PackageRow { name: Text::of(name), counts }
    };
    packages.into_iter().map(row).collect()
}

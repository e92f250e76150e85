//! Slices of the revisions: stable, disjoint, and complete together.

use std::collections::BTreeSet;

use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::verification::Conclusion;

use super::lines;
use super::pair::Pair;

const NAMES: [&str; 8] = ["ale", "bow", "cod", "dab", "eel", "fin", "gar", "ide"];

fn pair() -> Pair {
    Pair::migrated(1, |repo| {
        repo.stage("production", |s| {
            let s = NAMES.into_iter().fold(s, |s, name| {
                let versions = ["1.0.0", "1.1.0", "2.0.0-rc.1"];
                versions
                    .into_iter()
                    .fold(s, |s, version| s.revision(name, version, |r| r.manifest()))
            });
            s.revision("Odd", "1.0.0", |r| r.manifest())
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s)
    })
}

#[test]
fn all_slices_together_are_everything_once() {
    let pair = pair();
    let mut damaged = pair.archives.clone();
    damaged.remove("cod-1.1.0.zip");
    damaged.insert("extra-1.0.0.zip".to_owned(), Vec::new());
    damaged.insert("extra-1.0.1.zip.sig".to_owned(), Vec::new());
    damaged.insert("gar-1.0.0.zip".to_owned(), Vec::new());
    let whole = pair.verify(&damaged, |_| {}).expect("it finishes");
    assert_eq!(
        lines(&whole),
        [
            "not-checkable Odd-1.0.0.zip",
            "archive-missing cod-1.1.0.zip",
            "archive-extra extra-1.0.0.zip",
            "signature-orphan extra-1.0.1.zip.sig",
            "archive-unreadable gar-1.0.0.zip",
        ]
    );
    for count in [2, 3, 7] {
        let (mut found, mut revisions, mut to_check_count) = (Vec::new(), BTreeSet::new(), 0);
        for index in 1..=count {
            let sample: Shard = format!("{index}/{count}").parse().expect("a slice");
            let slice = pair.verify(&damaged, |options| options.sample = sample);
            let slice = slice.expect("it finishes");
            found.extend(lines(&slice));
            to_check_count += slice.to_check_count;
            for result in slice.revisions() {
                assert!(revisions.insert(result.revision.clone()), "{} twice", result.revision);
            }
        }
        found.sort();
        let mut expected = lines(&whole);
        expected.sort();
        assert_eq!((found, to_check_count), (expected, 24), "{count} slices");
        assert_eq!(revisions.len(), 24, "{count} slices");
    }
}

#[test]
fn a_slice_depends_only_on_the_name() {
    let pair = pair();
    let sample: Shard = "2/5".parse().expect("a slice");
    let slice = pair.verify(&pair.archives, |options| options.sample = sample);
    let slice = slice.expect("it finishes");
    let found: Vec<String> =
        slice.revisions().iter().map(|result| result.revision.to_string()).collect();
    let all = NAMES.iter().flat_map(|name| {
        ["1.0.0", "1.1.0", "2.0.0-rc.1"].map(|version| format!("{name}-{version}"))
    });
    let expected: Vec<String> = all.filter(|stem| sample.contains(stem.as_bytes())).collect();
    assert!(!expected.is_empty() && expected.len() < 24);
    assert_eq!(found, expected);
}

#[test]
fn nothing_to_check_is_not_a_match() {
    let pair = pair();
    let empty: Vec<Shard> = (1..=1_000)
        .map(|index| format!("{index}/1000").parse().expect("a slice"))
        .filter(|slice: &Shard| {
            !pair
                .archives
                .keys()
                .any(|name| slice.contains(name.trim_end_matches(".zip").as_bytes()))
        })
        .take(1)
        .collect();
    let outcome = pair.verify(&pair.archives, |options| options.sample = empty[0]);
    let outcome = outcome.expect("it finishes");
    assert_eq!((outcome.to_check_count, outcome.revisions().len()), (0, 0));
    assert_eq!(outcome.conclusion(), Conclusion::NotProven);
}

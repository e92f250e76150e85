//! Tests of `rules::history` with literals, without a repository.
//!
//! A day is a commit, and the letter after it is the state of the path. A letter and its capital have
//! the same files with different modes, `-` is absent, `?` is unreadable, and `x` cannot be compared.

#![allow(clippy::unwrap_used)]

use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::model::package::{RevisionId, Stage};
use package_storage_migrate::model::timeline::{
    ChangeCounts, CommitStamp, CommitTime, PathChange, PathState, Subject,
};
use package_storage_migrate::rules::history::{
    Fate, History, StageHistory, StepKind, fate, last_presence,
};

fn commit(day: u8) -> CommitStamp {
    CommitStamp { commit_id: ObjectId([day; 20]), time: Some(CommitTime(i64::from(day))) }
}

/// Returns the day of a commit.
fn day(commit: CommitStamp) -> i64 {
    commit.time.unwrap().0
}

fn revision() -> RevisionId {
    RevisionId::new("buoy".parse().unwrap(), "1.0.0".parse().unwrap()).unwrap()
}

/// Records days such as `1a 2b 3-`, and returns the days whose trees could not be compared.
fn record(history: &mut History, stage: Stage, days: &str) -> Vec<u8> {
    let mut not_compared = Vec::new();
    for text in days.split_whitespace() {
        let (day, letter) = text.split_at(text.len() - 1);
        let day: u8 = day.parse().unwrap();
        let state = match letter.as_bytes()[0] {
            b'-' => PathState::Absent,
            b'?' => PathState::Unreadable,
            letter => PathState::Present(ObjectId([letter; 20])),
        };
        let previous = (day > 1).then(|| commit(day - 1));
        let subject = Subject::Revision(revision());
        let change = PathChange { subject, commit: commit(day), previous, state };
        let compared =
            history.record(stage, change, |ObjectId(old), ObjectId(new)| match [old[0], new[0]] {
                [b'x', _] | [_, b'x'] => Err(()),
                [old, new] if old.eq_ignore_ascii_case(&new) => Ok(ChangeCounts::default()),
                _ => Ok(ChangeCounts { changed: 1, ..ChangeCounts::default() }),
            });
        if compared.is_err() {
            not_compared.push(day);
        }
    }
    not_compared
}

fn shown(history: &StageHistory) -> String {
    let steps = history.steps.iter().map(|step| {
        let what = match step.what {
            StepKind::First => "first".to_owned(),
            StepKind::Removed { last } => format!("removed({})", day(last)),
            StepKind::Returned => "returned".to_owned(),
            StepKind::Content(counts) => format!("content({})", counts.changed),
            StepKind::ModeOnly => "mode".to_owned(),
            StepKind::NotCompared => "not-compared".to_owned(),
            StepKind::Unreadable => "unreadable".to_owned(),
        };
        format!("{what}@{}", day(step.commit))
    });
    steps.collect::<Vec<_>>().join(" ")
}

#[test]
fn changes_become_steps() {
    let rows = [
        ("1a", "first@1", Fate::AtTip),
        ("1a 5-", "first@1 removed(4)@5", Fate::Gone),
        ("1a 2b", "first@1 content(1)@2", Fate::AtTip),
        ("1a 2b 3a", "first@1 content(1)@2 content(1)@3", Fate::AtTip),
        ("1a 2A", "first@1 mode@2", Fate::AtTip),
        ("1a 2- 3a", "first@1 removed(1)@2 returned@3", Fate::AtTip),
        ("1a 2- 3b", "first@1 removed(1)@2 returned@3 content(1)@3", Fate::AtTip),
        ("1a 2- 3A", "first@1 removed(1)@2 returned@3 mode@3", Fate::AtTip),
        ("1a 2- 3b 4-", "first@1 removed(1)@2 returned@3 content(1)@3 removed(3)@4", Fate::Gone),
        ("1a 2?", "first@1 unreadable@2", Fate::Unknown),
        ("1a 2? 3a", "first@1 unreadable@2", Fate::AtTip),
        ("1a 2? 5b", "first@1 unreadable@2 content(1)@5", Fate::AtTip),
        // The last commit that is known to have it is the one before it became unreadable.
        ("1a 3? 5-", "first@1 unreadable@3 removed(2)@5", Fate::Gone),
        ("1a 2- 4? 5-", "first@1 removed(1)@2 unreadable@4 removed(4)@5", Fate::Gone),
        ("2?", "unreadable@2", Fate::Unknown),
        ("2? 3a", "unreadable@2 first@3", Fate::AtTip),
        ("1a 2x", "first@1 not-compared@2", Fate::AtTip),
        ("1a 2- 3x", "first@1 removed(1)@2 returned@3 not-compared@3", Fate::AtTip),
        ("1a 2x 3b", "first@1 not-compared@2 not-compared@3", Fate::AtTip),
    ];
    for (days, steps, expected) in rows {
        let mut history = History::default();
        let not_compared = record(&mut history, Stage::Production, days);
        let stages = &history.revisions[&revision()];
        assert_eq!(stages.iter().map(shown).collect::<Vec<_>>(), [steps], "{days}");
        assert_eq!(fate(stages), expected, "{days}");
        assert_eq!(stages[0].is_at_tip(), expected == Fate::AtTip, "{days}");
        assert_eq!(steps.matches("not-compared").count(), not_compared.len(), "{days}");
        let has_changed = steps.contains("content") || steps.contains("not-compared");
        assert_eq!(history.changed().count(), usize::from(has_changed), "{days}");
    }
}

#[test]
fn all_stages_decide_what_is_gone_and_where_it_was_last() {
    use Stage::{Production, Snapshot, Staging};
    /// The changes in the stages; the fate; where it was last: stage, last day, day of removal.
    type Row = (&'static [(Stage, &'static str)], Fate, Option<(Stage, i64, i64)>);
    let rows: [Row; 7] = [
        (&[(Production, "1a 4-"), (Snapshot, "1a 3-")], Fate::Gone, Some((Production, 3, 4))),
        (&[(Production, "1a 3-"), (Snapshot, "1a 5-")], Fate::Gone, Some((Snapshot, 4, 5))),
        (&[(Production, "2a 4-"), (Staging, "1a 4-")], Fate::Gone, Some((Production, 3, 4))),
        (&[(Snapshot, "2a 4-"), (Staging, "1a 4-")], Fate::Gone, Some((Snapshot, 3, 4))),
        (&[(Production, "1a 2- 3a 6-"), (Staging, "1a 5-")], Fate::Gone, Some((Production, 5, 6))),
        (&[(Production, "1a 4-"), (Snapshot, "1b")], Fate::AtTip, Some((Production, 3, 4))),
        (&[(Production, "1a 4-"), (Snapshot, "1b 2?")], Fate::Unknown, Some((Production, 3, 4))),
    ];
    for (stages, expected, last) in rows {
        let mut history = History::default();
        for (stage, days) in stages {
            record(&mut history, *stage, days);
        }
        let histories = &history.revisions[&revision()];
        assert_eq!(fate(histories), expected, "{stages:?}");
        let found = last_presence(histories);
        let found = found.map(|last| (last.stage, day(last.last), day(last.removed)));
        assert_eq!(found, last, "{stages:?}");
        for fate in [Fate::AtTip, Fate::Gone, Fate::Unknown] {
            assert_eq!(history.of_fate(fate).count(), usize::from(fate == expected), "{stages:?}");
        }
    }
}

#[test]
fn a_removal_without_a_date_is_the_oldest() {
    let mut history = History::default();
    for (stage, is_dated) in [(Stage::Production, false), (Stage::Snapshot, true)] {
        for (number, state) in
            [(1, PathState::Present(ObjectId([b'a'; 20]))), (2, PathState::Absent)]
        {
            let commit =
                CommitStamp { time: commit(number).time.filter(|_| is_dated), ..commit(number) };
            let subject = Subject::Revision(revision());
            let change = PathChange { subject, commit, previous: None, state };
            history.record(stage, change, |_, _| Err(())).unwrap();
        }
    }
    let last = last_presence(&history.revisions[&revision()]).unwrap();
    assert_eq!(last.stage, Stage::Snapshot);
}

#[test]
fn dates_are_rfc_3339_in_utc() {
    let rows = [
        (0, "1970-01-01T00:00:00Z"),
        (1_577_836_800, "2020-01-01T00:00:00Z"),
        (1_582_934_399, "2020-02-28T23:59:59Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (253_402_300_800, "@253402300800"),
        (i64::MAX, "@9223372036854775807"),
        (i64::MIN, "@-9223372036854775808"),
    ];
    for (seconds, text) in rows {
        assert_eq!(CommitTime(seconds).to_string(), text);
    }
}

//! Random histories of three revisions, compared with a check of every commit.

use proptest::prelude::*;

use super::{audit, lines};
use crate::support::v1_repo::{EXECUTABLE, RevisionDraft, V1Repo};

/// The state of a revision at a commit, if present: one of three contents in one of two modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    content: u8,
    executable: bool,
}

/// Generates the states of three revisions after each commit.
fn pasts() -> impl Strategy<Value = Vec<[Option<State>; 3]>> {
    let state =
        (0..3_u8, any::<bool>()).prop_map(|(content, executable)| State { content, executable });
    let states = prop::array::uniform3(prop::option::weighted(0.7, state));
    prop::collection::vec(states, 1..12)
}

/// Returns the expected steps of one revision, from its state at every commit.
fn expected(states: impl Iterator<Item = Option<State>>) -> Vec<String> {
    let (mut steps, mut before, mut last): (Vec<String>, Option<State>, Option<State>) =
        (Vec::new(), None, None);
    for (day, state) in states.enumerate() {
        match (before, state, last) {
            (None, None, _) => {}
            (Some(_), None, _) => steps.push(format!("removed@{day}")),
            (_, Some(_), None) => steps.push(format!("first@{day}")),
            (_, Some(state), Some(last)) => {
                if before.is_none() {
                    steps.push(format!("returned@{day}"));
                }
                if state.content != last.content {
                    steps.push(format!("content@{day}~1"));
                } else if state != last {
                    steps.push(format!("mode-only@{day}"));
                }
            }
        }
        (before, last) = (state, state.or(last));
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_report_matches_a_check_of_every_commit(past in pasts()) {
        const NAMES: [(&str, &str); 3] = [("buoy", "1.0.0"), ("buoy", "1.0.1"), ("pier", "0.1.0")];
        let dir = tempfile::tempdir().unwrap();
        let mut repo = V1Repo::create(dir.path());
        for (day, states) in past.iter().enumerate() {
            repo = repo.stage_at("production", i64::try_from(day).unwrap(), &[], |s| {
                let top = if day == 0 { s } else { s.remove("packages") };
                // Never removed, so that `packages/` always exists.
                let top = top.revision("tug", "1.0.0", RevisionDraft::manifest);
                NAMES.iter().zip(states).fold(top, |s, ((name, version), state)| match state {
                    None => s,
                    Some(State { content, executable }) => s.revision(name, version, |r| {
                        let r = r.file("img/deep/a.svg", [*content]);
                        if *executable { r.set_file_modes(EXECUTABLE) } else { r }
                    }),
                })
            });
        }
        let report = audit(&repo, 0, "a past");
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        for (index, (name, version)) in NAMES.iter().enumerate() {
            let steps = expected(past.iter().map(|states| states[index])).join(",");
            let is_there = past.last().unwrap()[index].is_some();
            if !steps.is_empty() && !is_there {
                let removed: i64 = steps.rsplit_once('@').unwrap().1.parse().unwrap();
                gone.push(format!(
                    "{name} {version} last=production@{} removed@{removed} production:{steps}",
                    removed - 1
                ));
            }
            if steps.contains("content") {
                let now = if is_there { "at-tip" } else { "gone" };
                changed.push(format!("{name} {version} {now} production:{steps}"));
            }
        }
        prop_assert_eq!(lines(&report, "gone"), gone);
        prop_assert_eq!(lines(&report, "changed"), changed);
    }
}

//! What users will see, as the HTML page shows it: a card for each version of Kibana, every query, and every change; a
//! change that several queries share is one row.

use std::collections::BTreeMap;

use super::visibility::why;
use crate::model::registry_release::RegistryRelease;
use crate::report::html::text::Text;
use crate::report::text::grouped;
use crate::rules::constraint::Version;
use crate::rules::visibility::{Change, Flags, Step, View, Visibility};

/// What users will see.
pub(super) struct Seen {
    pub(super) registry: String,
    pub(super) v1: &'static str,
    pub(super) older: String,
    pub(super) newer: String,
    /// One for each version of Kibana, by default.
    pub(super) kibanas: Vec<Kibana>,
    pub(super) queries: Vec<QueryRow>,
    pub(super) unread: Vec<Text>,
    pub(super) changes: Vec<ChangeRow>,
    pub(super) steps: Vec<ChangeRow>,
}

pub(super) struct Kibana {
    pub(super) version: Text,
    pub(super) v1: String,
    pub(super) v2: String,
    pub(super) changed: String,
}

pub(super) struct QueryRow {
    pub(super) query: String,
    pub(super) kibana: Text,
    pub(super) counts: [String; 8],
}

/// A package whose newest shown version differs.
pub(super) struct ChangeRow {
    pub(super) package: Text,
    pub(super) before: Text,
    pub(super) after: Text,
    pub(super) why: String,
    pub(super) queries: Text,
}

impl Seen {
    pub(super) fn of(visibility: &Visibility, registry: RegistryRelease) -> Self {
        let Visibility { v1, registries, unread, views } = visibility;
        let is_default = |view: &&View| {
            view.kibana.as_ref().is_some_and(|kibana| Flags::sent_by(kibana) == view.query)
        };
        let mut by_default: Vec<&View> = views.iter().filter(is_default).collect();
        by_default.sort_by(|one, other| match (&one.kibana, &other.kibana) {
            (Some(one), Some(other)) => one.cmp_precedence(other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        });
        let changes = views.iter().flat_map(|view| {
            view.changes.iter().map(move |change| {
                let Change { package, before, after, .. } = change;
                (view, (package, shown(before.as_ref()), shown(after.as_ref()), why(change)))
            })
        });
        let steps = views.iter().flat_map(|view| {
            view.by_registry.changes.iter().map(move |Step { package, before, after }| {
                let (before, after) = (shown(before.as_ref()), shown(after.as_ref()));
                (view, (package, before, after, String::new()))
            })
        });
        Seen {
            registry: registry.to_string(),
            v1: v1.into(),
            older: registries.older.to_string(),
            newer: registries.newer.to_string(),
            kibanas: by_default.into_iter().map(Kibana::of).collect(),
            queries: views.iter().map(QueryRow::of).collect(),
            unread: unread.iter().map(|revision| Text::of(revision)).collect(),
            changes: change_rows(changes),
            steps: change_rows(steps),
        }
    }
}

impl Kibana {
    fn of(view: &View) -> Self {
        Kibana {
            version: shown(view.kibana.as_ref()),
            v1: grouped(view.packages.v1),
            v2: grouped(view.packages.v2),
            changed: grouped(view.changes.len() as u64),
        }
    }
}

impl QueryRow {
    fn of(view: &View) -> Self {
        let View { query, kibana, packages, revisions, changes, by_registry } = view;
        let counts = [
            packages.v1,
            packages.v2,
            changes.len() as u64,
            revisions.v1,
            revisions.v2,
            by_registry.older,
            by_registry.newer,
            by_registry.changes.len() as u64,
        ];
        QueryRow {
            query: query.to_string(),
            kibana: kibana_text(kibana.as_ref()),
            counts: counts.map(grouped),
        }
    }
}

/// A package, its versions before and after, and the reason.
type ChangeKey<'v> = (&'v String, Text, Text, String);

/// Joins the changes that several queries share.
fn change_rows<'v>(changes: impl Iterator<Item = (&'v View, ChangeKey<'v>)>) -> Vec<ChangeRow> {
    let mut rows: BTreeMap<ChangeKey<'_>, BTreeMap<Flags, Vec<String>>> = BTreeMap::new();
    for (view, key) in changes {
        let kibana = kibana_text(view.kibana.as_ref()).to_string();
        rows.entry(key).or_default().entry(view.query).or_default().push(kibana);
    }
    let row = |((package, before, after, why), queries): (ChangeKey<'_>, BTreeMap<_, Vec<_>>)| {
        let queries: Vec<String> = queries
            .iter()
            .map(|(flags, kibanas): (&Flags, _)| format!("{flags} ({})", kibanas.join(", ")))
            .collect();
        let queries = Text::of(&queries.join(", "));
        ChangeRow { package: Text::of(package), before, after, why, queries }
    };
    rows.into_iter().map(row).collect()
}

fn kibana_text(kibana: Option<&Version>) -> Text {
    kibana.map_or_else(|| Text::of("any"), |version| Text::of(&version.to_string()))
}

fn shown(version: Option<&Version>) -> Text {
    version.map_or_else(|| Text::of("–"), |version| Text::of(&version.to_string()))
}

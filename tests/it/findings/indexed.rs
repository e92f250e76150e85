//! Findings about entries of the search index that are published otherwise.
//!
//! `index/published` tests how entries are compared.

use std::path::PathBuf;

use super::trees::harbor_log;
use super::{check, check_with, harbor};
use crate::support::v1_repo::RevisionDraft;

#[test]
fn entries_that_are_published_otherwise_are_found() {
    for PublishedRow { name, entry, findings } in PUBLISHED {
        let dir = tempfile::tempdir().unwrap();
        let repo = harbor_log(harbor(&dir.path().join("v1")), RevisionDraft::manifest);
        let base: PathBuf = dir.path().join("base.json");
        std::fs::write(&base, format!("{{\"packages\":[{entry}]}}")).unwrap();
        let findings: Vec<String> = findings.iter().map(|line| (*line).to_owned()).collect();
        let with_base =
            |tool: crate::support::tool::Tool| tool.args("--base-cursor 1 --base-index").arg(&base);
        let archives = &["+harbor_log-1.2.0"];
        check_with(&with_base, name, &repo, archives, [4, 4, 0, 0, 0], &findings);
        check(name, &repo, archives, [4, 4, 0, 0, 0], &[]);
    }
}

/// A published entry of `harbor_log` 1.2.0.
pub(super) struct PublishedRow {
    name: &'static str,
    entry: &'static str,
    pub(super) findings: &'static [&'static str],
}

macro_rules! entry {
    ($description:literal, $more:literal) => {
        concat!(
            r#"{"package_manifest":{"name":"harbor_log","title":"harbor log","version":"1.2.0","release":"ga","description":""#,
            $description,
            r#"","type":"integration","download":"/epr/harbor_log/harbor_log-1.2.0.zip","path":"/package/harbor_log/1.2.0","owner":{"github":"example/harbor"},"format_version":"1.0.0","readme":"/package/harbor_log/1.2.0/docs/README.md","license":"basic","assets":["/package/harbor_log/1.2.0/manifest.yml","/package/harbor_log/1.2.0/docs/README.md"]"#,
            $more,
            "}}"
        )
    };
}

pub(super) const PUBLISHED: &[PublishedRow] = &[
    PublishedRow {
        name: "the same entry",
        entry: entry!("Collects what the harbor log reports.", ""),
        findings: &[],
    },
    PublishedRow {
        name: "another entry",
        entry: entry!("Logs.", ""),
        findings: &[
            "conflict index-conflict harbor_log 1.2.0 production - fields=[{\"derived\":\"\\\"Collects what the harbor log reports.\\\"\",\"field\":\"description\",\"published\":\"\\\"Logs.\\\"\"}]",
        ],
    },
    PublishedRow {
        name: "an entry of a revision that v1 does not have",
        entry: r#"{"package_manifest":{"name":"harbor_log","version":"1.1.0","format_version":"1.0.0"}}"#,
        findings: &["info index-only harbor_log 1.1.0  -"],
    },
    PublishedRow {
        name: "an entry by a release that keeps unknown categories",
        entry: entry!("Collects what the harbor log reports.", ",\"categories\":[\"soup\"]"),
        findings: &[
            "info index-other-release harbor_log 1.2.0 production - fields=[{\"derived\":null,\"field\":\"categories\",\"published\":\"[\\\"soup\\\"]\"}] since=1.10.0 until=null",
        ],
    },
];

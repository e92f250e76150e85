//! Findings about manifests, including alias bombs, huge files and invalid bytes.

use std::time::Instant;

use super::trees::harbor_log;
use super::{Row, check, check_all, harbor};
use crate::support::v1_repo::{RevisionDraft, StageDraft, V1Repo};

#[test]
fn manifests_are_checked() {
    check_all(ROWS);
}

/// Manifests that would exhaust memory or stack, or take forever.
#[test]
fn hostile_manifests_are_reported_quickly() {
    let levels = |first: &str, level: fn(usize) -> String| {
        (1..40).fold(first.to_owned(), |text, number| text + &level(number))
    };
    let lists = levels("a0: &a0 [x, x]\n", |n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
    let merges =
        levels("a0: &a0 {x: 1}\n", |n| format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}]}}\n", n - 1));
    let too_many = "it has more than 1000000 nodes, including those of aliases";
    let rows = [
        ("lists of lists", lists + NAMED, 18, 22, too_many),
        ("merges of merges", merges + NAMED, 18, 28, too_many),
        ("100 MB", "#".repeat(100 << 20), 0, 0, "it has 104857600 bytes, more than 4194304"),
        ("brackets", "[".repeat(1 << 20), 1, 10_001, "recursion limit exceeded"),
        ("dashes", "- ".repeat(1 << 20), 1, 20_001, "recursion limit exceeded"),
        ("an anchor in itself", format!("{NAMED}a: &a [*a]\n"), 3, 8, "an anchor contains itself"),
        (
            "a key of dots",
            format!("{NAMED}? {}a\n: 1\n", "a.".repeat(1 << 20)),
            4,
            3,
            "it is nested deeper than 500 levels",
        ),
        ("a key that is a list", format!("{NAMED}? [a]\n: 1\n"), 3, 3, "a key must be a scalar"),
        (
            "an unknown alias",
            format!("{NAMED}a: *b\n"),
            3,
            4,
            "while parsing node, found unknown anchor",
        ),
        (
            "a control character",
            format!("{NAMED}title: a\x07\n"),
            3,
            9,
            "control characters are not allowed",
        ),
    ];
    for (name, manifest, line, column, detail) in rows {
        let dir = tempfile::tempdir().unwrap();
        let repo = with_manifest(harbor(dir.path()), manifest);
        let place = |number: i32| if number == 0 { "null".to_owned() } else { number.to_string() };
        let finding = format!(
            "blocker manifest-unreadable harbor_log 1.2.0 production manifest.yml \
             column={} detail={detail} line={}",
            place(column),
            place(line)
        );
        let start = Instant::now();
        check(name, &repo, &[], [4, 3, 0, 0, 1], &[finding]);
        assert!(start.elapsed().as_secs() < 240, "{name}");
    }
}

/// The other required fields of a manifest.
const REST: &str = "format_version: 1.0.0\ntitle: a\ndescription: b\n";

const NAMED: &str = "name: harbor_log\nversion: 1.2.0\n";

/// `harbor_log 1.2.0` in production, with this manifest.
fn with_manifest(repo: V1Repo, manifest: impl AsRef<[u8]>) -> V1Repo {
    harbor_log(repo, |r| r.manifest().file("manifest.yml", manifest))
}

/// `harbor_log 1.2.0` in production, with these lines at the end of the manifest, from line 7 on.
fn with_lines(repo: V1Repo, lines: &str) -> V1Repo {
    harbor_log(repo, |r| r.manifest_with(lines))
}

macro_rules! manifest {
    ($severity:literal $code:literal $rest:literal) => {
        concat!($severity, " ", $code, " harbor_log 1.2.0 production manifest.yml ", $rest)
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "a manifest without a version",
        make: |repo| with_manifest(repo, "name: harbor_log\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-mismatch" r#"manifest_name=harbor_log manifest_version="#),
            manifest!("blocker" "not-loadable" r#"always_on=true detail=version is read as `` rule=8 since=1.10.0 until=null"#),
            manifest!("warning" "not-loadable" r#"always_on=false detail=format_version is missing rule=21 since=1.10.0 until=null"#),
            manifest!("warning" "not-loadable" r#"always_on=false detail=title is missing rule=22 since=1.10.0 until=null"#),
            manifest!("warning" "not-loadable" r#"always_on=false detail=description is missing rule=23 since=1.10.0 until=null"#),
        ],
    },
    Row {
        name: "a manifest whose version is empty",
        make: |repo| with_manifest(repo, "name: harbor_log\nversion:\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-mismatch" r#"manifest_name=harbor_log manifest_version="#),
            manifest!("blocker" "not-loadable" r#"always_on=true detail=version is read as `` rule=8 since=1.10.0 until=null"#),
            manifest!("warning" "not-loadable" r#"always_on=false detail=format_version is missing rule=21 since=1.10.0 until=null"#),
            manifest!("warning" "not-loadable" r#"always_on=false detail=title is missing rule=22 since=1.10.0 until=null"#),
            manifest!("warning" "not-loadable" r#"always_on=false detail=description is missing rule=23 since=1.10.0 until=null"#),
        ],
    },
    Row {
        name: "a manifest whose name is empty, which the registry loads",
        make: |repo| with_manifest(repo, REST.to_owned() + "name: ''\nversion: 1.2.0\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-mismatch" r#"manifest_name= manifest_version=1.2.0"#),
        ],
    },
    Row {
        name: "a manifest whose name is a list",
        make: |repo| with_manifest(repo, "name: [a]\nversion: 1.2.0\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=7 detail=expected text for name line=1"#),
        ],
    },
    Row {
        name: "a manifest that is a list",
        make: |repo| with_manifest(repo, "- a\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=1 detail=expected a mapping line=1"#),
        ],
    },
    Row {
        name: "an empty manifest",
        make: |repo| with_manifest(repo, ""),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=1 detail=expected a mapping line=1"#),
        ],
    },
    Row {
        name: "a tab instead of blanks",
        make: |repo| with_manifest(repo, "name: harbor_log\na:\n\tb: 1\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=2 detail=tabs disallowed within this context (block indentation) line=3"#),
        ],
    },
    Row {
        name: "an unclosed quote",
        make: |repo| with_manifest(repo, "name: \"harbor_log\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=7 detail=unclosed quote line=1"#),
        ],
    },
    Row {
        name: "a manifest that is not text",
        make: |repo| with_manifest(repo, b"\x89PNG\r\n\x1a\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=1 detail=it is not UTF-8 line=1"#),
        ],
    },
    Row {
        name: "invalid bytes further down",
        make: |repo| with_manifest(repo, b"name: harbor_log\ntitle: b\xc3\xbc\xff\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=10 detail=it is not UTF-8 line=2"#),
        ],
    },
    Row {
        name: "a merge of a scalar",
        make: |repo| with_manifest(repo, "name: harbor_log\n<<: 1\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-unreadable" r#"column=5 detail=a merge needs a mapping, or a list of mappings line=2"#),
        ],
    },
    Row {
        name: "a manifest of another package",
        make: |repo| with_manifest(repo, REST.to_owned() + "name: harbor\nversion: 1.2.0\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-mismatch" r#"manifest_name=harbor manifest_version=1.2.0"#),
        ],
    },
    Row {
        name: "a manifest of another version, which is equal as a number",
        make: |repo| with_manifest(repo, REST.to_owned() + "name: harbor_log\nversion: 1.20\n"),
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-ambiguous" r#"column=10 field=version line=5 readings=["1.20","1.2"] reason=number"#),
            manifest!("blocker" "manifest-mismatch" r#"manifest_name=harbor_log manifest_version=1.20"#),
            manifest!("blocker" "not-loadable" r#"always_on=true detail=version is read as `1.2` rule=8 since=1.10.0 until=null"#),
        ],
    },
    Row {
        name: "a manifest in quotes, with CRLF lines",
        make: |repo| {
            with_manifest(
                repo,
                REST.to_owned() + "name: 'harbor_log'\r\nversion: \"1.2.0\"\r\nowner: {}\r\n",
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[],
    },
    Row {
        name: "a manifest with a byte order mark",
        make: |repo| {
            with_manifest(
                repo,
                format!("\u{feff}{REST}name: harbor_log\nversion: 1.2.0\nowner: {{}}\n"),
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[],
    },
    Row {
        name: "a second document",
        make: |repo| with_lines(repo, "---\nname: harbor\nname: harbor\n"),
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            manifest!("warning" "not-installable" r#"detail=expected a single document, found more (line 7, column 1) highest=true key=null rule=K3"#),
        ],
    },
    Row {
        name: "a name that appears twice, the last one equal to the folder's",
        make: |repo| {
            with_manifest(repo, format!("name: harbor\n{REST}name: harbor_log\nversion: 1.2.0\n"))
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-ambiguous" r#"column=1 field=name line=5 readings=["harbor","harbor_log"] reason=duplicate-key"#),
        ],
    },
    Row {
        name: "a version that appears twice with the same value",
        make: |repo| with_lines(repo, "version: '1.2.0'\n"),
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            manifest!("warning" "manifest-ambiguous" r#"column=1 field=version line=7 readings=["1.2.0"] reason=duplicate-key"#),
            manifest!("warning" "not-installable" r#"detail=the key `version` appears twice (line 7, column 1) highest=true key=null rule=K3"#),
        ],
    },
    Row {
        name: "other duplicate keys, at the top level and nested",
        make: |repo| {
            with_lines(
                repo,
                "type: input\nowner:\n  github: a\n  github: b\nicons:\n  - {src: docs, src: docs}\n",
            )
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            r#"warning dangling-resource harbor_log 1.2.0 production docs cause=missing used_as=["icon"]"#,
            manifest!("warning" "manifest-ambiguous" r#"column=17 field=icons[0].src line=12 readings=["docs"] reason=duplicate-key"#),
            manifest!("warning" "manifest-ambiguous" r#"column=3 field=owner.github line=10 readings=["a","b"] reason=duplicate-key"#),
            manifest!("warning" "manifest-ambiguous" r#"column=1 field=type line=7 readings=["integration","input"] reason=duplicate-key"#),
            manifest!("warning" "not-installable" r#"detail=the key `type` appears twice (line 7, column 1) highest=true key=null rule=K3"#),
        ],
    },
    Row {
        name: "a thousand duplicate keys",
        make: |repo| with_lines(repo, &"x: 1\n".repeat(1001)),
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            manifest!("warning" "manifest-ambiguous" r#"column=1 field=997 other keys line=10 readings=[] reason=duplicate-key"#),
            manifest!("warning" "manifest-ambiguous" r#"column=1 field=x line=8 readings=["1"] reason=duplicate-key"#),
            manifest!("warning" "manifest-ambiguous" r#"column=1 field=x line=9 readings=["1"] reason=duplicate-key"#),
            manifest!("warning" "manifest-ambiguous" r#"column=1 field=x line=10 readings=["1"] reason=duplicate-key"#),
            manifest!("warning" "not-installable" r#"detail=the key `x` appears twice (line 8, column 1) highest=true key=null rule=K3"#),
        ],
    },
    Row {
        name: "a format that is a number",
        make: |repo| {
            with_manifest(
                repo,
                "format_version: 1.0\nname: harbor_log\nversion: 1.2.0\ntitle: a\ndescription: b\n",
            )
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "not-loadable" r#"always_on=true detail=format_version is read as `1` rule=11 since=1.10.0 until=null"#),
            manifest!("warning" "manifest-ambiguous" r#"column=17 field=format_version line=1 readings=["1.0","1"] reason=number"#),
        ],
    },
    Row {
        name: "a version of the kind that is a date",
        make: |repo| {
            with_manifest(repo, REST.to_owned() + "name: harbor_log\nversion: 2020-01-31\n")
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            manifest!("blocker" "manifest-mismatch" r#"manifest_name=harbor_log manifest_version=2020-01-31"#),
            manifest!("blocker" "not-loadable" r#"always_on=true detail=version is read as `2020-01-31` rule=8 since=1.10.0 until=null"#),
            manifest!("warning" "manifest-ambiguous" r#"column=10 field=version line=5 readings=["2020-01-31","2020-01-31"] reason=date"#),
        ],
    },
    Row {
        name: "a release that is less stable than the version",
        make: |repo| with_lines(repo, "release: experimental\n"),
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            manifest!("warning" "release-contradiction" r#"release=experimental version=1.2.0 version_says=stable"#),
        ],
    },
    Row {
        name: "a release without a contradiction",
        make: |repo| with_lines(repo, "release: ga\n"),
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[],
    },
    Row {
        name: "names that are not text without quotes",
        make: |repo| {
            let named = |s: StageDraft, name| s.revision(name, "0.2.0", RevisionDraft::manifest);
            repo.stage("staging", |s| ["no", "null", "1e3", "quoted"].into_iter().fold(s, named))
        },
        archives: &["+quoted-0.2.0"],
        balance: [7, 4, 0, 0, 3],
        findings: &[
            r#"blocker manifest-ambiguous 1e3 0.2.0 staging manifest.yml column=7 field=name line=2 readings=["1e3","1000"] reason=number"#,
            r#"blocker manifest-ambiguous no 0.2.0 staging manifest.yml column=7 field=name line=2 readings=["no","false"] reason=bool"#,
            r#"blocker manifest-ambiguous null 0.2.0 staging manifest.yml column=7 field=name line=2 readings=["null",""] reason=null"#,
            "warning not-loadable null 0.2.0 staging manifest.yml always_on=false detail=title is missing rule=22 since=1.10.0 until=null",
        ],
    },
    Row {
        name: "releases against tagged and early versions",
        make: |repo| {
            let copies = [
                ("0.9.1", "ga"),
                ("0.9.2", "beta"),
                ("2.0.0-rc1", "ga"),
                ("2.0.0-rc2", "beta"),
                ("2.0.0", "beta"),
                ("2.1.0", "~"),
            ];
            repo.stage("production", |s| {
                copies.into_iter().fold(s, |s, (version, release)| {
                    s.revision("buoy", version, |r| {
                        r.manifest_with(&format!("release: {release}\n"))
                    })
                })
            })
        },
        archives: &[
            "+buoy-0.9.1",
            "+buoy-0.9.2",
            "+buoy-2.0.0-rc1",
            "+buoy-2.0.0-rc2",
            "+buoy-2.0.0",
            "+buoy-2.1.0",
        ],
        balance: [9, 9, 0, 0, 0],
        findings: &[
            "warning release-contradiction buoy 0.9.1 production manifest.yml release=ga version=0.9.1 version_says=technical-preview",
            "warning release-contradiction buoy 2.0.0-rc1 production manifest.yml release=ga version=2.0.0-rc1 version_says=prerelease",
            "warning release-contradiction buoy 2.0.0 production manifest.yml release=beta version=2.0.0 version_says=stable",
        ],
    },
];

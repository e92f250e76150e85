//! Holds the picture in `src/lib.rs`: which part of the crate may use which, and which crates.
//!
//! Reads every file in `src/`, and finds its arrows with [`paths`]. Arrows go down only: a part may
//! use what stands above it in [`PARTS`], as far as its row says so. Whoever adds a file, an arrow
//! or a dependency comes by here, and thinks about it once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

mod paths;

use paths::{paths, uses_crate};

/// A part of the crate: its name, its files in `src/`, and the parts it may use besides itself.
type Part = (&'static str, &'static [&'static str], &'static [&'static [&'static str]]);

/// All parts, from the ground up.
const PARTS: &[Part] = &[
    ("package", &["package.rs"], &[]),
    (
        "digest",
        &[
            "digest/md5_hasher.rs",
            "digest/md5_hasher/lanes.rs",
            "digest/mod.rs",
            "digest/sha256.rs",
        ],
        &[],
    ),
    ("event", &["event.rs"], &[]),
    ("content", &["content/mod.rs", "content/path.rs"], &[&["digest"]]),
    ("error", &["error.rs"], &[&["package"]]),
    ("crew", &["crew.rs"], &[&["error"]]),
    ("balance", &["balance.rs"], &[&["error"]]),
    (
        "finding",
        &[
            "finding/class.rs",
            "finding/details.rs",
            "finding/kind.rs",
            "finding/mod.rs",
            "finding/settlement.rs",
            "finding/text.rs",
        ],
        &[&["content", "package"]],
    ),
    ("sighting", &["sighting.rs"], &[&["content", "finding", "package"]]),
    ("coverage", &["coverage.rs"], &[&["package"]]),
    (
        "mismatch",
        &["mismatch/kind.rs", "mismatch/mod.rs", "mismatch/text.rs"],
        &[&["content", "coverage", "package"]],
    ),
    ("read_at", &["read_at.rs"], &[]),
    (
        "zip_reader",
        &[
            "zip_reader/directory.rs",
            "zip_reader/end.rs",
            "zip_reader/entry.rs",
            "zip_reader/extra.rs",
            "zip_reader/fault.rs",
            "zip_reader/fields.rs",
            "zip_reader/file.rs",
            "zip_reader/local.rs",
            "zip_reader/mod.rs",
            "zip_reader/name.rs",
            "zip_reader/window.rs",
        ],
        &[&["content", "read_at"]],
    ),
    (
        "place",
        &[
            "place/arg.rs",
            "place/folder.rs",
            "place/http/claims.rs",
            "place/http/client.rs",
            "place/http/fault.rs",
            "place/http/mod.rs",
            "place/http/object.rs",
            "place/http/patience.rs",
            "place/http/proxy.rs",
            "place/http/range.rs",
            "place/http/spool.rs",
            "place/http/url.rs",
            "place/mod.rs",
        ],
        &[&["content", "digest", "error", "package", "read_at"]],
    ),
    ("shard", &["shard.rs"], &[&["digest"]]),
    ("scope", &["scope.rs"], &[]),
    ("plan", &["plan/mod.rs", "plan/upload.rs"], &[&["digest", "package", "shard", "scope"]]),
    (
        "proof",
        &["proof/asked.rs", "proof/conclusion.rs", "proof/mod.rs"],
        &[&["digest", "mismatch", "package", "plan", "scope", "shard"]],
    ),
    ("yaml", &["yaml/mod.rs", "yaml/parts.rs", "yaml/tree.rs"], &[]),
    (
        "registry",
        &[
            "registry/check.rs",
            "registry/config.rs",
            "registry/constraint.rs",
            "registry/data_stream.rs",
            "registry/fault.rs",
            "registry/fields.rs",
            "registry/known_items.rs",
            "registry/known_items/tests.rs",
            "registry/manifest.rs",
            "registry/mod.rs",
            "registry/pipeline.rs",
            "registry/scalar.rs",
            "registry/shape.rs",
        ],
        &[&["digest", "package", "yaml"]],
    ),
    (
        "v1",
        &[
            "v1/compare.rs",
            "v1/copy.rs",
            "v1/folder.rs",
            "v1/git/mod.rs",
            "v1/git/reader.rs",
            "v1/git/stages.rs",
            "v1/history.rs",
            "v1/listing.rs",
            "v1/loose.rs",
            "v1/manifest.rs",
            "v1/mod.rs",
            "v1/pack/bases.rs",
            "v1/pack/check.rs",
            "v1/pack/entry.rs",
            "v1/pack/fields.rs",
            "v1/pack/index.rs",
            "v1/pack/mod.rs",
            "v1/pack/tests.rs",
            "v1/selection.rs",
            "v1/tree.rs",
            "v1/workers.rs",
        ],
        &[GROUND, &["yaml", "registry", "read_at"]],
    ),
    (
        "audit",
        &["audit/difference.rs", "audit/mod.rs", "audit/paths.rs", "audit/versions.rs"],
        &[GROUND],
    ),
    ("resolutions", &["resolutions.rs"], &[GROUND, &["yaml"]]),
    ("resolve", &["resolve.rs"], &[GROUND, &["audit", "resolutions"]]),
    ("history", &["history.rs"], &[GROUND]),
    (
        "archive",
        &["archive/deflate.rs", "archive/layout.rs", "archive/mod.rs", "archive/writer.rs"],
        &[GROUND],
    ),
    (
        "output",
        &[
            "output/chunk.rs",
            "output/folder.rs",
            "output/handover.rs",
            "output/listing.rs",
            "output/mod.rs",
            "output/preview.rs",
            "output/temporary.rs",
        ],
        &[GROUND],
    ),
    (
        "signing",
        &[
            "signing/certificate.rs",
            "signing/command.rs",
            "signing/file.rs",
            "signing/mod.rs",
            "signing/packets.rs",
            "signing/passphrase.rs",
            "signing/public_keys.rs",
            "signing/secret_key.rs",
            "signing/signature.rs",
        ],
        &[&["coverage", "digest", "error", "package"]],
    ),
    (
        "report",
        &[
            "report/history/json.rs",
            "report/history/markdown.rs",
            "report/history/mod.rs",
            "report/json.rs",
            "report/markdown.rs",
            "report/markup.rs",
            "report/mod.rs",
            "report/signatures.rs",
            "report/skeleton.rs",
            "report/verdict.rs",
            "report/verify/github.rs",
            "report/verify/json.rs",
            "report/verify/junit.rs",
            "report/verify/markdown.rs",
            "report/verify/mod.rs",
            "report/verify/plain.rs",
            "report/verify/verdict.rs",
        ],
        &[GROUND, &["mismatch", "proof", "history", "resolutions"]],
    ),
    (
        "migrate",
        &[
            "migrate/assembly.rs",
            "migrate/audited.rs",
            "migrate/check.rs",
            "migrate/gate.rs",
            "migrate/ledger.rs",
            "migrate/mod.rs",
            "migrate/outbox.rs",
            "migrate/pool.rs",
            "migrate/schedule.rs",
            "migrate/settling.rs",
            "migrate/window.rs",
        ],
        &[
            GROUND,
            &["yaml", "registry", "v1", "audit", "resolutions", "resolve"],
            &["archive", "output", "report"],
        ],
    ),
    ("sign", &["sign/mod.rs", "sign/work.rs"], &[GROUND, &["output", "signing"]]),
    (
        "verify",
        &[
            "verify/blobs.rs",
            "verify/compare.rs",
            "verify/decisions.rs",
            "verify/digested.rs",
            "verify/inspect.rs",
            "verify/lost.rs",
            "verify/mod.rs",
            "verify/planned.rs",
            "verify/revision.rs",
            "verify/signatures.rs",
            "verify/surplus.rs",
            "verify/truth.rs",
        ],
        // Never what makes archives or decides on them: it proves their work.
        &[
            GROUND,
            &["coverage", "mismatch", "proof", "read_at", "place", "zip_reader"],
            &["v1", "resolutions", "signing"],
        ],
    ),
    (
        "signatures",
        &[
            "signatures/export.rs",
            "signatures/import.rs",
            "signatures/mod.rs",
            "signatures/survey.rs",
        ],
        &[GROUND, &["output", "signing"]],
    ),
    ("merge", &["merge.rs"], &[GROUND, &["report"]]),
    ("audit_history", &["audit_history.rs"], &[GROUND, &["v1", "history", "report"]]),
    ("terminal", &["terminal.rs"], &[&["error"]]),
    ("progress", &["progress.rs"], &[&["event", "terminal"]]),
    (
        "commands",
        &[
            "commands/audit_history.rs",
            "commands/former_run.rs",
            "commands/history_summary.rs",
            "commands/interrupt.rs",
            "commands/merge_plans.rs",
            "commands/migrate.rs",
            "commands/mod.rs",
            "commands/outputs.rs",
            "commands/sign.rs",
            "commands/signatures.rs",
            "commands/signing.rs",
            "commands/summary.rs",
            "commands/verify.rs",
            "commands/verify_outputs.rs",
            "commands/verify_signatures.rs",
            "commands/verify_summary.rs",
        ],
        &[
            GROUND,
            &["mismatch", "proof", "place", "resolutions", "output", "signing", "report"],
            &["migrate", "sign", "signatures", "merge", "audit_history", "verify"],
            &["terminal", "progress"],
        ],
    ),
    (
        "cli",
        &[
            "cli/audit_history.rs",
            "cli/flags.rs",
            "cli/merge_plans.rs",
            "cli/migrate.rs",
            "cli/mod.rs",
            "cli/sign.rs",
            "cli/signatures.rs",
            "cli/signing.rs",
            "cli/verify.rs",
            "cli/verify_signatures.rs",
        ],
        &[
            GROUND,
            &["mismatch", "place", "proof", "v1", "resolutions", "signing", "migrate"],
            &["signatures", "audit_history", "verify", "terminal", "commands"],
        ],
    ),
    ("main", &["lib.rs", "main.rs"], &[&["cli"]]),
];

const GROUND: &[&str] = &[
    "package", "digest", "event", "content", "error", "balance", "finding", "sighting", "shard",
    "scope", "plan", "coverage", "crew",
];

/// Each dependency: its name in `Cargo.toml`, in code, and the files that may use it.
const DEPENDENCIES: &[(&str, &str, Users)] = &[
    ("anstream", "anstream", Users::Only(&["terminal.rs"])),
    (
        "anstyle",
        "anstyle",
        Users::Only(&["commands/summary.rs", "commands/verify_summary.rs", "terminal.rs"]),
    ),
    ("base16ct", "base16ct", Users::Only(&["content/mod.rs", "digest/mod.rs"])),
    ("backon", "backon", Users::Only(&["place/http/patience.rs"])),
    ("base64", "base64", Users::Only(&["digest/mod.rs", "place/http/url.rs"])),
    (
        "clap",
        "clap",
        Users::Only(&[
            "cli/audit_history.rs",
            "cli/flags.rs",
            "cli/merge_plans.rs",
            "cli/migrate.rs",
            "cli/mod.rs",
            "cli/sign.rs",
            "cli/signatures.rs",
            "cli/signing.rs",
            "cli/verify.rs",
            "cli/verify_signatures.rs",
        ]),
    ),
    ("crc32c", "crc32c", Users::Only(&["digest/mod.rs"])),
    ("crc32fast", "crc32fast", Users::Only(&["verify/blobs.rs", "zip_reader/file.rs"])),
    ("ctrlc", "ctrlc", Users::Only(&["commands/interrupt.rs"])),
    ("fearless_simd", "fearless_simd", Users::Only(&["digest/md5_hasher/lanes.rs"])),
    ("flate2", "flate2", Users::Only(&["v1/loose.rs", "v1/pack/tests.rs", "zip_reader/file.rs"])),
    ("git2", "git2", Users::Only(&["v1/git/mod.rs", "v1/git/reader.rs", "v1/git/stages.rs"])),
    ("glob", "glob", Users::Only(&["scope.rs"])),
    ("granit-parser", "granit_parser", Users::Only(&["yaml/mod.rs"])),
    ("httpdate", "httpdate", Users::Only(&["place/http/patience.rs"])),
    (
        "indicatif",
        "indicatif",
        Users::Only(&[
            "commands/history_summary.rs",
            "commands/signatures.rs",
            "commands/signing.rs",
            "commands/summary.rs",
            "commands/verify_signatures.rs",
            "commands/verify_summary.rs",
            "progress.rs",
        ]),
    ),
    ("jiff", "jiff", Users::Only(&["sighting.rs", "signing/certificate.rs"])),
    ("libdeflater", "libdeflater", Users::Only(&["archive/deflate.rs", "v1/pack/mod.rs"])),
    ("libz-sys", "libz_sys", Users::Only(&[])),
    ("lru", "lru", Users::Only(&["registry/known_items.rs", "v1/pack/bases.rs"])),
    ("md-5", "md5", Users::Only(&["digest/md5_hasher.rs"])),
    ("percent-encoding", "percent_encoding", Users::Only(&["place/http/url.rs"])),
    (
        "pgp",
        "pgp",
        Users::Only(&[
            "signing/certificate.rs",
            "signing/mod.rs",
            "signing/packets.rs",
            "signing/passphrase.rs",
            "signing/public_keys.rs",
            "signing/secret_key.rs",
            "signing/signature.rs",
        ]),
    ),
    ("quick-junit", "quick_junit", Users::Only(&["report/verify/junit.rs"])),
    ("rayon", "rayon", Users::Only(&["crew.rs", "migrate/mod.rs", "migrate/window.rs"])),
    ("rustix", "rustix", Users::Only(&["output/temporary.rs"])),
    ("rustls", "rustls", Users::Only(&["place/http/client.rs", "place/http/fault.rs"])),
    ("semver", "semver", Users::Only(&["finding/mod.rs", "package.rs"])),
    ("serde", "serde", Users::Anywhere),
    (
        "serde_json",
        "serde_json",
        Users::Only(&[
            "commands/former_run.rs",
            "error.rs",
            "plan/mod.rs",
            "registry/pipeline.rs",
            "report/history/json.rs",
            "report/json.rs",
            "report/signatures.rs",
            "report/skeleton.rs",
            "report/verify/json.rs",
            "signatures/export.rs",
        ]),
    ),
    ("sha1", "sha1", Users::Only(&["digest/mod.rs"])),
    ("sha2", "sha2", Users::Only(&["digest/mod.rs", "digest/sha256.rs"])),
    ("shlex", "shlex", Users::Only(&["signing/command.rs"])),
    ("similar", "similar", Users::Only(&["audit/difference.rs"])),
    (
        "tempfile",
        "tempfile",
        Users::Only(&[
            "output/temporary.rs",
            "place/http/spool.rs",
            "signing/command.rs",
            "v1/pack/tests.rs",
        ]),
    ),
    ("thiserror", "thiserror", Users::Anywhere),
    ("unicode-normalization", "unicode_normalization", Users::Only(&["audit/paths.rs"])),
    (
        "ureq",
        "ureq",
        Users::Only(&[
            "place/http/claims.rs",
            "place/http/client.rs",
            "place/http/fault.rs",
            "place/http/object.rs",
            "place/http/proxy.rs",
            "place/http/url.rs",
        ]),
    ),
    (
        "zeroize",
        "zeroize",
        Users::Only(&["signing/mod.rs", "signing/packets.rs", "signing/passphrase.rs"]),
    ),
];

enum Users {
    Anywhere,
    Only(&'static [&'static str]),
}

#[test]
fn every_file_keeps_to_the_picture() {
    let sources = sources();
    let listed: BTreeSet<&str> = PARTS.iter().flat_map(|(_, files, _)| *files).copied().collect();
    let there: BTreeSet<&str> = sources.keys().map(String::as_str).collect();
    assert_eq!(there, listed, "files in src/, and files in PARTS");
    let faults: Vec<String> =
        sources.iter().flat_map(|(file, source)| faults(file, source)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for (part, files, groups) in PARTS {
        let arrow_count: usize = files.iter().map(|file| paths(file, &sources[*file]).len()).sum();
        assert!(groups.is_empty() || arrow_count > 0, "not a single arrow of {part} was read");
    }
}

#[test]
fn parts_may_only_use_what_stands_above_them() {
    let mut below = BTreeSet::new();
    for (part, _, groups) in PARTS {
        for used in groups.iter().copied().flatten() {
            assert!(below.contains(used), "{part} may use {used}, which is not below it");
        }
        assert!(below.insert(part), "{part} stands there twice");
    }
}

#[test]
fn every_dependency_has_its_only_users() {
    let (_, rest) = include_str!("../../Cargo.toml").split_once("\n[dependencies]\n").unwrap();
    // The dependencies of some systems only follow those of all.
    let (sections, _) = rest.split_once("\n[dev-dependencies]").unwrap();
    let in_manifest: BTreeSet<&str> = sections
        .lines()
        .filter(|line| !line.starts_with(['#', '[']))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(in_manifest, DEPENDENCIES.iter().map(|(name, ..)| *name).collect());

    let sources = sources();
    for (_, name, users) in DEPENDENCIES {
        let found = sources.iter().filter(|(_, source)| uses_crate(source, name));
        let found: Vec<&str> = found.map(|(file, _)| file.as_str()).collect();
        match users {
            Users::Anywhere => assert!(!found.is_empty(), "nobody uses {name}"),
            Users::Only(files) => assert_eq!(found, *files, "users of {name}"),
        }
    }
}

#[test]
fn arrows_are_found_in_every_form() {
    let forbidden = [
        ("resolve.rs", "use crate::v1::git::V1Repository;", "resolve uses v1"),
        (
            "v1/git/mod.rs",
            "use crate::{\n    error::Error,\n    resolve::{self, Copy},\n};",
            "v1 uses resolve",
        ),
        ("v1/git/mod.rs", "use crate::resolve;", "v1 uses resolve"),
        ("content/mod.rs", "fn f() { g(crate::finding::Severity::Info) }", "content uses finding"),
        ("package.rs", "use super::content::Content;", "package uses content"),
        ("migrate/window.rs", "use super::super::commands::summary;", "migrate uses commands"),
        ("report/json.rs", "use super::super::{plan::Plan, output::*};", "report uses output"),
        (
            "archive/writer.rs",
            "#[cfg(test)]\nuse crate::progress::Progress;",
            "archive uses progress",
        ),
        ("progress.rs", "use crate::commands::{terminal, ExitStatus};", "progress uses commands"),
        ("commands/mod.rs", "use crate::cli;", "commands uses cli"),
        ("main.rs", "package_storage_migrate::migrate::migrate()", "main uses migrate"),
        ("event.rs", "use crate::Nothing;", "event uses main"),
        ("package.rs", "use git2::Oid;", "package.rs uses the crate git2"),
        ("cli/mod.rs", "fn f() { rayon::spawn(g) }", "cli/mod.rs uses the crate rayon"),
        ("plan/mod.rs", "use {sha2 as digest};", "plan/mod.rs uses the crate sha2"),
        ("new.rs", "", "new.rs is in no part"),
    ];
    for (file, source, fault) in forbidden {
        let faults = faults(file, source);
        assert!(!faults.is_empty(), "not found: {source}");
        assert!(faults.iter().all(|found| found.starts_with(fault)), "{source}: {faults:?}");
    }
    let allowed = [
        ("resolve.rs", "use crate::{content::Content, package::{RevisionId, Stage}};"),
        ("resolve.rs", "    // Unlike crate::v1::git, and git2::Oid.\n/// [`crate::migrate`]"),
        ("resolve.rs", "pub(crate) fn f() {}\n#[cfg(test)]\nmod tests {\n    use super::*;\n}"),
        ("v1/git/mod.rs", "use super::tree::Kind;\nuse git2::Oid;\npub(super) fn f() {}"),
        ("report/json.rs", "use super::{CodeGroup, Report};"),
        ("progress.rs", "use crate::terminal;"),
        ("package.rs", "fn f() { not_git2::g(); super_crate::cli::h() }"),
    ];
    for (file, source) in allowed {
        assert_eq!(faults(file, source), Vec::<String>::new(), "{source}");
    }
}

/// All files in `src/`, with `/` between components.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut sources, mut folders) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.strip_prefix(&root).expect("below src/");
            let names: Vec<_> = file.iter().map(|name| name.to_str().expect("UTF-8")).collect();
            sources.insert(names.join("/"), fs::read_to_string(&path).expect("a readable file"));
        }
    }
    sources
}

/// Everything that a file must not use.
fn faults(file: &str, source: &str) -> Vec<String> {
    let Some((part, files, groups)) = PARTS.iter().find(|(_, files, _)| files.contains(&file))
    else {
        return vec![format!("{file} is in no part: give it a place in PARTS")];
    };
    let mut faults = Vec::new();
    for path in paths(file, source) {
        let used_file = file_of(&path);
        let (used, ..) = PARTS
            .iter()
            .find(|(_, files, _)| files.contains(&used_file.as_str()))
            .expect("a file of PARTS");
        if !files.contains(&used_file.as_str()) && !groups.iter().any(|group| group.contains(used))
        {
            faults.push(format!("{part} uses {used}: {} in {file}", path.join("::")));
        }
    }
    for (_, name, users) in DEPENDENCIES {
        let may_use = match users {
            Users::Anywhere => true,
            Users::Only(files) => files.contains(&file),
        };
        if !may_use && uses_crate(source, name) {
            faults.push(format!("{file} uses the crate {name}"));
        }
    }
    faults
}

/// The file of the innermost module that a path from the crate's root leads through.
fn file_of(path: &[String]) -> String {
    let files = || PARTS.iter().flat_map(|(_, files, _)| *files);
    (1..=path.len())
        .rev()
        .map(|len| path[..len].join("/"))
        .flat_map(|module| [format!("{module}.rs"), format!("{module}/mod.rs")])
        .find(|file| files().any(|listed| listed == file))
        .unwrap_or_else(|| "lib.rs".to_owned())
}

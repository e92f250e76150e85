//! Checks the diagram in `src/lib.rs`: which layer of the crate may use which, and which crates.
//!
//! Reads every file in `src/` and finds its dependencies with [`paths()`]. Dependencies point down only, and
//! the files of a layer have no cycles. A new file belongs to the layer of its folder; a new layer, a new
//! dependency between layers, or a new crate must be added here.

use std::collections::BTreeSet;

mod sources;

use sources::{Sources, code, paths, sources, uses_crate};

/// All layers from the bottom up, each with the layers, or parts of them, that it may use besides itself.
const LAYERS: &[(&str, &str)] = &[
    ("error", ""),
    ("read_at", ""),
    ("parallel", "error"),
    ("digest", ""),
    ("yaml", ""),
    ("model", "digest error"),
    ("rules", "digest yaml model"),
    ("openpgp", "digest error model"),
    ("v1", "digest error read_at model"),
    ("v2/archive", "model"),
    ("v2/folder", "digest error read_at model"),
    ("v2/statics", ""),
    ("v2/unpack", "error"),
    ("v2/zip_reader", "read_at model"),
    ("v2/package_archive", "read_at model v2/zip_reader"),
    ("v2/index", "digest error read_at model"),
    ("v2/store", "digest error read_at model"),
    ("v2/registry", "error model v2/store"),
    ("report", "digest model rules"),
    ("ops/validate", "error model v2/unpack"),
    (
        "ops/index",
        "digest error parallel read_at yaml model rules/index rules/registry v2/folder v2/package_archive v2/index v2/store",
    ),
    ("ops/past", "error model rules/history v1"),
    (
        "ops/migrate",
        "digest error parallel yaml model rules v1 v2/archive v2/folder v2/statics report ops/validate ops/index ops/past",
    ),
    ("ops/sign", "digest error parallel model openpgp v2/folder"),
    ("ops/endpoint", "digest error read_at model v2/store"),
    // Must not use the code that creates archives or decides about them: it verifies their output.
    (
        "ops/verify",
        "digest error parallel read_at model rules/constraint rules/decisions rules/index rules/registry rules/search rules/served yaml openpgp v1 v2/package_archive v2/index v2/registry v2/zip_reader v2/store ops/endpoint ops/past",
    ),
    ("ops/upload", "digest error parallel model v2/index v2/store ops/endpoint"),
    ("ops/audit_history", "error model rules/history v1 report"),
    ("ops/merge_plans", "model report"),
    (
        "ops/explain",
        "error model rules v1 v2/folder v2/index v2/store report ops/audit_history ops/migrate ops/verify",
    ),
    ("cli", "digest error model rules openpgp v1 v2 report ops"),
    ("lib", ""),
    ("main", "cli"),
];

/// The users of each dependency: its name in `Cargo.toml`, and layers, parts of them, or files.
const USERS: &[(&str, &str)] = &[
    ("anstream", "cli/terminal"),
    ("anstyle", "cli"),
    ("askama", "report/coverage report/history report/migration report/upload report/verify"),
    ("backon", "v2/store/http"),
    ("base16ct", "digest model/content"),
    ("base64", "digest v2/store/http yaml"),
    ("bytes", "v2/store/bucket/credentials"),
    ("clap", "cli"),
    ("clap_complete", "cli/shell/completions"),
    ("clap_mangen", "cli/shell/man_pages"),
    ("crc32c", "digest"),
    ("crc32fast", "ops/verify v2/zip_reader"),
    ("ctrlc", "cli/interrupt"),
    ("fearless_simd", "digest"),
    ("flate2", "v1/objects v2/zip_reader"),
    ("git2", "v1"),
    ("glob", "model/resources model/scope"),
    ("httpdate", "v2/store/http"),
    ("indicatif", "cli"),
    ("jiff", "cli/terminal model/timeline openpgp"),
    ("libdeflater", "v1/objects/pack v2/archive"),
    ("libz-sys", ""),
    ("lru", "rules/registry v1/objects/pack"),
    ("md-5", "digest"),
    ("mimalloc", "main"),
    ("percent-encoding", "rules/links v2/store"),
    ("pgp", "openpgp"),
    ("pulldown-cmark", "rules/links"),
    ("quick-junit", "report/verify"),
    ("quick-xml", "v2/store/bucket/answers"),
    ("rayon", "ops/migrate parallel"),
    ("reqsign-aws-v4", "v2/store/bucket/credentials"),
    ("reqsign-azure-storage", "v2/store/bucket/credentials"),
    ("reqsign-core", "v2/store/bucket/credentials"),
    ("reqsign-google", "v2/store/bucket/credentials"),
    ("rustix", "ops/validate v2/folder"),
    ("rustls", "v2/store/http"),
    ("semver", "model"),
    ("serde", "cli/terminal digest model ops report rules v2/index v2/store/bucket"),
    ("serde_yaml", "report/migration rules/decisions"),
    (
        "serde_json",
        "cli error model/plan ops/explain ops/index ops/sign ops/verify report rules/index rules/served v2/index v2/store/bucket",
    ),
    ("sha1", "digest"),
    ("sha2", "digest"),
    ("shlex", "model/command_template"),
    ("similar", "rules/differences"),
    ("strsim", "rules/similar_names"),
    ("strum", "error model report/verify rules/visibility v2/store/bucket_url"),
    ("tempfile", "openpgp ops/validate v2/folder v2/store/http"),
    ("thiserror", "error model openpgp ops rules/constraint rules/index rules/search v1 v2 yaml"),
    ("unicode-normalization", "rules/paths"),
    ("ureq", "v2/store"),
    ("zeroize", "openpgp"),
    ("zip", "v2/package_archive v2/unpack"),
];

#[test]
fn every_file_complies_with_the_layers() {
    let sources = sources();
    let faults: Vec<String> = sources.keys().flat_map(|file| faults(&sources, file)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let use_count: usize = sources.keys().map(|file| uses(&sources, file).len()).sum();
    assert!(use_count > 3 * sources.len(), "only {use_count} dependencies were found");
    let tops: BTreeSet<_> = sources.keys().map(|file| file.split('/').next()).collect();
    assert!(tops.len() <= 18, "too many entries at the top of src/: {tops:?}");
}

#[test]
fn layers_use_only_lower_layers() {
    let sources = sources();
    for (index, (layer, used)) in LAYERS.iter().enumerate() {
        for part in used.split(' ').filter(|part| !part.is_empty()) {
            let mut below = LAYERS[..index].iter();
            let is_below = below.any(|(below, _)| is_in(part, below) || is_in(below, part));
            assert!(is_below, "{layer} may use {part}, which is not below it");
            let mut files = sources.keys().filter(|file| is_in(file, layer));
            let is_used = files.any(|file| uses(&sources, file).iter().any(|to| is_in(to, part)));
            assert!(is_used, "{layer} does not use {part}");
        }
    }
}

#[test]
fn every_dependency_has_the_listed_users() {
    let (_, rest) = include_str!("../../Cargo.toml").split_once("\n[dependencies]\n").unwrap();
    // Platform-specific dependencies follow the general ones.
    let (sections, _) = rest.split_once("\n[dev-dependencies]").unwrap();
    let lines = sections.lines().filter(|line| !line.starts_with(['#', '[']));
    let in_manifest: BTreeSet<&str> =
        lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert_eq!(in_manifest, USERS.iter().map(|(name, _)| *name).collect());
    let sources = sources();
    for (name, users) in USERS {
        for user in users.split(' ').filter(|user| !user.is_empty()) {
            let mut files = sources.iter().filter(|(file, _)| is_in(file, user));
            let uses = files.any(|(_, code)| uses_crate(code, &crate_name(name)));
            assert!(uses, "{user} does not use {name}");
        }
    }
}

/// Each kind of fault is detected when it is added to a copy of the sources, without false positives.
#[test]
fn sabotage_is_detected() {
    let rows = [
        ("model/package.rs", "use crate::rules::precedence;", "model uses rules"),
        ("rules/paths.rs", "use crate::{digest::Sha256, v1::{self, tree}};", "rules uses v1"),
        ("v1/tree.rs", "fn f() { g(crate::yaml::parse()) }", "v1 uses yaml"),
        ("v2/archive/writer.rs", "use super::super::folder::Chunk;", "v2/archive uses v2/folder"),
        ("ops/verify/truth.rs", "use super::super::super::v2::archive;", "ops/verify uses"),
        ("ops/verify/truth.rs", "use crate::rules::precedence::resolve;", "ops/verify uses rules"),
        ("report/text.rs", "pub use crate::cli::outputs::*;", "report uses cli"),
        ("main.rs", "package_storage_migrate::ops::migrate::migrate()", "main uses ops/migrate"),
        ("error.rs", "use crate::Nothing;", "error uses lib"),
        ("model/new.rs", "use crate::report::text;", "model uses report"),
        ("new.rs", "", "new.rs is in no layer"),
        ("new/mod.rs", "", "new/mod.rs is in no layer"),
        ("cli/mod.rs", "fn f() { rayon::spawn(g) }", "cli/mod.rs uses the crate rayon"),
        ("model/plan/mod.rs", "use {sha2 as digest};", "model/plan/mod.rs uses the crate sha2"),
        ("model/package.rs", "use git2::Oid;", "model/package.rs uses the crate git2"),
        ("rules/paths.rs", "use super::precedence;", "rules/paths.rs uses itself"),
        ("rules/differences.rs", "use crate::{model::content::Content, digest::Sha256};", ""),
        ("rules/paths.rs", "// Unlike crate::v1, and git2::Oid.\n/// [`crate::ops`]", ""),
        ("v1/tree.rs", "use git2::Oid;\nfn f() { not_rayon::g(); super_crate::cli::h() }", ""),
        ("model/new.rs", "use super::package::Stage;", ""),
    ];
    let sources = sources();
    for (file, line, fault) in rows {
        let mut copy = sources.clone();
        copy.entry(file.to_owned()).or_default().push_str(&code(&format!("\n{line}\n")));
        let faults = faults(&copy, file);
        assert_eq!(faults.is_empty(), fault.is_empty(), "{line} in {file}: {faults:?}");
        assert!(faults.iter().all(|found| found.starts_with(fault)), "{line}: {faults:?}");
    }
}

/// Returns everything that a file must not use.
fn faults(sources: &Sources, file: &str) -> Vec<String> {
    let Some((layer, may_use)) = layer_of(file) else {
        return vec![format!("{file} is in no layer: add it to LAYERS")];
    };
    let mut faults = Vec::new();
    for used in uses(sources, file) {
        let is_allowed = is_in(&used, layer) || may_use.split(' ').any(|part| is_in(&used, part));
        if let (false, Some((used_layer, _))) = (is_allowed, layer_of(&used)) {
            faults.push(format!("{layer} uses {used_layer}: {used} in {file}"));
        }
    }
    // The files that a file reaches within its layer, without those that only declare them.
    let (mut reached, mut open) = (BTreeSet::new(), vec![file.to_owned()]);
    while let Some(from) = open.pop() {
        let own =
            |used: &String| is_in(used, layer) && !declares(&from, used) && !declares(used, &from);
        let new = uses(sources, &from).into_iter().filter(own);
        open.extend(new.filter(|used| reached.insert(used.clone())));
    }
    if reached.contains(file) {
        faults.push(format!("{file} uses itself, by way of files among {reached:?}"));
    }
    for (name, users) in USERS {
        let may_use = users.split(' ').any(|user| is_in(file, user));
        if !may_use && uses_crate(&sources[file], &crate_name(name)) {
            faults.push(format!("{file} uses the crate {name}"));
        }
    }
    faults
}

/// Returns the other files that a file uses.
fn uses(sources: &Sources, file: &str) -> BTreeSet<String> {
    let used = paths(file, &sources[file]).into_iter().map(|path| file_of(sources, &path));
    used.filter(|used| used != file).collect()
}

/// Returns whether the first is the `mod.rs` of the folder that contains the second, or its folder.
fn declares(module: &str, file: &str) -> bool {
    let inside = module.strip_suffix("mod.rs").and_then(|folder| file.strip_prefix(folder));
    inside.is_some_and(|inside| !inside.trim_end_matches("/mod.rs").contains('/'))
}

/// Returns the layer of a file. A file that only declares layers, such as `ops/mod.rs`, belongs to `lib.rs`.
fn layer_of(file: &str) -> Option<&'static (&'static str, &'static str)> {
    let own = LAYERS.iter().find(|(layer, _)| is_in(file, layer));
    let declares = |folder: &str| LAYERS.iter().any(|(layer, _)| layer.starts_with(folder));
    own.or_else(|| file.strip_suffix("mod.rs").filter(|folder| declares(folder)).and(LAYERS.last()))
}

/// Returns whether a file or a part is the layer, or inside it.
fn is_in(file: &str, layer: &str) -> bool {
    let rest = file.strip_prefix(layer).filter(|_| !layer.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
}

/// Returns a dependency's name in code.
fn crate_name(name: &str) -> String {
    if name == "md-5" { "md5".to_owned() } else { name.replace('-', "_") }
}

/// Returns the file of the innermost module in a path from the crate's root.
fn file_of(sources: &Sources, path: &[String]) -> String {
    let modules = (1..=path.len()).rev().map(|len| path[..len].join("/"));
    let mut files = modules.flat_map(|path| [format!("{path}.rs"), format!("{path}/mod.rs")]);
    files.find(|file| sources.contains_key(file)).unwrap_or_else(|| "lib.rs".to_owned())
}

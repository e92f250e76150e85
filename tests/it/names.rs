//! The grammars of names: packages, versions, revisions, stages and object keys.
//!
//! Tables of literals for what the registry's routes and its strict semver accept and reject (name
//! `[a-z0-9_]+`, version strict semver 2); random texts test that names round-trip and that nothing
//! panics.

use std::str::FromStr;

use package_storage_migrate::model::package::{
    GrammarError, MAX_FILE_NAME_LEN, PackageName, PackageVersion, RevisionId, Stage,
};
use proptest::prelude::*;

#[test]
fn package_names_consist_of_a_to_z_0_to_9_and_underscore() {
    let long = "x".repeat(300);
    for text in ["a", "0", "_", "nginx", "1password", "hashicorp_vault", "_dev", "a__b_", &long] {
        assert_eq!(PackageName::from_str(text).map(|name| name.to_string()), Ok(text.to_owned()));
    }
    let refused = [
        "", "Nginx", "nGinx", "a-b", "a.b", ".", "..", "a b", " a", "a ", "a/b", "a\\b", "a+b",
        "é", "ａ", "a\n", "a\0", "a:b",
    ];
    for text in refused {
        assert_eq!(PackageName::from_str(text), Err(GrammarError::Name), "{text:?}");
    }
}

#[test]
fn a_package_named_after_a_stage_is_a_marker() {
    let rows = [
        ("production", true),
        ("staging", true),
        ("snapshot", true),
        ("snapshots", false),
        ("stage", false),
        ("system", false),
    ];
    for (text, is_marker) in rows {
        assert_eq!(name(text).is_marker(), is_marker, "{text}");
    }
}

#[test]
fn versions_are_strict_semver() {
    let accepted = [
        "0.0.0",
        "1.0.0",
        "1.0.0-SNAPSHOT",
        "1.0.0-rc.1+x.y",
        "1.2.3+b1",
        "1.0.0-0",
        "1.0.0-0a",
        "1.0.0--",
        "1.0.0-a-b.1-2",
        "1.0.0+001",
        "1.0.0+-",
        "8.0.0-dev3",
        "18446744073709551615.18446744073709551615.18446744073709551615",
        "1.0.0-99999999999999999999",
    ];
    for text in accepted {
        let version = PackageVersion::from_str(text).map(|version| version.to_string());
        assert_eq!(version, Ok(text.to_owned()));
    }
    let refused = [
        "",
        "1",
        "1.0",
        "1.0.0.0",
        "v1.0.0",
        "=1.0.0",
        "01.0.0",
        "1.00.0",
        "1.0.01",
        "-1.0.0",
        "+1.0.0",
        "1.0.0-",
        "1.0.0-01",
        "1.0.0-a..b",
        "1.0.0-a.",
        "1.0.0-beta_1",
        "1.0.0-β",
        "1.0.0+",
        "1.0.0+a..b",
        "1.0.0+a+b",
        "1.0.x",
        "*",
        "1,0,0",
        " 1.0.0",
        "1.0.0 ",
        "1.0.0\n",
        "1.0.0/..",
        "１.0.0",
        "18446744073709551616.0.0",
        "99999999999999999999.0.0",
    ];
    for text in refused {
        assert_eq!(PackageVersion::from_str(text), Err(GrammarError::Version), "{text:?}");
    }
}

#[test]
fn versions_are_ordered_by_precedence_and_equal_only_if_their_texts_are() {
    let ascending = [
        "0.9.0",
        "0.10.0",
        "1.0.0-1",
        "1.0.0-SNAPSHOT",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0-snapshot",
        "1.0.0",
        "1.0.0+b1",
        "1.0.0+b2",
        "1.0.1-rc.1",
        "2.0.0",
        "10.0.0",
    ]
    .map(version);
    assert!(ascending.is_sorted_by(|a, b| a < b), "{ascending:?}");
}

#[test]
fn stable_and_prerelease_versions() {
    let rows = [
        ("0.0.1", false, false),
        ("0.99.0+b", false, false),
        ("0.1.0-rc1", true, false),
        ("1.0.0-0", true, false),
        ("1.0.0-rc.1+b", true, false),
        ("1.0.0", false, true),
        ("1.0.0+not-a-tag", false, true),
        ("10.2.3", false, true),
    ];
    for (text, is_prerelease, is_stable) in rows {
        let version = version(text);
        assert_eq!(
            (version.is_prerelease(), version.is_stable()),
            (is_prerelease, is_stable),
            "{text}"
        );
    }
}

#[test]
fn the_key_of_a_revision_has_its_name_and_version() {
    let rows = [
        ("nginx", "1.2.3", "nginx-1.2.3.zip"),
        ("apm", "8.1.0-dev3", "apm-8.1.0-dev3.zip"),
        ("a_1", "1.0.0-rc.1+x.y", "a_1-1.0.0-rc.1+x.y.zip"),
    ];
    for (package, release, file_name) in rows {
        let revision = RevisionId::new(name(package), version(release)).unwrap();
        assert_eq!(revision.to_string(), format!("{package}-{release}"));
        let key = revision.archive_key();
        assert_eq!(key.file_name(), file_name);
        assert_eq!(key.as_str(), format!("artifacts/packages/{file_name}"));
        assert_eq!(key.to_string(), key.as_str());
        assert_eq!(serde_json::to_string(&key).unwrap(), format!("\"{key}\""));
    }
}

#[test]
fn a_revision_fits_into_a_file_name_together_with_its_signature() {
    // `<name>-1.0.0.zip.sig` and `a-1.0.0-<tag>.zip.sig`: the lengths without the long part.
    let (beside_name, beside_tag) = ("-1.0.0.zip.sig".len(), "a-1.0.0-.zip.sig".len());
    for (file_name_len, fits) in [(254, true), (255, true), (256, false), (1000, false)] {
        let long_name = name(&"n".repeat(file_name_len - beside_name));
        let long_tag = version(&format!("1.0.0-{}", "t".repeat(file_name_len - beside_tag)));
        for (name, version) in [(long_name, version("1.0.0")), (name("a"), long_tag)] {
            match RevisionId::new(name, version) {
                Ok(revision) => {
                    let signature_len = revision.archive_key().file_name().len() + ".sig".len();
                    assert_eq!((signature_len, true), (file_name_len, fits));
                    assert!(signature_len <= MAX_FILE_NAME_LEN);
                }
                Err(error) => {
                    assert_eq!((error, false), (GrammarError::TooLong, fits), "{file_name_len}");
                }
            }
        }
    }
}

#[test]
fn stages_are_the_three_branches_the_most_promoted_first() {
    assert_eq!(Stage::ALL.map(<&str>::from), ["production", "staging", "snapshot"]);
    assert!(Stage::ALL.is_sorted());
    for stage in Stage::ALL {
        assert_eq!(<&str>::from(stage).parse(), Ok(stage));
        assert_eq!(format!("{stage:>12}"), format!("{:>12}", <&str>::from(stage)));
        let json = serde_json::to_string(&stage).unwrap();
        assert_eq!(json, format!("\"{stage}\""));
        assert_eq!(serde_json::from_str::<Stage>(&json).unwrap(), stage);
    }
    for text in ["", "prod", "Production", " production", "staging ", "main", "snapshot/x"] {
        assert_eq!(text.parse::<Stage>(), Err(GrammarError::Stage), "{text:?}");
    }
}

#[test]
fn errors_are_fragments_that_name_the_rule() {
    let rows = [
        (GrammarError::Stage, "production, staging or snapshot"),
        (GrammarError::Name, "a-z, 0-9 and _"),
        (GrammarError::Version, "strict semver"),
        (GrammarError::TooLong, "255 bytes"),
    ];
    for (error, rule) in rows {
        let message = error.to_string();
        assert!(message.contains(rule) && !message.ends_with('.'), "{message}");
    }
}

/// Any semver 2 version whose numbers are not too large.
const VERSION: &str = concat!(
    r"((0|[1-9][0-9]{0,18})\.){2}(0|[1-9][0-9]{0,18})",
    r"(-(0|[1-9][0-9]{0,3}|[0-9]{0,2}[a-zA-Z-][0-9a-zA-Z-]{0,3})",
    r"(\.[a-zA-Z-][0-9a-zA-Z-]{0,3}){0,2})?",
    r"(\+[0-9a-zA-Z-]{1,4}(\.[0-9a-zA-Z-]{1,4}){0,2})?",
);

/// Returns the same version with another build.
fn other_build(text: String) -> impl Strategy<Value = String> {
    let core = text.split('+').next().expect("a first part").to_owned();
    "[0-9a-zA-Z-]{1,3}".prop_map(move |build| format!("{core}+{build}"))
}

/// Similar to a version, possibly with leading zeros, double dots or empty parts.
const NEARLY_VERSION: &str = r"[0-9]{1,2}\.[0-9]\.[0-9][0-9a.+-]{0,4}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_semantic_version_is_accepted_and_displays_as_parsed(text in VERSION) {
        prop_assert_eq!(PackageVersion::from_str(&text).unwrap().to_string(), text);
    }

    #[test]
    fn a_similar_text_displays_as_parsed_or_is_rejected(text in NEARLY_VERSION) {
        if let Ok(version) = PackageVersion::from_str(&text) {
            prop_assert_eq!(version.to_string(), text);
        }
    }

    #[test]
    fn any_text_is_parsed_or_rejected(text in "(?s:.{0,12})|[a-z0-9_]{1,9}[A-Z-]?") {
        let conforms = !text.is_empty()
            && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
        let expected = if conforms { Ok(text.clone()) } else { Err(GrammarError::Name) };
        prop_assert_eq!(PackageName::from_str(&text).map(|name| name.to_string()), expected);
        if let Ok(version) = PackageVersion::from_str(&text) {
            prop_assert_eq!(version.to_string(), text.clone());
        }
        if let Ok(stage) = Stage::from_str(&text) {
            prop_assert_eq!(<&str>::from(stage), text);
        }
    }

    /// Case is significant; only the build may differ.
    #[test]
    fn versions_have_equal_precedence_if_they_differ_only_in_the_build(
        (one, other) in (VERSION, VERSION)
            .prop_flat_map(|(a, b)| (Just(a.clone()), prop_oneof![Just(b), other_build(a)])),
    ) {
        let without_build = |text: &str| text.split('+').next().map(str::to_owned);
        let is_equal = version(&one).cmp_precedence(&version(&other)).is_eq();
        prop_assert_eq!(is_equal, without_build(&one) == without_build(&other));
    }

    /// On a system that ignores case, only keys of the same package can collide.
    #[test]
    fn keys_that_differ_only_in_case_belong_to_one_package(
        (one, release) in ("[a-z0-9_]{1,3}", VERSION), (other, case) in ("[a-z0-9_]{1,3}", any::<bool>()),
    ) {
        let turned = if case { release.to_ascii_uppercase() } else { release.to_ascii_lowercase() };
        let key = |package: &str, release: &str| {
            let revision = RevisionId::new(name(package), version(release)).unwrap();
            revision.archive_key().as_str().to_ascii_lowercase()
        };
        prop_assert_eq!(key(&one, &release) == key(&other, &turned), one == other);
    }

    /// A name has no `-`, so no two revisions share an archive.
    #[test]
    fn a_key_splits_back_into_name_and_version(package in "[a-z0-9_]{1,9}", release in VERSION) {
        let key = RevisionId::new(name(&package), version(&release)).unwrap().archive_key();
        let stem = key.as_str().strip_prefix("artifacts/packages/").unwrap();
        let stem = stem.strip_suffix(".zip").unwrap();
        prop_assert_eq!(stem.split_once('-').unwrap(), (package.as_str(), release.as_str()));
        prop_assert!(!stem.contains('/'));
    }
}

fn name(text: &str) -> PackageName {
    text.parse().expect("a package name")
}

fn version(text: &str) -> PackageVersion {
    text.parse().expect("a version")
}

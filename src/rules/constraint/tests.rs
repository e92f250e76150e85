//! The grammar and the meaning of constraints; expected results are those of Masterminds/semver.

use super::*;

/// The results of Masterminds/semver 3.5.0.
#[test]
fn the_form_of_constraints() {
    let accepted = [
        "^7.16.0 || ^8.0.0",
        "^7.14||^8",
        ">=1.2, <2",
        ">=1.2 <2",
        ">=1.2 , <2",
        "  >= 1.2  ",
        "~7.x.x",
        "~>1.0",
        "=>1",
        "=<1",
        "*",
        "x",
        "1",
        "v1.2.3",
        "!=1.2.3-rc.1+build.7",
        "1.0.0 - 2.0.0",
        "1.0 - 2.0 || ^3",
        "^8.0.0-SNAPSHOT",
        "01.2",
        "1.x",
        "\t1\n",
        "1.x.01-a",
        "x.99999999999999999999",
        "18446744073709551615",
        "^1, 1.2.3 - 4.5.6",
        "^1 || 1.2.3 - 4.5.6",
        "1.2.3 - 4.5.6 ^5",
        "1.2.3 - 4.5.6, ^5",
        "1.2.3 - 4.5.6^5",
        "1  -\t2",
        "v1 - v2",
        "1 - 2 || 3 - 4",
        "x - *",
        "1-2 - 3-4",
        "1 - 2 || 1 - 2",
        "1.2.3+a",
        "1 - 2<3",
        "1 - 2 3 - 4",
    ];
    for text in accepted {
        assert!(Constraint::parse(text).is_some(), "{text}");
    }
    let refused = [
        "",
        " ",
        "||",
        "^8 ||",
        "^",
        "eight",
        ">=1.2,,<2",
        ">=1.2,",
        "1.2.3.4",
        "1.2-",
        "1..2",
        "> = 1",
        ">>1",
        "1 -2",
        "1- 2",
        "^1 - 2",
        "> 1 - 2",
        "1|2",
        "1x",
        "^8.0.0-01",
        "x-01",
        "1.0.0-a_b",
        "1;2",
        "99999999999999999999",
        "18446744073709551616",
        ">=1<2",
        "ü",
        "\u{a0}1",
        "1\u{b}2",
        "^1 1.2.3 - 4.5.6",
        "<2 1 - 3",
        "1 1 - 2",
        "1 - 2 - 3",
        "1.2.3.4 - 5",
        "1 - ^2",
        "1 - ",
        "- 2",
        "1 - 2||3 - 4",
        "1 - 2 ||3 - 4",
        "^1||1 - 2",
        "|1 - 2",
        "1 - 2 |",
        "vv1 - 2",
        "1 - 99999999999999999999",
    ];
    for text in refused {
        assert!(Constraint::parse(text).is_none(), "{text}");
    }
}

/// The same for the limits: 512 bytes, 32 alternatives, and 256 bytes per version, including missing numbers.
#[test]
fn constraints_are_bounded() {
    let a = |count| "a".repeat(count);
    let rows = [
        (" ".repeat(511) + "1", true),
        (" ".repeat(512) + "1", false),
        (["1"; 32].join("||"), true),
        (["1"; 33].join("||"), false),
        (format!("0.0.0-{}", a(250)), true),
        (format!("0.0.0-{}", a(251)), false),
        (format!("v1.2.3-{}", a(249)), true),
        (format!("v1.2.3-{}", a(250)), false),
        (format!("1.2-{}", a(250)), true),
        (format!("1.2-{}", a(251)), false),
        (format!("x-{}", a(250)), true),
        (format!("x-{}", a(251)), false),
        (format!("1.2.3+{}", a(250)), true),
        (format!("1.2.3+{}", a(251)), false),
        (format!("1.2+{}", a(400)), true),
    ];
    for (text, expected) in rows {
        assert_eq!(Constraint::parse(&text).is_some(), expected, "{text}");
    }
}

/// The versions of [`constraints_allow_versions`].
const VERSIONS: [&str; 17] = [
    "0.0.0",
    "0.0.0-a",
    "0.0.1",
    "0.1.2",
    "0.2.0",
    "1.0.0-rc.2",
    "1.0.0-rc.10",
    "7.14.0",
    "7.17.29",
    "8.0.0-SNAPSHOT",
    "8.0.0",
    "8.1.0",
    "8.1.3",
    "8.1.3-rc.1",
    "8.19.8",
    "9.0.0-beta1",
    "9.0.0",
];

/// Which of the versions each constraint allows in semver 3.5.0, and in 3.3.1 if it differs.
#[test]
fn constraints_allow_versions() {
    let rows: [(&str, &str, Option<&str>); 52] = [
        ("^7.16.0 || ^8.0.0", "7.17.29 8.0.0 8.1.0 8.1.3 8.19.8", None),
        ("^8.0.0", "8.0.0 8.1.0 8.1.3 8.19.8", None),
        ("^7.14", "7.14.0 7.17.29", None),
        ("^7.x", "7.14.0 7.17.29", None),
        ("^8.1.2", "8.1.3 8.19.8", None),
        ("~8.1", "8.1.0 8.1.3", None),
        ("~8.1.2", "8.1.3", None),
        ("~7.x.x", "7.14.0 7.17.29", None),
        ("~>8", "8.0.0 8.1.0 8.1.3 8.19.8", None),
        ("8.1.3", "8.1.3", None),
        ("=8.1", "8.1.0 8.1.3", None),
        ("8", "8.0.0 8.1.0 8.1.3 8.19.8", None),
        (
            "!=8.1.3",
            "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.19.8 9.0.0",
            Some(
                "0.0.0 0.0.0-a 0.0.1 0.1.2 0.2.0 1.0.0-rc.2 1.0.0-rc.10 7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0",
            ),
        ),
        ("!=8.1", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.19.8 9.0.0", None),
        ("!=8", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 9.0.0", None),
        ("!=x", "0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.1.3 8.19.8 9.0.0", None),
        (
            "!=*-a",
            "0.0.0 0.0.1 0.1.2 0.2.0 1.0.0-rc.2 1.0.0-rc.10 7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0",
            None,
        ),
        (
            "!=8.1-rc.1",
            "0.0.0 0.0.0-a 0.0.1 0.1.2 0.2.0 1.0.0-rc.2 1.0.0-rc.10 7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.19.8 9.0.0-beta1 9.0.0",
            None,
        ),
        (">8", "9.0.0", None),
        (">8.1", "8.19.8 9.0.0", None),
        (">8.1.0", "8.1.3 8.19.8 9.0.0", None),
        (">x", "0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.1.3 8.19.8 9.0.0", None),
        ("=>8.1", "8.1.0 8.1.3 8.19.8 9.0.0", None),
        (">=8.x", "8.0.0 8.1.0 8.1.3 8.19.8 9.0.0", None),
        (">=8.0.0-0", "8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0", None),
        ("<8", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29", None),
        ("<8.1.3", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0", None),
        ("<=8", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.1.3 8.19.8", None),
        ("<=8.1", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.1.3", None),
        ("=<8.1.0", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0", None),
        ("<=x", "0.0.0 0.0.1", None),
        ("*", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.1.3 8.19.8 9.0.0", None),
        (
            "x-a",
            "0.0.0 0.0.0-a 0.0.1 0.1.2 0.2.0 1.0.0-rc.2 1.0.0-rc.10 7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0",
            None,
        ),
        ("~0.0.0", "0.0.0 0.0.1 0.1.2 0.2.0 7.14.0 7.17.29 8.0.0 8.1.0 8.1.3 8.19.8 9.0.0", None),
        ("~0.0", "0.0.0 0.0.1", None),
        ("~0", "0.0.0 0.0.1 0.1.2 0.2.0", None),
        ("^0", "0.0.0 0.0.1 0.1.2 0.2.0", None),
        ("^0.0", "0.0.0 0.0.1", None),
        ("^0.0.1", "0.0.1", None),
        ("^0.1.1", "0.1.2", None),
        ("^x", "0.0.0", None),
        (">=7.14 <8.1", "7.14.0 7.17.29 8.0.0", None),
        (
            ">=7.14, <9.0.0-beta2",
            "7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1",
            Some("7.14.0 7.17.29 8.0.0 8.1.0 8.1.3 8.19.8"),
        ),
        (
            ">=8.0.0-SNAPSHOT",
            "8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0",
            None,
        ),
        (
            "^8.0.0-SNAPSHOT || ^7.14.0",
            "7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8",
            None,
        ),
        (
            ">=1.0.0-rc.3, !=8.0.0",
            "1.0.0-rc.10 7.14.0 7.17.29 8.0.0-SNAPSHOT 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0",
            None,
        ),
        ("!=8.0.0, >=8.0.0-a", "8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0", None),
        ("7.15 - 8.1", "7.17.29 8.0.0 8.1.0 8.1.3", None),
        ("1.0.0-rc.3 - 1.0.0-rc.11", "1.0.0-rc.10", None),
        ("=8.0.0-SNAPSHOT", "8.0.0-SNAPSHOT", None),
        (
            ">1.0.0-18446744073709551616",
            "1.0.0-rc.2 1.0.0-rc.10 7.14.0 7.17.29 8.0.0-SNAPSHOT 8.0.0 8.1.0 8.1.3 8.1.3-rc.1 8.19.8 9.0.0-beta1 9.0.0",
            None,
        ),
        ("v8.1.3+x", "8.1.3", None),
    ];
    for (text, newest, older) in rows {
        let constraint = Constraint::parse(text).expect(text);
        let expected = [
            (Prereleases::ByAlternative, newest),
            (Prereleases::ByComparison, older.unwrap_or(newest)),
        ];
        for (prereleases, expected) in expected {
            let is_allowed = |version: &&str| {
                let version: Version = version.parse().expect("a version");
                constraint.allows(&version, prereleases)
            };
            let allowed: Vec<&str> = VERSIONS.into_iter().filter(is_allowed).collect();
            assert_eq!(allowed.join(" "), expected, "{text}, {prereleases:?}");
        }
    }
}

/// What `semver.NewVersion` accepts.
#[test]
fn versions_of_clients() {
    let rows = [
        ("8.19.8", Some([8, 19, 8])),
        ("8.19", Some([8, 19, 0])),
        ("v8", Some([8, 0, 0])),
        ("08.1", Some([8, 1, 0])),
        ("8.0.0-SNAPSHOT+b.01", Some([8, 0, 0])),
        ("8-rc.1", Some([8, 0, 0])),
        ("8.x", None),
        ("8.1.2.3", None),
        ("8.0.0-01", None),
        ("8.0.0-", None),
        (" 8", None),
        ("^8", None),
        ("18446744073709551616", None),
        ("", None),
    ];
    for (text, expected) in rows {
        let version: Option<Version> = text.parse().ok();
        assert_eq!(version.map(|version| version.numbers), expected, "{text}");
    }
    let version: Version = "v8.1".parse().expect("a version");
    assert_eq!(version.to_string(), "v8.1");
}

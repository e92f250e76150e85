//! The cursor of an index that `migrate` makes: which one is derived, and which ones are accepted.

use package_storage_migrate::model::cursor::Cursor;
use package_storage_migrate::model::timeline::CommitTime;
use package_storage_migrate::v2::index::parse_cursor;

fn cursor(text: &str) -> Cursor {
    text.parse().unwrap()
}

/// A time, the published cursor, and the derived one or the fault.
type Row<'a> = (Option<i64>, Option<&'a str>, Result<&'a str, &'a str>);

#[test]
fn a_cursor_is_derived_from_time_and_the_published_one() {
    let rows: &[Row<'_>] = &[
        (Some(1_637_150_104), None, Ok("1637150104")),
        (Some(0), None, Ok("0000000000")),
        (Some(12_345_678_901), None, Ok("12345678901")),
        (None, None, Err("no stage's commit has a time")),
        // The larger of both.
        (Some(1_637_150_104), Some("1637150103"), Ok("1637150104")),
        (Some(1_637_150_104), Some("1637150104"), Ok("1637150105")),
        (Some(1_637_150_104), Some("1700000000"), Ok("1700000001")),
        (None, Some("1700000000"), Ok("1700000001")),
        // As long as the published one.
        (Some(1_637_150_104), Some("1637150104999"), Ok("1637150105000")),
        (Some(1_637_150_104), Some("00001637150104"), Ok("00001637150105")),
        (Some(1_637_150_104), Some("1"), Ok("1637150104")),
        // It would not be found after the published one.
        (Some(1_637_150_104), Some("2"), Err("1637150104 does not sort after")),
        (Some(1), Some("9999999999"), Err("10000000000 does not sort after")),
        // There is no next one.
        (Some(1_637_150_104), Some("v1637150104"), Err("v1637150104 is not a number")),
        (Some(1), Some("340282366920938463463374607431768211455"), Err("is not a number")),
    ];
    for (time, base, expected) in rows {
        let base = base.map(cursor);
        let derived = Cursor::derived(time.map(CommitTime), base.as_ref());
        match (derived, expected) {
            (Ok(derived), Ok(expected)) => assert_eq!(derived.to_string(), *expected),
            (Err(error), Err(told)) => {
                assert!(error.to_string().contains(told), "{error}, not {told}");
            }
            (derived, expected) => panic!("{derived:?}, not {expected:?}"),
        }
    }
}

#[test]
fn a_cursor_sorts_after_the_published_one_as_text_and_is_not_shorter() {
    let rows = [
        ("1637150105", "1637150104", true),
        ("1637150104", "1637150104", false),
        ("1637150103", "1637150104", false),
        ("1637150104b", "1637150104a", true),
        ("1637150104-2", "1637150104", true),
        // After as text, but shorter.
        ("9", "1637150104", false),
        // Longer, but before as text.
        ("10", "9", false),
        ("b", "a", true),
    ];
    for (text, base, expected) in rows {
        assert_eq!(cursor(text).after(&cursor(base)).is_ok(), expected, "{text} after {base}");
    }
}

/// As the registry reads the file: other members, and anything after the object, are ignored.
#[test]
fn the_cursor_file_is_read_as_the_registry_reads_it() {
    let rows = [
        ("{\"current\":\"1637150104\"}\n", Some("1637150104")),
        (" { \"previous\": [1], \"current\" : \"a\" } {", Some("a")),
        ("{\"current\":\"\"}", None),
        ("{\"current\":\"a/b\"}", None),
        ("{\"current\":1637150104}", None),
        ("{}", None),
        ("", None),
    ];
    for (text, expected) in rows {
        let read = parse_cursor(text.as_bytes()).ok().map(|cursor| cursor.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

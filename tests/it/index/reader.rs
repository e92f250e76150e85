//! Reading an index as a stream: the texts that are accepted, and those in which the registry would lose entries.

use package_storage_migrate::read_at::ReadAt;
use package_storage_migrate::v2::index::{IndexFault, read_index};
use proptest::prelude::*;

/// Reads a text; returns its entries, or the fault.
fn read(text: &[u8]) -> Result<Vec<String>, String> {
    let mut entries = Vec::new();
    let read = read_index::<IndexFault>(text, &mut |offset, entry| {
        let start = usize::try_from(offset).unwrap();
        assert_eq!(&text[start..start + entry.len()], entry, "the offset is that of the entry");
        entries.push(String::from_utf8_lossy(entry).into_owned());
        Ok(())
    });
    match read {
        Ok(read) => {
            assert_eq!(read.entry_count, entries.len() as u64);
            let digest = package_storage_migrate::digest::Sha256::of(text);
            assert_eq!(read.sha256, digest, "the digest is that of the whole file");
            Ok(entries)
        }
        Err(fault) => Err(fault.to_string()),
    }
}

#[test]
fn entries_are_found_whatever_surrounds_them() {
    let rows: &[(&str, &[&str])] = &[
        ("{\"packages\":[]}", &[]),
        ("{\"packages\":[\n{\"a\":1},\n{\"b\":2}\n]}\n", &["{\"a\":1}", "{\"b\":2}"]),
        (" { \"packages\" : [ { } , { } ] } ", &["{ }", "{ }"]),
        ("{\"\\u0070ackages\":[{}]}", &["{}"]),
        ("{\"a\":1,\"b\":-1.5e+3,\"c\":null,\"d\":\"x\\\"\\\\\",\"packages\":[{}]}", &["{}"]),
        ("{\"packages\":[{\"a\":\"]}\\\"[{\\\\\"}]}", &["{\"a\":\"]}\\\"[{\\\\\"}"]),
        ("{\"packages\":[{\"a\":[{\"b\":[]}]},{}]}", &["{\"a\":[{\"b\":[]}]}", "{}"]),
        // The registry stops at the end of the list.
        ("{\"packages\":[{}]", &["{}"]),
        ("{\"packages\":[{}],\"more\":1,\"other\":[1,{\"a\":\"b\"}]}", &["{}"]),
    ];
    for (text, entries) in rows {
        let expected = entries.iter().map(|entry| (*entry).to_owned()).collect();
        assert_eq!(read(text.as_bytes()), Ok(expected), "{text}");
    }
}

#[test]
fn texts_in_which_entries_would_be_lost_are_refused() {
    let rows = [
        ("", "expected an object with the list `packages`"),
        ("[]", "expected an object with the list `packages`"),
        ("{}", "expected an object with the list `packages`"),
        ("{\"other\":1}", "expected an object with the list `packages`"),
        ("{\"packages\":{}}", "`packages` is not a list"),
        ("{\"packages\":null}", "`packages` is not a list"),
        ("{\"a\":[],\"packages\":[{}]}", "a list or an object before `packages`"),
        ("{\"a\":{},\"packages\":[{}]}", "a list or an object before `packages`"),
        ("{\"a\":\"packages\",\"packages\":[{}]}", "the text `packages` before the list"),
        ("{\"packages\":[{}],\"packages\":[{}]}", "`packages` appears twice"),
        ("{\"packages\":[{}],\"a\":{\"packages\":[{}]}}", "`packages` appears twice"),
        ("{\"packages\":[{}]}{\"packages\":[{}]}", "more text after the index"),
        ("{\"packages\":[", "ends inside the list of packages, after 0 entries"),
        ("{\"packages\":[{}", "ends inside the list of packages, after 1 entries"),
        ("{\"packages\":[{},", "ends inside the list of packages, after 1 entries"),
        ("{\"packages\":[{},{\"a\":1", "ends inside the list of packages, after 1 entries"),
        ("{\"packages\":[null]}", "an entry is not an object"),
        ("{\"packages\":[{},]}", "an entry is not an object"),
        ("{\"packages\":[{}{}]}", "expected a comma or the end of the list"),
        ("{\"packages\" [{}]}", "expected a colon"),
        ("{\"a\":,\"packages\":[{}]}", "expected a value"),
        ("{\"a", "a string has no end"),
    ];
    for (text, told) in rows {
        let fault = read(text.as_bytes()).expect_err(text);
        assert!(fault.contains(told), "{text}: {fault}, not {told}");
    }
}

/// An index whose bytes cannot be read.
struct Broken;

impl ReadAt for Broken {
    fn len(&self) -> u64 {
        1 << 40
    }

    fn read_exact_at(&self, _: &mut [u8], _: u64) -> std::io::Result<()> {
        Err(std::io::Error::other("torn off"))
    }
}

#[test]
fn a_file_that_cannot_be_read_is_not_an_index() {
    let read = read_index::<IndexFault>(&Broken, &mut |_, _| Ok(()));
    assert_eq!(read.unwrap_err().to_string(), "torn off");
}

proptest! {
    // Without optimization, a case with many spaces takes a tenth of a second.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Pieces of the file end anywhere: in entries, between them, and in escapes.
    #[test]
    fn entries_are_independent_of_the_pieces_in_which_they_are_read(
        texts in proptest::collection::vec("[a-z\"\\\\\\[\\]{}]{0,40}", 0..40),
        spaces in 0_usize..(600 << 10),
    ) {
        let entries: Vec<String> =
            texts.iter().map(|text| serde_json::json!({ "a": text }).to_string()).collect();
        let text = format!("{{\"packages\":[{}{}]}}", " ".repeat(spaces), entries.join(" ,"));
        prop_assert_eq!(read(text.as_bytes()), Ok(entries));
    }
}

//! Archives that other tools create from a checkout: all of them are listed and read without faults.
//!
//! A missing tool is reported and skipped, unless `ALL_TOOLS` is set, as in `.ci/run`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Read, read};
use crate::support::others::{MAKERS, Maker, ROOT};

/// Creates a checkout: deep folders, special characters, an empty file, noise, and a long text.
fn checkout(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let noise = (0..70_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let files = [
        ("manifest.yml", b"name: buoy\nversion: 1.0.0\n".to_vec()),
        ("docs/README.md", b"the sea, ".repeat(5000)),
        ("docs/gr\u{fc}\u{df}e.md", b"ahoi".to_vec()),
        ("img/[Logs of the day] noise.png", noise),
        ("data_stream/log/fields/empty.yml", Vec::new()),
        ("data_stream/log/.hidden", b"PK\x05\x06 and PK\x03\x04".repeat(30)),
    ];
    for (path, bytes) in &files {
        let file = folder.join(ROOT).join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("make a folder");
        fs::write(&file, bytes).expect("write a file");
    }
    files.into_iter().map(|(path, bytes)| (format!("{ROOT}/{path}"), bytes)).collect()
}

#[test]
fn archives_of_other_tools_read_clean() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let expected = checkout(work.path());
    for maker in MAKERS {
        let Some(archive) = maker.make(work.path()) else { continue };
        let Maker { command, folders, .. } = maker;
        let found = read(&archive).unwrap_or_else(|faults| panic!("{command}: {faults:?}"));
        let (found_folders, found): (Read, Read) =
            found.into_iter().partition(|(name, _)| name.ends_with('/'));
        assert!(found == expected, "{command}: {:?}", found.keys());
        assert_eq!(!found_folders.is_empty(), *folders, "{command}: folders of their own");
    }
}

//! Any bytes as a file of decisions.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate_fuzz::Lines;

fuzz_target!(|bytes: &[u8]| {
    let lines = Lines::of(bytes);
    match Resolutions::parse(bytes) {
        Ok(resolutions) => {
            assert!(resolutions.file_digest().is_some());
            for entry in resolutions.entries() {
                lines.check_line(entry.line);
                assert!(!entry.settlement.reason.trim().is_empty());
                assert!(!entry.digests.is_empty());
                assert!(resolutions.of(&entry.revision).contains(entry));
            }
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            assert!(faults.is_sorted());
            faults.iter().for_each(|fault| lines.check_line(fault.line));
        }
    }
});

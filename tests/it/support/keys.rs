//! The made-up OpenPGP keys in `fixtures/keys`; its README says what each is.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The passphrase of those that have one.
pub(crate) const PASSPHRASE: &str = "made-up passphrase";

/// The secret key of that name.
pub(crate) fn secret(name: &str) -> PathBuf {
    file(name, "sec")
}

/// The public key of that name.
pub(crate) fn public(name: &str) -> PathBuf {
    file(name, "pub")
}

fn file(name: &str, half: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keys");
    folder.join(format!("{name}.{half}.asc"))
}

/// The first second of a year; most of the keys were made in that of 2020.
pub(crate) fn year(year: u64) -> SystemTime {
    // Leap days since 1970, for years before 2101.
    let days = (year - 1970) * 365 + (year - 1969) / 4 - u64::from(year > 2100);
    SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400)
}

//! The binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    package_storage_migrate::cli::run()
}

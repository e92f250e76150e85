//! The binary: everything is in the library.

use std::process::ExitCode;

/// The allocator of static binaries: musl's own is slow with threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    package_storage_migrate::cli::run()
}

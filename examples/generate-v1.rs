//! Generates a v1 repository of any size, for trying out and measuring the tool: see `benches/ten-times.sh`.
//!
//! The same numbers result in the same repository, object for object. Its contents are described in
//! `benches/support/generator.rs`.

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;

#[path = "../benches/support/generator.rs"]
mod generator;

use generator::{BASE, Shape};

/// Generate a bare v1 repository with realistic stages, packages and revisions
#[derive(Parser)]
struct Args {
    /// Number of packages
    #[arg(long, value_name = "N", default_value_t = BASE.package_count)]
    packages: u32,

    /// Number of revisions of each package
    #[arg(long, value_name = "N", default_value_t = BASE.revision_count)]
    revisions: u32,

    /// How many of 100 files are unchanged in the next revision of a package
    #[arg(long, value_name = "PERCENT", default_value_t = BASE.sharing_percent)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=100))]
    sharing: u32,

    /// Length of a typical text file in bytes
    #[arg(long, value_name = "BYTES", default_value_t = BASE.file_len)]
    file_len: usize,

    /// Seed of the files' bytes
    #[arg(long, value_name = "N", default_value_t = BASE.seed)]
    seed: u64,

    /// Folder to create; it must not contain a repository
    out_dir: PathBuf,
}

#[expect(clippy::print_stdout, reason = "a command-line program")]
fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let shape = Shape {
        package_count: args.packages,
        revision_count: args.revisions,
        sharing_percent: args.sharing,
        file_len: args.file_len,
        seed: args.seed,
    };
    shape.generate(&args.out_dir)?;
    println!(
        "{} revisions of {} packages: {} bytes, {} of them distinct",
        shape.total_count(),
        shape.package_count,
        shape.content_len(),
        shape.distinct_len(),
    );
    Ok(())
}

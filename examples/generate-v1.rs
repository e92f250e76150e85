//! Makes a v1 repository of any size, to try the tool on and to measure it: see `benches/ten-times.sh`.
//!
//! The same numbers make the same repository, object for object. What is in it: see
//! `benches/support/generator.rs`.

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;

#[path = "../benches/support/generator.rs"]
mod generator;

use generator::{BASE, Shape};

/// Make a bare v1 repository with stages, packages and revisions that look like real ones
#[derive(Parser)]
struct Args {
    /// Number of packages
    #[arg(long, value_name = "N", default_value_t = BASE.package_count)]
    packages: u32,

    /// Number of revisions of each package
    #[arg(long, value_name = "N", default_value_t = BASE.revision_count)]
    revisions: u32,

    /// How many of 100 files stay as they are in the next revision of a package
    #[arg(long, value_name = "PERCENT", default_value_t = BASE.sharing_percent)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=100))]
    sharing: u32,

    /// Length of a typical text file in bytes
    #[arg(long, value_name = "BYTES", default_value_t = BASE.file_len)]
    file_len: usize,

    /// Another number makes other bytes
    #[arg(long, value_name = "N", default_value_t = BASE.seed)]
    seed: u64,

    /// The folder to make; there must be no repository in it
    out_dir: PathBuf,
}

#[expect(clippy::print_stdout, reason = "a program for people")]
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

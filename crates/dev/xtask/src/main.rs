//! The project's own chores: `cargo xtask test|check|docs|dist|fuzz|vectors`.
//!
//! Knows how to call tools, never what they do: the checks themselves are tests and commands of the product.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a development tool talks to its terminal")]

mod dist;
mod docs;
mod fuzz;
#[cfg(test)]
mod layers;
mod needs;
mod shell;
mod suite;
mod vectors;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the Palisade project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Installs what the tests need where it can, and runs the whole suite.
    Test {
        /// Many more cases of every property test.
        #[arg(long)]
        long: bool,
        /// Also the tests that compare with other programs, which are installed from the registries.
        #[arg(long)]
        peers: bool,
    },
    /// Formatting, lints, whether fuzz targets compile, and generated documents.
    Check,
    /// Writes the generated documents.
    Docs {
        /// Only says whether they are current.
        #[arg(long)]
        check: bool,
    },
    /// Builds the static binary for this processor into target/bundle.
    Dist,
    /// Runs fuzz targets, all of them or those that are named.
    Fuzz {
        /// How long each runs.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Their names.
        targets: Vec<String>,
    },
    /// Runs public conformance vectors.
    Vectors {
        /// The folder that holds them.
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Test { long, peers } => suite::test(long, peers),
        Chore::Check => suite::check(),
        Chore::Docs { check } => docs::generate(check),
        Chore::Dist => dist::build(),
        Chore::Fuzz { seconds, targets } => fuzz::run_targets(seconds, &targets),
        Chore::Vectors { folder } => vectors::run(&folder),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

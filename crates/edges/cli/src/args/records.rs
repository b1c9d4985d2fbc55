//! What the commands take that are about ledger and keys.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Check every entry, the signature, and every checkpoint known from elsewhere.
    Verify {
        /// One more checkpoint or log proof to compare with.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// A folder of the project.
        #[arg(long, default_value = ".", value_name = "DIR")]
        dir: PathBuf,
    },
    /// List the entries.
    Show(RangeArgs),
    /// Print an offline proof (C2SP tlog-proof) that an entry is in the ledger.
    Prove {
        /// The entry's index, from 0.
        index: u64,
        /// A folder of the project.
        #[arg(long, default_value = ".", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Print the entries as JSON lines.
    Export(RangeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RangeArgs {
    /// The first index.
    #[arg(long, default_value_t = 0)]
    pub(crate) from: u64,
    /// One past the last index.
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    pub(crate) to: u64,
    /// A folder of the project.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a pair, encrypted with a passphrase from the terminal, $PALISADE_PASSPHRASE_FILE or $PALISADE_PASSPHRASE.
    Generate {
        /// Keep it in the clear; protected environments refuse such keys.
        #[arg(long)]
        unprotected: bool,
    },
    /// Take over an existing P-256 key (PKCS#8 PEM) as statement key.
    Import {
        /// The file.
        file: PathBuf,
        /// Keep it in the clear; protected environments refuse such keys.
        #[arg(long)]
        unprotected: bool,
    },
    /// Encrypt an unprotected pair with a passphrase; the keys stay the same.
    Protect,
    /// Print the public keys: what `verify --key` takes.
    Show,
}

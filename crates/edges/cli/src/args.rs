//! The command line, described once: help, man page, completions and docs/cli.md are made from this.

mod packages;
mod project;
mod records;
mod scan;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use packages::{DatabaseCommand, SbomCommand, VersionCommand, VexCommand, VexNewArgs};
pub(crate) use project::{
    FolderArgs, GateArgs, HookCommand, HookRun, InitArgs, LogsArgs, RunArgs, VerifyArgs, WaiveArgs,
};
pub(crate) use records::{KeyCommand, LedgerCommand, RangeArgs};
pub(crate) use scan::{Destination, ProfileName, RulesCommand, ScanArgs};

/// A secure CI/CD pipeline: takes a change from commit to release along one guarded path, and proves what happened.
#[derive(Debug, Parser)]
#[command(name = "palisade", version, disable_help_subcommand = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 denied, 2 usage or configuration, 3 incomplete: only blocking gaps, \
4 something needed is unavailable, 5 not allowed, 70 a bug of ours, 130 interrupted, 143 terminated.";

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// How results are written. All but `human` and `json` are for `scan`.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human, help_heading = "Global options")]
    pub(crate) format: Format,
    /// When to color; `NO_COLOR` is honoured.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, help_heading = "Global options")]
    pub(crate) color: Color,
    /// Say nothing besides the result.
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Say more.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
    /// The organisation's policy: a policy.yaml, a folder with one, or Rego files that add to the default gate.
    #[arg(
        long,
        global = true,
        env = "PALISADE_POLICY",
        value_name = "PATH",
        help_heading = "Global options"
    )]
    pub(crate) policy: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
    Sarif,
    Junit,
    Github,
    Gitlab,
    GitlabDependencies,
    GitlabContainers,
    GitleaksJson,
    GitleaksCsv,
    Html,
    Cyclonedx,
    Spdx,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a palisade.yaml for what lies in a folder.
    Init(InitArgs),
    /// Compile the pipeline file and the policy into a plan, and show it with its digest.
    Plan(FolderArgs),
    /// Take the project along the whole path: scan, build, evidence, gate, release.
    Run(RunArgs),
    /// List earlier runs, newest first.
    Runs(FolderArgs),
    /// Show what the steps of a run wrote.
    Logs(LogsArgs),
    /// Look for leaked secrets, and for packages with known flaws.
    Scan(ScanArgs),
    /// Make, bring in and check the database of advisories.
    #[command(subcommand)]
    Db(DatabaseCommand),
    /// Make, convert and compare bills of materials.
    #[command(subcommand)]
    Sbom(SbomCommand),
    /// Write, check and explain VEX statements: whether a vulnerability matters here.
    #[command(subcommand)]
    Vex(VexCommand),
    /// Compare and sort versions as their ecosystem does.
    #[command(subcommand)]
    Version(VersionCommand),
    /// Accept a finding until a day, with a reason.
    Waive(WaiveArgs),
    /// Decide a stored question again, or test gate policies.
    Gate(GateArgs),
    /// Check offline that an artifact is what the path made of a commit.
    Verify(VerifyArgs),
    /// Check, show, prove and export the project's ledger.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Make and show the keys that sign statements and ledger.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Have git ask before it commits and pushes: what is about to leave is scanned for secrets.
    #[command(subcommand)]
    Hook(HookCommand),
    /// List the rules; check and measure rules of your own.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: Option<RulesCommand>,
    },
    /// Explain a rule: what it finds, why it matters, how to fix it.
    Explain {
        /// The rule's name, such as `github-pat`.
        rule: String,
    },
    /// Say what this machine can isolate, which tools jobs see, and which policy and keys are in force.
    Doctor,
    /// Print shell completions.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the man page.
    Man,
    #[command(name = "__reference", hide = true)]
    Reference {
        /// Which generated document.
        #[arg(value_enum)]
        kind: ReferenceKind,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReferenceKind {
    Cli,
    Rules,
}

/// The largest size of a file that is read: places in a text are kept as numbers of 32 bits.
fn file_size(text: &str) -> Result<u64, String> {
    let bytes = size(text)?;
    match u32::try_from(bytes) {
        Ok(_) => Ok(bytes),
        Err(_) => Err("files of 4 GiB and more cannot be looked at".to_owned()),
    }
}

/// A number of bytes, or one with a binary or decimal unit.
fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 7] = [
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1000),
        ("B", 1),
    ];
    let unit = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((text, 1));
    let number: u64 =
        number.trim().parse().map_err(|_| "expected a size such as 64MiB or 1000000".to_owned())?;
    number.checked_mul(factor).filter(|bytes| *bytes > 0).ok_or_else(|| "the size is out of range".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("1000"), Ok(1000));
        assert_eq!(file_size("4095MiB"), Ok(4095 << 20));
        assert!(file_size("4GiB").is_err());
        assert!(size("0").is_err() && size("x").is_err() && size("99999999999GiB").is_err());
    }
}

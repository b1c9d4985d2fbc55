//! The command line, described once: help, man page, completions and docs/cli.md are made from this.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use palisade_model::Severity;

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
    GitleaksJson,
    GitleaksCsv,
    Html,
}

/// A file that takes a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    /// How it is written; as `--format` says when none.
    pub(crate) format: Option<Format>,
    pub(crate) path: PathBuf,
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
    /// Look for leaked secrets.
    Scan(ScanArgs),
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

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder.
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Replace an existing palisade.yaml.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FolderArgs {
    /// A folder of the project.
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A folder of the project.
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only this job and what it needs: no scan, no gate, no release.
    #[arg(long, value_name = "JOB", conflicts_with = "shell")]
    pub(crate) job: Option<String>,
    /// Open a shell in this job's sandbox, after the jobs it needs.
    #[arg(long, value_name = "JOB")]
    pub(crate) shell: Option<String>,
    /// Give every step the environment variable NAME, from this process's environment or from a file; it is masked in logs.
    #[arg(long = "secret", value_name = "NAME[=@FILE]")]
    pub(crate) secrets: Vec<String>,
    /// The largest file that is scanned, such as `64MiB`.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub(crate) max_file_size: u64,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// The run; the newest when none is named.
    pub(crate) run: Option<String>,
    /// Only this job.
    #[arg(long)]
    pub(crate) job: Option<String>,
    /// A folder of the project.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// A folder or file, or `-` for standard input. Ignored files are left out.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// Only what differs from this revision.
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    pub(crate) since: Option<String>,
    /// Only what the next commit would add or change, as it is in the index.
    #[arg(long)]
    pub(crate) staged: bool,
    /// The whole history: every object of the repository at PATH, with a work tree or bare, reachable or not.
    #[arg(long, conflicts_with_all = ["since", "staged"])]
    pub(crate) history: bool,
    /// Only what these commits bring, such as `main..topic`, `A...B` or `HEAD`.
    #[arg(long, value_name = "A..B", conflicts_with_all = ["since", "staged", "history"])]
    pub(crate) range: Option<String>,
    /// How much certainty a finding needs.
    #[arg(long, value_enum, default_value_t = ProfileName::Balanced)]
    pub(crate) profile: ProfileName,
    /// How deep archives in archives are opened; 0 opens none.
    #[arg(long, value_name = "DEPTH", default_value_t = palisade_flow::ARCHIVE_DEPTH, value_parser = clap::value_parser!(u32).range(0..=16))]
    pub(crate) archive_depth: u32,
    /// Let blocking gaps be shown only: without a denial the exit code is then 0, not 3.
    #[arg(long)]
    pub(crate) allow_partial: bool,
    /// Deny at this severity; by default every finding of medium confidence or more denies.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    /// The largest file that is looked at, such as `64MiB`; a larger one is a blocking gap.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub(crate) max_file_size: u64,
    /// More rules: a rule file (.md), a configuration of gitleaks (.toml), or a folder of such. May be given several times.
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// Leave the built-in rules out.
    #[arg(long)]
    pub(crate) no_builtin_rules: bool,
    /// Write the result to a file instead of standard output; as FORMAT=FILE write it there too, as often as you like.
    #[arg(long, value_name = "[FORMAT=]FILE", value_parser = OsStringValueParser::new().map(destination))]
    pub(crate) output: Vec<Destination>,
    /// Write all findings into the project's palisade.baseline.json, so that only new ones count.
    #[arg(long)]
    pub(crate) write_baseline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// Only what is a credential beyond reasonable doubt.
    Strict,
    /// What a careful reviewer would ask about.
    Balanced,
    /// Everything that might be one.
    Paranoid,
}

#[derive(Debug, Args)]
pub(crate) struct WaiveArgs {
    /// The finding's fingerprint, or its first eight digits.
    pub(crate) fingerprint: String,
    /// Why it is accepted.
    #[arg(long)]
    pub(crate) reason: String,
    /// The last day it holds.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: String,
    /// Who answers for it.
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// A folder of the project.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    /// A stored question, such as .palisade/runs/RUN/gate-input.json.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "test"])]
    pub(crate) input: Option<PathBuf>,
    /// The question of this run; of the newest when neither this nor `--input` is given.
    #[arg(long, value_name = "RUN", conflicts_with = "test")]
    pub(crate) run: Option<String>,
    /// Run the tests among the Rego files of a folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) test: Option<PathBuf>,
    /// A folder of the project.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The file to check.
    pub(crate) artifact: PathBuf,
    /// The folder with NAME.intoto.jsonl and NAME.tlog-proof, or the former itself; beside the artifact by default.
    #[arg(long, value_name = "PATH")]
    pub(crate) evidence: Option<PathBuf>,
    /// Public keys to trust; your own by default.
    #[arg(long, value_name = "PUB")]
    pub(crate) key: Option<PathBuf>,
    /// Where the content must come from, such as `https://example.com/shop.git`.
    #[arg(long, value_name = "URI")]
    pub(crate) source: Option<String>,
    /// What must have built it.
    #[arg(long, value_name = "URI")]
    pub(crate) builder: Option<String>,
    /// By which plan it must have been built.
    #[arg(long, value_name = "sha256:DIGEST")]
    pub(crate) plan: Option<palisade_model::Digest>,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the built-in rules.
    List,
    /// Run the examples of rules: of those named, or of the built-in ones.
    Test {
        /// Rule files or folders of them.
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Say what is unwise in rules: in those named, or in the built-in ones.
    Lint {
        /// Rule files or folders of them.
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Measure what each rule costs on the files of a folder; the dearest first.
    Bench {
        /// The folder; it is read in this process, so let it be one of yours.
        #[arg(default_value = ".", value_name = "FOLDER")]
        folder: PathBuf,
        /// More rules: rule files (.md) or folders of them. May be given several times.
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
        /// Leave the built-in rules out.
        #[arg(long)]
        no_builtin_rules: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Write the hooks into a git repository: both, unless one is named.
    Install {
        /// A folder of the work tree.
        #[arg(long, default_value = ".", value_name = "DIR")]
        dir: PathBuf,
        /// The hook that scans what is staged.
        #[arg(long)]
        pre_commit: bool,
        /// The hook that scans the commits that a push brings.
        #[arg(long)]
        pre_push: bool,
        /// Keep a hook of somebody else as NAME.before-palisade, and have it run first.
        #[arg(long)]
        force: bool,
    },
    /// Take the hooks away, and put those back that were there before.
    Uninstall {
        /// A folder of the work tree.
        #[arg(long, default_value = ".", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Do what a hook does: git and the pre-commit framework call this.
    #[command(subcommand)]
    Run(HookRun),
}

#[derive(Debug, Subcommand)]
pub(crate) enum HookRun {
    /// Scan what the commit that is about to be made adds or changes.
    PreCommit,
    /// Scan the commits that a push brings, as git tells them on standard input.
    PrePush {
        /// The remote's name, as git gives it.
        #[arg(allow_hyphen_values = true)]
        remote: Option<String>,
        /// The remote's address, as git gives it.
        #[arg(allow_hyphen_values = true)]
        address: Option<String>,
    },
}

fn severity(text: &str) -> Result<Severity, String> {
    let names: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
    let found = Severity::ALL.iter().find(|severity| severity.name() == text);
    found.copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

/// `FORMAT=FILE`, or a file's name, which may have an equals sign too.
fn destination(text: OsString) -> Destination {
    let bytes = text.as_bytes();
    let named = bytes.iter().position(|byte| *byte == b'=').and_then(|at| {
        let format = Format::from_str(std::str::from_utf8(bytes.get(..at)?).ok()?, false).ok()?;
        let path = PathBuf::from(OsStr::from_bytes(bytes.get(at + 1..)?));
        Some(Destination { format: Some(format), path })
    });
    named.unwrap_or_else(|| Destination { format: None, path: PathBuf::from(&text) })
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
    fn a_destination_begins_with_a_format_or_is_a_file() {
        let read = |text: &str| {
            let Destination { format, path } = destination(text.into());
            (format, path.display().to_string())
        };
        assert_eq!(read("gitleaks-json=a=b"), (Some(Format::GitleaksJson), "a=b".to_owned()));
        assert_eq!(read("a.html"), (None, "a.html".to_owned()));
        assert_eq!(read("x=a.html"), (None, "x=a.html".to_owned()));
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("1000"), Ok(1000));
        assert!(size("0").is_err() && size("x").is_err() && size("99999999999GiB").is_err());
    }
}

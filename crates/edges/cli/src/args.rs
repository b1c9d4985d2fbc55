//! The command line, described once: help, man page, completions and docs/cli.md are made from this.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::commands::FeedPath;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use palisade_flow::VexFormat;
use palisade_model::Severity;
use palisade_sbom::BomFormat;
use palisade_sbom::vex::{Justification, VexStatus};

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
    /// The packages that a bill of materials lists, CycloneDX or SPDX 2.3 as JSON; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["path", "since", "staged", "history", "range", "write_baseline"])]
    pub(crate) sbom: Option<PathBuf>,
    /// A VEX document, OpenVEX or CycloneDX, that counts besides the project's palisade.vex.json. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) vex: Vec<PathBuf>,
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
    /// A container image instead of PATH: a folder with an OCI layout or a root filesystem, an archive of `docker save`, or a reference such as
    /// `registry.example.com/shop:1.2`, which is pulled. `oci:`, `docker-archive:`, `dir:` and `registry:` before it say which it is.
    #[arg(long, value_name = "IMAGE", conflicts_with_all = ["since", "staged", "history", "range"])]
    pub(crate) image: Option<String>,
    /// Of an image for several platforms the one for this, such as `linux/arm64`.
    #[arg(long, value_name = "OS/ARCH", requires = "image")]
    pub(crate) platform: Option<String>,
    /// Only this engine; may be given several times. By default all look at files, and `secrets` alone at everything else.
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub(crate) engine: Vec<EngineArg>,
    /// How much certainty a secret needs.
    #[arg(long, value_enum, default_value_t = ProfileName::Balanced)]
    pub(crate) profile: ProfileName,
    /// How deep archives in archives are opened; 0 opens none.
    #[arg(long, value_name = "DEPTH", default_value_t = palisade_flow::ARCHIVE_DEPTH, value_parser = clap::value_parser!(u32).range(0..=16))]
    pub(crate) archive_depth: u32,
    /// Let blocking gaps be shown only: without a denial the exit code is then 0, not 3.
    #[arg(long)]
    pub(crate) allow_partial: bool,
    /// Deny at this severity; by default every secret denies, and of all else what is of high severity or more.
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
pub(crate) enum EngineArg {
    /// Packages, and what is wrong with them.
    Deps,
    /// Configuration and permissions of a container image.
    Image,
    /// Leaked secrets.
    Secrets,
}

impl EngineArg {
    pub(crate) const fn engine(self) -> palisade_flow::EngineName {
        match self {
            Self::Deps => palisade_flow::EngineName::Deps,
            Self::Image => palisade_flow::EngineName::Image,
            Self::Secrets => palisade_flow::EngineName::Secrets,
        }
    }
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

#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Build a database of feeds that you have, and put it in use.
    Build {
        /// A file, folder or archive of OSV, RustSec, Go or PyPA records, CISA's catalogue of known exploited vulnerabilities, or EPSS
        /// scores. `PATH=ECOSYSTEM,ECOSYSTEM` says what a feed covers as a whole, where its records do not tell.
        #[arg(required = true, value_name = "PATH[=ECOSYSTEM]")]
        feeds: Vec<FeedPath>,
        /// When the feeds were taken, such as `2026-03-01T00:00:00Z`; by default the newest change among their records.
        #[arg(long, value_name = "TIME")]
        taken: Option<palisade_model::Timestamp>,
        /// Write the database, its signed manifest and a delta from the one before into this folder instead, for others to import.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Fetch advisories and put them in use: from OSV's public export, with CISA's catalogue and EPSS, or from where `--from` says.
    Update {
        /// A folder, or the base of `https` addresses: with a database that `db build --out` wrote, or laid out like OSV's export.
        #[arg(long, value_name = "URL|DIR")]
        from: Option<String>,
        /// Only this ecosystem, as OSV calls it; may be given several times.
        #[arg(long, value_name = "NAME")]
        ecosystem: Vec<String>,
        /// The publisher's public keys, where a database is published; by default those that were named before.
        #[arg(long, value_name = "PUB")]
        key: Option<PathBuf>,
    },
    /// Put a database in use that somebody else built and signed.
    Import {
        /// The folder that `db build --out` wrote, or a copy of it.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The publisher's public keys; by default those that the last import named, else your own.
        #[arg(long, value_name = "PUB")]
        key: Option<PathBuf>,
    },
    /// Show the database in use: its feeds, what they cover, how old they are.
    Info,
    /// Check the signature of the database in use, every byte of it, and that its time is not over.
    Verify,
    /// Say which records differ between two database files.
    Diff {
        /// The one before.
        old: PathBuf,
        /// The one after.
        new: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SbomCommand {
    /// List the packages of a folder. Its time is that of the commit where the listed files are the commit's, else $SOURCE_DATE_EPOCH,
    /// else the beginning of 1970: the same tree gives the same bytes.
    Create {
        /// A folder or file. Ignored files are left out.
        #[arg(default_value = ".", value_name = "PATH")]
        path: PathBuf,
        /// The format: cyclonedx-1.4 to cyclonedx-1.7, or spdx-2.3.
        #[arg(long = "type", value_name = "TYPE", default_value = "cyclonedx-1.6")]
        kind: BomFormat,
        /// Write it to this file instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// The largest file that is looked at, such as `64MiB`; a larger one is a blocking gap.
        #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
        max_file_size: u64,
    },
    /// Write a bill of materials in another format, and say what that cannot hold.
    Convert {
        /// A bill, CycloneDX or SPDX 2.3 as JSON; `-` is standard input.
        file: PathBuf,
        /// The format: cyclonedx-1.4 to cyclonedx-1.7, or spdx-2.3.
        #[arg(long = "type", value_name = "TYPE")]
        kind: BomFormat,
        /// Write it to this file instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Say how two bills of materials differ: packages, versions, licences, scopes.
    Diff {
        /// The one before.
        old: PathBuf,
        /// The one after.
        new: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum VexCommand {
    /// Make a statement: print a document with it, or add it to one.
    New(VexNewArgs),
    /// Say which rules of VEX a document breaks.
    Check {
        /// OpenVEX or CycloneDX as JSON; `-` is standard input.
        file: PathBuf,
    },
    /// Say of each statement in a document why it applies to a package of the project at hand, or why not.
    Explain {
        /// OpenVEX or CycloneDX as JSON; `-` is standard input.
        file: PathBuf,
        /// The vulnerability, such as `CVE-2026-1234`.
        #[arg(long, value_name = "ID")]
        vulnerability: String,
        /// The package that has it, such as `pkg:npm/left-pad@1.3.0`.
        #[arg(long, value_name = "PURL")]
        package: palisade_model::Purl,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VexNewArgs {
    /// The vulnerability, such as `CVE-2026-1234`.
    #[arg(long, value_name = "ID")]
    pub(crate) vulnerability: String,
    /// The product: the package itself, or what contains it, such as the name in palisade.yaml.
    #[arg(long, value_name = "PURL")]
    pub(crate) product: String,
    /// The package in the product that is meant; may be given several times.
    #[arg(long, value_name = "PURL")]
    pub(crate) subcomponent: Vec<String>,
    /// What is said: not_affected, affected, fixed or under_investigation.
    #[arg(long, value_name = "STATUS", value_parser = vex_status)]
    pub(crate) status: VexStatus,
    /// Why the product is not affected, as OpenVEX or CycloneDX calls it, such as `vulnerable_code_not_in_execute_path`.
    #[arg(long, value_name = "REASON", value_parser = justification)]
    pub(crate) justification: Option<Justification>,
    /// Why the product is not affected, in words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) impact: Option<String>,
    /// What should be done, in words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) action: Option<String>,
    /// Who says it, in a new document; your account by default.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Write it into this file, behind what it states already.
    #[arg(long, value_name = "FILE")]
    pub(crate) into: Option<PathBuf>,
    /// The format of a new document: openvex, or cyclonedx-1.4 to cyclonedx-1.7.
    #[arg(long = "type", value_name = "TYPE", default_value = "openvex", value_parser = vex_format)]
    pub(crate) kind: VexFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VersionCommand {
    /// Read pairs of versions from standard input, a tab between the two, and print `<`, `=`, `>` or `?` for each line.
    Compare {
        /// Whose order, such as `npm`, `PyPI`, `Debian`.
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: String,
    },
    /// Read versions from standard input, a line each, and print them in order.
    Sort {
        /// Whose order, such as `npm`, `PyPI`, `Debian`.
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct WaiveArgs {
    /// The finding's fingerprint; its first eight digits are enough for what is in the project's files.
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

fn vex_status(text: &str) -> Result<VexStatus, String> {
    let names: Vec<&str> = VexStatus::ALL.iter().map(|status| status.name()).collect();
    let found = VexStatus::ALL.into_iter().find(|status| status.name() == text);
    found.ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn justification(text: &str) -> Result<Justification, String> {
    Justification::of_name(text).ok_or_else(|| {
        "expected component_not_present, vulnerable_code_not_present, vulnerable_code_not_in_execute_path, \
         vulnerable_code_cannot_be_controlled_by_adversary, inline_mitigations_already_exist, or one of CycloneDX"
            .to_owned()
    })
}

fn vex_format(text: &str) -> Result<VexFormat, String> {
    match text.parse() {
        _ if text == "openvex" => Ok(VexFormat::OpenVex),
        Ok(BomFormat::CycloneDx(version)) => Ok(VexFormat::CycloneDx(version)),
        _ => Err("expected openvex or one of cyclonedx-1.4 to cyclonedx-1.7".to_owned()),
    }
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

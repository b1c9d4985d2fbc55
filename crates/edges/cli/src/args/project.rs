//! What the commands take that carry a project along the path.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::file_size;

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
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = file_size)]
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

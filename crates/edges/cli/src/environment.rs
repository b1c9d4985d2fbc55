//! Everything that is read from the environment of the process, in one place.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use palisade_flow::{Context, FlowError, GitSurroundings, HelperEnvironment, UserFolders};
use palisade_model::{Actor, Timestamp};
use palisade_sys::{HostClock, HostFiles, HostNet, HostRandom};
use palisade_trust::{Passphrase, PassphraseUnavailable};
use zeroize::Zeroizing;

/// Names the file that holds the passphrase of the keys.
pub(crate) const PASSPHRASE_FILE: &str = "PALISADE_PASSPHRASE_FILE";
/// Holds the passphrase of the keys.
pub(crate) const PASSPHRASE: &str = "PALISADE_PASSPHRASE";
/// The time of documents that have none of their own, in seconds since 1970.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The outside world as this process sees it.
pub(crate) fn context(policy: Option<PathBuf>) -> Context {
    Context {
        files: Arc::new(HostFiles),
        clock: Arc::new(HostClock),
        net: Arc::new(HostNet::default()),
        random: Arc::new(HostRandom),
        folders: folders(),
        program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe")),
        version: env!("CARGO_PKG_VERSION"),
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        policy,
        actor: Actor { name: account() },
        passphrase: Arc::new(|| passphrase("passphrase of the keys: ")),
        cancel: Arc::new(AtomicBool::new(false)),
    }
}

/// The time that documents tell where nothing else gives them one (reproducible-builds.org, SOURCE_DATE_EPOCH 1.1).
pub(crate) fn source_date() -> Result<Option<Timestamp>, FlowError> {
    let Some(text) = std::env::var_os(SOURCE_DATE_EPOCH).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let seconds = text.to_str().and_then(|text| text.parse().ok());
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map(Some).ok_or_else(|| FlowError::Usage {
        message: format!("{SOURCE_DATE_EPOCH} is no number of seconds since 1970"),
        hint: Some("unset it, or set it as `date +%s` prints it".to_owned()),
    })
}

/// What git tells its hooks. Relative paths start where the hook was started.
pub(crate) fn git_surroundings() -> GitSurroundings {
    let path =
        |name: &str| std::env::var_os(name).map(|value| std::path::absolute(&value).unwrap_or(value.into()));
    GitSurroundings { git_dir: path("GIT_DIR"), index: path("GIT_INDEX_FILE") }
}

/// What the pre-commit framework tells its hooks of a push (pre-commit.com, "pre-push").
pub(crate) struct FrameworkPush {
    /// `PRE_COMMIT_FROM_REF` and `PRE_COMMIT_TO_REF`.
    pub(crate) between: Option<(String, String)>,
    /// `PRE_COMMIT_LOCAL_BRANCH` and `PRE_COMMIT_REMOTE_NAME`.
    pub(crate) branch: Option<(String, String)>,
    /// `PRE_COMMIT_REMOTE_BRANCH`: what the branch is to be called there.
    pub(crate) remote_branch: Option<String>,
}

/// None when it is not the framework that called us.
pub(crate) fn framework_push() -> Option<FrameworkPush> {
    std::env::var_os("PRE_COMMIT")?;
    let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(FrameworkPush {
        between: text("PRE_COMMIT_FROM_REF").zip(text("PRE_COMMIT_TO_REF")),
        branch: text("PRE_COMMIT_LOCAL_BRANCH").zip(text("PRE_COMMIT_REMOTE_NAME")),
        remote_branch: text("PRE_COMMIT_REMOTE_BRANCH"),
    })
}

/// Keys and secrets lie in this process's memory: no core dump of it, and no other process of the user looks into it. Where the
/// system refuses, the rest of the protection stands.
pub(crate) fn keep_memory_private() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Where Docker keeps its configuration, and in it credentials for registries.
pub(crate) fn docker_config() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".docker"));
    Some(folder.or_else(home)?.join("config.json"))
}

/// What programs that keep credentials for registries may see.
pub(crate) fn of_credential_helpers() -> HelperEnvironment {
    HelperEnvironment::of(std::env::vars_os())
}

/// The XDG base directories (freedesktop.org, version 0.8): relative values do not count.
fn folders() -> UserFolders {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = absolute("HOME").unwrap_or_else(|| PathBuf::from("/"));
    let folder =
        |name: &str, otherwise: &str| absolute(name).unwrap_or_else(|| home.join(otherwise)).join("palisade");
    UserFolders {
        config: folder("XDG_CONFIG_HOME", ".config"),
        state: folder("XDG_STATE_HOME", ".local/state"),
        cache: folder("XDG_CACHE_HOME", ".cache"),
        data: folder("XDG_DATA_HOME", ".local/share"),
        home,
    }
}

/// The account's name by user id; what `$USER` says is anybody's word.
fn account() -> String {
    let uid = rustix::process::getuid().as_raw();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid-{uid}"))
}

/// From the file or the variable that the environment names, else from the terminal.
pub(crate) fn passphrase(prompt: &str) -> Result<Passphrase, PassphraseUnavailable> {
    if let Some(given) = given_passphrase()? {
        return Ok(given);
    }
    if !std::io::stdin().is_terminal() {
        let message = format!("set {PASSPHRASE_FILE} or {PASSPHRASE}, or run on a terminal");
        return Err(PassphraseUnavailable(message));
    }
    let typed =
        rpassword::prompt_password(prompt).map_err(|error| PassphraseUnavailable(error.to_string()))?;
    Passphrase::new(Zeroizing::new(typed))
}

/// The passphrase that the environment gives; none when it gives none.
pub(crate) fn given_passphrase() -> Result<Option<Passphrase>, PassphraseUnavailable> {
    if let Some(path) = std::env::var_os(PASSPHRASE_FILE) {
        return from_file(Path::new(&path)).map(Some);
    }
    match std::env::var(PASSPHRASE) {
        Ok(text) => Passphrase::new(Zeroizing::new(text)).map(Some),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(PassphraseUnavailable(format!("{PASSPHRASE} is not UTF-8")))
        }
    }
}

/// The first line of the file.
fn from_file(path: &Path) -> Result<Passphrase, PassphraseUnavailable> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text =
        text.map_err(|error| PassphraseUnavailable(format!("cannot read `{}`: {error}", path.display())))?;
    Passphrase::new(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

//! Git hooks: writing them into a repository, taking them away, and what they do when git runs them.

use std::io;
use std::path::{Path, PathBuf};

use palisade_git::{History, ObjectKind, ObjectName, Repository};
use palisade_sys::{FileError, FileErrorKind, Files, Mode};

use crate::scan::{ScanOptions, ScanOutcome, ScanTarget, scan};
use crate::{Context, FlowError};

mod place;
mod push;
mod script;

pub use push::Push;

/// The largest hook that can be one of ours, in bytes.
const MAX_HOOK_BYTES: u64 = 64 << 10;

/// The largest object that is read to learn whether it is here, in bytes.
const MAX_TIP_BYTES: u64 = 16 << 20;

/// A moment at which git asks (githooks(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// Before a commit is made.
    PreCommit,
    /// Before anything is sent to another repository.
    PrePush,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::PreCommit, Self::PrePush];

    /// The name of its file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// Under which name a hook that was there before is kept.
    fn kept_name(self) -> String {
        format!("{}.before-palisade", self.name())
    }
}

/// What became of a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookState {
    /// It was written.
    Installed,
    /// It was written; the one that was there before is kept, and runs first.
    Chained,
    /// It is there already.
    Unchanged,
    /// It was taken away.
    Removed,
    /// It was taken away, and the one that was there before is back.
    Restored,
    /// One that is not ours was left alone.
    Foreign,
    /// There is none.
    Absent,
}

impl HookState {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Chained => "chained",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Restored => "restored",
            Self::Foreign => "foreign",
            Self::Absent => "absent",
        }
    }
}

/// A hook, its file and what became of it.
#[derive(Debug, Clone)]
pub struct HookChange {
    /// Which.
    pub hook: Hook,
    /// Its file, whether there is one or not.
    pub path: PathBuf,
    /// What became of it.
    pub state: HookState,
}

/// What git tells the programs that it starts as hooks.
#[derive(Debug, Clone, Default)]
pub struct GitSurroundings {
    /// The git folder (`GIT_DIR`), an absolute path.
    pub git_dir: Option<PathBuf>,
    /// The index that the commit is made from (`GIT_INDEX_FILE`), an absolute path.
    pub index: Option<PathBuf>,
}

/// Writes `hooks` into the repository around `folder`. With `force`, a hook of somebody else is kept beside ours and run first.
///
/// # Errors
/// When there is no repository or it is bare, when its hooks lie where other repositories look too, when something there is a symbolic
/// link, and, without `force`, when a hook of somebody else is there. Then nothing is written.
pub fn install_hooks(
    context: &Context,
    folder: &Path,
    hooks: &[Hook],
    force: bool,
) -> Result<Vec<HookChange>, FlowError> {
    let program = program(context)?;
    let place = place::of(context, &repository(folder)?)?;
    let files = &*context.files;
    let mut steps = Vec::new();
    for hook in hooks {
        let path = place.join(hook.name());
        let found = found(files, &path)?;
        if found == Found::Foreign {
            may_chain(*hook, &path, force)?;
        }
        steps.push((*hook, path, found));
    }
    files.create_folder(&place, Mode::Shared)?;
    let install = |(hook, path, found): (Hook, PathBuf, Found)| {
        let script = script::text(hook, &hook.kept_name(), program);
        let state = write(files, hook, &path, &found, &script)?;
        Ok(HookChange { hook, path, state })
    };
    steps.into_iter().map(install).collect()
}

/// Takes our hooks out of the repository around `folder`, and puts those back that were there before.
///
/// # Errors
/// As for [`install_hooks`]; a hook of somebody else is none.
pub fn uninstall_hooks(context: &Context, folder: &Path) -> Result<Vec<HookChange>, FlowError> {
    let place = place::of(context, &repository(folder)?)?;
    let files = &*context.files;
    let uninstall = |hook: Hook| {
        let path = place.join(hook.name());
        let kept = place.join(hook.kept_name());
        let state = match (found(files, &path)?, found(files, &kept)?) {
            (Found::Nothing, _) => HookState::Absent,
            (Found::Foreign, _) => HookState::Foreign,
            (Found::Ours(_), Found::Nothing) => {
                files.remove(&path)?;
                HookState::Removed
            }
            (Found::Ours(_), _) => {
                files.rename(&kept, &path)?;
                HookState::Restored
            }
        };
        Ok(HookChange { hook, path, state })
    };
    Hook::ALL.into_iter().map(uninstall).collect()
}

/// Scans what the commit that git is about to make in the work tree around `folder` adds or changes.
pub fn scan_commit(
    context: &Context,
    folder: &Path,
    surroundings: &GitSurroundings,
    options: &ScanOptions,
) -> Result<ScanOutcome, FlowError> {
    let repository = asking_repository(folder, surroundings)?;
    let folder = repository.root().to_owned();
    let own = repository.git_dir()?.join("index");
    let other =
        surroundings.index.as_ref().filter(|index| index.canonicalize().ok() != own.canonicalize().ok());
    let target = match other {
        Some(index) => ScanTarget::Index { folder, index: index.clone() },
        None => ScanTarget::Staged(folder),
    };
    scan(context, &target, options)
}

/// Scans the commits that a push from the repository around `folder` brings; none when it brings nothing.
pub fn scan_push(
    context: &Context,
    folder: &Path,
    surroundings: &GitSurroundings,
    push: &Push,
    options: &ScanOptions,
) -> Result<Option<ScanOutcome>, FlowError> {
    let repository = asking_repository(folder, surroundings)?;
    let folder = repository.root().to_owned();
    let here = known(&folder, push)?;
    let Some(range) = push.range(&|name| here.contains(&name)) else { return Ok(None) };
    scan(context, &ScanTarget::Range { folder, range, names: push.names() }, options).map(Some)
}

/// What the other side has of `push` that this repository has too.
fn known(folder: &Path, push: &Push) -> Result<Vec<ObjectName>, FlowError> {
    let mut names = push.remote_objects().peekable();
    if names.peek().is_none() {
        return Ok(Vec::new());
    }
    let history = History::open(folder)?;
    let is_known = |name: &ObjectName| {
        let object = history.object(*name, MAX_TIP_BYTES);
        matches!(object, Ok(Some((ObjectKind::Commit | ObjectKind::Tag, _))))
    };
    Ok(names.filter(is_known).collect())
}

fn repository(folder: &Path) -> Result<Repository, FlowError> {
    let found = Repository::discover(folder)?;
    found.ok_or_else(|| {
        FlowError::usage_with_hint(
            format!("`{}` is in no git repository", folder.display()),
            "run it in a work tree, or name one with `--dir`",
        )
    })
}

/// The repository around `folder`, which must be the one that git speaks of: what another one holds must not decide.
fn asking_repository(folder: &Path, surroundings: &GitSurroundings) -> Result<Repository, FlowError> {
    let repository = repository(folder)?;
    let Some(named) = &surroundings.git_dir else { return Ok(repository) };
    let own = repository.git_dir()?;
    match named.canonicalize() {
        Ok(named) if named == own => Ok(repository),
        _ => Err(FlowError::usage_with_hint(
            format!("git speaks of the repository `{}`, but here is `{}`", named.display(), own.display()),
            "a git folder that is named by --git-dir or GIT_DIR instead of `.git` is not supported",
        )),
    }
}

/// The path of this very program, as hooks can call it.
fn program(context: &Context) -> Result<&Path, FlowError> {
    let program = context.program.as_path();
    if program.is_absolute() && program.is_file() && !program.starts_with("/proc") {
        return Ok(program);
    }
    Err(FlowError::Unavailable {
        message: format!("hooks cannot call this program: `{}` is no lasting path to it", program.display()),
        hint: Some("install palisade, and install the hooks with the installed one".to_owned()),
    })
}

/// What is there under the name of a hook.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    /// One of ours, with its text.
    Ours(Vec<u8>),
    /// Somebody else's.
    Foreign,
}

fn found(files: &dyn Files, path: &Path) -> Result<Found, FlowError> {
    match files.read(path, MAX_HOOK_BYTES) {
        Ok(text) if script::is_ours(&text) => Ok(Found::Ours(text)),
        Ok(_) => Ok(Found::Foreign),
        Err(error) => match error.kind {
            FileErrorKind::Missing => Ok(Found::Nothing),
            FileErrorKind::TooLarge => Ok(Found::Foreign),
            FileErrorKind::NotAFile => Err(FlowError::usage_with_hint(
                format!("`{}` is not a regular file", path.display()),
                "what it leads to may be shared with other repositories; remove it, or call `palisade hook run` there",
            )),
            _ => Err(error.into()),
        },
    }
}

/// Whether a hook of somebody else may make room for ours.
fn may_chain(hook: Hook, path: &Path, force: bool) -> Result<(), FlowError> {
    let kept = path.with_file_name(hook.kept_name());
    if !force {
        return Err(FlowError::usage_with_hint(
            format!("`{}` is a hook that Palisade did not write", path.display()),
            format!("`--force` keeps it as {} and has it run first", hook.kept_name()),
        ));
    }
    match kept.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::from_io("look at", &kept, &error).into()),
        Ok(_) => Err(FlowError::usage_with_hint(
            format!("`{}` is there already, from an earlier `--force`", kept.display()),
            format!("make one hook of it and {}, or remove one of them", hook.name()),
        )),
    }
}

fn write(
    files: &dyn Files,
    hook: Hook,
    path: &Path,
    found: &Found,
    script: &[u8],
) -> Result<HookState, FlowError> {
    match found {
        Found::Ours(text) if text == script && files.mode(path)? & 0o100 != 0 => Ok(HookState::Unchanged),
        Found::Ours(_) | Found::Nothing => {
            files.write(path, script, Mode::Program)?;
            Ok(HookState::Installed)
        }
        Found::Foreign => {
            let kept = path.with_file_name(hook.kept_name());
            files.rename(path, &kept)?;
            files.write(path, script, Mode::Program).inspect_err(|_| {
                // The first error counts; what cannot be put back lies under its other name.
                let _ = files.rename(&kept, path);
            })?;
            Ok(HookState::Chained)
        }
    }
}

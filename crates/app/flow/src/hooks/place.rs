//! Where a repository's hooks lie, if that place is its own.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use palisade_git::{Repository, hooks_path_in};
use palisade_sys::FileError;

use crate::{Context, FlowError};

/// What git expands at the beginning of a path (git-config(1), "pathname").
const EXPANDED: [&[u8]; 3] = [b"~", b"%(", b":("];

/// The folder from which git runs the hooks of `repository`: `hooks` in the common git folder, or what `core.hooksPath` names.
///
/// # Errors
/// When `core.hooksPath` leads out of the repository, or a part of the way is no real folder.
pub(super) fn of(context: &Context, repository: &Repository) -> Result<PathBuf, FlowError> {
    let common = repository.common_dir()?;
    let usual = common.join("hooks");
    let folder = match repository.hooks_path() {
        Some(path) => {
            inside(repository.root(), &common, &path).ok_or_else(|| elsewhere(&path, None, &usual))?
        }
        None => match users_hooks_path(context) {
            Some((path, config)) => return Err(elsewhere(&path, Some(&config), &usual)),
            None => usual,
        },
    };
    check_real(repository.root(), &common, &folder)?;
    Ok(folder)
}

/// `path` from the top of the work tree, if it lies in it or in the git folder.
fn inside(root: &Path, common: &Path, path: &Path) -> Option<PathBuf> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() || EXPANDED.iter().any(|start| bytes.starts_with(start)) {
        return None;
    }
    let whole = root.join(path);
    let is_below = |base: &Path| {
        let rest = whole.strip_prefix(base).ok()?;
        let plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
        (plain && !rest.as_os_str().is_empty()).then(|| base.join(rest))
    };
    is_below(common).or_else(|| is_below(root))
}

/// What git would obey where the repository says nothing: hooks of the user or the system, and the file that says so.
fn users_hooks_path(context: &Context) -> Option<(PathBuf, PathBuf)> {
    let configuration = context.folders.config.parent().unwrap_or(&context.folders.config);
    let files =
        [context.folders.home.join(".gitconfig"), configuration.join("git/config"), "/etc/gitconfig".into()];
    files.into_iter().find_map(|file| Some((hooks_path_in(&file)?, file)))
}

fn elsewhere(path: &Path, config: Option<&Path>, usual: &Path) -> FlowError {
    let by = config.map(|config| format!(", as `{}` says", config.display())).unwrap_or_default();
    FlowError::usage_with_hint(
        format!("git runs hooks from `{}`{by}, which is not this repository's own folder", path.display()),
        format!(
            "a shared folder is not ours to write; give this repository its own with `git config core.hooksPath '{}'`, or \
             call `palisade hook run` from the shared hooks",
            usual.display()
        ),
    )
}

/// Every part of the way from the repository to its hooks is a folder, or is not there yet: a link would lead elsewhere.
fn check_real(root: &Path, common: &Path, folder: &Path) -> Result<(), FlowError> {
    let is_part = |part: &&Path| *part != root && *part != common;
    for part in folder.ancestors().take_while(is_part) {
        match part.symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => {
                return Err(FlowError::usage_with_hint(
                    format!("`{}` is not a real folder", part.display()),
                    "what a symbolic link leads to may be shared with other repositories; put a folder in its place",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(FileError::from_io("look at", part, &error).into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_plainly_in_the_repository_is_its_own() {
        let own = |path: &str| inside(Path::new("/src/shop"), Path::new("/src/shop/.git"), Path::new(path));
        assert_eq!(own(".githooks"), Some("/src/shop/.githooks".into()));
        assert_eq!(own("./tools//hooks/"), Some("/src/shop/tools/hooks".into()));
        assert_eq!(own("/src/shop/.git/hooks"), Some("/src/shop/.git/hooks".into()));
        for path in
            ["", ".", "/dev/null", "~/hooks", "~ada/hooks", "%(prefix)/hooks", "../hooks", "a/../../hooks"]
        {
            assert_eq!(own(path), None, "{path}");
        }
        assert_eq!(own("/src/shop2/hooks"), None);
        let linked =
            |path: &str| inside(Path::new("/src/linked"), Path::new("/src/shop/.git"), Path::new(path));
        assert_eq!(linked("/src/shop/.git/hooks"), Some("/src/shop/.git/hooks".into()));
        assert_eq!(linked("/src/shop/.githooks"), None, "another work tree");
    }
}

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use gix::bstr::{BString, ByteSlice};
use gix::sec::Trust;
use palisade_model::CommitId;
use palisade_sys::beneath::open_host_regular_followed;

use crate::GitError;
use crate::error::chain;
use crate::references::{Head, References};
use crate::remote::public_address;

/// What may be allocated at once for a repository that is not trusted: an index or an object.
const ALLOCATION_LIMIT: &str = "gitoxide.objects.allocLimitIfReducedTrust=1073741824";

/// Replacement objects would give a commit another content than its name says.
const NO_REPLACEMENTS: &str = "core.useReplaceRefs=false";

/// Names the index to use instead of the repository's own.
const INDEX_KEY: &[u8] = b"gitoxide.core.indexFile=";
/// Files that are read whenever a repository is opened.
const PLAIN_FILES: [&str; 8] = [
    "commondir",
    "HEAD",
    "config",
    "config.worktree",
    "index",
    "packed-refs",
    "shallow",
    "objects/info/alternates",
];

/// References that name another one, which are followed (gix follows five).
const MAX_SYMBOLIC: usize = 10;

/// Bytes of a file that holds one path.
const MAX_PATH_BYTES: u64 = 64 << 10;

/// Branches that stand for the target of a change when the remote does not say.
const TARGETS: [&str; 3] =
    ["refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"];

/// A git repository with its work tree.
pub struct Repository {
    pub(crate) inner: gix::Repository,
    pub(crate) root: PathBuf,
    pub(crate) references: References,
    head: Head,
}

impl Repository {
    /// The repository whose work tree holds `path`: the nearest folder upwards with a `.git` that is not an empty folder. The
    /// environment has no say. None when there is no repository.
    ///
    /// # Errors
    /// A `.git` that is there but cannot be read is an error, never passed over; a bare repository has no work tree.
    pub fn discover(path: &Path) -> Result<Option<Self>, GitError> {
        let start = path.canonicalize().map_err(|error| GitError::io(path, error))?;
        if let Some(root) = start.ancestors().find(|folder| holds_git(folder)) {
            return Self::open(root).map(Some);
        }
        match start.ancestors().find(|folder| gix::discover::is_git(folder).is_ok()) {
            Some(bare) => Err(GitError::Bare { path: bare.to_owned() }),
            None => Ok(None),
        }
    }

    fn open(root: &Path) -> Result<Self, GitError> {
        check_owner(root)?;
        check_plain(&root.join(".git"))?;
        let inner = open_untrusted(&root.join(".git"), root)?;
        if inner.workdir().is_none() {
            return Err(GitError::Bare { path: root.to_owned() });
        }
        if let Some(claimed) = claimed_worktree(&inner).filter(|path| path != root) {
            return Err(GitError::OtherWorktree { root: root.to_owned(), claimed });
        }
        let references = References::read(&inner);
        references.check()?;
        let head = references.head(&inner).map_err(|detail| {
            let what = format!("HEAD of `{}`", root.display());
            GitError::Damaged { what, detail }
        })?;
        Ok(Self { inner, root: root.to_owned(), references, head })
    }

    /// The top of the work tree, absolute, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit checked out; none before the first commit.
    pub fn head_commit(&self) -> Option<CommitId> {
        self.head_id().and_then(commit_id)
    }

    /// When the commit checked out was made, in seconds since 1970; none before the first commit, or when it says no time.
    pub fn head_time(&self) -> Option<i64> {
        let commit = self.inner.find_commit(self.head_id()?).ok()?;
        Some(commit.time().ok()?.seconds)
    }

    /// The branch checked out, such as `main`; none when HEAD is detached or the name is not UTF-8.
    pub fn branch(&self) -> Option<String> {
        self.head.branch.clone()
    }

    /// The address of the remote `origin` without user, password, query and fragment; none when there is none that can be shown.
    pub fn remote(&self) -> Option<String> {
        let url = self.inner.config_snapshot().string("remote.origin.url")?;
        public_address(url.to_str().ok()?)
    }

    /// The revision that a change is to go into, as last fetched: what `origin/HEAD` points to, else `origin/main`, else
    /// `origin/master`. None without such a branch: HEAD would not do, because the change may be in it.
    pub fn target_commit(&self) -> Option<CommitId> {
        TARGETS.iter().find_map(|name| self.references.target(&self.inner, name)).and_then(commit_id)
    }

    /// Makes copies for other threads.
    pub(crate) fn for_threads(&self) -> impl Fn() -> Self + Send + Sync {
        let shared = self.inner.clone().into_sync();
        let (root, references, head) = (self.root.clone(), self.references.clone(), self.head.clone());
        move || Self {
            inner: shared.to_thread_local(),
            root: root.clone(),
            references: references.clone(),
            head: head.clone(),
        }
    }

    pub(crate) fn head_id(&self) -> Option<gix::ObjectId> {
        self.head.commit
    }
}

/// The repository at `path` or at the nearest folder upwards that is one, whether it has a work tree or is bare, and its folder.
pub(crate) fn open_anywhere(path: &Path) -> Result<(gix::Repository, PathBuf), GitError> {
    let start = path.canonicalize().map_err(|error| GitError::io(path, error))?;
    for folder in start.ancestors() {
        let git_dir = if holds_git(folder) {
            check_owner(folder)?;
            folder.join(".git")
        } else if gix::discover::is_git(folder).is_ok() {
            check_bare_owner(folder)?;
            folder.to_owned()
        } else {
            continue;
        };
        check_plain(&git_dir)?;
        return Ok((open_untrusted(&git_dir, folder)?, folder.to_owned()));
    }
    Err(GitError::NoRepository { path: path.to_owned() })
}

/// Opens a repository once more, with another index, which is an absolute path.
pub(crate) fn open_with_index(repository: &Repository, index: &Path) -> Result<Repository, GitError> {
    let inner = open_with(&repository.root.join(".git"), &repository.root, Some(index))?;
    let (references, head) = (repository.references.clone(), repository.head.clone());
    Ok(Repository { inner, root: repository.root.clone(), references, head })
}

fn open_untrusted(git_dir: &Path, root: &Path) -> Result<gix::Repository, GitError> {
    open_with(git_dir, root, None)
}

fn open_with(git_dir: &Path, root: &Path, index: Option<&Path>) -> Result<gix::Repository, GitError> {
    let what = || format!("the repository in `{}`", root.display());
    let mut overrides = vec![BString::from(NO_REPLACEMENTS), BString::from(ALLOCATION_LIMIT)];
    overrides.extend(index.map(|index| BString::from([INDEX_KEY, index.as_os_str().as_bytes()].concat())));
    let options =
        gix::open::Options::isolated().with(Trust::Reduced).strict_config(true).config_overrides(overrides);
    let opened = gix::ThreadSafeRepository::open_opts(git_dir, options);
    Ok(opened.map_err(|error| GitError::damaged(what(), error.error()))?.to_thread_local())
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("root", &self.root).finish_non_exhaustive()
    }
}

/// Whether `folder` holds a `.git`; an empty folder of that name is nothing, as it is to git.
fn holds_git(folder: &Path) -> bool {
    let dot_git = folder.join(".git");
    match dot_git.read_dir() {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => dot_git.symlink_metadata().is_ok(),
    }
}

/// Anybody can put a `.git` into a shared folder such as `/tmp`, and so decide what is ignored below it.
fn check_owner(root: &Path) -> Result<(), GitError> {
    let owner = |path: &Path| {
        path.symlink_metadata().map(|meta| meta.uid()).map_err(|error| GitError::io(path, error))
    };
    let user = rustix::process::geteuid().as_raw();
    if owner_fits(owner(&root.join(".git"))?, owner(root)?, user) {
        return Ok(());
    }
    Err(GitError::ForeignOwner { root: root.to_owned() })
}

/// The same for a bare repository, which stands in its folder as `.git` does.
fn check_bare_owner(root: &Path) -> Result<(), GitError> {
    let owner =
        |path: &Path| path.metadata().map(|meta| meta.uid()).map_err(|error| GitError::io(path, error));
    let user = rustix::process::geteuid().as_raw();
    if owner_fits(owner(root)?, owner(root.parent().unwrap_or(root))?, user) {
        return Ok(());
    }
    Err(GitError::ForeignOwner { root: root.to_owned() })
}

const fn owner_fits(dot_git: u32, folder: u32, user: u32) -> bool {
    dot_git == folder || dot_git == user || dot_git == 0
}

/// A fifo among the files that are read whenever a repository is opened would make us wait for ever.
fn check_plain(dot_git: &Path) -> Result<(), GitError> {
    let damaged = |path: &Path, detail: &str| {
        Err(GitError::Damaged { what: format!("`{}`", path.display()), detail: detail.to_owned() })
    };
    let git_dir = match dot_git.metadata() {
        Ok(meta) if meta.is_dir() => dot_git.to_owned(),
        Ok(meta) if meta.is_file() => match gix::discover::path::from_gitdir_file(dot_git) {
            Ok(git_dir) => git_dir,
            Err(error) => return damaged(dot_git, &chain(error.error())),
        },
        Ok(_) => return damaged(dot_git, "neither a folder nor a regular file"),
        Err(error) => return Err(GitError::io(dot_git, error)),
    };
    let common = common_folder(&git_dir);
    let folders: Vec<&Path> = std::iter::once(git_dir.as_path()).chain(common.as_deref()).collect();
    for path in folders.iter().flat_map(|folder| PLAIN_FILES.map(|name| folder.join(name))) {
        if path.metadata().is_ok_and(|meta| !meta.is_file()) {
            return damaged(&path, "not a regular file");
        }
    }
    check_head(&folders)
}

/// HEAD names a reference, which may name another one.
fn check_head(folders: &[&Path]) -> Result<(), GitError> {
    let mut name = b"HEAD".to_vec();
    for _ in 0..MAX_SYMBOLIC {
        let mut found = None;
        for path in folders.iter().map(|folder| folder.join(OsStr::from_bytes(&name))) {
            if path.metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
                let what = format!("`{}`", path.display());
                return Err(GitError::Damaged { what, detail: "not a regular file".to_owned() });
            }
            found = found.or_else(|| read_path(&path));
        }
        match found.as_deref().and_then(|text| text.strip_prefix(b"ref:")) {
            Some(next) => name = next.trim_ascii().to_vec(),
            None => break,
        }
    }
    Ok(())
}

/// What a linked work tree shares with the main one (gitrepository-layout(5), `commondir`).
fn common_folder(git_dir: &Path) -> Option<PathBuf> {
    Some(git_dir.join(OsStr::from_bytes(read_path(&git_dir.join("commondir"))?.trim_ascii_end())))
}

fn read_path(path: &Path) -> Option<Vec<u8>> {
    let (file, _) = open_host_regular_followed(path).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_PATH_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Refuses a repository in which something that gix may open is a fifo or a device: references, their logs, packs, loose objects.
pub(crate) fn check_plain_below(folder: &Path) -> Result<(), GitError> {
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in folder.read_dir().into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push(path),
                Ok(kind) if kind.is_file() => {}
                _ if path.metadata().is_ok_and(|meta| !meta.is_file()) => {
                    let what = format!("`{}`", path.display());
                    return Err(GitError::Damaged { what, detail: "not a regular file".to_owned() });
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The folder that `core.worktree` names. It is not followed, only compared: submodules have it, and there it names their own root.
/// In a linked work tree it speaks of the main one.
fn claimed_worktree(repository: &gix::Repository) -> Option<PathBuf> {
    let value = repository.config_snapshot().string("core.worktree")?;
    if repository.git_dir() != repository.common_dir() {
        return None;
    }
    let claimed = repository.git_dir().join(OsStr::from_bytes(&value));
    Some(claimed.canonicalize().unwrap_or(claimed))
}

fn commit_id(id: gix::ObjectId) -> Option<CommitId> {
    id.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::owner_fits;

    #[test]
    fn git_folder_belongs_to_its_folder_the_user_or_root() {
        let (user, other, third) = (1000, 1001, 1002);
        assert!(owner_fits(user, user, user));
        assert!(owner_fits(other, other, user), "a checkout of another user, such as in a container");
        assert!(owner_fits(user, other, user));
        assert!(owner_fits(0, other, user));
        assert!(!owner_fits(other, 0, user), "somebody's .git in /tmp");
        assert!(!owner_fits(other, third, user));
        assert!(!owner_fits(other, 0, 0));
    }
}

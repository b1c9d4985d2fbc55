use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::Answer;

/// A folder with a project in it.
#[derive(Debug)]
pub struct Project {
    /// Holds the folder; removed with it.
    _parent: TempDir,
    root: PathBuf,
}

impl Project {
    /// An empty folder named `project`.
    pub fn empty() -> Self {
        let parent = tempfile::tempdir().expect("a temporary folder can be made");
        let root = parent.path().canonicalize().expect("it was just made").join("project");
        fs::create_dir(&root).expect("a folder can be made in it");
        Self { _parent: parent, root }
    }

    /// A copy of `examples/NAME`, not yet under git.
    pub fn example(name: &str) -> Self {
        let project = Self::empty();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples").join(name);
        let from = example.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", example.display()));
        let copied = Command::new("cp").arg("-R").arg(from.join(".")).arg(&project.root).status();
        assert!(copied.expect("cp can be started").success(), "cannot copy {}", from.display());
        let store = project.path(".palisade");
        assert!(!store.exists() || fs::remove_dir_all(&store).is_ok(), "cannot remove {}", store.display());
        project
    }

    /// A clone, made by the system's git, of what is committed here.
    pub fn cloned(&self) -> Self {
        let clone = Self::empty();
        let root = self.root.to_string_lossy().into_owned();
        clone.git(&["clone", "--quiet", &root, "."]);
        clone
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        let above = path.parent().expect("it lies in the project");
        fs::create_dir_all(above).unwrap_or_else(|error| panic!("{}: {error}", above.display()));
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self
    }

    /// Reads a file.
    #[track_caller]
    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(path);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Makes it a repository with one commit of everything. The same content always gives the same commit.
    pub fn committed(self) -> Self {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self.commit("first");
        self
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// What the system's git says, which must succeed. It has one identity and one date, and reads nobody's configuration.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(args).current_dir(&self.root);
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Ada Example"),
            ("GIT_AUTHOR_EMAIL", "ada@example.org"),
            ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
            ("GIT_COMMITTER_NAME", "Ada Example"),
            ("GIT_COMMITTER_EMAIL", "ada@example.org"),
            ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
        ] {
            command.env(name, value);
        }
        Answer::of(&mut command, b"").expect(0).stdout
    }
}

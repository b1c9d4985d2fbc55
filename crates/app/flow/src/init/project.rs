use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_sandbox::{Tool, detect_tools};

use crate::FlowError;
use crate::source::Folder;

/// The largest file that is looked into, in bytes.
const TEXT_LIMIT: u64 = 1 << 20;

/// Where jobs find the system's programs, after those of the toolchains.
const SYSTEM_FOLDERS: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// A folder as its jobs will see it: the files of the snapshot, not the ignored ones, and the programs that are in reach.
pub(super) struct Project {
    root: PathBuf,
    pub(super) name: String,
    files: BTreeSet<String>,
    programs: Vec<PathBuf>,
}

impl Project {
    /// Looks at `root`, with the toolchains of `home` and of `path`, the value of `PATH`.
    pub(super) fn open(root: &Path, home: &Path, path: &OsStr) -> Result<Self, FlowError> {
        let listing = Folder::open(root)?.contents()?.listing;
        let names = listing.files.iter().filter_map(|file| std::str::from_utf8(file.path.as_bytes()).ok());
        let tools = detect_tools(home, path).into_iter().flat_map(|tool: Tool| tool.path_entries);
        Ok(Self {
            root: root.to_owned(),
            name: project_name(root),
            files: names.map(str::to_owned).collect(),
            programs: tools.chain(SYSTEM_FOLDERS.map(PathBuf::from)).collect(),
        })
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.files.contains(file)
    }

    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.files.range(prefix.clone()..).next().is_some_and(|file| file.starts_with(&prefix))
    }

    /// All files, sorted.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// The content of a file; empty when it is not in the snapshot, too large or not UTF-8.
    pub(super) fn text(&self, file: &str) -> String {
        let path = self.root.join(file);
        let small = self.has(file)
            && fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= TEXT_LIMIT);
        if small { fs::read_to_string(path).unwrap_or_default() } else { String::new() }
    }

    /// Where jobs find `program`; none when they don't.
    pub(super) fn program(&self, program: &str) -> Option<PathBuf> {
        self.programs.iter().map(|folder| folder.join(program)).find(|path| path.is_file())
    }
}

/// The folder's name, as far as it fits a project's.
fn project_name(root: &Path) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let fit = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(fit).skip_while(|c| !c.is_ascii_alphanumeric()).take(64).collect();
    if name.is_empty() { "project".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_folder_names_become_project_names() {
        assert_eq!(project_name(Path::new("/a/my project!")), "my-project-");
        assert_eq!(project_name(Path::new("/a/...")), "project");
        assert_eq!(project_name(Path::new("/")), "project");
    }

    #[test]
    fn ignored_files_are_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git").arg("init").arg("-q").arg(folder.path()).status();
        assert!(made.unwrap().success(), "only git ignores");
        for (name, content) in [(".gitignore", "Cargo.lock\n"), ("Cargo.lock", "x"), ("src/lib.rs", "y")] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let project = Project::open(folder.path(), Path::new("/nonexistent"), "".as_ref()).unwrap();
        assert!(!project.has("Cargo.lock") && project.text("Cargo.lock").is_empty());
        assert!(project.has_folder("src") && !project.has_folder("sr"));
        assert_eq!(project.text("src/lib.rs"), "y");
        assert!(project.program("sh").is_some() && project.program("no-such-program").is_none());
    }
}

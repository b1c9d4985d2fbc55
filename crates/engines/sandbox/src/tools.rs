use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// A toolchain of the host, and what a job must see of it. All folders are seen read-only at their own place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tool {
    /// Such as `rust`, `go`, `python`, `node`, `java`.
    pub name: &'static str,
    /// Folders to mount, sorted; all exist.
    pub mounts: Vec<PathBuf>,
    /// What goes before the system's folders in `PATH`.
    pub path_entries: Vec<PathBuf>,
    /// Environment that the toolchain needs to find itself.
    pub env: BTreeMap<String, String>,
}

/// The toolchains that live outside `/usr`: under `home`, under `/opt`, or where an entry of `path` (the value of `PATH`) leads.
/// Only folders known to hold programs and downloaded packages are named, never `home` itself nor a folder that keeps
/// credentials; nothing is executed to find out. Sorted by name.
pub fn detect_tools(home: &Path, path: &OsStr) -> Vec<Tool> {
    let entries: Vec<PathBuf> = std::env::split_paths(path).filter(|entry| entry.is_absolute()).collect();
    let mut tools: Vec<Tool> =
        [go(home, &entries), java(&entries), node(home, &entries), python(home), rust(home)]
            .into_iter()
            .flatten()
            .collect();
    tools.sort();
    tools
}

fn rust(home: &Path) -> Option<Tool> {
    let (rustup, cargo) = (home.join(".rustup"), home.join(".cargo"));
    let mounts = existing(&[
        rustup.join("toolchains"),
        // Its proxies make this folder if it is missing, and then cannot.
        rustup.join("update-hashes"),
        rustup.join("settings.toml"),
        cargo.join("bin"),
        cargo.join("registry"),
        cargo.join("git"),
    ]);
    let env = [("CARGO_HOME", &cargo), ("RUSTUP_HOME", &rustup)];
    // Cargo cannot take its locks on read-only folders, and does without them when it must not download.
    let mut tool = tool("rust", mounts, vec![cargo.join("bin")], &env)?;
    tool.env.insert("CARGO_NET_OFFLINE".to_owned(), "true".to_owned());
    Some(tool)
}

fn go(home: &Path, entries: &[PathBuf]) -> Option<Tool> {
    let modules = home.join("go/pkg/mod");
    let root = root_of(entries, "go").filter(|root| root.join("src/runtime").is_dir());
    let (outside, bin): (Vec<_>, Vec<_>) = match &root {
        Some(root) if !root.starts_with("/usr") => (vec![root.clone()], vec![root.join("bin")]),
        // Below /usr it is seen anyway, but PATH has to lead there.
        Some(root) => (Vec::new(), vec![root.join("bin")]),
        None => (Vec::new(), Vec::new()),
    };
    let has_modules = modules.is_dir();
    let mounts = existing(&[outside, vec![modules.clone()]].concat());
    if mounts.is_empty() && bin.is_empty() {
        return None;
    }
    let mut env = BTreeMap::new();
    if has_modules {
        env.insert("GOMODCACHE".to_owned(), modules.display().to_string());
        env.insert("GOPROXY".to_owned(), "off".to_owned());
    }
    Some(Tool { name: "go", mounts, path_entries: bin, env })
}

fn python(home: &Path) -> Option<Tool> {
    let root = home.join(".pyenv");
    let versions = root.join("versions");
    let chosen = fs::read_to_string(root.join("version")).unwrap_or_default();
    let chosen = chosen.lines().map(str::trim).find(|line| is_version_name(line))?.to_owned();
    // Shims are scripts that want to write; the version's own folder does without them.
    let bin = versions.join(chosen).join("bin");
    if !bin.is_dir() {
        return None;
    }
    tool("python", existing(&[versions]), vec![bin], &[])
}

fn node(home: &Path, entries: &[PathBuf]) -> Option<Tool> {
    let nvm = home.join(".nvm/versions/node");
    let bin = entries.iter().find(|entry| entry.starts_with(&nvm)).cloned();
    let cache = home.join(".npm/_cacache");
    tool("node", existing(&[nvm, cache]), bin.into_iter().collect(), &[])
}

fn java(entries: &[PathBuf]) -> Option<Tool> {
    let root = root_of(entries, "java").filter(|root| root.starts_with("/opt"))?;
    tool("java", existing(std::slice::from_ref(&root)), vec![root.join("bin")], &[("JAVA_HOME", &root)])
}

/// The folder above `bin` that holds `program`, links followed.
fn root_of(entries: &[PathBuf], program: &str) -> Option<PathBuf> {
    let file = entries.iter().map(|entry| entry.join(program)).find(|file| file.is_file())?;
    let file = fs::canonicalize(file).ok()?;
    let bin = file.parent().filter(|bin| bin.ends_with("bin"))?;
    bin.parent().filter(|root| root.components().count() > 2).map(Path::to_owned)
}

fn is_version_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}

fn existing(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = paths.iter().filter(|path| path.exists()).cloned().collect();
    found.sort();
    found
}

fn tool(
    name: &'static str,
    mounts: Vec<PathBuf>,
    path_entries: Vec<PathBuf>,
    env: &[(&str, &PathBuf)],
) -> Option<Tool> {
    if mounts.is_empty() {
        return None;
    }
    let path_entries = path_entries.into_iter().filter(|entry| entry.is_dir()).collect();
    let env = env.iter().map(|(key, value)| ((*key).to_owned(), value.display().to_string())).collect();
    Some(Tool { name, mounts, path_entries, env })
}

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
    let versions = home.join(".pyenv/versions");
    // Shims are scripts that want to write; the version's own folder does without them.
    let bin =
        chosen_python(home).map(|version| versions.join(version).join("bin")).filter(|bin| bin.is_dir());
    let base = home.join(".local");
    let mut mounts = user_packages(&base);
    let has_packages = !mounts.is_empty();
    mounts.extend(bin.is_some().then_some(versions));
    let mut tool = tool("python", existing(&mounts), bin.into_iter().collect(), &[])?;
    if has_packages {
        tool.env.insert("PYTHONUSERBASE".to_owned(), base.display().to_string());
    }
    // Without a network pip would try for a minute before it says so.
    tool.env.insert("PIP_NO_INDEX".to_owned(), "1".to_owned());
    Some(tool)
}

/// The version that pyenv uses where a folder does not choose another.
fn chosen_python(home: &Path) -> Option<String> {
    let chosen = fs::read_to_string(home.join(".pyenv/version")).unwrap_or_default();
    chosen.lines().map(str::trim).find(|line| is_version_name(line)).map(str::to_owned)
}

/// What `pip install --user` installed, without its programs.
fn user_packages(base: &Path) -> Vec<PathBuf> {
    let versions = fs::read_dir(base.join("lib")).into_iter().flatten().flatten();
    versions
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3."))
        .map(|entry| entry.path().join("site-packages"))
        .filter(|packages| packages.is_dir())
        .collect()
}

fn node(home: &Path, entries: &[PathBuf]) -> Option<Tool> {
    let nvm = home.join(".nvm/versions/node");
    let bin = entries.iter().find(|entry| entry.starts_with(&nvm)).cloned();
    let npm = home.join(".npm");
    let cache = npm.join("_cacache");
    let has_cache = cache.is_dir();
    let mut tool = tool("node", existing(&[nvm, cache]), bin.into_iter().collect(), &[])?;
    if has_cache {
        // npm reads a cache that it cannot write, as long as it neither logs nor downloads.
        let quiet = [("audit", "false"), ("fund", "false"), ("update_notifier", "false")];
        let settings = [("logs_max", "0"), ("offline", "true")];
        for (key, value) in settings.into_iter().chain(quiet) {
            tool.env.insert(format!("npm_config_{key}"), value.to_owned());
        }
        tool.env.insert("npm_config_cache".to_owned(), npm.display().to_string());
    }
    Some(tool)
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

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The largest manifest that is looked into, in bytes.
const MANIFEST_LIMIT: u64 = 1 << 20;

/// The most source files that are looked into for a `package main`.
const MOST_SOURCES: usize = 500;

/// What a project is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rust,
    Go,
    Node,
    Python,
    CMake,
    Make,
    Configure,
    Files,
}

/// What a project's pipeline should do.
pub(super) struct Recipe {
    pub(super) jobs: Vec<RecipeJob>,
    pub(super) artifacts: Vec<String>,
}

pub(super) struct RecipeJob {
    pub(super) name: &'static str,
    pub(super) needs: Option<&'static str>,
    /// Name and script.
    pub(super) steps: Vec<(&'static str, String)>,
    pub(super) outputs: Vec<String>,
}

impl Kind {
    /// Decides by the first manifest found.
    pub(super) fn of(root: &Path) -> Self {
        let has = |name: &str| root.join(name).is_file();
        match () {
            () if has("Cargo.toml") => Self::Rust,
            () if has("go.mod") => Self::Go,
            () if has("package.json") => Self::Node,
            () if ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"].into_iter().any(has) => {
                Self::Python
            }
            () if has("CMakeLists.txt") => Self::CMake,
            () if ["Makefile", "makefile", "GNUmakefile"].into_iter().any(has) => Self::Make,
            () if has("configure") => Self::Configure,
            () => Self::Files,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rust => "a Rust package",
            Self::Go => "a Go module",
            Self::Node => "a Node package",
            Self::Python => "a Python project",
            Self::CMake => "a CMake project",
            Self::Make => "a project with a Makefile",
            Self::Configure => "a project with a configure script",
            Self::Files => "a folder of files",
        }
    }

    pub(super) fn recipe(self, root: &Path, name: &str) -> Recipe {
        match self {
            Self::Rust => rust(root, name),
            Self::Go => go(root, name),
            Self::Node => node(root, name),
            Self::Python => python(root, name),
            Self::CMake => {
                let test = "ctest --test-dir build --output-on-failure --no-tests=ignore";
                archived(
                    vec![("build", "cmake -B build -S .\ncmake --build build".into()), ("test", test.into())],
                    name,
                )
            }
            Self::Make => make(root, name),
            Self::Configure => archived(vec![("build", "./configure\nmake".into())], name),
            Self::Files => archived(vec![("build", "# your build command\ntrue".into())], name),
        }
    }
}

fn rust(root: &Path, name: &str) -> Recipe {
    let locked = if root.join("Cargo.lock").is_file() { " --locked" } else { "" };
    let test = ("test", format!("cargo test --offline{locked}"));
    let package = package_name(&manifest(root, "Cargo.toml")).filter(|_| root.join("src/main.rs").is_file());
    match package {
        Some(package) => {
            let build = ("build", format!("cargo build --release --offline{locked}"));
            built(vec![build, test], vec![format!("target/release/{package}")])
        }
        None => archived(vec![test], name),
    }
}

fn go(root: &Path, name: &str) -> Recipe {
    let test = ("test", "go vet ./...\ngo test ./...".to_owned());
    match has_go_program(root) {
        true => built(
            vec![("build", "mkdir -p bin\ngo build -trimpath -o bin/ ./...".into()), test],
            vec!["bin/".into()],
        ),
        false => archived(vec![("build", "go build ./...".into()), test], name),
    }
}

fn node(root: &Path, name: &str) -> Recipe {
    let package: Value = serde_json::from_str(&manifest(root, "package.json")).unwrap_or_default();
    let has =
        |key: &str| package.get(key).and_then(Value::as_object).is_some_and(|object| !object.is_empty());
    let script = |name: &str| package.get("scripts")?.get(name)?.as_str().map(str::to_owned);
    let mut steps = Vec::new();
    if has("dependencies") || has("devDependencies") {
        steps.push(("install", "npm ci --offline --ignore-scripts".to_owned()));
    }
    if script("build").is_some() {
        steps.push(("build", "npm run build".to_owned()));
    }
    if script("test").is_some_and(|test| !test.contains("no test specified")) {
        steps.push(("test", "npm test".to_owned()));
    }
    if steps.is_empty() {
        steps.push((
            "check",
            "find . -name '*.js' -not -path './node_modules/*' -exec node --check {} +".to_owned(),
        ));
    }
    archived(steps, name)
}

fn python(root: &Path, name: &str) -> Recipe {
    let mut steps = vec![("compile", "python3 -m compileall -q .".to_owned())];
    let uses_pytest =
        ["pytest.ini", "conftest.py", "tests/conftest.py"].iter().any(|file| root.join(file).is_file())
            || manifest(root, "pyproject.toml").contains("pytest")
            || manifest(root, "setup.cfg").contains("pytest");
    let folder = ["tests", "test"].into_iter().find(|folder| root.join(folder).is_dir());
    match (uses_pytest, folder) {
        (true, _) => steps.push(("test", "python3 -m pytest -q".to_owned())),
        (false, Some(folder)) => {
            steps.push(("test", format!("python3 -m unittest discover -s {folder} -t .")))
        }
        (false, None) => {}
    }
    archived(steps, name)
}

fn make(root: &Path, name: &str) -> Recipe {
    let files = ["Makefile", "makefile", "GNUmakefile"].map(|file| manifest(root, file)).concat();
    let target = ["check", "test"]
        .into_iter()
        .find(|target| files.lines().any(|line| line.starts_with(&format!("{target}:"))));
    let mut steps = vec![("build", "make".to_owned())];
    steps.extend(target.map(|target| ("test", format!("make {target}"))));
    archived(steps, name)
}

/// A project that builds programs.
fn built(steps: Vec<(&'static str, String)>, outputs: Vec<String>) -> Recipe {
    let job = RecipeJob { name: "build", needs: None, steps, outputs: outputs.clone() };
    let artifacts =
        outputs.into_iter().map(|output| if output.ends_with('/') { format!("{output}**") } else { output });
    Recipe { artifacts: artifacts.collect(), jobs: vec![job] }
}

/// A project whose product is its source, as far as can be seen from outside: it is packed, sorted and with a fixed time, so that
/// the same tree gives the same bytes.
fn archived(steps: Vec<(&'static str, String)>, name: &str) -> Recipe {
    let archive = format!("{name}.tar.gz");
    let pack = format!(
        "tar --sort=name --mtime=@315532800 --owner=0 --group=0 --numeric-owner \\\n  -cf /tmp/archive.tar .\ngzip -n < /tmp/archive.tar > {archive}"
    );
    let build = RecipeJob { name: "build", needs: None, steps, outputs: Vec::new() };
    let package = RecipeJob {
        name: "package",
        needs: Some("build"),
        steps: vec![("pack", pack)],
        outputs: vec![archive.clone()],
    };
    Recipe { jobs: vec![build, package], artifacts: vec![archive] }
}

/// The content of a manifest; empty when it is missing, too large or not UTF-8.
fn manifest(root: &Path, name: &str) -> String {
    let path = root.join(name);
    let small =
        fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MANIFEST_LIMIT);
    if small { fs::read_to_string(path).unwrap_or_default() } else { String::new() }
}

/// `name` of the `[package]` table; a form that a manifest seldom has costs only a better guess.
fn package_name(manifest: &str) -> Option<String> {
    let mut lines = manifest.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let line = lines
        .by_ref()
        .take_while(|line| !line.starts_with('['))
        .find(|line| line.trim_start().starts_with("name"))?;
    let value = line.split_once('=')?.1.trim().trim_matches('"');
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (plain && !value.is_empty()).then(|| value.to_owned())
}

fn has_go_program(root: &Path) -> bool {
    let mut folders = vec![root.to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            seen += 1;
            if seen > MOST_SOURCES {
                return false;
            }
            if kind.as_ref().is_ok_and(fs::FileType::is_dir)
                && !entry.file_name().to_string_lossy().starts_with('.')
            {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "go") && is_main(&path) {
                return true;
            }
        }
    }
    false
}

fn is_main(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().any(|line| line.trim() == "package main")
}

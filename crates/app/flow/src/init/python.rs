use std::fs;
use std::path::PathBuf;

use super::project::Project;
use super::recipe::{Recipe, RecipeStep};

pub(super) fn recipe(project: &Project) -> Recipe {
    let packages = Packages::find(project);
    let compile = RecipeStep::new("compile", format!("python3 -m compileall -q {}", sources(project)));
    let mut steps = match test(project, &packages) {
        Ok(test) => vec![compile, test],
        Err(reason) => vec![compile.with_comment(reason)],
    };
    if builds_wheels(project, &packages) {
        let wheel = "python3 -m pip wheel -q --no-index --no-deps --no-build-isolation -w dist .";
        steps.push(RecipeStep::new("wheel", wheel));
        return Recipe::built(steps, vec!["dist/*.whl".to_owned()]);
    }
    Recipe::archived(steps, &project.name)
}

/// Where the code lies: test data may be wrong on purpose.
fn sources(project: &Project) -> String {
    if project.has_folder("src") {
        return "src".to_owned();
    }
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let mut found: Vec<&str> = project
        .files()
        .filter(|file| match file.split_once('/') {
            Some((folder, rest)) => rest == "__init__.py" && !folder.starts_with("test"),
            None => file.ends_with(".py"),
        })
        .map(|file| file.trim_end_matches("/__init__.py"))
        .filter(|name| plain(name) && !name.starts_with('-'))
        .collect();
    found.sort_unstable();
    if found.is_empty() { ".".to_owned() } else { found.join(" ") }
}

fn test(project: &Project, packages: &Packages) -> Result<RecipeStep, &'static str> {
    let path = if project.has_folder("src") { "PYTHONPATH=src " } else { "" };
    let settings =
        ["pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini"].map(|file| project.text(file)).concat();
    let is_test = |file: &str| {
        let name = file.rsplit('/').next().unwrap_or_default();
        name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
    };
    if !project.files().any(is_test) {
        return Err("No tests were found. They would be a step after this one.");
    }
    let wants_pytest = settings.contains("pytest")
        || project.files().any(|file| file.ends_with("conftest.py"))
        || project
            .files()
            .filter(|file| is_test(file))
            .any(|file| project.text(file).contains("import pytest"));
    let installed =
        "Packages that the tests need must be installed in the Python that jobs see: `palisade doctor`.";
    if packages.has("pytest") {
        // Options for a plugin that is not there would fail the run.
        let plain = settings.contains("--cov") && !packages.has("pytest_cov");
        let options = if plain { " -o addopts=" } else { "" };
        let script = format!("{path}python3 -m pytest -q{options}");
        return Ok(RecipeStep::new("test", script).with_comment(installed));
    }
    if wants_pytest {
        return Err(
            "The tests want pytest, and the Python that jobs see has none (`palisade doctor` shows which).\n\
                    Once it has: a step with `python3 -m pytest -q`.",
        );
    }
    let folder = ["tests", "test"].into_iter().find(|folder| project.has_folder(folder));
    let search = match folder {
        Some(folder) if project.has(&format!("{folder}/__init__.py")) => format!(" -s {folder} -t ."),
        Some(folder) => format!(" -s {folder}"),
        None => String::new(),
    };
    let path = if path.is_empty() { "PYTHONPATH=. " } else { path };
    Ok(RecipeStep::new("test", format!("{path}python3 -m unittest discover{search}")).with_comment(installed))
}

/// Whether the project can be built with what is installed, without an index.
fn builds_wheels(project: &Project, packages: &Packages) -> bool {
    let settings = project.text("pyproject.toml");
    let named = settings
        .lines()
        .find_map(|line| line.trim().strip_prefix("build-backend")?.trim_start().strip_prefix('='))
        .and_then(|value| value.trim().trim_matches(['"', '\'']).split(['.', ':']).next());
    let backend = match named {
        Some(backend) => backend,
        None if project.has("setup.py") || settings.contains("[build-system]") => "setuptools",
        None => return false,
    };
    // Before 70.1 setuptools needs a package of its own for wheels.
    let complete =
        backend != "setuptools" || packages.has("wheel") || packages.has("setuptools/command/bdist_wheel.py");
    packages.has("pip") && complete && has_requirements(&settings, backend, packages)
}

/// Whether what `[build-system]` requires is installed, by name and first number of its version.
fn has_requirements(settings: &str, backend: &str, packages: &Packages) -> bool {
    let list = settings
        .split_once("\nrequires")
        .or_else(|| settings.split_once("requires"))
        .filter(|_| settings.contains("[build-system]"))
        .and_then(|(_, rest)| rest.split_once('[')?.1.split_once(']'))
        .map_or("", |(list, _)| list);
    let requirements = list.split(['"', '\'']).skip(1).step_by(2);
    packages.has(backend)
        && requirements.into_iter().all(|requirement| {
            let name_end = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
            let name = requirement.split(name_end).next().unwrap_or_default();
            let least = requirement.split_once(">=").and_then(|(_, version)| first_number(version));
            packages.version(name).is_some_and(|version| least.is_none_or(|least| version >= least))
        })
}

fn first_number(version: &str) -> Option<u32> {
    version.trim().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The packages that the `python3` of jobs can import.
struct Packages {
    folders: Vec<PathBuf>,
}

impl Packages {
    fn find(project: &Project) -> Self {
        let Some(python) = project.program("python3") else { return Self { folders: Vec::new() } };
        let Some(prefix) = python.parent().and_then(|bin| bin.parent()) else {
            return Self { folders: Vec::new() };
        };
        let mut folders = vec![prefix.join("lib/python3/dist-packages")];
        let versions = [prefix.join("lib"), prefix.join("local/lib")];
        for entry in versions.iter().filter_map(|lib| fs::read_dir(lib).ok()).flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("python3.") {
                folders.extend(["site-packages", "dist-packages"].map(|name| entry.path().join(name)));
            }
        }
        Self { folders }
    }

    fn has(&self, package: &str) -> bool {
        let single = format!("{package}.py");
        self.folders.iter().any(|folder| folder.join(package).exists() || folder.join(&single).exists())
    }

    /// The first number of an installed package's version.
    fn version(&self, package: &str) -> Option<u32> {
        let normal = |name: &str| name.to_ascii_lowercase().replace(['-', '.'], "_");
        let entries = self.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let found = names.filter_map(|name| {
            let (name, version) = name.strip_suffix(".dist-info")?.split_once('-')?;
            (normal(name) == normal(package)).then(|| first_number(version))?
        });
        found.max()
    }
}

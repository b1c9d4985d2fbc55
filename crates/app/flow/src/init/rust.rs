use globset::Glob;

use super::project::Project;
use super::recipe::{Recipe, RecipeStep};

pub(super) fn recipe(project: &Project) -> Recipe {
    let manifest = project.text("Cargo.toml");
    let workspace = if section(&manifest, "workspace").is_some() { " --workspace" } else { "" };
    let locked = if project.has("Cargo.lock") { " --locked" } else { "" };
    let flags = format!("{workspace} --offline{locked}");
    let test = RecipeStep::new("test", format!("cargo test{flags}"));
    let programs = programs(project, &manifest);
    if !programs.is_empty() && !builds_elsewhere(project) {
        let build = RecipeStep::new("build", format!("cargo build --release{flags}"))
            .with_comment("Dependencies come from the host's cargo registry: `cargo fetch` fills it.");
        let outputs = programs.into_iter().map(|program| format!("target/release/{program}"));
        return Recipe::built(vec![build, test], outputs.collect());
    }
    let test = test.with_comment("Dependencies come from the host's cargo registry: `cargo fetch` fills it.");
    let published = workspace.is_empty() && !manifest.contains("path = \"..") && !manifest.contains("git = ");
    if published && package_name(&manifest).is_some() && !builds_elsewhere(project) {
        let package = RecipeStep::new("package", format!("cargo package --no-verify --offline{locked}"));
        return Recipe::built(vec![test, package], vec!["target/package/*.crate".to_owned()]);
    }
    Recipe::archived(vec![test], &project.name)
}

/// Whether cargo is told not to write to `target/release`.
fn builds_elsewhere(project: &Project) -> bool {
    ["target-dir", "target ="].iter().any(|key| {
        [".cargo/config.toml", ".cargo/config"].iter().any(|file| project.text(file).contains(key))
    })
}

/// Names of the programs of the package and of the workspace's members, sorted.
fn programs(project: &Project, manifest: &str) -> Vec<String> {
    let mut programs = package_programs(project, "", manifest);
    for member in members(project, manifest) {
        let manifest = project.text(&format!("{member}/Cargo.toml"));
        programs.extend(package_programs(project, &format!("{member}/"), &manifest));
    }
    programs.sort();
    programs.dedup();
    programs
}

/// Folders of the workspace's members.
fn members(project: &Project, manifest: &str) -> Vec<String> {
    let Some(workspace) = section(manifest, "workspace") else { return Vec::new() };
    let list = |key: &str| {
        let (_, rest) = workspace.split_once(key)?;
        let (list, _) = rest.split_once('[')?.1.split_once(']')?;
        let globs = list.split('"').skip(1).step_by(2);
        Some(globs.filter_map(|glob| Glob::new(glob.trim_end_matches('/')).ok()).collect::<Vec<_>>())
    };
    let globs = list("members").unwrap_or_default();
    let matchers: Vec<_> = globs.iter().map(Glob::compile_matcher).collect();
    project
        .files()
        .filter_map(|file| file.strip_suffix("/Cargo.toml"))
        .filter(|folder| matchers.iter().any(|matcher| matcher.is_match(folder)))
        .map(str::to_owned)
        .collect()
}

fn package_programs(project: &Project, folder: &str, manifest: &str) -> Vec<String> {
    let Some(package) = package_name(manifest) else { return Vec::new() };
    let mut programs = Vec::new();
    let mut renamed = false;
    for table in manifest.split("[[bin]]").skip(1) {
        let table = table.split("\n[").next().unwrap_or_default();
        renamed |= value(table, "path").is_some_and(|path| path == "src/main.rs");
        if !table.contains("required-features") {
            programs.extend(value(table, "name"));
        }
    }
    if project.has(&format!("{folder}src/main.rs")) && !renamed {
        programs.push(package);
    }
    let own = format!("{folder}src/bin/");
    for file in project.files().filter_map(|file| file.strip_prefix(&own)) {
        let name = file.strip_suffix("/main.rs").or_else(|| file.strip_suffix(".rs"));
        let known = |name: &str| manifest.contains(&format!("src/bin/{name}"));
        programs.extend(name.filter(|name| !name.contains('/') && !known(name)).map(str::to_owned));
    }
    programs
}

fn package_name(manifest: &str) -> Option<String> {
    value(section(manifest, "package")?, "name")
}

/// The lines below `[name]`, to the next table.
fn section<'a>(manifest: &'a str, name: &str) -> Option<&'a str> {
    let heading = format!("[{name}]\n");
    let body = match manifest.strip_prefix(&heading) {
        Some(body) => body,
        None => manifest.split_once(&format!("\n{heading}"))?.1,
    };
    Some(body.split("\n[").next().unwrap_or(body))
}

/// A plain word of a table; a form that manifests seldom have costs only a better guess.
fn value(table: &str, key: &str) -> Option<String> {
    let line =
        table.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('='))?;
    let value = line.trim().strip_prefix('"')?.split('"').next()?;
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    (plain && !value.is_empty()).then(|| value.to_owned())
}

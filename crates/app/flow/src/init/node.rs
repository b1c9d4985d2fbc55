use serde_json::Value;

use super::project::Project;
use super::recipe::{Recipe, RecipeStep};

pub(super) fn recipe(project: &Project) -> Recipe {
    let package: Value = serde_json::from_str(&project.text("package.json")).unwrap_or_default();
    let mut steps = Vec::new();
    match installer(project, &package) {
        Installer::Npm(command) => {
            let filler =
                if command.is_some_and(|command| command.contains("npm ci")) { "ci" } else { "install" };
            let comment = format!("Packages come from the host's npm cache: `npm {filler}` fills it.");
            steps.extend(command.map(|command| RecipeStep::new("install", command).with_comment(comment)));
            steps.extend(script(&package, "build").map(|_| RecipeStep::new("build", "npm run build")));
            steps.extend(test(project, &package));
        }
        Installer::Missing(program) => {
            steps.push(check().with_comment(format!(
                "The lockfile is {program}'s, which jobs don't see. When they do: install, build and test here."
            )));
            return Recipe::archived(steps, &project.name);
        }
    }
    if steps.is_empty() {
        steps.push(check());
    }
    let is_public = package.get("private").and_then(Value::as_bool) != Some(true);
    if is_public && ["name", "version"].iter().all(|key| package.get(key).is_some_and(Value::is_string)) {
        steps.push(RecipeStep::new("package", "npm pack --cache /tmp/npm-pack"));
        return Recipe::built(steps, vec!["*.tgz".to_owned()]);
    }
    Recipe::archived(steps, &project.name)
}

/// To resolve versions npm writes to its cache's index, and the host's is read-only.
const INSTALL_WITHOUT_LOCK: &str = "\
mkdir -p /tmp/npm/_cacache
cp -r \"$npm_config_cache/_cacache/index-v5\" /tmp/npm/_cacache/
ln -s \"$npm_config_cache/_cacache/content-v2\" /tmp/npm/_cacache/
npm install --cache /tmp/npm --offline --ignore-scripts --no-package-lock";

enum Installer {
    /// The command, if there is something to install.
    Npm(Option<&'static str>),
    /// The project wants another program, and jobs would not find it.
    Missing(&'static str),
}

fn installer(project: &Project, package: &Value) -> Installer {
    if ["package-lock.json", "npm-shrinkwrap.json"].iter().any(|file| project.has(file)) {
        return Installer::Npm(Some("npm ci --offline --ignore-scripts"));
    }
    let others =
        [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun")];
    if let Some((_, program)) = others.into_iter().find(|(file, _)| project.has(file)) {
        return Installer::Missing(program);
    }
    let kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
    let is_filled =
        |key: &&str| package.get(key).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
    Installer::Npm(kinds.iter().any(is_filled).then_some(INSTALL_WITHOUT_LOCK))
}

/// The package's own tests, if its source has them: a published package names them and leaves them out.
fn test(project: &Project, package: &Value) -> Option<RecipeStep> {
    let script = script(package, "test")?;
    let is_test = |file: &str| file.contains("test") || file.contains("spec");
    let names_file = || script.split_whitespace().any(|word| project.has(word.trim_start_matches("./")));
    let has_tests = project.files().any(is_test) || names_file();
    (!script.contains("no test specified") && has_tests).then(|| RecipeStep::new("test", "npm test"))
}

fn script<'a>(package: &'a Value, name: &str) -> Option<&'a str> {
    package.get("scripts")?.get(name)?.as_str()
}

fn check() -> RecipeStep {
    RecipeStep::new("check", "find . -name '*.js' -not -path './node_modules/*' -exec node --check {} +")
}

use super::project::Project;
use super::recipe::{Recipe, RecipeStep};

/// The most source files that are looked into for a `package main`.
const MOST_SOURCES: usize = 2000;

pub(super) fn recipe(project: &Project) -> Recipe {
    let modules = "Modules come from the host's cache: `go mod download` fills it.";
    let test = RecipeStep::new("test", "go test ./...");
    if has_program(project) {
        let build = RecipeStep::new("build", "mkdir -p bin\ngo build -trimpath -o bin/ ./...");
        return Recipe::built(vec![build.with_comment(modules), test], vec!["bin/".to_owned()]);
    }
    Recipe::archived(
        vec![RecipeStep::new("build", "go build ./...").with_comment(modules), test],
        &project.name,
    )
}

/// Whether `go build ./...` makes a program.
fn has_program(project: &Project) -> bool {
    let sources = project.files().filter(|file| file.ends_with(".go") && !file.ends_with("_test.go"));
    let nested: Vec<&str> = project.files().filter_map(|file| file.strip_suffix("go.mod")).collect();
    sources
        .filter(|file| !file.split('/').any(is_left_out))
        .filter(|file| !nested.iter().any(|module| !module.is_empty() && file.starts_with(module)))
        .take(MOST_SOURCES)
        .any(|file| is_main(&project.text(file)))
}

/// Names that `./...` does not match.
fn is_left_out(component: &str) -> bool {
    component.starts_with(['.', '_']) || component == "testdata" || component == "vendor"
}

/// A program for every platform: what has a build constraint may be left out here.
fn is_main(source: &str) -> bool {
    let mut head = source.lines().map(str::trim).take_while(|line| !line.starts_with("import"));
    !source.contains("//go:build") && head.any(|line| line == "package main")
}

use super::project::Project;
use super::recipe::{Recipe, RecipeStep};

pub(super) fn cmake(project: &Project) -> Recipe {
    let build = "cmake -B build -S . -DCMAKE_BUILD_TYPE=Release\ncmake --build build --parallel \"$(nproc)\"";
    let test = "ctest --test-dir build --output-on-failure --no-tests=ignore";
    let steps = vec![RecipeStep::new("build", build), RecipeStep::new("test", test)];
    Recipe::archived(steps, &project.name)
}

pub(super) fn meson(project: &Project) -> Recipe {
    let build = RecipeStep::new("build", "meson setup build\nmeson compile -C build");
    let test = RecipeStep::new("test", "meson test -C build");
    Recipe::archived(vec![build, test], &project.name)
}

pub(super) fn make(project: &Project) -> Recipe {
    Recipe::archived(made("make", &makefile(project)), &project.name)
}

pub(super) fn configure(project: &Project) -> Recipe {
    Recipe::archived(made("./configure\nmake", &project.text("Makefile.in")), &project.name)
}

fn made(build: &str, makefile: &str) -> Vec<RecipeStep> {
    let test = ["check", "test", "tests"].into_iter().find(|target| has_target(makefile, target));
    let mut steps = vec![RecipeStep::new("build", build)];
    steps.extend(test.map(|target| RecipeStep::new("test", format!("make {target}"))));
    steps
}

fn makefile(project: &Project) -> String {
    // The order in which make looks for them.
    let files = ["GNUmakefile", "makefile", "Makefile"];
    files.into_iter().find(|file| project.has(file)).map(|file| project.text(file)).unwrap_or_default()
}

/// Whether a rule of the makefile has this target; assignments such as `test := x` have none.
fn has_target(makefile: &str, target: &str) -> bool {
    makefile.lines().filter(|line| !line.starts_with(['\t', ' ', '#', '.'])).any(|line| {
        let Some((targets, rest)) = line.split_once(':') else { return false };
        !rest.trim_start_matches(':').starts_with('=')
            && targets.split_whitespace().any(|name| name == target)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_from_assignments_and_recipes() {
        let makefile = ".PHONY: check\nall test: x.o\n\tcc check: x\ncheck := 1\ntests ::= 2\n";
        assert!(has_target(makefile, "test") && has_target(makefile, "all"));
        assert!(!has_target(makefile, "check") && !has_target(makefile, "tests"));
    }
}

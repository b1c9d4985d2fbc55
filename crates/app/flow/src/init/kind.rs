use super::project::Project;
use super::recipe::{Recipe, RecipeStep};
use super::{go, native, node, python, rust};

/// What a project is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rust,
    Go,
    Node,
    Python,
    CMake,
    Meson,
    Make,
    Configure,
    Files,
}

impl Kind {
    /// Decides by the first manifest found. Of the ways to build in C, one whose program is there.
    pub(super) fn of(project: &Project) -> Self {
        let has = |names: &[&str]| names.iter().any(|name| project.has(name));
        let makes = has(&["GNUmakefile", "makefile", "Makefile"]);
        let works = |program: &str| project.program(program).is_some();
        match () {
            () if has(&["Cargo.toml"]) => Self::Rust,
            () if has(&["go.mod"]) => Self::Go,
            () if has(&["package.json"]) => Self::Node,
            () if has(&["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"]) => Self::Python,
            () if has(&["CMakeLists.txt"]) && (works("cmake") || !makes) => Self::CMake,
            () if has(&["meson.build"]) && works("meson") => Self::Meson,
            () if makes => Self::Make,
            () if has(&["configure"]) => Self::Configure,
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
            Self::Meson => "a Meson project",
            Self::Make => "a project with a Makefile",
            Self::Configure => "a project with a configure script",
            Self::Files => "a folder of files",
        }
    }

    /// Whether such projects take packages from a registry that advisories speak of.
    pub(super) const fn has_registry(self) -> bool {
        matches!(self, Self::Rust | Self::Go | Self::Node | Self::Python)
    }

    pub(super) fn recipe(self, project: &Project) -> Recipe {
        match self {
            Self::Rust => rust::recipe(project),
            Self::Go => go::recipe(project),
            Self::Node => node::recipe(project),
            Self::Python => python::recipe(project),
            Self::CMake => native::cmake(project),
            Self::Meson => native::meson(project),
            Self::Make => native::make(project),
            Self::Configure => native::configure(project),
            Self::Files => {
                let build = RecipeStep::new("build", "echo 'nothing to build'")
                    .with_comment("Your build command in place of this line.");
                Recipe::archived(vec![build], &project.name)
            }
        }
    }
}

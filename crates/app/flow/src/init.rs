//! Writes a first pipeline file from what lies in a folder. Reads names and a few manifest lines; executes nothing.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use palisade_sys::{FileErrorKind, Mode};

use crate::project::PIPELINE_FILE;
use crate::{Context, FlowError};

mod kind;

use kind::{Kind, Recipe};

/// What `init` did.
#[derive(Debug, Clone)]
pub struct Initialised {
    /// The file written.
    pub path: PathBuf,
    /// What the project was taken for, such as `a Rust package`.
    pub kind: &'static str,
}

/// Writes a pipeline file into `folder` that works as it stands. An existing one is kept unless `force`.
pub fn init(context: &Context, folder: &Path, force: bool) -> Result<Initialised, FlowError> {
    let root = folder
        .canonicalize()
        .map_err(|error| FlowError::usage(format!("cannot open `{}`: {error}", folder.display())))?;
    if !root.is_dir() {
        return Err(FlowError::usage(format!("`{}` is not a folder", folder.display())));
    }
    let mut salt = [0; 16];
    context.random.fill(&mut salt).map_err(FlowError::bug)?;
    let kind = Kind::of(&root);
    let name = project_name(&root);
    let text = pipeline(&name, &salt, &kind.recipe(&root, &name));
    let path = root.join(PIPELINE_FILE);
    let written = match force {
        true => context.files.write(&path, text.as_bytes(), Mode::Shared),
        false => context.files.create(&path, text.as_bytes(), Mode::Shared),
    };
    match written {
        Err(error) if error.kind == FileErrorKind::Exists => Err(FlowError::usage_with_hint(
            format!("there is a {PIPELINE_FILE} in `{}` already", folder.display()),
            "`--force` replaces it",
        )),
        written => Ok(written.map(|()| Initialised { path, kind: kind.name() })?),
    }
}

/// The folder's name, as far as it fits a project's.
fn project_name(root: &Path) -> String {
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let fit = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(fit).skip_while(|c| !c.is_ascii_alphanumeric()).take(64).collect();
    if name.is_empty() { "project".to_owned() } else { name }
}

fn pipeline(name: &str, salt: &[u8], recipe: &Recipe) -> String {
    let mut text = String::new();
    let salt = salt.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let _ = write!(
        text,
        "# What happens to a change of this project. `palisade plan` shows it compiled, `palisade run` does it.\n\
         # Every key: docs/pipeline.md of Palisade.\n\
         version: 1\n\
         name: {name}\n\
         # Public and random: keeps fingerprints of findings from being compared across projects. Do not change it.\n\
         salt: {salt}\n\
         \n\
         # Jobs run in a sandbox: the snapshot of this folder, the system's programs, no network, no secrets.\n\
         jobs:\n"
    );
    for job in &recipe.jobs {
        let _ = writeln!(text, "  {}:", job.name);
        if let Some(needs) = job.needs {
            let _ = writeln!(text, "    needs: [{needs}]");
        }
        text.push_str("    steps:\n");
        for (step, script) in &job.steps {
            let _ = writeln!(text, "      - name: {step}");
            text.push_str("        run: |\n");
            for line in script.lines() {
                let _ = writeln!(text, "          {line}");
            }
        }
        match job.outputs.as_slice() {
            [] => text.push_str("    # outputs: [dist/]        # files to keep, as globs\n"),
            outputs => {
                let _ = writeln!(text, "    outputs: [{}]", outputs.join(", "));
            }
        }
        text.push('\n');
    }
    text.push_str("# What a passing run releases, with its evidence.\nrelease:\n");
    let _ = writeln!(text, "  artifacts: [{}]", recipe.artifacts.join(", "));
    text
}

#[cfg(test)]
mod tests {
    use palisade_config::PipelineFile;

    use super::*;

    fn text_for(files: &[(&str, &str)]) -> (String, &'static str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let kind = Kind::of(folder.path());
        (pipeline("x", &[7; 16], &kind.recipe(folder.path(), "x")), kind.name())
    }

    #[test]
    fn every_kind_of_project_gets_a_file_that_parses() {
        let projects: &[(&str, &[(&str, &str)])] = &[
            (
                "a Rust package",
                &[("Cargo.toml", "[package]\nname = \"tool\"\n"), ("Cargo.lock", ""), ("src/main.rs", "")],
            ),
            ("a Rust package", &[("Cargo.toml", "[package]\nname = \"lib\"\n"), ("src/lib.rs", "")]),
            ("a Go module", &[("go.mod", "module x\n"), ("main.go", "package main\n")]),
            ("a Go module", &[("go.mod", "module x\n"), ("x.go", "package x\n")]),
            (
                "a Node package",
                &[("package.json", r#"{"scripts":{"test":"node test.js","build":"node b.js"}}"#)],
            ),
            ("a Node package", &[("package.json", "not json")]),
            ("a Python project", &[("pyproject.toml", ""), ("tests/test_x.py", "")]),
            ("a CMake project", &[("CMakeLists.txt", "")]),
            ("a project with a Makefile", &[("Makefile", "all:\n\ncheck:\n")]),
            ("a folder of files", &[("README", "")]),
        ];
        for (kind, files) in projects {
            let (text, found) = text_for(files);
            assert_eq!(found, *kind);
            let parsed = PipelineFile::parse(text.as_bytes());
            assert!(parsed.problems.is_empty(), "{kind}: {:?}\n{text}", parsed.problems);
            assert!(!parsed.value.unwrap().jobs.is_empty());
        }
    }

    #[test]
    fn odd_folder_names_become_project_names() {
        assert_eq!(project_name(Path::new("/a/my project!")), "my-project-");
        assert_eq!(project_name(Path::new("/a/...")), "project");
        assert_eq!(project_name(Path::new("/")), "project");
    }
}

//! Writes a first pipeline file from what lies in a folder. Reads names and a few manifest lines; executes nothing.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use palisade_sys::{FileErrorKind, Mode};

use crate::advisories::usable_database;
use crate::project::PIPELINE_FILE;
use crate::{Context, FlowError};

mod go;
mod kind;
mod native;
mod node;
mod project;
mod python;
mod recipe;
mod rust;

use kind::Kind;
use project::Project;
use recipe::{Recipe, RecipeJob};

/// What `init` did.
#[derive(Debug, Clone)]
pub struct Initialised {
    /// The file written.
    pub path: PathBuf,
    /// What the project was taken for, such as `a Rust package`.
    pub kind: &'static str,
    /// Whether its dependencies cannot be judged yet, because there is no database of advisories that can be used.
    pub wants_advisories: bool,
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
    let project = Project::open(&root, &context.folders.home, &context.search_path)?;
    let kind = Kind::of(&project);
    let text = pipeline(&project.name, &salt, &kind.recipe(&project));
    let path = root.join(PIPELINE_FILE);
    let written = match force {
        true => context.files.write(&path, text.as_bytes(), Mode::Shared),
        false => context.files.create(&path, text.as_bytes(), Mode::Shared),
    };
    match written {
        Err(error) if error.kind == FileErrorKind::Exists => {
            return Err(FlowError::usage_with_hint(
                format!("there is a {PIPELINE_FILE} in `{}` already", folder.display()),
                "`--force` replaces it",
            ));
        }
        written => written?,
    }
    if !Project::open(&root, &context.folders.home, &context.search_path)?.has(PIPELINE_FILE) {
        return Err(FlowError::usage_with_hint(
            format!(
                "wrote {PIPELINE_FILE}, but .gitignore covers it: what is ignored is not part of the change"
            ),
            format!("add the line `!/{PIPELINE_FILE}` to .gitignore, then `palisade run`"),
        ));
    }
    let wants_advisories = kind.has_registry() && usable_database(context).is_err();
    Ok(Initialised { path, kind: kind.name(), wants_advisories })
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
        write_job(&mut text, job);
        text.push('\n');
    }
    text.push_str("# What a passing run releases, with its evidence.\nrelease:\n");
    let _ = writeln!(text, "  artifacts: [{}]", list(&recipe.artifacts));
    text
}

fn write_job(text: &mut String, job: &RecipeJob) {
    let _ = writeln!(text, "  {}:", job.name);
    if let Some(needs) = job.needs {
        let _ = writeln!(text, "    needs: [{needs}]");
    }
    text.push_str("    steps:\n");
    for step in &job.steps {
        for line in step.comment.lines() {
            let _ = writeln!(text, "      # {line}");
        }
        let _ = writeln!(text, "      - name: {}", step.name);
        if is_plain(&step.script) {
            let _ = writeln!(text, "        run: {}", step.script);
            continue;
        }
        text.push_str("        run: |\n");
        for line in step.script.lines() {
            let _ = writeln!(text, "          {line}");
        }
    }
    if job.outputs.is_empty() {
        text.push_str("    # Files to keep and to release, as globs, such as:\n    # outputs: [dist/]\n");
    } else {
        let _ = writeln!(text, "    outputs: [{}]", list(&job.outputs));
    }
}

/// Whether a script is one line that YAML takes as it is.
fn is_plain(script: &str) -> bool {
    script.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
        && !script.ends_with(':')
        && ["\n", ": ", " #"].iter().all(|special| !script.contains(special))
}

/// Globs for a YAML list, quoted where they need it.
fn list(globs: &[String]) -> String {
    let plain = |glob: &str| {
        glob.starts_with(|c: char| c.is_ascii_alphanumeric())
            && glob.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./*".contains(&byte))
    };
    let quoted = globs.iter().map(|glob| if plain(glob) { glob.clone() } else { format!("\"{glob}\"") });
    quoted.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use palisade_config::PipelineFile;

    use super::*;

    fn text_for(files: &[(&str, &str)]) -> (String, &'static str) {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git").arg("init").arg("-q").arg(folder.path()).status();
        assert!(made.unwrap().success(), "only git ignores");
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let project = Project::open(folder.path(), Path::new("/nonexistent"), "".as_ref()).unwrap();
        let kind = Kind::of(&project);
        (pipeline("x", &[7; 16], &kind.recipe(&project)), kind.name())
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
    fn recipes_follow_what_is_in_the_snapshot() {
        const NPM: &str =
            r#"{"name":"n","version":"1.0.0","dependencies":{"a":"1"},"scripts":{"test":"tap"}}"#;
        let cargo = "[package]\nname = \"tool\"\n\n[[bin]]\nname = \"tl\"\npath = \"src/main.rs\"\n";
        let workspace = "[workspace]\nmembers = [\n  \"crates/*\",\n]\n";
        let main = "package main\n\nimport \"os\"\n";
        // Files, what must be in the pipeline, what must not.
        type Case =
            (&'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);
        let cases: &[Case] = &[
            (
                &[("Cargo.toml", ""), (".gitignore", "Cargo.lock"), ("Cargo.lock", "")],
                &["cargo test"],
                &["locked"],
            ),
            (
                &[("go.mod", ""), ("gen.go", "//go:build ignore\n\npackage main\n")],
                &["go build ./..."],
                &["bin"],
            ),
            (&[("go.mod", ""), ("vendor/x/main.go", "package main\n")], &["go build ./..."], &["bin"]),
            (
                &[("package.json", NPM), ("a.test.js", "")],
                &["npm install --cache", "npm test", "\"*.tgz\""],
                &["npm ci"],
            ),
            (
                &[("package.json", NPM), ("package-lock.json", "")],
                &["npm ci --offline"],
                &["npm install ", "npm test"],
            ),
            (
                &[("package.json", NPM), ("pnpm-lock.yaml", "")],
                &["pnpm's", "node --check"],
                &["npm ci", "npm test"],
            ),
            (
                &[("setup.py", ""), ("src/m.py", ""), ("test_m.py", "")],
                &["PYTHONPATH=src", "-q src"],
                &["-t ."],
            ),
        ];
        for (files, there, not_there) in cases {
            let (text, _) = text_for(files);
            assert!(there.iter().all(|part| text.contains(part)), "{there:?}\n{text}");
            assert!(!not_there.iter().any(|part| text.contains(part)), "{not_there:?}\n{text}");
        }
        let (text, _) = text_for(&[("Cargo.toml", cargo), ("src/main.rs", ""), ("src/bin/other.rs", "")]);
        assert!(text.contains("outputs: [target/release/other, target/release/tl]"), "{text}");
        let member = [("Cargo.toml", workspace), ("crates/a/Cargo.toml", "[package]\nname = \"aa\"\n")];
        let (text, _) = text_for(&[member[0], member[1], ("crates/a/src/main.rs", "")]);
        assert!(text.contains("--workspace") && text.contains("[target/release/aa]"), "{text}");
        assert!(text_for(&[("go.mod", ""), ("cmd/x/main.go", main)]).0.contains("outputs: [bin/]"));
    }
}

//! What gitleaks' documentation and its own tests say of its configuration. Every file here was written for these tests.

#![cfg(test)]
#![forbid(unsafe_code)]

mod hostile;
mod keys;
mod layers;
mod refusals;
mod syntax;

use palisade_gitleaks::{Configuration, GitleaksFile, assemble};
use palisade_model::{Level, Problem};

/// A file that must be usable, without any remark.
fn file(text: &str) -> GitleaksFile {
    let (file, problems) = GitleaksFile::parse(text.as_bytes());
    assert_eq!(problems, [], "{text}");
    file.unwrap()
}

/// The configuration of files that must be usable, and what was said of them.
fn together(texts: &[&str]) -> (Configuration, Vec<String>) {
    let files: Vec<_> = texts.iter().map(|text| file(text)).collect();
    let (configuration, problems) = assemble(&files, &|id| id == "built-in");
    let said = problems.iter().map(|found| format!("{}: {}", found.file, found.problem.message)).collect();
    (configuration.unwrap_or_else(|| panic!("{problems:?}")), said)
}

/// All that is wrong with one file alone, and with it put together.
fn problems(text: &str) -> Vec<Problem> {
    let (file, mut problems) = GitleaksFile::parse(text.as_bytes());
    if let Some(file) = file {
        let (configuration, more) = assemble(&[file], &|id| id == "built-in");
        let refused = more.iter().any(|found| found.problem.level == Level::Error);
        assert_eq!(configuration.is_none(), refused, "{text}");
        problems.extend(more.into_iter().map(|found| found.problem));
    }
    problems
}

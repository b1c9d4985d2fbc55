use palisade_lockfile::{Record, recognise};
use palisade_model::{Package, Reading, RepoPath};

pub(crate) fn record(path: &str, bytes: &[u8]) -> Record {
    let format = recognise(path).unwrap_or_else(|| panic!("{path} is not recognised"));
    Record::read(format, RepoPath::from_bytes(path).unwrap(), Vec::new(), bytes)
}

pub(crate) fn read(path: &str, text: &str) -> Reading {
    record(path, text.as_bytes()).reading().clone()
}

/// `name version scope relation line -> needs`, a range in the place of the version when none is pinned.
pub(crate) fn shown(package: &Package) -> String {
    let version =
        package.version.clone().or_else(|| package.wanted.as_ref().map(|wanted| format!("({wanted})")));
    let relation = format!("{:?}", package.relation).to_ascii_lowercase();
    let mut line = format!(
        "{} {} {} {relation} {}",
        package.name,
        version.as_deref().unwrap_or("?"),
        package.scope.name(),
        package.line
    );
    if !package.dependencies.is_empty() {
        line.push_str(&format!(" -> {:?}", package.dependencies));
    }
    line
}

/// Reads a record in which nothing is wrong.
pub(crate) fn packages(path: &str, text: &str) -> Vec<String> {
    let reading = read(path, text);
    assert_eq!(reading.problems, [], "{path}");
    reading.packages.iter().map(shown).collect()
}

/// The lines of what is wrong; 0 is the whole record.
pub(crate) fn problem_lines(path: &str, text: &str) -> Vec<u32> {
    read(path, text).problems.iter().map(|problem| problem.line.unwrap_or(0)).collect()
}

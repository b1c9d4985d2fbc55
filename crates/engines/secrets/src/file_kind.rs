//! What the name of a file says about what is in it.

use palisade_model::RepoPath;

/// Folders whose content is made up for tests and documentation.
const EXAMPLE_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "test-data",
    "test_data",
    "__tests__",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "example",
    "examples",
    "sample",
    "samples",
    "mock",
    "mocks",
    "demo",
    "demos",
];
/// Ends of file names that say the same.
const EXAMPLE_ENDS: &[&str] = &[".example", ".sample", ".template", ".tmpl", ".dist"];
/// Parts of file names that say the same.
const EXAMPLE_PARTS: &[&str] =
    &["_test.", ".test.", ".spec.", "_spec.", ".example.", ".sample.", ".template."];
/// File names and their ends in which values need no quotes.
const UNQUOTED_ENDS: &[&str] = &[
    ".bash",
    ".cfg",
    ".conf",
    ".cnf",
    ".config",
    ".credentials",
    ".env",
    ".ini",
    ".npmrc",
    ".properties",
    ".pypirc",
    ".secrets",
    ".service",
    ".sh",
    ".tfvars",
    ".toml",
    ".yaml",
    ".yml",
    ".zsh",
    "dockerfile",
    "credentials",
];

/// Whether the path says that the content is made up.
pub(crate) fn is_example(path: &RepoPath) -> bool {
    let path = String::from_utf8_lossy(path.as_bytes()).to_ascii_lowercase();
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    parts.any(|folder| EXAMPLE_FOLDERS.contains(&folder))
        || name.starts_with("test_")
        || EXAMPLE_ENDS.iter().any(|end| name.ends_with(end))
        || EXAMPLE_PARTS.iter().any(|part| name.contains(part))
}

/// Whether values need no quotes in a file of this name.
pub(crate) fn takes_unquoted(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    UNQUOTED_ENDS.iter().any(|end| name.ends_with(end.as_bytes())) || name.starts_with(b".env")
}

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
/// Ends of the names of source code and of data in which every text has quotes: a bare word there is a name or a number.
const QUOTED_ENDS: &[&str] = &[
    ".asp", ".aspx", ".c", ".cc", ".cjs", ".clj", ".cpp", ".cs", ".cshtml", ".css", ".cxx", ".d", ".dart",
    ".ejs", ".elm", ".erb", ".erl", ".ex", ".exs", ".fs", ".go", ".gradle", ".groovy", ".h", ".haml", ".hbs",
    ".hpp", ".hs", ".htm", ".html", ".inc", ".ipynb", ".java", ".jl", ".js", ".json", ".jsp", ".jsx", ".kt",
    ".kts", ".less", ".lua", ".m", ".mdx", ".mjs", ".ml", ".mm", ".mts", ".nim", ".php", ".pl", ".pm",
    ".proto", ".ps1", ".psm1", ".py", ".pyi", ".r", ".rb", ".rs", ".sass", ".scala", ".scss", ".slim",
    ".snap", ".sol", ".sql", ".svelte", ".swift", ".tf", ".hcl", ".tpl", ".ts", ".tsx", ".vb", ".vue",
    ".wasm", ".zig", ".lock",
];

/// Folders whose files hold texts for people in many languages.
const TRANSLATION_FOLDERS: &[&str] = &[
    "i18n",
    "l10n",
    "lang",
    "language",
    "langs",
    "languages",
    "locale",
    "locales",
    "nls",
    "translation",
    "translations",
];

/// Whether the path says that the file translates what programs say: there a word beside `password` is the label of a field.
pub(crate) fn is_translation(path: &RepoPath) -> bool {
    let path = String::from_utf8_lossy(path.as_bytes()).to_ascii_lowercase();
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let ends = [".po", ".pot", ".xlf", ".xliff", ".resx", ".strings", ".arb"];
    ends.iter().any(|end| name.ends_with(end))
        || name.starts_with("messages_")
        || name == "strings.xml"
        || parts.any(|folder| TRANSLATION_FOLDERS.contains(&folder))
}

/// Whether a value may be a text for people: several words, or one without the digits that nearly every credential has. Fields are
/// numbered (`Password1`).
pub(crate) fn is_label(value: &[u8]) -> bool {
    let word = value.strip_suffix(b"1").or_else(|| value.strip_suffix(b"2")).unwrap_or(value);
    value.contains(&b' ') || !word.iter().any(u8::is_ascii_digit)
}

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
    !QUOTED_ENDS.iter().any(|end| name.ends_with(end.as_bytes()))
}

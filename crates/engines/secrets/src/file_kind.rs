//! What the name of a file says about what is in it.

use palisade_model::RepoPath;

use crate::candidate::Scope;
use crate::classify::{self, Promise, promise};

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
    "__snapshots__",
    "e2e",
    "androidtest",
    "commontest",
    "functionaltest",
    "integrationtest",
    "unittest",
];
/// Last words of names that say the same: `integration-tests`, `Shop.UnitTests`, `fixtures3.json`.
const EXAMPLE_WORDS: &[&str] = &["tests", "testdata", "fixture", "fixtures", "mocks", "stubs", "cassettes"];
/// Ends of file names that say the same.
const EXAMPLE_ENDS: &[&str] = &[".example", ".sample", ".template", ".tmpl", ".dist"];
/// Parts of file names that say the same.
const EXAMPLE_PARTS: &[&str] =
    &["_test.", ".test.", ".spec.", "_spec.", ".example.", ".sample.", ".template."];
/// Ends of the names of manuals.
const MANUAL_ENDS: &[&str] = &[
    ".md",
    ".mdx",
    ".markdown",
    ".rst",
    ".adoc",
    ".asciidoc",
    ".textile",
    ".livemd",
    ".rdoc",
    ".pod",
    ".man",
];
/// Folders of manuals.
const MANUAL_FOLDERS: &[&str] =
    &["doc", "docs", "documentation", "manual", "manuals", "wiki", "tutorial", "tutorials"];
/// Ends of the names of source code and of data in which every text has quotes: a bare word there is a name or a number.
const QUOTED_ENDS: &[&str] = &[
    ".asp", ".aspx", ".c", ".cc", ".cjs", ".clj", ".cpp", ".cs", ".cshtml", ".css", ".cxx", ".d", ".dart",
    ".ejs", ".elm", ".erb", ".erl", ".ex", ".exs", ".fs", ".ftl", ".go", ".gradle", ".groovy", ".h", ".haml",
    ".hbs", ".hpp", ".hs", ".htm", ".html", ".inc", ".ipynb", ".java", ".jl", ".js", ".json", ".jsp", ".jsx",
    ".kt", ".kts", ".less", ".lua", ".m", ".mdx", ".mjs", ".ml", ".mm", ".mts", ".nim", ".php", ".pl", ".pm",
    ".proto", ".ps1", ".psm1", ".py", ".pyi", ".r", ".rb", ".rs", ".sass", ".scala", ".scss", ".slim",
    ".snap", ".sol", ".sql", ".svelte", ".swift", ".tf", ".hcl", ".tpl", ".ts", ".tsx", ".twig", ".vb",
    ".vue", ".wasm", ".zig", ".lock",
];

/// Folders whose files hold texts for people in many languages.
const TRANSLATION_FOLDERS: &[&str] = &[
    "i18n",
    "intl",
    "l10n",
    "lang",
    "language",
    "langs",
    "languages",
    "locale",
    "locales",
    "localization",
    "nls",
    "translation",
    "translations",
];

/// What tells the content of a file from credentials, if its name says that it is full of values that look like some: labels in a
/// translation, sums in a lockfile.
pub(crate) fn content(path: &RepoPath) -> Option<fn(&[u8]) -> bool> {
    if is_translation(path) {
        Some(is_label)
    } else if holds_sums(path) {
        Some(classify::is_sum)
    } else {
        None
    }
}

/// Whether the path is that of a file in which a tool keeps what it installed, each with its sum.
fn holds_sums(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let ends: [&[u8]; 5] = [b".lock", b"-lock.json", b"-lock.yaml", b".lockfile", b"sums"];
    ends.iter().any(|end| name.ends_with(end))
}

/// Whether the path says that the file translates what programs say: there a word beside `password` is the label of a field.
fn is_translation(path: &RepoPath) -> bool {
    let written = String::from_utf8_lossy(path.as_bytes());
    let path = written.to_ascii_lowercase();
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let ends = [".po", ".pot", ".xlf", ".xliff", ".resx", ".strings", ".arb"];
    ends.iter().any(|end| name.ends_with(end))
        || name.starts_with("messages_")
        || name == "strings.xml"
        || is_locale(written.rsplit('/').next().unwrap_or_default())
        || parts.any(|folder| TRANSLATION_FOLDERS.contains(&folder))
}

/// Whether a file of data is named after a language and a region (RFC 5646 2.1), a region in capitals: `pt-BR.json`.
fn is_locale(name: &str) -> bool {
    const ENDS: [&str; 7] = ["json", "yml", "yaml", "properties", "php", "js", "ts"];
    let (stem, end) = name.rsplit_once('.').unwrap_or_default();
    let is_language =
        |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let of_locale = stem.split_once(['-', '_']);
    ENDS.contains(&end)
        && of_locale.is_some_and(|(language, region)| is_language(language) && is_region(region))
}

/// Whether a value may be a text for people: several words, or one without the digits that nearly every credential has. Fields are
/// numbered (`Password1`).
fn is_label(value: &[u8]) -> bool {
    let word = value.strip_suffix(b"1").or_else(|| value.strip_suffix(b"2")).unwrap_or(value);
    value.contains(&b' ') || !word.iter().any(u8::is_ascii_digit)
}

/// Whether the path says that the content is made up for tests, or as an example.
pub(crate) fn is_example(path: &RepoPath) -> bool {
    let path = String::from_utf8_lossy(path.as_bytes());
    let mut parts = path.rsplit('/');
    parts.next().is_some_and(is_example_file) || parts.any(is_example_folder)
}

fn is_example_folder(name: &str) -> bool {
    EXAMPLE_FOLDERS.contains(&name.to_ascii_lowercase().as_str()) || ends_as_example(name)
}

fn is_example_file(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    tests_source(name)
        || ends_as_example(stem(name))
        || lower.starts_with("test_")
        || lower.starts_with("test-")
        || EXAMPLE_ENDS.iter().any(|end| lower.ends_with(end))
        || EXAMPLE_PARTS.iter().any(|part| lower.contains(part))
}

/// Whether the last word of a name, without numbers, is one of [`EXAMPLE_WORDS`].
fn ends_as_example(name: &str) -> bool {
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let last = classify::words(name.as_bytes()).into_iter().rfind(|word| !is_number(word));
    last.is_some_and(|word| EXAMPLE_WORDS.contains(&word.as_str()))
}

/// Whether a file's name is that of source code which tests: `UserServiceTest.java`, `UserSpec.scala`.
fn tests_source(name: &str) -> bool {
    let stem = stem(name);
    let is_named = ["Test", "Tests", "TestCase", "Spec"].iter().any(|end| stem.ends_with(end));
    is_named && QUOTED_ENDS.iter().any(|end| name.ends_with(end))
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Whether the path says that what looks like a credential there most often shows how one would look: tests, examples and manuals.
pub(crate) fn illustrates(path: &RepoPath) -> bool {
    let written = String::from_utf8_lossy(path.as_bytes()).to_ascii_lowercase();
    let mut parts = written.rsplit('/');
    let name = parts.next().unwrap_or_default();
    MANUAL_ENDS.iter().any(|end| name.ends_with(end))
        || name == "readme"
        || parts.any(|folder| MANUAL_FOLDERS.contains(&folder))
        || is_example(path)
}

/// Ends of file names that say nothing of what the file is for.
const PLAIN_ENDS: &[&str] = &[".txt", ".conf", ".cfg", ".dat", ".env", ".raw"];

/// Folders each of whose files is a secret, as Docker and others hand them to programs.
const SECRET_FOLDERS: &[&str] = &["secrets", ".secrets"];

/// Which scopes of secrets a file admits, by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileKind {
    unquoted: bool,
    named: bool,
}

impl FileKind {
    /// Of the file at `path`, `/` between folders; the last part of it may be a member of an archive.
    pub(crate) fn of(path: &str) -> Self {
        let mut parts = path.rsplit(['/', '!']);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let unquoted = !QUOTED_ENDS.iter().any(|end| name.ends_with(end));
        let is_secrets = |folder: &str| SECRET_FOLDERS.iter().any(|known| folder.eq_ignore_ascii_case(known));
        let in_secrets = parts.next().is_some_and(is_secrets);
        Self { unquoted, named: unquoted && (in_secrets || promises(&name)) }
    }

    /// What decides how the content of a file is judged by its name, as bits.
    pub(crate) fn bits(path: &RepoPath) -> u8 {
        let Self { unquoted, named } = Self::of(&path.to_string());
        let bits =
            [unquoted, named, is_translation(path), holds_sums(path), is_example(path), illustrates(path)];
        bits.into_iter().fold(0, |bits, bit| bits << 1 | u8::from(bit))
    }

    pub(crate) fn admits(self, scope: Scope) -> bool {
        match scope {
            Scope::Anywhere => true,
            Scope::Unquoted => self.unquoted,
            Scope::Named => self.named,
        }
    }
}

/// Ends of names, without what says nothing, under which programs keep accounts: `chap-secrets`, and the files of PgBouncer, racoon and Exim.
const ACCOUNT_ENDS: &[&str] = &["secrets", "credentials", "userlist", "psk", "passwd.client"];

/// Whether a file's name is that of a credential: `db_password.txt`, `.vault_pass`, `ci.token`.
fn promises(name: &str) -> bool {
    let name = PLAIN_ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let ends =
        |end: &&str| name.strip_suffix(end).is_some_and(|head| head.is_empty() || head.ends_with(['.', '-']));
    if ACCOUNT_ENDS.iter().any(ends) {
        return true;
    }
    promise(name.trim_start_matches('.').as_bytes()).is_some_and(|name| {
        let strong = matches!(name.promise, Promise::Password | Promise::Secret | Promise::Token);
        name.ends && (strong || (name.promise == Promise::Key && name.qualified))
    })
}

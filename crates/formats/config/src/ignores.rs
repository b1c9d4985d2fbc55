//! Files in which other tools' users list what those tools shall ignore.

use std::collections::BTreeMap;

use palisade_model::{CommitId, IgnoreEntry, IgnoredPlace, Problem, RepoPath, Span};
use serde::Deserialize;

use crate::baseline::{place, reason};
use crate::parsed::{Parsed, Spanned};
use crate::reader::shown;

/// Gitleaks: findings to ignore, by place.
pub const GITLEAKS_IGNORE: &str = ".gitleaksignore";
/// detect-secrets: known secrets, by file and digest.
pub const DETECT_SECRETS_BASELINE: &str = ".secrets.baseline";
/// ripsecrets: files and secrets to ignore.
pub const SECRETS_IGNORE: &str = ".secretsignore";

/// Largest such file in bytes.
const MAX_BYTES: usize = 16 << 20;
/// Begins the part of a `.secretsignore` that lists secrets.
const SECRETS_SECTION: &str = "[secrets]";

/// A secret that a baseline of detect-secrets lists, and that nobody has found to be a real one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineSecret {
    /// The line of the baseline that has its digest.
    pub entry: IgnoreEntry,
    /// The file it is in.
    pub path: RepoPath,
    /// SHA-1 of it.
    pub sha1: [u8; 20],
}

/// A `.secretsignore`. Holds secrets, so it is not `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretsIgnore {
    /// Patterns of files as in `.gitignore`, each with its place.
    pub patterns: Vec<(IgnoreEntry, Spanned<String>)>,
    /// Secrets as they stand in files.
    pub secrets: Vec<(IgnoreEntry, Vec<u8>)>,
}

/// Reads a `.gitleaksignore`: one `file:rule:line` or `commit:file:rule:line` on a line. As in Gitleaks, a line of another form is
/// passed over; it is a warning.
pub fn parse_gitleaks_ignore(bytes: &[u8]) -> Parsed<Vec<IgnoredPlace>> {
    if let Some(problem) = too_large(bytes) {
        return Parsed::new(None, vec![problem]);
    }
    let (mut places, mut problems) = (Vec::new(), Vec::new());
    for (number, span, line) in lines(bytes) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        match ignored_place(entry(GITLEAKS_IGNORE, number), line) {
            Some(place) => places.push(place),
            None => problems.push(
                Problem::warning("not an entry, so it ignores nothing", span)
                    .with_hint("write `file:rule:line` or `commit:file:rule:line`"),
            ),
        }
    }
    Parsed::new(Some(places), problems)
}

fn ignored_place(entry: IgnoreEntry, line: &[u8]) -> Option<IgnoredPlace> {
    let (rest, number) = split_last(line)?;
    let (place, rule) = split_last(rest)?;
    let number = std::str::from_utf8(number).ok()?.parse().ok().filter(|line| *line > 0)?;
    let commit = place.split(|byte| *byte == b':').next().and_then(commit);
    let file = match &commit {
        Some(commit) => place.get(commit.as_str().len() + 1..)?,
        None => place,
    };
    let rule = std::str::from_utf8(rule).ok().filter(|rule| !rule.is_empty())?;
    Some(IgnoredPlace { entry, commit, path: path(file)?, rule: rule.to_owned(), line: number })
}

fn split_last(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().rposition(|byte| *byte == b':')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn commit(text: &[u8]) -> Option<CommitId> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A path as other tools write it: perhaps with `./` before it, or with the separators of Windows.
fn path(bytes: &[u8]) -> Option<RepoPath> {
    let slashed: Vec<u8> = bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
    let mut rest = slashed.as_slice();
    while let Some(stripped) = rest.strip_prefix(b"./") {
        rest = stripped;
    }
    RepoPath::from_bytes(rest).ok()
}

/// A baseline as detect-secrets writes it, versions 0.13 to 1.5; fields that are not needed are passed over.
#[derive(Deserialize)]
struct BaselineFile {
    results: BTreeMap<String, Vec<BaselineEntry>>,
}

#[derive(Deserialize)]
struct BaselineEntry {
    hashed_secret: String,
    /// What an audit said.
    #[serde(default)]
    is_secret: Option<bool>,
}

/// Reads a `.secrets.baseline`. Entries that an audit found to be real secrets are left out: they are no reason to let one pass.
pub fn parse_detect_secrets_baseline(bytes: &[u8]) -> Parsed<Vec<BaselineSecret>> {
    if let Some(problem) = too_large(bytes) {
        return Parsed::new(None, vec![problem]);
    }
    let file: BaselineFile = match serde_json::from_slice(bytes) {
        Ok(file) => file,
        Err(error) => {
            let message = format!("not a baseline of detect-secrets: {}", reason(&error));
            let problem = Problem::error(message, place(bytes, &error));
            let hint = "write it anew with `detect-secrets scan`, or remove it";
            return Parsed::new(None, vec![problem.with_hint(hint)]);
        }
    };
    let mut numbers = Numbers::new(bytes);
    let (mut secrets, mut problems) = (Vec::new(), Vec::new());
    for (name, entries) in &file.results {
        for entry in entries {
            let entry_at = numbers.next(&entry.hashed_secret);
            match (path(name.as_bytes()), digest(&entry.hashed_secret)) {
                _ if entry.is_secret == Some(true) => {}
                (Some(path), Some(sha1)) => secrets.push(BaselineSecret { entry: entry_at, path, sha1 }),
                _ => problems.push(unusable(name)),
            }
        }
    }
    Parsed::new(Some(secrets), problems)
}

fn unusable(name: &str) -> Problem {
    let message = format!("the entry for {} ignores nothing", shown(name));
    Problem::warning(message, Span::new(0, 0))
        .with_hint("a path below the folder and a SHA-1 digest of 40 hexadecimal digits are needed")
}

fn digest(hex: &str) -> Option<[u8; 20]> {
    let mut digest = [0; 20];
    let mut digits = hex.bytes().map(|byte| char::from(byte).to_digit(16));
    for byte in &mut digest {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    digits.next().is_none().then_some(digest)
}

/// The lines of a baseline by the strings on them; the parser of JSON tells no places.
struct Numbers<'b> {
    lines: BTreeMap<&'b [u8], Vec<u32>>,
}

impl<'b> Numbers<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        let mut lines: BTreeMap<&[u8], Vec<u32>> = BTreeMap::new();
        for (number, _, line) in lines_of(bytes) {
            for word in line.split(|byte| *byte == b'"').filter(|word| word.len() == 40) {
                lines.entry(word).or_default().push(number);
            }
        }
        lines.values_mut().for_each(|numbers| numbers.reverse());
        Self { lines }
    }

    /// The next line that has `digest`; the last again when there are no more.
    fn next(&mut self, digest: &str) -> IgnoreEntry {
        let numbers = self.lines.get_mut(digest.as_bytes());
        let line = numbers.and_then(|numbers| match numbers.len() {
            0 | 1 => numbers.last().copied(),
            _ => numbers.pop(),
        });
        entry(DETECT_SECRETS_BASELINE, line.unwrap_or(1))
    }
}

/// Reads a `.secretsignore`: patterns of files as in `.gitignore`, then, after a line `[secrets]`, secrets as they stand in files,
/// one on a line. Lines that begin with `#` are comments in both parts.
pub fn parse_secrets_ignore(bytes: &[u8]) -> Parsed<SecretsIgnore> {
    if let Some(problem) = too_large(bytes) {
        return Parsed::new(None, vec![problem]);
    }
    let (mut file, mut problems, mut in_secrets) = (SecretsIgnore::default(), Vec::new(), false);
    for (number, span, line) in lines(bytes) {
        let entry = entry(SECRETS_IGNORE, number);
        match std::str::from_utf8(line) {
            Ok(text) if text.trim() == SECRETS_SECTION => in_secrets = true,
            _ if line.trim_ascii().is_empty() || line.starts_with(b"#") => {}
            _ if in_secrets => file.secrets.push((entry, line.to_owned())),
            Ok(text) => file.patterns.push((entry, Spanned::new(text.to_owned(), span))),
            Err(_) => {
                let problem = Problem::error("not UTF-8", span);
                problems.push(problem.with_hint("write the pattern in UTF-8"));
            }
        }
    }
    Parsed::new(Some(file), problems)
}

fn entry(file: &str, line: u32) -> IgnoreEntry {
    IgnoreEntry { file: file.to_owned(), line }
}

fn too_large(bytes: &[u8]) -> Option<Problem> {
    let message = || format!("the file is larger than {MAX_BYTES} bytes");
    (bytes.len() > MAX_BYTES).then(|| Problem::error(message(), Span::new(0, 0)))
}

/// Number, place and text of each line, without its ending.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, Span, &[u8])> {
    lines_of(bytes).map(|(number, span, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (number, Span::new(span.start, span.start + line.len()), line)
    })
}

fn lines_of(bytes: &[u8]) -> impl Iterator<Item = (u32, Span, &[u8])> {
    let mut start = 0;
    (1..).zip(bytes.split(|byte| *byte == b'\n')).map(move |(number, line)| {
        let span = Span::new(start, start + line.len());
        start = span.end + 1;
        (number, span, line)
    })
}

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use palisade_model::{Asset, Span};
use regex::bytes::Regex;

use super::forms::{Slot, base64_text};
use super::{Scene, credential};
use crate::candidate::Hit;
use crate::classify::words;
use crate::filter;

/// Most that is read of one manifest on either side of its kind, in bytes.
const REACH: usize = 32 * 1024;
/// Most kinds of one document that are told apart.
const MAX_KINDS: usize = 256;
/// Longest value that is judged; certificates and files are longer.
const MAX_VALUE: usize = 2048;
/// Last words of keys whose values are no secrets.
const HARMLESS: &[&str] = &[
    "user",
    "username",
    "login",
    "host",
    "hostname",
    "url",
    "uri",
    "endpoint",
    "address",
    "port",
    "email",
    "name",
    "database",
    "db",
    "region",
    "namespace",
    "type",
    "id",
    "cert",
    "crt",
    "ca",
    "issuer",
    "bucket",
    "domain",
    "server",
    "mode",
    "version",
    "schema",
    "env",
    "path",
    "scope",
    "enabled",
    "groups",
    "labels",
    "public",
    "realm",
    "org",
    "owner",
];
/// Words that say of a key that its value is a secret.
const TELLING: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "secret",
    "token",
    "key",
    "apikey",
    "credential",
    "credentials",
    "salt",
    "dsn",
    "private",
    "auth",
];

static KIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m-u)^(?<indent>[ \t]*)(?:- )?kind:[ \t]*["']?Secret["']?[ \t]*\r?$|"kind"\s*:\s*"Secret""#,
    )
    .ok()
});
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m-u)^(?<indent>[ \t]*)(?:- )?["']?(?<key>[A-Za-z0-9._-]+)["']?:[ \t]*(?<value>[^\r\n]*?)[ \t]*\r?$"#).ok()
});
static BLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?-u)"(?<kind>data|stringData)"\s*:\s*\{(?<body>[^{}]*)\}"#).ok());
static PAIR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?-u)"(?<key>[A-Za-z0-9._-]+)"\s*:\s*"(?<value>[^"\\]+)""#).ok());

/// Values in manifests of kind `Secret`: base 64 below `data`, plain below `stringData`; YAML or JSON.
pub(super) fn find(scene: &Scene<'_>, window: Span) -> Vec<Hit> {
    let Some(kind) = KIND.as_ref() else { return Vec::new() };
    let text = scene.get(Span::new(window.start, window.end));
    let place = |captures: regex::bytes::Captures<'_>| {
        let start = window.start + captures.get(0)?.start();
        Some((start, captures.name("indent").map(|indent| indent.len())))
    };
    let kinds: Vec<(usize, Option<usize>)> = kind.captures_iter(text).filter_map(place).collect();
    let mut hits = Vec::new();
    // Where the last document and object that were read end, so that none is read for each of its kinds.
    let (mut yaml_end, mut json_end) = (0, 0);
    for (index, (at, indent)) in kinds.iter().enumerate() {
        if indent.is_some() && *at >= yaml_end {
            let document = document(scene, *at);
            yaml_end = document.end.min(at + REACH / 2);
            let inside =
                kinds.get(index..).unwrap_or_default().iter().take_while(|(at, _)| *at < document.end);
            let indents: BTreeSet<usize> = inside.filter_map(|(_, indent)| *indent).take(MAX_KINDS).collect();
            yaml(scene, document, &indents, &mut hits);
        } else if indent.is_none() && *at >= json_end {
            json_end = at + REACH / 2;
            json(scene, *at, &mut hits);
        }
    }
    hits
}

/// The text of the YAML document around `at`.
fn document(scene: &Scene<'_>, at: usize) -> Span {
    let before = scene.get(Span::new(at.saturating_sub(REACH), at));
    let after = scene.get(Span::new(at, at + REACH));
    let start = memchr::memmem::rfind(before, b"\n---")
        .map_or(at - before.len(), |found| at - before.len() + found + 1);
    Span::new(
        start,
        at + ["\n---", "\n```"]
            .iter()
            .filter_map(|end| memchr::memmem::find(after, end.as_bytes()))
            .min()
            .unwrap_or(after.len()),
    )
}

/// Reads the secrets of a document; `indents` are those of its kinds.
fn yaml(scene: &Scene<'_>, document: Span, indents: &BTreeSet<usize>, hits: &mut Vec<Hit>) {
    let Some(line) = LINE.as_ref() else { return };
    let beside = |depth: usize| indents.iter().any(|indent| depth.abs_diff(*indent) <= 2);
    let text = scene.get(document);
    // The section one is in, how deep it is, and how deep its keys are.
    let mut section: Option<(Section, usize, Option<usize>)> = None;
    for captures in line.captures_iter(text) {
        let (Some(depth), Some(key), Some(value)) =
            (captures.name("indent"), captures.name("key"), captures.name("value"))
        else {
            continue;
        };
        let depth = depth.len();
        let opened = match key.as_bytes() {
            b"data" => Some(Section::Data),
            b"stringData" => Some(Section::Plain),
            _ => None,
        };
        match (opened, section) {
            (Some(opened), _) if value.is_empty() && beside(depth) => section = Some((opened, depth, None)),
            (_, Some((_, outer, _))) if depth <= outer => section = None,
            // What is deeper than the first key lies in a value of several lines.
            (_, Some((kind, outer, inner))) if inner.is_none_or(|inner| inner == depth) => {
                section = Some((kind, outer, Some(depth)));
                let start = document.start + value.start();
                let value = block(scene, Span::new(start, start + value.len()), document.end);
                hits.extend(judged(scene, kind, key.as_bytes(), value));
            }
            _ => {}
        }
    }
}

/// The only line of a value that stands below its key, or the value after its tag, or else the value.
fn block(scene: &Scene<'_>, value: Span, end: usize) -> Span {
    let text = scene.get(value);
    if let Some(tagged) = text.strip_prefix(b"!!binary").or_else(|| text.strip_prefix(b"!!str")) {
        return Span::new(value.end - tagged.trim_ascii_start().len(), value.end);
    }
    if !matches!(text, [b'|' | b'>'] | [b'|' | b'>', b'-' | b'+']) {
        return value;
    }
    let below = scene.get(Span::new(value.end, end));
    let mut lines = below.split_inclusive(|byte| *byte == b'\n').skip(1);
    let (Some(first), second) = (lines.next(), lines.next().unwrap_or_default()) else { return value };
    let indentation = |line: &[u8]| line.iter().take_while(|byte| **byte == b' ').count();
    if !second.trim_ascii().is_empty() && indentation(second) >= indentation(first) {
        return value;
    }
    let head = below.iter().position(|byte| *byte == b'\n').map_or(below.len(), |at| at + 1);
    let start = value.end + head + indentation(first);
    Span::new(start, start + first.trim_ascii().len())
}

fn json(scene: &Scene<'_>, at: usize, hits: &mut Vec<Hit>) {
    let (Some(block), Some(pair)) = (BLOCK.as_ref(), PAIR.as_ref()) else { return };
    let start = at.saturating_sub(REACH);
    let text = scene.get(Span::new(start, at + REACH));
    for found in block.captures_iter(text) {
        let (Some(kind), Some(body)) = (found.name("kind"), found.name("body")) else { continue };
        let section = if kind.as_bytes() == b"data" { Section::Data } else { Section::Plain };
        for captures in pair.captures_iter(body.as_bytes()) {
            let (Some(key), Some(value)) = (captures.name("key"), captures.name("value")) else { continue };
            let start = start + body.start() + value.start();
            hits.extend(judged(scene, section, key.as_bytes(), Span::new(start, start + value.len())));
        }
    }
}

#[derive(Clone, Copy)]
enum Section {
    Data,
    Plain,
}

fn judged(scene: &Scene<'_>, section: Section, key: &[u8], span: Span) -> Option<Hit> {
    let span = scalar(scene.get(span), span.start);
    let raw = scene.get(span);
    if raw.len() > MAX_VALUE
        || raw.is_empty()
        || matches!(raw.first(), Some(b'|' | b'>' | b'!' | b'&' | b'*'))
    {
        return None;
    }
    let value = match section {
        Section::Data => base64_text(raw)?,
        Section::Plain => raw.to_vec(),
    };
    // Addresses and documents are read by the rules for what is in them.
    let other =
        memchr::memmem::find(&value, b"://").is_some() || matches!(value.first(), Some(b'{' | b'[' | b'<'));
    if other || !promises(key, &value) {
        return None;
    }
    let named = Asset { database: super::asset::named(key, &value), ..Asset::default() };
    let value = match section {
        Section::Data => Cow::Owned(value),
        Section::Plain => Cow::Borrowed(raw),
    };
    Slot { secret: span, value, asset: named }.password()
}

/// A value without its quotes and without a comment after it; `raw` begins at `start`.
fn scalar(raw: &[u8], start: usize) -> Span {
    let quote = raw.first().copied().filter(|quote| matches!(quote, b'"' | b'\''));
    match quote.and_then(|quote| memchr::memchr(quote, raw.get(1..).unwrap_or_default())) {
        Some(length) => Span::new(start + 1, start + 1 + length),
        None => Span::new(start, start + memchr::memmem::find(raw, b" #").unwrap_or(raw.len())),
    }
}

/// One word of a key, or several of it.
fn is_harmless(word: &str) -> bool {
    HARMLESS.contains(&word) || word.strip_suffix('s').is_some_and(|one| HARMLESS.contains(&one))
}

/// Whether a key or the look of its value says that it is a secret.
fn promises(key: &[u8], value: &[u8]) -> bool {
    let words = words(key);
    if words.iter().any(|word| TELLING.contains(&word.as_str())) {
        return words.last().is_none_or(|last| !is_harmless(last));
    }
    let harmless = words.iter().any(|word| is_harmless(word));
    !harmless
        && value.len() >= 8
        && !value.contains(&b' ')
        && filter::entropy(value) >= 2.5
        && value.iter().any(u8::is_ascii_digit)
        && !credential::is_wordy(value)
}

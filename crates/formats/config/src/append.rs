//! Adds a waiver to a file that people keep by hand.

use palisade_model::{Problem, Waiver, is_unprintable};

use crate::tree::{self, Kind, Node};
use crate::waivers::WaiverFile;

/// Why a waiver was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendWaiverError {
    /// The file as it is can't be read.
    #[error("the waiver file has errors; mend them first")]
    Unreadable(Vec<Problem>),
    /// The file is laid out in a way that can't be added to, or the waiver's reason or owner is blank, too long, or has control
    /// characters.
    #[error("can't add this waiver to the file; write it in by hand")]
    NotAdded,
}

/// `existing` with `waiver` at the end, everything else left as it is; an empty file becomes a whole one. The result reads as the
/// old waivers and the new one.
pub fn append_waiver(existing: &str, waiver: &Waiver) -> Result<String, AppendWaiverError> {
    let before = if is_blank(existing) { Vec::new() } else { read(existing)? };
    let appended = appended(existing, waiver).ok_or(AppendWaiverError::NotAdded)?;
    let after = read(&appended).map_err(|_| AppendWaiverError::NotAdded)?;
    match after.split_last() {
        Some((last, rest)) if last == waiver && rest == before => Ok(appended),
        _ => Err(AppendWaiverError::NotAdded),
    }
}

fn read(text: &str) -> Result<Vec<Waiver>, AppendWaiverError> {
    let parsed = WaiverFile::parse(text.as_bytes());
    match parsed.value {
        Some(file) => Ok(file.waivers.into_iter().map(|waiver| waiver.value).collect()),
        None => Err(AppendWaiverError::Unreadable(parsed.problems)),
    }
}

/// Whether there is nothing but comments.
fn is_blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn appended(existing: &str, waiver: &Waiver) -> Option<String> {
    let ending = if existing.contains("\r\n") { "\r\n" } else { "\n" };
    let block = |indent: &str| block_item(waiver, indent, ending);
    if is_blank(existing) {
        let list = format!("version: 1{ending}waivers:{ending}{}", block("  "));
        return insert_line(existing, existing.len(), &list, ending);
    }
    let (root, _) = tree::parse(existing);
    let Kind::Mapping(pairs) = root?.kind else { return None };
    let Some((key, list)) = pairs.iter().find(|(key, _)| is_waivers(key)) else {
        let list = format!("waivers:{ending}{}", block("  "));
        return insert_line(existing, existing.len(), &list, ending);
    };
    match &list.kind {
        Kind::Sequence(items) => match (items.last(), is_flow(existing, list)) {
            (Some(last), true) => insert(existing, last.span.end, &format!(", {}", flow_item(waiver))),
            (Some(last), false) => {
                let indent = dash_indent(existing, last)?;
                insert_line(existing, line_end(existing, last.span.end)?, &block(indent), ending)
            }
            (None, _) => {
                let (head, tail) = existing.split_at_checked(list.span.start)?;
                let tail = tail.get(list.span.end - list.span.start..)?;
                Some(format!("{head}[{}]{tail}", flow_item(waiver)))
            }
        },
        Kind::Scalar { .. } => insert_line(existing, line_end(existing, key.span.end)?, &block("  "), ending),
        Kind::Mapping(_) => None,
    }
}

fn is_waivers(key: &Node) -> bool {
    matches!(&key.kind, Kind::Scalar { text, .. } if text == "waivers")
}

fn is_flow(text: &str, list: &Node) -> bool {
    text.get(list.span.start..).is_some_and(|rest| rest.starts_with('['))
}

/// The white space before the dash of a list item.
fn dash_indent<'t>(text: &'t str, item: &Node) -> Option<&'t str> {
    let before = text.get(..item.span.start)?;
    let line = before.rsplit('\n').next()?;
    let indent = line.trim_end_matches(' ').strip_suffix('-')?;
    indent.bytes().all(|byte| byte == b' ').then_some(indent)
}

/// The end of the line that has byte `at`, without its line feed.
fn line_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    Some(rest.find('\n').map_or(text.len(), |offset| at + offset))
}

/// Puts `addition` at `at`.
fn insert(text: &str, at: usize, addition: &str) -> Option<String> {
    let (head, tail) = text.split_at_checked(at)?;
    Some(format!("{head}{addition}{tail}"))
}

/// Puts whole lines behind the line that ends at `at`.
fn insert_line(text: &str, at: usize, addition: &str, ending: &str) -> Option<String> {
    let (head, tail) = text.split_at_checked(at)?;
    let head = head.trim_end_matches('\r');
    let joint = if head.is_empty() || head.ends_with('\n') { "" } else { ending };
    let tail = tail.strip_prefix('\n').unwrap_or(tail);
    Some(format!("{head}{joint}{addition}{tail}"))
}

fn block_item(waiver: &Waiver, indent: &str, ending: &str) -> String {
    let mut text = String::new();
    for (index, (key, value)) in entries(waiver).into_iter().enumerate() {
        let dash = if index == 0 { "- " } else { "  " };
        text.push_str(&format!("{indent}{dash}{key}: {value}{ending}"));
    }
    text
}

fn flow_item(waiver: &Waiver) -> String {
    let entries: Vec<String> =
        entries(waiver).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

fn entries(waiver: &Waiver) -> Vec<(&'static str, String)> {
    let mut entries = vec![
        ("fingerprint", quoted(&waiver.fingerprint.to_string())),
        ("reason", quoted(&waiver.reason)),
        ("until", waiver.until.to_string()),
    ];
    entries.extend(waiver.owner.as_deref().map(|owner| ("owner", quoted(owner))));
    entries
}

/// A double-quoted scalar on one line (YAML 1.2.2, section 7.3.1).
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_unprintable(c) || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

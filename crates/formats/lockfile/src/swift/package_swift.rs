//! `Package.swift` is a program; packages that it asks for in plain words are read, `.package(url: "…", from: "1.0.0")`.

use palisade_model::{PackageEvidence, PackageOrigin, Purl};

use super::{ECOSYSTEM, purl};
use crate::asks;
use crate::facts::{git_at, repository_place};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{next_quoted, quoted};

/// Bytes of one call that are looked at; nobody writes longer ones.
const MAX_CALL: usize = 2000;

pub(super) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("swift", ECOSYSTEM, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        // A line that is a comment stays empty, so that lines keep their numbers.
        let line = if line.trim_start().starts_with("//") { "" } else { line };
        // It had a capital letter until Swift 4.
        code.push_str(&line.replace(".Package(", ".package("));
        code.push('\n');
    }
    let mut line = 1;
    let mut calls = code.split(".package(");
    let mut before = calls.next().unwrap_or_default();
    let mut is_asking = false;
    for call in calls {
        is_asking = true;
        line += count_lines(before);
        before = call;
        package(&mut sheet, line, within(call));
    }
    // One that asks for no packages says so by never naming any.
    if is_asking { asks::program_with(sheet, &["swift-package-resolved"]) } else { (sheet.done(), None) }
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// What stands before the bracket that closes the call.
fn within(call: &str) -> &str {
    let (mut depth, mut is_text) = (1_usize, false);
    let end = call.bytes().take(MAX_CALL).position(|byte| {
        match byte {
            b'"' => is_text = !is_text,
            b'(' if !is_text => depth += 1,
            b')' if !is_text => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.and_then(|end| call.get(..end)).unwrap_or_default()
}

fn package(sheet: &mut Sheet, line: u32, call: &str) {
    let option = |key: &str| {
        let (_, value) = call.split_once(key)?;
        let value = value.trim_start_matches([' ', '(']);
        next_quoted(value).map(|(text, _)| text).filter(|_| value.starts_with('"'))
    };
    if let Some(path) = option("path:").filter(|_| option("url:").is_none()) {
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
        if let Some(mut added) = sheet.add_as(line, Purl::new("generic", None, name, None), name, None) {
            added.package.origin = PackageOrigin::Local { path: path.to_owned() };
            added.direct();
        }
        return;
    }
    let exact = option("exact:").or_else(|| option(".exact"));
    let wanted = wanted(call, &option);
    let (address, name, origin) = match (option("url:"), option("id:")) {
        (Some(url), _) => (
            purl(url, exact),
            repository_place(url),
            git_at(url, option("revision:").or_else(|| option(".revision"))),
        ),
        (None, Some(id)) => {
            let (scope, last) = id.split_once('.').unwrap_or(("", id));
            (Purl::new("swift", Some(scope), last, exact), id.to_owned(), PackageOrigin::Default)
        }
        (None, None) => {
            sheet.problem(line, "a package whose place has to be worked out");
            return;
        }
    };
    if let Some(mut added) = sheet.add_as(line, address, &name, ECOSYSTEM) {
        added.package.origin = origin;
        added.direct();
        if exact.is_none() && added.package.version.is_none() {
            added.package.wanted = wanted;
        }
    }
}

/// A range, a branch or a commit as it is written.
fn wanted<'c>(call: &'c str, option: &impl Fn(&str) -> Option<&'c str>) -> Option<String> {
    if let Some(from) = option("from:") {
        return Some(format!(">={from}"));
    }
    if let Some(place) = ["branch:", ".branch", "revision:", ".revision"].into_iter().find_map(option) {
        return Some(place.to_owned());
    }
    let sign = ["..<", "..."].into_iter().find(|sign| call.contains(sign))?;
    let (low, high) = call.split_once(sign)?;
    let (low, high) = (quoted(low).last().copied()?, next_quoted(high)?.0);
    Some(format!("{low}{sign}{high}"))
}

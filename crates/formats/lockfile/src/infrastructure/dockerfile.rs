//! Dockerfiles: the images that stages begin with or copy from (Dockerfile reference, `FROM`, `COPY --from`, `RUN --mount`).

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, Scope};

use super::image;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{file_name, lines};

/// Endings of files that only speak of a Dockerfile: programs, documents, lists.
const OTHER_KINDS: [&str; 18] = [
    "c",
    "cs",
    "dockerignore",
    "go",
    "html",
    "java",
    "js",
    "json",
    "kt",
    "lock",
    "md",
    "php",
    "py",
    "rb",
    "rs",
    "ts",
    "yaml",
    "yml",
];

/// `Dockerfile`, `Dockerfile.web` and `web.Dockerfile`, in any case.
pub(super) fn recognises(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let is_of_other_kind =
        |rest: &str| rest.rsplit('.').next().is_some_and(|ending| OTHER_KINDS.contains(&ending));
    ["dockerfile", "containerfile"].iter().any(|stem| match name.strip_prefix(stem) {
        Some("") => true,
        Some(rest) => rest.starts_with('.') && !is_of_other_kind(rest),
        None => name.ends_with(&format!(".{stem}")),
    })
}

#[derive(Default)]
struct Stages {
    names: BTreeSet<String>,
    count: u32,
    arguments: BTreeMap<String, String>,
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("docker", None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let escape = if text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .any(|line| line.replace(' ', "").eq_ignore_ascii_case("#escape=`"))
    {
        '`'
    } else {
        '\\'
    };
    let mut stages = Stages::default();
    let (mut begin, mut whole) = (0, String::new());
    for (number, line) in lines(&text).chain([(0, "")]) {
        let line = line.trim();
        // Comments may stand within an instruction.
        if line.starts_with('#') {
            continue;
        }
        if whole.is_empty() {
            begin = number;
        }
        if let Some(part) = line.strip_suffix(escape) {
            whole.push_str(part);
            whole.push(' ');
            continue;
        }
        whole.push_str(line);
        if !whole.is_empty() {
            stages.instruction(&mut sheet, begin, &std::mem::take(&mut whole));
        }
    }
    if !whole.trim().is_empty() {
        stages.instruction(&mut sheet, begin, &whole);
    }
    if stages.count == 0 {
        sheet.problem(0, "has no stage");
    }
    (sheet.done(), None)
}

impl Stages {
    fn instruction(&mut self, sheet: &mut Sheet, line: u32, text: &str) {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        let words: Vec<&str> = words.collect();
        match name.as_str() {
            "ARG" if self.count == 0 => {
                for (key, value) in words.iter().filter_map(|word| word.split_once('=')) {
                    let value = value.trim_matches(['"', '\'']);
                    let value = image::filled(value, &|name| self.arguments.get(name).cloned());
                    self.arguments.extend(value.map(|value| (key.to_owned(), value)));
                }
            }
            "FROM" => self.stage(sheet, line, &words),
            "COPY" | "ADD" => {
                for from in words.iter().filter_map(|word| word.strip_prefix("--from=")) {
                    self.source(sheet, line, from);
                }
            }
            "RUN" => {
                let mounts = words.iter().take_while(|word| word.starts_with("--"));
                let mounts = mounts.filter_map(|word| word.strip_prefix("--mount="));
                for from in mounts
                    .flat_map(|mount| mount.split(','))
                    .filter_map(|option| option.strip_prefix("from="))
                {
                    self.source(sheet, line, from);
                }
            }
            _ => {}
        }
    }

    /// `FROM [--platform=p] image [AS name]`.
    fn stage(&mut self, sheet: &mut Sheet, line: u32, words: &[&str]) {
        self.count += 1;
        let mut words = words.iter().copied().skip_while(|word| word.starts_with("--"));
        let Some(image) = words.next() else {
            sheet.problem(line, "a stage without an image");
            return;
        };
        let name = match (words.next(), words.next()) {
            (Some(word), Some(name)) if word.eq_ignore_ascii_case("as") => Some(name.to_ascii_lowercase()),
            _ => None,
        };
        match image::filled(image.trim_matches(['"', '\'']), &|name| self.arguments.get(name).cloned()) {
            Some(image) if image == "scratch" || self.names.contains(&image.to_ascii_lowercase()) => {}
            Some(image) => {
                image::add(sheet, line, &image, Scope::Prod);
            }
            None => sheet.problem(line, "an image with an argument that has no default"),
        }
        self.names.extend(name);
    }

    /// What a stage copies from: another stage by name or number, or an image.
    fn source(&self, sheet: &mut Sheet, line: u32, from: &str) {
        let from = from.trim_matches(['"', '\'']);
        let is_stage = self.names.contains(&from.to_ascii_lowercase()) || from.parse::<u32>().is_ok();
        if is_stage || from.is_empty() || from == "scratch" {
            return;
        }
        match image::filled(from, &|name| self.arguments.get(name).cloned()) {
            Some(image) => {
                image::add(sheet, line, &image, Scope::Prod);
            }
            None => sheet.problem(line, "an image with an argument that has no default"),
        }
    }
}

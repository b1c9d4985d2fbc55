//! Lists every value that the generic rule would judge, for labelling and training: `candidates FOLDER...` prints tab-separated lines.
//!
//! What it prints holds the values themselves: it is a tool for maintainers, and its output is never committed.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring tool for maintainers")]
#![allow(
    dead_code,
    unused_imports,
    clippy::allow_attributes,
    reason = "only a part of these modules is used here"
)]

#[path = "../src/bits.rs"]
mod bits;
#[path = "../src/classify/mod.rs"]
mod classify;
#[path = "../src/rules/generic_assignment/column.rs"]
mod column;
#[path = "../src/rules/generic_assignment/command.rs"]
mod command;
#[path = "../src/rules/generic_assignment/cursor.rs"]
mod cursor;
#[path = "../src/rules/generic_assignment/markup.rs"]
mod markup;
#[path = "../src/rules/generic_assignment/sentence.rs"]
mod sentence;
#[path = "../src/rules/generic_assignment/statement.rs"]
mod statement;

use std::path::{Path, PathBuf};

/// Larger files hold data rather than text for people.
const MAX_FILE: usize = 2_000_000;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("--measures") {
        let evidence = classify::Evidence {
            name: b"key",
            promise: classify::promise(b"key").expect("a name that promises"),
            value: b"value",
            form: classify::Form::Assigned,
            quote: classify::Quote::Bare,
            after: b"",
            around: b"",
        };
        for (name, _) in classify::features::features(&evidence) {
            println!("{name}");
        }
        return;
    }
    for folder in std::env::args().skip(1) {
        let folder = PathBuf::from(folder);
        let mut files = Vec::new();
        collect(&folder, &mut files);
        files.sort();
        for path in files {
            list(&folder, &path);
        }
    }
}

fn list(root: &Path, path: &Path) {
    let text = std::fs::read(path).unwrap_or_default();
    let below = path.strip_prefix(root).expect("a file below the folder");
    if text.iter().take(8000).any(|byte| *byte == 0) || text.len() > MAX_FILE {
        return;
    }
    let mut readings = statement::statements(&text, 0..text.len());
    readings.extend(command::commands(&text, 0..text.len()));
    readings.sort_by_key(|reading| (reading.value.start, reading.value.end));
    let (mut line, mut at) = (1, 0);
    for reading in readings {
        let shown = |range: std::ops::Range<usize>| {
            let bytes = text.get(range).unwrap_or_default();
            String::from_utf8_lossy(bytes).replace(['\t', '\n', '\r'], " ")
        };
        line += text.iter().take(reading.value.start).skip(at).filter(|byte| **byte == b'\n').count();
        at = at.max(reading.value.start);
        let evidence = reading.evidence(&text);
        let row = classify::features::features(&evidence);
        let features: Vec<_> = row
            .iter()
            .filter(|(_, measure)| *measure != 0)
            .map(|(name, measure)| format!("{name}:{measure}"))
            .collect();
        let features = features.join(";");
        let score = classify::score(&evidence).map_or(-1, |score| i32::from(score.0));
        println!(
            "{}\t{}\t{}\t{}\t{}\t{:?}\t{:?}\t{}\t{:?}\t{}\t{}\t{}",
            below.display(),
            line,
            reading.value.start,
            shown(reading.name.clone()),
            shown(reading.value.clone()),
            reading.form,
            reading.quote,
            if reading.anywhere { "Anywhere" } else { "Unquoted" },
            reading.promise,
            features,
            score,
            classify::is_beyond_doubt(&evidence)
        );
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}

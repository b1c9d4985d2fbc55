//! Perl: what CPAN's own clients unpacked to install it, and Carton's `cpanfile.snapshot`, two spaces before a distribution and four before what is said of it.

use palisade_model::{PackageEvidence, Purl};

use super::apps::read_one;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{file_name, lines};

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cpan", None, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut open: Option<(u32, &str)> = None;
    for (number, line) in lines(&text).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let word = line.trim();
        match line.len() - line.trim_start().len() {
            0 if word == "DISTRIBUTIONS" => {}
            0 => sheet.problem(number, "a section that is not known"),
            2 => {
                if let Some((line, id)) = open.replace((number, word)) {
                    distribution(&mut sheet, line, id, "");
                }
            }
            4 => {
                if let (Some(path), Some((line, id))) = (word.strip_prefix("pathname:"), open) {
                    distribution(&mut sheet, line, id, path.trim());
                    open = None;
                }
            }
            _ => {}
        }
    }
    if let Some((line, id)) = open {
        distribution(&mut sheet, line, id, "");
    }
    (sheet.done(), None)
}

/// `META.json` or `META.yml` of a distribution in the folder of `cpan` or `cpanm` (CPAN::Meta::Spec).
pub(crate) fn is_unpacked(path: &str) -> bool {
    matches!(file_name(path), "META.json" | "META.yml")
        && (path.contains("/.cpan") || path.starts_with(".cpan"))
}

pub(crate) fn read_unpacked(_: &str, bytes: &[u8]) -> Parsed {
    // JSON is YAML too.
    read_one("cpan", bytes, "a distribution without name or version")
}

/// `Name-1.0`, by an author whose name is the third folder of the archive's path.
fn distribution(sheet: &mut Sheet, line: u32, id: &str, path: &str) {
    let is_version =
        |version: &str| version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let Some((name, version)) = id.rsplit_once('-').filter(|(_, version)| is_version(version)) else {
        sheet.problem(line, "a distribution without a version");
        return;
    };
    let author = path.split('/').nth(2).filter(|author| !author.is_empty());
    sheet.add_as(line, Purl::new("cpan", author, name, Some(version)), name, None);
}

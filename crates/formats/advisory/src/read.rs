use palisade_archive::{Budget, Format, Limits, members};
use serde_json::Value;

use crate::reading::{MAX_RECORD, Problems, RecordVisitor};
use crate::{osv, rustsec, yaml};

/// Containers within containers: a compressed tar is two.
const MAX_NESTING: u32 = 3;

/// What a byte of a feed may become, on average. Public ones expand ten- to twentyfold; records are kept in memory while a database is
/// built, so a small feed that becomes a large one is not taken.
const EXPANSION: u64 = 64;

/// What any feed may become, however small.
const SMALL: u64 = 64 << 20;

/// What a whole feed may be. The largest public one has 300,000 records and expands to some GiB.
const FEED_LIMITS: Limits = Limits {
    max_members: 2_000_000,
    max_expanded: 16 << 30,
    max_ratio: 1000,
    max_member: 4 << 30,
    max_name: 4096,
};

/// Reads the records in a file, which its name tells the form of, and calls `visit` for each and for each problem. Whether the name is
/// one that records have; other files are left alone, so that a whole folder can be handed in file by file.
///
/// - `*.json`: one OSV record, or a list of them, as OSV, GitHub and the Go vulnerability database write them.
/// - `*.yaml`, `*.yml`: one OSV record, as PyPA writes it.
/// - `RUSTSEC-*.md`, `CVE-*.md`: a record of the RustSec database.
/// - `*.zip`, `*.tar`, `*.gz`: all of these in them, but for folders called `index`.
pub fn read(name: &str, bytes: &[u8], visit: &mut RecordVisitor<'_>) -> bool {
    let most = SMALL.saturating_add((bytes.len() as u64).saturating_mul(EXPANSION));
    let limits = Limits { max_expanded: FEED_LIMITS.max_expanded.min(most), ..FEED_LIMITS };
    read_nested(name, name, bytes, &mut Budget::new(limits), visit, MAX_NESTING)
}

fn read_nested(
    shown: &str,
    name: &str,
    bytes: &[u8],
    budget: &mut Budget,
    visit: &mut RecordVisitor<'_>,
    nesting: u32,
) -> bool {
    if let Some(format) = container(name) {
        read_members(shown, format, bytes, budget, visit, nesting);
        return true;
    }
    let Some(read) = reader(name) else { return false };
    let mut problems = Problems { file: shown, visit };
    if bytes.len() > MAX_RECORD {
        problems.tell(format!("is larger than {} MiB", MAX_RECORD >> 20));
        return true;
    }
    match str::from_utf8(bytes) {
        Ok(text) => read(text.strip_prefix('\u{feff}').unwrap_or(text), &mut problems),
        Err(_) => problems.tell("is not UTF-8"),
    }
    true
}

type Reader = fn(&str, &mut Problems<'_, '_>);

fn reader(name: &str) -> Option<Reader> {
    let mut folders = name.split('/').rev();
    let file = folders.next().unwrap_or_default();
    let (stem, extension) = file.rsplit_once('.')?;
    match extension {
        "json" if !folders.any(|folder| folder == "index") => Some(read_json),
        "yaml" | "yml" if !stem.is_empty() => Some(read_yaml),
        "md" if stem.starts_with("RUSTSEC-") || stem.starts_with("CVE-") => Some(rustsec::read),
        _ => None,
    }
}

fn container(name: &str) -> Option<Format> {
    match name.rsplit_once('.')?.1 {
        "zip" => Some(Format::Zip),
        "tar" => Some(Format::Tar),
        "gz" | "tgz" => Some(Format::Gzip),
        _ => None,
    }
}

fn read_members(
    shown: &str,
    format: Format,
    bytes: &[u8],
    budget: &mut Budget,
    visit: &mut RecordVisitor<'_>,
    nesting: u32,
) {
    let Some(nesting) = nesting.checked_sub(1) else {
        return Problems { file: shown, visit }.tell("is nested too deep");
    };
    members(format, shown.as_bytes(), bytes, budget, &mut |budget, member| match member {
        Ok(member) => {
            let name = String::from_utf8_lossy(&member.name);
            let inner = format!("{shown}:{name}");
            // A compressed tar tells no name of its own.
            let name = if shown.ends_with(".tgz") { "content.tar" } else { name.as_ref() };
            read_nested(&inner, name, &member.bytes, budget, visit, nesting);
        }
        Err(trouble) => {
            let name =
                trouble.name.map_or_else(String::new, |name| format!(":{}", String::from_utf8_lossy(&name)));
            Problems { file: &format!("{shown}{name}"), visit }.tell(trouble.trouble.to_string());
        }
    });
}

fn read_json(text: &str, problems: &mut Problems<'_, '_>) {
    match serde_json::from_str(text) {
        Ok(Value::Array(records)) => records.iter().for_each(|record| hand_over(record, problems)),
        Ok(record) => hand_over(&record, problems),
        Err(error) => problems.tell(format!("is not JSON: {error}")),
    }
}

fn read_yaml(text: &str, problems: &mut Problems<'_, '_>) {
    match yaml::value(text) {
        Ok(record) => hand_over(&record, problems),
        Err(reason) => problems.tell(format!("is not YAML that can be read: {reason}")),
    }
}

fn hand_over(record: &Value, problems: &mut Problems<'_, '_>) {
    if let Some(advisory) = osv::advisory(record, problems) {
        (problems.visit)(Ok(advisory));
    }
}

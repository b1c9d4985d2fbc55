//! Lists the packages of an image's operating system, a line of name, version and architecture each: a way to compare with what other
//! programs say, and to measure a walk.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use palisade_image::{Choice, EntryId, FileMeta, Image, WalkLimits};
use palisade_osdb::{Distribution, Format, IDENTITY_FILES, identify, recognise};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: packages IMAGE [all]")?;
    // With `all` every file is read, as for the secrets engine.
    let reads_all = std::env::args().nth(2).is_some();
    let image = Image::open(Path::new(&path), &Choice::default())?;
    let is_record = |path: &str| IDENTITY_FILES.contains(&path) || recognise(path).is_some();
    let wants = |meta: &FileMeta<'_>| reads_all || is_record(&meta.path.to_string());
    let mut walk = image.walk(WalkLimits::default(), &wants);
    let mut records: BTreeMap<EntryId, (String, Vec<u8>)> = BTreeMap::new();
    let mut bytes = 0;
    for entry in walk.by_ref() {
        let path = entry.path.to_string();
        let content = entry.content.map_err(|(_, detail)| detail)?;
        bytes += content.len();
        if is_record(&path) {
            records.insert(entry.id, (path, content));
        }
    }
    let walked = walk.finish();
    records.retain(|id, _| walked.is_visible(*id));
    let out = &mut std::io::stdout().lock();
    list(&records, out)?;
    let err = &mut std::io::stderr().lock();
    let (files, offered) = walked.counts();
    writeln!(
        err,
        "{files} files, {offered} read, {bytes} bytes, {} paths in the root",
        walked.root().count()
    )?;
    for gap in walked.gaps() {
        writeln!(err, "gap: {}", gap.detail)?;
    }
    Ok(())
}

fn list(records: &BTreeMap<EntryId, (String, Vec<u8>)>, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let texts: Vec<(&str, &[u8])> =
        records.values().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let distribution = identify(&texts);
    let mut lines = Vec::new();
    for (path, bytes) in records.values() {
        let read =
            |format: &Format, distribution: Option<&Distribution>| format.read(path, bytes, distribution);
        let Some(format) = recognise(path) else { continue };
        let installed = read(format, distribution.as_ref());
        for problem in &installed.reading.problems {
            writeln!(std::io::stderr(), "{path}: {}", problem.detail)?;
        }
        for package in &installed.reading.packages {
            let architecture = package.purl.qualifiers().get("arch").map_or("", String::as_str);
            lines.push(format!(
                "{}\t{}\t{architecture}",
                package.name,
                package.version.as_deref().unwrap_or_default()
            ));
        }
    }
    lines.sort_unstable();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

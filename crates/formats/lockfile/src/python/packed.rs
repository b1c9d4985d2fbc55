//! Wheels and eggs that lie closed: zip archives with records of distributions in them (PyPA, "Binary distribution format"; setuptools, "The
//! Internal Structure of Python Eggs").

use palisade_archive::{Budget, MemberKind, members, recognise};
use palisade_model::{PackageEvidence, PackageOrigin, RepoPath};

use super::{installed, put, sheet};
use crate::format::{self, Format};
use crate::record::Record;
use crate::text::file_name;

/// Records of distributions in one archive; one that brings others along has a dozen.
const MAX_RECORDS: usize = 1000;

static FORMAT: Format = Format {
    name: "python-archive",
    evidence: PackageEvidence::Installed,
    recognises: is_packed,
    read: Some(|_, _| Default::default()),
};

/// Whether a file of this name is a wheel or an egg.
pub(crate) fn is_packed(path: &str) -> bool {
    stem(path).is_some()
}

/// The name of the file without its ending.
fn stem(path: &str) -> Option<&str> {
    let (stem, ending) = file_name(path).rsplit_once('.')?;
    (ending.eq_ignore_ascii_case("whl") || ending.eq_ignore_ascii_case("egg")).then_some(stem)
}

/// A record for each distribution in the archive, and one for the archive where it holds none or cannot be read whole.
pub(crate) fn read_packed(
    path: &RepoPath,
    way: &[String],
    name: &str,
    bytes: &[u8],
    budget: &mut Budget,
) -> Vec<Record> {
    let mut sheet = sheet(PackageEvidence::Installed);
    let mut records = Vec::new();
    match recognise(name.as_bytes(), bytes) {
        // Others than Python have files of this ending.
        None if name.to_ascii_lowercase().ends_with(".egg") => return Vec::new(),
        None => sheet.problem(0, "is no zip archive"),
        Some(format) => members(format, name.as_bytes(), bytes, budget, &mut |_, member| match member {
            Err(trouble) => sheet.unread_member(&trouble),
            Ok(member) if member.kind == MemberKind::File => {
                let inner = String::from_utf8_lossy(&member.name).into_owned();
                let found = format::recognise(&inner).filter(|_| installed::is_one(&inner));
                match found {
                    Some(_) if records.len() >= MAX_RECORDS => {
                        sheet.problem(0, "holds more distributions than are read");
                    }
                    Some(format) => {
                        let way = way.iter().cloned().chain([inner]).collect();
                        records.push(Record::read(format, path.clone(), way, &member.bytes));
                    }
                    None => {}
                }
            }
            Ok(_) => {}
        }),
    }
    if records.is_empty() {
        by_name(&mut sheet, name);
    }
    let reading = sheet.done();
    if records.is_empty() || !reading.problems.is_empty() {
        let (path, members) = (path.clone(), way.to_vec());
        let record = Record::of(&FORMAT, path, members, reading);
        records.insert(0, record);
    }
    records
}

/// `name-version-...`, as both kinds of files are called.
fn by_name(sheet: &mut crate::sheet::Sheet, name: &str) {
    let mut parts = stem(name).unwrap_or_default().split('-');
    match (parts.next(), parts.next()) {
        (Some(name), Some(version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
            put(sheet, 0, name, Some(version), PackageOrigin::Default);
        }
        _ => sheet.problem(0, "does not tell what it is, neither in its records nor by its name"),
    }
}

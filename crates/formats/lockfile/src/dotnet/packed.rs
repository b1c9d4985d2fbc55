//! Packages of NuGet that lie closed: zip archives with a specification at their root.

use palisade_archive::{Budget, MemberKind, members, recognise};
use palisade_model::{PackageEvidence, RepoPath};

use super::{ECOSYSTEM, nuspec};
use crate::format::Format;
use crate::record::Record;
use crate::sheet::Sheet;
use crate::text::file_name;

static FORMAT: Format = Format {
    name: "nuget-archive",
    evidence: PackageEvidence::Installed,
    recognises: is_packed,
    read: Some(nuspec::read_installed),
};

/// Whether a file of this name is a closed package. In a store the specification lies beside it, and tells of it.
pub(crate) fn is_packed(path: &str) -> bool {
    let Some((stem, ending)) = file_name(path).rsplit_once('.') else { return false };
    ending.eq_ignore_ascii_case("nupkg") && !is_in_store(path, stem)
}

/// Whether the specification beside an archive tells of an installed package. In feeds it does not, which may have the same folders.
fn is_in_store(path: &str, stem: &str) -> bool {
    let mut above = path.rsplitn(4, '/').skip(1);
    let (Some(version), Some(id), Some(store)) = (above.next(), above.next(), above.next()) else {
        return false;
    };
    stem.strip_prefix(id).and_then(|rest| rest.strip_prefix('.')) == Some(version)
        && nuspec::is_installed(&format!("{store}/{id}/{version}/{id}.nuspec"))
}

/// A record for the package in the archive, and one for the archive where it holds none or cannot be read whole.
pub(crate) fn read_packed(
    path: &RepoPath,
    way: &[String],
    name: &str,
    bytes: &[u8],
    budget: &mut Budget,
) -> Vec<Record> {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Installed);
    let mut found = None;
    match recognise(name.as_bytes(), bytes) {
        None => sheet.problem(0, "is no zip archive"),
        Some(format) => members(format, name.as_bytes(), bytes, budget, &mut |_, member| match member {
            Err(trouble) => sheet.unread_member(&trouble),
            Ok(member) if member.kind == MemberKind::File && found.is_none() => {
                let inner = String::from_utf8_lossy(&member.name).into_owned();
                if inner.ends_with(".nuspec") && !inner.contains('/') {
                    let way = way.iter().cloned().chain([inner]).collect();
                    found = Some(Record::read(&FORMAT, path.clone(), way, &member.bytes));
                }
            }
            Ok(_) => {}
        }),
    }
    let mut reading = sheet.done();
    if found.is_none() && reading.problems.is_empty() {
        let detail = "holds no specification of a package".to_owned();
        reading.problems.push(palisade_model::ReadingProblem { line: None, detail });
    }
    let own =
        (!reading.problems.is_empty()).then(|| Record::of(&FORMAT, path.clone(), way.to_vec(), reading));
    own.into_iter().chain(found).collect()
}

//! `rebar.lock`: a list of packages, alone in the oldest form, with a version and a list of checksums in later ones.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Relation};

use super::ECOSYSTEM;
use super::term::{self, Term};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::without_credentials;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hex", ECOSYSTEM, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let (terms, problems) = term::read(&text, '%');
    let packages = match terms.first() {
        Some(first) => first.tuple().get(1).unwrap_or(first),
        None => return finish(sheet, problems, text.trim().is_empty()),
    };
    let sums = terms.get(1).and_then(|sums| sums.get("pkg_hash_ext").or_else(|| sums.get("pkg_hash")));
    for entry in packages.list() {
        locked(&mut sheet, entry, sums);
    }
    finish(sheet, problems, !packages.list().is_empty() || matches!(packages.kind, term::Kind::List(_)))
}

fn finish(mut sheet: Sheet, problems: Vec<palisade_model::ReadingProblem>, is_whole: bool) -> Parsed {
    sheet.problems(problems);
    if !is_whole {
        sheet.problem(0, "holds no list of packages");
    }
    (sheet.done(), None)
}

/// `{name, {pkg, name, version}, level}` and `{name, {git, url, {ref, commit}}, level}`.
fn locked(sheet: &mut Sheet, entry: &Term, sums: Option<&Term>) {
    let [name, source, level, ..] = entry.tuple() else {
        sheet.problem(entry.line, "an entry that is no package");
        return;
    };
    let name = name.word().unwrap_or_default();
    let part = |at: usize| source.tuple().get(at);
    let kind = part(0).and_then(Term::word);
    let (package, version) = match kind {
        Some("pkg") => (part(1).and_then(Term::word).unwrap_or(name), part(2).and_then(Term::word)),
        Some("git" | "hg" | "git_subdir") => {
            (name, part(2).and_then(|at| at.tuple().get(1)).and_then(Term::word))
        }
        _ => {
            sheet.problem(entry.line, "a package of a kind that is not known");
            return;
        }
    };
    let Some(version) = version else {
        sheet.problem(entry.line, "a package without a version");
        return;
    };
    // A commit is not what Hex has under any version.
    let exact = Some(version).filter(|_| kind == Some("pkg"));
    let Some(added) = sheet.add(entry.line, package, exact) else { return };
    added.package.relation = if level.word() == Some("0") { Relation::Direct } else { Relation::Transitive };
    if kind != Some("pkg") {
        let url = without_credentials(part(1).and_then(Term::word).unwrap_or_default());
        added.package.origin = PackageOrigin::Git { url, commit: Some(version.to_owned()) };
    }
    let sum = sums.and_then(|sums| sums.get(name)).and_then(Term::word).filter(|sum| sum.len() == 64);
    added.package.hashes.extend(
        sum.map(|sum| PackageHash { algorithm: "SHA-256".to_owned(), value: sum.to_ascii_lowercase() }),
    );
}

//! `name.app`, which every application of OTP has beside its compiled modules: `{application, name, [{vsn, "1.0"}, ...]}.`

use palisade_model::PackageEvidence;

use super::ECOSYSTEM;
use super::term::{self, Term};
use crate::format::Parsed;
use crate::sheet::Sheet;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("hex", ECOSYSTEM, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    let (terms, problems) = term::read(&text, '%');
    sheet.problems(problems);
    let application = terms.first().map_or(&[][..], Term::tuple);
    match application {
        [kind, name, keys] if kind.word() == Some("application") => {
            let name = name.word().unwrap_or_default();
            let version = keys.get("vsn").and_then(Term::word).filter(|version| !version.contains('%'));
            if let Some(version) = version {
                sheet.add(kind.line, name, Some(version));
            } else {
                sheet.problem(kind.line, "an application without a version");
            }
        }
        _ => sheet.problem(0, "is no application of OTP"),
    }
    (sheet.done(), None)
}

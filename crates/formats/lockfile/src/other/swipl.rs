//! Packs of SWI-Prolog: `pack.pl`, facts of one argument (SWI-Prolog manual, "Packs").

use palisade_model::PackageEvidence;

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::lines;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("swiplpack", None, PackageEvidence::Installed);
    let text = sheet.decode(bytes);
    let fact = |name: &str| {
        lines(&text).find_map(|(number, line)| {
            let argument = line.trim_start().strip_prefix(name)?.trim_start().strip_prefix('(')?;
            let (value, _) = argument.split_once(')')?;
            Some((number, value.trim().trim_matches(['\'', '"']))).filter(|(_, value)| !value.is_empty())
        })
    };
    match (fact("name"), fact("version")) {
        (Some((line, name)), Some((_, version))) => drop(sheet.add(line, name, Some(version))),
        _ => sheet.problem(0, "a pack without name or version"),
    }
    (sheet.done(), None)
}

//! `cpanfile` of Perl, a program: what it requires in plain words, `requires 'Name', '1.0';`, also within blocks for a phase.

use palisade_model::{PackageEvidence, Purl, Scope};

use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// The words that ask for a module, and what for (CPAN::Meta::Spec, "Prereqs").
const CALLS: [(&str, Scope); 6] = [
    ("requires", Scope::Prod),
    ("recommends", Scope::Optional),
    ("suggests", Scope::Optional),
    ("test_requires", Scope::Test),
    ("build_requires", Scope::Build),
    ("configure_requires", Scope::Build),
];

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cpan", None, PackageEvidence::Declared);
    let text = sheet.decode(bytes);
    let mut phase = Scope::Prod;
    for (number, line) in lines(&text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        if let Some(name) = code.strip_prefix("on ") {
            phase = phase_of(name);
        } else if code.starts_with('}') {
            phase = Scope::Prod;
        }
        // A block may begin and ask in one line.
        let code = code.rsplit('{').next().unwrap_or_default().trim();
        let word = code.split([' ', '(', '\'', '"']).next().unwrap_or_default();
        let Some((_, scope)) = CALLS.iter().find(|(call, _)| *call == word) else { continue };
        match quoted(code)[..] {
            [name, ref rest @ ..] if !name.contains(['$', ' ']) && name != "perl" => {
                ask(&mut sheet, number, name, rest.first().copied().unwrap_or_default(), phase.max(*scope));
            }
            ["perl", ..] => {}
            _ if code.contains("perl") => {}
            _ => sheet.problem(number, "a module whose name has to be worked out"),
        }
    }
    // Modules are asked for, and distributions are locked: only the names of the latter are known there.
    (sheet.done(), Some(Companion::Asks(Asks::nothing(&["cpanfile-snapshot"]))))
}

fn phase_of(name: &str) -> Scope {
    match name.trim_start_matches(['\'', '"']) {
        name if name.starts_with("test") => Scope::Test,
        name if name.starts_with("develop") => Scope::Dev,
        name if name.starts_with("build") || name.starts_with("configure") => Scope::Build,
        _ => Scope::Prod,
    }
}

/// A number alone is the least version that is taken; `== 1.0` is the only one.
fn ask(sheet: &mut Sheet, line: u32, module: &str, wanted: &str, scope: Scope) {
    let exact = wanted.strip_prefix("==").map(str::trim);
    // The address names distributions, whose names have dashes.
    let purl = Purl::new("cpan", None, &module.replace("::", "-"), exact);
    if let Some(mut added) = sheet.add_as(line, purl, module, None) {
        added.scope(scope);
        added.direct();
        if exact.is_none() && !matches!(wanted, "" | "0") {
            added.package.wanted = Some(wanted.to_owned());
        }
    }
}

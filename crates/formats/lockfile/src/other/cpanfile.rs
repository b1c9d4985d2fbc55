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
    // Blocks that are open, with what is asked for in each.
    let mut blocks = Vec::new();
    for (number, line) in lines(&text) {
        for (code, sign) in statements(line) {
            let phase = blocks.last().copied().unwrap_or(Scope::Prod);
            call(&mut sheet, number, code, phase);
            match sign {
                Some('{') => {
                    blocks.push(code.strip_prefix("on").map_or(phase, |name| phase.max(phase_of(name))))
                }
                Some('}') => {
                    blocks.pop();
                }
                _ => {}
            }
        }
    }
    // Modules are asked for, and distributions are locked: only the names of the latter are known there.
    (sheet.done(), Some(Companion::Asks(Asks::nothing(&["cpanfile-snapshot"]))))
}

/// The statements of a line without its comment, each with the sign that ends it, if that stands there.
fn statements(line: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let (mut quote, mut before) = (None, ' ');
        for (at, sign) in text.char_indices() {
            match (quote, sign) {
                (Some(open), _) if open == sign => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(sign),
                (None, '#') if before.is_whitespace() => return Some((text.split_at(at).0.trim(), None)),
                (None, ';' | '{' | '}') => {
                    let (code, following) = text.split_at(at);
                    rest = following.get(1..);
                    return Some((code.trim(), Some(sign)));
                }
                _ => {}
            }
            before = sign;
        }
        Some((text.trim(), None))
    })
}

/// Takes what one statement asks for, if it asks for something.
fn call(sheet: &mut Sheet, line: u32, code: &str, phase: Scope) {
    let word = code.split([' ', '(', '\'', '"']).next().unwrap_or_default();
    let Some((_, scope)) = CALLS.iter().find(|(call, _)| *call == word) else { return };
    match quoted(code)[..] {
        [name, ref rest @ ..] if !name.contains(['$', ' ']) && name != "perl" => {
            ask(sheet, line, name, rest.first().copied().unwrap_or_default(), phase.max(*scope));
        }
        ["perl", ..] => {}
        _ if code.contains("perl") => {}
        _ => sheet.problem(line, "a module whose name has to be worked out"),
    }
}

/// What a block is for, by what stands behind `on`.
fn phase_of(name: &str) -> Scope {
    match name.trim_start_matches(['(', ' ', '\'', '"']) {
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

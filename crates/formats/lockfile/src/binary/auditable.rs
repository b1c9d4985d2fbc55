//! The section `.dep-v0` of programs built with `cargo auditable`: JSON, compressed with zlib.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use palisade_model::{PackageEvidence, PackageOrigin, Reading, Relation, Scope};

use super::Program;
use crate::rust::{ECOSYSTEM, put};
use crate::sheet::Sheet;
use crate::spanned::{Value, json};

/// Bytes that the data may unfold to; that of the largest programs is a hundredth of it.
const MAX_UNFOLDED: u64 = 16 << 20;

pub(super) fn read(program: &Program<'_>) -> Option<Reading> {
    program.section(&[".dep-v0"]).map(read_section)
}

fn read_section(data: &[u8]) -> Reading {
    let mut sheet = Sheet::new("cargo", Some(ECOSYSTEM), PackageEvidence::Binary);
    let mut unfolded = Vec::new();
    if ZlibDecoder::new(data).take(MAX_UNFOLDED + 1).read_to_end(&mut unfolded).is_err() {
        sheet.problem(0, "the data of cargo auditable cannot be decompressed");
    }
    if unfolded.len() as u64 > MAX_UNFOLDED {
        sheet.problem(0, "the data of cargo auditable is larger than is read");
        return sheet.done();
    }
    let tree = json::parse(&unfolded);
    sheet.problems(tree.problems.clone());
    let entries = tree.root().items_of("packages");
    let indexes: Vec<Option<u32>> = entries.iter().map(|entry| put_entry(&mut sheet, entry)).collect();
    let place = |number: &Value| number.scalar().and_then(|number| number.parse::<usize>().ok());
    for (entry, index) in entries.iter().zip(&indexes) {
        let numbers = entry.items_of("dependencies").iter().filter_map(place);
        let targets: Vec<u32> = numbers.filter_map(|number| indexes.get(number).copied().flatten()).collect();
        if entry.flag("root") {
            for target in &targets {
                sheet.package(*target).into_iter().for_each(|package| package.relation = Relation::Direct);
            }
        }
        if let Some(package) = index.and_then(|index| sheet.package(index)) {
            package.dependencies.extend(targets);
        }
    }
    sheet.rest_is_transitive();
    let mut reading = sheet.done();
    // The lines of what was compressed help nobody.
    reading.packages.iter_mut().for_each(|package| package.line = 0);
    reading
}

fn put_entry(sheet: &mut Sheet, entry: &Value) -> Option<u32> {
    let (Some(name), Some(version)) = (entry.text_of("name"), entry.text_of("version")) else {
        sheet.problem(0, "a package has no name and version");
        return None;
    };
    let origin = match entry.text_of("source") {
        Some("crates.io") => PackageOrigin::Default,
        Some("git") => PackageOrigin::Git { url: String::new(), commit: None },
        Some("local") | None => PackageOrigin::Local { path: String::new() },
        Some(other) => PackageOrigin::Registry { url: other.to_owned() },
    };
    let mut added = put(sheet, 1, name, Some(version), origin)?;
    added.scope(if entry.text_of("kind") == Some("build") { Scope::Build } else { Scope::Prod });
    if entry.flag("root") {
        added.direct();
    }
    Some(added.index)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packages_with_their_kinds_and_edges() {
        let reading = read_section(&packed(
            r#"{"packages":[{"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},
            {"name":"tool","version":"0.1.0","source":"local","dependencies":[0,2],"root":true},
            {"name":"serde","version":"1.0.1","source":"crates.io"}]}"#,
        ));
        assert_eq!(reading.problems, []);
        let told: Vec<_> = reading.packages.iter().map(|p| (p.name.as_str(), p.scope, p.relation)).collect();
        assert_eq!(
            told,
            [
                ("cc", Scope::Build, Relation::Direct),
                ("tool", Scope::Prod, Relation::Direct),
                ("serde", Scope::Prod, Relation::Direct)
            ]
        );
        assert_eq!(reading.packages[1].dependencies, [0, 2]);
        assert_eq!(reading.packages[1].ecosystem, None);
    }

    #[test]
    fn broken_data_is_a_problem() {
        let mut data = packed(r#"{"packages":[{"name":"a","version":"1.0.0","source":"crates.io"}]}"#);
        assert_eq!(read_section(&data).problems, []);
        data.truncate(data.len() / 2);
        assert!(!read_section(&data).problems.is_empty());
        assert!(!read_section(b"").problems.is_empty());
        assert!(!read_section(&packed(&" ".repeat(17 << 20))).problems.is_empty());
    }
}

//! Compose files: the images of their services. A service that is built names the image that it makes. What a file leaves to variables is
//! filled in from `.env` beside it, as Compose does where it is not told otherwise (Compose specification, "Interpolation").

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, Purl, Scope};

use super::image;
use crate::format::Parsed;
use crate::neighbours::Neighbours;
use crate::record::{Companion, Record};
use crate::sheet::Sheet;
use crate::spanned::yaml;
use crate::text::lines;

/// The name in results of the file with variables.
pub(super) const VARIABLES: &str = "compose-variables";
const UNKNOWN: &str = "an image with a variable that has no default";
/// Variables of one file.
const MAX_VARIABLES: usize = 10_000;
/// Bytes of the value of one; each that names it holds it again.
const MAX_VALUE: usize = 4096;

/// What the files of a project keep for each other.
#[derive(Debug)]
pub(crate) enum Interpolation {
    /// Images with variables of which nothing is known, with their lines.
    Open(Vec<(u32, String)>),
    Variables(BTreeMap<String, String>),
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("docker", None, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let mut open = Vec::new();
    // The first form has no table of services.
    let services = root.get("services").unwrap_or(root);
    for service in services.members() {
        let Some(text) = service.value.text_of("image").filter(|_| service.value.get("build").is_none())
        else {
            continue;
        };
        let line = service.value.get("image").map_or(service.line, |image| image.line);
        match image::filled(text, &|_| None) {
            Some(text) => {
                image::add(&mut sheet, line, &text, Scope::Prod);
            }
            None => {
                sheet.problem(line, UNKNOWN);
                open.push((line, text.to_owned()));
            }
        }
    }
    (sheet.done(), Some(Companion::Compose(Interpolation::Open(open))))
}

/// `NAME=value` a line, with or without `export` and quotes. It names no packages itself.
pub(crate) fn read_variables(_: &str, bytes: &[u8]) -> Parsed {
    let text = String::from_utf8_lossy(bytes);
    let mut variables = BTreeMap::new();
    for (_, line) in lines(text.trim_start_matches('\u{feff}')) {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let known = |name: &str| variables.get(name).cloned();
        let value = match value.trim().strip_prefix('\'') {
            Some(literal) => literal.split('\'').next().map(str::to_owned),
            None => image::filled(bare(value.trim()), &known),
        };
        let fits = |value: &String| value.len() <= MAX_VALUE && variables.len() < MAX_VARIABLES;
        if let Some(value) = value.filter(fits) {
            variables.insert(name.trim().to_owned(), value);
        }
    }
    (Default::default(), Some(Companion::Compose(Interpolation::Variables(variables))))
}

/// A value without its quotes, or without the comment behind it.
fn bare(value: &str) -> &str {
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => value.split(" #").next().unwrap_or_default().trim_end(),
    }
}

/// Fills in images with the variables beside them.
pub(crate) fn link(records: &mut [Record]) {
    let variables = Neighbours::of_format(records, VARIABLES);
    for index in Neighbours::of_format(records, "compose").all() {
        let Some(record) = records.get(index) else { continue };
        let beside = variables.inside(&record.tree(), &record.folder()).first();
        let Some(Companion::Compose(Interpolation::Variables(known))) =
            beside.and_then(|beside| records.get(*beside)).and_then(|beside| beside.companion.as_ref())
        else {
            continue;
        };
        let Some(Companion::Compose(Interpolation::Open(open))) = &record.companion else { continue };
        let filled = open
            .iter()
            .filter_map(|(line, text)| Some((*line, image::filled(text, &|name| known.get(name).cloned())?)));
        let filled: Vec<(u32, String)> = filled.collect();
        if let Some(record) = records.get_mut(index) {
            fill(record, &filled);
        }
    }
}

fn fill(record: &mut Record, images: &[(u32, String)]) {
    let mut sheet = Sheet::new("docker", None, PackageEvidence::Declared);
    for (line, text) in images {
        image::add(&mut sheet, *line, text, Scope::Prod);
    }
    let is_filled = |line: Option<u32>| images.iter().any(|(filled, _)| Some(*filled) == line);
    let reading = &mut record.reading;
    reading.problems.retain(|problem| problem.detail != UNKNOWN || !is_filled(problem.line));
    let found = sheet.done();
    reading.problems.extend(found.problems);
    let known: BTreeSet<Purl> = reading.packages.iter().map(|package| package.purl.clone()).collect();
    reading.packages.extend(found.packages.into_iter().filter(|package| !known.contains(&package.purl)));
}

//! Projects of MSBuild (`*.csproj`, `*.fsproj`, `*.vbproj`) and what the folders above them add: properties of
//! `Directory.Build.props`, versions of `Directory.Packages.props` (central package management).

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, Reading, ReadingProblem, Scope};

use super::ECOSYSTEM;
use crate::asks::Asks;
use crate::format::Parsed;
use crate::record::{Companion, Record};
use crate::sheet::Sheet;
use crate::spanned::xml::{self, Element};
use crate::text::file_name;

/// Properties within properties.
const MAX_NESTING: usize = 8;
/// Bytes that a text may grow to.
const MAX_TEXT: usize = 2048;

/// What a file of MSBuild says. Names of properties and packages are in lower case.
#[derive(Debug, Default)]
pub(crate) struct Project {
    properties: BTreeMap<String, String>,
    references: Vec<Reference>,
    /// Versions for the projects below.
    central: Vec<Reference>,
    problems: Vec<ReadingProblem>,
}

#[derive(Debug, Clone)]
struct Reference {
    name: String,
    version: Option<String>,
    scope: Scope,
    line: u32,
}

pub(crate) fn read_project(_: &str, bytes: &[u8]) -> Parsed {
    let project = parse(bytes);
    let reading = packages(&project, &[]);
    (reading, Some(Companion::Msbuild(Box::new(project))))
}

pub(crate) fn read_central(_: &str, bytes: &[u8]) -> Parsed {
    let project = parse(bytes);
    let reading = central_packages(&project, true);
    (reading, Some(Companion::Msbuild(Box::new(project))))
}

fn parse(bytes: &[u8]) -> Project {
    let (root, problems) = xml::read(bytes);
    let root = root.unwrap_or_default();
    let mut project = Project { problems, ..Project::default() };
    for element in root.descendants() {
        match element.name.as_str() {
            "PropertyGroup" => {
                for property in &element.children {
                    let name = property.name.to_ascii_lowercase();
                    project.properties.entry(name).or_insert_with(|| property.text.clone());
                }
            }
            "ItemGroup" => element.children.iter().for_each(|item| project.item(item)),
            _ => {}
        }
    }
    let is_item =
        |name: &str| matches!(name, "PackageReference" | "GlobalPackageReference" | "PackageVersion");
    if let Some(element) = root.children.iter().find(|child| is_item(&child.name)) {
        project.problem(element.line, "an item outside of a group, which MSBuild refuses");
    }
    if root.name != "Project" && project.problems.is_empty() {
        project.problem(root.line, "is no project of MSBuild");
    }
    project
}

impl Project {
    fn problem(&mut self, line: u32, detail: &str) {
        self.problems
            .push(ReadingProblem { line: Some(line).filter(|line| *line > 0), detail: detail.to_owned() });
    }

    fn item(&mut self, element: &Element) {
        match element.name.as_str() {
            "PackageReference" => self.reference(element, false),
            "GlobalPackageReference" => self.reference(element, true),
            // Without a version it says nothing.
            "PackageVersion" => {
                let said = reference(element, false).filter(|said| said.version.is_some());
                self.central.extend(said);
            }
            _ => {}
        }
    }

    fn reference(&mut self, element: &Element, is_global: bool) {
        match reference(element, is_global) {
            Some(reference) => self.references.push(reference),
            None if element.attribute("Remove").is_some() => {}
            None => self.problem(element.line, "a package reference without a name"),
        }
    }
}

fn reference(element: &Element, is_global: bool) -> Option<Reference> {
    let said = |name: &str| {
        element.attribute(name).or_else(|| {
            element
                .children
                .iter()
                .find(|child| child.name.eq_ignore_ascii_case(name))
                .map(|child| child.text.as_str())
                .filter(|text| !text.is_empty())
        })
    };
    let name = element.attribute("Include").or_else(|| element.attribute("Update"));
    let name = name.filter(|name| !name.trim().is_empty())?;
    let version = said("VersionOverride").or_else(|| said("Version"));
    let is_private = said("PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
    let scope = if is_private || is_global { Scope::Dev } else { Scope::Prod };
    Some(Reference { name: name.to_owned(), version: version.map(str::to_owned), scope, line: element.line })
}

/// The packages of a project; `above` are the files that hold for it, nearest first.
fn packages(project: &Project, above: &[&Project]) -> Reading {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Declared);
    sheet.problems(project.problems.clone());
    let mut central: BTreeMap<String, &Reference> = BTreeMap::new();
    for version in above.iter().flat_map(|project| &project.central) {
        central.entry(version.name.to_ascii_lowercase()).or_insert(version);
    }
    for reference in &project.references {
        let elsewhere =
            || central.get(&reference.name.to_ascii_lowercase()).and_then(|found| found.version.as_ref());
        let version = reference.version.as_ref().or_else(elsewhere);
        let version = version.map(|version| filled(version, project, above, MAX_NESTING));
        declare(&mut sheet, reference, version.as_deref());
    }
    sheet.done()
}

/// The packages that a list of central versions brings by itself: all of them while no project is known that it holds for.
fn central_packages(project: &Project, all: bool) -> Reading {
    let mut sheet = Sheet::new("nuget", ECOSYSTEM, PackageEvidence::Declared);
    sheet.problems(project.problems.clone());
    let versions = project.central.iter().filter(|_| all);
    for version in versions.chain(&project.references) {
        let filled = version.version.as_ref().map(|text| filled(text, project, &[], MAX_NESTING));
        declare(&mut sheet, version, filled.as_deref());
    }
    sheet.done()
}

/// A plain version is the lowest that is taken, and the one that is; a range or a pattern is wanted (NuGet, "Package versioning").
fn declare(sheet: &mut Sheet, reference: &Reference, version: Option<&str>) {
    if reference.name.contains("$(") {
        sheet.problem(reference.line, "a package reference whose name is a property");
        return;
    }
    let version = version.map(str::trim).filter(|version| !version.is_empty());
    let exact = version
        .map(|version| version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(version));
    let is_open = |version: &str| version.contains(['*', ',', '(', ')', '[', ']', '$', '@']);
    let added = match (exact, version) {
        (Some(exact), _) if !is_open(exact) => sheet.add(reference.line, &reference.name, Some(exact)),
        (_, Some(wanted)) => sheet.add_wanted(reference.line, &reference.name, wanted),
        _ => sheet.add(reference.line, &reference.name, None),
    };
    if let Some(mut added) = added {
        added.scope(reference.scope);
        added.direct();
    }
}

/// `text` with `$(Property)` replaced; unknown ones stay.
fn filled(text: &str, project: &Project, above: &[&Project], nesting: usize) -> String {
    let Some((before, rest)) = text.split_once("$(") else { return text.to_owned() };
    let Some((name, after)) = rest.split_once(')') else { return text.to_owned() };
    let key = name.trim().to_ascii_lowercase();
    let value = project
        .properties
        .get(&key)
        .or_else(|| above.iter().find_map(|project| project.properties.get(&key)));
    let Some(value) = value.filter(|_| nesting > 0) else { return text.to_owned() };
    let joined = format!("{before}{value}{after}");
    if joined.len() > MAX_TEXT { text.to_owned() } else { filled(&joined, project, above, nesting - 1) }
}

/// Lets each project take over what the folders above it say.
pub(crate) fn link(records: &mut [Record]) {
    let mut above: BTreeMap<String, Vec<&Project>> = BTreeMap::new();
    let mut projects = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let Some(Companion::Msbuild(project)) = &record.companion else { continue };
        let path = record.members.last().map_or_else(|| record.path.to_string(), Clone::clone);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        if file_name(&path).to_ascii_lowercase().starts_with("directory.") {
            above.entry(folder.clone()).or_default().push(project);
        }
        projects.push((index, folder, project, record.format.name));
    }
    let mut readings = Vec::new();
    for (index, folder, project, format) in &projects {
        let reading = if *format == "nuget-central-packages" {
            let holds = |place: &str| {
                folder.is_empty() || place == folder || place.starts_with(&format!("{folder}/"))
            };
            let used = projects
                .iter()
                .any(|(_, place, _, format)| *format != "nuget-central-packages" && holds(place));
            central_packages(project, !used)
        } else {
            let chain: Vec<&Project> =
                folders(folder).filter_map(|folder| above.get(folder)).flatten().copied().collect();
            packages(project, &chain)
        };
        readings.push((*index, reading));
    }
    for (index, reading) in readings {
        if let Some(record) = records.get_mut(index) {
            record.reading = reading;
            record.companion = Some(Companion::Asks(Asks::of(&["nuget-packages-lock"], asked(record))));
        }
    }
}

/// What a project asks for; central versions are those that somebody else asks for.
fn asked(record: &Record) -> Vec<(String, Scope)> {
    let packages =
        record.reading.packages.iter().filter(|_| record.format.name() != "nuget-central-packages");
    packages.map(|package| (package.name.clone(), package.scope)).collect()
}

/// A folder and those above it, nearest first.
fn folders(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| {
        if folder.is_empty() { None } else { Some(folder.rsplit_once('/').map_or("", |(above, _)| above)) }
    })
}

//! What Maven projects ask for once their parents and imported lists of versions have spoken, as far as those lie in the same tree.
//! Nothing is fetched: a version that only a parent elsewhere knows is a problem.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, Purl, Reading};

use super::gradle_catalog::pinned;
use super::pom::{Coordinates, Dependency, Key, Pom};
use crate::record::{Companion, Record};
use crate::sheet::Sheet;

/// Parents of parents, and lists within lists.
const MAX_GENERATIONS: usize = 32;
/// Properties within properties.
const MAX_NESTING: usize = 16;
/// Properties that one text is filled with.
const MAX_STEPS: usize = 500;
/// Bytes that a text may grow to.
const MAX_TEXT: usize = 4096;
/// Managed versions that one project may gather.
const MAX_MANAGED: usize = 200_000;

/// The projects of a tree, by path and by coordinates.
pub(super) struct Family<'p> {
    by_path: BTreeMap<String, &'p Pom>,
    by_name: BTreeMap<(String, String), Vec<&'p Pom>>,
    path: String,
}

impl<'p> Family<'p> {
    /// No other project is at hand.
    pub(super) const fn alone() -> Self {
        Self { by_path: BTreeMap::new(), by_name: BTreeMap::new(), path: String::new() }
    }

    fn parent(&self, pom: &Pom, path: Option<&str>) -> Option<(&'p Pom, Option<String>)> {
        let parent = pom.parent.as_ref()?;
        let named = |candidate: &Pom| candidate.artifact == parent.coordinates.1;
        let near = path.and_then(|path| joined(path, &parent.path));
        let near = near.and_then(|path| Some((*self.by_path.get(&path)?, Some(path))));
        near.filter(|(candidate, _)| named(candidate))
            .or_else(|| Some((self.named(&parent.coordinates)?, None)))
    }

    /// The project of those coordinates; a version with a property in it is known by those who use it only.
    fn named(&self, (group, artifact, version): &Coordinates) -> Option<&'p Pom> {
        let found = self.by_name.get(&(group.clone(), artifact.clone()))?;
        let same = |pom: &&&Pom| {
            let own =
                pom.version.as_ref().or_else(|| pom.parent.as_ref().map(|parent| &parent.coordinates.2));
            own.is_none_or(|own| own == version || own.contains("${") || version.contains("${"))
        };
        found.iter().find(same).copied()
    }
}

/// The path that `relative` leads to from the folder of the file at `path`; a folder stands for the project in it.
fn joined(path: &str, relative: &str) -> Option<String> {
    if relative.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    if parts.last().is_none_or(|last| !last.contains('.') || !last.ends_with("xml") && !last.ends_with("pom"))
    {
        parts.push("pom.xml");
    }
    Some(parts.join("/"))
}

/// Settles what each Maven project of a tree asks for.
pub(crate) fn link(records: &mut [Record]) {
    let mut family = Family::alone();
    let mut poms: Vec<(usize, String, &Pom)> = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let Some(Companion::Pom(pom)) = &record.companion else { continue };
        let path = record.members.last().map_or_else(|| record.path.to_string(), Clone::clone);
        family.by_path.insert(path.clone(), pom);
        let group = pom.group.clone().or_else(|| Some(pom.parent.as_ref()?.coordinates.0.clone()));
        let name = (group.unwrap_or_default(), pom.artifact.clone());
        family.by_name.entry(name).or_default().push(pom);
        poms.push((index, path, pom));
    }
    let mut readings = Vec::new();
    for (index, path, pom) in poms {
        family.path = path;
        readings.push((index, packages(pom, &family)));
    }
    for (index, reading) in readings {
        if let Some(record) = records.get_mut(index) {
            record.reading = reading;
        }
    }
}

/// Dependencies that one project may inherit.
const MAX_INHERITED: usize = 20_000;

/// The project itself and what it asks for, with what its family adds.
pub(super) fn packages(pom: &Pom, family: &Family<'_>) -> Reading {
    let (project, line) = Effective::of(pom, family);
    let mut sheet = Sheet::new("maven", super::ECOSYSTEM, PackageEvidence::Declared);
    sheet.problems(pom.problems.clone());
    let root = project.add_itself(pom, &mut sheet);
    for dependency in pom.dependencies.iter().chain(&project.inherited(pom, &line)) {
        project.add(dependency, &mut sheet);
    }
    sheet.needs_what_is_asked_for(root);
    sheet.done()
}

/// A project with everything that it inherits.
struct Effective {
    properties: BTreeMap<String, String>,
    managed: BTreeMap<Key, Managed>,
    /// The first parent or imported list that is not at hand.
    missing: Option<String>,
}

struct Managed {
    version: Option<String>,
    dependency: Dependency,
}

impl Effective {
    /// What holds for `pom`, and its line of parents, itself first.
    fn of<'p>(pom: &'p Pom, family: &Family<'p>) -> (Self, Vec<&'p Pom>) {
        let mut project = Self { properties: BTreeMap::new(), managed: BTreeMap::new(), missing: None };
        let mut imports = Vec::new();
        let line = project.inherit(pom, family, Some(&family.path));
        for pom in &line {
            project.manage(pom, &mut imports);
        }
        let mut met = BTreeSet::new();
        let mut steps = 0;
        while let Some(coordinates) = imports.pop() {
            steps += 1;
            if steps > MAX_GENERATIONS * 8 || !met.insert(coordinates.clone()) {
                continue;
            }
            project.import(&coordinates, family, &mut imports);
        }
        (project, line)
    }

    /// What the parents of `pom` ask for and no child of theirs says otherwise. It stands at the line that names the parent.
    fn inherited(&self, pom: &Pom, line: &[&Pom]) -> Vec<Dependency> {
        let at = pom.parent.as_ref().map_or(0, |parent| parent.line);
        let mut known: BTreeSet<Key> = pom.dependencies.iter().map(|own| self.filled(own).key()).collect();
        let mut inherited = Vec::new();
        for parent in line.iter().skip(1) {
            for dependency in &parent.dependencies {
                let filled = self.filled(dependency);
                if inherited.len() < MAX_INHERITED && known.insert(filled.key()) {
                    inherited.push(Dependency { line: at, ..filled });
                }
            }
        }
        inherited
    }

    /// The project is a package that no registry knows, as far as this tree tells.
    fn add_itself(&self, pom: &Pom, sheet: &mut Sheet) -> Option<u32> {
        let told = |name: &str| {
            let text = self.interpolated(self.properties.get(&format!("project.{name}"))?);
            Some(text).filter(|text| !text.is_empty() && !text.contains("${"))
        };
        let (group, artifact) = (told("groupId")?, told("artifactId")?);
        sheet.add_itself(pom.line, &format!("{group}:{artifact}"), told("version").as_deref())
    }

    /// The project and its parents, nearest first; gathers their properties.
    fn inherit<'p>(&mut self, pom: &'p Pom, family: &Family<'p>, path: Option<&str>) -> Vec<&'p Pom> {
        let mut line = vec![pom];
        let mut path = path.map(str::to_owned);
        let mut last = pom;
        while let Some(parent) = &last.parent {
            match family.parent(last, path.as_deref()) {
                Some((found, found_path)) if line.len() < MAX_GENERATIONS => {
                    line.push(found);
                    (last, path) = (found, found_path);
                }
                _ => {
                    let (group, artifact, version) = &parent.coordinates;
                    self.missing = Some(format!("{group}:{artifact}:{version}"));
                    break;
                }
            }
        }
        for pom in &line {
            for (key, value) in &pom.properties {
                self.properties.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        self.name(&line);
        line
    }

    /// The properties that every project has.
    fn name(&mut self, line: &[&Pom]) {
        let Some(pom) = line.first() else { return };
        let parent = pom.parent.as_ref().map(|parent| &parent.coordinates);
        let group = pom.group.clone().or_else(|| parent.map(|parent| parent.0.clone()));
        // What the parent says of itself goes before what its child expects, in which properties may stand.
        let above = line.get(1).and_then(|parent| parent.version.clone());
        let version = pom.version.clone().or(above).or_else(|| parent.map(|parent| parent.2.clone()));
        let mut names =
            vec![("groupId", group), ("version", version), ("artifactId", Some(pom.artifact.clone()))];
        names.extend([
            ("parent.groupId", parent.map(|parent| parent.0.clone())),
            ("parent.artifactId", parent.map(|parent| parent.1.clone())),
            ("parent.version", parent.map(|parent| parent.2.clone())),
        ]);
        for (name, value) in names {
            let Some(value) = value else { continue };
            self.properties.insert(format!("project.{name}"), value.clone());
            self.properties.insert(format!("pom.{name}"), value.clone());
            self.properties.entry(name.to_owned()).or_insert(value);
        }
    }

    /// Takes over managed versions; what is nearer has been taken already.
    fn manage(&mut self, pom: &Pom, imports: &mut Vec<Coordinates>) {
        let mut own = Vec::new();
        for dependency in &pom.managed {
            let dependency = self.filled(dependency);
            if dependency.is_import() {
                let version = dependency.version.unwrap_or_default();
                own.push((dependency.group, dependency.artifact, version));
                continue;
            }
            if self.managed.len() < MAX_MANAGED {
                let version = dependency.version.clone();
                self.managed.entry(dependency.key()).or_insert(Managed { version, dependency });
            }
        }
        // The first that is named goes first.
        imports.splice(0..0, own.into_iter().rev());
    }

    /// Takes over what an imported list manages, in the words of that list.
    fn import(&mut self, coordinates: &Coordinates, family: &Family<'_>, imports: &mut Vec<Coordinates>) {
        let Some(pom) = family.named(coordinates) else {
            let (group, artifact, version) = coordinates;
            self.missing.get_or_insert_with(|| format!("{group}:{artifact}:{version}"));
            return;
        };
        let mut list = Self { properties: BTreeMap::new(), managed: BTreeMap::new(), missing: None };
        let mut inner = Vec::new();
        for pom in list.inherit(pom, family, None) {
            list.manage(pom, &mut inner);
        }
        for (key, managed) in list.managed {
            if self.managed.len() < MAX_MANAGED {
                self.managed.entry(key).or_insert(managed);
            }
        }
        if self.missing.is_none() {
            self.missing = list.missing;
        }
        imports.extend(inner);
    }

    fn add(&self, written: &Dependency, sheet: &mut Sheet) {
        let mut dependency = self.filled(written);
        let managed = self.managed.get(&dependency.key());
        if dependency.version.is_none() {
            dependency.version = managed.and_then(|managed| managed.version.clone());
        }
        if let (true, Some(managed)) = (dependency.scope.is_empty(), managed) {
            dependency.scope.clone_from(&managed.dependency.scope);
        }
        if dependency.artifact.is_empty() || dependency.group.is_empty() {
            sheet.problem(written.line, "a dependency without group or artifact");
            return;
        }
        let version = dependency.version.as_deref().map(str::trim);
        let exact = version.and_then(pinned);
        let name = format!("{}:{}", dependency.group, dependency.artifact);
        let purl = Purl::new("maven", Some(&dependency.group), &dependency.artifact, exact).map(|purl| {
            let kind = if dependency.kind == "jar" { "" } else { dependency.kind.as_str() };
            purl.with_qualifier("type", kind).with_qualifier("classifier", &dependency.classifier)
        });
        let Some(mut added) = sheet.add_as(written.line, purl, &name, super::ECOSYSTEM) else { return };
        added.scope(dependency.scope());
        added.direct();
        if exact.is_none() {
            added.package.wanted = version.map(str::to_owned);
            let unknown = version.is_none_or(|version| version.contains("${"));
            if let (true, Some(missing)) = (unknown, &self.missing) {
                sheet.problem(
                    written.line,
                    &format!("the version of {name} comes from {missing}, which is not in this tree"),
                );
            }
        }
    }

    fn filled(&self, dependency: &Dependency) -> Dependency {
        let mut filled = dependency.clone();
        let texts = [
            &mut filled.group,
            &mut filled.artifact,
            &mut filled.kind,
            &mut filled.classifier,
            &mut filled.scope,
        ];
        for text in texts.into_iter().chain(filled.version.as_mut()) {
            if text.contains("${") {
                *text = self.interpolated(text);
            }
        }
        filled
    }

    /// `text` with its properties; unknown ones stay as they are, and so does what grows without end.
    fn interpolated(&self, text: &str) -> String {
        let mut steps = MAX_STEPS;
        let mut result = String::new();
        if self.interpolate(text, MAX_NESTING, &mut steps, &mut result) { result } else { text.to_owned() }
    }

    /// Appends `text` with its properties; whether it stayed within bounds.
    fn interpolate(&self, text: &str, nesting: usize, steps: &mut usize, result: &mut String) -> bool {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, following)) = after.split_once('}') else { break };
            let within = *steps > 0 && nesting > 0 && result.len() <= MAX_TEXT;
            *steps = steps.saturating_sub(1);
            if !within {
                return false;
            }
            match self.properties.get(name.trim()) {
                Some(value) => {
                    if !self.interpolate(value, nesting - 1, steps, result) {
                        return false;
                    }
                }
                None => result.push_str(&format!("${{{name}}}")),
            }
            rest = following;
        }
        result.push_str(rest);
        result.len() <= MAX_TEXT
    }
}

//! `pom.xml`: what a Maven project says by itself. What its parents and imported lists of versions add is in [`super::effective`].

use std::collections::BTreeMap;

use palisade_model::Scope;

use super::effective::{Family, packages};
use crate::format::Parsed;
use crate::record::Companion;
use crate::spanned::xml::{self, Element};

/// Group, artifact and version.
pub(super) type Coordinates = (String, String, String);

/// A project, texts as written, without white space around them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pom {
    pub(super) group: Option<String>,
    pub(super) artifact: String,
    pub(super) version: Option<String>,
    pub(super) parent: Option<Parent>,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) managed: Vec<Dependency>,
    pub(super) line: u32,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) licences: Vec<String>,
    /// What could not be read of the document.
    pub(super) problems: Vec<palisade_model::ReadingProblem>,
}

#[derive(Debug, Clone)]
pub(super) struct Parent {
    pub(super) coordinates: Coordinates,
    /// Where its file lies, from the folder of this one.
    pub(super) path: String,
    pub(super) line: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Dependency {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: Option<String>,
    pub(super) kind: String,
    pub(super) classifier: String,
    pub(super) scope: String,
    pub(super) optional: bool,
    pub(super) line: u32,
}

/// What two dependencies have in common that stand for the same: group, artifact, type and classifier.
pub(super) type Key = (String, String, String, String);

impl Dependency {
    pub(super) fn key(&self) -> Key {
        (self.group.clone(), self.artifact.clone(), self.kind.clone(), self.classifier.clone())
    }

    /// Whether it takes over the managed versions of another project.
    pub(super) fn is_import(&self) -> bool {
        self.scope == "import" && self.kind == "pom"
    }

    /// What it is needed for.
    pub(super) fn scope(&self) -> Scope {
        match self.scope.as_str() {
            "test" => Scope::Test,
            "provided" | "system" => Scope::Peer,
            _ if self.optional => Scope::Optional,
            _ => Scope::Prod,
        }
    }
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let pom = parse(bytes);
    let reading = packages(&pom, &Family::alone());
    (reading, Some(Companion::Pom(Box::new(pom))))
}

/// The project of a document; what is missing is empty.
pub(super) fn parse(bytes: &[u8]) -> Pom {
    let (root, problems) = xml::read(bytes);
    let root = root.unwrap_or_default();
    let mut pom = Pom {
        group: owned(root.child_text("groupId")),
        artifact: owned(root.child_text("artifactId")).unwrap_or_default(),
        version: owned(root.child_text("version")),
        parent: root.child("parent").map(parent),
        line: root.line,
        problems,
        ..Pom::default()
    };
    if root.name != "project" && pom.problems.is_empty() {
        pom.problems.push(palisade_model::ReadingProblem {
            line: Some(root.line).filter(|line| *line > 0),
            detail: "is no Maven project".to_owned(),
        });
    }
    pom.licences = root
        .named("licenses")
        .flat_map(|licences| licences.named("license"))
        .filter_map(|licence| owned(licence.child_text("name")))
        .collect();
    pom.take(&root, true);
    let profiles: Vec<&Element> =
        root.named("profiles").flat_map(|profiles| profiles.named("profile")).collect();
    for profile in &profiles {
        let active =
            profile.child("activation").and_then(|activation| activation.child_text("activeByDefault"));
        pom.take(profile, active == Some("true"));
    }
    pom
}

impl Pom {
    /// Takes what stands in the project or in a profile. Which profiles a build uses is not known here, so what each of them asks
    /// for counts; its properties give way to those that surely hold.
    fn take(&mut self, part: &Element, holds: bool) {
        for property in part.named("properties").flat_map(|properties| &properties.children) {
            let (key, value) = (property.name.clone(), property.text.clone());
            if holds {
                self.properties.insert(key, value);
            } else {
                self.properties.entry(key).or_insert(value);
            }
        }
        let managed = part.named("dependencyManagement").flat_map(|managed| managed.named("dependencies"));
        self.managed.extend(managed.flat_map(|list| list.named("dependency")).map(dependency));
        let own = part.named("dependencies").flat_map(|list| list.named("dependency")).map(dependency);
        let own: Vec<Dependency> = own.collect();
        // Maven takes the last one of those that stand for the same in one list.
        let last: BTreeMap<Key, usize> = own.iter().map(Dependency::key).zip(0..).collect();
        let is_last = |(at, dependency): &(usize, Dependency)| last.get(&dependency.key()) == Some(at);
        self.dependencies
            .extend(own.into_iter().enumerate().filter(is_last).map(|(_, dependency)| dependency));
    }
}

fn parent(element: &Element) -> Parent {
    let part = |name| owned(element.child_text(name)).unwrap_or_default();
    let path = match element.child("relativePath") {
        Some(path) => path.text.clone(),
        None => "../pom.xml".to_owned(),
    };
    Parent { coordinates: (part("groupId"), part("artifactId"), part("version")), path, line: element.line }
}

fn dependency(element: &Element) -> Dependency {
    let part = |name| owned(element.child_text(name)).unwrap_or_default();
    let kind = owned(element.child_text("type")).unwrap_or_else(|| "jar".to_owned());
    Dependency {
        group: part("groupId"),
        artifact: part("artifactId"),
        version: owned(element.child_text("version")),
        kind,
        classifier: part("classifier"),
        scope: part("scope"),
        optional: element.child_text("optional") == Some("true"),
        line: element.line,
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::PackageHash;
use serde_json::{Map, Value};

use crate::bom::{
    Bom, BomFormat, BomLicence, BomLicenceKind, BomMetadata, BomScope, BomTool, Component, CycloneDxVersion,
    DEEPEST, Occurrence, Property, References,
};
use crate::extra::Texts;
use crate::fields::{Fields, Problems};
use crate::pieces::{self, Members};
use crate::read::{MOST_COMPONENTS, SbomError};

/// The place of the component that a document is about.
const SUBJECT: &str = "metadata.component";

/// The version that a document says it has.
fn version_of(root: &Members<'_>) -> Result<CycloneDxVersion, SbomError> {
    let version = root.get("specVersion").and_then(|piece| serde_json::from_str::<String>(piece).ok());
    match version.as_deref() {
        Some("1.2" | "1.3" | "1.4") => Ok(CycloneDxVersion::V1_4),
        Some("1.5") => Ok(CycloneDxVersion::V1_5),
        Some("1.6") => Ok(CycloneDxVersion::V1_6),
        Some("1.7") => Ok(CycloneDxVersion::V1_7),
        Some(other) => {
            let shown: String = other.chars().filter(|c| c.is_ascii_graphic()).take(16).collect();
            Err(SbomError::Unsupported(format!("CycloneDX {shown}")))
        }
        None => Err(SbomError::Unsupported("CycloneDX without `specVersion`".to_owned())),
    }
}

/// Reads the document whose `bomFormat` is CycloneDX.
pub(crate) fn read(mut root: Members<'_>, problems: &mut Problems) -> Result<Bom, SbomError> {
    let version = version_of(&root)?;
    let mut reading = Reading { problems, components: Vec::new(), references: References::default() };
    for known in ["bomFormat", "specVersion", "$schema"] {
        root.remove(known);
    }
    let mut small = |key| root.remove(key).map(pieces::value).transpose();
    let (serial, revision) = (small("serialNumber")?, small("version")?);
    let metadata = root.remove("metadata");
    let components = root.remove("components");
    let dependencies = root.remove("dependencies");
    let (mut metadata, properties) = reading.metadata(metadata)?;
    if let Some(components) = components {
        reading.components(components, "components", &[])?;
    }
    reading.name_the_rest();
    let mut others = BTreeSet::new();
    let mut extra = Texts::default();
    extra.take(root, |value| other_references(value, &mut others))?;
    reading.dependencies(dependencies, &others)?;
    metadata.serial = serial.and_then(|value| value.as_str().map(str::to_owned));
    metadata.revision = revision.and_then(|value| value.as_u64()?.try_into().ok());
    let (components, extra) = (reading.components, extra.into());
    Ok(Bom { source: Some(BomFormat::CycloneDx(version)), metadata, components, properties, extra })
}

/// Adds the names of services and the like, on which components may depend too.
fn other_references(value: &Value, found: &mut BTreeSet<String>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list),
            Value::Object(map) => {
                found.extend(map.get("bom-ref").and_then(Value::as_str).map(str::to_owned));
                open.extend(map.values());
            }
            _ => {}
        }
    }
}

/// The members of an object, and the text of one that is read by itself.
type Apart<'t> = (Map<String, Value>, Option<&'t str>);

struct Reading<'a> {
    problems: &'a mut Problems,
    components: Vec<Component>,
    references: References,
}

impl Reading<'_> {
    fn metadata(&mut self, piece: Option<&str>) -> Result<(BomMetadata, Vec<Property>), SbomError> {
        let mut metadata = BomMetadata::default();
        let place = "metadata".to_owned();
        let read = piece.map(|piece| self.without(piece, &place, "component")).transpose()?;
        let Some((map, subject)) = read.flatten() else {
            return Ok((metadata, Vec::new()));
        };
        let mut fields = Fields::within(map, place, self.problems);
        if let Some(text) = fields.text("timestamp") {
            metadata.timestamp = text.parse().ok();
            if metadata.timestamp.is_none() {
                fields.problem("has a `timestamp` that is none");
            }
        }
        metadata.tools = tools(&mut fields);
        let properties = properties(&mut fields);
        metadata.extra = fields.rest.into();
        if let Some(subject) = subject {
            let before = self.components.len();
            self.component(subject, SUBJECT.to_owned(), &[])?;
            metadata.subject = (self.components.len() > before).then_some(0);
        }
        Ok((metadata, properties))
    }

    /// The members of an object, and the text of the one called `key`; a piece of another kind is a problem.
    fn without<'t>(
        &mut self,
        piece: &'t str,
        place: &str,
        key: &str,
    ) -> Result<Option<Apart<'t>>, SbomError> {
        let Some(mut members) = pieces::members(piece)? else {
            Fields::of(pieces::value(piece)?, place.to_owned(), self.problems);
            return Ok(None);
        };
        let inner = members.remove(key);
        Ok(Some((pieces::values(members)?, inner)))
    }

    fn components(&mut self, piece: &str, place: &str, above: &[u32]) -> Result<(), SbomError> {
        let Some(elements) = pieces::elements(piece) else {
            self.problems.add(format!("`{place}` is no list"));
            return Ok(());
        };
        for (number, element) in elements.enumerate() {
            self.component(element?, format!("{place}[{number}]"), above)?;
        }
        Ok(())
    }

    /// Reads a component and those in it. One without a name is a problem, and those in it belong to its parent.
    fn component(&mut self, piece: &str, place: String, above: &[u32]) -> Result<(), SbomError> {
        if self.components.len() >= MOST_COMPONENTS {
            return Err(SbomError::TooMany);
        }
        let Some((mut map, nested)) = self.without(piece, &place, "components")? else { return Ok(()) };
        // Some tools leave the product without a name. It is no package, so nothing is lost.
        if place == SUBJECT && matches!(map.get("name").map(|name| name.as_str()), None | Some(Some(""))) {
            map.insert("name".to_owned(), "unnamed".into());
        }
        let mut fields = Fields::within(map, place.clone(), self.problems);
        let reference = fields.text("bom-ref");
        let component = component(&mut fields);
        let mut path = above.to_vec();
        // One without a name is a problem already; what is in it belongs to what is around it.
        if let Some(mut component) = component {
            component.shrink_to_fit();
            component.parent = above.last().copied().filter(|_| above.len() < DEEPEST);
            if let Some(reference) = reference {
                if self.references.is_taken(&reference) {
                    self.problems.add(format!("`{place}` has the `bom-ref` of another component"));
                } else {
                    component.reference = self.references.give(&reference);
                }
            }
            path.push(u32::try_from(self.components.len()).map_err(|_| SbomError::TooMany)?);
            self.components.push(component);
        }
        nested.map_or(Ok(()), |nested| self.components(nested, &format!("{place}.components"), &path))
    }

    /// Gives the components without a name of their own one.
    fn name_the_rest(&mut self) {
        for (index, component) in self.components.iter_mut().enumerate() {
            if component.reference.is_empty() {
                let purl = component.purl.as_ref().map(ToString::to_string);
                let wanted = purl.unwrap_or_else(|| format!("component-{index}"));
                component.reference = self.references.give(&wanted);
            }
        }
    }

    fn dependencies(&mut self, piece: Option<&str>, others: &BTreeSet<String>) -> Result<(), SbomError> {
        let Some(piece) = piece else { return Ok(()) };
        let indexes: BTreeMap<String, u32> = (0..)
            .zip(&self.components)
            .map(|(index, component)| (component.reference.clone(), index))
            .collect();
        let components = &mut self.components;
        Fields::each_of("dependencies", piece, self.problems, |mut entry| {
            let Some(reference) = entry.text("ref") else { return entry.problem("has no `ref`") };
            let needs = entry.texts("dependsOn");
            let Some(from) = indexes.get(&reference) else {
                if !others.contains(&reference) {
                    entry.problem(&format!("is of `{}`, which is no component", shortened(&reference)));
                }
                return;
            };
            for needed in needs {
                match (
                    indexes.get(&needed),
                    usize::try_from(*from).ok().and_then(|at| components.get_mut(at)),
                ) {
                    (Some(to), Some(component)) => component.depends_on.push(*to),
                    (None, _) if !others.contains(&needed) => {
                        entry.problem(&format!("needs `{}`, which is no component", shortened(&needed)));
                    }
                    _ => {}
                }
            }
        })?;
        for component in components {
            component.depends_on.sort_unstable();
            component.depends_on.dedup();
        }
        Ok(())
    }
}

/// A name from a document, short enough for a message.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().filter(|c| !palisade_model::is_unprintable(*c)).take(120).collect()
}

fn component(fields: &mut Fields<'_>) -> Option<Component> {
    let purl = match fields.text("purl").map(|text| (text.parse(), text)) {
        None => None,
        Some((Ok(purl), _)) => Some(purl),
        Some((Err(error), text)) => {
            fields.problem(&format!("has the address `{}`: {error}", shortened(&text)));
            None
        }
    };
    let name = fields.text("name");
    if name.is_none() {
        fields.problem("has no name");
    }
    let name = name.or_else(|| purl.as_ref().map(|purl: &palisade_model::Purl| purl.name().to_owned()))?;
    let mut component = Component::new("", fields.text("type").unwrap_or_else(|| "library".to_owned()), name);
    component.purl = purl;
    component.group = fields.text("group");
    component.version = fields.text("version");
    component.cpes = fields.text("cpe").into_iter().collect();
    component.description = fields.text("description");
    component.supplier = supplier(fields);
    component.scope = fields.text("scope").and_then(|name| {
        let scope = BomScope::of_name(&name);
        if scope.is_none() {
            fields.problem("has an unknown `scope`");
        }
        scope
    });
    component.hashes = hashes(fields, "hashes");
    component.licences = licences(fields);
    component.occurrences = occurrences(fields);
    component.properties = properties(fields);
    component.extra = std::mem::take(&mut fields.rest).into();
    Some(component)
}

/// The supplier's name. One of whom more is told stays as it is.
fn supplier(fields: &mut Fields<'_>) -> Option<String> {
    let supplier = fields.rest.get("supplier")?.as_object()?;
    let name = supplier.get("name")?.as_str().map(str::to_owned);
    if supplier.len() == 1 {
        fields.rest.remove("supplier");
    }
    name
}

fn hashes(fields: &mut Fields<'_>, key: &str) -> Vec<PackageHash> {
    let mut hashes = Vec::new();
    fields.objects(key, |mut hash| match (hash.text("alg"), hash.text("content")) {
        (Some(algorithm), Some(value)) => {
            hashes.push(PackageHash { algorithm, value: value.to_ascii_lowercase() });
        }
        _ => hash.problem("has no `alg` or no `content`"),
    });
    hashes
}

fn licences(fields: &mut Fields<'_>) -> Vec<BomLicence> {
    let mut licences = Vec::new();
    fields.objects("licenses", |mut choice| {
        if let Some(text) = choice.text("expression") {
            let extra = std::mem::take(&mut choice.rest).into();
            licences.push(BomLicence { kind: BomLicenceKind::Expression, text, extra });
            return;
        }
        let Some(mut licence) = choice.object("license") else {
            return choice.problem("has neither `expression` nor `license`");
        };
        let (kind, text) = match (licence.text("id"), licence.text("name")) {
            (Some(id), _) => (BomLicenceKind::Id, id),
            (None, Some(name)) => (BomLicenceKind::Name, name),
            (None, None) => return licence.problem("has neither `id` nor `name`"),
        };
        licences.push(BomLicence { kind, text, extra: licence.rest.into() });
    });
    licences
}

/// Takes the occurrences out of the evidence; the rest of it stays.
fn occurrences(fields: &mut Fields<'_>) -> Vec<Occurrence> {
    let Some(mut evidence) = fields.object("evidence") else { return Vec::new() };
    let mut occurrences = Vec::new();
    evidence.objects("occurrences", |mut occurrence| match occurrence.text("location") {
        Some(location) => {
            let line = occurrence.number("line").filter(|line| *line > 0);
            occurrences.push(Occurrence { location, line, extra: occurrence.rest.into() });
        }
        None => occurrence.problem("has no `location`"),
    });
    let rest = evidence.rest;
    if !rest.is_empty() {
        fields.rest.insert("evidence".to_owned(), Value::Object(rest));
    }
    occurrences
}

fn properties(fields: &mut Fields<'_>) -> Vec<Property> {
    let mut properties = Vec::new();
    fields.objects("properties", |mut property| {
        let value = match property.rest.remove("value") {
            Some(Value::String(value)) => value,
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        match property.text("name") {
            Some(name) => properties.push(Property { name, value }),
            None => property.problem("has no `name`"),
        }
    });
    properties
}

/// Tools in the list of old documents or in the object of newer ones.
fn tools(fields: &mut Fields<'_>) -> Vec<BomTool> {
    let mut tools = Vec::new();
    let mut take = |mut tool: Fields<'_>| {
        let vendor = tool.text("vendor").or_else(|| tool.text("group")).or_else(|| tool.text("author"));
        let name = tool.text("name").unwrap_or_else(|| "unknown".to_owned());
        tools.push(BomTool { vendor, name, version: tool.text("version") });
    };
    match fields.rest.get("tools") {
        Some(Value::Array(_)) => fields.objects("tools", take),
        Some(Value::Object(_)) => {
            if let Some(mut kinds) = fields.object("tools") {
                kinds.objects("components", &mut take);
                kinds.objects("services", take);
            }
        }
        _ => {}
    }
    tools
}

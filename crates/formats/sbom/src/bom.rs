use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use palisade_model::{PackageHash, Purl, Timestamp};

use crate::extra::Extra;
use crate::read::SbomError;

/// How deep components are nested at most, as 127 is the most that readers of JSON take, and a component needs two.
pub(crate) const DEEPEST: usize = 50;

/// A version of CycloneDX that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CycloneDxVersion {
    /// 1.4; documents of 1.2 and 1.3 are read as this.
    V1_4,
    /// 1.5.
    V1_5,
    /// 1.6, also ECMA-424.
    V1_6,
    /// 1.7.
    V1_7,
}

impl CycloneDxVersion {
    /// The number as documents write it.
    pub const fn number(self) -> &'static str {
        match self {
            Self::V1_4 => "1.4",
            Self::V1_5 => "1.5",
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}

/// A format of bills of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BomFormat {
    /// CycloneDX as JSON.
    CycloneDx(CycloneDxVersion),
    /// SPDX 2.3 as JSON.
    Spdx23,
}

impl BomFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::CycloneDx(CycloneDxVersion::V1_4),
        Self::CycloneDx(CycloneDxVersion::V1_5),
        Self::CycloneDx(CycloneDxVersion::V1_6),
        Self::CycloneDx(CycloneDxVersion::V1_7),
        Self::Spdx23,
    ];

    /// The name of the family, without the version: `cyclonedx` or `spdx`.
    pub const fn family(self) -> &'static str {
        match self {
            Self::CycloneDx(_) => "cyclonedx",
            Self::Spdx23 => "spdx",
        }
    }
}

impl fmt::Display for BomFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CycloneDx(version) => write!(f, "cyclonedx-{}", version.number()),
            Self::Spdx23 => f.write_str("spdx-2.3"),
        }
    }
}

/// The name is none of a format that is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no format `{0}`; there are cyclonedx-1.4, cyclonedx-1.5, cyclonedx-1.6, cyclonedx-1.7 and spdx-2.3"
)]
pub struct UnknownFormat(String);

impl FromStr for BomFormat {
    type Err = UnknownFormat;

    /// Takes the names that [`fmt::Display`] gives; `cyclonedx` is 1.6 and `spdx` 2.3.
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "cyclonedx-1.4" => Ok(Self::CycloneDx(CycloneDxVersion::V1_4)),
            "cyclonedx-1.5" => Ok(Self::CycloneDx(CycloneDxVersion::V1_5)),
            "cyclonedx-1.6" | "cyclonedx" => Ok(Self::CycloneDx(CycloneDxVersion::V1_6)),
            "cyclonedx-1.7" => Ok(Self::CycloneDx(CycloneDxVersion::V1_7)),
            "spdx-2.3" | "spdx" => Ok(Self::Spdx23),
            _ => Err(UnknownFormat(text.to_owned())),
        }
    }
}

/// A name and a value that a document adds to something; names may come again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Property {
    /// The name, with a prefix of who gave it: `palisade:line`.
    pub name: String,
    /// The value.
    #[serde(default)]
    pub value: String,
}

impl Property {
    /// A pair.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Whether the product needs a component, as CycloneDX has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BomScope {
    /// It does.
    Required,
    /// It runs without.
    Optional,
    /// The component is not part of what is delivered.
    Excluded,
}

impl BomScope {
    /// As CycloneDX writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Excluded => "excluded",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::Required, Self::Optional, Self::Excluded].into_iter().find(|scope| scope.name() == name)
    }
}

/// How a document names a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BomLicenceKind {
    /// By an identifier of the SPDX list.
    Id,
    /// In words of somebody.
    Name,
    /// By an SPDX expression.
    Expression,
}

/// One licence of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct BomLicence {
    /// How it is named.
    pub kind: BomLicenceKind,
    /// The identifier, name or expression.
    pub text: String,
    /// What else CycloneDX tells of it: `acknowledgement`, `url`, `text` and so on.
    pub extra: Extra,
}

impl BomLicence {
    /// One of which nothing else is told.
    pub fn new(kind: BomLicenceKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), extra: Extra::default() }
    }

    /// Whether it is the result of somebody's analysis instead of what the authors declare.
    pub fn is_concluded(&self) -> bool {
        self.extra.get("acknowledgement").is_some_and(|word| word == "concluded")
    }
}

/// A place where a component was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// A path or address.
    pub location: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// What else CycloneDX tells of it.
    pub extra: Extra,
}

/// Something that a product is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name within the document, unique: the `bom-ref` of CycloneDX or the identifier of SPDX.
    pub reference: String,
    /// What it is, as CycloneDX says it: `library`, `application`, `file`, `container`, `operating-system` and so on.
    pub kind: String,
    /// The part before the name, such as a Maven group.
    pub group: Option<String>,
    /// The name.
    pub name: String,
    /// The version as written.
    pub version: Option<String>,
    /// Its address.
    pub purl: Option<Purl>,
    /// Its names in the dictionary of NIST.
    pub cpes: Vec<String>,
    /// Whether the product needs it.
    pub scope: Option<BomScope>,
    /// Digests of its file.
    pub hashes: Vec<PackageHash>,
    /// Licences, declared and concluded.
    pub licences: Vec<BomLicence>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// What it is in a sentence.
    pub description: Option<String>,
    /// Where it was seen.
    pub occurrences: Vec<Occurrence>,
    /// What its writer added.
    pub properties: Vec<Property>,
    /// The component that it is a part of: its index.
    pub parent: Option<u32>,
    /// What it needs: indexes of components, sorted, without repetition.
    pub depends_on: Vec<u32>,
    /// Members of the document's format that have no word here.
    pub extra: Extra,
}

impl Component {
    /// One of which nothing else is known.
    pub fn new(reference: impl Into<String>, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            kind: kind.into(),
            group: None,
            name: name.into(),
            version: None,
            purl: None,
            cpes: Vec::new(),
            scope: None,
            hashes: Vec::new(),
            licences: Vec::new(),
            supplier: None,
            description: None,
            occurrences: Vec::new(),
            properties: Vec::new(),
            parent: None,
            depends_on: Vec::new(),
            extra: Extra::default(),
        }
    }

    /// Gives back the room that its lists do not need: of most there is one element, and a bill has very many components.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.cpes.shrink_to_fit();
        self.hashes.shrink_to_fit();
        self.licences.shrink_to_fit();
        self.occurrences.shrink_to_fit();
        self.properties.shrink_to_fit();
    }

    /// The value of the first property with that name.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|property| property.name == name).map(|property| property.value.as_str())
    }
}

/// A program that made a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BomTool {
    /// Who makes it.
    pub vendor: Option<String>,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
}

/// What a document tells of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BomMetadata {
    /// The name of the document: `urn:uuid:...` in CycloneDX, the namespace in SPDX. A document without gets one from its content.
    pub serial: Option<String>,
    /// How often the document was changed, from 1; CycloneDX only.
    pub revision: Option<u32>,
    /// When it was made.
    pub timestamp: Option<Timestamp>,
    /// What made it.
    pub tools: Vec<BomTool>,
    /// The index of the component that the document is about.
    pub subject: Option<u32>,
    /// Members of the document's `metadata` or `creationInfo` that have no word here.
    pub extra: Extra,
}

/// A bill of materials, in whatever format it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bom {
    /// The format it was read from; none when it was made of an inventory.
    pub source: Option<BomFormat>,
    /// What it tells of itself.
    pub metadata: BomMetadata,
    /// Its components in the order of the document, the subject and nested ones among them.
    pub components: Vec<Component>,
    /// What its writer added to the document.
    pub properties: Vec<Property>,
    /// Top-level members of the document's format that have no word here.
    pub extra: Extra,
}

/// A document that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its bytes; the same value gives the same.
    pub bytes: Vec<u8>,
    /// What the format could not hold, sorted, without repetition.
    pub lost: BTreeSet<String>,
}

impl Bom {
    /// Writes it in a format.
    ///
    /// # Errors
    /// When it has members of a document that was read, and their text cannot be read again.
    pub fn write(&self, format: BomFormat) -> Result<Written, SbomError> {
        match format {
            BomFormat::CycloneDx(version) => crate::cyclonedx::write(self, version),
            BomFormat::Spdx23 => crate::spdx::write(self),
        }
    }

    /// The component that the document is about.
    pub fn subject(&self) -> Option<&Component> {
        self.component(self.metadata.subject?)
    }

    /// The component with that index.
    pub fn component(&self, index: u32) -> Option<&Component> {
        self.components.get(usize::try_from(index).ok()?)
    }

    /// For every component the ones that are part of it.
    pub(crate) fn children(&self) -> BTreeMap<u32, Vec<u32>> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (index, component) in (0..).zip(&self.components) {
            if let Some(parent) = component.parent {
                children.entry(parent).or_default().push(index);
            }
        }
        children
    }

    /// Members that a format of another family has no place for, as properties that carry them.
    pub(crate) fn carried<'e>(
        &self,
        extra: &'e Extra,
        target: &str,
    ) -> impl Iterator<Item = Property> + use<'e> {
        let source = self.source.filter(|source| source.family() != target);
        let members = source.map(|_| extra.texts()).unwrap_or_default();
        members.into_iter().filter_map(move |(key, text)| {
            let source = source.filter(|source| *source != BomFormat::Spdx23 || !is_filler(&key, text))?;
            Some(Property::new(format!("palisade:{}:{key}", source.family()), text))
        })
    }
}

/// Whether a member of SPDX says nothing, and is written again where it has to be.
fn is_filler(key: &str, text: &str) -> bool {
    let is = |word| serde_json::from_str::<&str>(text).is_ok_and(|value| value == word);
    match key {
        "downloadLocation" => is("NOASSERTION"),
        "filesAnalyzed" => text == "false",
        "name" => is(crate::spdx::UNNAMED),
        _ => false,
    }
}

/// Gives every name once: what is there already gets a number behind it.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// The names that were given, and the last number behind each.
    taken: BTreeMap<String, u32>,
}

impl References {
    pub(crate) fn is_taken(&self, wanted: &str) -> bool {
        self.taken.contains_key(wanted)
    }

    pub(crate) fn give(&mut self, wanted: &str) -> String {
        let Some(last) = self.taken.get(wanted) else {
            self.taken.insert(wanted.to_owned(), 1);
            return wanted.to_owned();
        };
        let mut number = *last;
        let given = loop {
            number += 1;
            let given = format!("{wanted}-{number}");
            if !self.taken.contains_key(&given) {
                break given;
            }
        };
        self.taken.insert(wanted.to_owned(), number);
        self.taken.insert(given.clone(), 1);
        given
    }
}

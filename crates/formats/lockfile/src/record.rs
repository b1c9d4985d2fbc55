use palisade_model::{InventoryFile, Layer, Purl, Reading, ReadingProblem, RepoPath, Scope};

use crate::displaced::{Named, host};
use crate::format::{Format, MAX_RECORD_BYTES, formats};
use crate::{
    asks, dart, displaced, dotnet, go, infrastructure, java, javascript, other, placed, python, ruby, rust,
};

/// What a file says that only makes sense together with others of its project, such as which packages it asks for directly. One
/// variant for each family.
#[derive(Debug)]
pub(crate) enum Companion {
    Javascript(javascript::Companion),
    Python(python::Companion),
    Rust(rust::Manifest),
    /// The graph that pub leaves beside its lockfile.
    Pub(dart::Graph),
    Go(go::Companion),
    Ruby(ruby::Companion),
    /// A manifest that may lie beside a lockfile.
    Asks(asks::Asks),
    /// The modules that a module of Bazel asks for.
    Bazel(Vec<(String, Scope)>),
    /// Images that are left to variables, and variables.
    Compose(infrastructure::Interpolation),
    /// A Maven project.
    Pom(Box<java::Pom>),
    /// A project of MSBuild, or versions and properties for the projects below it.
    Msbuild(Box<dotnet::Project>),
}

/// Makes one family's records of a project say together what none of them says alone.
type Link = fn(&mut [Record]);

/// The families that have such records.
const LINKS: &[Link] = &[
    javascript::link,
    python::link,
    rust::link,
    go::link,
    java::link,
    dotnet::link,
    ruby::link,
    infrastructure::link,
    other::link,
    asks::link,
    placed::link,
    dart::link,
    displaced::link,
];

/// One file that was read.
#[derive(Debug)]
pub struct Record {
    /// Where it lies.
    pub path: RepoPath,
    /// The way into it when it lies in an archive.
    pub members: Vec<String>,
    /// The layer it is of, in an image.
    pub layer: Option<Layer>,
    /// The package of a distribution that brought it, in an image.
    pub owner: Option<Purl>,
    pub(crate) format: &'static Format,
    pub(crate) reading: Reading,
    pub(crate) companion: Option<Companion>,
    /// The registries that its manifests name.
    pub(crate) named: Named,
    /// Who asks for its packages.
    pub(crate) asked: Vec<Asked>,
}

/// A folder of the project whose manifest asks for packages of a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The folder, from that of the lockfile; empty for that folder.
    pub folder: String,
    /// What its manifest calls the package that it is; may be empty.
    pub name: String,
    /// What it asks for.
    pub scope: Scope,
    /// In which words.
    pub wish: Wish,
}

/// The words in which a manifest asks for a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Its name and a range.
    Plain,
    /// Another name, behind which its own stands.
    Alias(String),
    /// The catalogue of a workspace says which one.
    Catalogue,
    /// Another one, which this one stands in for: in `replace` of Go, in overrides and resolutions of JavaScript.
    Replaced,
}

/// Who asks for a package of a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The place of the package in the record.
    pub package: u32,
    /// Who asks for it.
    pub by: Asker,
}

impl Record {
    /// Reads one file. A format that is not read makes one problem.
    pub fn read(format: &'static Format, path: RepoPath, members: Vec<String>, bytes: &[u8]) -> Self {
        let name = members.last().map_or_else(|| path.to_string(), Clone::clone);
        let (reading, companion) = match format.read {
            Some(_) if bytes.len() > MAX_RECORD_BYTES => (problem("is larger than is read"), None),
            Some(read) => read(&name, bytes),
            None => (problem("is of a format that is recognised and not read"), None),
        };
        let format = match &companion {
            Some(Companion::Javascript(javascript::Companion::Lock(lock))) if lock.is_berry => {
                &javascript::YARN_BERRY
            }
            _ => format,
        };
        Self { companion, ..Self::of(format, path, members, reading) }
    }

    /// What a [`place`] tells.
    pub fn of_place(place: RepoPath) -> Option<Self> {
        let format = formats().find(|format| format.is_told_by_place())?;
        let reading = other::reading(&place.to_string());
        Some(Self::of(format, place, Vec::new(), reading))
    }

    /// What was read of a file that tells of no other.
    pub(crate) fn of(
        format: &'static Format,
        path: RepoPath,
        members: Vec<String>,
        reading: Reading,
    ) -> Self {
        Self {
            path,
            members,
            layer: None,
            owner: None,
            format,
            reading,
            companion: None,
            named: Named::default(),
            asked: Vec::new(),
        }
    }

    /// Its format.
    pub const fn format(&self) -> &'static Format {
        self.format
    }

    /// What it says, by itself or after [`relate`] together with others.
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Who asks for its packages, as far as manifests of JavaScript and Go tell after [`relate`], in the order of its packages; the record keeps
    /// nothing of it.
    pub fn take_asked(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.asked)
    }

    /// The places without protection that it lets packages come from, whichever those are: the line, and the place.
    pub fn open_indexes(&self) -> Vec<(u32, String)> {
        let Some(Companion::Python(python::Companion::Manifest(manifest))) = &self.companion else {
            return Vec::new();
        };
        let is_open = |url: &str| url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"));
        let open = manifest.indexes.iter().filter(|index| index.is_trusted || is_open(&index.url));
        open.map(|index| (index.line, host(&index.url).unwrap_or(&index.url).to_owned())).collect()
    }

    /// The tree that the file lies in, which is another one in each archive.
    pub(crate) fn tree(&self) -> String {
        let Some((_, above)) = self.members.split_last() else { return String::new() };
        format!("{}\0{}", self.path, above.join("\0"))
    }

    /// The folder of the file in its tree, empty for the root.
    pub(crate) fn folder(&self) -> String {
        let path = self.members.last().map_or_else(|| self.path.to_string(), Clone::clone);
        path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
    }
}

/// The place that tells by itself what it is, whatever lies there: the object in the store of Nix that has `path` in it at any depth, or that
/// `path` is.
pub fn place(path: &str, is_folder: bool) -> Option<&str> {
    other::folder(path, is_folder)
}

fn problem(detail: &str) -> Reading {
    let problem = ReadingProblem { line: None, detail: detail.to_owned() };
    Reading { packages: Vec::new(), problems: vec![problem] }
}

/// Sorts the records of a project by place and lets those that belong together complete each other: a manifest beside its lockfile
/// tells which of the locked packages are asked for directly and for what, and brings no packages of its own then. Their problems
/// may be others afterwards: what a record could not know by itself, another one may have told.
pub fn relate(records: &mut [Record]) {
    records.sort_by(|a, b| (&a.path, &a.members, a.format.name).cmp(&(&b.path, &b.members, b.format.name)));
    for link in LINKS {
        link(records);
    }
}

/// The packages of records that were related before.
pub fn inventory(records: Vec<Record>) -> Vec<InventoryFile> {
    records
        .into_iter()
        .map(|record| InventoryFile {
            path: record.path,
            members: record.members,
            format: record.format.name.to_owned(),
            layer: record.layer,
            owner: record.owner,
            packages: record.reading.packages,
        })
        .collect()
}

/// What all records of a project say together: [`relate`], then [`inventory`].
pub fn settle(mut records: Vec<Record>) -> Vec<InventoryFile> {
    relate(&mut records);
    inventory(records)
}

//! Records of packages in an image, kept until it is known which of them the final root shows.

use std::collections::{BTreeMap, BTreeSet};

use palisade_deps::{DepsEngine, Seen};
use palisade_image::{EntryId, ImageEntry, LayerInfo, NodeKind, Visible, Walked};
use palisade_model::{Engine, Entry, EntryKind, EntryMeta, Gap, GapKind, Package, RepoPath};
use palisade_osdb::{IDENTITY_FILES, Installed, RECORD_PLACES};

use crate::image_system::SystemFiles;

/// The way in which a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// As a record of the system, of the format of this name.
    System(&'static str),
    /// As a record of a language's packages, or as a program.
    Language(palisade_deps::Way),
}

/// Records that were met, by the file they are of.
#[derive(Default)]
pub(crate) struct Records {
    /// Those of package managers of languages, and programs that may tell what they are made of, by the way in which they were read: a
    /// file with several names may be of several formats.
    pub(crate) seen: BTreeMap<(EntryId, palisade_deps::Way), SeenFile>,
    /// The newest version of each record of the system, by path.
    pub(crate) system: BTreeMap<String, SystemRecord>,
    /// For each package of the system, by record, name and version: the layer since which it is there.
    since: BTreeMap<(String, String, String), u32>,
    /// The files that were read as records of the system.
    read: BTreeSet<(EntryId, &'static str)>,
    /// Files that were wanted and had no content, with the layer they are of.
    closed: BTreeMap<EntryId, (u32, Gap)>,
    /// How many records were read, of all versions, and their bytes.
    pub(crate) looked_at: (u64, u64),
    /// What could not be read.
    pub(crate) gaps: Vec<Gap>,
}

/// A file that was read as a record of a language's packages.
pub(crate) struct SeenFile {
    path: RepoPath,
    layer: u32,
    is_program: bool,
    seen: Seen,
}

pub(crate) struct SystemRecord {
    pub(crate) id: EntryId,
    pub(crate) layer: u32,
    pub(crate) is_link: bool,
    pub(crate) content: SystemContent,
}

/// What is kept of a record of the system until the last layer was seen.
pub(crate) enum SystemContent {
    /// All of it: what it means depends on the distribution.
    Bytes(Vec<u8>),
    /// The files of packages: read at once, because there are many and their names are long.
    Files(Installed),
}

impl SystemRecord {
    /// Its bytes; none where they are not needed.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.content {
            SystemContent::Bytes(bytes) => bytes,
            SystemContent::Files(_) => &[],
        }
    }
}

/// What the final root shows besides packages of the system.
#[derive(Default)]
pub(crate) struct Shown {
    /// There are files that may be programs.
    pub(crate) has_programs: bool,
    /// There are records of packages.
    pub(crate) has_records: bool,
}

pub(crate) fn meta<'a>(path: &'a RepoPath, kind: EntryKind, size: u64) -> EntryMeta<'a> {
    EntryMeta { path, kind, size, members: &[] }
}

pub(crate) fn is_system_record(path: &str) -> bool {
    system_way(path).is_some()
}

/// The name of the format by which a record of the system at `path` is read.
fn system_way(path: &str) -> Option<&'static str> {
    let identity = || IDENTITY_FILES.contains(&path).then_some("identity");
    palisade_osdb::recognise(path).map(|format| format.name()).or_else(identity)
}

/// What a package of a record is told apart by.
fn key(path: &str, package: &Package) -> (String, String, String) {
    (path.to_owned(), package.name.clone(), package.version.clone().unwrap_or_default())
}

impl Records {
    /// Reads `entry` if it is a record.
    pub(crate) fn note(&mut self, deps: &DepsEngine<'_>, entry: &ImageEntry) {
        let path = entry.path.to_string();
        let meta = meta(&entry.path, entry.kind, entry.size);
        let of_system = system_way(&path);
        if of_system.is_none() && !deps.wants(&meta) {
            return;
        }
        let bytes = match &entry.content {
            Ok(bytes) => bytes,
            Err((kind, detail)) => {
                let gap = Gap::new(Some(entry.path.clone()), *kind, detail);
                self.closed.insert(entry.id, (entry.layer, gap));
                return;
            }
        };
        self.looked_at.0 += 1;
        self.looked_at.1 += bytes.len() as u64;
        if let Some(way) = of_system {
            self.read.insert((entry.id, way));
            let content = match palisade_osdb::recognise(&path) {
                Some(format) if !format.tells_packages() => {
                    SystemContent::Files(format.read(&path, bytes, None))
                }
                format => {
                    if let Some(format) = format {
                        self.note_since(&path, &format.read(&path, bytes, None), entry.layer);
                    }
                    SystemContent::Bytes(bytes.clone())
                }
            };
            let is_link = entry.kind == EntryKind::Symlink;
            self.system.insert(path, SystemRecord { id: entry.id, layer: entry.layer, is_link, content });
            return;
        }
        // A link is read where it leads to.
        let Some(way) = deps.way(&meta) else { return };
        let seen = deps.read(&Entry { meta, bytes });
        let is_program = entry.kind == EntryKind::Executable || way.is_for_programs() && seen.is_empty();
        let file = SeenFile { path: entry.path.clone(), layer: entry.layer, is_program, seen };
        self.seen.insert((entry.id, way), file);
    }

    /// A package that was there before stays of its layer; one that is gone is forgotten.
    fn note_since(&mut self, path: &str, read: &Installed, layer: u32) {
        let there: BTreeSet<_> = read.reading.packages.iter().map(|package| key(path, package)).collect();
        self.since.retain(|known, _| known.0 != path || there.contains(known));
        for package in there {
            self.since.entry(package).or_insert(layer);
        }
    }

    /// The layer since which the package of the record at `path` is there.
    pub(crate) fn since(&self, path: &str, package: &Package) -> Option<u32> {
        self.since.get(&key(path, package)).copied()
    }

    /// Hands the engine what the final root shows, and says what was not read of it.
    pub(crate) fn gather(
        &mut self,
        deps: &DepsEngine<'_>,
        layers: &[LayerInfo],
        files: &SystemFiles,
        walked: &Walked,
    ) -> Shown {
        self.hidden(deps, walked);
        let mut shown = Shown::default();
        for ((id, _), file) in std::mem::take(&mut self.seen) {
            if walked.is_visible(id) {
                shown.has_programs |= file.is_program;
                shown.has_records |= !file.seen.is_empty();
                let layer = layers.get(file.layer as usize).map(|info| &info.layer);
                deps.gather(file.seen, layer, files.owner(&file.path, file.layer));
            }
        }
        for (place, layer) in places(deps, walked) {
            shown.has_records = true;
            deps.gather(deps.read_place(place), layers.get(layer as usize).map(|info| &info.layer), None);
        }
        for (id, (layer, mut gap)) in std::mem::take(&mut self.closed) {
            if walked.is_visible(id) {
                shown.has_records = true;
                gap.detail = format!("layer {layer}: {}", gap.detail);
                self.gaps.push(gap);
            }
        }
        shown
    }

    /// Files that were not read, because only a name that came by later is one of a record: by their entries, with those names, one for
    /// each way of reading.
    pub(crate) fn late_names(
        &self,
        deps: &DepsEngine<'_>,
        walked: &Walked,
    ) -> BTreeMap<EntryId, BTreeMap<Way, RepoPath>> {
        let mut late: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (path, way, file) in self.unread(deps, walked) {
            late.entry(file.content).or_default().entry(way).or_insert(path);
        }
        late
    }

    /// Names of records whose content was not read in the same way under another one.
    fn unread<'w>(&self, deps: &DepsEngine<'_>, walked: &'w Walked) -> Vec<(RepoPath, Way, Visible<'w>)> {
        let unread = walked.second_names().chain(linked_places(walked)).filter_map(|(name, file)| {
            let path = RepoPath::from_bytes(name.to_vec()).ok()?;
            let meta = meta(&path, EntryKind::File, file.size);
            let of_language = || deps.way(&meta).filter(|_| deps.has_to_read(&meta)).map(Way::Language);
            let way = system_way(&path.to_string()).map(Way::System).or_else(of_language)?;
            let was_read = match way {
                Way::System(way) => self.read.contains(&(file.content, way)),
                Way::Language(way) => self.seen.contains_key(&(file.content, way)),
            };
            (!was_read && !self.closed.contains_key(&file.content)).then_some((path, way, file))
        });
        unread.collect()
    }

    /// A record may be called by a second name that was not known when its content came by. What then was not read is a gap.
    fn hidden(&mut self, deps: &DepsEngine<'_>, walked: &Walked) {
        for (path, _, file) in self.unread(deps, walked) {
            let first = walked.path(file.content);
            let first = first.map_or_else(|| shown(file.path), |path| path.to_string());
            let detail = format!("is another name of `{first}`, which was not read as a record of packages");
            self.gaps.push(Gap::new(Some(path), GapKind::FormatUnsupported, detail));
        }
    }
}

/// The places of the final root that tell something by themselves, each once, with the lowest layer that has anything there. Names that are
/// links count too.
fn places(deps: &DepsEngine<'_>, walked: &Walked) -> Vec<(RepoPath, u32)> {
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    for file in walked.root() {
        let path = std::str::from_utf8(file.path).ok();
        let Some(place) = path.and_then(|path| deps.place(path, file.kind == NodeKind::Folder)) else {
            continue;
        };
        places.entry(place).and_modify(|layer| *layer = (*layer).min(file.layer)).or_insert(file.layer);
    }
    places.into_iter().filter_map(|(place, layer)| Some((RepoPath::from_bytes(place).ok()?, layer))).collect()
}

/// What the system finds at the places of its records, where a folder on the way is a link.
fn linked_places(walked: &Walked) -> impl Iterator<Item = (&[u8], Visible<'_>)> {
    RECORD_PLACES.iter().chain(IDENTITY_FILES).filter_map(|place| {
        let file = walked.resolve(place.as_bytes())?;
        (file.kind == NodeKind::File && file.path != place.as_bytes()).then_some((place.as_bytes(), file))
    })
}

fn shown(path: &[u8]) -> String {
    RepoPath::from_bytes(path)
        .map_or_else(|_| String::from_utf8_lossy(path).into_owned(), |path| path.to_string())
}

//! Finding the packs and loose objects of a repository and of those that it borrows from.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gix::odb::alternate;
use palisade_sys::beneath::open_host_regular_followed;

use super::catalogue::{Catalogue, Loose, Pack};
use super::forest::Forest;
use super::gap::{Flaw, HistoryGap, HistoryGapKind};
use super::index::{Names, PackIndex};
use super::refs::sorted_entries;

/// Folders of objects that are read, the repository's own included.
const MAX_FOLDERS: usize = 64;

/// Those of them that hold what was not accepted.
const MAX_QUARANTINES: usize = MAX_FOLDERS / 2;

/// How far one borrows from another (git stops at five as well).
const MAX_BORROWING: usize = 5;

/// Bytes of a list of alternates.
const MAX_ALTERNATES_BYTES: u64 = 1 << 20;

/// Packs that are read: each keeps a file open.
const MAX_PACKS: usize = 4096;

/// Objects that are read, loose ones included.
const MAX_OBJECTS: usize = 1 << 30;

const PACK_HEADER_BYTES: usize = 12;

/// How folders are called that hold what a push or fetch brings until it is accepted (git-receive-pack(1), "Quarantine Environment").
/// Those of interrupted ones are left behind.
const QUARANTINES: [&[u8]; 2] = [b"tmp_objdir-", b"incoming-"];

/// How files are called that git is writing, or was when it was interrupted.
const UNFINISHED: [&[u8]; 3] = [b"tmp_obj_", b"tmp_pack_", b"tmp_idx_"];

/// Collects what there is, and what cannot be read.
struct Finder {
    hash_bytes: usize,
    packs: Vec<Pack>,
    objects: usize,
    /// Files that git is writing or did not finish.
    unfinished: usize,
    gaps: Vec<HistoryGap>,
}

/// Everything in `objects` and in what it borrows from, and the folders that were looked into.
pub(crate) fn find(objects: &Path, hash_bytes: usize) -> (Catalogue, Vec<PathBuf>) {
    let mut finder = Finder { hash_bytes, packs: Vec::new(), objects: 0, unfinished: 0, gaps: Vec::new() };
    let folders = finder.folders(objects);
    for folder in &folders {
        finder.find_packs(&folder.join("pack"));
    }
    let loose = finder.find_loose(&folders);
    if finder.unfinished > 0 {
        let detail = match finder.unfinished {
            1 => "a file that git did not finish is not read".into(),
            count => format!("{count} files that git did not finish are not read").into(),
        };
        let flaw = Flaw { kind: HistoryGapKind::Noted, detail };
        finder.gaps.push(flaw.at_file("objects"));
    }
    (Catalogue::new(hash_bytes, finder.packs, loose, finder.gaps), folders)
}

impl Finder {
    fn note(&mut self, flaw: Flaw, path: &Path) {
        self.gaps.push(flaw.at_file(label(path)));
    }

    fn folders(&mut self, objects: &Path) -> Vec<PathBuf> {
        let own = objects.canonicalize().unwrap_or_else(|_| objects.to_owned());
        let mut found = vec![own];
        let left_behind = quarantines(objects);
        if let Some(first) = left_behind.get(MAX_QUARANTINES) {
            self.note(Flaw::budget(), first);
        }
        found.extend(left_behind.into_iter().take(MAX_QUARANTINES));
        let mut at = 0;
        let mut depths = vec![0; found.len()];
        while let Some((folder, depth)) = found.get(at).cloned().zip(depths.get(at).copied()) {
            at += 1;
            let list = folder.join("info/alternates");
            for path in self.alternates(&list) {
                let Ok(path) = folder.join(path).canonicalize() else {
                    self.note(Flaw::missing("it names a folder that is not there"), &list);
                    continue;
                };
                if found.contains(&path) {
                    continue;
                }
                if depth == MAX_BORROWING || found.len() == MAX_FOLDERS {
                    self.note(Flaw::budget(), &list);
                    return found;
                }
                found.push(path);
                depths.push(depth + 1);
            }
        }
        found
    }

    /// What `objects/info/alternates` names (gitrepository-layout(5)).
    fn alternates(&mut self, list: &Path) -> Vec<PathBuf> {
        let bytes = match read_small(list) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.note(Flaw::of(&error), list);
                return Vec::new();
            }
        };
        alternate::parse(&bytes).unwrap_or_else(|error| {
            self.note(Flaw::of(error.error()), list);
            Vec::new()
        })
    }

    fn find_packs(&mut self, folder: &Path) {
        let names = self.list(folder);
        for name in names.iter().filter(|name| name.extension() == Some(OsStr::new("pack"))) {
            if names.binary_search(&name.with_extension("idx")).is_err() {
                self.note(Flaw::missing("it has no index"), name);
            }
        }
        for name in names.iter().filter(|name| name.extension() == Some(OsStr::new("idx"))) {
            if self.packs.len() == MAX_PACKS {
                return self.note(Flaw::budget(), folder);
            }
            match self.open_pack(name) {
                Ok(Some(pack)) => self.packs.push(pack),
                Ok(None) => {}
                Err(flaw) => self.note(flaw, name),
            }
        }
    }

    fn open_pack(&mut self, index_path: &Path) -> Result<Option<Pack>, Flaw> {
        let (file, size) = open_host_regular_followed(index_path).map_err(|error| Flaw::of(&error))?;
        let mut reader = io::BufReader::with_capacity(1 << 16, file);
        let index = PackIndex::read(&mut reader, size, self.hash_bytes).map_err(|error| Flaw::of(&error))?;
        let pack_path = index_path.with_extension("pack");
        let (file, size) = match open_host_regular_followed(&pack_path) {
            Ok(opened) => opened,
            Err(error) => {
                self.note(Flaw::of(&error), &pack_path);
                return Ok(None);
            }
        };
        if self.objects + index.len() > MAX_OBJECTS {
            return Err(Flaw::budget());
        }
        match objects_in(&file, size) {
            Ok(count) if count as usize == index.len() => {}
            Ok(_) => {
                self.note(Flaw::damaged("it does not hold as many objects as its index says"), &pack_path)
            }
            Err(flaw) => self.note(flaw, &pack_path),
        }
        let first = u32::try_from(self.objects).unwrap_or(u32::MAX);
        self.objects += index.len();
        let end = size.saturating_sub(self.hash_bytes as u64);
        let (forest, names) = Forest::read(&file, index, end).map_err(|error| Flaw::of(&error))?;
        Ok(Some(Pack { file, forest, names, first }))
    }

    fn find_loose(&mut self, folders: &[PathBuf]) -> Loose {
        let mut found: Vec<(Vec<u8>, u16)> = Vec::new();
        for (folder, number) in folders.iter().zip(0u16..) {
            for shelf in 0..=255u8 {
                for path in self.list(&folder.join(format!("{shelf:02x}"))) {
                    let name =
                        path.file_name().and_then(|name| loose_name(shelf, name.as_bytes(), self.hash_bytes));
                    found.extend(name.map(|name| (name, number)));
                }
            }
        }
        found.truncate(MAX_OBJECTS - self.objects.min(MAX_OBJECTS));
        found.sort_unstable();
        let bytes = found.iter().flat_map(|(name, _)| name).copied().collect();
        let first = u32::try_from(self.objects).unwrap_or(u32::MAX);
        let folders: Vec<u16> = found.into_iter().map(|(_, folder)| folder).collect();
        let names = Names::in_order(bytes, self.hash_bytes);
        Loose { names, repeated: vec![false; folders.len()], folders, first }
    }

    /// The paths in `folder`, in order; none when it is not there. What is being written is only counted.
    fn list(&mut self, folder: &Path) -> Vec<PathBuf> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    self.note(Flaw::of(&error), folder);
                }
                return Vec::new();
            }
        };
        let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        let all = paths.len();
        paths.retain(|path| !begins_with(path, &UNFINISHED));
        self.unfinished += all - paths.len();
        paths.sort_unstable();
        paths
    }
}

/// Whether a pack in `folder` came from a server that may hold back what its objects refer to (git's technical/partial-clone).
pub(crate) fn has_promisor(folder: &Path) -> bool {
    let entries = fs::read_dir(folder.join("pack")).into_iter().flatten().filter_map(Result::ok);
    entries.into_iter().any(|entry| entry.path().extension() == Some(OsStr::new("promisor")))
}

/// Where the loose object `name` would be below a folder of objects.
pub(crate) fn loose_path(folder: &Path, name: &[u8]) -> PathBuf {
    let digits: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    let (shelf, rest) = digits.split_at_checked(2).unwrap_or_default();
    folder.join(shelf).join(rest)
}

fn loose_name(shelf: u8, digits: &[u8], hash_bytes: usize) -> Option<Vec<u8>> {
    if digits.len() != 2 * (hash_bytes - 1) {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = digits.as_chunks::<2>().0.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    std::iter::once(Some(shelf)).chain(pairs).collect()
}

/// The number of objects that a pack claims (gitformat-pack(5), "the header appears at the beginning").
fn objects_in(file: &fs::File, size: u64) -> Result<u32, Flaw> {
    let mut header = [0; PACK_HEADER_BYTES];
    if size < PACK_HEADER_BYTES as u64 {
        return Err(Flaw::damaged("cut short"));
    }
    let read = std::os::unix::fs::FileExt::read_exact_at(file, &mut header, 0);
    read.map_err(|error| Flaw::of(&error))?;
    match header {
        [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, a, b, c, d] => Ok(u32::from_be_bytes([a, b, c, d])),
        _ => Err(Flaw::damaged("no pack of a known version")),
    }
}

fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    let (file, size) = open_host_regular_followed(path)?;
    if size > MAX_ALTERNATES_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "too large"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_ALTERNATES_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last three parts, such as `objects/pack/pack-1234.pack`: enough for people, and the same wherever the repository lies.
fn label(path: &Path) -> String {
    let mut parts: Vec<_> = path.iter().rev().take(3).map(|part| part.to_string_lossy()).collect();
    parts.reverse();
    parts.join("/").escape_debug().to_string()
}

/// Folders below a folder of objects that hold what was not accepted, in order.
fn quarantines(objects: &Path) -> Vec<PathBuf> {
    let mut entries = sorted_entries(objects).unwrap_or_default();
    entries.retain(|path| begins_with(path, &QUARANTINES) && path.is_dir());
    entries.into_iter().filter_map(|path| path.canonicalize().ok()).collect()
}

fn begins_with(path: &Path, starts: &[&[u8]]) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    starts.iter().any(|start| name.starts_with(start))
}

/// The folders that [`find`] would look into.
pub(crate) fn object_folders(objects: &Path) -> Vec<PathBuf> {
    Finder { hash_bytes: 0, packs: Vec::new(), objects: 0, unfinished: 0, gaps: Vec::new() }.folders(objects)
}

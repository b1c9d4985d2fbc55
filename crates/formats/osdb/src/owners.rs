use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

use crate::format::Installed;

/// Files that one index holds. Files beyond it belong to nobody, so that more is reported, not less.
const MAX_FILES: usize = 4_000_000;

/// Folders that a system with a merged `/usr` has as links into it.
const MERGED: [&[u8]; 7] = [b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32", b"libo32"];

/// Which package a file belongs to, by its path from the root. `/lib/x` and `/usr/lib/x` are one path.
///
/// Systems have hundreds of thousands of files, so of each path only a hash is kept. That somebody could make two paths of one hash
/// gives him nothing: who writes the records says whose a file is anyway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    /// The hash of a path, and the index of its package.
    files: Vec<(u64, u32)>,
    is_sorted: bool,
}

impl Owners {
    /// Adds a file of the package `owner`. It may begin with `/` or `./`.
    pub(crate) fn add(&mut self, path: &[u8], owner: u32) {
        self.add_hash(hash(canonical(path)), owner);
    }

    /// Adds the file `name` in `folder`.
    pub(crate) fn add_parts(&mut self, folder: &[u8], name: &[u8], owner: u32) {
        let folder = canonical(folder);
        let separator: &[u8] =
            if folder.is_empty() || folder.ends_with(b"/") || name.is_empty() { b"" } else { b"/" };
        self.add_hash(hash(&[folder, separator, name].concat()), owner);
    }

    fn add_hash(&mut self, hash: u64, owner: u32) {
        if self.files.len() < MAX_FILES {
            self.files.push((hash, owner));
        }
    }

    /// Makes [`Self::owner`] work.
    pub(crate) fn settle(&mut self) {
        self.files.sort_unstable();
        self.files.dedup_by_key(|(hash, _)| *hash);
        self.files.shrink_to_fit();
        self.is_sorted = true;
    }

    /// The index of the package that the file at `path` belongs to, in the packages of the same record; the first of several.
    pub fn owner(&self, path: &[u8]) -> Option<u32> {
        debug_assert!(self.is_sorted || self.files.is_empty());
        let hash = hash(canonical(path));
        let at = self.files.binary_search_by_key(&hash, |(known, _)| *known).ok()?;
        self.files.get(at).map(|(_, owner)| *owner)
    }

    /// How many files are known.
    pub const fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is known.
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Equal in one process for equal paths.
fn hash(path: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(path);
    hasher.finish()
}

/// The path from the root without what a merged `/usr` makes ambiguous.
fn canonical(path: &[u8]) -> &[u8] {
    let path = path.strip_prefix(b".").filter(|rest| rest.first() == Some(&b'/')).unwrap_or(path);
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let Some(below) = path.strip_prefix(b"usr/") else { return path };
    let first = below.split(|byte| *byte == b'/').next().unwrap_or_default();
    if MERGED.contains(&first) { below } else { path }
}

/// Whom the files of a record belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Belonging {
    /// The packages of the record itself.
    #[default]
    Own,
    /// The dpkg package `NAME` or `NAME:ARCHITECTURE`.
    Named(String),
    /// The one package of the record at this path.
    Record(String),
}

/// The files of all packages of a system, whatever records tell of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership {
    owners: Owners,
}

impl Ownership {
    /// Joins records, each with its path; the number of a package is its place among the packages of all records, in the order given.
    pub fn of(records: &[(&str, &Installed)]) -> Self {
        let mut owners = Owners::default();
        let names = Names::of(records);
        for ((_, installed), base) in records.iter().zip(&names.bases) {
            let owner = match &installed.belonging {
                Belonging::Own => None,
                Belonging::Named(name) => names.dpkg.get(name.as_str()).copied(),
                Belonging::Record(path) => names.records.get(path.as_str()).copied(),
            };
            for (hash, index) in &installed.owners.files {
                match (owner, &installed.belonging) {
                    (Some(owner), _) => owners.add_hash(*hash, owner),
                    (None, Belonging::Own) => owners.add_hash(*hash, base.saturating_add(*index)),
                    // The files of a package that is not there, such as one whose configuration files stay behind.
                    (None, _) => {}
                }
            }
        }
        owners.settle();
        Self { owners }
    }

    /// The number of the package that the file at `path` belongs to.
    pub fn owner(&self, path: &[u8]) -> Option<u32> {
        self.owners.owner(path)
    }
}

/// The numbers of packages by what other records call them.
struct Names<'a> {
    dpkg: BTreeMap<String, u32>,
    records: BTreeMap<&'a str, u32>,
    /// The number of each record's first package.
    bases: Vec<u32>,
}

impl<'a> Names<'a> {
    fn of(records: &[(&'a str, &Installed)]) -> Self {
        let mut names = Self { dpkg: BTreeMap::new(), records: BTreeMap::new(), bases: Vec::new() };
        let mut number = 0_u32;
        for (path, installed) in records {
            names.bases.push(number);
            if !installed.reading.packages.is_empty() {
                names.records.insert(path, number);
            }
            for package in &installed.reading.packages {
                if package.purl.kind() == "deb" {
                    let architecture = package.purl.qualifiers().get("arch").map_or("", String::as_str);
                    names.dpkg.entry(format!("{}:{architecture}", package.name)).or_insert(number);
                    names.dpkg.entry(package.name.clone()).or_insert(number);
                }
                number = number.saturating_add(1);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_under_each_of_its_names() {
        let mut owners = Owners::default();
        owners.add(b"/lib/systemd/x", 3);
        owners.add(b"./usr/share/doc", 4);
        owners.add_parts(b"usr/bin", b"tool", 5);
        owners.add_parts(b"", b"init", 6);
        owners.settle();
        for (path, owner) in [
            (&b"usr/lib/systemd/x"[..], Some(3)),
            (b"lib/systemd/x", Some(3)),
            (b"/usr/share/doc", Some(4)),
            (b"share/doc", None),
            (b"bin/tool", Some(5)),
            (b"init", Some(6)),
            (b"usr/lib/systemd", None),
            (b"", None),
        ] {
            assert_eq!(owners.owner(path), owner, "{}", path.escape_ascii());
        }
    }
}

use std::collections::BTreeMap;

use crate::format::Installed;

/// Bytes of all paths that one index holds. Paths beyond it belong to nobody, so that more is reported, not less.
const MAX_PATH_BYTES: usize = 64 << 20;

/// Folders that a system with a merged `/usr` has as links into it.
const MERGED: [&[u8]; 7] = [b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32", b"libo32"];

/// Which package a file belongs to, by its path from the root. `/lib/x` and `/usr/lib/x` are one path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    paths: Vec<u8>,
    /// Where a path begins and ends, and the index of its package.
    files: Vec<(u32, u32, u32)>,
    is_sorted: bool,
}

impl Owners {
    /// Adds a file of the package `owner`. It may begin with `/` or `./`.
    pub(crate) fn add(&mut self, path: &[u8], owner: u32) {
        self.add_parts(path, b"", owner);
    }

    /// Adds the file `name` in `folder`.
    pub(crate) fn add_parts(&mut self, folder: &[u8], name: &[u8], owner: u32) {
        let folder = canonical(folder);
        if self.paths.len() + folder.len() + name.len() >= MAX_PATH_BYTES {
            return;
        }
        let start = self.paths.len();
        self.paths.extend_from_slice(folder);
        if !folder.is_empty() && !folder.ends_with(b"/") && !name.is_empty() {
            self.paths.push(b'/');
        }
        self.paths.extend_from_slice(name);
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.paths.len())) {
            self.files.push((start, end, owner));
        }
    }

    /// Makes [`Self::owner`] work.
    pub(crate) fn settle(&mut self) {
        let paths = &self.paths;
        self.files.sort_by(|a, b| (slice(paths, *a), a.2).cmp(&(slice(paths, *b), b.2)));
        self.is_sorted = true;
    }

    /// The index of the package that the file at `path` belongs to, in the packages of the same record; the first of several.
    pub fn owner(&self, path: &[u8]) -> Option<u32> {
        debug_assert!(self.is_sorted || self.files.is_empty());
        let path = canonical(path);
        let at = self.files.partition_point(|file| slice(&self.paths, *file) < path);
        let file = self.files.get(at)?;
        (slice(&self.paths, *file) == path).then_some(file.2)
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

fn slice(paths: &[u8], (start, end, _): (u32, u32, u32)) -> &[u8] {
    paths.get(start as usize..end as usize).unwrap_or_default()
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
            for file in &installed.owners.files {
                let path = slice(&installed.owners.paths, *file);
                match (owner, &installed.belonging) {
                    (Some(owner), _) => owners.add(path, owner),
                    (None, Belonging::Own) => owners.add(path, base.saturating_add(file.2)),
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

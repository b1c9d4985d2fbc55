//! Which entries are records of packages.

use palisade_archive::{Budget, Limits};
use palisade_lockfile::{Format, Record, is_packed, read_binary, read_packed, recognise, recognise_binary};
use palisade_model::{Entry, EntryKind, EntryMeta};

/// What an entry is to this engine, as far as its name and kind tell.
enum Suspect {
    /// A record of this format.
    Record(&'static Format),
    /// An archive that is a package or made of some.
    Packed,
    /// Maybe a program.
    Program,
}

/// The way in which the content of an entry is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// As a record of the format of this name.
    Record(&'static str),
    /// As an archive that is a package or made of some.
    Archive,
    /// As a program that may tell what it is made of.
    Program,
}

impl Way {
    /// Whether it tells what a program is made of.
    pub const fn is_for_programs(self) -> bool {
        matches!(self, Self::Archive | Self::Program)
    }
}

/// Endings of programs that need no execute bit.
const PROGRAM_ENDINGS: [&str; 4] = [".dll", ".dylib", ".exe", ".so"];

/// What lies in archives is part of no installation, but for what lies in archives of Java classes and of Python, which are opened here.
fn suspect(meta: &EntryMeta<'_>) -> Option<Suspect> {
    if meta.kind == EntryKind::Symlink || !meta.members.is_empty() {
        return None;
    }
    let path = str::from_utf8(meta.path.as_bytes()).ok()?;
    if is_packed(path) {
        return Some(Suspect::Packed);
    }
    let is_program =
        || meta.kind == EntryKind::Executable || PROGRAM_ENDINGS.iter().any(|end| path.ends_with(end));
    recognise(path).map(Suspect::Record).or_else(|| is_program().then_some(Suspect::Program))
}

/// A symbolic link that package managers would read as a record.
pub(crate) fn is_link_called_as_record(meta: &EntryMeta<'_>) -> bool {
    let path = || str::from_utf8(meta.path.as_bytes()).ok();
    meta.kind == EntryKind::Symlink
        && meta.members.is_empty()
        && path().and_then(recognise).is_some_and(is_of_content)
}

/// Whether it is what is in a record that names packages.
fn is_of_content(format: &Format) -> bool {
    format.tells_packages() && !format.is_told_by_place()
}

/// Whether a file of this path was to be read: it would name packages, whatever other name it was met by.
pub(crate) fn is_read_for_content(meta: &EntryMeta<'_>) -> bool {
    match suspect(meta) {
        Some(Suspect::Record(format)) => is_of_content(format),
        suspect => suspect.is_some(),
    }
}

/// Whether the link's target, whose name is the entry's content, lies in the tree under a name by which it is read.
pub(crate) fn leads_to_record(link: &Entry<'_>) -> bool {
    let (Ok(path), Ok(target)) = (str::from_utf8(link.meta.path.as_bytes()), str::from_utf8(link.bytes))
    else {
        return false;
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." if parts.pop().is_none() => return false,
            ".." => {}
            "" => return false,
            part => parts.push(part),
        }
    }
    recognise(&parts.join("/")).is_some()
}

/// The way in which the content of an entry is read; none when it is not.
pub(crate) fn way(meta: &EntryMeta<'_>) -> Option<Way> {
    Some(match suspect(meta)? {
        Suspect::Record(format) => Way::Record(format.name()),
        Suspect::Packed => Way::Archive,
        Suspect::Program => Way::Program,
    })
}

/// What the entry tells of packages.
pub(crate) fn records(entry: &Entry<'_>) -> Vec<Record> {
    let path = entry.meta.path;
    match suspect(&entry.meta) {
        Some(Suspect::Record(format)) => vec![Record::read(format, path.clone(), Vec::new(), entry.bytes)],
        Some(Suspect::Packed) => read_packed(path, &[], entry.bytes, &mut Budget::new(Limits::default())),
        Some(Suspect::Program) if recognise_binary(entry.bytes) => read_binary(path, &[], entry.bytes),
        _ => Vec::new(),
    }
}

/// Whether the entry may tell of packages.
pub(crate) fn is_suspect(meta: &EntryMeta<'_>) -> bool {
    suspect(meta).is_some()
}

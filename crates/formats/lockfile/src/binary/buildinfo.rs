//! Go's build information, as `debug/buildinfo` of Go's standard library reads it.

use object::File;
use palisade_model::{PackageEvidence, PackageOrigin, Reading, Relation};

use super::{section, segments};
use crate::go::{put, put_standard_library, sheet};
use crate::sheet::Sheet;

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Where the header may begin: at multiples of this.
const ALIGNMENT: usize = 16;
/// The header, behind which the texts stand since Go 1.18.
const HEADER: usize = 32;
/// Bytes around the list of modules, which mark it in memory.
const SENTINEL: usize = 16;
/// Bytes of data that are searched when no section is named for it.
const MAX_SEARCHED: usize = 1 << 20;

pub(super) fn read(file: &File<'_>) -> Option<Reading> {
    let named = section(file, &[".go.buildinfo", "__go_buildinfo"]);
    let header = match named {
        Some(data) => find(data),
        None => candidates(file).into_iter().find_map(find),
    };
    match (header, named) {
        (None, None) => None,
        (None, Some(_)) => Some(broken("the section of Go's build information holds none")),
        (Some(header), _) => Some(match texts(file, header) {
            Some((version, modules)) => reading(&version, &modules),
            None => broken("Go's build information breaks off"),
        }),
    }
}

fn broken(detail: &str) -> Reading {
    let mut sheet = sheet(PackageEvidence::Binary);
    sheet.problem(0, detail);
    sheet.done()
}

/// Data that may hold the header when no section has its name, as in PE files.
fn candidates<'d>(file: &File<'d>) -> Vec<&'d [u8]> {
    match section(file, &[".data", "__data"]) {
        Some(data) => vec![data],
        None => segments(file).into_iter().map(|(_, data)| data).collect(),
    }
}

/// The data from the header on.
fn find(data: &[u8]) -> Option<&[u8]> {
    let searched = data.get(..data.len().min(MAX_SEARCHED))?;
    let at = searched.chunks(ALIGNMENT).position(|chunk| chunk.starts_with(MAGIC))?;
    data.get(at * ALIGNMENT..).filter(|header| header.len() >= HEADER)
}

/// The version of Go and the list of modules.
fn texts(file: &File<'_>, header: &[u8]) -> Option<(String, String)> {
    let pointer_size = usize::from(*header.get(MAGIC.len())?);
    let flags = *header.get(MAGIC.len() + 1)?;
    let (version, modules) = if flags & 2 != 0 {
        let (version, rest) = counted(header.get(HEADER..)?)?;
        (version, counted(rest)?.0)
    } else {
        let memory = Memory { segments: segments(file), pointer_size, big_endian: flags & 1 != 0 };
        let pointers = header.get(16..)?;
        (memory.text(memory.number(pointers)?)?, memory.text(memory.number(pointers.get(pointer_size..)?)?)?)
    };
    let inner = modules.len().checked_sub(SENTINEL).and_then(|end| modules.get(SENTINEL..end));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((text(version), inner.map(text).unwrap_or_default()))
}

/// A text behind its length, which is written in seven bits a byte.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (number, byte) in bytes.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * number);
        if byte & 0x80 == 0 {
            return bytes.get(number + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// What a program finds at addresses once it is loaded.
struct Memory<'d> {
    segments: Vec<(u64, &'d [u8])>,
    pointer_size: usize,
    big_endian: bool,
}

impl<'d> Memory<'d> {
    fn number(&self, bytes: &[u8]) -> Option<u64> {
        let bytes = bytes.get(..self.pointer_size)?;
        if !matches!(self.pointer_size, 4 | 8) {
            return None;
        }
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    fn at(&self, address: u64) -> Option<&'d [u8]> {
        self.segments.iter().find_map(|(start, data)| {
            let offset = usize::try_from(address.checked_sub(*start)?).ok()?;
            data.get(offset..).filter(|rest| !rest.is_empty())
        })
    }

    /// The text whose pointer and length stand at `address`.
    fn text(&self, address: u64) -> Option<&'d [u8]> {
        if address == 0 {
            return Some(&[]);
        }
        let head = self.at(address)?;
        let (start, length) = (self.number(head)?, self.number(head.get(self.pointer_size..)?)?);
        if length == 0 {
            return Some(&[]);
        }
        self.at(start)?.get(..usize::try_from(length).ok()?)
    }
}

fn reading(version: &str, modules: &str) -> Reading {
    let mut sheet = sheet(PackageEvidence::Binary);
    let library = put_standard_library(&mut sheet, 0, version);
    match library.and_then(|index| sheet.package(index)) {
        Some(package) => package.relation = Relation::Direct,
        None => sheet.problem(0, "the version of Go is not one"),
    }
    let lines: Vec<Vec<&str>> = modules.lines().map(|line| line.split('\t').collect()).collect();
    for (number, words) in lines.iter().enumerate() {
        let next = lines.get(number + 1).filter(|next| next.first() == Some(&"=>"));
        match words.as_slice() {
            ["mod", name, rest @ ..] => put_main(&mut sheet, name, rest.first().copied()),
            ["dep", name, rest @ ..] => put_module(&mut sheet, name, rest.first().copied(), next),
            ["path" | "build" | "=>" | "", ..] | [] => {}
            _ => sheet.problem(0, "Go's build information has a line of an unknown kind"),
        }
    }
    if lines.iter().all(|words| words.first() != Some(&"mod")) && modules.is_empty() {
        sheet.problem(0, "the program does not tell its modules");
    }
    sheet.done()
}

/// The program's own module; one that was built from a folder has no version.
fn put_main(sheet: &mut Sheet, name: &str, version: Option<&str>) {
    let version = version
        .filter(|version| !version.is_empty() && *version != "(devel)" && !version.ends_with("+dirty"));
    let origin = match version {
        Some(_) => PackageOrigin::Default,
        None => PackageOrigin::Local { path: String::new() },
    };
    if let Some(mut added) = put(sheet, 0, name, version, origin) {
        added.direct();
    }
}

fn put_module(sheet: &mut Sheet, name: &str, version: Option<&str>, replacement: Option<&Vec<&str>>) {
    let (name, version) = match replacement.map(Vec::as_slice) {
        Some([_, new, new_version, ..]) if !matches!(*new_version, "" | "(devel)") => {
            (*new, Some(*new_version))
        }
        Some([_, new, ..]) => {
            put(sheet, 0, name, version, PackageOrigin::Local { path: (*new).to_owned() });
            return;
        }
        _ => (name, version),
    };
    put(sheet, 0, name, version.filter(|version| *version != "(devel)"), PackageOrigin::Default);
}

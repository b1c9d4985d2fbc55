//! Go's build information, as `debug/buildinfo` of Go's standard library reads it.

use palisade_model::{PackageEvidence, PackageOrigin, Reading, Relation};

use super::Program;
use crate::go::{put, put_standard_library, sheet};
use crate::sheet::Sheet;

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Where the header may begin: at multiples of this.
const ALIGNMENT: usize = 16;
/// The header, behind which the texts stand since Go 1.18.
const HEADER: usize = 32;
/// Bytes around the list of modules, which mark it in memory.
const SENTINEL: usize = 16;
/// Bytes of one section or segment that are searched, and of all segments together, which may lie over each other.
const MAX_SEARCHED: usize = 1 << 20;
const MAX_SEARCHED_IN_ALL: usize = 64 << 20;

pub(super) fn read(program: &Program<'_>) -> Option<Reading> {
    let named = program.section(&[".go.buildinfo", "__go_buildinfo"]);
    let header = match named {
        Some(data) => find(data),
        None => candidates(program).into_iter().find_map(find),
    };
    match (header, named) {
        (None, None) => None,
        (None, Some(_)) => Some(broken("the section of Go's build information holds none")),
        (Some(header), _) => Some(match texts(program, header) {
            Some((version, modules)) => reading(&version, &modules),
            None => broken("Go's build information breaks off"),
        }),
    }
}

pub(super) fn broken(detail: &str) -> Reading {
    let mut sheet = sheet(PackageEvidence::Binary);
    sheet.problem(0, detail);
    sheet.done()
}

/// Data that may hold the header when no section has its name, as in PE files.
fn candidates<'d>(program: &Program<'d>) -> Vec<&'d [u8]> {
    if let Some(data) = program.section(&[".data", "__data"]) {
        return vec![data];
    }
    let mut left = MAX_SEARCHED_IN_ALL;
    let mut is_within = |data: &&[u8]| {
        let rest = left.checked_sub(data.len().min(MAX_SEARCHED));
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    program.segments().into_iter().map(|(_, data)| data).take_while(&mut is_within).collect()
}

/// The data from the header on.
fn find(data: &[u8]) -> Option<&[u8]> {
    let searched = data.get(..data.len().min(MAX_SEARCHED))?;
    let at = searched.chunks(ALIGNMENT).position(|chunk| chunk.starts_with(MAGIC))?;
    data.get(at * ALIGNMENT..).filter(|header| header.len() >= HEADER)
}

/// The version of Go and the list of modules.
fn texts(program: &Program<'_>, header: &[u8]) -> Option<(String, String)> {
    let pointer_size = usize::from(*header.get(MAGIC.len())?);
    let flags = *header.get(MAGIC.len() + 1)?;
    let (version, modules) = if flags & 2 != 0 {
        let (version, rest) = counted(header.get(HEADER..)?)?;
        (version, counted(rest)?.0)
    } else {
        let memory = Memory { segments: program.segments(), pointer_size, big_endian: flags & 1 != 0 };
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
    let mut needs: Vec<u32> = Vec::new();
    let mut main = None;
    let library = put_standard_library(&mut sheet, 0, version);
    needs.extend(library);
    match library.and_then(|index| sheet.package(index)) {
        Some(package) => package.relation = Relation::Direct,
        None => sheet.problem(0, "the version of Go is not one"),
    }
    let lines: Vec<Vec<&str>> = modules.lines().map(|line| line.split('\t').collect()).collect();
    for (number, words) in lines.iter().enumerate() {
        let next = lines.get(number + 1).filter(|next| next.first() == Some(&"=>"));
        match words.as_slice() {
            ["mod", name, rest @ ..] if main.is_none() => {
                main = put_main(&mut sheet, name, rest.first().copied(), &lines)
            }
            ["dep", name, rest @ ..] => {
                needs.extend(put_module(&mut sheet, name, rest.first().copied(), next));
            }
            ["path" | "build" | "=>" | "", ..] | [] => {}
            _ => sheet.problem(0, "Go's build information has a line of an unknown kind"),
        }
    }
    if lines.iter().all(|words| words.first() != Some(&"mod")) && modules.is_empty() {
        sheet.problem(0, "the program does not tell its modules");
    }
    // Which module asks for which is not told: all of them are in the program.
    if let Some(package) = main.and_then(|index| sheet.package(index)) {
        package.dependencies.extend(needs.iter().filter(|index| Some(**index) != main));
    }
    sheet.done()
}

/// The program's own module; one that was built from a folder has no version, unless the linker was told one.
fn put_main(sheet: &mut Sheet, name: &str, version: Option<&str>, lines: &[Vec<&str>]) -> Option<u32> {
    let version = version
        .filter(|version| !version.is_empty() && *version != "(devel)" && !version.ends_with("+dirty"));
    let linked = linked_version(lines, name).filter(|_| version.is_none_or(is_pseudo));
    let version = linked.as_deref().or(version);
    let origin = match version {
        Some(_) => PackageOrigin::Default,
        None => PackageOrigin::Local { path: String::new() },
    };
    let mut added = put(sheet, 0, name, version, origin)?;
    added.direct();
    Some(added.index)
}

fn put_module(
    sheet: &mut Sheet,
    name: &str,
    version: Option<&str>,
    replacement: Option<&Vec<&str>>,
) -> Option<u32> {
    let (name, version) = match replacement.map(Vec::as_slice) {
        Some([_, new, new_version, ..]) if !matches!(*new_version, "" | "(devel)") => {
            (*new, Some(*new_version))
        }
        Some([_, new, ..]) => {
            return put(sheet, 0, name, None, PackageOrigin::Local { path: (*new).to_owned() })
                .map(|added| added.index);
        }
        _ => (name, version),
    };
    let version = version.filter(|version| *version != "(devel)");
    put(sheet, 0, name, version, PackageOrigin::Default).map(|added| added.index)
}

/// The version that the linker was told for the program, `-X path.name=value`, where Go itself knows none: a version of semantic
/// versioning in a variable of that name, in the package `main` or one of the module.
fn linked_version(lines: &[Vec<&str>], module: &str) -> Option<String> {
    let mut settings = lines.iter().filter_map(|words| match words.as_slice() {
        ["build", setting, ..] => setting.strip_prefix("-ldflags="),
        _ => None,
    });
    let flags = settings.next()?.trim_matches(['"', '`']).replace("\\\"", "\"");
    let mut best: Option<(bool, String)> = None;
    for setting in flags.split_whitespace() {
        let setting = setting.trim_start_matches("-X=").trim_matches(['"', '\'']);
        let Some((place, value)) = setting.split_once('=') else { continue };
        let Some((package, variable)) = place.rsplit_once('.') else { continue };
        let is_own =
            package.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_version = matches!(variable.to_ascii_lowercase().as_str(), "version" | "ver" | "buildversion");
        let digits = value.strip_prefix('v').unwrap_or(value);
        if is_version && (package == "main" || is_own) && is_semantic(digits) {
            let found = (package == "main", format!("v{digits}"));
            best = best.filter(|best| best.0 || !found.0).or(Some(found));
        }
    }
    best.map(|(_, version)| version)
}

/// Whether a version was made up of a commit: its time in 14 digits and its first 12 ("Pseudo-versions" of the Go Modules Reference).
fn is_pseudo(version: &str) -> bool {
    let mut parts = version.split('+').next().unwrap_or_default().rsplit('-');
    let commit = parts.next().unwrap_or_default();
    let time = parts.next().and_then(|part| part.rsplit('.').next()).unwrap_or_default();
    commit.len() == 12 && time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit())
}

/// Three numbers, and what may follow them.
fn is_semantic(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    numbers.len() == 3
        && numbers.iter().all(is_number)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
}

//! What compiled programs tell of what they are made of: Go's build information and the data of `cargo auditable`.

mod auditable;
mod buildinfo;

use object::{File, Object as _, ObjectSection as _, ObjectSegment as _};
use palisade_model::{PackageEvidence, Reading, RepoPath};

use crate::format::Format;
use crate::record::Record;

static GO: Format =
    Format { name: "go-binary", evidence: PackageEvidence::Binary, recognises: |_| false, read: None };
static RUST: Format =
    Format { name: "rust-binary", evidence: PackageEvidence::Binary, recognises: |_| false, read: None };

/// Whether bytes begin as a program or library of ELF, PE or Mach-O does. The first four are enough.
pub fn recognise_binary(bytes: &[u8]) -> bool {
    const MAGICS: [&[u8]; 7] = [
        b"\x7fELF",
        b"MZ",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
    ];
    MAGICS.iter().any(|magic| bytes.starts_with(magic))
}

/// Reads a program: a record for each kind of data in it, and none when it has none. Files that only look like programs are none; one
/// that names its data and breaks off is a problem.
pub fn read_binary(path: &RepoPath, members: &[String], bytes: &[u8]) -> Vec<Record> {
    let images = images(bytes);
    let files: Vec<File<'_>> = images.iter().filter_map(|image| File::parse(*image).ok()).collect();
    let record = |format: &'static Format, reading: Reading| Record {
        path: path.clone(),
        members: members.to_vec(),
        layer: None,
        format,
        reading,
        companion: None,
    };
    // The images of a fat file are the same program for several processors.
    let go = files.iter().find_map(buildinfo::read).map(|reading| record(&GO, reading));
    let rust = files.iter().find_map(auditable::read).map(|reading| record(&RUST, reading));
    go.into_iter().chain(rust).collect()
}

/// The programs in a file: several in fat files of macOS.
fn images(bytes: &[u8]) -> Vec<&[u8]> {
    use object::read::macho::{FatArch as _, MachOFatFile32};
    match MachOFatFile32::parse(bytes) {
        Ok(fat) => fat.arches().iter().filter_map(|arch| arch.data(bytes).ok()).collect(),
        Err(_) => vec![bytes],
    }
}

/// The bytes of the first section that has one of these names.
fn section<'d>(file: &File<'d>, names: &[&str]) -> Option<&'d [u8]> {
    let named = |section: &object::Section<'d, '_>| section.name().is_ok_and(|name| names.contains(&name));
    file.sections().find(named).and_then(|section| section.data().ok())
}

/// The bytes of all segments, with their addresses in memory.
fn segments<'d>(file: &File<'d>) -> Vec<(u64, &'d [u8])> {
    file.segments().filter_map(|segment| Some((segment.address(), segment.data().ok()?))).collect()
}

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

/// Images of a fat file that are read; true ones have a handful.
const MAX_IMAGES: usize = 16;

/// Bytes of names of sections that are looked at; those of the largest programs are a hundredth of it.
const MAX_NAMES: usize = 256 << 20;

/// Reads a program: a record for each kind of data in it, and none when it has none. Files that only look like programs are none; one
/// that names its data and breaks off is a problem.
pub fn read_binary(path: &RepoPath, members: &[String], bytes: &[u8]) -> Vec<Record> {
    let (images, has_more) = images(bytes);
    let mut names_left = MAX_NAMES;
    let programs: Vec<Program<'_>> =
        images.iter().filter_map(|image| Program::parse(image, &mut names_left)).collect();
    let record = |format: &'static Format, reading: Reading| {
        Record::of(format, path.clone(), members.to_vec(), reading)
    };
    // The images of a fat file are the same program for several processors.
    let go = programs.iter().find_map(buildinfo::read).map(|reading| record(&GO, reading));
    let rust = programs.iter().find_map(auditable::read).map(|reading| record(&RUST, reading));
    // A class of Java begins like a fat file, with a number that no fat file has.
    let unread = (has_more && !programs.is_empty())
        .then_some("is a program for more processors than are read")
        .or_else(|| (names_left == 0).then_some("has more names of sections than are read"));
    go.into_iter().chain(rust).chain(unread.map(|detail| record(&GO, buildinfo::broken(detail)))).collect()
}

/// The programs in a file: several in fat files of macOS. And whether there are more.
fn images(bytes: &[u8]) -> (Vec<&[u8]>, bool) {
    use object::read::macho::{FatArch as _, MachOFatFile32};
    match MachOFatFile32::parse(bytes) {
        Ok(fat) => {
            let arches = fat.arches();
            let images = arches.iter().take(MAX_IMAGES).filter_map(|arch| arch.data(bytes).ok());
            (images.collect(), arches.len() > MAX_IMAGES)
        }
        Err(_) => (vec![bytes], false),
    }
}

/// A program for one processor.
struct Program<'d> {
    file: File<'d>,
    /// The first section of each name that is asked for.
    sections: Vec<(&'static str, &'d [u8])>,
}

impl<'d> Program<'d> {
    /// Sections may share one long text as their names, so that looking at names is what takes from `names_left`.
    fn parse(image: &'d [u8], names_left: &mut usize) -> Option<Self> {
        const WANTED: [&str; 5] = [".dep-v0", ".go.buildinfo", "__go_buildinfo", ".data", "__data"];
        let file = File::parse(image).ok()?;
        let mut sections: Vec<(&'static str, &'d [u8])> = Vec::new();
        for section in file.sections() {
            let name = section.name_bytes();
            *names_left = names_left.saturating_sub(name.map_or(image.len(), <[u8]>::len));
            if *names_left == 0 {
                break;
            }
            let wanted = WANTED.into_iter().find(|wanted| name.is_ok_and(|name| name == wanted.as_bytes()));
            if let Some(wanted) = wanted.filter(|wanted| sections.iter().all(|(name, _)| name != wanted)) {
                sections.extend(section.data().ok().map(|data| (wanted, data)));
            }
        }
        Some(Self { file, sections })
    }

    /// The bytes of the section that has one of these names.
    fn section(&self, names: &[&str]) -> Option<&'d [u8]> {
        self.sections.iter().find(|(name, _)| names.contains(name)).map(|(_, data)| *data)
    }

    /// The bytes of all segments, with their addresses in memory.
    fn segments(&self) -> Vec<(u64, &'d [u8])> {
        self.file.segments().filter_map(|segment| Some((segment.address(), segment.data().ok()?))).collect()
    }
}

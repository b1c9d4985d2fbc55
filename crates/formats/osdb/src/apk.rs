//! The database of apk-tools 2, which apk-tools 3 writes too: a letter, a colon and a value on each line, an empty line between
//! packages (<https://wiki.alpinelinux.org/wiki/Apk_spec>, "Installed Database V2").

use palisade_model::{Package, PackageEvidence, Purl, SourcePackage};

use crate::Distribution;
use crate::edges::Edges;
use crate::field::{lines, optional, problem, text};
use crate::format::{BEYOND, Installed};

#[derive(Default)]
struct Block<'a> {
    line: u32,
    name: Option<&'a [u8]>,
    version: Option<&'a [u8]>,
    architecture: Option<&'a [u8]>,
    licence: Option<&'a [u8]>,
    origin: Option<&'a [u8]>,
    depends: &'a [u8],
    provides: &'a [u8],
    /// Folders and the files in them, in order.
    files: Vec<(&'a [u8], &'a [u8])>,
    folder: &'a [u8],
    has_fields: bool,
}

impl<'a> Block<'a> {
    fn take(&mut self, letter: u8, value: &'a [u8], line: u32) {
        self.has_fields = true;
        match letter {
            b'P' => {
                self.line = line;
                self.name = Some(value);
            }
            b'V' => self.version = Some(value),
            b'A' => self.architecture = Some(value),
            b'L' => self.licence = Some(value),
            b'o' => self.origin = Some(value),
            b'D' => self.depends = value,
            b'p' => self.provides = value,
            b'F' => self.folder = value,
            b'R' => self.files.push((self.folder, value)),
            _ => {}
        }
    }
}

pub(crate) fn installed(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = Installed::default();
    let mut edges = Edges::default();
    let mut block = Block::default();
    for (number, line) in lines(bytes) {
        match line {
            [] => {
                if block.has_fields {
                    add(&std::mem::take(&mut block), distribution, &mut installed, &mut edges);
                }
            }
            [letter, b':', value @ ..] => {
                if !block.has_fields {
                    block.line = number;
                }
                block.take(*letter, value, number);
            }
            _ => problem(&mut installed.reading, number, "is no field: a letter and a colon are missing"),
        }
    }
    if block.has_fields {
        add(&block, distribution, &mut installed, &mut edges);
    }
    edges.settle(&mut installed.reading);
    installed
}

fn add(block: &Block<'_>, distribution: Option<&Distribution>, installed: &mut Installed, edges: &mut Edges) {
    if installed.is_full() {
        return problem(&mut installed.reading, block.line, BEYOND);
    }
    let reading = &mut installed.reading;
    let package = match package(block, distribution) {
        Ok(package) => package,
        Err(detail) => return problem(reading, block.line, detail),
    };
    if package.version.is_none() {
        problem(reading, block.line, format!("package `{}` has no version", package.name));
    }
    let index = u32::try_from(reading.packages.len()).unwrap_or(u32::MAX);
    for (folder, name) in &block.files {
        installed.owners.add_parts(folder, name, index);
    }
    let wants = words(block.depends).into_iter().map(|name| vec![name]).collect();
    edges.add(std::iter::once(package.name.clone()).chain(words(block.provides)), wants);
    reading.packages.push(package);
}

fn package(block: &Block<'_>, distribution: Option<&Distribution>) -> Result<Package, String> {
    let name = block.name.ok_or("is a package without a name")?;
    let name = text(name).map_err(|why| format!("the name of a package {why}"))?;
    let version = block.version.map(text).transpose();
    let version = version.map_err(|why| format!("the version of package `{name}` {why}"))?;
    let purl = Purl::new("apk", distribution.map(Distribution::namespace), &name, version.as_deref())
        .map_err(|error| format!("package `{name}` has no address: {error}"))?
        .with_qualifier("arch", &optional(block.architecture).unwrap_or_default())
        .with_qualifier("distro", &distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, name, PackageEvidence::Installed);
    package.ecosystem = distribution.map(|distribution| distribution.ecosystem.clone());
    let origin = optional(block.origin).unwrap_or_else(|| package.name.clone());
    package.source = version.map(|version| SourcePackage { name: origin, version });
    package.licences = optional(block.licence).into_iter().collect();
    package.line = block.line;
    Ok(package)
}

/// The names in a list such as `so:libc.musl.so.1 foo>=1.2 !other`, without versions, repositories and conflicts.
fn words(field: &[u8]) -> Vec<String> {
    let name = |word: &[u8]| {
        let end = word.iter().position(|byte| matches!(byte, b'<' | b'>' | b'=' | b'~' | b'@'));
        text(word.get(..end.unwrap_or(word.len()))?).ok()
    };
    let words =
        field.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty() && !word.starts_with(b"!"));
    words.filter_map(name).collect()
}

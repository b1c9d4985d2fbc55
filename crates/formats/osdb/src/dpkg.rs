//! dpkg's database (deb-control(5), dpkg(1)), that of distroless images, which keep each package's paragraph in a file of its own,
//! and that of opkg, which is written the same way.

use palisade_model::{Package, PackageEvidence, Purl, SourcePackage};

use crate::Distribution;
use crate::edges::Edges;
use crate::field::{lines, optional, problem, split_once, text};
use crate::format::{BEYOND, Installed};
use crate::owners::Belonging;

const FRAGMENTS: &str = "var/lib/dpkg/status.d/";
const INFO: &str = "var/lib/dpkg/info/";

/// One paragraph: the first value of each field that matters, and the line of its name.
#[derive(Default)]
struct Paragraph<'a> {
    line: u32,
    package: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    version: Option<&'a [u8]>,
    architecture: Option<&'a [u8]>,
    source: Option<&'a [u8]>,
    depends: Vec<&'a [u8]>,
    provides: Option<&'a [u8]>,
}

impl<'a> Paragraph<'a> {
    fn take(&mut self, name: &[u8], value: &'a [u8], line: u32) {
        match name.to_ascii_lowercase().as_slice() {
            b"package" => {
                self.line = line;
                self.package.get_or_insert(value);
            }
            b"status" => drop(self.status.get_or_insert(value)),
            b"version" => drop(self.version.get_or_insert(value)),
            b"architecture" => drop(self.architecture.get_or_insert(value)),
            b"source" => drop(self.source.get_or_insert(value)),
            b"provides" => drop(self.provides.get_or_insert(value)),
            b"depends" | b"pre-depends" => self.depends.push(value),
            _ => {}
        }
    }

    /// Whether its files are on the disk. The third word of the status is the state (dpkg(1), "Package states"); a paragraph without
    /// a status, as in distroless images, is of a package that is there.
    fn is_present(&self) -> bool {
        let state = self
            .status
            .and_then(|status| status.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).nth(2));
        !matches!(state, Some(b"not-installed" | b"config-files"))
    }
}

/// How the packages of a database are called.
struct Naming<'a> {
    kind: &'static str,
    distribution: Option<&'a Distribution>,
}

pub(crate) fn is_fragment(path: &str) -> bool {
    path.strip_prefix(FRAGMENTS).is_some_and(|name| !name.contains('/') && !name.ends_with(".md5sums"))
}

pub(crate) fn is_sums(path: &str) -> bool {
    let folder = path.strip_prefix(FRAGMENTS);
    folder.is_some_and(|name| !name.contains('/') && name.ends_with(".md5sums"))
}

pub(crate) fn is_list(path: &str) -> bool {
    path.strip_prefix(INFO).is_some_and(|name| !name.contains('/') && name.ends_with(".list"))
}

pub(crate) fn status(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    paragraphs(bytes, &Naming { kind: "deb", distribution })
}

pub(crate) fn fragment(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    let mut installed = paragraphs(bytes, &Naming { kind: "deb", distribution });
    if installed.reading.packages.is_empty() && installed.reading.problems.is_empty() {
        problem(&mut installed.reading, 0, "holds no package");
    }
    installed
}

pub(crate) fn opkg(_: &str, bytes: &[u8], distribution: Option<&Distribution>) -> Installed {
    paragraphs(bytes, &Naming { kind: "opkg", distribution })
}

/// The files of one package, a path on each line.
pub(crate) fn list(path: &str, bytes: &[u8], _: Option<&Distribution>) -> Installed {
    let name = path.strip_prefix(INFO).and_then(|name| name.strip_suffix(".list")).unwrap_or(path);
    let mut installed = Installed { belonging: Belonging::Named(name.to_owned()), ..Installed::default() };
    for (_, line) in lines(bytes).filter(|(_, line)| line.len() > 1 && *line != b"/.") {
        installed.owners.add(line, 0);
    }
    installed
}

/// The files of one package of a distroless image: a digest, two spaces and a path on each line.
pub(crate) fn sums(path: &str, bytes: &[u8], _: Option<&Distribution>) -> Installed {
    let record = path.strip_suffix(".md5sums").unwrap_or(path).to_owned();
    let mut installed = Installed { belonging: Belonging::Record(record), ..Installed::default() };
    for (_, line) in lines(bytes) {
        if let Some((_, path)) = split_once(line, b' ') {
            installed.owners.add(path.trim_ascii_start(), 0);
        }
    }
    installed
}

/// Reads all paragraphs. Fields are apart from their values by a colon; a line that begins with a blank goes on with the last one, and
/// no field that is read here has more than one line but the lists of packages, which nobody folds in a database.
fn paragraphs(bytes: &[u8], naming: &Naming<'_>) -> Installed {
    let mut installed = Installed::default();
    let mut edges = Edges::default();
    let mut paragraph = Paragraph::default();
    let mut has_fields = false;
    for (number, line) in lines(bytes) {
        if line.iter().all(u8::is_ascii_whitespace) {
            if std::mem::take(&mut has_fields) {
                add(&std::mem::take(&mut paragraph), naming, &mut installed, &mut edges);
            }
            continue;
        }
        if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'#')) {
            continue;
        }
        if !std::mem::replace(&mut has_fields, true) {
            paragraph.line = number;
        }
        match split_once(line, b':') {
            Some((name, value)) => paragraph.take(name, value.trim_ascii(), number),
            None => problem(&mut installed.reading, number, "is no field: there is no colon"),
        }
    }
    if has_fields {
        add(&paragraph, naming, &mut installed, &mut edges);
    }
    edges.settle(&mut installed.reading);
    installed
}

fn add(paragraph: &Paragraph<'_>, naming: &Naming<'_>, installed: &mut Installed, edges: &mut Edges) {
    if !paragraph.is_present() {
        return;
    }
    if installed.is_full() {
        return problem(&mut installed.reading, paragraph.line, BEYOND);
    }
    let reading = &mut installed.reading;
    match package(paragraph, naming) {
        Ok(package) => {
            let provided = alternatives(paragraph.provides.unwrap_or_default()).into_iter().flatten();
            edges.add(std::iter::once(package.name.clone()).chain(provided), wishes(paragraph));
            if package.version.is_none() {
                problem(reading, paragraph.line, format!("package `{}` has no version", package.name));
            }
            reading.packages.push(package);
        }
        Err(detail) => problem(reading, paragraph.line, detail),
    }
}

fn package(paragraph: &Paragraph<'_>, naming: &Naming<'_>) -> Result<Package, String> {
    let name = paragraph.package.ok_or("is a paragraph without a package's name")?;
    let name = text(name).map_err(|why| format!("the name of a package {why}"))?;
    let version = paragraph.version.map(text).transpose();
    let version = version.map_err(|why| format!("the version of package `{name}` {why}"))?;
    let namespace = naming.distribution.map(Distribution::namespace);
    let purl = Purl::new(naming.kind, namespace, &name, version.as_deref())
        .map_err(|error| format!("package `{name}` has no address: {error}"))?
        .with_qualifier("arch", &optional(paragraph.architecture).unwrap_or_default())
        .with_qualifier("distro", &naming.distribution.map(Distribution::qualifier).unwrap_or_default());
    let mut package = Package::new(purl, name, PackageEvidence::Installed);
    package.ecosystem = naming.distribution.map(|distribution| distribution.ecosystem.clone());
    package.source = version.map(|version| source(paragraph.source, &package.name, version));
    package.line = paragraph.line;
    Ok(package)
}

/// `NAME`, `NAME (VERSION)` or nothing; what is not said is as in the package itself (deb-control(5), "Source").
fn source(field: Option<&[u8]>, name: &str, version: String) -> SourcePackage {
    let Some(field) = optional(field) else { return SourcePackage { name: name.to_owned(), version } };
    match field.split_once('(') {
        Some((name, own)) => {
            let own = own.trim_end_matches(')').trim();
            SourcePackage {
                name: name.trim().to_owned(),
                version: if own.is_empty() { version } else { own.to_owned() },
            }
        }
        None => SourcePackage { name: field, version },
    }
}

fn wishes(paragraph: &Paragraph<'_>) -> Vec<Vec<String>> {
    paragraph.depends.iter().flat_map(|field| alternatives(field)).collect()
}

/// The names in a list such as `a (>= 1), b:any | c`, without versions and architectures.
fn alternatives(field: &[u8]) -> Vec<Vec<String>> {
    let name = |part: &[u8]| {
        let part = part.trim_ascii_start();
        let end = part.iter().position(|byte| matches!(byte, b' ' | b'(' | b'[' | b':' | b'<'));
        text(part.get(..end.unwrap_or(part.len()))?).ok()
    };
    let wish = |wish: &[u8]| wish.split(|byte| *byte == b'|').filter_map(name).collect::<Vec<_>>();
    field.split(|byte| *byte == b',').map(wish).filter(|wish| !wish.is_empty()).collect()
}

//! What the system of an image is made of: its distribution, its packages, and whose files are whose.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;
use palisade_deps::{DepsEngine, EndedDistribution};
use palisade_image::{LayerInfo, Walked};
use palisade_model::{
    Confidence, Finding, Gap, GapKind, InventoryFile, Layer, Purl, RepoPath, Severity, Sink,
};
use palisade_osdb::{Distribution, IDENTITY_FILES, Installed, Lifetime, Ownership, identify};

use crate::engines::EngineName;
use crate::image_records::{Records, Shown, SystemContent, SystemRecord};

/// Which package of the system a file belongs to.
#[derive(Default)]
pub(crate) struct SystemFiles {
    ownership: Ownership,
    /// The address of each package and the layer since which it is there, in the order of the records.
    packages: Vec<(Purl, u32)>,
}

impl SystemFiles {
    /// The package that brought the file at `path`. Files that another layer than the package's brought are somebody else's.
    pub(crate) fn owner(&self, path: &RepoPath, layer: u32) -> Option<&Purl> {
        let owner = self.ownership.owner(path.as_bytes())?;
        let (purl, since) = self.packages.get(owner as usize)?;
        (*since == layer).then_some(purl)
    }

    /// What a distribution ships in its packages is public: nobody leaks it.
    pub(crate) fn weigh(&self, finding: &mut Finding) {
        let layer = finding.layer.as_ref().map_or(0, |layer| layer.index);
        if finding.engine == EngineName::Secrets.as_str()
            && self.owner(&finding.location.path, layer).is_some()
        {
            finding.severity = Severity::Info;
            finding.confidence = Confidence::Low;
            finding.message = "it is part of a package of the distribution".to_owned();
        }
    }
}

/// What is known of the system.
#[derive(Default)]
pub(crate) struct System {
    pub(crate) files: SystemFiles,
    /// What the distribution is called.
    distribution: Option<String>,
    /// A record of packages was met, be it a broken one.
    has_packages: bool,
}

impl System {
    /// Hands the packages of the system to the engine, each with the layer since which it is there, and says when the distribution's
    /// time is over.
    pub(crate) fn read(
        records: &mut Records,
        deps: &DepsEngine<'_>,
        layers: &[LayerInfo],
        walked: &Walked,
        today: Date,
    ) -> Self {
        let mut held = std::mem::take(&mut records.system);
        drop_told_twice(&mut held, walked);
        let visible: Vec<(&str, &SystemRecord)> = held
            .iter()
            .filter(|(_, record)| walked.is_visible(record.id))
            .map(|(path, record)| (path.as_str(), record))
            .collect();
        let told = identity(&visible, walked, &held);
        let texts: Vec<_> = told.iter().map(|(name, record)| (*name, record.bytes())).collect();
        let distribution = identify(&texts);
        let info = |layer: u32| layers.get(layer as usize).map(|info| info.layer.clone());
        if let (Some(distribution), Some((name, record))) = (&distribution, told.first()) {
            tell_ended(deps, distribution, name, info(record.layer), today);
            records.gaps.extend(untold_end(distribution, name));
        }
        let mut system =
            Self { distribution: distribution.as_ref().map(|known| known.name.clone()), ..Self::default() };
        let installed = installed(&visible, distribution.as_ref());
        let read: Vec<_> = installed.iter().map(|installed| (installed.path, &*installed.read)).collect();
        system.files.ownership = Ownership::of(&read);
        for InstalledRecord { path, layer, format, read } in installed {
            system.has_packages |= !read.reading.packages.is_empty() || !read.reading.problems.is_empty();
            let Ok(place) = RepoPath::from_bytes(path.as_bytes()) else { continue };
            tell_problems(records, &place, format, &read);
            let mut packages = match read {
                Cow::Owned(read) => read.reading.packages,
                Cow::Borrowed(_) => Vec::new(),
            };
            for package in &mut packages {
                let since = records.since(path, package).unwrap_or(layer);
                package.layer = info(since);
                system.files.packages.push((package.purl.clone(), since));
            }
            if !packages.is_empty() {
                let (format, layer) = (format.to_owned(), info(layer));
                let (members, owner) = (Vec::new(), None);
                deps.add(InventoryFile { path: place, members, format, layer, owner, packages });
            }
        }
        system
    }

    /// The gap of an image of which nothing tells what it is made of, so that no finding would mean nothing. `is_folder` is for a root
    /// that lies in a folder: any folder may be named as an image.
    pub(crate) fn unknown(&self, shown: &Shown, is_folder: bool) -> Option<Gap> {
        let detail = match &self.distribution {
            _ if self.has_packages => return None,
            Some(name) if shown.has_programs => {
                format!(
                    "the image says that it is {name}, and has no record of that distribution's packages; {MENDS}"
                )
            }
            Some(_) => return None,
            None if shown.has_records => return None,
            None if shown.has_programs => {
                format!(
                    "there are programs, and no distribution and no record of packages tells what they are made of; {MENDS}"
                )
            }
            None if is_folder => {
                "the folder is no OCI layout, and has no record of packages and no distribution of its own"
                    .to_owned()
            }
            None => return None,
        };
        Some(Gap::new(None, GapKind::DataMissing, detail))
    }
}

/// A record of what is installed.
struct InstalledRecord<'a> {
    path: &'a str,
    layer: u32,
    /// The name of its format.
    format: &'static str,
    read: Cow<'a, Installed>,
}

/// Reads those of the records that tell of packages or of their files.
fn installed<'a>(
    visible: &[(&'a str, &'a SystemRecord)],
    distribution: Option<&Distribution>,
) -> Vec<InstalledRecord<'a>> {
    let read = |(path, record): &(&'a str, &'a SystemRecord)| {
        let format = palisade_osdb::recognise(path)?;
        let read = match &record.content {
            SystemContent::Files(read) => Cow::Borrowed(read),
            SystemContent::Bytes(bytes) => Cow::Owned(format.read(path, bytes, distribution)),
        };
        Some(InstalledRecord { path, layer: record.layer, format: format.name(), read })
    };
    visible.iter().filter_map(read).collect()
}

/// What can be done about an image that says nothing of itself.
const MENDS: &str =
    "scan a bill of its materials with `palisade scan --sbom FILE`, and let policy tolerate this gap";

/// dpkg tells the files of a package twice, with their sums and without.
fn drop_told_twice(held: &mut BTreeMap<String, SystemRecord>, walked: &Walked) {
    let sums = held.keys().filter_map(|path| path.strip_suffix(".md5sums"));
    let is_there =
        |stem: &&str| held.get(&format!("{stem}.list")).is_some_and(|record| walked.is_visible(record.id));
    let twice: Vec<String> = sums.filter(is_there).map(|stem| format!("{stem}.md5sums")).collect();
    for path in twice {
        held.remove(&path);
    }
}

fn tell_ended(
    deps: &DepsEngine<'_>,
    distribution: &Distribution,
    name: &str,
    layer: Option<Layer>,
    today: Date,
) {
    let Lifetime::Until(until) = distribution.lifetime else { return };
    let version = distribution.version_id.as_deref();
    let purl = Purl::new("generic", None, &distribution.id, version);
    if let (true, Ok(path), Ok(purl)) = (until < today, RepoPath::from_bytes(name.as_bytes()), purl) {
        let name = distribution.name.clone();
        deps.add_ended(EndedDistribution { path, layer, purl, name, until: until.to_string() });
    }
}

/// What is noted of a distribution of which nothing tells whether its time is over.
fn untold_end(distribution: &Distribution, name: &str) -> Option<Gap> {
    if distribution.lifetime != Lifetime::Unknown {
        return None;
    }
    let detail = format!(
        "this version of Palisade does not know until when {} gets security updates; ask who makes it",
        distribution.name
    );
    Some(Gap::new(RepoPath::from_bytes(name.as_bytes()).ok(), GapKind::Noted, detail))
}

fn tell_problems(records: &mut Records, path: &RepoPath, format: &str, installed: &Installed) {
    let mut sink = Sink::new();
    for problem in &installed.reading.problems {
        sink.gap(path, GapKind::ParseFailed, format!("{problem} ({format})"));
    }
    let (_, gaps) = sink.into_parts();
    records.gaps.extend(gaps);
}

/// The files that tell which distribution it is, links followed.
fn identity<'a>(
    visible: &[(&'a str, &'a SystemRecord)],
    walked: &Walked,
    system: &'a BTreeMap<String, SystemRecord>,
) -> Vec<(&'static str, &'a SystemRecord)> {
    let by_link = |name: &str| {
        let file = walked.resolve(name.as_bytes())?;
        let content = system.values().find(|record| record.id == file.content)?;
        Some(content)
    };
    let plain = |name: &str| visible.iter().find(|(path, _)| *path == name).map(|(_, record)| *record);
    IDENTITY_FILES
        .iter()
        .filter_map(|name| Some((*name, by_link(name).or_else(|| plain(name))?)))
        .filter(|(_, record)| !record.is_link)
        .collect()
}

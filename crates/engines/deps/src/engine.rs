use std::sync::{Mutex, OnceLock, PoisonError};

use palisade_advisory::Database;
use palisade_lockfile::{Asked, Record, relate};
use palisade_model::{
    Digest, Engine, Entry, EntryMeta, GapKind, Inventory, InventoryFile, Layer, LineIndex, Package,
    PackageEvidence, Purl, Reading, RepoPath, RuleId, RuleInfo, Severity, Sink, Timestamp,
};
use palisade_rulefile::{RuleFile, UnfitRules};

use crate::asking::Asking;
use crate::fingerprint::Fingerprinter;
use crate::flaw::affected;
use crate::judging::Judging;
use crate::licences::LicenceRules;
use crate::owning::Owners;
use crate::path::{Paths, label};
use crate::rules::{Check, Rules};
use crate::suspect::{
    Way, is_link_called_as_record, is_read_for_content, is_suspect, leads_to_record, records, way,
};
use crate::told::{Lines, Teller, Told};
use crate::unjudged::Unjudged;

/// The engine's name.
pub(crate) const ID: &str = "deps";

/// The database of advisories that a scan has.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a scan has one of it")]
pub enum Advisories<'d> {
    /// This one.
    Known {
        /// The database.
        database: Database<'d>,
        /// Feeds that were taken before are stale.
        oldest: Timestamp,
    },
    /// They are not asked: the packages alone are wanted.
    NotAsked,
    /// None that could be used: why, and what mends it, lower-case, no final stop.
    Missing(String),
}

/// Everything that decides what the engine finds, besides rules and entries.
#[derive(Debug, Clone)]
pub struct DepsSetting<'d> {
    /// The project's salt.
    pub salt: Vec<u8>,
    /// What is known of packages.
    pub advisories: Advisories<'d>,
    /// What policy says of licences.
    pub licences: LicenceRules,
}

/// Finds packages, and what is wrong with them.
pub struct DepsEngine<'d> {
    rules: Rules,
    prints: Fingerprinter,
    setting: DepsSetting<'d>,
    gathered: Mutex<Gathered>,
    inventory: OnceLock<Inventory>,
}

/// Records that were read and not taken in.
pub struct Seen {
    records: Vec<Record>,
    lines: Option<(RepoPath, LineIndex)>,
}

impl Seen {
    /// Whether nothing in it is a record of packages: a program that does not say what it is made of.
    pub fn is_empty(&self) -> bool {
        let tells = |record: &Record| {
            let Reading { packages, problems } = record.reading();
            record.format().is_sure_by_name() || !packages.is_empty() || !problems.is_empty()
        };
        !self.records.iter().any(tells)
    }
}

/// A distribution that gets no more security updates.
#[derive(Debug, Clone)]
pub struct EndedDistribution {
    /// The file that tells which distribution it is.
    pub path: RepoPath,
    /// The layer of that file.
    pub layer: Option<Layer>,
    /// Its address, with the release as version.
    pub purl: Purl,
    /// What it is called.
    pub name: String,
    /// The last day that it got any, `YYYY-MM-DD`.
    pub until: String,
}

/// What came in so far.
#[derive(Default)]
struct Gathered {
    ended: Vec<EndedDistribution>,
    records: Vec<Record>,
    files: Vec<InventoryFile>,
    lines: Lines,
    /// Records that are no files.
    closed: Vec<RepoPath>,
}

impl<'d> DepsEngine<'d> {
    /// An engine with `rules`, one for each of its checks.
    pub fn new(rules: Vec<RuleFile>, setting: DepsSetting<'d>) -> Result<Self, UnfitRules> {
        Ok(Self {
            rules: Rules::new(rules)?,
            prints: Fingerprinter::new(&setting.salt),
            setting,
            gathered: Mutex::default(),
            inventory: OnceLock::new(),
        })
    }

    /// The names of its rules.
    pub fn rule_ids(&self) -> impl Iterator<Item = &RuleId> {
        self.rules.ids()
    }

    /// Everything that was found to be in the product; complete after the last entry.
    pub fn inventory(&self) -> Inventory {
        self.inventory.get().cloned().unwrap_or_default()
    }

    /// Adds a record that was read elsewhere, such as that of an image's system packages.
    pub fn add(&self, file: InventoryFile) {
        self.gathered().files.push(file);
    }

    /// Reads an entry without taking it in: of an image it is known only later which files are in it.
    pub fn read(&self, entry: &Entry<'_>) -> Seen {
        let records = records(entry);
        let has_lines = records.iter().any(|record| {
            record.reading().packages.iter().any(|package| package.line > 0)
                || !record.open_indexes().is_empty()
        });
        let lines = has_lines.then(|| (entry.meta.path.clone(), LineIndex::new(entry.bytes)));
        Seen { records, lines }
    }

    /// The way in which an entry of that name and kind is read. Under another name it may be read in another way.
    pub fn way(&self, meta: &EntryMeta<'_>) -> Option<Way> {
        way(meta)
    }

    /// The place of an entry that tells by itself what lies there, if it is one.
    pub fn place<'p>(&self, path: &'p str, is_folder: bool) -> Option<&'p str> {
        palisade_lockfile::place(path, is_folder)
    }

    /// What a place tells.
    pub fn read_place(&self, place: RepoPath) -> Seen {
        Seen { records: Record::of_place(place).into_iter().collect(), lines: None }
    }

    /// Whether a file that goes by another name as well has to be read because of this one.
    pub fn has_to_read(&self, meta: &EntryMeta<'_>) -> bool {
        is_read_for_content(meta) || is_link_called_as_record(meta)
    }

    /// Takes in what was read, as part of `layer` of an image, and of the package `owner` of its distribution, which has to be added
    /// too.
    pub fn gather(&self, seen: Seen, layer: Option<&Layer>, owner: Option<&Purl>) {
        let Seen { mut records, lines } = seen;
        for record in &mut records {
            record.layer = layer.cloned();
            record.owner = owner.cloned();
        }
        let mut gathered = self.gathered();
        gathered.lines.extend(lines.map(|(path, lines)| ((path, Vec::new()), lines)));
        gathered.records.extend(records);
    }

    /// Says that the product stands on a distribution that gets no more security updates.
    pub fn add_ended(&self, ended: EndedDistribution) {
        self.gathered().ended.push(ended);
    }

    /// Says that something lies at `path` that no file can be read from. By its name it may be a record.
    pub fn add_closed(&self, path: &RepoPath) {
        let meta = EntryMeta::file(path, 0);
        if is_read_for_content(&meta) {
            self.gathered().closed.push(path.clone());
        }
    }

    fn gathered(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for DepsEngine<'_> {
    fn id(&self) -> &str {
        ID
    }

    fn rules_digest(&self) -> Digest {
        self.rules.digest()
    }

    fn rule_count(&self) -> usize {
        self.rules.count()
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        self.rules.by_id(id).cloned()
    }

    fn wants(&self, entry: &EntryMeta<'_>) -> bool {
        is_suspect(entry) || is_link_called_as_record(entry)
    }

    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink) {
        if is_link_called_as_record(&entry.meta) && !leads_to_record(entry) {
            let detail = "is a link to what is not read as a record of packages; put the file itself here";
            sink.gap(entry.meta.path, GapKind::FormatUnsupported, detail);
        }
        let seen = self.read(entry);
        self.gather(seen, None, None);
    }

    fn finish(&self, sink: &mut Sink) {
        let Gathered { ended, mut records, files, lines, closed } = std::mem::take(&mut *self.gathered());
        relate(&mut records);
        for record in &records {
            tell_problems(record, sink);
        }
        for path in &closed {
            sink.gap(
                path,
                GapKind::Unreadable,
                "is called as a record of packages, and is no file; put the file itself here",
            );
        }
        let open: Vec<_> = records.iter().flat_map(open_indexes).collect();
        // Who asks for the packages of each file; records that were read elsewhere do not tell.
        let asked: Vec<Vec<Asked>> = records.iter_mut().map(Record::take_asked).collect();
        let read = palisade_lockfile::inventory(records).into_iter().zip(asked);
        let mut files: Vec<_> = files.into_iter().map(|file| (file, Vec::new())).chain(read).collect();
        files.sort_by(|(one, _), (other, _)| {
            (&one.path, &one.members, &one.format).cmp(&(&other.path, &other.members, &other.format))
        });
        let (files, asked): (Vec<InventoryFile>, Vec<Vec<Asked>>) = files.into_iter().unzip();
        let teller = Teller { engine: ID, rules: &self.rules, prints: &self.prints, lines: &lines };
        let mut wanting = Unjudged::default();
        let owners = Owners::of(&files);
        for (file, asked) in files.iter().zip(&asked) {
            let (paths, owner) = (Paths::of(&file.packages), owners.of_file(file));
            let asking = Asking::of_file(file, asked);
            Judging { teller: &teller, file, owner, paths, asking, sink, wanting: &mut wanting }
                .judge(&self.setting);
        }
        for (kind, detail) in wanting.into_gaps() {
            sink.gap_of_source(kind, detail);
        }
        for (file, index) in &open {
            sink_open(&teller, file, index, sink);
        }
        for ended in &ended {
            sink_ended(&teller, ended, sink);
        }
        let inventory = Inventory { files };
        // Called once; a second call would find nothing new.
        let _ = self.inventory.set(inventory);
    }
}

/// The places without protection that a record lets packages come from, each as something that it names.
fn open_indexes(record: &Record) -> Vec<(InventoryFile, Package)> {
    let file = |package| InventoryFile {
        path: record.path.clone(),
        members: record.members.clone(),
        format: record.format().name().to_owned(),
        layer: record.layer.clone(),
        owner: record.owner.clone(),
        packages: package,
    };
    let index = |(line, host): (u32, String)| {
        let mut package =
            Package::new(Purl::new("generic", None, &host, None).ok()?, host, record.format().evidence());
        package.line = line;
        Some((file(Vec::new()), package))
    };
    record.open_indexes().into_iter().filter_map(index).collect()
}

fn sink_open(teller: &Teller<'_>, file: &InventoryFile, index: &Package, sink: &mut Sink) {
    let told = Told {
        check: Check::WrongSource,
        file,
        package: index,
        about: "index",
        title: None,
        message: format!("packages may be fetched from `{}` without transport security", index.name),
        severity: Some(Severity::Medium),
        confidence: None,
        affected: affected(index, vec![index.name.clone()]),
    };
    if let Some(finding) = teller.finding(told) {
        sink.finding(finding);
    }
}

fn sink_ended(teller: &Teller<'_>, ended: &EndedDistribution, sink: &mut Sink) {
    let package = Package::new(ended.purl.clone(), ended.name.clone(), PackageEvidence::Installed);
    let file = InventoryFile {
        path: ended.path.clone(),
        members: Vec::new(),
        format: String::new(),
        layer: ended.layer.clone(),
        owner: None,
        packages: Vec::new(),
    };
    let told = Told {
        check: Check::EndOfLife,
        file: &file,
        package: &package,
        about: "",
        title: None,
        message: format!("{} got security updates until {}", ended.name, ended.until),
        severity: None,
        confidence: None,
        affected: affected(&package, vec![label(&package)]),
    };
    if let Some(finding) = teller.finding(told) {
        sink.finding(finding);
    }
}

/// What could not be read of a record takes packages from the inventory.
fn tell_problems(record: &Record, sink: &mut Sink) {
    let format = record.format();
    let kind = if format.is_read() { GapKind::ParseFailed } else { GapKind::FormatUnsupported };
    for problem in &record.reading().problems {
        sink.gap(&record.path, kind, format!("{problem} ({})", format.name()));
    }
}

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use palisade_advisory::{AdvisoryKind, Database, DatabaseError};
use palisade_archive::{Budget, Limits};
use palisade_lockfile::is_jar;
use palisade_lockfile::{Format, Record, read_binary, read_jar, recognise, recognise_binary, relate};
use palisade_model::{
    AffectedPackage, Digest, Ecosystem, Engine, Entry, EntryKind, EntryMeta, GapKind, Inventory,
    InventoryFile, Layer, LineIndex, Package, PackageEvidence, Purl, RepoPath, RuleId, RuleInfo, Severity,
    Sink, Timestamp,
};
use palisade_rulefile::RuleFile;

use crate::DepsError;
use crate::advice::advice;
use crate::fingerprint::Fingerprinter;
use crate::licences::LicenceRules;
use crate::matching::{Hit, identity, is_named, matched};
use crate::path::{Paths, label};
use crate::priority::{priority, severity};
use crate::rules::{Check, Rules};
use crate::tampering::suspicions;
use crate::told::{Lines, Teller, Told};

/// The engine's name.
pub(crate) const ID: &str = "deps";

/// Packages that a gap lists by name.
const MAX_NAMED: usize = 5;

/// References that a finding carries.
const MAX_REFERENCES: usize = 10;

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
}

impl<'d> DepsEngine<'d> {
    /// An engine with `rules`, one for each of its checks.
    pub fn new(rules: Vec<RuleFile>, setting: DepsSetting<'d>) -> Result<Self, DepsError> {
        Ok(Self {
            rules: Rules::new(rules)?,
            prints: Fingerprinter::new(&setting.salt),
            setting,
            gathered: Mutex::default(),
            inventory: OnceLock::new(),
        })
    }

    /// The names of its rules, sorted.
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
        let has_lines =
            records.iter().any(|record| record.reading().packages.iter().any(|package| package.line > 0));
        let lines = has_lines.then(|| (entry.meta.path.clone(), LineIndex::new(entry.bytes)));
        Seen { records, lines }
    }

    /// Takes in what was read, as part of `layer` of an image.
    pub fn gather(&self, seen: Seen, layer: Option<&Layer>) {
        let Seen { mut records, lines } = seen;
        for record in &mut records {
            record.layer = layer.cloned();
        }
        let mut gathered = self.gathered();
        gathered.lines.extend(lines.map(|(path, lines)| ((path, Vec::new()), lines)));
        gathered.records.extend(records);
    }

    /// Says that the product stands on a distribution that gets no more security updates.
    pub fn add_ended(&self, ended: EndedDistribution) {
        self.gathered().ended.push(ended);
    }

    fn gathered(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an entry is to this engine, as far as its name and kind tell.
enum Suspect {
    /// A record of this format.
    Record(&'static Format),
    /// An archive of Java classes.
    Jar,
    /// Maybe a program.
    Program,
}

/// Endings of programs that need no execute bit.
const PROGRAM_ENDINGS: [&str; 4] = [".dll", ".dylib", ".exe", ".so"];

/// What lies in archives is part of no installation, but for what lies in archives of Java classes, which are opened here.
fn suspect(meta: &EntryMeta<'_>) -> Option<Suspect> {
    if meta.kind == EntryKind::Symlink || !meta.members.is_empty() {
        return None;
    }
    let path = str::from_utf8(meta.path.as_bytes()).ok()?;
    if is_jar(path) {
        return Some(Suspect::Jar);
    }
    let is_program =
        || meta.kind == EntryKind::Executable || PROGRAM_ENDINGS.iter().any(|end| path.ends_with(end));
    recognise(path).map(Suspect::Record).or_else(|| is_program().then_some(Suspect::Program))
}

/// A symbolic link that package managers would read as a record.
fn is_link_called_as_record(meta: &EntryMeta<'_>) -> bool {
    let path = || str::from_utf8(meta.path.as_bytes()).ok();
    meta.kind == EntryKind::Symlink
        && meta.members.is_empty()
        && path().is_some_and(|path| recognise(path).is_some())
}

/// Whether the link's target, whose name is the entry's content, lies in the tree under a name by which it is read.
fn leads_to_record(link: &Entry<'_>) -> bool {
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

fn records(entry: &Entry<'_>) -> Vec<Record> {
    let path = entry.meta.path;
    match suspect(&entry.meta) {
        Some(Suspect::Record(format)) => vec![Record::read(format, path.clone(), Vec::new(), entry.bytes)],
        Some(Suspect::Jar) => read_jar(path, &[], entry.bytes, &mut Budget::new(Limits::default())),
        Some(Suspect::Program) if recognise_binary(entry.bytes) => read_binary(path, &[], entry.bytes),
        _ => Vec::new(),
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
        self.rules.len()
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        self.rules.by_id(id).cloned()
    }

    fn wants(&self, entry: &EntryMeta<'_>) -> bool {
        suspect(entry).is_some() || is_link_called_as_record(entry)
    }

    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink) {
        if is_link_called_as_record(&entry.meta) && !leads_to_record(entry) {
            let detail = "is a link to what is not read as a record of packages; put the file itself here";
            sink.gap(entry.meta.path, GapKind::FormatUnsupported, detail);
        }
        let seen = self.read(entry);
        self.gather(seen, None);
    }

    fn finish(&self, sink: &mut Sink) {
        let Gathered { ended, mut records, mut files, lines } = std::mem::take(&mut *self.gathered());
        relate(&mut records);
        for record in &records {
            tell_problems(record, sink);
        }
        files.extend(palisade_lockfile::inventory(records));
        files.sort_by(|one, other| {
            (&one.path, &one.members, &one.format).cmp(&(&other.path, &other.members, &other.format))
        });
        let teller = Teller { engine: ID, rules: &self.rules, prints: &self.prints, lines: &lines };
        let mut wanting = Unjudged::default();
        for file in &files {
            let paths = Paths::of(&file.packages);
            Judging { teller: &teller, file, paths, sink, wanting: &mut wanting }.judge(&self.setting);
        }
        for (kind, detail) in wanting.into_gaps() {
            sink.gap_of_source(kind, detail);
        }
        for ended in &ended {
            sink_ended(&teller, ended, sink);
        }
        let inventory = Inventory { files };
        // Called once; a second call would find nothing new.
        let _ = self.inventory.set(inventory);
    }
}

fn sink_ended(teller: &Teller<'_>, ended: &EndedDistribution, sink: &mut Sink) {
    let package = Package::new(ended.purl.clone(), ended.name.clone(), PackageEvidence::Installed);
    let file = InventoryFile {
        path: ended.path.clone(),
        members: Vec::new(),
        format: String::new(),
        layer: ended.layer.clone(),
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

/// What a finding says of a package that no advisory names.
fn affected(package: &Package, path: Vec<String>) -> AffectedPackage {
    AffectedPackage {
        purl: package.purl.clone(),
        scope: package.scope,
        relation: package.relation,
        path,
        advisories: Vec::new(),
        scores: Vec::new(),
        severity_source: None,
        exploitation: None,
        known_exploited: None,
        fix: None,
        references: Vec::new(),
    }
}

/// What could not be read of a record takes packages from the inventory.
fn tell_problems(record: &Record, sink: &mut Sink) {
    let format = record.format();
    let kind = if format.is_read() { GapKind::ParseFailed } else { GapKind::FormatUnsupported };
    for problem in &record.reading().problems {
        let place = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        sink.gap(&record.path, kind, format!("{place}{} ({})", problem.detail, format.name()));
    }
}

/// One record under judgement.
struct Judging<'a> {
    teller: &'a Teller<'a>,
    file: &'a InventoryFile,
    paths: Paths<'a>,
    sink: &'a mut Sink,
    /// What could not be judged for want of advisories, in the whole source.
    wanting: &'a mut Unjudged,
}

/// Why some packages could not be judged, and which.
#[derive(Default)]
struct Unjudged(BTreeMap<(GapKind, String), Vec<String>>);

impl Unjudged {
    fn add(&mut self, kind: GapKind, why: String, package: &Package) {
        self.0.entry((kind, why)).or_default().push(label(package));
    }

    /// One gap for each reason, with some of the packages by name.
    fn into_gaps(self) -> impl Iterator<Item = (GapKind, String)> {
        self.0.into_iter().map(|((kind, why), mut packages)| {
            packages.sort();
            packages.dedup();
            let named: Vec<_> = packages.iter().take(MAX_NAMED).map(String::as_str).collect();
            let more = match packages.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            (kind, format!("{}{more}: {why}", named.join(", ")))
        })
    }
}

impl Judging<'_> {
    fn judge(mut self, setting: &DepsSetting<'_>) {
        for suspicion in suspicions(self.file) {
            let told = Told {
                check: suspicion.check,
                file: self.file,
                package: suspicion.package,
                about: "",
                title: None,
                message: suspicion.message,
                severity: suspicion.severity,
                confidence: suspicion.confidence,
                affected: self.affected(suspicion.index, suspicion.package),
            };
            self.tell(told);
        }
        for (index, check, message) in setting.licences.objections(self.file) {
            let Some(package) = self.file.packages.get(index) else { continue };
            let affected = self.affected(index, package);
            let file = self.file;
            self.tell(Told {
                check,
                file,
                package,
                about: "",
                title: None,
                message,
                severity: None,
                confidence: None,
                affected,
            });
        }
        let mut unjudged = Unjudged::default();
        for (index, package) in self.file.packages.iter().enumerate() {
            if let Err(error) = self.ask(setting, index, package, &mut unjudged) {
                let why = format!("the database of advisories {error}; run `palisade db update`");
                unjudged.add(GapKind::DataMissing, why, package);
            }
        }
        for (kind, detail) in unjudged.into_gaps() {
            self.sink.gap(&self.file.path, kind, detail);
        }
    }

    fn tell(&mut self, told: Told<'_>) {
        if let Some(finding) = self.teller.finding(told) {
            self.sink.finding(finding);
        }
    }

    /// Asks what is known of one package.
    fn ask(
        &mut self,
        setting: &DepsSetting<'_>,
        index: usize,
        package: &Package,
        unjudged: &mut Unjudged,
    ) -> Result<(), DatabaseError> {
        let Some((ecosystem, name, version)) = identity(package) else {
            if package.ecosystem.is_none() && !is_local(package) {
                let why = "no public advisories know packages of this kind".to_owned();
                self.wanting.add(GapKind::Noted, why, package);
            }
            return Ok(());
        };
        let (database, oldest) = match &setting.advisories {
            Advisories::Known { database, oldest } => (database, *oldest),
            Advisories::NotAsked => return Ok(()),
            Advisories::Missing(why) => {
                self.wanting.add(GapKind::DataMissing, why.clone(), package);
                return Ok(());
            }
        };
        match database.covers(ecosystem) {
            None => self.wanting.add(GapKind::DataMissing, uncovered(ecosystem), package),
            Some(facts) if facts.feed.taken < oldest => {
                self.wanting.add(GapKind::DataMissing, stale(ecosystem, facts.feed.taken), package);
            }
            Some(facts) if facts.feed.unread > 0 => {
                self.wanting.add(GapKind::DataMissing, unread(ecosystem, facts.feed.unread), package);
            }
            Some(_) => {}
        }
        if version.is_empty() {
            if is_named(database, ecosystem, name)? {
                let why = "no version is pinned, and advisories name it: lock it".to_owned();
                unjudged.add(GapKind::DataMissing, why, package);
            }
            return Ok(());
        }
        let matched = matched(database, ecosystem, name, version)?;
        for (id, reason) in matched.open {
            unjudged.add(GapKind::DataMissing, format!("{id}: {reason}"), package);
        }
        for hit in &matched.hits {
            self.tell_hit(hit, index, package, ecosystem, version, database)?;
        }
        Ok(())
    }

    fn tell_hit(
        &mut self,
        hit: &Hit<'_>,
        index: usize,
        package: &Package,
        ecosystem: &Ecosystem,
        version: &str,
        database: &Database<'_>,
    ) -> Result<(), DatabaseError> {
        let advisories = hit.advisories()?;
        let mut affected = self.affected(index, package);
        affected.advisories = hit.names();
        affected.fix = advice(hit, package, ecosystem, version, &affected.path);
        let (scores, chosen) = severity(hit, &advisories);
        affected.scores = scores;
        let priority = priority(database, &hit.ids)?;
        let exploited = priority.known_exploited.is_some();
        affected.known_exploited = priority.known_exploited;
        affected.exploitation = priority.exploitation;
        affected.references = references(&advisories);
        let check = check(hit.kind);
        let severity = match (hit.kind, chosen) {
            (AdvisoryKind::Vulnerability, Some((severity, source))) => {
                affected.severity_source = Some(source);
                Some(if exploited { severity.max(Severity::High) } else { severity })
            }
            _ => None,
        };
        let summary =
            advisories.iter().map(|advisory| advisory.summary.trim()).find(|summary| !summary.is_empty());
        let title = match summary {
            Some(summary) => format!("{}: {}", hit.primary(), one_line(summary)),
            None => format!("{}: {}", hit.primary(), label(package)),
        };
        let told = Told {
            check,
            file: self.file,
            package,
            about: hit.primary(),
            title: Some(title),
            message: message(&affected),
            severity,
            confidence: None,
            affected,
        };
        self.tell(told);
        Ok(())
    }

    fn affected(&self, index: usize, package: &Package) -> AffectedPackage {
        affected(package, self.paths.to(index))
    }
}

fn is_local(package: &Package) -> bool {
    matches!(package.origin, palisade_model::PackageOrigin::Local { .. })
}

fn uncovered(ecosystem: &Ecosystem) -> String {
    // What stands in the place of an ecosystem that OSV has no name for.
    if ecosystem.base().starts_with("unknown distribution") {
        return format!("nobody publishes advisories that we read for the {ecosystem}");
    }
    format!(
        "the database of advisories has no feed for {ecosystem}; run `palisade db update --ecosystem '{}'`",
        ecosystem.base()
    )
}

fn unread(ecosystem: &Ecosystem, count: u64) -> String {
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    format!("{records} of the advisories for {ecosystem} could not be read when the database was built")
}

fn stale(ecosystem: &Ecosystem, taken: Timestamp) -> String {
    let day: String = taken.to_string().chars().take(10).collect();
    format!(
        "the advisories for {ecosystem} were taken on {day}, which is too long ago; run `palisade db update --ecosystem '{}'`",
        ecosystem.base()
    )
}

const fn check(kind: AdvisoryKind) -> Check {
    match kind {
        AdvisoryKind::Malicious => Check::MaliciousPackage,
        AdvisoryKind::Vulnerability => Check::KnownVulnerability,
        AdvisoryKind::Unsound => Check::UnsoundPackage,
        AdvisoryKind::Unmaintained => Check::UnmaintainedPackage,
        AdvisoryKind::Notice => Check::Notice,
    }
}

/// What is so about this finding: who brings the package, what mends it, whether it is abused.
fn message(affected: &AffectedPackage) -> String {
    let mut parts = Vec::new();
    match affected.path.as_slice() {
        [] | [_] => {}
        [head, .., _] => parts.push(format!("brought by {head}")),
    }
    match &affected.fix {
        Some(fix) if fix.same_branch => parts.push(format!("mended in {}", fix.version)),
        Some(fix) => parts.push(format!("mended in {}, of another branch", fix.version)),
        None => parts.push("no mended version is known".to_owned()),
    }
    if affected.known_exploited.is_some() {
        parts.push("known to be exploited".to_owned());
    }
    parts.join("; ")
}

fn references(advisories: &[palisade_advisory::Advisory]) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for reference in advisories.iter().flat_map(|advisory| &advisory.references) {
        if urls.len() < MAX_REFERENCES && !urls.contains(&reference.url) {
            urls.push(reference.url.clone());
        }
    }
    urls
}

/// The first line, without what a terminal would obey.
fn one_line(text: &str) -> String {
    let shown = |c: char| if palisade_model::is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c };
    text.lines().next().unwrap_or_default().chars().take(160).map(shown).collect()
}

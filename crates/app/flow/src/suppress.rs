//! Reads what a repository says about findings: in the change, and in the revision it is measured against.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use palisade_config::{
    BaselineSecret, DETECT_SECRETS_BASELINE, GITLEAKS_IGNORE, Parsed, SECRETS_IGNORE, SecretsIgnore,
    WaiverFile, parse_baseline, parse_detect_secrets_baseline, parse_gitleaks_ignore, parse_secrets_ignore,
};
use palisade_model::{
    Baseline, IgnoreEntry, IgnoredPlace, Inventory, Listed, Problem, RepoPath, ScanReport, Side,
    Suppressions, VexNote, Waiver,
};
use palisade_sbom::vex::VexSubject;
use palisade_secrets::{KnownDigest, KnownSecrets, KnownValue};
use palisade_triage::{FilePatterns, Revision, Sources, triage};

use crate::document;
use crate::error::BadDocument;
use crate::source::Folder;
use crate::statements::{Stated, project_subject, scanned_products};
use crate::worker::Answer;
use crate::{Context, FlowError};

/// The waivers of a project.
pub const WAIVER_FILE: &str = "palisade.waivers.yaml";

/// The baseline of a project.
pub const BASELINE_FILE: &str = "palisade.baseline.json";

/// A scan after suppression.
#[derive(Debug, Clone)]
pub struct TriagedScan {
    /// The scan; its findings carry their suppressions.
    pub report: ScanReport,
    /// Waivers that match nothing in the project as it lies there; empty when not all of it was looked at.
    pub unused: Vec<Waiver>,
    /// Waivers that match something and are over.
    pub expired: Vec<Waiver>,
    /// Every waiver that was read from the change.
    pub waivers: Vec<Waiver>,
    /// How many entries of the baseline match nothing.
    pub unused_baseline: usize,
    /// Entries of other tools' ignore files that match nothing; those for one commit are not among them.
    pub unused_ignores: Vec<IgnoreEntry>,
    /// VEX statements that decide about no finding.
    pub unused_vex: Vec<VexNote>,
    /// VEX statements about the vulnerability of a finding that do not suppress it.
    pub passed_over_vex: Vec<VexNote>,
    /// What is odd about those files.
    pub remarks: Vec<BadDocument>,
}

impl TriagedScan {
    /// Takes back what was said of suppressions that match nothing: in a part of a project most match nothing.
    pub(crate) fn forget_unused(&mut self) {
        self.unused.clear();
        self.unused_ignores.clear();
        self.unused_baseline = 0;
    }

    /// The same of statements about exploitability.
    pub(crate) fn forget_unused_statements(&mut self) {
        self.unused_vex.clear();
    }
}

/// What a project says about findings, on both sides of a change.
pub(crate) struct Grounds {
    change: Revision,
    base: Revision,
    known: KnownSecrets,
    remarks: Vec<BadDocument>,
    /// What the project is called.
    subject: VexSubject,
}

impl Grounds {
    /// Reads the project at `tree`, its folder or the snapshot of it, and the base revision of `folder`, which is its folder.
    /// `prefix` leads from there to where the paths of findings start, empty or with a final `/`; none when they start elsewhere, so
    /// that what names paths can't count. `vex` are VEX documents that the user names.
    pub(crate) fn read(
        context: &Context,
        tree: &Path,
        folder: &Folder,
        prefix: Option<&[u8]>,
        vex: &[PathBuf],
    ) -> Result<Self, FlowError> {
        let on_disk = |name: &str| document::read(&*context.files, &tree.join(name));
        let mut known = KnownSecrets::default();
        let mut change =
            Reader { read: &on_disk, side: Side::Change, shown: String::new(), prefix, remarks: Vec::new() };
        let (mut change, mut remarks) = (change.revision(&mut known)?, change.remarks);
        let mut base = base_revision(folder, prefix, &mut known)?;
        let stated = Stated::read(context, tree, folder, vex)?;
        let subject = match stated.change.is_empty() && stated.base.is_empty() {
            true => VexSubject::default(),
            false => project_subject(context, tree, folder),
        };
        (change.vex, base.vex) = (stated.change, stated.base);
        remarks.extend(stated.remarks);
        Ok(Self { change, base, known, remarks, subject })
    }

    /// The secrets that other tools' files list.
    pub(crate) fn known(&self) -> &KnownSecrets {
        &self.known
    }

    /// Applies it to what a worker found, as far as `suppressions` lets it count. `inventory` is what it found in packages.
    pub(crate) fn suppress(
        self,
        context: &Context,
        answer: Answer,
        inventory: &Inventory,
        suppressions: Suppressions,
    ) -> TriagedScan {
        let Self { change, base, remarks, subject: project, .. } = self;
        let Answer { report, rules, subject: found, .. } = answer;
        let waivers = change.waivers.clone();
        let rules = rules.into_iter().collect();
        let products = scanned_products(project, found, inventory);
        let sources = Sources { suppressions, today: context.today(), change, base, rules, products };
        let triaged = triage(report.findings, &sources);
        TriagedScan {
            report: ScanReport { findings: triaged.findings, ..report },
            unused: triaged.unused,
            expired: triaged.expired,
            waivers,
            unused_baseline: triaged.unused_baseline,
            unused_ignores: triaged.unused_ignores,
            unused_vex: triaged.unused_vex,
            passed_over_vex: triaged.passed_over_vex,
            remarks,
        }
    }
}

fn base_revision(
    folder: &Folder,
    prefix: Option<&[u8]>,
    known: &mut KnownSecrets,
) -> Result<Revision, FlowError> {
    let Some((repository, commit)) =
        folder.repository().and_then(|found| Some((found, found.target_commit()?)))
    else {
        return Ok(Revision::default());
    };
    let read = |name: &str| {
        let path = RepoPath::from_bytes(name).map_err(FlowError::bug)?;
        Ok::<_, FlowError>(repository.file_at(commit.as_str(), &folder.in_repository(&path)?)?)
    };
    let shown = format!("{}:", commit.short());
    Reader { read: &read, side: Side::Base, shown, prefix, remarks: Vec::new() }.revision(known)
}

/// Gives the bytes of the file of a name, if it is there.
type ReadFile<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, FlowError> + 'a;

/// Reads the files of one revision.
struct Reader<'a> {
    read: &'a ReadFile<'a>,
    side: Side,
    /// What stands before a file's name when it is shown.
    shown: String,
    prefix: Option<&'a [u8]>,
    remarks: Vec<BadDocument>,
}

impl Reader<'_> {
    fn revision(&mut self, known: &mut KnownSecrets) -> Result<Revision, FlowError> {
        let mut revision = Revision::default();
        if let Some(file) = self.parsed(WAIVER_FILE, WaiverFile::parse)? {
            revision.waivers = file.waivers.into_iter().map(|waiver| waiver.value).collect();
        }
        let parser: fn(&[u8]) -> Parsed<Baseline> = parse_baseline;
        revision.baseline = self.parsed(BASELINE_FILE, parser)?.unwrap_or_default();
        let places = self.parsed(GITLEAKS_IGNORE, parse_gitleaks_ignore)?.unwrap_or_default();
        revision.ignored.places = places.into_iter().filter_map(|place| self.seen(place)).collect();
        let listed = self.parsed(DETECT_SECRETS_BASELINE, parse_detect_secrets_baseline)?;
        revision.ignored.secrets = self.digests(listed.unwrap_or_default(), known);
        if let Some(file) = self.parsed(SECRETS_IGNORE, parse_secrets_ignore)? {
            revision.ignored.secrets.extend(file.secrets.iter().map(|(entry, _)| entry.clone()));
            revision.ignored.files = self.patterns(file, known)?;
        }
        Ok(revision)
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        parser: impl FnOnce(&[u8]) -> Parsed<T>,
    ) -> Result<Option<T>, FlowError> {
        let Some(bytes) = (self.read)(name)? else { return Ok(None) };
        let document = document::parse(&format!("{}{name}", self.shown), &bytes, parser)?;
        self.remarks.extend(document.remarks);
        Ok(Some(document.value))
    }

    /// Where a path of this project is for findings.
    fn below(&self, path: &RepoPath) -> Option<RepoPath> {
        RepoPath::from_bytes(path.as_bytes().strip_prefix(self.prefix?)?).ok()
    }

    fn seen(&self, place: IgnoredPlace) -> Option<IgnoredPlace> {
        Some(IgnoredPlace { path: self.below(&place.path)?, ..place })
    }

    fn listed(&self, entry: IgnoreEntry) -> Listed {
        Listed { side: self.side, entry }
    }

    fn digests(&self, secrets: Vec<BaselineSecret>, known: &mut KnownSecrets) -> BTreeSet<IgnoreEntry> {
        let mut entries = BTreeSet::new();
        for BaselineSecret { entry, path, sha1 } in secrets {
            entries.insert(entry.clone());
            if let Some(path) = self.below(&path) {
                known.digests.push(KnownDigest { path, sha1, listed: self.listed(entry) });
            }
        }
        entries
    }

    fn patterns(&self, file: SecretsIgnore, known: &mut KnownSecrets) -> Result<FilePatterns, FlowError> {
        let SecretsIgnore { patterns, secrets } = file;
        let value = |(entry, value)| KnownValue { value, listed: self.listed(entry) };
        known.values.extend(secrets.into_iter().map(value));
        let Some(prefix) = self.prefix else { return Ok(FilePatterns::default()) };
        let places: Vec<_> = patterns.iter().map(|(_, pattern)| pattern.span).collect();
        let patterns = patterns.into_iter().map(|(entry, pattern)| (entry, pattern.value)).collect();
        FilePatterns::new(patterns, prefix).or_else(|error| {
            let span = places.get(error.index).copied().unwrap_or(palisade_model::Span::new(0, 0));
            let problem = Problem::error(error.to_string(), span).with_hint("write it as in a .gitignore");
            let bytes = (self.read)(SECRETS_IGNORE)?.unwrap_or_default();
            let name = format!("{}{SECRETS_IGNORE}", self.shown);
            let bad = document::with_text(&name, &bytes, vec![problem]);
            Err(bad.map_or_else(|| FlowError::bug(error), |bad| FlowError::Document(Box::new(bad))))
        })
    }
}

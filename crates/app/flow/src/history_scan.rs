//! Looks for secrets in everything that a git object database holds: every blob, commit and tag, reachable or not, and every file
//! name.
//!
//! Objects are read as their packs store them: what a delta copies from its base was looked at there. What that yields is the names
//! of secrets and the objects that hold them; then all trees are read once to learn where those objects stand, and one object for
//! each secret is looked at again to say the place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use palisade_git::{
    Copy, GitError, History, HistoryGap, HistoryGapKind, HistoryGaps, HistoryLimits, HistorySubject, Object,
    ObjectKind, ObjectName, Reach, Reader, Trace,
};
use palisade_model::{
    CommitId, CommitRef, Coverage, Engine, EngineReport, Entry, EntryMeta, Finding, Gap, GapKind,
    HistoryWork, InlineMarker, RepoPath, ScanReport, Sink, Timestamp,
};
use palisade_secrets::{CUT_SHORT, Copied, Mark, Marked, Reading, SecretsEngine, Standing};
use palisade_tree::{Inner, ScanLimits, drop_repeated, for_each_member};

/// Most secrets that are reported of one history.
const MAX_SECRETS: usize = 50_000;
/// Places at which a secret is looked for again: under some names of an object it may not count.
const MAX_PLACES: usize = 8;
/// Most paths that are listed of one secret.
const MAX_PATHS: usize = 100;

/// Scans the repository at `root`.
pub(crate) fn scan_history(
    root: &Path,
    engine: &SecretsEngine,
    limits: ScanLimits,
    version: &str,
) -> Result<ScanReport, GitError> {
    let history = History::open(root)?;
    let bounds = HistoryLimits { max_object_bytes: limits.max_file_bytes, ..HistoryLimits::default() };
    let looking = Looking::new(engine, limits);
    let survey = history.read(&looking, &bounds);
    let work = HistoryWork {
        content_bytes: survey.tally.content_bytes,
        matched_bytes: looking.matched.load(Ordering::Relaxed),
        fallen_back_bytes: looking.fallen_back.load(Ordering::Relaxed),
    };
    let (held, mut gaps) = looking.finish();
    let held = Held::new(held, &mut gaps);
    let is_wanted = |name: &[u8]| engine.names_secret(name);
    let wanted: Vec<_> = held.objects.keys().copied().collect();
    let trees = history.survey_trees(&wanted, &is_wanted, &bounds);
    gaps.extend(survey_gaps(&survey.gaps));
    gaps.extend(survey_gaps(&trees.gaps));
    gaps.extend(cut_off(survey.shallow || trees.shallow));
    gaps.extend(missing(trees.missing, survey.promisor));
    let places: BTreeMap<_, _> = wanted.into_iter().zip(trees.objects).collect();
    let mut report = Report { history: &history, engine, limits, places, commits: BTreeMap::new(), gaps };
    let mut findings = report.secrets(&held);
    findings.extend(report.names(trees.names));
    let Report { mut gaps, .. } = report;
    gaps.sort();
    gaps.dedup();
    let tally = survey.tally;
    let coverage = Coverage {
        looked_at: tally.blobs + tally.commits + tally.tags,
        bytes: tally.content_bytes,
        gaps,
        ..Coverage::default()
    };
    Ok(into_report(engine, findings, coverage, Some(work), version))
}

/// Scans what a range of commits brings to the repository at `root`.
pub(crate) fn scan_range(
    root: &Path,
    range: &str,
    engine: &SecretsEngine,
    limits: ScanLimits,
    version: &str,
) -> Result<ScanReport, GitError> {
    let history = History::open(root)?;
    let brought = history.range(range)?;
    let mut report = Report {
        history: &history,
        engine,
        limits,
        places: BTreeMap::new(),
        commits: BTreeMap::new(),
        gaps: Vec::new(),
    };
    report.gaps.extend(survey_gaps(&brought.gaps));
    report.gaps.extend(cut_off(brought.shallow));
    let own = |kind| move |name: &ObjectName| git_path(kind, *name).map(|path| (*name, path, *name));
    let commits = brought.commits.iter().filter_map(own(ObjectKind::Commit));
    let tags = brought.tags.iter().filter_map(own(ObjectKind::Tag));
    let blobs = brought.blobs.iter().map(|blob| (blob.name, blob.path.clone(), blob.commit));
    let (mut findings, mut coverage) = (Vec::new(), Coverage::default());
    for (object, path, commit) in blobs.chain(commits).chain(tags) {
        let Some(bytes) = report.look_again(object, &path) else { continue };
        coverage.looked_at += 1;
        coverage.bytes += bytes.length;
        for (_, mut finding) in bytes.found {
            let mut told = Told::default();
            let brought = report.commit(commit).map(|commit| (0, commit));
            let shown = finding.location.path.clone();
            let in_head = history.is_in_head(&shown, object);
            told.add([brought.clone(), brought], &[shown], in_head, Reach::Reference);
            finding.history = Some(told.into_history(object.to_string(), 1));
            findings.extend(allowed_by_commit(engine, finding));
        }
    }
    coverage.gaps = report.gaps;
    coverage.gaps.sort();
    coverage.gaps.dedup();
    Ok(into_report(engine, findings, coverage, None, version))
}

fn into_report(
    engine: &SecretsEngine,
    mut findings: Vec<Finding>,
    coverage: Coverage,
    work: Option<HistoryWork>,
    version: &str,
) -> ScanReport {
    sort(&mut findings);
    let rules =
        findings.iter().filter_map(|one| Some((one.rule.clone(), engine.rule_info(&one.rule)?))).collect();
    let engines = vec![EngineReport {
        engine: engine.id().to_owned(),
        version: version.to_owned(),
        rules: engine.rules_digest(),
        rule_count: engine.rule_count(),
        work,
        coverage,
    }];
    let mut report = ScanReport { engines, findings, rules };
    engine.settle(&mut report);
    sort(&mut report.findings);
    report
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
}

fn survey_gaps(gaps: &HistoryGaps) -> Vec<Gap> {
    let mut list: Vec<_> = gaps.list.iter().map(gap).collect();
    if gaps.more > 0 {
        list.push(Gap::new(
            None,
            GapKind::Unreadable,
            format!("{} more parts of the history were not read", gaps.more),
        ));
    }
    list
}

fn gap(gap: &HistoryGap) -> Gap {
    let kind = match gap.kind {
        HistoryGapKind::Missing => GapKind::DataMissing,
        HistoryGapKind::Damaged => GapKind::ParseFailed,
        HistoryGapKind::TooLarge | HistoryGapKind::Budget => GapKind::BudgetHit,
        HistoryGapKind::Noted => GapKind::Noted,
    };
    let subject = match &gap.subject {
        HistorySubject::Object(name) => format!("object {name}"),
        HistorySubject::File(file) => file.clone(),
    };
    Gap::new(None, kind, format!("{subject}: {}", gap.detail))
}

/// What a clone of a part of the history leaves unsaid.
fn cut_off(shallow: bool) -> Option<Gap> {
    let detail = "the clone is shallow, older commits are not here; get them with `git fetch --unshallow`";
    shallow.then(|| Gap::new(None, GapKind::DataMissing, detail))
}

/// What a clone without some objects leaves unsaid.
fn missing(count: u64, promisor: bool) -> Option<Gap> {
    let hint = if promisor { "; the clone is partial, fetch all with `git fetch --refetch`" } else { "" };
    let detail = match count {
        0 => return None,
        1 => format!("an object that something refers to is not here{hint}"),
        _ => format!("{count} objects that something refers to are not here{hint}"),
    };
    Some(Gap::new(None, GapKind::DataMissing, detail))
}

/// The engine's eyes on the objects of a history.
struct Looking<'e> {
    engine: &'e SecretsEngine,
    limits: ScanLimits,
    held: Mutex<Vec<Holding>>,
    gaps: Mutex<Vec<Gap>>,
    matched: AtomicU64,
    fallen_back: AtomicU64,
}

/// An object and the secrets in it.
struct Holding {
    object: ObjectName,
    kind: ObjectKind,
    secrets: Vec<Marked>,
}

impl<'e> Looking<'e> {
    fn new(engine: &'e SecretsEngine, limits: ScanLimits) -> Self {
        Self {
            engine,
            limits,
            held: Mutex::default(),
            gaps: Mutex::default(),
            matched: AtomicU64::new(0),
            fallen_back: AtomicU64::new(0),
        }
    }

    fn finish(self) -> (Vec<Holding>, Vec<Gap>) {
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        (held, self.gaps.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, object: &Object<'_>, reading: &Reading) {
        let work = reading.work();
        self.matched.fetch_add(work.matched_bytes, Ordering::Relaxed);
        if work.fell_back {
            self.fallen_back.fetch_add(object.bytes.len() as u64, Ordering::Relaxed);
        }
        if reading.is_cut_short() {
            self.gap(GapKind::BudgetHit, format!("object {}: {CUT_SHORT}", object.name));
        }
        let mut secrets = self.engine.marks(object.bytes, reading);
        secrets.extend(self.inner(object));
        if !secrets.is_empty() {
            let holding = Holding { object: object.name, kind: object.kind, secrets };
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push(holding);
        }
    }

    fn gap(&self, kind: GapKind, detail: String) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(Gap::new(None, kind, detail));
    }

    /// The secrets in the members of an object that is an archive.
    fn inner(&self, object: &Object<'_>) -> Vec<Marked> {
        let mut secrets = Vec::new();
        for_each_member(b"", object.bytes, self.limits.archive_depth, &mut |inner| match inner {
            Inner::Member { bytes, .. } => {
                let reading = self.engine.read(bytes);
                if reading.is_cut_short() {
                    self.gap(GapKind::BudgetHit, format!("a member of object {}: {CUT_SHORT}", object.name));
                }
                secrets.extend(self.engine.marks(bytes, &reading));
            }
            Inner::Closed { kind, detail } => self.gap(kind, format!("object {}: {detail}", object.name)),
        });
        secrets
    }
}

impl Reader for Looking<'_> {
    type State = Reading;

    fn whole(&self, object: &Object<'_>) -> Reading {
        let reading = self.engine.read(object.bytes);
        self.note(object, &reading);
        reading
    }

    fn changed(&self, object: &Object<'_>, base: &Reading, _: &[u8], copies: &[Copy]) -> Reading {
        let copied: Vec<_> =
            copies.iter().map(|copy| Copied { from: copy.from, to: copy.to, len: copy.len }).collect();
        let reading = self.engine.read_changed(object.bytes, base, &copied);
        self.note(object, &reading);
        reading
    }
}

/// Which objects hold which secrets.
struct Held {
    objects: BTreeMap<ObjectName, ObjectKind>,
    /// The objects that hold a secret, and whether it counts there under every name.
    secrets: BTreeMap<Mark, Vec<(ObjectName, bool)>>,
}

impl Held {
    fn new(mut holdings: Vec<Holding>, gaps: &mut Vec<Gap>) -> Self {
        holdings.sort_unstable_by_key(|holding| holding.object);
        let mut held = Self { objects: BTreeMap::new(), secrets: BTreeMap::new() };
        for holding in holdings {
            held.objects.insert(holding.object, holding.kind);
            let distinct: BTreeMap<_, _> =
                holding.secrets.iter().map(|marked| (marked.mark, marked.anywhere)).collect();
            for (mark, anywhere) in distinct {
                held.secrets.entry(mark).or_default().push((holding.object, anywhere));
            }
        }
        if held.secrets.len() > MAX_SECRETS {
            let detail = format!("more than {MAX_SECRETS} different secrets; the rest is not reported");
            gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
        }
        held
    }
}

/// Says of secrets where they are.
struct Report<'a> {
    history: &'a History,
    engine: &'a SecretsEngine,
    limits: ScanLimits,
    places: BTreeMap<ObjectName, Trace>,
    commits: BTreeMap<ObjectName, Option<CommitRef>>,
    gaps: Vec<Gap>,
}

/// What an object yields when it is looked at by itself.
struct Looked {
    found: Vec<(Mark, Finding)>,
    length: u64,
}

/// An object under one name: where a secret is shown.
type Shown = (ObjectName, RepoPath);

impl Report<'_> {
    fn secrets(&mut self, held: &Held) -> Vec<Finding> {
        let mut looked: BTreeMap<Shown, Vec<(Mark, Finding)>> = BTreeMap::new();
        let mut findings = Vec::new();
        for (mark, holders) in held.secrets.iter().take(MAX_SECRETS) {
            for (object, path) in self.places(holders, &held.objects) {
                let found = looked.entry((object, path.clone())).or_insert_with(|| {
                    self.look_again(object, &path).map(|looked| looked.found).unwrap_or_default()
                });
                let mut own: Vec<_> = found
                    .iter()
                    .filter(|(other, _)| other == mark)
                    .map(|(_, finding)| finding.clone())
                    .collect();
                if own.is_empty() {
                    continue;
                }
                drop_repeated(&mut own);
                let told = self.told(object, holders, &held.objects);
                let whole = own.into_iter().map(|finding| Finding { history: Some(told.clone()), ..finding });
                findings.extend(whole.filter_map(|finding| allowed_by_commit(self.engine, finding)));
                break;
            }
        }
        findings
    }

    /// The objects and names under which a secret may be shown, the best first: in what is checked out, else where it was last.
    /// None of them when it counts under no name that it has.
    fn places(&self, holders: &[(ObjectName, bool)], kinds: &BTreeMap<ObjectName, ObjectKind>) -> Vec<Shown> {
        let mut places = Vec::new();
        for (object, anywhere) in holders {
            let kind = kinds.get(object).copied().unwrap_or(ObjectKind::Blob);
            let trace = self.places.get(object).cloned();
            let counts = |path: &&RepoPath| *anywhere || SecretsEngine::takes_unquoted(path);
            let path = match &trace {
                Some(trace) if !trace.paths.is_empty() => trace.paths.iter().find(counts).cloned(),
                _ if *anywhere => git_path(kind, *object),
                _ => None,
            };
            let in_head = trace.as_ref().is_some_and(|trace| trace.in_head);
            let last = trace.map(|trace| trace.ranks.1);
            places.extend(path.map(|path| (in_head, kind == ObjectKind::Blob, last, *object, path)));
        }
        places.sort_unstable_by(|one, other| other.cmp(one));
        places.into_iter().take(MAX_PLACES).map(|(.., object, path)| (object, path)).collect()
    }

    /// The findings in one object under one name, with those in its members; none when it cannot be read, which is a gap.
    fn look_again(&mut self, object: ObjectName, path: &RepoPath) -> Option<Looked> {
        let bytes = match self.history.object(object, self.limits.max_file_bytes) {
            Ok(Some((_, bytes))) => bytes,
            Ok(None) => return self.unread(&format!("object {object} is not here")),
            Err(error) => return self.unread(&error.to_string()),
        };
        let mut sink = Sink::new();
        let mut found = Vec::new();
        let mut look = |meta: EntryMeta<'_>, bytes: &[u8]| {
            let reported = self.engine.reported(&Entry { meta, bytes }, &self.engine.read(bytes), &mut sink);
            found.extend(reported.into_iter().map(|reported| (reported.mark, reported.finding)));
        };
        look(EntryMeta::file(path, bytes.len() as u64), &bytes);
        // Known by its first bytes alone, as when it was read.
        for_each_member(b"", &bytes, self.limits.archive_depth, &mut |inner| {
            if let Inner::Member { members, kind, bytes } = inner {
                look(EntryMeta { path, kind, size: bytes.len() as u64, members }, bytes);
            }
        });
        self.gaps.extend(sink.into_parts().1);
        Some(Looked { found, length: bytes.len() as u64 })
    }

    fn unread(&mut self, detail: &str) -> Option<Looked> {
        self.gaps.push(Gap::new(None, GapKind::Unreadable, detail));
        None
    }

    /// Where a secret is in the history.
    fn told(
        &mut self,
        shown: ObjectName,
        holders: &[(ObjectName, bool)],
        kinds: &BTreeMap<ObjectName, ObjectKind>,
    ) -> palisade_model::History {
        let mut told = Told::default();
        for (object, _) in holders {
            let Some(trace) = self.places.get(object).cloned() else { continue };
            // A commit's own words are there from its making on.
            let in_head = trace.in_head && kinds.get(object) != Some(&ObjectKind::Commit);
            let paths: Vec<_> = trace.paths.iter().map(|path| self.engine.concealed_path(path)).collect();
            told.add(self.ends(&trace), &paths, in_head, trace.reach);
            told.more_paths |= trace.more_paths;
        }
        told.into_history(shown.to_string(), holders.len() as u64)
    }

    /// First and last commit.
    fn ends(&mut self, trace: &Trace) -> [Option<Ranked>; 2] {
        [(trace.ranks.0, trace.first), (trace.ranks.1, trace.last)]
            .map(|(rank, name)| Some((rank, self.commit(name?)?)))
    }

    fn commit(&mut self, name: ObjectName) -> Option<CommitRef> {
        let (history, engine) = (self.history, self.engine);
        self.commits.entry(name).or_insert_with(|| commit_ref(history, engine, name)).clone()
    }

    /// Findings in the names of files.
    fn names(&mut self, names: Vec<(Vec<u8>, Trace)>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (_, trace) in names {
            let Some(path) = trace.paths.first() else { continue };
            let ends = self.ends(&trace);
            for mut finding in self.engine.name_findings(&EntryMeta::file(path, 0)) {
                let mut told = Told::default();
                told.add(ends.clone(), &[finding.location.path.clone()], trace.in_head, trace.reach);
                finding.history = Some(told.into_history(String::new(), 1));
                findings.push(finding);
            }
        }
        findings
    }
}

/// A commit with its number among all in the order of time.
type Ranked = (u32, CommitRef);

/// What is told of a secret, gathered from all objects that hold it.
#[derive(Default)]
struct Told {
    first: Option<Ranked>,
    last: Option<Ranked>,
    paths: BTreeSet<RepoPath>,
    more_paths: bool,
    in_head: bool,
    reachable: bool,
}

impl Told {
    fn add(&mut self, [first, last]: [Option<Ranked>; 2], paths: &[RepoPath], in_head: bool, reach: Reach) {
        self.first = self.first.take().into_iter().chain(first).min_by_key(|(rank, _)| *rank);
        self.last = self.last.take().into_iter().chain(last).max_by_key(|(rank, _)| *rank);
        self.paths.extend(paths.iter().cloned());
        self.in_head |= in_head;
        self.reachable |= reach == Reach::Reference;
    }

    fn into_history(self, object: String, objects: u64) -> palisade_model::History {
        let more_paths = self.more_paths || self.paths.len() > MAX_PATHS;
        palisade_model::History {
            object,
            first: self.first.map(|(_, commit)| commit),
            last: self.last.map(|(_, commit)| commit),
            paths: self.paths.into_iter().take(MAX_PATHS).collect(),
            more_paths,
            objects,
            in_head: self.in_head,
            reachable: self.reachable,
        }
    }
}

fn commit_ref(history: &History, engine: &SecretsEngine, name: ObjectName) -> Option<CommitRef> {
    let info = history.commit_info(name).ok()??;
    Some(CommitRef {
        id: name.to_string().parse::<CommitId>().ok()?,
        author: engine.concealed(&info.author_name),
        email: engine.concealed(&info.author_email),
        time: Timestamp::from_second(info.time).ok()?,
        subject: engine.concealed(&info.subject),
    })
}

/// The finding, with the reason why it may not count, unless a rule file of the user's lets pass what its first commit brought.
fn allowed_by_commit(engine: &SecretsEngine, mut finding: Finding) -> Option<Finding> {
    let first = finding.history.as_ref().and_then(|history| history.first.as_ref());
    match first.and_then(|commit| engine.allows_commit(&finding.rule, commit.id.as_str())) {
        Some(allowance) if allowance.standing == Standing::Named => None,
        Some(allowance) => {
            let reason = Some(allowance.reason);
            finding.marker = finding.marker.or(Some(InlineMarker { reason }));
            Some(finding)
        }
        None => Some(finding),
    }
}

/// A name for an object that stands under none. No file can have it.
fn git_path(kind: ObjectKind, object: ObjectName) -> Option<RepoPath> {
    let folder = match kind {
        ObjectKind::Commit => "commit",
        ObjectKind::Tag => "tag",
        ObjectKind::Blob | ObjectKind::Tree => "object",
    };
    format!(".git/{folder}/{object}").parse().ok()
}

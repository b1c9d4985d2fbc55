use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use palisade_model::{
    Digest, Engine, Entry, EntryMeta, Finding, Gap, GapKind, Hasher, RepoPath, RuleId, RuleInfo, ScanReport,
    Sink,
};
use palisade_rulefile::RuleFile;

use crate::anchors::Anchors;
use crate::candidate::{Candidate, Identity, Scope};
use crate::compile::{Rule, RuleError, Tier};
use crate::copies::Copied;
use crate::excerpt::{Masker, with_rest};
use crate::file_kind::{self, FileKind};
use crate::fingerprint::{Fingerprinter, MAX_GUESSABLE};
use crate::foreign::{self, Allowance, Allowances, ForeignHit, ForeignRules, member_path, path_finding};
use crate::known::{Known, KnownSecrets};
use crate::name;
use crate::overlap;
use crate::profile::Profile;
use crate::reading::{Matchers, Reading, TextReading};
use crate::report::{Reported, Reporter};
use crate::view::View;

/// Most findings that one entry may have; more are a blocking gap.
pub const MAX_FINDINGS: usize = 1000;

/// What a gap says of a text in which the search was broken off.
pub const CUT_SHORT: &str =
    "so much in it looks like a secret, or is encoded, that the rest was not looked at";

/// The file in which a project keeps its salt.
const PIPELINE_FILE: &str = "palisade.yaml";

pub(crate) const ID: &str = "secrets";

/// The engine that finds secrets.
pub struct SecretsEngine {
    pub(crate) matchers: Matchers,
    foreign: ForeignRules,
    /// For each foreign rule its place among the rules.
    foreign_places: Vec<usize>,
    pub(crate) prints: Fingerprinter,
    profile: Profile,
    digest: Digest,
    pub(crate) known: Known,
}

/// Names a secret found by a rule, wherever it stands, for as long as the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark([u8; 16]);

/// A secret in a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marked {
    /// Which secret.
    pub mark: Mark,
    /// The files in which it counts.
    pub scope: Scope,
}

impl SecretsEngine {
    /// Makes `rules` ready. `salt` is the project's public salt, which keys the fingerprints.
    ///
    /// # Errors
    /// A rule whose regex does not compile within its limits, that asks for a function there is not, or that is there twice.
    pub fn new(rules: Vec<RuleFile>, salt: &[u8]) -> Result<Self, RuleError> {
        let engine = Self::of_shipped(rules, salt)?;
        engine.matchers.rules.iter().try_for_each(Rule::check)?;
        Ok(engine)
    }

    /// The same for rules that are known to be sound: their regexes are compiled when they are first tried.
    ///
    /// # Errors
    /// As for [`Self::new`], but for regexes, whose faults are a panic when they are tried.
    pub fn of_shipped(rules: Vec<RuleFile>, salt: &[u8]) -> Result<Self, RuleError> {
        Self::with_foreign(rules, ForeignRules::default(), Digest::of(b""), salt)
    }

    /// The same with `foreign` rules beside; `foreign_digest` is that of everything they were read from.
    ///
    /// # Errors
    /// Those of [`Self::of_shipped`], also when a foreign rule has the name of another.
    pub fn with_foreign(
        mut rules: Vec<RuleFile>,
        foreign: ForeignRules,
        foreign_digest: Digest,
        salt: &[u8],
    ) -> Result<Self, RuleError> {
        rules.sort_by(|one, other| one.info.id.cmp(&other.info.id));
        let twice = rules.windows(2).find_map(|pair| match pair {
            [one, other] if one.info.id == other.info.id => Some(one.info.id.clone()),
            _ => None,
        });
        if let Some(rule) = twice {
            return Err(RuleError::Duplicate { rule });
        }
        let digest = rules_digest(&rules, (!foreign.is_empty()).then_some(foreign_digest));
        let mut rules = rules.into_iter().map(Rule::compile).collect::<Result<Vec<_>, _>>()?;
        rules.extend(foreign.infos().cloned().map(Rule::foreign));
        rules.sort_by(|one, other| one.info.id.cmp(&other.info.id));
        let foreign_places = foreign.infos().map(|info| place(&rules, info)).collect::<Result<_, _>>()?;
        let matchers = Matchers { anchors: Anchors::new(&rules)?, rules };
        let (prints, profile, known) = (Fingerprinter::new(salt), Profile::default(), Known::default());
        Ok(Self { matchers, foreign, foreign_places, prints, profile, digest, known })
    }

    /// The same engine, which says of its findings where they are `known` from.
    #[must_use]
    pub fn with_known(self, known: KnownSecrets) -> Self {
        Self { known: Known::new(known), ..self }
    }

    /// The names of all rules, sorted.
    pub fn rule_ids(&self) -> impl Iterator<Item = &RuleId> {
        self.matchers.rules.iter().map(|rule| &rule.info.id)
    }

    /// The same with another profile than the default one.
    pub fn with_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The same engine, which computes the slow part of fingerprints in [`Engine::settle`], and for [`MAX_GUESSABLE`] secrets at most.
    /// Until then the fingerprints of guessable secrets are for no document.
    #[must_use]
    pub fn with_late_fingerprints(self) -> Self {
        Self { prints: self.prints.late(), ..self }
    }

    /// Looks for secrets in `bytes`, whatever they are called.
    pub fn read(&self, bytes: &[u8]) -> Reading {
        self.matchers.read(bytes)
    }

    /// The same as [`Self::read`] for bytes of which `base` was read before: only what `copied` does not cover is matched, with the
    /// seams between copies, as far as a rule can reach. `copied` is in the order of `to` and does not overlap there; what it says
    /// of the bytes must be so.
    pub fn read_changed(&self, bytes: &[u8], base: &Reading, copied: &[Copied]) -> Reading {
        self.matchers.read_changed(bytes, base, copied)
    }

    /// The secrets in a reading of `bytes`, each once, in order.
    pub fn marks(&self, bytes: &[u8], reading: &Reading) -> Vec<Marked> {
        let mut marked = Vec::new();
        if !self.is_clean(reading) {
            for (view, text) in reading.views(bytes).iter().zip(reading.texts()) {
                for (scope, illustrates) in self.judgements() {
                    let counts =
                        |other: &Candidate| other.scope <= scope && self.profile.admits(other, illustrates);
                    let counting = self.counting(None, view, text, &counts);
                    let mark = |one| Marked { mark: self.mark(view, one), scope };
                    marked.extend(counting.settled.iter().map(mark));
                }
            }
        }
        marked.sort_unstable();
        // Of each secret its widest scope is kept, which comes first.
        marked.dedup_by_key(|one| one.mark);
        marked
    }

    /// The ways in which files are judged by their names: what one leaves out may have stood before what another tells.
    fn judgements(&self) -> impl Iterator<Item = (Scope, bool)> {
        let illustrates: &[bool] = if self.profile == Profile::Strict { &[false, true] } else { &[false] };
        let scopes = [Scope::Anywhere, Scope::Unquoted, Scope::Named].into_iter();
        scopes.flat_map(|scope| illustrates.iter().map(move |illustrates| (scope, *illustrates)))
    }

    /// The findings of a reading of `entry`.
    pub fn report(&self, entry: &Entry<'_>, reading: &Reading, sink: &mut Sink) {
        for reported in self.reported(entry, reading, sink) {
            sink.finding(reported.finding);
        }
    }

    /// The same, each with the secret's mark.
    pub fn reported(&self, entry: &Entry<'_>, reading: &Reading, sink: &mut Sink) -> Vec<Reported> {
        let mut all = name::findings(self, &entry.meta);
        if self.is_clean(reading) {
            return all;
        }
        let path = member_path(&entry.meta);
        all.extend(self.by_path(entry, &path));
        let kind = FileKind::of(&path);
        let illustrates = file_kind::illustrates(entry.meta.path);
        let counts = |other: &Candidate| kind.admits(other.scope) && self.profile.admits(other, illustrates);
        let is_of_file = file_kind::content(entry.meta.path).filter(|_| self.profile != Profile::Paranoid);
        for (view, text) in reading.views(entry.bytes).iter().zip(reading.texts()) {
            let mut counting = self.counting(Some(&path), view, text, &counts);
            if let Some(is_of_file) = is_of_file {
                counting.settled.retain(|candidate| {
                    let value = view.text.get(candidate.secret.start..candidate.secret.end);
                    let guessed = self.rule(candidate).is_some_and(|rule| rule.tier == Tier::Generic);
                    !guessed || !value.is_some_and(is_of_file)
                });
            }
            all.extend(self.reported_view(entry, view, text, counting, sink));
        }
        all
    }

    fn is_clean(&self, reading: &Reading) -> bool {
        reading.is_empty() && self.foreign.is_empty()
    }

    /// What rules for paths alone say of an entry.
    fn by_path(&self, entry: &Entry<'_>, path: &str) -> Vec<Reported> {
        let reported = |hit: ForeignHit| {
            let info = self.foreign.info(hit.rule)?;
            let place = u16::try_from(*self.foreign_places.get(hit.rule)?).ok()?;
            let mark = Mark(self.prints.mark(place, [b"", path.as_bytes()]));
            let print = self.prints.token(&info.id, path.as_bytes());
            Some(Reported { mark, finding: path_finding(ID, info, &entry.meta, print, hit.allowed) })
        };
        self.foreign.find_by_path(path, entry.bytes).into_iter().filter_map(reported).collect()
    }

    fn reported_view(
        &self,
        entry: &Entry<'_>,
        view: &View<'_>,
        text: &TextReading,
        counting: Counting,
        sink: &mut Sink,
    ) -> Vec<Reported> {
        let Counting { mut settled, all, allowances, gaps } = counting;
        for gap in gaps {
            sink.gap(entry.meta.path, GapKind::BudgetHit, gap);
        }
        if text.cut_short {
            sink.gap(entry.meta.path, GapKind::BudgetHit, CUT_SHORT);
        } else if settled.len() > MAX_FINDINGS {
            let detail = format!("more than {MAX_FINDINGS} findings; the rest is not told");
            sink.gap(entry.meta.path, GapKind::BudgetHit, detail);
        }
        settled.truncate(MAX_FINDINGS);
        if settled.is_empty() {
            return Vec::new();
        }
        let masker = Masker::new(&view.text, &all);
        let reporter = Reporter::new(self, entry, view, masker, &settled, text.cut_short);
        let reported = |candidate| {
            let Reported { mark, finding } = reporter.reported(candidate)?;
            Some(Reported { mark, finding: allowances.marked(finding, candidate) })
        };
        settled.iter().filter_map(reported).collect()
    }

    /// What counts of a text's candidates under a name, if that is known.
    fn counting(
        &self,
        path: Option<&str>,
        view: &View<'_>,
        text: &TextReading,
        counts: &dyn Fn(&Candidate) -> bool,
    ) -> Counting {
        let rules = &self.matchers.rules;
        let mut candidates: Vec<_> =
            text.candidates.iter().filter(|candidate| counts(candidate)).cloned().collect();
        if path.is_some_and(|path| path.rsplit(['/', '!']).next() == Some(PIPELINE_FILE)) {
            candidates.retain(|candidate| !is_public_salt(&view.text, candidate));
        }
        let (mut allowances, mut gaps, mut all) =
            (Allowances::default(), Vec::new(), text.candidates.clone());
        if !self.foreign.is_empty() {
            if let Some(path) = path {
                allowances.judge(&self.foreign, rules, path, &view.text, &mut candidates);
            }
            let mut find = |text: &[u8]| {
                let found = self.foreign.find(path, text);
                gaps.extend(found.gaps);
                foreign::candidates(rules, &self.foreign_places, found.hits, text)
            };
            let mut found = find(&view.text);
            found.extend(self.matchers.find_decoded(&view.text, text, &mut find));
            let found = allowances.note(found);
            all.extend(found.iter().cloned());
            candidates.extend(found);
            gaps.sort();
            gaps.dedup();
        }
        Counting { settled: overlap::settle(rules, candidates), all, allowances, gaps }
    }

    /// Whether the file of a foreign rule lets pass what `rule` found in `commit`.
    pub fn allows_commit(&self, rule: &RuleId, commit: &str) -> Option<Allowance> {
        self.foreign.allows_commit(rule, commit)
    }

    /// Whether a file's name holds a secret.
    pub fn names_secret(&self, name: &[u8]) -> bool {
        !name::secrets(self, name).is_empty()
    }

    /// Whether a rule that looks at paths alone may be for a file of this last name.
    pub fn may_want_file(&self, name: &[u8]) -> bool {
        self.foreign.may_want_file(name)
    }

    /// Whether a rule that looks at paths alone is for this one.
    pub fn wants_path(&self, path: &RepoPath) -> bool {
        self.foreign.wants_path(&path.to_string())
    }

    /// What rules for paths alone say of an entry.
    pub fn path_findings(&self, entry: &Entry<'_>) -> Vec<Reported> {
        self.by_path(entry, &member_path(&entry.meta))
    }

    /// The findings in the name of an entry. Their place is in the name.
    pub fn name_findings(&self, meta: &EntryMeta<'_>) -> Vec<Finding> {
        name::findings(self, meta).into_iter().map(|reported| reported.finding).collect()
    }

    /// `text` with every secret in it replaced, for what is shown beside findings.
    pub fn concealed(&self, text: &str) -> String {
        let reading = self.read(text.as_bytes());
        let mut shown = text.as_bytes().to_vec();
        let candidates = reading.texts().iter().flat_map(|found| &found.candidates);
        // No file's name says of such a text that it is a credential.
        for candidate in candidates.filter(|candidate| candidate.scope < Scope::Named) {
            name::hide(&mut shown, with_rest(text.as_bytes(), candidate));
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// The same for a path; what is only likely to be a secret stays, as words such as `password` do.
    pub fn concealed_path(&self, path: &RepoPath) -> RepoPath {
        RepoPath::from_bytes(name::masked(self, path.as_bytes())).unwrap_or_else(|_| path.clone())
    }

    /// The same for another name, such as a branch's.
    pub fn concealed_name(&self, name: &str) -> String {
        String::from_utf8_lossy(&name::masked(self, name.as_bytes())).into_owned()
    }

    /// Whether a secret of this scope counts in a file of this name, `/` between folders.
    pub fn counts_in(path: &str, scope: Scope) -> bool {
        FileKind::of(path).admits(scope)
    }

    /// Of the paths of one content one of each that are judged alike, that under which most is told first.
    pub fn told_apart(&self, paths: &[RepoPath]) -> Vec<RepoPath> {
        let mut apart: BTreeMap<_, &RepoPath> = BTreeMap::new();
        for path in paths {
            apart.entry(self.judged_as(path)).or_insert(path);
        }
        let mut apart: Vec<_> = apart.into_values().cloned().collect();
        apart.sort_by_cached_key(|path| (file_kind::content(path).is_some(), file_kind::illustrates(path)));
        apart
    }

    /// How what is in a file of this name is judged: one content says the same under all names of which this is the same.
    pub fn judged_as(&self, path: &RepoPath) -> Vec<u8> {
        let mut judged = vec![FileKind::bits(path)];
        if !self.foreign.is_empty() {
            judged.extend(self.foreign.judged_as(&path.to_string()));
        }
        judged
    }

    pub(crate) fn mark(&self, view: &View<'_>, candidate: &Candidate) -> Mark {
        let secret = view.text.get(candidate.secret.start..candidate.secret.end).unwrap_or_default();
        let parts: [&[u8]; 2] = match &candidate.identity {
            Identity::Token => [b"", secret],
            Identity::Normalised(value) => [b"", value],
            Identity::Guessable(key) => [key, secret],
            Identity::GuessableValue { key, value } => [key, value],
        };
        Mark(self.prints.mark(candidate.rule, parts))
    }

    pub(crate) fn rule(&self, candidate: &Candidate) -> Option<&Rule> {
        self.matchers.rules.get(usize::from(candidate.rule))
    }
}

/// Whether a candidate is the salt of a project, which is public: it only keeps fingerprints of projects apart.
fn is_public_salt(text: &[u8], candidate: &Candidate) -> bool {
    let before = text.get(..candidate.secret.start).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    line.trim_ascii_end() == b"salt:"
}

/// What counts of one text's candidates.
struct Counting {
    /// One for each secret.
    settled: Vec<Candidate>,
    /// All there are, counting or not: none may be shown.
    all: Vec<Candidate>,
    /// Why some may not count after all.
    allowances: Allowances,
    /// What was not looked at.
    gaps: Vec<String>,
}

/// The place of a rule among all, if it is the only one of its name.
fn place(rules: &[Rule], info: &RuleInfo) -> Result<usize, RuleError> {
    let first = rules.partition_point(|rule| rule.info.id < info.id);
    let end = rules.partition_point(|rule| rule.info.id <= info.id);
    if end - first == 1 { Ok(first) } else { Err(RuleError::Duplicate { rule: info.id.clone() }) }
}

fn rules_digest(rules: &[RuleFile], foreign: Option<Digest>) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(concat!("palisade-secrets ", env!("CARGO_PKG_VERSION"), "\n").as_bytes());
    for rule in rules {
        hasher.update(format!("{} {}\n", rule.info.id, rule.digest).as_bytes());
    }
    if let Some(foreign) = foreign {
        hasher.update(format!("foreign {foreign}\n").as_bytes());
    }
    hasher.finish()
}

impl fmt::Debug for SecretsEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsEngine")
            .field("rules", &self.matchers.rules.len())
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Engine for SecretsEngine {
    fn id(&self) -> &str {
        ID
    }

    fn rules_digest(&self) -> Digest {
        let mut hasher = Hasher::new();
        hasher.update(format!("{} {}\n", self.digest, self.profile).as_bytes());
        hasher.finish()
    }

    fn rule_count(&self) -> usize {
        self.matchers.rules.len()
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        let rules = &self.matchers.rules;
        let at = rules.binary_search_by(|rule| rule.info.id.cmp(id)).ok()?;
        rules.get(at).map(|rule| rule.info.clone())
    }

    fn wants(&self, _entry: &EntryMeta<'_>) -> bool {
        true
    }

    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink) {
        self.report(entry, &self.read(entry.bytes), sink);
    }

    fn settle(&self, report: &mut ScanReport) {
        let before = report.findings.len();
        let prints = report.findings.iter().map(|finding| finding.fingerprint);
        let late = self.prints.settle(prints, MAX_GUESSABLE);
        report.findings.retain_mut(|finding| match late.get(&finding.fingerprint) {
            Some(Some(settled)) => {
                finding.fingerprint = *settled;
                true
            }
            Some(None) => false,
            None => true,
        });
        let left_out = before - report.findings.len();
        if left_out == 0 {
            return;
        }
        let told: BTreeSet<_> = report.findings.iter().map(|finding| &finding.rule).collect();
        report.rules.retain(|rule, _| told.contains(rule));
        let detail = format!(
            "more than {MAX_GUESSABLE} different secrets could be guessed; {left_out} findings of others are not told"
        );
        let own = report.engines.iter_mut().filter(|engine| engine.engine == ID);
        own.for_each(|engine| {
            engine.coverage.gaps.push(Gap::new(None, GapKind::BudgetHit, detail.as_str()));
            engine.coverage.gaps.sort();
        });
    }
}

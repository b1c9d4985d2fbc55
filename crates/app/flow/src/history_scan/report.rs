//! From secrets in objects to findings: where each is shown, and what is told of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use palisade_git::{FileTrace, History, ObjectKind, ObjectName, Trace};
use palisade_model::{CommitRef, Entry, EntryMeta, Finding, Gap, GapKind, InlineMarker, RepoPath, Sink};
use palisade_secrets::{Mark, Reading, Scope, SecretsEngine, Standing};
use palisade_tree::{Inner, ScanLimits, drop_repeated, for_each_member};

use super::looking::{Held, MAX_SECRETS};
use super::told::{Ranked, Told, commit_ref};

/// Places at which a secret is looked for again: under some names of an object it may not count.
const MAX_PLACES: usize = 64;
/// Those of them whose names are judged alike.
const MAX_SILENCES: usize = 8;

/// Says of secrets where they are.
pub(super) struct Report<'a> {
    pub(super) history: &'a History,
    pub(super) engine: &'a SecretsEngine,
    limits: ScanLimits,
    /// Where the objects with secrets stand.
    pub(super) places: BTreeMap<ObjectName, Trace>,
    commits: BTreeMap<ObjectName, Option<CommitRef>>,
    /// The object that was looked at last: most have several names.
    opened: Option<Opened>,
    pub(super) gaps: Vec<Gap>,
}

/// An object with what was found in it under no name yet.
struct Opened {
    object: ObjectName,
    bytes: Vec<u8>,
    reading: Reading,
}

/// What an object yields when it is looked at by itself.
pub(super) struct Looked {
    pub(super) found: Vec<(Mark, Finding)>,
    pub(super) length: u64,
}

/// An object under one name: where a secret is shown.
type Shown = (ObjectName, RepoPath);

impl<'a> Report<'a> {
    /// A report of no place yet, with the gaps that were met so far.
    pub(super) const fn new(
        history: &'a History,
        engine: &'a SecretsEngine,
        limits: ScanLimits,
        gaps: Vec<Gap>,
    ) -> Self {
        Self {
            history,
            engine,
            limits,
            places: BTreeMap::new(),
            commits: BTreeMap::new(),
            opened: None,
            gaps,
        }
    }

    /// The gaps, sorted.
    pub(super) fn into_gaps(mut self) -> Vec<Gap> {
        self.gaps.sort();
        self.gaps.dedup();
        self.gaps
    }

    /// The findings in objects, each with its secret.
    pub(super) fn secrets(&mut self, held: &Held) -> Vec<(Mark, Finding)> {
        let mut looked = BTreeMap::new();
        let mut names = BTreeMap::new();
        let mut findings = Vec::new();
        for (mark, holders) in held.secrets.iter().take(MAX_SECRETS) {
            let places = self.places(holders, &held.objects, &mut names);
            let Some((object, mut own)) = self.shown(*mark, places, &mut looked) else { continue };
            drop_repeated(&mut own);
            let told = self.told(object, holders, &held.objects);
            let whole = own.into_iter().map(|finding| Finding { history: Some(told.clone()), ..finding });
            let allowed = whole.filter_map(|finding| allowed_by_commit(self.engine, finding));
            findings.extend(allowed.map(|finding| (*mark, finding)));
        }
        findings
    }

    /// What is found of a secret in the first of its objects in which it counts: under the first name under which nothing lets it pass, or
    /// else under the first at all.
    fn shown(
        &mut self,
        mark: Mark,
        places: Vec<Shown>,
        looked: &mut BTreeMap<Shown, Vec<(Mark, Finding)>>,
    ) -> Option<(ObjectName, Vec<Finding>)> {
        let mut shown: Option<(ObjectName, Vec<Finding>)> = None;
        let mut looks = 0;
        let mut silences: BTreeMap<_, usize> = BTreeMap::new();
        for place in places {
            let object = place.0;
            if shown.as_ref().is_some_and(|(known, _)| *known != object) {
                break;
            }
            let silence = silences.entry(self.engine.judged_as(&place.1)).or_default();
            if *silence == MAX_SILENCES {
                continue;
            }
            if looks == MAX_PLACES {
                let detail = format!("a secret counts in none of {MAX_PLACES} places, and stands in more");
                self.gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
                break;
            }
            looks += 1;
            let found = looked.entry(place).or_insert_with_key(|(object, path)| {
                self.look_again(*object, path).map(|looked| looked.found).unwrap_or_default()
            });
            let own = found.iter().filter(|(other, _)| *other == mark);
            let own: Vec<_> = own.map(|(_, finding)| finding.clone()).collect();
            if own.is_empty() {
                *silence += 1;
            } else if !lets_pass(&own) {
                return Some((object, own));
            } else {
                shown = shown.or(Some((object, own)));
            }
        }
        shown
    }

    /// The objects and names under which a secret may be shown, the best first: in what is checked out, else where it was last.
    /// None of them when it counts under no name that it has. `names` holds the names of objects that were asked for.
    fn places(
        &self,
        holders: &[(ObjectName, Scope)],
        kinds: &BTreeMap<ObjectName, ObjectKind>,
        names: &mut BTreeMap<ObjectName, Vec<RepoPath>>,
    ) -> Vec<Shown> {
        let mut places = Vec::new();
        for (object, scope) in holders {
            let kind = kinds.get(object).copied().unwrap_or(ObjectKind::Blob);
            let trace = self.places.get(object);
            let in_head = trace.is_some_and(|trace| trace.in_head);
            let last = trace.map(|trace| trace.ranks.1);
            let paths = match trace {
                Some(trace) if !trace.paths.is_empty() => {
                    let names = names.entry(*object).or_insert_with(|| self.engine.told_apart(&trace.paths));
                    names
                        .iter()
                        .filter(|path| SecretsEngine::counts_in(&path.to_string(), *scope))
                        .cloned()
                        .collect()
                }
                // Messages are no source code, whatever their name.
                _ if *scope == Scope::Anywhere || (*scope == Scope::Unquoted && kind != ObjectKind::Blob) => {
                    git_path(kind, *object).into_iter().collect()
                }
                _ => Vec::new(),
            };
            let best_first = (0..).map(Reverse).zip(paths);
            let is_file = kind == ObjectKind::Blob;
            places.extend(best_first.map(|(rank, path)| (in_head, is_file, last, *object, rank, path)));
        }
        places.sort_unstable_by(|one, other| other.cmp(one));
        places.into_iter().map(|(_, _, _, object, _, path)| (object, path)).collect()
    }

    /// The findings in one object under one name, with those in its members; none when it cannot be read, which is a gap.
    pub(super) fn look_again(&mut self, object: ObjectName, path: &RepoPath) -> Option<Looked> {
        let known = self.opened.take().filter(|opened| opened.object == object);
        let opened = match known {
            Some(opened) => opened,
            None => self.open(object)?,
        };
        let mut sink = Sink::new();
        let mut found = Vec::new();
        let mut look = |meta: EntryMeta<'_>, bytes: &[u8], reading: &Reading| {
            let reported = self.engine.reported(&Entry { meta, bytes }, reading, &mut sink);
            found.extend(reported.into_iter().map(|reported| (reported.mark, reported.finding)));
        };
        let length = opened.bytes.len() as u64;
        look(EntryMeta::file(path, length), &opened.bytes, &opened.reading);
        // Known by its first bytes alone, as when it was read.
        for_each_member(b"", &opened.bytes, self.limits.archive_depth, &mut |inner| {
            if let Inner::Member { members, kind, bytes } = inner {
                let meta = EntryMeta { path, kind, size: bytes.len() as u64, members };
                look(meta, bytes, &self.engine.read(bytes));
            }
        });
        self.gaps.extend(sink.into_parts().1);
        self.opened = Some(opened);
        Some(Looked { found, length })
    }

    /// Reads an object; none when that cannot be, which is a gap.
    fn open(&mut self, object: ObjectName) -> Option<Opened> {
        match self.history.object(object, self.limits.max_file_bytes) {
            Ok(Some((_, bytes))) => {
                let reading = self.engine.read(&bytes);
                Some(Opened { object, bytes, reading })
            }
            Ok(None) => self.unread(&format!("object {object} is not here")),
            Err(error) => self.unread(&error.to_string()),
        }
    }

    fn unread(&mut self, detail: &str) -> Option<Opened> {
        self.gaps.push(Gap::new(None, GapKind::Unreadable, detail));
        None
    }

    /// Where a secret is in the history.
    fn told(
        &mut self,
        shown: ObjectName,
        holders: &[(ObjectName, Scope)],
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

    pub(super) fn commit(&mut self, name: ObjectName) -> Option<CommitRef> {
        let (history, engine) = (self.history, self.engine);
        self.commits.entry(name).or_insert_with(|| commit_ref(history, engine, name)).clone()
    }

    /// Findings in the names of files.
    pub(super) fn names(&mut self, names: Vec<(Vec<u8>, Trace)>) -> Vec<Finding> {
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

    /// What rules for paths alone say of files; one with keywords asks for them in what a file held first and last.
    pub(super) fn files(&mut self, files: Vec<FileTrace>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for FileTrace { path, trace, contents } in files {
            let versions =
                if contents.is_empty() { vec![None] } else { contents.into_iter().map(Some).collect() };
            let ends = self.ends(&trace);
            let mut marks = BTreeSet::new();
            for content in versions.into_iter().rev() {
                for (mark, mut finding) in self.by_path(&path, content) {
                    if !marks.insert(mark) {
                        continue;
                    }
                    let mut told = Told::default();
                    told.add(ends.clone(), &[self.engine.concealed_path(&path)], trace.in_head, trace.reach);
                    let object = content.map(|content| content.to_string()).unwrap_or_default();
                    finding.history = Some(told.into_history(object, 1));
                    findings.extend(allowed_by_commit(self.engine, finding));
                }
            }
        }
        findings
    }

    /// What rules for paths alone say of a file with that content, which is not known when it cannot be read.
    fn by_path(&self, path: &RepoPath, content: Option<ObjectName>) -> Vec<(Mark, Finding)> {
        let read = content.and_then(|name| self.history.object(name, self.limits.max_file_bytes).ok()?);
        let bytes = read.map(|(_, bytes)| bytes).unwrap_or_default();
        let entry = Entry { meta: EntryMeta::file(path, bytes.len() as u64), bytes: &bytes };
        let reported = self.engine.path_findings(&entry).into_iter();
        reported.map(|reported| (reported.mark, reported.finding)).collect()
    }

    /// What a path says by itself, whatever stands there.
    pub(super) fn look_at_path(&self, path: &RepoPath, content: Option<ObjectName>) -> Vec<Finding> {
        let mut findings = self.engine.name_findings(&EntryMeta::file(path, 0));
        if content.is_some() {
            findings.extend(self.by_path(path, content).into_iter().map(|(_, finding)| finding));
        }
        findings
    }
}

/// The finding, with the reason why it may not count, unless a rule file of the user's lets pass what its first commit brought.
pub(super) fn allowed_by_commit(engine: &SecretsEngine, mut finding: Finding) -> Option<Finding> {
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

/// Whether a comment or an allowlist lets all of these pass.
pub(super) fn lets_pass(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.marker.is_some())
}

/// A name for an object that stands under none. No file can have it.
pub(super) fn git_path(kind: ObjectKind, object: ObjectName) -> Option<RepoPath> {
    let folder = match kind {
        ObjectKind::Commit => "commit",
        ObjectKind::Tag => "tag",
        ObjectKind::Blob | ObjectKind::Tree => "object",
    };
    format!(".git/{folder}/{object}").parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::{ARCHIVE_DEPTH, MAX_FILE_BYTES};

    fn git(folder: &Path, args: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("git");
        command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn an_object_is_read_once_for_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let [one, other] =
            [b"one", b"two"].map(|bytes| git(folder.path(), &["hash-object", "-w", "--stdin"], bytes));
        let history = History::open(folder.path()).unwrap();
        let engine = SecretsEngine::new(Vec::new(), b"salt").unwrap();
        let limits = ScanLimits { max_file_bytes: MAX_FILE_BYTES, archive_depth: ARCHIVE_DEPTH };
        let mut report = Report::new(&history, &engine, limits, Vec::new());
        let mut look = |object: &str, path: &str| {
            report.look_again(object.parse().unwrap(), &path.parse().unwrap()).is_some()
        };
        assert!(look(&one, "a.txt"));
        let (shelf, rest) = one.split_at(2);
        std::fs::remove_file(folder.path().join(".git/objects").join(shelf).join(rest)).unwrap();
        assert!(look(&one, "b.md"));
        assert!(look(&other, "b.md"));
        assert!(!look(&one, "a.txt"), "another one was looked at since");
    }
}

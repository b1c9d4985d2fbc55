//! What the engine sees in the objects of a history.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use palisade_git::{Copy, Object, ObjectKind, ObjectName, Reader};
use palisade_model::{Gap, GapKind, HistoryWork};
use palisade_secrets::{CUT_SHORT, Copied, Mark, Marked, Reading, Scope, SecretsEngine};
use palisade_tree::{Inner, ScanLimits, for_each_member};

/// Most secrets that are reported of one history.
pub(super) const MAX_SECRETS: usize = 50_000;

/// The engine's eyes on the objects of a history.
pub(super) struct Looking<'e> {
    engine: &'e SecretsEngine,
    limits: ScanLimits,
    held: Mutex<Vec<Holding>>,
    gaps: Mutex<Vec<Gap>>,
    matched: AtomicU64,
    fallen_back: AtomicU64,
}

/// An object and the secrets in it.
pub(super) struct Holding {
    object: ObjectName,
    kind: ObjectKind,
    secrets: Vec<Marked>,
}

impl<'e> Looking<'e> {
    pub(super) fn new(engine: &'e SecretsEngine, limits: ScanLimits) -> Self {
        Self {
            engine,
            limits,
            held: Mutex::default(),
            gaps: Mutex::default(),
            matched: AtomicU64::new(0),
            fallen_back: AtomicU64::new(0),
        }
    }

    /// What the engine did so far, of so many bytes of content.
    pub(super) fn work(&self, content_bytes: u64) -> HistoryWork {
        HistoryWork {
            content_bytes,
            matched_bytes: self.matched.load(Ordering::Relaxed),
            fallen_back_bytes: self.fallen_back.load(Ordering::Relaxed),
        }
    }

    pub(super) fn finish(self) -> (Vec<Holding>, Vec<Gap>) {
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
            Inner::Member { members, bytes, .. } => {
                let reading = self.engine.read(bytes);
                if reading.is_cut_short() {
                    self.gap(GapKind::BudgetHit, format!("a member of object {}: {CUT_SHORT}", object.name));
                }
                // Its own name decides, which is known here alone.
                let name = members.last().map_or("", String::as_str);
                let marks = self.engine.marks(bytes, &reading).into_iter();
                let counting = marks.filter(|marked| SecretsEngine::counts_in(name, marked.scope));
                secrets.extend(counting.map(|marked| Marked { scope: Scope::Anywhere, ..marked }));
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
pub(super) struct Held {
    pub(super) objects: BTreeMap<ObjectName, ObjectKind>,
    /// The objects that hold a secret, and the files in which it counts.
    pub(super) secrets: BTreeMap<Mark, Vec<(ObjectName, Scope)>>,
}

impl Held {
    pub(super) fn new(mut holdings: Vec<Holding>, gaps: &mut Vec<Gap>) -> Self {
        holdings.sort_unstable_by_key(|holding| holding.object);
        let mut held = Self { objects: BTreeMap::new(), secrets: BTreeMap::new() };
        for holding in holdings {
            held.objects.insert(holding.object, holding.kind);
            // Of each secret in an object its widest scope, which sorts first.
            let mut secrets = holding.secrets;
            secrets.sort_unstable();
            secrets.dedup_by_key(|marked| marked.mark);
            for Marked { mark, scope } in secrets {
                held.secrets.entry(mark).or_default().push((holding.object, scope));
            }
        }
        if held.secrets.len() > MAX_SECRETS {
            let detail = format!("more than {MAX_SECRETS} different secrets; the rest is not reported");
            gaps.push(Gap::new(None, GapKind::BudgetHit, detail));
        }
        held
    }
}

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use palisade_model::{
    Coverage, Engine, EngineReport, Entry, EntryKind, EntryMeta, Finding, Gap, GapKind, RepoPath, ScanReport,
    Sink,
};
use palisade_sys::beneath::{Below, Root};
use rayon::prelude::*;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;

use crate::archives::{Inner, drop_repeated, for_each_member};
use crate::listing::{Listed, Listing};
use crate::repositories::repositories;

/// Bytes of content that [`scan_entries`] holds at once.
const BATCH_BYTES: u64 = 8 << 20;

/// Entries that [`scan_entries`] holds at once.
const BATCH_ENTRIES: usize = 1024;

/// Largest buffer that is kept for the next file, in bytes.
const KEPT_BUFFER: usize = 4 << 20;

/// Limits of a scan; what is over them is a blocking gap.
#[derive(Debug, Clone, Copy)]
pub struct ScanLimits {
    /// Largest file that is looked at, in bytes.
    pub max_file_bytes: u64,
    /// How deep archives in archives are opened; with 0 none is, and those met are noted.
    pub archive_depth: u32,
}

impl Default for ScanLimits {
    fn default() -> Self {
        Self { max_file_bytes: 64 << 20, archive_depth: 3 }
    }
}

/// An entry that is not read from a folder: standard input, or a blob of a git index.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Where it lies.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes.
    pub size: u64,
    /// Its content, or why there is none and what mends it.
    pub content: Result<Vec<u8>, (GapKind, String)>,
}

/// Reads each listed entry once and offers it to every engine that wants it, on all threads of the current rayon pool.
///
/// The result is the same for any number of threads. In each engine's coverage an entry is looked at, not applicable, or has at
/// least one gap; the gaps of the listing come on top. A file larger than `limits`, unreadable, no longer a regular file or of
/// another size than listed is a blocking gap, and so is an entry on which an engine panicked.
pub fn scan(
    root: &Path,
    listing: &Listing,
    engines: &[&dyn Engine],
    limits: ScanLimits,
    version: &str,
) -> ScanReport {
    let root = Root::of(root);
    let mut tally = listing
        .files
        .par_iter()
        .map_init(|| Files::new(&root), |files, listed| files.offer(listed, engines, limits))
        .reduce(|| Tally::new(engines.len()), Tally::merge);
    let repositories = repositories(&listing.files);
    for (result, engine) in tally.engines.iter_mut().zip(engines) {
        result.coverage.gaps.extend(listing.gaps.iter().cloned());
        let closed = repositories.iter().filter(|(head, _)| {
            let meta = EntryMeta { path: &head.path, kind: head.kind, size: head.size, members: &[] };
            guarded(|| engine.wants(&meta)) == Some(true)
        });
        result.coverage.gaps.extend(closed.map(|(_, gap)| gap.clone()));
    }
    tally.into_report(engines, version)
}

/// Offers one entry that is already in memory.
pub fn scan_bytes(
    path: RepoPath,
    bytes: &[u8],
    engines: &[&dyn Engine],
    limits: ScanLimits,
    version: &str,
) -> ScanReport {
    let meta = EntryMeta::file(&path, bytes.len() as u64);
    offer(&meta, engines, limits.archive_depth, || Ok(bytes)).into_report(engines, version)
}

/// Offers many entries that come from elsewhere; paths should be unique. They are pulled one by one on this thread and looked at
/// in batches on all threads, so that few are in memory at once.
pub fn scan_entries(
    offers: &mut dyn Iterator<Item = Offer>,
    engines: &[&dyn Engine],
    limits: ScanLimits,
    version: &str,
) -> ScanReport {
    let mut total = Tally::new(engines.len());
    loop {
        let batch = next_batch(offers);
        if batch.is_empty() {
            return total.into_report(engines, version);
        }
        let tally = batch
            .par_iter()
            .map(|item| offer_held(item, engines, limits))
            .reduce(|| Tally::new(engines.len()), Tally::merge);
        total = total.merge(tally);
    }
}

fn next_batch(offers: &mut dyn Iterator<Item = Offer>) -> Vec<Offer> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while bytes < BATCH_BYTES && batch.len() < BATCH_ENTRIES {
        let Some(offer) = offers.next() else { break };
        bytes = bytes.saturating_add(offer.size);
        batch.push(offer);
    }
    batch
}

fn offer_held(item: &Offer, engines: &[&dyn Engine], limits: ScanLimits) -> Tally {
    let meta = EntryMeta { path: &item.path, kind: item.kind, size: item.size, members: &[] };
    offer(&meta, engines, limits.archive_depth, || {
        item.content.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    })
}

/// Reads listed files one after another.
struct Files<'r> {
    below: Result<Below<'r>, &'r io::Error>,
    buffer: Vec<u8>,
}

impl<'r> Files<'r> {
    fn new(root: &'r io::Result<Root>) -> Self {
        Self { below: root.as_ref().map(Below::new), buffer: Vec::new() }
    }

    fn offer(&mut self, listed: &Listed, engines: &[&dyn Engine], limits: ScanLimits) -> Tally {
        let meta = EntryMeta { path: &listed.path, kind: listed.kind, size: listed.size, members: &[] };
        let tally = offer(&meta, engines, limits.archive_depth, || self.read(listed, limits.max_file_bytes));
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = Vec::new();
        }
        tally
    }

    /// The content of `listed`, or the gap it leaves.
    fn read(&mut self, listed: &Listed, limit: u64) -> Result<&[u8], (GapKind, String)> {
        let unreadable = |error: &io::Error| (GapKind::Unreadable, format!("cannot be read: {error}"));
        let below = self.below.as_mut().map_err(|error| unreadable(error))?;
        if listed.kind == EntryKind::Symlink {
            let target = below.read_link(&listed.path).map_err(|error| unreadable(&error))?;
            self.buffer.clear();
            self.buffer.extend_from_slice(&target);
            return Ok(&self.buffer);
        }
        let (file, size) = below.open(&listed.path).map_err(|error| unreadable(&error))?;
        let changed = || (GapKind::Unreadable, "changed while it was being scanned; scan again".to_owned());
        if size != listed.size {
            return Err(changed());
        }
        if size > limit {
            let detail =
                format!("file of {size} bytes is over the limit of {limit}; raise it with --max-file-size");
            return Err((GapKind::BudgetHit, detail));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        fill(&file, &mut self.buffer, size).map_err(|error| unreadable(&error))?;
        if self.buffer.len() == size { Ok(&self.buffer) } else { Err(changed()) }
    }
}

/// Reads a regular file to its end, or to more than `size` bytes, as what is in `buffer`. Such a file gives less than it is asked for
/// only at its end, so no second read is needed to see that.
fn fill(file: &File, buffer: &mut Vec<u8>, size: usize) -> io::Result<()> {
    buffer.clear();
    if buffer.capacity() <= size {
        // Nothing in it needs to be copied, nor to be zero before it is read.
        *buffer = Vec::with_capacity(size.saturating_add(1).max(KEPT_BUFFER.min(2 * buffer.capacity())));
    }
    loop {
        match rustix::io::read(file, spare_capacity(buffer)) {
            Ok(read) if read == 0 || buffer.len() >= size => return Ok(()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Offers one entry to all engines, and what lies in it if it is an archive; its content is taken only when one of them wants it.
fn offer<B: AsRef<[u8]>>(
    meta: &EntryMeta<'_>,
    engines: &[&dyn Engine],
    archive_depth: u32,
    content: impl FnOnce() -> Result<B, (GapKind, String)>,
) -> Tally {
    let wanted: Vec<_> = engines.iter().map(|engine| guarded(|| engine.wants(meta))).collect();
    let content = wanted.iter().any(|wants| matches!(wants, Some(true))).then(content);
    let mut tally = Tally::new(engines.len());
    for ((engine, wants), result) in engines.iter().zip(wanted).zip(&mut tally.engines) {
        match (wants, &content) {
            (None, _) => result.coverage.gaps.push(crash(meta)),
            (Some(true), Some(Ok(bytes))) => {
                let mut look = Look::of(*engine, &Entry { meta: *meta, bytes: bytes.as_ref() });
                look.open(*engine, meta, bytes.as_ref(), archive_depth);
                result.take(look, bytes.as_ref().len());
            }
            (Some(true), Some(Err((kind, detail)))) => {
                result.coverage.gaps.push(Gap::new(Some(meta.path.clone()), *kind, detail));
            }
            _ => result.coverage.not_applicable += 1,
        }
    }
    tally
}

/// The value of `act`, or none when it panicked. Engines keep no state between entries, so there is none to be left broken.
fn guarded<T>(act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}

/// The panic's message is not repeated: it may quote the entry.
fn crash(meta: &EntryMeta<'_>) -> Gap {
    let detail = "the engine failed on this entry; please report it";
    Gap::new(Some(meta.path.clone()), GapKind::EngineCrashed, detail)
}

/// What one engine says of one entry.
#[derive(Default)]
struct Look {
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

impl Look {
    fn of(engine: &dyn Engine, entry: &Entry<'_>) -> Self {
        let mut look = Self::default();
        look.add(engine, entry);
        look
    }

    fn add(&mut self, engine: &dyn Engine, entry: &Entry<'_>) {
        let mut sink = Sink::new();
        let crashed = guarded(|| engine.entry(entry, &mut sink)).is_none();
        let (findings, gaps) = sink.into_parts();
        self.findings.extend(findings);
        self.gaps.extend(gaps);
        if crashed {
            self.gaps.push(crash(&entry.meta));
        }
    }

    /// Shows the engine what lies in an archive.
    fn open(&mut self, engine: &dyn Engine, meta: &EntryMeta<'_>, bytes: &[u8], depth: u32) {
        let opened = guarded(|| {
            for_each_member(meta.path.as_bytes(), bytes, depth, &mut |inner| match inner {
                Inner::Member { members, kind, bytes } => {
                    let meta = EntryMeta { path: meta.path, kind, size: bytes.len() as u64, members };
                    if engine.wants(&meta) {
                        self.add(engine, &Entry { meta, bytes });
                    }
                }
                Inner::Closed { kind, detail } => {
                    self.gaps.push(Gap::new(Some(meta.path.clone()), kind, detail))
                }
            });
        });
        if opened.is_none() {
            self.gaps.push(crash(meta));
        }
        drop_repeated(&mut self.findings);
    }
}

/// What one engine did so far.
#[derive(Default)]
struct EngineTally {
    coverage: Coverage,
    findings: Vec<Finding>,
}

impl EngineTally {
    fn take(&mut self, look: Look, bytes: usize) {
        if look.gaps.is_empty() {
            self.coverage.looked_at += 1;
            self.coverage.bytes += bytes as u64;
        }
        self.findings.extend(look.findings);
        self.coverage.gaps.extend(look.gaps);
    }

    /// Takes in what the engine says of all entries together.
    fn close(&mut self, engine: &dyn Engine) {
        let mut sink = Sink::new();
        if guarded(|| engine.finish(&mut sink)).is_none() {
            let detail = "the engine failed on all entries together; please report it";
            self.coverage.gaps.push(Gap::new(None, GapKind::EngineCrashed, detail));
        }
        let (findings, gaps) = sink.into_parts();
        self.findings.extend(findings);
        self.coverage.gaps.extend(gaps);
    }

    fn absorb(&mut self, other: Self) {
        self.coverage.looked_at += other.coverage.looked_at;
        self.coverage.bytes += other.coverage.bytes;
        self.coverage.not_applicable += other.coverage.not_applicable;
        self.coverage.gaps.extend(other.coverage.gaps);
        self.findings.extend(other.findings);
    }
}

/// What all engines did so far, in the order they were given.
struct Tally {
    engines: Vec<EngineTally>,
}

impl Tally {
    fn new(engines: usize) -> Self {
        Self { engines: std::iter::repeat_with(EngineTally::default).take(engines).collect() }
    }

    fn merge(mut self, other: Self) -> Self {
        for (mine, theirs) in self.engines.iter_mut().zip(other.engines) {
            mine.absorb(theirs);
        }
        self
    }

    fn into_report(self, engines: &[&dyn Engine], version: &str) -> ScanReport {
        let mut report = ScanReport::default();
        for (engine, mut tally) in engines.iter().zip(self.engines) {
            tally.close(*engine);
            tally.coverage.gaps.sort();
            for finding in &tally.findings {
                if let Some(info) = engine.rule_info(&finding.rule) {
                    report.rules.insert(finding.rule.clone(), info);
                }
            }
            report.findings.extend(tally.findings);
            report.engines.push(EngineReport {
                engine: engine.id().to_owned(),
                version: version.to_owned(),
                rules: engine.rules_digest(),
                rule_count: engine.rule_count(),
                work: None,
                coverage: tally.coverage,
            });
        }
        sort(&mut report.findings);
        engines.iter().for_each(|engine| engine.settle(&mut report));
        sort(&mut report.findings);
        report
    }
}

/// Stable, and equal keys come from one entry of one engine, whose order the engine decides.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()).then_with(|| a.engine.cmp(&b.engine)));
}

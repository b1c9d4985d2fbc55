use std::fs;
use std::path::Path;

use palisade_model::{
    Confidence, Digest, Engine, Entry, EntryKind, EntryMeta, Excerpt, Finding, Fingerprint, GapKind,
    Location, Position, RuleId, RuleInfo, ScanReport, Severity, Sink, Span,
};
use palisade_tree::{ListOptions, Listing, Offer, ScanLimits, list, scan, scan_bytes, scan_entries};
use proptest::prelude::*;

use crate::listing::as_nobody;
use crate::{path, write};

/// Finds every `x`, panics at `!`, notes a gap at `?`, and wants no path with a `-`.
struct Letters;

impl Engine for Letters {
    fn id(&self) -> &str {
        "letters"
    }

    fn rules_digest(&self) -> Digest {
        Digest::of(b"letters")
    }

    fn rule_count(&self) -> usize {
        1
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        Some(RuleInfo {
            id: id.clone(),
            title: "x".into(),
            severity: Severity::High,
            confidence: Confidence::High,
            cwe: vec![],
            tags: vec![],
            why: String::new(),
            fix: String::new(),
            source: None,
        })
    }

    fn wants(&self, entry: &EntryMeta<'_>) -> bool {
        !entry.path.as_bytes().contains(&b'-')
    }

    #[expect(clippy::panic, reason = "what a scan must survive")]
    fn entry(&self, entry: &Entry<'_>, sink: &mut Sink) {
        for (at, byte) in entry.bytes.iter().enumerate() {
            match byte {
                b'x' => sink.finding(finding(self.id(), entry, at)),
                b'?' => sink.gap(entry.meta.path, GapKind::Noted, "a question"),
                b'!' => panic!("an exclamation"),
                _ => {}
            }
        }
    }
}

/// Wants everything and finds nothing.
struct Calm;

impl Engine for Calm {
    fn id(&self) -> &str {
        "calm"
    }

    fn rules_digest(&self) -> Digest {
        Digest::of(b"calm")
    }

    fn rule_count(&self) -> usize {
        0
    }

    fn rule_info(&self, _: &RuleId) -> Option<RuleInfo> {
        None
    }

    fn wants(&self, _: &EntryMeta<'_>) -> bool {
        true
    }

    fn entry(&self, _: &Entry<'_>, _: &mut Sink) {}
}

fn finding(engine: &str, entry: &Entry<'_>, at: usize) -> Finding {
    let position = Position { line: 1, column: 1 };
    Finding {
        engine: engine.into(),
        rule: RuleId::new("letter-x").unwrap(),
        title: "x".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        message: String::new(),
        location: Location {
            path: entry.meta.path.clone(),
            members: Vec::new(),
            start: position,
            end: position,
            bytes: Span { start: at, end: at + 1 },
        },
        excerpt: Excerpt { text: "x".into(), mark_start: 0, mark_end: 1 },
        encodings: Vec::new(),
        form: palisade_model::Form::default(),
        asset: None,
        history: None,
        layer: None,
        package: None,
        fingerprint: Fingerprint::from_bytes([0; 16]),
        marker: None,
        listed: Vec::new(),
        suppression: None,
    }
}

fn scan_folder(root: &Path, listing: &Listing) -> ScanReport {
    scan(root, listing, &[&Letters, &Calm], ScanLimits::default(), "1")
}

/// `looked_at + not_applicable + entries with a gap` is the number of entries, for each engine.
fn assert_accounted(report: &ScanReport, entries: usize, listing_gaps: usize) {
    for engine in &report.engines {
        let mut paths: Vec<_> = engine.coverage.gaps.iter().map(|gap| &gap.path).collect();
        paths.dedup();
        let sum = engine.coverage.looked_at + engine.coverage.not_applicable + paths.len() as u64;
        assert_eq!(sum, (entries + listing_gaps) as u64, "{engine:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_is_accounted_for_and_threads_do_not_show(
        files in prop::collection::btree_map("[a-c](/[a-c-]){0,2}/f", "[xyz!? ]{0,6}", 0..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, content)| write(folder.path(), name, content));
        let listing = list(folder.path(), ListOptions::default()).unwrap();
        let with_threads = |count| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
            pool.install(|| scan_folder(folder.path(), &listing))
        };
        let report = with_threads(1);
        prop_assert_eq!(&report, &with_threads(16));
        assert_accounted(&report, files.len(), 0);
        // What letters finds before it panics stays found.
        let offered = files.iter().filter(|(name, _)| !name.contains('-'));
        let found = |text: &str| text.split('!').next().unwrap_or_default().matches('x').count();
        prop_assert_eq!(report.findings.len(), offered.map(|(_, text)| found(text)).sum::<usize>());
        prop_assert!(report.findings.is_sorted_by_key(|finding| finding.location.path.clone()));
        prop_assert_eq!(report.rules.len(), usize::from(!report.findings.is_empty()));

        let mut offers = files.iter().map(|(name, text)| Offer {
            path: path(name),
            kind: EntryKind::File,
            size: text.len() as u64,
            content: Ok(text.clone().into_bytes()),
        });
        prop_assert_eq!(scan_entries(&mut offers, &[&Letters, &Calm], ScanLimits::default(), "1"), report);
    }
}

#[test]
fn an_engine_that_panics_costs_its_entry_only() {
    let report = scan_bytes(path("in"), b"x!", &[&Letters, &Calm], ScanLimits::default(), "1");
    let [letters, calm] = report.engines.as_slice() else { panic!("{report:?}") };
    assert_eq!(letters.coverage.gaps[0].kind, GapKind::EngineCrashed);
    assert!(!letters.coverage.gaps[0].detail.contains("exclamation"), "the panic may quote a secret");
    assert_eq!((letters.coverage.looked_at, calm.coverage.looked_at, report.findings.len()), (0, 1, 1));
}

#[test]
fn links_are_offered_as_their_target() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/x/x", folder.path().join("link")).unwrap();
    let listing = list(folder.path(), ListOptions::default()).unwrap();
    assert_eq!(scan_folder(folder.path(), &listing).findings.len(), 2);
}

#[test]
fn what_is_not_what_was_listed_is_a_blocking_gap() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let names = ["gone", "grown", "linked", "fifo", "up/linked", "fine"];
    names.iter().for_each(|name| write(root, name, "x"));
    let listing = list(root, ListOptions::default()).unwrap();

    fs::remove_file(root.join("gone")).unwrap();
    fs::write(root.join("grown"), "xx").unwrap();
    for (name, target) in [("linked", "fine"), ("up", "aside")] {
        fs::rename(root.join(name), root.join("aside")).unwrap();
        std::os::unix::fs::symlink(target, root.join(name)).unwrap();
        if name == "linked" {
            fs::remove_file(root.join("aside")).unwrap();
        }
    }
    fs::remove_file(root.join("fifo")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(root.join("fifo")).status().unwrap().success());

    let report = scan_folder(root, &listing);
    assert_eq!(report.findings.len(), 1);
    let gaps: Vec<_> =
        report.engines[0].coverage.blocking_gaps().map(|gap| gap.path.clone().unwrap().to_string()).collect();
    assert_eq!(gaps, ["fifo", "gone", "grown", "linked", "up/linked"]);
    assert_accounted(&report, names.len(), 0);
}

#[test]
fn large_and_unreadable_files_are_blocking_gaps() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "full", "1234");
    write(root, "over", "12345");
    write(root, "skip-over", "12345");
    write(root, "locked", "1");
    fs::set_permissions(root.join("locked"), fs::Permissions::from_mode(0o000)).unwrap();
    let report = as_nobody(root, || {
        let listing = list(root, ListOptions::default()).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        pool.install(|| {
            scan(root, &listing, &[&Letters], ScanLimits { max_file_bytes: 4, ..ScanLimits::default() }, "1")
        })
    });
    let coverage = &report.engines[0].coverage;
    assert_eq!((coverage.looked_at, coverage.bytes, coverage.not_applicable), (1, 4, 1));
    let gaps: Vec<_> = coverage.gaps.iter().map(|gap| (gap.kind, gap.blocking)).collect();
    assert_eq!(gaps, [(GapKind::Unreadable, true), (GapKind::BudgetHit, true)]);
    assert!(coverage.gaps[1].detail.contains("--max-file-size"));
    assert!(coverage.gaps[1].detail.contains("5 bytes"));
}

#[test]
fn gaps_of_the_listing_reach_every_engine() {
    let folder = tempfile::tempdir().unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("f")).status().unwrap().success());
    write(folder.path(), "file", "");
    let listing = list(folder.path(), ListOptions::default()).unwrap();
    assert_accounted(&scan_folder(folder.path(), &listing), 1, 1);
}

/// A repository of git's own making: a bare one, one of which `.git` was renamed, and a single pack.
#[test]
fn repositories_that_are_not_opened_are_blocking_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let git = |args: &[&str]| {
        let mut git = std::process::Command::new("git");
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let done =
            git.current_dir(root).env("GIT_CONFIG_GLOBAL", "/dev/null").args(identity).args(args).status();
        assert!(done.unwrap().success());
    };
    git(&["init", "--quiet", "in/work"]);
    write(root, "in/work/file", "content");
    git(&["-C", "in/work", "add", "file"]);
    git(&["-C", "in/work", "commit", "--quiet", "--message=m"]);
    git(&["clone", "--quiet", "--bare", "in/work", "in/bare.git"]);
    git(&["clone", "--quiet", "--bare", "--no-local", "in/work", "packed.git"]);
    git(&["init", "--quiet", "--bare", "empty.git"]);
    let packs =
        fs::read_dir(root.join("packed.git/objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    let pack = packs.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
    fs::copy(pack, root.join("lone.data")).unwrap();
    git(&["-C", "in/work", "bundle", "create", "--quiet", "../../repo.bundle", "--all"]);
    let gaps = || {
        let listing = list(root, ListOptions::default()).unwrap();
        let report = scan(root, &listing, &[&Calm], ScanLimits::default(), "1");
        let blocking = report.engines[0].coverage.blocking_gaps();
        let told = blocking.map(|gap| {
            assert!(gap.detail.contains("`palisade scan --history`"), "{gap:?}");
            gap.path.clone().unwrap().to_string()
        });
        told.collect::<Vec<_>>()
    };
    let found = gaps();
    assert_eq!(found.len(), 5, "{found:?}");
    assert_eq!([&found[0], &found[1], &found[2]], ["in/bare.git", "lone.data", "packed.git"]);
    assert!(found[3].starts_with("packed.git/objects/pack/pack-"), "{found:?}");
    assert_eq!(found[4], "repo.bundle");
    fs::rename(root.join("in/work/.git"), root.join("in/work/dot_git")).unwrap();
    assert!(gaps().contains(&"in/work/dot_git".to_owned()));
}

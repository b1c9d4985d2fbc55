//! Damaged and hostile packs: no panic, and each object is right or a gap.

use std::fs;
use std::path::{Path, PathBuf};

use palisade_git::{Asked, History, HistoryGap, HistoryGapKind, HistoryLimits, HistorySubject};

use crate::history::{Collector, oracle, read, rich};
use crate::{Fixture, line};

fn the_file(root: &Path, extension: &str) -> PathBuf {
    let entries = fs::read_dir(root.join(".git/objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().find(|path| path.extension().is_some_and(|found| found == extension)).unwrap()
}

fn packed() -> Fixture {
    let fixture = rich();
    fixture.git(["repack", "-q", "-a", "-d", "-f", "-k", "--depth=50", "--window=50"]);
    fixture.git(["prune-packed"]);
    fixture
}

/// A number that looks random, from `seed`.
fn scattered(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}

#[test]
fn damaged_packs_give_what_is_right_or_gaps() {
    let fixture = packed();
    let expected = oracle(&fixture.root);
    let (pack, index) = (the_file(&fixture.root, "pack"), the_file(&fixture.root, "idx"));
    let mut with_gaps = 0;
    for (file, at_least) in [(pack, 30), (index, 40)] {
        let good = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        for round in 0..60u64 {
            let mut bad = good.clone();
            let at = usize::try_from(scattered(round + 1)).unwrap() % good.len();
            match round % 4 {
                0 => bad.truncate(at),
                1 => bad[at] ^= 1 << (round % 8),
                2 => bad[at..].iter_mut().take(9).for_each(|byte| *byte = 0xff),
                _ => drop(bad.splice(at..at, [0x55; 3])),
            }
            fs::write(&file, &bad).unwrap();
            let (reader, survey) = read(&fixture.root);
            let found = reader.objects.into_inner().unwrap();
            let wrong = found.iter().filter(|(name, object)| expected.get(*name) != Some(object)).count();
            let lost = expected.keys().filter(|name| !found.contains_key(*name)).count();
            // A byte of a name that is not part of the order, or of a checksum of the index, changes a name and no content.
            let is_index = file.extension().is_some_and(|extension| extension == "idx");
            assert!(
                survey.gaps.list.len() >= usize::from(lost > 0 && !is_index),
                "{round}: {lost} lost in silence"
            );
            assert!(
                wrong == 0 || is_index || !survey.gaps.list.is_empty(),
                "{round}: {wrong} wrong in silence"
            );
            with_gaps += usize::from(!survey.gaps.list.is_empty());
            History::open(&fixture.root).unwrap().trace(&[], &HistoryLimits::default());
        }
        assert!(with_gaps >= at_least, "{with_gaps}");
        fs::write(&file, &good).unwrap();
    }
}

#[test]
fn what_is_damaged_here_is_taken_from_elsewhere() {
    let fixture = rich();
    fixture.git(["repack", "-q", "-a", "-f", "-k", "--depth=50", "--window=50"]);
    let expected = oracle(&fixture.root);
    let file = the_file(&fixture.root, "pack");
    let mut bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0);
    fs::write(&file, bytes).unwrap();
    let (reader, survey) = read(&fixture.root);
    assert_eq!(survey.gaps.list, [], "loose objects stand in");
    assert!(reader.objects.into_inner().unwrap() == expected);
}

#[test]
fn a_pack_without_index_is_a_gap() {
    let fixture = packed();
    fs::remove_file(the_file(&fixture.root, "idx")).unwrap();
    let gaps = read(&fixture.root).1.gaps.list;
    assert!(matches!(gaps.as_slice(), [HistoryGap { subject: HistorySubject::File(_), .. }]), "{gaps:?}");
}

/// zlib data of one stored block (RFC 1950, RFC 1951 section 3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap();
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    [&[0x78, 0x01, 0x01][..], &len.to_le_bytes(), &(!len).to_le_bytes(), data, &(b << 16 | a).to_be_bytes()]
        .concat()
}

/// A delta of the object `base` as an entry of a pack.
fn named_delta(base: &[u8], delta: &[u8]) -> Vec<u8> {
    let size = u8::try_from(delta.len()).unwrap();
    assert!(size < 16);
    [&[0x70 | size], base, &stored(delta)].concat()
}

fn raw(name: &str) -> Vec<u8> {
    (0..20).map(|at| u8::from_str_radix(name.get(at * 2..at * 2 + 2).unwrap(), 16).unwrap()).collect()
}

/// Writes a pack of entries under the names given, and its index.
fn write_pack(root: &Path, entries: &[(&str, Vec<u8>)]) {
    let count = u32::try_from(entries.len()).unwrap();
    let mut pack = [b"PACK\0\0\0\x02".as_slice(), &count.to_be_bytes()].concat();
    let mut rows = Vec::new();
    for (name, entry) in entries {
        rows.push((raw(name), u32::try_from(pack.len()).unwrap()));
        pack.extend(entry);
    }
    pack.extend([0; 20]);
    rows.sort();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255u8 {
        index.extend(
            u32::try_from(rows.iter().filter(|(name, _)| name[0] <= first).count()).unwrap().to_be_bytes(),
        );
    }
    rows.iter().for_each(|(name, _)| index.extend(name));
    rows.iter().for_each(|_| index.extend([0; 4]));
    rows.iter().for_each(|(_, offset)| index.extend(offset.to_be_bytes()));
    index.extend([0; 40]);
    let folder = root.join(".git/objects/pack");
    fs::write(folder.join("pack-made.pack"), pack).unwrap();
    fs::write(folder.join("pack-made.idx"), index).unwrap();
}

#[test]
fn bases_outside_the_pack_are_found_and_loops_are_gaps() {
    let fixture = Fixture::new();
    fixture.write("base", "base");
    let base = line(fixture.git(["hash-object", "-w", "base"]));
    fixture.write("made", "base and more");
    let made = line(fixture.git(["hash-object", "made"]));
    let (one, two, lost) = ("11".repeat(20), "22".repeat(20), "33".repeat(20));
    let append = [&[4, 13, 0x90, 4, 9], b" and more".as_slice()].concat();
    let same = [4, 4, 0x90, 4];
    write_pack(
        &fixture.root,
        &[
            (&made, named_delta(&raw(&base), &append)),
            (&one, named_delta(&raw(&two), &same)),
            (&two, named_delta(&raw(&one), &same)),
            (&lost, named_delta(&raw(&"44".repeat(20)), &same)),
        ],
    );
    let (reader, survey) = read(&fixture.root);
    let objects = reader.objects.into_inner().unwrap();
    assert_eq!(objects[&made].1, b"base and more");
    assert_eq!(objects.len(), 2);
    let told: Vec<String> =
        survey.gaps.list.iter().map(|gap| format!("{:?} {:?}", gap.subject, gap.kind)).collect();
    assert_eq!(
        told,
        [
            format!("Object({one}) Damaged"),
            format!("Object({two}) Damaged"),
            format!("Object({lost}) Missing")
        ]
    );
}

#[test]
fn a_base_that_may_not_be_kept_is_made_anew() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.root.join(".git/objects/pack")).unwrap();
    let [root, left, right, left_leaf, right_leaf] =
        ["11", "22", "33", "44", "55"].map(|digits| digits.repeat(20));
    let append = |base: &str, len: u8, byte: u8| named_delta(&raw(base), &[len, len + 1, 0x90, len, 1, byte]);
    write_pack(
        &fixture.root,
        &[
            (&root, [&[0x34][..], &stored(b"root")].concat()),
            (&left, append(&root, 4, b'l')),
            (&right, append(&root, 4, b'r')),
            (&left_leaf, append(&left, 5, b'1')),
            (&right_leaf, append(&right, 5, b'2')),
        ],
    );
    for (max_kept_bytes, whole) in [(1, 2), (1 << 20, 1)] {
        let reader = Collector::default();
        let limits = HistoryLimits { max_kept_bytes, ..HistoryLimits::default() };
        let survey = History::open(&fixture.root).unwrap().read(&reader, &limits);
        assert_eq!((survey.tally.whole_objects, survey.tally.blobs, survey.gaps.list.len()), (whole, 5, 0));
        let objects = reader.objects.into_inner().unwrap();
        assert_eq!(
            (&objects[&left_leaf].1, &objects[&right_leaf].1),
            (&b"rootl1".to_vec(), &b"rootr2".to_vec())
        );
    }
}

#[test]
fn trees_that_hold_themselves_end() {
    let fixture = Fixture::new();
    let (one, two) = ("11".repeat(20), "22".repeat(20));
    let tree = |inner: &str| {
        let data = [b"40000 a\0".as_slice(), &raw(inner)].concat();
        [
            &[0xa0 | u8::try_from(data.len() & 15).unwrap(), u8::try_from(data.len() >> 4).unwrap()][..],
            &stored(&data),
        ]
        .concat()
    };
    write_pack(&fixture.root, &[(&one, tree(&two)), (&two, tree(&one))]);
    let survey = History::open(&fixture.root).unwrap().survey_trees(
        &[],
        &Asked { name: &|_| true, ..Asked::NOTHING },
        &HistoryLimits::default(),
    );
    assert_eq!((survey.trees, survey.gaps.list.as_slice()), (2, &[][..]));
}

#[test]
fn claims_of_size_cost_nothing() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.root.join(".git/objects/pack")).unwrap();
    // A blob of 2^34 bytes by its own account, and a delta that claims as much.
    let huge = [&[0xb0, 0x80, 0x80, 0x80, 0x80, 0x04][..], &stored(b"x")].concat();
    let (one, two, base) = ("11".repeat(20), "22".repeat(20), "33".repeat(20));
    let claims = named_delta(&raw(&base), &[1, 0x80, 0x80, 0x80, 0x80, 0x40, 0x90, 1]);
    let small = [&[0x31][..], &stored(b"x")].concat();
    write_pack(&fixture.root, &[(&one, huge), (&two, claims), (&base, small)]);
    let reader = Collector::default();
    let survey = History::open(&fixture.root).unwrap().read(&reader, &HistoryLimits::default());
    assert_eq!((survey.tally.blobs, survey.gaps.list.len()), (1, 2), "{survey:?}");
}

/// The gaps in reading the repository with its references and own files: what they are of, and why.
fn told(root: &Path) -> Vec<(String, HistoryGapKind)> {
    let history = History::open(root).unwrap();
    let mut gaps = read(root).1.gaps.list;
    gaps.extend(history.for_each_reference_file(&mut |_, _| {}).list);
    gaps.extend(history.for_each_own_file(&mut |_, _| {}).list);
    let subject = |gap: HistoryGap| match gap.subject {
        HistorySubject::File(file) => (file, gap.kind),
        HistorySubject::Object(name) => (name.to_string(), gap.kind),
    };
    gaps.into_iter().map(subject).collect()
}

#[test]
fn what_pushes_left_behind_beyond_the_limit_is_told() {
    let fixture = Fixture::new();
    fixture.write("f", "1");
    fixture.commit_all();
    let folder = |number: usize| fixture.root.join(format!(".git/objects/tmp_objdir-incoming-{number:02}"));
    (0..32).for_each(|number| fs::create_dir(folder(number)).unwrap());
    assert_eq!(told(&fixture.root), []);
    fs::create_dir(folder(32)).unwrap();
    let told = told(&fixture.root);
    let [(file, HistoryGapKind::Budget)] = told.as_slice() else { panic!("{told:?}") };
    assert!(file.ends_with("tmp_objdir-incoming-32"), "{file}");
}

/// Files where folders should be, which nobody can list, whatever rights they have.
#[test]
fn folders_that_cannot_be_listed_are_told() {
    for (place, subjects) in [
        ("worktrees", &["worktrees", "worktrees"][..]),
        ("worktrees/w", &["worktrees/w", "worktrees/w/HEAD", "worktrees/w/logs"]),
        ("modules", &["modules"]),
    ] {
        let fixture = Fixture::new();
        fixture.write("f", "1");
        fixture.commit_all();
        assert_eq!(told(&fixture.root), []);
        fixture.write(&format!(".git/{place}"), "no folder");
        let told = told(&fixture.root);
        for subject in subjects {
            assert!(told.iter().any(|(file, _)| file == subject), "{subject}: {told:?}");
        }
    }
}

#[test]
fn submodules_deeper_than_the_limit_are_told() {
    let fixture = Fixture::new();
    fixture.write("f", "1");
    fixture.commit_all();
    let below = |depth: usize| format!(".git/modules/{}x", "a/".repeat(depth));
    fixture.write(&format!("{}/HEAD", below(16)), "ref: refs/heads/main\n");
    fs::create_dir(fixture.root.join(below(16)).join("objects")).unwrap();
    assert_eq!(told(&fixture.root).len(), 1, "the submodule");
    fixture.write(&format!("{}/HEAD", below(17)), "ref: refs/heads/main\n");
    fs::create_dir(fixture.root.join(below(17)).join("objects")).unwrap();
    assert_eq!(told(&fixture.root).len(), 2, "another one, which is not looked for");
}

//! A pack of objects that the input describes, in a repository of its own: each object comes out as a plain reading of the format has
//! it, or there is a gap. The end of the input damages the pack.
#![no_main]

mod git;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use libfuzzer_sys::fuzz_target;
use palisade_git::{Copy, History, HistoryLimits, Object, ObjectKind, ObjectName, Reader};

const MOST_OBJECTS: usize = 64;
const HASH: usize = 20;
const LIMITS: HistoryLimits =
    HistoryLimits { max_object_bytes: 1 << 16, max_kept_bytes: 1 << 16, max_family_bytes: 1 << 22 };

/// A bare repository without objects.
static REPOSITORY: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("room");
    let packs = folder.path().join("objects/pack");
    std::fs::create_dir_all(&packs).expect("room");
    std::fs::create_dir_all(folder.path().join("refs/heads")).expect("room");
    std::fs::write(folder.path().join("config"), "[core]\nrepositoryformatversion = 0\nbare = true\n")
        .expect("room");
    std::fs::write(folder.path().join("HEAD"), "ref: refs/heads/main\n").expect("room");
    // The objects of the input are named by their number, which is 1 for the first.
    std::fs::write(folder.path().join("refs/heads/main"), format!("{}\n", "01".repeat(HASH))).expect("room");
    (folder, packs)
});

struct Described<'a> {
    /// 1 to 4 as in git; 6 for a delta of an object before it, 7 of one by its name.
    kind: u8,
    base: usize,
    content: &'a [u8],
}

/// A kind, a base, a length in two bytes, and so many bytes.
fn described(mut input: &[u8]) -> (Vec<Described<'_>>, &[u8]) {
    let mut objects = Vec::new();
    while let [kind, base, high, low, rest @ ..] = input
        && objects.len() < MOST_OBJECTS
        && *kind < 0x80
    {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (content, rest) = rest.split_at(length);
        let kind = [1, 2, 3, 4, 6, 7][usize::from(*kind) % 6];
        // The first has none before it.
        let kind = if kind == 6 && objects.is_empty() { 3 } else { kind };
        let base = usize::from(*base) % if kind == 6 { objects.len() } else { MOST_OBJECTS };
        objects.push(Described { kind, base, content });
        input = rest;
    }
    (objects, input.get(1..).unwrap_or_default())
}

fn name(number: usize) -> [u8; HASH] {
    [number as u8 + 1; HASH]
}

fn pack(objects: &[Described<'_>]) -> (Vec<u8>, Vec<usize>) {
    let mut pack = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &(objects.len() as u32).to_be_bytes()].concat();
    let mut offsets: Vec<usize> = Vec::new();
    for object in objects {
        let offset = pack.len();
        let size = object.content.len();
        pack.push(0x80 | object.kind << 4 | (size & 0x0f) as u8);
        pack.extend([0x80 | (size >> 4) as u8 & 0x7f, (size >> 11) as u8]);
        match object.kind {
            6 => {
                let back: usize = offset - offsets[object.base];
                // Each byte but the last stands for one more than it says.
                let (high, low) = (back >> 7, back & 0x7f);
                match high.checked_sub(1) {
                    None => pack.push(low as u8),
                    Some(high) if high < 0x80 => pack.extend([0x80 | high as u8, low as u8]),
                    Some(high) => {
                        let (top, middle) = ((high >> 7) - 1, high & 0x7f);
                        pack.extend([0x80 | top as u8, 0x80 | middle as u8, low as u8]);
                    }
                }
            }
            7 => pack.extend(name(object.base)),
            _ => {}
        }
        let mut encoder = ZlibEncoder::new(&mut pack, Compression::fast());
        encoder.write_all(object.content).expect("memory");
        encoder.finish().expect("memory");
        offsets.push(offset);
    }
    pack.extend([0; HASH]);
    (pack, offsets)
}

fn index(offsets: &[usize]) -> Vec<u8> {
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..256 {
        let count = (0..offsets.len()).filter(|number| usize::from(name(*number)[0]) <= first).count();
        index.extend((count as u32).to_be_bytes());
    }
    index.extend((0..offsets.len()).flat_map(name));
    index.extend(offsets.iter().flat_map(|_| [0; 4]));
    index.extend(offsets.iter().flat_map(|offset| (*offset as u32).to_be_bytes()));
    index.extend([0; 2 * HASH]);
    index
}

/// What the objects are, as far as they can be made.
fn plain(objects: &[Described<'_>]) -> BTreeMap<usize, (u8, Vec<u8>)> {
    let mut made: BTreeMap<usize, (u8, Vec<u8>)> = BTreeMap::new();
    // A base by name may come later; each round makes one at least.
    for _ in 0..objects.len() {
        for (number, object) in objects.iter().enumerate() {
            if made.contains_key(&number) {
                continue;
            }
            let one = match object.kind {
                6 | 7 => made
                    .get(&object.base)
                    .and_then(|(kind, base)| Some((*kind, git::plain(base, object.content)?))),
                kind => Some((kind, object.content.to_vec())),
            };
            if let Some(one) = one.filter(|(_, bytes)| bytes.len() as u64 <= LIMITS.max_object_bytes) {
                made.insert(number, one);
            }
        }
    }
    made
}

#[derive(Default)]
struct Collector(Mutex<BTreeMap<Vec<u8>, (ObjectKind, Vec<u8>)>>);

impl Collector {
    fn take(&self, object: &Object<'_>) {
        let old = self
            .0
            .lock()
            .expect("one thread")
            .insert(object.name.as_bytes().to_vec(), (object.kind, object.bytes.to_vec()));
        assert!(old.is_none(), "an object is given twice");
    }
}

impl Reader for Collector {
    type State = ();

    fn whole(&self, object: &Object<'_>) {
        self.take(object);
    }

    fn changed(&self, object: &Object<'_>, _: &(), base: &[u8], copies: &[Copy]) {
        for copy in copies {
            assert_eq!(object.bytes[copy.to..copy.to + copy.len], base[copy.from..copy.from + copy.len]);
        }
        self.take(object);
    }
}

fuzz_target!(|input: &[u8]| {
    let (objects, damage) = described(input);
    let (mut pack, offsets) = pack(&objects);
    for change in damage.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % pack.len();
        pack[at] ^= change[2];
    }
    let (folder, packs) = &*REPOSITORY;
    std::fs::write(packs.join("pack-0.pack"), &pack).expect("room");
    std::fs::write(packs.join("pack-0.idx"), index(&offsets)).expect("room");
    let history = History::open(folder.path()).expect("the repository is sound");
    let collector = Collector::default();
    let survey = history.read(&collector, &LIMITS);
    let found = collector.0.into_inner().expect("one thread");
    let expected = plain(&objects);
    if damage.len() < 3 {
        for (number, (kind, bytes)) in &expected {
            let kind = match kind {
                1 => ObjectKind::Commit,
                3 => ObjectKind::Blob,
                4 => ObjectKind::Tag,
                _ => continue,
            };
            match found.get(&name(*number).to_vec()) {
                Some(given) => {
                    assert!(*given == (kind, bytes.clone()), "object {number} came out as another")
                }
                None => assert!(!survey.gaps.list.is_empty(), "object {number} is lost in silence"),
            }
        }
        // A budget is large enough for all objects that the input can describe.
        assert!(expected.len() < objects.len() || survey.gaps.list.is_empty(), "{:?}", survey.gaps.list);
    }
    let names: Vec<ObjectName> = (0..objects.len())
        .filter_map(|number| format!("{:02x}", number + 1).repeat(HASH).parse().ok())
        .collect();
    let traced = history.trace(&names, &LIMITS);
    assert_eq!(traced.objects.len(), names.len());
    let is_told = !survey.gaps.list.is_empty() || !traced.gaps.list.is_empty();
    assert!(is_told || expected.len() == objects.len(), "what cannot be made is told");
    for name in names {
        let _ = history.commit_info(name);
    }
});

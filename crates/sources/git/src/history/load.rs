//! Random access: one object at a time, by way of everything that it is made from.

use std::io::Read;

use palisade_sys::beneath::open_host_regular_followed;

use super::History;
use super::catalogue::{Pack, Place};
use super::delta::{Copy, parse_delta};
use super::entry::{MAX_HEADER_BYTES, ObjectKind, Storage, parse_header};
use super::forest::Origin;
use super::gap::Flaw;
use super::inflate::{Compressed, Inflater, Window, check_ratio};
use super::stores::loose_path;

/// Longest chain of deltas that is followed for one object (git itself writes 4095 at most).
const MAX_CHAIN: usize = 10_000;

/// Other places that are tried for one object when it, or what it is made from, is damaged.
const MAX_TRIES: u32 = 64;

/// Bytes of the header of a loose object at most: the longest word, a space, 20 digits, NUL.
const MAX_LOOSE_HEADER: usize = 32;

/// What reading objects needs, kept from one to the next. One for each thread.
pub(crate) struct Decoder<'a> {
    history: &'a History,
    window: Window,
    inflater: Inflater,
    /// The delta inflated last.
    delta: Vec<u8>,
    max_bytes: usize,
    /// Bytes inflated so far.
    pub(crate) inflated: u64,
    /// Bytes of objects made so far, those on the way included.
    pub(crate) made: u64,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(history: &'a History, max_bytes: usize) -> Self {
        let (window, inflater) = (Window::new(), Inflater::new());
        Self { history, window, inflater, delta: Vec::new(), max_bytes, inflated: 0, made: 0 }
    }

    /// The object of that number, wherever it can be had from.
    pub(crate) fn load(&mut self, number: u32) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        self.load_from(self.history.catalogue.place(number), &mut MAX_TRIES.clone())
    }

    /// The object made by an entry that is not a delta.
    pub(crate) fn whole(
        &mut self,
        number: usize,
        entry: u32,
        object: &mut Vec<u8>,
    ) -> Result<ObjectKind, Flaw> {
        match self.inflate(number, entry, object)? {
            Some(kind) => Ok(kind),
            None => Err(Flaw::damaged("changed while it was being read")),
        }
    }

    /// The object made by an entry that is a delta of `base`.
    pub(crate) fn delta(
        &mut self,
        number: usize,
        entry: u32,
        base: &[u8],
        object: &mut Vec<u8>,
        copies: &mut Vec<Copy>,
    ) -> Result<(), Flaw> {
        let mut delta = std::mem::take(&mut self.delta);
        let made = self.inflate(number, entry, &mut delta).and_then(|_| {
            let parsed = parse_delta(&delta).map_err(|error| Flaw::of(&error))?;
            if parsed.result_bytes() > self.max_bytes {
                return Err(Flaw::too_large());
            }
            parsed.apply(base, object, copies).map_err(|error| Flaw::of(&error))
        });
        self.delta = delta;
        self.made += object.len() as u64;
        made
    }

    /// Inflates what the entry holds; the kind when that is an object.
    fn inflate(&mut self, number: usize, entry: u32, out: &mut Vec<u8>) -> Result<Option<ObjectKind>, Flaw> {
        let catalogue = &self.history.catalogue;
        let Pack { file, forest, .. } = catalogue.packs.get(number).ok_or(Flaw::missing("pack is gone"))?;
        let (start, end) = forest.range(entry);
        let all = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        let bytes = self.window.at(number, file, start, all.max(1)).map_err(|error| Flaw::of(&error))?;
        let bytes = bytes.get(..MAX_HEADER_BYTES).unwrap_or(bytes);
        let header =
            parse_header(bytes, catalogue.hash_bytes).ok_or(Flaw::damaged("its header is damaged"))?;
        let size = usize::try_from(header.size).ok().filter(|size| *size <= self.max_bytes);
        let size = size.ok_or_else(Flaw::too_large)?;
        let from = Compressed { number, file, offset: start + header.len as u64, end };
        let kind = match header.storage {
            Storage::Whole(kind) => Some(kind),
            Storage::Before(_) | Storage::Named(_) => None,
        };
        self.inflater.entry(&mut self.window, from, size, out)?;
        self.inflated += size as u64;
        self.made += size as u64;
        Ok(kind)
    }

    fn load_from(&mut self, place: Place, tries: &mut u32) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        match place {
            Place::Packed(number, entry) => self.load_packed(number, entry, tries),
            Place::Loose(position) => self.load_loose(position),
        }
    }

    fn load_packed(
        &mut self,
        number: usize,
        entry: u32,
        tries: &mut u32,
    ) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        let mut chain = Vec::new();
        let mut at = entry;
        let forest = &self.history.catalogue.packs.get(number).ok_or(Flaw::missing("pack is gone"))?.forest;
        while let Origin::Delta(base) = forest.origin(at) {
            chain.push(at);
            at = base;
            if chain.len() > MAX_CHAIN {
                return Err(Flaw::budget());
            }
        }
        let (kind, mut object) = self.load_root(number, at, tries)?;
        let (mut made, mut copies) = (Vec::new(), Vec::new());
        let mut kind = kind;
        for entry in chain.into_iter().rev() {
            match self.delta(number, entry, &object, &mut made, &mut copies) {
                Ok(()) => std::mem::swap(&mut object, &mut made),
                Err(flaw) => (kind, object) = self.load_elsewhere(number, entry, flaw, tries)?,
            }
        }
        Ok((kind, object))
    }

    /// An entry that is not a delta of another entry of its pack.
    fn load_root(
        &mut self,
        number: usize,
        entry: u32,
        tries: &mut u32,
    ) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        let mut object = Vec::new();
        let catalogue = &self.history.catalogue;
        let origin = catalogue.packs.get(number).map_or(Origin::Broken, |pack| pack.forest.origin(entry));
        let loaded = match origin {
            Origin::Whole => self.whole(number, entry, &mut object).map(|kind| (kind, object)),
            Origin::Outside => self.load_thin(number, entry, tries),
            Origin::Looped => Err(Flaw::damaged("in the end a delta of itself")),
            Origin::Broken | Origin::Delta(_) => Err(Flaw::damaged("its header is damaged")),
        };
        loaded.or_else(|flaw| self.load_elsewhere(number, entry, flaw, tries))
    }

    /// A delta of something in another pack, or loose.
    fn load_thin(
        &mut self,
        number: usize,
        entry: u32,
        tries: &mut u32,
    ) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        let name = self.base_name(number, entry)?;
        let (kind, base) =
            self.load_other(&name, Some(number), Flaw::missing("what it is made from is missing"), tries)?;
        let (mut object, mut copies) = (Vec::new(), Vec::new());
        self.delta(number, entry, &base, &mut object, &mut copies)?;
        Ok((kind, object))
    }

    fn base_name(&mut self, number: usize, entry: u32) -> Result<Vec<u8>, Flaw> {
        let catalogue = &self.history.catalogue;
        let Pack { file, forest, .. } = catalogue.packs.get(number).ok_or(Flaw::missing("pack is gone"))?;
        let (start, _) = forest.range(entry);
        let bytes =
            self.window.at(number, file, start, MAX_HEADER_BYTES).map_err(|error| Flaw::of(&error))?;
        match parse_header(bytes, catalogue.hash_bytes).map(|header| header.storage) {
            Some(Storage::Named(name)) => Ok(name.to_vec()),
            _ => Err(Flaw::damaged("changed while it was being read")),
        }
    }

    fn load_elsewhere(
        &mut self,
        number: usize,
        entry: u32,
        flaw: Flaw,
        tries: &mut u32,
    ) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        let Some(pack) = self.history.catalogue.packs.get(number) else { return Err(flaw) };
        self.load_other(pack.names.get(pack.forest.name(entry)), Some(number), flaw, tries)
    }

    /// The object of that name from anywhere but `pack`; `flaw` when it is nowhere.
    fn load_other(
        &mut self,
        name: &[u8],
        pack: Option<usize>,
        flaw: Flaw,
        tries: &mut u32,
    ) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        let history = self.history;
        for place in history.catalogue.places(name, pack) {
            if *tries == 0 {
                break;
            }
            *tries -= 1;
            if let Ok(loaded) = self.load_from(place, tries) {
                return Ok(loaded);
            }
        }
        Err(flaw)
    }

    /// A loose object: its kind, its size, NUL, its content, all compressed.
    fn load_loose(&mut self, position: u32) -> Result<(ObjectKind, Vec<u8>), Flaw> {
        let loose = &self.history.catalogue.loose;
        let name = loose.names.get(position as usize);
        let folder =
            loose.folders.get(position as usize).and_then(|at| self.history.folders.get(usize::from(*at)));
        let path = loose_path(folder.ok_or(Flaw::missing("it is gone"))?, name);
        let (file, size) = open_host_regular_followed(&path).map_err(|error| Flaw::of(&error))?;
        // Stored without compression it is little larger than its content.
        let limit = self.max_bytes as u64 + (self.max_bytes as u64 >> 10) + 1024;
        if size > limit {
            return Err(Flaw::too_large());
        }
        let mut compressed = Vec::new();
        file.take(limit).read_to_end(&mut compressed).map_err(|error| Flaw::of(&error))?;
        let mut object = Vec::new();
        self.inflater.prefix(&compressed, MAX_LOOSE_HEADER, &mut object)?;
        let (kind, header, size) = loose_header(&object).ok_or(Flaw::damaged("its header is damaged"))?;
        let size =
            usize::try_from(size).ok().filter(|size| *size <= self.max_bytes).ok_or_else(Flaw::too_large)?;
        check_ratio(size, compressed.len() as u64)?;
        let ended = self.inflater.prefix(&compressed, header + size, &mut object)?;
        if !ended || object.len() != header + size {
            return Err(Flaw::damaged("not of the size it claims"));
        }
        object.drain(..header);
        self.inflated += size as u64;
        Ok((kind, object))
    }
}

fn loose_header(bytes: &[u8]) -> Option<(ObjectKind, usize, u64)> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let mut words = bytes.get(..end)?.split(|byte| *byte == b' ');
    let kind = ObjectKind::from_word(words.next()?)?;
    let size = str::from_utf8(words.next()?).ok()?.parse().ok()?;
    words.next().is_none().then_some((kind, end + 1, size))
}

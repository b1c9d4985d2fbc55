use palisade_model::Span;

use crate::anchors::{Anchor, Anchors};
use crate::candidate::Candidate;
use crate::compile::Rule;
use crate::copies::{Copied, Copies};
use crate::encoded::{self, AroundSeeds, Decoded, Region};
use crate::lone;
use crate::search::{context, rewrapped, try_rule};
use crate::table;
use crate::view::{View, is_plain_without_zero, views};
use crate::windows::{Window, Windows};

/// Most candidates that one text may yield before the search in it is broken off.
const MAX_CANDIDATES: usize = 20_000;
/// How deep encodings in encodings are opened.
const MAX_DEPTH: usize = 4;
/// Bytes that may be decoded for each byte of a text or of one region of it, and in any case.
const DECODE_RATIO: usize = 8;
const DECODE_FLOOR: usize = 1024 * 1024;
/// Anchors that are kept, for the reading of a change: so many, and one more for so many bytes of text.
const ANCHORS: usize = 4096;
const TEXT_PER_ANCHOR: usize = 16;
/// A text of which more than this many hundredths would be matched again is read as a whole.
const MOSTLY_NEW: usize = 95;

/// Finds candidates in a text, each with more that is to be said of it.
pub(crate) type Find<'f, T> = dyn FnMut(&[u8]) -> Vec<(Candidate, T)> + 'f;

/// What rules and the keywords of rules find in texts: the part of the engine that knows neither paths nor profiles nor reports.
pub(crate) struct Matchers {
    /// Sorted by id.
    pub(crate) rules: Vec<Rule>,
    pub(crate) anchors: Anchors,
}

/// What was found in the bytes of an entry, and as much of the way there as is needed to read a changed copy of the entry without
/// matching again what it has in common with it.
///
/// A reading does not depend on the entry's name. See [`crate::SecretsEngine::read_changed`].
pub struct Reading {
    length: usize,
    content: Content,
    work: Work,
}

enum Content {
    /// Bytes without a zero are their own text.
    Plain(TextReading),
    /// The texts that other bytes may be read as, in the order of [`views`].
    Views(Vec<TextReading>),
}

/// How much had to be matched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Bytes that went through the sieve of keywords.
    pub matched_bytes: u64,
    /// Whether that was the whole text although it was known as a change of another.
    pub fell_back: bool,
}

impl Reading {
    /// How much had to be matched for it.
    pub fn work(&self) -> Work {
        self.work
    }

    /// Whether the search was broken off before the end, so that there may be more.
    pub fn is_cut_short(&self) -> bool {
        self.texts().iter().any(|text| text.cut_short)
    }

    /// Whether nothing was found under any name and profile.
    pub fn is_empty(&self) -> bool {
        self.texts().iter().all(|text| text.candidates.is_empty() && !text.cut_short)
    }

    /// The texts of `bytes`, of which this is a reading.
    pub(crate) fn views<'b>(&self, bytes: &'b [u8]) -> Vec<View<'b>> {
        match &self.content {
            Content::Plain(_) => vec![View::of(bytes)],
            Content::Views(_) => views(bytes),
        }
    }

    pub(crate) fn texts(&self) -> &[TextReading] {
        match &self.content {
            Content::Plain(text) => std::slice::from_ref(text),
            Content::Views(texts) => texts,
        }
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("length", &self.length)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}

/// What was found in one text.
#[derive(Default)]
pub(crate) struct TextReading {
    /// None when they are too many to be kept.
    anchors: Option<Vec<Anchor>>,
    /// In order; each with what it yielded.
    windows: Vec<(Window, Yield)>,
    /// In order; each with what it yielded.
    regions: Vec<(Region, Yield)>,
    /// Of windows, of regions, and of the text as a whole. Windows of one rule may overlap, so a candidate may be there twice.
    pub(crate) candidates: Vec<Candidate>,
    /// Whether the search was broken off.
    pub(crate) cut_short: bool,
}

/// Which candidates came from a window or region, and what that cost.
#[derive(Debug, Clone, Copy)]
struct Yield {
    first: u32,
    count: u32,
    /// Bytes decoded.
    cost: u32,
}

impl Matchers {
    /// Reads bytes.
    pub(crate) fn read(&self, bytes: &[u8]) -> Reading {
        let content = match views(bytes).as_slice() {
            [view] if view.is_own() => Content::Plain(self.whole(bytes, None)),
            views => {
                Content::Views(views.iter().map(|view: &View<'_>| self.whole(&view.text, None)).collect())
            }
        };
        let work = Work { matched_bytes: bytes.len() as u64, fell_back: false };
        Reading { length: bytes.len(), content, work }
    }

    /// The same as [`Self::read`] for bytes that share `copied` with those that `base` was made from.
    pub(crate) fn read_changed(&self, bytes: &[u8], base: &Reading, copied: &[Copied]) -> Reading {
        let fall_back = || {
            let mut reading = self.read(bytes);
            reading.work.fell_back = true;
            reading
        };
        let Content::Plain(known) = &base.content else { return fall_back() };
        let copies = Copies::new(copied, base.length, bytes.len());
        let reach = self.anchors.longest().saturating_sub(1).max(encoded::RUN_REACH);
        let fresh = copies.fresh(reach);
        let matched: usize = fresh.iter().map(|span| span.end - span.start).sum();
        let has_zero = copies.inserted().any(|span| {
            bytes.get(span.start..span.end).is_some_and(|inserted| memchr::memchr(0, inserted).is_some())
        });
        let plain = !has_zero && is_plain_without_zero(bytes);
        if known.cut_short || known.anchors.is_none() || !plain || matched * 100 > bytes.len() * MOSTLY_NEW {
            return fall_back();
        }
        let text = self.whole(bytes, Some(&Known { reading: known, copies, fresh }));
        let work = Work { matched_bytes: matched as u64, fell_back: false };
        Reading { length: bytes.len(), content: Content::Plain(text), work }
    }

    /// Reads the text of an entry.
    fn whole(&self, text: &[u8], known: Option<&Known<'_>>) -> TextReading {
        let mut reading = self.text_of(text, 0, budget_of(text.len()), known);
        if !reading.cut_short {
            let alone = lone::find(self, text, &reading.candidates);
            reading.candidates.extend(alone);
            reading.candidates.extend(table::find(self, text));
        }
        reading
    }

    /// What is found in the name of an entry, which holds more than one value or none.
    pub(crate) fn name(&self, name: &[u8]) -> Vec<Candidate> {
        self.text(name, 0, budget_of(name.len())).candidates
    }

    /// What is found in a few words as they are, without what they may encode.
    pub(crate) fn statement(&self, text: &[u8]) -> Vec<Candidate> {
        self.text(text, MAX_DEPTH, 0).candidates
    }

    fn text(&self, text: &[u8], depth: usize, budget: usize) -> TextReading {
        self.text_of(text, depth, budget, None)
    }

    /// Reads a text in which `budget` bytes may be decoded.
    fn text_of(&self, text: &[u8], depth: usize, budget: usize, known: Option<&Known<'_>>) -> TextReading {
        let mut around = Around {
            matchers: self,
            text,
            windows: Windows::new(&self.rules, &self.anchors, text.len()),
            seeds: AroundSeeds::default(),
            anchors: Some(Vec::new()),
        };
        let runs = match known {
            None => {
                let whole = Span::new(0, text.len());
                self.anchors.find(text, whole, |found| around.add(found));
                encoded::runs(text, &[whole])
            }
            Some(known) => {
                let mut anchors = Vec::new();
                known
                    .fresh
                    .iter()
                    .for_each(|span| self.anchors.find(text, *span, |found| anchors.extend(found)));
                let mut runs = encoded::runs(text, &known.fresh);
                known.inherit(&self.anchors, &mut anchors, &mut runs);
                around.add(&anchors);
                runs
            }
        };
        let Around { windows, seeds, anchors, .. } = around;
        let mut reading = TextReading { anchors, ..TextReading::default() };
        for window in windows.finish() {
            let inherited = known.and_then(|known| known.of_window(window, text.len()));
            let candidates = inherited.unwrap_or_else(|| try_rule(&self.rules, window, text));
            let yielded = reading.take(candidates, 0);
            reading.windows.push((window, yielded));
            if reading.candidates.len() > MAX_CANDIDATES {
                return TextReading { cut_short: true, ..reading };
            }
        }
        if depth == MAX_DEPTH {
            return reading;
        }
        let mut regions = seeds.into_regions();
        regions.extend(runs);
        regions.sort_unstable();
        self.open(text, depth, budget, known, regions, reading)
    }

    /// Opens what is encoded.
    fn open(
        &self,
        text: &[u8],
        depth: usize,
        mut budget: usize,
        known: Option<&Known<'_>>,
        regions: Vec<Region>,
        mut reading: TextReading,
    ) -> TextReading {
        for region in regions {
            let inherited = known.and_then(|known| known.of_region(region));
            let (candidates, cost, cut_short) = match inherited {
                Some((candidates, cost)) => (candidates, cost, false),
                None => self.decoded(text, region, depth, share(region, depth, budget)),
            };
            let yielded = reading.take(candidates, cost);
            reading.regions.push((region, yielded));
            let left = budget.checked_sub(cost);
            if cut_short || left.is_none() || reading.candidates.len() > MAX_CANDIDATES {
                return TextReading { cut_short: true, ..reading };
            }
            budget = left.unwrap_or_default();
        }
        reading
    }

    /// What lies in an encoded region, how many bytes of `budget` were decoded for it and for all that is encoded in it, and whether
    /// that was broken off. Depends on the bytes of the region and the budget alone.
    fn decoded(
        &self,
        text: &[u8],
        region: Region,
        depth: usize,
        budget: usize,
    ) -> (Vec<Candidate>, usize, bool) {
        let Some(decoded) = decode(text, region, budget) else { return (Vec::new(), 0, false) };
        let inner = self.text(&decoded.text, depth + 1, budget.saturating_sub(decoded.cost()));
        let deeper: usize = inner.regions.iter().map(|(_, yielded)| yielded.cost as usize).sum();
        let outward = |candidate| outward(candidate, region, &decoded);
        let candidates = inner.candidates.into_iter().filter_map(outward).collect();
        (candidates, decoded.cost() + deeper, inner.cut_short || decoded.cut_short)
    }

    /// What `find` finds in the encoded regions of `text`, of which `reading` was made, and in what is encoded in these, each as
    /// something found in `text`.
    pub(crate) fn find_decoded<T>(
        &self,
        text: &[u8],
        reading: &TextReading,
        find: &mut Find<'_, T>,
    ) -> Vec<(Candidate, T)> {
        self.find_below(text, reading, 0, budget_of(text.len()), find)
    }

    fn find_below<T>(
        &self,
        text: &[u8],
        reading: &TextReading,
        depth: usize,
        mut budget: usize,
        find: &mut Find<'_, T>,
    ) -> Vec<(Candidate, T)> {
        let mut all = Vec::new();
        for (region, yielded) in &reading.regions {
            let share = share(*region, depth, budget);
            budget = budget.saturating_sub(yielded.cost as usize);
            let Some(decoded) = decode(text, *region, share) else { continue };
            let mut found = find(&decoded.text);
            if depth + 1 < MAX_DEPTH {
                let left = share.saturating_sub(decoded.cost());
                let inner = self.text(&decoded.text, depth + 1, left);
                found.extend(self.find_below(&decoded.text, &inner, depth + 1, left, find));
            }
            let outward = |(candidate, more)| Some((outward(candidate, *region, &decoded)?, more));
            all.extend(found.into_iter().filter_map(outward));
        }
        all
    }
}

/// How many bytes may be decoded in `length` bytes.
const fn budget_of(length: usize) -> usize {
    length.saturating_mul(DECODE_RATIO).saturating_add(DECODE_FLOOR)
}

/// What of `budget`, which is left of a text's, may go into one of its regions with all that is encoded in it. What is in an entry itself
/// has a share that depends on its length alone, so that a changed copy of the entry can inherit what it yielded. The last one may
/// go beyond the budget by as much.
const fn share(region: Region, depth: usize, budget: usize) -> usize {
    let span = region.span();
    if depth == 0 { budget_of(span.end - span.start) } else { budget }
}

fn decode(text: &[u8], region: Region, budget: usize) -> Option<Decoded> {
    let span = region.span();
    encoded::decode(region.encoding, text.get(span.start..span.end)?, budget)
}

/// What was found in what `region` says, as something found in the text that the region is a part of.
fn outward(candidate: Candidate, region: Region, decoded: &Decoded) -> Option<Candidate> {
    let start = region.span().start;
    let within = decoded.original(candidate.secret);
    let secret = Span::new(start + within.start, start + within.end);
    rewrapped(candidate, region.encoding, &decoded.text, secret)
}

impl TextReading {
    fn take(&mut self, candidates: Vec<Candidate>, cost: usize) -> Yield {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let yielded = Yield {
            first: number(self.candidates.len()),
            count: number(candidates.len()),
            cost: number(cost),
        };
        self.candidates.extend(candidates);
        yielded
    }

    fn yielded(&self, yielded: Yield) -> &[Candidate] {
        let first = yielded.first as usize;
        self.candidates.get(first..first + yielded.count as usize).unwrap_or_default()
    }
}

/// What is made of the anchors of a text while they are found.
struct Around<'m> {
    matchers: &'m Matchers,
    text: &'m [u8],
    windows: Windows<'m>,
    seeds: AroundSeeds,
    anchors: Option<Vec<Anchor>>,
}

impl Around<'_> {
    /// Takes anchors, which come in order.
    fn add(&mut self, found: &[Anchor]) {
        self.windows.add(found);
        let table = &self.matchers.anchors;
        for anchor in found {
            if let Some(encoding) = table.seed(*anchor) {
                self.seeds.add(self.text, encoding, table.span(*anchor));
            }
        }
        let few =
            |anchors: &Vec<_>| anchors.len() + found.len() <= self.text.len() / TEXT_PER_ANCHOR + ANCHORS;
        self.anchors = self.anchors.take().filter(few).map(|mut anchors| {
            anchors.extend_from_slice(found);
            anchors
        });
    }
}

/// What is known of a text because it shares bytes with another.
struct Known<'a> {
    reading: &'a TextReading,
    copies: Copies<'a>,
    /// What must be matched: inserted bytes and seams, widened by what a keyword or an encoding can reach.
    fresh: Vec<Span>,
}

impl Known<'_> {
    /// Adds to what was found in the fresh parts what lies whole in a copy.
    fn inherit(&self, table: &Anchors, anchors: &mut Vec<Anchor>, runs: &mut Vec<Region>) {
        let known = self.reading.anchors.as_deref().unwrap_or_default();
        for copy in self.copies.iter() {
            let first = known.partition_point(|anchor| (anchor.end as usize) <= copy.from);
            let inside = known.get(first..).unwrap_or_default().iter();
            let inside = inside.take_while(|anchor| anchor.end as usize <= copy.from + copy.len);
            let whole = inside.filter(|anchor| table.span(**anchor).start >= copy.from);
            anchors.extend(whole.map(|anchor| Anchor { end: copy.moved(anchor.end), ..*anchor }));
            let first =
                self.reading.regions.partition_point(|(region, _)| (region.start as usize) < copy.from);
            let inside =
                self.reading.regions.get(first..).unwrap_or_default().iter().map(|(region, _)| *region);
            let inside = inside.take_while(|region| (region.start as usize) < copy.from + copy.len);
            let inside = inside.filter(|region| region.is_run());
            runs.extend(inside.filter_map(|region| {
                let moved = Region { start: copy.moved(region.start), end: copy.moved(region.end), ..region };
                (self.of_region(moved).is_some()).then_some(moved)
            }));
        }
        anchors.sort_unstable();
        anchors.dedup();
        runs.sort_unstable();
        runs.dedup();
    }

    /// What `window` yielded in the other text, if the two cannot differ there.
    fn of_window(&self, window: Window, length: usize) -> Option<Vec<Candidate>> {
        let around = context(window.span(), length);
        let there = self.copies.source(around)?;
        let offset = there.start as i64 - around.start as i64;
        let moved = Window {
            start: u32::try_from(i64::from(window.start) + offset).ok()?,
            end: u32::try_from(i64::from(window.end) + offset).ok()?,
            ..window
        };
        if context(moved.span(), self.copies.base_length()) != there {
            return None;
        }
        let at = self.reading.windows.binary_search_by(|(known, _)| known.cmp(&moved)).ok()?;
        let (_, yielded) = self.reading.windows.get(at)?;
        Some(self.moved(*yielded, -offset))
    }

    /// What `region` yielded in the other text and cost, if the two cannot differ there.
    fn of_region(&self, region: Region) -> Option<(Vec<Candidate>, usize)> {
        let around = region.neighbourhood(self.copies.length());
        let there = self.copies.source(around)?;
        let offset = there.start as i64 - around.start as i64;
        let moved = Region {
            start: u32::try_from(i64::from(region.start) + offset).ok()?,
            end: u32::try_from(i64::from(region.end) + offset).ok()?,
            ..region
        };
        if moved.neighbourhood(self.copies.base_length()) != there {
            return None;
        }
        let at = self.reading.regions.binary_search_by(|(known, _)| known.cmp(&moved)).ok()?;
        let (_, yielded) = self.reading.regions.get(at)?;
        Some((self.moved(*yielded, -offset), yielded.cost as usize))
    }

    fn moved(&self, yielded: Yield, offset: i64) -> Vec<Candidate> {
        let moved = |candidate: &Candidate| candidate.clone().moved_by(offset);
        self.reading.yielded(yielded).iter().map(moved).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use palisade_rulefile::RuleFile;

    use super::*;
    use crate::SecretsEngine;

    /// Bytes of text in each try.
    const LENGTH: usize = 96 * 1024;

    fn engine() -> SecretsEngine {
        let rules =
            palisade_rules::secrets().filter_map(|(name, text)| RuleFile::parse(name, text).0).collect();
        SecretsEngine::of_shipped(rules, b"salt").unwrap()
    }

    /// Bytes that a reading takes beside the text.
    fn kept(reading: &TextReading) -> usize {
        reading.anchors.as_ref().map_or(0, |anchors| anchors.capacity() * size_of::<Anchor>())
            + reading.windows.capacity() * size_of::<(Window, Yield)>()
            + reading.regions.capacity() * size_of::<(Region, Yield)>()
    }

    #[test]
    fn what_is_kept_of_text_made_to_hurt_is_bounded() {
        let engine = engine();
        let bytes = (0..=u8::MAX).map(|byte| vec![byte]);
        let escapes = [
            "%41",
            "\\u0041",
            "&#65;",
            "=41",
            "\"+\"",
            "'\n'",
            "= \"",
            "key=",
            "token",
            "api_key: x\n",
            "://a:b@",
        ];
        let mut dense = 0;
        for piece in bytes.chain(escapes.map(|piece| piece.as_bytes().to_vec())) {
            let text = piece.repeat(LENGTH / piece.len());
            let reading = engine.matchers.text(&text, MAX_DEPTH, 0);
            dense += usize::from(reading.anchors.is_none());
            let shown = String::from_utf8_lossy(&piece).into_owned();
            assert!(kept(&reading) <= 2 * LENGTH, "{shown:?} takes {} bytes", kept(&reading));
        }
        assert!(dense > 0, "some were too many to be kept");
    }

    /// `bytes` compressed, in base 64.
    fn packed(bytes: &[u8]) -> String {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        STANDARD.encode(packer.finish().unwrap())
    }

    /// Compressed data in compressed data, as deep as encodings are opened, each text `length` bytes of copies of the next.
    fn bomb(length: usize) -> Vec<u8> {
        let filled = |piece: &str| packed(piece.repeat(length / piece.len()).as_bytes());
        let run = (1..MAX_DEPTH).fold(filled("many words "), |run, _| filled(&format!("{run} . ")));
        run.into_bytes()
    }

    #[test]
    fn what_is_decoded_of_a_text_is_bounded_however_it_is_nested() {
        let engine = engine();
        // An archive that is one by its first bytes alone, which gives no text.
        let hollow = packed(&[b"PK\x03\x04".to_vec(), vec![b' '; 1 << 20]].concat());
        let hollow = format!("{hollow} . ").repeat(20).into_bytes();
        for text in [bomb(100_000), bomb(500_000), bomb(1_000_000), hollow] {
            let reading = engine.matchers.whole(&text, None);
            let cost: usize = reading.regions.iter().map(|(_, yielded)| yielded.cost as usize).sum();
            // The text's own share, and that of the region that goes beyond it.
            let most = 2 * (text.len() * DECODE_RATIO + DECODE_FLOOR);
            assert!(cost <= most, "{} bytes cost {cost}", text.len());
            assert!(reading.cut_short, "{} bytes cost {cost}", text.len());
        }
    }

    #[test]
    fn a_change_of_text_with_too_many_anchors_is_read_whole() {
        let engine = engine();
        let base = b"%41".repeat(LENGTH / 3);
        let known = engine.read(&base);
        let changed = [b"%42".as_slice(), &base].concat();
        let copied = [Copied { from: 0, to: 3, len: base.len() }];
        let reading = engine.read_changed(&changed, &known, &copied);
        assert!(reading.work().fell_back);
        assert_eq!(reading.work().matched_bytes, changed.len() as u64);
    }
}

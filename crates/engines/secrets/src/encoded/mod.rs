//! Stretches of a text that are written in an encoding, and what they say.
//!
//! Escapes and joined strings are found by what begins them, which the sieve of keywords looks for on its way ([`seeds`]); runs of
//! base 64 and hexadecimal digits by their length ([`runs`]). Whether a stretch is a region depends on its bytes and on those of its
//! [`Region::neighbourhood`], so that a changed copy of a text can inherit what did not change.

mod compressed;
mod decoded;
mod digits;
mod escapes;
mod joins;
mod lists;
mod runs;

use palisade_model::{Encoding, Span};

pub(crate) use decoded::Decoded;
pub(crate) use runs::runs;

/// How far the text on either side of a run can decide whether it is one, in bytes.
pub(crate) const RUN_REACH: usize = 80;
/// The same of a region around a seed.
const SEED_REACH: usize = 320;
/// How far around an escape its region goes, in bytes.
const AROUND: usize = 160;
/// How far a value may go on behind its last escape, in bytes.
const MAX_VALUE: usize = 4096;

/// What escapes and joins begin with. Matched without regard to case.
const ESCAPES: &[(&str, Encoding)] = &[
    ("%0", Encoding::Percent),
    ("%2", Encoding::Percent),
    ("%3", Encoding::Percent),
    ("%4", Encoding::Percent),
    ("%5", Encoding::Percent),
    ("%6", Encoding::Percent),
    ("%7", Encoding::Percent),
    ("%u00", Encoding::Percent),
    ("\\_", Encoding::Unicode),
    ("\\u", Encoding::Unicode),
    ("\\x", Encoding::Unicode),
    ("\\04", Encoding::Unicode),
    ("\\05", Encoding::Unicode),
    ("\\06", Encoding::Unicode),
    ("\\07", Encoding::Unicode),
    ("\\10", Encoding::Unicode),
    ("\\11", Encoding::Unicode),
    ("\\12", Encoding::Unicode),
    ("\\13", Encoding::Unicode),
    ("\\14", Encoding::Unicode),
    ("\\15", Encoding::Unicode),
    ("\\16", Encoding::Unicode),
    ("\\17", Encoding::Unicode),
    ("&#", Encoding::Html),
    ("&amp;", Encoding::Html),
    ("&quot;", Encoding::Html),
    ("&apos;", Encoding::Html),
    ("&lt;", Encoding::Html),
    ("&gt;", Encoding::Html),
    ("=3d", Encoding::QuotedPrintable),
    ("=5f", Encoding::QuotedPrintable),
    ("=2d", Encoding::QuotedPrintable),
    ("=\n", Encoding::QuotedPrintable),
    ("=\r\n", Encoding::QuotedPrintable),
    ("\" ", Encoding::Concatenation),
    ("\"+", Encoding::Concatenation),
    ("\".", Encoding::Concatenation),
    ("\"&", Encoding::Concatenation),
    ("\"\n", Encoding::Concatenation),
    ("\"\r", Encoding::Concatenation),
    ("' ", Encoding::Concatenation),
    ("'+", Encoding::Concatenation),
    ("'.", Encoding::Concatenation),
    ("'\n", Encoding::Concatenation),
    ("'\r", Encoding::Concatenation),
    ("\"\"", Encoding::Concatenation),
    ("''", Encoding::Concatenation),
    ("\"'", Encoding::Concatenation),
    ("'\"", Encoding::Concatenation),
    ("\"|", Encoding::Concatenation),
    ("'|", Encoding::Concatenation),
    ("` +", Encoding::Concatenation),
    ("`+", Encoding::Concatenation),
    ("+= \"", Encoding::Concatenation),
    ("+= '", Encoding::Concatenation),
    (".= \"", Encoding::Concatenation),
    (".= '", Encoding::Concatenation),
    (".='", Encoding::Concatenation),
    (".=\"", Encoding::Concatenation),
    ("+='", Encoding::Concatenation),
    ("+=\"", Encoding::Concatenation),
    ("</w:t></w:r>", Encoding::Concatenation),
    ("</a:t></a:r>", Encoding::Concatenation),
    ("</t></r>", Encoding::Concatenation),
    ("</text:span>", Encoding::Concatenation),
    ("</span><span", Encoding::Concatenation),
    ("<wbr", Encoding::Concatenation),
    ("\x1b[", Encoding::Concatenation),
    ("\\\n", Encoding::Concatenation),
    ("\\\r", Encoding::Concatenation),
];

/// Everything that a region is found by, besides its length.
pub(crate) fn seeds() -> impl Iterator<Item = (&'static str, Encoding)> {
    let lists = lists::openers().chain(lists::CLOSERS.iter().copied()).map(|seed| (seed, Encoding::List));
    ESCAPES.iter().copied().chain(lists)
}

/// A stretch of a text that looks encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) encoding: Encoding,
}

impl Region {
    fn new(encoding: Encoding, span: Span) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: offset(span.start), end: offset(span.end), encoding }
    }

    pub(crate) const fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }

    /// Whether it was found by its length.
    pub(crate) const fn is_run(self) -> bool {
        matches!(self.encoding, Encoding::Base64 | Encoding::Hex)
    }

    /// All that whether it is a region, and what it says, can depend on, in a text of `length` bytes.
    pub(crate) fn neighbourhood(self, length: usize) -> Span {
        let span = self.span();
        let reach = if self.is_run() { RUN_REACH } else { SEED_REACH };
        Span::new(span.start.saturating_sub(reach), span.end.saturating_add(reach).min(length))
    }
}

/// The regions around seeds, which are added in the order of places.
#[derive(Default)]
pub(crate) struct AroundSeeds {
    regions: Vec<Region>,
    /// Where the last list ends, in which other seeds say nothing new.
    listed: usize,
}

impl AroundSeeds {
    pub(crate) fn add(&mut self, text: &[u8], encoding: Encoding, seed: Span) {
        if encoding == Encoding::List && seed.start < self.listed {
            return;
        }
        let Some(mark) = mark(text, encoding, seed) else { return };
        if encoding == Encoding::List {
            self.listed = mark.end;
        }
        let last = self.regions.iter_mut().rev().take(8).find(|region| region.encoding == encoding);
        match last {
            // What lies between is known to belong to it.
            Some(last) if mark.start <= last.end as usize => {
                last.start = last.start.min(u32::try_from(mark.start).unwrap_or(u32::MAX));
                let known = mark.end.max(last.end as usize);
                let end = known + right(text, encoding, known, mark.end);
                last.end = last.end.max(u32::try_from(end).unwrap_or(u32::MAX));
            }
            Some(last) => {
                let new = Region::new(encoding, stretch(text, encoding, mark));
                if new.start <= last.end {
                    last.end = last.end.max(new.end);
                } else {
                    self.regions.push(new);
                }
            }
            None => self.regions.push(Region::new(encoding, stretch(text, encoding, mark))),
        }
    }

    /// The regions, in no order.
    pub(crate) fn into_regions(self) -> Vec<Region> {
        self.regions
    }
}

/// Whether what `seed` begins can be an escape or join; that it cannot depends on [`RUN_REACH`] bytes from its start on.
pub(crate) fn may_begin(text: &[u8], encoding: Encoding, seed: Span) -> bool {
    let near = text.get(seed.start..text.len().min(seed.start + RUN_REACH)).unwrap_or_default();
    match encoding {
        Encoding::Concatenation => joins::may_join(near),
        Encoding::List => lists::may_begin(near, seed.end - seed.start),
        _ => mark(near, encoding, Span::new(0, seed.end - seed.start)).is_some(),
    }
}

/// Where the escape or join is that `seed` begins; none when it is something else.
fn mark(text: &[u8], encoding: Encoding, seed: Span) -> Option<Span> {
    let rest = text.get(seed.start..)?;
    let length = match encoding {
        Encoding::Concatenation => return joins::around(text, seed),
        Encoding::QuotedPrintable => escapes::quoted_printable(rest)?.1,
        Encoding::Percent => escapes::percent(rest)?.1,
        Encoding::Unicode => escapes::backslash(rest)?.1,
        Encoding::Html => escapes::html(rest)?.1,
        Encoding::List => return lists::list(text, seed).map(|list| list.span()),
        Encoding::Base64 | Encoding::Hex => return None,
    };
    Some(Span::new(seed.start, seed.start + length))
}

/// The text around an escape that belongs to it.
fn stretch(text: &[u8], encoding: Encoding, mark: Span) -> Span {
    let before = text.get(mark.start.saturating_sub(AROUND)..mark.start).unwrap_or_default();
    let left = before.iter().rev().take_while(|byte| !stops(encoding, **byte)).count();
    Span::new(mark.start - left, mark.end + right(text, encoding, mark.end, mark.end))
}

/// How many bytes from `from` on belong to the escape or join before them that ends at `end`: all that are near, and then what goes on as
/// the values of tokens do.
fn right(text: &[u8], encoding: Encoding, from: usize, end: usize) -> usize {
    let until = |reach: usize| text.get(from..text.len().min(end + reach)).unwrap_or_default();
    let near = until(AROUND);
    let stop = match encoding {
        Encoding::Percent => near.iter().position(|byte| stops(encoding, *byte)),
        _ => memchr::memchr(b'\n', near),
    };
    stop.unwrap_or_else(|| {
        let of_value = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(*byte);
        near.len() + until(MAX_VALUE).iter().skip(near.len()).take_while(of_value).count()
    })
}

/// Whether no text of an escape goes beyond `byte`.
fn stops(encoding: Encoding, byte: u8) -> bool {
    match encoding {
        Encoding::Percent => {
            byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"'<>`".contains(&byte)
        }
        _ => byte == b'\n',
    }
}

/// Decodes the bytes of a region, what is compressed to `budget` bytes at most; none when they say nothing.
pub(crate) fn decode(encoding: Encoding, bytes: &[u8], budget: usize) -> Option<Decoded> {
    match encoding {
        Encoding::Base64 => digits::decode(bytes, budget),
        Encoding::Hex => digits::decode_hex(bytes, budget),
        Encoding::Percent => escapes::decode(bytes, b'%', escapes::percent),
        Encoding::Unicode => escapes::decode(bytes, b'\\', escapes::backslash),
        Encoding::Html => escapes::decode(bytes, b'&', escapes::html),
        Encoding::QuotedPrintable => escapes::decode(bytes, b'=', escapes::quoted_printable),
        Encoding::Concatenation => joins::decode(bytes),
        Encoding::List => lists::decode(bytes),
    }
}

#[cfg(test)]
mod tests;

//! Compressed data that is written in digits, as releases of Helm, user data of machines and packed scripts are.

use palisade_archive::{Budget, Format, Limits, Trouble, members, recognise};

use super::Decoded;

/// What opening data costs that expands to nothing, in bytes.
const WORK: usize = 4096;
/// Most bytes that data may become. What is more breaks the search off.
const MAX_EXPANDED: u64 = 16 << 20;
/// Most members of an archive.
const MAX_MEMBERS: u64 = 1000;
/// Archives and streams in each other, such as a tar in gzip.
const MAX_NESTING: u32 = 4;

/// The first digits of base 64 that the marks of formats become: gzip, zlib with any of its levels, Zstandard, xz, bzip2 and zip.
const MARKS: &[&[u8]] = &[
    b"H4sI", b"eJw", b"eJx", b"eJy", b"eJz", b"eNo", b"eNp", b"eNq", b"eNr", b"eAE", b"eAF", b"eAG", b"eAH",
    b"KLUv", b"/Td6WFo", b"_Td6WFo", b"QlpoO", b"QlpoN", b"QlpoM", b"UEsDB",
];
/// The same in base 16.
const HEX_MARKS: &[&[u8]] =
    &[b"1f8b08", b"28b52ffd", b"fd377a585a00", b"425a68", b"504b0304", b"789c", b"78da"];

/// Whether a run of base 64 begins as compressed data does.
pub(super) fn begins(run: &[u8]) -> bool {
    let may_begin = matches!(run, [b'H' | b'e' | b'K' | b'/' | b'_' | b'Q' | b'U', ..]);
    may_begin && MARKS.iter().any(|mark| run.starts_with(mark))
}

/// The same of base 16.
pub(super) fn begins_hex(run: &[u8]) -> bool {
    let begins = |mark: &&[u8]| run.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
    HEX_MARKS.iter().any(begins)
}

/// What `bytes` expand to within `budget` bytes, the members of an archive one after another. They come from `length` digits, all of
/// them from all.
pub(super) fn decode(bytes: &[u8], length: usize, budget: usize) -> Decoded {
    let limit = (budget as u64).min(MAX_EXPANDED);
    let mut budget = Budget::new(Limits {
        max_members: MAX_MEMBERS,
        max_expanded: limit,
        max_member: limit,
        ..Limits::default()
    });
    let mut expanded = Expanded::default();
    if let Some(format) = format(bytes) {
        expanded.open(format, bytes, &mut budget, MAX_NESTING);
    }
    let mut decoded = Decoded::default();
    decoded.escape(&expanded.text, 0, length);
    // An archive in another is expanded and gives no text itself.
    let spent = usize::try_from(limit - budget.bytes_left()).unwrap_or(usize::MAX);
    decoded.work = WORK + spent.saturating_sub(decoded.text.len());
    decoded.cut_short = expanded.over_limit;
    decoded
}

fn format(bytes: &[u8]) -> Option<Format> {
    match bytes {
        // Two bytes are not enough where any file may have them, but they are behind digits that begin so.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Format::Zlib),
        _ => recognise(b"-", bytes),
    }
}

#[derive(Default)]
struct Expanded {
    text: Vec<u8>,
    over_limit: bool,
}

impl Expanded {
    fn open(&mut self, format: Format, bytes: &[u8], budget: &mut Budget, nesting: u32) {
        members(format, b"", bytes, budget, &mut |budget, met| match met {
            Ok(member) => match (recognise(b"-", &member.bytes), nesting.checked_sub(1)) {
                (Some(inner), Some(nesting)) => self.open(inner, &member.bytes, budget, nesting),
                _ => {
                    self.text.extend_from_slice(&member.bytes);
                    self.text.push(b'\n');
                }
            },
            Err(trouble) => self.over_limit |= matches!(trouble.trouble, Trouble::OverLimit(_)),
        });
    }
}

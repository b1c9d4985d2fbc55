use std::iter::Sum;
use std::ops::{Add, Sub};

use crate::fields;

pub(super) const BLOCK: usize = 512;

/// A header block with a right checksum.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) block: &'a [u8],
    /// The type flag.
    pub(super) kind: u8,
    size: u64,
}

impl<'a> Header<'a> {
    pub(super) fn parse(block: &'a [u8]) -> Option<Self> {
        let field = fields::slice(block, 148, 8);
        let claimed = number(field)?;
        // Some old programs took bytes for signed numbers.
        let is_right = block.len() == BLOCK
            && (claimed == summed(block, field, u64::from)
                || i64::try_from(claimed) == Ok(summed(block, field, |byte| i64::from(byte.cast_signed()))));
        is_right.then_some(())?;
        Some(Self { block, kind: *block.get(156)?, size: number(fields::slice(block, 124, 12))? })
    }

    /// Bytes of data behind the header.
    pub(super) fn size(&self, pax: &Pax<'_>) -> usize {
        // A hard link may carry the size of what it links to and still no data.
        let size = if self.kind == b'1' { 0 } else { pax.size.unwrap_or(self.size) };
        usize::try_from(size).unwrap_or(usize::MAX)
    }

    pub(super) fn name(&self) -> Vec<u8> {
        let name = until_nul(fields::front(self.block, 100));
        let is_posix = fields::slice(self.block, 257, 6) == b"ustar\0";
        let prefix = until_nul(fields::slice(self.block, 345, 155));
        if is_posix && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
    }

    pub(super) fn target(&self) -> &'a [u8] {
        until_nul(fields::slice(self.block, 157, 100))
    }
}

/// The sum of all bytes of a header, those of its checksum `field` taken for spaces.
fn summed<N: Sum + Add<Output = N> + Sub<Output = N>>(block: &[u8], field: &[u8], number: fn(u8) -> N) -> N {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| number(*byte)).sum::<N>();
    sum(block) - sum(field) + sum(&[b' '; 8])
}

pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number in octal digits, or in base 256 where its first bit is set, as GNU and star write large ones. An empty field is zero.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if let [first @ 0x80..=0xff, rest @ ..] = field {
        return rest
            .iter()
            .try_fold(u64::from(first & 0x7f), |sum, byte| Some(sum.checked_mul(256)? | u64::from(*byte)));
    }
    let digits = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    digits.iter().try_fold(0_u64, |sum, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        Some(sum.checked_mul(8)? | u64::from(digit))
    })
}

/// The records of a pax header that say what is in a member.
#[derive(Debug, Default)]
pub(super) struct Pax<'a> {
    pub(super) name: Option<&'a [u8]>,
    pub(super) target: Option<&'a [u8]>,
    pub(super) size: Option<u64>,
    /// The major version of a sparse map, as GNU tar writes it.
    pub(super) sparse_major: Option<u64>,
    /// The size of a sparse file with its holes.
    pub(super) real_size: Option<u64>,
    /// Offsets and lengths of a sparse map in the header, versions 0.0 and 0.1.
    pub(super) map: Vec<u64>,
}

impl<'a> Pax<'a> {
    /// Reads `LENGTH KEY=VALUE\n` records; what is not one ends them.
    pub(super) fn parse(mut records: &'a [u8]) -> Self {
        let mut pax = Self::default();
        let mut sparse_name = None;
        while let Some((key, value, rest)) = record(records) {
            records = rest;
            match key {
                b"path" => pax.name = Some(value),
                b"linkpath" => pax.target = Some(value),
                b"size" => pax.size = decimal(value),
                b"GNU.sparse.name" => sparse_name = Some(value),
                b"GNU.sparse.major" => pax.sparse_major = decimal(value),
                b"GNU.sparse.realsize" | b"GNU.sparse.size" => pax.real_size = decimal(value),
                b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => pax.map.extend(decimal(value)),
                b"GNU.sparse.map" => {
                    pax.map = value.split(|byte| *byte == b',').filter_map(decimal).collect()
                }
                _ => {}
            }
        }
        pax.name = sparse_name.or(pax.name);
        pax
    }
}

fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let digits = records.iter().take(20).position(|byte| *byte == b' ')?;
    let len = usize::try_from(decimal(records.get(..digits)?)?).ok()?;
    let (record, rest) = records.split_at_checked(len)?;
    let record = record.get(digits + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((record.get(..equals)?, record.get(equals + 1..)?, rest))
}

pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

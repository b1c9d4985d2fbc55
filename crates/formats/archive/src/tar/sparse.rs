use crate::fields;
use crate::member::Trouble;

use super::header::{BLOCK, Header, Pax, decimal, number};

/// Where the blocks of a sparse file belong.
pub(super) struct Sparse {
    /// Offset and length of each piece of data, in the order in which they are stored.
    pieces: Vec<(u64, u64)>,
    /// Size of the file with its holes.
    size: u64,
}

impl Sparse {
    /// The map of an old GNU header, and how many blocks of it lie between the header and the data.
    pub(super) fn of_gnu(header: &Header<'_>, behind: &[u8]) -> (Self, usize) {
        let mut pieces = Vec::new();
        push_pieces(fields::slice(header.block, 386, 4 * 24), &mut pieces);
        let size = number(fields::slice(header.block, 483, 12)).unwrap_or(0);
        let mut is_extended = header.block.get(482).is_some_and(|flag| *flag != 0);
        let mut blocks = behind.chunks_exact(BLOCK);
        let mut count = 0;
        while is_extended && let Some(block) = blocks.next() {
            push_pieces(fields::front(block, 21 * 24), &mut pieces);
            is_extended = block.get(504).is_some_and(|flag| *flag != 0);
            count += 1;
        }
        (Self { pieces, size }, count)
    }

    /// The map of a pax header, and the stored data without it.
    pub(super) fn of_pax<'a>(pax: &Pax<'_>, data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let size = pax.real_size?;
        if pax.sparse_major == Some(1) {
            let (numbers, data) = leading_map(data)?;
            return Some((Self { pieces: pairs(&numbers), size }, data));
        }
        (!pax.map.is_empty()).then(|| (Self { pieces: pairs(&pax.map), size }, data))
    }

    /// The file with its holes, unless that is over `room` bytes or the map is not in order.
    pub(super) fn spread(&self, mut stored: &[u8], room: u64) -> Result<Option<Vec<u8>>, Trouble> {
        const DISORDER: Trouble = Trouble::Damaged("its map of holes is not in order");
        if self.size > room {
            return Ok(None);
        }
        let mut file = Vec::new();
        for (offset, len) in &self.pieces {
            let end = offset.checked_add(*len).filter(|end| *end <= self.size).ok_or(DISORDER)?;
            let offset = usize::try_from(*offset).map_err(|_| DISORDER)?;
            if offset < file.len() {
                return Err(DISORDER);
            }
            file.resize(offset, 0);
            let len = usize::try_from(end).map_err(|_| DISORDER)? - offset;
            file.extend_from_slice(fields::front(stored, len));
            stored = fields::rest(stored, len);
        }
        file.resize(usize::try_from(self.size).map_err(|_| DISORDER)?.max(file.len()), 0);
        Ok(Some(file))
    }
}

fn push_pieces(map: &[u8], pieces: &mut Vec<(u64, u64)>) {
    for entry in map.chunks_exact(24) {
        let (offset, len) = entry.split_at(12);
        if let (Some(offset), Some(len @ 1..)) = (number(offset), number(len)) {
            pieces.push((offset, len));
        }
    }
}

fn pairs(numbers: &[u64]) -> Vec<(u64, u64)> {
    numbers.as_chunks::<2>().0.iter().map(|[offset, len]| (*offset, *len)).collect()
}

/// A map of version 1.0: a count and twice as many numbers, a line each, filled up to a whole block.
fn leading_map(data: &[u8]) -> Option<(Vec<u64>, &[u8])> {
    let mut at = 0;
    let mut next = || {
        let line = fields::slice(data, at, 21).split(|byte| *byte == b'\n').next()?;
        at += line.len() + 1;
        Some((decimal(line)?, at))
    };
    let (count, mut end) = next()?;
    let mut numbers = Vec::new();
    for _ in 0..count.checked_mul(2)? {
        let (number, at) = next()?;
        numbers.push(number);
        end = at;
    }
    Some((numbers, fields::rest(data, end.next_multiple_of(BLOCK))))
}

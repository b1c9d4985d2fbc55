use super::{CORRUPT, Decoder, ENDS_EARLY, Step};
use crate::fields;
use crate::member::Trouble;

/// Codes of the first width, the one that empties the table, and the first that is free.
const FIRST_WIDTH: u32 = 9;
const CLEAR: u16 = 256;
/// Bytes decoded into a chunk at once leave room for the longest string of the table.
const LONGEST: usize = 1 << 16;

/// What `compress` writes: Lempel, Ziv and Welch with codes of 9 to 16 bits (compress(1) of ncompress).
pub(crate) struct Unlzw<'a> {
    bytes: &'a [u8],
    /// Where the codes of this width begin, in bits; they come in groups of eight.
    group: usize,
    at: usize,
    width: u32,
    most: u32,
    clears: bool,
    /// For each code but those of single bytes, the code before its last byte, and that byte.
    table: Vec<(u16, u8)>,
    before: Option<u16>,
    first: u8,
    /// What was decoded and not given out.
    pending: Vec<u8>,
    /// How it ended, until what is pending was given out.
    end: Option<Result<Step, Trouble>>,
}

impl<'a> Unlzw<'a> {
    /// The stream behind its header of three bytes.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Trouble> {
        let flags = *bytes.get(2).ok_or(ENDS_EARLY)?;
        let most = u32::from(flags & 0x1f);
        if !(FIRST_WIDTH..=16).contains(&most) {
            return Err(CORRUPT);
        }
        Ok(Self {
            bytes: fields::rest(bytes, 3),
            group: 0,
            at: 0,
            width: FIRST_WIDTH,
            most,
            clears: flags & 0x80 != 0,
            table: Vec::new(),
            before: None,
            first: 0,
            pending: Vec::new(),
            end: None,
        })
    }

    /// The first code that is free.
    fn next(&self) -> usize {
        256 + usize::from(self.clears) + self.table.len()
    }

    fn code(&mut self) -> Option<u16> {
        let start = self.at / 8;
        let bits = fields::slice(self.bytes, start, 4);
        if self.at + self.width as usize > self.bytes.len() * 8 {
            return None;
        }
        let word = bits.iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let code = word >> (self.at % 8) & ((1 << self.width) - 1);
        self.at += self.width as usize;
        u16::try_from(code).ok()
    }

    /// Goes on behind the group of eight codes, which is filled up where the width changes.
    fn turn(&mut self, width: u32) {
        let group = self.width as usize * 8;
        self.at = self.group + (self.at - self.group).next_multiple_of(group);
        self.group = self.at;
        self.width = width;
    }

    /// Decodes one code; whether there was one.
    fn step(&mut self) -> Result<bool, Trouble> {
        if self.width < self.most && self.next() >= 1 << self.width {
            self.turn(self.width + 1);
        }
        let Some(code) = self.code() else { return Ok(false) };
        if self.clears && code == CLEAR {
            self.table.clear();
            self.before = None;
            self.turn(FIRST_WIDTH);
            return Ok(true);
        }
        let known = usize::from(code) < 256 || usize::from(code) < self.next();
        let string = match (known, self.before) {
            (true, _) => code,
            // The string that is only now put into the table.
            (false, Some(before)) if usize::from(code) == self.next() => before,
            _ => return Err(CORRUPT),
        };
        let start = self.pending.len();
        self.spell(string)?;
        self.first = self.pending.get(start).copied().unwrap_or(self.first);
        if !known {
            self.pending.push(self.first);
        }
        if let Some(before) = self.before
            && self.next() < 1 << self.most
        {
            self.table.push((before, self.first));
        }
        self.before = Some(code);
        Ok(true)
    }

    /// Adds what `code` stands for.
    fn spell(&mut self, mut code: u16) -> Result<(), Trouble> {
        let start = self.pending.len();
        let base = 256 + usize::from(self.clears);
        while let Some(entry) = usize::from(code).checked_sub(base) {
            let (before, byte) = *self.table.get(entry).ok_or(CORRUPT)?;
            self.pending.push(byte);
            code = before;
            if self.pending.len() - start > LONGEST {
                return Err(CORRUPT);
            }
        }
        self.pending.push(u8::try_from(code).map_err(|_| CORRUPT)?);
        self.pending.get_mut(start..).unwrap_or_default().reverse();
        Ok(())
    }
}

impl Decoder for Unlzw<'_> {
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble> {
        while self.pending.len() < chunk.len() && self.end.is_none() {
            let whole = self.pending.len();
            match self.step() {
                Ok(true) => {}
                Ok(false) => self.end = Some(Ok(Step::End)),
                Err(trouble) => {
                    self.pending.truncate(whole);
                    self.end = Some(Err(trouble));
                }
            }
        }
        // What was decoded before the end is given out first.
        if let Some(end) = self.end.take_if(|_| self.pending.is_empty()) {
            return end;
        }
        let count = self.pending.len().min(chunk.len());
        for (to, from) in chunk.iter_mut().zip(self.pending.drain(..count)) {
            *to = from;
        }
        Ok(Step::Produced(count))
    }
}

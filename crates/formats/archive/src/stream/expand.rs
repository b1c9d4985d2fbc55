use crate::budget::{Budget, Limit};
use crate::fields;
use crate::member::Trouble;

/// Bytes decoded at once.
const CHUNK: usize = 16 << 10;

/// What a decoder did.
pub(crate) enum Step {
    /// It wrote so many bytes to the front of the chunk.
    Produced(usize),
    /// It began another stream, which costs as much as expanding so many bytes.
    NextStream(u64),
    /// There is no more.
    End,
}

/// Turns compressed bytes into plain ones, a chunk at a time. Every step but the last moves on in its input or its output.
pub(crate) trait Decoder {
    /// The next step. What was decoded before a trouble has been produced in steps before it.
    fn decode(&mut self, chunk: &mut [u8]) -> Result<Step, Trouble>;
}

/// What came out, and what stopped it before its end.
pub(crate) struct Expanded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) trouble: Option<Trouble>,
}

/// Lets `decoder` run over its `compressed` bytes until its end, a trouble, or the end of what `budget` allows.
pub(crate) fn expand(decoder: &mut dyn Decoder, compressed: usize, budget: &mut Budget) -> Expanded {
    let mut chunk = [0; CHUNK];
    let mut bytes = Vec::new();
    let trouble = loop {
        match decoder.decode(&mut chunk) {
            Ok(Step::End) => break None,
            Ok(Step::NextStream(work)) => {
                if !budget.take_bytes(work) {
                    break Some(Trouble::OverLimit(Limit::Expanded));
                }
            }
            Ok(Step::Produced(count)) => {
                if let Err(limit) = append(fields::front(&chunk, count), &mut bytes, compressed, budget) {
                    break Some(Trouble::OverLimit(limit));
                }
            }
            Err(trouble) => break Some(trouble),
        }
    };
    Expanded { bytes, trouble }
}

fn append(piece: &[u8], bytes: &mut Vec<u8>, compressed: usize, budget: &mut Budget) -> Result<(), Limit> {
    let (count, limit) = budget.fitting(piece.len(), bytes.len(), compressed);
    let piece = fields::front(piece, count);
    bytes.extend_from_slice(piece);
    budget.take_bytes(piece.len() as u64);
    limit.map_or(Ok(()), Err)
}

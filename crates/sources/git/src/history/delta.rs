//! Pack deltas (gitformat-pack(5), "Deltified representation").

/// Part of an object that is the same as part of its base: `object[to..to + len] == base[from..from + len]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copy {
    /// Where it begins in the base.
    pub from: usize,
    /// Where it begins in the object.
    pub to: usize,
    /// Its bytes, at least one.
    pub len: usize,
}

/// Why bytes are no delta, or not one of the base at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// It ends within its header or an instruction.
    #[error("delta is cut short")]
    Truncated,
    /// A size that does not fit 64 bits, or the memory of this machine.
    #[error("delta claims an impossible size")]
    Size,
    /// The instruction that is reserved.
    #[error("delta has a reserved instruction")]
    Reserved,
    /// It is for a base of another size.
    #[error("delta is for a base of another size")]
    Base,
    /// It copies from outside its base.
    #[error("delta copies from outside its base")]
    Range,
    /// It makes more or fewer bytes than it claims.
    #[error("delta makes an object of another size than it claims")]
    Result,
}

/// A delta whose header was read.
#[derive(Debug, Clone, Copy)]
pub struct Delta<'a> {
    base_bytes: usize,
    result_bytes: usize,
    instructions: &'a [u8],
}

/// Reads the header of a delta.
///
/// # Errors
/// When it is cut short or claims sizes that do not fit this machine.
pub fn parse_delta(bytes: &[u8]) -> Result<Delta<'_>, DeltaError> {
    let mut rest = bytes;
    let base_bytes = size(&mut rest)?;
    let result_bytes = size(&mut rest)?;
    Ok(Delta { base_bytes, result_bytes, instructions: rest })
}

impl Delta<'_> {
    /// Bytes of the object that it makes, by its own account.
    pub const fn result_bytes(&self) -> usize {
        self.result_bytes
    }

    /// Makes the object in `object`, and writes down which parts of it are those of `base`, in order, in `copies`. What was in both
    /// before is lost. Never makes more than [`result_bytes`](Self::result_bytes), which the caller bounds.
    ///
    /// # Errors
    /// When the delta is not for `base` or breaks its own rules; then `object` and `copies` hold no more than a beginning.
    pub fn apply(&self, base: &[u8], object: &mut Vec<u8>, copies: &mut Vec<Copy>) -> Result<(), DeltaError> {
        object.clear();
        copies.clear();
        if base.len() != self.base_bytes {
            return Err(DeltaError::Base);
        }
        object.reserve(self.result_bytes);
        let mut rest = self.instructions;
        while let Some((&instruction, after)) = rest.split_first() {
            let part = if instruction & 0x80 != 0 {
                let (from, len, after) = copy_arguments(instruction, after)?;
                rest = after;
                let part =
                    from.checked_add(len).and_then(|end| base.get(from..end)).ok_or(DeltaError::Range)?;
                note_copy(copies, Copy { from, to: object.len(), len });
                part
            } else {
                let count = usize::from(instruction);
                if count == 0 {
                    return Err(DeltaError::Reserved);
                }
                let (part, after) = after.split_at_checked(count).ok_or(DeltaError::Truncated)?;
                rest = after;
                part
            };
            if part.len() > self.result_bytes - object.len() {
                return Err(DeltaError::Result);
            }
            object.extend_from_slice(part);
        }
        if object.len() == self.result_bytes { Ok(()) } else { Err(DeltaError::Result) }
    }
}

/// A copy that goes on where the last one ended, in the base as well as in the object, is one with it.
fn note_copy(copies: &mut Vec<Copy>, copy: Copy) {
    match copies.last_mut() {
        Some(last) if last.from + last.len == copy.from && last.to + last.len == copy.to => {
            last.len += copy.len
        }
        _ => copies.push(copy),
    }
}

/// Offset and length: the bits of the instruction say which of their bytes follow. Length 0 stands for 65536.
#[inline]
fn copy_arguments(instruction: u8, mut rest: &[u8]) -> Result<(usize, usize, &[u8]), DeltaError> {
    let mut argument = |first_bit: u8, count: u8| {
        let mut value = 0;
        for at in 0..count {
            if instruction & (1 << (first_bit + at)) != 0 {
                let (&byte, after) = rest.split_first().ok_or(DeltaError::Truncated)?;
                rest = after;
                value |= usize::from(byte) << (8 * at);
            }
        }
        Ok(value)
    };
    let from = argument(0, 4)?;
    let len = argument(4, 3)?;
    Ok((from, if len == 0 { 0x1_0000 } else { len }, rest))
}

/// Seven bits a byte, the lowest first.
fn size(rest: &mut &[u8]) -> Result<usize, DeltaError> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(DeltaError::Truncated)?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(value).map_err(|_| DeltaError::Size);
        }
    }
    Err(DeltaError::Size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(delta: &[u8], base: &[u8]) -> Result<(Vec<u8>, Vec<Copy>), DeltaError> {
        let (mut object, mut copies) = (b"left over".to_vec(), Vec::new());
        parse_delta(delta)?.apply(base, &mut object, &mut copies)?;
        Ok((object, copies))
    }

    #[test]
    fn copies_and_inserts() {
        let delta = [10, 11, 0x91, 2, 3, 2, b'x', b'y', 0x90, 2, 0x91, 6, 4];
        let (object, copies) = apply(&delta, b"0123456789").unwrap();
        assert_eq!(object, b"234xy016789");
        let copy = |from, to, len| Copy { from, to, len };
        assert_eq!(copies, [copy(2, 0, 3), copy(0, 5, 2), copy(6, 7, 4)]);
    }

    #[test]
    fn copies_that_continue_each_other_are_one() {
        let (object, copies) = apply(&[6, 6, 0x90, 2, 0x91, 2, 4], b"abcdef").unwrap();
        assert_eq!(object, b"abcdef");
        assert_eq!(copies, [Copy { from: 0, to: 0, len: 6 }]);
    }

    #[test]
    fn length_zero_is_64_kib() {
        let base = vec![7; 0x1_0001];
        let delta = [0x81, 0x80, 4, 0x80, 0x80, 4, 0x81, 1];
        assert_eq!(apply(&delta, &base).unwrap().0, vec![7; 0x1_0000]);
    }

    #[test]
    fn refuses_what_breaks_the_rules() {
        for (delta, error) in [
            (&[][..], DeltaError::Truncated),
            (&[3], DeltaError::Truncated),
            (&[0x80; 10], DeltaError::Size),
            (&[2, 1, 1, b'x'], DeltaError::Base),
            (&[3, 1, 0], DeltaError::Reserved),
            (&[3, 2, 2, b'x'], DeltaError::Truncated),
            (&[3, 2, 0x91], DeltaError::Truncated),
            (&[3, 2, 0x91, 2, 2], DeltaError::Range),
            (&[3, 2, 0x8f, 255, 255, 255, 255], DeltaError::Range),
            (&[3, 2, 0x90, 3], DeltaError::Result),
            (&[3, 4, 0x90, 3], DeltaError::Result),
        ] {
            assert_eq!(apply(delta, b"abc").unwrap_err(), error, "{delta:?}");
        }
    }
}

use crate::{Envelope, EnvelopeError};

const MAX_BYTES: usize = 64 << 20;
const MAX_LINES: usize = 10_000;

/// A `.intoto.jsonl` file: one envelope a line, in any order (in-toto attestation v1, "Bundle").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceFile {
    /// The envelopes, in the order of the file.
    pub envelopes: Vec<Envelope>,
    /// Lines that hold no acceptable envelope. The standard has readers skip them; people should hear of them.
    pub ignored: Vec<IgnoredLine>,
}

/// A line that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredLine {
    /// Its number, from 1.
    pub line: usize,
    /// What was wrong with it.
    pub reason: EnvelopeError,
}

/// A file too large to be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Over 64 MiB.
    #[error("evidence file is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Over 10000 lines.
    #[error("evidence file has more than {MAX_LINES} lines")]
    TooManyLines,
}

impl EvidenceFile {
    /// Parses at most 64 MiB and 10000 lines. Empty lines are nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BYTES {
            return Err(BundleError::TooLarge);
        }
        let mut file = Self::default();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if index > MAX_LINES {
                return Err(BundleError::TooManyLines);
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match Envelope::parse(line) {
                Ok(envelope) => file.envelopes.push(envelope),
                Err(reason) => file.ignored.push(IgnoredLine { line: index + 1, reason }),
            }
        }
        Ok(file)
    }

    /// The file that holds `envelopes`, one a line, in their order.
    pub fn write<'a>(envelopes: impl IntoIterator<Item = &'a Envelope>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for envelope in envelopes {
            bytes.extend(envelope.to_json());
            bytes.push(b'\n');
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_lines_are_skipped_and_told() {
        let envelopes = [Envelope::new(b"{}".to_vec(), None, vec![1]), Envelope::new(vec![], None, vec![2])];
        let mut bytes = EvidenceFile::write(&envelopes);
        bytes.splice(0..0, *b"{\"later\":1}\n\r\n\xff\n");
        let file = EvidenceFile::parse(&bytes).unwrap();
        assert_eq!(file.envelopes, envelopes);
        assert_eq!(file.ignored.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn lines_are_bounded() {
        assert_eq!(EvidenceFile::parse(&[b'\n'; MAX_LINES + 2]), Err(BundleError::TooManyLines));
    }
}

use std::fmt;

use palisade_model::Digest;

use crate::encoding::{base64, decimal, from_base64, hash_from_base64};
use crate::{CheckpointError, SignedCheckpoint};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Largest proof that is read, in bytes: a note, and room for extra data and hashes.
const MAX_PROOF: usize = 2 << 20;

/// No tree of 64-bit size needs more.
const MAX_HASHES: usize = 64;

/// That an entry is in a log, checkable offline: C2SP tlog-proof. A claim until signature and hashes are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// Opaque data that nothing vouches for.
    pub extra: Option<Vec<u8>>,
    /// The entry's index, from 0.
    pub index: u64,
    /// From the leaf's sibling up: RFC 6962 section 2.1.1.
    pub hashes: Vec<Digest>,
    /// The log at a size that holds the entry.
    pub checkpoint: SignedCheckpoint,
}

/// Text that is no acceptable proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Over 2 MiB.
    #[error("log proof is larger than {MAX_PROOF} bytes")]
    TooLarge,
    /// Another first line, or not UTF-8.
    #[error("log proof does not start with `{HEADER}`")]
    Header,
    /// A line that is missing or malformed.
    #[error("log proof has no well-formed {0} line")]
    Line(&'static str),
    /// More than 64.
    #[error("log proof has more than {MAX_HASHES} hashes")]
    TooManyHashes,
    /// A bad checkpoint.
    #[error("log proof holds no checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}

impl LogProof {
    /// Parses at most 2 MiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > MAX_PROOF {
            return Err(ProofError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::Header)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Line("empty"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Header);
        }
        let extra = lines.next_if(|line| line.starts_with("extra"));
        let extra = extra.map(extra_data).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(decimal).ok_or(ProofError::Line("index"))?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_HASHES {
                return Err(ProofError::TooManyHashes);
            }
            hashes.push(hash_from_base64(line).ok_or(ProofError::Line("hash"))?);
        }
        Ok(Self { extra, index, hashes, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }
}

fn extra_data(line: &str) -> Result<Vec<u8>, ProofError> {
    line.strip_prefix("extra ").and_then(from_base64).ok_or(ProofError::Line("extra"))
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Checkpoint, NoteSignature};

    fn checkpoint() -> SignedCheckpoint {
        let by = NoteSignature { name: "log".parse().unwrap(), key_id: 1, bytes: vec![1; 64] };
        SignedCheckpoint::new(&Checkpoint::new("log", 9, Digest::of(b"")), vec![by]).unwrap()
    }

    fn proof(extra: Option<Vec<u8>>, index: u64, hashes: usize) -> LogProof {
        LogProof { extra, index, hashes: vec![Digest::of(b"x"); hashes], checkpoint: checkpoint() }
    }

    #[test]
    fn is_written_as_the_specification_shows() {
        let text = proof(Some(b"hi".to_vec()), 3, 1).to_string();
        let hash = base64(Digest::of(b"x").as_bytes());
        assert!(
            text.starts_with(&format!("c2sp.org/tlog-proof@v1\nextra aGk=\nindex 3\n{hash}\n\nlog\n9\n"))
        );
    }

    #[test]
    fn malformed_proofs_are_refused() {
        let good = proof(Some(vec![1]), 3, 2).to_string();
        for (from, to) in [
            ("@v1", "@v2"),
            ("extra ", "extra"),
            ("index 3", "index 03"),
            ("index 3\n", ""),
            ("index", "extra AA==\nindex"),
            ("\n\n", "\n"),
            ("log\n9", "log\n\n9"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert!(LogProof::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(
            LogProof::parse(proof(None, 3, 65).to_string().as_bytes()),
            Err(ProofError::TooManyHashes)
        );
    }

    proptest! {
        #[test]
        fn round_trips(extra: Option<Vec<u8>>, index: u64, hashes in 0..=64_usize) {
            let proof = proof(extra, index, hashes);
            prop_assert_eq!(LogProof::parse(proof.to_string().as_bytes()), Ok(proof));
        }

        #[test]
        fn never_panics(cut in 0..150_usize, bytes: Vec<u8>) {
            let mut text = proof(None, 3, 2).to_string().into_bytes();
            text.splice(cut.., bytes);
            let _ = LogProof::parse(&text);
        }
    }
}

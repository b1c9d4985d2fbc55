use std::fmt;

use palisade_model::Digest;

use crate::encoding::{base64, decimal, hash_from_base64};
use crate::{KeyName, Note, NoteError, NoteSignature};

/// What a log says of itself at one size: C2SP tlog-checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, unique in the world: not empty, one line.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The RFC 6962 root hash over them.
    pub root: Digest,
    /// Further lines, none of them empty. We write none.
    pub extensions: Vec<String>,
}

/// Text that is no acceptable checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not even a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A line that is missing or malformed.
    #[error("checkpoint has no well-formed {0} line")]
    Line(&'static str),
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: impl Into<String>, size: u64, root: Digest) -> Self {
        Self { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// Parses the text of a note.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Line("last"))?;
        let mut lines = body.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty());
        let origin = line().ok_or(CheckpointError::Line("origin"))?.to_owned();
        let size = line().and_then(decimal).ok_or(CheckpointError::Line("size"))?;
        let root = line().and_then(hash_from_base64).ok_or(CheckpointError::Line("root hash"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Line("extension"));
        }
        Ok(Self { origin, size, root, extensions })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, base64(self.root.as_bytes()))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint in its note. The checkpoint is only a claim until a [`CheckpointVerifier`] hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    claimed: Checkpoint,
}

impl SignedCheckpoint {
    /// Puts a checkpoint and signatures over its text together.
    pub fn new(checkpoint: &Checkpoint, signatures: Vec<NoteSignature>) -> Result<Self, CheckpointError> {
        Self::of(Note::new(checkpoint.to_string(), signatures)?)
    }

    /// Parses at most 1 MiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::of(Note::parse(bytes)?)
    }

    fn of(note: Note) -> Result<Self, CheckpointError> {
        let claimed = Checkpoint::parse(note.text())?;
        Ok(Self { note, claimed })
    }

    /// The note with text and signatures.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// What it says, whoever signed it.
    pub fn claimed(&self) -> &Checkpoint {
        &self.claimed
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// Why a checkpoint was not signed or not believed. Lower-case, no final stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CheckpointRefused(pub String);

/// Believes checkpoints that a trusted key signed.
pub trait CheckpointVerifier {
    /// The checkpoint in `signed`, if a trusted key signed it under an origin that it [speaks for](KeyName::speaks_for).
    fn verify_checkpoint<'a>(
        &self,
        signed: &'a SignedCheckpoint,
    ) -> Result<&'a Checkpoint, CheckpointRefused>;
}

/// Signs for the logs of one key, and believes only their checkpoints.
pub trait CheckpointSigner: CheckpointVerifier {
    /// The key's name, which begins the origin of each of its logs.
    fn key_name(&self) -> &KeyName;

    /// Signs; refuses origins that the key does not [speak for](KeyName::speaks_for).
    fn sign_checkpoint(&self, checkpoint: &Checkpoint) -> Result<SignedCheckpoint, CheckpointRefused>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of C2SP tlog-checkpoint.
    const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    #[test]
    fn reads_the_example_of_the_specification() {
        let signed = SignedCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
        assert_eq!(signed.claimed().origin, "example.com/behind-the-sofa");
        assert_eq!(signed.claimed().size, 20_852_163);
        assert_eq!(signed.to_string(), EXAMPLE);
    }

    #[test]
    fn missing_and_malformed_lines_are_named() {
        let parse = |text: &str| Checkpoint::parse(text).unwrap_err().to_string();
        let hash = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        assert!(parse("").contains("last"));
        assert!(parse("\n5\n").contains("origin"));
        for size in ["-1", "05", "", "5 ", "18446744073709551616"] {
            assert!(parse(&format!("o\n{size}\n{hash}\n")).contains("size"), "{size}");
        }
        for bad in ["", "AAAA", hash.trim_end_matches('=')] {
            assert!(parse(&format!("o\n5\n{bad}\n")).contains("root hash"), "{bad}");
        }
        assert!(parse(&format!("o\n5\n{hash}\nx\n\ny\n")).contains("extension"));
    }

    proptest! {
        #[test]
        fn round_trips(origin in "[a-z ./+]{1,20}", size: u64, root: [u8; 32], extensions in proptest::collection::vec("[a-z ]{1,9}", 0..3)) {
            let checkpoint = Checkpoint { origin, size, root: Digest::from_bytes(root), extensions };
            prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
        }
    }
}

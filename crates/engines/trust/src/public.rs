use std::fmt;

use palisade_attest::{NoteError, NoteKey};
use palisade_model::Digest;
use pkcs8::{Document, LineEnding};

const LABEL: &str = "PUBLIC KEY";
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
const MAX_BYTES: usize = 64 << 10;

/// Everything of a P-256 SubjectPublicKeyInfo before the coordinates of its uncompressed point (RFC 5480).
const P256_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// The public half of a statement key: an uncompressed P-256 point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementKey([u8; 64]);

impl StatementKey {
    /// Takes over a point as 0x04 and both coordinates. Whether it is on the curve shows when it is used.
    pub(crate) fn from_point(point: &[u8]) -> Option<Self> {
        let (first, coordinates) = point.split_first()?;
        if *first == 4 { coordinates.try_into().ok().map(Self) } else { None }
    }

    pub(crate) fn point(&self) -> [u8; 65] {
        let mut point = [4; 65];
        for (byte, value) in point.iter_mut().skip(1).zip(self.0) {
            *byte = value;
        }
        point
    }

    /// Its SubjectPublicKeyInfo as DER.
    pub fn spki(&self) -> Vec<u8> {
        [P256_PREFIX.as_slice(), &self.0].concat()
    }

    /// SHA-256 of [`Self::spki`] in hexadecimal digits: the key id of envelopes. A hint, never a proof.
    pub fn id(&self) -> String {
        Digest::of(&self.spki()).hex()
    }

    fn from_spki(der: &[u8]) -> Option<Self> {
        der.strip_prefix(&P256_PREFIX)?.try_into().ok().map(Self)
    }

    fn to_pem(&self) -> Option<String> {
        Document::try_from(self.spki()).ok()?.to_pem(LABEL, LineEnding::LF).ok()
    }
}

/// Keys whose signatures are believed. As text: `PUBLIC KEY` PEM blocks of statement keys, log keys as `NAME+ID+BASE64`, one a line,
/// and comments after `#`. Files can be joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys {
    /// They sign statements.
    pub statements: Vec<StatementKey>,
    /// They sign checkpoints.
    pub logs: Vec<NoteKey>,
}

/// Text that is no set of public keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Over 64 KiB.
    #[error("public key file is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// A PEM block that is no P-256 key, or has no end.
    #[error("the PEM block at line {line} is not a P-256 public key")]
    Statement {
        /// Its first line, from 1.
        line: usize,
    },
    /// A line that is no log key.
    #[error("line {line}: {reason}")]
    Log {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        reason: NoteError,
    },
    /// A private key where a public one belongs.
    #[error("line {line} begins a private key; only public keys belong here")]
    Private {
        /// Its number, from 1.
        line: usize,
    },
    /// No statement key.
    #[error("there is no `PUBLIC KEY` block")]
    Empty,
}

impl PublicKeys {
    /// Parses at most 64 KiB with at least one statement key.
    pub fn parse(text: &str) -> Result<Self, PublicKeyError> {
        if text.len() > MAX_BYTES {
            return Err(PublicKeyError::TooLarge);
        }
        let mut keys = Self::default();
        let mut block: Option<(usize, String)> = None;
        for (index, line) in text.lines().map(str::trim).enumerate() {
            let number = index + 1;
            if let Some((start, pem)) = &mut block {
                pem.push_str(line);
                pem.push('\n');
                if line == END {
                    let line = *start;
                    keys.statements.push(statement_key(pem).ok_or(PublicKeyError::Statement { line })?);
                    block = None;
                }
            } else if line == BEGIN {
                block = Some((number, format!("{BEGIN}\n")));
            } else if line.contains("PRIVATE KEY") && line.starts_with("-----") {
                return Err(PublicKeyError::Private { line: number });
            } else if !line.is_empty() && !line.starts_with('#') {
                keys.logs.push(line.parse().map_err(|reason| PublicKeyError::Log { line: number, reason })?);
            }
        }
        match block {
            Some((line, _)) => Err(PublicKeyError::Statement { line }),
            None if keys.statements.is_empty() => Err(PublicKeyError::Empty),
            None => Ok(keys),
        }
    }
}

fn statement_key(pem: &str) -> Option<StatementKey> {
    let (label, document) = Document::from_pem(pem).ok()?;
    if label == LABEL { StatementKey::from_spki(document.as_bytes()) } else { None }
}

impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Public keys of Palisade. Nothing here is secret: give it to whoever verifies.")?;
        for key in &self.statements {
            writeln!(f, "# statements, ECDSA P-256, key id {}", key.id())?;
            f.write_str(&key.to_pem().ok_or(fmt::Error)?)?;
        }
        for key in &self.logs {
            writeln!(f, "# ledger, Ed25519\n{key}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6979 appendix A.2.5.
    fn rfc6979() -> StatementKey {
        let x = Digest::from_hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6").unwrap();
        let y = Digest::from_hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299").unwrap();
        StatementKey([*x.as_bytes(), *y.as_bytes()].concat().try_into().unwrap())
    }

    fn both() -> PublicKeys {
        let log = NoteKey { name: "example.com/log".parse().unwrap(), ed25519: [7; 32] };
        PublicKeys { statements: vec![rfc6979()], logs: vec![log] }
    }

    #[test]
    fn text_round_trips_and_joins() {
        let text = both().to_string();
        assert_eq!(PublicKeys::parse(&text), Ok(both()));
        assert_eq!(
            PublicKeys::parse(&format!("{text}{}", text.replace('\n', "\r\n"))).unwrap().logs.len(),
            2
        );
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let text = both().to_string();
        let parse = |from: &str, to: &str| PublicKeys::parse(&text.replace(from, to)).unwrap_err();
        assert_eq!(
            parse(BEGIN, "#"),
            PublicKeyError::Log { line: 4, reason: NoteError::Key("expected NAME+ID+BASE64") }
        );
        assert_eq!(parse(END, ""), PublicKeyError::Statement { line: 3 });
        assert_eq!(parse("MFkw", "MFkx"), PublicKeyError::Statement { line: 3 });
        assert_eq!(parse("BEGIN PUBLIC", "BEGIN PRIVATE"), PublicKeyError::Private { line: 3 });
        assert!(matches!(parse("example.com", "example.org"), PublicKeyError::Log { line: 8, .. }));
        assert_eq!(PublicKeys::parse("# nothing"), Err(PublicKeyError::Empty));
    }
}

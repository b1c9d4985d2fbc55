use std::fmt;
use std::str::FromStr;

use palisade_model::Digest;

use crate::encoding::{base64, from_base64};

/// Most signatures of a note that is read: as many as C2SP signed-note asks of every reader.
const MAX_SIGNATURES: usize = 16;

/// Largest note that is read, in bytes. Post-quantum signatures are nearly 5 kB each.
const MAX_NOTE: usize = 1 << 20;

/// The signature type of plain Ed25519 (C2SP signed-note, "Signature types").
const ED25519: u8 = 0x01;

/// The name of a key that signs notes: not empty, no space of any kind, no `+`, no control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of the log with this id that a key of this name signs: `NAME/ID`, the id in 32 hexadecimal digits.
    ///
    /// C2SP tlog-checkpoint has every log named apart and its key not sign two histories of one name, and a person's key signs for
    /// many logs. It also says that the key's name "SHOULD match" the origin; here the name is what every such origin starts with.
    pub fn origin(&self, id: [u8; 16]) -> String {
        format!("{self}/{:032x}", u128::from_be_bytes(id))
    }

    /// Whether a key of this name may speak for the log with this origin: the name itself, or one made by [`Self::origin`].
    pub fn speaks_for(&self, origin: &str) -> bool {
        let Some(rest) = origin.strip_prefix(self.as_str()) else { return false };
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_id = |id: &str| id.len() == 32 && id.bytes().all(digit);
        rest.is_empty() || rest.strip_prefix('/').is_some_and(is_id)
    }
}

impl FromStr for KeyName {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.len() > 255 || text.contains(bad) {
            return Err(NoteError::KeyName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An Ed25519 public key for notes with its name. As text the "vkey" `NAME+ID+BASE64`, as in Go's `note` package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteKey {
    /// Its name.
    pub name: KeyName,
    /// The key: RFC 8032 section 5.1.5.
    pub ed25519: [u8; 32],
}

impl NoteKey {
    /// The first four bytes of SHA-256 over name, line feed, type and key. Tells keys apart; proves nothing.
    pub fn id(&self) -> u32 {
        let mut bytes = format!("{}\n", self.name).into_bytes();
        bytes.push(ED25519);
        bytes.extend(self.ed25519);
        let [a, b, c, d, ..] = *Digest::of(&bytes).as_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.ed25519);
        write!(f, "{}+{:08x}+{}", self.name, self.id(), base64(&key))
    }
}

impl FromStr for NoteKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        // Base64 may hold `+` too, so only the first two separate.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("expected NAME+ID+BASE64"));
        };
        let bytes = from_base64(key).ok_or(NoteError::Key("key is not base64"))?;
        let ed25519 = match bytes.split_first() {
            Some((&ED25519, key)) => key.try_into().map_err(|_| NoteError::Key("key is not 32 bytes"))?,
            _ => return Err(NoteError::Key("only Ed25519 keys (type 1) are supported")),
        };
        let parsed = Self { name: name.parse()?, ed25519 };
        if id != format!("{:08x}", parsed.id()) {
            return Err(NoteError::Key("id does not fit name and key"));
        }
        Ok(parsed)
    }
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key that the signer says it used.
    pub name: KeyName,
    /// That key's id.
    pub key_id: u32,
    /// The signature over the text.
    pub bytes: Vec<u8>,
}

/// A text with signatures: C2SP signed-note. The text must not be used before a signature is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Text that is no acceptable note or key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Over 1 MiB.
    #[error("note is larger than {MAX_NOTE} bytes")]
    TooLarge,
    /// Not UTF-8, or with control characters.
    #[error("note is not UTF-8 text without control characters")]
    Text,
    /// No line feed at the end, or no empty line before signatures.
    #[error("note has no text and signatures separated by an empty line")]
    Shape,
    /// A line that is no signature.
    #[error("signature line {line} of the note is malformed")]
    Signature {
        /// Its number among the signature lines, from 1.
        line: usize,
    },
    /// None, or more than 16.
    #[error("note has {count} signatures, expected 1 to {MAX_SIGNATURES}")]
    Signatures {
        /// How many.
        count: usize,
    },
    /// A bad name.
    #[error("key name is empty, too long, or has spaces, control characters or `+`")]
    KeyName,
    /// A bad verifier key.
    #[error("not a verifier key: {0}")]
    Key(&'static str),
}

impl Note {
    /// Puts a text and signatures over it together.
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        check_text(&text)?;
        check_count(signatures.len())?;
        Ok(Self { text, signatures })
    }

    /// Parses at most 1 MiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLarge);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Text);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Shape)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Shape)?;
        check_count(lines.split('\n').count())?;
        let signature = |(index, line)| signature(line).ok_or(NoteError::Signature { line: index + 1 });
        let signatures = lines.split('\n').enumerate().map(signature).collect::<Result<_, _>>()?;
        Self::new(format!("{text}\n"), signatures)
    }

    /// What is signed, with its final line feed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every signature, of known and unknown keys.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The signatures that say they are by `key`. Those of other keys are to be ignored.
    pub fn signatures_by(&self, key: &NoteKey) -> impl Iterator<Item = &NoteSignature> {
        let (name, id) = (key.name.clone(), key.id());
        self.signatures.iter().filter(move |signature| signature.name == name && signature.key_id == id)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for NoteSignature { name, key_id, bytes } in &self.signatures {
            let mut blob = key_id.to_be_bytes().to_vec();
            blob.extend(bytes);
            writeln!(f, "— {name} {}", base64(&blob))?;
        }
        Ok(())
    }
}

fn signature(line: &str) -> Option<NoteSignature> {
    let (name, blob) = line.strip_prefix("— ")?.split_once(' ')?;
    let blob = from_base64(blob)?;
    let (id, bytes) = blob.split_first_chunk::<4>()?;
    if bytes.is_empty() {
        return None;
    }
    Some(NoteSignature { name: name.parse().ok()?, key_id: u32::from_be_bytes(*id), bytes: bytes.to_owned() })
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_NOTE {
        return Err(NoteError::TooLarge);
    }
    if text.chars().any(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Text);
    }
    if text.ends_with('\n') { Ok(()) } else { Err(NoteError::Shape) }
}

fn check_count(count: usize) -> Result<(), NoteError> {
    if (1..=MAX_SIGNATURES).contains(&count) { Ok(()) } else { Err(NoteError::Signatures { count }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the documentation of Go's golang.org/x/mod/sumdb/note package.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn line(name: &str) -> String {
        format!("— {name} {}\n", base64(&[0, 0, 0, 1, 9]))
    }

    #[test]
    fn verifier_keys_are_those_of_go() {
        let key: NoteKey = VKEY.parse().unwrap();
        assert_eq!(key.id(), 0xc74f_20a3);
        assert_eq!(key.to_string(), VKEY);
        for (from, to) in
            [("c74f", "c74e"), ("Peter", "Pete"), ("ARpc", "ARpd"), ("+ARpc", "+BBpc"), ("+", " ")]
        {
            assert!(VKEY.replace(from, to).parse::<NoteKey>().is_err(), "{from}");
        }
    }

    #[test]
    fn a_key_speaks_for_its_own_origins_alone() {
        let name: KeyName = "example.com/log".parse().unwrap();
        let made = name.origin([0x0a; 16]);
        assert_eq!(made, format!("example.com/log/{}", "0a".repeat(16)));
        assert!(name.speaks_for(&made) && name.speaks_for("example.com/log"));
        for other in [
            "",
            "example.com",
            "example.com/log/",
            "example.com/log2",
            "example.com/log/two",
            &made.replace("log", "LOG"),
            &made.replace("log/", "log"),
            &made.replace('a', "A"),
            &format!("{made}0"),
            &format!("{made}/{}", "0".repeat(32)),
            &format!("x{made}"),
        ] {
            assert!(!name.speaks_for(other), "{other}");
        }
    }

    #[test]
    fn base64_of_a_verifier_key_may_hold_plus_signs() {
        let key = NoteKey { name: "log".parse().unwrap(), ed25519: [0xfb; 32] };
        assert!(key.to_string().matches('+').count() > 2);
        assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn the_last_empty_line_separates() {
        let note = Note::parse(format!("a\n\nb\n\n{}", line("x")).as_bytes()).unwrap();
        assert_eq!(note.text(), "a\n\nb\n");
    }

    #[test]
    fn sixteen_signatures_parse_and_more_do_not() {
        let with = |count| Note::parse(format!("t\n\n{}", line("x").repeat(count)).as_bytes());
        assert_eq!(with(16).unwrap().signatures().len(), 16);
        assert_eq!(with(17), Err(NoteError::Signatures { count: 17 }));
        assert!(with(0).is_err());
    }

    #[test]
    fn malformed_notes_are_refused() {
        let good = format!("t\n\n{}", line("x"));
        assert!(Note::parse(good.as_bytes()).is_ok());
        for bad in [
            "".to_owned(),
            good.replace("t\n", "t\r\n"),
            good.trim_end().to_owned(),
            good.replace("\n\n", "\n"),
            good.replace("— ", "- "),
            good.replace(" x ", " x+y "),
            good.replace(" x ", " x\u{a0}y "),
            good.replace("=", ""),
            format!("t\n\n— x {}\n", base64(&[0, 0, 0, 1])),
        ] {
            assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trips(text in "([a-zß—+ ]{0,9}\n){1,5}", names in proptest::collection::vec("[a-z./ß]{1,9}", 1..5), id: u32) {
            let by = |name: &String| NoteSignature { name: name.parse().unwrap(), key_id: id, bytes: vec![7; 64] };
            let note = Note::new(text, names.iter().map(by).collect()).unwrap();
            prop_assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
        }

        #[test]
        fn what_parses_is_written_back_byte_for_byte(text in "[a\n— x+=AB]{0,40}") {
            for text in [text.clone(), format!("{text}\n\n{}", line("x"))] {
                if let Ok(note) = Note::parse(text.as_bytes()) {
                    prop_assert_eq!(note.to_string(), text);
                }
            }
        }
    }
}

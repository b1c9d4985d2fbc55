use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AffectedPackage, CommitId, Confidence, Layer, Position, RepoPath, Severity, Span, Timestamp};

/// The name of a rule: lower-case letters, digits and single dashes, such as `github-pat`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(String);

impl RuleId {
    /// Checks the form; none when `text` has another.
    pub fn new(text: &str) -> Option<Self> {
        let good = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        (text.len() <= 80 && text.split('-').all(good)).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a report needs to know of a rule that found something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// Its name.
    pub id: RuleId,
    /// One line.
    pub title: String,
    /// Severity of its findings unless they say otherwise.
    pub severity: Severity,
    /// Confidence of its findings unless they say otherwise.
    pub confidence: Confidence,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// Free tags, such as `vendor:github`.
    pub tags: Vec<String>,
    /// What it finds and why it matters, Markdown.
    pub why: String,
    /// How to fix it, Markdown.
    pub fix: String,
    /// Where the format is documented.
    pub source: Option<String>,
}

/// Names a finding by its content, so that it survives moved lines, renames and rebases: 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

/// Text that is not a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint: expected 32 hexadecimal digits")]
pub struct FingerprintError;

impl Fingerprint {
    /// Takes over 16 computed bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The first 16 bytes of a digest.
    pub fn head_of(digest: &[u8; 32]) -> Self {
        let mut head = [0; 16];
        head.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
        Self(head)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The first eight digits, enough for people to tell findings apart.
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(lower_hex) {
            return Err(FingerprintError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| FingerprintError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Where in a tree a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The entry.
    pub path: RepoPath,
    /// The way into the entry when it is an archive: the member, the member of that member, and so on. Lines, columns and bytes are
    /// those of the last one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// The same as byte offsets into the entry.
    pub bytes: Span,
}

impl Location {
    /// The path as it is shown: `a.tar!b.zip!c.env` for a member of an archive in an archive.
    pub fn display_path(&self) -> String {
        Self::display_path_of(&self.path, &self.members)
    }

    /// The same for a path that stands by itself.
    pub fn display_path_of(path: &RepoPath, members: &[String]) -> String {
        members.iter().fold(path.to_string(), |path, member| format!("{path}!{member}"))
    }
}

/// What the bytes of a finding were wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// RFC 4648, either alphabet, also broken into lines.
    Base64,
    /// RFC 4648 base 16, or `\x41`.
    Hex,
    /// RFC 3986 percent-encoding.
    Percent,
    /// `\u0041`, `\101` and the like.
    Unicode,
    /// Character references of HTML and XML.
    Html,
    /// RFC 2045 quoted-printable.
    QuotedPrintable,
    /// Pieces of a string that source code joins.
    Concatenation,
    /// Characters' codes, or pieces of a string, that source code lists.
    List,
}

impl Encoding {
    /// The kebab-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Unicode => "unicode",
            Self::Html => "html",
            Self::QuotedPrintable => "quoted-printable",
            Self::Concatenation => "concatenation",
            Self::List => "list",
        }
    }
}

/// What a token's own form says about it, without asking anybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A checksum or inner structure proves that the vendor made it.
    Valid,
    /// The format has nothing that could be checked.
    #[default]
    Unknown,
    /// The vendor cannot have made it.
    Impossible,
}

impl Form {
    /// The kebab-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Unknown => "unknown",
            Self::Impossible => "impossible",
        }
    }
}

/// What a credential opens, as far as the text around it says. Never holds a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Asset {
    /// The machine, with its port if one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The database, bucket or path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
}

/// A commit as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitRef {
    /// Its name.
    pub id: CommitId,
    /// The author's name.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// When it was committed.
    pub time: Timestamp,
    /// The first line of its message.
    pub subject: String,
}

/// Where in a history a secret is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct History {
    /// The object that the finding's place is in.
    pub object: String,
    /// The earliest commit that holds the secret; none when no commit does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<CommitRef>,
    /// The latest commit that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<CommitRef>,
    /// Every path it had, sorted.
    pub paths: Vec<RepoPath>,
    /// Whether there are more paths than are listed.
    pub more_paths: bool,
    /// How many objects hold it.
    pub objects: u64,
    /// Whether the commit checked out holds it.
    pub in_head: bool,
    /// Whether a reference leads to it.
    pub reachable: bool,
}

/// The line of a finding as it may be shown: secrets are already masked, control characters are gone, long lines are cut around
/// the finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Excerpt {
    /// The line.
    pub text: String,
    /// First marked character of `text`, from 0.
    pub mark_start: u32,
    /// One past the last marked character.
    pub mark_end: u32,
}

/// A comment on the finding's line that asks to let it pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InlineMarker {
    /// The reason it gives; without one it does not count.
    pub reason: Option<String>,
}

/// By what a finding was suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// An entry of `palisade.waivers.yaml`.
    Waiver,
    /// A comment on the line.
    Inline,
    /// The baseline.
    Baseline,
    /// Another tool's ignore file or baseline.
    IgnoreFile,
    /// A VEX statement.
    Vex,
}

impl SuppressionKind {
    /// The kebab-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Inline => "inline",
            Self::Baseline => "baseline",
            Self::IgnoreFile => "ignore-file",
            Self::Vex => "vex",
        }
    }
}

/// An entry of another tool's ignore file, such as `.gitleaksignore`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IgnoreEntry {
    /// The file's name.
    pub file: String,
    /// The line the entry starts on, from 1.
    pub line: u32,
}

impl fmt::Display for IgnoreEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}", self.file, self.line)
    }
}

/// Which revision says something: suppressions lie in the repository, so both sides of a change have their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The change under judgement.
    Change,
    /// The revision it is measured against.
    Base,
}

/// An entry of another tool's file that names the very secret of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listed {
    /// In which revision.
    pub side: Side,
    /// Where.
    pub entry: IgnoreEntry,
}

/// Why a finding does not count. It stays in every result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suppression {
    /// By what.
    pub kind: SuppressionKind,
    /// The reason given.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds, `YYYY-MM-DD` in UTC.
    pub until: Option<String>,
    /// Whether the change under judgement brought it itself.
    pub self_granted: bool,
}

/// Something an engine holds against an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The engine, such as `secrets`.
    pub engine: String,
    /// The rule.
    pub rule: RuleId,
    /// One line for people, usually the rule's title.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is so about this one finding, such as `checksum is valid`. Lower-case, no final stop, no secret.
    pub message: String,
    /// Where.
    pub location: Location,
    /// What it was wrapped in, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<Encoding>,
    /// The line, masked.
    pub excerpt: Excerpt,
    /// What the form of the token says.
    #[serde(default)]
    pub form: Form,
    /// What it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<Asset>,
    /// Content-keyed name.
    pub fingerprint: Fingerprint,
    /// A comment on the line that asks to let it pass.
    pub marker: Option<InlineMarker>,
    /// The entries that list its secret, sorted. Only the engine can know them; triage takes them out and turns them into a
    /// suppression, so no result shows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<Listed>,
    /// Why it does not count, if so.
    pub suppression: Option<Suppression>,
    /// Where in the history it is, when that was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// The layer of an image that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// The package it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Box<AffectedPackage>>,
}

impl Finding {
    /// What the rule says by itself of a place: with its title, severity and confidence, without a message of its own.
    pub fn of_rule(
        engine: &str,
        rule: &RuleInfo,
        location: Location,
        excerpt: Excerpt,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            engine: engine.to_owned(),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            severity: rule.severity,
            confidence: rule.confidence,
            message: String::new(),
            location,
            encodings: Vec::new(),
            excerpt,
            form: Form::Unknown,
            asset: None,
            fingerprint,
            marker: None,
            listed: Vec::new(),
            suppression: None,
            history: None,
            layer: None,
            package: None,
        }
    }

    /// The order of findings in every result: by place, then rule.
    pub fn sort_key(&self) -> (&Location, &RuleId, &Fingerprint) {
        (&self.location, &self.rule, &self.fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_ids_are_kebab_case() {
        assert!(RuleId::new("github-pat2").is_some());
        for bad in ["", "GitHub", "a--b", "-a", "a-", "a_b", "a/b"] {
            assert!(RuleId::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn fingerprints_round_trip() {
        let text = "00112233445566778899aabbccddeeff";
        assert_eq!(text.parse::<Fingerprint>().unwrap().to_string(), text);
        assert!("+0112233445566778899aabbccddeeff".parse::<Fingerprint>().is_err());
    }
}

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_lc_rs::digest;
use palisade_model::{Listed, RepoPath, Span};
use serde::{Deserialize, Serialize};

/// Most places on a line where a listed secret may begin or end. Each pair is hashed once, so a line costs at most half the square.
const MAX_CUTS: usize = 64;
/// The part of a line on either side of a finding in which cuts are looked for, in bytes.
const REACH: usize = 512;

/// Secrets that files of other tools in the repository list as known. Crosses the border to the scan worker.
///
/// Holds listed secrets themselves, so its `Debug` shows how many there are and nothing else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSecrets {
    /// By the SHA-1 digest of the secret, in one file: a baseline of detect-secrets.
    pub digests: Vec<KnownDigest>,
    /// By the secret itself, in every file: the section `[secrets]` of a `.secretsignore` (ripsecrets).
    pub values: Vec<KnownValue>,
}

/// A secret known by its digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownDigest {
    /// The file it is known in.
    pub path: RepoPath,
    /// SHA-1 of it.
    pub sha1: [u8; 20],
    /// The entry that says so.
    pub listed: Listed,
}

/// A secret known by itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownValue {
    /// Its bytes.
    pub value: Vec<u8>,
    /// The entry that says so.
    pub listed: Listed,
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownSecrets")
            .field("digests", &self.digests.len())
            .field("values", &self.values.len())
            .finish_non_exhaustive()
    }
}

/// [`KnownSecrets`] in the order in which they are looked up.
#[derive(Default)]
pub(crate) struct Known {
    digests: BTreeMap<RepoPath, BTreeMap<[u8; 20], Vec<Listed>>>,
    values: BTreeMap<Vec<u8>, Vec<Listed>>,
}

impl Known {
    pub(crate) fn new(known: KnownSecrets) -> Self {
        let mut index = Self::default();
        for KnownDigest { path, sha1, listed } in known.digests {
            index.digests.entry(path).or_default().entry(sha1).or_default().push(listed);
        }
        for KnownValue { value, listed } in known.values {
            index.values.entry(value).or_default().push(listed);
        }
        index
    }

    /// The entries that list the secret at `secret` in `text`, which is on the line `line` of the file `path`, sorted.
    ///
    /// Tools disagree about where a secret begins and ends: a whole URL or its password, with or without a prefix. So every piece of
    /// the line that overlaps the secret and ends where words or quotes do is compared too, not the secret alone. Nothing is
    /// compared by line number: another secret in the place of a listed one is new.
    pub(crate) fn listed(&self, path: &RepoPath, text: &[u8], secret: Span, line: Span) -> Vec<Listed> {
        let digests = self.digests.get(path);
        if digests.is_none() && self.values.is_empty() {
            return Vec::new();
        }
        let mut listed = BTreeSet::new();
        for piece in pieces(text, secret, line) {
            let bytes = text.get(piece.start..piece.end).unwrap_or_default();
            if is_most_of(piece, secret) {
                listed.extend(self.values.get(bytes).into_iter().flatten().cloned());
            }
            if let Some(digests) = digests {
                listed.extend(digests.get(&sha1(bytes)).into_iter().flatten().cloned());
            }
        }
        listed.into_iter().collect()
    }
}

/// Whether a piece is at least half as long as the secret: a listed word may be part of many a URL.
const fn is_most_of(piece: Span, secret: Span) -> bool {
    2 * (piece.end - piece.start) >= secret.end - secret.start
}

fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut sha1 = [0; 20];
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    sha1.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    sha1
}

/// The secret, then the pieces of its line between two cuts that overlap it.
fn pieces(text: &[u8], secret: Span, line: Span) -> Vec<Span> {
    let from = line.start.max(secret.start.saturating_sub(REACH)).min(secret.start);
    let first_end = secret.end.min(line.end).max(secret.start);
    let to = line.end.min(first_end.saturating_add(REACH)).max(first_end);
    let window = text.get(from..to).unwrap_or_default();
    let is_cut = |at: usize| {
        let delimits =
            |at: Option<usize>| at.and_then(|at| window.get(at)).is_none_or(|byte| is_delimiter(*byte));
        delimits(at.checked_sub(1)) || delimits(Some(at))
    };
    let mut cuts: Vec<usize> = (0..=window.len()).filter(|at| is_cut(*at)).map(|at| from + at).collect();
    cuts.extend([secret.start, first_end]);
    cuts.sort_unstable();
    cuts.dedup();
    let nearest = nearest(cuts, secret.start, first_end);
    let mut pieces = vec![secret];
    for start in nearest.iter().filter(|start| **start < first_end) {
        let ends = nearest.iter().filter(|end| **end > secret.start && *end > start);
        pieces.extend(ends.map(|end| Span::new(*start, *end)));
    }
    pieces
}

/// At most [`MAX_CUTS`] of the sorted `cuts`: those nearest to the secret.
fn nearest(mut cuts: Vec<usize>, start: usize, end: usize) -> Vec<usize> {
    let distance = |cut: &usize| start.saturating_sub(*cut).max(cut.saturating_sub(end));
    cuts.sort_by_key(|cut| (distance(cut), *cut));
    cuts.truncate(MAX_CUTS);
    cuts.sort_unstable();
    cuts
}

/// What a token never holds, but what stands around and between tokens.
fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`=:,;()[]{}<>@/?&#|\\-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use palisade_model::{IgnoreEntry, Side};
    use proptest::prelude::*;

    use super::*;

    fn entry(line: u32) -> Listed {
        Listed { side: Side::Change, entry: IgnoreEntry { file: ".secrets.baseline".into(), line } }
    }

    fn hex(text: &str) -> [u8; 20] {
        let mut bytes = [0; 20];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text.chars().skip(2 * at).take(2).collect::<String>(), 16).unwrap();
        }
        bytes
    }

    fn path(name: &str) -> RepoPath {
        name.parse().unwrap()
    }

    /// The entries for what lies between the first two `|` of `text` in `a.py`.
    fn listed(known: KnownSecrets, file: &str, text: &str) -> Vec<u32> {
        let start = text.find('|').unwrap();
        let plain = text.replacen('|', "", 2);
        let end = text.rfind('|').unwrap() - 1;
        let line = Span::new(0, plain.find('\n').unwrap_or(plain.len()));
        let found = Known::new(known).listed(&path(file), plain.as_bytes(), Span::new(start, end), line);
        found.into_iter().map(|listed| listed.entry.line).collect()
    }

    fn digests(all: &[(&str, &str)]) -> KnownSecrets {
        let known = all.iter().zip(1..).map(|((file, sha1), line)| KnownDigest {
            path: path(file),
            sha1: hex(sha1),
            listed: entry(line),
        });
        KnownSecrets { digests: known.collect(), values: Vec::new() }
    }

    /// The digests are those that `sha1sum` gives for `hunter2horse` and `abc` (also in FIPS 180-4).
    const HUNTER: &str = "06bba84a18820fe9926b1de445e30d3bb96140f1";
    const ABC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

    #[test]
    fn digests_are_sha1() {
        assert_eq!(sha1(b"abc"), hex(ABC));
    }

    #[test]
    fn a_secret_is_known_by_digest_in_its_own_file_alone() {
        let known = || digests(&[("a.py", ABC), ("b.py", HUNTER)]);
        assert_eq!(listed(known(), "a.py", "key = '|abc|'"), [1]);
        assert_eq!(listed(known(), "c.py", "key = '|abc|'"), [0; 0]);
        assert_eq!(
            listed(known(), "a.py", "key = '|abd|' # abc"),
            [0; 0],
            "another secret on that line is new"
        );
    }

    #[test]
    fn a_piece_of_the_line_around_or_in_the_secret_will_do() {
        let known = || digests(&[("a.py", ABC)]);
        for text in ["u = '|https://me:abc@host/|'", "k=v-|abc|", "k = ab|c|", "t = |abc-def|", "x=abc:|def|"]
        {
            let around = text.contains("ab|c|");
            let beside = text.contains("|def|");
            assert_eq!(listed(known(), "a.py", text).is_empty(), beside, "{text}");
            assert!(!around || listed(known(), "a.py", text) == [1], "{text}");
        }
    }

    #[test]
    fn a_secret_is_known_by_itself_in_every_file() {
        let value = KnownValue { value: b"a+b/c==".to_vec(), listed: entry(7) };
        let known = || KnownSecrets { digests: Vec::new(), values: vec![value.clone()] };
        assert_eq!(listed(known(), "any", "key=|a+b/c==|"), [7]);
        assert_eq!(listed(known(), "any", "key=|a+b/c=|="), [7], "the rest of it follows");
        assert_eq!(listed(known(), "any", "key=|axb/c==|"), [0; 0], "the line is no regex");
        assert_eq!(
            listed(known(), "any", "u=|https://a+b/c==@long.example.com/way|"),
            [0; 0],
            "a small part"
        );
        assert_eq!(format!("{:?}", known()), "KnownSecrets { digests: 0, values: 1, .. }");
    }

    proptest! {
        #[test]
        fn pieces_overlap_the_secret_and_are_few(text in "[ -~]{1,300}", start in 0_usize..300, length in 1_usize..300) {
            let start = start.min(text.len() - 1);
            let secret = Span::new(start, (start + length).min(text.len()));
            let pieces = pieces(text.as_bytes(), secret, Span::new(0, text.len()));
            prop_assert_eq!(pieces[0], secret);
            prop_assert!(pieces.len() <= 1 + MAX_CUTS * MAX_CUTS / 2);
            for piece in pieces {
                prop_assert!(piece.start < piece.end && piece.start < secret.end && piece.end > secret.start);
            }
        }
    }
}

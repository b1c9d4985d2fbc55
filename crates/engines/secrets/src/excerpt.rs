use aho_corasick::AhoCorasick;
use palisade_model::{Encoding, Excerpt, Span};

use crate::candidate::{Candidate, Shown};
use crate::pieces::pieces;

/// Longest excerpt, and most of it before the finding, in characters.
const MAX_CHARACTERS: usize = 160;
const MAX_BEFORE: usize = 60;
/// Bytes of the line that are looked at on either side of a finding: enough for the characters above.
const REACH: usize = 4 * MAX_CHARACTERS;
/// Longest run of bullets that stands for a secret.
const MAX_BULLETS: usize = 24;
/// Secrets shorter than this show none of their characters.
const MIN_SHOWN: usize = 16;
/// Copies of secrets longer or shorter than this are not looked for.
const COPY_LENGTHS: std::ops::RangeInclusive<usize> = 4..=1024;
/// Secrets around a finding of which pieces are looked for.
const MAX_IN_PIECES: usize = 16;
const BULLET: char = '•';
const CUT: char = '…';

/// Knows everything in a text that must not be shown.
pub(crate) struct Masker<'t> {
    text: &'t [u8],
    /// Places of all candidates, merged, in order.
    secrets: Vec<Span>,
    /// Finds copies of them elsewhere.
    copies: Option<AhoCorasick>,
}

impl<'t> Masker<'t> {
    pub(crate) fn new(text: &'t [u8], candidates: &[Candidate]) -> Self {
        let spans = candidates.iter().map(|one| one.secret);
        let mut values: Vec<_> = spans.clone().filter_map(|span| text.get(span.start..span.end)).collect();
        values.retain(|value| COPY_LENGTHS.contains(&value.len()));
        values.sort_unstable();
        values.dedup();
        let mut sorted: Vec<_> = candidates.iter().map(|one| with_rest(text, one)).collect();
        sorted.sort_unstable();
        Self { text, secrets: merged(sorted), copies: AhoCorasick::new(values).ok() }
    }

    /// The part of `line` around `candidate`, without any secret. `alone` leaves out what is around it.
    pub(crate) fn excerpt(&self, candidate: &Candidate, line: Span, alone: bool) -> Excerpt {
        let own =
            Span::new(candidate.secret.start, candidate.secret.end.min(line.end).max(candidate.secret.start));
        let from = line.start.max(own.start.saturating_sub(REACH)).min(own.start);
        let to = line.end.min(own.end.saturating_add(REACH)).max(own.end);
        let (before, after) = match alone {
            true => (String::new(), String::new()),
            false => (self.masked(Span::new(from, own.start), own), self.masked(Span::new(own.end, to), own)),
        };
        let bytes = self.text.get(own.start..own.end).unwrap_or_default();
        let secret = mask(bytes, candidate.shown);
        assemble(&before, &secret, &after, from > line.start, to < line.end)
    }

    /// Words that stand in the text and are said again, copies of secrets in them as bullets, safe to print.
    pub(crate) fn repeated(&self, words: &str) -> String {
        let copies = self.copies.iter().flat_map(|copies| copies.find_overlapping_iter(words));
        let mut hidden: Vec<_> = copies.map(|copy| Span::new(copy.start(), copy.end())).collect();
        hidden.sort_unstable();
        bulleted(words.as_bytes(), Span::new(0, words.len()), merged(hidden))
    }

    /// The text of `span`, which lies beside the secret `own`, secrets as bullets, safe to print.
    fn masked(&self, span: Span, own: Span) -> String {
        bulleted(self.text, span, self.hidden(span, own))
    }

    /// What must be hidden in `span` beside the secret `own`: secrets and copies of secrets, also where only a part of them lies in it.
    fn hidden(&self, span: Span, own: Span) -> Vec<Span> {
        let clip = |hidden: Span| {
            let clipped = Span::new(hidden.start.max(span.start), hidden.end.min(span.end));
            (clipped.start < clipped.end).then_some(clipped)
        };
        let first = self.secrets.partition_point(|secret| secret.end <= span.start);
        let secrets = self.secrets.get(first..).unwrap_or_default().iter().copied();
        let mut hidden: Vec<_> =
            secrets.take_while(|secret| secret.start < span.end).filter_map(clip).collect();
        let longest = *COPY_LENGTHS.end();
        let from = span.start.saturating_sub(longest);
        let around = self.text.get(from..(span.end + longest).min(self.text.len())).unwrap_or_default();
        let copies = self.copies.iter().flat_map(|copies| copies.find_overlapping_iter(around));
        hidden.extend(copies.filter_map(|copy| clip(Span::new(from + copy.start(), from + copy.end()))));
        hidden.extend(self.pieces(span, own));
        hidden.sort_unstable();
        merged(hidden)
    }

    /// Where `span` repeats pieces of the secret `own` and of others in it and beside it.
    fn pieces(&self, span: Span, own: Span) -> Vec<Span> {
        let text = self.text.get(span.start..span.end).unwrap_or_default();
        let first = self.secrets.partition_point(|secret| secret.end < span.start);
        let near = self.secrets.get(first..).unwrap_or_default().iter();
        let near = near.take_while(|secret| secret.start <= span.end).take(MAX_IN_PIECES);
        // The one that the reader is shown the ends of, however many stand before it.
        let values =
            near.chain(std::iter::once(&own)).filter_map(|secret| self.text.get(secret.start..secret.end));
        let found = values.flat_map(|value| pieces(text, value));
        found.map(|piece| Span::new(span.start + piece.start, span.start + piece.end)).collect()
    }
}

/// The part `span` of `text`, what is `hidden` in it as bullets.
fn bulleted(text: &[u8], span: Span, hidden: Vec<Span>) -> String {
    let mut shown = String::new();
    let mut at = span.start;
    for hidden in hidden {
        shown.push_str(&printable(text.get(at..hidden.start).unwrap_or_default()));
        shown.extend(std::iter::repeat_n(BULLET, (hidden.end - hidden.start).min(MAX_BULLETS)));
        at = hidden.end;
    }
    shown.push_str(&printable(text.get(at..span.end).unwrap_or_default()));
    shown
}

/// What must not be shown of a secret: of one that is encoded, also what goes on with it, because where an encoded stretch ends is a
/// guess, and all of a run of digits is as little to be read as the secret in it.
pub(crate) fn with_rest(text: &[u8], candidate: &Candidate) -> Span {
    let secret = candidate.secret;
    let Some(outermost) = candidate.encodings.first() else { return secret };
    let goes_on = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(byte);
    let after = text.get(secret.end..).unwrap_or_default().iter().take(REACH).take_while(goes_on).count();
    let before = match outermost {
        Encoding::Base64 | Encoding::Hex => {
            text.get(..secret.start).unwrap_or_default().iter().rev().take(REACH).take_while(goes_on).count()
        }
        _ => 0,
    };
    Span::new(secret.start - before, secret.end + after)
}

/// Sorted spans, with those that overlap or touch made one.
fn merged(sorted: Vec<Span>) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// A secret as it may be shown: never more than a quarter of it, at most four characters at either end.
fn mask(secret: &[u8], shown: Shown) -> String {
    let (head, tail) = match shown {
        Shown::Head(bytes) => (bytes.min(secret.len()), 0),
        Shown::Ends if secret.len() >= MIN_SHOWN && secret.iter().all(u8::is_ascii_graphic) => {
            let quarter = secret.len() / 4;
            (quarter.div_ceil(2).min(4), (quarter / 2).min(4))
        }
        Shown::Ends | Shown::Nothing => (0, 0),
    };
    let middle = secret.len() - head - tail;
    let part = |from: usize, to: usize| printable(secret.get(from..to).unwrap_or_default());
    let bullets: String = std::iter::repeat_n(BULLET, middle.min(MAX_BULLETS)).collect();
    part(0, head) + &bullets + &part(secret.len() - tail, secret.len())
}

/// Text without control characters, characters that change the direction of text (CVE-2021-42574), or bytes that are not UTF-8;
/// each becomes one character, so that columns stay.
fn printable(bytes: &[u8]) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
    };
    let safe = |c| match c {
        '\t' | '\r' => ' ',
        c if hostile(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(safe));
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

fn assemble(before: &str, secret: &str, after: &str, cut_before: bool, cut_after: bool) -> Excerpt {
    let before = if cut_before { before } else { before.trim_start() };
    let skip = before.chars().count().saturating_sub(MAX_BEFORE);
    let mut text = String::new();
    if skip > 0 || cut_before {
        text.push(CUT);
    }
    text.extend(before.chars().skip(skip));
    let start = text.chars().count();
    text.push_str(secret);
    let end = start + secret.chars().count();
    let after = if cut_after { after } else { after.trim_end() };
    let room = MAX_CHARACTERS.saturating_sub(end);
    text.extend(after.chars().take(room));
    if cut_after || after.chars().count() > room {
        text.push(CUT);
    }
    let column = |value| u32::try_from(value).unwrap_or(u32::MAX);
    Excerpt { text, mark_start: column(start), mark_end: column(end) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::candidate::{Identity, InExamples, Scope};
    use palisade_model::{Confidence, Form, Severity};

    fn candidate(start: usize, end: usize) -> Candidate {
        Candidate {
            rule: 0,
            secret: Span::new(start, end),
            identity: Identity::Token,
            shown: Shown::Ends,
            severity: Severity::High,
            confidence: Confidence::High,
            scope: Scope::Anywhere,
            in_examples: InExamples::Same,
            profile: crate::profile::Profile::Strict,
            form: Form::Unknown,
            asset: None,
            encodings: Vec::new(),
            message: String::new(),
        }
    }

    fn excerpt(text: &str, spans: &[(usize, usize)]) -> Excerpt {
        let all: Vec<_> = spans.iter().map(|(start, end)| candidate(*start, *end)).collect();
        let line = Span::new(0, text.len());
        Masker::new(text.as_bytes(), &all).excerpt(&all[0], line, false)
    }

    #[test]
    fn shows_the_ends_and_hides_neighbours_and_copies() {
        let token = "abcdEFGH0123abcdEFGH0123abcdEFGH0123abcd";
        let text = format!("  a={token} b=otherSecret9 # {token} otherSecret9");
        let shown = excerpt(&text, &[(4, 44), (47, 59)]);
        let bullets = |count| "•".repeat(count);
        let masked = format!("abcd{}abcd", bullets(24));
        assert_eq!(shown.text, format!("a={masked} b={} # {} {}", bullets(12), bullets(24), bullets(12)));
        assert_eq!((shown.mark_start, shown.mark_end), (2, 34));
    }

    #[test]
    fn hides_pieces_of_a_secret_but_not_the_word_it_shares_with_its_name() {
        let parts = ["abcdEFGH0", "123ijklMNOP", "4567qrstU", "VWX8901yzAB"];
        let token = parts.concat();
        let masked = format!("a=abcd{}yzAB", "•".repeat(24));
        let pieces: [(String, usize); 5] = [
            (parts[1..].concat(), 24),
            (parts[..2].concat(), 20),
            (parts[1].to_owned(), 11),
            (token.to_uppercase(), 24),
            (parts[0].to_owned(), 0),
        ];
        for (piece, hidden) in pieces {
            let text = format!("a={token} # {piece} next");
            let rest = if hidden == 0 { piece } else { "•".repeat(hidden) };
            assert_eq!(excerpt(&text, &[(2, 42)]).text, format!("{masked} # {rest} next"));
        }
        let both = format!("{} {} a={token}", parts[..2].concat(), parts[2..].concat());
        assert!(excerpt(&both, &[(44, 84)]).text.starts_with(&"•".repeat(20)), "also before it");
        let named = excerpt("password = 'password1!' # password", &[(12, 22)]);
        assert!(
            named.text.starts_with("password = '••") && named.text.ends_with("# password"),
            "{}",
            named.text
        );
    }

    #[test]
    fn hides_pieces_of_the_secret_behind_many_others() {
        let token = "abcdEFGH0123ijklMNOP4567qrstUVWX8901yzAB";
        let others: String = (0..MAX_IN_PIECES + 1).map(|at| format!("x{at:04}, ")).collect();
        let text = format!("{others}efgh0123ijklmnop a={token}");
        let own = text.len() - token.len();
        let spans: Vec<_> = std::iter::once((own, text.len()))
            .chain((0..MAX_IN_PIECES + 1).map(|at| (7 * at, 7 * at + 5)))
            .collect();
        let shown = excerpt(&text, &spans).text;
        assert!(!shown.contains("0123") && shown.contains(" a=abcd"), "{shown}");
    }

    #[test]
    fn hides_the_rest_of_what_is_encoded() {
        let text = "k=c29tZSBAQEBASECRETAQEBAQEBA== a%3DsecretREST-of_it next";
        let shown = |from: &str, encoding| {
            let start = text.find(from).unwrap();
            let one =
                Candidate { encodings: vec![encoding], shown: Shown::Nothing, ..candidate(start, start + 6) };
            let line = Span::new(0, text.len());
            Masker::new(text.as_bytes(), std::slice::from_ref(&one)).excerpt(&one, line, false).text
        };
        let run = shown("SECRET", Encoding::Base64);
        assert!(run.starts_with("•••") && run.ends_with("•• a%3DsecretREST-of_it next"), "{run}");
        let escaped = shown("secret", Encoding::Percent);
        assert!(escaped.ends_with("== a%3D•••••••••••••••• next"), "{escaped}");
    }

    #[test]
    fn cleans_and_cuts() {
        let text = format!("{}\x1b[31m\u{202e}\tSECRETSECRET{}", "é".repeat(500), "x".repeat(5000));
        let start = text.find("SECRET").unwrap();
        let shown = excerpt(&text, &[(start, start + 12)]);
        assert!(shown.text.chars().count() <= MAX_CHARACTERS + 2, "{}", shown.text);
        assert!(shown.text.starts_with('…') && shown.text.ends_with('…'));
        assert!(!shown.text.contains(['\x1b', '\u{202e}', '\t']));
        let marked: String = shown.text.chars().skip(shown.mark_start as usize).take(12).collect();
        assert_eq!(marked, "•".repeat(12));
    }

    proptest! {
        #[test]
        fn shows_at_most_a_quarter(secret in "[!-~]{1,200}") {
            let shown = mask(secret.as_bytes(), Shown::Ends).chars().filter(|c| *c != BULLET).count();
            prop_assert!(shown <= 8 && shown * 4 <= secret.len());
        }
    }
}

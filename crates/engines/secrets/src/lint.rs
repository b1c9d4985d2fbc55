//! What works in a rule and is unwise.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::RuleId;
use palisade_rulefile::{ExampleKind, RuleFile, Search};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Fewest examples of each kind.
const MIN_EXAMPLES: usize = 3;
/// A keyword with less information occurs in every other file.
const MIN_KEYWORD_BITS: f64 = 12.5;
/// Words that source code is full of.
const COMMON: &[&str] = &[
    "account", "api", "auth", "bearer", "client", "config", "data", "email", "host", "http", "https", "key",
    "login", "name", "pass", "password", "secret", "test", "token", "url", "user", "value",
];
/// Most spellings of a part of a regex that are written out: enough for a literal and two letters or digits.
const MAX_SPELLINGS: usize = 2048;
/// The window of rules that say nothing of it, in bytes.
const USUAL_WINDOW: usize = 256;
/// Longest repetition that is written out.
const MAX_REPEATED: u32 = 64;

/// Something unwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lint {
    /// The rule.
    pub rule: RuleId,
    /// The key of the header that it is about.
    pub key: &'static str,
    /// What is unwise: lower-case, no final stop.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

/// What is unwise about each of `rules`, and about them together.
pub fn lint(rules: &[&RuleFile]) -> Vec<Lint> {
    let mut lints: Vec<Lint> = rules.iter().flat_map(|rule| lint_rule(rule)).collect();
    let mut regexes: BTreeMap<&str, &RuleId> = BTreeMap::new();
    for rule in rules {
        let Search::Regex(regex) = &rule.matcher.search else { continue };
        if let Some(other) = regexes.insert(regex, &rule.info.id) {
            let hint = "make them one rule, or tell them apart";
            lints.push(found(rule, "regex", format!("it is also the regex of `{other}`"), hint));
        }
    }
    lints.sort();
    lints
}

fn found(rule: &RuleFile, key: &'static str, message: String, hint: &'static str) -> Lint {
    Lint { rule: rule.info.id.clone(), key, message, hint }
}

fn lint_rule(rule: &RuleFile) -> Vec<Lint> {
    let mut lints = Vec::new();
    for (kind, name) in [(ExampleKind::Bad, "bad"), (ExampleKind::Good, "good")] {
        let count = rule.examples.iter().filter(|example| example.kind == kind).count();
        if count < MIN_EXAMPLES {
            let message = format!("there are {count} `{name}` examples");
            lints.push(found(
                rule,
                "id",
                message,
                "three of each kind are the least: other files, other spellings",
            ));
        }
    }
    let of_vendor = rule.info.tags.iter().any(|tag| tag.starts_with("vendor:"));
    if of_vendor && rule.info.source.is_none() {
        let hint = "name the vendor's documentation as `source`";
        lints.push(found(rule, "tags", "a rule of a vendor has no source".to_owned(), hint));
    }
    if let Search::Regex(regex) = &rule.matcher.search {
        // A function is there because a regex would cost too much.
        for keyword in rule.matcher.keywords.iter().filter(|keyword| is_common(keyword)) {
            let message =
                format!("the keyword `{keyword}` is common, so that the rule is tried in many places");
            lints.push(found(rule, "keywords", message, "take a longer literal of what is looked for"));
        }
        let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(regex);
        if let Ok(hir) = parsed {
            lints.extend(lint_regex(rule, &hir));
        }
    }
    lints
}

fn lint_regex(rule: &RuleFile, hir: &Hir) -> Vec<Lint> {
    let mut lints = Vec::new();
    let mut note = |key, message: String, hint| lints.push(found(rule, key, message, hint));
    for keyword in idle_keywords(rule, &literals(hir)) {
        let message =
            format!("the keyword `{keyword}` is in no literal of the regex and in no `bad` example");
        note("keywords", message, "add an example that shows it near the secret, or take it out");
    }
    if is_unbounded(hir) && rule.matcher.window <= USUAL_WINDOW {
        note(
            "regex",
            "a repetition has no upper bound".to_owned(),
            "write `{1,100}` instead of `+`, or set `window` to what the longest match may have",
        );
    }
    let properties = hir.properties();
    if properties.minimum_len().is_some_and(|least| least <= 1) {
        note(
            "regex",
            "the regex matches a single character".to_owned(),
            "ask for as much as every secret has",
        );
    }
    if let Some(most) = properties.maximum_len().filter(|most| *most > rule.matcher.window) {
        let message =
            format!("a match may have {most} bytes, the window {} on either side", rule.matcher.window);
        note("window", message, "make the window at least as long as the longest match");
    }
    if let (Some(asked), Some(possible)) = (rule.matcher.entropy, possible_entropy(hir))
        && asked >= possible
    {
        let message = format!(
            "an entropy of {asked} cannot be had: its length and alphabet allow less than {possible:.1}"
        );
        note("entropy", message, "ask for less, about 0.7 of what is possible");
    }
    lints
}

/// The keywords, in lower case, of which nothing shows that they ever stand near a match. If an example shows one keyword that stands
/// beside the match, the others are taken for such names too.
fn idle_keywords(rule: &RuleFile, literals: &BTreeSet<Vec<u8>>) -> Vec<String> {
    // What stands before a match is in no literal.
    let inner = |keyword: &str| keyword.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    let is_matched = |keyword: &String| {
        let inner = inner(keyword);
        !inner.is_empty() && literals.iter().any(|run| contains(run, inner.as_bytes()))
    };
    let keywords = rule.matcher.keywords.iter().map(|keyword| keyword.to_ascii_lowercase());
    let beside: Vec<String> = keywords.filter(|keyword| !is_matched(keyword)).collect();
    let bad = rule.expanded_examples().filter(|(example, _)| example.kind == ExampleKind::Bad);
    let shown: Vec<String> = bad.map(|(_, expanded)| expanded.text.to_ascii_lowercase()).collect();
    match beside.iter().any(|keyword| shown.iter().any(|text| text.contains(keyword.as_str()))) {
        true => Vec::new(),
        false => beside,
    }
}

/// Whether `keyword` says little: what a character tells depends on how often code has it.
fn is_common(keyword: &str) -> bool {
    let bits = |byte: u8| match byte.to_ascii_lowercase() {
        b'e' | b't' | b'a' | b'i' | b'n' | b'o' | b's' | b'r' => 3.8,
        b'l' | b'c' | b'd' | b'u' | b'p' | b'm' | b'f' | b'g' | b'h' => 4.8,
        b'_' | b'-' | b'.' | b'=' | b':' | b'/' => 5.0,
        _ => 6.5,
    };
    COMMON.contains(&keyword) || keyword.bytes().map(bits).sum::<f64>() < MIN_KEYWORD_BITS
}

fn is_unbounded(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => repetition.max.is_none() || is_unbounded(&repetition.sub),
        HirKind::Capture(capture) => is_unbounded(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(is_unbounded),
        _ => false,
    }
}

/// The most entropy that the secret of the regex can have, in bits per byte.
fn possible_entropy(hir: &Hir) -> Option<f64> {
    let secret = secret(hir).unwrap_or(hir);
    let mut alphabet = BTreeSet::new();
    collect(secret, &mut alphabet);
    let longest = secret.properties().maximum_len().unwrap_or(usize::MAX);
    let different = u32::try_from(alphabet.len().min(longest)).ok().filter(|count| *count > 0)?;
    Some(f64::from(different).log2())
}

/// The group called `secret`.
fn secret(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => Some(&capture.sub),
        HirKind::Capture(capture) => secret(&capture.sub),
        HirKind::Repetition(repetition) => secret(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret),
        _ => None,
    }
}

/// Every byte that a match may hold.
fn collect(hir: &Hir, alphabet: &mut BTreeSet<u8>) {
    match hir.kind() {
        HirKind::Literal(literal) => alphabet.extend(literal.0.iter().copied()),
        HirKind::Class(class) => alphabet.extend(bytes_of(class)),
        HirKind::Repetition(repetition) => collect(&repetition.sub, alphabet),
        HirKind::Capture(capture) => collect(&capture.sub, alphabet),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| collect(part, alphabet));
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

fn bytes_of(class: &Class) -> BTreeSet<u8> {
    match class {
        Class::Bytes(class) => class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect(),
        Class::Unicode(class) => {
            let ascii = |c: char| u8::try_from(u32::from(c)).unwrap_or(u8::MAX);
            class.ranges().iter().flat_map(|range| ascii(range.start())..=ascii(range.end())).collect()
        }
    }
}

fn contains(run: &[u8], keyword: &[u8]) -> bool {
    run.windows(keyword.len().max(1)).any(|window| window == keyword)
}

/// All stretches of a match that have few spellings, in lower case.
fn literals(hir: &Hir) -> BTreeSet<Vec<u8>> {
    let mut runs = BTreeSet::new();
    let open = literals_into(hir, BTreeSet::from([Vec::new()]), &mut runs);
    runs.extend(open);
    runs
}

type Spellings = BTreeSet<Vec<u8>>;

/// Goes on with `open`, the spellings of what stands directly before `hir`; returns those of what stands directly before what
/// follows. Stretches that end are added to `runs`.
fn literals_into(hir: &Hir, open: Spellings, runs: &mut Spellings) -> Spellings {
    if let Some(spellings) = spellings(hir) {
        if open.len() * spellings.len() <= MAX_SPELLINGS {
            let joined = open
                .iter()
                .flat_map(|head| spellings.iter().map(move |tail| [head.as_slice(), tail].concat()));
            return joined.collect();
        }
        runs.extend(open);
        return spellings;
    }
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().fold(open, |open, part| literals_into(part, open, runs)),
        HirKind::Capture(capture) => literals_into(&capture.sub, open, runs),
        HirKind::Alternation(parts) => {
            let ends = parts.iter().map(|part| literals_into(part, open.clone(), runs)).collect::<Vec<_>>();
            let ends: Spellings = ends.into_iter().flatten().collect();
            if ends.len() <= MAX_SPELLINGS { ends } else { cut(ends, runs) }
        }
        HirKind::Repetition(repetition) => {
            // Its first two rounds go on with what stands before.
            let once = literals_into(&repetition.sub, open.clone(), runs);
            let twice = literals_into(&repetition.sub, once.clone(), runs);
            runs.extend(once);
            runs.extend(twice);
            runs.extend(literals(&repetition.sub));
            // Without a round, what follows does.
            let open = if repetition.min == 0 { open } else { BTreeSet::new() };
            open.into_iter().chain([Vec::new()]).collect()
        }
        _ => cut(open, runs),
    }
}

fn cut(open: Spellings, runs: &mut Spellings) -> Spellings {
    runs.extend(open);
    BTreeSet::from([Vec::new()])
}

/// Every spelling of what `hir` matches, in lower case; none when there are too many.
fn spellings(hir: &Hir) -> Option<Spellings> {
    let all = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => BTreeSet::from([Vec::new()]),
        HirKind::Literal(literal) => BTreeSet::from([literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => {
            bytes_of(class).into_iter().map(|byte| vec![byte.to_ascii_lowercase()]).collect()
        }
        HirKind::Capture(capture) => spellings(&capture.sub)?,
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(BTreeSet::from([Vec::new()]), |heads, part| joined(&heads, &spellings(part)?))?,
        HirKind::Alternation(parts) => {
            let parts: Option<Vec<Spellings>> = parts.iter().map(spellings).collect();
            parts?.into_iter().flatten().collect()
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.filter(|most| *most <= MAX_REPEATED)?;
            let inner = spellings(&repetition.sub)?;
            let mut all = BTreeSet::new();
            let mut repeated = BTreeSet::from([Vec::new()]);
            for count in 0..=most {
                if count >= repetition.min {
                    all.extend(repeated.iter().cloned());
                }
                repeated = joined(&repeated, &inner)?;
            }
            all
        }
    };
    (all.len() <= MAX_SPELLINGS).then_some(all)
}

fn joined(heads: &Spellings, tails: &Spellings) -> Option<Spellings> {
    let join =
        || heads.iter().flat_map(|head| tails.iter().map(move |tail| [head.as_slice(), tail].concat()));
    (heads.len() * tails.len() <= MAX_SPELLINGS).then(|| join().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(matcher: &str) -> Vec<String> {
        let text = format!(
            "+++\nid = \"acme\"\ntitle = \"Key\"\nseverity = \"high\"\nconfidence = \"high\"\ncwe = [798]\ntags = [\"a\"]\n\
             since = \"0.1.0\"\n[match]\n{matcher}\n+++\nWhy.\n\n## Fix\nSo.\n\n{}{}",
            "```bad\nbeside {{hex:8}}\n       ^^^^^^^^^\n```\n".repeat(3),
            "```good\nx\n```\n".repeat(3)
        );
        let (rule, problems) = RuleFile::parse("acme", &text);
        let rule = rule.unwrap_or_else(|| panic!("{problems:?}"));
        lint(&[&rule]).into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_sound_rule_has_no_remarks() {
        for matcher in [
            "keywords = ['acme_']\nregex = 'acme_[0-9a-f]{16}'\nentropy = 2.5",
            "keywords = ['acmep_', 'acmeo_']\nregex = '(?:acmep|acmeo)_[0-9a-f]{16}'",
            "keywords = ['acme_0', 'acme_1f', ' acme_']\nregex = 'acme_[0-9a-f]{16}'",
            "keywords = ['beside', 'corp']\nregex = '[0-9a-f]{16}'",
            "keywords = ['acme-']\nregex = 'acme[\\w-]{0,20}=(?<secret>[0-9a-f]{16})'",
            "keywords = ['acme-key']\nregex = '(?i:acme[-_]?key)[\\s:=]{1,5}(?<secret>[0-9a-f]{16})'",
        ] {
            assert_eq!(messages(matcher), Vec::<String>::new(), "{matcher}");
        }
    }

    #[test]
    fn unwise_rules_are_told() {
        let cases = [
            ("keywords = ['key']\nregex = 'key_[0-9a-f]{16}'", "the keyword `key` is common"),
            ("keywords = ['token']\nregex = 'token_[0-9a-f]{16}'", "the keyword `token` is common"),
            (
                "keywords = ['acme_', 'corp_']\nregex = 'acme_[0-9a-f]{16}'",
                "the keyword `corp_` is in no literal of the regex and in no `bad` example",
            ),
            ("keywords = ['acme_']\nregex = 'acme_[0-9a-f]+'", "a repetition has no upper bound"),
            ("keywords = ['acme_']\nregex = '(?:acme_)?[0-9a-f]'", "the regex matches a single character"),
            (
                "keywords = ['acme_']\nregex = 'acme_[0-9a-f]{400}'",
                "a match may have 405 bytes, the window 256",
            ),
            (
                "keywords = ['acme_']\nregex = 'acme_(?<secret>[0-9a-f]{16})'\nentropy = 4.0",
                "an entropy of 4 cannot be had",
            ),
            (
                "keywords = ['acme_']\nregex = 'acme_(?<secret>\\w{8})'\nentropy = 3.5",
                "an entropy of 3.5 cannot be had",
            ),
        ];
        for (matcher, message) in cases {
            let found = messages(matcher);
            assert!(found.len() == 1 && found[0].starts_with(message), "{matcher}: {found:?}");
        }
    }
}

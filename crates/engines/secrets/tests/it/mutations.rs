//! Every rule against changed examples: what must not matter to it, and what must.

use std::collections::BTreeMap;
use std::fmt;

use palisade_model::Finding;
use palisade_rulefile::{Checksum, Example, ExampleKind, Expanded, RuleFile, Search};
use palisade_secrets::SecretsEngine;
use regex_syntax::hir::{Hir, HirKind};

use crate::examples::{SALT, load, scan};

/// Rule files whose first tag names a vendor, and that say where the vendor documents the format.
const LEAST_FAMILIES: usize = 250;
/// Rule files with a check that needs no network.
const LEAST_VERDICTS: usize = 35;
/// Examples of each kind that a rule file has.
const LEAST_EXAMPLES: usize = 3;
/// Seeds that the rule files were not written with.
const SEEDS: [u64; 4] = [0x5eed, 77, 1_000_003, u64::MAX / 3];
/// Changed tokens tried against one checksum, and how many may get through.
const MUTANTS: usize = 20;
const MAX_SURVIVORS: usize = 1;

/// Checks that a change of any one character breaks.
const SUMS: &[Checksum] = &[
    Checksum::GithubCrc32,
    Checksum::NpmCrc32,
    Checksum::GrafanaCrc32,
    Checksum::AgeBech32,
    Checksum::GitlabToken,
    Checksum::AzureMarvin32,
];

/// A rule, a change that it need not stand, and why.
const OPT_OUTS: &[(&str, Change, &str)] = &[
    ("adyen-api-key", Change::Wrapped("VALUE=@;\n"), PUNCTUATION),
    ("adyen-api-key", Change::Wrapped("(@)"), PUNCTUATION),
    ("adyen-api-key", Change::Wrapped("`@`"), PUNCTUATION),
    ("adyen-api-key", Change::BrokenUtf8, PUNCTUATION),
    ("adyen-api-key", Change::Wrapped(ESCAPED), PUNCTUATION),
    ("line-channel-access-token", Change::Wrapped(ESCAPED), ANY_LETTER),
    ("unleash-api-token", Change::Wrapped(ESCAPED), ANY_LETTER),
    ("flyio-macaroon-token", Change::LetterBefore, "the second macaroon of a list is one of its own"),
    ("flyio-macaroon-token", Change::OtherCase, "the second macaroon of a list is one of its own"),
    (
        "midtrans-server-key",
        Change::LetterBefore,
        "a key without the mark of the sandbox in front is one too",
    ),
    ("wandb-api-key", Change::Indented, "lines of a .netrc file are not indented that far"),
    ("ansible-password", Change::Indented, LINES),
    ("ansible-password", Change::LongLine, LINES),
    ("generic-assignment", Change::LongLine, LINES),
    ("gradle-signing-password", Change::LongLine, LINES),
    ("installer-password", Change::LongLine, LINES),
    ("ipsec-secret", Change::LongLine, LINES),
    ("network-device-password", Change::LongLine, LINES),
    ("openvpn-user-pass", Change::Indented, LINES),
    ("pgpass-password", Change::Indented, LINES),
    ("pgpass-password", Change::LongLine, LINES),
    (
        "private-key",
        Change::LongLine,
        "what its first line begins with stands before each line of a key in a log",
    ),
    ("putty-private-key", Change::Indented, LINES),
    ("server-config-password", Change::Indented, LINES),
    ("server-config-password", Change::LongLine, LINES),
    ("svn-stored-password", Change::Indented, LINES),
    ("svn-stored-password", Change::LongLine, LINES),
];

const LINES: &str = "the format says what stands at the start of a line";

const ANY_LETTER: &str = "it begins with any letter, so that of the escape before it is taken in";

const PUNCTUATION: &str = "keys end with any printable characters, so what follows may belong to them";

/// Rules whose prefix ends common words (`info_`, `format_`) or is too short to look for alone, so that their anchors name what
/// stands before it. They are tried only where one of those stands; a token after anything else is missed.
const NAMED_NEIGHBOURS: &[&str] = &[
    "airtable-pat",
    "crates-io-api-token",
    "cursor-api-key",
    "elevenlabs-api-key",
    "facebook-access-token",
    "matrix-mas-token",
    "netlify-oauth-token",
    "pangea-service-token",
    "resend-api-key",
];

/// What is done to an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    FreshSeed,
    NoLastNewline,
    WindowsLines,
    Indented,
    LongLine,
    BrokenUtf8,
    Wrapped(&'static str),
    LastCharacterGone,
    CharacterMore,
    LetterBefore,
    DigitBefore,
    LetterAfter,
    DigitAfter,
    OtherCase,
    OneCharacterOther,
}

/// Surroundings of a secret that stands alone; `@` is its place.
const WRAPS: &[&str] = &[
    "@",
    "{\"value\": \"@\"}",
    "value: @\n",
    "export VALUE='@'\n",
    "<a value=\"@\"/>",
    "'@'",
    "\"@\",\n",
    "VALUE=@;\n",
    "(@)",
    "`@`",
    "value\t@\tother\n",
    ESCAPED,
];

/// A line of a text that is written as a string.
const ESCAPED: &str = "{\"text\": \"first\\n@\\r\\nlast\"}";

/// What went wrong, with all that is needed to see it again.
struct Failure {
    rule: String,
    change: Change,
    text: String,
    detail: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, change, text, detail } = self;
        let shown: String = text.chars().take(600).collect();
        write!(f, "{rule}: {change:?}: {detail} in\n{shown}")
    }
}

/// A rule alone in an engine.
struct Bench {
    rule: RuleFile,
    engine: SecretsEngine,
    failures: Vec<Failure>,
    /// Opt-outs that were of use.
    used: Vec<Change>,
    /// How often each change was tried.
    tried: BTreeMap<Change, usize>,
}

impl Bench {
    fn new(rule: RuleFile) -> Self {
        let engine = SecretsEngine::new(vec![rule.clone()], SALT).unwrap();
        Self { rule, engine, failures: Vec::new(), used: Vec::new(), tried: BTreeMap::new() }
    }

    fn id(&self) -> &str {
        self.rule.info.id.as_str()
    }

    fn scan(&self, example: &Example, text: &[u8]) -> Vec<Finding> {
        scan(&self.engine, &example.path, text)
    }

    fn try_out(&mut self, change: Change) {
        *self.tried.entry(change).or_default() += 1;
    }

    fn fail(&mut self, change: Change, text: &[u8], detail: String) {
        if OPT_OUTS.iter().any(|(rule, known, _)| *rule == self.id() && *known == change) {
            self.used.push(change);
            return;
        }
        let (rule, text) = (self.id().to_owned(), String::from_utf8_lossy(text).into_owned());
        self.failures.push(Failure { rule, change, text, detail });
    }

    /// The marked secrets must be found where `moved` says they are now, and nothing else.
    fn expect(
        &mut self,
        change: Change,
        example: &Example,
        expanded: &Expanded,
        text: &[u8],
        moved: impl Fn(usize) -> usize,
    ) {
        self.try_out(change);
        let mut wanted: Vec<_> = expanded.marks.iter().map(|mark| moved(mark.span.start)).collect();
        let mut found: Vec<_> =
            self.scan(example, text).iter().map(|finding| finding.location.bytes.start).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        if wanted != found {
            self.fail(change, text, format!("secrets at {wanted:?}, found at {found:?}"));
        }
    }

    /// What is found over `place` of `text`.
    fn found_in(&self, example: &Example, text: &[u8], place: (usize, usize)) -> Option<String> {
        let spans = self.scan(example, text).into_iter().map(|finding| finding.location.bytes);
        let over = spans.into_iter().find(|span| span.start < place.1 && place.0 < span.end)?;
        Some(String::from_utf8_lossy(&text[over.start..over.end]).into_owned())
    }

    /// Changes of an example as a whole that no rule may mind.
    fn surroundings(&mut self, example: &Example) {
        for seed in SEEDS {
            let expanded = example.expand(seed);
            let text = expanded.text.clone();
            self.expect(Change::FreshSeed, example, &expanded, text.as_bytes(), |at| at);
        }
        let expanded = example.expand(SEEDS[0]);
        let text = expanded.text.as_str();
        self.expect(Change::NoLastNewline, example, &expanded, text.trim_end().as_bytes(), |at| at);
        let lines_before = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let windows = text.replace('\n', "\r\n");
        self.expect(Change::WindowsLines, example, &expanded, windows.as_bytes(), |at| at + lines_before(at));
        let indented = format!("    {}", text.replace('\n', "\n    "));
        self.expect(Change::Indented, example, &expanded, indented.as_bytes(), |at| {
            at + 4 * (lines_before(at) + 1)
        });
        let head = "so it goes on and on; ".repeat(230);
        let long = format!("{head}{text}");
        self.expect(Change::LongLine, example, &expanded, long.as_bytes(), |at| at + head.len());
        let broken = [b"\x80\xc3\xff\n", text.as_bytes(), b"\xff\xfe\x80"].concat();
        self.expect(Change::BrokenUtf8, example, &expanded, &broken, |at| at + 4);
    }

    /// A secret that needs no context is found in any.
    fn wraps(&mut self, example: &Example) {
        let expanded = example.expand(SEEDS[1]);
        let Some(mark) = expanded.marks.first() else { return };
        let Some(secret) = expanded.text.get(mark.span.start..mark.span.end) else { return };
        // A text that is nothing but a token says what it is by that.
        let bare = self.scan(example, format!("- {secret} -").as_bytes());
        if bare.is_empty() || secret.contains(char::is_whitespace) {
            return;
        }
        for wrap in WRAPS {
            if !self.reaches(&wrap.replace('@', secret)) {
                continue;
            }
            self.try_out(Change::Wrapped(wrap));
            let text = wrap.replace('@', secret);
            let at = wrap.find('@').unwrap();
            let found = self.scan(example, text.as_bytes());
            let spans: Vec<_> =
                found.iter().map(|one| (one.location.bytes.start, one.location.bytes.end)).collect();
            if spans != [(at, at + secret.len())] {
                self.fail(Change::Wrapped(wrap), text.as_bytes(), format!("found at {spans:?}"));
            }
        }
        let text = [b"\xe9".as_slice(), secret.as_bytes(), b"\xe9"].concat();
        if self.reaches(secret) && self.found_in(example, &text, (0, text.len())).as_deref() != Some(secret) {
            self.fail(Change::BrokenUtf8, &text, "not found".to_owned());
        }
    }

    /// Whether the rule is tried in `text` at all; all rules must be, but those that say so.
    fn reaches(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        !NAMED_NEIGHBOURS.contains(&self.id())
            || self.rule.matcher.keywords.iter().any(|keyword| text.contains(keyword.as_str()))
    }

    /// Changes of a secret after which it is none.
    fn near_misses(&mut self, example: &Example) {
        let expanded = example.expand(SEEDS[2]);
        let text = expanded.text.as_str();
        for mark in &expanded.marks {
            let (start, end) = (mark.span.start, mark.span.end);
            let Some(secret) = text.get(start..end) else { continue };
            for (change, changed) in self.harmful(secret) {
                self.try_out(change);
                let around = [text.get(..start), text.get(end..)].map(Option::unwrap);
                let mutant = [around[0], &changed, around[1]].concat();
                let place = (start, start + changed.len());
                let found = self.found_in(example, mutant.as_bytes(), place);
                // A secret whose beginning may be longer takes the letter in.
                if found.as_deref().is_some_and(|found| change != Change::LetterBefore || found != changed) {
                    self.fail(change, mutant.as_bytes(), format!("found `{}`", found.unwrap_or_default()));
                }
            }
        }
    }

    fn harmful(&self, secret: &str) -> Vec<(Change, String)> {
        let mut all = Vec::new();
        let fixed = secret_lengths(&self.rule).is_some_and(|(least, most)| least == most);
        // Functions know their surroundings themselves, and their secrets have any length.
        let bounded = matches!(self.rule.matcher.search, Search::Regex(_));
        if fixed {
            let mut shorter = secret.to_owned();
            shorter.pop();
            all.push((Change::LastCharacterGone, shorter));
            let middle = secret.len() * 3 / 4;
            let twin =
                *secret.as_bytes().get(middle).filter(|byte| byte.is_ascii_alphanumeric()).unwrap_or(&b'a');
            let mut longer = secret.to_owned();
            longer.insert(middle, char::from(twin));
            all.push((Change::CharacterMore, longer));
        }
        if fixed && bounded {
            all.push((Change::DigitBefore, format!("7{secret}")));
            all.push((Change::LetterAfter, format!("{secret}q")));
            all.push((Change::DigitAfter, format!("{secret}7")));
        }
        if bounded {
            all.push((Change::LetterBefore, format!("q{secret}")));
        }
        all.extend(self.other_case(secret).map(|changed| (Change::OtherCase, changed)));
        all
    }

    /// The secret with the case of its fixed beginning turned, where the rule minds it.
    fn other_case(&self, secret: &str) -> Option<String> {
        let Search::Regex(regex) = &self.rule.matcher.search else { return None };
        let lower = secret.to_ascii_lowercase();
        let keywords = self.rule.matcher.keywords.iter();
        let keyword =
            keywords.filter(|keyword| lower.starts_with(keyword.as_str())).max_by_key(|one| one.len())?;
        let turned = |character: char| {
            if character.is_ascii_lowercase() {
                character.to_ascii_uppercase()
            } else {
                character.to_ascii_lowercase()
            }
        };
        let (head, tail) = secret.split_at(keyword.len());
        let changed: String = head.chars().map(turned).chain(tail.chars()).collect();
        (!regex.contains("(?i") && changed != secret).then_some(changed)
    }

    /// A token with a checksum is refused after any one character of it was changed.
    fn breaks_sums(&mut self, example: &Example) {
        if !self.rule.matcher.checksum.is_some_and(|checksum| SUMS.contains(&checksum)) {
            return;
        }
        let expanded = example.expand(SEEDS[3]);
        let found = self.scan(example, expanded.text.as_bytes());
        let summed = found.iter().filter(|finding| finding.message.contains("checksum is valid"));
        for span in summed.map(|finding| finding.location.bytes).collect::<Vec<_>>() {
            self.try_out(Change::OneCharacterOther);
            let bytes = expanded.text.as_bytes();
            let places: Vec<_> =
                (span.start + 6..span.end).filter(|at| bytes[*at].is_ascii_alphanumeric()).collect();
            let mutants = places.iter().step_by((places.len() / MUTANTS).max(1)).take(MUTANTS);
            let survivors: Vec<_> = mutants
                .map(|at| with_other(bytes, *at))
                .filter(|mutant| self.found_in(example, mutant, (span.start, span.end)).is_some())
                .collect();
            if let Some(survivor) = survivors.first().filter(|_| survivors.len() > MAX_SURVIVORS) {
                self.fail(
                    Change::OneCharacterOther,
                    survivor,
                    format!("{} of {MUTANTS} survive", survivors.len()),
                );
            }
        }
    }
}

/// The bytes with another character of the same kind at `at`.
fn with_other(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut mutant = bytes.to_vec();
    mutant[at] = match mutant[at] {
        b'9' => b'0',
        // In hexadecimal digits too the next letter must be one.
        b'f' => b'a',
        b'F' => b'A',
        b'z' => b'y',
        b'Z' => b'Y',
        other => other + 1,
    };
    mutant
}

/// Least and most bytes of what the rule takes for the secret.
fn secret_lengths(rule: &RuleFile) -> Option<(usize, usize)> {
    let Search::Regex(regex) = &rule.matcher.search else { return None };
    let hir = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(regex).unwrap();
    let secret = group(&hir, "secret").unwrap_or(&hir);
    Some((secret.properties().minimum_len()?, secret.properties().maximum_len()?))
}

/// The group `name` in a regex.
fn group<'h>(hir: &'h Hir, name: &str) -> Option<&'h Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some(name) => Some(&capture.sub),
        HirKind::Capture(capture) => group(&capture.sub, name),
        HirKind::Repetition(repetition) => group(&repetition.sub, name),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().find_map(|part| group(part, name))
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// Runs every change against one rule.
fn mutate(rule: RuleFile) -> Bench {
    let mut bench = Bench::new(rule);
    let examples = bench.rule.examples.clone();
    for example in examples.iter().filter(|example| example.kind == ExampleKind::Bad) {
        bench.surroundings(example);
        bench.wraps(example);
        bench.near_misses(example);
        bench.breaks_sums(example);
    }
    bench
}

#[test]
fn rules_stand_mutations_of_their_examples() {
    let wanted = std::env::var("PALISADE_RULE").unwrap_or_default();
    let names: Vec<_> = wanted.split(',').filter(|name| !name.is_empty()).collect();
    let rules = load().0.into_iter().map(|loaded| loaded.rule);
    let rules: Vec<_> =
        rules.filter(|rule| names.is_empty() || names.contains(&rule.info.id.as_str())).collect();
    assert!(!rules.is_empty(), "PALISADE_RULE={wanted} names no rule");
    let benches: Vec<_> = rules.into_iter().map(mutate).collect();
    let failures: Vec<_> =
        benches.iter().flat_map(|bench| &bench.failures).map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n\n"));
    for (rule, change, reason) in OPT_OUTS {
        let bench = benches.iter().find(|bench| bench.id() == *rule);
        let needed = bench.is_none_or(|bench| bench.used.contains(change));
        assert!(needed, "{rule} stands {change:?} by now; drop the opt-out ({reason})");
    }
}

/// A change that is never tried proves nothing.
#[test]
fn changes_reach_most_rules() {
    let rules = load().0.into_iter().map(|loaded| loaded.rule);
    let rules: Vec<_> =
        rules.filter(|rule| rule.matcher.checksum.is_some_and(|sum| SUMS.contains(&sum))).collect();
    assert!(rules.len() >= 10, "{} rules with sums", rules.len());
    for bench in rules.into_iter().map(mutate) {
        // The tokens of jobs are JSON Web Tokens, or old ones without a sum.
        let sums = (bench.id() != "gitlab-job-token").then_some(Change::OneCharacterOther);
        for change in [Change::FreshSeed, Change::Wrapped("@"), Change::LetterBefore].into_iter().chain(sums)
        {
            assert!(bench.tried.contains_key(&change), "{} was not tried with {change:?}", bench.id());
        }
    }
}

/// Rules that are too weak fail, each by the change that finds it out.
#[test]
fn weak_rules_are_seen() {
    let cases: [(&str, &str, &[Change]); 4] = [
        (
            "keywords = [\"acme_\"]\nregex = 'acme_[0-9a-f]{8}'\nboundary = false",
            "k = acme_{{hex:8}}",
            &[
                Change::CharacterMore,
                Change::LetterBefore,
                Change::DigitBefore,
                Change::LetterAfter,
                Change::DigitAfter,
            ],
        ),
        (
            "keywords = [\" acme_\"]\nregex = 'acme_[0-9a-f]{8}'",
            "k = acme_{{hex:8}}",
            &[Change::Wrapped("'@'"), Change::BrokenUtf8],
        ),
        (
            "keywords = [\"acme_\"]\nregex = '(?<secret>acme_[0-9a-f]{8})\\n'",
            "k = acme_{{hex:8}}",
            &[Change::NoLastNewline, Change::WindowsLines],
        ),
        (
            "keywords = [\"acme_\"]\nregex = '[Aa][Cc][Mm][Ee]_[0-9a-f]{7}(?:[0-9a-f])'",
            "k = acme_{{hex:8}}",
            &[Change::OtherCase],
        ),
    ];
    for (matcher, example, changes) in cases {
        let marks = " ".repeat(4) + &"^".repeat(example.len() - 4);
        let text = format!(
            "+++\nid = \"acme\"\ntitle = \"Key\"\nseverity = \"high\"\nconfidence = \"high\"\ncwe = [798]\n\
             tags = [\"vendor:acme\"]\nsince = \"0.1.0\"\nsource = \"https://acme.io/docs\"\n[match]\n{matcher}\n\
             +++\nWhy.\n\n## Fix\nSo.\n\n```bad\n{example}\n{marks}\n```\n```good\nx\n```\n"
        );
        let (rule, problems) = RuleFile::parse("acme", &text);
        assert_eq!(problems, [], "{text}");
        let bench = mutate(rule.unwrap());
        let seen: Vec<_> = bench.failures.iter().map(|failure| failure.change).collect();
        for change in changes {
            assert!(seen.contains(change), "{matcher}: {change:?} is not among {seen:?}");
        }
    }
}

#[test]
fn families_are_documented() {
    let rules: Vec<_> = load().0.into_iter().map(|loaded| loaded.rule).collect();
    let of_vendor = |rule: &&RuleFile| {
        let tagged = rule.info.tags.first().is_some_and(|tag| tag.starts_with("vendor:"));
        tagged && rule.info.source.as_deref().is_some_and(|source| source.starts_with("https://"))
    };
    let families = rules.iter().filter(of_vendor).count();
    assert!(families >= LEAST_FAMILIES, "{families} documented families");
    let verdicts = rules.iter().filter(|rule| rule.matcher.checksum.is_some()).count();
    assert!(verdicts >= LEAST_VERDICTS, "{verdicts} rules with an offline verdict");
    let poor = rules.iter().filter(|rule| {
        let count = |kind| rule.examples.iter().filter(|example| example.kind == kind).count();
        count(ExampleKind::Bad) < LEAST_EXAMPLES || count(ExampleKind::Good) < LEAST_EXAMPLES
    });
    let poor: Vec<_> = poor.map(|rule| rule.info.id.as_str()).collect();
    assert!(poor.is_empty(), "rules with fewer than {LEAST_EXAMPLES} examples of a kind: {}", poor.join(" "));
    println!("{families} documented families, {verdicts} with an offline verdict");
}

use palisade_model::{Digest, Level, Problem, RuleId, RuleInfo, Span};

use crate::body::Body;
use crate::header::Header;
use crate::{Example, Expanded, Matcher};

/// Longest rule file that is read, in bytes.
pub const MAX_RULE_BYTES: usize = 64 * 1024;

const FENCE: &str = "+++";

/// One rule, as its author wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleFile {
    /// What reports show.
    pub info: RuleInfo,
    /// Rules of one family find the same thing in different spellings, and share fingerprints.
    pub family: RuleId,
    /// The version of Palisade that first had it.
    pub since: String,
    /// How it matches.
    pub matcher: Matcher,
    /// Its tests, in the order of the file.
    pub examples: Vec<Example>,
    /// The digest of the file.
    pub digest: Digest,
}

impl RuleFile {
    /// Reads the rule file `text`; `name` is its file name with or without `.md`, and its stem must be the rule's id.
    ///
    /// Returns every problem with its place in `text`. The rule is none when a problem is an error.
    pub fn parse(name: &str, text: &str) -> (Option<Self>, Vec<Problem>) {
        Self::parse_with(name, text, true)
    }

    /// The same without the examples, which take most of the time and are of no use to a scan.
    pub fn parse_without_examples(name: &str, text: &str) -> (Option<Self>, Vec<Problem>) {
        Self::parse_with(name, text, false)
    }

    fn parse_with(name: &str, text: &str, with_examples: bool) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let rule = read(name.strip_suffix(".md").unwrap_or(name), text, with_examples, &mut problems);
        let refused = problems.iter().any(|problem| problem.level == Level::Error);
        (rule.filter(|_| !refused), problems)
    }

    /// The examples as an engine is to see them: always the same, whatever other rules there are.
    pub fn expanded_examples(&self) -> impl Iterator<Item = (&Example, Expanded)> {
        let id = self.info.id.as_str();
        self.examples.iter().zip(0..).map(move |(example, index)| (example, example.expand(seed(id, index))))
    }
}

/// FNV-1a over the rule's name.
fn seed(id: &str, index: u64) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    id.bytes().fold(0xcbf2_9ce4_8422_2325 ^ index, step)
}

fn read(stem: &str, text: &str, with_examples: bool, problems: &mut Vec<Problem>) -> Option<RuleFile> {
    if text.len() > MAX_RULE_BYTES {
        problems.push(Problem::error("rule file is larger than 64 KiB", Span::new(0, 0)));
        return None;
    }
    let Some((toml, body)) = split(text) else {
        let problem = Problem::error("no header: expected TOML between two lines `+++`", Span::new(0, 0));
        problems.push(problem.with_hint("the first line of a rule file is `+++`"));
        return None;
    };
    let header = Header::read(stem, text.get(toml.start..toml.end)?, toml.start, problems);
    let body = Body::read(text, body.start, with_examples, problems);
    Some(assemble(header?, body, text))
}

fn assemble(header: Header, body: Body, text: &str) -> RuleFile {
    let info = RuleInfo {
        id: header.id,
        title: header.title,
        severity: header.severity,
        confidence: header.confidence,
        cwe: header.cwe,
        tags: header.tags,
        why: body.why,
        fix: body.fix,
        source: header.source,
    };
    RuleFile {
        info,
        family: header.family,
        since: header.since,
        matcher: header.matcher,
        examples: body.examples,
        digest: Digest::of(text.as_bytes()),
    }
}

/// The places of the header's TOML and of what follows it.
fn split(text: &str) -> Option<(Span, Span)> {
    let mut lines = lines_with_offsets(text, 0);
    let (_, first) = lines.next()?;
    if first.trim_end() != FENCE {
        return None;
    }
    let mut start = None;
    for (at, line) in lines {
        let start = *start.get_or_insert(at);
        if line.trim_end() == FENCE {
            let body = (at + line.len()).min(text.len());
            return Some((Span::new(start, at), Span::new(body, text.len())));
        }
    }
    None
}

/// The lines of `text` from byte `from`, each with its line feed, and where they start.
pub(crate) fn lines_with_offsets(text: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    let rest = text.get(from..).unwrap_or_default();
    rest.split_inclusive('\n').scan(from, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

#[cfg(test)]
mod tests {
    use palisade_model::Severity;
    use proptest::prelude::*;

    use super::*;
    use crate::{Checksum, ExampleKind, Search};

    const GOOD: &str = r#"+++
id = "github-pat"
title = "GitHub personal access token"
severity = "critical"
confidence = "high"
cwe = [798]
tags = ["vendor:github", "checksum"]
since = "0.1.0"
source = "https://docs.github.com/"
[match]
keywords = ["ghp_"]
regex = 'ghp_[0-9A-Za-z]{36}'
checksum = "github_crc32"
+++
Acts as its owner.

Second paragraph.

## Fix
Revoke it.

```bad path=.env
TOKEN=ghp_{{base62:30+crc32}} ß {{word}}
      ^^^^^^^^^^^^^^^^^^^^^^^
```
```sh
echo prose
```
```good
TOKEN={{ .Values.token }}
```
"#;

    fn messages(text: &str) -> Vec<String> {
        RuleFile::parse("github-pat", text).1.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn examples_can_be_left_out() {
        let (whole, _) = RuleFile::parse("github-pat", GOOD);
        let (bare, problems) = RuleFile::parse_without_examples("github-pat", GOOD);
        let (whole, bare) = (whole.unwrap(), bare.unwrap());
        assert_eq!(problems, []);
        assert!(!whole.examples.is_empty());
        assert_eq!(bare, RuleFile { examples: Vec::new(), ..whole });
    }

    #[test]
    fn reads_a_whole_rule() {
        let (rule, problems) = RuleFile::parse("github-pat.md", GOOD);
        assert_eq!(problems, []);
        let rule = rule.unwrap();
        assert_eq!(rule.info.severity, Severity::Critical);
        assert_eq!(rule.info.why, "Acts as its owner.\n\nSecond paragraph.");
        assert_eq!(rule.info.fix, "Revoke it.\n\n```sh\necho prose\n```");
        assert_eq!(rule.family.as_str(), "github-pat");
        assert_eq!(rule.matcher.search, Search::Regex("ghp_[0-9A-Za-z]{36}".to_owned()));
        assert_eq!(rule.matcher.checksum, Some(Checksum::GithubCrc32));
        assert_eq!((rule.matcher.window, rule.matcher.boundary), (256, true));
        let [bad, good] = rule.examples.as_slice() else { panic!("two examples") };
        assert_eq!((bad.kind, bad.path.as_str()), (ExampleKind::Bad, ".env"));
        assert_eq!(good.expand(1).text, "TOKEN={{ .Values.token }}\n");

        let expanded = bad.expand(1);
        let [mark] = expanded.marks.as_slice() else { panic!("one mark") };
        let secret = expanded.text.get(mark.span.start..mark.span.end).unwrap();
        assert!(secret.starts_with("ghp_") && secret.len() == 40, "{secret}");
        assert_eq!(mark.line, 23);
        assert_eq!(expanded, bad.expand(1));
        assert_ne!(expanded, bad.expand(2));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let cases = [
            ("keywords = [\"ghp_\"]", "keyword = [\"ghp_\"]", "unknown key `keyword`"),
            ("severity = \"critical\"", "severity = \"criticl\"", "unknown severity `criticl`"),
            ("checksum = \"github_crc32\"", "checksum = \"crc\"", "unknown checksum `crc`"),
            ("[\"ghp_\"]", "[\"gh\"]", "keyword is shorter than 3 or longer than 64 bytes"),
            (
                "id = \"github-pat\"",
                "id = \"github-pats\"",
                "id `github-pats` is not the file's stem `github-pat`",
            ),
            ("source = \"https://docs.github.com/\"\n", "", "missing key `source`"),
            ("## Fix", "## Fixes", "no section `## Fix`"),
            ("{{base62:30+crc32}}", "{{base6:30+crc32}}", "unknown generator `base6`"),
            ("      ^^^^^^^^^^^^^^^^^^^^^^^\n", "", "a `bad` example marks no secret"),
            ("      ^^^^^^^^^^^^^^^^^^^^^^^", "            ^^^^", "mark begins or ends inside a generator"),
            ("```good", "```prose", "no `good` example"),
        ];
        for (from, to, message) in cases {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            assert!(messages(&text).iter().any(|found| found == message), "{message}: {:?}", messages(&text));
        }
        let (_, problems) = RuleFile::parse("github-pat", &GOOD.replace("keywords", "keyword"));
        let unknown = problems.iter().find(|problem| problem.message == "unknown key `keyword`").unwrap();
        assert_eq!(unknown.label.as_deref(), Some("did you mean `keywords`?"));
        let text = GOOD.replace("keywords", "keyword");
        assert_eq!(text.get(unknown.span.start..unknown.span.end), Some("keyword"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\+\\+\\+\n)?[\\PC\n`^{}=\\[\\]\"]{0,200}(\n\\+\\+\\+\n)?[\\PC\n`^{}:+]{0,200}") {
            let (rule, problems) = RuleFile::parse("x", &text);
            prop_assert!(rule.is_some() || !problems.is_empty());
        }

        #[test]
        fn survives_any_one_cut(at in 0..GOOD.len(), len in 0..40_usize) {
            let mut text = GOOD.as_bytes().to_vec();
            text.drain(at..(at + len).min(GOOD.len()));
            let text = String::from_utf8_lossy(&text);
            for problem in RuleFile::parse("github-pat", &text).1 {
                prop_assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
            }
        }

        #[test]
        fn marks_hold_what_the_template_marks(seed in any::<u64>()) {
            let (rule, _) = RuleFile::parse("github-pat", GOOD);
            for example in rule.unwrap().examples {
                for mark in example.expand(seed).marks {
                    prop_assert!(example.expand(seed).text.get(mark.span.start..mark.span.end).is_some());
                }
            }
        }
    }
}

use palisade_model::{Confidence, Problem, RuleId, Severity, Span};
use toml_edit::{Document, Item, TableLike, Value};

use crate::checksum::Checksum;

const TOP_KEYS: &[&str] =
    &["id", "title", "severity", "confidence", "cwe", "tags", "since", "source", "family", "match"];
const MATCH_KEYS: &[&str] = &["keywords", "regex", "window", "boundary", "checksum", "entropy", "function"];
const MAX_TITLE: usize = 100;
const MAX_REGEX: usize = 4096;
const MAX_KEYWORDS: usize = 64;
const DEFAULT_WINDOW: usize = 256;

/// How a rule finds secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    /// Literal anchors, lower-cased ASCII of 3 to 64 bytes; without one nearby the rule is not tried. A function may do without, where
    /// its engine looks for no text.
    pub keywords: Vec<String>,
    /// What is tried near an anchor.
    pub search: Search,
    /// Bytes before and after an anchor in which a match must lie, 16 to 65536.
    pub window: usize,
    /// Whether the secret must not touch a letter or digit.
    pub boundary: bool,
    /// A check that needs no network; what fails it is no token.
    pub checksum: Option<Checksum>,
    /// Least Shannon entropy of the secret, in bits per character.
    pub entropy: Option<f64>,
}

/// What is tried near an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// A regular expression over bytes; the group `secret`, or else the whole match, is the secret.
    Regex(String),
    /// A function of the engine, named like the rule.
    Function,
}

pub(crate) struct Header {
    pub(crate) id: RuleId,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) cwe: Vec<u32>,
    pub(crate) tags: Vec<String>,
    pub(crate) since: String,
    pub(crate) source: Option<String>,
    pub(crate) family: RuleId,
    pub(crate) matcher: Matcher,
}

impl Header {
    /// Reads `toml`, which starts at byte `base` of the rule file.
    pub(crate) fn read(stem: &str, toml: &str, base: usize, problems: &mut Vec<Problem>) -> Option<Self> {
        let document = match Document::parse(toml) {
            Ok(document) => document,
            Err(error) => {
                let span = error.span().map_or(Span::new(base, base), |at| shifted(&at, base));
                problems
                    .push(Problem::error(format!("header is not TOML: {}", one_line(error.message())), span));
                return None;
            }
        };
        let whole = Span::new(base, base + toml.len());
        let mut table = Reader { table: document.as_table(), base, whole, problems };
        table.refuse_unknown(TOP_KEYS);
        let id = table.id(stem);
        let title = table.title();
        let severity = table.choice("severity", Severity::ALL, |value| value.name());
        let confidence = table.choice("confidence", Confidence::ALL, |value| value.name());
        let cwe = table.cwe();
        let tags = table.required("tags", Reader::strings);
        let since = table.required("since", Reader::string);
        let source = table.source(tags.as_deref().unwrap_or_default());
        let family = table.family();
        let matcher = table.matcher();
        let id = id?;
        Some(Self {
            family: family.unwrap_or_else(|| id.clone()),
            id,
            title: title?,
            severity: severity?,
            confidence: confidence?,
            cwe: cwe?,
            tags: tags?,
            since: since?,
            source,
            matcher: matcher?,
        })
    }
}

fn shifted(range: &std::ops::Range<usize>, base: usize) -> Span {
    Span::new(base + range.start, base + range.end)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A table with the places of its parts; every question that fails leaves a problem.
struct Reader<'a> {
    table: &'a dyn TableLike,
    base: usize,
    whole: Span,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn error(&mut self, message: impl Into<String>, span: Span) {
        self.problems.push(Problem::error(message, span));
    }

    fn place(&self, item: &Item) -> Span {
        item.span().map_or(self.whole, |range| shifted(&range, self.base))
    }

    fn value_place(&self, value: &Value) -> Span {
        value.span().map_or(self.whole, |range| shifted(&range, self.base))
    }

    fn refuse_unknown(&mut self, known: &[&str]) {
        let table = self.table;
        for (name, _) in table.iter().filter(|(name, _)| !known.contains(name)) {
            let range = table.key(name).and_then(toml_edit::Key::span);
            let span = range.map_or(self.whole, |range| shifted(&range, self.base));
            let problem = Problem::error(format!("unknown key `{}`", name.escape_debug()), span);
            self.problems.push(with_nearest(problem, name, known.iter().copied()));
        }
    }

    /// What `read` makes of the value of `key`, or a problem when there is none.
    fn required<T>(&mut self, key: &str, read: fn(&mut Self, &str, &'a Item) -> Option<T>) -> Option<T> {
        let Some(item) = self.table.get(key) else {
            self.error(format!("missing key `{key}`"), self.whole);
            return None;
        };
        read(self, key, item)
    }

    fn string(&mut self, key: &str, item: &'a Item) -> Option<String> {
        match item.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            _ => {
                self.error(format!("`{key}` must be a string that is not empty"), self.place(item));
                None
            }
        }
    }

    fn strings(&mut self, key: &str, item: &'a Item) -> Option<Vec<String>> {
        let values = item.as_array()?.iter().map(|value| value.as_str().map(str::to_owned));
        let strings: Option<Vec<_>> = values.collect();
        if strings.as_ref().is_none_or(Vec::is_empty) {
            self.error(format!("`{key}` must be an array of strings that is not empty"), self.place(item));
        }
        strings
    }

    fn id(&mut self, stem: &str) -> Option<RuleId> {
        let text = self.required("id", Self::string)?;
        let span = self.table.get("id").map_or(self.whole, |item| self.place(item));
        if text != stem {
            self.error(format!("id `{}` is not the file's stem `{stem}`", text.escape_debug()), span);
        }
        self.rule_id("id", &text, span)
    }

    fn family(&mut self) -> Option<RuleId> {
        let item = self.table.get("family")?;
        let text = self.string("family", item)?;
        self.rule_id("family", &text, self.place(item))
    }

    fn rule_id(&mut self, key: &str, text: &str, span: Span) -> Option<RuleId> {
        let id = RuleId::new(text);
        if id.is_none() {
            self.error(format!("`{key}` must be lower-case letters, digits and single dashes"), span);
        }
        id
    }

    fn title(&mut self) -> Option<String> {
        let text = self.required("title", Self::string)?;
        let span = self.table.get("title").map_or(self.whole, |item| self.place(item));
        if text.chars().count() > MAX_TITLE || text.contains(char::is_control) || text.ends_with('.') {
            self.error("`title` must be one line of at most 100 characters without a final stop", span);
        }
        Some(text)
    }

    fn choice<T: Copy>(&mut self, key: &str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let item = self.table.get(key);
        let text = self.required(key, Self::string)?;
        let found = all.iter().copied().find(|value| name(*value) == text);
        if found.is_none() {
            let span = item.map_or(self.whole, |item| self.place(item));
            let problem = Problem::error(format!("unknown {key} `{}`", text.escape_debug()), span);
            self.problems.push(with_nearest(problem, &text, all.iter().map(|value| name(*value))));
        }
        found
    }

    fn cwe(&mut self) -> Option<Vec<u32>> {
        let item = self.table.get("cwe");
        let numbers = item.and_then(Item::as_array).and_then(|array| {
            array
                .iter()
                .map(|value| value.as_integer().and_then(|number| u32::try_from(number).ok()))
                .collect()
        });
        if numbers.is_none() {
            let span = item.map_or(self.whole, |item| self.place(item));
            self.error("`cwe` must be an array of CWE numbers", span);
        }
        numbers
    }

    fn source(&mut self, tags: &[String]) -> Option<String> {
        let of_vendor = tags.first().is_some_and(|tag| tag.starts_with("vendor:"));
        let Some(item) = self.table.get("source") else {
            if of_vendor {
                self.error("missing key `source`", self.whole);
            }
            return None;
        };
        let text = self.string("source", item)?;
        if !text.starts_with("https://") {
            self.error("`source` must be an https address", self.place(item));
        }
        Some(text)
    }

    fn matcher(&mut self) -> Option<Matcher> {
        let Some(item) = self.table.get("match") else {
            self.error("missing table `[match]`", self.whole);
            return None;
        };
        let Some(table) = item.as_table_like() else {
            self.error("`match` must be a table", self.place(item));
            return None;
        };
        let whole = self.place(item);
        Reader { table, base: self.base, whole, problems: self.problems }.match_table()
    }

    fn match_table(&mut self) -> Option<Matcher> {
        self.refuse_unknown(MATCH_KEYS);
        let search = self.search();
        let keywords = match (&search, self.table.get("keywords")) {
            (Some(Search::Function), None) => Some(Vec::new()),
            _ => self.keywords(),
        };
        let window = self.window();
        let boundary = self.boolean("boundary", true);
        let checksum = match self.table.get("checksum") {
            Some(_) => Some(self.choice("checksum", Checksum::ALL, Checksum::name)?),
            None => None,
        };
        let entropy = self.entropy();
        Some(Matcher { keywords: keywords?, search: search?, window, boundary, checksum, entropy })
    }

    fn keywords(&mut self) -> Option<Vec<String>> {
        let keywords = self.required("keywords", Self::strings)?;
        let item = self.table.get("keywords")?;
        if keywords.len() > MAX_KEYWORDS {
            self.error("more than 64 keywords", self.place(item));
        }
        for value in item.as_array().into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            if !(3..=64).contains(&text.len()) {
                self.error("keyword is shorter than 3 or longer than 64 bytes", self.value_place(value));
            } else if !text.is_ascii() {
                self.error("keyword is not ASCII", self.value_place(value));
            }
        }
        Some(keywords.iter().map(|keyword| keyword.to_ascii_lowercase()).collect())
    }

    fn search(&mut self) -> Option<Search> {
        let function = self.boolean("function", false);
        let Some(item) = self.table.get("regex") else {
            if !function {
                self.error("`[match]` needs `regex` or `function = true`", self.whole);
            }
            return function.then_some(Search::Function);
        };
        if function {
            self.error("`regex` and `function` exclude each other", self.place(item));
        }
        let regex = self.string("regex", item)?;
        if regex.len() > MAX_REGEX {
            self.error("`regex` is longer than 4096 bytes", self.place(item));
        }
        Some(Search::Regex(regex))
    }

    fn window(&mut self) -> usize {
        let Some(item) = self.table.get("window") else { return DEFAULT_WINDOW };
        let window = item.as_integer().and_then(|number| usize::try_from(number).ok());
        if let Some(window) = window.filter(|window| (16..=65536).contains(window)) {
            return window;
        }
        self.error("`window` must be an integer from 16 to 65536", self.place(item));
        DEFAULT_WINDOW
    }

    fn boolean(&mut self, key: &str, default: bool) -> bool {
        let Some(item) = self.table.get(key) else { return default };
        item.as_bool().unwrap_or_else(|| {
            self.error(format!("`{key}` must be true or false"), self.place(item));
            default
        })
    }

    fn entropy(&mut self) -> Option<f64> {
        let item = self.table.get("entropy")?;
        #[expect(clippy::cast_precision_loss, reason = "only 0 to 8 are accepted")]
        let entropy = item.as_float().or_else(|| item.as_integer().map(|number| number as f64));
        if !entropy.is_some_and(|bits| (0.0..=8.0).contains(&bits)) {
            self.error("`entropy` must be a number from 0 to 8", self.place(item));
        }
        entropy
    }
}

/// Adds "did you mean" when one of `known` is near enough to be meant.
pub(crate) fn with_nearest<'k>(
    problem: Problem,
    word: &str,
    known: impl Iterator<Item = &'k str>,
) -> Problem {
    // A long word costs its length times the candidate's and cannot be near any.
    if word.len() > 64 {
        return problem;
    }
    let near = known.map(|known| (strsim::damerau_levenshtein(word, known), known));
    match near.filter(|(distance, known)| *distance <= 1 + known.len() / 4).min() {
        Some((_, known)) => problem.with_label(format!("did you mean `{known}`?")),
        None => problem,
    }
}

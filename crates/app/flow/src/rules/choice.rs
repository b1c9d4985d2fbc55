//! Which rules a scan uses: those built in, those that the user names, and what the scanned folder brings for gitleaks.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use palisade_model::{Digest, Hasher, Problem, RuleId, Span};
use palisade_rulefile::{MAX_RULE_BYTES, RuleFile};
use palisade_secrets::{ForeignRules, SecretsEngine, Standing};
use palisade_sys::FileErrorKind;
use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::rule;
use crate::error::BadDocument;
use crate::{Context, FlowError, RuleTexts};

/// The configuration of gitleaks that a folder may bring.
const GITLEAKS_FILE: &str = ".gitleaks.toml";

/// Most rule files that a user may name.
const MAX_FILES: usize = 2000;

/// What the user says of the rules.
#[derive(Debug, Clone, Default)]
pub struct RuleChoice {
    /// Rule files (`.md`), configurations of gitleaks (`.toml`), or folders of such.
    pub files: Vec<PathBuf>,
    /// Whether the built-in rules are left out.
    pub no_builtin: bool,
    /// The built-in rules, with whose names others must agree; none when they are not known here.
    pub built_in: RuleTexts,
}

/// Rules that are checked and go with a request to the worker, as texts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RuleSet {
    no_builtin: bool,
    /// Path and text of rule files.
    files: Vec<(String, String)>,
    foreign: Vec<Chain>,
}

/// Rules for a scan, and what was odd about them.
pub(crate) struct CheckedRules {
    pub(crate) set: RuleSet,
    pub(crate) remarks: Vec<BadDocument>,
}

/// Reads and checks the rules for a scan of `root`; none is a scan of no folder.
pub(crate) fn choose(
    context: &Context,
    choice: &RuleChoice,
    root: Option<&Path>,
) -> Result<CheckedRules, FlowError> {
    let mut set = RuleSet { no_builtin: choice.no_builtin, files: Vec::new(), foreign: Vec::new() };
    let paths = rule_paths(context, &choice.files)?;
    let mut extended = BTreeSet::new();
    for path in &paths {
        if path.extension() == Some(OsStr::new("md")) {
            set.files.push((path.display().to_string(), rule_text(context, path)?));
        } else {
            let chain = Chain::read(context, path, root, Standing::Named)?;
            extended.extend(chain.extended().iter().cloned());
            set.foreign.push(chain);
        }
    }
    // A base that lies in the same folder is part of what extends it.
    set.foreign.retain(|chain| !extended.contains(chain.path()));
    if let Some(root) = root {
        set.foreign.extend(found_in(context, root, &set)?);
    }
    if set.no_builtin && set.files.is_empty() && set.foreign.is_empty() {
        return Err(FlowError::usage_with_hint(
            "there is no rule to look by: the built-in ones are left out",
            "name rules of your own with --rules",
        ));
    }
    let remarks = set.check(&choice.built_in)?;
    Ok(CheckedRules { set, remarks })
}

/// The configuration that lies in `root`, unless the user named it.
fn found_in(context: &Context, root: &Path, set: &RuleSet) -> Result<Option<Chain>, FlowError> {
    let path = root.join(GITLEAKS_FILE);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let chain = Chain::read(context, &path, Some(root), Standing::Found)?;
    Ok((!set.foreign.iter().any(|named| named.path() == chain.path())).then_some(chain))
}

/// The files that `named` means, folders opened.
pub(super) fn rule_paths(context: &Context, named: &[PathBuf]) -> Result<Vec<PathBuf>, FlowError> {
    let mut paths = Vec::new();
    for path in named {
        if !path.is_dir() {
            paths.push(known_kind(path)?);
            continue;
        }
        let names = match context.files.list(path) {
            Err(error) if error.kind == FileErrorKind::NotAFile => return Err(error.into()),
            names => names?,
        };
        let files = names.iter().map(|name| path.join(name)).filter(|path| path.is_file());
        let before = paths.len();
        paths.extend(files.filter(|path| is_rule_file(path)));
        if paths.len() == before {
            return Err(FlowError::usage(format!("there is no rule file in `{}`", path.display())));
        }
    }
    if paths.len() > MAX_FILES {
        return Err(FlowError::usage(format!("more than {MAX_FILES} rule files are named")));
    }
    Ok(paths)
}

fn is_rule_file(path: &Path) -> bool {
    let readme = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
    !readme && path.extension().is_some_and(|extension| extension == "md" || extension == "toml")
}

fn known_kind(path: &Path) -> Result<PathBuf, FlowError> {
    match path.extension().and_then(OsStr::to_str) {
        Some("md" | "toml") => Ok(path.to_owned()),
        _ => Err(FlowError::usage_with_hint(
            format!("`{}` is no rule file", path.display()),
            "rules are in .md files, those for gitleaks in .toml files; a folder may hold both",
        )),
    }
}

/// The text of a rule file.
pub(super) fn rule_text(context: &Context, path: &Path) -> Result<String, FlowError> {
    let bytes = context.files.read(path, 2 * MAX_RULE_BYTES as u64)?;
    String::from_utf8(bytes).map_err(|_| FlowError::usage(format!("`{}` is not UTF-8", path.display())))
}

impl RuleSet {
    /// Refuses what the worker could not use; returns what is odd.
    fn check(&self, built_in: &RuleTexts) -> Result<Vec<BadDocument>, FlowError> {
        let mut names = if self.no_builtin { BTreeSet::new() } else { names_of(built_in) };
        for (path, text) in &self.files {
            let rule = rule(path, text)?;
            let id = rule.info.id.clone();
            if let Err(error) = SecretsEngine::new(vec![rule], b"") {
                return Err(bad_rule(path, text, "regex", &error.to_string()));
            }
            if !names.insert(id.clone()) {
                return Err(bad_rule(path, text, "id", &format!("there is another rule `{id}`")));
            }
        }
        let known = names_of(built_in);
        // Where the built-in rules are not known, a wrong name among them is for the worker to pass over.
        let is_default = |name: &str| known.is_empty() || is_default(&known, name);
        let mut remarks = Vec::new();
        let mut sets = Vec::new();
        for chain in &self.foreign {
            let (set, said) = chain.assemble(&is_default)?;
            remarks.extend(said);
            sets.push(set);
        }
        let foreign = ForeignRules::new(sets, &names).map_err(|error| {
            FlowError::usage(format!("the rules for gitleaks do not go together: {error}"))
        })?;
        match foreign.check() {
            Ok(()) => Ok(remarks),
            Err(errors) => Err(errors
                .first()
                .and_then(|error| self.foreign.get(error.set).map(|chain| chain.refused(error)))
                .unwrap_or_else(|| FlowError::bug("a regex of no file is too large"))),
        }
    }

    /// Builds the engine; with rules that went through [`choose`] it fails by our fault only.
    pub(crate) fn engine(&self, built_in: &RuleTexts, salt: &[u8]) -> Result<SecretsEngine, String> {
        let parse = |name: &str, text: &str| {
            let file_name = name.rsplit('/').next().unwrap_or(name);
            let (rule, problems) = RuleFile::parse_without_examples(file_name, text);
            rule.ok_or_else(|| format!("rule {name}: {problems:?}"))
        };
        let mut rules: Vec<RuleFile> = Vec::new();
        if !self.no_builtin {
            rules = built_in.iter().map(|(name, text)| parse(name, text)).collect::<Result<_, _>>()?;
        }
        for (name, text) in &self.files {
            rules.push(parse(name, text)?);
        }
        let taken = rules.iter().map(|rule| rule.info.id.clone()).collect();
        let known = names_of(built_in);
        let assemble = |chain: &Chain| chain.assemble(&|name| is_default(&known, name)).map(|(set, _)| set);
        let sets: Result<Vec<_>, FlowError> = self.foreign.iter().map(assemble).collect();
        let sets = sets.map_err(|error| error.to_string())?;
        let foreign = ForeignRules::new(sets, &taken).map_err(|error| error.to_string())?;
        SecretsEngine::with_foreign(rules, foreign, self.digest(), salt).map_err(|error| error.to_string())
    }

    /// The digest of all foreign texts.
    fn digest(&self) -> Digest {
        let mut hasher = Hasher::new();
        for text in self.foreign.iter().flat_map(Chain::texts) {
            hasher.update(&(text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finish()
    }
}

/// The built-in rules alone.
impl Default for RuleSet {
    fn default() -> Self {
        Self { no_builtin: false, files: Vec::new(), foreign: Vec::new() }
    }
}

fn names_of(texts: &RuleTexts) -> BTreeSet<RuleId> {
    let stem = |name: &&'static str| name.strip_suffix(".md").unwrap_or(name);
    texts.iter().filter_map(|(name, _)| RuleId::new(stem(name))).collect()
}

fn is_default(known: &BTreeSet<RuleId>, name: &str) -> bool {
    palisade_secrets::built_in_rules(name).iter().any(|rule| known.contains(rule))
}

/// A rule file that reads well and cannot be used; `key` is where the reason lies.
pub(super) fn bad_rule(path: &str, text: &str, key: &str, message: &str) -> FlowError {
    let problems = vec![Problem::error(message, key_span(text, key))];
    FlowError::Document(Box::new(BadDocument { name: path.to_owned(), text: text.to_owned(), problems }))
}

/// The line of a rule file's header that sets `key`.
pub(super) fn key_span(text: &str, key: &str) -> Span {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_key = line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        if is_key {
            return Span::new(at, at + line.trim_end().len());
        }
        at += line.len();
    }
    Span::new(0, 0)
}

//! From TOML to [`GitleaksFile`].

use std::collections::BTreeMap;

use palisade_model::{Problem, Span};
use toml_edit::Document;

use crate::file::{
    Allowlist, Base, Condition, FileRule, GitleaksFile, GlobalAllowlist, MAX_BYTES, MAX_RULES, Name,
    RegexTarget, Required,
};
use crate::table::{Table, nearest, shown};

const TOP: &[&str] = &["title", "description", "minVersion", "extend", "rules", "allowlist", "allowlists"];
const EXTEND: &[&str] = &["path", "url", "useDefault", "disabledRules"];
const RULE: &[&str] = &[
    "id",
    "description",
    "path",
    "regex",
    "secretGroup",
    "entropy",
    "keywords",
    "tags",
    "allowlist",
    "allowlists",
    "required",
    "skipReport",
];
const ALLOWLIST: &[&str] =
    &["description", "condition", "commits", "paths", "regexTarget", "regexes", "stopwords", "targetRules"];
const REQUIRED: &[&str] = &["id", "withinLines", "withinColumns"];

pub(crate) fn file(bytes: &[u8], problems: &mut Vec<Problem>) -> Option<GitleaksFile> {
    let text = text(bytes).map_err(|problem| problems.push(problem)).ok()?;
    let document = Document::parse(text).map_err(|error| problems.push(not_toml(&error))).ok()?;
    let whole = Span::new(0, 0);
    let mut top = Table::new(text, document.as_table(), "the file", whole, problems);
    top.warn_unknown(TOP);
    let (base, disabled) = extend(&mut top);
    Some(GitleaksFile {
        title: top.string("title"),
        description: top.string("description"),
        min_version: top.string("minVersion"),
        base,
        disabled,
        rules: rules(&mut top),
        allowlists: global_allowlists(&mut top),
    })
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::error("the file is larger than 4 MiB", Span::new(0, 0)));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let start = error.valid_up_to();
        let end = start + error.error_len().unwrap_or(bytes.len() - start);
        Problem::error("the file is not UTF-8", Span::new(start, end)).with_hint("save it as UTF-8")
    })
}

fn not_toml(error: &toml_edit::TomlError) -> Problem {
    let span = error.span().map_or(Span::new(0, 0), |range| Span::new(range.start, range.end));
    let message: Vec<&str> = error.message().split_whitespace().collect();
    Problem::error(format!("not TOML: {}", message.join(" ")), span)
}

fn extend(top: &mut Table<'_, '_>) -> (Option<Base>, Vec<Name>) {
    let Some(mut table) = top.table("extend", "[extend]") else { return (None, Vec::new()) };
    table.warn_unknown(EXTEND);
    let path = table.name("path").filter(|path| !path.text.is_empty());
    let default = table.boolean("useDefault").unwrap_or(false).then(|| table.place("useDefault"));
    let disabled = table.names("disabledRules");
    if let Some(url) = table.name("url").filter(|url| !url.text.is_empty()) {
        let problem =
            Problem::error("`extend.url` is not supported: rules are not fetched from a network", url.span);
        table.note(problem.with_hint("save the file beside this one and name it with `path`"));
    }
    let base = match (path, default) {
        (Some(path), Some(_)) => {
            let problem = Problem::error("`path` and `useDefault` exclude each other", path.span);
            table.note(problem.with_hint("keep one of them"));
            None
        }
        (Some(path), None) => Some(Base::File(path)),
        (None, Some(span)) => Some(Base::Default(span)),
        (None, None) => None,
    };
    (base, disabled)
}

fn rules(top: &mut Table<'_, '_>) -> Vec<FileRule> {
    let tables = top.tables("rules");
    if tables.len() > MAX_RULES {
        top.error(
            format!("more than {MAX_RULES} rules"),
            tables.get(MAX_RULES).map_or(top.span(), |(_, span)| *span),
        );
    }
    let mut rules: BTreeMap<String, FileRule> = BTreeMap::new();
    for (table, span) in tables.into_iter().take(MAX_RULES) {
        let Some(rule) = rule(&mut top.other(table, "[[rules]]", span)) else { continue };
        let id = rule.id.clone();
        if rules.insert(id.text.clone(), rule).is_some() {
            let message = format!("there is another rule with the id {}", shown(&id.text));
            let problem = Problem::warning(message, id.span).with_label("this one replaces it");
            top.note(problem.with_hint("as in gitleaks the last one alone counts; rename one"));
        }
    }
    rules.into_values().collect()
}

fn rule(table: &mut Table<'_, '_>) -> Option<FileRule> {
    table.warn_unknown(RULE);
    let id = table.name("id").filter(|id| !id.text.trim().is_empty());
    if id.is_none() {
        let span = if table.has("id") { table.place("id") } else { table.span() };
        table.error("a rule has no `id`", span);
    }
    let regex = table.pattern("regex");
    let group = table.integer("secretGroup").filter(|group| *group > 0);
    let group = group.map(|group| (usize::try_from(group).unwrap_or(usize::MAX), table.place("secretGroup")));
    if let Some(regex) = regex.as_ref().filter(|regex| regex.matches_empty()) {
        table.note(
            Problem::warning("the regex matches the empty text", regex.span())
                .with_hint("empty matches are passed over"),
        );
    }
    Some(FileRule {
        description: table.string("description").filter(|text| !text.is_empty()),
        path: table.pattern("path"),
        regex,
        secret_group: group,
        entropy: table.number("entropy").filter(|bits| *bits != 0.0),
        keywords: table.strings("keywords").iter().map(|keyword| keyword.to_lowercase()).collect(),
        tags: table.strings("tags"),
        allowlists: rule_allowlists(table),
        required: required(table),
        skip_report: table.boolean("skipReport").unwrap_or(false).then(|| table.place("skipReport")),
        id: id?,
    })
}

fn required(table: &mut Table<'_, '_>) -> Vec<Required> {
    let mut all = Vec::new();
    for (other, span) in table.tables("required") {
        let mut other = table.other(other, "[[rules.required]]", span);
        other.warn_unknown(REQUIRED);
        let id = other.name("id").filter(|id| !id.text.is_empty());
        let (lines, columns) = (other.integer("withinLines"), other.integer("withinColumns"));
        match id {
            Some(id) => all.push(Required { id, within_lines: lines, within_columns: columns }),
            None => other.error("`[[rules.required]]` has no `id`", span),
        }
    }
    all
}

/// Refuses the old and the new form side by side.
fn either_form(table: &mut Table<'_, '_>, old: &str, new: &str) -> &'static str {
    if !table.has("allowlist") {
        return "allowlists";
    }
    if table.has("allowlists") {
        let problem =
            Problem::error(format!("`{old}` and `{new}` exclude each other"), table.place("allowlist"));
        table.note(problem.with_hint(format!("`{old}` is the old form: make it one more `{new}`")));
    }
    "allowlist"
}

fn rule_allowlists(table: &mut Table<'_, '_>) -> Vec<Allowlist> {
    let key = either_form(table, "[rules.allowlist]", "[[rules.allowlists]]");
    let tables = table.tables(key);
    let mut all = Vec::new();
    for (list, span) in tables {
        let mut list = table.other(list, "[[rules.allowlists]]", span);
        list.warn_unknown(ALLOWLIST.strip_suffix(&["targetRules"]).unwrap_or(ALLOWLIST));
        all.extend(allowlist(&mut list));
    }
    all
}

fn global_allowlists(top: &mut Table<'_, '_>) -> Vec<GlobalAllowlist> {
    let key = either_form(top, "[allowlist]", "[[allowlists]]");
    let tables = top.tables(key);
    let mut all = Vec::new();
    for (list, span) in tables {
        let mut list = top.other(list, "[[allowlists]]", span);
        list.warn_unknown(ALLOWLIST);
        let targets = list.names("targetRules");
        all.extend(allowlist(&mut list).map(|allowlist| GlobalAllowlist { targets, allowlist }));
    }
    all
}

fn allowlist(table: &mut Table<'_, '_>) -> Option<Allowlist> {
    let lists = ["commits", "paths", "regexes", "stopwords"];
    let filled = lists.iter().any(|key| !table.names(key).is_empty());
    if !filled {
        let problem = Problem::error("the allowlist allows nothing", table.span());
        table.note(problem.with_hint("give it `commits`, `paths`, `regexes` or `stopwords`"));
        return None;
    }
    Some(Allowlist {
        description: table.string("description").filter(|text| !text.is_empty()),
        condition: condition(table)?,
        commits: table.strings("commits").iter().map(|commit| commit.trim().to_lowercase()).collect(),
        paths: table.patterns("paths"),
        regex_target: regex_target(table)?,
        regexes: table.patterns("regexes"),
        stopwords: table.strings("stopwords").iter().map(|word| word.to_lowercase()).collect(),
    })
}

fn condition(table: &mut Table<'_, '_>) -> Option<Condition> {
    let Some(word) = table.name("condition") else { return Some(Condition::Any) };
    match word.text.to_uppercase().as_str() {
        "" | "OR" | "||" => Some(Condition::Any),
        "AND" | "&&" => Some(Condition::All),
        _ => {
            unknown_word(table, "condition", &word, &["OR", "AND"]);
            None
        }
    }
}

fn regex_target(table: &mut Table<'_, '_>) -> Option<RegexTarget> {
    let Some(word) = table.name("regexTarget") else { return Some(RegexTarget::Secret) };
    match word.text.as_str() {
        "" | "secret" => Some(RegexTarget::Secret),
        "match" => Some(RegexTarget::Match),
        "line" => Some(RegexTarget::Line),
        _ => {
            unknown_word(table, "regexTarget", &word, &["secret", "match", "line"]);
            None
        }
    }
}

fn unknown_word(table: &mut Table<'_, '_>, key: &str, word: &Name, known: &[&str]) {
    let problem = Problem::error(format!("unknown {key} {}", shown(&word.text)), word.span);
    table.note(match nearest(&word.text, known) {
        Some(near) => problem.with_label(format!("did you mean `{near}`?")),
        None => problem.with_hint(format!("one of {}", known.join(", "))),
    });
}

//! OSV 1.7.5 (ossf.github.io/osv-schema): JSON, and the same in YAML as PyPA writes it.

use palisade_model::Timestamp;
use serde_json::{Map, Value};

use crate::advisory::{
    Advisory, AdvisoryKind, AffectedPackage, Event, Import, Range, RangeKind, Rating, Reference, Specifics,
};
use crate::reading::Problems;

/// RustSec's category of crates that were made to do harm.
pub(crate) const MALICIOUS: &str = "malicious";

type Object = Map<String, Value>;

/// The record in `value`; none without an identifier.
pub(crate) fn advisory(value: &Value, problems: &mut Problems<'_, '_>) -> Option<Advisory> {
    let Some(record) = value.as_object() else {
        problems.tell("is not an object");
        return None;
    };
    let id = text(record, "id");
    if id.is_empty() {
        problems.tell("has no `id`");
        return None;
    }
    let by = issuer(&id);
    let mut ratings = ratings(record, &by, problems);
    if let Some(word) = record.get("database_specific").and_then(|own| own.get("severity")?.as_str()) {
        ratings.push(Rating { scale: "severity".to_owned(), value: word.to_owned(), by: by.clone() });
    }
    let affected = objects(record, "affected", problems).into_iter();
    let affected = affected.map(|one| affected_package(one, &by, problems)).collect::<Vec<_>>();
    Some(Advisory {
        kind: kind(&id, &affected, record),
        modified: time(record, "modified", problems),
        published: time(record, "published", problems),
        withdrawn: withdrawn(record, problems),
        aliases: texts(record, "aliases", problems),
        upstream: texts(record, "upstream", problems),
        related: texts(record, "related", problems),
        summary: text(record, "summary"),
        details: text(record, "details"),
        ratings,
        affected,
        references: references(record, problems),
        cwes: cwes(record),
        id,
    })
}

/// The letters that a database's identifiers begin with.
pub(crate) fn issuer(id: &str) -> String {
    id.split_once('-').map_or(id, |(letters, _)| letters).to_owned()
}

fn kind(id: &str, affected: &[AffectedPackage], record: &Object) -> AdvisoryKind {
    if id.starts_with("MAL-") {
        return AdvisoryKind::Malicious;
    }
    let is_malicious = |package: &Value| {
        let categories = package.get("database_specific").and_then(|own| own.get("categories")?.as_array());
        categories.is_some_and(|categories| categories.iter().any(|category| category == MALICIOUS))
    };
    let informational = |package: &Value| {
        let own = package.get("database_specific")?.get("informational")?.as_str()?;
        informational_kind(own)
    };
    let packages = record.get("affected").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
    if packages.iter().any(is_malicious) {
        return AdvisoryKind::Malicious;
    }
    let kinds: Vec<_> = packages.iter().map(informational).collect();
    if affected.is_empty() || kinds.iter().any(Option::is_none) {
        return AdvisoryKind::Vulnerability;
    }
    kinds.into_iter().flatten().min().unwrap_or_default()
}

/// The kind behind RustSec's word.
pub(crate) fn informational_kind(word: &str) -> Option<AdvisoryKind> {
    match word {
        "unsound" => Some(AdvisoryKind::Unsound),
        "unmaintained" => Some(AdvisoryKind::Unmaintained),
        "notice" => Some(AdvisoryKind::Notice),
        _ => None,
    }
}

fn affected_package(one: &Object, by: &str, problems: &mut Problems<'_, '_>) -> AffectedPackage {
    let none = Object::new();
    let package = one.get("package").and_then(Value::as_object).unwrap_or(&none);
    let own = one.get("ecosystem_specific").and_then(Value::as_object).unwrap_or(&none);
    let mut ratings = ratings(one, by, problems);
    for (field, scale) in [("urgency", "urgency"), ("severity", "severity")] {
        if let Some(word) = own.get(field).and_then(Value::as_str) {
            ratings.push(Rating { scale: scale.to_owned(), value: word.to_owned(), by: by.to_owned() });
        }
    }
    AffectedPackage {
        ecosystem: text(package, "ecosystem"),
        name: text(package, "name"),
        purl: Some(text(package, "purl")).filter(|purl| !purl.is_empty()),
        ranges: ranges(one, "ranges", problems),
        versions: texts(one, "versions", problems),
        ratings,
        specifics: specifics(own, problems),
    }
}

fn specifics(own: &Object, problems: &mut Problems<'_, '_>) -> Specifics {
    let none = Object::new();
    // RustSec's export puts these one level down, under `affects`.
    let affects = own.get("affects").and_then(Value::as_object).unwrap_or(&none);
    let imports = objects(own, "imports", problems).into_iter().map(|import| Import {
        path: text(import, "path"),
        symbols: texts(import, "symbols", problems),
        goos: texts(import, "goos", problems),
        goarch: texts(import, "goarch", problems),
    });
    Specifics {
        imports: imports.collect(),
        custom_ranges: ranges(own, "custom_ranges", problems),
        functions: texts(affects, "functions", problems).into_iter().map(|path| (path, Vec::new())).collect(),
        os: texts(affects, "os", problems),
        arch: texts(affects, "arch", problems),
        urgency: Some(text(own, "urgency")).filter(|word| !word.is_empty()),
        ..Specifics::default()
    }
}

fn ranges(parent: &Object, field: &str, problems: &mut Problems<'_, '_>) -> Vec<Range> {
    let Some(value) = parent.get(field) else { return Vec::new() };
    let Some(list) = value.as_array() else {
        if value.is_null() {
            return Vec::new();
        }
        problems.tell(format!("`{field}` is not a list"));
        return vec![unreadable_range("ranges that are no list")];
    };
    list.iter().map(|one| range(one, problems)).collect()
}

/// A range of which nothing can be said, so that its package is not taken for clean.
fn unreadable_range(what: &str) -> Range {
    Range { kind: RangeKind::Other(what.to_owned()), repo: None, events: Vec::new() }
}

fn range(value: &Value, problems: &mut Problems<'_, '_>) -> Range {
    let Some(one) = value.as_object() else {
        problems.tell("a range is not an object");
        return unreadable_range("a range that is no object");
    };
    let kind = match text(one, "type").as_str() {
        "SEMVER" => RangeKind::Semver,
        "ECOSYSTEM" => RangeKind::Ecosystem,
        "GIT" => RangeKind::Git,
        other => {
            problems.tell(format!("a range has the unknown type `{other}`"));
            RangeKind::Other(format!("ranges of type `{other}`"))
        }
    };
    let mut events = Vec::new();
    for happened in one.get("events").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice) {
        if !event(happened, &mut events) {
            problems.tell("an event is not of `introduced`, `fixed`, `last_affected` and `limit`");
            return unreadable_range("a range with an event that could not be read");
        }
    }
    Range { kind, repo: Some(text(one, "repo")).filter(|repo| !repo.is_empty()), events }
}

/// Adds what `value` tells; whether that was readable. Some databases put several words into one object.
fn event(value: &Value, events: &mut Vec<Event>) -> bool {
    let Some(happened) = value.as_object().filter(|happened| !happened.is_empty()) else { return false };
    happened.iter().all(|(word, version)| {
        let Some(version) = scalar(version) else { return false };
        events.push(match word.as_str() {
            "introduced" => Event::Introduced(version),
            "fixed" => Event::Fixed(version),
            "last_affected" => Event::LastAffected(version),
            "limit" => Event::Limit(version),
            _ => return false,
        });
        true
    })
}

fn ratings(parent: &Object, by: &str, problems: &mut Problems<'_, '_>) -> Vec<Rating> {
    let list = objects(parent, "severity", problems).into_iter().map(|one| Rating {
        scale: text(one, "type"),
        value: text(one, "score"),
        by: Some(text(one, "source")).filter(|source| !source.is_empty()).unwrap_or_else(|| by.to_owned()),
    });
    list.filter(|rating| !rating.value.is_empty()).collect()
}

fn references(record: &Object, problems: &mut Problems<'_, '_>) -> Vec<Reference> {
    let list = objects(record, "references", problems).into_iter();
    list.map(|one| Reference { kind: text(one, "type"), url: text(one, "url") })
        .filter(|reference| !reference.url.is_empty())
        .collect()
}

/// Weaknesses, from where GitHub, Go and PyPA put them.
fn cwes(record: &Object) -> Vec<String> {
    let own = record.get("database_specific");
    let lists = [own.and_then(|own| own.get("cwe_ids")), own.and_then(|own| own.get("cwes"))];
    let mut found: Vec<String> = lists
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|cwe| cwe.as_str().or_else(|| cwe.get("cweId")?.as_str()))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

fn text(parent: &Object, field: &str) -> String {
    parent.get(field).and_then(scalar).unwrap_or_default()
}

/// A text; numbers too, as YAML makes them of versions that nobody quoted.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn list<'v>(parent: &'v Object, field: &str, problems: &mut Problems<'_, '_>) -> &'v [Value] {
    match parent.get(field) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list,
        Some(_) => {
            problems.tell(format!("`{field}` is not a list"));
            &[]
        }
    }
}

fn texts(parent: &Object, field: &str, problems: &mut Problems<'_, '_>) -> Vec<String> {
    let list = list(parent, field, problems);
    let texts: Vec<_> = list.iter().filter_map(scalar).collect();
    if texts.len() < list.len() {
        problems.tell(format!("`{field}` holds something that is no text"));
    }
    texts
}

fn objects<'v>(parent: &'v Object, field: &str, problems: &mut Problems<'_, '_>) -> Vec<&'v Object> {
    let list = list(parent, field, problems);
    let objects: Vec<_> = list.iter().filter_map(Value::as_object).collect();
    if objects.len() < list.len() {
        problems.tell(format!("`{field}` holds something that is no object"));
    }
    objects
}

fn time(record: &Object, field: &str, problems: &mut Problems<'_, '_>) -> Option<Timestamp> {
    let written = text(record, field);
    // The Go database writes the year 1 where its export fills in a time.
    if written.is_empty() || written.starts_with("0001-") {
        return None;
    }
    let time = written.parse().ok();
    if time.is_none() {
        problems.tell(format!("`{field}` is no time"));
    }
    time
}

/// A record whose time of withdrawal cannot be read is not withdrawn: better a finding too many.
fn withdrawn(record: &Object, problems: &mut Problems<'_, '_>) -> Option<Timestamp> {
    time(record, "withdrawn", problems)
}

//! Records of the RustSec database (github.com/rustsec/advisory-db): Markdown with TOML in front.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::advisory::{
    Advisory, AdvisoryKind, AffectedPackage, Event, Range, RangeKind, Rating, Reference, Specifics,
};
use crate::osv::{MALICIOUS, informational_kind, issuer};
use crate::reading::Problems;
use crate::requirement;

type Table = Map<String, Value>;

/// Ranges of the collection `rust` are of the toolchain and the standard library, not of a crate of the same name.
const TOOLCHAIN: &str = "Rust";

pub(crate) fn read(text: &str, problems: &mut Problems<'_, '_>) {
    let text = text.replace("\r\n", "\n");
    let Some((front, markdown)) = text.strip_prefix("```toml").and_then(|rest| rest.split_once("\n```"))
    else {
        return problems.tell("does not begin with a block of TOML");
    };
    let parsed: Table = match toml_edit::de::from_str(front) {
        Ok(parsed) => parsed,
        Err(error) => return problems.tell(format!("is not TOML: {}", error.message())),
    };
    let none = Table::new();
    let part = |name| parsed.get(name).and_then(Value::as_object).unwrap_or(&none);
    let Some(advisory) = advisory(part("advisory"), part("versions"), part("affected"), problems) else {
        return;
    };
    let (title, description) = titled(markdown);
    (problems.visit)(Ok(Advisory { summary: title.to_owned(), details: description.to_owned(), ..advisory }));
}

/// The first heading, and what follows it.
fn titled(markdown: &str) -> (&str, &str) {
    let markdown = markdown.trim();
    let (first, rest) = markdown.split_once('\n').unwrap_or((markdown, ""));
    first.strip_prefix("# ").map_or(("", markdown), |title| (title.trim(), rest.trim()))
}

fn advisory(
    head: &Table,
    versions: &Table,
    affected: &Table,
    problems: &mut Problems<'_, '_>,
) -> Option<Advisory> {
    let (id, package) = (text(head, "id"), text(head, "package"));
    if id.is_empty() || package.is_empty() {
        problems.tell("has no `id` or no `package`");
        return None;
    }
    let is_toolchain = problems.file.rsplit('/').nth(2).is_some_and(|folder| folder.ends_with("rust"));
    let ecosystem = if is_toolchain { TOOLCHAIN } else { "crates.io" };
    let specifics = specifics(versions, affected, problems);
    let package = AffectedPackage {
        ecosystem: ecosystem.to_owned(),
        purl: (!is_toolchain).then(|| format!("pkg:cargo/{package}")),
        name: package,
        ranges: vec![range(&specifics, versions, problems)],
        specifics,
        ..AffectedPackage::default()
    };
    Some(Advisory {
        kind: kind(head, problems),
        published: day(head, "date", problems),
        withdrawn: day(head, "withdrawn", problems),
        aliases: texts(head, "aliases", problems),
        related: texts(head, "related", problems),
        ratings: ratings(head, &id),
        affected: vec![package],
        references: references(head, problems),
        id,
        ..Advisory::default()
    })
}

fn kind(head: &Table, problems: &mut Problems<'_, '_>) -> AdvisoryKind {
    if texts(head, "categories", problems).iter().any(|category| category == MALICIOUS) {
        return AdvisoryKind::Malicious;
    }
    match text(head, "informational").as_str() {
        "" => AdvisoryKind::Vulnerability,
        word => informational_kind(word).unwrap_or_else(|| {
            problems.tell(format!("`informational` is the unknown word `{word}`"));
            AdvisoryKind::Notice
        }),
    }
}

fn range(specifics: &Specifics, versions: &Table, problems: &mut Problems<'_, '_>) -> Range {
    let lists =
        [&specifics.unaffected, &specifics.patched].into_iter().flatten().cloned().collect::<Vec<_>>();
    let is_list = |field| {
        versions
            .get(field)
            .is_none_or(|list| list.as_array().is_some_and(|list| list.iter().all(Value::is_string)))
    };
    let events = if is_list("patched") && is_list("unaffected") {
        requirement::affected(&lists)
    } else {
        Err("a list of requirements that is none".to_owned())
    };
    let (kind, events) = match events {
        // Nothing is affected: a range that holds nothing.
        Ok(events) if events.is_empty() => {
            (RangeKind::Semver, vec![Event::Introduced("0".to_owned()), Event::Limit("0.0.0-0".to_owned())])
        }
        Ok(events) => (RangeKind::Semver, events),
        Err(reason) => {
            problems.tell(format!("its requirements cannot be read: {reason}"));
            (RangeKind::Other(reason), Vec::new())
        }
    };
    Range { kind, repo: None, events }
}

fn specifics(versions: &Table, affected: &Table, problems: &mut Problems<'_, '_>) -> Specifics {
    let mut functions = BTreeMap::new();
    if let Some(table) = affected.get("functions").and_then(Value::as_object) {
        for path in table.keys() {
            functions.insert(path.clone(), texts(table, path, problems));
        }
    }
    Specifics {
        functions,
        os: texts(affected, "os", problems),
        arch: texts(affected, "arch", problems),
        patched: texts(versions, "patched", problems),
        unaffected: texts(versions, "unaffected", problems),
        ..Specifics::default()
    }
}

fn ratings(head: &Table, id: &str) -> Vec<Rating> {
    let vector = text(head, "cvss");
    let scale = match vector.get(..8) {
        Some("CVSS:4.0") => "CVSS_V4",
        Some("CVSS:3.0" | "CVSS:3.1") => "CVSS_V3",
        _ => "CVSS_V2",
    };
    let rating = Rating { scale: scale.to_owned(), by: issuer(id), value: vector };
    Some(rating).into_iter().filter(|rating| !rating.value.is_empty()).collect()
}

fn references(head: &Table, problems: &mut Problems<'_, '_>) -> Vec<Reference> {
    let urls = [vec![text(head, "url")], texts(head, "references", problems)].concat();
    let urls = urls.into_iter().filter(|url| !url.is_empty());
    urls.map(|url| Reference { kind: "WEB".to_owned(), url }).collect()
}

fn day(head: &Table, field: &str, problems: &mut Problems<'_, '_>) -> Option<palisade_model::Timestamp> {
    let written = text(head, field);
    if written.is_empty() {
        return None;
    }
    let time = format!("{written}T00:00:00Z").parse().ok();
    if time.is_none() {
        problems.tell(format!("`{field}` is no day"));
    }
    time
}

fn text(table: &Table, field: &str) -> String {
    table.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(table: &Table, field: &str, problems: &mut Problems<'_, '_>) -> Vec<String> {
    let Some(value) = table.get(field) else { return Vec::new() };
    let list = value.as_array().map_or(&[] as &[Value], Vec::as_slice);
    let texts: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if !value.is_array() || texts.len() < list.len() {
        problems.tell(format!("`{field}` is not a list of texts"));
    }
    texts
}

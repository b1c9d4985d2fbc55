//! `Podfile.lock` of CocoaPods. Parts of a pod are listed one by one, `Pod/Part`.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, yaml};
use crate::text::without_credentials;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("cocoapods", None, PackageEvidence::Locked);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    if root.get("PODS").is_none() {
        sheet.problem(0, "has no list of pods");
    }
    for entry in root.items_of("PODS") {
        pod(&mut sheet, entry, root);
    }
    for name in root.items_of("DEPENDENCIES").iter().filter_map(Value::text) {
        sheet.asks_for(named(name).0, Scope::Prod);
    }
    (sheet.done(), None)
}

/// `Name (1.0)`, or a table of one such key with what it needs.
fn pod(sheet: &mut Sheet, entry: &Value, root: &Value) {
    let (text, needs) = match entry.members() {
        [member] => (Some(member.key.as_str()), member.value.items()),
        _ => (entry.text(), &[][..]),
    };
    let Some((name, Some(version))) = text.map(named) else {
        sheet.problem(entry.line, "a pod without name or version");
        return;
    };
    let (pod, part) = name.split_once('/').unwrap_or((name, ""));
    let purl = Purl::new("cocoapods", None, pod, Some(version)).map(|purl| purl.with_subpath(part));
    let Some(added) = sheet.add_as(entry.line, purl, name, None) else { return };
    let from = added.index;
    if let Some(source) = root.at(&["EXTERNAL SOURCES", pod]) {
        added.package.origin = origin(source, root.at(&["CHECKOUT OPTIONS", pod]));
    }
    for need in needs.iter().filter_map(Value::text) {
        sheet.edge(from, named(need).0, None);
    }
}

fn origin(source: &Value, checkout: Option<&Value>) -> PackageOrigin {
    if let Some(path) = source.text_of(":path") {
        return PackageOrigin::Local { path: path.to_owned() };
    }
    if let Some(url) = source.text_of(":git") {
        let commit = checkout.and_then(|checkout| checkout.scalar_of(":commit"));
        return PackageOrigin::Git { url: without_credentials(url), commit: commit.map(str::to_owned) };
    }
    let url = source.text_of(":podspec").or_else(|| source.text_of(":http")).unwrap_or_default();
    if url.contains("://") {
        PackageOrigin::Url { url: without_credentials(url) }
    } else {
        PackageOrigin::Local { path: url.to_owned() }
    }
}

/// `name (what)` and `name`.
fn named(text: &str) -> (&str, Option<&str>) {
    match text.trim().split_once(" (") {
        Some((name, rest)) => (name, rest.strip_suffix(')')),
        None => (text.trim(), None),
    }
}

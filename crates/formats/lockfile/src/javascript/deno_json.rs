//! deno.json: what it imports from npm and JSR.

use std::collections::BTreeMap;

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use super::package_json::Manifest;
use super::request::{put_request, split_name};
use super::{Companion, sheet};
use crate::facts::clean_url;
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::json;

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = json::parse(bytes);
    let root = tree.root();
    let mut sheet = sheet(PackageEvidence::Declared);
    sheet.problems(tree.problems.clone());
    let mut requests = BTreeMap::new();
    let scoped = root.members_of("scopes").iter().flat_map(|scope| scope.value.members());
    for member in root.members_of("imports").iter().chain(scoped) {
        let Some(target) = member.value.text() else { continue };
        requests.insert(member.key.clone(), (target.to_owned(), Scope::Prod));
        put_import(&mut sheet, member.line, target);
    }
    let manifest = Manifest { requests, ..Manifest::default() };
    (sheet.done(), Some(record::Companion::Javascript(Companion::Manifest(manifest))))
}

fn put_import(sheet: &mut Sheet, line: u32, target: &str) {
    if let Some(wanted) = target.strip_prefix("npm:") {
        let wanted = wanted.trim_start_matches('/');
        let (name, range) = split_name(wanted).unwrap_or((wanted, ""));
        let range = range.split('/').next().unwrap_or_default();
        if let Some(mut added) = put_request(sheet, line, name, range) {
            added.direct();
        }
    } else if let Some(wanted) = target.strip_prefix("jsr:") {
        let wanted = wanted.trim_start_matches('/');
        let (name, range) = split_name(wanted).unwrap_or((wanted, ""));
        let (scope, last) = name.split_once('/').map_or((None, name), |(scope, last)| (Some(scope), last));
        let last = last.split('/').next().unwrap_or(last);
        if let Some(mut added) = sheet.add_as(line, Purl::new("jsr", scope, last, None), name, None) {
            added.package.wanted = Some(range.to_owned()).filter(|range| !range.is_empty());
            added.direct();
        }
    } else if target.starts_with("http") {
        let url = clean_url(target);
        let last = crate::text::file_name(url.trim_end_matches('/')).to_owned();
        let purl =
            Purl::new("generic", None, &last, None).map(|purl| purl.with_qualifier("download_url", &url));
        if let Some(mut added) = sheet.add_as(line, purl, &url, None) {
            added.package.origin = PackageOrigin::Url { url: url.clone() };
            added.direct();
        }
    }
}

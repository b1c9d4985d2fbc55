//! Ansible: the roles and collections that `requirements.yml` asks for, and what a collection needs (`galaxy.yml`).

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::helm;
use crate::facts::{git_at, is_git};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, yaml};

/// The package-url specification has no type for Ansible.
const KIND: &str = "generic";

/// Charts of Helm have a file of the same name, with other keys in it.
pub(super) fn read_requirements(_: &str, bytes: &[u8]) -> Parsed {
    let tree = yaml::parse(bytes);
    let root = tree.root();
    if root.get("dependencies").is_some() {
        let (mut reading, companion) = helm::read_requirements(root);
        reading.problems.extend(tree.problems);
        return (reading, companion);
    }
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    // Before collections there was a list of roles alone.
    let lists = [root.items(), root.items_of("roles"), root.items_of("collections")];
    for entry in lists.into_iter().flatten() {
        ask(&mut sheet, entry);
    }
    sheet.problems(tree.problems);
    (sheet.done(), None)
}

/// `- name: owner.name`, `- src: https://…`, or the name alone. `- include: other.yml` stands for what another file asks for.
fn ask(sheet: &mut Sheet, entry: &Value) {
    if entry.get("include").is_some() {
        sheet.problem(entry.line, "includes another file, whose roles are not known here");
    }
    let place = entry.text_of("src").or_else(|| entry.text_of("source"));
    let Some(name) = entry.text().or_else(|| entry.text_of("name")).or(place) else { return };
    let url = [Some(name), place].into_iter().flatten().find(|text| is_git(text) || text.contains("://"));
    let short = name.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let name = if is_git(name) || name.contains("://") { short.trim_end_matches(".git") } else { name };
    let wanted = entry.scalar_of("version").unwrap_or_default();
    let exact = wanted.trim_start_matches("==").trim();
    let Some(added) = sheet.ask(entry.line, name, exact, Scope::Prod) else { return };
    let is_repository = entry.text_of("type") == Some("git") || entry.text_of("scm").is_some();
    if let Some(url) = url.filter(|url| is_repository || is_git(url)) {
        added.package.origin = git_at(url, Some(wanted));
    } else if let Some(url) = url {
        added.package.origin = PackageOrigin::Registry { url: crate::facts::clean_url(url) };
    }
}

pub(super) fn read_collection(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own = root.text_of("namespace").zip(root.text_of("name")).and_then(|(space, name)| {
        sheet.add_itself(root.line, &format!("{space}.{name}"), root.scalar_of("version"))
    });
    for need in root.members_of("dependencies") {
        let wanted = need.value.scalar().unwrap_or_default();
        sheet.ask(need.line, &need.key, wanted.trim_start_matches("==").trim(), Scope::Prod);
    }
    sheet.needs_what_is_asked_for(own);
    (sheet.done(), None)
}

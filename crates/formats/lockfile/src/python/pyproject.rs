//! pyproject.toml: the standard tables (PEP 621, PEP 735, PEP 518) and those of Poetry, PDM and uv.

use palisade_model::{PackageEvidence, PackageOrigin, Scope};

use super::pipenv::put_asked;
use super::requirement::{put_requirement, requirement};
use super::requirements::put_address;
use super::{Manifest, NamedIndex, declared, group_scope, normalised, put, sheet};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, toml};

struct Project {
    sheet: Sheet,
    manifest: Manifest,
}

pub(super) fn read(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let root = tree.root();
    let mut project = Project { sheet: sheet(PackageEvidence::Declared), manifest: Manifest::default() };
    project.sheet.problems(tree.problems.clone());
    project.own(root);
    project.list(root.at(&["project", "dependencies"]), Scope::Prod);
    let extras = root.at(&["project", "optional-dependencies"]);
    project.groups(extras, |_| Scope::Optional);
    let names = extras.map_or(&[][..], Value::members).iter().map(|extra| extra.key.clone());
    project.manifest.extras = names.collect();
    let by_group = |group: &str| group_scope(group).max(Scope::Test);
    project.groups(root.get("dependency-groups"), by_group);
    project.groups(root.at(&["tool", "pdm", "dev-dependencies"]), by_group);
    project.list(root.at(&["tool", "uv", "dev-dependencies"]), Scope::Dev);
    project.poetry(root);
    project.list(root.at(&["build-system", "requires"]), Scope::Build);
    project.sources(root);
    declared(project.sheet, project.manifest)
}

/// uv.toml, uv's settings beside the manifest. It names no packages: what cannot be read in it takes nothing from the inventory.
pub(super) fn read_uv_settings(_path: &str, bytes: &[u8]) -> Parsed {
    let tree = toml::parse(bytes);
    let mut settings = Project { sheet: sheet(PackageEvidence::Declared), manifest: Manifest::default() };
    settings.uv_settings(tree.root());
    declared(settings.sheet, settings.manifest)
}

impl Project {
    /// Adds the project's own package, if it has a name and a version.
    fn own(&mut self, root: &Value) {
        let tables = [root.get("project"), root.at(&["tool", "poetry"])];
        let own = tables.into_iter().flatten().find_map(|table| {
            Some((table.line, table.text_of("name")?, table.text_of("version")?, table.text_of("license")))
        });
        // PDM leaves both empty where nobody installs the project.
        let own = own.filter(|(_, name, version, _)| !name.is_empty() && !version.is_empty());
        let Some((line, name, version, licence)) = own else { return };
        let origin = PackageOrigin::Local { path: String::new() };
        if let Some(mut added) = put(&mut self.sheet, line, name, Some(version), origin) {
            added.direct();
            added.package.licences.extend(licence.map(str::to_owned));
        }
    }

    fn asks(&mut self, name: &str, scope: Scope) {
        // What builds the project is not in its lockfile.
        if scope != Scope::Build {
            let known = self.manifest.requests.entry(normalised(name)).or_insert(scope);
            *known = scope.min(*known);
        }
    }

    fn list(&mut self, list: Option<&Value>, scope: Scope) {
        for item in list.map_or(&[][..], Value::items) {
            // A table takes in another group.
            let Some(text) = item.text() else { continue };
            // PDM writes what is worked on in place as pip does.
            let in_place = text.strip_prefix("-e ").map(str::trim);
            if let Some(place) = in_place.filter(|place| requirement(place).is_none()) {
                self.in_place(item.line, place, scope);
                continue;
            }
            let text = in_place.unwrap_or(text);
            if let Some(wanted) = requirement(text) {
                self.asks(wanted.name, scope);
            }
            put_requirement(&mut self.sheet, item.line, text, scope);
        }
    }

    /// A folder by its address alone, which names the package.
    fn in_place(&mut self, line: u32, place: &str, scope: Scope) {
        let Some(mut added) = put_address(&mut self.sheet, line, place, scope) else { return };
        added.direct();
        let name = added.package.name.clone();
        self.asks(&name, scope);
    }

    fn groups(&mut self, groups: Option<&Value>, scope: impl Fn(&str) -> Scope) {
        for group in groups.map_or(&[][..], Value::members) {
            self.list(Some(&group.value), scope(&group.key));
        }
    }

    /// Where packages come from, as far as it says.
    fn sources(&mut self, root: &Value) {
        for way in [["tool", "poetry"], ["tool", "pdm"]] {
            self.indexes(root.at(&way).map_or(&[][..], |tool| tool.items_of("source")));
        }
        if let Some(uv) = root.at(&["tool", "uv"]) {
            self.uv_settings(uv);
            for source in uv.members_of("sources") {
                let of_index = source.value.get("index").is_some();
                self.manifest.elsewhere.extend((!of_index).then(|| normalised(&source.key)));
            }
        }
        let pdm = root.at(&["tool", "pdm", "resolution", "overrides"]).map_or(&[][..], Value::members);
        let placed = pdm.iter().filter(|member| member.value.text().is_some_and(|text| text.contains("://")));
        self.manifest.elsewhere.extend(placed.map(|member| normalised(&member.key)));
    }

    fn indexes(&mut self, indexes: &[Value]) {
        for index in indexes {
            let url = index.text_of("url").unwrap_or_default();
            let is_trusted = index.get("verify_ssl").is_some() && !index.flag("verify_ssl");
            self.manifest.indexes.push(NamedIndex { is_trusted, ..NamedIndex::of(index.line, url) });
        }
    }

    /// What uv's settings say, in a section of the manifest or in a file of their own: indexes, and what comes from elsewhere, whoever asks
    /// for it.
    fn uv_settings(&mut self, uv: &Value) {
        self.indexes(uv.items_of("index"));
        for table in [Some(uv), uv.get("pip")].into_iter().flatten() {
            for value in ["index-url", "extra-index-url"].iter().filter_map(|key| table.get(key)) {
                let urls = value.text().into_iter().chain(value.items().iter().filter_map(Value::text));
                self.manifest.indexes.extend(urls.map(|url| NamedIndex::of(value.line, url)));
            }
        }
        let overrides =
            uv.items_of("override-dependencies").iter().chain(uv.items_of("constraint-dependencies"));
        let wanted = overrides.filter_map(Value::text).filter_map(requirement);
        let placed = wanted.filter(|wanted| wanted.url.is_some());
        self.manifest.elsewhere.extend(placed.map(|wanted| normalised(wanted.name)));
    }

    fn poetry(&mut self, root: &Value) {
        let Some(poetry) = root.at(&["tool", "poetry"]) else { return };
        self.poetry_table(poetry.get("dependencies"), Scope::Prod);
        self.poetry_table(poetry.get("dev-dependencies"), Scope::Dev);
        for group in poetry.members_of("group") {
            self.poetry_table(group.value.get("dependencies"), group_scope(&group.key));
        }
    }

    fn poetry_table(&mut self, table: Option<&Value>, scope: Scope) {
        for member in table.map_or(&[][..], Value::members).iter().filter(|member| member.key != "python") {
            let scope = if member.value.flag("optional") { scope.max(Scope::Optional) } else { scope };
            self.asks(&member.key, scope);
            // One package may be asked for in several ways, by platform.
            let places = ["git", "path", "url", "file"];
            let is_placed = |way: &Value| places.iter().any(|place| way.get(place).is_some());
            if member.value.items().iter().any(is_placed) {
                self.manifest.elsewhere.insert(normalised(&member.key));
            }
            put_asked(&mut self.sheet, member, scope);
        }
    }
}

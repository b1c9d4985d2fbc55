use std::borrow::Cow;
use std::collections::BTreeMap;

use palisade_archive::MemberTrouble;
use palisade_model::{
    Ecosystem, Package, PackageEvidence, PackageOrigin, Purl, PurlError, Reading, ReadingProblem, Relation,
    Scope,
};

use crate::asks::Asks;
use crate::spanned::text;

/// Packages of one record; what stands beyond is a problem.
const MAX_PACKAGES: usize = 100_000;
/// Edges of one record, likewise.
const MAX_EDGES: usize = 4_000_000;
/// Problems told one by one; the last one says that there are more.
const MAX_PROBLEMS: usize = 200;
/// Bytes of a name or a version.
const MAX_WORD: usize = 2048;

/// What a reader fills while it goes through a record: packages of one kind, the edges between them, and what could not be read.
pub(crate) struct Sheet {
    kind: &'static str,
    ecosystem: Option<&'static str>,
    evidence: PackageEvidence,
    reading: Reading,
    known: BTreeMap<Purl, u32>,
    edges: Vec<Edge>,
    asked: Vec<(String, Scope)>,
    relations_known: bool,
}

struct Edge {
    from: u32,
    name: String,
    version: Option<String>,
}

/// A package that was written on a sheet, or that stood there already.
pub(crate) struct Added<'s> {
    pub(crate) index: u32,
    pub(crate) package: &'s mut Package,
    is_new: bool,
}

impl Added<'_> {
    /// Needed for `scope`, among other things if the package stands there already.
    pub(crate) fn scope(&mut self, scope: Scope) {
        self.package.scope = if self.is_new { scope } else { self.package.scope.min(scope) };
    }

    /// The project itself asks for it.
    pub(crate) fn direct(&mut self) {
        self.package.relation = Relation::Direct;
    }
}

impl Sheet {
    /// An empty sheet for packages of the package-url type `kind`.
    pub(crate) fn new(
        kind: &'static str,
        ecosystem: Option<&'static str>,
        evidence: PackageEvidence,
    ) -> Self {
        Self {
            kind,
            ecosystem,
            evidence,
            reading: Reading::default(),
            known: BTreeMap::new(),
            edges: Vec::new(),
            asked: Vec::new(),
            relations_known: false,
        }
    }

    /// The text of a record; bytes that are none are a problem.
    pub(crate) fn decode<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, str> {
        let (text, problems) = text::decode(bytes);
        self.problems(problems);
        text
    }

    /// Adds a package by its name as the record writes it, or finds it again.
    pub(crate) fn add(&mut self, line: u32, name: &str, version: Option<&str>) -> Option<Added<'_>> {
        let (namespace, last) = parts(self.kind, name);
        let purl = Purl::new(self.kind, namespace, last, version);
        let ecosystem = self.ecosystem;
        self.add_as(line, purl, name, ecosystem)
    }

    /// Adds a package that asks for a range instead of pinning a version.
    pub(crate) fn add_wanted(&mut self, line: u32, name: &str, wanted: &str) -> Option<Added<'_>> {
        let added = self.add(line, name, None)?;
        if !wanted.is_empty() && wanted.len() <= MAX_WORD {
            added.package.wanted.get_or_insert_with(|| wanted.to_owned());
        }
        Some(added)
    }

    /// Adds what a manifest asks for, for `scope`: a version that stands alone is pinned, anything else is wanted.
    pub(crate) fn ask(&mut self, line: u32, name: &str, wanted: &str, scope: Scope) -> Option<Added<'_>> {
        let wanted = wanted.trim();
        let mut added = if is_plain_version(wanted) {
            self.add(line, name, Some(wanted))
        } else {
            self.add_wanted(line, name, wanted)
        }?;
        added.scope(scope);
        added.direct();
        Some(added)
    }

    /// Adds the project that the record is of, which no registry knows, as far as the record tells. Without a version it is nothing
    /// that anybody could ask for.
    pub(crate) fn add_itself(&mut self, line: u32, name: &str, version: Option<&str>) -> Option<u32> {
        let (namespace, last) = parts(self.kind, name);
        let purl = Purl::new(self.kind, namespace, last, Some(version?));
        let added = self.add_as(line, purl, name, None)?;
        added.package.origin = PackageOrigin::Local { path: ".".to_owned() };
        added.package.relation = Relation::Direct;
        Some(added.index)
    }

    /// Lets the package at `from` need all others that are asked for directly.
    pub(crate) fn needs_what_is_asked_for(&mut self, from: Option<u32>) {
        let is_direct = |package: &Package| package.relation == Relation::Direct;
        let needs =
            (0..).zip(&self.reading.packages).filter(|(at, package)| Some(*at) != from && is_direct(package));
        let needs: Vec<u32> = needs.map(|(at, _)| at).collect();
        if let Some(package) = from.and_then(|from| self.package(from)) {
            package.dependencies.extend(needs);
        }
    }

    /// What a manifest says that lists all it asks for directly: its own package, at `own`, needs it, and the lockfiles of these formats tell
    /// more of it.
    pub(crate) fn done_asking(mut self, own: Option<u32>, locks: &'static [&'static str]) -> (Reading, Asks) {
        self.needs_what_is_asked_for(own);
        let is_asked =
            |(at, package): &(u32, &Package)| Some(*at) != own && package.relation == Relation::Direct;
        let asked = (0..).zip(&self.reading.packages).filter(is_asked);
        let names = asked.map(|(_, package)| (package.name.clone(), package.scope)).collect();
        (self.done(), Asks::of(locks, names))
    }

    /// Adds a package of an address of its own, or finds it again.
    pub(crate) fn add_as(
        &mut self,
        line: u32,
        purl: Result<Purl, PurlError>,
        name: &str,
        ecosystem: Option<&str>,
    ) -> Option<Added<'_>> {
        let purl = match purl {
            Ok(purl) if name.len() <= MAX_WORD && purl.version().map_or(0, str::len) <= MAX_WORD => purl,
            Ok(_) => {
                self.problem(line, "a name or a version is longer than is read");
                return None;
            }
            Err(error) => {
                self.problem(line, &format!("a package has no usable name: {error}"));
                return None;
            }
        };
        let count = self.reading.packages.len();
        let index = *self.known.entry(purl.clone()).or_insert(u32::try_from(count).unwrap_or(u32::MAX));
        let is_new = index as usize == count;
        if is_new && count >= MAX_PACKAGES {
            self.known.remove(&purl);
            self.problem(line, "there are more packages than are read");
            return None;
        }
        if is_new {
            let mut package = Package::new(purl, name, self.evidence);
            package.ecosystem = ecosystem.map(Ecosystem::new);
            package.line = line;
            self.reading.packages.push(package);
        }
        let package = self.reading.packages.get_mut(index as usize)?;
        Some(Added { index, package, is_new })
    }

    /// The package at `index`.
    pub(crate) fn package(&mut self, index: u32) -> Option<&mut Package> {
        self.reading.packages.get_mut(index as usize)
    }

    /// The place of the package of that name and version, if it stands on the sheet.
    pub(crate) fn find_index(&self, name: &str, version: &str) -> Option<u32> {
        let (namespace, last) = parts(self.kind, name);
        let purl = Purl::new(self.kind, namespace, last, Some(version)).ok()?;
        self.known.get(&purl).copied()
    }

    /// The package of that name and version, if it stands on the sheet.
    pub(crate) fn find(&mut self, name: &str, version: &str) -> Option<&mut Package> {
        let index = self.find_index(name, version)?;
        self.package(index)
    }

    /// Notes a member of an archive that could not be read, or the archive itself.
    pub(crate) fn unread_member(&mut self, trouble: &MemberTrouble) {
        let name = trouble.name.as_deref().map_or(Cow::Borrowed("the archive"), String::from_utf8_lossy);
        self.problem(0, &format!("{name} {}", trouble.trouble));
    }

    /// Notes what could not be read; line 0 is the whole record.
    pub(crate) fn problem(&mut self, line: u32, detail: &str) {
        let problem = |detail: &str| ReadingProblem {
            line: Some(line).filter(|line| *line > 0),
            detail: detail.to_owned(),
        };
        match self.reading.problems.len() {
            count if count < MAX_PROBLEMS => self.reading.problems.push(problem(detail)),
            MAX_PROBLEMS => self.reading.problems.push(problem("there are more problems than are told")),
            _ => {}
        }
    }

    /// Takes over problems that another reader met.
    pub(crate) fn problems(&mut self, problems: Vec<ReadingProblem>) {
        for problem in problems {
            self.problem(problem.line.unwrap_or(0), &problem.detail);
        }
    }

    /// Whether there is no package yet.
    pub(crate) const fn is_without_packages(&self) -> bool {
        self.reading.packages.is_empty()
    }

    /// The package at `from` needs the package called `name`, wherever that stands in the record; names that stand nowhere are no
    /// edge.
    pub(crate) fn edge(&mut self, from: u32, name: &str, version: Option<&str>) {
        if self.edges.len() < MAX_EDGES {
            self.edges.push(Edge { from, name: self.folded(name), version: version.map(str::to_owned) });
        } else if self.edges.len() == MAX_EDGES {
            self.problem(0, "there are more edges than are read");
        }
    }

    /// The project asks for the package called `name`, wherever that stands; every package that is not asked for is transitive.
    pub(crate) fn asks_for(&mut self, name: &str, scope: Scope) {
        let name = self.folded(name);
        self.asked.push((name, scope));
        self.relations_known = true;
    }

    /// Every package of which nothing is said is there for others only.
    pub(crate) const fn rest_is_transitive(&mut self) {
        self.relations_known = true;
    }

    /// What was filled in.
    pub(crate) fn done(mut self) -> Reading {
        let mut by_name: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (index, package) in (0..).zip(&self.reading.packages) {
            by_name.entry(folded(package.purl.kind(), &package.name)).or_default().push(index);
        }
        // The same name may be asked for as often as there are packages of it.
        let mut asked: BTreeMap<String, Scope> = BTreeMap::new();
        for (name, scope) in std::mem::take(&mut self.asked) {
            asked.entry(name).and_modify(|known| *known = scope.max(*known)).or_insert(scope);
        }
        for (name, scope) in asked {
            for index in by_name.get(&name).into_iter().flatten() {
                if let Some(package) = self.reading.packages.get_mut(*index as usize) {
                    package.relation = Relation::Direct;
                    package.scope = package.scope.max(scope);
                }
            }
        }
        for (from, to) in self.targets(&by_name) {
            if let Some(package) = self.reading.packages.get_mut(from as usize) {
                package.dependencies.push(to);
            }
        }
        for package in &mut self.reading.packages {
            package.dependencies.sort_unstable();
            package.dependencies.dedup();
            if self.relations_known && package.relation == Relation::Unknown {
                package.relation = Relation::Transitive;
            }
        }
        self.reading
    }

    /// Where the edges lead: to the package of the version that is told, or to the first of the name.
    fn targets(&self, by_name: &BTreeMap<String, Vec<u32>>) -> Vec<(u32, u32)> {
        let version = |index: &u32| self.reading.packages.get(*index as usize)?.version.as_deref();
        let mut exact: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for (name, indexes) in by_name {
            for index in indexes {
                version(index).into_iter().for_each(|version| {
                    exact.entry((name, version)).or_insert(*index);
                });
            }
        }
        let target = |edge: &Edge| {
            let wanted =
                edge.version.as_deref().and_then(|version| exact.get(&(edge.name.as_str(), version)));
            let to = wanted.or_else(|| by_name.get(&edge.name)?.first())?;
            Some((edge.from, *to))
        };
        self.edges.iter().filter_map(target).collect()
    }

    fn folded(&self, name: &str) -> String {
        folded(self.kind, name)
    }
}

/// Whether a text is one version and no range of them: it begins with a digit, a `v` before it or not, and has no sign of a range.
pub(crate) fn is_plain_version(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or(text);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".+-_~:".contains(&byte);
    let is_wild = text.split(['.', '-']).any(|part| matches!(part, "x" | "X" | "+"));
    number.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(is_part) && !is_wild
}

/// How names of `kind` are compared.
pub(crate) fn folded(kind: &str, name: &str) -> String {
    match kind {
        "nuget" | "composer" | "hex" | "swift" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

/// Namespace and name of a package of `kind`, as a record writes them in one.
fn parts<'n>(kind: &str, name: &'n str) -> (Option<&'n str>, &'n str) {
    let split = match kind {
        "maven" => name.split_once(':'),
        "composer" | "swift" | "github" | "docker" | "hex" | "terraform" => name.rsplit_once('/'),
        _ => None,
    };
    split.map_or((None, name), |(namespace, name)| (Some(namespace), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each edge finds its version without a look at the others.
    #[test]
    fn edges_to_one_of_many_versions_cost_no_more_than_others() {
        const VERSIONS: u32 = 20_000;
        let mut sheet = Sheet::new("npm", None, PackageEvidence::Locked);
        for number in 0..VERSIONS {
            sheet.add(1, "a", Some(&format!("1.0.{number}"))).unwrap();
        }
        let last = VERSIONS - 1;
        for from in 0..VERSIONS {
            for _ in 0..10 {
                sheet.edges.push(Edge { from, name: "a".to_owned(), version: Some(format!("1.0.{last}")) });
            }
            sheet.asked.push(("a".to_owned(), Scope::Dev));
        }
        sheet.edges.push(Edge { from: 5, name: "a".to_owned(), version: Some("9".to_owned()) });
        let reading = sheet.done();
        assert_eq!(reading.packages[5].dependencies, [0, last]);
        assert!(reading.packages.iter().all(|package| package.relation == Relation::Direct));
    }
}

//! Who in the project asks for a package itself.

use std::collections::BTreeMap;

use palisade_lockfile::{Asked, Asker, Wish};
use palisade_model::{InventoryFile, Package, PackageOrigin, Scope};

/// How many an advice names: what a person reads, and a bound of what many flaws of a package that many ask for cost.
const MAX_NAMED: usize = 8;

/// The folders of the project that ask for a package themselves, as far as the record and the manifests around it tell.
#[derive(Debug, Default)]
pub(crate) struct Askers {
    /// The first of them.
    pub(crate) named: Vec<Asker>,
    /// How many more there are.
    pub(crate) others: usize,
}

/// Who asks for the packages of one record.
pub(crate) struct Asking<'a> {
    /// What the manifests around the record say, in the order of its packages.
    told: &'a [Asked],
    /// For the place of each package, the members of a workspace that need it. Lockfiles of npm and Bun have the members among their
    /// packages; of others the manifests tell it, and this is none.
    members: Option<BTreeMap<u32, Vec<Member<'a>>>>,
}

#[derive(Clone, Copy)]
struct Member<'a> {
    folder: &'a str,
    name: &'a str,
}

impl<'a> Asking<'a> {
    /// Goes once through what the members of a workspace need.
    pub(crate) fn of_file(file: &'a InventoryFile, told: &'a [Asked]) -> Self {
        let has_members = matches!(file.format.as_str(), "npm-package-lock" | "bun-lock");
        Self { told, members: has_members.then(|| members(&file.packages)) }
    }

    /// Who asks for the package at `index`.
    pub(crate) fn of(&self, index: usize) -> Askers {
        let first = self.told.partition_point(|asked| (asked.package as usize) < index);
        let last = self.told.partition_point(|asked| asked.package as usize <= index);
        let known = || self.told.iter().take(last).skip(first).map(|asked| &asked.by);
        let Some(members) = &self.members else {
            return first_of(known().cloned(), known().count());
        };
        let members = u32::try_from(index).ok().and_then(|index| members.get(&index));
        let members = || members.into_iter().flatten().copied();
        let root = || known().filter(|asker| asker.folder.is_empty());
        let asker = |member: Member<'_>| {
            let said = known().find(|asker| asker.folder == member.folder).cloned();
            said.unwrap_or_else(|| Asker {
                folder: member.folder.to_owned(),
                name: member.name.to_owned(),
                scope: Scope::Prod,
                wish: Wish::Plain,
            })
        };
        first_of(root().cloned().chain(members().map(asker)), root().count() + members().count())
    }
}

fn first_of(all: impl Iterator<Item = Asker>, count: usize) -> Askers {
    let named: Vec<Asker> = all.take(MAX_NAMED).collect();
    Askers { others: count - named.len(), named }
}

fn members(packages: &[Package]) -> BTreeMap<u32, Vec<Member<'_>>> {
    let mut members: BTreeMap<u32, Vec<Member<'_>>> = BTreeMap::new();
    for package in packages {
        let PackageOrigin::Local { path } = &package.origin else { continue };
        if path.contains("node_modules") {
            continue;
        }
        let mut needs = package.dependencies.clone();
        needs.sort_unstable();
        needs.dedup();
        for need in needs {
            members.entry(need).or_default().push(Member { folder: path, name: &package.name });
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use palisade_model::{PackageEvidence, Purl, RepoPath};

    use super::*;

    fn package(name: &str, origin: PackageOrigin, dependencies: Vec<u32>) -> Package {
        let mut package =
            Package::new(Purl::new("npm", None, name, Some("1.0.0")).unwrap(), name, PackageEvidence::Locked);
        (package.origin, package.dependencies) = (origin, dependencies);
        package
    }

    fn file(format: &str, packages: Vec<Package>) -> InventoryFile {
        InventoryFile {
            path: RepoPath::from_bytes("package-lock.json").unwrap(),
            members: Vec::new(),
            format: format.to_owned(),
            layer: None,
            owner: None,
            packages,
        }
    }

    fn asked(package: u32, folder: &str, wish: Wish) -> Asked {
        let by = Asker { folder: folder.to_owned(), name: folder.to_owned(), scope: Scope::Dev, wish };
        Asked { package, by }
    }

    fn folders(askers: &Askers) -> Vec<&str> {
        askers.named.iter().map(|asker| asker.folder.as_str()).collect()
    }

    #[test]
    fn members_of_a_workspace_ask_and_few_are_named() {
        let local = |path: &str| PackageOrigin::Local { path: path.to_owned() };
        let mut packages = vec![
            package("leftish", PackageOrigin::Default, vec![]),
            package("other", PackageOrigin::Default, vec![0]),
            package("linked", local("node_modules/linked"), vec![0]),
        ];
        packages.extend(
            (0..10).map(|number| package("member", local(&format!("packages/{number}")), vec![0, 0])),
        );
        packages.push(package("single", local("packages/single"), vec![1]));
        let told =
            [asked(0, "", Wish::Plain), asked(0, "packages/1", Wish::Catalogue), asked(3, "", Wish::Plain)];
        let npm = file("npm-package-lock", packages.clone());
        let asking = Asking::of_file(&npm, &told);
        let askers = asking.of(0);
        let expected: Vec<String> = (0..7).map(|number| format!("packages/{number}")).collect();
        assert_eq!(folders(&askers)[0], "");
        assert_eq!(folders(&askers)[1..], expected);
        assert_eq!(askers.others, 3);
        assert_eq!(askers.named[2].wish, Wish::Catalogue, "the manifest tells more than the lockfile");
        assert_eq!(folders(&asking.of(1)), ["packages/single"]);
        assert_eq!(folders(&asking.of(2)), [""; 0]);
        // Where the manifests alone tell.
        let yarn = file("yarn-lock", packages);
        let many: Vec<Asked> = (0..9).map(|number| asked(1, &number.to_string(), Wish::Plain)).collect();
        let asking = Asking::of_file(&yarn, &many);
        assert_eq!((asking.of(1).named.len(), asking.of(1).others), (8, 1));
        assert_eq!((asking.of(0).named.len(), asking.of(2).named.len()), (0, 0));
    }
}

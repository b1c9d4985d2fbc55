//! VEX statements: those of a project on both sides of a change, and those that the user names; and what they may call a project.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use palisade_model::{Inventory, InventoryFile, PackageOrigin, Purl, RepoPath, Source};
use palisade_sbom::vex::VexSubject;
use palisade_triage::{ScannedProducts, VexStatements};

use crate::project::pipeline_file;
use crate::source::Folder;
use crate::worker::{DocumentAnswer, Question, ask_of_documents};
use crate::{BadDocument, Context, FlowError, document};

/// The VEX statements of a project.
pub const VEX_FILE: &str = "palisade.vex.json";

/// What is stated on both sides of a change.
#[derive(Default)]
pub(crate) struct Stated {
    pub(crate) change: VexStatements,
    pub(crate) base: VexStatements,
    /// What of it could not be read, so that it counts for nothing.
    pub(crate) remarks: Vec<BadDocument>,
}

/// A document before it is read.
struct Unread {
    /// How the user knows it.
    name: String,
    bytes: Vec<u8>,
    in_change: bool,
    in_base: bool,
}

impl Stated {
    /// Reads the project's file in `tree` and in the base revision of `folder`, and the `named` ones. A named one that lies in the folder
    /// or in the repository around it is part of the change like the project's own; one from elsewhere is the word of who scans, and
    /// counts on both sides.
    pub(crate) fn read(
        context: &Context,
        tree: &Path,
        folder: &Folder,
        named: &[PathBuf],
    ) -> Result<Self, FlowError> {
        let mut unread = Vec::new();
        let own = RepoPath::from_bytes(VEX_FILE).map_err(FlowError::bug)?;
        let is_own = |path: &Path| path == folder.root().join(VEX_FILE);
        let bytes = document::read(&*context.files, &tree.join(VEX_FILE))?;
        unread.extend(bytes.map(|bytes| changed(VEX_FILE.to_owned(), bytes)));
        unread.extend(in_base(folder, &folder.in_repository(&own)?)?);
        let top = folder.repository().map_or(folder.root(), |repository| repository.root());
        for path in named {
            let bytes = document::read(&*context.files, path)?;
            let bytes = bytes.ok_or_else(|| FlowError::usage(format!("there is no `{}`", path.display())))?;
            let name = path.display().to_string();
            let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
            if is_own(&whole) {
                continue;
            }
            match whole.strip_prefix(top) {
                Ok(below) => {
                    let below = RepoPath::from_bytes(below.as_os_str().as_bytes()).map_err(FlowError::bug)?;
                    unread.push(changed(name, bytes));
                    unread.extend(in_base(folder, &below)?);
                }
                Err(_) => unread.push(Unread { name, bytes, in_change: true, in_base: true }),
            }
        }
        Self::of(context, &unread)
    }

    fn of(context: &Context, unread: &[Unread]) -> Result<Self, FlowError> {
        let mut stated = Self::default();
        if unread.is_empty() {
            return Ok(stated);
        }
        let bytes: Vec<Vec<u8>> = unread.iter().map(|one| one.bytes.clone()).collect();
        let DocumentAnswer::Vex(read) = ask_of_documents(context, &bytes, Question::Vex)? else {
            return Err(FlowError::bug("the worker answered something else"));
        };
        for (one, read) in unread.iter().zip(read) {
            let (mut document, problems) = read.map_err(|why| unusable(&one.name, &why))?;
            document.distrust_the_future(context.clock.now());
            if one.in_change {
                stated.change.add(&one.name, &document);
            }
            if one.in_base {
                stated.base.add(&one.name, &document);
            }
            stated.remarks.extend(remarks(&one.name, problems));
        }
        Ok(stated)
    }
}

fn changed(name: String, bytes: Vec<u8>) -> Unread {
    Unread { name, bytes, in_change: true, in_base: false }
}

/// What the base revision has at `path`, which starts at the top of the repository.
fn in_base(folder: &Folder, path: &RepoPath) -> Result<Option<Unread>, FlowError> {
    let Some((repository, commit)) =
        folder.repository().and_then(|found| Some((found, found.target_commit()?)))
    else {
        return Ok(None);
    };
    let bytes = repository.file_at(commit.as_str(), path)?;
    let name = format!("{}:{path}", commit.short());
    Ok(bytes.map(|bytes| Unread { name, bytes, in_change: false, in_base: true }))
}

/// A document of which nothing can be read.
pub(crate) fn unusable(name: &str, why: &str) -> FlowError {
    FlowError::usage_with_hint(
        format!("`{name}` cannot be used: {why}"),
        "VEX is read as OpenVEX and as CycloneDX, both as JSON; `palisade vex check FILE` says what is wrong",
    )
}

/// What of a document could not be read, to be shown.
fn remarks(name: &str, problems: Vec<String>) -> Option<BadDocument> {
    let whole = palisade_model::Span::new(0, 0);
    let problems = problems.into_iter().map(|problem| palisade_model::Problem::warning(problem, whole));
    let problems: Vec<_> = problems.collect();
    (!problems.is_empty()).then(|| BadDocument { name: name.to_owned(), text: String::new(), problems })
}

/// What the project at `tree` is called, its folder or the snapshot of that: by its pipeline file, and by where it was cloned from.
pub(crate) fn project_subject(context: &Context, tree: &Path, folder: &Folder) -> VexSubject {
    let mut subject = VexSubject::default();
    // One that cannot be read is told where it matters.
    if let Ok(file) = pipeline_file(context, tree) {
        subject.purls.extend(generic(&file.value.name));
        subject.ids.push(file.value.name);
    }
    if let Source::Git { remote: Some(remote), commit, .. } = folder.source() {
        let commit = commit.map(|commit| commit.as_str().to_owned());
        subject.purls.extend(hosted(&remote, commit.as_deref()));
        subject.ids.push(remote);
    }
    subject
}

fn generic(name: &str) -> Option<Purl> {
    format!("pkg:generic/{name}").parse().ok()
}

/// The address of a repository of a host that has a type of its own.
pub(crate) fn hosted(remote: &str, commit: Option<&str>) -> Option<Purl> {
    const HOSTS: [(&str, &str); 2] = [("github.com/", "github"), ("bitbucket.org/", "bitbucket")];
    let (_, rest) = remote.split_once("://")?;
    let (path, kind) = HOSTS.iter().find_map(|(host, kind)| Some((rest.strip_prefix(host)?, kind)))?;
    let path = path.trim_end_matches('/');
    let purl: Purl = format!("pkg:{kind}/{}", path.strip_suffix(".git").unwrap_or(path)).parse().ok()?;
    purl.with_version(commit).ok()
}

/// What statements may call what was scanned: the project and what the scanned says of itself, of each record the one package that it
/// is that of, and digests of packages.
pub(crate) fn scanned_products(
    project: VexSubject,
    found: VexSubject,
    inventory: &Inventory,
) -> ScannedProducts {
    let mut products = ScannedProducts { subject: project, ..ScannedProducts::default() };
    products.subject.purls.extend(found.purls);
    products.subject.hashes.extend(found.hashes);
    products.subject.ids.extend(found.ids);
    for file in &inventory.files {
        products.records.extend(root(file).map(|root| (file.display_path(), root)));
        for package in file.packages.iter().filter(|package| !package.hashes.is_empty()) {
            let hashes = products.hashes.entry(package.purl.clone()).or_default();
            hashes.extend(package.hashes.iter().cloned());
        }
        for package in file.packages.iter().filter(|package| !package.cpes.is_empty()) {
            products.cpes.entry(package.purl.clone()).or_default().extend(package.cpes.iter().cloned());
        }
    }
    products
}

/// The only package of a record that no registry knows: with several it would not be known which of them needs another.
fn root(file: &InventoryFile) -> Option<Purl> {
    let is_local = |origin: &PackageOrigin| matches!(origin, PackageOrigin::Local { .. });
    let mut locals = file.packages.iter().filter(|package| is_local(&package.origin));
    let root = locals.next()?;
    locals.next().is_none().then(|| root.purl.clone())
}

#[cfg(test)]
mod tests {
    use palisade_model::{Package, PackageEvidence};

    use super::*;

    #[test]
    fn hosts_with_a_type_of_their_own_give_addresses() {
        let purl = |remote, commit| hosted(remote, commit).map(|purl| purl.to_string());
        let commit = "8f3c2a1000000000000000000000000000000000";
        let expected = format!("pkg:github/acme/shop@{commit}");
        assert_eq!(purl("https://github.com/acme/shop.git", Some(commit)), Some(expected));
        assert_eq!(purl("ssh://bitbucket.org/acme/shop/", None).as_deref(), Some("pkg:bitbucket/acme/shop"));
        assert_eq!(purl("https://git.example.org/acme/shop.git", None), None);
        assert_eq!(purl("https://github.com.example.org/acme/shop", None), None);
    }

    #[test]
    fn a_record_is_that_of_a_package_when_it_is_the_only_one_of_the_project() {
        let package = |name: &str, is_own: bool| {
            let purl: Purl = format!("pkg:cargo/{name}@1.0.0").parse().unwrap();
            let mut package = Package::new(purl, name, PackageEvidence::Locked);
            if is_own {
                package.origin = PackageOrigin::Local { path: String::new() };
            }
            package
        };
        let file = |packages| InventoryFile {
            path: "Cargo.lock".parse().unwrap(),
            members: Vec::new(),
            format: "cargo-lock".to_owned(),
            layer: None,
            owner: None,
            packages,
        };
        let root = |packages| root(&file(packages)).map(|purl| purl.to_string());
        assert_eq!(
            root(vec![package("serde", false), package("shop", true)]).as_deref(),
            Some("pkg:cargo/shop@1.0.0")
        );
        assert_eq!(root(vec![package("serde", false)]), None);
        assert_eq!(root(vec![package("till", true), package("shop", true)]), None);
    }
}

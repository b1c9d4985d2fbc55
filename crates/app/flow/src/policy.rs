//! Finds the policy in force: the organisation's from outside the change, tightened by the repository's.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use palisade_config::{PolicyFile, TemplateJob};
use palisade_model::{Digest, canonical};
use palisade_pipeline::Policy;
use palisade_policy::{Bundle, GatePolicy, Module, Organisation};
use palisade_sys::{FileError, FileErrorKind};

use crate::document::{self, Document, with_text};
use crate::error::BadDocument;
use crate::{Context, FlowError};

/// The scanners there are.
pub const ENGINES: &[&str] = &["deps", "secrets"];

/// The organisation's policy file, in a policy folder.
const POLICY_FILE: &str = "policy.yaml";

/// The policy file inside a repository, which can only tighten.
pub const REPOSITORY_POLICY_FILE: &str = "palisade.policy.yaml";

/// The system-wide policy folder.
const SYSTEM_FOLDER: &str = "/etc/palisade";

/// The largest Rego file that is read, in bytes.
const REGO_LIMIT: u64 = 1 << 20;

/// The policy in force, ready to be asked.
#[derive(Debug, Clone)]
pub struct EffectivePolicy {
    /// What it says about plans, suppressions and environments.
    pub policy: Policy,
    /// The gate.
    pub gate: GatePolicy,
    /// Where the organisation's policy was found; none for the embedded one.
    pub origin: Option<PathBuf>,
    /// Oddities to show.
    pub remarks: Vec<BadDocument>,
}

/// Reads the organisation's policy and, if `tree` has one, the repository's.
pub(crate) fn effective_policy(context: &Context, tree: Option<&Path>) -> Result<EffectivePolicy, FlowError> {
    let organisation = organisation(context)?;
    let repository = match tree {
        Some(tree) => repository(context, tree)?,
        None => None,
    };
    let mut policy = organisation.policy;
    let mut remarks = organisation.remarks;
    let bundle = match repository {
        None => None,
        Some(repository) => {
            let problems =
                policy.tighten(&repository.file.value, &repository.templates, repository.digest()?, ENGINES);
            refuse_or_keep(REPOSITORY_POLICY_FILE, &repository.text, problems, &mut remarks)?;
            remarks.extend(repository.file.remarks);
            (!repository.modules.is_empty()).then_some(Bundle { modules: repository.modules, data: None })
        }
    };
    let ours = match organisation.modules.is_empty() {
        true => Organisation::Silent,
        false => organisation_gate(&policy, organisation.modules),
    };
    let gate = GatePolicy::compile(policy.reference().name, ours, bundle)?;
    let digest = canonical::digest(&(policy.reference().digest, gate.digest()))?;
    Ok(EffectivePolicy { policy: policy.with_digest(digest), gate, origin: organisation.origin, remarks })
}

fn organisation_gate(policy: &Policy, modules: Vec<Module>) -> Organisation {
    let bundle = Bundle { modules, data: None };
    if policy.default_gate() { Organisation::Adds(bundle) } else { Organisation::Replaces(bundle) }
}

struct OrganisationPolicy {
    policy: Policy,
    modules: Vec<Module>,
    origin: Option<PathBuf>,
    remarks: Vec<BadDocument>,
}

/// A policy file with everything it names.
struct PolicySource {
    file: Document<PolicyFile>,
    text: Vec<u8>,
    templates: BTreeMap<String, TemplateJob>,
    template_digests: BTreeMap<String, Digest>,
    modules: Vec<Module>,
}

impl PolicySource {
    /// The digest of everything it says.
    fn digest(&self) -> Result<Digest, FlowError> {
        Ok(canonical::digest(&(self.file.digest, &self.template_digests, &self.modules))?)
    }
}

fn organisation(context: &Context) -> Result<OrganisationPolicy, FlowError> {
    let Some(path) = locate(context)? else {
        return Ok(OrganisationPolicy {
            policy: Policy::default(),
            modules: Vec::new(),
            origin: None,
            remarks: Vec::new(),
        });
    };
    let file = if path.is_dir() { path.join(POLICY_FILE) } else { path.clone() };
    if !file.exists() || file.extension().is_some_and(|extension| extension == "rego") {
        let modules = modules(context, &path, &path)?;
        return Ok(OrganisationPolicy {
            policy: Policy::default(),
            modules,
            origin: Some(path),
            remarks: Vec::new(),
        });
    }
    let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
    let name = file.display().to_string();
    let bytes = context.files.read(&file, REGO_LIMIT)?;
    let source = policy_source(context, &name, bytes, &folder, &Place::Outside)?;
    let parsed = Policy::from_file(&source.file.value, &source.templates, source.digest()?, ENGINES);
    let mut remarks: Vec<BadDocument> = source.file.remarks.clone().into_iter().collect();
    refuse_or_keep(&name, &source.text, parsed.problems, &mut remarks)?;
    let policy = parsed.value.ok_or_else(|| FlowError::bug("a policy was refused without a reason"))?;
    Ok(OrganisationPolicy { policy, modules: source.modules, origin: Some(file), remarks })
}

/// `--policy` or `$PALISADE_POLICY`, the user's configuration folder, `/etc/palisade`: the first that is there. One that was named
/// must be there.
fn locate(context: &Context) -> Result<Option<PathBuf>, FlowError> {
    if let Some(named) = &context.policy {
        return match named.exists() {
            true => Ok(Some(named.clone())),
            false => Err(FlowError::usage(format!("there is no policy at `{}`", named.display()))),
        };
    }
    let places = [context.folders.config.join(POLICY_FILE), Path::new(SYSTEM_FOLDER).join(POLICY_FILE)];
    for place in places {
        match place.symlink_metadata() {
            Ok(_) => return Ok(Some(place)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            // A policy that we may not see is not the same as none.
            Err(error) => return Err(FileError::from_io("read", &place, &error).into()),
        }
    }
    Ok(None)
}

fn repository(context: &Context, tree: &Path) -> Result<Option<PolicySource>, FlowError> {
    let Some(bytes) = document::read(&*context.files, &tree.join(REPOSITORY_POLICY_FILE))? else {
        return Ok(None);
    };
    policy_source(context, REPOSITORY_POLICY_FILE, bytes, tree, &Place::Inside).map(Some)
}

/// Whose files a policy names: the organisation may link as it likes, a change must not make us read outside of it.
#[derive(PartialEq)]
enum Place {
    Outside,
    Inside,
}

fn policy_source(
    context: &Context,
    name: &str,
    text: Vec<u8>,
    folder: &Path,
    place: &Place,
) -> Result<PolicySource, FlowError> {
    let file = document::parse(name, &text, PolicyFile::parse)?;
    let mut templates = BTreeMap::new();
    let mut template_digests = BTreeMap::new();
    for template in file.value.templates() {
        let path = named_path(folder, template, place)?;
        let bytes = document::read(&*context.files, &path)?.ok_or_else(|| {
            FlowError::usage(format!("{name} names the job template `{template}`, which is not there"))
        })?;
        let parsed = document::parse(&path.display().to_string(), &bytes, TemplateJob::parse)?;
        template_digests.insert(template.to_owned(), parsed.digest);
        templates.insert(template.to_owned(), parsed.value);
    }
    let mut modules = Vec::new();
    for gate in &file.value.gate {
        let path = named_path(folder, &gate.value, place)?;
        modules.extend(self::modules(context, &path, folder)?);
    }
    Ok(PolicySource { file, text, templates, template_digests, modules })
}

fn named_path(folder: &Path, relative: &str, place: &Place) -> Result<PathBuf, FlowError> {
    if *place == Place::Outside {
        return Ok(folder.join(relative));
    }
    let mut path = folder.to_owned();
    for part in Path::new(relative).components() {
        let Component::Normal(part) = part else {
            return Err(FlowError::usage(format!("`{relative}` leaves the repository")));
        };
        path.push(part);
        if path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(FlowError::usage(format!("`{relative}` goes through a symbolic link")));
        }
    }
    Ok(path)
}

/// The Rego modules at `path`, a file or a folder, tests left out. Names are relative to `folder`.
fn modules(context: &Context, path: &Path, folder: &Path) -> Result<Vec<Module>, FlowError> {
    let found = rego_files(context, path)?;
    let gate = found.into_iter().filter(|path| !path.to_string_lossy().ends_with("_test.rego"));
    let modules: Vec<Module> = gate.map(|path| module(context, &path, folder)).collect::<Result<_, _>>()?;
    match modules.is_empty() {
        true => Err(FlowError::usage(format!("there is no .rego file at `{}`", path.display()))),
        false => Ok(modules),
    }
}

/// The Rego files at `path`, a file or a folder and those in it, sorted.
pub(crate) fn rego_files(context: &Context, path: &Path) -> Result<Vec<PathBuf>, FlowError> {
    let names = match context.files.list(path) {
        Ok(names) => names,
        Err(error) if error.kind == FileErrorKind::Missing => return Err(error.into()),
        Err(_) => return Ok(vec![path.to_owned()]),
    };
    let files = names.iter().map(|name| path.join(name));
    Ok(files.filter(|path| path.extension().is_some_and(|extension| extension == "rego")).collect())
}

/// Reads one Rego file.
pub(crate) fn module(context: &Context, path: &Path, folder: &Path) -> Result<Module, FlowError> {
    let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
    let bytes = context.files.read(path, REGO_LIMIT)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| FlowError::usage(format!("`{}` is not UTF-8", path.display())))?;
    Ok(Module { name, text })
}

/// Errors refuse the document; what remains is kept to be shown.
fn refuse_or_keep(
    name: &str,
    text: &[u8],
    problems: Vec<palisade_model::Problem>,
    remarks: &mut Vec<BadDocument>,
) -> Result<(), FlowError> {
    let refused = problems.iter().any(|problem| problem.level == palisade_model::Level::Error);
    match with_text(name, text, problems) {
        Some(bad) if refused => Err(FlowError::Document(Box::new(bad))),
        remark => {
            remarks.extend(remark);
            Ok(())
        }
    }
}

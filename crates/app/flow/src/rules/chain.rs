//! A configuration of gitleaks with the files that it extends.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use palisade_gitleaks::{Base, GitleaksFile, MAX_BYTES, MAX_FILES, Name, assemble};
use palisade_model::{Level, Problem, RepoPath};
use palisade_secrets::{ForeignError, ForeignSet, Standing};
use serde::{Deserialize, Serialize};

use crate::error::BadDocument;
use crate::{Context, FlowError};

/// The texts of one configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Chain {
    /// The file named and those it extends: how the user knows each, and its text.
    files: Vec<(String, String)>,
    /// Their places on disk.
    paths: Vec<PathBuf>,
    /// Their paths below the scanned folder, as far as they lie there.
    own_paths: BTreeSet<String>,
    /// Whether it lies in what is scanned and was named by nobody.
    found: bool,
}

impl Chain {
    /// Reads the file at `path` and what it extends. What nobody named may extend only what lies beside it or below.
    pub(super) fn read(
        context: &Context,
        path: &Path,
        root: Option<&Path>,
        standing: Standing,
    ) -> Result<Self, FlowError> {
        let mut chain = Self {
            files: Vec::new(),
            paths: Vec::new(),
            own_paths: BTreeSet::new(),
            found: standing == Standing::Found,
        };
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let name = match (root, chain.found) {
                (Some(root), true) => path.strip_prefix(root).unwrap_or(&path).display().to_string(),
                _ => path.display().to_string(),
            };
            // One byte more than may be parsed, so that the parser says it.
            let bytes = context.files.read(&path, MAX_BYTES as u64 + 1)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (file, problems) = GitleaksFile::parse(&bytes);
            let file = file.ok_or_else(|| document(&name, &text, problems))?;
            chain.note_own(&path, root);
            chain.files.push((name, text));
            chain.paths.push(path.canonicalize().unwrap_or(path));
            next = match &file.base {
                Some(Base::File(base)) if chain.files.len() < MAX_FILES => Some(chain.base_path(base)?),
                _ => None,
            };
        }
        Ok(chain)
    }

    /// The place on disk of the file named.
    pub(super) fn path(&self) -> &Path {
        self.paths.first().map_or(Path::new(""), PathBuf::as_path)
    }

    /// The places of those it extends.
    pub(super) fn extended(&self) -> &[PathBuf] {
        self.paths.get(1..).unwrap_or_default()
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(_, text)| text.as_str())
    }

    fn note_own(&mut self, path: &Path, root: Option<&Path>) {
        let below = || {
            let (path, root) = (path.canonicalize().ok()?, root?.canonicalize().ok()?);
            let below = path.strip_prefix(root).ok()?.as_os_str().as_bytes().to_vec();
            RepoPath::from_bytes(below).ok()
        };
        self.own_paths.extend(below().map(|path| path.to_string()));
    }

    /// The file that the last one extends by `base`: beside it, or else, as gitleaks takes it, from the working folder.
    fn base_path(&self, base: &Name) -> Result<PathBuf, FlowError> {
        let refuse = |message: String, hint: &str| match self.files.last() {
            Some((name, text)) => {
                document(name, text, vec![Problem::error(message, base.span).with_hint(hint)])
            }
            None => FlowError::bug(message),
        };
        let named = Path::new(&base.text);
        let folder = self.paths.last().and_then(|path| path.parent()).unwrap_or(Path::new("."));
        let plain = named.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if self.found && (!plain || has_link(folder, named)) {
            let message = format!("`{}` leaves the folder of this file", base.text.escape_debug());
            return Err(refuse(message, "name the configuration with `--rules` to let it extend any file"));
        }
        let beside = folder.join(named);
        let path = if self.found || beside.is_file() { beside } else { named.to_owned() };
        if !path.is_file() {
            let message = format!("there is no file `{}`", base.text.escape_debug());
            return Err(refuse(message, "the path starts from the folder of this file"));
        }
        let again = path.canonicalize().is_ok_and(|path| self.paths.contains(&path));
        if again {
            return Err(refuse("the files extend each other".to_owned(), "remove one `extend`"));
        }
        Ok(path)
    }

    /// All of it as one configuration, and what is odd about it.
    pub(super) fn assemble(
        &self,
        is_default: &dyn Fn(&str) -> bool,
    ) -> Result<(ForeignSet, Vec<BadDocument>), FlowError> {
        let mut problems: Vec<Vec<Problem>> = vec![Vec::new(); self.files.len()];
        let mut files = Vec::new();
        for ((_, text), problems) in self.files.iter().zip(&mut problems) {
            let (file, said) = GitleaksFile::parse(text.as_bytes());
            problems.extend(said);
            files.extend(file);
        }
        let (configuration, said) = assemble(&files, is_default);
        for found in said {
            if let Some(problems) = problems.get_mut(found.file) {
                problems.push(found.problem);
            }
        }
        let documents = self.files.iter().zip(problems).filter(|(_, problems)| !problems.is_empty());
        let mut documents: Vec<BadDocument> = documents
            .map(|((name, text), problems)| BadDocument { name: name.clone(), text: text.clone(), problems })
            .collect();
        if let Some(configuration) = configuration {
            let name = self.files.first().map(|(name, _)| name.clone()).unwrap_or_default();
            let standing = if self.found { Standing::Found } else { Standing::Named };
            let own_paths = self.own_paths.clone();
            return Ok((ForeignSet { name, configuration, standing, own_paths }, documents));
        }
        let is_wrong =
            |document: &BadDocument| document.problems.iter().any(|problem| problem.level == Level::Error);
        match documents.iter().position(is_wrong) {
            Some(index) => Err(FlowError::Document(Box::new(documents.swap_remove(index)))),
            None => Err(FlowError::bug("a configuration was refused without a reason")),
        }
    }

    /// The refusal of a regex that is too large.
    pub(super) fn refused(&self, error: &ForeignError) -> FlowError {
        let problem = Problem::error(&error.message, error.span).with_label("in this rule");
        let problem = problem.with_hint("lower the bounds of its repetitions");
        match self.files.get(error.file) {
            Some((name, text)) => document(name, text, vec![problem]),
            None => FlowError::bug(&error.message),
        }
    }
}

fn document(name: &str, text: &str, problems: Vec<Problem>) -> FlowError {
    let (name, text) = (name.to_owned(), text.to_owned());
    FlowError::Document(Box::new(BadDocument { name, text, problems }))
}

/// Whether a part of `named` below `folder` is a symbolic link.
fn has_link(folder: &Path, named: &Path) -> bool {
    let parts = named.components().scan(folder.to_owned(), |path, part| {
        path.push(part);
        Some(path.clone())
    });
    let mut parts = parts;
    parts.any(|path| path.symlink_metadata().is_ok_and(|found| found.is_symlink()))
}

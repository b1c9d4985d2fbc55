//! What may be scanned, and by whom.

use std::collections::BTreeSet;
use std::path::PathBuf;

use palisade_model::RepoPath;

use crate::FlowError;
use crate::engines::EngineName;
use crate::image_place::ImageRequest;

/// What to scan.
#[derive(Debug, Clone)]
pub enum ScanTarget {
    /// A folder or a file: everything that is not ignored.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// The packages that a bill of materials lists: a file, or `-` for standard input.
    Bill(PathBuf),
    /// What the next commit of the repository around this folder would add or change.
    Staged(PathBuf),
    /// The same as another index than the repository's own has it, such as git makes for `git commit -a`.
    Index {
        /// The top of the work tree.
        folder: PathBuf,
        /// The index, an absolute path.
        index: PathBuf,
    },
    /// What differs from a revision.
    Since {
        /// A folder in the work tree.
        folder: PathBuf,
        /// As git writes revisions.
        rev: String,
    },
    /// Everything in the object database of the repository at or above this folder.
    History(PathBuf),
    /// What a range of commits brings.
    Range {
        /// A folder of the repository.
        folder: PathBuf,
        /// As git writes ranges, such as `main..topic`.
        range: String,
        /// The files of the references that are to get it, such as `.git/refs/heads/topic`: what they are called counts too.
        names: Vec<RepoPath>,
    },
    /// A container image.
    Image(ImageRequest),
}

impl ScanTarget {
    /// The folder or file that it speaks of.
    pub(super) fn place(&self) -> PathBuf {
        match self {
            Self::Path(path)
            | Self::Staged(path)
            | Self::History(path)
            | Self::Index { folder: path, .. }
            | Self::Since { folder: path, .. }
            | Self::Range { folder: path, .. } => path.clone(),
            // A bill or an image may lie anywhere; the project is that at hand.
            Self::Stdin | Self::Bill(_) | Self::Image(_) => PathBuf::from("."),
        }
    }

    /// Whether objects of a repository are meant, not files.
    pub(super) const fn is_of_history(&self) -> bool {
        matches!(self, Self::History(_) | Self::Range { .. })
    }

    /// The engines to ask: those that were chosen, else all that such content has something for. In objects of a history packages have
    /// no place in a product.
    pub(super) fn engines(
        &self,
        chosen: Option<&BTreeSet<EngineName>>,
    ) -> Result<Vec<EngineName>, FlowError> {
        let Some(chosen) = chosen else { return Ok(self.able().to_vec()) };
        match self.unable(chosen) {
            Some((message, hint)) => Err(FlowError::usage_with_hint(message, hint)),
            None => Ok(chosen.iter().copied().collect()),
        }
    }

    const fn able(&self) -> &'static [EngineName] {
        match self {
            Self::Image(_) => EngineName::ALL,
            Self::Path(_) | Self::Since { .. } => &[EngineName::Deps, EngineName::Secrets],
            Self::Bill(_) => &[EngineName::Deps],
            _ => &[EngineName::Secrets],
        }
    }

    /// Why one of the chosen engines has nothing to look at here, and what to do.
    fn unable(&self, chosen: &BTreeSet<EngineName>) -> Option<(&'static str, &'static str)> {
        let of_deps = chosen.contains(&EngineName::Deps);
        match self {
            Self::Bill(_) if chosen.iter().any(|engine| *engine != EngineName::Deps) => Some((
                "a bill of materials is for the engine `deps` alone",
                "leave --engine out, or scan the file itself for secrets",
            )),
            Self::Bill(_) | Self::Image(_) => None,
            _ if chosen.contains(&EngineName::Image) => {
                Some(("the engine `image` looks at container images", "name one with --image"))
            }
            Self::Stdin if of_deps => Some((
                "the engine `deps` knows records by their names, and standard input has none",
                "name the file, or give a bill of materials with `--sbom -`",
            )),
            Self::History(_) | Self::Range { .. } if of_deps => Some((
                "the engine `deps` looks at files, not at a history",
                "leave --history and --range out, or choose `--engine secrets`",
            )),
            _ => None,
        }
    }
}

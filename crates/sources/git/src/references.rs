//! The references of a repository, in whichever form it keeps them: files, which gix reads, or tables.

use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::revision::plumbing::Spec;

use crate::GitError;
use crate::error::chain;
use crate::history::{Flaw, HistoryGap, HistoryGapKind};
use crate::reftable::{Tables, Target};
use crate::revision::without_names;

/// Where a repository keeps its references.
#[derive(Debug, Clone)]
pub(crate) enum References {
    /// One file for each, and one for all that are packed.
    Files,
    /// Reftables.
    Tables(Arc<Tables>),
    /// A form that is not known.
    Unknown,
}

/// What is checked out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// The commit; none before the first one.
    pub(crate) commit: Option<ObjectId>,
    /// The branch; none when there is none or its name is not UTF-8.
    pub(crate) branch: Option<String>,
}

impl References {
    /// Finds out the form, and reads tables.
    pub(crate) fn read(git: &gix::Repository) -> Self {
        match git.config_snapshot().string("extensions.refStorage").as_ref().map(|form| form.to_vec()) {
            None => Self::Files,
            Some(form) if form == b"files" => Self::Files,
            Some(form) if form == b"reftable" => Self::Tables(Arc::new(tables(git))),
            Some(_) => Self::Unknown,
        }
    }

    /// Why not all references are known.
    pub(crate) fn gaps(&self) -> Vec<HistoryGap> {
        match self {
            Self::Files => Vec::new(),
            Self::Tables(tables) => tables.gaps().cloned().collect(),
            Self::Unknown => {
                let flaw = Flaw::missing("references are kept in a form that is not read").noted();
                vec![flaw.at_file("refs")]
            }
        }
    }

    /// What is checked out.
    ///
    /// # Errors
    /// When that cannot be read.
    pub(crate) fn head(&self, git: &gix::Repository) -> Result<Head, String> {
        match self {
            Self::Files => head_of_files(git).map_err(|error| chain(error.error())),
            Self::Tables(tables) => {
                let branch = match tables.target(b"HEAD") {
                    Some(Target::Reference(name)) => name.strip_prefix(b"refs/heads/").unwrap_or(name),
                    Some(_) => &[],
                    None => return Err("no table names it".to_owned()),
                };
                let branch = branch.to_str().ok().filter(|name| !name.is_empty()).map(str::to_owned);
                let id = tables.resolve(b"HEAD").map(|(_, id)| peeled(git, id));
                Ok(Head { commit: id.transpose()?, branch })
            }
            Self::Unknown => Err("references are kept in a form that is not read".to_owned()),
        }
    }

    /// The object that a reference leads to, of a full name, tags followed; none when there is none.
    pub(crate) fn target(&self, git: &gix::Repository, name: &str) -> Option<ObjectId> {
        match self {
            Self::Files => {
                let mut reference = git.try_find_reference(name).ok()??;
                Some(reference.peel_to_id().ok()?.detach())
            }
            Self::Tables(tables) => {
                let (_, id) = tables.resolve(name.as_bytes())?;
                peeled(git, id).ok()
            }
            Self::Unknown => None,
        }
    }

    /// The objects that references lead to whose names begin with `prefix`, tags followed; those that cannot be read are left out.
    pub(crate) fn below(&self, git: &gix::Repository, prefix: &str) -> Vec<ObjectId> {
        match self {
            Self::Files => {
                let Ok(references) = git.references() else { return Vec::new() };
                let Ok(found) = references.prefixed(prefix) else { return Vec::new() };
                let id = |mut found: gix::Reference<'_>| Some(found.peel_to_id().ok()?.detach());
                found.filter_map(Result::ok).filter_map(id).collect()
            }
            Self::Tables(tables) => {
                let found = tables.below(prefix.as_bytes()).into_iter();
                found.filter_map(|id| peeled(git, id).ok()).collect()
            }
            Self::Unknown => Vec::new(),
        }
    }

    /// What a revision names (gitrevisions(7)).
    pub(crate) fn parse(&self, git: &gix::Repository, revision: &str) -> gix::Result<Spec> {
        match self {
            Self::Tables(tables) => {
                let revision = without_names(git, tables, revision)?;
                git.rev_parse(revision.as_bstr()).map(gix::revision::Spec::detach)
            }
            Self::Files | Self::Unknown => git.rev_parse(revision).map(gix::revision::Spec::detach),
        }
    }

    /// That everything is known, where what is not would change what is told.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn check(&self) -> Result<(), GitError> {
        match self.gaps().into_iter().find(|gap| gap.kind != HistoryGapKind::Noted) {
            Some(gap) => Err(gap.into_error()),
            None => Ok(()),
        }
    }
}

/// The tables of a repository, whether it uses them or not.
pub(crate) fn tables(git: &gix::Repository) -> Tables {
    Tables::read(git.common_dir(), git.git_dir(), git.object_hash().len_in_bytes())
}

fn head_of_files(git: &gix::Repository) -> gix::Result<Head> {
    let head = git.head()?;
    let branch = head.referent_name().and_then(|name| name.shorten().to_str().ok().map(str::to_owned));
    let commit = head.try_into_peeled_id()?.map(gix::Id::detach);
    Ok(Head { commit, branch })
}

/// What a tag leads to; any other object itself.
fn peeled(git: &gix::Repository, id: ObjectId) -> Result<ObjectId, String> {
    let found = git.find_object(id).map_err(|error| chain(error.error()))?;
    Ok(found.peel_tags_to_end().map_err(|error| chain(error.error()))?.id)
}

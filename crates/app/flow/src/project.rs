use std::path::{Path, PathBuf};

use palisade_config::PipelineFile;

use crate::document::{self, Document};
use crate::{Context, FlowError};

/// The pipeline file's name.
pub const PIPELINE_FILE: &str = "palisade.yaml";

/// A folder with a pipeline file.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder, absolute and without symbolic links.
    pub root: PathBuf,
}

impl Project {
    /// The project that `folder` lies in: the nearest folder upwards that has a pipeline file.
    pub fn find(folder: &Path) -> Result<Self, FlowError> {
        let start = folder
            .canonicalize()
            .map_err(|error| FlowError::usage(format!("cannot open `{}`: {error}", folder.display())))?;
        let root = start.ancestors().find(|above| above.join(PIPELINE_FILE).symlink_metadata().is_ok());
        match root {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => Err(FlowError::NoProject(folder.to_owned())),
        }
    }

    /// The project that `folder` lies in; none when there is no pipeline file.
    pub fn find_optional(folder: &Path) -> Result<Option<Self>, FlowError> {
        match Self::find(folder) {
            Ok(project) => Ok(Some(project)),
            Err(FlowError::NoProject(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The pipeline file in `tree`, a project's folder or its snapshot.
pub(crate) fn pipeline_file(context: &Context, tree: &Path) -> Result<Document<PipelineFile>, FlowError> {
    let path = tree.join(PIPELINE_FILE);
    let bytes = document::read(&*context.files, &path)?.ok_or_else(|| {
        FlowError::usage_with_hint(
            format!("the snapshot has no {PIPELINE_FILE}"),
            "it must not be covered by .gitignore: what is ignored is not part of the change",
        )
    })?;
    document::parse(PIPELINE_FILE, &bytes, PipelineFile::parse)
}

/// The salt of the project's fingerprints; empty for a folder without a pipeline file or a file without a salt.
pub(crate) fn salt(context: &Context, project: Option<&Project>) -> Result<Vec<u8>, FlowError> {
    match project {
        Some(project) => Ok(pipeline_file(context, &project.root)?.value.salt.unwrap_or_default()),
        None => Ok(Vec::new()),
    }
}

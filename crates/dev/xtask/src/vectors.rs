use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{self, cargo};

/// Runs the tests that read public vectors from `folder`.
pub(crate) fn run(folder: &Path) -> Result<()> {
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    let mut tests = cargo(&["test", "--workspace", "--locked", "--", "--ignored", "vectors_"]);
    shell::run(tests.env("PALISADE_VECTORS", folder))
}

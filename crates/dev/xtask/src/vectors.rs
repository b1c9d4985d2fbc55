use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{self, cargo};

/// Folders of vectors, and the package whose tests read them.
const READERS: [(&str, &str); 4] = [
    ("merkle", "palisade-ledger"),
    ("purl", "palisade-model"),
    ("vers", "palisade-version"),
    ("wycheproof", "palisade-trust"),
];

/// Runs the tests that read public vectors from `folder`. A folder they need and do not find fails them; one that nothing reads yet is
/// named.
pub(crate) fn run(folder: &Path) -> Result<()> {
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    for (_, package) in READERS {
        let test = ["test", "--locked", "--package", package, "--test", "it", "--", "--ignored", "vectors_"];
        // A filter that no test matches is no failure to cargo.
        let listed = shell::output(&mut cargo(&[&test[..], &["--list", "--format", "terse"]].concat()))?;
        if !listed.lines().any(|line| line.ends_with(": test")) {
            bail!("{package} has no test that reads vectors");
        }
        let mut run = cargo(&[&test[..], &["--show-output"]].concat());
        shell::run(run.env("PALISADE_VECTORS", &folder))?;
    }
    for name in unread(&folder)? {
        println!("nothing reads the vectors in {} yet", folder.join(name).display());
    }
    Ok(())
}

/// The folders in `folder` that no package reads.
fn unread(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && READERS.iter().all(|(read, _)| *read != name) {
            names.insert(name);
        }
    }
    Ok(names)
}

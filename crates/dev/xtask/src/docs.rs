use std::fs;

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, output, root};

/// A generated document: where it lies, and the hidden command that prints it.
const DOCUMENTS: [(&str, &str); 2] = [("docs/cli.md", "cli"), ("docs/rules.md", "rules")];

/// Writes the generated documents, or only says whether they are current.
pub(crate) fn generate(check: bool) -> Result<()> {
    for (path, kind) in DOCUMENTS {
        let current =
            output(&mut cargo(&["run", "--quiet", "--package", "palisade", "--", "__reference", kind]))?;
        let file = root().join(path);
        if !check {
            fs::write(&file, current).with_context(|| format!("cannot write {path}"))?;
        } else if fs::read_to_string(&file).unwrap_or_default() != current {
            bail!("{path} is not current: run `cargo xtask docs`");
        }
    }
    Ok(())
}

use std::fs;

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, command, output, root, run, succeeds};

/// Builds a binary that needs nothing of the host but its kernel.
pub(crate) fn build() -> Result<()> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    add_target(&target)?;
    let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
    let mut build =
        cargo(&["build", "--profile", "dist", "--package", "palisade", "--target", &target, "--locked"]);
    if std::env::var_os(&linker).is_none() && !succeeds(&mut command("musl-gcc", &["--version"])) {
        bail!("there is no musl-gcc for the C parts; on Debian and Ubuntu: sudo apt-get install musl-tools");
    }
    run(&mut build)?;
    let built = target_folder()?.join(&target).join("dist").join("palisade");
    let folder = root().join("target").join("bundle");
    fs::create_dir_all(&folder).context("cannot create target/bundle")?;
    let placed = folder.join(format!("palisade-{target}"));
    fs::copy(&built, &placed).with_context(|| format!("cannot copy {}", built.display()))?;
    println!("{}", placed.display());
    Ok(())
}

fn add_target(target: &str) -> Result<()> {
    let installed = output(&mut command("rustup", &["target", "list", "--installed"])).unwrap_or_default();
    if installed.lines().any(|line| line == target) {
        return Ok(());
    }
    run(&mut command("rustup", &["target", "add", target]))
}

/// Where cargo builds, which the user may have moved.
fn target_folder() -> Result<std::path::PathBuf> {
    let metadata = output(&mut cargo(&["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata.get("target_directory").and_then(|folder| folder.as_str());
    Ok(folder.context("cargo metadata names no target folder")?.into())
}

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program under test, built on the first call from the sources as they are now, into the target folder and with the profile of
/// the test that asks. `$PALISADE_BINARY` names another one.
pub fn palisade() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("PALISADE_BINARY") {
        Some(path) => present(PathBuf::from(path)),
        None => build(),
    })
}

/// Tests of one package are not given the binaries of another, so that cargo is asked; with nothing to do it answers at once.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path is known");
    // TARGET/PROFILE/deps/it-0123456789abcdef
    let folder = test.ancestors().nth(2).expect("tests lie in TARGET/PROFILE/deps");
    let target = folder.parent().expect("a profile's folder lies in the target folder");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "palisade", "--bin", "palisade", "--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "`cargo build --package palisade` failed: there is no program to test");
    present(folder.join("palisade"))
}

fn present(path: PathBuf) -> PathBuf {
    assert!(path.is_file(), "there is no program to test at {}", path.display());
    path
}

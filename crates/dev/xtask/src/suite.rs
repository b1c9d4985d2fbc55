use anyhow::Result;

use crate::shell::{cargo, run};
use crate::{docs, needs};

/// Cases of each property test in a long run; the default is 256.
const LONG_CASES: &str = "20000";

/// Installs what is missing and runs every test.
pub(crate) fn test(long: bool, peers: bool) -> Result<()> {
    needs::install()?;
    let mut suite = cargo(&["test", "--workspace", "--locked"]);
    if long {
        suite.env("PROPTEST_CASES", LONG_CASES);
    }
    run(&mut suite)?;
    if peers {
        run(&mut cargo(&["test", "--workspace", "--locked", "--", "--ignored", "peers_"]))?;
    }
    Ok(())
}

/// Everything that can be said of the text without running it.
pub(crate) fn check() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]))?;
    // A workspace of its own, which nothing else builds.
    run(&mut cargo(&["check", "--manifest-path", "fuzz/Cargo.toml", "--bins", "--locked"]))?;
    docs::generate(true)
}

//! Runs fuzz targets one after the other, each as long, and says in a table how far each came.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::shell::{cargo, root, run};

/// Bytes of memory that a target may take, in MiB, and seconds of one input.
const MEMORY: &str = "-rss_limit_mb=2048";
const TIMEOUT: &str = "-timeout=10";

/// Runs the targets, or those that are `wanted`, each for so many seconds. One that falls over does not stop the others.
pub(crate) fn run_targets(seconds: u32, wanted: &[String]) -> Result<()> {
    let all = targets(&std::fs::read_to_string(folder().join("Cargo.toml"))?);
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        bail!("no fuzz target is called `{unknown}`; there are: {}", all.join(", "));
    }
    let chosen = if wanted.is_empty() { &all } else { wanted };
    if wanted.is_empty() {
        run(&mut cargo(&["fuzz", "build", "-s", "none"]))?;
    }
    println!("{:<26} {:>12} {:>9}  result", "target", "executions", "features");
    let mut fallen = Vec::new();
    for target in chosen {
        let log = fuzz(target, seconds)?;
        println!("{:<26} {:>12} {:>9}  {}", target, log.executions, log.features, log.result);
        if !log.is_good {
            fallen.push(target.as_str());
        }
    }
    match fallen.as_slice() {
        [] => Ok(()),
        fallen => bail!("fell over: {}; the inputs are in fuzz/artifacts", fallen.join(", ")),
    }
}

/// What libFuzzer says of a run.
struct Log {
    executions: String,
    features: String,
    result: String,
    is_good: bool,
}

fn fuzz(target: &str, seconds: u32) -> Result<Log> {
    let corpus = folder().join("corpus").join(target);
    std::fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let mut fuzz = cargo(&["fuzz", "run", "-s", "none", target]);
    fuzz.args([&corpus, &seeds(target)]).arg("--").args([MEMORY, TIMEOUT, "-print_final_stats=1"]);
    fuzz.arg(format!("-max_total_time={seconds}"));
    let output = fuzz.stdin(Stdio::null()).output().context("cannot run cargo fuzz")?;
    Ok(Log::of(&String::from_utf8_lossy(&output.stderr), output.status.success()))
}

impl Log {
    fn of(text: &str, is_good: bool) -> Self {
        let last = |before: &str| {
            let line = text.lines().rev().find_map(|line| line.split_once(before));
            line.and_then(|(_, after)| after.split_whitespace().next()).unwrap_or("-").to_owned()
        };
        let summary = text.lines().find_map(|line| line.strip_prefix("SUMMARY: libFuzzer: "));
        let result = if is_good { "ok" } else { summary.unwrap_or("fell over") };
        Self {
            executions: last("stat::number_of_executed_units:"),
            features: last(" ft: "),
            result: result.to_owned(),
            is_good,
        }
    }
}

/// Where the inputs are that a target begins with. Rules are their own seeds.
fn seeds(target: &str) -> PathBuf {
    match target {
        "rule_file" | "secrets_engine" => root().join("rules/secrets"),
        _ => folder().join("seeds").join(target),
    }
}

fn folder() -> PathBuf {
    root().join("fuzz")
}

/// The names of the targets in the manifest of their package.
fn targets(manifest: &str) -> Vec<String> {
    let bins = manifest.split("[[bin]]").skip(1);
    let name = |bin: &str| {
        bin.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"').map(str::to_owned))
    };
    bins.filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<String> {
        targets(&std::fs::read_to_string(folder().join("Cargo.toml")).unwrap())
    }

    #[test]
    fn each_file_is_a_target_and_has_seeds() {
        let files: BTreeSet<String> = std::fs::read_dir(folder().join("fuzz_targets"))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
            .collect();
        assert_eq!(all().into_iter().collect::<BTreeSet<_>>(), files);
        for target in &files {
            let folder = seeds(target);
            assert!(folder.read_dir().is_ok_and(|mut seeds| seeds.next().is_some()), "{target} has no seeds");
        }
    }

    /// A name in a document that is no target misleads, and a target that no document names is not run.
    #[test]
    fn the_guide_names_each_target() {
        let guide = std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
        let chapter = guide.split("## Fuzzing").nth(1).unwrap().split("\n## ").next().unwrap();
        let families = chapter.contains("`lockfile_FAMILY`");
        for target in all() {
            let is_family = families && target.starts_with("lockfile_");
            assert!(is_family || chapter.contains(&format!("`{target}`")), "{target} is not named");
        }
    }

    #[test]
    fn what_a_run_says_becomes_a_row() {
        let text = "#2\tINITED cov: 5 ft: 6 corp: 1/1b\n#9\tDONE   cov: 7 ft: 12 corp: 2/2b exec/s: 3 rss: 30Mb\n\
            stat::number_of_executed_units: 99\n";
        let log = Log::of(text, true);
        assert_eq!((log.executions.as_str(), log.features.as_str(), log.result.as_str()), ("99", "12", "ok"));
        let log = Log::of("SUMMARY: libFuzzer: timeout\n", false);
        assert_eq!((log.executions.as_str(), log.result.as_str()), ("-", "timeout"));
    }
}

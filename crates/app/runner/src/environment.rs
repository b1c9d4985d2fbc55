use std::collections::BTreeMap;
use std::path::PathBuf;

use palisade_model::{JobId, RunId, Step};
use palisade_sandbox::{HOME, TMP, Tool};

/// Where programs are looked for after those of the tools.
const SYSTEM_PATH: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The whole environment of a step. What the plan says wins over what tools say; nothing comes from the host. Secrets come last:
/// no pipeline file can replace one.
pub(crate) fn environment(
    run: &RunId,
    job: &JobId,
    step: &Step,
    tools: &[Tool],
    secrets: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let fixed = [
        ("CI", "true"),
        ("HOME", HOME),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", "build"),
        ("PALISADE", "true"),
        ("TMPDIR", TMP),
        ("TZ", "UTC"),
        ("USER", "build"),
    ];
    let mut environment: BTreeMap<String, String> =
        fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    environment.insert("PATH".to_owned(), search_path(tools));
    environment.insert("PALISADE_RUN".to_owned(), run.to_string());
    environment.insert("PALISADE_JOB".to_owned(), job.to_string());
    for tool in tools {
        environment.extend(tool.env.clone());
    }
    environment.extend(step.env.clone());
    environment.extend(secrets.clone());
    environment
}

fn search_path(tools: &[Tool]) -> String {
    let of_tools = tools.iter().flat_map(|tool| tool.path_entries.iter().cloned());
    let entries = of_tools.chain(SYSTEM_PATH.iter().map(PathBuf::from));
    let entries: Vec<String> = entries.map(|entry| entry.to_string_lossy().into_owned()).collect();
    entries.join(":")
}

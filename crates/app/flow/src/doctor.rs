use std::path::PathBuf;

use palisade_sandbox::{HostReport, Launcher, Tool, detect_tools, probe};

use crate::policy::effective_policy;
use crate::{Context, FlowError};

/// What this machine and this user bring.
#[derive(Debug)]
pub struct Diagnosis {
    /// What can be isolated, and what to change.
    pub host: HostReport,
    /// Toolchains that jobs can see.
    pub tools: Vec<Tool>,
    /// The policy in force: its name, and where it was found.
    pub policy: Result<(String, Option<PathBuf>), FlowError>,
    /// Where the user's public keys lie, if there are keys.
    pub keys: Option<PathBuf>,
    /// How many secret rules are loaded, or why they cannot be.
    pub rules: Result<usize, String>,
}

/// Looks at everything a run depends on, changes nothing.
pub fn doctor(context: &Context, rules: &crate::RuleTexts) -> Diagnosis {
    let policy = effective_policy(context, None).map(|found| (found.policy.reference().name, found.origin));
    Diagnosis {
        host: probe(&Launcher::new(context.program.clone())),
        tools: detect_tools(&context.folders.home, &context.search_path),
        policy,
        keys: context.keys().public().ok().map(|_| context.keys().public_path()),
        rules: crate::rules::RuleSet::default()
            .engine(rules, &[])
            .map(|engine| palisade_model::Engine::rule_count(&engine)),
    }
}

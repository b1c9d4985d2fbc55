//! The gate by itself: a stored decision again, or a policy's own tests.

use std::path::{Path, PathBuf};

use palisade_model::Verdict;
use palisade_policy::{Bundle, TestOutcome, read_input};

use crate::policy::{effective_policy, module, rego_files};
use crate::project::Project;
use crate::{Context, FlowError};

/// The largest stored input that is read, in bytes.
const INPUT_LIMIT: u64 = palisade_policy::MAX_INPUT_BYTES as u64;

/// Where the input of a decision comes from.
#[derive(Debug, Clone)]
pub enum GateQuestion {
    /// A file.
    File(PathBuf),
    /// A stored run of the project that this folder lies in; none is the newest that got as far as the gate.
    Run {
        /// The folder.
        folder: PathBuf,
        /// The run's name.
        run: Option<String>,
    },
}

/// Decides again on a stored input, under the policy that decided then, or under the one that the user names.
pub fn gate(context: &Context, question: &GateQuestion) -> Result<Verdict, FlowError> {
    let (bytes, tree) = match question {
        GateQuestion::File(path) => (context.files.read(path, INPUT_LIMIT)?, None),
        GateQuestion::Run { folder, run } => {
            let project = Project::find(folder)?;
            let bytes =
                crate::history::stored_document(context, &project, run.as_deref(), "gate-input.json")?;
            (bytes, Some(project.root))
        }
    };
    let input = read_input(&bytes)
        .map_err(|error| FlowError::usage(format!("the gate input cannot be used: {error}")))?;
    let policy = effective_policy(context, tree.as_deref())?;
    let reference = policy.policy.reference();
    // Somebody who names a policy asks what it would say; else the answer must be that of the policy that decided.
    if context.policy.is_none() && reference.digest != input.plan.policy.digest {
        return Err(FlowError::usage_with_hint(
            format!(
                "policy `{}` decided ({}), and the one in force is `{}` ({})",
                input.plan.policy.name, input.plan.policy.digest, reference.name, reference.digest
            ),
            "work where that policy is in force, or ask another on purpose with --policy",
        ));
    }
    let mut verdict = policy.gate.decide(&input);
    verdict.policy = reference;
    Ok(verdict)
}

/// Runs the tests among the Rego files at `path`, a file or a folder.
pub fn gate_test(context: &Context, path: &Path) -> Result<Vec<TestOutcome>, FlowError> {
    let modules = rego_files(context, path)?
        .iter()
        .map(|file| module(context, file, path))
        .collect::<Result<_, _>>()?;
    let outcomes = palisade_policy::test(Bundle { modules, data: None })?;
    match outcomes.is_empty() {
        true => Err(FlowError::usage_with_hint(
            format!("there are no tests at `{}`", path.display()),
            "a test is a rule `test_NAME` in a package whose name ends in `_test`",
        )),
        false => Ok(outcomes),
    }
}

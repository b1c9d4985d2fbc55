use std::path::Path;

use palisade_model::{Digest, Plan};
use palisade_pipeline::compile;

use crate::document::with_text;
use crate::error::BadDocument;
use crate::policy::{EffectivePolicy, effective_policy};
use crate::project::{PIPELINE_FILE, Project, pipeline_file};
use crate::{Context, FlowError};

/// A plan with everything it was made from.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Its digest.
    pub digest: Digest,
    /// The policy in force.
    pub policy: EffectivePolicy,
    /// The salt of the project's fingerprints.
    pub salt: Vec<u8>,
    /// Oddities to show.
    pub remarks: Vec<BadDocument>,
}

/// Compiles the plan of the project that `folder` lies in, as it stands on disk.
pub fn plan(context: &Context, folder: &Path) -> Result<Planned, FlowError> {
    compile_tree(context, &Project::find(folder)?.root)
}

/// Compiles the plan of `tree`: a project's folder, or its snapshot.
pub(crate) fn compile_tree(context: &Context, tree: &Path) -> Result<Planned, FlowError> {
    let file = pipeline_file(context, tree)?;
    let policy = effective_policy(context, Some(tree))?;
    let compiled = compile(&file.value, file.digest, &policy.policy);
    let text = context.files.read(&tree.join(PIPELINE_FILE), u64::MAX)?;
    let remarks = with_text(PIPELINE_FILE, &text, compiled.problems);
    let Some(plan) = compiled.value else {
        let bad = remarks.ok_or_else(|| FlowError::bug("a plan was refused without a reason"))?;
        return Err(FlowError::Document(Box::new(bad)));
    };
    let digest = plan.digest()?;
    let remarks = file.remarks.into_iter().chain(remarks).chain(policy.remarks.iter().cloned()).collect();
    Ok(Planned { plan, digest, policy, salt: file.value.salt.unwrap_or_default(), remarks })
}

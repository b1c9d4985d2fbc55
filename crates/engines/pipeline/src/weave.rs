//! Puts the mandatory jobs of policy around the jobs of the repository.

use std::collections::BTreeSet;

use palisade_model::{Before, JobId, Origin};

use crate::compile::Jobs;
use crate::policy::Policy;

/// The repository's `jobs` and every mandatory job, each needing all jobs of the groups before its own. The organisation's jobs
/// stand outermost, then those that a policy in the repository adds. Mandatory jobs depend on groups, not on single jobs, so there
/// is nothing that a repository could leave out to lose one.
pub(crate) fn weave(jobs: Jobs, policy: &Policy) -> Jobs {
    let groups = [
        mandatory(policy, Origin::Organisation, Before::Build),
        mandatory(policy, Origin::Repository, Before::Build),
        jobs,
        mandatory(policy, Origin::Repository, Before::Release),
        mandatory(policy, Origin::Organisation, Before::Release),
    ];
    let mut woven = Jobs::new();
    for group in groups {
        let earlier: BTreeSet<JobId> = woven.keys().cloned().collect();
        for (id, mut job) in group {
            job.needs.extend(earlier.iter().cloned());
            woven.insert(id, job);
        }
    }
    woven
}

fn mandatory(policy: &Policy, origin: Origin, before: Before) -> Jobs {
    let jobs = policy.jobs().filter(|(_, stage)| stage.job.origin == origin && stage.before == before);
    jobs.map(|(id, stage)| (id.clone(), stage.job.clone())).collect()
}

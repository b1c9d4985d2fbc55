//! What stands beside findings: names of files, branches and remotes, and what gaps say of them. A secret in one is masked here, where
//! the rules are at hand.

use std::io;

use palisade_model::{Engine, Inventory, ScanReport, Source};
use palisade_secrets::SecretsEngine;
use serde::{Deserialize, Serialize};

use super::{Reply, ShippedRules, Task, answered, ask};
use crate::rules::RuleSet;
use crate::{Context, FlowError};

/// Where content comes from, of which the names may be secrets.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SourceTask {
    source: Source,
}

/// `source` with every secret in it masked by a worker, for what is told before a scan.
pub(crate) fn told_source(context: &Context, source: Source) -> Result<Source, FlowError> {
    if unnamed(&source) == source {
        return Ok(source);
    }
    let reply = ask(context, Vec::new(), Task::Source(SourceTask { source }), &mut io::empty());
    let answer = |reply| if let Reply::Source(source) = reply { Some(source) } else { None };
    answered(context, reply, answer, "the worker that looks for secrets in the branch's name")
}

impl SourceTask {
    /// Masks with the rules that come with the program.
    pub(super) fn carry_out(self, shipped: &ShippedRules) -> io::Result<Reply> {
        let engine = RuleSet::default().engine(&shipped.secrets, b"").map_err(io::Error::other)?;
        Ok(Reply::Source(masked_source(&engine, self.source)))
    }
}

/// `source` without names, for when nobody could look at them.
pub(super) fn unnamed(source: &Source) -> Source {
    match source {
        Source::Git { commit, .. } => Source::Git { commit: commit.clone(), branch: None, remote: None },
        Source::Folder => Source::Folder,
    }
}

pub(super) fn masked_source(engine: &SecretsEngine, source: Source) -> Source {
    let masked = |name: Option<String>| name.map(|name| engine.concealed_name(&name));
    match source {
        Source::Git { commit, branch, remote } => {
            Source::Git { commit, branch: masked(branch), remote: masked(remote) }
        }
        Source::Folder => Source::Folder,
    }
}

/// Masks secrets in the names that `report` and `inventory` tell of. The engine for secrets has masked those in its own findings.
pub(super) fn conceal(engine: &SecretsEngine, report: &mut ScanReport, inventory: &mut Inventory) {
    let mask_members = |members: &mut Vec<String>| {
        members.iter_mut().for_each(|member| *member = engine.concealed_name(member));
    };
    for gap in report.engines.iter_mut().flat_map(|own| &mut own.coverage.gaps) {
        gap.path = gap.path.take().map(|path| engine.concealed_path(&path));
        gap.detail = engine.concealed_name(&gap.detail);
    }
    for finding in report.findings.iter_mut().filter(|finding| finding.engine != engine.id()) {
        finding.location.path = engine.concealed_path(&finding.location.path);
        mask_members(&mut finding.location.members);
        finding.message = engine.concealed_name(&finding.message);
        if let Some(fix) = finding.package.as_mut().and_then(|package| package.fix.as_mut()) {
            fix.advice = engine.concealed_name(&fix.advice);
        }
    }
    for file in &mut inventory.files {
        file.path = engine.concealed_path(&file.path);
        mask_members(&mut file.members);
    }
}

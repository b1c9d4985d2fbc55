//! A policy inside the repository can only tighten the organisation's: nobody loosens the rules that judge their own change.

use std::collections::{BTreeMap, BTreeSet};

use palisade_config::{EnvironmentSpec, PolicyFile, Spanned, TemplateJob};
use palisade_model::{Digest, Level, Origin, Problem, Span};

use super::{Policy, values};

impl Policy {
    /// Adds what the policy file of the repository asks for on top; arguments as for [`Policy::from_file`]. Anything that would
    /// loosen is an error, and with an error nothing at all is changed. The problems' places are in the repository's policy file.
    ///
    /// Mandatory jobs of the repository's policy stand inside of the organisation's and keep [`Origin::Repository`].
    pub fn tighten(
        &mut self,
        repository: &PolicyFile,
        templates: &BTreeMap<String, TemplateJob>,
        digest: Digest,
        engines: &[&str],
    ) -> Vec<Problem> {
        let mut tightened = self.clone();
        let mut problems = tightened.add_stages(repository, Origin::Repository, templates, engines);
        problems.extend(tightened.tighten_suppressions(repository));
        for (name, spec) in &repository.environments {
            problems.extend(tightened.tighten_environment(name, spec));
        }
        problems.extend(tightened.keep_default_gate(repository));
        problems.extend(tightened.tighten_tools(repository));
        problems.extend(tightened.tighten_isolation(repository));
        let verify = &repository.verify;
        problems.extend(narrow(&mut tightened.verify.source, verify.source.as_deref(), "source"));
        problems.extend(narrow(&mut tightened.verify.builder, verify.builder.as_deref(), "builder"));
        let licences = &repository.licences;
        problems.extend(narrow(&mut tightened.licences.allow, licences.allow.as_deref(), "licence"));
        tightened.licences.deny.extend(values(&licences.deny));
        problems.extend(repository.tolerate.iter().map(|given| loosens("tolerates a gap", given.span)));
        tightened.digest = Digest::of(format!("{}\n{digest}\n", self.digest).as_bytes());
        if problems.iter().all(|problem| problem.level < Level::Error) {
            *self = tightened;
        }
        problems
    }

    fn tighten_suppressions(&mut self, repository: &PolicyFile) -> Option<Problem> {
        let given = repository.suppressions.as_ref()?;
        if given.value < self.suppressions {
            return Some(loosens("counts suppressions that the organisation does not", given.span));
        }
        self.suppressions = given.value;
        None
    }

    fn tighten_environment(&mut self, name: &str, spec: &EnvironmentSpec) -> Vec<Problem> {
        let environment = self.environments.entry(name.to_owned()).or_default();
        let mut problems = Vec::new();
        if let Some(given) = &spec.protected {
            if environment.protected && !given.value {
                problems.push(loosens(&format!("takes the protection from `{name}`"), given.span));
            }
            environment.protected |= given.value;
        }
        if let Some(given) = &spec.approvals {
            if given.value < environment.approvals {
                let what = format!("asks for fewer approvals for `{name}` than {}", environment.approvals);
                problems.push(loosens(&what, given.span));
            }
            environment.approvals = environment.approvals.max(given.value);
        }
        problems
    }

    /// The repository's Rego modules are asked besides all others, so only turning the default off could loosen.
    fn keep_default_gate(&self, repository: &PolicyFile) -> Option<Problem> {
        let given = repository.default_gate.as_ref().filter(|given| !given.value && self.default_gate)?;
        Some(loosens("turns the default gate off", given.span))
    }

    fn tighten_tools(&mut self, repository: &PolicyFile) -> Vec<Problem> {
        let Some(given) = &repository.tools else { return Vec::new() };
        let allowed = self.tools.get_or_insert_with(|| given.value.clone());
        let extra: Vec<&String> = given.value.difference(allowed).collect();
        let problem = |tool| loosens(&format!("allows the tool `{tool}`"), given.span);
        let problems = extra.into_iter().map(problem).collect();
        *allowed = given.value.clone();
        problems
    }

    fn tighten_isolation(&mut self, repository: &PolicyFile) -> Option<Problem> {
        let given = repository.isolation.as_ref()?;
        if self.isolation.is_some_and(|least| given.value < least) {
            return Some(loosens("accepts less isolation", given.span));
        }
        self.isolation = Some(given.value);
        None
    }
}

/// Narrows a list of what is accepted, where none accepts everything.
fn narrow(
    accepted: &mut Option<BTreeSet<String>>,
    given: Option<&[Spanned<String>]>,
    what: &str,
) -> Vec<Problem> {
    let Some(given) = given else { return Vec::new() };
    let refused = |text: &&Spanned<String>| accepted.as_ref().is_some_and(|set| !set.contains(&text.value));
    let problems = given
        .iter()
        .filter(refused)
        .map(|text| loosens(&format!("accepts another {what}"), text.span))
        .collect();
    *accepted = Some(values(given));
    problems
}

fn loosens(what: &str, span: Span) -> Problem {
    Problem::error(format!("this {what}"), span)
        .with_hint("a policy inside the repository can only tighten the organisation's")
}

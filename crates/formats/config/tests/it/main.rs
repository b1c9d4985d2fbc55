//! The documents as their users meet them.

#![cfg(test)]

mod baseline;
mod hostile;
mod ignores;
mod pipeline;
mod policy;
mod schemas;
mod waivers;

use palisade_config::Parsed;

/// Each problem as `message @ source text`, followed by label or hint.
fn told<T>(text: &str, parsed: &Parsed<T>) -> Vec<String> {
    let tell = |problem: &palisade_model::Problem| {
        let place = text.get(problem.span.start..problem.span.end).unwrap();
        let advice = problem.label.as_ref().or(problem.hint.as_ref());
        let advice = advice.map(|advice| format!(" ({advice})")).unwrap_or_default();
        format!("{} @ {place}{advice}", problem.message)
    };
    parsed.problems.iter().map(tell).collect()
}

use palisade_flow::{Context, VerifyRequest};
use palisade_report::{ChainView, chain, warning_line};
use serde_json::json;

use super::Done;
use crate::args::VerifyArgs;
use crate::output::Output;

pub(super) fn verify(context: &Context, output: &Output, args: VerifyArgs) -> Done {
    let VerifyArgs { artifact, evidence, key, source, builder, plan } = args;
    let verified =
        palisade_flow::verify(context, &VerifyRequest { artifact, evidence, key, source, builder, plan })?;
    if output.is_json() {
        let links: Vec<_> =
            verified.links.iter().map(|(label, value)| json!({ "label": label, "value": value })).collect();
        output.emit(&json!({
            "schema": "palisade/verify/v1",
            "subject": verified.subject,
            "verified": verified.failures.is_empty(),
            "chain": links,
            "warnings": verified.warnings,
            "failures": verified.failures,
        }))?;
    } else {
        for warning in &verified.warnings {
            output.say(&warning_line(warning));
        }
        let view = ChainView {
            artifact: &verified.subject.name,
            links: &verified.links,
            failures: &verified.failures,
        };
        output.show(&chain(&view))?;
    }
    Ok(verified.exit())
}

use std::fmt::Write;

use crate::text::{GREEN, RED, plural, printable, styled};

/// What `verify` found: the chain from commit to artifact, and each reason against.
#[derive(Debug, Clone, Copy)]
pub struct ChainView<'a> {
    /// The artifact's name.
    pub artifact: &'a str,
    /// Label and value of each link, from the commit to the artifact.
    pub links: &'a [(String, String)],
    /// Each reason for a failure.
    pub failures: &'a [String],
}

/// The chain for people.
pub fn chain(view: &ChainView<'_>) -> String {
    let mut text = String::new();
    for (label, value) in view.links {
        let _ = writeln!(text, "{:<12}{}", printable(label), printable(value));
    }
    for failure in view.failures {
        let _ = writeln!(text, "{} {}", styled(RED, "✘"), printable(failure));
    }
    let artifact = printable(view.artifact);
    match view.failures.len() as u64 {
        0 => text.push_str(&format!("{} {artifact}: verified\n", styled(GREEN, "✔"))),
        count => text.push_str(&format!(
            "{} {artifact}: not verified, {}\n",
            styled(RED, "✘"),
            plural(count, "reason")
        )),
    }
    text
}

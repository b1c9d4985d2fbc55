use std::io::{self, BufRead, Read};

use palisade_flow::{Exit, FlowError};
use palisade_version::{Scheme, compare_line, sort};

use super::Done;
use crate::args::VersionCommand;
use crate::output::{CommandError, Output, OutputError};

/// Bytes of input that are read.
const MAX_INPUT: u64 = 256 << 20;

pub(super) fn version(output: &Output, command: &VersionCommand) -> Done {
    match command {
        VersionCommand::Compare { ecosystem } => {
            let scheme = scheme(ecosystem)?;
            let mut signs = String::new();
            for line in lines()? {
                signs.push(compare_line(scheme, &line));
                signs.push('\n');
            }
            output.raw(signs.as_bytes())?;
            Ok(Exit::Done)
        }
        VersionCommand::Sort { ecosystem } => sorted(output, scheme(ecosystem)?),
    }
}

/// By the name of an ecosystem, of a type of package address, or of an order itself.
fn scheme(name: &str) -> Result<Scheme, CommandError> {
    let known =
        Scheme::of_ecosystem(name).or_else(|| Scheme::of_purl_type(name)).or_else(|| Scheme::from_name(name));
    known.ok_or_else(|| {
        let names = Scheme::names();
        let hint = match palisade_config::nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("ecosystems as OSV names them are known, and {}", names.join(", ")),
        };
        let message = format!("no order of versions is known for `{name}`");
        CommandError::Flow(FlowError::Usage { message, hint: Some(hint) })
    })
}

/// The lines of standard input; bytes that are not UTF-8 are replaced, and no version has such.
fn lines() -> Result<Vec<String>, OutputError> {
    let mut input = io::stdin().lock().take(MAX_INPUT);
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        lines.push(text.trim_end_matches(['\n', '\r']).to_owned());
        line.clear();
    }
    Ok(lines)
}

/// What is no version is told and makes the answer incomplete: it has no place among the others.
fn sorted(output: &Output, scheme: Scheme) -> Done {
    let lines = lines()?;
    let given = lines.iter().map(String::as_str).filter(|line| !line.trim().is_empty());
    let (versions, errors) = sort(scheme, given);
    let text: String = versions.iter().map(|version| format!("{}\n", version.as_str())).collect();
    output.raw(text.as_bytes())?;
    for error in &errors {
        output.say(&error.to_string());
    }
    Ok(if errors.is_empty() { Exit::Done } else { Exit::Incomplete })
}

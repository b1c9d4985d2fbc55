use std::io::{self, BufRead, BufReader, Read};

use palisade_flow::{Exit, FlowError};
use palisade_version::{MAX_LENGTH, Scheme, compare_line, sort};

use super::Done;
use crate::args::VersionCommand;
use crate::output::{CommandError, Output, OutputError};

/// Bytes of a line that are read: two versions at their longest with blanks around them. What is longer has no version that counts.
const MAX_LINE: usize = 8 * MAX_LENGTH;
/// Bytes of lines that are sorted.
const MAX_SORTED: usize = 256 << 20;

pub(super) fn version(output: &Output, command: &VersionCommand) -> Done {
    match command {
        VersionCommand::Compare { ecosystem } => compared(output, scheme(ecosystem)?),
        VersionCommand::Sort { ecosystem } => sorted(output, scheme(ecosystem)?),
    }
}

/// An answer a line, given as soon as no more input is there, so that a program can ask and read by turns.
fn compared(output: &Output, scheme: Scheme) -> Done {
    let mut lines = Lines::new(io::stdin().lock());
    let (mut signs, mut count) = (String::new(), 0_usize);
    let (mut without_tab, mut first_without) = (0_usize, 0);
    while let Some(line) = lines.next()? {
        count += 1;
        if !line.contains('\t') {
            without_tab += 1;
            if without_tab == 1 {
                first_without = count;
            }
        }
        signs.push(compare_line(scheme, &line));
        signs.push('\n');
        if lines.input.buffer().is_empty() {
            output.raw(signs.as_bytes())?;
            signs.clear();
        }
    }
    output.raw(signs.as_bytes())?;
    if without_tab > 0 {
        let lines = if without_tab == 1 { "line has" } else { "lines have" };
        output.say(&format!(
            "{without_tab} {lines} no tab between two versions, the first is line {first_without}"
        ));
    }
    Ok(Exit::Done)
}

/// By the name of an ecosystem, of a type of package address, of a language, or of an order itself.
fn scheme(name: &str) -> Result<Scheme, CommandError> {
    Scheme::from_name(name).ok_or_else(|| {
        let names = Scheme::names();
        let near = palisade_config::nearest(name, names.iter().copied());
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = Some(format!("{near}known are {}", names.join(", ")));
        CommandError::Flow(FlowError::Usage {
            message: format!("no order of versions is known for `{name}`"),
            hint,
        })
    })
}

/// The lines of an input without their ends; bytes that are not UTF-8 are replaced, and no version has such. A line that is too long is cut
/// and ended with a NUL, which no version has either.
struct Lines<R> {
    input: BufReader<R>,
    first: bool,
}

impl<R: Read> Lines<R> {
    fn new(input: R) -> Self {
        Self { input: BufReader::new(input), first: true }
    }

    fn next(&mut self) -> Result<Option<String>, OutputError> {
        let mut line = Vec::new();
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        if (&mut self.input).take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() == MAX_LINE && !line.ends_with(b"\n") {
            self.input.skip_until(b'\n')?;
            line.push(0);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        let marked = std::mem::take(&mut self.first).then(|| text.strip_prefix('\u{feff}')).flatten();
        Ok(Some(marked.unwrap_or(text).to_owned()))
    }
}

/// What is no version is told and makes the answer incomplete: it has no place among the others.
fn sorted(output: &Output, scheme: Scheme) -> Done {
    let mut lines = Lines::new(io::stdin().lock());
    let (mut given, mut bytes) = (Vec::new(), 0);
    while let Some(line) = lines.next()? {
        bytes += line.len();
        if bytes > MAX_SORTED {
            let message = format!("standard input has more than {} MiB of versions", MAX_SORTED >> 20);
            let hint = Some("sort them in parts".to_owned());
            return Err(CommandError::Flow(FlowError::Usage { message, hint }));
        }
        if !line.trim().is_empty() {
            given.push(line);
        }
    }
    let (versions, errors) = sort(scheme, given.iter().map(String::as_str));
    let text: String = versions.iter().map(|version| format!("{}\n", version.as_str())).collect();
    output.raw(text.as_bytes())?;
    for error in &errors {
        output.say(&error.to_string());
    }
    Ok(if errors.is_empty() { Exit::Done } else { Exit::Incomplete })
}

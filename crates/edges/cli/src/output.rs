use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use palisade_flow::{BadDocument, Exit, FlowError};
use palisade_report::{error_line, hint_line, printable, problems, warning_line};
use palisade_sys::{Files, HostFiles, Mode};
use serde_json::{Value, json};

use crate::args::{Color, Format, Global};

/// Why nothing more is shown.
#[derive(Debug)]
pub(crate) enum OutputError {
    /// The reader is gone; that is his business.
    ClosedPipe,
    /// The output cannot be written.
    Io(io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Io(error),
        }
    }
}

/// Why a command ended without a result.
#[derive(Debug)]
pub(crate) enum CommandError {
    Flow(FlowError),
    Output(OutputError),
}

impl<E: Into<FlowError>> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Flow(error.into())
    }
}

impl From<OutputError> for CommandError {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}

/// Where results and words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    color: ColorChoice,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let color = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { format: global.format, quiet: global.quiet, verbose: global.verbose > 0, color }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// A result for people.
    pub(crate) fn show(&self, text: &str) -> Result<(), OutputError> {
        let mut stdout = AutoStream::new(io::stdout().lock(), self.color);
        Ok(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())?)
    }

    /// A result for programs.
    pub(crate) fn emit(&self, document: &Value) -> Result<(), OutputError> {
        let mut text = serde_json::to_string_pretty(document).map_err(io::Error::from)?;
        text.push('\n');
        self.raw(text.as_bytes())
    }

    /// Bytes as they are.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), OutputError> {
        let mut stdout = io::stdout().lock();
        Ok(stdout.write_all(bytes).and_then(|()| stdout.flush())?)
    }

    /// Bytes to the file named, readable by its owner alone.
    pub(crate) fn deliver(&self, bytes: &[u8], path: &Path) -> Result<(), CommandError> {
        match receiver(path) {
            Receiver::File => Ok(HostFiles.write(path, bytes, Mode::Private)?),
            Receiver::Stream => Ok(write_into(path, bytes).map_err(OutputError::from)?),
            Receiver::Link => Err(CommandError::Flow(FlowError::Usage {
                message: format!("`{}` is a symbolic link to a file", path.display()),
                hint: Some("name the file itself; for standard output leave --output out".to_owned()),
            })),
        }
    }

    /// What a document could not hold: of what differs in nothing but a name the first and how many more there are, or all of it when
    /// the user asks for more words.
    pub(crate) fn lost(&self, format: &str, lost: &[String]) {
        let mut alike: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for what in lost {
            let group = if self.verbose { what.clone() } else { what.split('`').step_by(2).collect() };
            alike.entry(group).or_default().push(what);
        }
        for group in alike.values() {
            let Some((first, others)) = group.split_first() else { continue };
            let more = match others.len() {
                0 => String::new(),
                more => format!(", and {more} more of the kind (all with -v)"),
            };
            self.say(&warning_line(&format!("{format} cannot hold {}{more}", printable(first))));
        }
    }

    /// A document, to standard output or to the file named.
    pub(crate) fn document(&self, text: &str, path: Option<&Path>) -> Result<(), CommandError> {
        match path {
            Some(path) => self.deliver(text.as_bytes(), path),
            None => Ok(self.raw(text.as_bytes())?),
        }
    }

    /// Words beside the result.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            let mut stderr = AutoStream::new(io::stderr().lock(), self.color);
            // There is nobody to tell when standard error is closed.
            let _ = writeln!(stderr, "{text}");
        }
    }

    /// Oddities of documents.
    pub(crate) fn remarks(&self, remarks: &[BadDocument]) {
        for remark in remarks {
            self.say(problems(&remark.name, &remark.text, &remark.problems).trim_end());
        }
    }

    /// Says why a command failed; returns the exit code.
    pub(crate) fn fail(&self, error: &CommandError) -> Exit {
        let error = match error {
            CommandError::Output(OutputError::ClosedPipe) => return Exit::Done,
            CommandError::Output(OutputError::Io(error)) => {
                error_text(&format!("cannot write the output: {error}"));
                return Exit::Unavailable;
            }
            CommandError::Flow(error) => error,
        };
        if self.is_json() {
            // The text on standard error below says the same when standard output is closed.
            let _ = self.emit(&error_document(error));
        }
        let mut stderr = AutoStream::new(io::stderr().lock(), self.color);
        let _ = stderr.write_all(error_report(error).as_bytes());
        error.exit()
    }
}

/// What takes the bytes that are written to a path.
enum Receiver {
    /// A file, or nothing yet: it is replaced in one step.
    File,
    /// A device or a pipe: replacing it would take it from everybody else, as with `/dev/null`.
    Stream,
    /// A link to a file. Replaced, it would be lost; followed, it could lead to a file that somebody else chose.
    Link,
}

fn receiver(path: &Path) -> Receiver {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => Receiver::Stream,
        Ok(_) if is_link => Receiver::Link,
        _ => Receiver::File,
    }
}

fn write_into(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut stream = OpenOptions::new().write(true).open(path)?;
    stream.write_all(bytes).and_then(|()| stream.flush())
}

fn error_report(error: &FlowError) -> String {
    let mut text = match error {
        FlowError::Document(bad) => problems(&bad.name, &bad.text, &bad.problems),
        error => format!("{}\n", error_line(&error.to_string())),
    };
    if let Some(hint) = error.hint() {
        text.push_str(&hint_line(&hint));
        text.push('\n');
    }
    text
}

fn error_document(error: &FlowError) -> Value {
    let problems = match error {
        FlowError::Document(bad) => json!({ "document": bad.name, "problems": bad.problems }),
        _ => Value::Null,
    };
    json!({
        "schema": "palisade/error/v1",
        "error": error.to_string(),
        "reason": error.reason(),
        "exit": error.exit().code(),
        "hint": error.hint(),
        "details": problems,
    })
}

/// An error where no arguments have been read yet.
pub(crate) fn error_text(message: &str) {
    let mut stderr = AutoStream::auto(io::stderr().lock());
    let _ = writeln!(stderr, "{}", error_line(message));
}

//! The worker: the only place where foreign bytes are parsed, in a process that can reach nothing but them.
//!
//! Both ends are here. The supervisor starts this very program again with [`WORKER_ARGUMENT`], an empty environment and two pipes;
//! the worker confines itself before it opens the first foreign file, and answers with one JSON document, behind which the text of a
//! bill or the like may follow.

use std::io::{self, BufWriter, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use palisade_model::Source;
use palisade_sandbox::confine::confine_worker;
use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};

use crate::advisories::{CompileTask, Compiled};
use crate::{Context, FlowError};

mod bill;
mod conceal;
mod document;
mod scan;

use conceal::SourceTask;
pub(crate) use conceal::told_source;
use document::DocumentTask;
pub(crate) use document::{DocumentAnswer, Question, WrittenDocument, ask_of_documents};
use scan::ScanTask;
pub(crate) use scan::{Answer, ScanSetting, Target, WorkerLimits, scan_in_worker};

/// The hidden first argument that makes this program a worker.
pub const WORKER_ARGUMENT: &str = "__scan";

/// The largest answer that is taken from a worker, in bytes.
const ANSWER_LIMIT: u64 = 1 << 30;

/// The largest part of a dead worker's last words that is shown, in bytes.
const LAST_WORDS_LIMIT: u64 = 4096;

/// How long a request to stop may go unnoticed.
const GLANCE: Duration = Duration::from_millis(50);

/// Name and text of each of some rule files.
pub type RuleTexts = Vec<(&'static str, &'static str)>;

/// The rules that come with the program.
#[derive(Debug, Clone, Default)]
pub struct ShippedRules {
    /// Those of the engine for secrets.
    pub secrets: RuleTexts,
    /// Those of the engine for dependencies.
    pub deps: RuleTexts,
    /// Those of the engine for images.
    pub image: RuleTexts,
}

impl ShippedRules {
    /// All of them.
    pub fn all(&self) -> RuleTexts {
        self.secrets.iter().chain(&self.deps).chain(&self.image).copied().collect()
    }
}

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The process that asks; the worker ends with it.
    supervisor: i32,
    /// The only folders and files it may read.
    folders: Vec<PathBuf>,
    task: Task,
}

/// The work itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Look for what the engines look for.
    Scan(Box<ScanTask>),
    /// Make a database of advisories.
    Compile(CompileTask),
    /// Read bills of materials and VEX documents.
    Documents(DocumentTask),
    /// Mask secrets in the names of branch and remote.
    Source(SourceTask),
}

/// What a worker sends.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// What was found.
    Scanned(Answer),
    /// The database.
    Compiled(Compiled),
    /// What was asked about documents.
    Documents(DocumentAnswer),
    /// Where content comes from, as it may be told.
    Source(Source),
    /// The user asked for what is not there, or cannot be opened: not a gap, but a wrong request.
    Refused {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// Has a worker carry `task` out that can read `folders` and, on its standard input, `following`.
pub(crate) fn ask(
    context: &Context,
    folders: Vec<PathBuf>,
    task: Task,
    following: &mut dyn Read,
) -> io::Result<Reply> {
    let request = Request { supervisor: getpid().as_raw_pid(), folders, task };
    let header = serde_json::to_vec(&request)?;
    let mut worker = start(context)?;
    let conversed = converse(context, &mut worker, &header, following);
    let status = worker.wait()?;
    let (answer, words) = conversed?;
    if !status.success() {
        let words = String::from_utf8_lossy(&words).trim().to_owned();
        return Err(io::Error::other(format!("{status}: {words}")));
    }
    Reply::read(answer)
}

impl Reply {
    /// Reads what a worker sends: JSON, and behind it the text of a document. In the JSON it would be escaped and held twice.
    fn read(mut bytes: Vec<u8>) -> io::Result<Self> {
        let mut values = serde_json::Deserializer::from_slice(&bytes).into_iter();
        let missing = || io::Error::other("the worker answered nothing");
        let mut reply = values.next().ok_or_else(missing)??;
        if let Self::Documents(DocumentAnswer::Written(document)) = &mut reply {
            bytes.drain(..values.byte_offset());
            document.text = String::from_utf8(bytes).map_err(io::Error::other)?;
            if document.text.len() != document.length {
                return Err(io::Error::other("its answer is cut short"));
            }
        }
        Ok(reply)
    }

    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *output, self)?;
        if let Self::Documents(DocumentAnswer::Written(document)) = self {
            output.write_all(document.text.as_bytes())?;
        }
        output.flush()
    }
}

/// What was asked for in a worker's reply; `who` is the worker, for when it died.
fn answered<T>(
    context: &Context,
    reply: io::Result<Reply>,
    answer: impl FnOnce(Reply) -> Option<T>,
    who: &str,
) -> Result<T, FlowError> {
    context.stop_if_cancelled()?;
    match reply {
        Ok(reply) => answer(reply).ok_or_else(|| FlowError::bug("the worker answered something else")),
        Err(error) => Err(FlowError::Unavailable { message: format!("{who} died: {error}"), hint: None }),
    }
}

fn start(context: &Context) -> io::Result<Child> {
    Command::new(&context.program)
        .arg(WORKER_ARGUMENT)
        .env_clear()
        .current_dir("/")
        // Ctrl-C on the terminal is for the supervisor, which tells the worker.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// Sends the request and what follows it; the worker's answer and its last words.
fn converse(
    context: &Context,
    worker: &mut Child,
    header: &[u8],
    following: &mut dyn Read,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let missing = || io::Error::other("a pipe to the worker is missing");
    let mut input = worker.stdin.take().ok_or_else(missing)?;
    let output = worker.stdout.take().ok_or_else(missing)?;
    let errors = worker.stderr.take().ok_or_else(missing)?;
    let (ended, end) = channel();
    let (answer, words) = std::thread::scope(|scope| {
        let answer = scope.spawn(move || {
            let answer = read_bounded(output, ANSWER_LIMIT);
            // Nobody waits for it any more when the worker was killed.
            let _ = ended.send(());
            answer
        });
        let words = scope.spawn(|| read_bounded(errors, LAST_WORDS_LIMIT));
        // A worker that dies early closes its end; what it said before is worth more than the broken pipe.
        let _ = input
            .write_all(&(header.len() as u64).to_be_bytes())
            .and_then(|()| input.write_all(header))
            .and_then(|()| io::copy(following, &mut input).map(drop));
        drop(input);
        while end.recv_timeout(GLANCE) == Err(RecvTimeoutError::Timeout) {
            if context.cancelled() {
                // It has ended by itself if this fails.
                let _ = worker.kill();
            }
        }
        (answer.join(), words.join())
    });
    let panicked = |_| io::Error::other("reading from the worker panicked");
    Ok((answer.map_err(panicked)??, words.map_err(panicked)??))
}

/// Reads to the end, keeps at most `limit` bytes.
fn read_bounded(mut source: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.by_ref().take(limit).read_to_end(&mut bytes)?;
    io::copy(&mut source, &mut io::sink())?;
    Ok(bytes)
}

/// The whole life of a worker process. Call it first thing in `main`, before any thread is started.
pub fn worker_main(rules: impl FnOnce() -> ShippedRules) -> ExitCode {
    match serve(rules) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The supervisor shows it; nothing can be done when it is gone.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(rules: impl FnOnce() -> ShippedRules) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut input = io::stdin().lock();
    let request = read_request(&mut input)?;
    if getppid().is_none_or(|parent| parent.as_raw_pid() != request.supervisor) {
        return Err(io::Error::other("the supervisor is gone"));
    }
    let folders: Vec<_> = request.folders.iter().map(PathBuf::as_path).collect();
    let reply = match request.task {
        Task::Scan(task) => {
            let database = task.map_database()?;
            let guards = confine_worker(&folders).map_err(io::Error::other)?;
            task.carry_out(&rules(), database.as_deref(), guards, &mut input)?
        }
        Task::Compile(task) => {
            confine_worker(&folders).map_err(io::Error::other)?;
            task.carry_out()
        }
        Task::Documents(task) => {
            confine_worker(&folders).map_err(io::Error::other)?;
            task.carry_out(&mut input)?
        }
        Task::Source(task) => {
            confine_worker(&folders).map_err(io::Error::other)?;
            task.carry_out(&rules())?
        }
    };
    reply.write(&mut BufWriter::new(io::stdout().lock()))
}

fn read_request(input: &mut impl Read) -> io::Result<Request> {
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let mut header = Vec::new();
    input.take(u64::from_be_bytes(length)).read_to_end(&mut header)?;
    Ok(serde_json::from_slice(&header)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_follows_an_answer_comes_back_whole_or_not_at_all() {
        let text = "{\"a\": \"é\\n\"}\n".to_owned();
        let document = WrittenDocument { length: text.len(), text, ..WrittenDocument::default() };
        let mut sent = Vec::new();
        Reply::Documents(DocumentAnswer::Written(document)).write(&mut sent).unwrap();
        let Reply::Documents(DocumentAnswer::Written(read)) = Reply::read(sent.clone()).unwrap() else {
            panic!("another answer")
        };
        assert_eq!(read.text, "{\"a\": \"é\\n\"}\n");
        for end in 0..sent.len() {
            assert!(Reply::read(sent.get(..end).unwrap().to_vec()).is_err(), "{end}");
        }
    }
}

//! The scan worker: the only place where scanned bytes are parsed, in a process that can reach nothing but them.
//!
//! Both ends are here. The supervisor starts this very program again with [`WORKER_ARGUMENT`], an empty environment and two pipes;
//! the worker confines itself before it opens the first scanned file, and answers with one JSON document.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use palisade_model::{Coverage, Digest, Engine, EngineReport, Gap, GapKind, RepoPath, RuleId, ScanReport};
use palisade_sandbox::confine::confine_worker;
use palisade_secrets::{KnownSecrets, Profile};
use palisade_tree::{Listing, ScanLimits};
use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};

use crate::history_scan::{scan_history, scan_range};
use crate::rules::RuleSet;
use crate::{Context, FlowError};

/// The hidden first argument that makes this program a worker.
pub const WORKER_ARGUMENT: &str = "__scan";

/// The largest answer that is taken from a worker, in bytes.
const ANSWER_LIMIT: u64 = 1 << 30;

/// The largest part of a dead worker's last words that is shown, in bytes.
const LAST_WORDS_LIMIT: u64 = 4096;

/// How long a request to stop may go unnoticed.
const GLANCE: Duration = Duration::from_millis(50);

/// The rules to scan with: name and text of each rule file.
pub type RuleTexts = Vec<(&'static str, &'static str)>;

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The process that asks; the worker ends with it.
    supervisor: i32,
    /// The folder with what is to be scanned.
    root: PathBuf,
    /// The only other folders it may read.
    beside: Vec<PathBuf>,
    what: Target,
    /// The project's salt.
    salt: Vec<u8>,
    /// Secrets that other tools' files list.
    known: KnownSecrets,
    limits: WorkerLimits,
    profile: String,
    rules: RuleSet,
    version: String,
}

/// What bounds a scan.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct WorkerLimits {
    pub(crate) max_file_bytes: u64,
    pub(crate) archive_depth: u32,
}

impl From<WorkerLimits> for ScanLimits {
    fn from(limits: WorkerLimits) -> Self {
        Self { max_file_bytes: limits.max_file_bytes, archive_depth: limits.archive_depth }
    }
}

/// What is to be scanned.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Target {
    /// These entries of the root.
    Listed(Listing),
    /// What follows the request on standard input, known by this name.
    Following(RepoPath),
    /// The whole object database of the repository at the root.
    History,
    /// What a range of its commits brings.
    Range(String),
}

/// The worker's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The guards that held the worker in.
    pub(crate) guards: Vec<String>,
    /// What it found.
    pub(crate) report: ScanReport,
    /// The rules that were asked, sorted.
    pub(crate) rules: Vec<RuleId>,
}

/// What a worker sends.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    Done(Answer),
    /// The user asked for what is not there, or cannot be opened: not a gap, but a wrong request.
    Refused {
        message: String,
        hint: String,
    },
}

/// Everything that decides a scan's result besides the content.
#[derive(Clone, Copy)]
pub(crate) struct ScanSetting<'a> {
    pub(crate) salt: &'a [u8],
    pub(crate) known: &'a KnownSecrets,
    pub(crate) limits: WorkerLimits,
    pub(crate) profile: Profile,
    /// Folders that may be read besides the root.
    pub(crate) beside: &'a [PathBuf],
    pub(crate) rules: &'a RuleSet,
}

/// Scans `what` below `root` in a worker. A worker that dies leaves a blocking gap, never a clean result; one that is killed because
/// the run is called off leaves [`FlowError::Cancelled`].
pub(crate) fn scan_in_worker(
    context: &Context,
    root: &Path,
    what: Target,
    setting: &ScanSetting<'_>,
    following: &mut dyn Read,
) -> Result<Answer, FlowError> {
    let request = Request {
        supervisor: getpid().as_raw_pid(),
        root: root
            .canonicalize()
            .map_err(|error| FlowError::usage(format!("cannot read `{}`: {error}", root.display())))?,
        what,
        beside: setting.beside.to_vec(),
        salt: setting.salt.to_vec(),
        known: setting.known.clone(),
        limits: setting.limits,
        profile: setting.profile.to_string(),
        rules: setting.rules.clone(),
        version: context.version.to_owned(),
    };
    let reply = ask(context, &request, following);
    context.stop_if_cancelled()?;
    match reply {
        Ok(Reply::Done(answer)) => Ok(answer),
        Ok(Reply::Refused { message, hint }) => Err(FlowError::usage_with_hint(message, hint)),
        Err(error) => Ok(crashed(context, &error)),
    }
}

fn ask(context: &Context, request: &Request, following: &mut dyn Read) -> io::Result<Reply> {
    let mut worker = Command::new(&context.program)
        .arg(WORKER_ARGUMENT)
        .env_clear()
        .current_dir("/")
        // Ctrl-C on the terminal is for the supervisor, which tells the worker.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let missing = || io::Error::other("a pipe to the worker is missing");
    let mut input = worker.stdin.take().ok_or_else(missing)?;
    let output = worker.stdout.take().ok_or_else(missing)?;
    let errors = worker.stderr.take().ok_or_else(missing)?;
    let header = serde_json::to_vec(request)?;
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
            .and_then(|()| input.write_all(&header))
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
    let status = worker.wait()?;
    let panicked = |_| io::Error::other("reading from the worker panicked");
    let (answer, words) = (answer.map_err(panicked)??, words.map_err(panicked)??);
    if !status.success() {
        let words = String::from_utf8_lossy(&words).trim().to_owned();
        return Err(io::Error::other(format!("{status}: {words}")));
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// Reads to the end, keeps at most `limit` bytes.
fn read_bounded(mut source: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.by_ref().take(limit).read_to_end(&mut bytes)?;
    io::copy(&mut source, &mut io::sink())?;
    Ok(bytes)
}

/// The result of a scan whose worker died.
fn crashed(context: &Context, error: &io::Error) -> Answer {
    let detail = format!("the scan worker died: {error}");
    let gap = Gap::new(None, GapKind::EngineCrashed, detail);
    let engine = |name: &&str| EngineReport {
        engine: (*name).to_owned(),
        version: context.version.to_owned(),
        rules: Digest::of(b""),
        rule_count: 0,
        work: None,
        coverage: Coverage { gaps: vec![gap.clone()], ..Coverage::default() },
    };
    let report = ScanReport { engines: crate::ENGINES.iter().map(engine).collect(), ..ScanReport::default() };
    Answer { guards: Vec::new(), report, rules: Vec::new() }
}

/// The whole life of a worker process. Call it first thing in `main`, before any thread is started.
pub fn worker_main(rules: impl FnOnce() -> RuleTexts) -> ExitCode {
    match serve(rules) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The supervisor shows it; nothing can be done when it is gone.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(rules: impl FnOnce() -> RuleTexts) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut input = io::stdin().lock();
    let request = read_request(&mut input)?;
    if getppid().is_none_or(|parent| parent.as_raw_pid() != request.supervisor) {
        return Err(io::Error::other("the supervisor is gone"));
    }
    let folders: Vec<_> =
        std::iter::once(&request.root).chain(&request.beside).map(PathBuf::as_path).collect();
    let guards = confine_worker(&folders).map_err(io::Error::other)?;
    let profile = request.profile.parse().map_err(io::Error::other)?;
    let engine = request.rules.engine(&rules(), &request.salt).map_err(io::Error::other)?;
    let engine = engine.with_profile(profile).with_known(request.known);
    let rules = engine.rule_ids().cloned().collect();
    let engines: [&dyn Engine; 1] = [&engine];
    let limits = request.limits.into();
    let report = match request.what {
        Target::Range(range) => scan_range(&request.root, &range, &engine, limits, &request.version),
        Target::History => scan_history(&request.root, &engine, limits, &request.version),
        Target::Listed(listing) => {
            Ok(palisade_tree::scan(&request.root, &listing, &engines, limits, &request.version))
        }
        Target::Following(path) => Ok(scan_following(path, &mut input, &engines, limits, &request.version)?),
    };
    let reply = match report {
        Ok(report) => Reply::Done(Answer { guards, report, rules }),
        Err(error) => Reply::Refused { message: error.to_string(), hint: error.hint().to_owned() },
    };
    let reply = serde_json::to_vec(&reply)?;
    let mut output = io::stdout().lock();
    output.write_all(&reply)?;
    output.flush()
}

fn read_request(input: &mut impl Read) -> io::Result<Request> {
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let mut header = Vec::new();
    input.take(u64::from_be_bytes(length)).read_to_end(&mut header)?;
    Ok(serde_json::from_slice(&header)?)
}

fn scan_following(
    path: RepoPath,
    input: &mut impl Read,
    engines: &[&dyn Engine],
    limits: ScanLimits,
    version: &str,
) -> io::Result<ScanReport> {
    let mut bytes = Vec::new();
    input.take(limits.max_file_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= limits.max_file_bytes {
        return Ok(palisade_tree::scan_bytes(path, &bytes, engines, limits, version));
    }
    let detail = format!("larger than {} bytes; raise the limit with --max-file-size", limits.max_file_bytes);
    let offer = palisade_tree::Offer {
        path,
        kind: palisade_model::EntryKind::File,
        size: bytes.len() as u64,
        content: Err((GapKind::BudgetHit, detail)),
    };
    Ok(palisade_tree::scan_entries(&mut std::iter::once(offer), engines, limits, version))
}

//! Making a database of feeds, as a worker's task.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use palisade_advisory::{Advisory, Builder, EpssScores, FeedSource, KevCatalog, read};
use palisade_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::worker::Reply;

/// Files of a folder that are looked at.
const MAX_FILES: usize = 2_000_000;

/// Bytes of one file. OSV's largest export is a tenth of it.
const MAX_FILE_BYTES: u64 = 8 << 30;

/// Problems that are told one by one.
const MAX_PROBLEMS: usize = 100;

/// How deep folders lie in each other.
const MAX_DEPTH: usize = 16;

/// Databases whose identifiers tell which ecosystem they cover as a whole.
const COVERED_BY_PREFIX: [(&str, &str); 3] = [("RUSTSEC-", "crates.io"), ("GO-", "Go"), ("PYSEC-", "PyPI")];

/// Feeds to make a database of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CompileTask {
    pub(crate) feeds: Vec<FeedTask>,
    /// The time that the database says it was built at.
    pub(crate) built: Timestamp,
}

/// One file or folder of a feed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FeedTask {
    pub(crate) path: PathBuf,
    /// What the feed is called, and what its records are shown as coming from.
    pub(crate) name: String,
    pub(crate) source: String,
    /// The ecosystems that it covers; none are those that its identifiers or its name tell.
    pub(crate) ecosystems: Option<Vec<String>>,
    /// When it was taken; none is the newest change among its records.
    pub(crate) taken: Option<Timestamp>,
}

/// A database, and what was odd on the way.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Compiled {
    /// The file, RFC 4648 base64.
    database: String,
    /// What could not be read.
    pub(crate) problems: Vec<String>,
    /// How much more of that there is.
    pub(crate) more_problems: usize,
}

impl Compiled {
    /// The file.
    pub(crate) fn database(&self) -> Option<Vec<u8>> {
        BASE64_STANDARD.decode(&self.database).ok()
    }
}

impl CompileTask {
    /// Reads all feeds and builds the database.
    pub(crate) fn carry_out(self) -> Reply {
        let mut compiling = Compiling::default();
        for feed in &self.feeds {
            if let Err(error) = compiling.take(feed, self.built) {
                return refused(&format!("cannot read `{}`: {error}", feed.path.display()), "");
            }
        }
        if compiling.is_empty() {
            let hint =
                "name OSV, RustSec, Go or PyPA records, a KEV or an EPSS file: files, folders or archives";
            let why = compiling.problems.first().map(|problem| format!(": {problem}")).unwrap_or_default();
            return refused(&format!("there is no advisory in what was named{why}"), hint);
        }
        match compiling.builder.build(self.built) {
            Ok(database) => Reply::Compiled(Compiled {
                database: BASE64_STANDARD.encode(database),
                more_problems: compiling.problems.len().saturating_sub(MAX_PROBLEMS),
                problems: compiling.problems.into_iter().take(MAX_PROBLEMS).collect(),
            }),
            Err(error) => refused(&format!("cannot build the database: {error}"), ""),
        }
    }
}

fn refused(message: &str, hint: &str) -> Reply {
    Reply::Refused { message: message.to_owned(), hint: hint.to_owned() }
}

#[derive(Default)]
struct Compiling {
    builder: Builder,
    problems: Vec<String>,
    has_table: bool,
}

impl Compiling {
    fn is_empty(&self) -> bool {
        self.builder.is_empty() && !self.has_table
    }

    fn take(&mut self, feed: &FeedTask, now: Timestamp) -> io::Result<()> {
        let mut records = Vec::new();
        let known_problems = self.problems.len();
        for path in files(&feed.path)? {
            let bytes = content(&path).map_err(|error| named(&path, &feed.path, error))?;
            self.read_file(&path, &bytes, &mut records);
        }
        if records.is_empty() {
            return Ok(());
        }
        let source = FeedSource {
            name: feed.name.clone(),
            source: feed.source.clone(),
            ecosystems: feed.ecosystems.clone().unwrap_or_else(|| covered(&feed.name, &records)),
            taken: feed.taken.unwrap_or_else(|| newest(&records, now)),
            unread: self.problems.len().saturating_sub(known_problems) as u64,
        };
        self.builder.feed(source);
        for record in &records {
            self.builder.add(&feed.name, record).map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path, bytes: &[u8], records: &mut Vec<Advisory>) {
        let name = path.display().to_string();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        if plain.ends_with(".csv") {
            match EpssScores::parse(&name, bytes) {
                Ok((scores, problems)) => {
                    self.has_table = true;
                    self.builder.epss(scores);
                    self.problems.extend(problems.iter().map(ToString::to_string));
                }
                Err(error) => self.problems.push(format!("{name}: {error}")),
            }
            return;
        }
        // A catalogue is one JSON document like a record; which one shows when it is read.
        if plain.ends_with(".json")
            && let Ok((catalog, problems)) = KevCatalog::parse(&name, bytes)
        {
            self.has_table = true;
            self.builder.kev(catalog);
            self.problems.extend(problems.iter().map(ToString::to_string));
            return;
        }
        let problems = &mut self.problems;
        read(&name, bytes, &mut |record| match record {
            Ok(record) => records.push(record),
            Err(problem) => problems.push(problem.to_string()),
        });
    }
}

fn content(path: &Path) -> io::Result<Vec<u8>> {
    match fs::metadata(path)?.len() {
        ..=MAX_FILE_BYTES => fs::read(path),
        _ => Err(io::Error::other("is larger than 8 GiB")),
    }
}

/// The error with the file of the feed that it is about, where the feed is more than that.
fn named(path: &Path, feed: &Path, error: io::Error) -> io::Error {
    if path == feed { error } else { io::Error::new(error.kind(), format!("`{}`: {error}", path.display())) }
}

/// The files of a folder and of those below it, in order; the file itself when it is one. Links are not followed.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    gather(path, 0, &mut found)?;
    Ok(found)
}

fn gather(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let meta = if depth == 0 { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
    if meta.is_file() {
        found.push(path.to_owned());
    }
    if found.len() > MAX_FILES || depth > MAX_DEPTH {
        return Err(io::Error::other("holds more files than are read"));
    }
    if meta.is_dir() {
        let mut names = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        let is_hidden =
            |name: &PathBuf| name.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        for name in names.iter().filter(|name| !is_hidden(name)) {
            gather(name, depth + 1, found)?;
        }
    }
    Ok(())
}

/// What a feed covers as a whole. Records of one of the ecosystems' own databases cover it; an export of OSV covers what it is
/// called. Of everything else it is not known, so finding nothing there will mean nothing.
fn covered(name: &str, records: &[Advisory]) -> Vec<String> {
    let is_of = |prefix: &str| {
        let own = records.iter().filter(|record| record.id.starts_with(prefix)).count();
        own * 10 >= records.len() * 9
    };
    let own = COVERED_BY_PREFIX.iter().find(|(prefix, _)| is_of(prefix));
    if let Some((_, ecosystem)) = own {
        return vec![(*ecosystem).to_owned()];
    }
    let named: BTreeSet<&str> = records
        .iter()
        .flat_map(|record| &record.affected)
        .map(|affected| base(&affected.ecosystem))
        .collect();
    named.into_iter().filter(|ecosystem| *ecosystem == name).map(str::to_owned).collect()
}

fn base(ecosystem: &str) -> &str {
    ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base)
}

/// The newest change among records: a feed is at least as old. A change to come is an error of its record, and would let the feed never be
/// stale.
fn newest(records: &[Advisory], now: Timestamp) -> Timestamp {
    let changes = records.iter().filter_map(|record| record.modified);
    changes.filter(|change| *change <= now).max().unwrap_or_default()
}

/// The feeds that a path given by the user means. A file is one. A folder with archives and tables is one for each of them; a folder
/// laid out like OSV's export, `ECOSYSTEM/all.zip`, one for each ecosystem; any other folder is one as a whole.
pub(super) fn feeds_of(path: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let files = if path.is_dir() { separate_feeds(path)? } else { Vec::new() };
    if files.is_empty() {
        return Ok(BTreeMap::from([(feed_name(path), path.to_owned())]));
    }
    Ok(files.into_iter().map(|file| (feed_name(&file), file)).collect())
}

/// The files of a folder that are feeds by themselves; none when the folder is one feed.
fn separate_feeds(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let export = |entry: &PathBuf| Some(entry.join("all.zip")).filter(|archive| archive.is_file());
    let separate = |entry: &PathBuf| {
        let is_feed = entry.is_file() && (is_archive(entry) || is_json(entry));
        export(entry).or_else(|| is_feed.then(|| entry.clone()))
    };
    // Records that lie in a folder one by one are no feeds.
    let is_split = entries.iter().any(|entry| is_archive(entry) || export(entry).is_some());
    Ok(if is_split {
        entries.iter().map(separate).collect::<Option<_>>().unwrap_or_default()
    } else {
        Vec::new()
    })
}

fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    path.is_file() && [".zip", ".tar", ".tgz", ".gz", ".csv"].iter().any(|end| name.ends_with(end))
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

/// What a file's feed is called: OSV calls its exports `ECOSYSTEM/all.zip`, all others go by the file.
fn feed_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let stem = name.split_once('.').map_or(name.as_ref(), |(stem, _)| stem);
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    match (stem, folder) {
        ("all", Some(folder)) => folder,
        _ => stem.to_owned(),
    }
}

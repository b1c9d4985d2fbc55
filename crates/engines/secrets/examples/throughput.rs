//! Measures the engine on the files of a folder, and lists what it finds: `throughput FOLDER [list [PROFILE]]`.
//!
//! Files are read before the clock starts, so that only matching is measured, on one thread. Of several passes the fastest counts.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measuring tool for maintainers")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use palisade_model::{Engine, Entry, EntryMeta, RepoPath, Sink};
use palisade_rulefile::RuleFile;
use palisade_secrets::{Profile, SecretsEngine};

/// How often all files are looked at.
const PASSES: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let list = arguments.next().is_some();
    let profile = arguments.next().map_or(Profile::default(), |name| name.parse().expect("a profile"));
    let start = Instant::now();
    let rules = palisade_rules::secrets().filter_map(|(name, text)| RuleFile::parse(name, text).0).collect();
    let engine = SecretsEngine::new(rules, b"throughput").expect("rules that compile");
    let engine = engine.with_profile(profile);
    println!("{} rules ready in {:?}", engine.rule_count(), start.elapsed());

    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    let (first, sink) = look(&engine, &files);
    let took = if list { first } else { first.min(look_again(&engine, &files)) };
    let (findings, gaps) = sink.into_parts();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{} files, {megabytes:.1} MB in {took:.3} s: {:.0} MB/s, the first time {first:.3} s",
        files.len(),
        megabytes / took
    );
    println!("{} findings, {} gaps", findings.len(), gaps.len());
    for finding in findings.iter().filter(|_| list) {
        let (place, text) = (&finding.location, &finding.excerpt.text);
        let (line, column) = (place.start.line, place.start.column);
        println!("{} {:?} {}:{line}:{column} {text}", finding.rule, finding.confidence, place.path);
    }
}

/// Looks at all files; how many seconds that took, and what was found.
fn look(engine: &SecretsEngine, files: &[(RepoPath, Vec<u8>)]) -> (f64, Sink) {
    let mut sink = Sink::new();
    let start = Instant::now();
    for (path, content) in files {
        let meta = EntryMeta::file(path, content.len() as u64);
        engine.entry(&Entry { meta, bytes: content }, &mut sink);
    }
    (start.elapsed().as_secs_f64(), sink)
}

/// The seconds of the fastest of more passes. Unlike the first it compiles no regex. On its own, so that tools that count instructions
/// can count these alone.
#[inline(never)]
fn look_again(engine: &SecretsEngine, files: &[(RepoPath, Vec<u8>)]) -> f64 {
    (1..PASSES).map(|_| look(engine, files).0).fold(f64::INFINITY, f64::min)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(RepoPath, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(root, &path, files);
        } else if let (Ok(content), Ok(below)) = (std::fs::read(&path), path.strip_prefix(root)) {
            let below = RepoPath::from_bytes(below.as_os_str().as_encoded_bytes());
            files.extend(below.ok().map(|below| (below, content)));
        }
    }
}

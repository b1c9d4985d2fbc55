//! Builds a database and asks it, for benchmarks and comparisons with others.
//!
//! `database build FILE NAME:ECOSYSTEM=PATH...` compiles folders and archives; `kev=PATH` and `epss=PATH` add those tables.
//! `database match FILE` reads lines of ecosystem, name and version, parted by tabs, and prints for each the identifiers of records
//! that affect it, sorted, with `?` before those that cannot be compared. `database time FILE ROUNDS` does so with nothing printed
//! but the times. `database packages FILE` prints ecosystem and name of every package.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "that is what it is for")]

use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use palisade_advisory::{Builder, Database, EpssScores, FeedSource, Judgement, KevCatalog, read};
use palisade_model::{Ecosystem, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["build", file, feeds @ ..] => build(file, feeds),
        ["match", file] => answer(file, 0),
        ["packages", file] => packages(file),
        ["time", file, rounds] => answer(file, rounds.parse()?),
        _ => Err("see the head of the source".into()),
    }
}

fn build(file: &str, feeds: &[&str]) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut builder = Builder::new();
    let mut problems = 0;
    for feed in feeds {
        let (name, path) = feed.split_once('=').ok_or("a feed is NAME=PATH")?;
        match name {
            "kev" => drop(builder.kev(KevCatalog::parse(path, &fs::read(path)?)?.0)),
            "epss" => drop(builder.epss(EpssScores::parse(path, &fs::read(path)?)?.0)),
            _ => problems += add(&mut builder, name, Path::new(path))?,
        }
    }
    eprintln!("read {} records, {problems} problems, {:?}", builder.len(), started.elapsed());
    let bytes = builder.build(Timestamp::UNIX_EPOCH)?;
    fs::write(file, &bytes)?;
    eprintln!("built {} bytes, {:?}", bytes.len(), started.elapsed());
    Ok(())
}

fn add(builder: &mut Builder, name: &str, path: &Path) -> Result<usize, Box<dyn Error>> {
    let (name, ecosystem) = name.split_once(':').ok_or("a feed is NAME:ECOSYSTEM=PATH")?;
    builder.feed(FeedSource {
        name: name.to_owned(),
        source: path.display().to_string(),
        ecosystems: ecosystem.split(',').map(str::to_owned).collect(),
        taken: Timestamp::UNIX_EPOCH,
        unread: 0,
    });
    let mut problems = 0;
    for path in files(path)? {
        let shown = path.to_string_lossy();
        let mut failed = None;
        read(&shown, &fs::read(&path)?, &mut |record| match record {
            Ok(advisory) => failed = failed.take().or(builder.add(name, &advisory).err()),
            Err(problem) => {
                problems += 1;
                eprintln!("{problem}");
            }
        });
        failed.map_or(Ok(()), Err)?;
    }
    Ok(problems)
}

fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        found.extend(files(&entry?.path())?);
    }
    Ok(found)
}

fn answer(file: &str, rounds: u32) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(file)?;
    let started = Instant::now();
    let database = Database::open(&bytes)?;
    let opened = started.elapsed();
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    for round in 0..rounds.max(1) {
        let started = Instant::now();
        let mut affected = 0;
        for line in input.lines() {
            let found = found(&database, line)?;
            affected += usize::from(!found.is_empty());
            if rounds == 0 {
                println!("{}", found.join(" "));
            }
        }
        if rounds > 0 {
            println!(
                "round {round}: {} packages, {affected} affected, {:?}, opened in {opened:?}",
                input.lines().count(),
                started.elapsed()
            );
        }
    }
    Ok(())
}

fn packages(file: &str) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(file)?;
    for package in Database::open(&bytes)?.packages() {
        let (ecosystem, name) = package?;
        println!("{ecosystem}\t{name}");
    }
    Ok(())
}

fn found(database: &Database<'_>, line: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut parts = line.split('\t');
    let (Some(ecosystem), Some(name), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("`{line}` is not ecosystem, name and version").into());
    };
    let mut found = Vec::new();
    for entry in database.lookup(&Ecosystem::new(ecosystem), name)? {
        match entry.judge(version) {
            Judgement::Affected(_) => found.push(entry.record.id().to_owned()),
            Judgement::NotAffected => {}
            Judgement::Incomparable(_) => found.push(format!("?{}", entry.record.id())),
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

//! What the `rustsec` crate says of packages.
//!
//! `rustsec-oracle packages FILE...` prints the packages of lockfiles that come from crates.io, as lines of ecosystem, name and
//! version; files that the crate cannot read are named on standard error. `rustsec-oracle match DATABASE` reads such lines and prints
//! for each the identifiers of the records that affect it, sorted; a version that is none is answered by `!`.

use std::error::Error;
use std::io::{self, BufRead};
use std::path::Path;

use rustsec::database::Query;
use rustsec::{Collection, Database, Lockfile};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("packages") => arguments.for_each(|file| packages(&file)),
        Some("match") => answer(&arguments.next().ok_or("which database?")?)?,
        _ => return Err("see the head of the source".into()),
    }
    Ok(())
}

fn packages(file: &str) {
    let lockfile = match Lockfile::load(Path::new(file)) {
        Ok(lockfile) => lockfile,
        Err(error) => return eprintln!("{file}: {error}"),
    };
    for package in lockfile.packages {
        if package.source.is_some_and(|source| source.is_default_registry()) {
            println!("crates.io\t{}\t{}", package.name, package.version);
        }
    }
}

fn answer(folder: &str) -> Result<(), Box<dyn Error>> {
    let database = Database::open(Path::new(folder))?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut parts = line.split('\t').skip(1);
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else {
            return Err("a line is cut short".into());
        };
        let (Ok(name), Ok(version)) = (name.parse(), version.parse()) else {
            println!("!");
            continue;
        };
        let query = Query::new()
            .collection(Collection::Crates)
            .withdrawn(false)
            .package_name(name)
            .package_version(version);
        let mut found: Vec<_> =
            database.query(&query).into_iter().map(|advisory| advisory.id().to_string()).collect();
        found.sort();
        found.dedup();
        println!("{}", found.join(" "));
    }
    Ok(())
}

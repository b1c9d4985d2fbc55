//! Answers about pairs on standard input, two texts with a tab between them on each line, for `bench/version-order`:
//! `answers SCHEME pairs|keys|ranges`.

use std::error::Error;
use std::io::{Write, stdin, stdout};

use palisade_version::{Requirement, Scheme, Version, compare_line};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let scheme = arguments.next().and_then(|name| Scheme::from_name(&name)).ok_or("name a scheme")?;
    let question = arguments.next().ok_or("name a question: pairs, keys or ranges")?;
    let mut out = stdout().lock();
    for line in stdin().lines() {
        let line = line?;
        let (left, right) = line.split_once('\t').ok_or("a line has no tab")?;
        let answer = match question.as_str() {
            "keys" => order(scheme, left, right),
            "ranges" => matching(scheme, left, right),
            _ => compare_line(scheme, &line),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn order(scheme: Scheme, left: &str, right: &str) -> char {
    let (Ok(left), Ok(right)) = (Version::parse(scheme, left), Version::parse(scheme, right)) else {
        return '?';
    };
    match left.cmp(&right) {
        std::cmp::Ordering::Less => '<',
        std::cmp::Ordering::Equal => '=',
        std::cmp::Ordering::Greater => '>',
    }
}

fn matching(scheme: Scheme, range: &str, version: &str) -> char {
    match (Requirement::parse(scheme, range), Version::parse(scheme, version)) {
        (Ok(range), Ok(version)) if range.matches(&version) => 'y',
        (Ok(_), Ok(_)) => 'n',
        _ => '?',
    }
}

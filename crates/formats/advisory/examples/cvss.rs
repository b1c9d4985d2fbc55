//! Reads vectors line by line and prints base score and score, or `!`.

#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::io;

use palisade_advisory::Cvss;

fn main() -> io::Result<()> {
    for line in io::stdin().lines() {
        match Cvss::parse(&line?) {
            Ok(cvss) => println!("{} {}", cvss.base_score(), cvss.score()),
            Err(_) => println!("!"),
        }
    }
    Ok(())
}

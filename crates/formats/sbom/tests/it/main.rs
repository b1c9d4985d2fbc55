//! Bills of materials and statements: what is written reads back, what others write is understood, what is hostile does no harm.

#![cfg(test)]

mod documents;
mod hostile;
mod licences;
mod round_trips;
mod statements;

use palisade_model::RepoPath;
use palisade_sbom::{Bom, BomFormat};

const FORMATS: [BomFormat; 5] = BomFormat::ALL;

/// Reads a document that is without fault.
fn read(text: &str) -> Bom {
    let (bom, problems) = palisade_sbom::read(text.as_bytes()).unwrap();
    assert_eq!(problems, [], "{text}");
    bom
}

/// What is wrong with a document, in words.
fn problems(text: &str) -> Vec<String> {
    let (bom, problems) = palisade_sbom::read(text.as_bytes()).unwrap();
    let (_, more) = bom.to_inventory(&place());
    problems.into_iter().chain(more).map(|problem| problem.detail).collect()
}

fn place() -> RepoPath {
    "sbom.json".parse().unwrap()
}

//! References, documents and choices, against the specifications' own examples and Docker's rules.

#![cfg(test)]

mod documents;
mod references;

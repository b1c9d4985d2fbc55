//! Images built in memory and read back: what the final root shows, where each version of a file lies, and what hostile images do.

#![cfg(test)]

mod archives;
mod build;
mod folders;
mod hostile;
mod layers;
mod limits;
mod peer;

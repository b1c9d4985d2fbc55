//! What public formats say, and what the database makes of it.

#![cfg(test)]

mod building;
mod damage;
mod deltas;
mod formats;
mod laws;
mod matching;
mod support;

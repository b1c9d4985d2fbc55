//! What is found in configurations by hand, and in roots that lie in folders.

#![cfg(test)]

mod checks;

//! Bad input and faults: each has a clear message and the right exit code, loses nothing and leaves nothing behind.

mod disk;
mod input;
mod keys;
mod kill;
mod ledger;
mod outputs;
mod remains;
mod signals;
mod site;
mod steps;
mod together;
mod user;
mod worker;

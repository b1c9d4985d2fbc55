//! Containers made by the programs that people use, read back; and hostile ones, which must end within their budget.

#![cfg(test)]

mod bombs;
mod hostile;
mod nested;
mod notebook;
mod packages;
mod peer;
mod recognised;
mod sqlite;
mod streams;
mod tar;
mod zip;

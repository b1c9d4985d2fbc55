//! Every report of one scan: golden texts, and what outside readers make of them.

#![cfg(test)]

mod golden;
mod readers;
mod sample;

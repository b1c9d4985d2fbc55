//! Drives the built program.

#![cfg(test)]
#![forbid(unsafe_code)]

mod oracle;
mod places;
mod token;

mod broken;
mod commands;
mod determinism;
mod exits;
mod faults;
mod gate;
mod hiding;
mod history;
mod hooks;
mod ledger;
mod rules;
mod scan;
mod storefront;
mod verify;

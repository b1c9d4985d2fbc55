//! Drives the built program.

#![cfg(test)]
#![forbid(unsafe_code)]

mod oracle;
mod places;
mod shop;
mod token;

mod advice;
mod advisories;
mod broken;
mod commands;
mod databases;
mod dependencies;
mod dependency_gaps;
mod determinism;
mod exits;
mod faults;
mod feeds;
mod gate;
mod hiding;
mod history;
mod hooks;
mod image_packages;
mod images;
mod ledger;
mod names;
mod registry;
mod rules;
mod sbom;
mod scan;
mod storefront;
mod verify;
mod versions;
mod vex;

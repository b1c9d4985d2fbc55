//! The engine for dependencies against hand-made advisories.

#![cfg(test)]
#![forbid(unsafe_code)]

mod examples;
mod gaps;
mod matching;
mod support;

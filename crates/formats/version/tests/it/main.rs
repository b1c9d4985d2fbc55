//! The order of versions against the rules their ecosystems publish, against dpkg and Python, and against the laws of order.

#![cfg(test)]

mod laws;
mod orders;
mod requirements;
mod vectors;
mod vers;

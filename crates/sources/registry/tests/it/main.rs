//! Pulls from registries that run here, good ones and bad ones.

#![cfg(test)]

mod bad;
mod good;
mod server;

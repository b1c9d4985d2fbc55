//! Asks real policies about real inputs.

#![forbid(unsafe_code)]

#[cfg(test)]
mod default_policy;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod schema;

//! Says what about an image makes it easier to attack: its user, its ports, its health check, and the permissions of its files.
//!
//! Looks at the configuration and at what all layers together show, and makes findings by the rules in `rules/image`. Wants no content
//! of any file. Knows nothing of how images are stored, and nothing of packages or secrets.
//!
//! Start at [`ImageChecks::look`]; `checks` holds what is checked, `engine` makes findings of it.

#![forbid(unsafe_code)]

mod checks;
mod engine;
mod rules;

pub use engine::ImageChecks;

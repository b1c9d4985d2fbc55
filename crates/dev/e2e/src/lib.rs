//! The real program, driven end to end by the tests in `tests/it`.
//!
//! There is nothing here for other crates. The tests know Palisade only from outside: its arguments, exit codes, output and files.
//! What they believe of these comes from the documentation, from standards, and from other programs (git, openssl, Python).

#![forbid(unsafe_code)]

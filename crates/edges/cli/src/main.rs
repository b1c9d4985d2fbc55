//! The `palisade` command: arguments in, use cases called, results shown, exit code out.
//!
//! Thin: decides nothing that [`palisade_flow`] could decide, formats nothing that [`palisade_report`] could format. It alone knows the
//! environment, the terminal and the exit. The program has two more lives, chosen by a hidden first argument: the helper that
//! becomes a job's sandbox, and the scan worker.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod environment;
mod observer;
mod output;
mod reference;

use std::panic::catch_unwind;
use std::process::ExitCode;

use palisade_flow::Exit;

fn main() -> ExitCode {
    if palisade_flow::is_sandbox_invocation() {
        return palisade_flow::sandbox_main();
    }
    if std::env::args_os().nth(1).is_some_and(|argument| argument == palisade_flow::WORKER_ARGUMENT) {
        std::panic::set_hook(Box::new(|_| {}));
        return palisade_flow::worker_main(rules);
    }
    std::panic::set_hook(Box::new(tell_of_bug));
    environment::keep_memory_private();
    let exit = catch_unwind(commands::main).unwrap_or(Exit::Bug);
    ExitCode::from(exit.code())
}

/// The embedded rules.
fn rules() -> palisade_flow::ShippedRules {
    palisade_flow::ShippedRules {
        secrets: palisade_rules::secrets().collect(),
        deps: palisade_rules::deps().collect(),
        image: palisade_rules::image().collect(),
    }
}

/// A panic's message may quote anything, also a secret; its place is ours.
fn tell_of_bug(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    output::error_text(&format!("internal error at {place}; this is a bug in Palisade, please report it"));
}

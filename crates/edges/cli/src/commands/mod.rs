//! One function for each command: calls a use case, shows its result.

mod db;
mod gate;
mod hook;
mod keys;
mod ledger;
mod project;
mod rules;
mod run;
mod sbom;
mod scan;
mod verify;
mod version;
mod vex;

pub(crate) use db::FeedPath;

use clap::{CommandFactory, Parser};
use palisade_flow::{Context, Exit, FlowError};

use crate::args::{Arguments, Command, Format, ReferenceKind};
use crate::output::{CommandError, Output};
use crate::{environment, reference};

type Done = Result<Exit, CommandError>;

/// Reads the command line and carries it out.
pub(crate) fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let output = Output::new(&arguments.global);
    let context = environment::context(arguments.global.policy.clone());
    let done = supported(output.format, &arguments.command)
        .and_then(|()| carry_out(&context, &output, arguments.command));
    match done {
        Ok(exit) => exit,
        Err(error) => output.fail(&error),
    }
}

/// Help and version are results; everything else that clap says is a usage error.
fn refuse(error: &clap::Error) -> Exit {
    // There is nobody to tell when both outputs are closed.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

fn supported(format: Format, command: &Command) -> Result<(), CommandError> {
    if !matches!(format, Format::Human | Format::Json) && !matches!(command, Command::Scan(_)) {
        return Err(usage("this format is for `palisade scan`", "other commands write human or json"));
    }
    Ok(())
}

/// A wrong request.
fn usage(message: &str, hint: &str) -> CommandError {
    CommandError::Flow(FlowError::Usage { message: message.to_owned(), hint: Some(hint.to_owned()) })
}

fn carry_out(context: &Context, output: &Output, command: Command) -> Done {
    match command {
        Command::Init(args) => project::init(context, output, &args),
        Command::Plan(args) => project::plan(context, output, &args),
        Command::Run(args) => run::run(context, output, &args),
        Command::Runs(args) => run::runs(context, output, &args),
        Command::Logs(args) => run::logs(context, output, &args),
        Command::Scan(args) => scan::scan(context, output, &args),
        Command::Db(command) => db::db(context, output, &command),
        Command::Sbom(command) => sbom::sbom(context, output, &command),
        Command::Vex(command) => vex::vex(context, output, &command),
        Command::Version(command) => version::version(output, &command),
        Command::Waive(args) => scan::waive(context, output, &args),
        Command::Gate(args) => gate::gate(context, output, &args),
        Command::Verify(args) => verify::verify(context, output, args),
        Command::Ledger(command) => ledger::ledger(context, output, &command),
        Command::Key(command) => keys::key(context, output, &command),
        Command::Hook(command) => hook::hook(context, output, &command),
        Command::Rules { command } => rules::rules(context, output, command.as_ref()),
        Command::Explain { rule } => rules::explain(output, &rule),
        Command::Doctor => project::doctor(context, output),
        Command::Completions { shell } => completions(output, shell),
        Command::Man => man(output),
        Command::Reference { kind } => print_reference(output, kind),
    }
}

fn completions(output: &Output, shell: clap_complete::Shell) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "palisade", &mut script);
    output.raw(&script)?;
    Ok(Exit::Done)
}

fn man(output: &Output) -> Done {
    let mut page = Vec::new();
    let mut root = Arguments::command();
    root.build();
    manual(&root, &mut page).map_err(crate::output::OutputError::from)?;
    output.raw(&page)?;
    Ok(Exit::Done)
}

/// The page of a command, then those of its subcommands.
fn manual(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).try_for_each(|sub| manual(sub, page))
}

fn print_reference(output: &Output, kind: ReferenceKind) -> Done {
    let text = match kind {
        ReferenceKind::Cli => reference::cli(),
        ReferenceKind::Rules => reference::rules(&palisade_flow::rules(&crate::rules().all())?),
    };
    output.raw(text.as_bytes())?;
    Ok(Exit::Done)
}

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Problem, Span, is_unprintable};

use crate::fields::Fields;
use crate::parsed::{Parsed, Spanned};
use crate::reader::{Reader, parse_document, shown, type_of};
use crate::scalar::ScalarType;
use crate::tree::Node;
use crate::values;

/// Longest step name in characters.
const MAX_STEP_NAME: usize = 80;
/// Most steps of a job.
const MAX_STEPS: usize = 100;
/// Where a name made from a script is cut, in characters.
const DERIVED_NAME: usize = 40;

/// What runs a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shell {
    /// The POSIX shell.
    Sh,
    /// Bash.
    Bash,
    /// Python 3.
    Python3,
    /// A program and its arguments, not empty; the script's file name is added at the end.
    Custom(Vec<String>),
}

/// One command of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSpec {
    /// As given, or the first line of the script, or `step N`; unique in the job.
    pub name: String,
    /// The script, not blank.
    pub run: String,
    /// What runs it.
    pub shell: Shell,
    /// The step's own environment.
    pub env: BTreeMap<String, String>,
    /// Wall clock limit in seconds, from 1 to 86400.
    pub timeout_seconds: Option<u64>,
    /// Where it starts, relative to the workspace; `.` is the workspace.
    pub working_directory: String,
}

impl StepSpec {
    /// The keys of a step.
    pub const KEYS: &[&str] = &["name", "run", "shell", "env", "timeout", "working-directory"];
}

/// What a job does, apart from where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobBody {
    /// From 1 to 100.
    pub steps: Vec<StepSpec>,
    /// Globs of files to keep, relative to the workspace.
    pub outputs: Vec<Spanned<String>>,
    /// Wall clock limit of all steps together in seconds, from 1 to 86400.
    pub timeout_seconds: Option<u64>,
}

/// A job of the pipeline file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSpec {
    /// The place of its name.
    pub span: Span,
    /// The jobs it needs, as written.
    pub needs: Vec<Spanned<String>>,
    /// The environment it acts for.
    pub environment: Option<Spanned<String>>,
    /// What it does.
    pub body: JobBody,
}

impl JobSpec {
    /// The keys of a job.
    pub const KEYS: &[&str] = &["needs", "steps", "outputs", "timeout", "environment"];

    pub(crate) fn read(reader: &mut Reader<'_>, name: &Spanned<&str>, node: &Node) -> Option<Self> {
        let place = format!("job {}", shown(name.value));
        let fields = reader.fields(node, &place, name.span, Self::KEYS)?;
        let needs = fields.get("needs").map(|node| reader.string_or_list(node)).unwrap_or_default();
        let environment = fields
            .get("environment")
            .and_then(|node| Some(Spanned::new(values::name(reader, node, "an environment")?, node.span)));
        Some(Self {
            span: name.span,
            needs: needs.into_iter().map(|need| Spanned::new(need.value.to_owned(), need.span)).collect(),
            environment,
            body: JobBody::read(reader, &fields)?,
        })
    }
}

/// An organisation's job as its template file describes it: a job without `needs` and `environment`, which policy decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateJob(pub JobBody);

impl TemplateJob {
    /// The keys of a template.
    pub const KEYS: &[&str] = &["steps", "outputs", "timeout"];

    /// Reads a template file.
    pub fn parse(bytes: &[u8]) -> Parsed<Self> {
        parse_document(bytes, |reader, root| {
            let fields = reader.fields(root, "the job template", Span::new(0, 0), Self::KEYS)?;
            JobBody::read(reader, &fields).map(Self)
        })
    }
}

impl JobBody {
    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let outputs = fields.get("outputs").map(|node| values::globs(reader, node)).unwrap_or_default();
        let timeout_seconds = fields.get("timeout").and_then(|node| values::duration(reader, node));
        let steps = fields.require(reader, "steps")?;
        Some(Self { steps: read_steps(reader, steps)?, outputs, timeout_seconds })
    }
}

fn read_steps(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<StepSpec>> {
    let items = reader.items(node, "steps")?;
    if items.is_empty() {
        reader.note(
            Problem::error("a job needs at least one step", node.span).with_hint("add `- run: COMMAND`"),
        );
    }
    if let Some(extra) = items.get(MAX_STEPS) {
        reader.error(format!("a job has at most {MAX_STEPS} steps"), extra.span);
    }
    let mut names = BTreeSet::new();
    let mut steps = Vec::new();
    for (index, item) in items.iter().take(MAX_STEPS).enumerate() {
        if let Some(mut step) = read_step(reader, item, index + 1) {
            step.name = unused(&names, step.name);
            names.insert(step.name.clone());
            steps.push(step);
        }
    }
    Some(steps)
}

fn read_step(reader: &mut Reader<'_>, node: &Node, number: usize) -> Option<StepSpec> {
    let fields = reader.fields(node, &format!("step {number}"), node.span, StepSpec::KEYS)?;
    let name = fields.get("name").and_then(|node| values::line(reader, node, MAX_STEP_NAME));
    let shell = fields.get("shell").map_or(Some(Shell::Sh), |node| read_shell(reader, node));
    let env = fields.get("env").map(|node| values::env(reader, node)).unwrap_or_default();
    let timeout_seconds = fields.get("timeout").and_then(|node| values::duration(reader, node));
    let folder = fields.get("working-directory").map_or(Some(".".to_owned()), |node| {
        let text = Spanned::new(reader.string(node)?, node.span);
        values::relative_path(reader, &text)
    });
    let run = fields.require(reader, "run").and_then(|node| read_script(reader, node))?;
    let name = name.or_else(|| name_of_script(&run)).unwrap_or_else(|| format!("step {number}"));
    Some(StepSpec { name, run, shell: shell?, env, timeout_seconds, working_directory: folder? })
}

/// A script may be a command that looks like another type, such as `true`.
fn read_script(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    if text.trim().is_empty() {
        reader.error("the script is empty", node.span);
        return None;
    }
    Some(text.to_owned())
}

fn read_shell(reader: &mut Reader<'_>, node: &Node) -> Option<Shell> {
    if type_of(node) == Some(ScalarType::String) {
        return read_known_shell(reader, node);
    }
    let argv: Vec<String> =
        reader.strings(node).into_iter().map(|argument| argument.value.to_owned()).collect();
    if argv.first().is_none_or(String::is_empty) {
        reader.error("a shell needs a program", node.span);
        return None;
    }
    Some(Shell::Custom(argv))
}

fn read_known_shell(reader: &mut Reader<'_>, node: &Node) -> Option<Shell> {
    match reader.string(node)? {
        "sh" => Some(Shell::Sh),
        "bash" => Some(Shell::Bash),
        "python3" => Some(Shell::Python3),
        other => {
            reader.note(
                Problem::error(format!("unknown shell {}", shown(other)), node.span)
                    .with_hint("write `sh`, `bash`, `python3`, or a list: a program and its arguments"),
            );
            None
        }
    }
}

/// The first line of a script as a name.
fn name_of_script(script: &str) -> Option<String> {
    let line = script.lines().next()?.trim();
    let name: String = line.chars().filter(|c| !is_unprintable(*c)).take(DERIVED_NAME).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// `name`, or the first of `name (2)`, `name (3)` ... that is not in `names`.
fn unused(names: &BTreeSet<String>, name: String) -> String {
    if !names.contains(&name) {
        return name;
    }
    let mut number = 2;
    loop {
        let candidate = format!("{name} ({number})");
        if !names.contains(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

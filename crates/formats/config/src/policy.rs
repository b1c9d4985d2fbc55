use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Before, GapKind, IsolationGrade, JobId, Problem, Span, Suppressions, Tolerance};

use crate::fields::Fields;
use crate::parsed::{Parsed, Spanned};
use crate::reader::{Reader, nearest, parse_document, shown};
use crate::tree::Node;
use crate::values;
use crate::waivers::{MAX_OWNER, MAX_REASON};

/// Most approvals that an environment may ask for.
const MAX_APPROVALS: u32 = 100;

/// A mandatory stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// A scan by the engine of this name.
    Scan(String),
    /// A job that policy brings along.
    Job {
        /// Its name in the plan, `org/NAME`.
        id: JobId,
        /// The template file, relative to the policy file.
        template: Spanned<String>,
        /// Where it stands.
        before: Before,
    },
}

/// An entry of `mandatory`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandatoryStage {
    /// `scan:ENGINE` or `job:NAME`.
    pub name: Spanned<String>,
    /// What it is.
    pub stage: Stage,
}

/// What policy says of an environment; what it does not say is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentSpec {
    /// The place of its name.
    pub span: Span,
    /// Whether it is protected.
    pub protected: Option<Spanned<bool>>,
    /// How many people must approve.
    pub approvals: Option<Spanned<u32>>,
}

/// What `palisade verify` accepts; an absent list accepts everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifySpec {
    /// Repositories.
    pub source: Option<Vec<Spanned<String>>>,
    /// Builders.
    pub builder: Option<Vec<Spanned<String>>>,
}

/// Which licences packages may have, as SPDX names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LicenceSpec {
    /// Only these; any when absent.
    pub allow: Option<Vec<Spanned<String>>>,
    /// None of these.
    pub deny: Vec<Spanned<String>>,
}

/// A policy file, version 1; its JSON Schema is `docs/schemas/policy-v1.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its name, such as `acme-2026.3`.
    pub name: String,
    /// Stages that are in every plan, in the order written, without repetition.
    pub mandatory: Vec<MandatoryStage>,
    /// Which suppressions count.
    pub suppressions: Option<Spanned<Suppressions>>,
    /// The environments.
    pub environments: BTreeMap<String, EnvironmentSpec>,
    /// Rego files and folders of them, relative to the policy file.
    pub gate: Vec<Spanned<String>>,
    /// Whether the embedded gate is asked besides `gate`; only the organisation may say no.
    pub default_gate: Option<Spanned<bool>>,
    /// Host tools that jobs may see.
    pub tools: Option<Spanned<BTreeSet<String>>>,
    /// The least isolation that will do.
    pub isolation: Option<Spanned<IsolationGrade>>,
    /// What `palisade verify` accepts.
    pub verify: VerifySpec,
    /// Which licences packages may have.
    pub licences: LicenceSpec,
    /// Gaps that are lived with for a while; only the organisation may say so.
    pub tolerate: Vec<Spanned<Tolerance>>,
}

impl PolicyFile {
    /// The keys of the file.
    pub const KEYS: &[&str] = &[
        "version",
        "name",
        "mandatory",
        "suppressions",
        "environments",
        "gate",
        "default-gate",
        "tools",
        "require",
        "verify",
        "licences",
        "tolerate",
    ];
    /// The keys of an entry of `mandatory`.
    pub const STAGE_KEYS: &[&str] = &["stage", "template", "before"];
    /// The keys of an environment.
    pub const ENVIRONMENT_KEYS: &[&str] = &["protected", "approvals"];
    /// The keys of `require`.
    pub const REQUIRE_KEYS: &[&str] = &["isolation"];
    /// The keys of `licences`.
    pub const LICENCE_KEYS: &[&str] = &["allow", "deny"];
    /// The keys of an entry of `tolerate`.
    pub const TOLERANCE_KEYS: &[&str] = &["engine", "gap", "reason", "until", "owner"];
    /// The keys of `verify`.
    pub const VERIFY_KEYS: &[&str] = &["source", "builder"];

    /// Reads a policy file.
    pub fn parse(bytes: &[u8]) -> Parsed<Self> {
        parse_document(bytes, |reader, root| {
            let fields = reader.fields(root, "the policy file", Span::new(0, 0), Self::KEYS)?;
            fields.version_one(reader);
            Self::read(reader, &fields)
        })
    }

    /// The template files that its mandatory jobs name, relative to the policy file.
    pub fn templates(&self) -> BTreeSet<&str> {
        self.mandatory
            .iter()
            .filter_map(|entry| match &entry.stage {
                Stage::Job { template, .. } => Some(template.value.as_str()),
                Stage::Scan(_) => None,
            })
            .collect()
    }

    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let name = fields.require(reader, "name").and_then(|node| read_policy_name(reader, node));
        let mandatory = fields.get("mandatory").map(|node| read_mandatory(reader, node)).unwrap_or_default();
        let suppressions = fields.get("suppressions").and_then(|node| {
            let values =
                [("self", Suppressions::Own), ("base", Suppressions::Base), ("none", Suppressions::None)];
            choice(reader, node, &values)
        });
        let environments =
            fields.get("environments").map(|node| read_environments(reader, node)).unwrap_or_default();
        let gate = fields.get("gate").map(|node| read_paths(reader, node)).unwrap_or_default();
        let default_gate = fields
            .get("default-gate")
            .and_then(|node| Some(Spanned::new(values::flag(reader, node)?, node.span)));
        if let Some(off) = default_gate.as_ref().filter(|given| !given.value && gate.is_empty()) {
            let problem = Problem::error("there is no other gate", off.span);
            reader.note(problem.with_hint("name Rego files under `gate`, or leave the default gate on"));
        }
        let tools = fields.get("tools").map(|node| Spanned::new(read_tools(reader, node), node.span));
        let isolation = fields.get("require").and_then(|node| read_isolation(reader, node));
        let verify = fields.get("verify").map(|node| read_verify(reader, node)).unwrap_or_default();
        let licences = fields.get("licences").map(|node| read_licences(reader, node)).unwrap_or_default();
        let tolerate = fields.get("tolerate").map(|node| read_tolerances(reader, node)).unwrap_or_default();
        Some(Self {
            name: name?,
            mandatory,
            suppressions,
            environments,
            gate,
            default_gate,
            tools,
            isolation,
            verify,
            licences,
            tolerate,
        })
    }
}

/// One of the words in `values`.
fn choice<T: Copy>(reader: &mut Reader<'_>, node: &Node, values: &[(&str, T)]) -> Option<Spanned<T>> {
    let text = reader.string(node)?;
    if let Some((_, value)) = values.iter().find(|(word, _)| *word == text) {
        return Some(Spanned::new(*value, node.span));
    }
    let words: Vec<&str> = values.iter().map(|(word, _)| *word).collect();
    let problem = Problem::error(format!("unknown value {}", shown(text)), node.span);
    reader.note(match nearest(text, words.iter().copied()) {
        Some(near) => problem.with_label(format!("did you mean `{near}`?")),
        None => problem.with_hint(format!("write one of: {}", words.join(", "))),
    });
    None
}

/// A name whose parts may be joined by `/`.
fn read_policy_name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.string(node)?;
    if text.len() > 64 || !text.split('/').all(values::is_name) {
        values::bad_name(reader, &Spanned::new(text, node.span), "a policy");
        return None;
    }
    if text.starts_with("palisade/") {
        let problem = Problem::error(format!("{} is reserved", shown(text)), node.span);
        reader.note(problem.with_hint("names that begin with `palisade/` are for built-in policies"));
        return None;
    }
    Some(text.to_owned())
}

fn read_mandatory(reader: &mut Reader<'_>, node: &Node) -> Vec<MandatoryStage> {
    let mut stages: Vec<MandatoryStage> = Vec::new();
    let mut seen = BTreeMap::new();
    for item in reader.items(node, "stages").unwrap_or_default() {
        let Some(stage) = read_stage(reader, item) else { continue };
        if let Some(first) = seen.insert(stage.name.value.clone(), stage.name.span) {
            let line = reader.line(first);
            reader.note(
                Problem::error(format!("duplicate stage {}", shown(&stage.name.value)), stage.name.span)
                    .with_label(format!("first given on line {line}")),
            );
            continue;
        }
        stages.push(stage);
    }
    stages
}

fn read_stage(reader: &mut Reader<'_>, node: &Node) -> Option<MandatoryStage> {
    let fields = reader.fields(node, "a mandatory stage", node.span, PolicyFile::STAGE_KEYS)?;
    let name = fields.require(reader, "stage")?;
    let text = reader.string(name)?;
    let stage = if let Some(engine) = text.strip_prefix("scan:").filter(|engine| values::is_name(engine)) {
        refuse_job_keys(reader, &fields);
        Stage::Scan(engine.to_owned())
    } else if let Some(id) = text.strip_prefix("job:").and_then(JobId::organisation) {
        read_job_stage(reader, &fields, id)?
    } else {
        reader.note(
            Problem::error(format!("{} is not a stage", shown(text)), name.span)
                .with_hint("write `scan:ENGINE` or `job:NAME`"),
        );
        return None;
    };
    Some(MandatoryStage { name: Spanned::new(text.to_owned(), name.span), stage })
}

fn refuse_job_keys(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    for key in ["template", "before"] {
        if let Some(span) = fields.key_span(key) {
            reader.error(format!("`{key}` is only for a `job:` stage"), span);
        }
    }
}

fn read_job_stage(reader: &mut Reader<'_>, fields: &Fields<'_>, id: JobId) -> Option<Stage> {
    let before = fields.get("before").map_or(Some(Before::Release), |node| {
        let values = [("build", Before::Build), ("release", Before::Release)];
        choice(reader, node, &values).map(|before| before.value)
    });
    let template = fields.require(reader, "template").and_then(|node| {
        let text = Spanned::new(reader.string(node)?, node.span);
        Some(Spanned::new(values::relative_path(reader, &text)?, node.span))
    });
    Some(Stage::Job { id, template: template?, before: before? })
}

fn read_environments(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, EnvironmentSpec> {
    let mut environments = BTreeMap::new();
    for (name, node) in reader.entries(node) {
        if !values::is_name(name.value) {
            values::bad_name(reader, &name, "an environment");
        }
        let place = format!("environment {}", shown(name.value));
        let Some(fields) = reader.fields(node, &place, name.span, PolicyFile::ENVIRONMENT_KEYS) else {
            continue;
        };
        let protected = fields
            .get("protected")
            .and_then(|node| Some(Spanned::new(values::flag(reader, node)?, node.span)));
        let approvals = fields
            .get("approvals")
            .and_then(|node| Some(Spanned::new(values::count(reader, node, MAX_APPROVALS)?, node.span)));
        environments.insert(name.value.to_owned(), EnvironmentSpec { span: name.span, protected, approvals });
    }
    environments
}

fn read_paths(reader: &mut Reader<'_>, node: &Node) -> Vec<Spanned<String>> {
    let texts = reader.string_or_list(node);
    texts
        .iter()
        .filter_map(|text| Some(Spanned::new(values::relative_path(reader, text)?, text.span)))
        .collect()
}

fn read_tools(reader: &mut Reader<'_>, node: &Node) -> BTreeSet<String> {
    let items = reader.items(node, "strings").unwrap_or_default();
    items.iter().filter_map(|item| values::tool(reader, item)).collect()
}

fn read_isolation(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<IsolationGrade>> {
    let fields = reader.fields(node, "`require`", node.span, PolicyFile::REQUIRE_KEYS)?;
    let grades = [("cgroup", IsolationGrade::Cgroup), ("rlimit", IsolationGrade::Rlimit)];
    fields.get("isolation").and_then(|node| choice(reader, node, &grades))
}

fn read_verify(reader: &mut Reader<'_>, node: &Node) -> VerifySpec {
    let Some(fields) = reader.fields(node, "`verify`", node.span, PolicyFile::VERIFY_KEYS) else {
        return VerifySpec::default();
    };
    let mut list = |key: &str| fields.get(key).map(|node| read_expectations(reader, node));
    VerifySpec { source: list("source"), builder: list("builder") }
}

fn read_licences(reader: &mut Reader<'_>, node: &Node) -> LicenceSpec {
    let Some(fields) = reader.fields(node, "`licences`", node.span, PolicyFile::LICENCE_KEYS) else {
        return LicenceSpec::default();
    };
    let allow = fields.get("allow").map(|node| read_expectations(reader, node));
    let deny = fields.get("deny").map(|node| reader.string_or_list(node)).unwrap_or_default();
    let deny = deny.into_iter().map(|text| Spanned::new(text.value.to_owned(), text.span)).collect();
    LicenceSpec { allow, deny }
}

fn read_tolerances(reader: &mut Reader<'_>, node: &Node) -> Vec<Spanned<Tolerance>> {
    let items = reader.items(node, "tolerated gaps").unwrap_or_default();
    items.iter().filter_map(|item| read_tolerance(reader, item)).collect()
}

fn read_tolerance(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<Tolerance>> {
    let fields = reader.fields(node, "a tolerated gap", node.span, PolicyFile::TOLERANCE_KEYS)?;
    let engine = fields.require(reader, "engine").and_then(|node| values::name(reader, node, "an engine"));
    let kinds: Vec<_> =
        GapKind::ALL.iter().filter(|kind| kind.is_blocking()).map(|kind| (kind.name(), *kind)).collect();
    let gap = fields.require(reader, "gap").and_then(|node| choice(reader, node, &kinds));
    let reason = fields.require(reader, "reason").and_then(|node| values::line(reader, node, MAX_REASON));
    let until = fields.require(reader, "until").and_then(|node| values::day(reader, node));
    let owner = match fields.get("owner") {
        Some(node) => Some(values::line(reader, node, MAX_OWNER)?),
        None => None,
    };
    let tolerance = Tolerance { engine: engine?, gap: gap?.value, reason: reason?, until: until?, owner };
    Some(Spanned::new(tolerance, node.span))
}

/// What is expected: at least one value, because an empty list would accept nothing.
fn read_expectations(reader: &mut Reader<'_>, node: &Node) -> Vec<Spanned<String>> {
    let texts = reader.string_or_list(node);
    if texts.is_empty() {
        let problem = Problem::error("an empty list would accept nothing", node.span);
        reader.note(problem.with_hint("leave the key out to accept everything"));
    }
    texts.into_iter().map(|text| Spanned::new(text.value.to_owned(), text.span)).collect()
}

use std::collections::BTreeSet;

use palisade_model::{
    Decision, Digest, GATE_INPUT_SCHEMA, GateInput, Objection, ObjectionKind, PolicyRef, Verdict, canonical,
};
use regorus::Value;

use crate::answer::printable;
use crate::layer::{Answer, Layer};
use crate::module::digest;
use crate::structure::Asks;
use crate::testing::default_policy;
use crate::{Bundle, LayerName, Organisation, PolicyError, ReplayError};

/// The largest stored input that is read back, in bytes.
pub const MAX_INPUT_BYTES: usize = 256 << 20;

/// The name of denials that say that the policy, or the question put to it, is broken.
const POLICY_ERROR: &str = "policy-error";

/// Compiled policies that decide together.
#[derive(Debug, Clone)]
pub struct GatePolicy {
    reference: PolicyRef,
    layers: Vec<Layer>,
}

impl GatePolicy {
    /// Compiles what the organisation and the repository bring, besides the default policy.
    ///
    /// `name` is for people, such as `acme-2026.3`. Rules that decide are `deny`, `warn` and `require_approval` in package
    /// `palisade.gate` or below.
    ///
    /// # Errors
    /// The first thing that is wrong with the modules, with its place. Whoever decides must take it for a denial.
    pub fn compile(
        name: impl Into<String>,
        organisation: Organisation,
        repository: Option<Bundle>,
    ) -> Result<Self, PolicyError> {
        let mut bundles = Vec::new();
        let replaces = matches!(organisation, Organisation::Replaces(_));
        if !replaces {
            bundles.push((LayerName::Default, default_policy()));
        }
        if let Organisation::Adds(bundle) | Organisation::Replaces(bundle) = organisation {
            bundles.push((LayerName::Organisation, bundle.checked()?));
        }
        if let Some(bundle) = repository {
            bundles.push((LayerName::Repository, bundle.checked()?));
        }
        let reference = PolicyRef { name: name.into(), digest: digest(&bundles)? };
        let compile = |(name, bundle)| deciding_layer(name, bundle, replaces);
        Ok(Self { reference, layers: bundles.into_iter().map(compile).collect::<Result<_, _>>()? })
    }

    /// The digest of every module, its name and its data.
    pub const fn digest(&self) -> Digest {
        self.reference.digest
    }

    /// How many definitions of `deny`, `warn` and `require_approval` there are.
    pub fn rules(&self) -> u32 {
        let entries = self.layers.iter().flat_map(|layer| layer.structure.entries.values());
        entries.map(|entry| entry.definitions).sum()
    }

    /// Decides. Never fails: what can't be decided is denied.
    pub fn decide(&self, input: &GateInput) -> Verdict {
        let (digest, answers) = match question(input) {
            Ok((digest, value)) => (digest, self.layers.iter().flat_map(|layer| layer.ask(&value)).collect()),
            Err(message) => (Digest::of(b""), vec![Answer { asks: Asks::Deny, objections: Err(message) }]),
        };
        let mut denials: BTreeSet<_> = contradiction(input).map(policy_error).into_iter().collect();
        let mut warnings = BTreeSet::new();
        for answer in answers {
            match answer.objections {
                Err(message) => drop(denials.insert(policy_error(message))),
                Ok(objections) if answer.asks == Asks::Warn => warnings.extend(objections),
                Ok(objections) => denials.extend(objections),
            }
        }
        Verdict {
            decision: if denials.is_empty() { Decision::Allowed } else { Decision::Denied },
            denials: denials.into_iter().collect(),
            warnings: warnings.into_iter().collect(),
            policy: self.reference.clone(),
            rules: self.rules(),
            input: digest,
        }
    }
}

fn deciding_layer(name: LayerName, bundle: Bundle, replaces: bool) -> Result<Layer, PolicyError> {
    let layer = Layer::compile(name, bundle)?;
    let mut entries = layer.structure.entries.values();
    if replaces && name == LayerName::Organisation && !entries.clone().any(|entry| entry.asks == Asks::Deny) {
        return Err(PolicyError::NoDeny);
    }
    if entries.next().is_none() { Err(PolicyError::NoRules { layer: name }) } else { Ok(layer) }
}

fn policy_error(message: String) -> Objection {
    let message = printable(&message);
    Objection { kind: ObjectionKind::Error, rule: POLICY_ERROR.into(), message, findings: Vec::new() }
}

/// The input as policies see it, and the digest of those very bytes.
fn question(input: &GateInput) -> Result<(Digest, Value), String> {
    let bytes = canonical::to_vec(input).map_err(|error| error.to_string())?;
    let value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok((Digest::of(&bytes), value))
}

/// What shows that the input does not belong together.
fn contradiction(input: &GateInput) -> Option<String> {
    if input.schema != GATE_INPUT_SCHEMA {
        return Some(format!("the input is of schema `{}`, expected `{GATE_INPUT_SCHEMA}`", input.schema));
    }
    let digest = input.plan.digest().ok();
    (digest != Some(input.plan_digest))
        .then(|| "the plan digest in the input is not the digest of its plan".into())
}

/// Reads a stored input: strictly what docs/schemas/gate-input-v1.json describes, every field named, none besides.
pub fn read_input(json: &[u8]) -> Result<GateInput, ReplayError> {
    if json.len() > MAX_INPUT_BYTES {
        return Err(ReplayError::TooLarge { size: json.len(), limit: MAX_INPUT_BYTES });
    }
    let form = |error: serde_json::Error| ReplayError::Form(error.to_string());
    let input: GateInput = serde_json::from_slice(json).map_err(form)?;
    let written: serde_json::Value = serde_json::from_slice(json).map_err(form)?;
    let read = serde_json::to_value(&input).map_err(form)?;
    match difference(&written, &read) {
        Some(path) => Err(ReplayError::Field(if path.is_empty() { "/".into() } else { path })),
        None => Ok(input),
    }
}

/// The verdict on a stored input.
pub fn replay(policy: &GatePolicy, json: &[u8]) -> Result<Verdict, ReplayError> {
    Ok(policy.decide(&read_input(json)?))
}

/// The JSON pointer (RFC 6901) of the first place where two values differ. Depth is bounded by the parser that made them.
fn difference(one: &serde_json::Value, other: &serde_json::Value) -> Option<String> {
    use serde_json::Value::{Array, Object};
    match (one, other) {
        (Object(one), Object(other)) => {
            let keys = one.keys().chain(other.keys());
            keys.into_iter().find_map(|key| step(key, one.get(key), other.get(key)))
        }
        (Array(one), Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs.into_iter().find_map(|(at, (one, other))| step(&at.to_string(), Some(one), Some(other)))
        }
        _ => (one != other).then(String::new),
    }
}

fn step(key: &str, one: Option<&serde_json::Value>, other: Option<&serde_json::Value>) -> Option<String> {
    let below = match (one, other) {
        (Some(one), Some(other)) => difference(one, other)?,
        _ => String::new(),
    };
    Some(format!("/{}{below}", key.replace('~', "~0").replace('/', "~1")))
}

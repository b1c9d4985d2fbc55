use regorus::Value;

use crate::error::described;
use crate::layer::Layer;
use crate::{Bundle, LayerName, Module, PolicyError};

/// How a test of a policy ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestOutcome {
    /// The rule's path, such as `data.palisade.gate_test.test_clean_run_is_allowed`.
    pub name: String,
    /// Whether it held.
    pub passed: bool,
    /// Why not, and what it printed; empty when there is nothing to say.
    pub message: String,
}

/// The embedded default policy, policies/default/gate.rego.
pub fn default_policy() -> Bundle {
    let module = Module {
        name: "palisade/default/gate.rego".into(),
        text: include_str!("../../../../policies/default/gate.rego").into(),
    };
    Bundle { modules: vec![module], data: None }
}

/// Runs the tests in `bundle`: every rule whose name starts with `test_`, in the order of their paths. A test passes when it is
/// defined and not false, as with `opa test`.
///
/// # Errors
/// The first thing that is wrong with the modules. No tests at all is an empty list, which the caller should not take for success.
pub fn test(bundle: Bundle) -> Result<Vec<TestOutcome>, PolicyError> {
    let layer = Layer::compile(LayerName::Organisation, bundle.checked()?)?;
    Ok(layer.structure.tests.iter().map(|(path, definitions)| outcome(&layer, path, *definitions)).collect())
}

fn outcome(layer: &Layer, path: &str, definitions: u32) -> TestOutcome {
    let (value, prints) = layer.evaluate(path, &Value::new_object());
    let failure = match value {
        // One that holds would hide one that does not.
        _ if definitions != 1 => Some(format!("the test is defined {definitions} times")),
        Ok(Value::Undefined) => Some("the test does not hold".into()),
        Ok(value) if value == Value::from(false) => Some("the test is false".into()),
        Ok(_) => None,
        Err(message) => Some(described(&message)),
    };
    let lines: Vec<_> = failure.iter().cloned().chain(prints).collect();
    TestOutcome { name: path.to_owned(), passed: failure.is_none(), message: lines.join("\n") }
}

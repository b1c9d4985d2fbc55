use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use palisade_model::Objection;
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError, PolicyLengthConfig, Value};

use crate::answer;
use crate::builtin;
use crate::confine::confined;
use crate::error::located;
use crate::nesting::check_nesting;
use crate::structure::{Asks, EntryRule, Structure, structure};
use crate::{Bundle, LayerName, PolicyError};

/// Steps of the interpreter for one rule and all it needs. A step is an expression, a call or a turn of a loop; the default policy
/// takes about 90 for each finding.
const WORK_LIMIT: NonZeroU32 = NonZeroU32::new(50_000_000).unwrap();

const MODULE_LIMITS: PolicyLengthConfig = PolicyLengthConfig {
    max_col: NonZeroU32::new(1024).unwrap(),
    max_file_bytes: NonZeroUsize::new(256 << 10).unwrap(),
    max_lines: NonZeroUsize::new(20_000).unwrap(),
};

/// The modules of one side, ready to be asked.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) structure: Structure,
    engine: Engine,
    work: NonZeroU32,
}

/// What an entry rule answered.
pub(crate) struct Answer {
    pub(crate) asks: Asks,
    pub(crate) objections: Result<Vec<Objection>, String>,
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").field("structure", &self.structure).finish_non_exhaustive()
    }
}

impl Layer {
    /// Compiles `bundle`, which is checked.
    pub(crate) fn compile(name: LayerName, bundle: Bundle) -> Result<Self, PolicyError> {
        Self::compile_with(name, bundle, WORK_LIMIT)
    }

    fn compile_with(name: LayerName, bundle: Bundle, work: NonZeroU32) -> Result<Self, PolicyError> {
        confined(move || compile(name, bundle, work))
            .unwrap_or_else(|how| Err(PolicyError::Crashed { layer: name, how }))
    }

    /// The answers of every entry rule about `input`, in the order of their paths.
    pub(crate) fn ask(&self, input: &Value) -> Vec<Answer> {
        self.structure.entries.iter().map(|(path, entry)| self.ask_entry(path, entry, input)).collect()
    }

    fn ask_entry(&self, path: &str, entry: &EntryRule, input: &Value) -> Answer {
        let objections = self
            .value(path, input)
            .and_then(|value| answer::objections(entry.asks, &value))
            .map_err(|message| match located(&message) {
                (Some(place), message) => format!("{place}: {message}"),
                (None, message) => format!("{}: {message}", entry.place),
            });
        Answer { asks: entry.asks, objections }
    }

    /// The value of the rule at `path`, or the interpreter's own words.
    fn value(&self, path: &str, input: &Value) -> Result<Value, String> {
        self.evaluate(path, input).0
    }

    /// The value of the rule at `path`, and what it printed.
    pub(crate) fn evaluate(&self, path: &str, input: &Value) -> (Result<Value, String>, Vec<String>) {
        let mut engine = self.engine.clone();
        let (path, input) = (path.to_owned(), input.clone());
        let limit = self.work;
        let work = move || {
            engine.set_input(input);
            let value = engine.eval_rule(path).map_err(|error| {
                if is_limit(&error) {
                    format!("the rule takes more than {limit} steps")
                } else {
                    error.to_string()
                }
            });
            (value, engine.take_prints().unwrap_or_default())
        };
        confined(work).unwrap_or_else(|how| (Err(format!("the interpreter {how}")), Vec::new()))
    }
}

/// Errors that pass through a function keep only their text.
fn is_limit<E: fmt::Display + AsRef<dyn std::error::Error + Send + Sync>>(error: &E) -> bool {
    let error: &(dyn std::error::Error + Send + Sync) = error.as_ref();
    error.is::<LimitError>() || error.to_string().starts_with("execution exceeded time limit")
}

fn compile(name: LayerName, bundle: Bundle, work: NonZeroU32) -> Result<Layer, PolicyError> {
    let failed = |text: String| match located(&text) {
        (Some(place), message) => PolicyError::Rego { place, message },
        (None, message) => PolicyError::Compile { layer: name, message },
    };
    let mut engine = Engine::new();
    engine.set_policy_length_config(MODULE_LIMITS);
    engine.set_strict_builtin_errors(true);
    // Else `print` writes to standard error.
    engine.set_gather_prints(true);
    // The interpreter reads the clock only after every `check_interval` steps. Any time at all has passed by then, so the limit is
    // one of steps, the same on every machine.
    engine.set_execution_timer_config(ExecutionTimerConfig { limit: Duration::ZERO, check_interval: work });
    builtin::guard(&mut engine).map_err(failed)?;
    for module in bundle.modules {
        check_nesting(&module)?;
        engine.add_policy(module.name, module.text).map_err(|error| failed(error.to_string()))?;
    }
    if let Some(data) = bundle.data {
        engine.add_data(Value::from(data)).map_err(|error| failed(error.to_string()))?;
    }
    let structure = structure(name, engine.get_modules())?;
    let first = structure.entries.keys().chain(structure.tests.keys()).next();
    if let Some(path) = first {
        engine.compile_with_entrypoint(&path.as_str().into()).map_err(|error| failed(error.to_string()))?;
    }
    Ok(Layer { structure, engine, work })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Module;

    #[test]
    fn work_is_bounded_by_steps_and_not_by_time() {
        let text = "package palisade.gate\nf(n) := count([1 | some a in numbers.range(1, n); a > 0])\n\
                    deny contains \"few\" if f(10) == 10\nwarn contains \"many\" if f(100000) == 1";
        let bundle =
            Bundle { modules: vec![Module { name: "own.rego".into(), text: text.into() }], data: None };
        let layer =
            Layer::compile_with(LayerName::Organisation, bundle, NonZeroU32::new(10_000).unwrap()).unwrap();
        for _ in 0..2 {
            let answers: Vec<_> =
                layer.ask(&Value::new_object()).into_iter().map(|answer| answer.objections).collect();
            assert_eq!(answers[0].as_ref().unwrap()[0].message, "few");
            assert_eq!(
                answers[1].as_ref().unwrap_err(),
                "own.rego:4:1: the rule takes more than 10000 steps"
            );
        }
    }
}

use palisade_model::RuleId;

/// Rules that do not fit this engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageCheckError {
    /// A rule names no check of this engine.
    #[error("rule `{rule}`: this engine has no check of that name")]
    NoCheck {
        /// The rule.
        rule: RuleId,
    },
    /// A check has no rule.
    #[error("there is no rule for the check `{check}`")]
    NoRule {
        /// The check.
        check: &'static str,
    },
}

use serde::{Deserialize, Serialize};

/// Why something could not be started, confined or cleaned up. Crosses the border between supervisor and helper as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SandboxError {
    /// The host does not give an isolation that is required; nothing was run.
    #[error("{what} is not available on this host: {detail}; {hint}")]
    Unavailable {
        /// The isolation, such as `user namespaces`.
        what: String,
        /// What the kernel said.
        detail: String,
        /// What to change on the host.
        hint: String,
    },
    /// The specification cannot be carried out anywhere.
    #[error("the sandbox specification is wrong: {0}")]
    Invalid(String),
    /// The job's command could not be executed inside.
    #[error("cannot execute `{program}` in the sandbox: {detail}")]
    Command {
        /// First word of the command.
        program: String,
        /// What the kernel said.
        detail: String,
    },
    /// Something the system refused.
    #[error("cannot {doing}: {detail}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the kernel said.
        detail: String,
    },
    /// The helper is gone and gave no answer.
    #[error("the sandbox helper ended without an answer: {0}")]
    Lost(String),
    /// A process that already has threads asked to be confined.
    #[error("only a process with one thread can be confined, this one has {0}")]
    Threads(u64),
}

impl SandboxError {
    /// A refusal by the system while `doing` something.
    pub(crate) fn io(doing: impl Into<String>, error: impl Into<std::io::Error>) -> Self {
        Self::Io { doing: doing.into(), detail: error.into().to_string() }
    }

    /// A required isolation that the host does not give.
    pub(crate) fn unavailable(what: &str, error: impl Into<std::io::Error>, hint: &str) -> Self {
        Self::Unavailable { what: what.to_owned(), detail: error.into().to_string(), hint: hint.to_owned() }
    }
}

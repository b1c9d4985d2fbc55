use std::borrow::Cow;

use thiserror::Error;

use crate::budget::Limit;

/// One member of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name as it stands in the container: any bytes, absolute, with `..`, with NUL; cut to the limit, never sanitised.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// Its content; the target of a symbolic link.
    pub bytes: Cow<'a, [u8]>,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file, a table, or the text of a cell.
    File,
    /// A symbolic link.
    Symlink,
}

/// A trouble and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberTrouble {
    /// The member; none for the container itself or the rest of it.
    pub name: Option<Vec<u8>>,
    /// What was met.
    pub trouble: Trouble,
}

/// Why something was not opened, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Trouble {
    /// It is not as its format wants it.
    #[error("is damaged: {0}")]
    Damaged(&'static str),
    /// It takes a password.
    #[error("is encrypted")]
    Encrypted,
    /// It is written in a way that is not read here.
    #[error("uses {0}, which is not read")]
    Unsupported(Cow<'static, str>),
    /// It is more than the budget allows.
    #[error("is over {0}")]
    OverLimit(Limit),
}

//! What a push brings, as git and the pre-commit framework tell it, and as a range of commits.

use std::collections::BTreeSet;

use palisade_git::ObjectName;
use palisade_model::RepoPath;

use crate::FlowError;

/// What is about to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The remote, if it has a name and branches that are followed here.
    remote: Option<String>,
    updates: Vec<Update>,
    /// What the references are called that the other side is to get, such as `refs/heads/main`.
    references: BTreeSet<Vec<u8>>,
}

/// A reference that the other side is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Update {
    /// What it is to be: an object or a revision.
    new: String,
    old: Old,
}

/// What the other side has under that reference.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Old {
    Nothing,
    /// An object, which need not be here.
    Object(ObjectName),
    /// A revision that is here.
    Here(String),
}

impl Push {
    /// What git gives to pre-push (githooks(5)): on standard input, for each reference,
    /// `LOCAL-REF SP LOCAL-OBJECT SP REMOTE-REF SP REMOTE-OBJECT LF`, with zeros for an object that is none; as arguments, the
    /// remote's name and address, which are the same when it has no name.
    ///
    /// # Errors
    /// At a line that is none of these.
    pub fn parse(name: Option<&str>, address: Option<&str>, lines: &[u8]) -> Result<Self, FlowError> {
        let (mut updates, mut references) = (Vec::new(), BTreeSet::new());
        for (number, line) in lines.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if let Some((update, reference)) = update(line).ok_or_else(|| malformed(number + 1))? {
                updates.push(update);
                references.insert(reference.to_owned());
            }
        }
        let remote = name.filter(|name| address != Some(*name) && is_reference_part(name));
        Ok(Self { remote: remote.map(str::to_owned), updates, references })
    }

    /// What lies between two revisions, as the pre-commit framework tells in `PRE_COMMIT_FROM_REF` and `PRE_COMMIT_TO_REF`.
    ///
    /// # Errors
    /// When one of them cannot be a revision.
    pub fn between(from: &str, to: &str) -> Result<Self, FlowError> {
        let update = Update { new: revision(to)?, old: Old::Here(revision(from)?) };
        Ok(Self { remote: None, updates: vec![update], references: BTreeSet::new() })
    }

    /// A branch of which the remote has nothing yet, as the framework tells in `PRE_COMMIT_LOCAL_BRANCH` and
    /// `PRE_COMMIT_REMOTE_NAME` when all files are new.
    ///
    /// # Errors
    /// When the branch cannot be a revision.
    pub fn of_branch(branch: &str, remote: &str) -> Result<Self, FlowError> {
        let update = Update { new: revision(branch)?, old: Old::Nothing };
        let remote = is_reference_part(remote).then(|| remote.to_owned());
        Ok(Self { remote, updates: vec![update], references: BTreeSet::new() })
    }

    /// The same, given to a reference of that name on the other side.
    #[must_use]
    pub fn to(mut self, reference: &str) -> Self {
        self.references.insert(reference.as_bytes().to_vec());
        self
    }

    /// The files of the references that the other side is to get.
    pub(super) fn names(&self) -> Vec<RepoPath> {
        let file = |name: &Vec<u8>| RepoPath::from_bytes([b".git/", name.as_slice()].concat()).ok();
        self.references.iter().filter_map(file).collect()
    }

    /// What the other side has, as it says.
    pub(super) fn remote_objects(&self) -> impl Iterator<Item = ObjectName> {
        self.updates.iter().filter_map(|update| match update.old {
            Old::Object(name) => Some(name),
            Old::Nothing | Old::Here(_) => None,
        })
    }

    /// The range of commits that it brings, as git-rev-list(1) takes it; none when it brings nothing. What the other side has counts
    /// only where `is_here` knows it; else everything counts that none of the remote's branches has, as last fetched.
    pub(super) fn range(&self, is_here: &dyn Fn(ObjectName) -> bool) -> Option<String> {
        let mut terms = BTreeSet::new();
        let mut is_open = false;
        for Update { new, old } in &self.updates {
            terms.insert(match old {
                Old::Object(old) if is_here(*old) => format!("{old}..{new}"),
                Old::Here(old) => format!("{old}..{new}"),
                Old::Object(_) | Old::Nothing => {
                    is_open = true;
                    new.clone()
                }
            });
        }
        let mut range = terms.into_iter().collect::<Vec<_>>().join(" ");
        if let (true, Some(remote)) = (is_open, &self.remote) {
            range.push_str(&format!(" --not --remotes={remote}"));
        }
        (!range.is_empty()).then_some(range)
    }
}

/// The outer none is a malformed line, the inner one a reference that is deleted. A local reference may be any expression, with
/// spaces, so that the line is read from its end.
fn update(line: &[u8]) -> Option<Option<(Update, &[u8])>> {
    let fields: Vec<&[u8]> = line.rsplitn(4, |byte| *byte == b' ').collect();
    let [old, remote_ref, new, local_ref] = fields.as_slice() else { return None };
    if local_ref.is_empty() || remote_ref.is_empty() {
        return None;
    }
    let (new, old) = (object(new)?, object(old)?);
    if is_null(new) {
        return Some(None);
    }
    let old = if is_null(old) { Old::Nothing } else { Old::Object(old) };
    Some(Some((Update { new: new.to_string(), old }, remote_ref)))
}

fn object(field: &[u8]) -> Option<ObjectName> {
    str::from_utf8(field).ok()?.parse().ok()
}

fn is_null(name: ObjectName) -> bool {
    name.as_bytes().iter().all(|byte| *byte == 0)
}

fn malformed(number: usize) -> FlowError {
    FlowError::usage_with_hint(
        format!("line {number} of standard input is not what git gives to pre-push"),
        "expected `LOCAL-REF LOCAL-OBJECT REMOTE-REF REMOTE-OBJECT`",
    )
}

/// A revision that cannot be taken for something else in a range.
fn revision(text: &str) -> Result<String, FlowError> {
    let is_one = !text.is_empty()
        && !text.starts_with(['-', '^'])
        && !text.contains("..")
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    match is_one {
        true => Ok(text.to_owned()),
        false => Err(FlowError::usage(format!("`{text}` is no revision that a push can be told by"))),
    }
}

/// Whether `refs/remotes/NAME/BRANCH` can be a reference (git-check-ref-format(1)) and holds no pattern.
fn is_reference_part(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['-', '/', '.'])
        && !name.contains("..")
        && !name.contains("//")
        && !name.contains(|c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "0000000000000000000000000000000000000000";
    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";
    const C: &str = "3333333333333333333333333333333333333333";

    fn parse(lines: &str) -> Result<Push, FlowError> {
        Push::parse(Some("origin"), Some("https://git.example/shop"), lines.as_bytes())
    }

    fn range(lines: &str) -> Option<String> {
        parse(lines).unwrap().range(&|name| name.to_string() == A)
    }

    #[test]
    fn what_the_remote_has_is_left_out() {
        assert_eq!(range(&format!("refs/heads/x {B} refs/heads/x {A}\n")), Some(format!("{A}..{B}")));
        let since_fetched = Some(format!("{B} --not --remotes=origin"));
        assert_eq!(range(&format!("refs/heads/x {B} refs/heads/x {ZERO}\n")), since_fetched);
        assert_eq!(range(&format!("refs/heads/x {B} refs/heads/x {C}\n")), since_fetched, "not known here");
        assert_eq!(range(&format!("HEAD@{{1 day ago}} {B} refs/heads/x {C}")), since_fetched);
        let both = format!("refs/heads/x {B} refs/heads/x {A}\nrefs/tags/v1 {C} refs/tags/v1 {ZERO}\n");
        assert_eq!(range(&both), Some(format!("{A}..{B} {C} --not --remotes=origin")));
    }

    #[test]
    fn deletions_and_nothing_bring_nothing() {
        assert_eq!(range(""), None);
        assert_eq!(range(&format!("(delete) {ZERO} refs/heads/x {A}\n")), None);
    }

    #[test]
    fn a_remote_without_a_name_or_with_an_odd_one_has_no_branches_here() {
        let line = format!("refs/heads/x {B} refs/heads/x {ZERO}\n");
        let range = |name, address| Push::parse(name, address, line.as_bytes()).unwrap().range(&|_| false);
        assert_eq!(range(Some("shop"), Some("shop")), Some(B.to_owned()), "a folder");
        assert_eq!(range(Some("team/shop"), Some("x")), Some(format!("{B} --not --remotes=team/shop")));
        for odd in ["*", "a b", "../shop", "-x", "", "/srv/shop.git", "https://git.example/shop"] {
            assert_eq!(range(Some(odd), None), Some(B.to_owned()), "{odd}");
        }
        assert_eq!(range(None, None), Some(B.to_owned()));
    }

    #[test]
    fn every_other_line_is_refused() {
        let good = format!("refs/heads/x {B} refs/heads/x {A}");
        for bad in [
            "\n".to_owned(),
            format!("\n{good}\n"),
            "x".to_owned(),
            format!("{good}\n\n{good}\n"),
            format!("{good} "),
            format!("{good}\r\n"),
            format!("refs/heads/x {B} refs/heads/x"),
            format!("refs/heads/x {B} refs/heads/x {A}0"),
            format!("refs/heads/x {B}  {A}"),
            format!(" {B} refs/heads/x {A}"),
            format!("refs/heads/x HEAD refs/heads/x {A}"),
        ] {
            assert!(matches!(parse(&bad), Err(FlowError::Usage { .. })), "{bad:?}");
        }
        assert!(parse(&good).is_ok());
    }

    #[test]
    fn the_framework_tells_two_revisions_or_a_branch() {
        let range = |push: Push| push.range(&|_| false);
        assert_eq!(range(Push::between(A, B).unwrap()), Some(format!("{A}..{B}")));
        let branch = Push::of_branch("refs/heads/main", "origin").unwrap();
        assert_eq!(range(branch), Some("refs/heads/main --not --remotes=origin".to_owned()));
        for odd in ["", "--all", "^main", "a..b", "a b", "a\n"] {
            assert!(Push::between(odd, B).is_err() && Push::of_branch(odd, "origin").is_err(), "{odd:?}");
        }
    }
}

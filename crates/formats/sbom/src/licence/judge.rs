use std::collections::BTreeSet;

use crate::licence::{Expression, Licence, LicenceError, Node, parse};

/// What lists of licences say to an expression. The order is from good to bad.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// It can be used under licences that are allowed.
    Allowed,
    /// It needs these licences, which no list names.
    Unlisted(BTreeSet<String>),
    /// It needs these licences, which are denied.
    Denied(BTreeSet<String>),
}

/// Judges an expression by lists of what is allowed and what is denied. Of a choice one allowed side is enough; what is needed together
/// must be allowed together. An empty list of allowed licences allows everything that is not denied.
///
/// An entry is an identifier in any case, with `WITH` and an exception if only that is meant, or the beginning of identifiers and `*`.
/// Who allows a licence allows it with any exception, since those only add rights; who denies one denies it with exceptions too, unless
/// the exception is allowed by name. Who allows a version allows `+` behind it, as that leaves the choice. Denying is stronger than
/// allowing.
pub fn judge(expression: &Expression, allow: &[String], deny: &[String]) -> Judgement {
    let lists = Lists { allow: entries(allow), deny: entries(deny) };
    node(&expression.0, &lists)
}

/// Whether an entry of such a list can mean any licence: a typing error in what is denied would let everything pass.
///
/// # Errors
/// When it is no identifier of the SPDX list and no reference, alone or with an exception, and no beginning of one.
pub fn check_entry(text: &str) -> Result<(), LicenceError> {
    let text = text.trim();
    let Some(prefix) = text.strip_suffix('*') else {
        let expression = Expression::parse(text)?;
        return expression.single().map(|_| ()).ok_or_else(|| LicenceError::Several(text.to_owned()));
    };
    let prefix = prefix.to_ascii_lowercase();
    let references = ["licenseref-", "documentref-"];
    let is_reference = references.iter().any(|name| name.starts_with(&prefix) || prefix.starts_with(name));
    let named = |licence: &spdx::License| licence.name.to_ascii_lowercase().starts_with(&prefix);
    let is_known = is_reference || spdx::identifiers::LICENSES.iter().any(named);
    if is_known { Ok(()) } else { Err(LicenceError::UnknownLicence(text.to_owned())) }
}

struct Lists {
    allow: Vec<Entry>,
    deny: Vec<Entry>,
}

enum Entry {
    Prefix(String),
    Licence(Licence),
    Text(String),
}

fn entries(list: &[String]) -> Vec<Entry> {
    let entry = |text: &String| {
        let text = text.trim();
        match text.strip_suffix('*') {
            Some(prefix) => Entry::Prefix(prefix.to_ascii_lowercase()),
            None => match Expression::parse(text).ok().as_ref().and_then(Expression::single) {
                Some(licence) => Entry::Licence(licence.clone()),
                None => Entry::Text(text.to_ascii_lowercase()),
            },
        }
    };
    list.iter().map(entry).collect()
}

impl Entry {
    /// Whether it means the licence with exactly this exception.
    fn is_exact(&self, licence: &Licence) -> bool {
        matches!(self, Self::Licence(entry) if entry.exception == licence.exception && entry.id == licence.id)
    }

    /// Whether it means the licence, whatever the exception.
    fn covers(&self, licence: &Licence) -> bool {
        match self {
            Self::Prefix(prefix) => licence.id.to_ascii_lowercase().starts_with(prefix),
            Self::Licence(entry) => entry.exception.is_none() && entry.id == licence.id,
            Self::Text(text) => licence.id.eq_ignore_ascii_case(text),
        }
    }
}

fn node(at: &Node, lists: &Lists) -> Judgement {
    match at {
        Node::Licence(licence) => one(licence, lists),
        Node::Any(parts) => parts.iter().map(|part| node(part, lists)).min().unwrap_or(Judgement::Allowed),
        Node::All(parts) => parts.iter().map(|part| node(part, lists)).fold(Judgement::Allowed, together),
    }
}

fn together(one: Judgement, other: Judgement) -> Judgement {
    match (one, other) {
        (Judgement::Denied(mut all), Judgement::Denied(more)) => {
            all.extend(more);
            Judgement::Denied(all)
        }
        (Judgement::Unlisted(mut all), Judgement::Unlisted(more)) => {
            all.extend(more);
            Judgement::Unlisted(all)
        }
        (one, other) => one.max(other),
    }
}

fn one(licence: &Licence, lists: &Lists) -> Judgement {
    let names = BTreeSet::from([licence.to_string()]);
    let excepted = licence.exception.is_some();
    if lists.deny.iter().any(|entry| entry.is_exact(licence)) {
        return Judgement::Denied(names);
    }
    if excepted && lists.allow.iter().any(|entry| entry.is_exact(licence)) {
        return Judgement::Allowed;
    }
    if lists.deny.iter().any(|entry| entry.covers(licence)) {
        return Judgement::Denied(names);
    }
    let allowed = |licence: &Licence| lists.allow.iter().any(|entry| entry.covers(licence));
    if lists.allow.is_empty() || allowed(licence) || only_version(licence).is_some_and(|only| allowed(&only))
    {
        return Judgement::Allowed;
    }
    Judgement::Unlisted(names)
}

/// The same licence without the choice of a later version.
fn only_version(licence: &Licence) -> Option<Licence> {
    let base = licence.id.strip_suffix("-or-later")?;
    parse::licence(&format!("{base}-only")).ok()
}

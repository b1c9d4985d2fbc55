//! Whether a document of statements keeps the rules of VEX.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::SbomError;
use crate::vex::{VexDocument, VexStatement, VexStatus, read};

/// A rule of VEX that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct VexFault {
    /// The statement, from 1; none for the document.
    pub statement: Option<u32>,
    /// The line that the statement begins on, from 1.
    pub line: Option<u32>,
    /// What is wrong, lower-case, no final stop.
    pub message: String,
}

/// Everything that is wrong with a document, in order: what [`read`] could not take, and what OpenVEX 0.2.0 ("Document", "Statement")
/// demands beyond.
///
/// # Errors
/// When nothing of it can be read.
pub fn check(bytes: &[u8]) -> Result<Vec<VexFault>, SbomError> {
    let (document, problems) = read(bytes, &[])?;
    let text = str::from_utf8(bytes).unwrap_or_default();
    let is_openvex = text.contains("openvex.dev/ns");
    let lines = element_lines(text, if is_openvex { "statements" } else { "vulnerabilities" });
    let mut faults: Vec<VexFault> = Vec::new();
    let mut add = |statement: Option<u32>, message: String| {
        let line = statement.and_then(|statement| lines.get(statement as usize).copied());
        faults.push(VexFault { statement: statement.map(|statement| statement + 1), line, message });
    };
    for problem in problems {
        add(place_of(&problem.detail), problem.detail);
    }
    if is_openvex {
        of_document(&document).into_iter().for_each(|message| add(None, message.to_owned()));
    }
    if document.statements.is_empty() {
        add(None, "the document states nothing".to_owned());
    }
    for statement in &document.statements {
        if let Some(message) = of_statement(statement, is_openvex) {
            add(Some(statement.index), format!("statement {} {message}", statement.index + 1));
        }
    }
    for (statement, other) in contradictions(&document) {
        let message =
            format!("statement {} says otherwise than statement {other} of the same time", statement + 1);
        add(Some(statement), message);
    }
    faults.sort();
    Ok(faults)
}

fn of_document(document: &VexDocument) -> Vec<&'static str> {
    let missing = [
        (document.id.is_none(), "the document has no `@id`"),
        (document.author.is_none(), "the document has no `author`"),
        (document.timestamp.is_none(), "the document has no `timestamp`"),
    ];
    missing.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, message)| message).collect()
}

fn of_statement(statement: &VexStatement, is_openvex: bool) -> Option<&'static str> {
    match statement.status {
        VexStatus::Affected if is_openvex && statement.action.is_none() => {
            Some("says `affected` and gives no action statement")
        }
        VexStatus::NotAffected => None,
        _ if statement.justification.is_some() => {
            Some("gives a justification for another status than `not_affected`")
        }
        _ => None,
    }
}

/// Statements that say of the same at the same time what an earlier one does not, each with that one's number.
fn contradictions(document: &VexDocument) -> BTreeSet<(u32, u32)> {
    let mut said = BTreeMap::new();
    let mut found = BTreeSet::new();
    for statement in &document.statements {
        for product in &statement.products {
            let mut parts = product.subcomponents.clone();
            parts.sort();
            let key = (&statement.vulnerability, statement.timestamp, &product.component, parts);
            let (status, first) = *said.entry(key).or_insert((statement.status, statement.index));
            if status != statement.status {
                found.insert((statement.index, first + 1));
            }
        }
    }
    found
}

/// The statement that a problem of the reader is about, from 0.
fn place_of(detail: &str) -> Option<u32> {
    if let Some(rest) = detail.strip_prefix("statement ") {
        return rest.split(' ').next()?.parse::<u32>().ok()?.checked_sub(1);
    }
    let rest = detail.strip_prefix("`statements[").or_else(|| detail.strip_prefix("`vulnerabilities["))?;
    rest.split(']').next()?.parse().ok()
}

/// The lines, from 1, on which the objects begin that a list of the outermost object holds. The text is JSON.
fn element_lines(text: &str, list: &str) -> Vec<u32> {
    let (mut lines, mut line, mut depth) = (Vec::new(), 1, 0_usize);
    let (mut key, mut is_inside) = ("", false);
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\n' => line += 1,
            b'"' => {
                let mut end = at + 1;
                while let Some((next, byte)) = bytes.next() {
                    end = next;
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
                if depth == 1 {
                    key = text.get(at + 1..end).unwrap_or_default();
                }
            }
            b'{' | b'[' => {
                match (depth, byte) {
                    (1, b'[') => is_inside = key == list,
                    (2, b'{') if is_inside => lines.push(line),
                    _ => {}
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                is_inside &= depth > 1;
            }
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_line() {
        let text = "{\"a\": [{\"statements\": [{}]}],\n \"b\": \"statements\", \"c\": [{}],\n\"statements\": [\n{\"x\": \"]}\\\"\",\n\"y\": [{}]},\n{}], \"z\": [{}]}";
        assert_eq!(element_lines(text, "statements"), [4, 6]);
    }
}

//! Refuses brackets that are nested too deep, before the interpreter's parser sees them: it tries each bracket in several ways, and so
//! takes twice the time for every level.

use crate::{Module, Place, PolicyError};

/// Deeper than policies and the inputs in their tests are written.
const MAX_NESTING: usize = 14;

/// Where the scan stands.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Code,
    Comment,
    Text,
    Escape,
    RawText,
}

/// Counts brackets outside strings and comments.
pub(crate) fn check_nesting(module: &Module) -> Result<(), PolicyError> {
    let (mut inside, mut depth, mut line, mut column) = (Inside::Code, 0_usize, 1, 0);
    for character in module.text.chars() {
        column += 1;
        inside = next(inside, character);
        match (inside, character) {
            (Inside::Code, '(' | '[' | '{') => depth += 1,
            (Inside::Code, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (_, '\n') => (line, column) = (line + 1, 0),
            _ => {}
        }
        if depth > MAX_NESTING {
            let place = Place { module: module.name.clone(), line, column };
            return Err(PolicyError::TooDeep { place, limit: MAX_NESTING });
        }
    }
    Ok(())
}

const fn next(inside: Inside, character: char) -> Inside {
    match (inside, character) {
        (Inside::Code, '#') => Inside::Comment,
        (Inside::Code, '"') | (Inside::Escape, _) => Inside::Text,
        (Inside::Code, '`') => Inside::RawText,
        (Inside::Comment, '\n') | (Inside::Text, '"' | '\n') | (Inside::RawText, '`') => Inside::Code,
        (Inside::Text, '\\') => Inside::Escape,
        (inside, _) => inside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), PolicyError> {
        check_nesting(&Module { name: "own.rego".into(), text: text.into() })
    }

    #[test]
    fn strings_and_comments_do_not_nest() {
        let open = "[".repeat(40);
        for fine in [format!("# {open}\n"), format!("\"\\\"{open}\""), format!("`{open}\\`"), "[]".repeat(40)]
        {
            assert_eq!(check(&fine), Ok(()), "{fine}");
        }
        for deep in [open.clone(), format!("# x\n{open}"), format!("\"\"{open}"), format!("`\\`{open}")] {
            assert!(check(&deep).is_err(), "{deep}");
        }
    }
}

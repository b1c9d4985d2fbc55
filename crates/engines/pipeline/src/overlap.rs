//! Whether two globs could match the same path.

use std::collections::BTreeSet;

/// Characters that may be read and pairs of places that may be compared for one pipeline file.
const BUDGET: usize = 1_000_000;

/// A part of a glob. Classes and alternatives are taken wider than they are, so that the answer "no" is always right.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    Literal(char),
    /// One character.
    Any,
    /// Any number of characters in one folder.
    Star,
    /// Any number of characters.
    Tree,
}

/// Compares globs until its budget of work is used up; from then on everything is possible.
#[derive(Default)]
pub(crate) struct Overlap {
    spent: usize,
}

impl Overlap {
    /// False only when no path matches both globs, or lies in a folder that one matches and itself matches the other.
    pub(crate) fn possible(&mut self, left: &str, right: &str) -> bool {
        self.spent += left.len() + right.len();
        if self.spent > BUDGET {
            return true;
        }
        let (left, right) = (tokens(left), tokens(right));
        let below = |tokens: &[Token]| [tokens, &[Token::Literal('/'), Token::Tree]].concat();
        self.meet(&left, &right) || self.meet(&below(&left), &right) || self.meet(&left, &below(&right))
    }

    fn meet(&mut self, left: &[Token], right: &[Token]) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![(0, 0)];
        while let Some((i, j)) = open.pop() {
            self.spent += 1;
            if self.spent > BUDGET || (i == left.len() && j == right.len()) {
                return true;
            }
            if seen.insert((i, j)) {
                open.extend(steps(left.get(i), right.get(j)).map(|(di, dj)| (i + di, j + dj)));
            }
        }
        false
    }
}

/// The ways forward from a pair of places: a wildcard ends, or both sides take the same character.
fn steps(left: Option<&Token>, right: Option<&Token>) -> impl Iterator<Item = (usize, usize)> {
    let run = |token: Option<&Token>| matches!(token, Some(Token::Star | Token::Tree));
    let both = left.zip(right).is_some_and(|(left, right)| share(*left, *right));
    let take =
        (both && !(run(left) && run(right))).then(|| (usize::from(!run(left)), usize::from(!run(right))));
    [run(left).then_some((1, 0)), run(right).then_some((0, 1)), take].into_iter().flatten()
}

/// Whether some character fits both.
fn share(left: Token, right: Token) -> bool {
    match (left, right) {
        (Token::Literal(a), Token::Literal(b)) => a == b,
        (Token::Literal('/'), Token::Any | Token::Star) | (Token::Any | Token::Star, Token::Literal('/')) => {
            false
        }
        _ => true,
    }
}

fn tokens(glob: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = glob.chars().peekable();
    while let Some(c) = rest.next() {
        let token = match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                Token::Tree
            }
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Literal(rest.next().unwrap_or('\\')),
            // What follows a class or an alternative is not looked at: both nest and escape in their own ways.
            '[' | '{' => {
                tokens.push(Token::Tree);
                return tokens;
            }
            c => Token::Literal(c),
        };
        tokens.push(token);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use globset::GlobBuilder;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_what_cannot_match() {
        let possible = |left, right| Overlap::default().possible(left, right);
        for (left, right) in [
            ("dist/*.gz", "dist/app.tar.gz"),
            ("*", "app"),
            ("a/**/z", "a/z"),
            ("dist", "dist/x"),
            ("**/x", "x"),
        ] {
            assert!(possible(left, right) && possible(right, left), "{left} {right}");
        }
        for (left, right) in
            [("app", "app2"), ("*.gz", "*.zip"), ("dist/*", "out/*"), ("?", "ab"), ("a*", "b*")]
        {
            assert!(!possible(left, right) && !possible(right, left), "{left} {right}");
        }
    }

    proptest! {
        /// globset is the oracle: a path that matches both globs proves that they overlap.
        #[test]
        fn never_denies_a_common_path(
            left in "(\\*\\*/|[ab]|\\*|\\?|/|\\[ab\\]|\\{a,b/a\\}){1,5}",
            right in "(\\*\\*/|[ab]|\\*|\\?|/|\\[ab\\]|\\{a,b/a\\}){1,5}",
            path in "[ab]{1,2}(/[ab]{1,2}){0,2}",
        ) {
            let matches = |glob: &str| {
                let glob = GlobBuilder::new(glob).literal_separator(true).build();
                glob.is_ok_and(|glob| glob.compile_matcher().is_match(&path))
            };
            if matches(&left) && matches(&right) {
                prop_assert!(Overlap::default().possible(&left, &right));
            }
        }
    }
}

//! Groups of identifiers of one thing: connected components over `aliases`, and over nothing else.

use std::collections::BTreeMap;

/// Identifiers and which belong together.
#[derive(Default)]
pub(super) struct Aliases {
    numbers: BTreeMap<String, usize>,
    parents: Vec<usize>,
}

impl Aliases {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.parents.len();
        self.numbers.insert(name.to_owned(), number);
        self.parents.push(number);
        number
    }

    fn root(&self, mut number: usize) -> usize {
        while let Some(parent) = self.parents.get(number).filter(|parent| **parent != number) {
            number = *parent;
        }
        number
    }

    /// Takes a record's identifier and its aliases. Those of a withdrawn record are not to be given: it was wrong.
    pub(super) fn add(&mut self, id: &str, aliases: &[String]) {
        let number = self.number(id);
        for alias in aliases {
            let other = self.number(alias);
            let (a, b) = (self.root(number), self.root(other));
            // The path to the root is halved by always hanging both ends below it.
            for hung in [a, b, number, other] {
                if let Some(parent) = self.parents.get_mut(hung) {
                    *parent = a.min(b);
                }
            }
        }
    }

    /// Each identifier, sorted, with its group. Groups are numbered in the order of their first identifier.
    pub(super) fn groups(self) -> Vec<(String, u32)> {
        let mut numbered = BTreeMap::new();
        let mut named = Vec::new();
        for (name, number) in &self.numbers {
            let next = numbered.len() as u32;
            named.push((name.clone(), *numbered.entry(self.root(*number)).or_insert(next)));
        }
        named
    }
}

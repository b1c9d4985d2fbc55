//! What follows for all packages of a record from what the project itself asks for.

use std::collections::BTreeSet;

use palisade_model::{Package, Relation, Scope};

/// The scopes in the order of their urgency.
const SCOPES: [Scope; 6] = [Scope::Prod, Scope::Optional, Scope::Peer, Scope::Build, Scope::Test, Scope::Dev];

/// Marks `roots` as asked for directly and all others as not.
pub(crate) fn spread_relations(packages: &mut [Package], roots: &[u32]) {
    for package in packages.iter_mut() {
        package.relation = Relation::Transitive;
    }
    for root in roots {
        if let Some(package) = packages.get_mut(*root as usize) {
            package.relation = Relation::Direct;
        }
    }
}

/// Marks `roots` as asked for directly and all others as not, and gives every package that is reached the most urgent scope it is reached
/// for. Packages that nothing reaches keep their scope.
pub(crate) fn spread(packages: &mut [Package], roots: &[(u32, Scope)], own: &BTreeSet<u32>) {
    let indexes: Vec<u32> = roots.iter().map(|(root, _)| *root).collect();
    spread_relations(packages, &indexes);
    let mut seen = vec![false; packages.len()];
    for scope in SCOPES {
        let mut open: Vec<u32> =
            roots.iter().filter(|(_, own)| *own == scope).map(|(root, _)| *root).collect();
        while let Some(index) = open.pop() {
            let (Some(seen), Some(package)) =
                (seen.get_mut(index as usize), packages.get_mut(index as usize))
            else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                package.scope = scope;
                open.extend(package.dependencies.iter().filter(|_| !own.contains(&index)));
            }
        }
    }
}

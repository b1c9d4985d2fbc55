//! What follows for all packages of a record from what the project itself asks for.

use std::collections::BTreeSet;

use palisade_model::{Package, Relation, Scope};

/// The scopes in the order of their urgency.
const SCOPES: [Scope; 6] = [Scope::Prod, Scope::Optional, Scope::Peer, Scope::Build, Scope::Test, Scope::Dev];

/// What does not pass a scope on as it is.
#[derive(Debug, Default, Clone)]
pub(crate) struct Limits {
    /// Packages that say themselves what they ask for, and for what.
    pub(crate) own: BTreeSet<u32>,
    /// Edges, from and to, to what does not have to be there.
    pub(crate) optional: BTreeSet<(u32, u32)>,
}

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
pub(crate) fn spread(packages: &mut [Package], roots: &[(u32, Scope)], limits: &Limits) {
    let indexes: Vec<u32> = roots.iter().map(|(root, _)| *root).collect();
    spread_relations(packages, &indexes);
    let reached = reached(packages, roots, limits);
    for (package, scope) in packages.iter_mut().zip(reached) {
        package.scope = scope.unwrap_or(package.scope);
    }
}

/// Gives packages of which the record says nothing else the scope of what brings them, and the more urgent one to those that are asked for
/// and brought too. A record in which something is brought by nothing does not tell all edges; then nothing gets less urgent by them.
pub(crate) fn follow_scopes(packages: &mut [Package]) {
    let direct = (0..).zip(packages.iter()).filter(|(_, package)| package.relation == Relation::Direct);
    let roots: Vec<(u32, Scope)> = direct.map(|(index, package)| (index, package.scope)).collect();
    let reached = reached(packages, &roots, &Limits::default());
    let is_whole = reached.iter().all(Option::is_some);
    for (package, scope) in packages.iter_mut().zip(reached) {
        let is_silent = is_whole && package.relation == Relation::Transitive && package.scope == Scope::Prod;
        match scope {
            Some(scope) if is_silent => package.scope = scope,
            Some(scope) if package.relation == Relation::Direct => package.scope = package.scope.min(scope),
            _ => {}
        }
    }
}

/// The most urgent scope that each package is reached for.
fn reached(packages: &[Package], roots: &[(u32, Scope)], limits: &Limits) -> Vec<Option<Scope>> {
    let mut found: Vec<Option<Scope>> = vec![None; packages.len()];
    let mut later = Vec::new();
    for scope in SCOPES {
        let mut open: Vec<u32> =
            roots.iter().filter(|(_, own)| *own == scope).map(|(root, _)| *root).collect();
        if scope == Scope::Optional {
            open.append(&mut later);
        }
        while let Some(index) = open.pop() {
            let (Some(known), Some(package)) = (found.get_mut(index as usize), packages.get(index as usize))
            else {
                continue;
            };
            if known.is_none() {
                *known = Some(scope);
                for need in package.dependencies.iter().filter(|_| !limits.own.contains(&index)) {
                    let waits = scope < Scope::Optional && limits.optional.contains(&(index, *need));
                    if waits { later.push(*need) } else { open.push(*need) }
                }
            }
        }
    }
    found
}

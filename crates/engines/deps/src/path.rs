use palisade_model::{Package, Relation};

/// Steps that are told of one way, from its end; ways of real projects have a third of them. Ways of a chain that somebody made up would be
/// as long together as the square of it.
const MAX_STEPS: usize = 50;

/// Stands for the steps that are left out of a longer way.
const LEFT_OUT: &str = "...";

/// Shortest ways through one record, from what the project asks for to each package.
pub(crate) struct Paths<'a> {
    packages: &'a [Package],
    /// For each package, the one before it on the shortest way; itself where the way begins, none when no way leads to it.
    before: Vec<Option<u32>>,
    /// For each package that a way leads to, where that begins.
    begin: Vec<u32>,
}

impl<'a> Paths<'a> {
    /// Walks through all edges, breadth first. Ways begin at direct packages; where the record names none, at those that nobody
    /// needs. What production needs is not explained by what only developers need, as far as another way leads to it.
    pub(crate) fn of(packages: &'a [Package]) -> Self {
        let mut paths = Self {
            packages,
            before: vec![None; packages.len()],
            begin: (0..).take(packages.len()).collect(),
        };
        let beginnings = paths.beginnings();
        for start in &beginnings {
            paths.reach(*start, *start);
        }
        let reached = paths.walk(beginnings, |from, to| from.scope <= to.scope);
        paths.walk(reached, |_, _| true);
        paths
    }

    /// Follows the edges that `may` allow. Gives all packages that it came by, nearest first.
    fn walk(&mut self, starts: Vec<u32>, may: impl Fn(&Package, &Package) -> bool) -> Vec<u32> {
        let (packages, mut order, mut next_at) = (self.packages, starts, 0);
        while let Some(at) = order.get(next_at).copied() {
            next_at += 1;
            let Some(package) = packages.get(at as usize) else { continue };
            for next in &package.dependencies {
                let is_way = packages.get(*next as usize).is_some_and(|needed| may(package, needed));
                if is_way && self.reach(*next, at) {
                    order.push(*next);
                }
            }
        }
        order
    }

    fn beginnings(&self) -> Vec<u32> {
        let direct = self.numbers(|_, package| package.relation == Relation::Direct);
        if !direct.is_empty() {
            return direct;
        }
        let mut needed = vec![false; self.packages.len()];
        for next in self.packages.iter().flat_map(|package| &package.dependencies) {
            if let Some(needed) = needed.get_mut(*next as usize) {
                *needed = true;
            }
        }
        self.numbers(|at, _| needed.get(at) == Some(&false))
    }

    fn numbers(&self, keep: impl Fn(usize, &Package) -> bool) -> Vec<u32> {
        let numbered = self.packages.iter().enumerate().filter(|(at, package)| keep(*at, package));
        numbered.filter_map(|(at, _)| u32::try_from(at).ok()).collect()
    }

    /// Notes the way to `next`; whether it is new.
    fn reach(&mut self, next: u32, from: u32) -> bool {
        let known = self.begin.get(from as usize).copied().filter(|_| next != from);
        match (self.before.get_mut(next as usize), self.begin.get_mut(next as usize)) {
            (Some(place @ None), Some(begin)) => {
                *place = Some(from);
                *begin = known.unwrap_or(next);
                true
            }
            _ => false,
        }
    }

    /// The way to package number `at`, `name@version` each, itself last. Of a long one the beginning and the last steps are told.
    pub(crate) fn to(&self, at: usize) -> Vec<String> {
        let mut way = Vec::new();
        let mut next = Some(at);
        while let Some((number, package)) = next.and_then(|at| Some((at, self.packages.get(at)?))) {
            let begin = self.begin.get(number).map_or(number, |begin| *begin as usize);
            if way.len() >= MAX_STEPS && begin != number {
                way.push(LEFT_OUT.to_owned());
                way.extend(self.packages.get(begin).map(label));
                break;
            }
            way.push(label(package));
            let before = self.before.get(number).copied().flatten().map(|before| before as usize);
            next = before.filter(|before| *before != number);
        }
        way.reverse();
        way
    }
}

/// A package as it is shown.
pub(crate) fn label(package: &Package) -> String {
    match &package.version {
        Some(version) => format!("{}@{version}", package.name),
        None => package.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use palisade_model::{PackageEvidence, Purl, Scope};

    use super::*;

    fn package(name: &str, dependencies: &[u32], relation: Relation) -> Package {
        let purl = Purl::new("npm", None, name, Some("1")).unwrap();
        let package = Package::new(purl, name, PackageEvidence::Locked);
        Package { dependencies: dependencies.to_vec(), relation, ..package }
    }

    #[test]
    fn the_shortest_way_is_told() {
        let packages = [
            package("a", &[1], Relation::Direct),
            package("b", &[2], Relation::Transitive),
            package("c", &[0], Relation::Transitive),
            package("d", &[2], Relation::Direct),
            package("e", &[], Relation::Unknown),
        ];
        let paths = Paths::of(&packages);
        assert_eq!(paths.to(2), ["d@1", "c@1"]);
        assert_eq!(paths.to(0), ["a@1"]);
        assert_eq!(paths.to(4), ["e@1"]);
    }

    #[test]
    fn what_production_needs_is_not_explained_by_tools() {
        let for_developers = |package: Package| Package { scope: Scope::Dev, ..package };
        let packages = [
            for_developers(package("tool", &[3, 4], Relation::Direct)),
            package("app-needs", &[2], Relation::Direct),
            package("between", &[3], Relation::Transitive),
            package("both", &[], Relation::Transitive),
            // The record does not say what else brings it.
            package("open", &[], Relation::Transitive),
        ];
        let paths = Paths::of(&packages);
        assert_eq!(paths.to(3), ["app-needs@1", "between@1", "both@1"]);
        assert_eq!(paths.to(4), ["tool@1", "open@1"]);
    }

    #[test]
    fn without_direct_packages_ways_begin_where_nobody_needs_one() {
        let packages = [package("a", &[1], Relation::Unknown), package("b", &[1], Relation::Unknown)];
        assert_eq!(Paths::of(&packages).to(1), ["a@1", "b@1"]);
    }

    /// Each of many findings tells its way: all of them have to fit into memory.
    #[test]
    fn a_long_way_is_told_by_its_ends() {
        let count = 60_000_u32;
        let chain = |at: u32| {
            let relation = if at == 0 { Relation::Direct } else { Relation::Transitive };
            package(&format!("p{at}"), &[at + 1], relation)
        };
        let packages: Vec<Package> = (0..count).map(chain).collect();
        let paths = Paths::of(&packages);
        assert_eq!(paths.to(MAX_STEPS).len(), MAX_STEPS + 1);
        assert_eq!(paths.to(MAX_STEPS)[1], "p1@1");
        let way = paths.to(59_999);
        let ends = [way[0].as_str(), way[1].as_str(), way[2].as_str(), way[MAX_STEPS + 1].as_str()];
        assert_eq!((ends, way.len()), (["p0@1", "...", "p59950@1", "p59999@1"], MAX_STEPS + 2));
        assert!((0..packages.len()).all(|at| paths.to(at).len() <= MAX_STEPS + 2));
    }
}

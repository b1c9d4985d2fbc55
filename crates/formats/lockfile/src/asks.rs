//! Manifests beside lockfiles: what a project asks for, and which of the locked packages that are.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{Package, PackageOrigin, Reading, ReadingProblem, Relation, Scope};

use crate::displaced::{displace, host};
use crate::format::Parsed;
use crate::graph::follow_scopes;
use crate::record::{Companion, Record};
use crate::sheet::{Sheet, folded};

/// What a manifest asks for, and the formats of the lockfiles that tell more than it does.
#[derive(Debug)]
pub(crate) struct Asks {
    locks: &'static [&'static str],
    names: Vec<(String, Scope)>,
    /// Whether it is a program, which nothing but its lockfile tells of.
    is_program: bool,
    /// Whether it may ask for others that it does not write out.
    is_part: bool,
    /// Whether its lockfile says itself what each package is for.
    is_told_scopes: bool,
    /// Whether it is none of a project, but settings that count for all lockfiles of an image.
    is_settings: bool,
    sources: Sources,
}

/// What a manifest says of the places that packages come from.
#[derive(Debug, Default, Clone)]
pub(crate) enum Sources {
    /// Nothing that is understood.
    #[default]
    Unknown,
    /// All come from the registry that the package manager knows by itself.
    Usual,
    /// Gems that are written without a place come from one of these hosts.
    Hosts {
        /// The hosts.
        hosts: BTreeSet<String>,
        /// The names of those gems.
        names: BTreeSet<String>,
    },
}

impl Asks {
    /// A manifest that asks for `names`.
    pub(crate) const fn of(locks: &'static [&'static str], names: Vec<(String, Scope)>) -> Self {
        Self {
            locks,
            names,
            is_program: false,
            is_part: false,
            is_told_scopes: false,
            is_settings: false,
            sources: Sources::Unknown,
        }
    }

    /// A manifest of which is not known what it asks for, or whose lockfile knows that itself.
    pub(crate) const fn nothing(locks: &'static [&'static str]) -> Self {
        Self::of(locks, Vec::new())
    }

    /// Settings of a user after which packages of any such lockfile of the image may come from elsewhere.
    pub(crate) fn settings(locks: &'static [&'static str]) -> Self {
        Self { is_settings: true, ..Self::of(locks, Vec::new()) }
    }

    /// A manifest that may ask for more than its names.
    pub(crate) const fn in_part(mut self) -> Self {
        self.is_part = true;
        self
    }

    /// A manifest that says where packages come from.
    pub(crate) fn from(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    /// A manifest beside which a lockfile says itself what each package is for, and knows it better: it knows who else asks for it.
    pub(crate) const fn with_scopes_in_lock(mut self) -> Self {
        self.is_told_scopes = true;
        self
    }

    /// A manifest whose problems end when there is a lockfile.
    pub(crate) const fn of_program(mut self) -> Self {
        self.is_program = true;
        self
    }
}

/// A manifest that is a program, which is not run: without one of its lockfiles beside it nothing is known.
pub(crate) fn program(locks: &'static [&'static str]) -> Parsed {
    let detail = "is a program, which is not run, and no lockfile lies beside it".to_owned();
    let reading = Reading { packages: Vec::new(), problems: vec![ReadingProblem { line: None, detail }] };
    (reading, Some(Companion::Asks(Asks::nothing(locks).of_program())))
}

/// The same of one that says some of what it asks for in plain words; whether that is all only running it would tell.
pub(crate) fn program_with(sheet: Sheet, locks: &'static [&'static str]) -> Parsed {
    let (mut reading, companion) = program(locks);
    let plain = sheet.done();
    reading.packages = plain.packages;
    reading.problems.extend(plain.problems);
    (reading, companion)
}

/// Lets manifests with a lockfile beside them tell which of the locked packages are asked for directly and what for; they bring no
/// packages of their own then.
pub(crate) fn link(records: &mut [Record]) {
    let mut locks: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        locks.entry((folder(record), record.format.name())).or_default().push(index);
    }
    let mut asked: BTreeMap<usize, Asks> = BTreeMap::new();
    for (index, record) in records.iter_mut().enumerate() {
        let place = folder(record);
        let Some(Companion::Asks(asks)) = &record.companion else { continue };
        let beside: Vec<usize> = asks
            .locks
            .iter()
            .filter_map(|format| locks.get(&(place.clone(), format)))
            .flatten()
            .copied()
            .filter(|lock| *lock != index)
            .collect();
        if beside.is_empty() || asks.is_settings {
            continue;
        }
        record.reading.packages.clear();
        if asks.is_program {
            record.reading.problems.clear();
        }
        for lock in beside {
            let all = asked.entry(lock).or_insert_with(|| Asks::nothing(&[]));
            all.names.extend(asks.names.iter().cloned());
            all.is_part |= asks.is_part;
            all.is_told_scopes |= asks.is_told_scopes;
            all.sources = asks.sources.clone();
        }
    }
    let open = open_locks(records);
    for record in records.iter_mut().filter(|record| open.contains(record.format.name())) {
        record.named.others = true;
    }
    for (lock, asks) in asked {
        let Some(record) = records.get_mut(lock) else { continue };
        let is_open = open.contains(record.format.name());
        tell_displaced(record, if is_open { &Sources::Unknown } else { &asks.sources });
        if !asks.names.is_empty() {
            tell(&asks, &mut record.reading);
        }
    }
}

/// The formats of lockfiles whose packages may come from anywhere after the settings that were read. Those of a user count in an image,
/// where they lie in a home: a package manager reads none from a project, where anybody may put them.
fn open_locks(records: &[Record]) -> BTreeSet<&'static str> {
    let of_image = records.iter().filter(|record| record.layer.is_some() && record.members.is_empty());
    let asks = of_image.filter_map(|record| match &record.companion {
        Some(Companion::Asks(asks)) => Some(asks),
        _ => None,
    });
    asks.filter(|asks| asks.is_settings).flat_map(|asks| asks.locks.iter().copied()).collect()
}

/// Marks what a manifest asks of a registry and its lockfile takes from elsewhere.
fn tell_displaced(record: &mut Record, sources: &Sources) {
    // One repository may have several gems, of which some are asked for by it.
    let meant: BTreeSet<PackageOrigin> = match sources {
        Sources::Hosts { names, .. } => {
            let others = record.reading.packages.iter().filter(|package| !names.contains(&package.name));
            others.map(|package| package.origin.clone()).collect()
        }
        _ => BTreeSet::new(),
    };
    let is_strange = |package: &Package| match (sources, &package.origin) {
        (Sources::Unknown, _) | (_, PackageOrigin::Default) => false,
        (Sources::Usual, PackageOrigin::Local { .. }) => true,
        (Sources::Usual, PackageOrigin::Url { url }) => host(url).is_none(),
        (Sources::Usual, _) => false,
        (Sources::Hosts { hosts, .. }, PackageOrigin::Registry { url }) => {
            !host(url).is_some_and(|host| hosts.contains(host))
        }
        (Sources::Hosts { names, .. }, origin) => names.contains(&package.name) && !meant.contains(origin),
    };
    for package in &mut record.reading.packages {
        if is_strange(package)
            && let Some(ecosystem) = package.ecosystem.clone()
        {
            displace(package, ecosystem.as_str());
        }
    }
    match sources {
        Sources::Unknown => record.named.others = true,
        Sources::Usual => {}
        Sources::Hosts { hosts, .. } => record.named.hosts.extend(hosts.iter().cloned()),
    }
}

/// The folder of a record, within its archive.
fn folder(record: &Record) -> String {
    let path = record.path.to_string();
    let (way, last) = match record.members.split_last() {
        Some((last, before)) => (format!("{path}!{}", before.join("!")), last.clone()),
        None => (String::new(), path),
    };
    let folder = last.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{way}!{folder}")
}

fn tell(asks: &Asks, reading: &mut Reading) {
    let mut by_kind: BTreeMap<String, BTreeMap<String, Scope>> = BTreeMap::new();
    for package in &mut reading.packages {
        let kind = package.purl.kind();
        if !by_kind.contains_key(kind) {
            by_kind.insert(kind.to_owned(), folded_names(asks, kind));
        }
        let asked = by_kind.get(kind).and_then(|names| names.get(&folded(kind, &package.name)));
        match asked {
            Some(scope) => {
                package.relation = Relation::Direct;
                if !asks.is_told_scopes {
                    package.scope = package.scope.max(*scope);
                }
            }
            None if package.relation == Relation::Unknown && !asks.is_part => {
                package.relation = Relation::Transitive;
            }
            None => {}
        }
    }
    if !asks.is_part && !asks.is_told_scopes {
        follow_scopes(&mut reading.packages);
    }
}

/// The names as packages of `kind` are compared, each with the most urgent scope that it is asked for.
fn folded_names(asks: &Asks, kind: &str) -> BTreeMap<String, Scope> {
    let mut names = BTreeMap::new();
    for (name, scope) in &asks.names {
        let known = names.entry(folded(kind, name)).or_insert(*scope);
        *known = (*known).min(*scope);
    }
    names
}

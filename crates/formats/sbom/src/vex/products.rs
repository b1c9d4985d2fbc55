//! The products of a statement by their names, so that a finding is compared with those only that may be meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::vex::applying::NotApplied;
use crate::vex::matching::{Key, Target, names};
use crate::vex::{VexComponent, VexProduct};

/// What a finding is about, with its names.
pub(super) struct Asked<'a> {
    package: Target<'a>,
    package_keys: BTreeSet<Key>,
    subject: Target<'a>,
    subject_keys: BTreeSet<Key>,
}

impl<'a> Asked<'a> {
    /// A package in what was scanned.
    pub(super) fn new(package: Target<'a>, subject: Target<'a>) -> Self {
        Self { package_keys: package.keys(), subject_keys: subject.keys(), package, subject }
    }

    /// Whether the package has no name in the dictionary of NIST.
    fn is_without_cpe(&self) -> bool {
        self.package.cpes.is_some_and(<[String]>::is_empty)
    }
}

/// The products of one statement.
#[derive(Debug, Default)]
pub(super) struct Products<'a> {
    groups: Vec<Group<'a>>,
    by_key: BTreeMap<Key, Vec<usize>>,
    /// Whether one of them has no other name than by CPE.
    has_only_cpe: bool,
}

/// The products that are named alike and differ in their parts only.
#[derive(Debug)]
struct Group<'a> {
    component: &'a VexComponent,
    /// The place of the first that has no parts, and so means any.
    whole: Option<usize>,
    /// The parts of the others, by place of the product and of the part in it.
    parts: BTreeMap<Key, BTreeMap<(usize, usize), &'a VexComponent>>,
}

impl<'a> Products<'a> {
    pub(super) fn new(products: &'a [VexProduct]) -> Self {
        let mut indexed = Self::default();
        let mut known: BTreeMap<&VexComponent, usize> = BTreeMap::new();
        for (place, product) in products.iter().enumerate() {
            let group = *known.entry(&product.component).or_insert_with(|| indexed.open(&product.component));
            if let Some(group) = indexed.groups.get_mut(group) {
                group.add(place, product);
            }
        }
        indexed
    }

    fn open(&mut self, component: &'a VexComponent) -> usize {
        let group = self.groups.len();
        for key in Key::of_component(component) {
            self.by_key.entry(key).or_default().push(group);
        }
        self.has_only_cpe |=
            component.purls.is_empty() && component.id.is_none() && !component.cpes.is_empty();
        self.groups.push(Group { component, whole: None, parts: BTreeMap::new() });
        group
    }

    /// How the first product is named that means what is asked; if none is, how near they come.
    pub(super) fn name(&self, asked: &Asked<'_>) -> Result<String, NotApplied> {
        let mut nearest = match self.has_only_cpe && asked.is_without_cpe() {
            true => NotApplied::OnlyCpe,
            false => NotApplied::UnknownProduct,
        };
        let mut first: Option<(usize, String)> = None;
        let keys = asked.package_keys.union(&asked.subject_keys);
        let near: BTreeSet<usize> = keys.filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        for group in near.into_iter().filter_map(|group| self.groups.get(group)) {
            match group.name(asked) {
                Ok(named) => first = Some(first.map_or(named.clone(), |first| first.min(named))),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
        first.map(|(_, how)| how).ok_or(nearest)
    }
}

impl<'a> Group<'a> {
    fn add(&mut self, place: usize, product: &'a VexProduct) {
        if product.subcomponents.is_empty() {
            self.whole.get_or_insert(place);
        }
        for (number, part) in product.subcomponents.iter().enumerate() {
            for key in Key::of_component(part) {
                self.parts.entry(key).or_default().insert((place, number), part);
            }
        }
    }

    /// The place of the first that means what is asked, and how.
    fn name(&self, asked: &Asked<'_>) -> Result<(usize, String), NotApplied> {
        let by_package = names(self.component, &asked.package);
        let by_subject = names(self.component, &asked.subject);
        let (how, any) = match (by_subject, by_package) {
            (Ok(by), _) => (format!("product by {by}"), ", any part of it"),
            (_, Ok(by)) => (format!("package by {by}"), ""),
            (Err(one), Err(other)) => return Err(one.max(other)),
        };
        let whole = self.whole.map(|place| (place, format!("{how}{any}")));
        let part = self.part(asked).map(|(place, by)| (place, format!("{how}, part by {by}")));
        match (whole, part) {
            (Some(whole), Ok(part)) => Ok(whole.min(part)),
            (Some(whole), Err(_)) => Ok(whole),
            (None, part) => part,
        }
    }

    /// The place of the first product one of whose parts is the package, and by what.
    fn part(&self, asked: &Asked<'_>) -> Result<(usize, String), NotApplied> {
        let near = asked.package_keys.iter().filter_map(|key| self.parts.get(key)).flatten();
        let near: BTreeMap<_, _> = near.collect();
        let mut nearest = NotApplied::OtherSubcomponent;
        for ((place, _), part) in near {
            match names(part, &asked.package) {
                Ok(by) => return Ok((*place, by)),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
        Err(nearest)
    }
}

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use palisade_model::{PackageHash, Purl};

use crate::vex::matching::{Target, VexSubject};
use crate::vex::products::{Asked, Products};
use crate::vex::{VexStatement, VexStatus};

/// A vulnerability of a package in what was scanned.
#[derive(Debug, Clone, Copy)]
pub struct VexFinding<'a> {
    /// The vulnerability.
    pub vulnerability: &'a str,
    /// Other names of the same.
    pub aliases: &'a [String],
    /// The package that has it.
    pub package: &'a Purl,
    /// Digests of the package.
    pub hashes: &'a [PackageHash],
    /// Its names in the dictionary of NIST.
    pub cpes: &'a [String],
    /// What was scanned.
    pub subject: &'a VexSubject,
}

/// Why a statement does not decide about a finding. The order is from far off to near by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotApplied {
    /// It is about another vulnerability.
    OtherVulnerability,
    /// It names neither what was scanned nor the package.
    UnknownProduct,
    /// It names a product by CPE only, and none of the package is known.
    OnlyCpe,
    /// It is about another part of the product.
    OtherSubcomponent,
    /// A qualifier of the address is not as it says.
    Qualifier {
        /// Which.
        key: String,
        /// What it says.
        stated: String,
        /// What is there.
        found: Option<String>,
    },
    /// It is about a range of versions that cannot be evaluated.
    Range {
        /// The range.
        range: String,
        /// Why not.
        why: String,
    },
    /// It is about versions in another range.
    OutOfRange {
        /// The range.
        range: String,
        /// The version that is there.
        found: String,
    },
    /// It is about another version.
    OtherVersion {
        /// The one.
        stated: String,
        /// The one that is there.
        found: String,
    },
    /// It breaks a rule of VEX.
    Defective(String),
    /// A newer statement says otherwise, or the same.
    Superseded {
        /// Its index in the list.
        by: usize,
    },
}

impl fmt::Display for NotApplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherVulnerability => f.write_str("it is about another vulnerability"),
            Self::UnknownProduct => f.write_str("it names neither the product nor the package"),
            Self::OnlyCpe => {
                f.write_str("it names its product by CPE only, and only a bill of materials could tell that of the package")
            }
            Self::OtherSubcomponent => f.write_str("it is about another part of the product"),
            Self::Qualifier { key, stated, found: Some(found) } => {
                write!(f, "its `{key}` is `{stated}`, not `{found}`")
            }
            Self::Qualifier { key, stated, found: None } => {
                write!(f, "its `{key}` is `{stated}`, and the product has none")
            }
            Self::Range { range, why } => write!(f, "its range `{range}` cannot be evaluated: {why}"),
            Self::OutOfRange { range, found } => write!(f, "it is about the range `{range}`, not {found}"),
            Self::OtherVersion { stated, found } => write!(f, "it is about version {stated}, not {found}"),
            Self::Defective(defect) => write!(f, "it {defect}"),
            Self::Superseded { by } => write!(f, "statement {} is newer", by + 1),
        }
    }
}

/// The statement that decides about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its index in the list.
    pub statement: usize,
    /// What it says; only [`VexStatus::suppresses`] takes a finding away.
    pub status: VexStatus,
    /// By what it named the vulnerability, the product and the part, in words.
    pub explanation: String,
}

/// What the statements say to a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The statement that decides, if any does.
    pub verdict: Option<Verdict>,
    /// Every other statement about the vulnerability, by index, and why it does not decide.
    pub others: Vec<(usize, NotApplied)>,
}

/// Applies statements to findings and remembers which were of use.
#[derive(Debug)]
pub struct Applying<'a> {
    statements: &'a [VexStatement],
    /// The products of each.
    products: Vec<Products<'a>>,
    /// The statements about each name of a vulnerability, in lower case.
    by_name: BTreeMap<String, Vec<usize>>,
    used: BTreeSet<usize>,
    /// How near each came to being of use.
    nearest: BTreeMap<usize, NotApplied>,
}

impl<'a> Applying<'a> {
    /// Of these statements.
    pub fn new(statements: &'a [VexStatement]) -> Self {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, statement) in statements.iter().enumerate() {
            let all = std::iter::once(&statement.vulnerability).chain(&statement.aliases);
            let all: BTreeSet<String> = all.map(|name| name.to_ascii_lowercase()).collect();
            for name in all.into_iter().filter(|name| !name.is_empty()) {
                by_name.entry(name).or_default().push(index);
            }
        }
        let products = statements.iter().map(|statement| Products::new(&statement.products)).collect();
        Self { statements, products, by_name, used: BTreeSet::new(), nearest: BTreeMap::new() }
    }

    /// What they say to a finding. Among those that apply the latest decides, and of equal times the worst.
    pub fn judge(&mut self, finding: &VexFinding<'_>) -> Answer {
        let names = std::iter::once(finding.vulnerability).chain(finding.aliases.iter().map(String::as_str));
        let about = names.filter_map(|name| self.by_name.get(&name.to_ascii_lowercase()));
        let about: BTreeSet<usize> = about.flatten().copied().collect();
        let asked = asked(finding);
        let mut answer = Answer::default();
        let mut applying = Vec::new();
        for index in about {
            let Some((statement, products)) = self.statements.get(index).zip(self.products.get(index)) else {
                continue;
            };
            match applies(statement, products, &asked, finding) {
                Ok(explanation) => applying.push((statement.timestamp, statement.status, index, explanation)),
                Err(reason) => answer.others.push((index, reason)),
            }
        }
        applying.sort();
        if let Some((_, status, statement, explanation)) = applying.pop() {
            self.used.insert(statement);
            answer.others.extend(
                applying.iter().map(|(.., index, _)| (*index, NotApplied::Superseded { by: statement })),
            );
            answer.others.sort();
            answer.verdict = Some(Verdict { statement, status, explanation });
        }
        for (index, reason) in &answer.others {
            let nearest = self.nearest.entry(*index).or_insert_with(|| reason.clone());
            *nearest = nearest.clone().max(reason.clone());
        }
        answer
    }

    /// The statements that decided about nothing so far, by index, and how near they came.
    pub fn unused(&self) -> Vec<(usize, NotApplied)> {
        let all = 0..self.statements.len();
        let unused = all.filter(|index| !self.used.contains(index));
        unused
            .map(|index| (index, self.nearest.get(&index).cloned().unwrap_or(NotApplied::OtherVulnerability)))
            .collect()
    }
}

fn asked<'a>(finding: &VexFinding<'a>) -> Asked<'a> {
    let purls = std::slice::from_ref(finding.package);
    let package = Target { purls, hashes: finding.hashes, ids: &[], cpes: Some(finding.cpes) };
    let VexSubject { purls, hashes, ids } = finding.subject;
    Asked::new(package, Target { purls, hashes, ids, cpes: None })
}

/// Whether a statement about the vulnerability is about the product and the part, and by what.
fn applies(
    statement: &VexStatement,
    products: &Products<'_>,
    asked: &Asked<'_>,
    finding: &VexFinding<'_>,
) -> Result<String, NotApplied> {
    let named = products.name(asked)?;
    match &statement.defect {
        Some(defect) => Err(NotApplied::Defective(defect.clone())),
        None => Ok(format!("{}; {named}", vulnerability(statement, finding))),
    }
}

fn vulnerability(statement: &VexStatement, finding: &VexFinding<'_>) -> String {
    if statement.vulnerability.eq_ignore_ascii_case(finding.vulnerability) {
        format!("vulnerability {}", statement.vulnerability)
    } else {
        format!("vulnerability {} by its alias {}", finding.vulnerability, statement.vulnerability)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::vex::matching::names;
    use crate::vex::{VexComponent, VexProduct};

    /// The same by comparing every product in its order.
    fn one_by_one(statement: &VexStatement, finding: &VexFinding<'_>) -> Result<String, NotApplied> {
        let purls = [finding.package.clone()];
        let package = Target { purls: &purls, hashes: finding.hashes, ids: &[], cpes: Some(finding.cpes) };
        let subject = finding.subject;
        let subject =
            Target { purls: &subject.purls, hashes: &subject.hashes, ids: &subject.ids, cpes: None };
        let mut nearest = NotApplied::UnknownProduct;
        for product in &statement.products {
            let by_package = names(&product.component, &package);
            let by_subject = names(&product.component, &subject);
            let matched = match (by_subject, by_package) {
                (Ok(by), _) => part(product, &package).map(|part| format!("product by {by}{part}")),
                (_, Ok(by)) if product.subcomponents.is_empty() => Ok(format!("package by {by}")),
                (_, Ok(by)) => part(product, &package).map(|part| format!("package by {by}{part}")),
                (Err(one), Err(other)) => Err(one.max(other)),
            };
            match matched {
                Ok(_) if statement.defect.is_some() => {
                    return Err(NotApplied::Defective(statement.defect.clone().unwrap_or_default()));
                }
                Ok(matched) => return Ok(format!("{}; {matched}", vulnerability(statement, finding))),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
        Err(nearest)
    }

    fn part(product: &VexProduct, package: &Target<'_>) -> Result<String, NotApplied> {
        if product.subcomponents.is_empty() {
            return Ok(", any part of it".to_owned());
        }
        let mut nearest = NotApplied::OtherSubcomponent;
        for part in &product.subcomponents {
            match names(part, package) {
                Ok(by) => return Ok(format!(", part by {by}")),
                Err(reason) => nearest = nearest.max(reason),
            }
        }
        Err(nearest)
    }

    fn purl() -> impl Strategy<Value = Purl> {
        let texts = [
            "pkg:npm/a",
            "pkg:npm/a@1.0.0",
            "pkg:npm/a@2.0.0",
            "pkg:npm/a@1.0.0?arch=x",
            "pkg:npm/b@1.0.0",
            "pkg:pypi/A.b@1",
            "pkg:pypi/a-b@1",
            "pkg:oci/shop@sha256:ab",
            "pkg:docker/acme/shop@1?repository_url=example.com",
            "pkg:oci/shop?repository_url=example.com/acme",
        ];
        prop::sample::select(texts.to_vec()).prop_map(|text| text.parse().unwrap())
    }

    fn cpe() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "cpe:2.3:a:acme:a:1.0.0:*:*:*:*:*:*:*".to_owned(),
            "cpe:2.3:a:acme:a:2.0.0:*:*:*:*:*:*:*".to_owned(),
            "cpe:2.3:a:acme:*:*:*:*:*:*:*:*:*".to_owned(),
            "cpe:/a:acme:a".to_owned(),
            "no name".to_owned(),
        ])
    }

    fn hash() -> impl Strategy<Value = PackageHash> {
        let names = prop::sample::select(vec!["SHA-256", "sha256", "MD5"]);
        let values = prop::sample::select(vec!["ab", "AB", "cd"]);
        (names, values).prop_map(|(name, value)| PackageHash { algorithm: name.into(), value: value.into() })
    }

    fn id() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["shop".to_owned(), "till".to_owned()])
    }

    fn component() -> impl Strategy<Value = VexComponent> {
        let ranges = prop::sample::select(vec!["vers:npm/<2.0.0".to_owned(), "vers:deb/<2".to_owned()]);
        let names = (prop::option::of(id()), vec(purl(), 0..3), vec(cpe(), 0..2), vec(hash(), 0..2));
        (names, vec(Just("1.0.0".to_owned()), 0..2), vec(ranges, 0..2)).prop_map(
            |((id, purls, cpes, hashes), versions, ranges)| VexComponent {
                id,
                purls,
                cpes,
                hashes,
                versions,
                ranges,
            },
        )
    }

    fn statement() -> impl Strategy<Value = VexStatement> {
        let product = (component(), vec(component(), 0..3))
            .prop_map(|(component, subcomponents)| VexProduct { component, subcomponents });
        // Few components, so that several products have the same.
        let repeated = (vec(product, 1..4), vec((any::<prop::sample::Index>(), any::<bool>()), 0..4));
        let products = repeated.prop_map(|(mut products, repeats)| {
            for (which, keep) in repeats {
                let mut again = which.get(&products).clone();
                if !keep {
                    again.subcomponents.reverse();
                    again.subcomponents.pop();
                }
                products.push(again);
            }
            products
        });
        (products, prop::option::of(Just("has no time".to_owned()))).prop_map(|(products, defect)| {
            VexStatement {
                document: String::new(),
                index: 0,
                id: None,
                vulnerability: "CVE-2024-1".to_owned(),
                aliases: Vec::new(),
                products,
                status: VexStatus::Fixed,
                justification: None,
                impact: None,
                action: None,
                notes: None,
                timestamp: None,
                author: None,
                defect,
            }
        })
    }

    proptest! {
        #[test]
        fn an_index_says_what_comparing_every_product_says(
            statement in statement(),
            package in purl(),
            hashes in vec(hash(), 0..2),
            cpes in vec(cpe(), 0..2),
            subject in (vec(purl(), 0..2), vec(hash(), 0..2), vec(id(), 0..2)),
        ) {
            let subject = VexSubject { purls: subject.0, hashes: subject.1, ids: subject.2 };
            let finding = VexFinding {
                vulnerability: "CVE-2024-1",
                aliases: &[],
                package: &package,
                hashes: &hashes,
                cpes: &cpes,
                subject: &subject,
            };
            let products = Products::new(&statement.products);
            let indexed = applies(&statement, &products, &asked(&finding), &finding);
            prop_assert_eq!(indexed, one_by_one(&statement, &finding));
        }
    }
}

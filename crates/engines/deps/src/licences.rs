//! What policy says of licences.

use palisade_model::{InventoryFile, Package, PackageOrigin};
use palisade_sbom::licence::{Expression, Judgement, judge};

use crate::rules::Check;

/// Which licences packages may have, as SPDX names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LicenceRules {
    /// Only these; none is any.
    pub allow: Vec<String>,
    /// None of these.
    pub deny: Vec<String>,
}

impl LicenceRules {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// What is wrong with the licences of `file`: the number of the package, the check, and why. A record that tells no licence at all
    /// is not asked for any.
    pub(crate) fn objections(&self, file: &InventoryFile) -> Vec<(usize, Check, String)> {
        if self.is_empty() || file.packages.iter().all(|package| package.licences.is_empty()) {
            return Vec::new();
        }
        let is_foreign = |package: &Package| !matches!(package.origin, PackageOrigin::Local { .. });
        let numbered = file.packages.iter().enumerate().filter(|(_, package)| is_foreign(package));
        numbered
            .filter_map(|(number, package)| self.objection(package).map(|(check, why)| (number, check, why)))
            .collect()
    }

    fn objection(&self, package: &Package) -> Option<(Check, String)> {
        if package.licences.is_empty() {
            return Some((Check::LicenceMissing, "it declares no licence".to_owned()));
        }
        package.licences.iter().find_map(|declared| self.objection_to(declared))
    }

    fn objection_to(&self, declared: &str) -> Option<(Check, String)> {
        let Ok(expression) = Expression::of_declared(declared) else {
            return Some((Check::LicenceMissing, format!("`{declared}` is no licence that SPDX knows")));
        };
        match judge(&expression, &self.allow, &self.deny) {
            Judgement::Allowed => None,
            _ => Some((Check::LicenceDenied, format!("`{declared}` is not allowed"))),
        }
    }
}

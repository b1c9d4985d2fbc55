//! Statements about whether a product is affected by a vulnerability: OpenVEX and the VEX of CycloneDX.
//!
//! [`read`] takes either format, [`VexDocument::to_openvex`] and [`VexDocument::to_cyclonedx`] write them, [`Applying`] says which
//! statement applies to a finding, and why the others do not.

mod applying;
mod check;
mod cpe;
mod cyclonedx;
mod extending;
mod matching;
mod openvex;
mod products;

use palisade_model::{PackageHash, Purl, ReadingProblem, Timestamp};
use serde::{Deserialize, Serialize};

pub use applying::{Answer, Applying, NotApplied, Verdict, VexFinding};
pub use check::{VexFault, check};
pub use extending::extend;
pub use matching::VexSubject;

use crate::bom::{Bom, CycloneDxVersion, Written};
use crate::fields::Problems;
use crate::pieces::{Room, values_within};
use crate::read::{SbomError, is_called, outline, spelled};

/// What a statement says. The order is from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VexStatus {
    /// The product holds a fix.
    Fixed,
    /// Nothing has to be done.
    NotAffected,
    /// It is not known yet.
    UnderInvestigation,
    /// Something should be done.
    Affected,
}

impl VexStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fixed, Self::NotAffected, Self::UnderInvestigation, Self::Affected];

    /// As OpenVEX writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
        }
    }

    /// Whether a finding need not be shown as one any more.
    pub const fn suppresses(self) -> bool {
        matches!(self, Self::Fixed | Self::NotAffected)
    }
}

/// Why a product is not affected: the five reasons of OpenVEX, and those of CycloneDX that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Justification {
    /// The component is not in the product.
    ComponentNotPresent,
    /// The component is, the code is not.
    VulnerableCodeNotPresent,
    /// The code is there and never runs.
    VulnerableCodeNotInExecutePath,
    /// The code runs, out of an attacker's reach.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something in the product prevents exploitation.
    InlineMitigationsAlreadyExist,
    /// Only with another configuration.
    RequiresConfiguration,
    /// Only with another dependency.
    RequiresDependency,
    /// Only in another environment.
    RequiresEnvironment,
    /// A compiler's option prevents it.
    ProtectedByCompiler,
    /// It is prevented at run time.
    ProtectedAtRuntime,
    /// It is prevented at the border of the network.
    ProtectedAtPerimeter,
    /// Something else reduces it.
    ProtectedByMitigatingControl,
}

/// Reasons with their names in OpenVEX and in CycloneDX; the nearest where a format does not have one.
const JUSTIFICATIONS: [(Justification, &str, &str); 12] = [
    (Justification::VulnerableCodeNotPresent, "vulnerable_code_not_present", "code_not_present"),
    (Justification::ComponentNotPresent, "component_not_present", "code_not_present"),
    (
        Justification::VulnerableCodeNotInExecutePath,
        "vulnerable_code_not_in_execute_path",
        "code_not_reachable",
    ),
    (
        Justification::VulnerableCodeCannotBeControlledByAdversary,
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "requires_environment",
    ),
    (
        Justification::InlineMitigationsAlreadyExist,
        "inline_mitigations_already_exist",
        "protected_by_mitigating_control",
    ),
    (Justification::RequiresConfiguration, "vulnerable_code_not_in_execute_path", "requires_configuration"),
    (Justification::RequiresDependency, "vulnerable_code_not_in_execute_path", "requires_dependency"),
    (
        Justification::RequiresEnvironment,
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "requires_environment",
    ),
    (Justification::ProtectedByCompiler, "inline_mitigations_already_exist", "protected_by_compiler"),
    (Justification::ProtectedAtRuntime, "inline_mitigations_already_exist", "protected_at_runtime"),
    (Justification::ProtectedAtPerimeter, "inline_mitigations_already_exist", "protected_at_perimeter"),
    (
        Justification::ProtectedByMitigatingControl,
        "inline_mitigations_already_exist",
        "protected_by_mitigating_control",
    ),
];

impl Justification {
    /// As OpenVEX writes it, or the nearest that it has.
    pub fn openvex(self) -> &'static str {
        JUSTIFICATIONS.iter().find(|(one, ..)| *one == self).map_or("", |(_, name, _)| name)
    }

    /// As CycloneDX writes it, or the nearest that it has.
    pub fn cyclonedx(self) -> &'static str {
        JUSTIFICATIONS.iter().find(|(one, ..)| *one == self).map_or("", |(.., name)| name)
    }

    /// The one that either format calls so.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::of_openvex(name).or_else(|| Self::of_cyclonedx(name))
    }

    fn of_openvex(name: &str) -> Option<Self> {
        JUSTIFICATIONS.iter().find(|(_, openvex, _)| *openvex == name).map(|(one, ..)| *one)
    }

    fn of_cyclonedx(name: &str) -> Option<Self> {
        // A reason of CycloneDX itself stands behind the reasons of OpenVEX that are near to it.
        let mut named = JUSTIFICATIONS.iter().filter(|(.., cyclonedx)| *cyclonedx == name);
        if matches!(name, "code_not_present" | "code_not_reachable") {
            named.next().map(|(one, ..)| *one)
        } else {
            named.next_back().map(|(one, ..)| *one)
        }
    }
}

/// How a statement names a piece of software: by any of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VexComponent {
    /// A name that is no package address.
    pub id: Option<String>,
    /// Package addresses.
    pub purls: Vec<Purl>,
    /// Names in the dictionary of NIST.
    pub cpes: Vec<String>,
    /// Digests.
    pub hashes: Vec<PackageHash>,
    /// The versions that are meant, if not all or the one in the address; from CycloneDX.
    pub versions: Vec<String>,
    /// Ranges of versions that are meant, in VERS, beside `versions`; from CycloneDX.
    pub ranges: Vec<String>,
}

impl VexComponent {
    /// One that is named by its address.
    pub fn of_purl(purl: Purl) -> Self {
        Self { purls: vec![purl], ..Self::default() }
    }

    /// Whether nothing names it.
    pub const fn is_nameless(&self) -> bool {
        self.id.is_none() && self.purls.is_empty() && self.cpes.is_empty() && self.hashes.is_empty()
    }

    /// One that a text names: an address, or another name.
    pub fn of_text(text: &str) -> Self {
        let mut component = Self::default();
        component.name(text.to_owned());
        component
    }

    /// Takes a text that is an address or another name.
    fn name(&mut self, text: String) {
        match text.parse::<Purl>() {
            Ok(purl) if !self.purls.contains(&purl) => self.purls.push(purl),
            Ok(_) => {}
            Err(_) => self.id = self.id.take().or(Some(text)),
        }
    }
}

/// What a statement is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VexProduct {
    /// The product.
    pub component: VexComponent,
    /// The parts of it that are meant; none means all.
    pub subcomponents: Vec<VexComponent>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VexStatement {
    /// The name of its document.
    pub document: String,
    /// Its place in the document, from 0.
    pub index: u32,
    /// Its own name.
    pub id: Option<String>,
    /// The vulnerability.
    pub vulnerability: String,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// What it is about.
    pub products: Vec<VexProduct>,
    /// What it says.
    pub status: VexStatus,
    /// Why the product is not affected.
    pub justification: Option<Justification>,
    /// The same in words.
    pub impact: Option<String>,
    /// What should be done.
    pub action: Option<String>,
    /// How the status was found.
    pub notes: Option<String>,
    /// When it was known to be true.
    pub timestamp: Option<Timestamp>,
    /// Who says it.
    pub author: Option<String>,
    /// What is wrong with it, so that it may not suppress anything.
    pub defect: Option<String>,
}

impl VexStatement {
    /// Finds out what is wrong with it by the rules of OpenVEX.
    fn check(&mut self) {
        let reasonless = self.justification.is_none() && self.impact.is_none();
        if self.vulnerability.is_empty() {
            self.defect = Some("names no vulnerability".to_owned());
        } else if self.products.iter().all(|product| product.component.is_nameless()) {
            self.defect = Some("names no product".to_owned());
        } else if self.status == VexStatus::NotAffected && reasonless {
            self.defect = Some(
                "says `not_affected` and gives neither a justification nor an impact statement".to_owned(),
            );
        } else if self.timestamp.is_none() {
            self.defect = Some("has no time".to_owned());
        }
    }
}

/// A document of statements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VexDocument {
    /// Its name; one without gets one from its content.
    pub id: Option<String>,
    /// Who says it.
    pub author: Option<String>,
    /// When it was issued.
    pub timestamp: Option<Timestamp>,
    /// How often it was changed, from 1.
    pub revision: u32,
    /// What it says.
    pub statements: Vec<VexStatement>,
}

impl VexDocument {
    /// Finds the statements defective whose time is more than a day after `now`: as the latest they would outlast all that are made
    /// until then.
    pub fn distrust_the_future(&mut self, now: Timestamp) {
        const DAY: i64 = 24 * 60 * 60;
        let border = Timestamp::from_second(now.as_second().saturating_add(DAY)).unwrap_or(now);
        for statement in &mut self.statements {
            if let Some(time) = statement.timestamp.filter(|time| *time > border) {
                statement.defect.get_or_insert_with(|| format!("is of {time}, which is to come"));
            }
        }
    }
}

/// Reads a document of either format, and tells what of it could not be read. Links of CycloneDX to other documents are resolved in
/// `boms`. A statement with a defect is a problem, and kept, so that it can be explained.
///
/// # Errors
/// When nothing of it can be read.
pub fn read(bytes: &[u8], boms: &[&Bom]) -> Result<(VexDocument, Vec<ReadingProblem>), SbomError> {
    read_within(bytes, boms, &mut VexRoom::default())
}

/// What is left of what documents may take that are read together: 256 MiB as trees of values, and the pairs of products and parts that
/// OpenVEX does not write out.
#[derive(Debug, Clone)]
pub struct VexRoom {
    values: Room,
    pairs: usize,
}

impl Default for VexRoom {
    fn default() -> Self {
        Self { values: Room::default(), pairs: openvex::MOST_SHARED }
    }
}

/// As [`read`], one of several documents that share `room`.
///
/// # Errors
/// When nothing of it can be read, or there is no room left for it.
pub fn read_within(
    bytes: &[u8],
    boms: &[&Bom],
    room: &mut VexRoom,
) -> Result<(VexDocument, Vec<ReadingProblem>), SbomError> {
    let large = |error| if error == SbomError::LargePiece { SbomError::LargeSet } else { error };
    let root = outline(bytes)?;
    let mut problems = Problems::default();
    let context = spelled(&root, "@context");
    let mut document = if context.contains("openvex.dev/ns") {
        openvex::read(values_within(root, &room.values).map_err(large)?, &mut room.pairs, &mut problems)
    } else if is_called(&root, "bomFormat", "CycloneDX") {
        cyclonedx::read(root, boms, &room.values, &mut problems).map_err(large)?
    } else {
        return Err(SbomError::Unsupported("neither OpenVEX nor CycloneDX".to_owned()));
    };
    for statement in &mut document.statements {
        statement.check();
        if let Some(defect) = &statement.defect {
            problems.add(format!("statement {} {defect}", statement.index + 1));
        }
    }
    Ok((document, problems.into_list()))
}

impl VexDocument {
    /// As OpenVEX 0.2.0.
    pub fn to_openvex(&self) -> Written {
        openvex::write(self)
    }

    /// As CycloneDX of that version.
    ///
    /// # Errors
    /// As [`Bom::write`].
    pub fn to_cyclonedx(&self, version: CycloneDxVersion) -> Result<Written, SbomError> {
        cyclonedx::write(self, version)
    }
}

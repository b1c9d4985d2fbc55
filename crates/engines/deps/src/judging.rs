//! What is said of the packages of one record.

use palisade_advisory::{Database, DatabaseError};
use palisade_model::{AffectedPackage, Ecosystem, GapKind, InventoryFile, Package, PackageOrigin, Sink};

use crate::advice::{Free, advice};
use crate::asking::{Askers, Asking};
use crate::engine::{Advisories, DepsSetting};
use crate::flaw::{affected, check, message, references, title, weigh};
use crate::matching::{Hit, identity, is_named, matched};
use crate::owning::Settled;
use crate::path::Paths;
use crate::tampering::suspicions;
use crate::told::{Teller, Told};
use crate::unjudged::{Unjudged, lack};
use crate::wording::Way;

/// What is said of packages whose flaws are told, or known to be mended, under the name of another.
const SETTLED: &str = "packages of the distribution bring these, and its own advisories, which know what it mended, were asked for flaws that they name";

/// A package that advisories may know by name, and the version that it has.
struct Question<'a> {
    database: &'a Database<'a>,
    /// Its place in the record.
    index: usize,
    package: &'a Package,
    ecosystem: &'a Ecosystem,
    name: &'a str,
    version: &'a str,
}

/// One record under judgement.
pub(crate) struct Judging<'a> {
    pub(crate) teller: &'a Teller<'a>,
    pub(crate) file: &'a InventoryFile,
    /// The package of a distribution that brought the record.
    pub(crate) owner: Option<&'a Package>,
    pub(crate) paths: Paths<'a>,
    pub(crate) asking: Asking<'a>,
    pub(crate) sink: &'a mut Sink,
    /// What could not be judged for want of advisories, in the whole source.
    pub(crate) wanting: &'a mut Unjudged,
}

impl Judging<'_> {
    pub(crate) fn judge(mut self, setting: &DepsSetting<'_>) {
        for suspicion in suspicions(self.file) {
            let told = Told {
                check: suspicion.check,
                file: self.file,
                package: suspicion.package,
                about: "",
                title: None,
                message: suspicion.message,
                severity: suspicion.severity,
                confidence: suspicion.confidence,
                affected: self.affected(suspicion.index, suspicion.package),
            };
            self.tell(told);
        }
        for (index, check, message) in setting.licences.objections(self.file) {
            let Some(package) = self.file.packages.get(index) else { continue };
            let affected = self.affected(index, package);
            let file = self.file;
            self.tell(Told {
                check,
                file,
                package,
                about: "",
                title: None,
                message,
                severity: None,
                confidence: None,
                affected,
            });
        }
        let mut unjudged = Unjudged::default();
        for (index, package) in self.file.packages.iter().enumerate() {
            if let Err(error) = self.ask(setting, index, package, &mut unjudged) {
                let why = format!("the database of advisories {error}; run `palisade db update`");
                unjudged.add(GapKind::DataMissing, why, package);
            }
        }
        for (kind, detail) in unjudged.into_gaps() {
            self.sink.gap(&self.file.path, kind, detail);
        }
    }

    fn tell(&mut self, told: Told<'_>) {
        if let Some(finding) = self.teller.finding(told) {
            self.sink.finding(finding);
        }
    }

    /// Asks what is known of one package.
    fn ask(
        &mut self,
        setting: &DepsSetting<'_>,
        index: usize,
        package: &Package,
        unjudged: &mut Unjudged,
    ) -> Result<(), DatabaseError> {
        let Some((ecosystem, name, version)) = identity(package) else {
            if package.ecosystem.is_none() && !is_local(package) {
                let why = "no public advisories know packages of this kind".to_owned();
                self.wanting.add(GapKind::Noted, why, package);
            }
            return Ok(());
        };
        let (database, oldest) = match &setting.advisories {
            Advisories::Known { database, oldest } => (database, *oldest),
            Advisories::NotAsked => return Ok(()),
            Advisories::Missing(why) => {
                self.wanting.add(GapKind::DataMissing, why.clone(), package);
                return Ok(());
            }
        };
        if let Some(why) = lack(database, ecosystem, oldest) {
            self.wanting.add(GapKind::DataMissing, why, package);
        }
        if !version.is_empty() {
            return self.compare(&Question { database, index, package, ecosystem, name, version }, unjudged);
        }
        if is_named(database, ecosystem, name)? {
            let why = "no version is pinned, and advisories name it: lock it".to_owned();
            unjudged.add(GapKind::DataMissing, why, package);
        }
        Ok(())
    }

    /// Compares its version with what advisories say.
    fn compare(&mut self, asked: &Question<'_>, unjudged: &mut Unjudged) -> Result<(), DatabaseError> {
        let matched = matched(asked.database, asked.ecosystem, asked.name, asked.version)?;
        for (id, reason) in matched.open {
            unjudged.add(GapKind::DataMissing, format!("{id}: {reason}"), asked.package);
        }
        let settled = match self.owner.filter(|_| !matched.hits.is_empty()) {
            Some(owner) => Some(Settled::of(asked.database, owner)?),
            None => None,
        };
        let free = Free::of(asked.database, asked.ecosystem, asked.name, asked.version, &matched.hits)?;
        let askers = match matched.hits.as_slice() {
            [] => Askers::default(),
            _ => self.asking.of(asked.index),
        };
        for hit in &matched.hits {
            if settled.as_ref().is_some_and(|settled| settled.holds(hit)) {
                self.wanting.add(GapKind::Noted, SETTLED.to_owned(), asked.package);
                continue;
            }
            self.tell_hit(hit, &free, &askers, asked)?;
        }
        Ok(())
    }

    fn tell_hit(
        &mut self,
        hit: &Hit<'_>,
        free: &Free,
        askers: &Askers,
        asked: &Question<'_>,
    ) -> Result<(), DatabaseError> {
        let advisories = hit.advisories()?;
        let mut affected = self.affected(asked.index, asked.package);
        affected.advisories = hit.names();
        let way = Way { format: &self.file.format, path: &affected.path, askers };
        affected.fix = advice(hit, free, asked.package, asked.ecosystem, asked.version, way);
        affected.references = references(&advisories);
        let severity = weigh(hit, &advisories, asked.database, &mut affected)?;
        self.tell(Told {
            check: check(hit.kind),
            file: self.file,
            package: asked.package,
            about: hit.primary(),
            title: Some(title(hit, &advisories, asked.package)),
            message: self.message(&affected),
            severity,
            confidence: None,
            affected,
        });
        Ok(())
    }

    fn message(&self, affected: &AffectedPackage) -> String {
        let message = message(affected);
        match self.owner {
            Some(owner) => {
                format!(
                    "{message}; `{}` brings it, and the advisories of its distribution do not name this flaw",
                    owner.name
                )
            }
            None => message,
        }
    }

    fn affected(&self, index: usize, package: &Package) -> AffectedPackage {
        affected(package, self.paths.to(index))
    }
}

fn is_local(package: &Package) -> bool {
    matches!(package.origin, PackageOrigin::Local { .. })
}

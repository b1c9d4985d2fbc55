//! Statements about vulnerabilities: what is written reads back, and one with a defect suppresses nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_sbom::CycloneDxVersion;
use palisade_sbom::vex::{Applying, VexFinding, VexSubject, check, extend, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok((document, _)) = read(bytes, &[]) else { return };
    let openvex = document.to_openvex();
    let (again, _) = read(&openvex.bytes, &[]).expect("what is written is read");
    assert_eq!(again.statements.len() + openvex.lost.len(), document.statements.len());
    let other = document.to_cyclonedx(CycloneDxVersion::V1_6).expect("a document that was read").bytes;
    assert_eq!(
        read(&other, &[]).expect("what is written is read").0.statements.len(),
        document.statements.len()
    );
    check(bytes).expect("what is read is checked");
    if let Some(statement) = document.statements.first()
        && let Ok(extended) = extend(bytes, statement)
    {
        let (again, _) = read(&extended.bytes, &[]).expect("what is written is read");
        assert!(again.statements.len() > document.statements.len() || !extended.lost.is_empty());
    }
    let mut applying = Applying::new(&document.statements);
    let subject = VexSubject::default();
    for statement in &document.statements {
        let named = statement
            .products
            .iter()
            .flat_map(|product| std::iter::once(&product.component).chain(&product.subcomponents));
        let named =
            named.flat_map(|component| component.purls.iter().map(move |package| (component, package)));
        for (component, package) in named {
            let finding = VexFinding {
                vulnerability: &statement.vulnerability,
                aliases: &statement.aliases,
                package,
                hashes: &[],
                cpes: &component.cpes,
                subject: &subject,
            };
            if let Some(verdict) = applying.judge(&finding).verdict {
                assert!(document.statements[verdict.statement].defect.is_none());
            }
        }
    }
});

//! A bill of materials in SPDX, in its own format and by way of CycloneDX.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_sbom::{BomFormat, CycloneDxVersion, read};

fuzz_target!(|bytes: &[u8]| {
    let document = [br#"{"spdxVersion":"SPDX-2.3","#.as_slice(), bytes].concat();
    let Ok((bom, _)) = read(&document) else { return };
    let (inventory, _) = bom.to_inventory(&"sbom.json".parse().unwrap());
    let (again, _) = read(&bom.write(BomFormat::Spdx23).expect("a bill that was read").bytes)
        .expect("what is written is read");
    assert_eq!(again.components.len(), bom.components.len());
    let (other, _) =
        read(&bom.write(BomFormat::CycloneDx(CycloneDxVersion::V1_6)).expect("a bill that was read").bytes)
            .expect("what is written is read");
    assert_eq!(other.components.len(), bom.components.len());
    assert_eq!(
        other.to_inventory(&"sbom.json".parse().unwrap()).0.packages().count(),
        inventory.packages().count()
    );
});

//! A bill of materials in CycloneDX: what is read can be written in every format, and no component gets lost on the way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_sbom::{BomFormat, CycloneDxVersion, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok((bom, _)) = read(bytes) else { return };
    let _ = bom.to_inventory(&"sbom.json".parse().unwrap());
    assert!(bom.said().diff(&bom.said()).is_empty());
    for format in [
        BomFormat::CycloneDx(CycloneDxVersion::V1_4),
        BomFormat::CycloneDx(CycloneDxVersion::V1_6),
        BomFormat::CycloneDx(CycloneDxVersion::V1_7),
        BomFormat::Spdx23,
    ] {
        let written = bom.write(format).expect("a bill that was read").bytes;
        let (again, _) = read(&written).expect("what is written is read");
        assert_eq!(again.components.len(), bom.components.len());
        assert_eq!(
            again.write(format).expect("a bill that was read").bytes,
            written,
            "what is read again is written alike"
        );
    }
});

use palisade_advisory::{Delta, DeltaError, EpssScores, KevCatalog};
use serde_json::json;

use crate::support::{builder, range, record, time};

fn edition(changed: bool) -> Vec<u8> {
    let kept = record("X-1", "npm", "kept", json!({"versions": ["1.0.0"]}));
    let events = range("SEMVER", &[("introduced", "0"), ("fixed", if changed { "2.0.0" } else { "1.0.0" })]);
    let other = record("X-2", "npm", "changed", json!({"ranges": [events]}));
    let third = record(if changed { "X-4" } else { "X-3" }, "npm", "third", json!({"versions": ["1.0.0"]}));
    let mut builder = builder(&[kept, other, third]);
    let cve = if changed { "CVE-2026-90002" } else { "CVE-2026-90001" };
    let kev = json!({"catalogVersion": cve, "vulnerabilities": [{"cveID": cve}]}).to_string();
    builder.kev(KevCatalog::parse("kev", kev.as_bytes()).unwrap().0);
    let epss = format!("#model_version:v1\ncve,epss,percentile\n{cve},0.5,0.9\nCVE-2020-0001,0.1,0.1\n");
    builder.epss(EpssScores::parse("epss", epss.as_bytes()).unwrap().0);
    builder.build(time(if changed { "2026-01-12T00:00:00Z" } else { "2026-01-11T00:00:00Z" })).unwrap()
}

#[test]
fn a_delta_makes_the_very_bytes_of_the_new_build() {
    let (old, new) = (edition(false), edition(true));
    assert_ne!(old, new);
    let delta = Delta::between(&old, &new).unwrap();
    assert_eq!(Delta::apply(&old, &delta).unwrap(), new);
    assert_eq!(Delta::apply(&new, &Delta::between(&new, &old).unwrap()).unwrap(), old);
    assert_eq!(Delta::apply(&new, &Delta::between(&new, &new).unwrap()).unwrap(), new);
}

#[test]
fn a_delta_for_another_database_or_a_damaged_one_is_refused() {
    let (old, new) = (edition(false), edition(true));
    let delta = Delta::between(&old, &new).unwrap();
    assert!(matches!(Delta::apply(&new, &delta), Err(DeltaError::Base)));
    for at in 0..delta.len() {
        let mut damaged = delta.clone();
        damaged[at] ^= 0x55;
        if let Ok(made) = Delta::apply(&old, &damaged) {
            assert_eq!(made, new, "a flipped byte at {at} went through");
        }
        assert!(Delta::apply(&old, &delta[..at]).is_err());
    }
}

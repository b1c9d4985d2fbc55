//! A manifest of a database: what is read is written and read again, names no file elsewhere, and follows on itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_advisory::Manifest;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    assert!(!manifest.database.name.contains(['/', '\\']) && !manifest.database.name.starts_with('.'));
    let canonical = manifest.canonical().expect("what was read has a form");
    let again = Manifest::parse(&canonical).expect("what we write we read");
    assert_eq!(again, manifest);
    assert_eq!(again.canonical().expect("a form"), canonical);
    let fresh = manifest.accept(None, manifest.built).is_ok();
    assert_eq!(
        manifest.accept(Some(&manifest), manifest.built).is_ok(),
        fresh,
        "a manifest may be offered again"
    );
    for delta in &manifest.deltas {
        assert_eq!(manifest.delta_from(&delta.from).map(|found| found.from), Some(delta.from));
    }
});

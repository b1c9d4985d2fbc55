//! A range of any scheme, which the first word names, in its own grammar, and a version: an answer, and the same one in the common notation where that holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_version::{Requirement, Scheme, Vers, Version};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (name, text) = text.split_once(' ').unwrap_or(("", text));
    let scheme = Scheme::from_name(name).unwrap_or(Scheme::ALL[text.len() % Scheme::ALL.len()]);
    let (range, version) = text.split_once('\t').unwrap_or((text, "1.0"));
    let version = Version::parse(scheme, version);
    if let Ok(requirement) = Requirement::parse(scheme, range) {
        assert_eq!(Requirement::parse(scheme, range).as_ref(), Ok(&requirement));
        if let Ok(version) = &version {
            let _ = requirement.matches(version);
        }
    }
    if let Ok(vers) = Vers::from_native(scheme.name(), range) {
        if vers.constraints().is_none_or(|constraints| !constraints.is_empty()) {
            assert_eq!(Vers::parse(&vers.to_string()).as_ref(), Ok(&vers), "{vers}");
        }
        if let Ok(version) = &version {
            let _ = vers.contains(version.as_str());
        }
    }
});

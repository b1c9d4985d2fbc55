//! References, indexes, manifests and configurations: never a panic, and what is written is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_oci::{Document, ImageConfig, Platform, Reference, choose};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Document::Index(index)) = Document::parse(bytes, None) {
        let _ = choose(&index, None);
        assert_eq!(
            serde_json::from_slice::<palisade_oci::Index>(&serde_json::to_vec(&index).unwrap()).unwrap(),
            index
        );
    }
    if let Ok(config) = ImageConfig::parse(bytes) {
        let _ = config.instructions(3);
    }
    if let Some(platform) = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<Platform>().ok()) {
        assert_eq!(platform.to_string().parse(), Ok(platform));
    }
    if let Some(reference) = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<Reference>().ok()) {
        assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference);
    }
});

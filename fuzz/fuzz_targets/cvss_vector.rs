//! A CVSS vector of any version, and a CVE identifier: scores are scores, and the order of metrics says nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_advisory::{Cve, Cvss};

fuzz_target!(|text: &str| {
    if let Ok(cve) = text.parse::<Cve>() {
        assert_eq!(cve.to_string(), text, "an identifier has one spelling");
    }
    let Ok(cvss) = Cvss::parse(text) else { return };
    let scores = |cvss: &Cvss| (cvss.base_score(), cvss.score(), cvss.severity());
    assert!(cvss.base_score().tenths() <= 100 && cvss.score().tenths() <= 100);
    let text = text.trim();
    let (head, metrics) = match text.split_once('/') {
        Some((head, metrics)) if head.starts_with("CVSS:") => (Some(head), metrics),
        _ => (None, text),
    };
    // The first metric of version 2 is how it is known.
    let kept = usize::from(head.is_none());
    let mut parts: Vec<&str> = metrics.split('/').collect();
    parts[kept..].reverse();
    let other =
        Cvss::parse(&head.into_iter().chain(parts).collect::<Vec<_>>().join("/")).expect("the same metrics");
    assert_eq!(scores(&other), scores(&cvss));
});

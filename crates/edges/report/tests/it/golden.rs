use insta::assert_snapshot;
use palisade_model::{ScanReport, is_unprintable};
use palisade_report::{
    GitlabReport, ScanOrigin, annotations, gitlab, gitleaks_csv, gitleaks_json, html, json, junit, sarif,
    scan, scan_json,
};

use crate::sample::{extras, origin, report, view};

/// Every format of the sample.
fn all() -> Vec<(&'static str, String)> {
    let (report, extras) = (report(), extras());
    let (view, origin) = (view(&report, &extras), origin(&extras));
    let image = ScanOrigin { image: Some("registry.example/shop:1.2"), ..origin };
    vec![
        ("human", anstream::adapter::strip_str(&scan(&view)).to_string()),
        ("json", json(&scan_json(&view, "1.2.3")).unwrap()),
        ("sarif", json(&sarif(&report, "1.2.3", &extras.source)).unwrap()),
        ("junit", junit(&report)),
        ("github", annotations(&report)),
        ("gitlab", json(&gitlab(&report, &origin, GitlabReport::SecretDetection)).unwrap()),
        ("gitlab-dependencies", json(&gitlab(&report, &origin, GitlabReport::DependencyScanning)).unwrap()),
        ("gitlab-containers", json(&gitlab(&report, &image, GitlabReport::ContainerScanning)).unwrap()),
        ("gitleaks-json", gitleaks_json(&report).unwrap()),
        ("gitleaks-csv", gitleaks_csv(&report)),
        ("html", html(&view, &origin)),
    ]
}

#[test]
fn every_format_is_as_it_was() {
    for (name, text) in all() {
        assert_snapshot!(name, text);
    }
}

#[test]
fn no_format_has_a_character_that_a_terminal_obeys() {
    for (name, text) in all() {
        let bad = text.chars().find(|c| is_unprintable(*c) && *c != '\n');
        assert_eq!(bad, None, "{name}");
        let split = text.lines().find(|line| line.starts_with("::error::"));
        assert_eq!(split, None, "{name}: a line feed from the repository starts a line");
    }
}

#[test]
fn the_same_scan_is_the_same_bytes() {
    assert_eq!(all(), all());
}

#[test]
fn an_empty_scan_is_a_whole_document_too() {
    let (report, extras) = (ScanReport::default(), extras());
    assert_eq!(gitleaks_json(&report).unwrap(), "[]\n");
    assert_eq!(gitleaks_csv(&report).lines().count(), 1);
    for kind in GitlabReport::ALL {
        assert_eq!(gitlab(&report, &origin(&extras), kind)["scan"]["status"], "success");
    }
    assert!(html(&view(&report, &extras), &origin(&extras)).contains("<p>None.</p>"));
}

use palisade_model::{PackageHash, Purl};
use palisade_sbom::vex::{
    Answer, Applying, Justification, NotApplied, VexComponent, VexDocument, VexFinding, VexProduct,
    VexStatement, VexStatus, VexSubject, read,
};
use palisade_sbom::{CycloneDxVersion, vex};

use crate::FORMATS;

fn openvex(statements: &str) -> String {
    format!(
        r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://openvex.dev/docs/acme/1","author":"Acme","timestamp":"2025-01-01T00:00:00Z",
            "version":2,"statements":[{statements}]}}"#
    )
}

fn document(text: &str) -> VexDocument {
    let (document, problems) = read(text.as_bytes(), &[]).unwrap();
    assert_eq!(problems, [], "{text}");
    document
}

fn purl(text: &str) -> Purl {
    text.parse().unwrap()
}

/// What the statements say to a finding of CVE-2024-1 (GHSA-1) in that package of that image.
fn judged(statements: &[VexStatement], package: &str, image: Option<&str>) -> Answer {
    let digest = PackageHash { algorithm: "SHA-256".to_owned(), value: "ab".repeat(32) };
    let subject = VexSubject {
        purls: image.map(purl).into_iter().collect(),
        hashes: image.map(|_| digest).into_iter().collect(),
        ids: vec!["https://acme.example/shop".to_owned()],
    };
    let aliases = ["GHSA-1".to_owned()];
    let package = purl(package);
    let finding = VexFinding {
        vulnerability: "CVE-2024-1",
        aliases: &aliases,
        package: &package,
        hashes: &[],
        cpes: &[],
        subject: &subject,
    };
    Applying::new(statements).judge(&finding)
}

/// The same for one product written as OpenVEX has it.
fn product(product: &str, package: &str, image: Option<&str>) -> Result<String, NotApplied> {
    let text = openvex(&format!(
        r#"{{"vulnerability":{{"name":"CVE-2024-1"}},"products":[{product}],"status":"fixed"}}"#
    ));
    let answer = judged(&document(&text).statements, package, image);
    match answer.verdict {
        Some(verdict) => Ok(verdict.explanation),
        None => Err(answer.others[0].1.clone()),
    }
}

#[test]
fn everything_that_openvex_says_is_read_and_written() {
    let text = openvex(
        r#"{"@id":"s1","vulnerability":{"@id":"https://nvd.nist.gov/vuln/detail/CVE-2024-1","name":"CVE-2024-1","aliases":["GHSA-1","CVE-2024-1"]},
            "products":[{"@id":"https://acme.example/shop","identifiers":{"purl":"pkg:oci/shop@sha256:00","cpe23":"cpe:2.3:a:acme:shop:1:*:*:*:*:*:*:*"},
              "hashes":{"sha-256":"AB"},"subcomponents":[{"@id":"pkg:npm/a@1"},{"identifiers":{"purl":"pkg:npm/b"}}]}],
            "status":"not_affected","justification":"component_not_present","impact_statement":"gone","status_notes":"looked","timestamp":"2025-02-01T00:00:00Z"},
           {"vulnerability":{"name":"CVE-2024-2"},"products":[{"@id":"pkg:npm/c@1"}],"status":"affected","action_statement":"update"},
           {"vulnerability":{"name":"CVE-2024-3"},"products":[{"@id":"pkg:npm/c@1"}],"status":"under_investigation"},
           {"vulnerability":{"name":"CVE-2024-4"},"products":[{"@id":"pkg:npm/c@1"}],"status":"fixed","timestamp":"2025-02-01T01:00:00+02:00"}"#,
    );
    let read_document = document(&text);
    let first = &read_document.statements[0];
    assert_eq!(
        (first.vulnerability.as_str(), first.aliases.as_slice()),
        ("CVE-2024-1", ["GHSA-1".to_owned()].as_slice())
    );
    assert_eq!(first.justification, Some(Justification::ComponentNotPresent));
    assert_eq!((first.impact.as_deref(), first.notes.as_deref()), (Some("gone"), Some("looked")));
    let product = &first.products[0];
    assert_eq!(product.component.id.as_deref(), Some("https://acme.example/shop"));
    assert_eq!(product.component.hashes[0].value, "ab");
    assert_eq!(product.subcomponents.len(), 2);
    let statuses: Vec<VexStatus> = read_document.statements.iter().map(|one| one.status).collect();
    let all = [VexStatus::NotAffected, VexStatus::Affected, VexStatus::UnderInvestigation, VexStatus::Fixed];
    assert_eq!(statuses, all);
    assert_eq!(read_document.statements[1].timestamp, read_document.timestamp);
    assert_eq!(read_document.statements[3].timestamp, "2025-01-31T23:00:00Z".parse().ok());

    let written = read_document.to_openvex();
    assert!(written.lost.is_empty());
    assert_eq!(read(&written.bytes, &[]).unwrap().0, read_document);
    assert_eq!(read_document.to_openvex(), written);
}

#[test]
fn openvex_becomes_cyclonedx_and_comes_back() {
    let text = openvex(
        r#"{"vulnerability":{"name":"CVE-2024-1","aliases":["GHSA-1"]},"products":[{"@id":"pkg:oci/shop@sha256:00","subcomponents":[{"@id":"pkg:npm/a@1"},{"@id":"pkg:npm/b"}]}],
            "status":"not_affected","justification":"vulnerable_code_cannot_be_controlled_by_adversary","impact_statement":"out of reach"},
           {"vulnerability":{"name":"CVE-2024-2"},"products":[{"@id":"pkg:npm/c@1"}],"status":"affected","action_statement":"update"},
           {"vulnerability":{"name":"CVE-2024-3"},"products":[{"@id":"https://acme.example/shop"}],"status":"under_investigation","timestamp":"2025-03-01T00:00:00Z"}"#,
    );
    let original = document(&text);
    for version in
        [CycloneDxVersion::V1_4, CycloneDxVersion::V1_5, CycloneDxVersion::V1_6, CycloneDxVersion::V1_7]
    {
        let written = original.to_cyclonedx(version).unwrap();
        assert!(written.lost.is_empty(), "{:?}", written.lost);
        let (again, problems) = read(&written.bytes, &[]).unwrap();
        assert_eq!(problems, [], "{version:?}");
        assert_eq!(again.author, original.author);
        let plain = |one: &VexStatement| {
            // A product with two parts comes back as two products with one part each.
            let pairs: Vec<_> = one
                .products
                .iter()
                .flat_map(|product| {
                    let parts: Vec<_> = product.subcomponents.iter().map(Some).collect();
                    let parts = if parts.is_empty() { vec![None] } else { parts };
                    parts
                        .into_iter()
                        .map(|part| (product.component.clone(), part.cloned()))
                        .collect::<Vec<_>>()
                })
                .collect();
            (
                one.vulnerability.clone(),
                one.aliases.clone(),
                one.status,
                one.justification,
                one.impact.clone(),
                one.action.clone(),
                one.timestamp,
                pairs,
            )
        };
        let list = |document: &VexDocument| document.statements.iter().map(plain).collect::<Vec<_>>();
        assert_eq!(list(&again), list(&original), "{version:?}");
    }
}

#[test]
fn old_openvex_is_read() {
    let text = r#"{"@context":"https://openvex.dev/ns","@id":"x","author":"A","timestamp":"2023-01-01T00:00:00Z","version":"1","statements":[
        {"vulnerability":"CVE-2024-1","products":["pkg:oci/shop"],"subcomponents":["pkg:npm/a@1"],"status":"fixed"}]}"#;
    let document = document(text);
    let statement = &document.statements[0];
    assert_eq!(statement.vulnerability, "CVE-2024-1");
    assert_eq!(statement.products[0].subcomponents[0].purls, [purl("pkg:npm/a@1")]);
}

#[test]
fn defects_are_problems_and_suppress_nothing() {
    for (statement, problem) in [
        (
            r#"{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@1"}],"status":"not_affected"}"#,
            "statement 1 says `not_affected` and gives neither a justification nor an impact statement",
        ),
        (r#"{"vulnerability":{"name":"CVE-2024-1"},"status":"fixed"}"#, "statement 1 names no product"),
        (r#"{"products":[{"@id":"pkg:npm/a@1"}],"status":"fixed"}"#, "statement 1 names no vulnerability"),
        (
            r#"{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@1"}],"status":"fine"}"#,
            "`statements[0]` has no `status` that OpenVEX knows",
        ),
        (
            r#"{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@1"}],"status":"not_affected","justification":"sure"}"#,
            "`statements[0]` has an unknown `justification`",
        ),
    ] {
        let (document, problems) = read(openvex(statement).as_bytes(), &[]).unwrap();
        assert!(problems.iter().any(|one| one.detail == problem), "{problems:?}");
        assert_eq!(judged(&document.statements, "pkg:npm/a@1", None).verdict, None, "{statement}");
    }
    let text = openvex(
        r#"{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@1"}],"status":"fixed"}"#,
    )
    .replace(r#""timestamp":"2025-01-01T00:00:00Z","#, "");
    assert_eq!(read(text.as_bytes(), &[]).unwrap().1[0].detail, "statement 1 has no time");
}

#[test]
fn addresses_name_what_they_say() {
    let at = |stated: &str, actual: &str| product(&format!(r#"{{"@id":"{stated}"}}"#), actual, None);
    for (stated, actual) in [
        ("pkg:npm/a", "pkg:npm/a@1"),
        ("pkg:npm/a@1", "pkg:npm/a@1?vcs_url=x"),
        ("pkg:npm/@acme/a@1", "pkg:npm/%40acme/a@1"),
        ("pkg:pypi/Zope.Interface", "pkg:pypi/zope-interface@1"),
        ("pkg:golang/github.com/burntsushi/toml", "pkg:golang/github.com/BurntSushi/toml@v1"),
        ("pkg:deb/debian/curl@1%2Bb1", "pkg:deb/debian/curl@1+b1?arch=amd64&distro=debian-12"),
        ("pkg:deb/debian/curl@1?arch=amd64", "pkg:deb/debian/curl@1?arch=amd64&distro=debian-12"),
        ("pkg:npm/a?repository_url=https:%2F%2Fregistry.npmjs.org%2F", "pkg:npm/a@1"),
    ] {
        assert!(at(stated, actual).is_ok(), "{stated} and {actual}: {:?}", at(stated, actual));
    }
    let version = |stated: &str, found: &str| NotApplied::OtherVersion {
        stated: stated.to_owned(),
        found: found.to_owned(),
    };
    let qualifier = |key: &str, stated: &str, found: Option<&str>| NotApplied::Qualifier {
        key: key.to_owned(),
        stated: stated.to_owned(),
        found: found.map(str::to_owned),
    };
    for (stated, actual, reason) in [
        ("pkg:npm/b", "pkg:npm/a@1", NotApplied::UnknownProduct),
        ("pkg:pypi/a", "pkg:npm/a@1", NotApplied::UnknownProduct),
        ("pkg:npm/a@2", "pkg:npm/a@1", version("2", "1")),
        ("pkg:npm/a@2", "pkg:npm/a", version("2", "")),
        (
            "pkg:deb/debian/curl?arch=arm64",
            "pkg:deb/debian/curl@1?arch=amd64",
            qualifier("arch", "arm64", Some("amd64")),
        ),
        ("pkg:deb/debian/curl?arch=arm64", "pkg:deb/debian/curl@1", qualifier("arch", "arm64", None)),
        (
            "pkg:npm/a?repository_url=npm.acme.example",
            "pkg:npm/a@1",
            qualifier("repository_url", "npm.acme.example", None),
        ),
        ("https://acme.example/other", "pkg:npm/a@1", NotApplied::UnknownProduct),
    ] {
        assert_eq!(at(stated, actual), Err(reason), "{stated} and {actual}");
    }
}

#[test]
fn images_are_named_by_digest_and_repository() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let image = format!("pkg:oci/shop@{digest}?repository_url=index.docker.io%2Flibrary%2Fshop&arch=amd64");
    let at = |stated: &str| product(&format!(r#"{{"@id":"{stated}"}}"#), "pkg:npm/a@1", Some(&image));
    for stated in [
        "pkg:oci/shop".to_owned(),
        format!("pkg:oci/shop@{digest}"),
        "pkg:oci/shop?repository_url=docker.io%2Flibrary%2Fshop".to_owned(),
        "pkg:oci/shop?repository_url=docker.io/shop".to_owned(),
        "pkg:oci/shop?repository_url=https:%2F%2Fregistry-1.docker.io%2Flibrary".to_owned(),
        "pkg:oci/shop?arch=amd64".to_owned(),
        "pkg:docker/shop".to_owned(),
        format!("pkg:docker/library/shop@{digest}"),
        "https://acme.example/shop".to_owned(),
    ] {
        assert!(at(&stated).is_ok(), "{stated}: {:?}", at(&stated));
    }
    for stated in [
        "pkg:oci/other".to_owned(),
        format!("pkg:oci/shop@sha256:{}", "cd".repeat(32)),
        "pkg:oci/shop?repository_url=ghcr.io/acme/shop".to_owned(),
        "pkg:oci/shop?arch=arm64".to_owned(),
        "pkg:docker/acme/shop".to_owned(),
    ] {
        assert!(at(&stated).is_err(), "{stated}");
    }
    let by_hash =
        product(&format!(r#"{{"hashes":{{"sha-256":"{}"}}}}"#, "AB".repeat(32)), "pkg:npm/a@1", Some(&image));
    assert!(by_hash.unwrap().contains("digest SHA-256"), "by its digest alone");
    let by_cpe =
        product(r#"{"identifiers":{"cpe23":"cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"}}"#, "pkg:npm/a@1", Some(&image));
    assert_eq!(by_cpe, Err(NotApplied::OnlyCpe));
}

/// An OCI layout on a disk tells digests, and often no name.
#[test]
fn an_image_without_a_name_is_known_by_the_digest_in_its_address() {
    let digest = PackageHash { algorithm: "SHA-256".to_owned(), value: "ab".repeat(32) };
    let subject = VexSubject { hashes: vec![digest], ..VexSubject::default() };
    let package = purl("pkg:npm/a@1");
    let is_named = |address: &str| {
        let text = format!(
            r#"{{"vulnerability":{{"name":"CVE-2024-1"}},"products":[{{"@id":"{address}","subcomponents":[{{"@id":"pkg:npm/a"}}]}}],
                "status":"fixed"}}"#
        );
        let statements = read(openvex(&text).as_bytes(), &[]).unwrap().0.statements;
        let finding = VexFinding {
            vulnerability: "CVE-2024-1",
            aliases: &[],
            package: &package,
            hashes: &[],
            cpes: &[],
            subject: &subject,
        };
        Applying::new(&statements).judge(&finding).verdict.is_some()
    };
    let same = "ab".repeat(32);
    assert!(is_named(&format!("pkg:oci/shop@sha256%3A{same}?repository_url=ghcr.io/acme/shop&arch=amd64")));
    assert!(is_named(&format!("pkg:docker/acme/shop@sha256:{same}")));
    assert!(!is_named(&format!("pkg:oci/shop@sha256%3A{}", "cd".repeat(32))));
    assert!(!is_named("pkg:oci/shop"));
    assert!(!is_named(&format!("pkg:generic/shop@sha256:{same}")));
}

#[test]
fn parts_must_be_meant_too() {
    let image = "pkg:oci/shop@sha256:00?repository_url=ghcr.io/acme/shop";
    let with = |parts: &str, package: &str, image: Option<&str>| {
        product(&format!(r#"{{"@id":"pkg:oci/shop","subcomponents":[{parts}]}}"#), package, image)
    };
    assert!(with(r#"{"@id":"pkg:npm/a"}"#, "pkg:npm/a@1", Some(image)).is_ok());
    assert_eq!(
        with(r#"{"@id":"pkg:npm/b"}"#, "pkg:npm/a@1", Some(image)),
        Err(NotApplied::OtherSubcomponent)
    );
    assert!(matches!(
        with(r#"{"@id":"pkg:npm/a@2"}"#, "pkg:npm/a@1", Some(image)),
        Err(NotApplied::OtherVersion { .. })
    ));
    assert_eq!(with(r#"{"@id":"pkg:npm/a"}"#, "pkg:npm/a@1", None), Err(NotApplied::UnknownProduct));
    // A part that says nothing does not make the statement one about the whole.
    assert_eq!(with("{}", "pkg:npm/a@1", Some(image)), Err(NotApplied::OtherSubcomponent));
}

#[test]
fn the_latest_decides_and_doubt_suppresses_nothing() {
    let statement = |status: &str, time: &str, name: &str| {
        format!(
            r#"{{"vulnerability":{{"name":"{name}"}},"products":[{{"@id":"pkg:npm/a"}}],"status":"{status}","impact_statement":"x","timestamp":"2025-01-{time}T00:00:00Z"}}"#
        )
    };
    let text = openvex(
        &[
            statement("affected", "02", "CVE-2024-1"),
            statement("not_affected", "03", "ghsa-1"),
            statement("fixed", "01", "CVE-2024-1"),
            statement("not_affected", "09", "CVE-2024-9"),
        ]
        .join(","),
    );
    let statements = document(&text).statements;
    let answer = judged(&statements, "pkg:npm/a@1", None);
    let verdict = answer.verdict.unwrap();
    assert_eq!((verdict.statement, verdict.status.suppresses()), (1, true));
    assert!(verdict.explanation.contains("by its alias ghsa-1"), "{}", verdict.explanation);
    assert_eq!(answer.others, [(0, NotApplied::Superseded { by: 1 }), (2, NotApplied::Superseded { by: 1 })]);

    // Of equal times the worst counts.
    let text = openvex(
        &[statement("fixed", "05", "CVE-2024-1"), statement("under_investigation", "05", "CVE-2024-1")]
            .join(","),
    );
    let verdict = judged(&document(&text).statements, "pkg:npm/a@1", None).verdict.unwrap();
    assert_eq!((verdict.statement, verdict.status.suppresses()), (1, false));
}

#[test]
fn what_was_of_no_use_is_listed() {
    let text = openvex(
        r#"{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@1"}],"status":"fixed"},
           {"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@2"}],"status":"fixed"},
           {"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/z"}],"status":"fixed"},
           {"vulnerability":{"name":"CVE-2024-5"},"products":[{"@id":"pkg:npm/a@1"}],"status":"fixed"}"#,
    );
    let statements = document(&text).statements;
    let mut applying = Applying::new(&statements);
    let package = purl("pkg:npm/a@1");
    let subject = VexSubject::default();
    let finding = VexFinding {
        vulnerability: "CVE-2024-1",
        aliases: &[],
        package: &package,
        hashes: &[],
        cpes: &[],
        subject: &subject,
    };
    assert_eq!(applying.unused().len(), 4);
    assert_eq!(applying.judge(&finding).verdict.unwrap().statement, 0);
    let unused = applying.unused();
    let shown: Vec<String> = unused.iter().map(|(index, reason)| format!("{index}: {reason}")).collect();
    let expected = [
        "1: it is about version 2, not 1",
        "2: it names neither the product nor the package",
        "3: it is about another vulnerability",
    ];
    assert_eq!(shown, expected);
}

const CYCLONEDX: &str = r#"{
  "bomFormat":"CycloneDX","specVersion":"1.5","version":1,"serialNumber":"urn:uuid:11111111-2222-4333-8444-555555555555",
  "metadata":{"timestamp":"2025-01-01T00:00:00Z","authors":[{"name":"Acme"}]},
  "components":[{"type":"library","bom-ref":"a","name":"a","purl":"pkg:npm/a"}],
  "vulnerabilities":[
    {"id":"CVE-2024-1","references":[{"id":"GHSA-1","source":{"name":"GitHub"}}],
     "analysis":{"state":"not_affected","justification":"code_not_reachable","detail":"never called"},
     "affects":[{"ref":"a","versions":[{"version":"1"},{"range":"vers:npm/<1"}]}]},
    {"id":"CVE-2024-2","analysis":{"state":"exploitable","response":["update","rollback"]},"affects":[{"ref":"pkg:npm/b@2"}]},
    {"id":"CVE-2024-3","analysis":{"state":"false_positive"},"affects":[{"ref":"urn:cdx:99999999-2222-4333-8444-555555555555/1#x%2Fy"}]},
    {"id":"CVE-2024-4","ratings":[]}
  ]}"#;

/// Why the statement does not apply to a package, when it names `ranges` beside the address.
fn of_ranges(ranges: &[&str], package: &str) -> Result<(), String> {
    let ranges: Vec<String> = ranges.iter().map(|range| format!(r#"{{"range":"{range}"}}"#)).collect();
    let text = CYCLONEDX
        .replace(r#"{"version":"1"},{"range":"vers:npm/<1"}"#, &ranges.join(","))
        .replace(r#""pkg:npm/a""#, &format!("\"{}\"", package.split('@').next().unwrap()));
    let (document, _) = read(text.as_bytes(), &[]).unwrap();
    let answer = judged(&document.statements, package, None);
    match answer.verdict {
        Some(_) => Ok(()),
        None => Err(answer.others[0].1.to_string()),
    }
}

#[test]
fn ranges_hold_versions_by_the_order_of_the_ecosystem() {
    // The order of Debian: a tilde stands before the end.
    assert_eq!(of_ranges(&["vers:deb/<1.2"], "pkg:deb/debian/a@1.2~rc1"), Ok(()));
    assert_eq!(of_ranges(&["vers:pypi/>=1.0|<2.0"], "pkg:pypi/a@1.10"), Ok(()));
    assert_eq!(of_ranges(&["vers:npm/<1.0.0", "vers:npm/>=2.0.0|<2.3.0"], "pkg:npm/a@2.2.9"), Ok(()));
    assert_eq!(of_ranges(&["vers:npm/*"], "pkg:npm/a@7.0.0"), Ok(()));
    assert_eq!(of_ranges(&["vers:generic/<2"], "pkg:npm/a@1.9.0"), Ok(()));
    let refused = |ranges: &[&str], package: &str, reason: &str| {
        let told = of_ranges(ranges, package).unwrap_err();
        assert!(told.contains(reason), "{told}");
    };
    refused(&["vers:npm/<1.0.0", "vers:npm/>=2.0.0|<2.3.0"], "pkg:npm/a@2.3.0", "not 2.3.0");
    refused(&["vers:deb/<3"], "pkg:npm/a@2.3.0", "cannot be evaluated: it is of `deb`");
    refused(&["<3"], "pkg:npm/a@2.3.0", "cannot be evaluated");
    refused(&["vers:npm/<3"], "pkg:npm/a@not-a-version", "cannot be evaluated");
    refused(&["vers:npm/<3"], "pkg:npm/a", "cannot be evaluated");
    refused(&["vers:nosuch/<3", "vers:npm/<1"], "pkg:npm/a@2.0.0", "cannot be evaluated");
}

#[test]
fn a_name_by_cpe_applies_where_that_of_the_package_is_known() {
    let text = CYCLONEDX.replace(r#""purl":"pkg:npm/a""#, r#""cpe":"cpe:2.3:a:acme:a:*:*:*:*:*:*:*:*""#);
    let (document, _) = read(text.as_bytes(), &[]).unwrap();
    let (package, subject) = (purl("pkg:npm/a@0.9.0"), VexSubject::default());
    let judged = |cpes: &[String]| {
        let finding = VexFinding {
            vulnerability: "CVE-2024-1",
            aliases: &[],
            package: &package,
            hashes: &[],
            cpes,
            subject: &subject,
        };
        Applying::new(&document.statements).judge(&finding)
    };
    let known = judged(&["cpe:2.3:a:acme:a:0.9.0:*:*:*:*:*:*:*".to_owned()]);
    assert!(known.verdict.unwrap().explanation.contains("cpe:2.3:a:acme:a"), "it says by what");
    assert_eq!(judged(&[]).others[0].1, NotApplied::OnlyCpe);
    let other = judged(&["cpe:2.3:a:acme:b:0.9.0:*:*:*:*:*:*:*".to_owned()]);
    assert_eq!(other.others[0].1, NotApplied::UnknownProduct);
}

#[test]
fn vex_of_cyclonedx_is_read_and_its_links_resolved() {
    let (document, problems) = read(CYCLONEDX.as_bytes(), &[]).unwrap();
    let details: Vec<&str> = problems.iter().map(|problem| problem.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "`vulnerabilities[2].affects[0]` is `urn:cdx:99999999-2222-4333-8444-555555555555/1#x%2Fy`, which leads to no component",
            "statement 3 says `not_affected` and gives neither a justification nor an impact statement",
        ]
    );
    let [first, second, third] = document.statements.as_slice() else { panic!("{document:?}") };
    assert_eq!(first.justification, Some(Justification::VulnerableCodeNotInExecutePath));
    assert_eq!(
        (first.author.as_deref(), first.aliases.as_slice()),
        (Some("Acme"), ["GHSA-1".to_owned()].as_slice())
    );
    assert_eq!((second.status, second.action.as_deref()), (VexStatus::Affected, Some("update, rollback")));
    assert_eq!(second.products[0].component.purls, [purl("pkg:npm/b@2")]);
    assert_eq!((third.index, third.vulnerability.as_str()), (2, "CVE-2024-3"));
    assert!(judged(&document.statements, "pkg:npm/a@1", None).verdict.is_some());
    assert!(judged(&document.statements, "pkg:npm/a@0.9.0", None).verdict.is_some(), "it is in the range");
    let other = judged(&document.statements, "pkg:npm/a@1.1.0", None);
    let out = NotApplied::OutOfRange { range: "vers:npm/<1".to_owned(), found: "1.1.0".to_owned() };
    assert_eq!(other.others, [(0, out)]);

    let bom = crate::read(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:99999999-2222-4333-8444-555555555555",
            "metadata":{"component":{"type":"container","bom-ref":"root","name":"shop","purl":"pkg:oci/shop@sha256:00"}},
            "components":[{"bom-ref":"x/y","name":"x","purl":"pkg:npm/x@1"}]}"#,
    );
    let (document, problems) = read(CYCLONEDX.as_bytes(), &[&bom]).unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let product = &document.statements[2].products[0];
    assert_eq!(product.component.purls, [purl("pkg:oci/shop@sha256:00")]);
    assert_eq!(product.subcomponents[0].purls, [purl("pkg:npm/x@1")]);
}

#[test]
fn what_is_said_of_some_versions_is_never_said_of_all() {
    let (document, _) = read(CYCLONEDX.as_bytes(), &[]).unwrap();
    let written = document.to_openvex();
    let (again, _) = read(&written.bytes, &[]).unwrap();
    assert_eq!(again.statements[0].products[0].component.purls, [purl("pkg:npm/a@1")]);
    let ranges = CYCLONEDX.replace(r#"{"version":"1"},"#, "");
    let written = read(ranges.as_bytes(), &[]).unwrap().0.to_openvex();
    assert_eq!(
        written.lost.into_iter().collect::<Vec<_>>(),
        ["statement 1, which is about ranges of versions"]
    );
    assert_eq!(
        judged(&read(&written.bytes, &[]).unwrap().0.statements, "pkg:npm/a@1", None),
        Answer::default()
    );
    let back = document.to_cyclonedx(CycloneDxVersion::V1_5).unwrap().bytes;
    assert_eq!(read(&back, &[]).unwrap().0.statements[0].products, document.statements[0].products);
}

/// `resolved` is said of a vulnerability, and beside it which versions have it still.
#[test]
fn a_version_that_is_called_affected_does_not_pass() {
    let with = |state: &str, versions: &str| {
        let text = CYCLONEDX
            .replacen("\"state\":\"not_affected\"", &format!("\"state\":\"{state}\""), 1)
            .replace(r#"{"version":"1"},{"range":"vers:npm/<1"}"#, versions);
        read(text.as_bytes(), &[]).unwrap().0
    };
    let decides = |state: &str, versions: &str| {
        judged(&with(state, versions).statements, "pkg:npm/a@1", None).verdict.is_some()
    };
    let both = r#"{"version":"1","status":"affected"},{"version":"2","status":"unaffected"}"#;
    assert!(!decides("resolved", both));
    assert!(!decides("not_affected", both));
    assert!(!decides("not_affected", r#"{"range":"vers:npm/*","status":"affected"}"#));
    assert!(!decides("not_affected", r#"{"version":"1","status":"unknown"}"#));
    assert!(decides("exploitable", both));
    assert!(decides("not_affected", r#"{"version":"1","status":"unaffected"}"#));
    // What is written says of each version what is meant, as it would be "affected" otherwise.
    let written = |state: &str| {
        let bytes = with(state, r#"{"version":"1"}"#).to_cyclonedx(CycloneDxVersion::V1_6).unwrap().bytes;
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        value["vulnerabilities"][0]["affects"][0]["versions"][0]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!([written("resolved"), written("exploitable")], ["unaffected", "affected"]);
}

/// As the latest it would outlast all that are made until then.
#[test]
fn a_statement_of_the_future_lets_nothing_pass() {
    let text = openvex(
        r#"{"vulnerability":{"name":"CVE-2024-1"},"products":[{"@id":"pkg:npm/a@1"}],"status":"not_affected",
            "impact_statement":"never called","timestamp":"2025-01-03T00:00:00Z"}"#,
    );
    let at = |now: &str| {
        let mut document = read(text.as_bytes(), &[]).unwrap().0;
        document.distrust_the_future(now.parse().unwrap());
        judged(&document.statements, "pkg:npm/a@1", None)
    };
    assert!(at("2025-01-03T00:00:00Z").verdict.is_some());
    assert!(at("2025-01-02T00:00:00Z").verdict.is_some(), "clocks differ");
    let early = at("2025-01-01T23:59:59Z");
    assert_eq!(early.verdict, None);
    assert_eq!(early.others[0].1.to_string(), "it is of 2025-01-03T00:00:00Z, which is to come");
}

#[test]
fn a_bill_keeps_the_statements_in_it() {
    let bom = palisade_sbom::read(CYCLONEDX.as_bytes()).unwrap().0;
    let again = bom.write(FORMATS[2]).unwrap().bytes;
    assert_eq!(read(&again, &[]).unwrap().0.statements.len(), 3);
}

fn statement(vulnerability: &str, status: VexStatus) -> VexStatement {
    VexStatement {
        document: String::new(),
        index: 0,
        id: None,
        vulnerability: vulnerability.to_owned(),
        aliases: Vec::new(),
        products: vec![VexProduct {
            component: VexComponent::of_text("pkg:npm/left@1.0.0"),
            subcomponents: Vec::new(),
        }],
        status,
        justification: None,
        impact: Some("never called".to_owned()),
        action: Some("update it".to_owned()),
        notes: None,
        timestamp: Some("2026-03-01T00:00:00Z".parse().unwrap()),
        author: None,
        defect: None,
    }
}

/// What OpenVEX 0.2.0 demands: `version` goes up with every change, `timestamp` stays that of the issue.
#[test]
fn a_statement_is_added_and_nothing_else_is_lost() {
    let before = serde_json::json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex-1", "author": "Ada",
        "timestamp": "2026-01-01T00:00:00Z", "version": 3, "tooling": "by hand",
        "statements": [{ "vulnerability": { "name": "CVE-1", "description": "kept" },
            "products": [{ "@id": "pkg:npm/left" }], "status": "under_investigation", "status_notes": "kept" }],
    });
    let extended =
        vex::extend(before.to_string().as_bytes(), &statement("CVE-2", VexStatus::NotAffected)).unwrap();
    let after: serde_json::Value = serde_json::from_slice(&extended.bytes).unwrap();
    for key in ["@context", "@id", "author", "timestamp", "tooling"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_eq!(after["version"], 4);
    assert_eq!(after["last_updated"], "2026-03-01T00:00:00Z");
    assert_eq!(after["statements"][0], before["statements"][0]);
    assert_eq!(after["statements"][1]["vulnerability"]["name"], "CVE-2");
    assert_eq!(after["statements"][1]["timestamp"], "2026-03-01T00:00:00Z");
}

#[test]
fn a_statement_is_added_to_cyclonedx_of_ours() {
    let first = VexDocument {
        revision: 1,
        statements: vec![statement("CVE-1", VexStatus::Fixed)],
        ..VexDocument::default()
    };
    let ours = first.to_cyclonedx(CycloneDxVersion::V1_6).unwrap().bytes;
    let extended = vex::extend(&ours, &statement("CVE-2", VexStatus::NotAffected)).unwrap();
    let (read, problems) = read(&extended.bytes, &[]).unwrap();
    assert_eq!((read.statements.len(), read.revision, problems.len()), (2, 2, 0));
    assert_eq!(read.statements[0].products, read.statements[1].products);
    let whole: serde_json::Value = serde_json::from_slice(&extended.bytes).unwrap();
    assert_eq!(whole["components"].as_array().unwrap().len(), 1, "what is there is named, not repeated");
}

/// A bill with a statement of its own, as other tools write it.
fn bill() -> serde_json::Value {
    serde_json::json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 7,
        "metadata": { "timestamp": "2025-01-01T00:00:00Z", "tools": [{ "name": "other" }],
            "component": { "type": "application", "bom-ref": "root", "name": "shop", "purl": "pkg:npm/shop@1" } },
        "components": [{ "type": "library", "bom-ref": "r1", "name": "left", "purl": "pkg:npm/left@1.0.0",
            "description": "kept", "components": [
                { "type": "library", "bom-ref": "pkg:npm/taken@1", "name": "inner", "purl": "pkg:npm/inner@1" }] }],
        "dependencies": [{ "ref": "root", "dependsOn": ["r1"] }],
        "compositions": [{ "aggregate": "complete" }],
        "vulnerabilities": [{ "id": "CVE-1", "analysis": { "state": "in_triage" }, "affects": [{ "ref": "r1" }] }],
    })
}

#[test]
fn cyclonedx_of_others_keeps_what_it_holds() {
    let before = bill();
    let say = |product: &str, parts: &[&str]| {
        let mut statement = statement("CVE-2", VexStatus::NotAffected);
        let named = |text: &str| VexComponent::of_purl(purl(text));
        let subcomponents = parts.iter().map(|part| named(part)).collect();
        statement.products = vec![VexProduct { component: named(product), subcomponents }];
        let extended = vex::extend(before.to_string().as_bytes(), &statement).unwrap();
        let after: serde_json::Value = serde_json::from_slice(&extended.bytes).unwrap();
        for key in ["metadata", "dependencies", "compositions", "specVersion"] {
            assert_eq!(after[key], before[key], "{key}");
        }
        assert_eq!(after["version"], 8);
        assert_eq!(after["components"][0], before["components"][0]);
        assert_eq!(after["vulnerabilities"][0], before["vulnerabilities"][0]);
        let (read, problems) = read(&extended.bytes, &[]).unwrap();
        assert_eq!(problems, []);
        let reference = after["vulnerabilities"][1]["affects"][0]["ref"].as_str().unwrap().to_owned();
        (reference, after["components"].as_array().unwrap().len(), read.statements[1].products.clone())
    };
    let names = |product: &VexProduct| {
        let of = |component: &VexComponent| component.purls[0].to_string();
        (of(&product.component), product.subcomponents.iter().map(of).collect::<Vec<_>>())
    };
    // A part of what the bill is about that it lists, one that it does not list, and one whose reference is taken.
    let (reference, count, products) = say("pkg:npm/shop@1", &["pkg:npm/left@1.0.0"]);
    assert_eq!((reference.as_str(), count), ("r1", 1));
    assert_eq!(names(&products[0]), ("pkg:npm/shop@1".to_owned(), vec!["pkg:npm/left@1.0.0".to_owned()]));
    let (reference, count, products) = say("pkg:npm/shop@1", &["pkg:npm/new@2"]);
    assert_eq!((reference.as_str(), count), ("pkg:npm/new@2", 2));
    assert_eq!(names(&products[0]).1, ["pkg:npm/new@2"]);
    let (reference, _, products) = say("pkg:npm/shop@1", &["pkg:npm/taken@1"]);
    assert_eq!(
        (reference.as_str(), names(&products[0]).1),
        ("pkg:npm/taken@1#2", vec!["pkg:npm/taken@1".to_owned()])
    );
    // The whole, and another product that has the same part.
    let (reference, count, products) = say("pkg:npm/shop@1", &[]);
    assert_eq!((reference.as_str(), count), ("root", 1));
    assert_eq!(names(&products[0]), ("pkg:npm/shop@1".to_owned(), vec![]));
    let (_, count, products) = say("pkg:npm/till@3", &["pkg:npm/left@1.0.0"]);
    assert_eq!(count, 2);
    assert_eq!(names(&products[0]), ("pkg:npm/till@3".to_owned(), vec!["pkg:npm/left@1.0.0".to_owned()]));
}

#[test]
fn nothing_is_added_where_a_document_has_something_else() {
    for (key, broken) in [("vulnerabilities", "none"), ("components", "none")] {
        let mut bill = bill();
        bill[key] = serde_json::json!(broken);
        let added = vex::extend(bill.to_string().as_bytes(), &statement("CVE-2", VexStatus::Fixed));
        assert!(added.is_err(), "{key}");
    }
    let mut old = bill();
    old["specVersion"] = serde_json::json!("1.3");
    assert!(vex::extend(old.to_string().as_bytes(), &statement("CVE-2", VexStatus::Fixed)).is_err());
}

#[test]
fn a_check_names_the_rule_and_the_line() {
    let text = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/1",
"timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
{"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:npm/a"}], "status": "not_affected"},
{"vulnerability": {"name": "CVE-2"}, "products": [{"@id": "pkg:npm/a"}], "status": "affected"},
{"vulnerability": {"name": "CVE-3"}, "products": [{"@id": "pkg:npm/a"}], "status": "fixed"},
{"vulnerability": {"name": "CVE-3"}, "products": [{"@id": "pkg:npm/a"}], "status": "under_investigation"},
{"vulnerability": {"name": "CVE-4"}, "products": [{"@id": "pkg:npm/a"}], "status": "maybe"}]}"#;
    let faults = vex::check(text.as_bytes()).unwrap();
    let told: Vec<_> = faults.iter().map(|fault| (fault.statement, fault.line)).collect();
    let place = |number: u32| (Some(number), Some(number + 2));
    assert_eq!(told, [(None, None), place(1), place(2), place(4), place(5)], "{faults:#?}");
    let good = text.replace("\"version\": 1", "\"author\": \"Ada\", \"version\": 1");
    assert_eq!(vex::check(good.as_bytes()).unwrap().len(), 4);
}

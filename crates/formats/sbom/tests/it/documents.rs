//! Documents in the ways that other tools write them, made by hand.

use palisade_model::{PackageEvidence, Relation, Scope};
use palisade_sbom::{BomFormat, BomLicenceKind, CycloneDxVersion};

use crate::{FORMATS, place, problems, read};

/// As npm and cdxgen write: nested components, scopes, licences in three ways, evidence.
const NESTED: &str = r#"{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3,
  "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
  "metadata": {
    "timestamp": "2025-03-04T05:06:07.891+01:00",
    "tools": { "components": [ { "type": "application", "group": "@acme", "name": "maker", "version": "9.1" } ] },
    "lifecycles": [ { "phase": "build" } ],
    "component": { "type": "application", "bom-ref": "root", "name": "shop", "version": "1.0.0" }
  },
  "components": [
    {
      "type": "library", "bom-ref": "a", "group": "@babel", "name": "core", "version": "7.0.0",
      "purl": "pkg:npm/%40babel/core@7.0.0", "scope": "required",
      "licenses": [ { "license": { "id": "MIT", "acknowledgement": "declared" } }, { "license": { "name": "Own words" } } ],
      "hashes": [ { "alg": "MD5", "content": "ABABABABABABABABABABABABABABABAB" } ],
      "evidence": {
        "identity": [ { "field": "purl", "confidence": 1 } ],
        "occurrences": [ { "location": "package-lock.json", "line": 17 } ]
      },
      "components": [
        { "type": "library", "bom-ref": "b", "name": "inner", "version": "2", "purl": "pkg:npm/inner@2", "scope": "optional",
          "licenses": [ { "expression": "MIT OR ISC" } ] }
      ]
    },
    { "type": "library", "bom-ref": "c", "name": "tester", "version": "3", "purl": "pkg:npm/tester@3",
      "properties": [ { "name": "cdx:npm:package:development", "value": "true" } ],
      "externalReferences": [ { "type": "vcs", "url": "https://example.org/tester" } ] }
  ],
  "services": [ { "bom-ref": "s", "name": "pay" } ],
  "dependencies": [
    { "ref": "root", "dependsOn": [ "a", "c", "s" ] }, { "ref": "a", "dependsOn": [ "b" ] }, { "ref": "s" }
  ]
}"#;

/// As Syft and Trivy write SPDX.
const SPDX: &str = r#"{
  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "image",
  "documentNamespace": "https://example.org/image-1",
  "creationInfo": { "created": "2025-03-04T05:06:07Z", "creators": [ "Organization: Acme", "Tool: maker-1.2" ], "licenseListVersion": "3.24" },
  "packages": [
    { "name": "image", "SPDXID": "SPDXRef-Root", "downloadLocation": "NOASSERTION", "primaryPackagePurpose": "CONTAINER",
      "filesAnalyzed": false },
    { "name": "libssl3", "SPDXID": "SPDXRef-ssl", "versionInfo": "3.0.11-1~deb12u2", "downloadLocation": "NONE",
      "supplier": "Person: Debian OpenSSL Team", "licenseDeclared": "Apache-2.0 AND LicenseRef-own", "licenseConcluded": "NOASSERTION",
      "checksums": [ { "algorithm": "SHA256", "checksumValue": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } ],
      "externalRefs": [
        { "referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*" },
        { "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
          "referenceLocator": "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl" }
      ],
      "attributionTexts": [ "thanks" ] },
    { "name": "libc6", "SPDXID": "SPDXRef-c", "versionInfo": "2.36", "downloadLocation": "NONE",
      "externalRefs": [ { "referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl",
        "referenceLocator": "pkg:deb/debian/libc6@2.36?distro=debian-12" } ] },
    { "name": "linter", "SPDXID": "SPDXRef-lint", "versionInfo": "1", "downloadLocation": "NONE",
      "externalRefs": [ { "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/linter@1" } ] }
  ],
  "hasExtractedLicensingInfos": [ { "licenseId": "LicenseRef-own", "extractedText": "do as you like", "name": "Own" } ],
  "relationships": [
    { "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Root" },
    { "spdxElementId": "SPDXRef-Root", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-ssl" },
    { "spdxElementId": "SPDXRef-c", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-ssl" },
    { "spdxElementId": "SPDXRef-lint", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-Root" },
    { "spdxElementId": "SPDXRef-ssl", "relationshipType": "VARIANT_OF", "relatedSpdxElement": "SPDXRef-c" }
  ]
}"#;

#[test]
fn nested_components_become_packages() {
    let bom = read(NESTED);
    let (inventory, problems) = bom.to_inventory(&place());
    assert_eq!(problems, []);
    let [file] = inventory.files.as_slice() else { panic!("{inventory:?}") };
    assert_eq!((file.format.as_str(), file.path.to_string()), ("cyclonedx", "sbom.json".to_owned()));
    let told: Vec<_> = file
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package.scope, package.relation))
        .collect();
    let expected = [
        ("@babel/core", Scope::Prod, Relation::Direct),
        ("inner", Scope::Optional, Relation::Transitive),
        ("tester", Scope::Dev, Relation::Direct),
    ];
    assert_eq!(told, expected);
    let core = &file.packages[0];
    assert_eq!((core.line, core.dependencies.as_slice()), (17, [1].as_slice()));
    assert_eq!(core.licences, ["MIT", "Own words"]);
    assert_eq!(core.hashes[0].value, "ab".repeat(16));
    assert_eq!(core.ecosystem.as_ref().unwrap().as_str(), "npm");
    assert_eq!(file.packages[1].licences, ["MIT OR ISC"]);
}

#[test]
fn nothing_is_lost_in_the_same_version() {
    let bom = read(NESTED);
    for version in [CycloneDxVersion::V1_6, CycloneDxVersion::V1_7] {
        let written = bom.write(BomFormat::CycloneDx(version)).unwrap();
        assert_eq!(written.lost.into_iter().collect::<Vec<_>>(), Vec::<String>::new(), "{version:?}");
        let (mut again, problems) = palisade_sbom::read(&written.bytes).unwrap();
        assert_eq!(problems, []);
        again.source = bom.source;
        let expected: serde_json::Value = serde_json::from_str(NESTED).unwrap();
        let got: serde_json::Value = serde_json::from_slice(&written.bytes).unwrap();
        assert_eq!(again, bom);
        assert_eq!(got["services"], expected["services"]);
        assert_eq!(got["components"][0]["components"][0]["name"], "inner");
        assert_eq!(got["components"][0]["evidence"], expected["components"][0]["evidence"]);
        assert_eq!(got["serialNumber"], expected["serialNumber"]);
    }
}

#[test]
fn what_an_old_version_cannot_hold_is_named() {
    let written = read(NESTED).write(BomFormat::CycloneDx(CycloneDxVersion::V1_4)).unwrap();
    let lost: Vec<&str> = written.lost.iter().map(String::as_str).collect();
    for part in [
        "`lifecycles` of the metadata",
        "where component `a` was seen",
        "`externalReferences` of component `c`",
    ] {
        assert!(lost.iter().any(|line| line.contains(part)), "{part}: {lost:?}");
    }
}

#[test]
fn spdx_of_other_tools_becomes_packages() {
    let bom = read(SPDX);
    assert_eq!(bom.subject().unwrap().name, "image");
    assert_eq!(bom.metadata.tools[0].version.as_deref(), Some("1.2"));
    let (inventory, problems) = bom.to_inventory(&place());
    assert_eq!(problems, []);
    let packages = &inventory.files[0].packages;
    let told: Vec<_> =
        packages.iter().map(|one| (one.name.as_str(), one.scope, one.relation, one.evidence)).collect();
    let expected = [
        ("libssl3", Scope::Prod, Relation::Unknown, PackageEvidence::Installed),
        ("libc6", Scope::Prod, Relation::Transitive, PackageEvidence::Installed),
        ("linter", Scope::Dev, Relation::Direct, PackageEvidence::Locked),
    ];
    assert_eq!(told, expected);
    let ssl = &packages[0];
    assert_eq!(ssl.ecosystem.as_ref().unwrap().as_str(), "Debian:12");
    let source = ssl.source.as_ref().unwrap();
    assert_eq!((source.name.as_str(), source.version.as_str()), ("openssl", "3.0.11-1~deb12u2"));
    assert_eq!(ssl.dependencies, [1]);
    assert_eq!(ssl.licences, ["Apache-2.0 AND LicenseRef-own"]);
    assert_eq!(bom.components[1].licences[0].kind, BomLicenceKind::Expression);
}

#[test]
fn spdx_of_other_tools_is_written_again() {
    let bom = read(SPDX);
    let written = bom.write(BomFormat::Spdx23).unwrap();
    assert!(written.lost.is_empty(), "{:?}", written.lost);
    let (again, problems) = palisade_sbom::read(&written.bytes).unwrap();
    assert_eq!((&again, problems), (&bom, vec![]));
    let got: serde_json::Value = serde_json::from_slice(&written.bytes).unwrap();
    let expected: serde_json::Value = serde_json::from_str(SPDX).unwrap();
    assert_eq!(got["hasExtractedLicensingInfos"], expected["hasExtractedLicensingInfos"]);
    assert_eq!(got["packages"][1]["supplier"], "Person: Debian OpenSSL Team");
    assert_eq!(got["packages"][1]["attributionTexts"], expected["packages"][1]["attributionTexts"]);
}

#[test]
fn conversions_keep_the_packages_and_carry_the_rest() {
    for text in [NESTED, SPDX] {
        let bom = read(text);
        let names = |inventory: palisade_model::Inventory| -> Vec<_> {
            inventory
                .packages()
                .map(|(_, one)| (one.purl.clone(), one.scope, one.relation, one.licences.clone()))
                .collect()
        };
        let expected = names(bom.to_inventory(&place()).0);
        for format in FORMATS {
            let (again, problems) = palisade_sbom::read(&bom.write(format).unwrap().bytes).unwrap();
            assert_eq!(problems, [], "{format}");
            let got = names(again.to_inventory(&place()).0);
            assert_eq!(got, expected, "{format}");
            assert_eq!(again.components.len(), bom.components.len());
        }
    }
    let converted = palisade_sbom::read(&read(SPDX).write(FORMATS[2]).unwrap().bytes).unwrap().0;
    let carried = converted.components[1].property("palisade:spdx:attributionTexts");
    assert_eq!(carried, Some("[\"thanks\"]"));
}

#[test]
fn what_should_be_a_package_and_says_too_little_is_a_problem() {
    let of = |components: &str| {
        problems(&format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{components}],"dependencies":[{{"ref":"x","dependsOn":["y"]}}]}}"#
        ))
    };
    let missing = "`dependencies[0]` is of `x`, which is no component".to_owned();
    let cases = [
        (r#"{"type":"library"}"#, "`components[0]` has no name"),
        (
            r#"{"type":"library","name":"a"}"#,
            "component `component-0` has no address, so advisories cannot be looked up for it",
        ),
        (
            r#"{"type":"library","name":"a","purl":"npm/a"}"#,
            "`components[0]` has the address `npm/a`: does not begin with `pkg:`",
        ),
        (
            r#"{"type":"library","name":7,"purl":"pkg:npm/a"}"#,
            "`components[0].name` is a number instead of a text",
        ),
        (
            r#"{"bom-ref":"q","name":"a","purl":"pkg:npm/a@1"},{"bom-ref":"q","name":"b","purl":"pkg:npm/b@1"}"#,
            "`components[1]` has the `bom-ref` of another component",
        ),
        ("7", "`components[0]` is a number instead of an object"),
        (r#"{"name":"a","purl":"pkg:npm/a@1","scope":"never"}"#, "`components[0]` has an unknown `scope`"),
        (
            r#"{"name":"a","purl":"pkg:npm/a@1","hashes":[{"alg":"MD5"}]}"#,
            "`components[0].hashes[0]` has no `alg` or no `content`",
        ),
        (
            r#"{"name":"a","purl":"pkg:npm/a@1","licenses":[{}]}"#,
            "`components[0].licenses[0]` has neither `expression` nor `license`",
        ),
    ];
    for (components, problem) in cases {
        let got = of(components);
        assert!(got.contains(&problem.to_owned()) && got.contains(&missing), "{components}: {got:?}");
    }
    assert_eq!(
        of(r#"{"type":"file","name":"a"},{"type":"operating-system","name":"debian","version":"12"}"#),
        [missing]
    );
}

/// `null` is not "nothing": the schema wants a list.
#[test]
fn a_list_that_is_none_is_a_problem() {
    for value in ["null", "{}", "7"] {
        let text = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":{value}}}"#);
        assert_eq!(problems(&text), ["`components` is no list"], "{value}");
    }
}

#[test]
fn a_product_without_a_name_is_no_problem() {
    let bom = read(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"container","bom-ref":"r"}},
        "components":[{"bom-ref":"a","name":"a","purl":"pkg:npm/a@1"}],"dependencies":[{"ref":"r","dependsOn":["a"]}]}"#,
    );
    let (inventory, problems) = bom.to_inventory(&place());
    assert_eq!(problems, []);
    assert_eq!(inventory.files[0].packages[0].relation, Relation::Direct);
}

#[test]
fn kinds_that_spdx_does_not_have_stay() {
    let bom = read(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"data","name":"a"},{"type":"odd","name":"b"}]}"#,
    );
    let once = palisade_sbom::read(&bom.write(BomFormat::Spdx23).unwrap().bytes).unwrap().0;
    let twice = palisade_sbom::read(&once.write(BomFormat::Spdx23).unwrap().bytes).unwrap().0;
    let kinds: Vec<&str> = twice.components.iter().map(|component| component.kind.as_str()).collect();
    assert_eq!(kinds, ["data", "odd"]);
}

#[test]
fn bills_are_compared() {
    let with = |components: &str| {
        read(&format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{components}]}}"#))
    };
    let before = with(
        r#"{"name":"a","purl":"pkg:npm/a@1"},{"name":"b","purl":"pkg:npm/b@1","licenses":[{"license":{"id":"MIT"}}]},
           {"name":"c","purl":"pkg:npm/c@1"},{"name":"d","purl":"pkg:npm/d@1"},{"name":"d","purl":"pkg:npm/d@2"}"#,
    );
    let after = with(
        r#"{"name":"e","purl":"pkg:npm/e@1"},{"name":"d","purl":"pkg:npm/d@2"},{"name":"c","purl":"pkg:npm/c@1","scope":"excluded"},
           {"name":"b","purl":"pkg:npm/b@1","licenses":[{"license":{"id":"ISC"}}]}"#,
    );
    let diff = before.said().diff(&after.said());
    let shown = serde_json::to_value(&diff).unwrap();
    let expected = serde_json::json!({
        "added": [{ "key": "pkg:npm/e", "versions": ["1"] }],
        "removed": [{ "key": "pkg:npm/a", "versions": ["1"] }],
        "versions": [{ "key": "pkg:npm/d", "before": ["1", "2"], "after": ["2"] }],
        "licences": [{ "key": "pkg:npm/b", "before": ["MIT"], "after": ["ISC"] }],
        "scopes": [{ "key": "pkg:npm/c", "before": ["required"], "after": ["excluded"] }],
    });
    assert_eq!(shown, expected);
    assert!(!diff.is_empty() && before.said().diff(&before.said()).is_empty());
}

/// A component's name may be a title; what advisories are looked up for is its address.
#[test]
fn the_address_names_the_package_and_a_contradiction_is_told() {
    let read = |component: serde_json::Value| {
        let text =
            serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component] });
        let (bom, _) = palisade_sbom::read(text.to_string().as_bytes()).unwrap();
        let (inventory, problems) = bom.to_inventory(&"bom.json".parse().unwrap());
        let package = inventory.files[0].packages[0].clone();
        (package.name, package.version.unwrap_or_default(), problems.len())
    };
    let component = |name: &str, version: &str, purl: &str| {
        read(serde_json::json!({ "type": "library", "name": name, "version": version, "purl": purl }))
    };
    assert_eq!(
        component("Spring Core", "6.0.0", "pkg:maven/org.springframework/spring-core@6.0.0").0,
        "org.springframework:spring-core"
    );
    assert_eq!(component("x", "1.0.0", "pkg:npm/left@1.0.0"), ("left".into(), "1.0.0".into(), 0));
    assert_eq!(component("JSONStream", "1.0.0", "pkg:npm/jsonstream@1.0.0").0, "JSONStream");
    assert_eq!(component("bash", "1:5.0-4", "pkg:deb/debian/bash@5.0-4?epoch=1&distro=debian-12").2, 0);
    assert_eq!(component("left", "1.0.1", "pkg:npm/left@1.0.0").2, 1);
    // The type `rpm` keeps the epoch out of the version.
    for (version, epoch, whole) in [
        ("3.0-1.el9", "1", "1:3.0-1.el9"),
        ("1:3.0-1.el9", "1", "1:3.0-1.el9"),
        ("3.0-1.el9", "0", "3.0-1.el9"),
    ] {
        let purl = format!("pkg:rpm/almalinux/openssl@3.0-1.el9?distro=almalinux-9.4&epoch={epoch}");
        assert_eq!(component("openssl", version, &purl), ("openssl".into(), whole.into(), 0));
    }
    // The toolchain calls itself `go1.21.3`.
    assert_eq!(component("stdlib", "go1.21.3", "pkg:golang/stdlib@1.21.3").2, 0);
    assert_eq!(component("gone", "gone", "pkg:npm/gone@ne").2, 1);
}

/// Syft takes the major version, and whatever stands behind three parts, for a folder in the module. The path of the module is what the
/// component is called then, or ends with the major version that its version has.
#[test]
fn modules_of_go_have_their_whole_path() {
    let named = |name: &str, version: &str, purl: &str| {
        let component =
            serde_json::json!({ "type": "library", "name": name, "version": version, "purl": purl });
        let text =
            serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component] });
        let (inventory, _) = read(&text.to_string()).to_inventory(&place());
        inventory.files[0].packages[0].name.clone()
    };
    let echo = "github.com/labstack/echo/v4";
    assert_eq!(named(echo, "v4.1.16", "pkg:golang/github.com/labstack/echo@v4.1.16#v4"), echo);
    assert_eq!(named("echo", "v4.1.16", "pkg:golang/github.com/labstack/echo@v4.1.16#v4"), echo);
    assert_eq!(named("echo", "4.1.16", "pkg:golang/github.com/labstack/echo@4.1.16#v4/middleware"), echo);
    assert_eq!(named(echo, "v4.1.16", "pkg:golang/github.com/labstack/echo/v4@v4.1.16#middleware"), echo);
    let codec = "github.com/ugorji/go/codec";
    assert_eq!(named(codec, "v1.1.7", "pkg:golang/github.com/ugorji/go@v1.1.7#codec"), codec);
    let sdk = "github.com/Azure/sdk/v2";
    assert_eq!(named(sdk, "v2.0.0", "pkg:golang/github.com/azure/sdk@v2.0.0#v2"), sdk);
    // A folder in a module is none of its own, and neither is one for another major version.
    let api = "pkg:golang/google.golang.org/genproto@v0.1.0#googleapis/api";
    assert_eq!(named("genproto", "v0.1.0", api), "google.golang.org/genproto");
    assert_eq!(named("x", "v1.0.0", "pkg:golang/github.com/a/x@v1.0.0#v2"), "github.com/a/x");
    assert_eq!(named("x", "v1.0.0", "pkg:golang/github.com/a/x@v1.0.0#v1"), "github.com/a/x");
}

#[test]
fn space_around_a_tool_is_gone_the_first_time() {
    let text = r#"{ "bomFormat": "CycloneDX", "specVersion": "1.6",
"metadata": { "tools": [{ "name": " maker", "version": "1.2  " }] }, "components": [] }"#;
    let written = read(text).write(BomFormat::Spdx23).unwrap().bytes;
    let again = read(std::str::from_utf8(&written).unwrap());
    assert_eq!(again.metadata.tools[0].version.as_deref(), Some("1.2"));
    assert_eq!(again.write(BomFormat::Spdx23).unwrap().bytes, written);
}

#[test]
fn what_spdx_has_to_say_and_means_nothing_is_no_property() {
    let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library","bom-ref":"a","name":"a","version":"1","purl":"pkg:npm/a@1"}]}"#;
    let cyclonedx = BomFormat::CycloneDx(CycloneDxVersion::V1_6);
    let (bom, _) = palisade_sbom::read(text.as_bytes()).unwrap();
    let (spdx, _) = palisade_sbom::read(&bom.write(BomFormat::Spdx23).unwrap().bytes).unwrap();
    let back = String::from_utf8(spdx.write(cyclonedx).unwrap().bytes).unwrap();
    assert!(!back.contains("palisade:spdx:"), "{back}");
}

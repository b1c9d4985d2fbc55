use std::time::Duration;

use palisade_model::Purl;
use palisade_sbom::vex::{self, Applying, VexFinding, VexRoom, VexSubject};
use palisade_sbom::{SbomError, read};
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use crate::FORMATS;

/// Processor time that this thread has used: what a test does costs the same of it whatever else the machine does.
fn spent() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

#[test]
fn other_documents_are_recognised_and_refused() {
    let error = |text: &str| read(text.as_bytes()).unwrap_err();
    for (text, expected) in [
        ("<?xml version=\"1.0\"?><bom/>", SbomError::Xml),
        ("\u{feff}\r\n<bom/>", SbomError::Xml),
        ("SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n", SbomError::TagValue),
        ("# made by hand\r\nSPDXVersion: SPDX-2.2\r\n", SbomError::TagValue),
        ("[]", SbomError::Unknown),
        ("{}", SbomError::Unknown),
        ("{\"bomFormat\":\"Other\"}", SbomError::Unknown),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
    for (text, part) in [
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.8"}"#, "CycloneDX 1.8"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.1"}"#, "CycloneDX 1.1"),
        (r#"{"bomFormat":"CycloneDX"}"#, "without `specVersion`"),
        (r#"{"spdxVersion":"SPDX-2.1"}"#, "SPDX-2.1"),
        (r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#, "SPDX 3"),
        (r#"{"SchemaVersion":2,"Results":[]}"#, "Trivy"),
        (r#"{"artifacts":[],"descriptor":{}}"#, "Syft"),
        (r#"{"@context":"https://openvex.dev/ns/v0.2.0"}"#, "OpenVEX"),
        (r#"{"_type":"x","predicateType":"y"}"#, "attestation"),
    ] {
        let message = error(text).to_string();
        assert!(message.contains(part) && message.contains("not read"), "{message}");
    }
    assert!(matches!(error("{\"a\":"), SbomError::Json(_)));
    let twice =
        error(r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"}],"components":[]}"#);
    assert!(twice.to_string().contains("`components` is there twice"), "{twice}");
    assert_eq!(read(b"\xff\xfe{\0"), Err(SbomError::NotUtf8));
    assert!(matches!(read(b""), Err(SbomError::Json(_))));
}

#[test]
fn depth_is_bounded() {
    let deep = |levels: usize| {
        let mut text = String::from(r#"{"bomFormat":"CycloneDX","specVersion":"1.6""#);
        for level in 0..levels {
            text.push_str(&format!(r#","components":[{{"name":"n{level}","purl":"pkg:npm/n{level}@1""#));
        }
        text.push_str(&"}]".repeat(levels));
        text.push('}');
        text
    };
    assert!(matches!(read(deep(100_000).as_bytes()), Err(SbomError::Json(_))));
    // What is read can be written in every format, and nothing gets lost.
    let (bom, problems) = read(deep(60).as_bytes()).unwrap();
    assert_eq!((bom.components.len(), problems.len()), (60, 0));
    for format in FORMATS {
        let (again, problems) = read(&bom.write(format).unwrap().bytes).unwrap();
        assert_eq!((again.components.len(), problems.len()), (60, 0), "{format}");
    }
}

/// A tree of values takes eighty times the room of such a text, so only a part of a document may be one at a time.
#[test]
fn a_part_that_would_take_too_much_memory_is_refused() {
    let filler = vec![r#"{"":0}"#; 450_000].join(",");
    let bill = |component: &str, rest: &str| {
        let text = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6"{rest},"components":[{{"name":"a","purl":"pkg:npm/a@1"{component}}}]}}"#
        );
        read(text.as_bytes()).map(|(bom, problems)| (bom.components.len(), problems.len()))
    };
    let (inside, beside) = (format!(r#","x":[{filler}]"#), format!(r#","services":[{filler}]"#));
    assert_eq!(bill(&inside, ""), Err(SbomError::LargePiece));
    assert_eq!(bill("", &beside), Ok((1, 0)), "elements of a list come one by one");
}

/// A VEX document is one tree, and a scan holds all that are named.
#[test]
fn documents_of_statements_share_their_memory() {
    let filler = vec!["{}"; 150_000].join(",");
    let openvex = |members: &[&str]| {
        let members: String = members.iter().map(|key| format!(r#","{key}":[{filler}]"#)).collect();
        format!(
            r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"Acme","timestamp":"2026-01-02T03:04:05Z","version":1,"statements":[]{members}}}"#
        )
    };
    let large = |text: &str| vex::read(text.as_bytes(), &[]).err();
    assert_eq!(large(&openvex(&["a", "b"])), None);
    assert_eq!(large(&openvex(&["a", "b", "c"])), Some(SbomError::LargeSet), "members share it");
    let cyclonedx =
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{filler}]}}"#);
    for text in [openvex(&["a"]), cyclonedx] {
        let mut room = VexRoom::default();
        let mut read = || vex::read_within(text.as_bytes(), &[], &mut room).err();
        assert_eq!([read(), read(), read()], [None, None, Some(SbomError::LargeSet)], "documents share it");
    }
    assert_eq!(large(&openvex(&["a"])), None, "each set has its own");
}

/// Parts are read by themselves, and still a document is one: the order of its members, how they are spelled, and what is wrong in them.
#[test]
fn a_document_is_read_the_same_in_any_order() {
    let parts = [
        r#""dependencies" : [ {"ref":"a","dependsOn":["b"]} ]"#,
        r#""comp\u006fnents":[{"components":[{"bom-ref":"b","name":"b"}],"bom-ref":"a","name":"a, ]}\"{"} , {"name":"c"}]"#,
        r#""specVersion":"1.6""#,
        r#""bomF\u006frmat":"CycloneDX""#,
        r#""x":{"z":[1,2.5,null,{"b":"\u0000\/"}]}"#,
    ];
    let forward = format!("{{{}}}", parts.join(" ,\n"));
    let backward = format!("{{{}}}", parts.iter().rev().copied().collect::<Vec<_>>().join(","));
    let (bom, problems) = read(forward.as_bytes()).unwrap();
    assert_eq!((bom.components.len(), problems.len()), (3, 0));
    assert_eq!(
        (bom.components[0].depends_on.as_slice(), bom.components[1].parent),
        ([1].as_slice(), Some(0))
    );
    assert_eq!(read(backward.as_bytes()), Ok((bom, Vec::new())));
    for broken in
        [r#""a":1 "b":2"#, r#""a":[1,,2]"#, r#""a":[1 2]"#, r#""a":1,"#, r#""x":{"y":{"k":1,"k":2}}"#]
    {
        let text = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6",{broken}}}"#);
        assert!(matches!(read(text.as_bytes()), Err(SbomError::Json(_))), "{broken}");
    }
}

#[test]
fn circles_of_containment_lose_nothing() {
    let package =
        |name: &str| format!(r#"{{"name":"{name}","SPDXID":"SPDXRef-{name}","downloadLocation":"NONE"}}"#);
    let contains = |from: &str, to: &str| {
        format!(
            r#"{{"spdxElementId":"SPDXRef-{from}","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-{to}"}}"#
        )
    };
    let mut packages = vec![package("a"), package("b"), package("c")];
    let mut relations = vec![
        contains("a", "b"),
        contains("b", "c"),
        contains("c", "a"),
        contains("a", "a"),
        contains("c", "b"),
    ];
    for number in 0..200 {
        packages.push(package(&format!("p{number}")));
        relations.push(contains(&format!("p{number}"), &format!("p{}", number + 1)));
    }
    packages.push(package("p200"));
    let text = format!(
        r#"{{"spdxVersion":"SPDX-2.3","packages":[{}],"relationships":[{}]}}"#,
        packages.join(","),
        relations.join(",")
    );
    let (bom, _) = read(text.as_bytes()).unwrap();
    assert_eq!(bom.components.len(), 204);
    for format in FORMATS {
        let (again, _) = read(&bom.write(format).unwrap().bytes).unwrap();
        assert_eq!(again.components.len(), 204, "{format}");
    }
}

#[test]
fn byte_order_marks_and_carriage_returns_change_nothing() {
    let text = "{\n \"bomFormat\": \"CycloneDX\",\n \"specVersion\": \"1.4\",\n \"components\": [{\"name\": \"a\", \"purl\": \"pkg:npm/a@1\"}]\n}";
    let other = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(read(other.as_bytes()), read(text.as_bytes()));
}

#[test]
fn many_problems_are_counted_and_not_listed() {
    let components = vec!["7"; 5000].join(",");
    let text = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.4","components":[{components}]}}"#);
    let (_, problems) = read(text.as_bytes()).unwrap();
    assert_eq!(problems.len(), 1001);
    assert_eq!(problems[1000].detail, "4000 more problems are not named");
}

#[test]
fn thousands_of_components_are_no_work() {
    let mut components = Vec::new();
    let mut edges = Vec::new();
    for number in 0..3_000 {
        components
            .push(format!(r#"{{"bom-ref":"{number}","name":"n{number}","purl":"pkg:npm/n{number}@1"}}"#));
        edges.push(format!(r#"{{"ref":"{number}","dependsOn":["{}"]}}"#, (number * 7) % 3_000));
    }
    let text = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}],"dependencies":[{}]}}"#,
        components.join(","),
        edges.join(",")
    );
    let (bom, problems) = read(text.as_bytes()).unwrap();
    assert_eq!((bom.components.len(), problems.len()), (3_000, 0));
    assert_eq!(read(&bom.write(FORMATS[4]).unwrap().bytes).unwrap().0.components.len(), 3_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_values_in_the_wrong_places_break_reading(
        key in "(name|purl|bom-ref|licenses|hashes|evidence|properties|components|scope|version|supplier|cpe|type)",
        value in "(null|7|-1\\.5|true|\"x\"|\"\"|\\[\\]|\\[7\\]|\\{\\}|\\[\\{\\}\\]|\\[\\{\"license\":\\[\\]\\}\\]|\\{\"occurrences\":\\[\\{\"line\":-1\\}\\]\\})",
    ) {
        let mut component = serde_json::json!({ "name": "a", "purl": "pkg:npm/a@1" });
        component[key] = serde_json::from_str(&value).unwrap();
        let text = serde_json::json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component], "metadata": { "component": component },
        });
        let (bom, _) = read(text.to_string().as_bytes()).unwrap();
        for format in FORMATS {
            let written = bom.write(format).unwrap();
            prop_assert!(read(&written.bytes).is_ok());
        }
    }
}

/// A document of one statement about CVE-1.
fn statement(members: &str) -> String {
    format!(
        r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"urn:vex:1","author":"Ada","timestamp":"2026-01-01T00:00:00Z","version":1,
            "statements":[{{"vulnerability":{{"name":"CVE-1"}},"status":"fixed",{members}}}]}}"#
    )
}

/// How many of as many findings as the statement has products it decides about.
fn decided(products: &[String]) -> usize {
    let text = statement(&format!(r#""products":[{}]"#, products.join(",")));
    let (document, problems) = vex::read(text.as_bytes(), &[]).unwrap();
    assert_eq!(problems, []);
    let subject = VexSubject { ids: vec!["shop".to_owned()], ..VexSubject::default() };
    let mut applying = Applying::new(&document.statements);
    let packages = (0..products.len()).map(|number| format!("pkg:npm/p{number}@1.0.0"));
    let decides = |package: String| {
        let package: Purl = package.parse().unwrap();
        let (vulnerability, subject) = ("CVE-1", &subject);
        let finding =
            VexFinding { vulnerability, aliases: &[], package: &package, hashes: &[], cpes: &[], subject };
        applying.judge(&finding).verdict.is_some()
    };
    packages.map(decides).filter(|decides| *decides).count()
}

/// Names that differ in signs alone want one identifier.
#[test]
fn many_licences_with_names_alike_are_no_work() {
    const MANY: usize = 6_000;
    let start = spent();
    let signs =
        |number: usize| (0..13).map(|bit| if number >> bit & 1 == 0 { '(' } else { ')' }).collect::<String>();
    let component = |number: usize| {
        let name = signs(number);
        format!(
            r#"{{"name":"a","purl":"pkg:npm/a@{number}","licenses":[{{"license":{{"name":"{name}"}}}}]}}"#
        )
    };
    let components: Vec<_> = (0..MANY).map(component).collect();
    let text =
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}}"#, components.join(","));
    let (bom, problems) = read(text.as_bytes()).unwrap();
    assert_eq!(problems.len(), 0);
    let written: serde_json::Value = serde_json::from_slice(&bom.write(FORMATS[4]).unwrap().bytes).unwrap();
    let licences = written["hasExtractedLicensingInfos"].as_array().unwrap();
    let ids: std::collections::BTreeSet<_> =
        licences.iter().map(|one| one["licenseId"].as_str().unwrap()).collect();
    assert_eq!((licences.len(), ids.len()), (MANY, MANY));
    for (number, package) in written["packages"].as_array().unwrap().iter().enumerate() {
        if number.is_multiple_of(100) {
            let meant = licences.iter().find(|one| one["licenseId"] == package["licenseDeclared"]);
            assert_eq!(meant.unwrap()["name"], signs(number));
        }
    }
    assert!(spent() - start < Duration::from_secs(30), "{:?}", spent() - start);
}

/// The same of licences that the document defines itself, under other identifiers than they would get.
#[test]
fn many_licences_with_names_alike_that_are_defined_are_no_work() {
    const MANY: usize = 16_000;
    let start = spent();
    let signs =
        |number: usize| (0..14).map(|bit| if number >> bit & 1 == 0 { '(' } else { ')' }).collect::<String>();
    // The last ones take the identifiers that the others would get.
    let id = |number: usize| match number {
        0 => "LicenseRef-own".to_owned(),
        _ => format!("LicenseRef-{}-{}", "-".repeat(14), MANY + 1 - number),
    };
    let defined = (0..MANY).map(|number| {
        let (id, name) = (id(number), signs(number));
        format!(r#"{{"licenseId":"{id}","name":"{name}","extractedText":"x"}}"#)
    });
    let defined = defined.collect::<Vec<_>>().join(",");
    let component = |number: usize| {
        let ours = format!(r#"{{\"licences\":[{{\"name\":\"{}\"}}]}}"#, signs(number));
        format!(
            r#"{{"SPDXID":"SPDXRef-{number}","name":"a{number}","downloadLocation":"NOASSERTION","licenseDeclared":"{}",
                "annotations":[{{"annotationDate":"2026-01-01T00:00:00Z","annotationType":"OTHER","annotator":"Tool: palisade","comment":"palisade:{ours}"}}]}}"#,
            id(number)
        )
    };
    let components = (0..MANY).map(component).collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"x",
            "hasExtractedLicensingInfos":[{defined}],"packages":[{components}]}}"#
    );
    let (bom, problems) = read(text.as_bytes()).unwrap();
    assert_eq!((bom.components.len(), problems.len()), (MANY, 0));
    assert_eq!(bom.components[7].licences[0].text, signs(7));
    let written: serde_json::Value = serde_json::from_slice(&bom.write(FORMATS[4]).unwrap().bytes).unwrap();
    for (number, package) in written["packages"].as_array().unwrap().iter().enumerate() {
        // The first identifier of that form is free.
        let expected = if number == 0 { format!("LicenseRef-{}", "-".repeat(14)) } else { id(number) };
        assert_eq!(package["licenseDeclared"], expected.as_str(), "{number}");
    }
    assert!(spent() - start < Duration::from_secs(10), "{:?}", spent() - start);
}

#[test]
fn many_findings_are_not_compared_with_many_products() {
    const MANY: usize = 20_000;
    // Comparing each with each would be 400 million comparisons, twice.
    let start = spent();
    let products: Vec<_> =
        (0..MANY).map(|number| format!(r#"{{"@id":"pkg:npm/p{number}@1.0.0"}}"#)).collect();
    assert_eq!(decided(&products), MANY);
    let part = |number| format!(r#"{{"@id":"shop","subcomponents":[{{"@id":"pkg:npm/p{number}@1.0.0"}}]}}"#);
    let parts: Vec<_> = (0..MANY).map(part).collect();
    assert_eq!(decided(&parts), MANY);
    assert!(spent() - start < Duration::from_secs(60), "{:?}", spent() - start);
}

#[test]
fn parts_that_all_products_share_are_bounded() {
    let list = |name: &str, count: usize| {
        let names: Vec<_> = (0..count).map(|number| format!("\"pkg:npm/{name}{number}\"")).collect();
        names.join(",")
    };
    let read = |count: usize| {
        let members =
            format!(r#""products":[{}],"subcomponents":[{}]"#, list("product", count), list("part", count));
        vex::read(statement(&members).as_bytes(), &[]).unwrap()
    };
    let (document, problems) = read(100);
    assert_eq!((document.statements[0].products.len(), problems.len()), (100, 0));
    let (document, problems) = read(1001);
    assert!(problems[0].detail.contains("more than 1000000 pairs"), "{problems:?}");
    assert_eq!(document.statements[0].defect.as_deref(), Some("names no product"));
}

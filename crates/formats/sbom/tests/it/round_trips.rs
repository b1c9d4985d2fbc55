use palisade_model::{
    Displaced, Ecosystem, Inventory, InventoryFile, Layer, Package, PackageEvidence, PackageHash,
    PackageOrigin, Purl, Relation, Scope, SourcePackage, Timestamp,
};
use palisade_sbom::{Bom, BomFormat, BomSubject};
use proptest::prelude::*;

use crate::{FORMATS, place};

fn text() -> impl Strategy<Value = String> {
    "(\\PC{1,8}|[a-z]{1,6}|[\\x00-\\x1f\"\\\\é]{1,3})"
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        Just(Scope::Prod),
        Just(Scope::Optional),
        Just(Scope::Peer),
        Just(Scope::Build),
        Just(Scope::Test),
        Just(Scope::Dev)
    ]
}

fn relation() -> impl Strategy<Value = Relation> {
    prop_oneof![Just(Relation::Direct), Just(Relation::Transitive), Just(Relation::Unknown)]
}

fn evidence() -> impl Strategy<Value = PackageEvidence> {
    prop_oneof![
        Just(PackageEvidence::Installed),
        Just(PackageEvidence::Locked),
        Just(PackageEvidence::Declared),
        Just(PackageEvidence::Binary)
    ]
}

fn origin() -> impl Strategy<Value = PackageOrigin> {
    prop_oneof![
        Just(PackageOrigin::Default),
        text().prop_map(|url| PackageOrigin::Registry { url }),
        (text(), proptest::option::of(text())).prop_map(|(url, commit)| PackageOrigin::Git { url, commit }),
        text().prop_map(|url| PackageOrigin::Url { url }),
        text().prop_map(|path| PackageOrigin::Local { path }),
    ]
}

fn hash() -> impl Strategy<Value = PackageHash> {
    let plain = "[0-9a-f]{64}".prop_map(|value| PackageHash { algorithm: "SHA-256".to_owned(), value });
    let long = "[0-9a-f]{128}".prop_map(|value| PackageHash { algorithm: "SHA-512".to_owned(), value });
    let odd = ("[A-Za-z0-9-]{1,6}", "[0-9a-f]{0,9}")
        .prop_map(|(algorithm, value)| PackageHash { algorithm, value });
    prop_oneof![plain, long, odd]
}

fn licence() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("MIT".to_owned()),
        Just("MIT OR Apache-2.0".to_owned()),
        Just("mit".to_owned()),
        Just("LicenseRef-Ours".to_owned()),
        Just("GPL-2.0-only WITH Classpath-exception-2.0".to_owned()),
        Just("NOASSERTION".to_owned()),
        Just(String::new()),
        text(),
    ]
}

fn purl() -> impl Strategy<Value = Purl> {
    let kinds = "(npm|pypi|cargo|golang|maven|deb|generic)";
    (
        kinds,
        proptest::option::of("[a-z@]{1,5}"),
        "[a-zA-Z._+ é-]{1,6}",
        proptest::option::of("[0-9a-z.+:~-]{1,8}"),
    )
        .prop_map(|(kind, namespace, name, version)| {
            let new = |namespace| Purl::new(&kind, namespace, &name, version.as_deref());
            let purl = new(namespace.as_deref()).or_else(|_| new(None)).unwrap();
            purl.with_qualifier("arch", "amd64")
        })
}

fn package() -> impl Strategy<Value = Package> {
    let first = (
        purl(),
        text(),
        proptest::option::of(text()),
        proptest::option::of(text()),
        proptest::option::of(text()),
    );
    let second = (proptest::option::of((text(), text())), origin(), scope(), relation(), evidence());
    let third = (
        any::<u32>(),
        proptest::collection::vec(hash(), 0..3),
        proptest::collection::vec(licence(), 0..3),
        any::<bool>(),
        proptest::collection::vec(0_u32..4, 0..4),
    );
    (first, second, third).prop_map(
        |(
            (purl, name, version, wanted, ecosystem),
            (source, origin, scope, relation, evidence),
            (line, hashes, licences, runs_on_install, mut dependencies),
        )| {
            dependencies.sort_unstable();
            dependencies.dedup();
            let mut package = Package::new(purl, name, evidence);
            package.version = version;
            package.wanted = wanted;
            package.ecosystem = ecosystem.map(Ecosystem::new);
            package.source = source.map(|(name, version)| SourcePackage { name, version });
            (package.origin, package.scope, package.relation) = (origin, scope, relation);
            (package.line, package.hashes, package.licences) = (line, hashes, licences);
            (package.runs_on_install, package.dependencies) = (runs_on_install, dependencies);
            package.displaced = [None, Some(Displaced::Asked), Some(Displaced::Alone)][line as usize % 3];
            package.layer = runs_on_install.then(|| Layer {
                index: line,
                diff_id: "sha256:00".to_owned(),
                created_by: Some("RUN install".to_owned()),
            });
            package
        },
    )
}

fn file() -> impl Strategy<Value = InventoryFile> {
    let layer = (any::<u32>(), text(), proptest::option::of(text()));
    let layer = layer.prop_map(|(index, diff_id, created_by)| Layer { index, diff_id, created_by });
    let members = proptest::collection::vec(text(), 0..3);
    (members, text(), proptest::option::of(layer), proptest::collection::vec(package(), 0..5)).prop_map(
        |(members, format, layer, mut packages)| {
            let count = u32::try_from(packages.len()).unwrap();
            for package in &mut packages {
                package.dependencies.retain(|index| *index < count);
            }
            let owner = layer.is_some().then(|| "pkg:deb/debian/node-a@1.0-1?arch=all".parse().unwrap());
            InventoryFile { path: place(), members, format, layer, owner, packages }
        },
    )
}

fn inventory() -> impl Strategy<Value = Inventory> {
    proptest::collection::vec(file(), 0..3).prop_map(|mut files| {
        for (number, file) in files.iter_mut().enumerate() {
            let mut path = b"folder/\xff".to_vec();
            path.extend(number.to_string().bytes());
            file.path = palisade_model::RepoPath::from_bytes(path).unwrap();
        }
        Inventory { files }
    })
}

fn bom(inventory: &Inventory) -> Bom {
    let subject = BomSubject {
        kind: "container".to_owned(),
        name: "shop".to_owned(),
        version: Some("1.2".to_owned()),
        purl: Some("pkg:oci/shop@sha256:00ff?repository_url=ghcr.io%2Facme%2Fshop".parse().unwrap()),
        hashes: vec![PackageHash { algorithm: "SHA-256".to_owned(), value: "0".repeat(64) }],
    };
    let time: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
    Bom::of_inventory(inventory, &subject, "0.1.0", time)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_inventory_survives_every_format(inventory in inventory()) {
        let bom = bom(&inventory);
        prop_assert_eq!(&bom.to_inventory(&place()), &(inventory.clone(), vec![]));
        for format in FORMATS {
            let written = bom.write(format).unwrap();
            prop_assert_eq!(&written, &bom.write(format).unwrap(), "the same bytes every time");
            let (again, problems) = palisade_sbom::read(&written.bytes).unwrap();
            prop_assert_eq!(&problems, &vec![], "{}", format);
            let (back, problems) = again.to_inventory(&place());
            prop_assert_eq!(&problems, &vec![], "{}", format);
            prop_assert_eq!(&back, &inventory, "{}", format);
            prop_assert!(again.write(format).unwrap().bytes == written.bytes, "{} is written otherwise", format);
            prop_assert_eq!(again.metadata.timestamp, bom.metadata.timestamp);
        }
    }

    #[test]
    fn an_inventory_survives_from_format_to_format(inventory in inventory(), path in proptest::collection::vec(0_usize..5, 1..4)) {
        let mut bom = bom(&inventory);
        for step in path {
            bom = palisade_sbom::read(&bom.write(FORMATS[step]).unwrap().bytes).unwrap().0;
        }
        prop_assert_eq!(bom.to_inventory(&place()), (inventory, vec![]));
    }
}

#[test]
fn serial_numbers_tell_contents_apart() {
    let one = bom(&Inventory::default()).write(FORMATS[2]).unwrap().bytes;
    let mut other = bom(&Inventory::default());
    other.components[0].name = "other".to_owned();
    let serial = |bytes: &[u8]| palisade_sbom::read(bytes).unwrap().0.metadata.serial.unwrap();
    let (one, other) = (serial(&one), serial(&other.write(FORMATS[2]).unwrap().bytes));
    assert_ne!(one, other);
    assert!(one.starts_with("urn:uuid:") && one.len() == 45, "{one}");
}

#[test]
fn format_names_read_back() {
    for format in FORMATS {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    assert!("cyclonedx-1.3".parse::<BomFormat>().unwrap_err().to_string().contains("cyclonedx-1.6"));
}

//! Writes documents for other people's validators: `documents FOLDER [DOCUMENT...]`. A sample of everything goes into the folder in
//! every format, and so does each document that is named; `read.txt` tells what was found in those.

use std::error::Error;
use std::path::Path;

use palisade_model::{
    Ecosystem, Inventory, InventoryFile, Layer, Package, PackageEvidence, PackageHash, PackageOrigin,
    Relation, Scope, SourcePackage, Timestamp,
};
use palisade_sbom::vex::{self, VexDocument};
use palisade_sbom::{Bom, BomFormat, BomSubject};

const FORMATS: [BomFormat; 5] = BomFormat::ALL;

const STATEMENTS: &str = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://openvex.dev/docs/example/1", "author": "Acme",
  "timestamp": "2026-01-02T03:04:05Z", "version": 1, "statements": [
  {"vulnerability": {"name": "CVE-2024-1", "aliases": ["GHSA-aaaa-bbbb-cccc"]}, "status": "not_affected",
   "justification": "component_not_present", "impact_statement": "it was removed",
   "products": [{"@id": "pkg:oci/shop@sha256:00", "subcomponents": [{"@id": "pkg:npm/left-pad@1.3.0"}]}]},
  {"vulnerability": {"name": "CVE-2024-2"}, "status": "affected", "action_statement": "update", "products": [{"@id": "pkg:npm/a@1"}]},
  {"vulnerability": {"name": "CVE-2024-3"}, "status": "under_investigation", "products": [{"@id": "pkg:npm/a@1"}]},
  {"vulnerability": {"name": "CVE-2024-4"}, "status": "fixed", "products": [{"@id": "https://acme.example/shop"}]}]}"#;

fn package(address: &str, licences: &[&str]) -> Result<Package, Box<dyn Error>> {
    let purl: palisade_model::Purl = address.parse()?;
    let name =
        purl.namespace().map_or_else(|| purl.name().to_owned(), |space| format!("{space}/{}", purl.name()));
    let mut package = Package::new(purl, name, PackageEvidence::Locked);
    package.licences = licences.iter().map(|text| (*text).to_owned()).collect();
    Ok(package)
}

fn inventory() -> Result<Inventory, Box<dyn Error>> {
    let mut direct = package("pkg:npm/%40babel/core@7.0.0", &["MIT"])?;
    direct.relation = Relation::Direct;
    direct.dependencies = vec![1, 2];
    direct.line = 17;
    direct.hashes = vec![PackageHash { algorithm: "SHA-512".to_owned(), value: "0a".repeat(64) }];
    direct.origin = PackageOrigin::Registry { url: "https://registry.npmjs.org/@babel/core".to_owned() };
    let mut dev =
        package("pkg:npm/tester@1.0.0-rc.1%2Bbuild", &["MIT OR Apache-2.0", "SEE LICENSE IN \"X\""])?;
    dev.scope = Scope::Dev;
    dev.hashes = vec![PackageHash { algorithm: "Whirlpool".to_owned(), value: "00".to_owned() }];
    let mut wanted = package("pkg:npm/wanted", &["Own words (and more)", "BSD"])?;
    wanted.wanted = Some("^1.2 || >3 \u{e9}\u{0}".to_owned());
    let mut os =
        package("pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12", &["Apache-2.0"])?;
    os.evidence = PackageEvidence::Installed;
    os.ecosystem = Some(Ecosystem::new("Debian:12"));
    os.source = Some(SourcePackage { name: "openssl".to_owned(), version: "3.0.11-1~deb12u2".to_owned() });
    let layer = Layer {
        index: 0,
        diff_id: format!("sha256:{}", "ab".repeat(32)),
        created_by: Some("ADD rootfs.tar / # & <more>".to_owned()),
    };
    let record = |path: &str, format: &str, layer, packages| -> Result<_, Box<dyn Error>> {
        let (path, members) = (path.parse()?, vec!["inner name".to_owned()]);
        Ok(InventoryFile { path, members, format: format.to_owned(), layer, owner: None, packages })
    };
    Ok(Inventory {
        files: vec![
            record("a folder/package-lock.json", "npm-lock", None, vec![direct, dev.clone(), wanted])?,
            record("other/package-lock.json", "npm-lock", None, vec![dev])?,
            record("var/lib/dpkg/status", "dpkg-status", Some(layer), vec![os])?,
            record("empty/yarn.lock", "yarn-lock", None, vec![])?,
        ],
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: documents FOLDER [DOCUMENT...]")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let subject = BomSubject {
        kind: "container".to_owned(),
        name: "shop".to_owned(),
        version: Some("1.2".to_owned()),
        purl: Some("pkg:oci/shop@sha256:00ff?repository_url=ghcr.io%2Facme%2Fshop".parse()?),
        hashes: vec![PackageHash { algorithm: "SHA-256".to_owned(), value: "00".repeat(32) }],
    };
    let time: Timestamp = "2026-01-02T03:04:05Z".parse()?;
    write_all(folder, "sample", &Bom::of_inventory(&inventory()?, &subject, "0.1.0", time))?;
    write_all(folder, "empty", &Bom::of_inventory(&Inventory::default(), &subject, "0.1.0", time))?;
    let (statements, _): (VexDocument, _) = vex::read(STATEMENTS.as_bytes(), &[])?;
    std::fs::write(folder.join("vex.openvex.json"), statements.to_openvex().bytes)?;
    for format in FORMATS {
        if let BomFormat::CycloneDx(version) = format {
            std::fs::write(
                folder.join(format!("vex.{format}.json")),
                statements.to_cyclonedx(version)?.bytes,
            )?;
        }
    }
    let mut told = String::new();
    for path in arguments {
        let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match palisade_sbom::read(&std::fs::read(&path)?) {
            Err(error) => told.push_str(&format!("{name}: refused: {error}\n")),
            Ok((bom, problems)) => {
                let (inventory, more) = bom.to_inventory(&"document".parse()?);
                let (all, packages) = (bom.components.len(), inventory.packages().count());
                told.push_str(&format!("{name}: {all} components, {packages} packages\n"));
                for problem in problems.iter().chain(&more) {
                    told.push_str(&format!("{name}: {}\n", problem.detail));
                }
                write_all(folder, &name, &bom)?;
            }
        }
    }
    std::fs::write(folder.join("read.txt"), told)?;
    Ok(())
}

fn write_all(folder: &Path, name: &str, bom: &Bom) -> Result<(), Box<dyn Error>> {
    for format in FORMATS {
        std::fs::write(folder.join(format!("{name}.{format}.json")), bom.write(format)?.bytes)?;
    }
    Ok(())
}

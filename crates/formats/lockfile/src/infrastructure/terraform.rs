//! `.terraform.lock.hcl`, which Terraform and OpenTofu write in one form: a block for each provider, an attribute a line.

use palisade_model::{PackageEvidence, PackageHash, Purl, Relation};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, quoted};

/// A block as far as it was read.
struct Provider {
    line: u32,
    source: String,
    version: Option<String>,
    hashes: Vec<PackageHash>,
    in_hashes: bool,
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("terraform", None, PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let mut open: Option<Provider> = None;
    for (number, line) in lines(&text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        match &mut open {
            None => match block(line) {
                Some(source) => {
                    open = Some(Provider {
                        line: number,
                        source,
                        version: None,
                        hashes: Vec::new(),
                        in_hashes: false,
                    })
                }
                None => sheet.problem(number, "a line that begins no block of a provider"),
            },
            Some(_) if line == "}" => {
                if let Some(provider) = open.take() {
                    provider.add(&mut sheet);
                }
            }
            Some(provider) => {
                if !provider.attribute(line) {
                    sheet.problem(number, "a line that is no attribute of a provider");
                }
            }
        }
    }
    if let Some(provider) = open {
        provider.add(&mut sheet);
        sheet.problem(0, "ends within a block");
    }
    (sheet.done(), None)
}

fn block(line: &str) -> Option<String> {
    let rest = line.strip_prefix("provider ")?.trim().strip_suffix('{')?;
    quoted(rest).first().map(|source| (*source).to_owned())
}

impl Provider {
    /// Takes a line; whether it is one of those that Terraform writes.
    fn attribute(&mut self, line: &str) -> bool {
        if self.in_hashes {
            self.hashes.extend(quoted(line).into_iter().filter_map(hash));
            self.in_hashes = !line.starts_with(']');
            return line.starts_with(']') || line.starts_with('"');
        }
        let Some((name, value)) = line.split_once('=') else { return false };
        match name.trim() {
            "version" => self.version = quoted(value).first().map(|version| (*version).to_owned()),
            "hashes" => {
                self.hashes.extend(quoted(value).into_iter().filter_map(hash));
                self.in_hashes = !value.contains(']');
            }
            "constraints" => {}
            _ => return false,
        }
        true
    }

    fn add(self, sheet: &mut Sheet) {
        let Some(version) = self.version else {
            sheet.problem(self.line, "a provider without a version");
            return;
        };
        let parts: Vec<&str> = self.source.split('/').collect();
        let (host, namespace, name) = match parts.as_slice() {
            [host, namespace, name] => (*host, Some(*namespace), *name),
            [namespace, name] => ("", Some(*namespace), *name),
            _ => ("", None, self.source.as_str()),
        };
        let host = if host == "registry.terraform.io" { "" } else { host };
        let purl = Purl::new("terraform", namespace, name, Some(&version))
            .map(|purl| purl.with_qualifier("repository_url", host));
        if let Some(added) = sheet.add_as(self.line, purl, &self.source, None) {
            added.package.relation = Relation::Direct;
            added.package.hashes = self.hashes;
        }
    }
}

/// `zh:` is the digest of a provider's archive; `h1:` is one of a list of files, which is none of a file.
fn hash(text: &str) -> Option<PackageHash> {
    let value = text.strip_prefix("zh:").filter(|value| value.len() == 64)?;
    Some(PackageHash { algorithm: "SHA-256".to_owned(), value: value.to_ascii_lowercase() })
}

//! Manifests of Kubernetes: the images of containers, in whatever object they stand.

use palisade_model::{PackageEvidence, Scope};

use super::{image, is_yaml};
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, yaml};
use crate::text::file_name;

/// Folders and names that manifests have by habit; by its path alone no other file is known to be one.
pub(super) fn recognises(path: &str) -> bool {
    let folders =
        ["k8s", "kubernetes", "kube", "manifests", "kustomize", "deploy", "deployment", "deployments"];
    let names = ["deployment", "daemonset", "statefulset", "cronjob", "job", "pod", "replicaset"];
    let stem = file_name(path).split('.').next().unwrap_or_default();
    is_yaml(path)
        && (path.split('/').rev().skip(1).any(|folder| folders.contains(&folder))
            || names.iter().any(|name| stem == *name || stem.ends_with(&format!("-{name}"))))
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("docker", None, PackageEvidence::Declared);
    let text = String::from_utf8_lossy(bytes);
    // Other files lie in such folders too.
    if !text.contains("apiVersion") || !text.contains("kind") {
        return Parsed::default();
    }
    if text.contains("{{") {
        sheet.problem(0, "is a template, which is not filled in");
        return (sheet.done(), None);
    }
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    for object in tree.roots.iter().filter(|object| object.get("apiVersion").is_some()) {
        containers(&mut sheet, object);
    }
    (sheet.done(), None)
}

/// Depth is bounded by that of the tree.
fn containers(sheet: &mut Sheet, value: &Value) {
    for member in value.members() {
        let scope = match member.key.as_str() {
            "containers" | "ephemeralContainers" => Some(Scope::Prod),
            "initContainers" => Some(Scope::Prod),
            _ => None,
        };
        for container in member.value.items().iter().filter(|_| scope.is_some()) {
            if let Some(image) = container.get("image") {
                image::add(sheet, image.line, image.text().unwrap_or_default(), scope.unwrap_or_default());
            }
        }
        containers(sheet, &member.value);
    }
    for item in value.items() {
        containers(sheet, item);
    }
}

//! Compose files: the images of their services. A service that is built names the image that it makes.

use palisade_model::{PackageEvidence, Scope};

use super::image;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::yaml;

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new("docker", None, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    // The first form has no table of services.
    let services = root.get("services").unwrap_or(root);
    for service in services.members() {
        let Some(text) = service.value.text_of("image").filter(|_| service.value.get("build").is_none())
        else {
            continue;
        };
        let line = service.value.get("image").map_or(service.line, |image| image.line);
        match image::filled(text, &|_| None) {
            Some(text) => {
                image::add(&mut sheet, line, &text, Scope::Prod);
            }
            None => sheet.problem(line, "an image with a variable that has no default"),
        }
    }
    (sheet.done(), None)
}

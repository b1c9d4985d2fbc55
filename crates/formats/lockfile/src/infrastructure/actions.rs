//! GitHub Actions: what workflows and actions use (workflow syntax, `jobs.<id>.steps[*].uses`, `jobs.<id>.uses`, `container`).

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Relation, Scope};

use super::image;
use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::spanned::{Value, text, yaml};

const ECOSYSTEM: Option<&str> = Some("GitHub Actions");

pub(crate) fn read_workflow(_: &str, bytes: &[u8]) -> Parsed {
    let mut reader = Reader::new(bytes);
    let tree = yaml::parse(bytes);
    reader.sheet.problems(tree.problems.clone());
    if tree.root().get("jobs").is_none() {
        reader.sheet.problem(0, "has no jobs");
    }
    for job in tree.root().members_of("jobs") {
        reader.uses(&job.value);
        reader.steps(&job.value);
        reader.container(job.value.get("container"));
        for service in job.value.members_of("services") {
            reader.container(Some(&service.value));
        }
    }
    (reader.sheet.done(), None)
}

pub(crate) fn read_action(_: &str, bytes: &[u8]) -> Parsed {
    let mut reader = Reader::new(bytes);
    let tree = yaml::parse(bytes);
    reader.sheet.problems(tree.problems.clone());
    if let Some(runs) = tree.root().get("runs") {
        reader.steps(runs);
        let image =
            runs.get("image").filter(|image| image.text().is_some_and(|text| text.starts_with("docker://")));
        if let Some((line, text)) = image.and_then(|image| Some((image.line, image.text()?))) {
            reader.reference(line, text);
        }
    }
    (reader.sheet.done(), None)
}

struct Reader {
    sheet: Sheet,
    /// Comments are no part of the values.
    lines: Vec<String>,
}

impl Reader {
    fn new(bytes: &[u8]) -> Self {
        let lines = text::decode(bytes).0.lines().map(str::to_owned).collect();
        Self { sheet: Sheet::new("github", ECOSYSTEM, PackageEvidence::Declared), lines }
    }

    fn steps(&mut self, job: &Value) {
        for step in job.items_of("steps") {
            self.uses(step);
        }
    }

    fn uses(&mut self, value: &Value) {
        let Some(uses) = value.get("uses") else { return };
        match uses.text() {
            Some(text) => self.reference(uses.line, text),
            None => self.sheet.problem(uses.line, "an action that no text names"),
        }
    }

    fn container(&mut self, container: Option<&Value>) {
        let Some(image) = container.and_then(|value| value.get("image").or(Some(value))) else {
            return;
        };
        if let Some(text) = image.text().filter(|text| !text.is_empty()) {
            image::add(&mut self.sheet, image.line, text.trim_start_matches("docker://"), Scope::Build);
        }
    }

    fn reference(&mut self, line: u32, text: &str) {
        let text = text.trim();
        if let Some(image) = text.strip_prefix("docker://") {
            image::add(&mut self.sheet, line, image, Scope::Build);
            return;
        }
        // The repository's own actions are part of the product.
        if text.starts_with("./") || text.starts_with("../") {
            return;
        }
        let parts = text.split_once('@').and_then(|(place, version)| {
            let (owner, rest) = place.split_once('/')?;
            let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
            Some((owner, name, path, version))
        });
        let Some((owner, name, path, version)) = parts else {
            self.sheet.problem(line, "an action without owner, name and version");
            return;
        };
        let is_commit = version.len() >= 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A pinned commit says nothing to advisories; the comment beside it is what updaters keep.
        let commented = self.comment(line).filter(|_| is_commit);
        let shown = commented.as_deref().unwrap_or(version);
        let purl = Purl::new("github", Some(owner), name, Some(shown)).map(|purl| purl.with_subpath(path));
        let written = text.split_once('@').map_or(text, |(place, _)| place);
        let Some(mut added) = self.sheet.add_as(line, purl, written, ECOSYSTEM) else { return };
        added.scope(Scope::Build);
        added.package.relation = Relation::Direct;
        if is_commit {
            let url = format!("https://github.com/{owner}/{name}");
            added.package.origin = PackageOrigin::Git { url, commit: Some(version.to_owned()) };
        }
    }

    /// The version in the comment at the end of a line.
    fn comment(&self, line: u32) -> Option<String> {
        let (_, comment) = self.lines.get(line.checked_sub(1)? as usize)?.split_once(" #")?;
        let word = comment.trim().split([' ', ',']).next()?;
        let word = word
            .strip_prefix("tag=")
            .or_else(|| word.rsplit_once('@').map(|(_, version)| version))
            .unwrap_or(word);
        let digits = word.strip_prefix('v').unwrap_or(word);
        let is_version = digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
        is_version.then(|| word.to_owned())
    }
}

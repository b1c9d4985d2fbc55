use palisade_model::{Finding, Relation, ScanReport, Source};
use serde_json::{Map, Value, json};

use crate::ScanOrigin;
use crate::gitlab::GitlabReport;

/// What stands for the commit where there is none; GitLab's own analyzer writes the same.
const NO_COMMIT: &str = "0000000";

/// The distribution of an image, as the addresses of its packages name it, such as `debian-12`.
pub(super) struct System(Option<String>);

impl System {
    pub(super) fn of(report: &ScanReport) -> Self {
        let packages = report.findings.iter().filter_map(|finding| finding.package.as_ref());
        Self(packages.filter_map(|package| package.purl.qualifiers().get("distro").cloned()).next())
    }
}

pub(super) fn location(
    finding: &Finding,
    origin: &ScanOrigin<'_>,
    kind: GitlabReport,
    system: &System,
) -> Value {
    match kind {
        GitlabReport::SecretDetection => of_secret(finding, origin.source),
        GitlabReport::DependencyScanning => json!({
            "file": finding.location.display_path(),
            "start_line": finding.location.start.line,
            "dependency": dependency(finding),
        }),
        GitlabReport::ContainerScanning => json!({
            "image": origin.image.unwrap_or_default(),
            "operating_system": system.0.as_deref().unwrap_or("unknown"),
            "dependency": dependency(finding),
        }),
    }
}

/// The package. What is wrong with an image's configuration or a file of it has none; the file stands for it, as the schema demands
/// one and GitLab tells findings apart by it.
fn dependency(finding: &Finding) -> Value {
    let mut dependency = Map::new();
    let (name, version) = match &finding.package {
        Some(package) => {
            let purl = &package.purl;
            let name = match purl.namespace() {
                // What advisories call so: the namespace of a system's package is its distribution.
                Some(namespace) if !matches!(purl.kind(), "deb" | "apk" | "rpm" | "alpm") => {
                    let separator = if purl.kind() == "maven" { ':' } else { '/' };
                    format!("{namespace}{separator}{}", purl.name())
                }
                _ => purl.name().to_owned(),
            };
            match package.relation {
                Relation::Direct => dependency.insert("direct".to_owned(), json!(true)),
                Relation::Transitive => dependency.insert("direct".to_owned(), json!(false)),
                Relation::Unknown => None,
            };
            (name, purl.version().unwrap_or_default().to_owned())
        }
        None => (finding.location.display_path(), String::new()),
    };
    dependency.insert("package".to_owned(), json!({ "name": name }));
    dependency.insert("version".to_owned(), json!(version));
    Value::Object(dependency)
}

/// The commit that brought the secret where that is known, else the one that is checked out.
fn of_secret(finding: &Finding, source: &Source) -> Value {
    let place = &finding.location;
    let head = match source {
        Source::Git { commit: Some(commit), .. } => commit.as_str(),
        Source::Git { commit: None, .. } | Source::Folder => NO_COMMIT,
    };
    let commit = match finding.history.as_ref().and_then(|history| history.first.as_ref()) {
        Some(first) => json!({
            "sha": first.id,
            "author": first.author,
            "date": first.time.to_string(),
            "message": first.subject,
        }),
        None => json!({ "sha": head }),
    };
    json!({
        "file": place.display_path(),
        "start_line": place.start.line,
        "end_line": place.end.line,
        "commit": commit,
    })
}

//! Crystal: `shard.yml` and `shard.lock` (the manual of Shards, "shard.yml"). Shards are named by the project and lie in repositories.

use palisade_model::{PackageEvidence, PackageOrigin, Purl, Scope};

use crate::facts::{git_at, with_origin};
use crate::format::Parsed;
use crate::record::Companion;
use crate::sheet::{Sheet, is_plain_version};
use crate::spanned::{Member, Value, yaml};

const KIND: &str = "crystal";

pub(crate) fn read_lock(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Locked);
    let tree = yaml::parse(bytes);
    sheet.problems(tree.problems.clone());
    if tree.root().get("shards").is_none() {
        sheet.problem(0, "has no table of shards");
    }
    for member in tree.root().members_of("shards") {
        let entry = &member.value;
        let written = entry.scalar_of("version").unwrap_or_default();
        // `0.1.0+git.commit.00ff` is a commit after that version.
        let (version, commit) = match written.split_once("+git.commit.") {
            Some((version, commit)) => (version, Some(commit)),
            None => (written, entry.scalar_of("commit")),
        };
        if version.is_empty() && commit.is_none() && entry.text_of("path").is_none() {
            sheet.problem(member.line, "a shard without a version");
            continue;
        }
        let told = Some(version).filter(|version| !version.is_empty()).or(commit);
        put(&mut sheet, member, told, commit);
    }
    (sheet.done(), None)
}

/// Adds a shard from where its entry says that it lies.
fn put<'s>(
    sheet: &'s mut Sheet,
    member: &Member,
    version: Option<&str>,
    commit: Option<&str>,
) -> Option<crate::sheet::Added<'s>> {
    let origin = origin(&member.value, commit);
    let purl = Purl::new(KIND, None, &member.key, version).map(|purl| with_origin(purl, &origin));
    let added = sheet.add_as(member.line, purl, &member.key, None)?;
    added.package.origin = origin;
    Some(added)
}

fn origin(entry: &Value, commit: Option<&str>) -> PackageOrigin {
    let hosts = [
        ("github", "github.com"),
        ("gitlab", "gitlab.com"),
        ("bitbucket", "bitbucket.org"),
        ("codeberg", "codeberg.org"),
    ];
    let forge = hosts.iter().find_map(|(key, host)| Some(format!("https://{host}/{}", entry.text_of(key)?)));
    let url = forge.or_else(|| entry.text_of("git").map(str::to_owned));
    match (entry.text_of("path"), url) {
        (Some(path), _) => PackageOrigin::Local { path: path.to_owned() },
        (None, Some(url)) => git_at(&url, commit),
        (None, None) => PackageOrigin::Default,
    }
}

pub(crate) fn read_manifest(_: &str, bytes: &[u8]) -> Parsed {
    let mut sheet = Sheet::new(KIND, None, PackageEvidence::Declared);
    let tree = yaml::parse(bytes);
    let root = tree.root();
    sheet.problems(tree.problems.clone());
    let own =
        root.text_of("name").and_then(|name| sheet.add_itself(root.line, name, root.scalar_of("version")));
    for (key, scope) in [("dependencies", Scope::Prod), ("development_dependencies", Scope::Dev)] {
        for member in root.members_of(key) {
            let wanted = member.value.scalar_of("version").unwrap_or_default();
            let exact = Some(wanted).filter(|wanted| is_plain_version(wanted));
            let Some(mut added) = put(&mut sheet, member, exact, member.value.scalar_of("commit")) else {
                continue;
            };
            added.scope(scope);
            added.direct();
            let wanted = [wanted, member.value.scalar_of("branch").unwrap_or_default()];
            if let (None, Some(wanted)) = (exact, wanted.into_iter().find(|wanted| !wanted.is_empty())) {
                added.package.wanted = Some(wanted.to_owned());
            }
        }
    }
    let (reading, asks) = sheet.done_asking(own, &["crystal-shard-lock"]);
    (reading, Some(Companion::Asks(asks)))
}

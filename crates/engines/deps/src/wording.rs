//! What a package's own tool is told to bring another version of it.

use palisade_lockfile::{Asker, Wish};
use palisade_model::{Package, Relation, Scope};

use crate::asking::Askers;

/// The version that a package should have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) package: &'a Package,
    pub(crate) version: &'a str,
    /// Whether those that ask for the present version may well take this one.
    pub(crate) same_branch: bool,
    pub(crate) way: Way<'a>,
}

/// How a package comes into the product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way<'a> {
    /// The format of the record that tells of it.
    pub(crate) format: &'a str,
    /// The packages on the way from the project to it.
    pub(crate) path: &'a [String],
    pub(crate) askers: &'a Askers,
}

/// What to do, in the words of the tool that writes the record.
pub(crate) fn wording(change: &Change<'_>) -> String {
    let Change { package, version, .. } = change;
    let name = &package.name;
    match package.purl.kind() {
        "npm" => javascript(change),
        "pypi" => python(change),
        "cargo" => rust(change),
        "golang" => go(change),
        "maven" => java(change),
        "nuget" => dotnet(change),
        "composer" => php(change),
        "gem" => ruby(change),
        "deb" | "apk" | "rpm" => format!("upgrade {name} to {version}, or take a newer base image"),
        _ => match change.way.format {
            "mix-lock" => change.asked_anew("mix.exs", &format!("mix deps.update {name}")),
            "pubspec-lock" => change.asked_anew("pubspec.yaml", &format!("dart pub upgrade {name}")),
            "podfile-lock" => change.asked_anew("the Podfile", &format!("pod update {name}")),
            _ => change.raised(),
        },
    }
}

impl Change<'_> {
    fn is_direct(&self) -> bool {
        self.package.relation == Relation::Direct || self.way.path.len() < 2
    }

    /// The package that the project asks for, and that brings this one.
    fn head(&self) -> &str {
        let head = self.way.path.first().map_or("", String::as_str);
        head.rsplit_once('@').map_or(head, |(name, _)| name)
    }

    /// Where nothing is known of a tool.
    fn raised(&self) -> String {
        let (name, version) = (&self.package.name, self.version);
        match self.is_direct() {
            true => format!("raise {name} to {version}"),
            false => format!("raise {}, so that {name} becomes {version}", self.head()),
        }
    }

    /// Where another may be set for a package that others bring, in `place`.
    fn overridden(&self, place: &str) -> String {
        format!("raise {}, or override {} with {} ({place})", self.head(), self.package.name, self.version)
    }

    /// Where a tool takes the newest that all who ask allow.
    fn asked_anew(&self, manifest: &str, command: &str) -> String {
        let (name, version) = (&self.package.name, self.version);
        match self.is_direct() {
            true => format!("ask for {name} {version} or later in {manifest}, then {command}"),
            false => format!("{command}; where {} does not allow {version}, raise that", self.head()),
        }
    }

    fn is_for_developers(&self) -> bool {
        self.package.scope >= Scope::Test
    }
}

fn javascript(change: &Change<'_>) -> String {
    let (direct, place): (Command, _) = match change.way.format {
        "npm-package-lock" => (npm, "overrides in package.json"),
        "yarn-lock" => (yarn, "resolutions in package.json"),
        // These two change every member of a workspace that asks for it.
        "yarn-berry-lock" => (|wanted, _| format!("yarn up {wanted}"), "resolutions in package.json"),
        "pnpm-lock" => {
            (pnpm, "overrides in pnpm-workspace.yaml, or before pnpm 10 pnpm.overrides in package.json")
        }
        "bun-lock" => (bun, "overrides in package.json"),
        "deno-lock" | "deno-json" => return deno(change),
        _ => return change.raised(),
    };
    if change.is_direct() { asked_for(change, direct) } else { change.overridden(place) }
}

/// Makes the command that brings what is wanted to those who ask for it.
type Command = fn(&str, &[Asker]) -> String;

/// The commands for all who ask for a package: one for each name that they ask for it by. Where only some are named, it says so.
fn asked_for(change: &Change<'_>, command: Command) -> String {
    let (name, version) = (&change.package.name, change.version);
    let mut said: Vec<String> = Vec::new();
    let mut left = change.way.askers.named.clone();
    if left.is_empty() {
        said.push(command(&format!("{name}@{version}"), &[]));
    }
    while let Some(wish) = left.first().map(|asker| asker.wish.clone()) {
        let (same, others): (Vec<Asker>, _) = left.into_iter().partition(|asker| asker.wish == wish);
        left = others;
        said.push(match &wish {
            Wish::Alias(alias) => command(&format!("{}@npm:{name}@{version}", word(alias)), &same),
            Wish::Catalogue => format!("set {name} to {version} in the catalogue of the workspace"),
            Wish::Replaced => format!("set {name} to {version} where it is an override or a resolution"),
            Wish::Plain => command(&format!("{name}@{version}"), &same),
        });
    }
    let Askers { named, others } = change.way.askers;
    let is_prose = named.iter().any(|asker| matches!(asker.wish, Wish::Catalogue | Wish::Replaced));
    let said = said.join(if is_prose { "; " } else { " && " });
    match others {
        0 => said,
        1 => format!("{said}; 1 more folder asks for it too"),
        others => format!("{said}; {others} more folders ask for it too"),
    }
}

fn pnpm(wanted: &str, askers: &[Asker]) -> String {
    let is_alone = matches!(askers, [only] if only.folder.is_empty());
    let every = if is_alone { "" } else { " -r" };
    format!("pnpm update{every} {wanted}")
}

/// A word of a command as a shell takes it: folders are called as somebody wants.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@/._-+".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

fn npm(wanted: &str, askers: &[Asker]) -> String {
    let members = askers.iter().filter(|asker| !asker.folder.is_empty());
    let mut command = format!("npm install {wanted}");
    for member in members.clone() {
        command.push_str(&format!(" -w {}", word(&member.folder)));
    }
    if members.count() > 0 && askers.iter().any(|asker| asker.folder.is_empty()) {
        command.push_str(" --include-workspace-root");
    }
    command
}

/// Yarn 1 upgrades what its own folder asks for; in a member of a workspace it forgets what for, so that it is told.
fn yarn(wanted: &str, askers: &[Asker]) -> String {
    let one = |asker: &Asker| match (asker.folder.is_empty(), asker.scope) {
        (true, _) => format!("yarn upgrade {wanted}"),
        (false, Scope::Dev) => format!("yarn workspace {} add --dev {wanted}", word(&asker.name)),
        (false, Scope::Optional) => format!("yarn workspace {} add --optional {wanted}", word(&asker.name)),
        (false, _) => format!("yarn workspace {} add {wanted}", word(&asker.name)),
    };
    let all: Vec<String> = askers.iter().map(one).collect();
    if all.is_empty() { format!("yarn upgrade {wanted}") } else { all.join(" && ") }
}

fn bun(wanted: &str, askers: &[Asker]) -> String {
    let one = |asker: &Asker| match asker.folder.as_str() {
        "" => format!("bun add {wanted}"),
        folder => format!("bun add --cwd {} {wanted}", word(folder)),
    };
    let all: Vec<String> = askers.iter().map(one).collect();
    if all.is_empty() { format!("bun add {wanted}") } else { all.join(" && ") }
}

fn deno(change: &Change<'_>) -> String {
    match change.is_direct() {
        true => format!("deno add npm:{}@{}", change.package.name, change.version),
        false => change.raised(),
    }
}

fn python(change: &Change<'_>) -> String {
    let (name, version, head) = (&change.package.name, change.version, change.head());
    match (change.way.format, change.is_direct()) {
        ("poetry-lock", _) => change.asked_anew("pyproject.toml", &format!("poetry update {name}")),
        ("uv-lock", true) => {
            change.asked_anew("pyproject.toml", &format!("uv lock --upgrade-package {name}=={version}"))
        }
        ("uv-lock", false) => format!(
            "uv lock --upgrade-package {name}=={version}; where {head} does not allow it, raise that, or override {name} (override-dependencies of tool.uv)"
        ),
        ("pdm-lock", true) => change.asked_anew("pyproject.toml", &format!("pdm update {name}")),
        ("pdm-lock", false) => format!(
            "pdm update {name}; where {head} does not allow {version}, raise that, or override {name} (tool.pdm.resolution.overrides)"
        ),
        ("pipfile-lock", true) => {
            let dev = if change.is_for_developers() { " --dev" } else { "" };
            format!("pipenv upgrade{dev} {name}=={version}")
        }
        ("pipfile-lock", false) => {
            format!("raise {head}, or pipenv upgrade {name}=={version}, which asks for it in the Pipfile")
        }
        (_, true) => change.raised(),
        (_, false) => format!("raise {head}, or constrain {name} to {version} or later"),
    }
}

fn rust(change: &Change<'_>) -> String {
    let (name, version) = (&change.package.name, change.version);
    let present = change.package.version.as_deref().unwrap_or_default();
    match change.way.format {
        "cargo-lock" if change.same_branch => {
            format!("cargo update --package {name}@{present} --precise {version}")
        }
        "cargo-lock" | "cargo-toml" if change.is_direct() => {
            format!("ask for {name} {version} in Cargo.toml")
        }
        _ => change.raised(),
    }
}

fn go(change: &Change<'_>) -> String {
    let (name, version) = (&change.package.name, change.version.trim_start_matches('v'));
    match change.way.format {
        _ if name == "stdlib" => format!("build with Go {version}"),
        _ if change.way.askers.named.iter().any(|asker| asker.wish == Wish::Replaced) => {
            format!("set {name} to v{version} where go.mod or go.work replaces it")
        }
        "go-vendor-modules" => format!("go get {name}@v{version}, then go mod vendor"),
        "go-binary" => format!("go get {name}@v{version}, and build again"),
        "go-dep" | "go-dep-lock" | "go-glide" | "go-glide-lock" | "go-godeps" | "go-govendor" | "go-pins" => {
            change.raised()
        }
        _ => format!("go get {name}@v{version}"),
    }
}

fn java(change: &Change<'_>) -> String {
    let (name, version, head) = (&change.package.name, change.version, change.head());
    let relock = format!("gradle dependencies --update-locks {name}");
    match (change.way.format, change.is_direct()) {
        ("maven-pom", false) => format!("raise {head}, or set {name} to {version} in dependencyManagement"),
        // Its lockfile tells who asks for what in no way.
        ("gradle-lockfile", _) => {
            format!("ask for {name}:{version}, or constrain it where others bring it, then {relock}")
        }
        ("sbt-lock", false) => format!("raise {head}, or set {name} to {version} in dependencyOverrides"),
        _ => change.raised(),
    }
}

fn dotnet(change: &Change<'_>) -> String {
    let (name, version) = (&change.package.name, change.version);
    let add = format!("dotnet add package {name} --version {version}");
    match (change.way.format, change.is_direct()) {
        ("paket-lock", _) => change.asked_anew("paket.dependencies", &format!("paket update {name}")),
        (
            "nuget-packages-config"
            | "nuget-project-json"
            | "nuget-project-lock"
            | "dotnet-deps"
            | "paket-dependencies"
            | "dotnet-global",
            _,
        ) => change.raised(),
        (_, true) => add,
        (_, false) => format!("raise {}, or {add}, which asks for it directly", change.head()),
    }
}

fn php(change: &Change<'_>) -> String {
    let (name, version) = (&change.package.name, change.version);
    let bare = version.trim_start_matches('v');
    let dev = if change.is_for_developers() { " --dev" } else { "" };
    match (change.is_direct(), change.same_branch) {
        // `--with` narrows what the manifest allows, which may be one version alone.
        (true, _) => format!("composer require{dev} --with-dependencies {name}:^{bare}"),
        (false, true) => format!("composer update {name} --with {name}:{version}"),
        (false, false) => change.raised(),
    }
}

fn ruby(change: &Change<'_>) -> String {
    match change.way.format {
        "gemfile-lock" => {
            let command = format!("bundle update {} --conservative", change.package.name);
            change.asked_anew("the Gemfile", &command)
        }
        _ => change.raised(),
    }
}

#[cfg(test)]
mod tests {
    use palisade_model::{PackageEvidence, Purl};

    use super::*;

    fn asker(folder: &str, name: &str, scope: Scope) -> Asker {
        Asker { folder: folder.to_owned(), name: name.to_owned(), scope, wish: Wish::Plain }
    }

    /// What is said of a package that the project asks for, and of one that `top` brings.
    fn both(kind: &str, format: &str, same_branch: bool, askers: &[Asker]) -> (String, String) {
        let namespace = matches!(kind, "maven" | "composer").then_some("v");
        let purl = Purl::new(kind, namespace, "leftish", Some("1.2.3")).unwrap();
        let mut package = Package::new(purl, "leftish", PackageEvidence::Locked);
        let short = ["leftish@1.2.3".to_owned()];
        let long = ["top@1.0.0".to_owned(), "leftish@1.2.3".to_owned()];
        let askers = Askers { named: askers.to_vec(), others: 0 };
        let say = |package: &Package, path| {
            let way = Way { format, path, askers: &askers };
            wording(&Change { package, version: "1.2.5", same_branch, way })
        };
        package.relation = Relation::Direct;
        let direct = say(&package, &short);
        package.relation = Relation::Transitive;
        (direct, say(&package, &long))
    }

    /// The commands as the tools themselves take them: npm 11, Yarn 1.22 and 4, pnpm 10, Bun 1.3.
    #[test]
    fn each_tool_of_javascript_has_its_own_words() {
        let root = asker("", "root", Scope::Dev);
        let member = asker("packages/a", "@mono/a", Scope::Dev);
        let alone = [root.clone()];
        let workspace = [root, member];
        let direct = |format: &str, askers: &[Asker]| both("npm", format, true, askers).0;
        for (format, of_one, of_workspace) in [
            (
                "npm-package-lock",
                "npm install leftish@1.2.5",
                "npm install leftish@1.2.5 -w packages/a --include-workspace-root",
            ),
            (
                "yarn-lock",
                "yarn upgrade leftish@1.2.5",
                "yarn upgrade leftish@1.2.5 && yarn workspace @mono/a add --dev leftish@1.2.5",
            ),
            ("yarn-berry-lock", "yarn up leftish@1.2.5", "yarn up leftish@1.2.5"),
            ("pnpm-lock", "pnpm update leftish@1.2.5", "pnpm update -r leftish@1.2.5"),
            (
                "bun-lock",
                "bun add leftish@1.2.5",
                "bun add leftish@1.2.5 && bun add --cwd packages/a leftish@1.2.5",
            ),
            ("deno-lock", "deno add npm:leftish@1.2.5", "deno add npm:leftish@1.2.5"),
            ("npm-installed-package", "raise leftish to 1.2.5", "raise leftish to 1.2.5"),
        ] {
            assert_eq!(direct(format, &alone), of_one, "{format}");
            assert_eq!(direct(format, &workspace), of_workspace, "{format}");
        }
        assert_eq!(direct("pnpm-lock", &[]), "pnpm update -r leftish@1.2.5");
        let hostile = [asker("a;b 'c'", "x", Scope::Prod)];
        let quoted = r"npm install leftish@1.2.5 -w 'a;b '\''c'\'''";
        assert_eq!(direct("npm-package-lock", &hostile), quoted);
        let alias = [Asker { wish: Wish::Alias("old".to_owned()), ..workspace[0].clone() }];
        assert_eq!(direct("npm-package-lock", &alias), "npm install old@npm:leftish@1.2.5");
        assert_eq!(direct("yarn-berry-lock", &alias), "yarn up old@npm:leftish@1.2.5");
        let mut package = Package::new(
            Purl::new("npm", None, "leftish", Some("1.2.3")).unwrap(),
            "leftish",
            PackageEvidence::Locked,
        );
        package.relation = Relation::Direct;
        let askers = Askers { named: alone.to_vec(), others: 2 };
        let way = Way { format: "npm-package-lock", path: &[], askers: &askers };
        assert_eq!(
            wording(&Change { package: &package, version: "1.2.5", same_branch: true, way }),
            "npm install leftish@1.2.5; 2 more folders ask for it too"
        );
        let catalogue = [Asker { wish: Wish::Catalogue, ..workspace[1].clone() }];
        assert_eq!(direct("pnpm-lock", &catalogue), "set leftish to 1.2.5 in the catalogue of the workspace");
        for (format, place) in [
            ("npm-package-lock", "overrides in package.json"),
            ("yarn-lock", "resolutions in package.json"),
            ("yarn-berry-lock", "resolutions in package.json"),
            (
                "pnpm-lock",
                "overrides in pnpm-workspace.yaml, or before pnpm 10 pnpm.overrides in package.json",
            ),
            ("bun-lock", "overrides in package.json"),
        ] {
            let said = both("npm", format, true, &[]).1;
            assert_eq!(said, format!("raise top, or override leftish with 1.2.5 ({place})"), "{format}");
        }
    }

    #[test]
    fn tools_of_other_ecosystems_have_theirs() {
        for (kind, format, same_branch, direct, brought) in [
            (
                "pypi",
                "poetry-lock",
                true,
                "ask for leftish 1.2.5 or later in pyproject.toml, then poetry update leftish",
                "poetry update leftish; where top does not allow 1.2.5, raise that",
            ),
            (
                "pypi",
                "pipfile-lock",
                true,
                "pipenv upgrade leftish==1.2.5",
                "raise top, or pipenv upgrade leftish==1.2.5, which asks for it in the Pipfile",
            ),
            (
                "pypi",
                "uv-lock",
                true,
                "ask for leftish 1.2.5 or later in pyproject.toml, then uv lock --upgrade-package leftish==1.2.5",
                "uv lock --upgrade-package leftish==1.2.5; where top does not allow it, raise that, or override leftish (override-dependencies of tool.uv)",
            ),
            (
                "cargo",
                "cargo-lock",
                true,
                "cargo update --package leftish@1.2.3 --precise 1.2.5",
                "cargo update --package leftish@1.2.3 --precise 1.2.5",
            ),
            // Cargo gives another branch to nobody who asks for this one.
            (
                "cargo",
                "cargo-lock",
                false,
                "ask for leftish 1.2.5 in Cargo.toml",
                "raise top, so that leftish becomes 1.2.5",
            ),
            ("golang", "go-mod", true, "go get leftish@v1.2.5", "go get leftish@v1.2.5"),
            (
                "composer",
                "composer-lock",
                false,
                "composer require --with-dependencies leftish:^1.2.5",
                "raise top, so that leftish becomes 1.2.5",
            ),
            (
                "composer",
                "composer-lock",
                true,
                "composer require --with-dependencies leftish:^1.2.5",
                "composer update leftish --with leftish:1.2.5",
            ),
            (
                "gem",
                "gemfile-lock",
                false,
                "ask for leftish 1.2.5 or later in the Gemfile, then bundle update leftish --conservative",
                "bundle update leftish --conservative; where top does not allow 1.2.5, raise that",
            ),
            (
                "nuget",
                "nuget-packages-lock",
                true,
                "dotnet add package leftish --version 1.2.5",
                "raise top, or dotnet add package leftish --version 1.2.5, which asks for it directly",
            ),
        ] {
            let said = both(kind, format, same_branch, &[]);
            assert_eq!(said, (direct.to_owned(), brought.to_owned()), "{format}");
        }
    }

    #[test]
    fn what_no_tool_sets_is_told_in_words() {
        for (kind, format, brought) in [
            ("golang", "go-pins", "raise top, so that leftish becomes 1.2.5"),
            ("nuget", "nuget-project-json", "raise top, so that leftish becomes 1.2.5"),
            ("maven", "maven-pom", "raise top, or set leftish to 1.2.5 in dependencyManagement"),
        ] {
            let said = both(kind, format, true, &[]);
            assert_eq!(said, ("raise leftish to 1.2.5".to_owned(), brought.to_owned()), "{format}");
        }
    }

    #[test]
    fn a_replaced_module_is_set_where_it_is_replaced() {
        let replaced = [Asker { wish: Wish::Replaced, ..asker("", "", Scope::Prod) }];
        let said = both("golang", "go-mod", true, &replaced).0;
        assert_eq!(said, "set leftish to v1.2.5 where go.mod or go.work replaces it");
    }
}

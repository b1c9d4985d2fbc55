//! `Gemfile.lock` as Bundler writes it: sections, sources with their specs, four spaces before a gem and six before what it needs.

use palisade_model::{PackageEvidence, PackageHash, PackageOrigin, Scope};

use crate::format::Parsed;
use crate::sheet::Sheet;
use crate::text::{lines, without_credentials};

/// What the lines below a heading are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Source(Kind),
    Dependencies,
    Checksums,
    /// Sections without packages.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gem,
    Git,
    Path,
    Plugin,
}

/// The heading of a source, as far as it was read.
#[derive(Default)]
struct Source {
    remote: Option<String>,
    revision: Option<String>,
    has_specs: bool,
}

struct Reader {
    sheet: Sheet,
    section: Section,
    source: Source,
    last: Option<u32>,
}

pub(crate) fn read(_: &str, bytes: &[u8]) -> Parsed {
    let sheet = Sheet::new("gem", Some("RubyGems"), PackageEvidence::Locked);
    let mut reader = Reader { sheet, section: Section::Other, source: Source::default(), last: None };
    let text = reader.sheet.decode(bytes);
    for (number, line) in lines(&text).filter(|(_, line)| !line.trim().is_empty()) {
        reader.line(number, line);
    }
    (reader.sheet.done(), None)
}

impl Reader {
    fn line(&mut self, number: u32, line: &str) {
        let text = line.trim_start();
        match (line.len() - text.len(), self.section) {
            (0, _) => self.heading(number, line.trim_end()),
            (2, Section::Source(_)) => self.option(text),
            (4, Section::Source(kind)) if self.source.has_specs => self.gem(number, kind, text),
            (6, Section::Source(_)) => self.need(number, text),
            (2, Section::Dependencies) => self.direct(text),
            (2, Section::Checksums) => self.checksum(text),
            (_, Section::Other) => {}
            _ => self.sheet.problem(number, "a line is indented as no line of its section is"),
        }
    }

    fn heading(&mut self, number: u32, heading: &str) {
        self.source = Source::default();
        self.last = None;
        self.section = match heading {
            "GEM" => Section::Source(Kind::Gem),
            "GIT" => Section::Source(Kind::Git),
            "PATH" => Section::Source(Kind::Path),
            "PLUGIN SOURCE" => Section::Source(Kind::Plugin),
            "DEPENDENCIES" => Section::Dependencies,
            "CHECKSUMS" => Section::Checksums,
            "PLATFORMS" | "RUBY VERSION" | "BUNDLED WITH" => Section::Other,
            _ => {
                self.sheet.problem(number, "a section that is not known");
                Section::Other
            }
        };
    }

    fn option(&mut self, text: &str) {
        match text.split_once(':') {
            Some(("specs", _)) => self.source.has_specs = true,
            Some(("remote", url)) => self.source.remote = Some(url.trim().to_owned()),
            Some(("revision", commit)) => self.source.revision = Some(commit.trim().to_owned()),
            _ => {}
        }
    }

    fn gem(&mut self, number: u32, kind: Kind, text: &str) {
        self.last = None;
        let Some((name, version)) = named(text).and_then(|(name, version)| Some((name, version?))) else {
            self.sheet.problem(number, "a gem without a version");
            return;
        };
        // A platform follows the version; versions of gems have no dash.
        let (version, platform) =
            version.split_once('-').map_or((version, None), |(version, platform)| (version, Some(platform)));
        let origin = self.origin(kind);
        let Some(added) = self.sheet.add(number, name, Some(version)) else { return };
        added.package.origin = origin;
        let index = added.index;
        if platform.is_none() || added.package.dependencies.is_empty() {
            self.last = Some(index);
        }
    }

    fn origin(&self, kind: Kind) -> PackageOrigin {
        let remote = self.source.remote.clone().unwrap_or_default();
        match kind {
            Kind::Path => PackageOrigin::Local { path: remote },
            Kind::Git => {
                PackageOrigin::Git { url: without_credentials(&remote), commit: self.source.revision.clone() }
            }
            Kind::Gem | Kind::Plugin
                if remote.is_empty() || remote.trim_end_matches('/') == "https://rubygems.org" =>
            {
                PackageOrigin::Default
            }
            Kind::Gem | Kind::Plugin => PackageOrigin::Registry { url: without_credentials(&remote) },
        }
    }

    fn need(&mut self, number: u32, text: &str) {
        match (self.last, named(text)) {
            (Some(from), Some((name, _))) => self.sheet.edge(from, name, None),
            _ => self.sheet.problem(number, "a requirement without a gem that has it"),
        }
    }

    /// A trailing `!` says that the gem comes from a source of its own.
    fn direct(&mut self, text: &str) {
        if let Some((name, _)) = named(text.trim_end().trim_end_matches('!')) {
            self.sheet.asks_for(name, Scope::Prod);
        }
    }

    fn checksum(&mut self, text: &str) {
        let Some((gem, sums)) = text.split_once(") ") else { return };
        let Some((name, Some(version))) =
            named(&format!("{gem})")).map(|(name, version)| (name.to_owned(), version.map(str::to_owned)))
        else {
            return;
        };
        if version.contains('-') {
            return;
        }
        let Some(added) = self.sheet.find(&name, &version) else { return };
        for (algorithm, value) in sums.split(',').filter_map(|sum| sum.trim().split_once('=')) {
            if algorithm == "sha256" {
                added.hashes.push(PackageHash { algorithm: "SHA-256".to_owned(), value: value.to_owned() });
            }
        }
    }
}

/// `name (version)`, or `name` alone.
fn named(text: &str) -> Option<(&str, Option<&str>)> {
    let text = text.trim();
    let (name, version) = match text.split_once(" (") {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then_some((name, version))
}

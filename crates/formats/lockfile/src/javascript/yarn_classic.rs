//! yarn.lock of Yarn 1, a format of its own; that of later versions is YAML and read elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use palisade_model::{PackageEvidence, PackageOrigin};

use super::asked::Asked;
use super::file::{File, put_fetched, usual_url};
use super::request::{Request, request, split_name};
use super::{Companion, Lock, local_folders, put, resolved, sheet, yarn_berry};
use crate::displaced::displace;
use crate::facts::{add_hashes, bare_hash, git, git_at, integrity, is_git};
use crate::format::Parsed;
use crate::record;
use crate::sheet::Sheet;
use crate::spanned::text;
use crate::text::lines;

pub(super) fn read_either(_path: &str, bytes: &[u8]) -> Parsed {
    let (text, _) = text::decode(bytes);
    if text.lines().any(|line| line.starts_with("__metadata:")) {
        return yarn_berry::read(bytes);
    }
    read(bytes)
}

/// One block of the file.
#[derive(Default)]
struct Block<'a> {
    line: u32,
    /// Everything that is asked for and answered by this package, such as `a@^1.0.0`.
    requests: Vec<&'a str>,
    version: Option<&'a str>,
    resolved: Option<&'a str>,
    integrity: Option<&'a str>,
    /// Names and ranges of what it needs, and whether that is optional.
    needs: Vec<(&'a str, &'a str, bool)>,
}

impl<'a> Block<'a> {
    /// What its requests ask for.
    fn wanted(&self) -> impl Iterator<Item = Request<'a>> {
        self.requests.iter().filter_map(|text| split_name(text)).map(|(name, spec)| request(name, spec))
    }
}

fn read(bytes: &[u8]) -> Parsed {
    let mut sheet = sheet(PackageEvidence::Locked);
    let text = sheet.decode(bytes);
    let blocks = blocks(&mut sheet, &text);
    let mut lock = Lock::default();
    let mut asked = Asked::default();
    let mut needs = Vec::new();
    // `resolutions` of a manifest answer requests that then stand nowhere. Where all of a name have one answer, it is theirs too.
    let mut only: BTreeMap<&str, Option<u32>> = BTreeMap::new();
    // Nobody but `resolutions` lets one package answer requests for two.
    let mut mixed = Vec::new();
    for block in &blocks {
        let Some(index) = put_block(&mut sheet, block) else { continue };
        let wanted: BTreeSet<&str> = block.wanted().map(|request| request.name).collect();
        mixed.extend((wanted.len() > 1).then_some(index));
        lock.requests.extend(block.requests.iter().map(|request| ((*request).to_owned(), index)));
        for (name, spec) in block.requests.iter().filter_map(|request| split_name(request)) {
            let answer = only.entry(name).or_insert(Some(index));
            *answer = answer.filter(|known| *known == index);
            asked.note(index, name, spec, true);
        }
        needs.push((index, &block.needs));
    }
    for (index, needs) in needs {
        for (name, range, is_optional) in needs {
            let exact = lock.requests.get(&format!("{name}@{range}")).copied();
            let Some(target) = exact.or_else(|| only.get(name).copied().flatten()) else { continue };
            if *is_optional {
                lock.limits.optional.insert((index, target));
            }
            if let Some(package) = sheet.package(index) {
                package.dependencies.push(target);
            }
        }
    }
    let mut reading = sheet.done();
    asked.mark(&mut reading.packages, |_| false);
    for index in mixed {
        if let Some(package) = reading.packages.get_mut(index as usize) {
            displace(package, super::ECOSYSTEM);
        }
    }
    lock.folders = local_folders(&reading.packages);
    (reading, Some(record::Companion::Javascript(Companion::Lock(lock))))
}

fn put_block(sheet: &mut Sheet, block: &Block<'_>) -> Option<u32> {
    let first = block.requests.first()?;
    let (name, spec) = split_name(first).unwrap_or((first, ""));
    let Some(version) = block.version else {
        sheet.problem(block.line, "a package has no version");
        return None;
    };
    // `resolutions` of a manifest add a request that names another package to those that they answer.
    let asked = block.wanted().find(|own| own.name != name).unwrap_or_else(|| request(name, spec));
    let (address, fragment) =
        block.resolved.map_or(("", ""), |text| text.split_once('#').unwrap_or((text, "")));
    let origin = match (asked.origin, block.resolved) {
        // A repository on GitHub is fetched as an archive, whose name is the commit.
        (PackageOrigin::Git { url, .. }, Some(_)) => {
            git_at(&url, if fragment.is_empty() { address.rsplit('/').next() } else { Some(fragment) })
        }
        (_, Some(whole)) if is_git(whole) => git(whole),
        (origin @ PackageOrigin::Url { .. }, Some(_)) => origin,
        // Yarn's mirror is a folder of files that are called as those of a registry.
        (_, Some(_)) if is_mirrored(asked.name, version, address) => PackageOrigin::Default,
        (_, Some(_)) => resolved(asked.name, Some(version), address),
        (origin, None) => origin,
    };
    // A file at an address is called as its author wants; what it is tells its own name.
    let at_address = usual_url(address);
    let file = File::of(&at_address).filter(|_| matches!(origin, PackageOrigin::Url { .. }));
    let name = file.as_ref().map_or(asked.name, |file| &file.name);
    let is_repository = matches!(origin, PackageOrigin::Git { .. });
    let added = put(sheet, block.line, name, Some(version), origin)?;
    add_hashes(added.package, block.integrity.map(integrity).unwrap_or_default());
    if !is_repository {
        add_hashes(added.package, bare_hash(fragment));
    }
    let index = added.index;
    put_fetched(sheet, index, address);
    Some(index)
}

/// Whether an address is the name alone of the file that a registry has of a package.
fn is_mirrored(name: &str, version: &str, address: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    let scoped = name.replace('/', "-");
    [last, &scoped].iter().any(|name| address == format!("{name}-{version}.tgz"))
}

/// The blocks: a line of requests without indentation, fields below by two blanks, lists below these by four.
fn blocks<'a>(sheet: &mut Sheet, text: &'a str) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut in_needs = None;
    for (number, line) in lines(text) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let depth = line.len() - line.trim_start_matches(' ').len();
        let fits = match (depth, blocks.last_mut()) {
            (0, _) => {
                blocks.extend(block(number, content));
                in_needs = None;
                content.ends_with(':')
            }
            (2, Some(block)) => {
                in_needs = match content {
                    "dependencies:" => Some(false),
                    "optionalDependencies:" => Some(true),
                    _ => None,
                };
                field(block, content)
            }
            (4, Some(block)) => match pair(content) {
                Some((name, range)) => {
                    block.needs.extend(in_needs.map(|is_optional| (name, range, is_optional)));
                    true
                }
                None => false,
            },
            _ => false,
        };
        if !fits {
            sheet.problem(number, "a line that is not of the format of yarn.lock");
        }
    }
    blocks
}

fn block(line: u32, header: &str) -> Option<Block<'_>> {
    let header = header.strip_suffix(':')?;
    let requests = header.split(", ").map(|request| request.trim().trim_matches('"')).collect();
    Some(Block { line, requests, ..Block::default() })
}

/// Takes over a field of a block; whether it has the form of one.
fn field<'a>(block: &mut Block<'a>, content: &'a str) -> bool {
    match pair(content) {
        Some(("version", value)) => block.version = Some(value),
        Some(("resolved", value)) => block.resolved = Some(value),
        Some(("integrity", value)) => block.integrity = Some(value),
        other => return other.is_some() || content.ends_with(':'),
    }
    true
}

/// A word and a value, either of which may stand in quotes.
fn pair(content: &str) -> Option<(&str, &str)> {
    let (key, value) = match content.strip_prefix('"') {
        Some(rest) => rest.split_once('"')?,
        None => content.split_once(' ')?,
    };
    let value = value.trim().trim_matches('"');
    (!key.is_empty() && !value.is_empty()).then_some((key, value))
}

use std::collections::BTreeSet;

use palisade_archive::{
    Budget, Format, Member, MemberKind, MemberTrouble, Trouble, Unopened, members, recognise,
    recognise_unopened,
};
use palisade_model::{EntryKind, Finding, GapKind};

/// Longest name of a member that is shown, in characters.
const MAX_NAME: usize = 256;

/// What is met inside an entry.
#[derive(Debug)]
pub enum Inner<'a> {
    /// A member of an archive.
    Member {
        /// The way to it: a member of the entry, a member of that, and so on.
        members: &'a [String],
        /// What it is.
        kind: EntryKind,
        /// Its content.
        bytes: &'a [u8],
    },
    /// Something that was not opened, or not wholly.
    Closed {
        /// Why.
        kind: GapKind,
        /// The way to it and what is wrong with it.
        detail: String,
    },
}

/// Containers in containers that are opened at most, whatever they are.
const MAX_NESTING: usize = 16;

/// Opens `bytes`, called `name`, if they are an archive, and archives in it, `depth` deep; calls `visit` for everything met, each
/// archive before its members. A compressed stream is no level of its own: `a.tar.gz` is one archive. What can be held in memory is
/// bounded over the whole nesting.
pub fn for_each_member(name: &[u8], bytes: &[u8], depth: u32, visit: &mut dyn FnMut(Inner<'_>)) {
    let Some(format) = recognise(name, bytes) else {
        if let Some(format) = recognise_unopened(bytes) {
            let kind = if depth == 0 { GapKind::Noted } else { gap_kind(format) };
            visit(Inner::Closed { kind, detail: not_opened(format) });
        }
        return;
    };
    if depth == 0 {
        let detail = "an archive, which is not opened with an archive depth of 0".to_owned();
        return visit(Inner::Closed { kind: GapKind::Noted, detail });
    }
    let mut way = Way { members: Vec::new(), left: depth - level(format), visit };
    members(format, name, bytes, &mut Budget::default(), &mut |budget, met| way.met(budget, met));
}

/// What is not opened may hide anything when it is an archive; documents are looked at as the bytes they are, as pictures are.
const fn gap_kind(format: Unopened) -> GapKind {
    match format {
        Unopened::SevenZip | Unopened::Rar | Unopened::GitPack => GapKind::FormatUnsupported,
        Unopened::Pdf => GapKind::Noted,
    }
}

const fn describe(format: Unopened) -> &'static str {
    match format {
        Unopened::SevenZip => "a 7z archive",
        Unopened::Rar => "a RAR archive",
        Unopened::Pdf => "a PDF document",
        Unopened::GitPack => "a pack or bundle of git objects",
    }
}

fn not_opened(format: Unopened) -> String {
    let hint = match format {
        Unopened::GitPack => "; scan its repository with `palisade scan --history`",
        _ => "",
    };
    format!("{}, which is not opened{hint}", describe(format))
}

/// Leaves out of an entry's findings those in the bytes of an archive that are told of one of its members too: what is stored without
/// compression stands in both.
pub fn drop_repeated(findings: &mut Vec<Finding>) {
    let told: BTreeSet<_> = findings
        .iter()
        .flat_map(|finding| {
            let members = &finding.location.members;
            (0..members.len()).filter_map(|outer| Some((members.get(..outer)?.to_vec(), finding.fingerprint)))
        })
        .collect();
    findings.retain(|finding| !told.contains(&(finding.location.members.clone(), finding.fingerprint)));
}

/// How many levels of nesting opening a container takes.
const fn level(format: Format) -> u32 {
    match format {
        Format::Gzip
        | Format::Bzip2
        | Format::Zstd
        | Format::Xz
        | Format::Lzma
        | Format::Zlib
        | Format::Lz4
        | Format::Lzw
        | Format::Rpm => 0,
        Format::Zip
        | Format::Tar
        | Format::Deb
        | Format::Cpio
        | Format::Sqlite
        | Format::SqliteWal
        | Format::Notebook => 1,
    }
}

/// Where a walk through archives stands.
struct Way<'v, 'f> {
    members: Vec<String>,
    /// Archives that may still be opened inside each other.
    left: u32,
    visit: &'v mut (dyn FnMut(Inner<'_>) + 'f),
}

impl Way<'_, '_> {
    fn met(&mut self, budget: &mut Budget, met: Result<Member<'_>, MemberTrouble>) {
        match met {
            Err(MemberTrouble { name, trouble }) => self.closed(name.as_deref(), &trouble),
            Ok(member) => self.member(budget, &member),
        }
    }

    fn member(&mut self, budget: &mut Budget, member: &Member<'_>) {
        self.members.push(shown(&member.name));
        let kind = match member.kind {
            MemberKind::File => EntryKind::File,
            MemberKind::Symlink => EntryKind::Symlink,
        };
        (self.visit)(Inner::Member { members: &self.members, kind, bytes: &member.bytes });
        if let Some(format) = recognise(&member.name, &member.bytes) {
            match self.left.checked_sub(level(format)) {
                Some(left) if self.members.len() < MAX_NESTING => {
                    let before = std::mem::replace(&mut self.left, left);
                    members(format, &member.name, &member.bytes, budget, &mut |budget, met| {
                        self.met(budget, met)
                    });
                    self.left = before;
                }
                _ => self.too_deep(),
            }
        } else if let Some(format) = recognise_unopened(&member.bytes) {
            let detail = format!("{}: {}", self.place(None), not_opened(format));
            (self.visit)(Inner::Closed { kind: gap_kind(format), detail });
        }
        self.members.pop();
    }

    fn too_deep(&mut self) {
        let detail =
            format!("{}: archives are nested deeper than is opened; raise --archive-depth", self.place(None));
        (self.visit)(Inner::Closed { kind: GapKind::BudgetHit, detail });
    }

    fn closed(&mut self, name: Option<&[u8]>, trouble: &Trouble) {
        let kind = match trouble {
            Trouble::Damaged(_) => GapKind::ParseFailed,
            Trouble::Encrypted | Trouble::Unsupported(_) => GapKind::FormatUnsupported,
            Trouble::OverLimit(_) => GapKind::BudgetHit,
        };
        let detail = format!("{} {trouble}", self.place(name));
        (self.visit)(Inner::Closed { kind, detail });
    }

    /// The way to `name`, or to the archive itself.
    fn place(&self, name: Option<&[u8]>) -> String {
        let ways: Vec<_> = self.members.iter().cloned().chain(name.map(shown)).collect();
        if ways.is_empty() { "the archive".to_owned() } else { format!("member `{}`", ways.join("!")) }
    }
}

/// A name that can be printed and kept: any bytes may stand in an archive.
fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.chars().take(MAX_NAME).map(palisade_model::printable).collect()
}

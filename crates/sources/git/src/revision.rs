//! Revisions where gix does not read the references: their names are put as the objects that they name, and gix does the rest.

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::refs::FullName;
use gix::revision::plumbing::spec::Kind as SpecKind;
use gix::revision::plumbing::spec::parse::Delegate;
use gix::revision::plumbing::spec::parse::delegate::{
    Kind, Navigate, PeelTo, PrefixHint, ReflogLookup, Revision, SiblingBranch, Traversal,
};
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use crate::reftable::{Tables, Target};

/// What `git checkout` leaves in the log of HEAD.
const CHECKOUT: &[u8] = b"checkout: moving from ";

/// References that are files in any repository (git-update-ref(1); gitglossary(7), "pseudoref").
const ALWAYS_FILES: [&[u8]; 2] = [b"FETCH_HEAD", b"MERGE_HEAD"];

/// A revision (gitrevisions(7)) without names of references.
pub(crate) fn without_names(git: &gix::Repository, tables: &Tables, revision: &str) -> gix::Result<Vec<u8>> {
    let mut writer = Writer { git, tables, text: Vec::new(), start: 0, reference: None };
    gix::revision::plumbing::spec::parse(revision.into(), &mut writer)?;
    Ok(writer.text)
}

/// Writes a revision anew while it is being parsed.
struct Writer<'a> {
    git: &'a gix::Repository,
    tables: &'a Tables,
    text: Vec<u8>,
    /// Where in the text the revision at hand begins, of the two that a range has.
    start: usize,
    /// The reference that it begins with.
    reference: Option<Vec<u8>>,
}

impl Writer<'_> {
    fn put(&mut self, id: ObjectId) {
        self.text.truncate(self.start);
        self.text.extend_from_slice(id.to_string().as_bytes());
    }

    fn append(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// The reference at hand, else the branch that is checked out.
    fn reference(&self) -> Vec<u8> {
        let branch = || match self.tables.target(b"HEAD") {
            Some(Target::Reference(branch)) => branch.clone(),
            _ => b"HEAD".to_vec(),
        };
        self.reference.clone().unwrap_or_else(branch)
    }

    /// The object that a reference names, whose name may be short.
    fn resolve(&mut self, short: &[u8]) -> Option<ObjectId> {
        if ALWAYS_FILES.contains(&short) {
            return self.git.refs.find(short.as_bstr()).ok()?.target.try_into_id().ok();
        }
        let name = self.tables.full_name(short)?;
        let (_, id) = self.tables.resolve(&name)?;
        self.reference = Some(name);
        Some(id)
    }

    /// The newest commit that any reference leads to whose message holds a text, or does not.
    fn newest(&self, text: &[u8], negated: bool) -> gix::Result<Option<ObjectId>> {
        let tips = self
            .tables
            .named()
            .into_iter()
            .filter_map(|id| Some(self.git.find_object(id).ok()?.peel_to_commit().ok()?.id));
        let walk = self.git.rev_walk(tips).sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst));
        for step in walk.all()? {
            let id = step?.id;
            let commit = self.git.find_commit(id)?;
            if commit.message_raw()?.contains_str(text) != negated {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

fn none(what: &'static str) -> gix::Error {
    gix::Error::from_error(gix::error::message(what))
}

impl Revision for Writer<'_> {
    fn find_ref(&mut self, name: &BStr) -> gix::Result {
        let id = self.resolve(name).ok_or_else(|| none("no such reference"))?;
        self.put(id);
        Ok(())
    }

    fn disambiguate_prefix(&mut self, prefix: gix::hash::Prefix, _: Option<PrefixHint<'_>>) -> gix::Result {
        let digits = prefix.to_string();
        let is_whole = prefix.hex_len() == prefix.as_oid().kind().len_in_hex();
        // As git has it, a name that may be a short one of an object is rather that of a reference.
        match self.resolve(digits.as_bytes()).filter(|_| !is_whole) {
            Some(id) => self.put(id),
            None => {
                self.git.objects.lookup_prefix(prefix, None)?.ok_or_else(|| none("no such object"))?.ok();
                self.text.truncate(self.start);
                self.append(&digits);
            }
        }
        Ok(())
    }

    fn reflog(&mut self, query: ReflogLookup) -> gix::Result {
        let log = self.tables.log(&self.reference());
        let found = match query {
            ReflogLookup::Entry(number) => log.get(number).map(|entry| entry.new),
            ReflogLookup::Date(date) => {
                let is_before = |time: u64| i64::try_from(time).is_ok_and(|time| time <= date.seconds);
                let first = |old: ObjectId, new| if old.is_null() { new } else { old };
                let entry = log.iter().find(|entry| is_before(entry.time)).map(|entry| entry.new);
                entry.or_else(|| log.last().map(|entry| first(entry.old, entry.new)))
            }
        };
        self.put(found.ok_or_else(|| none("no such entry in its log"))?);
        Ok(())
    }

    fn nth_checked_out_branch(&mut self, branch_no: usize) -> gix::Result {
        let log = self.tables.log(b"HEAD");
        let left = log.iter().filter_map(|entry| {
            let (from, _) = entry.message.strip_prefix(CHECKOUT)?.split_once_str(" to ")?;
            Some((from.to_vec(), entry.old))
        });
        let found = left.into_iter().nth(branch_no.saturating_sub(1));
        let (branch, id) = found.ok_or_else(|| none("no such checkout"))?;
        let id = self.resolve(&branch).unwrap_or(id);
        self.put(id);
        Ok(())
    }

    fn sibling_branch(&mut self, kind: SiblingBranch) -> gix::Result {
        let direction = match kind {
            SiblingBranch::Upstream => gix::remote::Direction::Fetch,
            SiblingBranch::Push => gix::remote::Direction::Push,
        };
        let name = match self.reference() {
            name if name == b"HEAD" => self.tables.resolve(&name).map_or(name, |(name, _)| name),
            name => name,
        };
        let name = FullName::try_from(name.as_bstr()).map_err(gix::Error::from_error)?;
        let sibling = self.git.branch_remote_tracking_ref_name(name.as_ref(), direction);
        let sibling = sibling.ok_or_else(|| none("no such branch is configured"))??;
        let id = self.resolve(sibling.as_bstr()).ok_or_else(|| none("no such reference"))?;
        self.put(id);
        Ok(())
    }
}

impl Navigate for Writer<'_> {
    fn traverse(&mut self, kind: Traversal) -> gix::Result {
        self.append(&match kind {
            Traversal::NthParent(number) => format!("^{number}"),
            Traversal::NthAncestor(number) => format!("~{number}"),
        });
        Ok(())
    }

    fn peel_until(&mut self, kind: PeelTo<'_>) -> gix::Result {
        match kind {
            PeelTo::ObjectKind(kind) => self.append(&format!("^{{{kind}}}")),
            PeelTo::ValidObject => self.append("^{object}"),
            PeelTo::RecursiveTagObject => self.append("^{}"),
            PeelTo::Path(path) => self.text.extend([b":", path.as_bytes()].concat()),
        }
        Ok(())
    }

    fn find(&mut self, regex: &BStr, negated: bool) -> gix::Result {
        if self.text.len() == self.start {
            let found = self.newest(regex, negated)?.ok_or_else(|| none("no commit says so"))?;
            self.put(found);
            return Ok(());
        }
        self.append(match (negated, regex.starts_with(b"!")) {
            (true, _) => "^{/!-",
            (false, true) => "^{/!",
            (false, false) => "^{/",
        });
        for byte in regex.bytes() {
            if matches!(byte, b'{' | b'}' | b'\\') {
                self.text.push(b'\\');
            }
            self.text.push(byte);
        }
        self.append("}");
        Ok(())
    }

    fn index_lookup(&mut self, path: &BStr, stage: u8) -> gix::Result {
        self.append(&format!(":{stage}:"));
        self.text.extend_from_slice(path);
        Ok(())
    }
}

impl Kind for Writer<'_> {
    fn kind(&mut self, kind: SpecKind) -> gix::Result {
        self.append(match kind {
            SpecKind::IncludeReachable => "",
            SpecKind::ExcludeReachable => "^",
            SpecKind::RangeBetween => "..",
            SpecKind::ReachableToMergeBase => "...",
            SpecKind::IncludeReachableFromParents => "^@",
            SpecKind::ExcludeReachableFromParents => "^!",
        });
        (self.start, self.reference) = (self.text.len(), None);
        Ok(())
    }
}

impl Delegate for Writer<'_> {
    fn done(&mut self) -> gix::Result {
        Ok(())
    }
}

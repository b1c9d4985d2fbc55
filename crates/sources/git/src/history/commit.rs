//! What commits and tags say of themselves.

/// Bytes of a commit that is looked into.
pub(crate) const MAX_COMMIT_BYTES: u64 = 16 << 20;

/// Characters of a subject line that are kept.
const MAX_SUBJECT_CHARS: usize = 200;

/// Who made a commit, and when. Text that is not UTF-8 is shown with replacement characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// Name of the author.
    pub author_name: String,
    /// Mail address of the author.
    pub author_email: String,
    /// When it was committed: seconds since 1970, UTC. 0 when the commit does not say.
    pub time: i64,
    /// The time zone that it was committed in: minutes east of UTC.
    pub offset_minutes: i32,
    /// The first line of the message, at most 200 characters.
    pub subject: String,
}

impl CommitInfo {
    pub(crate) fn parse(commit: &[u8]) -> Self {
        let (header, message) = split_message(commit);
        let author = person(header, b"author ");
        let committer = person(header, b"committer ");
        let first_line = message.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        Self {
            author_name: text(author.name),
            author_email: text(author.email),
            time: committer.time,
            offset_minutes: committer.offset_minutes,
            subject: text(first_line.unwrap_or_default().trim_ascii())
                .chars()
                .take(MAX_SUBJECT_CHARS)
                .collect(),
        }
    }
}

/// What of a commit the history of trees needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitLinks<'a> {
    /// Hexadecimal.
    pub(crate) tree: &'a [u8],
    pub(crate) parents: Vec<&'a [u8]>,
    /// When it was committed; 0 when it does not say.
    pub(crate) time: i64,
}

impl<'a> CommitLinks<'a> {
    /// None when it names no tree.
    pub(crate) fn parse(commit: &'a [u8]) -> Option<Self> {
        let (header, _) = split_message(commit);
        let mut lines = header.split(|byte| *byte == b'\n');
        let tree = lines.next()?.strip_prefix(b"tree ")?;
        let parents = lines.map_while(|line| line.strip_prefix(b"parent ")).collect();
        Some(Self { tree, parents, time: person(header, b"committer ").time })
    }
}

/// What a tag points to, hexadecimal.
pub(crate) fn tag_target(tag: &[u8]) -> Option<&[u8]> {
    tag.split(|byte| *byte == b'\n').next()?.strip_prefix(b"object ")
}

fn split_message(commit: &[u8]) -> (&[u8], &[u8]) {
    match commit.windows(2).position(|pair| pair == b"\n\n").and_then(|at| commit.split_at_checked(at)) {
        Some((header, rest)) => (header, rest.get(2..).unwrap_or_default()),
        None => (commit, &[]),
    }
}

#[derive(Default)]
struct Person<'a> {
    name: &'a [u8],
    email: &'a [u8],
    time: i64,
    offset_minutes: i32,
}

/// `NAME <EMAIL> SECONDS ZONE` in the line that begins with `field`.
fn person<'a>(header: &'a [u8], field: &[u8]) -> Person<'a> {
    let line = header.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(field));
    let line = line.unwrap_or_default();
    let open = line.iter().position(|byte| *byte == b'<').unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(open).unwrap_or_default();
    let close = rest.iter().rposition(|byte| *byte == b'>').unwrap_or(rest.len());
    let email = rest.get(1..close).unwrap_or_default();
    let mut words =
        rest.get(close + 1..).unwrap_or_default().split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let mut number = || str::from_utf8(words.next()?).ok()?.parse::<i64>().ok();
    let (time, zone) = (number().unwrap_or(0), number().unwrap_or(0) % 10_000);
    let offset_minutes = i32::try_from(zone / 100 * 60 + zone % 100).unwrap_or(0);
    Person { name: name.trim_ascii(), email: email.trim_ascii(), time, offset_minutes }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_commit() {
        let commit = b"tree 12\nparent 34\nparent 56\nauthor A U Thor <a@b> 1 +0000\n\
            committer C <c@d> 1700000000 -0330\ngpgsig x\n parent 78\n\n\nSubject \xff\n\nparent 9";
        let info = CommitInfo::parse(commit);
        assert_eq!((info.author_name.as_str(), info.author_email.as_str()), ("A U Thor", "a@b"));
        assert_eq!((info.time, info.offset_minutes), (1_700_000_000, -210));
        assert_eq!(info.subject, "Subject \u{fffd}");
        let links = CommitLinks::parse(commit).unwrap();
        assert_eq!(links, CommitLinks { tree: b"12", parents: vec![b"34", b"56"], time: 1_700_000_000 });
    }

    #[test]
    fn makes_do_with_what_is_there() {
        for commit in
            [&b""[..], b"\n\n", b"author", b"author <", b"author >", b"author a< b\ncommitter > x y"]
        {
            assert_eq!(CommitInfo::parse(commit).time, 0);
            assert_eq!(CommitLinks::parse(commit), None);
        }
    }
}

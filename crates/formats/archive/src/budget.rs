use std::fmt;

/// Troubles told within one [`Budget`]; the last one says that there are more.
pub const MAX_TROUBLES: u32 = 100;

/// What a ratio is first measured from, in expanded bytes: what is smaller harms nobody.
const RATIO_FLOOR: u64 = 1 << 20;

/// Limits of opening one entry with all that is nested in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most members.
    pub max_members: u64,
    /// Most bytes of all members together.
    pub max_expanded: u64,
    /// Most bytes that one compressed byte may become, once a member is over 1 MiB. Deflate cannot go beyond 1032; what reaches that
    /// is filler.
    pub max_ratio: u64,
    /// Most bytes of one member.
    pub max_member: u64,
    /// Most bytes of a name; a longer one is cut.
    pub max_name: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_members: 100_000,
            max_expanded: 512 << 20,
            max_ratio: 1000,
            max_member: 128 << 20,
            max_name: 4096,
        }
    }
}

/// Which limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::max_members`].
    Members,
    /// [`Limits::max_expanded`].
    Expanded,
    /// [`Limits::max_ratio`].
    Ratio,
    /// [`Limits::max_member`].
    Member,
    /// The window or dictionary that a compressed stream asks for, 128 MiB.
    Window,
    /// [`MAX_TROUBLES`].
    Troubles,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Members => "the limit of members",
            Self::Expanded => "the limit of expanded bytes",
            Self::Ratio => "the limit of expanded bytes for each compressed byte",
            Self::Member => "the limit of bytes of one member",
            Self::Window => "the limit of the window of a compressed stream",
            Self::Troubles => "the limit of troubles that are told one by one",
        })
    }
}

/// What is left of the [`Limits`] for one entry and everything nested in it.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    members: u64,
    bytes: u64,
    troubles: u32,
}

/// What a trouble may still do to the visitor.
pub(crate) enum Telling {
    Tell,
    /// This is the last one: say that there are more.
    TellOfMore,
    Silent,
}

impl Budget {
    /// The whole of `limits`.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, members: limits.max_members, bytes: limits.max_expanded, troubles: MAX_TROUBLES }
    }

    /// Members that may still come.
    pub const fn members_left(&self) -> u64 {
        self.members
    }

    /// Bytes of members that may still come.
    pub const fn bytes_left(&self) -> u64 {
        self.bytes
    }

    pub(crate) const fn max_name(&self) -> usize {
        self.limits.max_name
    }

    /// How many of `count` further bytes a member that is `len` bytes long may take, and what forbids the others.
    pub(crate) fn fitting(&self, count: usize, len: usize, compressed: usize) -> (usize, Option<Limit>) {
        let (room, limit) = self.tightest(len as u64, compressed as u64);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        if count <= room { (count, None) } else { (room, Some(limit)) }
    }

    /// How long a member may become that is made of `compressed` bytes.
    pub(crate) fn room(&self, compressed: usize) -> u64 {
        self.tightest(0, compressed as u64).0
    }

    fn tightest(&self, len: u64, compressed: u64) -> (u64, Limit) {
        let by_ratio = compressed.saturating_mul(self.limits.max_ratio).max(RATIO_FLOOR);
        let bounds = [
            (self.bytes, Limit::Expanded),
            (self.limits.max_member.saturating_sub(len), Limit::Member),
            (by_ratio.saturating_sub(len), Limit::Ratio),
        ];
        bounds.into_iter().min_by_key(|(room, _)| *room).unwrap_or((0, Limit::Expanded))
    }

    pub(crate) fn take_member(&mut self) -> bool {
        let left = self.members.checked_sub(1);
        self.members = left.unwrap_or(0);
        left.is_some()
    }

    /// Takes `bytes`, or what is left of them; whether there were as many.
    pub(crate) fn take_bytes(&mut self, bytes: u64) -> bool {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.unwrap_or(0);
        left.is_some()
    }

    pub(crate) fn take_trouble(&mut self) -> Telling {
        let telling = match self.troubles {
            0 => Telling::Silent,
            1 => Telling::TellOfMore,
            _ => Telling::Tell,
        };
        self.troubles = self.troubles.saturating_sub(1);
        telling
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

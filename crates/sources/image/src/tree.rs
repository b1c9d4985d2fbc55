use std::ops::Range;

/// A file as one layer holds it. Two versions of a file are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub(crate) u32);

/// What an entry of a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A regular file.
    File,
    /// Another name of a file of this or a lower layer.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A folder.
    Folder,
    /// A device, a fifo or a socket.
    Other,
}

/// An entry of a layer, small because there are hundreds of thousands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    path: u32,
    target: u32,
    end: u32,
    pub(crate) uid: u32,
    pub(crate) mode: u16,
    pub(crate) layer: u16,
    pub(crate) kind: NodeKind,
    pub(crate) size: u64,
}

/// Everything that the layers list, in their order.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: Vec<u8>,
    nodes: Vec<Node>,
    /// What each layer takes from those below, by layer.
    pub(crate) whiteouts: Vec<Vec<crate::names::Whiteout>>,
}

/// What is known of a new entry.
pub(crate) struct Listed<'a> {
    pub(crate) path: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) kind: NodeKind,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) size: u64,
}

impl Tree {
    /// Adds an entry of `layer`; none when there is no room.
    pub(crate) fn add(&mut self, layer: u16, listed: &Listed<'_>) -> Option<EntryId> {
        let id = u32::try_from(self.nodes.len()).ok()?;
        let path = u32::try_from(self.texts.len()).ok()?;
        let target = path.checked_add(u32::try_from(listed.path.len()).ok()?)?;
        let end = target.checked_add(u32::try_from(listed.target.len()).ok()?)?;
        self.texts.extend_from_slice(listed.path);
        self.texts.extend_from_slice(listed.target);
        self.nodes.push(Node {
            path,
            target,
            end,
            uid: u32::try_from(listed.uid).unwrap_or(u32::MAX),
            mode: u16::try_from(listed.mode & 0o7777).unwrap_or(0),
            layer,
            kind: listed.kind,
            size: listed.size,
        });
        Some(EntryId(id))
    }

    pub(crate) const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes of all names.
    pub(crate) const fn text_len(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn node(&self, id: EntryId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    pub(crate) fn path(&self, id: EntryId) -> &[u8] {
        self.node(id).map_or(&[], |node| self.text(node.path..node.target))
    }

    pub(crate) fn target(&self, id: EntryId) -> &[u8] {
        self.node(id).map_or(&[], |node| self.text(node.target..node.end))
    }

    /// The entries in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = EntryId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(EntryId)
    }

    fn text(&self, range: Range<u32>) -> &[u8] {
        self.texts.get(range.start as usize..range.end as usize).unwrap_or_default()
    }
}

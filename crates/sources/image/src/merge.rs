use std::collections::BTreeMap;

use palisade_model::{Gap, GapKind, RepoPath};

use crate::names::{Whiteout, split};
use crate::tree::{EntryId, NodeKind, Tree};

/// Symbolic links that are followed one after the other, as many as Linux does (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// What all layers together show.
#[derive(Debug)]
pub struct Walked {
    tree: Tree,
    /// For each path of the final root the entry that lists it and the one that has its content, sorted by path.
    root: Vec<(EntryId, EntryId)>,
    is_visible: Vec<bool>,
    gaps: Vec<Gap>,
    files: u64,
    offered: u64,
}

/// A path of the final root.
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a> {
    /// The path.
    pub path: &'a [u8],
    /// What lies there; a hard link is the file that it names.
    pub kind: NodeKind,
    /// Permission bits.
    pub mode: u16,
    /// The owner.
    pub uid: u32,
    /// Bytes of its content.
    pub size: u64,
    /// The layer that its content is of; 0 in folders.
    pub layer: u32,
    /// Where a symbolic link points to, as it stands there.
    pub target: &'a [u8],
    /// The entry that its content was offered as.
    pub content: EntryId,
}

impl Walked {
    pub(crate) fn new(tree: Tree, mut gaps: Vec<Gap>, files: u64, offered: u64) -> Self {
        let root = merged(&tree, &mut gaps);
        let mut is_visible = vec![false; tree.len()];
        for (_, content) in &root {
            if let Some(flag) = is_visible.get_mut(content.0 as usize) {
                *flag = true;
            }
        }
        gaps.sort();
        Self { tree, root, is_visible, gaps, files, offered }
    }

    /// Whether the final root shows this version of a file: no layer above deletes or replaces it.
    pub fn is_visible(&self, id: EntryId) -> bool {
        self.is_visible.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// What was not looked at, sorted.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Files and symbolic links in all layers, and how many of them were offered.
    pub const fn counts(&self) -> (u64, u64) {
        (self.files, self.offered)
    }

    /// The final root, sorted by path.
    pub fn root(&self) -> impl Iterator<Item = Visible<'_>> {
        self.root.iter().filter_map(|(listed, content)| self.visible(*listed, *content))
    }

    fn visible(&self, listed: EntryId, content: EntryId) -> Option<Visible<'_>> {
        let node = self.tree.node(content)?;
        Some(Visible {
            path: self.tree.path(listed),
            kind: node.kind,
            mode: node.mode,
            uid: node.uid,
            size: node.size,
            layer: u32::from(node.layer),
            target: self.tree.target(content),
            content,
        })
    }

    fn get(&self, path: &[u8]) -> Option<Visible<'_>> {
        let at = self.root.binary_search_by(|(listed, _)| self.tree.path(*listed).cmp(path)).ok()?;
        let (listed, content) = self.root.get(at)?;
        self.visible(*listed, *content)
    }

    /// What a process in the image finds at `path`: links are followed and never leave the root. None when nothing is there.
    pub fn resolve(&self, path: &[u8]) -> Option<Visible<'_>> {
        let mut open: Vec<Vec<u8>> = parts(path);
        let mut done: Vec<u8> = Vec::new();
        let mut found = None;
        let mut links = 0;
        while let Some(part) = open.pop() {
            if part == b".." {
                done = split(&done).0.to_vec();
                found = self.get(&done);
                continue;
            }
            let here = crate::names::joined(&done, &part);
            found = self.get(&here);
            match found {
                Some(Visible { kind: NodeKind::Symlink, target, .. }) => {
                    links += 1;
                    // A hostile link may be long, and followed often.
                    if links > MAX_LINKS {
                        return None;
                    }
                    if target.starts_with(b"/") {
                        done.clear();
                    }
                    open.extend(parts(target));
                }
                _ => done = here,
            }
        }
        found
    }

    /// The path of the final root that an entry's content lies at, if it is one that a `RepoPath` can be.
    pub fn path(&self, id: EntryId) -> Option<RepoPath> {
        RepoPath::from_bytes(self.tree.path(id)).ok()
    }

    /// Files that have a second name, each with that name and the entry its content was offered as: hard links, and symbolic links to
    /// files. Who goes by names must look at these too.
    pub fn second_names(&self) -> impl Iterator<Item = (&[u8], Visible<'_>)> {
        self.root.iter().filter_map(|(listed, content)| {
            let name = self.tree.path(*listed);
            if listed != content {
                return Some((name, self.visible(*listed, *content)?));
            }
            let node = self.tree.node(*content)?;
            let file = if node.kind == NodeKind::Symlink { self.resolve(name)? } else { return None };
            (file.kind == NodeKind::File).then_some((name, file))
        })
    }
}

/// The parts of a path, the first one last.
fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b"."));
    let mut parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
    parts.reverse();
    parts
}

type Root<'a> = BTreeMap<&'a [u8], (EntryId, EntryId)>;

/// Lays the layers over each other (image-spec, "Applying Changesets").
fn merged(tree: &Tree, gaps: &mut Vec<Gap>) -> Vec<(EntryId, EntryId)> {
    let mut root = Root::new();
    let mut ids = tree.ids().peekable();
    for (layer, whiteouts) in tree.whiteouts.iter().enumerate() {
        let first = ids.peek().copied();
        let mut own = Vec::new();
        while let Some(id) =
            ids.next_if(|id| tree.node(*id).is_some_and(|node| usize::from(node.layer) == layer))
        {
            own.push(id);
        }
        // A hard link may name what the same layer deletes, as when a file is renamed.
        let before: BTreeMap<EntryId, EntryId> = own
            .iter()
            .filter(|id| tree.node(**id).is_some_and(|node| node.kind == NodeKind::HardLink))
            .filter_map(|id| Some((*id, root.get(tree.target(*id))?.1)))
            .collect();
        for whiteout in whiteouts {
            match whiteout {
                Whiteout::Path(path) => {
                    root.remove(path.as_slice());
                    remove_below(&mut root, path);
                }
                Whiteout::Below(path) => remove_below(&mut root, path),
                Whiteout::Nothing => {}
            }
        }
        let mut laid = Laid { tree, root: &mut root, folder: None, before: &before };
        for id in own {
            if !laid.lay(id, first) {
                let detail = "is a hard link to a file that is in no layer up to its own";
                gaps.push(Gap::new(RepoPath::from_bytes(tree.path(id)).ok(), GapKind::ParseFailed, detail));
            }
        }
    }
    root.into_values().collect()
}

fn remove_below(root: &mut Root<'_>, path: &[u8]) {
    if path.is_empty() {
        return root.clear();
    }
    let from = [path, b"/"].concat();
    let gone: Vec<&[u8]> =
        root.range(from.as_slice()..).map(|(key, _)| *key).take_while(|key| key.starts_with(&from)).collect();
    for key in gone {
        root.remove(key);
    }
}

struct Laid<'r, 'a> {
    tree: &'a Tree,
    root: &'r mut Root<'a>,
    /// The folder of the last entry, which was looked at already.
    folder: Option<&'a [u8]>,
    before: &'r BTreeMap<EntryId, EntryId>,
}

impl<'a> Laid<'_, 'a> {
    /// Lays one entry over what there is; the later of two in one layer counts. False for a hard link to nothing.
    fn lay(&mut self, id: EntryId, first: Option<EntryId>) -> bool {
        let Some(node) = self.tree.node(id) else { return true };
        let path = self.tree.path(id);
        let content = match node.kind {
            NodeKind::HardLink => {
                let found = self.root.get(self.tree.target(id)).map(|(_, content)| *content);
                // A file of this layer counts before one of a lower one.
                let own = found.filter(|found| first.is_none_or(|first| *found >= first));
                match own.or_else(|| self.before.get(&id).copied()).or(found) {
                    Some(content) => content,
                    None => return false,
                }
            }
            _ => id,
        };
        self.clear_way(split(path).0);
        let old = self.root.insert(path, (id, content)).and_then(|(_, old)| self.tree.node(old));
        let was_folder = old.is_none_or(|old| old.kind == NodeKind::Folder);
        // What is no folder has nothing below it.
        if node.kind != NodeKind::Folder && was_folder {
            remove_below(self.root, path);
        }
        true
    }

    /// Takes away files that lie where the new entry needs folders. Links stay: their targets may be these folders.
    fn clear_way(&mut self, folder: &'a [u8]) {
        if self.folder == Some(folder) {
            return;
        }
        self.folder = Some(folder);
        let mut above = folder;
        while !above.is_empty() {
            let is_file = |(_, content): &(EntryId, EntryId)| {
                self.tree
                    .node(*content)
                    .is_some_and(|node| matches!(node.kind, NodeKind::File | NodeKind::Other))
            };
            if self.root.get(above).is_some_and(is_file) {
                self.root.remove(above);
            }
            above = split(above).0;
        }
    }
}

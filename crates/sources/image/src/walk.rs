use std::io::{BufReader, Read};

use palisade_archive::{TarEntry, TarError, TarKind, TarStream};
use palisade_model::{EntryKind, Gap, GapKind, RepoPath};

use crate::expand::Expand;
use crate::folder::{FolderWalk, Met};
use crate::image::{Image, Source};
use crate::layer::LayerSource;
use crate::merge::Walked;
use crate::meter::{Meter, is_over_limit};
use crate::names::{normalised, whiteout};
use crate::store::Store;
use crate::tree::{EntryId, Listed, NodeKind, Tree};

/// Bytes of all names of all layers.
const MAX_TEXT: usize = 256 << 20;

/// Folders in folders.
const MAX_DEPTH: usize = 256;

/// What a ratio is measured from, in expanded bytes.
const RATIO_FLOOR: u64 = 64 << 20;

/// Gaps that entries of one layer make; the last one says that there are more.
const MAX_GAPS: usize = 100;

/// Limits of a walk; what is over them is a blocking gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkLimits {
    /// Largest file whose content is offered, in bytes.
    pub max_file_bytes: u64,
    /// Most entries of all layers together.
    pub max_entries: usize,
    /// Most expanded bytes of all layers together.
    pub max_expanded: u64,
    /// Most bytes that one stored byte of a layer may become, once it is over 64 MiB. Deflate cannot go beyond 1032; what reaches that
    /// is filler.
    pub max_ratio: u64,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self { max_file_bytes: 64 << 20, max_entries: 2_000_000, max_expanded: 128 << 30, max_ratio: 1000 }
    }
}

/// What is known of a file before its content is read.
#[derive(Debug, Clone, Copy)]
pub struct FileMeta<'a> {
    /// What its content will be known by. The same image gives the same one in each walk.
    pub id: EntryId,
    /// Where it lies.
    pub path: &'a RepoPath,
    /// What it is; the content of a link is its target's name.
    pub kind: EntryKind,
    /// Bytes of its content.
    pub size: u64,
    /// The layer it is of; 0 in folders.
    pub layer: u32,
}

/// One version of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageEntry {
    /// What [`Walked`] knows it by.
    pub id: EntryId,
    /// Where it lies.
    pub path: RepoPath,
    /// What it is; the content of a link is its target's name.
    pub kind: EntryKind,
    /// Permission bits, with those for set-user-ID, set-group-ID and sticky.
    pub mode: u16,
    /// The owner.
    pub uid: u32,
    /// Bytes of its content.
    pub size: u64,
    /// The layer it is of; 0 in folders.
    pub layer: u32,
    /// Its content, or why there is none and what mends it.
    pub content: Result<Vec<u8>, (GapKind, String)>,
}

type Stored = Meter<Box<dyn Read + Send>>;
type Expanded = Meter<Expand<Stored>>;

struct OpenLayer<'i> {
    index: u16,
    source: &'i LayerSource,
    stream: TarStream<BufReader<Expanded>>,
    gaps: usize,
}

/// A walk over all layers, the lowest first: an iterator over the wanted files.
pub struct Walk<'i> {
    image: &'i Image,
    limits: WalkLimits,
    wants: &'i dyn Fn(&FileMeta<'_>) -> bool,
    tree: Tree,
    gaps: Vec<Gap>,
    layer: Option<Box<OpenLayer<'i>>>,
    next_layer: u16,
    folder: Option<FolderWalk>,
    expanded: u64,
    files: u64,
    offered: u64,
    is_over: bool,
}

impl<'i> Walk<'i> {
    pub(crate) fn new(
        image: &'i Image,
        limits: WalkLimits,
        wants: &'i dyn Fn(&FileMeta<'_>) -> bool,
    ) -> Self {
        let mut walk = Self {
            image,
            limits,
            wants,
            tree: Tree::default(),
            gaps: image.gaps.clone(),
            layer: None,
            next_layer: 0,
            folder: None,
            expanded: 0,
            files: 0,
            offered: 0,
            is_over: false,
        };
        if let Source::Folder(path) = &image.source {
            walk.tree.whiteouts.push(Vec::new());
            match FolderWalk::open(path) {
                Ok(folder) => walk.folder = Some(folder),
                Err(error) => walk.gap(None, GapKind::Unreadable, format!("cannot be read: {error}")),
            }
        }
        walk
    }

    /// Reads what is left, offers nothing more, and tells what all layers together show.
    pub fn finish(mut self) -> Walked {
        self.wants = &|_| false;
        while self.next().is_some() {}
        Walked::new(self.tree, self.gaps, self.files, self.offered)
    }

    fn gap(&mut self, path: Option<&[u8]>, kind: GapKind, detail: impl Into<String>) {
        let path = path.and_then(|path| RepoPath::from_bytes(path).ok());
        self.gaps.push(Gap::new(path, kind, detail));
    }

    /// A gap of the current layer.
    fn entry_gap(&mut self, kind: GapKind, path: &[u8], detail: &str) {
        let Some(layer) = &mut self.layer else { return };
        layer.gaps += 1;
        let index = layer.index;
        match layer.gaps {
            ..MAX_GAPS => self.gap(Some(path), kind, format!("in layer {index}: {detail}")),
            MAX_GAPS => self.gap(None, kind, format!("layer {index} has more troubles than are told")),
            _ => {}
        }
    }

    /// Opens the next layer that can be; false behind the last one.
    fn open_layer(&mut self) -> bool {
        let Source::Layers(store, layers) = &self.image.source else { return false };
        while let Some(source) = layers.get(usize::from(self.next_layer)) {
            let index = self.next_layer;
            self.next_layer += 1;
            self.tree.whiteouts.push(Vec::new());
            match self.stream(store, source) {
                Ok(stream) => {
                    self.layer = Some(Box::new(OpenLayer { index, source, stream, gaps: 0 }));
                    return true;
                }
                Err((kind, detail)) => self.gap(None, kind, format!("layer {index} {detail}")),
            }
        }
        false
    }

    fn stream(
        &self,
        store: &Store,
        source: &LayerSource,
    ) -> Result<TarStream<BufReader<Expanded>>, (GapKind, String)> {
        let unreadable = |error| (GapKind::Unreadable, format!("cannot be read: {error}"));
        if let Some(why) = source.unread {
            return Err((GapKind::FormatUnsupported, why.to_owned()));
        }
        let opened = store.open(&source.name).map_err(unreadable)?;
        let missing = "is not there: it is kept elsewhere, or the image was not stored whole; pull it again with all layers";
        let (reader, size) = opened.ok_or_else(|| (GapKind::DataMissing, missing.to_owned()))?;
        if let Some((_, promised)) = source.stored.filter(|(_, promised)| *promised != size) {
            return Err((GapKind::ParseFailed, format!("has {size} bytes, and {promised} were promised")));
        }
        let stored = Meter::new(reader, size, "grew while it was being read; scan again".to_owned());
        let expand = Expand::new(stored).map_err(unreadable)?;
        let by_ratio = size.saturating_mul(self.limits.max_ratio).saturating_add(RATIO_FLOOR);
        let by_total = self.limits.max_expanded.saturating_sub(self.expanded);
        let over = if by_ratio < by_total {
            format!("expands to more than {} times its size", self.limits.max_ratio)
        } else {
            format!("takes the image over the limit of {} expanded bytes", self.limits.max_expanded)
        };
        Ok(TarStream::new(BufReader::with_capacity(
            64 << 10,
            Meter::new(expand, by_ratio.min(by_total), over),
        )))
    }

    /// The next wanted file of the open layer; none at its end.
    fn next_of_layer(&mut self) -> Option<ImageEntry> {
        loop {
            let layer = self.layer.as_mut()?;
            match layer.stream.next_entry() {
                Ok(Some(entry)) => {
                    if let Some(entry) = self.take(&entry) {
                        return Some(entry);
                    }
                }
                Ok(None) => return self.close_layer(),
                Err(error) => return self.break_layer(&error),
            }
        }
    }

    fn take(&mut self, entry: &TarEntry) -> Option<ImageEntry> {
        let path = match normalised(&entry.name) {
            Ok(path) if path.is_empty() => return None,
            Ok(path) => path,
            Err(error) => {
                let detail = format!("the name of an entry {error}, so it is not looked at");
                self.entry_gap(GapKind::ParseFailed, b"", &detail);
                return None;
            }
        };
        if path.split(|byte| *byte == b'/').count() > MAX_DEPTH {
            self.entry_gap(
                GapKind::BudgetHit,
                b"",
                "an entry lies deeper than 256 folders, so it is not looked at",
            );
            return None;
        }
        if let Some(whiteout) = whiteout(&path) {
            if let Some(whiteouts) = self.tree.whiteouts.last_mut() {
                whiteouts.push(whiteout);
            }
            return self.count_room();
        }
        let (kind, target) = match entry.kind {
            TarKind::File => (NodeKind::File, Vec::new()),
            TarKind::Symlink => (NodeKind::Symlink, entry.target.clone()),
            TarKind::Folder => (NodeKind::Folder, Vec::new()),
            TarKind::Other => (NodeKind::Other, Vec::new()),
            TarKind::HardLink => match normalised(&entry.target) {
                Ok(target) => (NodeKind::HardLink, target),
                Err(error) => {
                    self.entry_gap(
                        GapKind::ParseFailed,
                        &path,
                        &format!("the target of a hard link {error}"),
                    );
                    return None;
                }
            },
        };
        let size = if kind == NodeKind::Symlink { target.len() as u64 } else { entry.size };
        let listed = Listed { path: &path, target: &target, kind, mode: entry.mode, uid: entry.uid, size };
        let index = self.layer.as_ref()?.index;
        let id = self.add(index, &listed)?;
        self.offer(id, &path, &target, entry)
    }

    /// Adds an entry, or ends the walk when there are too many.
    fn add(&mut self, layer: u16, listed: &Listed<'_>) -> Option<EntryId> {
        self.count_room();
        if self.is_over {
            return None;
        }
        self.tree.add(layer, listed)
    }

    /// Ends the walk when there is no room for more names. Always none.
    fn count_room(&mut self) -> Option<ImageEntry> {
        let whiteouts: usize = self.tree.whiteouts.last().map_or(0, Vec::len);
        let is_full =
            self.tree.len() + whiteouts >= self.limits.max_entries || self.tree.text_len() >= MAX_TEXT;
        if is_full && !std::mem::replace(&mut self.is_over, true) {
            let detail = format!(
                "holds more than {} entries or 256 MiB of names; the others are not looked at",
                self.limits.max_entries
            );
            self.gap(None, GapKind::BudgetHit, detail);
        }
        None
    }

    fn offer(&mut self, id: EntryId, path: &[u8], target: &[u8], entry: &TarEntry) -> Option<ImageEntry> {
        let kind = match entry.kind {
            TarKind::Symlink => EntryKind::Symlink,
            TarKind::File if entry.mode & 0o111 != 0 => EntryKind::Executable,
            TarKind::File => EntryKind::File,
            _ => return None,
        };
        self.files += 1;
        let path = RepoPath::from_bytes(path).ok()?;
        let layer = self.layer.as_mut()?;
        let size = if kind == EntryKind::Symlink { target.len() as u64 } else { entry.size };
        let meta = FileMeta { id, path: &path, kind, size, layer: u32::from(layer.index) };
        if !(self.wants)(&meta) {
            return None;
        }
        self.offered += 1;
        let content = match kind {
            EntryKind::Symlink => Ok(target.to_vec()),
            _ if size > self.limits.max_file_bytes => Err(too_large(size, self.limits.max_file_bytes)),
            _ => match layer.stream.content(self.limits.max_file_bytes) {
                Ok(Some(content)) => Ok(content),
                Ok(None) => Err(too_large(size, self.limits.max_file_bytes)),
                // The layer is told of when the next entry is asked for.
                Err(error) => Err((gap_kind(&error), format!("cannot be read: {error}"))),
            },
        };
        let uid = u32::try_from(entry.uid).unwrap_or(u32::MAX);
        let mode = u16::try_from(entry.mode & 0o7777).unwrap_or(0);
        Some(ImageEntry {
            id,
            path: path.clone(),
            kind,
            mode,
            uid,
            size,
            layer: u32::from(layer.index),
            content,
        })
    }

    /// Compares what was read of a layer with what was promised.
    fn close_layer(&mut self) -> Option<ImageEntry> {
        let layer = self.layer.take()?;
        let index = layer.index;
        let mut rest = layer.stream.into_inner();
        let has_more = match has_content(&mut rest) {
            Ok(has_more) => has_more,
            Err(error) => {
                self.gap(
                    None,
                    gap_kind(&TarError::Io(error)),
                    format!("layer {index} is damaged behind its last entry"),
                );
                return None;
            }
        };
        if has_more {
            let detail = format!("layer {index} has bytes behind its end, which no runtime reads");
            self.gap(None, GapKind::Noted, detail);
        }
        let (diff_id, expanded, expand) = rest.into_inner().finish();
        self.expanded = self.expanded.saturating_add(expanded);
        let mut stored = expand.into_inner();
        if let Err(error) = stored.drain() {
            self.gap(None, GapKind::Unreadable, format!("layer {index} cannot be read: {error}"));
            return None;
        }
        let (digest, _, _) = stored.finish();
        if let Some((wanted, _)) = layer.source.stored.filter(|(wanted, _)| *wanted != digest) {
            let detail = format!("layer {index} has the digest {digest}, and {wanted} was promised");
            self.gap(None, GapKind::ParseFailed, detail);
        }
        if let Some(wanted) = layer.source.diff_id.filter(|wanted| *wanted != diff_id) {
            let detail =
                format!("the content of layer {index} has the digest {diff_id}, and {wanted} was promised");
            self.gap(None, GapKind::ParseFailed, detail);
        }
        None
    }

    /// Gives up a layer.
    fn break_layer(&mut self, error: &TarError) -> Option<ImageEntry> {
        let layer = self.layer.take()?;
        let index = layer.index;
        let (_, expanded, _) = layer.stream.into_inner().into_inner().finish();
        self.expanded = self.expanded.saturating_add(expanded);
        let detail = match error {
            TarError::Io(inner) if is_over_limit(inner) => inner.to_string(),
            error => error.to_string(),
        };
        self.gap(
            None,
            gap_kind(error),
            format!("layer {index} {detail}; what follows in it is not looked at"),
        );
        None
    }

    fn next_of_folder(&mut self) -> Option<ImageEntry> {
        loop {
            match self.folder.as_mut()?.next_met()? {
                Met::Gap(path, kind, detail) => self.gap(Some(&path), kind, detail),
                Met::Entry(entry) => {
                    let listed = Listed {
                        path: &entry.path,
                        target: &entry.target,
                        kind: entry.kind,
                        mode: entry.mode,
                        uid: u64::from(entry.uid),
                        size: entry.size,
                    };
                    let id = self.add(0, &listed)?;
                    let kind = match entry.kind {
                        NodeKind::Symlink => EntryKind::Symlink,
                        NodeKind::File if entry.mode & 0o111 != 0 => EntryKind::Executable,
                        NodeKind::File => EntryKind::File,
                        _ => continue,
                    };
                    self.files += 1;
                    let Ok(path) = RepoPath::from_bytes(entry.path.as_slice()) else { continue };
                    if !(self.wants)(&FileMeta { id, path: &path, kind, size: entry.size, layer: 0 }) {
                        continue;
                    }
                    self.offered += 1;
                    let limit = self.limits.max_file_bytes;
                    let content = match kind {
                        EntryKind::Symlink => Ok(entry.target.clone()),
                        _ if entry.size > limit => Err(too_large(entry.size, limit)),
                        _ => self.folder.as_ref()?.content(&entry),
                    };
                    let mode = u16::try_from(entry.mode & 0o7777).unwrap_or(0);
                    return Some(ImageEntry {
                        id,
                        path,
                        kind,
                        mode,
                        uid: entry.uid,
                        size: entry.size,
                        layer: 0,
                        content,
                    });
                }
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = ImageEntry;

    fn next(&mut self) -> Option<ImageEntry> {
        loop {
            if self.is_over {
                return None;
            }
            if self.folder.is_some() {
                return self.next_of_folder();
            }
            if self.layer.is_none() && !self.open_layer() {
                return None;
            }
            if let Some(entry) = self.next_of_layer() {
                return Some(entry);
            }
        }
    }
}

fn too_large(size: u64, limit: u64) -> (GapKind, String) {
    let detail = format!("file of {size} bytes is over the limit of {limit}; raise it with --max-file-size");
    (GapKind::BudgetHit, detail)
}

fn gap_kind(error: &TarError) -> GapKind {
    match error {
        TarError::Io(inner) if is_over_limit(inner) => GapKind::BudgetHit,
        TarError::Trouble(palisade_archive::Trouble::Unsupported(_)) => GapKind::FormatUnsupported,
        TarError::Trouble(palisade_archive::Trouble::OverLimit(_)) => GapKind::BudgetHit,
        TarError::Io(_) | TarError::Trouble(_) => GapKind::ParseFailed,
    }
}

/// Reads to the end; whether there is anything but zeros.
fn has_content(reader: &mut impl Read) -> std::io::Result<bool> {
    let mut has_content = false;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(has_content),
            count => {
                has_content |= buffer.get(..count).is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0))
            }
        }
    }
}

//! A folder that holds a root filesystem, read as one layer.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use palisade_model::GapKind;
use palisade_sys::beneath::{
    file_type, in_parent, names, open_folder_below, open_regular, open_root, read_link, size, stat,
};
use rustix::fs::{FileType, Stat, fstat};

use crate::names::joined;
use crate::tree::NodeKind;

/// Folders in folders.
const MAX_DEPTH: usize = 256;

/// What lies in the folder.
pub(crate) struct Entry {
    pub(crate) path: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) kind: NodeKind,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) size: u64,
}

/// What a step of the walk met.
pub(crate) enum Met {
    Entry(Entry),
    Gap(Vec<u8>, GapKind, String),
}

/// A walk over a folder, in the order of names, each folder before what lies in it.
pub(crate) struct FolderWalk {
    root: OwnedFd,
    device: u64,
    /// Folders to come, the next one last.
    folders: Vec<Vec<u8>>,
    /// The folder that is open, and the names in it to come, the next one last.
    open: Option<(Vec<u8>, OwnedFd, Vec<Vec<u8>>)>,
}

impl FolderWalk {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let root = open_root(path)?;
        let device = fstat(&root)?.st_dev;
        Ok(Self { root, device, folders: vec![Vec::new()], open: None })
    }

    pub(crate) fn next_met(&mut self) -> Option<Met> {
        loop {
            if let Some((_, _, names)) = &mut self.open
                && let Some(name) = names.pop()
            {
                return Some(self.met(&name));
            }
            let path = self.folders.pop()?;
            match open_folder_below(self.root.as_fd(), &path)
                .and_then(|folder| Ok((names(folder.as_fd())?, folder)))
            {
                Ok((mut names, folder)) => {
                    names.reverse();
                    self.open = Some((path, folder, names));
                }
                Err(error) => {
                    return Some(Met::Gap(path, GapKind::Unreadable, format!("cannot be read: {error}")));
                }
            }
        }
    }

    fn met(&mut self, name: &[u8]) -> Met {
        let Some((folder_path, folder, _)) = &self.open else {
            return Met::Gap(name.to_vec(), GapKind::Unreadable, "its folder is not open".to_owned());
        };
        let path = joined(folder_path, name);
        let stat = match stat(folder.as_fd(), name) {
            Ok(stat) => stat,
            Err(error) => return Met::Gap(path, GapKind::Unreadable, format!("cannot be read: {error}")),
        };
        let kind = kind(&stat);
        let mut target = Vec::new();
        match kind {
            NodeKind::Folder if stat.st_dev != self.device => {
                return Met::Gap(
                    path,
                    GapKind::Noted,
                    "another file system is mounted here, which is not looked at".to_owned(),
                );
            }
            NodeKind::Folder if path.split(|byte| *byte == b'/').count() >= MAX_DEPTH => {
                return Met::Gap(path, GapKind::BudgetHit, "lies deeper than 256 folders".to_owned());
            }
            NodeKind::Folder => self.folders.push(path.clone()),
            NodeKind::Symlink => match read_link(folder.as_fd(), name) {
                Ok(link) => target = link,
                Err(error) => return Met::Gap(path, GapKind::Unreadable, format!("cannot be read: {error}")),
            },
            _ => {}
        }
        Met::Entry(Entry {
            path,
            target,
            kind,
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            size: size(&stat),
        })
    }

    /// The content of the regular file `entry`.
    pub(crate) fn content(&self, entry: &Entry) -> Result<Vec<u8>, (GapKind, String)> {
        let unreadable = |error: io::Error| (GapKind::Unreadable, format!("cannot be read: {error}"));
        let (file, _) = in_parent(self.root.as_fd(), &entry.path, open_regular).map_err(unreadable)?;
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size).unwrap_or(0) + 1);
        file.take(entry.size + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 == entry.size {
            return Ok(bytes);
        }
        Err((GapKind::Unreadable, "changed while it was being scanned; scan again".to_owned()))
    }
}

const fn kind(stat: &Stat) -> NodeKind {
    match file_type(stat) {
        FileType::RegularFile => NodeKind::File,
        FileType::Directory => NodeKind::Folder,
        FileType::Symlink => NodeKind::Symlink,
        _ => NodeKind::Other,
    }
}

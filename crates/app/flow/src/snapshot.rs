use std::io::ErrorKind;
use std::path::Path;

use palisade_git::Content as GitContent;
use palisade_model::{EntryKind, Gap, GapKind, RepoPath, Snapshot, TrustLevel};
use palisade_tree::{Content, Listing, SnapshotError, SnapshotWriter};

use crate::source::Folder;
use crate::worker::told_source;
use crate::{Context, FlowError};

/// The largest blob that is taken from git's object database into a snapshot, in bytes.
const BLOB_LIMIT: u64 = 4 << 30;

/// A snapshot on disk.
pub(crate) struct Materialised {
    pub(crate) snapshot: Snapshot,
    /// Its files, with what could not be taken in as gaps.
    pub(crate) listing: Listing,
}

/// Writes the content of `folder` to `dest`, which does not exist yet. What is unreadable is a blocking gap
/// and not in the snapshot. Files must not change meanwhile: what is called clean must be the commit's content.
pub(crate) fn materialise(
    context: &Context,
    folder: &Folder,
    dest: &Path,
) -> Result<Materialised, FlowError> {
    let contents = folder.contents()?;
    let mut gaps = contents.listing.gaps;
    let mut writer = SnapshotWriter::create(dest)?;
    if contents.tracked.is_empty() {
        for file in &contents.listing.files {
            context.stop_if_cancelled()?;
            gaps.extend(add(&mut writer, folder, &file.path, file.kind)?);
        }
    }
    for file in &contents.tracked {
        context.stop_if_cancelled()?;
        match (file.content, folder.repository()) {
            (GitContent::FromObject(id), Some(repository)) => {
                let bytes = repository.blob(id, BLOB_LIMIT)?;
                writer.add_file(&file.path, file.kind, Content::Bytes(&bytes))?;
            }
            _ => gaps.extend(add(&mut writer, folder, &file.path, file.kind)?),
        }
    }
    let written = writer.finish()?;
    if !contents.tracked.is_empty() && folder.contents()?.tracked != contents.tracked {
        return Err(FlowError::Unavailable {
            message: "files changed while the snapshot was taken".to_owned(),
            hint: Some("run again when nothing else writes to the project".to_owned()),
        });
    }
    let snapshot = Snapshot {
        tree: written.tree,
        files: written.files.len() as u64,
        bytes: written.bytes,
        source: told_source(context, folder.source())?,
        dirty: contents.dirty,
        trust: TrustLevel::Local,
    };
    gaps.sort();
    Ok(Materialised { snapshot, listing: Listing::of_snapshot(&written.files, gaps) })
}

/// Adds a file of the host; a gap when we may not open it.
fn add(
    writer: &mut SnapshotWriter,
    folder: &Folder,
    path: &RepoPath,
    kind: EntryKind,
) -> Result<Option<Gap>, FlowError> {
    match writer.add_file(path, kind, Content::HostFile(&folder.host_path(path))) {
        // Only opening is refused so, and then nothing was written.
        Err(SnapshotError::Read { source, .. }) if source.kind() == ErrorKind::PermissionDenied => {
            Ok(Some(Gap::new(Some(path.clone()), GapKind::Unreadable, format!("cannot be read: {source}"))))
        }
        added => Ok(added.map(|()| None)?),
    }
}

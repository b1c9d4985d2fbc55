//! What the worker is shown of each target.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use palisade_git::{History, Repository};
use palisade_model::RepoPath;
use palisade_sys::{FileError, Mode};
use palisade_tree::{Content, Listing, SnapshotWriter, remove_snapshot};

use super::ScanTarget;
use crate::image_place::{self, ImageRequest};
use crate::source::Folder;
use crate::worker::{Answer, ScanSetting, Target, scan_in_worker};
use crate::{Context, FlowError};

/// The largest blob that is taken from the index, in bytes.
const BLOB_LIMIT: u64 = 4 << 30;

/// Has the worker look at `target`. Paths start from `start`.
pub(super) fn ask(
    context: &Context,
    target: &ScanTarget,
    folder: &Folder,
    start: &Path,
    setting: &ScanSetting<'_>,
) -> Result<Answer, FlowError> {
    match target {
        ScanTarget::Path(_) => {
            let listing = listed(folder, start)?;
            scan_in_worker(context, start, Target::Listed(listing), setting, &mut io::empty())
        }
        ScanTarget::Stdin => scan_stdin(context, setting, &mut io::stdin().lock()),
        ScanTarget::Bill(path) => {
            let (place, mut bytes) = open_bill(path, start)?;
            scan_input(context, Target::Bill(place), setting, &mut bytes)
        }
        ScanTarget::Staged(_) => {
            scan_staged(context, folder, folder.require_repository("--staged")?, setting)
        }
        ScanTarget::Index { index, .. } => {
            let repository = folder.require_repository("a commit")?.with_index(index)?;
            scan_staged(context, folder, &repository, setting)
        }
        ScanTarget::Since { rev, .. } => {
            let listing = changed(folder, rev)?;
            scan_in_worker(context, folder.root(), Target::Listed(listing), setting, &mut io::empty())
        }
        ScanTarget::History(path) => scan_repository(context, path, Target::History, setting),
        ScanTarget::Range { folder: path, range, names } => {
            let what = Target::Range { range: range.clone(), names: names.clone() };
            scan_repository(context, path, what, setting)
        }
        ScanTarget::Image(request) => scan_image(context, request, setting),
    }
}

/// What lies in `folder`, seen from `start`.
fn listed(folder: &Folder, start: &Path) -> Result<Listing, FlowError> {
    let mut listing = folder.contents()?.listing;
    let below = folder.root().strip_prefix(start).ok();
    let path = below.and_then(|path| RepoPath::from_bytes(path.as_os_str().as_bytes()).ok());
    if let (Some(path), Some(file)) = (path, listing.files.first_mut()) {
        file.path = path;
    }
    Ok(listing)
}

fn changed(folder: &Folder, rev: &str) -> Result<Listing, FlowError> {
    let changed = folder.require_repository("--since")?.changed_since(rev)?;
    let mut listing = folder.contents()?.listing;
    let mut kept = Vec::new();
    for file in listing.files {
        if changed.contains(&folder.in_repository(&file.path)?) {
            kept.push(file);
        }
    }
    listing.files = kept;
    Ok(listing)
}

fn scan_stdin(
    context: &Context,
    setting: &ScanSetting<'_>,
    input: &mut dyn Read,
) -> Result<Answer, FlowError> {
    let name = RepoPath::from_bytes("stdin").map_err(FlowError::bug)?;
    scan_input(context, Target::Following(name), setting, input)
}

/// A bill's name, as findings tell it, and its bytes: its path from `start` if it lies below, else the file's name.
fn open_bill(path: &Path, start: &Path) -> Result<(RepoPath, Box<dyn Read>), FlowError> {
    if path == Path::new("-") {
        return Ok((RepoPath::from_bytes("stdin").map_err(FlowError::bug)?, Box::new(io::stdin())));
    }
    let wrong = |error: io::Error| FlowError::usage(format!("cannot read `{}`: {error}", path.display()));
    let file = File::open(path).map_err(wrong)?;
    if !file.metadata().map_err(wrong)?.is_file() {
        return Err(FlowError::usage(format!("`{}` is no file", path.display())));
    }
    let whole = path.canonicalize().map_err(wrong)?;
    let name = whole.strip_prefix(start).ok().map(Path::as_os_str).or_else(|| whole.file_name());
    let name = name.unwrap_or_default().as_bytes();
    Ok((RepoPath::from_bytes(name).map_err(FlowError::bug)?, Box::new(file)))
}

/// Scans what comes from `input`.
fn scan_input(
    context: &Context,
    what: Target,
    setting: &ScanSetting<'_>,
    input: &mut dyn Read,
) -> Result<Answer, FlowError> {
    // The worker needs no folder at all; an empty one of ours is the least it can be given.
    let root = context.folders.cache.join("empty");
    context.files.create_folder(&root, Mode::Private)?;
    scan_in_worker(context, &root, what, setting, input)
}

fn scan_image(
    context: &Context,
    request: &ImageRequest,
    setting: &ScanSetting<'_>,
) -> Result<Answer, FlowError> {
    let found = image_place::find(context, request)?;
    let platform = request.platform.clone();
    let what = Target::Image { image: found.image.clone(), platform, today: context.today() };
    scan_in_worker(context, &found.path, what, setting, &mut io::empty())
}

fn scan_repository(
    context: &Context,
    path: &Path,
    what: Target,
    setting: &ScanSetting<'_>,
) -> Result<Answer, FlowError> {
    let mut folders = History::folders(path)?;
    let root = folders.remove(0);
    let setting = ScanSetting { beside: &folders, ..*setting };
    scan_in_worker(context, &root, what, &setting, &mut io::empty())
}

/// Blobs of the index are laid out in a folder of ours first, so that the worker opens no object database.
fn scan_staged(
    context: &Context,
    folder: &Folder,
    repository: &Repository,
    setting: &ScanSetting<'_>,
) -> Result<Answer, FlowError> {
    let dest = context.scratch("staged");
    let parent = dest.parent().unwrap_or(&dest);
    context.files.create_folder(parent, Mode::Private)?;
    // One at a time for each user: then what lies there was left by one that was killed.
    let _lock = context.files.lock(&dest.with_extension("lock"))?;
    let laid = Laid(&dest);
    laid.remove()?;
    let mut writer = SnapshotWriter::create(&dest)?;
    for file in repository.staged()? {
        let Some(path) = folder.below(&file.path) else { continue };
        let bytes = repository.blob(file.id, BLOB_LIMIT)?;
        writer.add_file(&path, file.kind, Content::Bytes(&bytes))?;
    }
    let listing = Listing::of_snapshot(&writer.finish()?.files, Vec::new());
    let answer = scan_in_worker(context, &dest, Target::Listed(listing), setting, &mut io::empty());
    drop(laid);
    answer
}

/// Removes a folder of ours whatever happens.
struct Laid<'a>(&'a Path);

impl Laid<'_> {
    fn remove(&self) -> Result<(), FlowError> {
        remove_snapshot(self.0).map_err(|error| FileError::from_write("remove", self.0, &error).into())
    }
}

impl Drop for Laid<'_> {
    fn drop(&mut self) {
        // Left over, it is removed by the next scan of this kind; there is nobody to tell here.
        let _ = self.remove();
    }
}

use palisade_model::{Gap, GapKind, RepoPath};

use crate::listing::Listed;

const CLOSED: &str = "a git repository without its work tree, whose objects are not opened; scan it with `palisade scan --history`";

/// The repositories among `files`, which are sorted, that are no folder's `.git`: bare ones and copies. Each is known by its HEAD,
/// and a gap, because its objects are compressed (gitrepository-layout(5)).
pub(crate) fn repositories(files: &[Listed]) -> Vec<(&Listed, Gap)> {
    let heads = files.iter().filter(|file| file.path.file_name() == b"HEAD");
    let repositories = heads.filter_map(|head| {
        let (folder, _) =
            head.path.as_bytes().split_at_checked(head.path.as_bytes().len() - b"HEAD".len())?;
        let has = |name: &[u8]| below(files, &[folder, name].concat()).next().is_some();
        let holds_objects = below(files, &[folder, b"objects/"].concat()).any(is_object);
        let is_one = holds_objects && (has(b"refs/") || has(b"packed-refs") || has(b"config"));
        let path = RepoPath::from_bytes(folder.strip_suffix(b"/").unwrap_or(folder)).ok();
        is_one.then(|| (head, Gap::new(path, GapKind::FormatUnsupported, CLOSED)))
    });
    repositories.collect()
}

/// The paths that begin with `prefix`, without it.
fn below<'f>(files: &'f [Listed], prefix: &[u8]) -> impl Iterator<Item = &'f [u8]> {
    let first = files.partition_point(|file| file.path.as_bytes() < prefix);
    let rest = files.get(first..).unwrap_or_default().iter();
    let own = prefix.to_vec();
    rest.map_while(move |file| file.path.as_bytes().strip_prefix(own.as_slice()))
}

/// Whether a path in `objects` is that of a loose object or a pack.
fn is_object(path: &[u8]) -> bool {
    match path.split_at_checked(2) {
        Some((folder, [b'/', name @ ..])) => {
            matches!(name.len(), 38 | 62) && folder.iter().chain(name).all(u8::is_ascii_hexdigit)
        }
        _ => path.starts_with(b"pack/") && path.ends_with(b".pack"),
    }
}

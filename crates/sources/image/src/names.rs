//! Names in layers: below the root, or refused.

/// Bytes of a path; Linux takes no more (`PATH_MAX`).
pub(crate) const MAX_PATH: usize = 4096;

/// What a whiteout's name begins with (image-spec, "Whiteouts").
const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error("leads out of the root by `..`")]
    Parent,
    #[error("is longer than 4096 bytes")]
    TooLong,
    #[error("holds a zero byte")]
    Nul,
}

/// The path below the root, without a leading `/`, empty parts and `.`; empty for the root itself.
pub(crate) fn normalised(name: &[u8]) -> Result<Vec<u8>, NameError> {
    if name.len() > MAX_PATH {
        return Err(NameError::TooLong);
    }
    if name.contains(&0) {
        return Err(NameError::Nul);
    }
    let mut path = Vec::with_capacity(name.len());
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return Err(NameError::Parent),
            part => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    Ok(path)
}

/// What an entry's path says to the layers below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Whiteout {
    /// This path is gone, with everything below it.
    Path(Vec<u8>),
    /// Everything below this folder is gone.
    Below(Vec<u8>),
    /// Nothing: a marker of a file system's own.
    Nothing,
}

/// The whiteout that `path`, a normalised one, is.
pub(crate) fn whiteout(path: &[u8]) -> Option<Whiteout> {
    let (folder, name) = split(path);
    let target = name.strip_prefix(WHITEOUT)?;
    Some(match target {
        _ if name == OPAQUE => Whiteout::Below(folder.to_vec()),
        b"" | b"." | b".." => Whiteout::Nothing,
        target if target.starts_with(WHITEOUT) => Whiteout::Nothing,
        target => Whiteout::Path(joined(folder, target)),
    })
}

/// The folder of a path, empty for the root, and its last part.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (&[], path),
    }
}

pub(crate) fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_the_root_or_are_refused() {
        for (name, path) in [
            (&b"./usr//bin/./sh/"[..], Ok(b"usr/bin/sh".to_vec())),
            (b"/etc/passwd", Ok(b"etc/passwd".to_vec())),
            (b"./", Ok(Vec::new())),
            (b"..a/b..", Ok(b"..a/b..".to_vec())),
            (b"a/../b", Err(NameError::Parent)),
            (b"../../etc/passwd", Err(NameError::Parent)),
            (b"a\0b", Err(NameError::Nul)),
            (&[b'a'; 4097], Err(NameError::TooLong)),
        ] {
            assert_eq!(normalised(name), path, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn whiteouts_are_told_from_names() {
        assert_eq!(whiteout(b"a/.wh.b"), Some(Whiteout::Path(b"a/b".to_vec())));
        assert_eq!(whiteout(b".wh.b"), Some(Whiteout::Path(b"b".to_vec())));
        assert_eq!(whiteout(b"a/.wh..wh..opq"), Some(Whiteout::Below(b"a".to_vec())));
        assert_eq!(whiteout(b"a/.wh..wh.plnk"), Some(Whiteout::Nothing));
        assert_eq!(whiteout(b"a/.wh..."), Some(Whiteout::Nothing));
        assert_eq!(whiteout(b"a/.whb"), None);
        assert_eq!(whiteout(b".wh.a/b"), None);
    }
}

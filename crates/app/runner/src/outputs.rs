use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use palisade_model::{Digest, EntryKind, Hasher, OutputRecord, RepoPath, Subject};
use palisade_tree::{ListOptions, Listed, list};
use rustix::fs::OFlags;

/// The most files one job may leave.
const MOST_OUTPUTS: usize = 100_000;

/// Why outputs are not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("output pattern `{pattern}` is not a glob: {detail}")]
    Pattern { pattern: String, detail: String },
    #[error("output pattern `{0}` matches no file")]
    Nothing(String),
    #[error("output `{path}` is {what}; only regular files are kept")]
    Kind { path: String, what: &'static str },
    #[error("output `{0}` has a name that is not UTF-8")]
    Name(String),
    #[error("output patterns match more than {MOST_OUTPUTS} files")]
    TooMany,
    #[error("cannot collect `{path}`: {source}")]
    Io { path: String, source: io::Error },
}

/// Copies what `patterns` match in `workspace` to `into`, digesting on the way. Only to be called when no process of the job is
/// left: nothing may move while it reads.
pub(crate) fn collect(
    workspace: &Path,
    patterns: &[String],
    into: &Path,
) -> Result<Vec<OutputRecord>, OutputError> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let glob = |pattern: &String| {
        output_glob(pattern)
            .map_err(|error| OutputError::Pattern { pattern: pattern.clone(), detail: error.to_string() })
    };
    let globs = patterns.iter().map(glob).collect::<Result<Vec<_>, _>>()?;
    let io = |source| OutputError::Io { path: workspace.display().to_string(), source };
    let listing = list(workspace, ListOptions { respect_ignores: false })
        .map_err(|error| io(io::Error::other(error)))?;
    let matched = |file: &&Listed| globs.iter().any(|glob| glob.is_match(host_path(&file.path)));
    let files: Vec<&Listed> = listing.files.iter().filter(matched).collect();
    if files.len() > MOST_OUTPUTS {
        return Err(OutputError::TooMany);
    }
    for (pattern, glob) in patterns.iter().zip(&globs) {
        // What the listing could not take in, such as a socket, is a gap; a pattern that means it must not pass for empty.
        let odd = listing
            .gaps
            .iter()
            .filter_map(|gap| gap.path.as_ref())
            .find(|path| glob.is_match(host_path(path)));
        if let Some(path) = odd {
            return Err(OutputError::Kind { path: path.to_string(), what: "a special or unreadable file" });
        }
        if !files.iter().any(|file| glob.is_match(host_path(&file.path))) {
            return Err(OutputError::Nothing(pattern.clone()));
        }
    }
    files.into_iter().map(|file| keep(workspace, file, into)).collect()
}

/// Where [`collect`] put the output called `name`.
pub fn collected_path(into: &Path, name: &str) -> PathBuf {
    into.join(name)
}

/// What a pattern over outputs means: the files it matches, and all files below the folders it matches.
///
/// # Errors
///
/// When it is not a glob.
pub fn output_glob(pattern: &str) -> Result<GlobSet, globset::Error> {
    let plain = pattern.trim_start_matches("./").trim_end_matches('/');
    let build = |pattern: &str| GlobBuilder::new(pattern).literal_separator(true).build();
    let mut set = GlobSetBuilder::new();
    set.add(build(plain)?).add(build(&format!("{plain}/**"))?);
    set.build()
}

fn keep(workspace: &Path, file: &Listed, into: &Path) -> Result<OutputRecord, OutputError> {
    let name = String::from_utf8(file.path.as_bytes().to_vec())
        .map_err(|_| OutputError::Name(file.path.to_string()))?;
    let kind = |what| OutputError::Kind { path: file.path.to_string(), what };
    if file.kind == EntryKind::Symlink {
        return Err(kind("a symbolic link"));
    }
    let io = |source| OutputError::Io { path: file.path.to_string(), source };
    let source = match open(&workspace.join(host_path(&file.path))) {
        // The job can do that to an ordinary user; root opens everything.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(kind("not readable")),
        opened => opened.map_err(io)?,
    };
    let metadata = source.metadata().map_err(io)?;
    if !metadata.is_file() {
        return Err(kind("not a regular file"));
    }
    if metadata.mode() & 0o6000 != 0 {
        return Err(kind("set-user-id or set-group-id"));
    }
    let executable = metadata.mode() & 0o100 != 0;
    let (digest, bytes) = copy(source, &collected_path(into, &name), executable).map_err(io)?;
    Ok(OutputRecord { subject: Subject { name, digest }, bytes, executable })
}

fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

fn copy(mut from: File, to: &Path, executable: bool) -> io::Result<(Digest, u64)> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut target = File::create_new(to)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let chunk = buffer.get(..count).unwrap_or_default();
        hasher.update(chunk);
        target.write_all(chunk)?;
        bytes += count as u64;
    }
    target.set_permissions(fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
    Ok((hasher.finish(), bytes))
}

fn host_path(path: &RepoPath) -> &Path {
    Path::new(OsStr::from_bytes(path.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    struct Fixture(tempfile::TempDir);

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("work/dist/deep")).unwrap();
            fs::write(folder.path().join("work/dist/app"), "app").unwrap();
            fs::set_permissions(folder.path().join("work/dist/app"), fs::Permissions::from_mode(0o755))
                .unwrap();
            fs::write(folder.path().join("work/dist/deep/data.txt"), "data").unwrap();
            Self(folder)
        }

        fn work(&self, name: &str) -> PathBuf {
            self.0.path().join("work").join(name)
        }

        fn collect(&self, patterns: &[&str]) -> Result<Vec<OutputRecord>, String> {
            let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
            let into = tempfile::tempdir_in(self.0.path()).unwrap();
            collect(&self.work(""), &patterns, into.path()).map_err(|error| error.to_string())
        }
    }

    #[test]
    fn a_folder_means_everything_below_it() {
        let fixture = Fixture::new();
        let names = |patterns: &[&str]| -> Vec<String> {
            fixture.collect(patterns).unwrap().into_iter().map(|output| output.subject.name).collect()
        };
        assert_eq!(names(&["dist/"]), ["dist/app", "dist/deep/data.txt"]);
        assert_eq!(
            names(&["./dist/*"]),
            ["dist/app", "dist/deep/data.txt"],
            "`*` matches the folder `deep` too"
        );
        assert_eq!(names(&["**/*.txt"]), ["dist/deep/data.txt"]);
    }

    #[test]
    fn outputs_carry_digest_size_and_mode() {
        let outputs = Fixture::new().collect(&["dist/app"]).unwrap();
        assert_eq!(outputs[0].subject.digest, Digest::of(b"app"));
        assert_eq!((outputs[0].bytes, outputs[0].executable), (3, true));
    }

    #[test]
    fn a_pattern_without_a_file_is_an_error() {
        assert_eq!(
            Fixture::new().collect(&["dist/app", "nope"]).unwrap_err(),
            "output pattern `nope` matches no file"
        );
    }

    #[test]
    fn links_sockets_and_setuid_files_are_refused() {
        let fixture = Fixture::new();
        symlink("/etc/passwd", fixture.work("link")).unwrap();
        assert!(fixture.collect(&["link"]).unwrap_err().contains("symbolic link"));
        let _socket = UnixListener::bind(fixture.work("socket")).unwrap();
        assert!(fixture.collect(&["socket"]).unwrap_err().contains("special"));
        fs::write(fixture.work("suid"), "x").unwrap();
        fs::set_permissions(fixture.work("suid"), fs::Permissions::from_mode(0o4755)).unwrap();
        assert!(fixture.collect(&["suid"]).unwrap_err().contains("set-user-id"));
    }

    #[test]
    fn a_linked_folder_is_not_walked() {
        let fixture = Fixture::new();
        symlink("/etc", fixture.work("etc")).unwrap();
        assert!(fixture.collect(&["etc/passwd"]).is_err());
        assert!(fixture.collect(&["etc/**"]).is_err());
    }
}

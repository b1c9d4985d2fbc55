//! Real programs that make containers, and what we make of them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use palisade_archive::{Budget, Limits, MemberKind, MemberTrouble, members, recognise};

/// What came out of a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) links: Vec<(String, String)>,
    pub(crate) troubles: Vec<MemberTrouble>,
}

impl Opened {
    /// The content of the file `name`, which must be there once.
    pub(crate) fn file(&self, name: &str) -> &[u8] {
        let mut found = self.files.iter().filter(|(other, _)| other == name);
        let (_, content) = found.next().unwrap_or_else(|| panic!("no {name} in {:?}", self.names()));
        assert!(found.next().is_none(), "{name} twice");
        content
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.file(name)).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Troubles as `NAME TROUBLE`.
    pub(crate) fn told(&self) -> Vec<String> {
        let name = |trouble: &MemberTrouble| {
            trouble.name.as_ref().map_or("-".to_owned(), |name| String::from_utf8_lossy(name).into_owned())
        };
        self.troubles.iter().map(|trouble| format!("{} {}", name(trouble), trouble.trouble)).collect()
    }
}

/// Opens one container, which must be recognised.
pub(crate) fn open(name: &str, bytes: &[u8]) -> Opened {
    open_within(name, bytes, &mut Budget::default())
}

pub(crate) fn open_within(name: &str, bytes: &[u8], budget: &mut Budget) -> Opened {
    let format = recognise(name.as_bytes(), bytes).unwrap_or_else(|| panic!("{name} is not recognised"));
    let mut opened = Opened::default();
    members(format, name.as_bytes(), bytes, budget, &mut |_, member| match member {
        Err(trouble) => opened.troubles.push(trouble),
        Ok(member) => {
            let name = String::from_utf8_lossy(&member.name).into_owned();
            let bytes = member.bytes.into_owned();
            match member.kind {
                MemberKind::File => opened.files.push((name, bytes)),
                MemberKind::Symlink => opened.links.push((name, String::from_utf8(bytes).unwrap())),
            }
        }
    });
    opened
}

pub(crate) fn limits(max_expanded: u64) -> Limits {
    Limits { max_expanded, ..Limits::default() }
}

/// What `script` writes to its standard output.
pub(crate) fn python(script: &str) -> Vec<u8> {
    let script = format!("import sys, io\nout = sys.stdout.buffer\n{script}");
    tool("python3", &["-I", "-S", "-c", &script], &[], Path::new("/"))
}

/// The standard output of a program that is fed `input`.
pub(crate) fn tool(program: &str, arguments: &[&str], input: &[u8], folder: &Path) -> Vec<u8> {
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{program}: {error}; apt install {program}"));
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

/// Text that compresses as text does.
pub(crate) fn prose(lines: usize) -> Vec<u8> {
    (0_u64..lines as u64)
        .flat_map(|line| format!("{line}: {}\n", line.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into_bytes())
        .collect()
}

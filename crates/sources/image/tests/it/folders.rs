use std::os::unix::fs::{PermissionsExt, symlink};

use palisade_image::{Choice, Image, WalkLimits};

use crate::build::{version, walk};

#[test]
fn a_folder_is_a_root_and_no_link_leads_out_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    std::fs::create_dir_all(root.join("etc/deep")).unwrap();
    std::fs::write(folder.path().join("secret"), "outside").unwrap();
    std::fs::write(root.join("etc/os-release"), "ID=x").unwrap();
    std::fs::write(root.join("etc/deep/tool"), "run").unwrap();
    std::fs::set_permissions(root.join("etc/deep/tool"), std::fs::Permissions::from_mode(0o4755)).unwrap();
    symlink("../secret", root.join("out")).unwrap();
    symlink("/etc/os-release", root.join("absolute")).unwrap();
    symlink("..", root.join("etc/up")).unwrap();
    std::fs::write(root.join("etc/.wh.os-release"), "no whiteout here").unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("fifo"), rustix::fs::Mode::RUSR).unwrap();
    let image = Image::open(&root, &Choice::default()).unwrap();
    assert!(image.config().is_none() && image.layers().is_empty());
    let seen = walk(&image, WalkLimits::default());
    let mut versions = seen.versions();
    versions.sort();
    assert_eq!(
        versions,
        [
            version("absolute", 0, "/etc/os-release", true),
            version("etc/.wh.os-release", 0, "no whiteout here", true),
            version("etc/deep/tool", 0, "run", true),
            version("etc/os-release", 0, "ID=x", true),
            version("etc/up", 0, "..", true),
            version("out", 0, "../secret", true),
        ]
    );
    assert_eq!(seen.gaps(), []);
    assert_eq!(
        seen.entries.iter().find(|entry| entry.path.to_string() == "etc/deep/tool").unwrap().mode,
        0o4755
    );
    assert_eq!(seen.walked.resolve(b"absolute").unwrap().path, b"etc/os-release");
    assert!(seen.walked.resolve(b"out").is_none());
}

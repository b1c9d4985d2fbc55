//! Layers that GNU tar writes, against what GNU tar says is in them.

use std::path::Path;
use std::process::Command;

use palisade_image::WalkLimits;

use crate::build::{Layout, plain, walk};

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output =
        Command::new(program).args(arguments).current_dir(folder).env("LC_ALL", "C").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn every_format_of_gnu_tar_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}/{}", "a".repeat(90), "b".repeat(90));
    std::fs::create_dir_all(folder.path().join("root").join(&long)).unwrap();
    std::fs::write(folder.path().join("root").join(&long).join("file"), "deep").unwrap();
    std::fs::write(folder.path().join("root/plain"), "plain").unwrap();
    std::fs::hard_link(folder.path().join("root/plain"), folder.path().join("root/second")).unwrap();
    std::os::unix::fs::symlink("x".repeat(150), folder.path().join("root/link")).unwrap();
    run(&folder.path().join("root"), "truncate", &["-s", "3000000", "sparse"]);
    run(&folder.path().join("root"), "sh", &["-c", "printf end >> sparse"]);
    for arguments in [
        &["--format=gnu"][..],
        &["--format=pax"],
        &["--format=gnu", "--sparse"],
        &["--format=pax", "--sparse", "--sparse-version=0.0"],
        &["--format=pax", "--sparse", "--sparse-version=0.1"],
        &["--format=pax", "--sparse", "--sparse-version=1.0"],
        &["--format=posix", "--numeric-owner"],
    ] {
        let all = [arguments, &["--sort=name", "-cf", "layer.tar", "-C", "root", "."]].concat();
        run(folder.path(), "tar", &all);
        let bytes = std::fs::read(folder.path().join("layer.tar")).unwrap();
        let seen = walk(&Layout::new(&[plain(bytes)]).open(), WalkLimits::default());
        assert_eq!(seen.gaps(), [], "{arguments:?}");
        let content = |path: &str| {
            let entry = seen.entries.iter().find(|entry| entry.path.to_string() == path).unwrap();
            entry.content.clone().unwrap()
        };
        assert_eq!(content(&format!("{long}/file")), b"deep");
        assert_eq!(content("plain"), b"plain");
        assert_eq!(content("link"), "x".repeat(150).as_bytes());
        assert!(content("sparse").ends_with(b"end") && content("sparse").len() == 3_000_003, "{arguments:?}");
        let listed = String::from_utf8(run(folder.path(), "tar", &["-tf", "layer.tar"])).unwrap();
        let mut names: Vec<_> = listed
            .lines()
            .map(|name| name.trim_start_matches("./").trim_end_matches('/'))
            .filter(|name| !name.is_empty())
            .collect();
        names.sort_unstable();
        assert_eq!(seen.root(), names, "{arguments:?}");
    }
}

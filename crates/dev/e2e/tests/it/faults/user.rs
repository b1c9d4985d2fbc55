//! The main job as an ordinary user.

use std::process::Command;

use palisade_testkit::{Answer, Project};

use super::site::Site;

/// `palisade ARGS` as user and group 65534, to whom home and project are given; as ourselves when we are ordinary already.
pub(super) fn as_ordinary_user(site: &Site, args: &[&str]) -> Answer {
    let command = site.command(args);
    if !rustix::process::getuid().is_root() {
        return Answer::of(&mut { command }, b"");
    }
    let above = site.project.root().parent().unwrap();
    for folder in [site.account.home(), above] {
        // Not the program itself: it is a hard link to everybody's.
        let status = Command::new("sh")
            .args(["-c", "find \"$0\" \\( -links 1 -o -type d \\) -exec chown -h 65534:65534 {} +"])
            .arg(folder)
            .status()
            .unwrap();
        assert!(status.success());
    }
    let mut user = Command::new("setpriv");
    user.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]).arg(command.get_program());
    user.args(args).current_dir(site.project.root()).env_clear().env("HOME", site.account.home());
    user.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Answer::of(&mut user, b"")
}

#[test]
fn the_storefront_runs() {
    let site = Site::of(Project::example("storefront"));
    as_ordinary_user(&site, &["run"]).expect(0).says("release ").says("palisade verify");
    let [release] = site.releases().try_into().unwrap();
    let artifact = release.join("storefront.tar.gz");
    as_ordinary_user(&site, &["verify", artifact.to_str().unwrap()]).expect(0);
    site.assert_clean();
}

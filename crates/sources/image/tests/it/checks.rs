use palisade_image::{WalkLimits, flaws};

use crate::build::{Layout, Tar, plain, walk};

fn told(config: &str, tar: Tar) -> Vec<(&'static str, String)> {
    let layout = Layout::with_config(&[plain(tar.end())], config, "");
    let image = layout.open();
    let walked = walk(&image, WalkLimits::default()).walked;
    flaws(image.config(), &walked)
        .into_iter()
        .map(|flaw| (flaw.rule, flaw.path.map_or(flaw.detail, |path| path.to_string())))
        .collect()
}

const GOOD: &str = "\"User\":\"app\",\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}";

#[test]
fn a_good_image_has_no_flaws() {
    let tar = Tar::new()
        .entry(b'0', "usr/bin/passwd", 0o4755, "", b"x")
        .entry(b'5', "tmp", 0o1777, "", b"")
        .entry(b'0', "data/shared", 0o666, "", b"x")
        .symlink("link", "tmp");
    assert_eq!(told(&format!("{GOOD},\"ExposedPorts\":{{\"8080/tcp\":{{}},\"x\":{{}}}}"), tar), []);
}

#[test]
fn root_is_told_however_it_is_written() {
    for user in ["", "root", "0", "0:0", "root:app", "00"] {
        let config = format!("\"User\":\"{user}\",\"Healthcheck\":{{\"Test\":[\"CMD\",\"true\"]}}");
        let flaws = told(&config, Tar::new());
        assert_eq!(flaws.len(), 1, "{user}");
        assert_eq!(flaws[0].0, "image-runs-as-root");
    }
}

#[test]
fn ports_and_health_are_told() {
    let config = "\"User\":\"app\",\"ExposedPorts\":{\"22/tcp\":{},\"80\":{},\"2000-2400/tcp\":{}},\"Healthcheck\":{\"Test\":[\"NONE\"]}";
    let rules: Vec<_> = told(config, Tar::new()).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(
        rules,
        [
            "image-no-healthcheck",
            "image-privileged-port",
            "image-remote-access-port",
            "image-remote-access-port"
        ]
    );
}

#[test]
fn permissions_are_told_of_the_final_root() {
    let tar = Tar::new()
        .entry(b'0', "opt/app/helper", 0o4755, "", b"x")
        .entry(b'0', "opt/passwd", 0o2755, "", b"x")
        .entry(b'5', "var/open", 0o777, "", b"")
        .entry(b'0', "etc/config", 0o666, "", b"x");
    assert_eq!(
        told(GOOD, tar),
        [
            ("image-unusual-setuid", "opt/app/helper".to_owned()),
            ("image-unusual-setuid", "opt/passwd".to_owned()),
            ("image-world-writable", "etc/config".to_owned()),
            ("image-world-writable", "var/open".to_owned()),
        ]
    );
}

#[test]
fn many_files_of_one_kind_are_counted() {
    let mut tar = Tar::new();
    for number in 0..60 {
        tar = tar.entry(b'5', &format!("d{number}"), 0o777, "", b"");
    }
    let flaws = told(GOOD, tar);
    assert_eq!(flaws.len(), 51);
    assert!(
        flaws.contains(&("image-world-writable", "10 more files of this kind are not listed".to_owned()))
    );
}

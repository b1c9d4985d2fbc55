use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use palisade_image::{Choice, Image, WalkLimits};
use palisade_image_checks::ImageChecks;
use palisade_model::{Engine, Finding, Sink};
use palisade_oci::ImageConfig;
use palisade_rulefile::{RuleFile, UnfitRules};

fn rules() -> Vec<RuleFile> {
    palisade_rules::image().map(|(name, text)| RuleFile::parse(name, text).0.unwrap()).collect()
}

/// What is found in an image with this configuration and the root in `folder`.
fn found(config: Option<&str>, folder: &Path) -> Vec<Finding> {
    let config =
        config.map(|config| ImageConfig::parse(format!("{{\"config\":{{{config}}}}}").as_bytes()).unwrap());
    let image = Image::open(folder, &Choice::default()).unwrap();
    let walked = image.walk(WalkLimits::default(), &|_| false).finish();
    let checks = ImageChecks::new(rules(), b"salt").unwrap();
    checks.look(config.as_ref(), &[], &walked);
    let mut sink = Sink::new();
    checks.finish(&mut sink);
    sink.into_parts().0
}

/// The rules and where: a path, or the words for the configuration.
fn told(config: &str, folder: &Path) -> Vec<(String, String)> {
    let place = |finding: &Finding| match finding.location.path.to_string() {
        path if path == "config.json" => finding.message.clone(),
        path => path,
    };
    found(Some(config), folder).iter().map(|finding| (finding.rule.to_string(), place(finding))).collect()
}

fn root() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn lay(root: &Path, path: &str, mode: u32) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "x").unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn lay_folder(root: &Path, path: &str, mode: u32) {
    fs::create_dir_all(root.join(path)).unwrap();
    fs::set_permissions(root.join(path), Permissions::from_mode(mode)).unwrap();
}

const GOOD: &str = "\"User\":\"app\",\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}";

#[test]
fn a_good_image_has_no_flaws() {
    let root = root();
    lay(root.path(), "usr/bin/passwd", 0o4755);
    lay_folder(root.path(), "tmp", 0o1777);
    lay(root.path(), "data/shared", 0o666);
    symlink("tmp", root.path().join("link")).unwrap();
    assert_eq!(told(&format!("{GOOD},\"ExposedPorts\":{{\"8080/tcp\":{{}},\"x\":{{}}}}"), root.path()), []);
    assert!(found(None, root.path()).is_empty(), "a folder has no configuration");
}

#[test]
fn root_is_told_however_it_is_written() {
    for user in ["", "root", "0", "0:0", "root:app", "00"] {
        let config = format!("\"User\":\"{user}\",\"Healthcheck\":{{\"Test\":[\"CMD\",\"true\"]}}");
        let told = told(&config, root().path());
        assert_eq!(told.len(), 1, "{user}");
        assert_eq!(told[0].0, "image-runs-as-root");
    }
}

#[test]
fn ports_and_health_are_told() {
    let config = "\"User\":\"app\",\"ExposedPorts\":{\"22/tcp\":{},\"80\":{},\"2000-2400/tcp\":{}},\"Healthcheck\":{\"Test\":[\"NONE\"]}";
    let rules: Vec<_> = told(config, root().path()).into_iter().map(|(rule, _)| rule).collect();
    let expected = [
        "image-no-healthcheck",
        "image-privileged-port",
        "image-remote-access-port",
        "image-remote-access-port",
    ];
    assert_eq!(rules, expected);
}

#[test]
fn permissions_are_told_of_the_final_root() {
    let root = root();
    lay(root.path(), "opt/app/helper", 0o4755);
    lay(root.path(), "opt/passwd", 0o2755);
    lay_folder(root.path(), "var/open", 0o777);
    lay(root.path(), "etc/config", 0o666);
    let told = told(GOOD, root.path());
    let told: Vec<(&str, &str)> = told.iter().map(|(rule, place)| (rule.as_str(), place.as_str())).collect();
    assert_eq!(
        told,
        [
            ("image-unusual-setuid", "opt/app/helper"),
            ("image-unusual-setuid", "opt/passwd"),
            ("image-world-writable", "etc/config"),
            ("image-world-writable", "var/open"),
        ]
    );
}

#[test]
fn many_files_of_one_kind_are_counted() {
    let root = root();
    for number in 0..60 {
        lay_folder(root.path(), &format!("d{number}"), 0o777);
    }
    let told = told(GOOD, root.path());
    assert_eq!(told.len(), 51);
    let more = ("image-world-writable".to_owned(), "10 more files of this kind are not listed".to_owned());
    assert!(told.contains(&more), "{told:?}");
}

#[test]
fn fingerprints_follow_the_documented_layout() {
    let found = found(Some("\"User\":\"app\""), root().path());
    // Computed with Python's hmac module from the layout in the function's documentation.
    assert_eq!(found[0].fingerprint.to_string(), "e9ad739f5ed864f3ec77176ba219c0b7");
}

#[test]
fn rules_and_checks_belong_together() {
    let mut few = rules();
    few.pop();
    assert!(matches!(ImageChecks::new(few, b"").err(), Some(UnfitRules::NoRule { .. })));
    let mut other = rules();
    other.extend(palisade_rules::deps().take(1).map(|(name, text)| RuleFile::parse(name, text).0.unwrap()));
    assert!(matches!(ImageChecks::new(other, b"").err(), Some(UnfitRules::NoCheck { .. })));
}

use palisade_model::PackageOrigin;

use crate::project::{packages, problem_lines, read};

#[test]
fn locked_packages_have_scopes_and_needs() {
    let text = r#"{
  "packages": [
    {"name": "a/b", "version": "v1.2.3", "type": "composer-plugin", "license": ["MIT"],
     "require": {"php": ">=8", "ext-json": "*", "c/d": "^1"},
     "dist": {"type": "zip", "url": "https://example.org/b.zip", "shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}},
    {"name": "c/d", "version": "dev-main", "source": {"type": "git", "url": "https://example.org/d.git", "reference": "00ff"}}
  ],
  "packages-dev": [{"name": "e/f", "version": "2.0.0", "dist": {"type": "path", "url": "../f"}}]
}"#;
    assert_eq!(
        packages("composer.lock", text),
        ["a/b v1.2.3 prod unknown 3 -> [1]", "c/d dev-main prod unknown 6", "e/f 2.0.0 dev unknown 8"]
    );
    let reading = read("composer.lock", text);
    assert!(reading.packages[0].runs_on_install);
    assert_eq!(reading.packages[0].hashes[0].algorithm, "SHA-1");
    assert_eq!(reading.packages[0].licences, ["MIT"]);
    let url = "https://example.org/d.git".to_owned();
    assert_eq!(reading.packages[1].origin, PackageOrigin::Git { url, commit: Some("00ff".to_owned()) });
    assert_eq!(reading.packages[2].origin, PackageOrigin::Local { path: "../f".to_owned() });
}

#[test]
fn installed_records_of_both_versions_are_read() {
    let first = r#"[{"name": "a/b", "version": "1.0"}]"#;
    let second = r#"{"packages": [{"name": "a/b", "version": "1.0"}], "dev-package-names": ["a/b"]}"#;
    assert_eq!(packages("vendor/composer/installed.json", first), ["a/b 1.0 prod unknown 1"]);
    assert_eq!(packages("vendor/composer/installed.json", second), ["a/b 1.0 dev unknown 1"]);
}

#[test]
fn constraints_are_exact_or_wanted() {
    let text = r#"{"require": {"a/b": "1.2.3", "c/d": "^1.0", "e/f": "1.*", "php": "*"}, "require-dev": {"g/h": "v2.0"}}"#;
    assert_eq!(
        packages("composer.json", text),
        [
            "a/b 1.2.3 prod direct 1",
            "c/d (^1.0) prod direct 1",
            "e/f (1.*) prod direct 1",
            "g/h v2.0 dev direct 1"
        ]
    );
}

#[test]
fn wordpress_tells_its_version_and_that_of_plugins() {
    let core = "<?php\n/* $wp_version = '0.1'; */\n// $wp_version = '0.2';\n$wp_version = '6.5.2';\n$required_php_version = '7.0';\n";
    assert_eq!(packages("srv/wp-includes/version.php", core), ["wordpress 6.5.2 prod unknown 4"]);
    assert_eq!(problem_lines("wp-includes/version.php", "<?php"), [0]);
    let plugin = "<?php\n/**\n * Plugin Name: Some Forms\n * Version: 1.2\n * License: MIT\n */";
    let reading = read("wp-content/plugins/some-forms/main.php", plugin);
    assert_eq!(reading.packages[0].purl.to_string(), "pkg:wordpress-plugin/some-forms@1.2");
    assert_eq!((reading.packages[0].name.as_str(), reading.problems.len()), ("Some Forms", 0));
    assert!(packages("wp-content/plugins/some-forms/other.php", "<?php /* Version: 9 */").is_empty());
    let theme = packages("a/wp-content/themes/t/style.css", "/*\nTheme Name: T\nVersion: 3.0\n*/");
    assert_eq!(theme, ["T 3.0 prod unknown 2"]);
}

#[test]
fn a_package_of_php_is_told_with_what_it_asks_for() {
    let text = "{\"name\": \"x/own\", \"version\": \"1.2\",\n\"require\": {\"x/a\": \"2.0\"}}";
    assert_eq!(packages("composer.json", text), ["x/own 1.2 prod direct 1 -> [1]", "x/a 2.0 prod direct 2"]);
}

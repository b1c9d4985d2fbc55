//! Records of packages of the family `php`: never a panic, edges within the record.
#![no_main]

mod lockfile;

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "composer.lock",
    "composer.json",
    "vendor/composer/installed.json",
    "wp-includes/version.php",
    "wp-content/plugins/some-forms/main.php",
    "wp-content/themes/plain/style.css",
];

fuzz_target!(|data: &[u8]| lockfile::check(NAMES, data));

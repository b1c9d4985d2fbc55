//! A made-up project with two lockfiles, and a database of made-up advisories about it.

use palisade_testkit::{Account, Project, peer};

/// The flaw of `left-example` 1.0.0, by its CVE.
pub(crate) const FLAW: &str = "CVE-2026-10001";

/// The purl of the package that has it.
pub(crate) const FLAWED: &str = "pkg:npm/left-example@1.0.0";

const RECORD: &str = r#"{"schema_version": "1.6.0", "id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2026-10001"],
 "modified": "2026-01-05T00:00:00Z", "published": "2026-01-05T00:00:00Z", "summary": "left-example runs what it reads",
 "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
 "affected": [{"package": {"ecosystem": "npm", "name": "left-example"},
  "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}]}]}"#;

/// Of a package that the project does not have.
const OTHER: &str = r#"{"schema_version": "1.6.0", "id": "GHSA-dddd-eeee-ffff", "modified": "2026-01-05T00:00:00Z",
 "summary": "unrelated", "affected": [{"package": {"ecosystem": "crates.io", "name": "unrelated-example"},
  "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}]}"#;

const PACKAGE_LOCK: &str = r#"{
  "name": "shop", "version": "3.2.1", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": { "name": "shop", "version": "3.2.1", "dependencies": { "left-example": "^1.0.0", "right-example": "^2.0.0" } },
    "node_modules/left-example": {
      "version": "1.0.0", "resolved": "https://registry.npmjs.org/left-example/-/left-example-1.0.0.tgz",
      "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "license": "MIT"
    },
    "node_modules/right-example": {
      "version": "2.0.0", "resolved": "https://registry.npmjs.org/right-example/-/right-example-2.0.0.tgz",
      "integrity": "sha512-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA==", "license": "ISC",
      "dependencies": { "left-example": "^1.0.0" }
    }
  }
}
"#;

const CARGO_LOCK: &str = r#"version = 4

[[package]]
name = "shop-server"
version = "0.4.0"
dependencies = [
 "base-example",
]

[[package]]
name = "base-example"
version = "0.9.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
"#;

/// The project, not yet under git.
pub(crate) fn shop() -> Project {
    let project = Project::empty();
    project.write("palisade.yaml", "version: 1\nname: shop\nsalt: 0123456789abcdef0123456789abcdef\n");
    project.write("web/package-lock.json", PACKAGE_LOCK);
    project.write("server/Cargo.lock", CARGO_LOCK);
    project
}

/// A user whose database knows [`FLAW`], and covers all of npm and crates.io.
pub(crate) fn informed() -> Account {
    let account = Account::new();
    let feed = account.home().join("feed");
    std::fs::create_dir(&feed).unwrap();
    std::fs::write(feed.join("GHSA-aaaa-bbbb-cccc.json"), RECORD).unwrap();
    std::fs::write(feed.join("GHSA-dddd-eeee-ffff.json"), OTHER).unwrap();
    let now = peer("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"], account.home()).stdout;
    account.run(account.home(), ["db", "build", "feed=npm,crates.io", "--taken", now.trim()]).expect(0);
    account
}

//! Crystal, D, Elm, Haxe, Lean, Nim, Zig, and Lua's lockfile.

use crate::project::{packages, problem_lines, read};
use crate::{roles, together, told};

/// The manual of Shards, "shard.yml", and the lockfile of its second version.
#[test]
fn shards_of_crystal() {
    let lock = "version: 2.0\nshards:\n  ameba:\n    git: https://github.com/crystal-ameba/ameba.git\n    version: 1.5.0\n  later:\n    git: https://example.com/later.git\n    version: 0.1.0+git.commit.0123456789abcdef0123456789abcdef01234567\n  old:\n    github: a/old\n    commit: 0123456789abcdef0123456789abcdef01234567\n  none:\n    github: a/none\n";
    assert_eq!(problem_lines("shard.lock", lock), [12]);
    let reading = read("shard.lock", lock);
    assert_eq!(
        told(&reading.packages),
        ["ameba@1.5.0", "later@0.1.0", "old@0123456789abcdef0123456789abcdef01234567"]
    );
    assert_eq!(
        reading.packages[0].purl.to_string(),
        "pkg:crystal/ameba@1.5.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fcrystal-ameba%2Fameba.git"
    );
    let manifest = "name: own\nversion: 0.1.0\ndependencies:\n  openssl:\n    github: datanoise/openssl.cr\n    branch: master\n  exact:\n    github: a/exact\n    version: 1.2.3\ndevelopment_dependencies:\n  ameba:\n    github: crystal-ameba/ameba\n    version: ~> 1.5\n";
    assert_eq!(
        packages("shard.yml", manifest),
        [
            "own 0.1.0 prod direct 1 -> [1, 2, 3]",
            "openssl (master) prod direct 4",
            "exact 1.2.3 prod direct 7",
            "ameba (~> 1.5) dev direct 11"
        ]
    );
    let whole = "version: 2.0\nshards:\n  ameba:\n    github: crystal-ameba/ameba\n    version: 1.5.0\n";
    let files = together(&[("shard.yml", manifest), ("shard.lock", whole)]);
    assert_eq!(files["shard.lock"].packages[0].scope.name(), "dev");
}

/// DUB's package format reference.
#[test]
fn packages_of_d() {
    let selections = "{\"fileVersion\": 1, \"versions\": {\n\"vibe-d\": \"0.9.5\",\n\"local\": {\"path\": \"../local\"},\n\"repo\": {\"version\": \"0123456789abcdef0123456789abcdef01234567\", \"repository\": \"git+https://example.com/r.git\"}}}";
    assert_eq!(
        packages("dub.selections.json", selections),
        [
            "vibe-d 0.9.5 prod unknown 2",
            "local ? prod unknown 3",
            "repo 0123456789abcdef0123456789abcdef01234567 prod unknown 4"
        ]
    );
    let json = "{\"name\": \"own\", \"dependencies\": {\n\"vibe-d:http\": \"~>0.9.5\",\n\":part\": \"*\",\n\"opt\": {\"version\": \"==1.2.0\", \"optional\": true}}}";
    assert_eq!(packages("dub.json", json), ["vibe-d (~>0.9.5) prod direct 2", "opt 1.2.0 optional direct 4"]);
    let sdl =
        "name \"own\"\ndependency \"vibe-d\" version=\"~>0.9.5\"\n    dependency \"near\" path=\"../near\"\n";
    assert_eq!(packages("dub.sdl", sdl), ["vibe-d (~>0.9.5) prod direct 2", "near ? prod direct 3"]);
    // A part comes with the package that it is of.
    let parts = sdl.replace("\"vibe-d\"", "\"vibe-d:http\"");
    for (manifest, text) in [("dub.json", json), ("dub.sdl", &parts)] {
        let files = together(&[(manifest, text), ("dub.selections.json", selections)]);
        let roles = roles(&files["dub.selections.json"].packages);
        assert_eq!(roles[0], "vibe-d Direct prod []", "{manifest}");
        assert_eq!(roles[2], "repo Transitive prod []", "{manifest}");
    }
}

/// The documentation of elm.json, for applications and for packages.
#[test]
fn packages_of_elm() {
    let application = "{\"type\": \"application\", \"elm-version\": \"0.19.1\",\n\"dependencies\": {\n\"direct\": {\"elm/core\": \"1.0.5\"},\n\"indirect\": {\"elm/url\": \"1.0.0\"}},\n\"test-dependencies\": {\"direct\": {\"elm-explorations/test\": \"2.0.0\"},\n\"indirect\": {}}}";
    assert_eq!(
        packages("elm.json", application),
        [
            "elm/core 1.0.5 prod direct 3",
            "elm/url 1.0.0 prod transitive 4",
            "elm-explorations/test 2.0.0 test direct 5"
        ]
    );
    let package = "{\"type\": \"package\", \"name\": \"me/own\", \"version\": \"1.0.0\",\n\"dependencies\": {\"elm/core\": \"1.0.0 <= v < 2.0.0\"}}";
    let expected = ["me/own 1.0.0 prod direct 1 -> [1]", "elm/core (1.0.0 <= v < 2.0.0) prod direct 2"];
    assert_eq!(packages("elm.json", package), expected);
    assert_eq!(packages("elm-package.json", package), [expected[1]]);
}

/// Haxelib, "haxelib.json".
#[test]
fn libraries_of_haxe() {
    let text = "{\"name\": \"own\", \"version\": \"1.0.0\", \"dependencies\": {\n\"tink_core\": \"\",\n\"tink_macro\": \"3.23\",\n\"far\": \"git:https://example.com/far.git#main\"}}";
    assert_eq!(
        packages("haxelib.json", text),
        [
            "own 1.0.0 prod direct 1 -> [1, 2, 3]",
            "tink_core ? prod direct 2",
            "tink_macro 3.23 prod direct 3",
            "far ? prod direct 4"
        ]
    );
}

/// Lake's own documentation of its manifest and configuration.
#[test]
fn packages_of_lean() {
    let lock = "{\"version\": \"1.1.0\", \"packages\": [\n{\"url\": \"https://github.com/leanprover-community/batteries\", \"type\": \"git\", \"scope\": \"leanprover-community\", \"rev\": \"0123456789abcdef0123456789abcdef01234567\", \"name\": \"batteries\", \"inherited\": false},\n{\"url\": \"https://example.com/cli\", \"type\": \"git\", \"scope\": \"\", \"rev\": \"1123456789abcdef0123456789abcdef01234567\", \"name\": \"Cli\", \"inherited\": true},\n{\"type\": \"path\", \"name\": \"near\", \"dir\": \"../near\", \"inherited\": false}]}";
    assert_eq!(
        packages("lake-manifest.json", lock),
        [
            "leanprover-community/batteries 0123456789abcdef0123456789abcdef01234567 prod direct 2",
            "Cli 1123456789abcdef0123456789abcdef01234567 prod transitive 3",
            "near ? prod direct 4"
        ]
    );
    let older = "{\"version\": 4, \"packages\": [{\"git\": {\"url\": \"https://example.com/x\", \"rev\": \"0123456789abcdef0123456789abcdef01234567\", \"name\": \"x\", \"inherited\": false}}]}";
    assert_eq!(
        told(&read("lake-manifest.json", older).packages),
        ["x@0123456789abcdef0123456789abcdef01234567"]
    );
    let manifest = "name = \"own\"\n\n[[require]]\nname = \"batteries\"\nscope = \"leanprover-community\"\nversion = \"4.0.0\"\n\n[[require]]\nname = \"far\"\ngit = \"https://example.com/far\"\nrev = \"main\"\n";
    assert_eq!(
        packages("lakefile.toml", manifest),
        ["leanprover-community/batteries 4.0.0 prod direct 3", "far main prod direct 8"]
    );
}

/// Nimble's "nimble.lock" and "The .nimble file".
#[test]
fn packages_of_nim() {
    let lock = "{\"version\": 2, \"packages\": {\n\"nim\": {\"version\": \"2.0.0\"},\n\"asynctools\": {\"version\": \"0.1.1\", \"vcsRevision\": \"0123456789abcdef0123456789abcdef01234567\", \"url\": \"https://github.com/cheatfate/asynctools\", \"downloadMethod\": \"git\", \"dependencies\": [\"other\"], \"checksums\": {\"sha1\": \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"}},\n\"other\": {\"version\": \"1.0.0\"}}, \"tasks\": {\"test\": {\n\"balls\": {\"version\": \"3.0.0\"}}}}";
    assert_eq!(
        packages("nimble.lock", lock),
        [
            "asynctools 0.1.1 prod unknown 3 -> [1]",
            "other 1.0.0 prod unknown 4",
            "balls 3.0.0 test unknown 5"
        ]
    );
    assert_eq!(read("nimble.lock", lock).packages[0].hashes[0].algorithm, "SHA-1");
    let manifest = "version = \"0.1.0\"\nrequires \"nim >= 1.6.0\"\nrequires \"fowltek == 1.0, jester#head\"\nrequires(\n  \"chronos ^= 4.0\",\n  \"https://github.com/a/b.git >= 1.0\"\n)\ntaskRequires \"test\", \"balls == 3.0.0\"\n";
    assert_eq!(
        packages("own.nimble", manifest),
        [
            "own 0.1.0 prod direct 1 -> [1, 2, 3, 4, 5]",
            "fowltek 1.0 prod direct 3",
            "jester (#head) prod direct 3",
            "chronos (^= 4.0) prod direct 5",
            "b (>= 1.0) prod direct 6",
            "balls 3.0.0 test direct 8"
        ]
    );
    let places = "requires \"https://git.sr.ht/~me/a#head\", \"https://h.test/o/b@1.0\", \"git@h.test:o/c.git >= 2\"\n";
    assert_eq!(
        packages("own.nimble", places),
        ["a (#head) prod direct 1", "b (@1.0) prod direct 1", "c (>= 2) prod direct 1"]
    );
    assert_eq!(problem_lines("own.nimble", "requires \"a\"\nrequires needed\nrequires(\n  b\n)\n"), [2, 4]);
}

/// The documentation of build.zig.zon, and the hashes of Zig 0.14 beside those before.
#[test]
fn packages_of_zig() {
    let digest = "A".repeat(44);
    let text = format!(
        ".{{\n    .name = .own,\n    .version = \"0.1.0\",\n    .dependencies = .{{\n        .clap = .{{\n            .url = \"git+https://github.com/Hejsil/zig-clap?ref=0.9.1#0123456789abcdef0123456789abcdef01234567\",\n            .hash = \"clap-0.9.1-dev-{digest}\",\n        }},\n        .@\"old-one\" = .{{\n            .url = \"https://example.com/old.tar.gz\",\n            .hash = \"1220aa\",\n            .lazy = true,\n        }},\n        .near = .{{ .path = \"../near\" }},\n        .none = .{{}},\n    }},\n}}\n"
    );
    assert_eq!(problem_lines("build.zig.zon", &text), [15]);
    let lines: Vec<String> =
        read("build.zig.zon", &text).packages.iter().map(crate::project::shown).collect();
    assert_eq!(
        lines,
        [
            "own 0.1.0 prod direct 1 -> [1, 2, 3]",
            "clap 0.9.1-dev prod direct 5",
            "old-one ? optional direct 9",
            "near ? prod direct 14"
        ]
    );
}

/// LuaRocks, "Pinning versions with a lock file".
#[test]
fn the_lockfile_of_lua() {
    let text = "return {\n   build_dependencies = {},\n   dependencies = {\n      argparse = \"0.7.1-1\",\n      [\"lua-cjson\"] = \"2.1.0-1\" -- why\n   },\n   test_dependencies = { busted = \"2.0.0-1\" }\n}\n";
    assert_eq!(
        packages("luarocks.lock", text),
        [
            "argparse 0.7.1-1 prod unknown 4",
            "lua-cjson 2.1.0-1 prod unknown 5",
            "busted 2.0.0-1 test unknown 7"
        ]
    );
}

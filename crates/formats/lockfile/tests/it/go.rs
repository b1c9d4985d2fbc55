use palisade_lockfile::{read_binary, settle};
use palisade_model::{PackageOrigin, RepoPath};

use crate::{named, read, roles, together, told};

#[test]
fn replacements_and_comments() {
    let reading = read(
        "go.mod",
        "module \"example.test/app\" // name\n\ngo 1.21\n\ntoolchain go1.22.5\n\nrequire example.test/one v1.0.0\nrequire (\n\texample.test/two v1.0.0 // indirect; old\n\texample.test/three v1.0.0\n\texample.test/four v1.0.0\n)\n\nreplace example.test/two => example.test/fork v1.1.0\nreplace (\n\texample.test/three v1.0.0 => ../three\n\texample.test/four v0.9.0 => ../four\n)\nexclude example.test/one v0.9.0\nretract [v0.1.0, v0.2.0]\ntool example.test/one/cmd\n",
    );
    assert_eq!(reading.problems, []);
    assert_eq!(
        told(&reading.packages),
        [
            "example.test/one@v1.0.0",
            "example.test/fork@v1.1.0",
            "example.test/three",
            "example.test/four@v1.0.0",
            "stdlib@1.22.5"
        ]
    );
    assert_eq!(roles(&reading.packages)[1], "example.test/fork Transitive prod []");
    assert_eq!(reading.packages[2].origin, PackageOrigin::Local { path: "../three".into() });
    assert_eq!(reading.packages[2].ecosystem, None);
    assert_eq!(reading.packages[3].origin, PackageOrigin::Default);
    assert_eq!(reading.packages[0].purl.to_string(), "pkg:golang/example.test/one@v1.0.0");
}

#[test]
fn sums_matter_when_the_manifest_is_old() {
    let sums = "example.test/one v1.0.0 h1:x=\nexample.test/two v0.9.0/go.mod h1:x=\nexample.test/two v1.0.0 h1:x=\n";
    let files = |go: &str| {
        let text = format!("module m\n{go}\nrequire example.test/one v1.0.0\n");
        let files = together(&[("a/go.mod", &text), ("a/go.sum", sums), ("b/go.sum", sums)]);
        (told(&files["a/go.sum"].packages), told(&files["b/go.sum"].packages).len())
    };
    assert_eq!(files("go 1.16"), (vec!["example.test/two@v1.0.0".to_owned()], 2));
    assert_eq!(files(""), (vec!["example.test/two@v1.0.0".to_owned()], 2));
    assert_eq!(files("go 1.17"), (Vec::new(), 2));
}

#[test]
fn workspaces_replace_in_their_modules() {
    let files = together(&[
        ("go.work", "go 1.22.0\nuse (\n\t./a\n)\nreplace example.test/one => example.test/fork v2.0.0\n"),
        ("a/go.mod", "module a\ngo 1.22\nrequire example.test/one v1.0.0\n"),
        ("b/go.mod", "module b\ngo 1.22\nrequire example.test/one v1.0.0\n"),
    ]);
    assert_eq!(told(&files["a/go.mod"].packages)[0], "example.test/fork@v2.0.0");
    assert_eq!(told(&files["b/go.mod"].packages)[0], "example.test/one@v1.0.0");
}

#[test]
fn what_is_vendored_and_required_counts_once() {
    let files = together(&[
        ("go.mod", "module m\ngo 1.22\nrequire example.test/one v1.0.0\n"),
        (
            "vendor/modules.txt",
            "# example.test/one v1.0.0\n## explicit\nexample.test/one\n# example.test/two v1.0.0 => ./two\n## explicit\nexample.test/two\n# example.test/used => example.test/fork v1.0.0\nexample.test/fork\n# example.test/idle => example.test/other v1.0.0\n",
        ),
    ]);
    assert_eq!(told(&files["vendor/modules.txt"].packages), ["example.test/two", "example.test/fork@v1.0.0"]);
}

#[test]
fn lines_that_are_none_are_problems_with_their_numbers() {
    let reading = read(
        "go.mod",
        "module m\ngo 1.22\nrequire example.test/one\nrequire example.test/two v1.0.0\nwhat is this\n",
    );
    assert_eq!(reading.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(told(&reading.packages)[0], "example.test/two@v1.0.0");
    assert!(!read("go.mod", "module m\nrequire (\n\texample.test/two v1.0.0\n").problems.is_empty());
    assert!(!read("go.mod", "module m\ngo banana\n").problems.is_empty());
}

/// The smallest ELF that object readers take: a header and one section with its name, in the inline form of Go 1.18.
fn program(version: &str, modules: &str) -> Vec<u8> {
    let mut info = b"\xff Go buildinf:\x08\x02".to_vec();
    info.resize(32, 0);
    let framed = format!("{}{modules}{}", "s".repeat(16), "e".repeat(16));
    for text in [version, &framed] {
        let mut length = text.len();
        while length >= 0x80 {
            info.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        info.push(u8::try_from(length).unwrap());
        info.extend_from_slice(text.as_bytes());
    }
    let names = b"\0.go.buildinfo\0.shstrtab\0";
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    let offset = 64 + 3 * 64;
    for half in [2_u16, 62] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    file.extend_from_slice(&1_u32.to_le_bytes());
    for word in [0_u64, 0, 64] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    file.extend_from_slice(&0_u32.to_le_bytes());
    for half in [64_u16, 0, 0, 64, 3, 2] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    let section = |name: u32, kind: u32, at: usize, size: usize| {
        let mut bytes = [name.to_le_bytes(), kind.to_le_bytes()].concat();
        for word in [0, 0, at as u64, size as u64, 0, 1, 0] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.resize(64, 0);
        bytes
    };
    file.extend(section(0, 0, 0, 0));
    file.extend(section(1, 1, offset, info.len()));
    file.extend(section(15, 3, offset + info.len(), names.len()));
    file.extend_from_slice(&info);
    file.extend_from_slice(names);
    file
}

const MODULES: &str = "path\texample.test/app\nmod\texample.test/app\t(devel)\t\ndep\texample.test/one\tv1.0.0\th1:x=\ndep\texample.test/two\tv1.0.0\n=>\texample.test/fork\tv1.1.0\th1:x=\ndep\texample.test/three\tv1.0.0\n=>\t./three\t(devel)\t\nbuild\t-compiler=gc\n";

#[test]
fn programs_tell_their_modules() {
    let path = RepoPath::from_bytes(*b"bin/app").unwrap();
    let records = read_binary(&path, &[], &program("go1.22.5 X:boringcrypto", MODULES));
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].reading().problems, []);
    let files = settle(records);
    assert_eq!(files[0].format, "go-binary");
    assert_eq!(
        told(&files[0].packages),
        [
            "stdlib@1.22.5",
            "example.test/app",
            "example.test/one@v1.0.0",
            "example.test/fork@v1.1.0",
            "example.test/three"
        ]
    );
    assert_eq!(
        roles(&files[0].packages)[1],
        "example.test/app Direct prod [stdlib example.test/one example.test/fork example.test/three]"
    );
    assert_eq!(named(&files[0].packages, "example.test/app").ecosystem, None);
}

#[test]
fn programs_that_break_off_are_problems() {
    let path = RepoPath::from_bytes(*b"bin/app").unwrap();
    let whole = program("go1.22.5", MODULES);
    let at = whole.windows(6).position(|window| window == b"go1.22").unwrap();
    let mut lying = whole.clone();
    lying[at - 1] = 0xff;
    let records = read_binary(&path, &[], &lying);
    assert_eq!(records[0].reading().problems.len(), 1);
    let odd = read_binary(&path, &[], &program("devel +0123", MODULES));
    assert_eq!(odd[0].reading().problems.len(), 1);
    for end in 0..whole.len() {
        read_binary(&path, &[], &whole[..end]);
    }
}

#[test]
fn modules_of_which_nothing_was_copied_are_not_vendored() {
    let reading = read(
        "vendor/modules.txt",
        "# example.test/used v1.0.0\n## explicit; go 1.20\nexample.test/used/pkg\n# example.test/idle v1.0.0\n## explicit\n# example.test/deep v0.1.0\nexample.test/deep\n# example.test/odd nope\nexample.test/odd\n",
    );
    assert_eq!(
        roles(&reading.packages),
        ["example.test/used Direct prod []", "example.test/deep Transitive prod []"]
    );
    assert_eq!(reading.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(8)]);
}

#[test]
fn the_linker_may_know_the_version_of_a_program() {
    let path = RepoPath::from_bytes(*b"bin/app").unwrap();
    let version = |own: &str, flags: &str| {
        let modules =
            format!("path\texample.test/app\nmod\texample.test/app\t{own}\t\nbuild\t-ldflags={flags}\n");
        let files = settle(read_binary(&path, &[], &program("go1.22.5", &modules)));
        named(&files[0].packages, "example.test/app").version.clone()
    };
    let told = |own, flags| version(own, flags).unwrap_or_default();
    assert_eq!(told("(devel)", "\"-s -w -X main.version=1.2.3\""), "v1.2.3");
    assert_eq!(told("(devel)", "\"-X=example.test/app/internal.Version=v1.2.3-rc.1 -s\""), "v1.2.3-rc.1");
    assert_eq!(
        told("(devel)", "\"-X 'example.test/app/cmd.Version=v9.9.9' -X 'main.version=v1.2.3'\""),
        "v1.2.3"
    );
    assert_eq!(told("v0.0.0-20240102030405-0123456789ab", "\"-X main.version=v1.2.3\""), "v1.2.3");
    assert_eq!(told("v1.0.0", "\"-X main.version=v1.2.3\""), "v1.0.0");
    for other in ["\"-X other.test/lib.Version=v1.2.3\"", "\"-X main.version=HEAD\"", "-s", ""] {
        assert_eq!(version("(devel)", other), None, "{other}");
    }
}

#[test]
fn the_language_says_nothing_of_an_old_toolchain() {
    let library = |text: &str| told(&read("go.mod", &format!("module m\n{text}\n")).packages);
    assert_eq!(library("go 1.20"), [""; 0]);
    assert_eq!(library("go 1.21"), ["stdlib@1.21"]);
    assert_eq!(library("go 1.20\ntoolchain go1.22.5"), ["stdlib@1.22.5"]);
}

#[test]
fn what_was_only_asked_for_versions_is_optional() {
    let sums = "example.test/one v1.0.0/go.mod h1:x=\nexample.test/one v1.1.0/go.mod h1:x=\nexample.test/two v1.0.0 h1:x=\nexample.test/two v1.2.0/go.mod h1:x=\n";
    let alone = read("go.sum", sums);
    assert_eq!(told(&alone.packages), ["example.test/one@v1.1.0", "example.test/two@v1.0.0"]);
    assert_eq!(alone.packages.iter().map(|one| one.scope.name()).collect::<Vec<_>>(), ["optional", "prod"]);
    let files = together(&[("go.mod", "module m\ngo 1.16\n"), ("go.sum", sums)]);
    assert_eq!(told(&files["go.sum"].packages), ["example.test/two@v1.0.0"]);
}

#[test]
fn a_workspace_replaces_versions_too() {
    let module = "module example.test/a\n\ngo 1.24\n\nrequire example.test/b v1.0.0\n";
    let work = "go 1.24\n\nuse ./a\n\nreplace example.test/b => example.test/b v1.2.0\n";
    let files = together(&[("a/go.mod", module), ("go.work", work)]);
    assert_eq!(told(&files["a/go.mod"].packages)[0], "example.test/b@v1.2.0");
}

#[test]
fn godep_names_folders_of_repositories() {
    let text = "{\"ImportPath\": \"example.test/own\", \"Deps\": [\n{\"ImportPath\": \"github.com/x/y/z\", \"Comment\": \"v1.2.0\", \"Rev\": \"0123456789012345678901234567890123456789\"},\n{\"ImportPath\": \"github.com/x/y\", \"Comment\": \"v1.2.0\", \"Rev\": \"0123456789012345678901234567890123456789\"},\n{\"ImportPath\": \"golang.org/x/net/html\", \"Comment\": \"v1.0-5-g012345678\", \"Rev\": \"1123456789012345678901234567890123456789\"},\n{\"ImportPath\": \"gopkg.in/yaml.v2/a\", \"Rev\": \"2123456789012345678901234567890123456789\"},\n{\"ImportPath\": \"other.test/a/b\", \"Rev\": \"3123456789012345678901234567890123456789\"},\n{\"ImportPath\": \"\"}]}";
    let reading = read("Godeps/Godeps.json", text);
    assert_eq!(
        told(&reading.packages),
        [
            "github.com/x/y@v1.2.0",
            "golang.org/x/net@1123456789012345678901234567890123456789",
            "gopkg.in/yaml.v2@2123456789012345678901234567890123456789",
            "other.test/a/b@3123456789012345678901234567890123456789",
        ]
    );
    assert_eq!(reading.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(7)]);
}

#[test]
fn govendor_names_folders_of_repositories() {
    let text = "{\"package\": [\n{\"path\": \"github.com/x/y/z\", \"revision\": \"0123456789012345678901234567890123456789\", \"version\": \"v1.2\", \"versionExact\": \"v1.2.3\"},\n{\"path\": \"example.test/a\", \"revision\": \"1123456789012345678901234567890123456789\"}], \"rootPath\": \"x\"}";
    let reading = read("vendor/vendor.json", text);
    assert_eq!(
        told(&reading.packages),
        ["github.com/x/y@v1.2.3", "example.test/a@1123456789012345678901234567890123456789"]
    );
    assert_eq!(reading.problems, []);
}

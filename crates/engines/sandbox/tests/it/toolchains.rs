//! What people build with works inside.

use std::path::Path;
use std::time::{Duration, Instant};

use palisade_model::Outcome;
use palisade_sandbox::{Access, Mount, Tool, detect_tools};

use crate::bench::{Bench, launcher};

fn with_tools(script: &str) -> (Outcome, String) {
    let home = std::env::home_dir().unwrap();
    let tools: Vec<Tool> = detect_tools(&home, &std::env::var_os("PATH").unwrap());
    let mut bench = Bench::shell(script);
    let mut path = Vec::new();
    for tool in tools {
        for host in tool.mounts {
            bench.spec.mounts.push(Mount { inside: host.clone(), host, access: Access::ReadOnly });
        }
        path.extend(tool.path_entries.iter().map(|entry| entry.display().to_string()));
        bench.spec.env.extend(tool.env);
    }
    path.push("/usr/local/bin:/usr/bin:/bin".to_owned());
    bench.spec.env.insert("PATH".to_owned(), path.join(":"));
    bench.spec.env.insert("HOME".to_owned(), "/home/build".to_owned());
    let deadline = Instant::now() + Duration::from_secs(120);
    let ended = bench.start(&launcher()).wait(Some(deadline), &Default::default()).unwrap();
    (ended.outcome, bench.output())
}

fn works(script: &str, expected: &str) {
    let (outcome, text) = with_tools(script);
    assert_eq!(outcome, Outcome::Succeeded, "{text}");
    assert!(text.contains(expected), "{text}");
}

#[test]
fn c_and_make() {
    works(
        "set -e; printf 'int puts(const char*); int main(void){puts(\"built\");return 0;}' > a.c
         printf 'a: a.c\\n\\tcc -O1 -o a a.c\\n' > Makefile; make -j4; ./a",
        "built",
    );
}

#[test]
fn python() {
    works(
        "python3 -c 'import json,subprocess,threading,multiprocessing as m
if __name__ == \"__main__\":
    with m.Pool(2) as p: print(\"sum\", sum(p.map(abs, [-1,-2,-3])))
    print(subprocess.check_output([\"echo\", \"sub\"]))'",
        "sum 6",
    );
}

/// Needs the toolchain that builds this crate to come from rustup, below the home folder.
#[test]
fn rust() {
    works(
        "set -e; cargo new --vcs none hello; cd hello; cargo run --offline; cargo test --offline",
        "Hello, world!",
    );
}

#[test]
fn credentials_are_no_tools() {
    let home = tempfile::tempdir().unwrap();
    for folder in
        [".cargo/bin", ".cargo/registry", ".rustup/toolchains", ".npm/_cacache", "go/pkg/mod", ".ssh", ".aws"]
    {
        std::fs::create_dir_all(home.path().join(folder)).unwrap();
    }
    for file in [".cargo/credentials.toml", ".npmrc", ".netrc", ".gitconfig"] {
        std::fs::write(home.path().join(file), "secret").unwrap();
    }
    let tools = detect_tools(home.path(), "relative:/usr/bin".as_ref());
    let seen: Vec<_> =
        tools.iter().flat_map(|tool| &tool.mounts).filter(|path| path.starts_with(home.path())).collect();
    assert_eq!(seen.len(), 5, "{seen:?}");
    for secret in [".cargo/credentials.toml", ".npmrc", ".netrc", ".gitconfig", ".ssh", ".aws"] {
        let secret = home.path().join(secret);
        assert!(!seen.iter().any(|mount| secret.starts_with(mount)), "{secret:?} is below a mount");
    }
    assert!(detect_tools(Path::new("/nonexistent"), "".as_ref()).is_empty());
}

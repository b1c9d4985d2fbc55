use anyhow::{Result, bail};

use crate::shell::{command, run, succeeds};

/// A program or module that tests use as an outside judge.
struct Need {
    /// What for.
    why: &'static str,
    /// A command that succeeds when it is there.
    probe: &'static [&'static str],
    /// The Debian package that brings it.
    package: &'static str,
}

const NEEDS: [Need; 20] = [
    Need { why: "the example is written in C", probe: &["cc", "--version"], package: "gcc" },
    Need { why: "oracle for the git source", probe: &["git", "--version"], package: "git" },
    Need { why: "oracle for keys and signatures", probe: &["openssl", "version"], package: "openssl" },
    Need { why: "runs jobs and validators", probe: &["python3", "--version"], package: "python3" },
    Need {
        why: "holds the pre-commit framework, which drives our hooks",
        probe: &["python3", "-c", "import ensurepip"],
        package: "python3-venv",
    },
    Need {
        why: "validates documents against their JSON Schema",
        probe: &["python3", "-c", "import jsonschema"],
        package: "python3-jsonschema",
    },
    Need { why: "runs tests as another user", probe: &["setpriv", "--version"], package: "util-linux" },
    Need {
        why: "fills disks that are not the machine's",
        probe: &["unshare", "--version"],
        package: "util-linux",
    },
    Need { why: "makes odd files", probe: &["mkfifo", "--version"], package: "coreutils" },
    Need { why: "makes archives", probe: &["tar", "--version"], package: "tar" },
    Need { why: "makes archives", probe: &["zip", "--version"], package: "zip" },
    Need { why: "makes archives", probe: &["gzip", "--version"], package: "gzip" },
    Need { why: "makes archives", probe: &["bzip2", "--help"], package: "bzip2" },
    Need { why: "makes archives", probe: &["xz", "--version"], package: "xz-utils" },
    Need { why: "makes archives", probe: &["zstd", "--version"], package: "zstd" },
    Need { why: "oracle for packages of rpm", probe: &["rpm", "--version"], package: "rpm" },
    Need { why: "makes packages of rpm", probe: &["rpmbuild", "--version"], package: "rpm" },
    Need {
        why: "a registry to pull images from",
        probe: &["docker-registry", "--version"],
        package: "docker-registry",
    },
    Need { why: "hashes a registry's passwords", probe: &["perl", "-e", "1"], package: "perl-base" },
    Need { why: "makes large files", probe: &["fallocate", "--version"], package: "util-linux" },
];

/// Installs what is missing, as root on Debian and its children; elsewhere says what to install and stops.
pub(crate) fn install() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !present(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if !(is_root() && succeeds(&mut command("apt-get", &["--version"]))) {
        let lines: Vec<String> =
            missing.iter().map(|need| format!("  {} ({})", need.probe.join(" "), need.why)).collect();
        bail!(
            "the tests need these to succeed:\n{}\non Debian and Ubuntu: sudo apt-get install {}",
            lines.join("\n"),
            packages.join(" ")
        );
    }
    run(&mut command("apt-get", &["update", "--quiet"]))?;
    let install = [&["install", "--yes", "--quiet", "--no-install-recommends"], packages.as_slice()].concat();
    run(command("apt-get", &install).env("DEBIAN_FRONTEND", "noninteractive"))?;
    still_missing()
}

/// A Python of the user's own does not see Debian's modules; then the registry serves.
fn still_missing() -> Result<()> {
    for need in NEEDS.iter().filter(|need| !present(need)) {
        match need.probe {
            ["python3", "-c", import] => {
                let module = import.trim_start_matches("import ");
                run(&mut command("python3", &["-m", "pip", "install", "--quiet", module]))?;
            }
            _ => bail!("`{}` still fails after installing {}", need.probe.join(" "), need.package),
        }
    }
    Ok(())
}

fn present(need: &Need) -> bool {
    need.probe.split_first().is_some_and(|(program, arguments)| succeeds(&mut command(program, arguments)))
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t0\t")))
}

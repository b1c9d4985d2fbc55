use std::collections::BTreeMap;

use palisade_image::{NodeKind, Visible, Walked};
use palisade_model::RepoPath;
use palisade_oci::{ContainerConfig, ImageConfig};

use crate::rules::Check;

/// Files that one rule names; one more flaw says how many others there are.
const MAX_FILES: usize = 50;

/// Ports of programs that let others in: ssh, telnet, rexec, rlogin, rsh, Docker without TLS, Remote Desktop, VNC.
const REMOTE_PORTS: [u16; 8] = [22, 23, 512, 513, 514, 2375, 3389, 5900];

/// Programs that distributions ship with a set-user-ID or set-group-ID bit.
const USUAL: &[&[u8]] = &[
    b"at",
    b"bbsuid",
    b"bwrap",
    b"chage",
    b"chfn",
    b"chrome-sandbox",
    b"chsh",
    b"crontab",
    b"dbus-daemon-launch-helper",
    b"doas",
    b"dotlockfile",
    b"exim4",
    b"expiry",
    b"fusermount",
    b"fusermount3",
    b"gpasswd",
    b"locate",
    b"mlocate",
    b"mount",
    b"mount.cifs",
    b"mount.nfs",
    b"newgidmap",
    b"newgrp",
    b"newuidmap",
    b"ntfs-3g",
    b"pam_extrausers_chkpwd",
    b"pam_timestamp_check",
    b"passwd",
    b"ping",
    b"ping4",
    b"ping6",
    b"pkexec",
    b"plocate",
    b"polkit-agent-helper-1",
    b"postdrop",
    b"postqueue",
    b"pppd",
    b"screen",
    b"sendmail",
    b"ssh-agent",
    b"ssh-keysign",
    b"staprun",
    b"su",
    b"sudo",
    b"sudoedit",
    b"umount",
    b"unix_chkpwd",
    b"userhelper",
    b"usernetctl",
    b"utempter",
    b"wall",
    b"write",
    b"bsd-write",
];

/// Where these programs lie.
const PROGRAM_FOLDERS: &[&str] =
    &["bin/", "sbin/", "lib/", "lib64/", "usr/bin/", "usr/sbin/", "usr/lib/", "usr/lib64/", "usr/libexec/"];

/// Something about an image that makes it easier to attack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flaw {
    pub(crate) check: Check,
    /// The file; none for the configuration.
    pub(crate) path: Option<RepoPath>,
    /// The layer of the file.
    pub(crate) layer: Option<u32>,
    /// What was seen, lower-case, no final stop.
    pub(crate) detail: String,
}

/// What is wrong with the configuration and with the permissions of the final root, sorted. In folders that hold a root there is no
/// configuration, and nothing is said of it.
pub(crate) fn flaws(config: Option<&ImageConfig>, walked: &Walked) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if let Some(config) = config {
        user(&config.config, &mut flaws);
        healthcheck(&config.config, &mut flaws);
        ports(&config.config, &mut flaws);
    }
    files(walked, &mut flaws);
    flaws.sort();
    flaws
}

fn flaw(check: Check, detail: String) -> Flaw {
    Flaw { check, path: None, layer: None, detail }
}

fn user(config: &ContainerConfig, flaws: &mut Vec<Flaw>) {
    let user = config.user.split(':').next().unwrap_or_default().trim();
    let is_zero = !user.is_empty() && user.bytes().all(|byte| byte == b'0');
    if user.is_empty() {
        flaws.push(flaw(Check::RunsAsRoot, "no user is set, so containers run as root".to_owned()));
    } else if user == "root" || is_zero {
        flaws.push(flaw(Check::RunsAsRoot, "the user is root".to_owned()));
    }
}

fn healthcheck(config: &ContainerConfig, flaws: &mut Vec<Flaw>) {
    let check = config.healthcheck.as_ref().map(|check| check.test.first().map(String::as_str));
    match check {
        None | Some(None) => flaws.push(flaw(Check::NoHealthcheck, "there is no health check".to_owned())),
        Some(Some("NONE")) => {
            flaws.push(flaw(Check::NoHealthcheck, "the health check is switched off".to_owned()))
        }
        Some(Some(_)) => {}
    }
}

fn ports(config: &ContainerConfig, flaws: &mut Vec<Flaw>) {
    for exposed in config.exposed_ports.iter().take(MAX_FILES) {
        let Some((first, last)) = range(exposed) else { continue };
        if let Some(port) = REMOTE_PORTS.iter().find(|port| (first..=last).contains(port)) {
            flaws.push(flaw(
                Check::RemoteAccessPort,
                format!("port {port} is exposed, which lets others in from afar"),
            ));
        } else if first < 1024 && last > 0 {
            flaws.push(flaw(
                Check::PrivilegedPort,
                format!("port {first} is exposed, which only root may open"),
            ));
        }
    }
}

/// `8080`, `8080/tcp`, `8000-8010/udp`.
fn range(exposed: &str) -> Option<(u16, u16)> {
    let ports = exposed.split('/').next()?;
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    Some((first.parse().ok()?, last.parse().ok()?))
}

fn files(walked: &Walked, flaws: &mut Vec<Flaw>) {
    let mut counts = BTreeMap::new();
    for file in walked.root() {
        let Some((check, detail)) = of_file(&file) else { continue };
        let count = counts.entry(check).or_insert(0_usize);
        *count += 1;
        if *count <= MAX_FILES {
            let path = RepoPath::from_bytes(file.path).ok();
            flaws.push(Flaw { check, path, layer: Some(file.layer), detail: detail.to_owned() });
        }
    }
    for (check, count) in counts.into_iter().filter(|(_, count)| *count > MAX_FILES) {
        flaws.push(flaw(check, format!("{} more files of this kind are not listed", count - MAX_FILES)));
    }
}

fn of_file(file: &Visible<'_>) -> Option<(Check, &'static str)> {
    let has = |bits: u16| file.mode & bits != 0;
    match file.kind {
        NodeKind::File if has(0o6000) && has(0o111) && !is_usual(file.path) => {
            let detail = if has(0o4000) {
                "runs as its owner, whoever starts it"
            } else {
                "runs as its group, whoever starts it"
            };
            Some((Check::UnusualSetuid, detail))
        }
        NodeKind::File if has(0o002) && (has(0o111) || file.path.starts_with(b"etc/")) => {
            Some((Check::WorldWritable, "anybody may change this file, and others run or trust it"))
        }
        NodeKind::Folder if has(0o002) && !has(0o1000) => {
            Some((Check::WorldWritable, "anybody may replace what others put into this folder"))
        }
        _ => None,
    }
}

fn is_usual(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let lies_well = PROGRAM_FOLDERS.iter().any(|folder| path.starts_with(folder.as_bytes()));
    // Debian calls the real program after the one that an alternative chooses.
    let stem = name.strip_suffix(b".distrib").or_else(|| name.strip_suffix(b".traditional")).unwrap_or(name);
    lies_well && USUAL.contains(&stem)
}

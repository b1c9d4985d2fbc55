//! Whose user id on the host a job runs under.

use std::fs;

use rustix::process::{getegid, geteuid};
use rustix::thread::{CapabilitySet, capabilities};

use crate::SandboxError;
use crate::spec::INSIDE_ID;

/// How many host users are set aside, and so how many sandboxes root can have at one time.
pub const SLOTS: u32 = 65_536;

/// First of the host users set aside: above what distributions and directories hand out, below 2^31.
const FIRST_HOST_ID: u32 = 1_900_000_000;

/// User and group id on the host that workspace, home and tmp of a job in `slot` must belong to. None when jobs run under our own
/// id: for ordinary users, for root without the capabilities to do better, and for slots out of range.
pub fn host_uid(slot: u32) -> Option<(u32, u32)> {
    let id = FIRST_HOST_ID + Some(slot).filter(|slot| *slot < SLOTS)?;
    let needed =
        CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::SYS_ADMIN | CapabilitySet::CHOWN;
    let able = capabilities(None).is_ok_and(|sets| sets.effective.contains(needed));
    (able && geteuid().is_root() && has_id("uid_map", id) && has_id("gid_map", id)).then_some((id, id))
}

/// Whether `id` exists in our own user namespace.
fn has_id(map: &str, id: u32) -> bool {
    fs::read_to_string(format!("/proc/self/{map}")).unwrap_or_default().lines().any(|line| {
        let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap_or(0_u64));
        let (Some(start), Some(_), Some(length)) = (numbers.next(), numbers.next(), numbers.next()) else {
            return false;
        };
        (start..start.saturating_add(length)).contains(&u64::from(id))
    })
}

/// Gives the one user inside its identity on the host.
pub(crate) fn write_maps(pid: u32, mapped: Option<(u32, u32)>) -> Result<(), SandboxError> {
    let (uid, gid) = mapped.unwrap_or_else(|| (geteuid().as_raw(), getegid().as_raw()));
    if mapped.is_none() {
        // user_namespaces(7): without it an ordinary user may not write gid_map, lest groups that deny be dropped (CVE-2014-8989).
        write(pid, "setgroups", "deny")?;
    }
    write(pid, "uid_map", &format!("{INSIDE_ID} {uid} 1"))?;
    write(pid, "gid_map", &format!("{INSIDE_ID} {gid} 1"))
}

fn write(pid: u32, file: &str, text: &str) -> Result<(), SandboxError> {
    fs::write(format!("/proc/{pid}/{file}"), text).map_err(|error| {
        let hint = "check that AppArmor or a container runtime does not restrict user namespaces";
        SandboxError::unavailable("a user namespace", error, hint)
    })
}

//! The last generation: gives everything up, then becomes the command.

use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, chdir, getrlimit, ioctl_tiocsctty, setrlimit, setsid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    configure_capability_in_ambient_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};

use crate::filter::{Filter, job_filter};
use crate::kernel::close_from;
use crate::spec::{HOME, TMP, WORKSPACE};
use crate::wire::{Assignment, send};
use crate::{Access, Guard, SandboxError, Spec};

/// The guards in force.
pub(super) type Guards = BTreeSet<Guard>;

/// Open files a job may have, if the host lets us have as many.
const OPEN_FILES: u64 = 65_536;

pub(super) fn run(assignment: &Assignment, voice: UnixStream) -> Result<(), SandboxError> {
    let error = match confine(assignment) {
        Ok((guards, filter)) => {
            send(&voice, &Ok::<_, SandboxError>(guards))?;
            match filter.install() {
                Ok(()) => execute(assignment),
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    send(&voice, &Err::<Guards, _>(error))
}

/// Everything up to the filter, which comes last because it forbids the rest.
fn confine(assignment: &Assignment) -> Result<(Guards, Filter), SandboxError> {
    let without = &assignment.without;
    let mut guards: Guards = Guard::ALL.into_iter().filter(|guard| !without.contains(guard)).collect();
    take_session(assignment.interactive)?;
    set_limits(assignment)?;
    let cwd = &assignment.spec.cwd;
    chdir(cwd).map_err(|error| SandboxError::io(format!("start in {}", cwd.display()), error))?;
    let settle = if without.contains(&Guard::Capabilities) { keep_capabilities } else { drop_capabilities };
    settle().map_err(|error| SandboxError::io("drop capabilities", error))?;
    close_from(3, true).map_err(|error| SandboxError::io("close files", error))?;
    if !without.contains(&Guard::NoNewPrivs) {
        set_no_new_privs(true).map_err(|error| SandboxError::io("refuse new privileges", error))?;
    }
    if !without.contains(&Guard::Landlock) && !restrict_files(&assignment.spec)? {
        guards.remove(&Guard::Landlock);
    }
    let filter = match without.contains(&Guard::Seccomp) {
        true => Filter::none(),
        false => job_filter()?,
    };
    Ok((guards, filter))
}

fn take_session(interactive: bool) -> Result<(), SandboxError> {
    let failed = |error| SandboxError::io("start a session", error);
    setsid().map_err(failed)?;
    if interactive {
        ioctl_tiocsctty(rustix::stdio::stdout()).map_err(failed)?;
        rustix::stdio::dup2_stdin(rustix::stdio::stdout()).map_err(failed)?;
    }
    Ok(())
}

fn set_limits(assignment: &Assignment) -> Result<(), SandboxError> {
    let limits = &assignment.spec.limits;
    let mut wanted =
        vec![(Resource::Core, 0), (Resource::Nofile, OPEN_FILES), (Resource::Fsize, limits.disk_bytes)];
    if !assignment.without.contains(&Guard::Processes) {
        // Helper and first process are of the same user.
        wanted.push((Resource::Nproc, limits.processes.saturating_add(2)));
    }
    for (resource, most) in wanted {
        let most = getrlimit(resource).maximum.map_or(most, |hard| hard.min(most));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| SandboxError::io("set resource limits", error))?;
    }
    Ok(())
}

/// None held, none inheritable, none that a file could give.
fn drop_capabilities() -> rustix::io::Result<()> {
    clear_ambient_capability_set()?;
    for bit in 0..u64::BITS {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            Ok(()) => {}
            // Past the last one the kernel knows.
            Err(rustix::io::Errno::INVAL) => break,
            Err(error) => return Err(error),
        }
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
}

/// All of them, through execve(2) too. For tests.
fn keep_capabilities() -> rustix::io::Result<()> {
    let held = capabilities(None)?.permitted;
    set_capabilities(None, CapabilitySets { effective: held, permitted: held, inheritable: held })?;
    held.iter().try_for_each(|capability| configure_capability_in_ambient_set(capability, true))
}

/// Landlock: writing below workspace, home, temporary files and devices, elsewhere reading and executing. False when the kernel
/// has none of it.
fn restrict_files(spec: &Spec) -> Result<bool, SandboxError> {
    let everything = AccessFs::from_all(ABI::V6);
    let writable = everything & !(AccessFs::MakeChar | AccessFs::MakeBlock);
    let apply = || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
        let ruleset = ruleset.handle_access(everything)?.scope(Scope::Signal | Scope::AbstractUnixSocket)?;
        let mut ruleset = ruleset.create()?;
        let read = AccessFs::from_read(ABI::V6);
        ruleset = ruleset.add_rule(PathBeneath::new(PathFd::new("/")?, read))?;
        for path in writable_paths(spec) {
            // A rule for a file must not speak of what only folders have.
            let access = if path.is_dir() { writable } else { writable & AccessFs::from_file(ABI::V6) };
            ruleset = ruleset.add_rule(PathBeneath::new(PathFd::new(path)?, access))?;
        }
        Ok(ruleset.restrict_self()?)
    };
    let status = apply().map_err(|error| SandboxError::io("apply Landlock", std::io::Error::other(error)))?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

fn writable_paths(spec: &Spec) -> impl Iterator<Item = &Path> {
    let fixed = [WORKSPACE, HOME, TMP, "/dev"].into_iter().map(Path::new);
    let mounts = spec.mounts.iter().filter(|mount| mount.access == Access::ReadWrite);
    fixed.chain(mounts.map(|mount| mount.inside.as_path()))
}

/// Returns only when it failed.
fn execute(assignment: &Assignment) -> SandboxError {
    let spec = &assignment.spec;
    let mut words = spec.argv.iter();
    let program = words.next().cloned().unwrap_or_default();
    let error = Command::new(&program).args(words).env_clear().envs(&spec.env).exec();
    SandboxError::Command { program, detail: error.to_string() }
}

//! Confinement of a process by itself: for the worker that parses hostile bytes, in the same program, without a helper.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getpid, getrlimit, set_dumpable_behavior, setrlimit,
};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs};
use seccompiler::{SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule, apply_filter_all_threads};

use crate::SandboxError;
use crate::filter::{NEW_NAMESPACE, Rules, all, equal, strict_program, unavailable, unsigned, without_bits};

/// Files a worker may have open.
const OPEN_FILES: u64 = 4096;

/// What reading, computing and answering on open descriptors take.
#[rustfmt::skip]
const WORKER: &[libc::c_long] = &[
    libc::SYS_brk, libc::SYS_clock_getres, libc::SYS_clock_gettime, libc::SYS_clock_nanosleep, libc::SYS_close,
    libc::SYS_dup, libc::SYS_exit, libc::SYS_exit_group, libc::SYS_fadvise64, libc::SYS_fcntl, libc::SYS_fstat,
    libc::SYS_fstatfs, libc::SYS_futex, libc::SYS_getcpu, libc::SYS_getcwd, libc::SYS_getdents64,
    libc::SYS_getegid, libc::SYS_geteuid, libc::SYS_getgid, libc::SYS_getpid, libc::SYS_getrandom,
    libc::SYS_getrusage, libc::SYS_gettid, libc::SYS_gettimeofday, libc::SYS_getuid, libc::SYS_lseek,
    libc::SYS_madvise, libc::SYS_membarrier, libc::SYS_mremap, libc::SYS_munmap, libc::SYS_nanosleep,
    libc::SYS_newfstatat, libc::SYS_ppoll, libc::SYS_pread64, libc::SYS_preadv, libc::SYS_read,
    libc::SYS_readahead, libc::SYS_readlinkat, libc::SYS_readv, libc::SYS_restart_syscall, libc::SYS_rseq,
    libc::SYS_rt_sigaction, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigreturn, libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield, libc::SYS_set_robust_list, libc::SYS_sigaltstack, libc::SYS_statx, libc::SYS_sysinfo,
    libc::SYS_uname, libc::SYS_write, libc::SYS_writev, libc::SYS_faccessat, libc::SYS_faccessat2,
];

/// The same in old clothes.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const WORKER_LEGACY: &[libc::c_long] = &[
    libc::SYS_access, libc::SYS_arch_prctl, libc::SYS_getdents, libc::SYS_lstat, libc::SYS_poll,
    libc::SYS_readlink, libc::SYS_stat, libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const WORKER_LEGACY: &[libc::c_long] = &[];

/// Confines the calling process for good: it can read below `folders`, use what is open, compute, and start threads; it cannot write
/// to any other file, execute, connect, look at or signal other processes, or gain anything. Returns the guards in force, sorted;
/// only `landlock` may be missing, and without it files outside remain readable as far as the user may.
///
/// Root gives up its capabilities too, but for reading any file (`CAP_DAC_READ_SEARCH`), so that it can still read what belongs to
/// somebody else below them.
///
/// # Errors
///
/// [`SandboxError::Threads`] unless there is exactly one thread; [`SandboxError::Unavailable`] when the kernel cannot filter calls.
/// After an error the process may be partly confined and should end.
pub fn confine_worker(folders: &[&Path]) -> Result<Vec<String>, SandboxError> {
    match crate::threads() {
        1 => {}
        threads => return Err(SandboxError::Threads(threads)),
    }
    let filter = strict_program(worker_rules()?)?;
    limit_files().map_err(|error| SandboxError::io("set resource limits", error))?;
    drop_capabilities().map_err(|error| SandboxError::io("drop capabilities", error))?;
    set_no_new_privs(true).map_err(|error| SandboxError::io("refuse new privileges", error))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| SandboxError::io("forbid looking inside", error))?;
    let mut guards = vec!["capabilities", "no-new-privs", "not-dumpable", "rlimits", "seccomp"];
    if restrict_files(folders)? {
        guards.insert(1, "landlock");
    }
    apply_filter_all_threads(&filter).map_err(unavailable)?;
    Ok(guards.into_iter().map(str::to_owned).collect())
}

fn limit_files() -> rustix::io::Result<()> {
    let files = getrlimit(Resource::Nofile).maximum.map_or(OPEN_FILES, |hard| hard.min(OPEN_FILES));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum: Some(files) })
}

fn drop_capabilities() -> rustix::io::Result<()> {
    let kept = capabilities(None)?.permitted & CapabilitySet::DAC_READ_SEARCH;
    let inheritable = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable })
}

fn restrict_files(folders: &[&Path]) -> Result<bool, SandboxError> {
    let apply = || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
        let ruleset = ruleset.handle_access(AccessFs::from_all(ABI::V6))?;
        let ruleset = ruleset.handle_access(AccessNet::from_all(ABI::V6))?;
        let mut ruleset = ruleset.scope(Scope::Signal | Scope::AbstractUnixSocket)?.create()?;
        for folder in folders {
            let read = AccessFs::ReadFile | AccessFs::ReadDir;
            ruleset = ruleset.add_rule(PathBeneath::new(PathFd::new(folder)?, read))?;
        }
        Ok(ruleset.restrict_self()?)
    };
    let status = apply().map_err(|error| SandboxError::io("apply Landlock", std::io::Error::other(error)))?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

fn worker_rules() -> Result<Rules, SandboxError> {
    let one = |rule: SeccompRule| vec![rule];
    let mut rules: Rules = WORKER.iter().chain(WORKER_LEGACY).map(|call| (*call, Vec::new())).collect();
    let bits = |flags: libc::c_int| unsigned(flags);
    let writes = bits(libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND)
        | bits(libc::O_TMPFILE & !libc::O_DIRECTORY);
    rules.insert(libc::SYS_openat, one(all(&[without_bits(2, writes)])?));
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, one(all(&[without_bits(1, writes)])?));
    rules.insert(libc::SYS_mmap, one(all(&[without_bits(2, bits(libc::PROT_EXEC))])?));
    rules.insert(libc::SYS_mprotect, one(all(&[without_bits(2, bits(libc::PROT_EXEC))])?));
    // A thread and nothing else: threads share memory and signal handlers, and stay in their namespaces.
    let thread = bits(libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD);
    let only_thread = (0, SeccompCmpOp::MaskedEq(thread | NEW_NAMESPACE), thread);
    rules.insert(libc::SYS_clone, one(all(&[only_thread])?));
    rules.insert(libc::SYS_prctl, one(all(&[equal(0, bits(libc::PR_SET_NAME))])?));
    let own = u64::from(getpid().as_raw_nonzero().get().cast_unsigned());
    rules.insert(libc::SYS_tgkill, one(all(&[equal(0, own)])?));
    // Reading limits only: the new ones are a pointer, looked at in both halves.
    let reading = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0);
    let reading = reading.and_then(|condition| SeccompRule::new(vec![condition])).map_err(unavailable)?;
    rules.insert(libc::SYS_prlimit64, one(reading));
    Ok(rules)
}

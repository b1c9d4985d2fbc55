//! The job's system call filter: what toolchains need is allowed, the rest is refused.
//!
//! One program of two parts. The *front* kills foreign architectures, and answers ENOSYS where C libraries know an older call to
//! fall back on, and to calls newer than our table: EPERM there breaks programs on every new kernel. Of all others it allows or
//! refuses with EPERM what it can by number. The *table* behind it looks at the arguments of the rest.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};

use crate::SandboxError;
use crate::syscalls::{ABSENT, ALLOWED, FCHMODAT2, LEGACY, NEWEST};

/// Namespace flags of clone(2), all of them.
pub(crate) const NEW_NAMESPACE: u64 = (libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWUTS) as u64;
/// TIOCSTI, TIOCLINUX, TIOCSETD of asm-generic/ioctls.h; their type in the libc crate differs between C libraries.
const INPUT_REQUESTS: [u64; 3] = [0x5412, 0x541c, 0x5423];
const SET_ID_BITS: u64 = 0o6000;
const CREATES: u64 = (libc::O_CREAT | (libc::O_TMPFILE & !libc::O_DIRECTORY)) as u64;
const X32_BIT: u32 = 0x4000_0000;

/// A program, or none at all for tests.
#[derive(Debug)]
pub(crate) struct Filter(Option<BpfProgram>);

/// What the filter does in each case. The real one is [`Answers::real`]; a test gives every case an error number of its own, so
/// that it can try each call without anything happening.
#[derive(Debug, Clone)]
struct Answers {
    allowed: SeccompAction,
    denied: SeccompAction,
    absent: u16,
}

impl Answers {
    fn real() -> Self {
        let errno = |code| u32::try_from(code).unwrap_or(1);
        Self {
            allowed: SeccompAction::Allow,
            denied: SeccompAction::Errno(errno(libc::EPERM)),
            absent: u16::try_from(libc::ENOSYS).unwrap_or(38),
        }
    }
}

impl Filter {
    /// No filter, for tests.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Applies it to the calling thread. The last thing done before execve(2).
    pub(crate) fn install(&self) -> Result<(), SandboxError> {
        self.0.iter().try_for_each(|program| apply_filter(program)).map_err(unavailable)
    }
}

/// The real filter.
pub(crate) fn job_filter() -> Result<Filter, SandboxError> {
    build(&Answers::real())
}

/// A filter with other answers.
fn build(answers: &Answers) -> Result<Filter, SandboxError> {
    program(rules()?, answers).map(Some).map(Filter)
}

/// The front, and a table of those `rules` that look at arguments.
fn program(rules: Rules, answers: &Answers) -> Result<BpfProgram, SandboxError> {
    let target = TargetArch::try_from(ARCH).map_err(unavailable)?;
    let front = front(&rules, answers);
    let tested = rules.into_iter().filter(|(_, tests)| !tests.is_empty()).collect();
    let table = SeccompFilter::new(tested, answers.denied.clone(), answers.allowed.clone(), target);
    let table = table.and_then(BpfProgram::try_from).map_err(unavailable)?;
    // Jumps are relative, so a program can stand before another and fall through into it.
    Ok([front, table].concat())
}

/// A program that allows by `rules`, denies what they leave out, and has the same front as a job's.
pub(crate) fn strict_program(rules: Rules) -> Result<BpfProgram, SandboxError> {
    program(rules, &Answers::real())
}

pub(crate) fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> SandboxError {
    let hint = "a kernel with CONFIG_SECCOMP_FILTER on x86_64 or aarch64 is needed";
    SandboxError::unavailable("a system call filter", std::io::Error::other(error), hint)
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

const fn step(code: u16, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

/// What the number alone says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Return(u32),
    /// The arguments decide: on to the table.
    Look,
}

/// Everything that needs no look at arguments. seccomp(2): the number is at offset 0 of `struct seccomp_data`, the architecture at
/// 4. A search, not a list: the kernel translates the program and runs it for every number each time it is installed.
fn front(rules: &Rules, answers: &Answers) -> BpfProgram {
    let architecture = match ARCH {
        "x86_64" => 0xc000_003e,
        _ => 0xc000_00b7,
    };
    let mut program = vec![
        step(LOAD, 0, 0, 4),
        step(EQUAL, 1, 0, architecture),
        step(RETURN, 0, 0, libc::SECCOMP_RET_KILL_PROCESS),
        step(LOAD, 0, 0, 0),
        // x32 calls come with the same architecture and this bit.
        step(AT_LEAST, 0, 1, X32_BIT),
        step(RETURN, 0, 0, libc::SECCOMP_RET_KILL_PROCESS),
    ];
    program.extend(search(&ranges(rules, answers), 0));
    program
}

/// From which number on which verdict holds; begins with 0.
fn ranges(rules: &Rules, answers: &Answers) -> Vec<(u32, Verdict)> {
    let verdict = |number: i64| match rules.get(&number) {
        _ if number > NEWEST || ABSENT.contains(&number) => {
            Verdict::Return(libc::SECCOMP_RET_ERRNO | u32::from(answers.absent))
        }
        Some(tests) if tests.is_empty() => Verdict::Return(answers.allowed.clone().into()),
        Some(_) => Verdict::Look,
        None => Verdict::Return(answers.denied.clone().into()),
    };
    let mut ranges: Vec<(u32, Verdict)> = (0_u32..).zip((0..=NEWEST + 1).map(verdict)).collect();
    ranges.dedup_by_key(|(_, verdict)| *verdict);
    ranges
}

/// Finds the verdict of the number that is loaded. `after` steps stand between the end of this program and the table.
fn search(ranges: &[(u32, Verdict)], after: u32) -> BpfProgram {
    let length = |program: &BpfProgram| u32::try_from(program.len()).unwrap_or(u32::MAX);
    let (low, high) = ranges.split_at(ranges.len() / 2);
    match (low, high) {
        ([_, ..], [(start, _), ..]) => {
            let high = search(high, after);
            let low = search(low, after + length(&high));
            // Conditional jumps reach no further than 255 steps.
            let test = [step(AT_LEAST, 0, 1, *start), step(JUMP, 0, 0, length(&low))];
            [&test, low.as_slice(), high.as_slice()].concat()
        }
        (_, [(_, Verdict::Return(answer))]) => vec![step(RETURN, 0, 0, *answer)],
        _ => vec![step(JUMP, 0, 0, after)],
    }
}

pub(crate) type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn rules() -> Result<Rules, SandboxError> {
    let mut rules: Rules = ALLOWED.iter().chain(LEGACY).map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, vec![all(&[without_bits(0, NEW_NAMESPACE)])?]);
    rules.insert(libc::SYS_socket, sockets()?);
    rules.insert(libc::SYS_socketpair, vec![all(&[equal(0, unsigned(libc::AF_UNIX))])?]);
    // CVE-2017-5226, CVE-2023-1523: these push input into a terminal. The kernel looks at 32 bits, so does the comparison. Line
    // disciplines load kernel modules.
    rules.insert(libc::SYS_ioctl, vec![all(&INPUT_REQUESTS.map(|request| differs(1, request)))?]);
    let personalities = [0, 0xffff_ffff, unsigned(libc::ADDR_NO_RANDOMIZE)];
    let personalities = personalities.iter().map(|value| all(&[equal(0, *value)]));
    rules.insert(libc::SYS_personality, personalities.collect::<Result<_, _>>()?);
    modes(&mut rules)?;
    Ok(rules)
}

/// socket(2): local ones; internet ones of the common protocols, since others make the kernel load modules that nobody uses and
/// many have attacked (DCCP: CVE-2017-6074, SCTP, L2TP); and questions about interfaces and routes.
fn sockets() -> Result<Vec<SeccompRule>, SandboxError> {
    const PROTOCOLS: [libc::c_int; 6] = [
        0,
        libc::IPPROTO_ICMP,
        libc::IPPROTO_TCP,
        libc::IPPROTO_UDP,
        libc::IPPROTO_ICMPV6,
        libc::IPPROTO_MPTCP,
    ];
    // 2 and 10, and no other family differs from them in this bit alone.
    let either = unsigned(libc::AF_INET ^ libc::AF_INET6);
    let internet = (0, SeccompCmpOp::MaskedEq(u64::from(u32::MAX) & !either), unsigned(libc::AF_INET));
    // Stream, datagram and raw are 1 to 3; the flags are further up.
    let kind = without_bits(1, 0xc);
    let mut rules = PROTOCOLS
        .map(|protocol| all(&[internet.clone(), kind.clone(), equal(2, unsigned(protocol))]))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    rules.push(all(&[equal(0, unsigned(libc::AF_UNIX))])?);
    rules.push(all(&[equal(0, unsigned(libc::AF_NETLINK)), equal(2, unsigned(libc::NETLINK_ROUTE))])?);
    Ok(rules)
}

/// No file gets a set-user-id or set-group-id bit: it would outlive the job, under the id of whoever ran it.
fn modes(rules: &mut Rules) -> Result<(), SandboxError> {
    rules.insert(libc::SYS_fchmod, vec![all(&[without_bits(1, SET_ID_BITS)])?]);
    rules.insert(libc::SYS_fchmodat, vec![all(&[without_bits(2, SET_ID_BITS)])?]);
    rules.insert(FCHMODAT2, vec![all(&[without_bits(2, SET_ID_BITS)])?]);
    rules.insert(libc::SYS_openat, opening(2)?);
    rules.insert(libc::SYS_mknodat, making(2)?);
    #[cfg(target_arch = "x86_64")]
    {
        rules.insert(libc::SYS_chmod, vec![all(&[without_bits(1, SET_ID_BITS)])?]);
        rules.insert(libc::SYS_creat, vec![all(&[without_bits(1, SET_ID_BITS)])?]);
        rules.insert(libc::SYS_open, opening(1)?);
        rules.insert(libc::SYS_mknod, making(1)?);
    }
    Ok(())
}

/// open(2) with its flags at `flags`: the mode after them counts only when a file may be made.
fn opening(flags: u8) -> Result<Vec<SeccompRule>, SandboxError> {
    Ok(vec![all(&[without_bits(flags, CREATES)])?, all(&[without_bits(flags + 1, SET_ID_BITS)])?])
}

/// mknod(2) with its mode at `mode`: plain files, fifos and sockets, never devices.
fn making(mode: u8) -> Result<Vec<SeccompRule>, SandboxError> {
    let kinds = [0, libc::S_IFREG, libc::S_IFIFO, libc::S_IFSOCK];
    let kind = |kind: &u32| {
        let mask = u64::from(libc::S_IFMT) | SET_ID_BITS;
        all(&[(mode, SeccompCmpOp::MaskedEq(mask), u64::from(*kind))])
    };
    kinds.iter().map(kind).collect()
}

pub(crate) type Test = (u8, SeccompCmpOp, u64);

pub(crate) fn equal(argument: u8, value: u64) -> Test {
    (argument, SeccompCmpOp::Eq, value)
}

pub(crate) fn without_bits(argument: u8, bits: u64) -> Test {
    (argument, SeccompCmpOp::MaskedEq(bits), 0)
}

fn differs(argument: u8, value: u64) -> Test {
    (argument, SeccompCmpOp::Ne, value)
}

pub(crate) fn unsigned(value: libc::c_int) -> u64 {
    u64::from(value.cast_unsigned())
}

/// A rule that holds when all `tests` do. Every argument looked at is an `int` to the kernel, so 32 bits are compared: a filter
/// that looked at 64 could be passed by with rubbish in the upper half.
pub(crate) fn all(tests: &[Test]) -> Result<SeccompRule, SandboxError> {
    let condition = |(argument, operator, value): &Test| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator.clone(), *value)
    };
    let conditions = tests.iter().map(condition).collect::<Result<_, _>>();
    conditions.and_then(SeccompRule::new).map_err(unavailable)
}

/// Installs the filter with an error number for every answer (allowed, denied, absent), for the test of the whole table.
#[cfg(feature = "weaken")]
#[doc(hidden)]
pub fn install_labelled_filter(allowed: u16, denied: u16, absent: u16) -> Result<(), SandboxError> {
    let label = |number: u16| SeccompAction::Errno(number.into());
    build(&Answers { allowed: label(allowed), denied: label(denied), absent })?.install()
}

//! System calls that rustix does not offer in safe form. All `unsafe` of the project that is not a memory map is here.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitOptions, waitpid};
use rustix::thread::UnshareFlags;

/// `struct mount_attr` of mount_setattr(2).
#[repr(C)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns_fd: u64,
}

/// Read-only.
pub(crate) const ATTR_RDONLY: u64 = libc::MOUNT_ATTR_RDONLY;
/// Set-user-id bits do nothing.
pub(crate) const ATTR_NOSUID: u64 = libc::MOUNT_ATTR_NOSUID;
/// Device nodes do nothing.
pub(crate) const ATTR_NODEV: u64 = libc::MOUNT_ATTR_NODEV;
/// Nothing can be executed.
pub(crate) const ATTR_NOEXEC: u64 = libc::MOUNT_ATTR_NOEXEC;

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Sets `attributes` on the mount `tree`, and on all below it when `recursive`; makes them private.
pub(crate) fn mount_setattr(tree: impl AsFd, attributes: u64, recursive: bool) -> io::Result<()> {
    let attr = MountAttr { set: attributes, clear: 0, propagation: libc::MS_PRIVATE, userns_fd: 0 };
    change_mount(&tree, &attr, if recursive { libc::AT_RECURSIVE } else { 0 })
}

/// Makes the mount `tree`, and none below it, show what belongs to a user inside `namespace` as belonging to the user outside.
pub(crate) fn map_owners(tree: impl AsFd, namespace: impl AsFd) -> io::Result<()> {
    let userns_fd = u64::try_from(namespace.as_fd().as_raw_fd()).map_err(io::Error::other)?;
    let attr = MountAttr { set: libc::MOUNT_ATTR_IDMAP, clear: 0, propagation: 0, userns_fd };
    change_mount(&tree, &attr, 0)
}

fn change_mount(tree: &impl AsFd, attr: &MountAttr, flags: libc::c_int) -> io::Result<()> {
    let flags = libc::AT_EMPTY_PATH | flags;
    let fd = tree.as_fd().as_raw_fd();
    #[expect(unsafe_code, reason = "neither std nor rustix offers mount_setattr")]
    // SAFETY: the path is a C string, and `attr` lives during the call and has the size that is given.
    let result = unsafe {
        let size = size_of::<MountAttr>();
        libc::syscall(libc::SYS_mount_setattr, fd, c"".as_ptr(), flags, std::ptr::from_ref(attr), size)
    };
    checked(result).map(drop)
}

/// Closes every descriptor from `first` on; when `on_exec`, not before a successful execve(2).
pub(crate) fn close_from(first: u32, on_exec: bool) -> io::Result<()> {
    let flags = if on_exec { libc::CLOSE_RANGE_CLOEXEC } else { 0 };
    #[expect(unsafe_code, reason = "neither std nor rustix offers close_range")]
    // SAFETY: takes integers only. No value in this process owns a descriptor that is closed here: the helper calls it before it
    // opens anything; marking for execve(2) invalidates nothing.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, flags) };
    checked(result).map(drop)
}

/// The two sides of a fork.
pub(crate) enum Side {
    Parent(Pid),
    Child,
}

/// Splits the helper in two. Refused in a process with several threads.
pub(crate) fn fork() -> io::Result<Side> {
    if crate::threads() != 1 {
        return Err(io::Error::other("the helper has threads"));
    }
    #[expect(unsafe_code, reason = "std has no fork")]
    // SAFETY: with a single thread, no lock can be held by a thread that does not exist in the child.
    let pid = unsafe { libc::fork() };
    let pid = checked(pid.into())?;
    Ok(i32::try_from(pid).ok().and_then(Pid::from_raw).map_or(Side::Child, Side::Parent))
}

/// A process that sits in a user namespace of its own, which has no identities yet, until this is dropped.
pub(crate) struct Sitter {
    pub(crate) pid: Pid,
    /// The process ends when this is closed, by us or by our death.
    lifeline: Option<OwnedFd>,
}

impl Sitter {
    pub(crate) fn new() -> io::Result<Self> {
        let (end, lifeline) = pipe_with(PipeFlags::CLOEXEC)?;
        let flags = libc::CLONE_NEWUSER | libc::SIGCHLD;
        let (read, write) = (end.as_raw_fd(), lifeline.as_raw_fd());
        #[expect(unsafe_code, reason = "std has no clone")]
        // SAFETY: no stack is given, so this is a fork. The child makes system calls only, on descriptors of its own copy of the
        // table and on a byte of its own stack, and never returns.
        let pid = unsafe {
            let pid = libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0);
            if pid == 0 {
                let mut nothing = 0_u8;
                libc::close(write);
                libc::read(read, (&raw mut nothing).cast(), 1);
                libc::_exit(0);
            }
            pid
        };
        let pid = i32::try_from(checked(pid)?).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("clone answered with no process"))?;
        Ok(Self { pid, lifeline: Some(lifeline) })
    }
}

impl Drop for Sitter {
    fn drop(&mut self) {
        self.lifeline = None;
        while matches!(waitpid(Some(self.pid), WaitOptions::empty()), Err(rustix::io::Errno::INTR)) {}
    }
}

/// unshare(2) for namespaces.
pub(crate) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    #[expect(unsafe_code, reason = "unsharing file descriptors would break I/O safety")]
    // SAFETY: only namespaces are unshared; the descriptor table is not touched.
    unsafe { rustix::thread::unshare_unsafe(flags - UnshareFlags::FILES) }.map_err(Into::into)
}

/// Brings the loopback interface of the current network namespace up.
pub(crate) fn raise_loopback() -> io::Result<()> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    let mut name = [0; libc::IFNAMSIZ];
    for (to, from) in name.iter_mut().zip(b"lo") {
        *to = libc::c_char::try_from(*from).unwrap_or_default();
    }
    let flags = libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).unwrap_or_default();
    let request =
        libc::ifreq { ifr_name: name, ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: flags } };
    #[expect(unsafe_code, reason = "rustix does not offer SIOCSIFFLAGS")]
    // SAFETY: `request` is the structure that netdevice(7) asks for, fully initialised where the kernel reads it, and outlives the
    // call.
    let result =
        unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as libc::Ioctl, &raw const request) };
    checked(result.into()).map(drop)
}

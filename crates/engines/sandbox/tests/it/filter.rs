#![cfg(target_arch = "x86_64")]

use std::collections::BTreeMap;
use std::process::Command;

use crate::bench::helper;

const TABLE: &str = include_str!("../syscalls-x86_64.txt");

/// Number to verdict; what the table does not name is unassigned.
fn reviewed() -> BTreeMap<u32, String> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let (number, rest) = line.split_once(' ').unwrap();
        let (_, verdict) = rest.split_once(' ').unwrap();
        (number.parse().unwrap(), verdict.trim_end_matches('*').to_owned())
    });
    parsed.collect()
}

/// What the sandbox contract forbids whatever else changes: name spaces, keys, kernel programs, looking into others, asynchronous
/// rings, mounting, kernel images and modules, hardware, clocks, file handles.
const FORBIDDEN: &str = "setns unshare clone3 add_key keyctl request_key bpf perf_event_open ptrace process_vm_readv \
    process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp io_uring_setup io_uring_enter io_uring_register \
    userfaultfd mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick \
    mount_setattr statmount listmount kexec_load kexec_file_load init_module finit_module delete_module create_module \
    iopl ioperm modify_ldt name_to_handle_at open_by_handle_at quotactl quotactl_fd lookup_dcookie nfsservctl swapon \
    swapoff acct reboot syslog settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname uselib \
    fanotify_init memfd_secret openat2";

#[test]
fn the_review_keeps_to_the_contract() {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let answers: BTreeMap<&str, &str> = lines
        .map(|line| {
            let mut fields = line.split(' ').skip(1);
            (fields.next().unwrap(), fields.next().unwrap())
        })
        .collect();
    for name in FORBIDDEN.split_whitespace() {
        assert!(matches!(answers.get(name), Some(&("deny" | "absent"))), "{name}: {:?}", answers.get(name));
    }
    assert_eq!(answers.get("read"), Some(&"allow"));
}

#[test]
fn every_call_gets_the_reviewed_answer() {
    let output = Command::new(helper()).arg("syscalls").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let reviewed = reviewed();
    assert!(reviewed.len() > 370);
    let mut seen = 0;
    for line in text.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        match fields.as_slice() {
            // SIGSYS.
            ["x32" | "i386", _, signal] => assert_eq!(*signal, "31", "{line}"),
            [number, label] => {
                let number: u32 = number.parse().unwrap();
                let answer = match *label {
                    "201" => "allow",
                    "202" => "deny",
                    "203" => "absent",
                    _ => panic!("{line}"),
                };
                let unassigned = if number < 424 { "deny" } else { "absent" };
                let expected = reviewed.get(&number).map_or(unassigned, String::as_str);
                assert_eq!(answer, expected, "call {number}");
            }
            _ => panic!("{line}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 601 - 2 + 11 + 1);
}

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

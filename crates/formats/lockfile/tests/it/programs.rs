//! Programs that are made to cost much: the same bytes claimed again and again.

use palisade_lockfile::{Record, read_binary};
use palisade_model::RepoPath;

/// Numbers of little-endian ELF and Mach-O files.
trait Put {
    fn u16(&mut self, numbers: &[u16]);
    fn u32(&mut self, numbers: &[u32]);
    fn u64(&mut self, numbers: &[u64]);
}

impl Put for Vec<u8> {
    fn u16(&mut self, numbers: &[u16]) {
        self.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn u32(&mut self, numbers: &[u32]) {
        self.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn u64(&mut self, numbers: &[u64]) {
        self.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
}

/// The header of an ELF file for x86-64 whose segments' headers follow it.
fn elf(segments: u16, section_headers: u64, sections: u16) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.u16(&[2, 62]);
    file.u32(&[1]);
    file.u64(&[0, 64, section_headers]);
    file.u32(&[0]);
    file.u16(&[64, 56, segments, 64, sections, sections.saturating_sub(1)]);
    file
}

fn read(bytes: &[u8]) -> Vec<Record> {
    read_binary(&RepoPath::from_bytes(*b"a").unwrap(), &[], bytes)
}

fn problems(bytes: &[u8]) -> Vec<String> {
    let told =
        |record: Record| record.reading().problems.iter().map(|problem| problem.detail.clone()).collect();
    read(bytes).into_iter().flat_map::<Vec<String>, _>(told).collect()
}

#[test]
fn segments_that_lie_over_each_other_are_not_searched_each() {
    let count = 40_000;
    let size = 64 + 56 * u64::from(count) + (1 << 20);
    let mut file = elf(count, 0, 0);
    for _ in 0..count {
        file.u32(&[1, 6]);
        file.u64(&[0, 0, 0, size, size, 16]);
    }
    file.resize(usize::try_from(size).unwrap(), 0);
    assert!(read(&file).is_empty());
}

#[test]
fn sections_that_share_a_long_name_are_not_compared_each() {
    let (count, name) = (50_000_u16, 8_u64 << 20);
    let table = 64 + name + 1;
    let mut file = elf(0, table, count);
    file.resize(usize::try_from(table - 1).unwrap(), b'x');
    file.push(0);
    for _ in 0..count {
        file.u32(&[0, 3]);
        file.u64(&[0, 0, 64, name + 1]);
        file.u32(&[0, 0]);
        file.u64(&[1, 0]);
    }
    assert_eq!(problems(&file), ["has more names of sections than are read"]);
}

#[test]
fn more_images_than_any_processor_needs_are_told() {
    let fat = |count: u32| {
        let mut file = b"\xca\xfe\xba\xbe".to_vec();
        file.extend(count.to_be_bytes());
        let image = u32::try_from(file.len()).unwrap() + 20 * count;
        for _ in 0..count {
            file.extend([0x0100_0007, 3, image, 32, 0].into_iter().flat_map(u32::to_be_bytes));
        }
        file.u32(&[0xfeed_facf, 0x0100_0007, 3, 2, 0, 0, 0, 0]);
        file
    };
    assert_eq!(problems(&fat(2)), [""; 0]);
    assert_eq!(problems(&fat(200_000)), ["is a program for more processors than are read"]);
}

/// It begins as a fat file with 52 images does.
#[test]
fn a_class_of_java_is_no_program() {
    let mut class = b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec();
    class.resize(4096, 7);
    assert!(read(&class).is_empty());
}

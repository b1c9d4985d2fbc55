//! A pack delta: what it makes is what a plain reading of the format makes, and each copy is true.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_git::parse_delta;

/// The first byte says how much of the rest is the base.
fuzz_target!(|bytes: &[u8]| {
    let Some((&split, rest)) = bytes.split_first() else { return };
    let (base, delta) = rest.split_at(usize::from(split).min(rest.len()));
    let plain = plain(base, delta);
    let Ok(parsed) = parse_delta(delta) else { return assert_eq!(plain, None) };
    if parsed.result_bytes() > 1 << 20 {
        return;
    }
    let (mut object, mut copies) = (b"left over".to_vec(), Vec::new());
    let made = parsed.apply(base, &mut object, &mut copies);
    assert!(object.len() <= parsed.result_bytes());
    assert_eq!(made.is_ok().then_some(&object), plain.as_ref());
    if made.is_err() {
        return;
    }
    let mut end = 0;
    for copy in &copies {
        assert!(copy.to >= end && copy.len > 0);
        end = copy.to + copy.len;
        assert_eq!(object[copy.to..end], base[copy.from..copy.from + copy.len]);
    }
    for pair in copies.windows(2) {
        assert!(pair[0].to + pair[0].len != pair[1].to || pair[0].from + pair[0].len != pair[1].from);
    }
});

/// gitformat-pack(5), "Deltified representation", word for word.
fn plain(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = delta.iter().copied();
    let mut size = || {
        let (mut value, mut shift) = (0u128, 0);
        loop {
            let byte = bytes.next()?;
            value |= u128::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            if shift >= 63 {
                return None;
            }
        }
    };
    let (base_size, result_size) = (size()?, size()?);
    if base_size != base.len() as u128 {
        return None;
    }
    let mut object = Vec::new();
    while let Some(instruction) = bytes.next() {
        if instruction == 0 {
            return None;
        }
        if instruction < 0x80 {
            for _ in 0..instruction {
                object.push(bytes.next()?);
            }
            continue;
        }
        let mut arguments = [0u8; 7];
        for (bit, argument) in arguments.iter_mut().enumerate() {
            if instruction >> bit & 1 == 1 {
                *argument = bytes.next()?;
            }
        }
        let [a, b, c, d, e, f, g] = arguments;
        let offset = u32::from_le_bytes([a, b, c, d]) as usize;
        let size = match u32::from_le_bytes([e, f, g, 0]) as usize {
            0 => 0x10000,
            size => size,
        };
        object.extend_from_slice(base.get(offset..offset.checked_add(size)?)?);
        if object.len() > 1 << 21 {
            return None;
        }
    }
    (object.len() as u128 == result_size).then_some(object)
}

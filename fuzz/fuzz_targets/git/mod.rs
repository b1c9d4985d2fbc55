//! What the targets about git share.

/// What a delta makes of its base; none when it is none. gitformat-pack(5), "Deltified representation", word for word.
pub fn plain(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
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

//! Numbers with points between them.

use crate::key::Key;
use crate::order::Encoded;
use crate::scan::{is_number, take_dotted, without_trailing_zeros};

const END: u8 = 0x01;

/// R: points and hyphens are the same, and a longer list stands above its beginning.
pub(crate) fn encode_cran(text: &str, key: &mut Key) -> Encoded {
    let numbers: Vec<&str> = text.split(['.', '-']).collect();
    if !numbers.iter().all(|number| is_number(number)) {
        return Err("it is not made of numbers with points or hyphens between them");
    }
    numbers.iter().for_each(|number| key.number(number));
    key.tag(END);
    Ok(numbers.len() > 1)
}

/// Haskell: a longer list stands above its beginning.
pub(crate) fn encode_hackage(text: &str, key: &mut Key) -> Encoded {
    let numbers = dotted(text)?;
    numbers.iter().for_each(|number| key.number(number));
    key.tag(END);
    Ok(true)
}

/// Missing numbers are zeros.
pub(crate) fn encode_padded(text: &str, key: &mut Key) -> Encoded {
    let numbers = dotted(text)?;
    without_trailing_zeros(&numbers).iter().for_each(|number| key.number(number));
    key.tag(END);
    Ok(true)
}

fn dotted(text: &str) -> Result<Vec<&str>, &'static str> {
    let mut rest = text.strip_prefix('v').unwrap_or(text);
    let numbers = take_dotted(&mut rest);
    if numbers.is_empty() || !rest.is_empty() {
        return Err("it is not made of numbers with points between them");
    }
    Ok(numbers)
}

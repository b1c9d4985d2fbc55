//! RubyGems: segments of digits or letters; letters stand below every number, a missing segment is zero.

use crate::key::{Key, PaddedList};
use crate::order::Encoded;
use crate::scan::{is_number, is_zero, take_digits, take_while, without_trailing_zeros};

pub(crate) fn encode(text: &str, key: &mut Key) -> Encoded {
    let text = text.trim();
    if !is_well_formed(text) {
        return Err(
            "it is not made of letters and digits with points and one hyphen between them, a digit first",
        );
    }
    let spelled = text.replace('-', ".pre.");
    let segments = segments(&spelled);
    let first_word = segments
        .iter()
        .position(|segment| segment.starts_with(|c: char| c.is_ascii_alphabetic()))
        .unwrap_or(segments.len());
    let (numbers, labelled) = segments.split_at(first_word);
    let mut list = PaddedList::default();
    without_trailing_zeros(numbers).iter().for_each(|number| encode_segment(number, &mut list, key));
    labelled.iter().for_each(|segment| encode_segment(segment, &mut list, key));
    list.end(key);
    Ok(is_number(text.split(['.', '-']).next().unwrap_or_default()))
}

fn encode_segment(segment: &str, list: &mut PaddedList, key: &mut Key) {
    if segment.starts_with(|c: char| c.is_ascii_alphabetic()) {
        list.below_zero(key);
        key.text(segment);
    } else if is_zero(segment) {
        list.zero();
    } else {
        list.above_zero(key);
        key.number(segment);
    }
}

fn segments(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut segments = Vec::new();
    while !rest.is_empty() {
        let digits = take_digits(&mut rest);
        let letters = take_while(&mut rest, |c| c.is_ascii_alphabetic());
        segments.extend([digits, letters].into_iter().filter(|segment| !segment.is_empty()));
        take_while(&mut rest, |c| !c.is_ascii_alphanumeric());
    }
    segments
}

fn is_well_formed(text: &str) -> bool {
    let (release, label) =
        text.split_once('-').map_or((text, None), |(release, label)| (release, Some(label)));
    let word = |part: &str, hyphens: bool| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || (hyphens && byte == b'-'))
    };
    release.starts_with(|c: char| c.is_ascii_digit())
        && release.split('.').all(|part| word(part, false))
        && label.is_none_or(|label| label.split('.').all(|part| word(part, true)))
}

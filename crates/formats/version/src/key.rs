//! Building keys whose byte order is the order of versions.
//!
//! A number begins with a byte from [`NUMBER`] to [`LONG_NUMBER`], so tags of a scheme's own stand below or above that range.

/// The head of zero; each further digit adds one to it.
pub(crate) const NUMBER: u8 = 0x20;
/// The head of a number whose count of digits follows in two bytes.
pub(crate) const LONG_NUMBER: u8 = 0xE0;
/// A tag above every number.
pub(crate) const ABOVE_NUMBERS: u8 = 0xF8;

/// The bytes of a key as they grow.
#[derive(Debug, Default)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn tag(&mut self, tag: u8) {
        self.0.push(tag);
    }

    /// ASCII digits of any count; leading zeros mean nothing, no digits mean zero.
    pub(crate) fn number(&mut self, digits: &str) {
        let digits = digits.trim_start_matches('0');
        match u8::try_from(digits.len()) {
            Ok(count) if count < LONG_NUMBER - NUMBER => self.0.push(NUMBER + count),
            _ => {
                self.0.push(LONG_NUMBER);
                self.count(digits.len());
            }
        }
        self.0.extend_from_slice(digits.as_bytes());
    }

    /// A count in two bytes, the largest two bytes hold if it is more.
    pub(crate) fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
    }

    /// The same, so that larger counts stand lower.
    pub(crate) fn count_down(&mut self, count: usize) {
        self.count(usize::from(u16::MAX - u16::try_from(count).unwrap_or(u16::MAX)));
    }

    /// Text in the order of its bytes; a prefix stands before what it begins.
    pub(crate) fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                0 | 1 => self.0.extend_from_slice(&[1, byte + 1]),
                _ => self.0.push(byte),
            }
        }
        self.0.push(0);
    }
}

/// A list in which missing components are zeros and some components stand below zero: zeros are held back until it is known what
/// follows them.
#[derive(Debug, Default)]
pub(crate) struct PaddedList {
    zeros: usize,
}

impl PaddedList {
    const BELOW_ZERO: u8 = 0x02;
    const END: u8 = 0x10;
    const ABOVE_ZERO: u8 = 0x11;

    pub(crate) fn zero(&mut self) {
        self.zeros += 1;
    }

    /// A component below zero follows: the sooner it comes, the lower the list.
    pub(crate) fn below_zero(&mut self, key: &mut Key) {
        key.tag(Self::BELOW_ZERO);
        key.count(std::mem::take(&mut self.zeros));
    }

    /// A component above zero follows: the sooner it comes, the higher the list.
    pub(crate) fn above_zero(&mut self, key: &mut Key) {
        key.tag(Self::ABOVE_ZERO);
        key.count_down(std::mem::take(&mut self.zeros));
    }

    /// A component that is such a list itself, ended: it stands to zero as its own first component that is not zero does.
    pub(crate) fn list(&mut self, inner: Key, key: &mut Key) {
        let inner = inner.into_bytes();
        match inner.first() {
            Some(&Self::BELOW_ZERO) => self.below_zero(key),
            Some(&Self::ABOVE_ZERO) => self.above_zero(key),
            _ => return self.zero(),
        }
        key.0.extend_from_slice(&inner);
    }

    pub(crate) fn end(self, key: &mut Key) {
        key.tag(Self::END);
    }
}

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use palisade_model::{Fingerprint, FingerprintKey, RuleId};

/// Memory of one argon2id run, in KiB. A guess costs an attacker as much; a scan pays once for each distinct value.
const MEMORY_KIB: u32 = 8 * 1024;
const PASSES: u32 = 1;
const LANES: u32 = 1;
/// The bits of a fingerprint that depend on a guessable secret. So few that a thousand of a billion guesses fit.
const GUESSABLE_BITS: u32 = 20;
/// Distinct guessable values whose hash is remembered.
const CACHE_ENTRIES: usize = 4096;

/// Distinct guessable secrets of one scan whose fingerprints are made late; each costs some milliseconds, and hostile text is full of
/// them.
pub const MAX_GUESSABLE: usize = 2000;

/// Makes fingerprints under a project's salt.
///
/// A token that a machine drew: that of [`FingerprintKey`], of the label `palisade/token/1`, the rule's family and the secret.
///
/// A guessable secret: the first 108 bits are those of the same HMAC over `palisade/guessable/1`, the family and the name of the key;
/// the last 20 bits are the last of 4 bytes of argon2id (8 MiB, 1 pass, 1 lane) over the secret, salted with the whole of that HMAC.
/// So a published fingerprint tells a changed password from the old one, and confirms no guess.
pub(crate) struct Fingerprinter {
    key: FingerprintKey,
    slow: Argon2<'static>,
    /// The memory of the last run of it, for the next one: to get as much anew costs a third of a run.
    memory: Mutex<Vec<Block>>,
    /// From the keyed digest of a value to its 20 bits.
    cache: Mutex<BTreeMap<[u8; 32], u32>>,
    /// Guessable secrets whose fingerprints are made late, by what stands for these until then.
    late: Option<Mutex<BTreeMap<Fingerprint, Guessable>>>,
}

/// What the fingerprint of a guessable secret is made from.
struct Guessable {
    place: [u8; 32],
    secret: Vec<u8>,
}

impl Fingerprinter {
    pub(crate) fn new(salt: &[u8]) -> Self {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(4)).unwrap_or_default();
        Self {
            key: FingerprintKey::new(salt),
            slow: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            memory: Mutex::default(),
            cache: Mutex::default(),
            late: None,
        }
    }

    /// The same, but what stands for the fingerprint of a guessable secret is only good for comparing until [`Self::settle`].
    pub(crate) fn late(self) -> Self {
        Self { late: Some(Mutex::default()), ..self }
    }

    /// For each of `prints` that only stands for another, that one; none for those beyond the first `most`.
    pub(crate) fn settle(
        &self,
        prints: impl Iterator<Item = Fingerprint>,
        most: usize,
    ) -> BTreeMap<Fingerprint, Option<Fingerprint>> {
        let mut settled = BTreeMap::new();
        let Some(late) = &self.late else { return settled };
        let late = late.lock().unwrap_or_else(PoisonError::into_inner);
        for print in prints {
            let Some(Guessable { place, secret }) = late.get(&print) else { continue };
            let told = settled.len() < most;
            settled.entry(print).or_insert_with(|| told.then(|| self.slow(place, secret)));
        }
        settled
    }

    pub(crate) fn token(&self, family: &RuleId, secret: &[u8]) -> Fingerprint {
        self.key.fingerprint(&[b"palisade/token/1", family.as_str().as_bytes(), secret])
    }

    pub(crate) fn guessable(&self, family: &RuleId, key_name: &[u8], secret: &[u8]) -> Fingerprint {
        let place = self.key.digest(&[b"palisade/guessable/1", family.as_str().as_bytes(), key_name]);
        let Some(late) = &self.late else { return self.slow(&place, secret) };
        let stand_in = self.key.fingerprint(&[b"palisade/late/1", &place, secret]);
        let mut late = late.lock().unwrap_or_else(PoisonError::into_inner);
        late.entry(stand_in).or_insert_with(|| Guessable { place, secret: secret.to_vec() });
        stand_in
    }

    fn slow(&self, place: &[u8; 32], secret: &[u8]) -> Fingerprint {
        let mask = (1_u128 << GUESSABLE_BITS) - 1;
        let slow = u128::from(self.slow_bits(place, secret));
        let number = u128::from_be_bytes(*Fingerprint::head_of(place).as_bytes()) & !mask | slow & mask;
        Fingerprint::from_bytes(number.to_be_bytes())
    }

    /// Names a secret of a rule within this process; not for any document.
    pub(crate) fn mark(&self, rule: u16, [key, secret]: [&[u8]; 2]) -> [u8; 16] {
        *self.key.fingerprint(&[b"palisade/mark/1", &rule.to_be_bytes(), key, secret]).as_bytes()
    }

    fn slow_bits(&self, place: &[u8; 32], secret: &[u8]) -> u32 {
        let id = self.key.digest(&[b"palisade/cache/1", place, secret]);
        let cache = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bits) = cache().get(&id) {
            return *bits;
        }
        let mut output = [0; 4];
        let kept = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever comes while it is in use gets some of its own.
        let mut memory = std::mem::take(&mut *kept());
        memory.resize(self.slow.params().block_count(), Block::new());
        // Fails only for lengths that are never given; a constant would then weaken nothing but the distinction of values.
        let hashed = self.slow.hash_password_into_with_memory(secret, place, &mut output, &mut memory);
        *kept() = memory;
        let bits = hashed.map_or(0, |()| u32::from_be_bytes(output));
        let mut cache = cache();
        if cache.len() < CACHE_ENTRIES {
            cache.insert(id, bits);
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(name: &str) -> RuleId {
        RuleId::new(name).unwrap()
    }

    #[test]
    fn token_prints_follow_the_documented_layout() {
        // Computed with Python's hmac module from the layout in the type's documentation.
        let print = Fingerprinter::new(b"salt").token(&family("github"), b"secret");
        assert_eq!(print.to_string(), "4337148d31c73ffc7fe0088eeb9941c3");
    }

    #[test]
    fn no_print_depends_on_the_one_before() {
        let print =
            |prints: &Fingerprinter, secret: &[u8]| prints.guessable(&family("generic"), b"key", secret);
        let used = Fingerprinter::new(b"salt");
        print(&used, b"hunter2");
        assert_eq!(print(&used, b"hunter3"), print(&Fingerprinter::new(b"salt"), b"hunter3"));
    }

    #[test]
    fn guessable_prints_share_all_but_twenty_bits() {
        let prints = Fingerprinter::new(b"salt");
        let number = |key: &[u8], secret: &[u8]| {
            u128::from_str_radix(&prints.guessable(&family("generic"), key, secret).to_string(), 16).unwrap()
        };
        let (one, two) = (number(b"db.password", b"hunter2"), number(b"db.password", b"hunter3"));
        assert_eq!(one >> 20, two >> 20);
        assert_ne!(one, two);
        assert_eq!(one, number(b"db.password", b"hunter2"));
        assert_eq!(
            one >> 20,
            0xcf0e59ed758b2c28e9247ceb278,
            "the layout in the type's documentation, computed with Python"
        );
        assert_ne!(one >> 20, number(b"password", b"hunter2") >> 20);
    }

    #[test]
    fn parameters_are_those_documented() {
        let params = Fingerprinter::new(b"").slow.params().clone();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (8192, 1, 1));
    }

    #[test]
    fn late_fingerprints_are_the_same_and_bounded() {
        let (early, late) = (Fingerprinter::new(b"salt"), Fingerprinter::new(b"salt").late());
        let of = |prints: &Fingerprinter| {
            ["one", "two", "one", "three"]
                .map(|secret| prints.guessable(&family("a"), b"password", secret.as_bytes()))
        };
        let (early, stand_ins) = (of(&early), of(&late));
        assert_eq!(stand_ins[0], stand_ins[2]);
        let settled = late.settle(stand_ins.into_iter(), 2);
        for (expected, stand_in) in early.iter().zip(&stand_ins).take(3) {
            assert_ne!(expected, stand_in);
            assert_eq!(settled[stand_in], Some(*expected));
        }
        assert_eq!(settled[&stand_ins[3]], None);
    }
}

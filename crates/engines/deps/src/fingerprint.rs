use palisade_model::{Fingerprint, FingerprintKey, Purl, RuleId};

/// Makes fingerprints by [`FingerprintKey`]: of the label `palisade/package/1`, the rule, the package's type, namespace and name, and
/// what the finding says of it.
///
/// Neither place nor version takes part: a finding stays the same when the lockfile moves or the package goes to another version that
/// has the flaw too.
pub(crate) struct Fingerprinter(FingerprintKey);

impl Fingerprinter {
    pub(crate) fn new(salt: &[u8]) -> Self {
        Self(FingerprintKey::new(salt))
    }

    pub(crate) fn package(&self, rule: &RuleId, purl: &Purl, what: &str) -> Fingerprint {
        let namespace = purl.namespace().unwrap_or_default();
        let parts = ["palisade/package/1", rule.as_str(), purl.kind(), namespace, purl.name(), what];
        self.0.fingerprint(&parts.map(str::as_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_follow_the_documented_layout() {
        // Computed with Python's hmac module from the layout in the type's documentation.
        let rule = RuleId::new("known-vulnerability").unwrap();
        let print = |purl: &str| {
            Fingerprinter::new(b"salt").package(&rule, &purl.parse().unwrap(), "CVE-2020-0001").to_string()
        };
        assert_eq!(print("pkg:npm/%40a/b@1.0.0"), "e9815bf6403e5685ac1cdbc6444e7e0d");
        assert_eq!(print("pkg:npm/%40a/b@1.0.0"), print("pkg:npm/%40a/b@2.0.0"));
        assert_ne!(print("pkg:npm/%40a/b"), print("pkg:npm/b"));
    }
}

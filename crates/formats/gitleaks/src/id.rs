use palisade_model::{Digest, RuleId};

/// The longest name a rule may have here, in bytes.
const MAX: usize = 80;

/// The name under which a rule called `original` is known here: `My_Rule` becomes `my-rule`. A name without any letter or digit
/// of ASCII, and one that is too long, carries a part of its digest instead.
pub fn rule_id(original: &str) -> Option<RuleId> {
    let mut id = String::new();
    for character in original.chars() {
        match character.to_ascii_lowercase() {
            kept if kept.is_ascii_alphanumeric() => id.push(kept),
            _ if id.ends_with('-') || id.is_empty() => {}
            _ => id.push('-'),
        }
    }
    let id = id.trim_end_matches('-');
    if (1..=MAX).contains(&id.len()) {
        return RuleId::new(id);
    }
    let digest = Digest::of(original.as_bytes()).to_string();
    let digest = digest.rsplit(':').next().unwrap_or_default();
    let digest: String = digest.chars().take(8).collect();
    let head: String = id.chars().take(MAX - 16).collect();
    let head = head.trim_end_matches('-');
    RuleId::new(&if head.is_empty() { format!("rule-{digest}") } else { format!("{head}-{digest}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_keep_what_they_can() {
        let ids = ["aws-access-token", "AWS_Access.Token", "  x  ", "a--b__c", "1Password"];
        let known: Vec<String> = ids.iter().map(|id| rule_id(id).unwrap().to_string()).collect();
        assert_eq!(known, ["aws-access-token", "aws-access-token", "x", "a-b-c", "1password"]);
        assert_ne!(rule_id("пароль"), rule_id("ключ"));
    }

    proptest! {
        #[test]
        fn every_name_has_one(original in "\\PC{0,120}") {
            prop_assert!(rule_id(&original).is_some());
        }
    }
}

use std::sync::{Mutex, PoisonError};

use palisade_image::{LayerInfo, Walked};
use palisade_model::{
    Digest, Engine, Entry, EntryMeta, Excerpt, Finding, Fingerprint, FingerprintKey, Location, Position,
    RepoPath, RuleId, RuleInfo, Sink, Span,
};
use palisade_oci::ImageConfig;
use palisade_rulefile::{RuleFile, UnfitRules};

use crate::checks::{Flaw, flaws};
use crate::rules::Rules;

/// The engine's name.
const ID: &str = "image";

/// What the configuration of an image is known as.
const CONFIG: &str = "config.json";

/// Looks at the configuration and the permissions of an image.
pub struct ImageChecks {
    rules: Rules,
    key: FingerprintKey,
    found: Mutex<Vec<Finding>>,
}

impl ImageChecks {
    /// An engine with `rules`, one for each of its checks, for the project with this salt.
    pub fn new(rules: Vec<RuleFile>, salt: &[u8]) -> Result<Self, UnfitRules> {
        let key = FingerprintKey::new(salt);
        Ok(Self { rules: Rules::new(rules)?, key, found: Mutex::default() })
    }

    /// The names of its rules.
    pub fn rule_ids(&self) -> impl Iterator<Item = &RuleId> {
        self.rules.ids()
    }

    /// Looks at an image, of which `walked` is what all its layers show; what is wrong is told at the end, as every engine does. Nothing
    /// is said of the configuration of a folder, which has none.
    pub fn look(&self, config: Option<&ImageConfig>, layers: &[LayerInfo], walked: &Walked) {
        let flaws = flaws(config, walked);
        let found = flaws.iter().filter_map(|flaw| self.finding(layers, flaw));
        self.found.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    }

    fn finding(&self, layers: &[LayerInfo], flaw: &Flaw) -> Option<Finding> {
        let info = self.rules.info(flaw.check)?;
        let path = flaw.path.clone().or_else(|| RepoPath::from_bytes(CONFIG).ok())?;
        let start = Position { line: 1, column: 1 };
        let layer = flaw.layer.and_then(|layer| layers.get(layer as usize)).map(|info| info.layer.clone());
        let text = path.to_string();
        let excerpt = Excerpt { mark_start: 0, mark_end: u32::try_from(text.chars().count()).ok()?, text };
        let location = Location { path, members: Vec::new(), start, end: start, bytes: Span::new(0, 0) };
        let fingerprint = self.fingerprint(&info.id, flaw);
        let message = flaw.detail.clone();
        Some(Finding { message, layer, ..Finding::of_rule(ID, info, location, excerpt, fingerprint) })
    }

    /// By [`FingerprintKey`], of the label `palisade/image/1`, the rule and the file. A flaw of the configuration has no file, and its
    /// words stand for it.
    fn fingerprint(&self, rule: &RuleId, flaw: &Flaw) -> Fingerprint {
        let what = flaw.path.as_ref().map_or_else(|| flaw.detail.clone(), ToString::to_string);
        self.key.fingerprint(&["palisade/image/1", rule.as_str(), &what].map(str::as_bytes))
    }
}

impl Engine for ImageChecks {
    fn id(&self) -> &str {
        ID
    }

    fn rules_digest(&self) -> Digest {
        self.rules.digest()
    }

    fn rule_count(&self) -> usize {
        self.rules.count()
    }

    fn rule_info(&self, id: &RuleId) -> Option<RuleInfo> {
        self.rules.by_id(id).cloned()
    }

    fn wants(&self, _: &EntryMeta<'_>) -> bool {
        false
    }

    fn entry(&self, _: &Entry<'_>, _: &mut Sink) {}

    fn finish(&self, sink: &mut Sink) {
        let found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        found.into_iter().for_each(|finding| sink.finding(finding));
    }
}

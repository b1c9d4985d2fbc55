//! What an image's configuration and permissions are held to, as findings.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use palisade_image::{ConfigFlaw, Image, Walked, flaws};
use palisade_model::{
    Coverage, Digest, EngineReport, Excerpt, Finding, Fingerprint, Form, Hasher, Location, Position,
    RepoPath, RuleId, RuleInfo, ScanReport, Span,
};
use palisade_rulefile::RuleFile;

use crate::engines::EngineName;

/// The rules, by name.
pub(crate) struct FlawRules {
    rules: BTreeMap<RuleId, RuleInfo>,
    digest: Digest,
    key: hmac::Key,
}

impl FlawRules {
    pub(crate) fn new(files: Vec<RuleFile>, salt: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        let mut rules = BTreeMap::new();
        for file in files {
            hasher.update(format!("{} {}\n", file.info.id, file.digest).as_bytes());
            rules.insert(file.info.id.clone(), file.info);
        }
        Self { rules, digest: hasher.finish(), key: hmac::Key::new(hmac::HMAC_SHA256, salt) }
    }

    /// The names of its rules, sorted.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &RuleId> {
        self.rules.keys()
    }

    /// Adds what is wrong with `image` to `report`.
    pub(crate) fn report(&self, image: &Image, walked: &Walked, version: &str, report: &mut ScanReport) {
        for flaw in flaws(image.config(), walked) {
            let Some(finding) = self.finding(image, &flaw) else { continue };
            if let Some(info) = self.rules.get(&finding.rule) {
                report.rules.insert(finding.rule.clone(), info.clone());
            }
            report.findings.push(finding);
        }
        let looked_at = u64::from(image.config().is_some());
        report.engines.push(EngineReport {
            engine: EngineName::Image.as_str().to_owned(),
            version: version.to_owned(),
            rules: self.digest,
            rule_count: self.rules.len(),
            coverage: Coverage {
                looked_at,
                bytes: image.config_bytes().len() as u64,
                gaps: walked.gaps().to_vec(),
                ..Coverage::default()
            },
            work: None,
        });
    }

    fn finding(&self, image: &Image, flaw: &ConfigFlaw) -> Option<Finding> {
        let info = self.rules.get(&RuleId::new(flaw.rule)?)?;
        let path = flaw.path.clone().or_else(|| RepoPath::from_bytes("config.json").ok())?;
        let start = Position { line: 1, column: 1 };
        let layer =
            flaw.layer.and_then(|layer| image.layers().get(layer as usize)).map(|info| info.layer.clone());
        let text = path.to_string();
        Some(Finding {
            engine: EngineName::Image.as_str().to_owned(),
            rule: info.id.clone(),
            title: info.title.clone(),
            severity: info.severity,
            confidence: info.confidence,
            message: flaw.detail.clone(),
            fingerprint: self.fingerprint(&info.id, flaw),
            excerpt: Excerpt { mark_start: 0, mark_end: u32::try_from(text.chars().count()).ok()?, text },
            location: Location { path, members: Vec::new(), start, end: start, bytes: Span::new(0, 0) },
            encodings: Vec::new(),
            form: Form::Unknown,
            asset: None,
            marker: None,
            listed: Vec::new(),
            suppression: None,
            history: None,
            layer,
            package: None,
        })
    }

    /// HMAC-SHA-256 under the project's salt over the label `palisade/image/1`, the rule and the file, each with its length before it
    /// (8 bytes, big-endian); the first 16 bytes. A flaw of the configuration has no file, and its words stand for it.
    fn fingerprint(&self, rule: &RuleId, flaw: &ConfigFlaw) -> Fingerprint {
        let what = flaw.path.as_ref().map_or_else(|| flaw.detail.clone(), ToString::to_string);
        let mut context = hmac::Context::with_key(&self.key);
        for part in ["palisade/image/1", rule.as_str(), &what] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut head = [0; 16];
        head.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        Fingerprint::from_bytes(head)
    }
}

use std::collections::BTreeMap;

use palisade_model::{Fingerprint, Problem, Span, Waiver};

use crate::parsed::{Parsed, Spanned};
use crate::reader::{Reader, parse_document, shown};
use crate::tree::Node;
use crate::values;

/// Longest reason in characters.
pub(crate) const MAX_REASON: usize = 1000;
/// Longest owner in characters.
pub(crate) const MAX_OWNER: usize = 200;

/// The waivers in `palisade.waivers.yaml`, version 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverFile {
    /// In the order written, each with the place of its fingerprint.
    pub waivers: Vec<Spanned<Waiver>>,
}

impl WaiverFile {
    /// The keys of the file.
    pub const KEYS: &[&str] = &["version", "waivers"];
    /// The keys of a waiver.
    pub const WAIVER_KEYS: &[&str] = &["fingerprint", "reason", "until", "owner"];

    /// Reads a waiver file.
    pub fn parse(bytes: &[u8]) -> Parsed<Self> {
        parse_document(bytes, |reader, root| {
            let fields = reader.fields(root, "the waiver file", Span::new(0, 0), Self::KEYS)?;
            fields.version_one(reader);
            let waivers = fields.get("waivers").map(|node| read_waivers(reader, node)).unwrap_or_default();
            Some(Self { waivers })
        })
    }
}

fn read_waivers(reader: &mut Reader<'_>, node: &Node) -> Vec<Spanned<Waiver>> {
    let items = reader.items(node, "waivers").unwrap_or_default();
    let waivers: Vec<_> = items.iter().filter_map(|item| read_waiver(reader, item)).collect();
    let mut seen = BTreeMap::new();
    for waiver in &waivers {
        if let Some(first) = seen.insert(waiver.value.fingerprint, waiver.span) {
            let line = reader.line(first);
            reader.note(
                Problem::warning("this finding is waived twice", waiver.span)
                    .with_label(format!("also on line {line}"))
                    .with_hint("remove the older entry"),
            );
        }
    }
    waivers
}

fn read_waiver(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<Waiver>> {
    let fields = reader.fields(node, "a waiver", node.span, WaiverFile::WAIVER_KEYS)?;
    let fingerprint = fields
        .require(reader, "fingerprint")
        .and_then(|node| Some(Spanned::new(read_fingerprint(reader, node)?, node.span)));
    let reason = fields.require(reader, "reason").and_then(|node| values::line(reader, node, MAX_REASON));
    let until = fields.require(reader, "until").and_then(|node| values::day(reader, node));
    let owner = match fields.get("owner") {
        Some(node) => Some(values::line(reader, node, MAX_OWNER)?),
        None => None,
    };
    let Spanned { value: fingerprint, span } = fingerprint?;
    Some(Spanned::new(Waiver { fingerprint, reason: reason?, until: until?, owner }, span))
}

/// A fingerprint may look like a number.
fn read_fingerprint(reader: &mut Reader<'_>, node: &Node) -> Option<Fingerprint> {
    let text = reader.text(node)?;
    let fingerprint = text.parse().ok();
    if fingerprint.is_none() {
        reader.note(
            Problem::error(format!("{} is not a fingerprint", shown(text)), node.span)
                .with_hint("copy the 32 hexadecimal digits that `palisade scan` prints"),
        );
    }
    fingerprint
}

//! VEX documents: written, checked, explained.

use std::path::Path;

use palisade_model::{Purl, Timestamp};
use palisade_sbom::CycloneDxVersion;
use palisade_sbom::vex::{
    Applying, Justification, VexComponent, VexDocument, VexFault, VexFinding, VexProduct, VexStatement,
    VexStatus,
};
use palisade_sys::{FileErrorKind, Mode};

use crate::bills::{read_input, refused};
use crate::project::Project;
use crate::source::Folder;
use crate::statements::{project_subject, unusable};
use crate::worker::{DocumentAnswer, Question, WrittenDocument, ask_of_documents};
use crate::{Context, FlowError};

/// A format of VEX documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VexFormat {
    /// OpenVEX 0.2.0.
    OpenVex,
    /// CycloneDX.
    CycloneDx(CycloneDxVersion),
}

/// A statement to be made.
#[derive(Debug, Clone)]
pub struct StatementRequest {
    /// The vulnerability.
    pub vulnerability: String,
    /// The product: a package address or another name.
    pub product: String,
    /// The parts of it that are meant; none means all.
    pub subcomponents: Vec<String>,
    /// What is said.
    pub status: VexStatus,
    /// Why the product is not affected.
    pub justification: Option<Justification>,
    /// The same in words.
    pub impact: Option<String>,
    /// What should be done.
    pub action: Option<String>,
    /// Who says it; the account that asks when none.
    pub author: Option<String>,
}

/// A VEX document that was written.
#[derive(Debug, Clone)]
pub struct WrittenVex {
    /// The document.
    pub text: String,
    /// What the format could not hold.
    pub lost: Vec<String>,
}

/// Makes a statement, now: alone in a document of `format`, or behind those in the file `into`, which is made if it is not there and
/// otherwise keeps its format.
pub fn state_vex(
    context: &Context,
    request: &StatementRequest,
    into: Option<&Path>,
    format: VexFormat,
) -> Result<WrittenVex, FlowError> {
    let now = context.clock.now();
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let statement = statement(request, now)?;
    let existing = match into.map(|path| (path, context.files.read(path, palisade_sbom::LARGEST as u64))) {
        None => None,
        Some((_, Err(error))) if error.kind == FileErrorKind::Missing => None,
        Some((_, Err(error))) => return Err(error.into()),
        Some((path, Ok(bytes))) => Some((path, bytes)),
    };
    let written = match existing {
        Some((path, bytes)) => {
            let question = Question::ExtendVex(Box::new(statement));
            match ask_of_documents(context, &[bytes], question)? {
                DocumentAnswer::Written(WrittenDocument { text, lost, .. }) => WrittenVex { text, lost },
                answer => return Err(refused(&[path], &answer)),
            }
        }
        None => {
            let author = request.author.clone().unwrap_or_else(|| context.actor.name.clone());
            alone(statement, author, now, format)?
        }
    };
    if let Some(path) = into {
        context.files.write(path, written.text.as_bytes(), Mode::Shared)?;
    }
    Ok(written)
}

fn alone(
    statement: VexStatement,
    author: String,
    now: Timestamp,
    format: VexFormat,
) -> Result<WrittenVex, FlowError> {
    let document = VexDocument {
        id: None,
        author: Some(author),
        timestamp: Some(now),
        revision: 1,
        statements: vec![statement],
    };
    let written = match format {
        VexFormat::OpenVex => document.to_openvex(),
        VexFormat::CycloneDx(version) => document.to_cyclonedx(version).map_err(FlowError::bug)?,
    };
    let text = String::from_utf8_lossy(&written.bytes).into_owned();
    Ok(WrittenVex { text, lost: written.lost.into_iter().collect() })
}

/// Keeps the rules of OpenVEX 0.2.0: what a status must come with, and what it may not.
fn statement(request: &StatementRequest, now: Timestamp) -> Result<VexStatement, FlowError> {
    let is_empty = |text: &String| text.trim().is_empty();
    let texts = [
        Some(&request.vulnerability),
        Some(&request.product),
        request.impact.as_ref(),
        request.action.as_ref(),
    ];
    if texts.into_iter().flatten().chain(&request.subcomponents).any(is_empty) {
        return Err(FlowError::usage("a statement has no empty words"));
    }
    let wrong = match request.status {
        VexStatus::NotAffected if request.justification.is_none() && request.impact.is_none() => {
            Some(("`not_affected` needs a reason", "give --justification, --impact or both"))
        }
        VexStatus::Affected if request.action.is_none() => {
            Some(("`affected` needs an action statement", "say with --action what should be done"))
        }
        status if status != VexStatus::NotAffected && request.justification.is_some() => {
            Some(("a justification is for `not_affected`", "leave --justification out"))
        }
        _ => None,
    };
    if let Some((message, hint)) = wrong {
        return Err(FlowError::usage_with_hint(message, hint));
    }
    let product = VexProduct {
        component: VexComponent::of_text(&request.product),
        subcomponents: request.subcomponents.iter().map(|part| VexComponent::of_text(part)).collect(),
    };
    Ok(VexStatement {
        document: String::new(),
        index: 0,
        id: None,
        vulnerability: request.vulnerability.trim().to_owned(),
        aliases: Vec::new(),
        products: vec![product],
        status: request.status,
        justification: request.justification,
        impact: request.impact.clone(),
        action: request.action.clone(),
        notes: None,
        timestamp: Some(now),
        author: None,
        defect: None,
    })
}

/// The rules of VEX that the document in `path` breaks, in order.
pub fn check_vex(context: &Context, path: &Path) -> Result<Vec<VexFault>, FlowError> {
    let bytes = read_input(context, path)?;
    match ask_of_documents(context, &[bytes], Question::CheckVex)? {
        DocumentAnswer::Faults(faults) => Ok(faults),
        answer => Err(refused(&[path], &answer)),
    }
}

/// What a document says of a vulnerability of a package.
#[derive(Debug, Clone)]
pub struct VexExplanation {
    /// The statement that decides, from 1, and what it says; none when none does.
    pub decides: Option<(u32, VexStatus)>,
    /// Every statement in order.
    pub statements: Vec<ExplainedStatement>,
    /// What of the document could not be read.
    pub problems: Vec<String>,
}

/// A statement, and what it has to do with the question.
#[derive(Debug, Clone)]
pub struct ExplainedStatement {
    /// Its place, from 1.
    pub number: u32,
    /// The vulnerability that it names.
    pub vulnerability: String,
    /// What it says.
    pub status: VexStatus,
    /// Whether it decides.
    pub decides: bool,
    /// By what it applies, or why it does not.
    pub reason: String,
}

/// Says of each statement in `path` why it applies to a vulnerability of a package in the project at hand, or why it does not.
pub fn explain_vex(
    context: &Context,
    path: &Path,
    vulnerability: &str,
    package: &Purl,
) -> Result<VexExplanation, FlowError> {
    let bytes = read_input(context, path)?;
    let DocumentAnswer::Vex(read) = ask_of_documents(context, &[bytes], Question::Vex)? else {
        return Err(FlowError::bug("the worker answered something else"));
    };
    let read = read.into_iter().next().ok_or_else(|| FlowError::bug("the worker left the answer out"))?;
    let (document, problems) = read.map_err(|why| unusable(&path.display().to_string(), &why))?;
    let here = Path::new(".");
    let root = Project::find_optional(here)?.map_or_else(|| here.to_owned(), |project| project.root);
    let subject = project_subject(context, &root, &Folder::open_plain(&root)?);
    let finding =
        VexFinding { vulnerability, aliases: &[], package, hashes: &[], cpes: &[], subject: &subject };
    let mut applying = Applying::new(&document.statements);
    let answer = applying.judge(&finding);
    let reasons: std::collections::BTreeMap<usize, String> =
        answer.others.iter().map(|(index, reason)| (*index, reason.to_string())).collect();
    let decides = answer.verdict.as_ref().map(|verdict| verdict.statement);
    let explained = document.statements.iter().enumerate().map(|(index, statement)| {
        let verdict = answer.verdict.as_ref().filter(|verdict| verdict.statement == index);
        let reason = verdict.map(|verdict| verdict.explanation.clone());
        let reason = reason.or_else(|| reasons.get(&index).cloned());
        ExplainedStatement {
            number: statement.index.saturating_add(1),
            vulnerability: statement.vulnerability.clone(),
            status: statement.status,
            decides: verdict.is_some(),
            reason: reason.unwrap_or_else(|| "it is about another vulnerability".to_owned()),
        }
    });
    let decided = decides.and_then(|index| document.statements.get(index));
    Ok(VexExplanation {
        decides: decided.map(|statement| (statement.index.saturating_add(1), statement.status)),
        statements: explained.collect(),
        problems,
    })
}

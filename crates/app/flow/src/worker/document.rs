//! Foreign bills of materials and VEX documents, read and written by the worker.

use std::io::{self, Read};

use palisade_sbom::vex::{VexDocument, VexFault, VexStatement};
use palisade_sbom::{Bom, BomDiff, BomFormat, SbomError, Written};
use serde::{Deserialize, Serialize};

use super::{Reply, Task, ask};
use crate::{Context, FlowError};

/// Documents, and what is asked about them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DocumentTask {
    /// Their lengths in bytes; they follow the request one after the other.
    lengths: Vec<u64>,
    question: Question,
}

/// What is asked about documents.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Question {
    /// The first, a bill of materials, in the format of that name.
    Convert(String),
    /// How the second bill differs from the first.
    Diff,
    /// What each of them states.
    Vex,
    /// Which rules of VEX the first breaks.
    CheckVex,
    /// The first with one more statement.
    ExtendVex(Box<VexStatement>),
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum DocumentAnswer {
    /// A document was written.
    Written(WrittenDocument),
    /// How two bills differ, and what of both could not be read.
    Differ { diff: BomDiff, problems: Vec<String> },
    /// What is stated, and what of it could not be read; or why nothing of a document could.
    Vex(Vec<Result<(VexDocument, Vec<String>), String>>),
    /// The rules that are broken.
    Faults(Vec<VexFault>),
    /// Nothing of the document with this index can be read.
    Unreadable(usize, String),
}

/// A document that was written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct WrittenDocument {
    pub(crate) text: String,
    /// What the format could not hold.
    pub(crate) lost: Vec<String>,
    /// What of the original could not be read.
    pub(crate) problems: Vec<String>,
}

/// Has a worker answer a question about documents.
pub(crate) fn ask_of_documents(
    context: &Context,
    documents: &[Vec<u8>],
    question: Question,
) -> Result<DocumentAnswer, FlowError> {
    let lengths = documents.iter().map(|document| document.len() as u64).collect();
    let task = Task::Documents(DocumentTask { lengths, question });
    let reply = ask(context, Vec::new(), task, &mut io::Cursor::new(documents.concat()));
    context.stop_if_cancelled()?;
    match reply {
        Ok(Reply::Documents(answer)) => Ok(answer),
        Ok(_) => Err(FlowError::bug("the worker answered something else")),
        Err(error) => Err(FlowError::Unavailable {
            message: format!("the worker that reads foreign documents died: {error}"),
            hint: None,
        }),
    }
}

impl DocumentTask {
    /// Reads the documents from `input` and answers.
    pub(super) fn carry_out(self, input: &mut impl Read) -> io::Result<Reply> {
        let mut documents = Vec::new();
        for length in self.lengths {
            let mut bytes = Vec::new();
            input.by_ref().take(length).read_to_end(&mut bytes)?;
            documents.push(bytes);
        }
        let answer = answer(self.question, &documents);
        Ok(Reply::Documents(
            answer.unwrap_or_else(|(at, error)| DocumentAnswer::Unreadable(at, error.to_string())),
        ))
    }
}

fn answer(question: Question, documents: &[Vec<u8>]) -> Result<DocumentAnswer, (usize, SbomError)> {
    let bytes = |at: usize| documents.get(at).map(Vec::as_slice).unwrap_or_default();
    let first = |error: SbomError| (0, error);
    Ok(match question {
        Question::Convert(format) => {
            let format: BomFormat = format.parse().map_err(|error: palisade_sbom::UnknownFormat| {
                first(SbomError::Unsupported(error.to_string()))
            })?;
            let (bom, problems) = bill(bytes(0)).map_err(first)?;
            DocumentAnswer::Written(WrittenDocument { problems, ..written(bom.write(format)) })
        }
        Question::Diff => {
            let (old, mut problems) = bill(bytes(0)).map_err(first)?;
            let (new, more) = bill(bytes(1)).map_err(|error| (1, error))?;
            problems.extend(more);
            DocumentAnswer::Differ { diff: old.diff(&new), problems }
        }
        Question::Vex => DocumentAnswer::Vex(documents.iter().map(|bytes| statements(bytes)).collect()),
        Question::CheckVex => DocumentAnswer::Faults(palisade_sbom::vex::check(bytes(0)).map_err(first)?),
        Question::ExtendVex(statement) => {
            DocumentAnswer::Written(written(palisade_sbom::vex::extend(bytes(0), &statement).map_err(first)?))
        }
    })
}

fn bill(bytes: &[u8]) -> Result<(Bom, Vec<String>), SbomError> {
    let (bom, problems) = palisade_sbom::read(bytes)?;
    Ok((bom, problems.into_iter().map(|problem| problem.detail).collect()))
}

fn statements(bytes: &[u8]) -> Result<(VexDocument, Vec<String>), String> {
    let (document, problems) = palisade_sbom::vex::read(bytes, &[]).map_err(|error| error.to_string())?;
    Ok((document, problems.into_iter().map(|problem| problem.detail).collect()))
}

fn written(written: Written) -> WrittenDocument {
    let text = String::from_utf8_lossy(&written.bytes).into_owned();
    WrittenDocument { text, lost: written.lost.into_iter().collect(), problems: Vec::new() }
}

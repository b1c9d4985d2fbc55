//! Foreign bills of materials and VEX documents, read and written by the worker.

use std::io::{self, Read};

use palisade_sbom::vex::{VexDocument, VexFault, VexRoom, VexStatement};
use palisade_sbom::{Bom, BomDiff, BomFormat, SbomError, Written};
use serde::{Deserialize, Serialize};

use super::{Reply, Task, answered, ask};
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
    /// What each of the documents states.
    Vex(Vec<Stated>),
    /// The rules that are broken.
    Faults(Vec<VexFault>),
    /// Nothing of the document with this index can be read.
    Unreadable(usize, String),
}

/// What a document states, and what of it could not be read; or why nothing of it could.
type Stated = Result<(VexDocument, Vec<String>), String>;

/// A document that was written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct WrittenDocument {
    /// Follows the answer by itself.
    #[serde(skip)]
    pub(crate) text: String,
    /// How many bytes of text there are.
    pub(crate) length: usize,
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
    let nothing: Box<dyn Read> = Box::new(io::empty());
    let mut following =
        documents.iter().fold(nothing, |before, document| Box::new(before.chain(&**document)));
    let reply = ask(context, Vec::new(), task, &mut following);
    let answer = |reply| if let Reply::Documents(answer) = reply { Some(answer) } else { None };
    answered(context, reply, answer, "the worker that reads foreign documents")
}

impl DocumentTask {
    /// Reads the documents from `input` and answers.
    pub(super) fn carry_out(self, input: &mut impl Read) -> io::Result<Reply> {
        let count = self.lengths.len();
        let mut documents = Documents { lengths: self.lengths.into_iter(), input };
        match answer(self.question, &mut documents) {
            Ok(answer) => Ok(Reply::Documents(answer)),
            Err(Failure::Input(error)) => Err(error),
            Err(Failure::Document(error)) => {
                let at = count.saturating_sub(documents.lengths.len() + 1);
                Ok(Reply::Documents(DocumentAnswer::Unreadable(at, error.to_string())))
            }
        }
    }
}

/// The documents of a task. Each is read when it is needed: two of them, or one and what becomes of it, are large.
struct Documents<'i, R> {
    lengths: std::vec::IntoIter<u64>,
    input: &'i mut R,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Input(#[from] io::Error),
    /// Nothing of the document that was read last is of use.
    #[error(transparent)]
    Document(#[from] SbomError),
}

impl<R: Read> Documents<'_, R> {
    /// The next one; empty when there is none.
    fn next(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.input.by_ref().take(self.lengths.next().unwrap_or(0)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The next one as a bill of materials, and what of it could not be read.
    fn bill(&mut self) -> Result<(Bom, Vec<String>), Failure> {
        let (bom, problems) = palisade_sbom::read(&self.next()?)?;
        Ok((bom, problems.into_iter().map(|problem| problem.detail).collect()))
    }

    /// What each of the rest states.
    fn statements(&mut self) -> io::Result<Vec<Stated>> {
        let mut room = VexRoom::default();
        (0..self.lengths.len()).map(|_| Ok(statements(&self.next()?, &mut room))).collect()
    }
}

fn answer(question: Question, documents: &mut Documents<'_, impl Read>) -> Result<DocumentAnswer, Failure> {
    Ok(match question {
        Question::Convert(format) => {
            let format: BomFormat = format
                .parse()
                .map_err(|error: palisade_sbom::UnknownFormat| SbomError::Unsupported(error.to_string()))?;
            let (bom, problems) = documents.bill()?;
            DocumentAnswer::Written(WrittenDocument { problems, ..written(bom.write(format)?) })
        }
        Question::Diff => {
            let (old, mut problems) = documents.bill()?;
            let old = old.said();
            let (new, more) = documents.bill()?;
            problems.extend(more);
            DocumentAnswer::Differ { diff: old.diff(&new.said()), problems }
        }
        Question::Vex => DocumentAnswer::Vex(documents.statements()?),
        Question::CheckVex => DocumentAnswer::Faults(palisade_sbom::vex::check(&documents.next()?)?),
        Question::ExtendVex(statement) => {
            DocumentAnswer::Written(written(palisade_sbom::vex::extend(&documents.next()?, &statement)?))
        }
    })
}

fn statements(bytes: &[u8], room: &mut VexRoom) -> Stated {
    let read = palisade_sbom::vex::read_within(bytes, &[], room);
    let (document, problems) = read.map_err(|error| error.to_string())?;
    Ok((document, problems.into_iter().map(|problem| problem.detail).collect()))
}

fn written(written: Written) -> WrittenDocument {
    let text = String::from_utf8(written.bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    WrittenDocument {
        length: text.len(),
        text,
        lost: written.lost.into_iter().collect(),
        problems: Vec::new(),
    }
}

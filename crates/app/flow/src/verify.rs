//! Whether an artifact is what the path made of a commit. Offline: artifact, evidence and public keys decide alone.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use palisade_attest::{EvidenceFile, LogProof};
use palisade_evidence::{Expectations, SignedStatement, check};
use palisade_ledger::{Ledger, LedgerEntry, LedgerKind, proven_entry};
use palisade_model::{Digest, Hasher, Subject};
use palisade_store::{MANIFEST_FILE, PLAN_FILE, ReleaseManifest, Store};
use palisade_sys::{FileError, FileErrorKind, Files};
use palisade_trust::{PublicKeys, Verifier};

use crate::policy::effective_policy;
use crate::{Context, Exit, FlowError};

/// The largest evidence file that is read, in bytes.
const EVIDENCE_LIMIT: u64 = 64 << 20;

/// The largest file of public keys that is read, in bytes.
const KEY_LIMIT: u64 = 64 << 10;

/// What to verify, and by what.
#[derive(Debug, Clone, Default)]
pub struct VerifyRequest {
    /// The file.
    pub artifact: PathBuf,
    /// The folder with `NAME.intoto.jsonl` and `NAME.tlog-proof`, or the former itself; none is beside the artifact.
    pub evidence: Option<PathBuf>,
    /// Public keys; none is the user's own.
    pub key: Option<PathBuf>,
    /// Where the content must come from.
    pub source: Option<String>,
    /// What must have built it.
    pub builder: Option<String>,
    /// By which plan it must have been built.
    pub plan: Option<Digest>,
}

/// What is proven of an artifact.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The artifact.
    pub subject: Subject,
    /// Label and value of each link, from the commit to the artifact.
    pub links: Vec<(String, String)>,
    /// What whoever relies on it should know.
    pub warnings: Vec<String>,
    /// Each reason against; empty when it is verified.
    pub failures: Vec<String>,
}

impl Verified {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        if self.failures.is_empty() { Exit::Done } else { Exit::Denied }
    }
}

/// Verifies; what does not hold is in the result, an error only says that the question could not be put.
pub fn verify(context: &Context, request: &VerifyRequest) -> Result<Verified, FlowError> {
    let verifier = Verifier::new(public_keys(context, request)?);
    let place = EvidencePlace::of(request)?;
    let subject = Subject { name: place.name.clone(), digest: digest(&request.artifact)? };
    let mut failures = Vec::new();
    let statements = statements(context, &place, &verifier, &mut failures)?;
    let mut verified = walk(context, request, &subject, &statements)?;
    verified.failures.extend(failures);
    logged(context, &place, &verifier, &subject, &statements, &mut verified)?;
    Ok(verified)
}

fn public_keys(context: &Context, request: &VerifyRequest) -> Result<PublicKeys, FlowError> {
    let Some(path) = &request.key else {
        return context.keys().public().map_err(|error| FlowError::Usage {
            message: format!("no public key to trust: {error}"),
            hint: Some("name one with --key; a key inside the evidence is never trusted".to_owned()),
        });
    };
    let text = String::from_utf8(context.files.read(path, KEY_LIMIT)?)
        .map_err(|_| FlowError::usage(format!("`{}` is not UTF-8", path.display())))?;
    PublicKeys::parse(&text).map_err(|error| FlowError::usage(format!("`{}`: {error}", path.display())))
}

/// Where an artifact's evidence lies.
struct EvidencePlace {
    /// The artifact's name.
    name: String,
    folder: PathBuf,
    statements: PathBuf,
    proof: PathBuf,
}

impl EvidencePlace {
    fn of(request: &VerifyRequest) -> Result<Self, FlowError> {
        let artifact = &request.artifact;
        let name = artifact.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| FlowError::usage(format!("`{}` is no file", artifact.display())))?;
        let beside =
            artifact.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let named = request.evidence.as_deref().unwrap_or(beside);
        if named.is_dir() {
            let statements = named.join(format!("{name}.intoto.jsonl"));
            let proof = named.join(format!("{name}.tlog-proof"));
            return Ok(Self { name, folder: named.to_owned(), statements, proof });
        }
        let folder = named.parent().unwrap_or(Path::new(".")).to_owned();
        let stem = named.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = stem.strip_suffix(".intoto.jsonl").unwrap_or(&stem).to_owned();
        let proof = folder.join(format!("{stem}.tlog-proof"));
        Ok(Self { name, statements: named.to_owned(), folder, proof })
    }
}

fn digest(path: &Path) -> Result<Digest, FlowError> {
    let fail = |error: std::io::Error| FileError::from_io("read", path, &error);
    let mut file = File::open(path).map_err(fail)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(fail)?;
        if count == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
}

/// The statements that a trusted key signed. Anything else in the file is a reason against: evidence that was added to or damaged
/// is not relied on.
fn statements(
    context: &Context,
    place: &EvidencePlace,
    verifier: &Verifier,
    failures: &mut Vec<String>,
) -> Result<Vec<SignedStatement>, FlowError> {
    let name = place.statements.display();
    let bytes = match context.files.read(&place.statements, EVIDENCE_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) if error.kind == FileErrorKind::Missing => {
            failures.push(format!("evidence: there is no `{name}`"));
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let file = match EvidenceFile::parse(&bytes) {
        Ok(file) => file,
        Err(error) => {
            failures.push(format!("evidence: `{name}`: {error}"));
            return Ok(Vec::new());
        }
    };
    for line in &file.ignored {
        failures.push(format!("evidence: line {} of `{name}` is no statement: {}", line.line, line.reason));
    }
    let mut statements = Vec::new();
    for (index, envelope) in file.envelopes.iter().enumerate() {
        match verifier.verify_envelope(envelope) {
            Ok(statement) => statements.push(SignedStatement { statement, envelope: envelope.digest() }),
            Err(error) => failures.push(format!("signature of statement {} in `{name}`: {error}", index + 1)),
        }
    }
    Ok(statements)
}

/// Compares the statements with each other and with what is expected: on the command line, else by policy.
fn walk(
    context: &Context,
    request: &VerifyRequest,
    subject: &Subject,
    statements: &[SignedStatement],
) -> Result<Verified, FlowError> {
    let policy = effective_policy(context, None)?.policy;
    let one = |given: &Option<String>, allowed: Option<&BTreeSet<String>>| match (given, allowed) {
        (Some(given), _) => vec![Some(given.clone())],
        (None, None) => vec![None],
        (None, Some(allowed)) => allowed.iter().cloned().map(Some).collect(),
    };
    let sources = one(&request.source, policy.verify().source.as_ref());
    let builders = one(&request.builder, policy.verify().builder.as_ref());
    let pairs = sources.iter().flat_map(|source| builders.iter().map(move |builder| (source, builder)));
    let chains = pairs.map(|(source, builder)| {
        let expect = Expectations { source: source.clone(), builder: builder.clone(), plan: request.plan };
        check(subject, statements, &expect)
    });
    let Some(chain) = chains.min_by_key(|chain| chain.failures.len()) else {
        return Err(FlowError::usage("the policy's `verify` section accepts nothing"));
    };
    let mut chain = chain;
    chain.warnings.extend(renamed(subject, statements));
    Ok(Verified {
        subject: subject.clone(),
        links: chain.links.iter().map(|link| (link.label.to_owned(), link.value.clone())).collect(),
        warnings: chain.warnings,
        failures: chain.failures.iter().map(ToString::to_string).collect(),
    })
}

/// Digests decide; that a file goes by another name than it was built under is still worth knowing.
fn renamed(subject: &Subject, statements: &[SignedStatement]) -> Option<String> {
    let subjects = statements.iter().flat_map(|signed| &signed.statement.subjects);
    let mut names =
        subjects.filter(|attested| attested.digest == subject.digest).map(|attested| &attested.name);
    let other = names.next()?;
    let is_named = |name: &String| name.rsplit('/').next() == Some(subject.name.as_str());
    let same = is_named(other) || names.any(is_named);
    (!same).then(|| format!("it was built under the name `{other}`"))
}

/// Checks that the ledger holds the release of exactly this artifact with exactly these statements, and that what lies beside it
/// belongs to that release.
fn logged(
    context: &Context,
    place: &EvidencePlace,
    verifier: &Verifier,
    subject: &Subject,
    statements: &[SignedStatement],
    verified: &mut Verified,
) -> Result<(), FlowError> {
    let proof = match read_proof(context, place)? {
        Ok(proof) => proof,
        Err(reason) => {
            verified.failures.push(reason);
            return Ok(());
        }
    };
    let (entry, checkpoint) = match proven_entry(&proof, verifier) {
        Ok(proven) => proven,
        Err(reason) => {
            verified.failures.push(format!("ledger inclusion: {reason}"));
            return Ok(());
        }
    };
    verified.links.push((
        "ledger".to_owned(),
        format!("entry {} of {} at {}", proof.index, checkpoint.size, checkpoint.origin),
    ));
    verified.failures.extend(misfits(&entry, subject, statements));
    let plan = verified.links.iter().find(|(label, _)| label == "plan").map(|(_, digest)| digest.as_str());
    let misplaced = neighbours(context, place, &entry, plan)?;
    verified.failures.extend(misplaced);
    if let Some(folder) = own_ledger(context, place) {
        let ledger = Ledger::open(&*context.files, folder);
        let known = [checkpoint.clone()];
        verified
            .failures
            .extend(ledger.verify(verifier, &known).err().map(|error| format!("ledger: {error}")));
    }
    Ok(())
}

fn read_proof(context: &Context, place: &EvidencePlace) -> Result<Result<LogProof, String>, FlowError> {
    let name = place.proof.display();
    match context.files.read(&place.proof, EVIDENCE_LIMIT) {
        Ok(bytes) => {
            Ok(LogProof::parse(&bytes).map_err(|error| format!("ledger inclusion: `{name}`: {error}")))
        }
        Err(error) if error.kind == FileErrorKind::Missing => {
            Ok(Err(format!("ledger inclusion: there is no `{name}`")))
        }
        Err(error) => Err(error.into()),
    }
}

fn misfits(entry: &LedgerEntry, subject: &Subject, statements: &[SignedStatement]) -> Vec<String> {
    let mut misfits = Vec::new();
    if entry.kind != LedgerKind::Release {
        misfits.push(format!("ledger entry: expected a release, found a {}", entry.kind.name()));
    }
    if !entry.subjects.contains(&subject.digest) {
        misfits.push(format!("ledger entry: it is not about {}", subject.digest));
    }
    let unlogged = statements.iter().filter(|signed| !entry.subjects.contains(&signed.envelope));
    misfits.extend(
        unlogged
            .map(|signed| format!("ledger entry: statement {} was not released with it", signed.envelope)),
    );
    // Each once: a statement given twice must not stand in for one that was left out.
    let given: BTreeSet<Digest> = statements.iter().map(|signed| signed.envelope).collect();
    let missing = entry.subjects.len().saturating_sub(given.len() + 1);
    if missing > 0 {
        misfits.push(format!("evidence: {missing} of the statements released with it are missing"));
    }
    misfits
}

/// Manifest and plan of the release, if they lie beside the evidence. `plan` is the digest that provenance names.
fn neighbours(
    context: &Context,
    place: &EvidencePlace,
    entry: &LedgerEntry,
    plan: Option<&str>,
) -> Result<Vec<String>, FlowError> {
    let Some(root) = release_root(&*context.files, &place.folder) else { return Ok(Vec::new()) };
    let manifest = entry.body.to_string();
    let expected = [(MANIFEST_FILE, Some(manifest.as_str())), (PLAN_FILE, plan)];
    let mut failures = Vec::new();
    for (name, expected) in expected {
        let Some(expected) = expected else { continue };
        match context.files.read(&root.join(name), EVIDENCE_LIMIT) {
            Ok(bytes) => {
                let found = Digest::of(&bytes).to_string();
                failures.extend(
                    (found != expected).then(|| format!("{name}: expected {expected}, found {found}")),
                );
            }
            Err(error) if error.kind == FileErrorKind::Missing => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(failures)
}

/// The folder of the release that `folder` is or lies in: the nearest one that is named as releases are, else `folder` itself if what
/// it holds says that it is one. Other software has manifests of that name, too.
fn release_root(files: &dyn Files, folder: &Path) -> Option<PathBuf> {
    let absolute = folder.canonicalize().ok()?;
    let is_named = |folder: &&Path| {
        let digest = folder.file_name().and_then(|name| name.to_str()?.strip_prefix("sha256-"));
        digest.is_some_and(|hex| Digest::from_hex(hex).is_ok())
    };
    let named = absolute.ancestors().take(16).find(is_named).map(Path::to_owned);
    named.or_else(|| {
        let manifest = files.read(&absolute.join(MANIFEST_FILE), EVIDENCE_LIMIT).ok()?;
        // Either will do: a damaged manifest is to be noticed, not taken for somebody else's.
        let schema = ReleaseManifest::SCHEMA.as_bytes();
        let names_schema = manifest.windows(schema.len()).any(|part| part == schema);
        let has_form = serde_json::from_slice::<ReleaseManifest>(&manifest).is_ok();
        (names_schema || has_form).then_some(absolute)
    })
}

/// The ledger of the project whose release this is, when it is verified in place.
fn own_ledger(context: &Context, place: &EvidencePlace) -> Option<PathBuf> {
    let root = release_root(&*context.files, &place.folder)?;
    let releases = root.parent()?;
    let store = releases.parent()?;
    let ours = releases.ends_with("releases") && store.ends_with(Store::FOLDER);
    ours.then(|| store.join("ledger"))
}

#[cfg(test)]
mod tests {
    use palisade_attest::{Predicate, Statement};
    use palisade_model::RunId;
    use serde_json::json;

    use super::*;

    fn signed(subject: &Subject, text: &str) -> SignedStatement {
        let predicate = Predicate::Other { predicate_type: "urn:test:v1".to_owned(), value: json!(text) };
        let statement = Statement::new(vec![subject.clone()], &predicate).unwrap();
        SignedStatement { statement, envelope: Digest::of(text.as_bytes()) }
    }

    #[test]
    fn a_statement_given_twice_does_not_stand_in_for_one_left_out() {
        let subject = Subject { name: "app".to_owned(), digest: Digest::of(b"app") };
        let [one, two] = ["one", "two"].map(|text| signed(&subject, text));
        let time = "2026-01-02T03:04:05Z".parse().unwrap();
        let subjects = vec![subject.digest, one.envelope, two.envelope];
        let run = RunId::new(time, [0; 4]);
        let entry = LedgerEntry::new(LedgerKind::Release, time, run, subjects, Digest::of(b""));
        let found = |statements: &[&SignedStatement]| {
            let statements: Vec<SignedStatement> = statements.iter().map(|&signed| signed.clone()).collect();
            misfits(&entry, &subject, &statements)
        };
        assert_eq!(found(&[&one, &two]), [""; 0]);
        assert_eq!(found(&[&one]).len(), 1);
        assert_eq!(found(&[&one, &one]), found(&[&one]));
    }
}

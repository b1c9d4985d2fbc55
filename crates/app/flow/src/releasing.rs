use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use palisade_attest::{Envelope, EvidenceFile};
use palisade_ledger::{Ledger, LedgerKind};
use palisade_model::{Digest, Origin, OutputRecord};
use palisade_pipeline::Event;
use palisade_runner::collected_path;
use palisade_store::{ArtifactFiles, ReleaseManifest, ReleasedArtifact};

use crate::FlowError;
use crate::execution::collected;
use crate::recording::{Recorded, append, entry};
use crate::run::{Results, Run};

/// An output that is to be released.
pub(crate) struct Artifact {
    pub(crate) output: OutputRecord,
    content: PathBuf,
}

/// Logs the release, and puts it with its evidence in its place.
pub(crate) fn release(run: &Run<'_>, results: &mut Results) -> Result<Event, FlowError> {
    let artifacts = artifacts(run, results)?;
    let manifest = manifest(run, &artifacts);
    let body = manifest.digest()?;
    let evidence: Vec<Vec<&Recorded>> = artifacts.iter().map(|artifact| about(results, artifact)).collect();
    let bound = |(artifact, evidence): (&Artifact, &Vec<&Recorded>)| {
        let statements = evidence.iter().map(|recorded| recorded.reference.digest);
        let subjects: Vec<Digest> =
            std::iter::once(artifact.output.subject.digest).chain(statements).collect();
        entry(run, LedgerKind::Release, subjects, body)
    };
    let mut entries: Vec<_> = artifacts.iter().zip(&evidence).map(bound).collect();
    if entries.is_empty() {
        entries.push(entry(run, LedgerKind::Release, Vec::new(), body));
    }
    let appended = append(run, &entries, 0)?;
    let ledger = Ledger::open(&*run.context.files, run.store.ledger_folder());
    let mut files = Vec::new();
    for (index, (artifact, evidence)) in artifacts.iter().zip(&evidence).enumerate() {
        let proof = ledger.prove(appended.first_index + index as u64)?;
        let envelopes: Vec<&Envelope> = evidence.iter().map(|recorded| &recorded.envelope).collect();
        files.push(ArtifactFiles {
            content: artifact.content.clone(),
            statements: EvidenceFile::write(envelopes),
            proof: proof.to_string().into_bytes(),
        });
    }
    let release = run.store.release(&manifest, &run.planned.plan, &files)?;
    let event = Event::Released { release: release.digest };
    results.release = Some(release);
    Ok(event)
}

/// The outputs of the repository's jobs that the plan's patterns match, sorted by name. Two jobs that leave different bytes under
/// one name cannot both be meant.
pub(crate) fn artifacts(run: &Run<'_>, results: &Results) -> Result<Vec<Artifact>, FlowError> {
    let patterns = patterns(&run.planned.plan.release.artifacts)?;
    let mut artifacts: BTreeMap<String, Artifact> = BTreeMap::new();
    for (id, record) in &results.jobs {
        let ours = run.planned.plan.jobs.get(id).is_some_and(|job| job.origin == Origin::Repository);
        for output in record.outputs.iter().filter(|output| ours && patterns.is_match(&output.subject.name)) {
            let content = collected_path(&collected(run, id), &output.subject.name);
            let artifact = Artifact { output: output.clone(), content };
            let before = artifacts.insert(output.subject.name.clone(), artifact);
            if before.is_some_and(|before| before.output.subject.digest != output.subject.digest) {
                return Err(FlowError::usage_with_hint(
                    format!("two jobs leave different files called `{}`", output.subject.name),
                    "give one of them another name, or release only one",
                ));
            }
        }
    }
    Ok(artifacts.into_values().collect())
}

fn patterns(artifacts: &[String]) -> Result<GlobSet, FlowError> {
    let mut set = GlobSetBuilder::new();
    for pattern in artifacts {
        set.add(GlobBuilder::new(pattern).literal_separator(true).build().map_err(FlowError::bug)?);
    }
    set.build().map_err(FlowError::bug)
}

fn manifest(run: &Run<'_>, artifacts: &[Artifact]) -> ReleaseManifest {
    let released = |artifact: &Artifact| ReleasedArtifact {
        subject: artifact.output.subject.clone(),
        bytes: artifact.output.bytes,
        executable: artifact.output.executable,
    };
    ReleaseManifest {
        schema: ReleaseManifest::SCHEMA.to_owned(),
        project: run.planned.plan.name.clone(),
        run: run.id.clone(),
        commit: run.materialised.snapshot.commit().cloned(),
        tree: run.materialised.snapshot.tree,
        plan: run.planned.digest,
        artifacts: artifacts.iter().map(released).collect(),
    }
}

/// The statements that speak of an artifact.
fn about<'r>(results: &'r Results, artifact: &Artifact) -> Vec<&'r Recorded> {
    let digest = artifact.output.subject.digest;
    let speaks = |recorded: &&Recorded| recorded.reference.subjects.contains(&digest);
    results.evidence.iter().filter(speaks).collect()
}

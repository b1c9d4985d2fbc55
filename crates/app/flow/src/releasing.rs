use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use globset::GlobSet;
use palisade_attest::{Envelope, EvidenceFile};
use palisade_ledger::{Ledger, LedgerKind};
use palisade_model::{Digest, Origin, OutputRecord, RepoPath};
use palisade_pipeline::Event;
use palisade_runner::{collected_path, output_glob};
use palisade_store::{
    ArtifactEvidence, EVIDENCE_SUFFIXES, MANIFEST_FILE, PLAN_FILE, ReleaseManifest, ReleasedArtifact,
};

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
    let contents: Vec<PathBuf> = artifacts.iter().map(|artifact| artifact.content.clone()).collect();
    // What is logged as released is checked first, and put in its place last.
    let staged = run.store.stage(&manifest, &run.planned.plan, &contents)?;
    let mut entries: Vec<_> = artifacts.iter().zip(&evidence).map(bound).collect();
    if entries.is_empty() {
        entries.push(entry(run, LedgerKind::Release, Vec::new(), body));
    }
    let appended = append(run, &entries, 0)?;
    let ledger = Ledger::open(&*run.context.files, run.store.ledger_folder());
    let mut files = Vec::new();
    for (index, evidence) in evidence.iter().take(artifacts.len()).enumerate() {
        let proof = ledger.prove(appended.first_index + index as u64)?;
        let envelopes: Vec<&Envelope> = evidence.iter().map(|recorded| &recorded.envelope).collect();
        files.push(ArtifactEvidence {
            statements: EvidenceFile::write(envelopes),
            proof: proof.to_string().into_bytes(),
        });
    }
    let release = run.store.publish(staged, &files)?;
    let event = Event::Released { release: release.digest };
    results.release = Some(release);
    Ok(event)
}

/// The outputs of the repository's jobs that the plan's patterns match, sorted by name. Two jobs that leave different bytes under
/// one name cannot both be meant.
pub(crate) fn artifacts(run: &Run<'_>, results: &Results) -> Result<Vec<Artifact>, FlowError> {
    let patterns = patterns(&run.planned.plan.release.artifacts)?;
    let is_wanted = |name: &str| patterns.iter().any(|(_, glob)| glob.is_match(name));
    let mut artifacts: BTreeMap<String, Artifact> = BTreeMap::new();
    for (id, record) in &results.jobs {
        let ours = run.planned.plan.jobs.get(id).is_some_and(|job| job.origin == Origin::Repository);
        for output in record.outputs.iter().filter(|output| ours && is_wanted(&output.subject.name)) {
            let content = collected_path(&collected(run, id), &output.subject.name);
            let artifact = Artifact { output: output.clone(), content };
            let before = artifacts.insert(output.subject.name.clone(), artifact);
            if before.is_some_and(|before| before.output.subject.digest != output.subject.digest) {
                return Err(FlowError::Denied {
                    message: format!(
                        "two jobs leave different files called `{}`",
                        shown(&output.subject.name)
                    ),
                    hint: Some("give one of them another name, or release only one".to_owned()),
                });
            }
        }
    }
    if results.jobs.values().all(|record| record.outcome.is_success()) {
        require_matches(&patterns, &artifacts)?;
    }
    require_distinct_places(artifacts.keys())?;
    Ok(artifacts.into_values().collect())
}

/// Every pattern means something: a release without what it was to hold must not pass for one.
fn require_matches(
    patterns: &[(&String, GlobSet)],
    artifacts: &BTreeMap<String, Artifact>,
) -> Result<(), FlowError> {
    let unmatched = |(_, glob): &&(&String, GlobSet)| !artifacts.keys().any(|name| glob.is_match(name));
    match patterns.iter().find(unmatched) {
        Some((pattern, _)) => Err(FlowError::usage_with_hint(
            format!(
                "nothing to release: `{}` in release.artifacts matches no output of a job",
                shown(pattern)
            ),
            "a file is released only if it is among the `outputs` of a job, too",
        )),
        None => Ok(()),
    }
}

/// A release lays manifest, plan and evidence beside its artifacts, so some names are its own; and one path cannot be both a file
/// and the folder of another.
fn require_distinct_places<'n>(names: impl Iterator<Item = &'n String>) -> Result<(), FlowError> {
    let mut files: BTreeSet<&str> = BTreeSet::new();
    for name in names {
        if is_reserved(name) {
            return Err(FlowError::usage_with_hint(
                format!(
                    "the output `{}` cannot be released: a release has a file of that name itself",
                    shown(name)
                ),
                "give it another name, or leave it out of release.artifacts",
            ));
        }
        // Sorted, a file comes before what would lie below it.
        let mut above = name.match_indices('/').filter_map(|(at, _)| name.get(..at));
        if let Some(file) = above.find(|above| files.contains(above)) {
            return Err(FlowError::usage_with_hint(
                format!(
                    "the outputs `{}` and `{}` cannot be released together: one is a folder of the other",
                    shown(file),
                    shown(name)
                ),
                "give one of them another name, or release only one",
            ));
        }
        files.insert(name);
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    let of_evidence = |part: &str| EVIDENCE_SUFFIXES.iter().any(|suffix| part.ends_with(suffix));
    let mut parts = name.split('/');
    parts.clone().any(of_evidence)
        || parts.next().is_some_and(|top| [MANIFEST_FILE, PLAN_FILE].contains(&top))
}

/// A name as it can be printed.
fn shown(name: &str) -> String {
    RepoPath::from_bytes(name).map_or_else(|_| name.escape_debug().to_string(), |path| path.to_string())
}

fn patterns(artifacts: &[String]) -> Result<Vec<(&String, GlobSet)>, FlowError> {
    artifacts.iter().map(|pattern| Ok((pattern, output_glob(pattern).map_err(FlowError::bug)?))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(names: &[&str]) -> Option<String> {
        let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        require_distinct_places(names.iter()).err().map(|error| error.to_string())
    }

    #[test]
    fn names_of_the_release_itself_are_refused() {
        for name in [
            "manifest.json",
            "plan.json",
            "plan.json/a",
            "app.intoto.jsonl",
            "d/app.tlog-proof",
            "a.tlog-proof/b",
        ] {
            assert!(refused(&[name]).is_some_and(|error| error.contains(name)), "{name}");
        }
        assert_eq!(
            refused(&["dist/manifest.json", "dist/plan.json", "intoto.jsonl", "app.intoto.json"]),
            None
        );
    }

    #[test]
    fn a_file_is_not_the_folder_of_another() {
        assert!(
            refused(&["app", "app-1", "app/data"])
                .is_some_and(|error| error.contains("`app` and `app/data`"))
        );
        assert_eq!(refused(&["app", "app-1/data", "app.d/x"]), None);
    }
}

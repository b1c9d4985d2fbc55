//! Puts in order what a killed run left: its journal, its sandboxes, its files.

use palisade_model::{Plan, RunId};
use palisade_pipeline::{Conclusion, Event, RunState, Scope};
use palisade_store::{JournalEntry, Store, StoreError, StoredRun};
use palisade_tree::remove_snapshot;

use crate::{Context, FlowError};

/// Closes every run that has no conclusion. Call it under the project's lock: no run is alive then. Returns their names.
pub(crate) fn recover(context: &Context, store: &Store) -> Result<Vec<RunId>, FlowError> {
    store.discard_unfinished()?;
    let mut recovered = Vec::new();
    for id in store.run_ids()? {
        let run = match store.run(&id) {
            Ok(Some(run)) => run,
            // A journal that cannot be read says nothing of a live run: the lock is ours. Nothing is written into it.
            Err(StoreError::Corrupt { .. }) => {
                clean_up(context, &id)?;
                continue;
            }
            Ok(None) => continue,
            Err(error) => return Err(error.into()),
        };
        let ended = conclusion(store, &run)?.is_some();
        // A process killed after its last word may have left everything but that.
        if !ended || context.scratch(id.as_str()).symlink_metadata().is_ok() {
            clean_up(context, &id)?;
            store.discard_unfinished_of(&id)?;
        }
        if ended {
            continue;
        }
        close(context, store, &run)?;
        recovered.push(id);
    }
    Ok(recovered)
}

/// How a stored run ended: the fold of its journal over its plan. None when it goes on, or its process is gone.
pub(crate) fn conclusion(store: &Store, run: &StoredRun) -> Result<Option<Conclusion>, FlowError> {
    let Some(scope) = scope(run) else {
        // Killed before the first line, or closed by an earlier recovery.
        return Ok(run.journal.first().and_then(|entry| last_word(&entry.what)));
    };
    if let Some(ended) = run.journal.last().and_then(|entry| last_word(&entry.what)) {
        return Ok(Some(ended));
    }
    let plan: Plan = match store.document(&run.id, "plan.json") {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(plan) => plan,
            Err(error) => {
                return Ok(Some(Conclusion::Errored { reason: format!("its plan cannot be read: {error}") }));
            }
        },
        Err(_) => return Ok(None),
    };
    let Ok(mut state) = RunState::new(&plan, scope, usize::MAX) else { return Ok(None) };
    for entry in &run.journal {
        if state.advance(&entry.what).is_err() {
            return Ok(None);
        }
    }
    Ok(state.conclusion().cloned())
}

fn scope(run: &StoredRun) -> Option<Scope> {
    match &run.journal.first()?.what {
        Event::Started { scope, .. } => Some(scope.clone()),
        _ => None,
    }
}

/// The conclusion that an event means by itself.
fn last_word(event: &Event) -> Option<Conclusion> {
    match event {
        Event::Cancelled => Some(Conclusion::Cancelled),
        Event::Interrupted => Some(Conclusion::Interrupted),
        Event::Errored { reason } => Some(Conclusion::Errored { reason: reason.clone() }),
        Event::Released { release } => Some(Conclusion::Released { release: *release }),
        Event::Decided { allowed: false, incomplete } => Some(Conclusion::Denied { incomplete: *incomplete }),
        _ => None,
    }
}

/// A release that was put in its place and not written down was acknowledged by nobody, but it is whole: it counts.
fn close(context: &Context, store: &Store, run: &StoredRun) -> Result<(), FlowError> {
    let what = match store.release_of(&run.id)? {
        Some(release) => Event::Released { release: release.digest },
        None => Event::Interrupted,
    };
    let journal = store.journal(&run.id);
    journal.recover()?;
    Ok(journal.append(&JournalEntry { at: context.clock.now(), what })?)
}

/// Kills what still runs and removes what is left.
fn clean_up(context: &Context, run: &RunId) -> Result<(), FlowError> {
    palisade_sandbox::reap(&format!("pal-{run}")).map_err(|error| FlowError::Unavailable {
        message: format!("what run {run} left behind cannot be cleared up: {error}"),
        hint: Some("it ran as another user, or the kernel still holds one of its processes".to_owned()),
    })?;
    let scratch = context.scratch(run.as_str());
    remove_snapshot(&scratch)
        .map_err(|error| palisade_sys::FileError::from_write("remove", &scratch, &error).into())
}

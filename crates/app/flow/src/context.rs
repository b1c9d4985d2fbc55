use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use palisade_model::Actor;
use palisade_sys::{Clock, Files, Net, Random};
use palisade_trust::{KeyStore, Passphrase, PassphraseUnavailable};

use crate::FlowError;

/// The folders of the user who runs Palisade, outside every project.
#[derive(Debug, Clone)]
pub struct UserFolders {
    /// Keys and policy: `$XDG_CONFIG_HOME/palisade`.
    pub config: PathBuf,
    /// Newest checkpoints: `$XDG_STATE_HOME/palisade`.
    pub state: PathBuf,
    /// Snapshots and workspaces while a run goes on: `$XDG_CACHE_HOME/palisade`.
    pub cache: PathBuf,
    /// The database of advisories: `$XDG_DATA_HOME/palisade`.
    pub data: PathBuf,
    /// The home folder, where toolchains are looked for.
    pub home: PathBuf,
}

/// Where the passphrase of the keys comes from when one is needed.
pub type AskPassphrase = dyn Fn() -> Result<Passphrase, PassphraseUnavailable> + Send + Sync;

/// The outside world of every use case, and who asks.
#[derive(Clone)]
pub struct Context {
    /// Files that belong to Palisade.
    pub files: Arc<dyn Files>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Other machines, where the user asks for them.
    pub net: Arc<dyn Net>,
    /// Unguessable bytes.
    pub random: Arc<dyn Random>,
    /// The user's folders.
    pub folders: UserFolders,
    /// This very program, to be started again as scan worker and sandbox helper.
    pub program: PathBuf,
    /// Its version.
    pub version: &'static str,
    /// The value of `PATH`, where toolchains are looked for.
    pub search_path: std::ffi::OsString,
    /// The policy named on the command line or in the environment.
    pub policy: Option<PathBuf>,
    /// Who asks.
    pub actor: Actor,
    /// Asked when the keys are encrypted.
    pub passphrase: Arc<AskPassphrase>,
    /// Set when the user or the system wants us to stop.
    pub cancel: Arc<AtomicBool>,
}

impl Context {
    /// The user's keys.
    pub fn keys(&self) -> KeyStore<'_> {
        KeyStore::new(&*self.files, self.folders.config.clone())
    }

    /// Whether somebody wants us to stop.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// An error if somebody wants us to stop.
    pub(crate) fn stop_if_cancelled(&self) -> Result<(), FlowError> {
        if self.cancelled() { Err(FlowError::Cancelled) } else { Ok(()) }
    }

    /// Where a run's snapshot and workspaces lie while it goes on.
    pub(crate) fn scratch(&self, run: &str) -> PathBuf {
        self.folders.cache.join("scratch").join(run)
    }

    /// The last day to suggest for a waiver: 90 days from now.
    pub fn suggested_waiver_end(&self) -> String {
        let today = self.today();
        let end = today.checked_add(jiff::Span::new().days(90)).unwrap_or(today);
        end.to_string()
    }

    /// The day in UTC.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date()
    }
}

//! Bringing in advisories from elsewhere: OSV's public export, a mirror of it, or a database that somebody publishes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use palisade_advisory::{Delta, Manifest, ManifestFile};
use palisade_sys::{MappedFile, Mode, Response};
use palisade_tree::remove_snapshot;

use super::database::{DatabaseReport, DatabaseSources, build_database, contents, import_database};
use super::place::{MANIFEST_FILE, MANIFEST_LIMIT, Place, nobody_known, parse_keys, read_manifest};
use crate::{Context, FlowError};

/// OSV's public export: `ECOSYSTEM/all.zip` for each ecosystem (google.github.io/osv.dev/data).
const OSV_EXPORT: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// CISA's catalogue of known exploited vulnerabilities.
const KEV: &str = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";

/// The scores of today (first.org/epss/data_stats).
const EPSS: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

/// The ecosystems that are fetched unless others are named.
const USUAL: [&str; 12] = [
    "npm",
    "PyPI",
    "Maven",
    "Go",
    "crates.io",
    "NuGet",
    "Packagist",
    "RubyGems",
    "GitHub Actions",
    "Hex",
    "Pub",
    "SwiftURL",
];

/// The largest file that is fetched, in bytes.
const FETCH_LIMIT: u64 = 8 << 30;

/// The largest public key file, in bytes.
const KEY_LIMIT: u64 = 64 << 10;

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;

/// Where a database comes from.
#[derive(Debug, Clone, Default)]
pub struct UpdateRequest {
    /// A folder, or the base of `http` or `https` addresses; none is OSV's public export.
    pub from: Option<String>,
    /// The ecosystems to fetch; none are the usual ones.
    pub ecosystems: Vec<String>,
    /// The publisher's public keys, where a database is published.
    pub key: Option<PathBuf>,
}

/// Brings the database in use up to date: takes over the published one, or builds one of the feeds that the source has.
pub fn update_database(context: &Context, request: &UpdateRequest) -> Result<DatabaseReport, FlowError> {
    let base = request.from.as_deref().unwrap_or(OSV_EXPORT).trim_end_matches('/');
    if !is_address(base) {
        return from_folder(context, Path::new(base), request);
    }
    let fetcher = Fetcher { context, base };
    match request.from.as_ref().map(|_| fetcher.get(&fetcher.below(MANIFEST_FILE))).transpose()? {
        Some(Some(response)) => published(&fetcher, response, request),
        Some(None) => {
            require_no_publisher(context, base, request)?;
            built(&fetcher, request)
        }
        None => built(&fetcher, request),
    }
}

/// Who trusts a publisher takes nothing that is not signed from where one is expected: otherwise whoever controls the server would only
/// have to leave the manifest out.
fn require_no_publisher(context: &Context, base: &str, request: &UpdateRequest) -> Result<(), FlowError> {
    let place = Place::of(context);
    if request.key.is_none() && place.publisher()?.is_none() {
        return Ok(());
    }
    let hint = match &request.key {
        Some(_) => "without --key the feeds that lie there are taken as they are".to_owned(),
        None => format!("to leave the publisher of the database in use, remove {}", place.key().display()),
    };
    Err(FlowError::Denied {
        message: format!("the database at {base} is refused: there is no signed manifest"),
        hint: Some(hint),
    })
}

/// A folder with a manifest is a published database, any other holds feeds.
fn from_folder(
    context: &Context,
    folder: &Path,
    request: &UpdateRequest,
) -> Result<DatabaseReport, FlowError> {
    if folder.join(MANIFEST_FILE).exists() {
        return import_database(context, folder, request.key.as_deref());
    }
    require_no_publisher(context, &folder.display().to_string(), request)?;
    let mut paths: Vec<_> = request
        .ecosystems
        .iter()
        .map(|ecosystem| (folder.join(ecosystem).join("all.zip"), Some(vec![ecosystem.clone()])))
        .collect();
    if paths.is_empty() {
        paths.push((folder.to_owned(), None));
    }
    build_database(context, &DatabaseSources { paths, taken: None }, None)
}

fn is_address(base: &str) -> bool {
    base.contains("://")
}

/// Takes over a database that the source publishes.
fn published(
    fetcher: &Fetcher<'_>,
    response: Response,
    request: &UpdateRequest,
) -> Result<DatabaseReport, FlowError> {
    let context = fetcher.context;
    let place = Place::of(context);
    let keys = match &request.key {
        Some(key) => Some(context.files.read(key, KEY_LIMIT)?),
        None => place.publisher()?,
    };
    let refused = |why: String| FlowError::Denied {
        message: format!("the database at {} is refused: {why}", fetcher.base),
        hint: None,
    };
    let Some(keys) = keys else { return Err(nobody_known()) };
    let mut envelope = Vec::new();
    response.body.take(MANIFEST_LIMIT).read_to_end(&mut envelope).map_err(|error| fetcher.broken(&error))?;
    let manifest = read_manifest(&envelope, parse_keys(&keys)?).map_err(refused)?;
    let before = place.previous()?;
    let known = before.as_ref().filter(|_| request.key.is_none()).map(|(manifest, _)| manifest);
    manifest.accept(known, context.clock.now()).map_err(|error| refused(error.to_string()))?;
    let bytes = fetcher.database(&manifest, before.as_ref())?;
    let contents = contents(&bytes)?;
    place.install(&manifest, &envelope, &bytes, Some(&keys))?;
    let path = place.database(&manifest);
    Ok(DatabaseReport { path, manifest, contents, problems: Vec::new(), more_problems: 0 })
}

/// Builds a database of OSV's export, or of a mirror that is laid out like it.
fn built(fetcher: &Fetcher<'_>, request: &UpdateRequest) -> Result<DatabaseReport, FlowError> {
    let context = fetcher.context;
    let folder = Fetched::new(context)?;
    let usual = || USUAL.iter().map(|name| (*name).to_owned()).collect();
    let ecosystems: Vec<String> =
        if request.ecosystems.is_empty() { usual() } else { request.ecosystems.clone() };
    let mut paths = Vec::new();
    for ecosystem in &ecosystems {
        context.stop_if_cancelled()?;
        let url = format!("{}/{}/all.zip", fetcher.base, ecosystem.replace(' ', "%20"));
        let path = folder.0.join(ecosystem.replace('/', "_")).join("all.zip");
        if !fetcher.save(&url, &path)? {
            return Err(FlowError::usage_with_hint(
                format!("{url} is not there"),
                "ecosystems are called as OSV calls them, such as `npm`, `crates.io`, `Debian`",
            ));
        }
        paths.push((path, Some(vec![ecosystem.clone()])));
    }
    if request.from.is_none() {
        for (url, name) in [(KEV, "kev.json"), (EPSS, "epss.csv.gz")] {
            let path = folder.0.join(name);
            if fetcher.save(url, &path)? {
                paths.push((path, None));
            }
        }
    }
    build_database(context, &DatabaseSources { paths, taken: Some(context.clock.now()) }, None)
}

/// A folder of ours that is removed at the end whatever happens.
struct Fetched(PathBuf);

impl Fetched {
    fn new(context: &Context) -> Result<Self, FlowError> {
        let folder = Self(context.scratch("advisories"));
        folder
            .remove()
            .map_err(|error| FlowError::usage(format!("cannot clear the scratch folder: {error}")))?;
        context.files.create_folder(&folder.0, Mode::Private)?;
        Ok(folder)
    }

    fn remove(&self) -> io::Result<()> {
        remove_snapshot(&self.0)
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // Left over, it is removed by the next update; there is nobody to tell here.
        let _ = self.remove();
    }
}

/// Fetches files below one address.
struct Fetcher<'a> {
    context: &'a Context,
    base: &'a str,
}

impl Fetcher<'_> {
    fn below(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    fn broken(&self, error: &io::Error) -> FlowError {
        FlowError::Unavailable {
            message: format!("the connection to {} broke: {error}", self.base),
            hint: None,
        }
    }

    /// The answer for `url`; none when nothing is there.
    fn get(&self, url: &str) -> Result<Option<Response>, FlowError> {
        let mut url = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            require_safe(&url)?;
            let unreachable = |error: palisade_sys::NetError| FlowError::Unavailable {
                message: error.to_string(),
                hint: Some("`palisade db build` makes a database of feeds that you have".to_owned()),
            };
            let response = self.context.net.get(&url, &[]).map_err(unreachable)?;
            match (response.status, response.header("location")) {
                (200, _) => return Ok(Some(response)),
                (404 | 410, _) => return Ok(None),
                (301 | 302 | 303 | 307 | 308, Some(location)) => url = location.to_owned(),
                (status, _) => {
                    return Err(FlowError::Unavailable {
                        message: format!("{url} answers {status}"),
                        hint: None,
                    });
                }
            }
        }
        Err(FlowError::Unavailable { message: format!("{url} is redirected too often"), hint: None })
    }

    /// Writes what lies at `url` to `path`; whether there is anything.
    fn save(&self, url: &str, path: &Path) -> Result<bool, FlowError> {
        let Some(response) = self.get(url)? else { return Ok(false) };
        if let Some(parent) = path.parent() {
            self.context.files.create_folder(parent, Mode::Private)?;
        }
        let mut file = File::create(path).map_err(|error| self.broken(&error))?;
        let copied = io::copy(&mut response.body.take(FETCH_LIMIT + 1), &mut file)
            .and_then(|copied| file.flush().map(|()| copied))
            .map_err(|error| self.broken(&error))?;
        if copied > FETCH_LIMIT {
            return Err(FlowError::usage(format!("{url} is larger than 8 GiB")));
        }
        Ok(true)
    }

    /// The bytes that `manifest` vouches for, by a delta where one fits.
    fn database(
        &self,
        manifest: &Manifest,
        before: Option<&(Manifest, MappedFile)>,
    ) -> Result<Vec<u8>, FlowError> {
        if let Some((previous, old)) = before
            && let Some(delta) = manifest.delta_from(&previous.database.digest)
        {
            let made = self.file(&delta.file)?.and_then(|delta| Delta::apply(old, &delta).ok());
            if let Some(made) = made.filter(|made| manifest.database.check(made).is_ok()) {
                return Ok(made);
            }
        }
        self.file(&manifest.database)?.ok_or_else(|| FlowError::Denied {
            message: format!(
                "{} is not the file that its manifest speaks of",
                self.below(&manifest.database.name)
            ),
            hint: None,
        })
    }

    /// The bytes of a file that a manifest names; none when they are others or not there.
    fn file(&self, file: &ManifestFile) -> Result<Option<Vec<u8>>, FlowError> {
        let Some(response) = self.get(&self.below(&file.name))? else { return Ok(None) };
        let mut bytes = Vec::new();
        let limit = file.size.min(FETCH_LIMIT).saturating_add(1);
        response.body.take(limit).read_to_end(&mut bytes).map_err(|error| self.broken(&error))?;
        Ok(file.check(&bytes).is_ok().then_some(bytes))
    }
}

/// Without transport security only this machine is asked.
fn require_safe(url: &str) -> Result<(), FlowError> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = local.iter().any(|start| {
        url.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    if url.starts_with("https://") || is_local {
        return Ok(());
    }
    let hint = "only https addresses are fetched";
    Err(FlowError::usage_with_hint(format!("`{url}` has no transport security"), hint))
}

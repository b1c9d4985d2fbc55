//! Where an image lies: here, or in a registry that it is pulled from first.

use std::path::{Path, PathBuf};

use palisade_oci::{Platform, Reference};
use palisade_registry::{Client, Credentials, DockerLogin, Limits, docker_login};
use palisade_sys::{FileErrorKind, Mode};

use crate::credential_helper::{HelperEnvironment, ask};
use crate::{Context, FlowError};

/// The largest configuration of Docker that is read, in bytes.
const DOCKER_CONFIG_LIMIT: u64 = 4 << 20;

/// Which image to scan.
#[derive(Debug, Clone, Default)]
pub struct ImageRequest {
    /// A folder with an OCI layout or a root filesystem, an archive, or a reference to a registry; `oci:`, `docker-archive:`, `dir:` and
    /// `registry:` before it say which. `PATH#IMAGE` names one of several in a layout or archive.
    pub image: String,
    /// Such as `linux/arm64`; none is the only one, or that of this machine.
    pub platform: Option<String>,
    /// Docker's configuration, for its credentials.
    pub docker_config: Option<PathBuf>,
    /// What credential helpers may see of the environment.
    pub helper_environment: HelperEnvironment,
}

/// An image on this machine.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Which of several.
    pub(crate) image: Option<String>,
}

/// Where the image lies; one of a registry is pulled into the user's cache, where what is there already is not pulled again.
pub(crate) fn find(context: &Context, request: &ImageRequest) -> Result<Found, FlowError> {
    if let Some(platform) = &request.platform {
        platform.parse::<Platform>().map_err(|error| FlowError::usage(format!("`{platform}`: {error}")))?;
    }
    let image = request.image.as_str();
    for scheme in ["oci:", "docker-archive:", "dir:"] {
        if let Some(path) = image.strip_prefix(scheme) {
            let found =
                local(path).ok_or_else(|| FlowError::usage(format!("there is nothing at `{path}`")))?;
            return match differs(scheme, &found.path) {
                Some(what) => Err(FlowError::usage_with_hint(
                    format!("`{path}` is {what}"),
                    "leave the kind before it out, and it is found out",
                )),
                None => Ok(found),
            };
        }
    }
    let reference = image.strip_prefix("registry:");
    match reference.is_none().then(|| local(image)).flatten() {
        Some(found) => Ok(found),
        None => pull(context, request, reference.unwrap_or(image)),
    }
}

/// What lies at `path`, where it is not what the kind before it says. An archive may hold a layout too.
fn differs(scheme: &str, path: &Path) -> Option<&'static str> {
    let is_layout = || ["oci-layout", "index.json"].iter().any(|name| path.join(name).is_file());
    match scheme {
        "docker-archive:" if path.is_dir() => Some("a folder, and no archive"),
        "oci:" if path.is_dir() && !is_layout() => Some("a folder without an OCI layout"),
        "dir:" if !path.is_dir() => Some("no folder"),
        _ => None,
    }
}

fn local(text: &str) -> Option<Found> {
    let found = |path: &str, image: Option<&str>| {
        let path = Path::new(path).canonicalize().ok()?;
        Some(Found { path, image: image.map(str::to_owned) })
    };
    found(text, None).or_else(|| {
        let (path, image) = text.rsplit_once('#')?;
        found(path, Some(image))
    })
}

fn pull(context: &Context, request: &ImageRequest, text: &str) -> Result<Found, FlowError> {
    let no_reference = |error| {
        FlowError::usage_with_hint(
            format!("`{text}` is no image: there is no such file, and as a reference {error}"),
            "name a folder, an archive, or a reference such as `registry.example.com/shop:1.2`",
        )
    };
    let reference: Reference = text.parse().map_err(no_reference)?;
    let platform = request.platform.as_deref().and_then(|platform| platform.parse::<Platform>().ok());
    let folder = context.folders.cache.join("images");
    context.files.create_folder(&folder, Mode::Private)?;
    let credentials = credentials(context, request, reference.registry())?;
    let client = Client::new(context.net.clone(), credentials, Limits::default());
    let _lock = context.files.lock(&folder.join("lock"))?;
    let pulled = client.pull(&reference, platform.as_ref(), &folder)?;
    Ok(Found { path: folder, image: Some(pulled.manifest.to_string()) })
}

fn credentials(context: &Context, request: &ImageRequest, registry: &str) -> Result<Credentials, FlowError> {
    let Some(path) = &request.docker_config else { return Ok(Credentials::default()) };
    match context.files.read(path, DOCKER_CONFIG_LIMIT) {
        Ok(bytes) => log_in(context, request, &bytes, registry),
        Err(error) if error.kind == FileErrorKind::Missing => Ok(Credentials::default()),
        Err(error) => Err(error.into()),
    }
}

/// Runs at most the one program that the user's own configuration names; nothing of what is scanned has a say in it.
fn log_in(
    context: &Context,
    request: &ImageRequest,
    config: &[u8],
    registry: &str,
) -> Result<Credentials, FlowError> {
    match docker_login(config, registry) {
        Ok(DockerLogin::Known(credentials)) => Ok(credentials),
        Ok(DockerLogin::Helper(helper)) => ask(&helper, &context.search_path, &request.helper_environment),
        Err(error) => Err(FlowError::Usage {
            message: format!("Docker's configuration for `{registry}` cannot be used: {error}"),
            hint: None,
        }),
    }
}

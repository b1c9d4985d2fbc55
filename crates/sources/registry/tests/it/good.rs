use std::sync::Arc;

use palisade_model::Digest;
use palisade_oci::Reference;
use palisade_registry::{Client, Credentials, Limits, Pulled, RegistryError};
use palisade_sys::HostNet;

use crate::server::{Answer, Content, LAYER, Question, Server, answer};

pub(crate) fn someone() -> Credentials {
    Credentials::Basic { user: "someone".to_owned(), password: "word".to_owned().into() }
}

fn client(credentials: Credentials, limits: Limits) -> Client {
    Client::new(Arc::new(HostNet::default()), credentials, limits)
}

pub(crate) fn pull_as(
    server: &Server,
    credentials: Credentials,
    name: &str,
) -> (Result<Pulled, RegistryError>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let client = client(credentials, Limits { max_bytes: 1 << 20 });
    let reference: Reference = format!("{}/{name}", server.address).parse().unwrap();
    (client.pull(&reference, None, folder.path()), folder)
}

pub(crate) fn pull(server: &Server) -> Result<Pulled, RegistryError> {
    pull_as(server, Credentials::Anonymous, "a/b:1").0
}

fn content() -> Content {
    Content::new(b"layer", LAYER)
}

/// A handler that wants `token` and names a token service at `realm`.
fn guarded(content: Content, realm: String) -> impl Fn(&Question) -> Answer {
    move |question| match question.authorization.as_deref() {
        Some("Bearer good") => content.answer(&question.path),
        _ => answer(401, "").with(
            "WWW-Authenticate",
            format!("Bearer realm=\"{realm}\",service=\"s s\",scope=\"repository:a/b:pull\""),
        ),
    }
}

#[test]
fn an_image_becomes_a_layout() {
    let content = content();
    let server = Server::start({
        let content = content.clone();
        move |question| content.answer(&question.path)
    });
    let (pulled, folder) = pull_as(&server, Credentials::Anonymous, "a/b:1");
    let pulled = pulled.unwrap();
    assert_eq!(Some(pulled.manifest), content.manifest);
    assert_eq!(pulled.digest, pulled.manifest);
    let blob = |digest: Digest| std::fs::read(folder.path().join("blobs/sha256").join(digest.hex()));
    assert_eq!(blob(content.layer.unwrap()).unwrap(), b"layer");
    assert_eq!(Digest::of(&blob(pulled.manifest).unwrap()), pulled.manifest);
    let index = std::fs::read_to_string(folder.path().join("index.json")).unwrap();
    assert!(index.contains(&pulled.manifest.to_string()));
    assert_eq!(std::fs::read_dir(folder.path().join("blobs/sha256")).unwrap().count(), 3);
    // By digest, and without pulling what is there again.
    let asked = server.questions().len();
    let reference: Reference = format!("{}/a/b@{}", server.address, pulled.manifest).parse().unwrap();
    let client = client(Credentials::Anonymous, Limits::default());
    assert_eq!(client.pull(&reference, None, folder.path()).unwrap(), pulled);
    assert_eq!(server.questions().len(), asked + 1);
}

#[test]
fn a_token_is_fetched_with_the_credentials_and_used_for_the_rest() {
    let tokens = Server::start(|question| match question.authorization.as_deref() {
        Some("Basic c29tZW9uZTp3b3Jk") => answer(200, "{\"access_token\":\"good\",\"expires_in\":60}"),
        _ => answer(401, ""),
    });
    let server = Server::start(guarded(content(), format!("http://{}/token", tokens.address)));
    assert!(pull_as(&server, someone(), "a/b:1").0.is_ok());
    let asked = tokens.questions();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/token?service=s%20s&scope=repository:a/b:pull");
    assert!(
        server
            .questions()
            .iter()
            .all(|question| question.authorization.as_deref() != Some("Basic c29tZW9uZTp3b3Jk"))
    );
    assert!(matches!(pull(&server), Err(RegistryError::Denied { .. })));
}

#[test]
fn a_basic_challenge_is_answered() {
    let content = content();
    let server = Server::start(move |question| match question.authorization.as_deref() {
        Some("Basic c29tZW9uZTp3b3Jk") => content.answer(&question.path),
        _ => answer(401, "").with("WWW-Authenticate", "Basic realm=\"x\""),
    });
    assert!(pull_as(&server, someone(), "a/b:1").0.is_ok());
    assert!(matches!(pull(&server), Err(RegistryError::Denied { .. })));
}

#[test]
fn a_redirect_is_followed_without_the_credentials() {
    let content = content();
    let store = Server::start({
        let content = content.clone();
        move |question| content.answer(&question.path)
    });
    let target = store.address;
    let server = Server::start(move |question| match question.authorization.as_deref() {
        Some("Basic c29tZW9uZTp3b3Jk") if question.path.contains("/blobs/") => {
            answer(307, "").with("Location", format!("http://{target}{}", question.path))
        }
        Some("Basic c29tZW9uZTp3b3Jk") => content.answer(&question.path),
        _ => answer(401, "").with("WWW-Authenticate", "Basic"),
    });
    assert!(pull_as(&server, someone(), "a/b:1").0.is_ok());
    let asked = store.questions();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|question| question.authorization.is_none()));
}

#[test]
fn a_busy_registry_is_asked_again_and_not_for_ever() {
    let content = content();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server =
        Server::start(move |question| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => answer(429, "").with("Retry-After", "0"),
            _ => content.answer(&question.path),
        });
    assert!(pull(&server).is_ok());
    let never = Server::start(|_| answer(429, "").with("Retry-After", "0"));
    assert!(matches!(pull(&never), Err(RegistryError::Busy { status: 429, .. })));
    assert_eq!(never.questions().len(), 4);
}

#[test]
fn a_layer_that_may_not_be_handed_out_is_told_as_missing() {
    let mut content = Content::new(b"layer", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
    let layer = content.layer.unwrap();
    content.paths.remove(&format!("/v2/a/b/blobs/{layer}"));
    let server = Server::start(move |question| content.answer(&question.path));
    assert_eq!(pull(&server).unwrap().missing, [layer]);
}

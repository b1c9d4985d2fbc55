use palisade_oci::OciError;
use palisade_registry::{Credentials, RegistryError};

use crate::good::{pull, pull_as, someone};
use crate::server::{Content, LAYER, MANIFEST, Server, answer};

fn serve(content: Content) -> Server {
    Server::start(move |question| content.answer(&question.path))
}

/// Replaces what is at the blob of the layer.
fn with_layer(bytes: &[u8]) -> Content {
    let mut content = Content::new(b"layer", LAYER);
    let path = format!("/v2/a/b/blobs/{}", content.layer.unwrap());
    content.paths.insert(path, (String::from("x/y"), bytes.to_vec()));
    content
}

#[test]
fn a_blob_that_is_not_what_was_promised_is_refused_and_not_kept() {
    for (bytes, is_size) in [(&b"reyal"[..], false), (b"lay", true), (&[b'x'; 4096], true)] {
        let (pulled, folder) = pull_as(&serve(with_layer(bytes)), Credentials::Anonymous, "a/b:1");
        match pulled {
            Err(RegistryError::Document { error: OciError::Size { .. }, .. }) => assert!(is_size),
            Err(RegistryError::Document { error: OciError::Digest { .. }, .. }) => assert!(!is_size),
            other => panic!("{other:?}"),
        }
        assert_eq!(std::fs::read_dir(folder.path().join("blobs/sha256")).unwrap().count(), 1);
        assert!(!folder.path().join("index.json").exists());
    }
}

#[test]
fn a_manifest_by_digest_must_have_it() {
    let mut content = Content::new(b"layer", LAYER);
    let wanted = palisade_model::Digest::of(b"other");
    let whole = content.paths["/v2/a/b/manifests/1"].clone();
    content.paths.insert(format!("/v2/a/b/manifests/{wanted}"), whole);
    let (pulled, _folder) = pull_as(&serve(content), Credentials::Anonymous, &format!("a/b@{wanted}"));
    assert!(matches!(pulled, Err(RegistryError::Document { error: OciError::Digest { .. }, .. })));
}

#[test]
fn large_documents_and_images_are_refused() {
    let mut content = Content::new(b"layer", LAYER);
    content.paths.insert("/v2/a/b/manifests/1".to_owned(), (MANIFEST.to_owned(), vec![b' '; 9 << 20]));
    assert!(matches!(pull(&serve(content)), Err(RegistryError::Protocol { .. })));
    assert!(matches!(pull(&serve(Content::new(&vec![0; 2 << 20], LAYER))), Err(RegistryError::OverLimit(_))));
}

#[test]
fn redirects_and_realms_that_lead_elsewhere_are_not_followed() {
    for target in ["http://169.254.169.254/latest", "http://192.0.2.1/x", "file:///etc/passwd", "//evil/x"] {
        let server = Server::start(move |_| answer(302, "").with("Location", target));
        assert!(
            matches!(pull(&server), Err(RegistryError::Address { .. } | RegistryError::Protocol { .. })),
            "{target}"
        );
        let challenge = format!("Bearer realm=\"{target}\",service=\"s\"");
        let server = Server::start(move |_| answer(401, "").with("WWW-Authenticate", challenge.clone()));
        let (pulled, _folder) = pull_as(&server, someone(), "a/b:1");
        assert!(
            matches!(pulled, Err(RegistryError::Address { .. } | RegistryError::Protocol { .. })),
            "{target}"
        );
    }
}

#[test]
fn circles_end() {
    let server = Server::start(|question| answer(302, "").with("Location", question.path.clone()));
    assert!(matches!(pull(&server), Err(RegistryError::Protocol { .. })));
    assert_eq!(server.questions().len(), 6);
    let server = Server::start(|_| answer(401, "").with("WWW-Authenticate", "Basic"));
    let (pulled, _folder) = pull_as(&server, someone(), "a/b:1");
    assert!(matches!(pulled, Err(RegistryError::Denied { .. })));
    assert_eq!(server.questions().len(), 2);
}

#[test]
fn tokens_that_would_break_a_header_are_refused() {
    for token in ["a\\r\\nX: y", "", "\u{e4}"] {
        let tokens = Server::start(move |_| answer(200, format!("{{\"token\":\"{token}\"}}")));
        let realm = format!("Bearer realm=\"http://{}/t\"", tokens.address);
        let server = Server::start(move |question| match &question.authorization {
            None => answer(401, "").with("WWW-Authenticate", realm.clone()),
            Some(_) => answer(403, ""),
        });
        assert!(
            matches!(pull(&server), Err(RegistryError::Protocol { .. } | RegistryError::Denied { .. })),
            "{token}"
        );
    }
}

#[test]
fn nobody_there_is_told() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut server = Server::start(|_| answer(404, ""));
    assert!(matches!(pull(&server), Err(RegistryError::NotFound { .. })));
    server.address = gone;
    assert!(matches!(pull(&server), Err(RegistryError::Unreachable { .. })));
}

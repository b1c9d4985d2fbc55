//! What a registry says, with what it asks for in `WWW-Authenticate`: no end of questions, none in the clear, and no credentials for anybody
//! but the registry and the token services that it named.
#![no_main]

use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use libfuzzer_sys::fuzz_target;
use palisade_oci::Reference;
use palisade_registry::{Client, Credentials, Limits};
use palisade_sys::{Net, NetError, Response};

const REGISTRY: &str = "registry.example";

/// What stands between two answers.
const BETWEEN: &[u8] = b"\xff\xff";

/// Answers in their order, whatever is asked; then that nothing is there.
struct Registry {
    answers: Mutex<VecDeque<Response>>,
    /// What it asked for so far, in small letters.
    challenges: Mutex<String>,
}

impl Net for Registry {
    fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response, NetError> {
        let host = url.strip_prefix("https://").expect("nothing is asked in the clear");
        let host = host.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let is_registry = host == REGISTRY;
        let mut challenges = self.challenges.lock().unwrap();
        if headers.iter().any(|(name, _)| *name == "authorization") {
            assert!(is_registry || challenges.contains(&host), "{host} gets credentials");
        }
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or_else(|| answer(b"404"));
        if is_registry {
            let asked = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
            // Within quotes a backslash stands before a character that means itself.
            asked.for_each(|(_, value)| challenges.push_str(&value.to_ascii_lowercase().replace('\\', "")));
        }
        Ok(answer)
    }
}

/// The status, lines of fields, an empty line and the content.
fn answer(bytes: &[u8]) -> Response {
    let (head, body) = match bytes.windows(2).position(|window| window == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(200);
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    // Whoever is told to wait does.
    let status = if matches!(status, 429 | 502..=504) { 500 } else { status };
    Response { status, headers, body: Box::new(Cursor::new(body.to_vec())) }
}

fuzz_target!(|bytes: &[u8]| {
    let mut answers = VecDeque::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        answers.push_back(answer(&rest[..at]));
        rest = &rest[at + BETWEEN.len()..];
    }
    answers.push_back(answer(rest));
    let net = Registry { answers: Mutex::new(answers), challenges: Mutex::default() };
    let credentials = Credentials::Basic { user: "user".to_owned(), password: "word".to_owned().into() };
    let client = Client::new(Arc::new(net), credentials, Limits { max_bytes: 1 << 20 });
    let reference: Reference = format!("{REGISTRY}/acme/shop:1").parse().expect("a reference");
    let folder = tempfile::tempdir().expect("a folder");
    if let Ok(pulled) = client.pull(&reference, None, folder.path()) {
        assert!(folder.path().join("blobs/sha256").join(pulled.manifest.hex()).is_file());
    }
});

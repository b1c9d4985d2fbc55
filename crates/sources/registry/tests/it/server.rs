//! A registry of a few lines on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use palisade_model::Digest;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into() }
}

impl Answer {
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A server that lives as long as the test program.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    questions: Arc<Mutex<Vec<Question>>>,
}

impl Server {
    pub(crate) fn start(handle: impl Fn(&Question) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), questions: Arc::default() };
        let questions = server.questions.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(question) = question(&stream) else { continue };
                questions.lock().unwrap().push(question.clone());
                send(stream, &handle(&question));
            }
        });
        server
    }

    pub(crate) fn questions(&self) -> Vec<Question> {
        self.questions.lock().unwrap().clone()
    }
}

fn question(stream: &TcpStream) -> Option<Question> {
    let mut lines = BufReader::new(stream).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let mut authorization = None;
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            authorization = Some(value.to_owned());
        }
    }
    Some(Question { path, authorization })
}

fn send(mut stream: TcpStream, answer: &Answer) {
    let mut head = format!(
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // A client that has seen enough hangs up.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(&answer.body));
}

/// An image of one layer as a registry has it: contents by path.
#[derive(Clone, Default)]
pub(crate) struct Content {
    pub(crate) paths: BTreeMap<String, (String, Vec<u8>)>,
    pub(crate) manifest: Option<Digest>,
    pub(crate) layer: Option<Digest>,
}

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

impl Content {
    pub(crate) fn new(layer: &[u8], layer_type: &str) -> Self {
        let mut content = Self::default();
        let config = b"{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[]}}";
        let config_digest = content.blob(config);
        let layer_digest = content.blob(layer);
        let manifest = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\
             \"digest\":\"{config_digest}\",\"size\":{}}},\"layers\":[{{\"mediaType\":\"{layer_type}\",\"digest\":\"{layer_digest}\",\"size\":{}}}]}}",
            config.len(),
            layer.len()
        );
        let digest = Digest::of(manifest.as_bytes());
        for name in ["1".to_owned(), digest.to_string()] {
            content.paths.insert(
                format!("/v2/a/b/manifests/{name}"),
                (MANIFEST.to_owned(), manifest.clone().into_bytes()),
            );
        }
        Self { manifest: Some(digest), layer: Some(layer_digest), ..content }
    }

    fn blob(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        let path = format!("/v2/a/b/blobs/{digest}");
        self.paths.insert(path, ("application/octet-stream".to_owned(), bytes.to_vec()));
        digest
    }

    pub(crate) fn answer(&self, path: &str) -> Answer {
        match self.paths.get(path) {
            Some((media_type, bytes)) => answer(200, bytes.clone()).with("Content-Type", media_type.clone()),
            None => answer(404, "{}"),
        }
    }
}

use std::fs;
use std::io::Read;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How long to wait for a connection, for an answer, and for more of it, each.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long one request may take, body included: a large layer of an image over a slow line.
const WHOLE: Duration = Duration::from_secs(6 * 60 * 60);

/// Bytes of all fields of an answer.
const MAX_HEAD: usize = 64 << 10;

/// Where systems keep the certificates that they trust; the first that is there counts.
const TRUSTED: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// An answer. Its body is read by whoever asked, and bounded there.
pub struct Response {
    /// The status (RFC 9110, section 15).
    pub status: u16,
    /// The fields, names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Box<dyn Read + Send>,
}

impl Response {
    /// The first field of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot reach `{url}`: {detail}")]
pub struct NetError {
    /// The address.
    pub url: String,
    /// What went wrong.
    pub detail: String,
}

/// Connections to other machines. Nothing is asked but what the user asked for.
pub trait Net: Send + Sync {
    /// Asks for what lies at `url`, with these header fields. Follows no redirect: whether credentials may go along is the
    /// caller's to decide. Every status is an answer.
    fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response, NetError>;
}

/// The network of the host.
pub struct HostNet {
    patience: Duration,
    agent: OnceLock<Agent>,
}

impl Default for HostNet {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl HostNet {
    /// Waits so long for a connection, for an answer, and for more of it, each.
    pub const fn with_patience(patience: Duration) -> Self {
        Self { patience, agent: OnceLock::new() }
    }

    fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::Specific(Arc::new(trusted())))
                .unversioned_rustls_crypto_provider(provider)
                .build();
            let config = Agent::config_builder()
                .tls_config(tls)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .http_status_as_error(false)
                .user_agent(concat!("palisade/", env!("CARGO_PKG_VERSION")))
                .max_response_header_size(MAX_HEAD)
                .timeout_resolve(Some(self.patience))
                .timeout_connect(Some(self.patience))
                .timeout_recv_response(Some(self.patience))
                .timeout_per_read(Some(self.patience))
                .timeout_global(Some(WHOLE))
                .build();
            Agent::new_with_config(config)
        })
    }
}

/// The certificates that the system trusts; none when it keeps none where they are looked for, and then no secure address can be
/// reached.
fn trusted() -> Vec<ureq::tls::Certificate<'static>> {
    let Some(bundle) = TRUSTED.iter().find_map(|path| fs::read(path).ok()) else { return Vec::new() };
    let items = parse_pem(&bundle).filter_map(Result::ok);
    items
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate.to_owned()),
            _ => None,
        })
        .collect()
}

impl Net for HostNet {
    fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response, NetError> {
        let mut request = self.agent().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let failed = |error: ureq::Error| NetError { url: without_query(url), detail: error.to_string() };
        let (parts, body) = request.call().map_err(failed)?.into_parts();
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Response {
            status: parts.status.as_u16(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: Box::new(body.into_reader()),
        })
    }
}

/// The address as it may be shown: queries hold signatures.
fn without_query(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with `answer`, and returns the request's head.
    fn served(answer: &'static str) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file?token=x", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head = lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            stream.write_all(answer.as_bytes()).unwrap();
            head
        });
        (url, server)
    }

    #[test]
    fn an_answer_is_given_as_it_is() {
        let (url, server) = served("HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello");
        let mut response = HostNet::default().get(&url, &[("Accept", "text/plain")]).unwrap();
        let mut body = String::new();
        response.body.read_to_string(&mut body).unwrap();
        assert_eq!((response.status, response.header("x-one"), body.as_str()), (200, Some("1"), "hello"));
        let head = server.join().unwrap();
        assert!(head.iter().any(|line| line.eq_ignore_ascii_case("accept: text/plain")), "{head:?}");
    }

    #[test]
    fn redirects_are_not_followed_and_failures_are_no_errors() {
        let (url, server) =
            served("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        let response = HostNet::default().get(&url, &[]).unwrap();
        assert_eq!((response.status, response.header("location")), (302, Some("http://127.0.0.1:1/")));
        server.join().unwrap();
        let (url, server) = served("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(HostNet::default().get(&url, &[]).unwrap().status, 503);
        server.join().unwrap();
    }

    #[test]
    fn who_stops_talking_is_not_waited_for() {
        let net = HostNet::with_patience(Duration::from_millis(200));
        for half in ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}/", listener.local_addr().unwrap());
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(half.as_bytes()).unwrap();
                stream
            });
            let read = |mut answer: Response| answer.body.read_to_end(&mut Vec::new()).is_ok();
            assert!(!net.get(&url, &[]).is_ok_and(read), "{half:?}");
            drop(server.join().unwrap());
        }
    }

    #[test]
    fn a_head_without_end_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let field = format!("X: {}\r\n", "x".repeat(8000));
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{}\r\n", field.repeat(20)).as_bytes());
            stream
        });
        assert!(HostNet::default().get(&url, &[]).is_err());
        drop(server.join().unwrap());
    }

    #[test]
    fn nobody_there_is_an_error_without_what_may_be_secret() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/a?token=secret", listener.local_addr().unwrap());
        drop(listener);
        let error = HostNet::default().get(&url, &[]).err().unwrap();
        assert!(error.to_string().starts_with("cannot reach `http://127.0.0.1:"), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

//! Servers that cannot be reached, and TLS.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use package_storage_migrate::v2::store::bucket::StoreKind::{Azure, Gcs, S3};

use super::{DONE, Refused, Row, nothing, row};
use crate::support::fault_server::FaultServer;
use crate::support::faulty_store::Faulty;
use crate::support::tls_server::{AUTHORITY, TlsServer};

/// Returns the variables of a store at another address.
fn at(f: &Faulty, server: &FaultServer, origin: &str) -> Vec<(String, String)> {
    let pairs = match f.store.kind {
        Gcs => {
            let metadata = format!("127.0.0.1:{}", server.port);
            let pairs = [
                ("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", origin.to_owned()),
                ("GCE_METADATA_HOST", metadata),
            ];
            return pairs.map(|(name, value)| (name.to_owned(), value)).into();
        }
        S3 | Azure => f.store.variables(server),
    };
    let here = format!("http://127.0.0.1:{}", server.port);
    pairs.into_iter().map(|(name, value)| (name, value.replace(&here, origin))).collect()
}

fn tls(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    at(f, server, &format!("https://127.0.0.1:{}", TlsServer::before(server.port).port))
}

fn trusted_tls(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    let mut variables = tls(f, server);
    variables.push(("SSL_CERT_FILE".to_owned(), AUTHORITY.to_owned()));
    variables
}

/// The certificate is trusted, and is that of other hosts.
fn tls_of_another(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    let port = TlsServer::before(server.port).port;
    let mut variables = at(f, server, &format!("https://localhost:{port}"));
    variables.push(("SSL_CERT_FILE".to_owned(), AUTHORITY.to_owned()));
    variables
}

/// A server that answers a TLS handshake with these bytes, and closes the connection.
fn no_tls(f: &Faulty, server: &FaultServer, answer: &'static [u8]) -> Vec<(String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut hello = [0; 4096];
            // The client may be gone.
            let _ = stream.read(&mut hello).and_then(|_| stream.write_all(answer));
        }
    });
    at(f, server, &format!("https://127.0.0.1:{port}"))
}

fn plain(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    no_tls(f, server, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
}

fn closing(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    no_tls(f, server, b"")
}

/// A fatal alert: handshake failure (RFC 8446, 6).
fn alerting(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    no_tls(f, server, &[21, 3, 3, 0, 2, 2, 40])
}

fn nobody(f: &Faulty, server: &FaultServer) -> Vec<(String, String)> {
    // A free port could be taken by another test in the meantime; this one is of a protocol that nobody uses.
    at(f, server, "http://127.0.0.1:1")
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("none: TLS with a trusted certificate", nothing, |_, _| None, DONE).variables(trusted_tls),
    row("a certificate that nobody trusts", nothing, |_, _| None, Refused("cannot reach")).variables(tls),
    row("the certificate of another host", nothing, |_, _| None, Refused("cannot reach")).variables(tls_of_another),
];

/// Connections that fail in each attempt: the command gives up after up to a minute.
#[rustfmt::skip]
pub(super) const UNREACHABLE: &[Row] = &[
    row("a server that does not speak TLS", nothing, |_, _| None, Refused("TLS failed")).variables(plain),
    row("a TLS handshake that ends early", nothing, |_, _| None, Refused("cannot reach")).variables(closing),
    row("a TLS handshake that is refused", nothing, |_, _| None, Refused("cannot reach")).variables(alerting),
    row("no server", nothing, |_, _| None, Refused("cannot reach")).variables(nobody),
];

//! TLS before a server that speaks HTTP: as the server itself, or as what a proxy connects to.
//!
//! `tls/authority.pem` signs `tls/server.pem`, which is valid for this machine and for the stores' own hosts. Both were
//! made for this, are valid from 2020 to 2120, and are trusted by nobody but a tool with `SSL_CERT_FILE`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::fault_server::read_up_to;

/// The certificate that has signed that of the server.
pub(crate) const AUTHORITY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/tls/authority.pem");
const SERVER: &[u8] = include_bytes!("tls/server.pem");

/// A running server; it ends with the test process.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    /// The heads of the requests to the proxy.
    connects: Arc<Mutex<Vec<String>>>,
}

impl TlsServer {
    /// Serves what a server at `backend` on this machine serves.
    pub(crate) fn before(backend: u16) -> Self {
        Self::start(backend, false)
    }

    /// Takes `CONNECT` to any host, and is that host.
    pub(crate) fn proxy(backend: u16) -> Self {
        Self::start(backend, true)
    }

    fn start(backend: u16, is_proxy: bool) -> Self {
        let certificates = CertificateDer::pem_slice_iter(SERVER);
        let certificates = certificates.collect::<Result<_, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_slice(SERVER).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(certificates, key);
        let config = Arc::new(config.expect("a certificate and its key"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let connects: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&connects);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, seen) = (Arc::clone(&config), Arc::clone(&seen));
                // A client that disconnects is not an error of the server.
                thread::spawn(move || {
                    if is_proxy {
                        seen.lock().expect("no panic").push(connected(&stream)?);
                    }
                    relay(stream, config, backend)
                });
            }
        });
        TlsServer { port, connects }
    }

    /// Returns the heads of the requests to the proxy so far.
    pub(crate) fn connects(&self) -> Vec<String> {
        self.connects.lock().expect("no panic").clone()
    }
}

/// Reads and accepts a `CONNECT`.
fn connected(mut stream: &TcpStream) -> io::Result<String> {
    let head = read_up_to(stream, b"\r\n\r\n")?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Copies in both directions until one side ends.
fn relay(client: TcpStream, config: Arc<ServerConfig>, backend: u16) -> io::Result<()> {
    const SHORTEST: Duration = Duration::from_millis(1);
    const LONGEST: Duration = Duration::from_millis(16);
    let mut backend = TcpStream::connect(("127.0.0.1", backend))?;
    for stream in [&client, &backend] {
        stream.set_nodelay(true)?;
    }
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut client = StreamOwned::new(connection, client);
    let mut piece = vec![0; 64 * 1024];
    // How long one side is waited for, before the other is looked at: the longer nothing arrives, the longer, since
    // the connections of many tests are open at the same time.
    let mut turn = SHORTEST;
    loop {
        for stream in [&client.sock, &backend] {
            stream.set_read_timeout(Some(turn))?;
        }
        let Some(sent) = copied(&mut client, &mut backend, &mut piece)? else {
            return Ok(());
        };
        let Some(received) = copied(&mut backend, &mut client, &mut piece)? else {
            client.conn.send_close_notify();
            return client.flush();
        };
        turn = if sent + received > 0 { SHORTEST } else { LONGEST.min(2 * turn) };
    }
}

/// Copies what has arrived; returns its length in bytes, or `None` at the end.
fn copied(
    from: &mut impl Read,
    to: &mut impl Write,
    piece: &mut [u8],
) -> io::Result<Option<usize>> {
    match from.read(piece) {
        Ok(0) => Ok(None),
        Ok(len) => {
            to.write_all(&piece[..len])?;
            to.flush()?;
            Ok(Some(len))
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Ok(Some(0))
        }
        Err(error) => Err(error),
    }
}

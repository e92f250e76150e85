//! A web server that serves a few objects like S3 or nginx, with injected faults.
//!
//! Each response is correct at first: HEAD, GET, one range, `If-Match`, 404. The test's function may then
//! change everything about the response, and how it is delivered. Other servers bring a handler of their own.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As sent, percent-encoded.
    pub(crate) path: String,
    /// In the order sent, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Number of previous GETs of this path.
    pub(crate) earlier: usize,
    /// Number of previous requests with this method and path.
    pub(crate) repeats: usize,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A response, and how it is delivered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delivery: Delivery,
}

impl Reply {
    /// Creates a response with a status only.
    pub(crate) fn status(status: u16) -> Self {
        Reply { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Sound }
    }

    /// Replaces a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }
}

/// How a response is delivered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Delivery {
    Sound,
    /// In chunks, without a length.
    Chunked,
    /// Until the connection closes, without a length.
    UntilClosed,
    /// After this time.
    Late(Duration),
    /// This many bytes of the body, then nothing, with the connection open.
    Stalled(usize),
    /// This many bytes of the body, then the connection is closed.
    Cut(usize),
    /// One byte of the body at a time.
    Dribbled(Duration),
    /// A reset instead of a response.
    Reset,
    /// Not HTTP.
    Garbage,
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

struct State {
    handler: Box<Handler>,
    requests: Mutex<Vec<Request>>,
    connection_count: AtomicUsize,
}

/// A running server; it ends with the test process.
pub(crate) struct FaultServer {
    pub(crate) port: u16,
    state: Arc<State>,
}

impl FaultServer {
    /// Serves objects by their paths, such as `/a/b.zip`.
    pub(crate) fn serve(
        objects: impl IntoIterator<Item = (String, Vec<u8>)>,
        wrong: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let objects: BTreeMap<String, Vec<u8>> = objects.into_iter().collect();
        FaultServer::with(move |request| wrong(request, correct_reply(&objects, request)))
    }

    /// Answers with a handler.
    pub(crate) fn with(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            handler: Box::new(handler),
            requests: Mutex::default(),
            connection_count: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                state.connection_count.fetch_add(1, Ordering::Relaxed);
                // Head and body are written separately: a delayed acknowledgement would take 40 ms each.
                stream.set_nodelay(true).expect("a TCP connection");
                // A client that disconnects is not an error of the server.
                thread::spawn(move || while state.serve_one(&stream).is_some() {});
            }
        });
        FaultServer { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Returns all requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().expect("no thread panicked").clone()
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.state.connection_count.load(Ordering::Relaxed)
    }
}

impl State {
    /// Responds to a request; returns `None` when the connection is closed.
    fn serve_one(&self, mut stream: &TcpStream) -> Option<()> {
        let mut request = receive(stream)?;
        {
            let mut all = self.requests.lock().expect("no thread panicked");
            let same = |one: &&Request| one.method == "GET" && one.path == request.path;
            request.earlier = all.iter().filter(same).count();
            let again =
                |one: &&Request| (&one.method, &one.path) == (&request.method, &request.path);
            request.repeats = all.iter().filter(again).count();
            all.push(request.clone());
        }
        let reply = (self.handler)(&request);
        if let Delivery::Reset = reply.delivery {
            // The last byte of the request is still unread, so closing now causes a reset.
            return None;
        }
        stream.read_exact(&mut [0]).ok()?;
        if let Delivery::Late(pause) = reply.delivery {
            thread::sleep(pause);
        }
        if let Delivery::Garbage = reply.delivery {
            stream.write_all(b"SSH-2.0-nothing of the kind\r\n\r\n").ok()?;
            return end(stream);
        }
        let chunked = matches!(reply.delivery, Delivery::Chunked);
        let mut head = format!("HTTP/1.1 {} Status\r\n", reply.status);
        let until_closed = matches!(reply.delivery, Delivery::UntilClosed);
        let sends_len = !chunked && !until_closed;
        for (name, value) in &reply.headers {
            if sends_len || *name != "content-length" {
                head += &format!("{name}: {value}\r\n");
            }
        }
        if chunked {
            head += "transfer-encoding: chunked\r\n";
        } else if until_closed {
            head += "connection: close\r\n";
        } else if reply.headers.iter().all(|(name, _)| *name != "content-length") {
            head += &format!("content-length: {}\r\n", reply.body.len());
        }
        stream.write_all((head + "\r\n").as_bytes()).ok()?;
        if request.method == "HEAD" {
            return (!until_closed).then_some(());
        }
        match reply.delivery {
            Delivery::Chunked => {
                let size = format!("{:x}\r\n", reply.body.len());
                stream.write_all(size.as_bytes()).ok()?;
                stream.write_all(&reply.body).ok()?;
                stream.write_all(b"\r\n0\r\n\r\n").ok()
            }
            Delivery::UntilClosed => {
                stream.write_all(&reply.body).ok()?;
                end(stream)
            }
            Delivery::Cut(len) => {
                stream.write_all(&reply.body[..len.min(reply.body.len())]).ok()?;
                end(stream)
            }
            Delivery::Stalled(len) => {
                stream.write_all(&reply.body[..len.min(reply.body.len())]).ok()?;
                thread::sleep(Duration::from_secs(600));
                None
            }
            Delivery::Dribbled(pause) => {
                for byte in &reply.body {
                    stream.write_all(&[*byte]).ok()?;
                    thread::sleep(pause);
                }
                Some(())
            }
            _ => stream.write_all(&reply.body).ok(),
        }
    }
}

/// Ends a connection. To close it is not enough: a child process that another test starts may still have it open.
fn end(stream: &TcpStream) -> Option<()> {
    // The client may be gone.
    stream.shutdown(Shutdown::Write).unwrap_or_default();
    None
}

/// Returns the response of a correct server.
pub(crate) fn correct_reply(objects: &BTreeMap<String, Vec<u8>>, request: &Request) -> Reply {
    let Some(object) = objects.get(&request.path) else {
        return Reply { body: b"no such object".to_vec(), ..Reply::status(404) };
    };
    ranged(request, object)
}

/// Returns the response of a correct server that has the object.
pub(crate) fn ranged(request: &Request, object: &[u8]) -> Reply {
    let tag = format!("\"{:08x}\"", crc32fast::hash(object));
    if request.header("if-match").is_some_and(|wanted| wanted != tag) {
        return Reply::status(412);
    }
    let total = object.len();
    let found = Reply::status(200).with("etag", tag);
    let Some(range) = request.header("range").and_then(|range| range.strip_prefix("bytes=")) else {
        let found = found.with("content-length", total.to_string());
        return Reply { body: object.to_vec(), ..found };
    };
    let (first, last) = range.split_once('-').expect("a range");
    let (start, end) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Err(_), Ok(len)) => (total.saturating_sub(len), total),
        (Ok(start), Ok(last)) => (start, total.min(last + 1)),
        _ => panic!("an unexpected range: {range}"),
    };
    if start >= end {
        return Reply::status(416).with("content-range", format!("bytes */{total}"));
    }
    let part = format!("bytes {start}-{}/{total}", end - 1);
    let found = found.with("content-range", part);
    Reply { status: 206, body: object[start..end].to_vec(), ..found }
}

/// Reads a request except for its last byte.
fn receive(mut stream: &TcpStream) -> Option<Request> {
    let text = read_up_to(stream, b"\r\n\r").ok()?;
    let text = String::from_utf8(text).expect("a request in UTF-8");
    let mut lines = text.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let mut request = Request { method, path, headers: headers.collect(), ..Request::default() };
    let len = request.header("content-length").and_then(|len| len.parse::<usize>().ok());
    if let Some(len @ 1..) = len {
        stream.read_exact(&mut [0]).ok()?;
        request.body = vec![0; len - 1];
        stream.read_exact(&mut request.body).ok()?;
        let mut last = [0];
        stream.peek(&mut last).ok().filter(|len| *len == 1)?;
        request.body.push(last[0]);
    }
    Some(request)
}

/// Reads up to the end of the first `end`, and nothing behind it.
pub(crate) fn read_up_to(mut stream: &TcpStream, end: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut arrived = [0; 4096];
    loop {
        let len = stream.peek(&mut arrived)?;
        if len == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (index, byte) in arrived[..len].iter().enumerate() {
            text.push(*byte);
            if text.ends_with(end) {
                stream.read_exact(&mut arrived[..=index])?;
                return Ok(text);
            }
        }
        stream.read_exact(&mut arrived[..len])?;
    }
}

/// A port on which nothing listens, and that nothing else gets: the client's end of a connection has it.
pub(crate) struct ClosedPort {
    pub(crate) port: u16,
    _taken: [TcpStream; 2],
}

impl ClosedPort {
    pub(crate) fn take() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let server = listener.local_addr().expect("an address");
        let client = TcpStream::connect(server).expect("a connection");
        let (accepted, _) = listener.accept().expect("the connection");
        let port = client.local_addr().expect("an address").port();
        ClosedPort { port, _taken: [client, accepted] }
    }
}

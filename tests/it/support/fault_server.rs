//! A web server that serves a few objects as S3 or nginx would, and then does wrong on purpose.
//!
//! Each request is answered honestly first: HEAD, GET, one range, `If-Match`, 404. What a test puts
//! in between may change everything about the answer, and how it is delivered.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// As it was sent, percent signs and all.
    pub(crate) path: String,
    /// In the order they were sent, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// How many GETs of this path came before.
    pub(crate) earlier: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An answer, and how it is delivered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delivery: Delivery,
}

impl Reply {
    /// Nothing but a status.
    pub(crate) fn status(status: u16) -> Self {
        Reply { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Sound }
    }

    /// With this header instead of any of the name.
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

/// How an answer is delivered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Delivery {
    Sound,
    /// In chunks, so that no length is told.
    Chunked,
    /// Until the connection closes, so that no length is told.
    UntilClosed,
    /// Nothing for so long.
    Late(Duration),
    /// So many bytes of the body, and then nothing more, with the connection open.
    Stalled(usize),
    /// So many bytes of the body, and the connection ends.
    Cut(usize),
    /// A byte of the body at a time.
    Dribbled(Duration),
    /// No answer but a reset.
    Reset,
    /// No HTTP.
    Garbage,
}

type Wrong = dyn Fn(&Asked, Reply) -> Reply + Send + Sync;

struct State {
    objects: BTreeMap<String, Vec<u8>>,
    wrong: Box<Wrong>,
    asked: Mutex<Vec<Asked>>,
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
        wrong: impl Fn(&Asked, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            objects: objects.into_iter().collect(),
            wrong: Box::new(wrong),
            asked: Mutex::default(),
            connection_count: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                state.connection_count.fetch_add(1, Ordering::Relaxed);
                // A client that goes away is no matter of the server's.
                thread::spawn(move || while state.serve_one(&stream).is_some() {});
            }
        });
        FaultServer { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().expect("no thread panicked").clone()
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.state.connection_count.load(Ordering::Relaxed)
    }
}

impl State {
    /// Answers a request; none when the connection is over.
    fn serve_one(&self, mut stream: &TcpStream) -> Option<()> {
        let mut asked = receive(stream)?;
        let earlier = {
            let mut all = self.asked.lock().expect("no thread panicked");
            let same = |one: &&Asked| one.method == "GET" && one.path == asked.path;
            asked.earlier = all.iter().filter(same).count();
            all.push(asked.clone());
            asked
        };
        let reply = (self.wrong)(&earlier, self.honest(&earlier));
        if let Delivery::Reset = reply.delivery {
            // The last byte of the request is still unread: closing now makes a reset of it.
            return None;
        }
        stream.read_exact(&mut [0]).ok()?;
        if let Delivery::Late(pause) = reply.delivery {
            thread::sleep(pause);
        }
        if let Delivery::Garbage = reply.delivery {
            stream.write_all(b"SSH-2.0-nothing of the kind\r\n\r\n").ok()?;
            return None;
        }
        let chunked = matches!(reply.delivery, Delivery::Chunked);
        let mut head = format!("HTTP/1.1 {} Said\r\n", reply.status);
        let until_closed = matches!(reply.delivery, Delivery::UntilClosed);
        let tells_len = !chunked && !until_closed;
        for (name, value) in &reply.headers {
            if tells_len || *name != "content-length" {
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
        if earlier.method == "HEAD" {
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
                None
            }
            Delivery::Cut(len) => {
                stream.write_all(&reply.body[..len.min(reply.body.len())]).ok()?;
                None
            }
            Delivery::Stalled(len) => {
                stream.write_all(&reply.body[..len.min(reply.body.len())]).ok()?;
                thread::sleep(Duration::from_secs(60));
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

    /// What a good server says.
    fn honest(&self, asked: &Asked) -> Reply {
        let Some(object) = self.objects.get(&asked.path) else {
            return Reply { body: b"no such object".to_vec(), ..Reply::status(404) };
        };
        let tag = format!("\"{:08x}\"", crc32fast::hash(object));
        if asked.header("if-match").is_some_and(|wanted| wanted != tag) {
            return Reply::status(412);
        }
        let total = object.len();
        let found = Reply::status(200).with("etag", tag);
        let Some(range) = asked.header("range").and_then(|range| range.strip_prefix("bytes="))
        else {
            let found = found.with("content-length", total.to_string());
            return Reply { body: object.clone(), ..found };
        };
        let (first, last) = range.split_once('-').expect("a range");
        let (start, end) = match (first.parse::<usize>(), last.parse::<usize>()) {
            (Err(_), Ok(len)) => (total.saturating_sub(len), total),
            (Ok(start), Ok(last)) => (start, total.min(last + 1)),
            _ => panic!("a range that nobody should ask for: {range}"),
        };
        if start >= end {
            return Reply::status(416).with("content-range", format!("bytes */{total}"));
        }
        let part = format!("bytes {start}-{}/{total}", end - 1);
        let found = found.with("content-range", part);
        Reply { status: 206, body: object[start..end].to_vec(), ..found }
    }
}

/// Reads a request but for its last byte.
fn receive(mut stream: &TcpStream) -> Option<Asked> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).expect("a request in UTF-8");
    let mut lines = text.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Some(Asked { method, path, headers: headers.collect(), earlier: 0 })
}

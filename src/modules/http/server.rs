//! A web server for tests: it answers what it is told to, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as the server saw it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// `GET /path`.
    pub line: String,
    /// The headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }
}

/// What it answers: status line, headers, body.
pub(crate) struct Says {
    pub status: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Says {
    /// An answer with a text.
    pub(crate) fn text(status: &'static str, body: &str) -> Says {
        Says {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// The same answer with a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Says {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A server; it runs until the test ends.
pub(crate) struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts one.
    pub(crate) fn start(says: impl Fn(&Seen) -> Says + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = read(&stream);
                let answer = says(&request);
                noted.lock().unwrap().push(request.clone());
                let _ = write(stream, &request, &answer);
            }
        });
        Server { address, seen }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far; they are forgotten then.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn read(stream: &TcpStream) -> Seen {
    let mut reader = BufReader::new(stream);
    let mut seen = Seen::default();
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap_or(0) > 0 {
        let text = line.trim_end().to_owned();
        line.clear();
        if text.is_empty() {
            break;
        }
        if seen.line.is_empty() {
            seen.line = text.rsplit_once(' ').unwrap().0.to_owned();
        } else if let Some((name, value)) = text.split_once(':') {
            let name = name.to_ascii_lowercase();
            seen.headers.push((name, value.trim().to_owned()));
        }
    }
    let length = seen
        .header("content-length")
        .and_then(|text| text.parse().ok());
    seen.body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut seen.body);
    seen
}

fn write(mut stream: TcpStream, seen: &Seen, says: &Says) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", says.status);
    for (name, value) in &says.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !says
        .headers
        .iter()
        .any(|(name, _)| name == "Content-Length")
    {
        head.push_str(&format!("Content-Length: {}\r\n", says.body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if !seen.line.starts_with("HEAD ") && !says.status.starts_with("304") {
        stream.write_all(&says.body)?;
    }
    stream.flush()
}

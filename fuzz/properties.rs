//! What must hold for strangers' bytes: the fuzz targets feed them without end, `tests/strangers.rs` for a
//! moment.

use play::connection::{Hello, Look};
use play::facts::Wanted;
use play::shell::{Reply, ReplyReader, Stream};
use play::vars::is_refused_fact;

/// The mark of the sessions that are pretended.
pub const MARK: &str = "play-0123456789abcdef";

/// The reply of a host, whatever it is and however it comes in pieces: read within its size, and the same as
/// when it comes at once. The first byte says how it is cut, the second which stream begins.
pub fn reply(data: &[u8]) {
    let (Some(size), Some(rest)) = (data.first(), data.get(2..)) else {
        return;
    };
    let (out, err) = match data[1] % 3 {
        0 => (rest, &b""[..]),
        1 => (&b""[..], rest),
        _ => rest.split_at(rest.len() / 2),
    };
    // A host knows the mark: it is what it is told to answer with.
    let known = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .replace('\u{1}', MARK)
            .into_bytes()
    };
    let (out, err) = (known(out), known(err));
    let read = |piece: usize| {
        let mut reader = ReplyReader::new(MARK);
        let mut raw = 0;
        for (stream, bytes) in [(Stream::Stdout, &out), (Stream::Stderr, &err)] {
            for part in bytes.chunks(piece) {
                let fed = reader.feed(stream, part, &mut |_, bytes| raw += bytes.len());
                assert!(fed.is_ok(), "a small reply is too large");
            }
        }
        let reply = reader.finish();
        let kept: usize = reply
            .answers
            .iter()
            .map(|(name, body)| name.len() + body.len())
            .sum();
        assert!(kept + reply.stdout.len() + reply.stderr.len() <= out.len() + err.len());
        assert_eq!(raw, reply.stdout.len() + reply.stderr.len());
        reply
    };
    let (whole, parts) = (read(usize::MAX), read(usize::from(*size).max(1)));
    assert_eq!(
        (whole.status, &whole.answers, &whole.stdout, &whole.stderr),
        (parts.status, &parts.answers, &parts.stdout, &parts.stderr)
    );
}

/// What a host answers to the question for its facts: lines `name` NUL text, NUL between the answers. Facts
/// come of it or not, and none that would rule the connection has a name that is let through.
pub fn facts(data: &[u8]) {
    let mut answers = Vec::new();
    let mut parts = data.split(|byte| *byte == 0);
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        answers.push((String::from_utf8_lossy(name).into_owned(), text.to_vec()));
    }
    let reply = Reply {
        answers,
        ..Reply::default()
    };
    let wanted = Wanted::of(&["all", "facter", "ohai"]).expect("these can be asked for");
    let gathered = wanted.read(&reply);
    for (name, value) in &gathered.facts {
        let name = name.to_text();
        assert!(
            name.starts_with("ansible_") || !is_refused_fact(&name),
            "{name}"
        );
        drop(play::value::to_json(value));
    }
}

/// What a server says before its version: it ends, with the version, the end or too much.
pub fn hello(data: &[u8]) {
    let mut hello = Hello::default();
    let mut rest = data;
    for _ in 0..=data.len() {
        match hello.look(rest) {
            Look::Version => return assert!(rest.starts_with(b"SSH-")),
            Look::End => return assert!(rest.is_empty()),
            Look::Endless => return,
            Look::Wait => return assert!(rest.len() < 4),
            Look::Take(count) => rest = &rest[count..],
        }
    }
    panic!("it takes nothing");
}

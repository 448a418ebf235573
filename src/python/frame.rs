//! Frames: sizes in hexadecimal, JSON, bytes.

use crate::value::{Map, Value, from_json, to_json};

/// The longest head that is taken.
const MOST_HEAD: usize = 64 * 1024 * 1024;

/// The longest body that is taken.
const MOST_BODY: usize = 256 * 1024 * 1024;

/// One message between us and a Python.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Which conversation it belongs to; 0 is the worker itself. A host's session has only one.
    pub channel: u32,
    /// What it says.
    pub head: Map,
    /// Bytes that go with it.
    pub body: Vec<u8>,
}

/// Whether frames carry their channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The worker on the controller: three sizes.
    Worker,
    /// A host's session: two sizes.
    Host,
}

impl Frame {
    /// A frame without bytes.
    pub fn new(channel: u32, head: Map) -> Self {
        Frame {
            channel,
            head,
            body: Vec::new(),
        }
    }

    /// The text of a key of the head.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.head.get(key)?.as_str()
    }

    /// The number of a key of the head.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.head.get(key)?.as_int()
    }

    /// The frame as it goes over the pipe.
    pub fn bytes(&self, kind: Kind) -> Vec<u8> {
        head_bytes(kind, self.channel, &self.head, &self.body)
    }

    /// Takes the first whole frame off what was heard; nothing where it has not come whole.
    ///
    /// # Errors
    /// What was heard is no frame: somebody else writes on the pipe.
    pub fn take(kind: Kind, heard: &mut Vec<u8>) -> Result<Option<Frame>, String> {
        let sizes = match kind {
            Kind::Worker => 3,
            Kind::Host => 2,
        };
        let mut numbers = Vec::with_capacity(sizes);
        for part in 0..sizes {
            let Some(digits) = heard.get(part * 8..part * 8 + 8) else {
                return Ok(None);
            };
            numbers.push(size(digits).ok_or_else(|| garbage(heard))?);
        }
        let (body, rest) = (numbers.pop().unwrap_or(0), numbers);
        let head = rest.last().copied().unwrap_or(0);
        if head > MOST_HEAD || body > MOST_BODY {
            return Err(format!("it announced {} bytes", head.saturating_add(body)));
        }
        let start = sizes * 8;
        if heard.len() < start + head + body {
            return Ok(None);
        }
        let text = std::str::from_utf8(&heard[start..start + head]);
        let value = text.ok().and_then(|text| from_json(text).ok());
        let map = value.as_ref().and_then(Value::as_map);
        let map = map.ok_or_else(|| garbage(heard))?;
        let frame = Frame {
            channel: u32::try_from(if sizes == 3 { rest[0] } else { 0 }).unwrap_or(0),
            head: (**map).clone(),
            body: heard[start + head..start + head + body].to_vec(),
        };
        heard.drain(..start + head + body);
        Ok(Some(frame))
    }
}

/// A frame from parts, whose body is not copied first.
pub fn head_bytes(kind: Kind, channel: u32, head: &Map, body: &[u8]) -> Vec<u8> {
    let head = to_json(&Value::map(head.clone()));
    let sizes = match kind {
        Kind::Worker => format!("{channel:08x}{:08x}{:08x}", head.len(), body.len()),
        Kind::Host => format!("{:08x}{:08x}", head.len(), body.len()),
    };
    [sizes.as_bytes(), head.as_bytes(), body].concat()
}

fn size(digits: &[u8]) -> Option<usize> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn garbage(heard: &[u8]) -> String {
    let start = String::from_utf8_lossy(&heard[..heard.len().min(80)]).into_owned();
    format!("it said what is not an answer: {start:?}")
}

#[cfg(test)]
mod tests {
    use super::{Frame, Kind};
    use proptest::prelude::*;

    #[test]
    fn a_frame_comes_in_pieces_and_two_at_once() {
        let mut frame = Frame::new(7, crate::entries! { "do" => "ping" });
        frame.body = vec![0, 255, 10];
        for kind in [Kind::Worker, Kind::Host] {
            let bytes = frame.bytes(kind);
            let mut heard = bytes[..bytes.len() - 1].to_vec();
            assert!(Frame::take(kind, &mut heard).unwrap().is_none());
            heard.extend(&bytes[bytes.len() - 1..]);
            heard.extend(&bytes);
            for _ in 0..2 {
                let taken = Frame::take(kind, &mut heard).unwrap().unwrap();
                assert_eq!(taken.text("do"), Some("ping"));
                assert_eq!(taken.body, frame.body);
                assert_eq!(taken.channel, if kind == Kind::Worker { 7 } else { 0 });
            }
            assert!(heard.is_empty());
        }
    }

    #[test]
    fn garbage_and_gigabytes_are_refused() {
        let long = "7fffffff".repeat(3);
        for bad in [
            "Traceback (most recent call last):\n",
            "0000000500000000hello",
            &long,
        ] {
            let mut heard = bad.as_bytes().to_vec();
            assert!(Frame::take(Kind::Host, &mut heard).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut heard = bytes;
            let _ = Frame::take(Kind::Worker, &mut heard);
        }
    }
}

//! The kernel's list of TCP connections.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Args, Connection};
use crate::shell::Reply;

/// How many connections of the port are in one of the states that count.
pub fn active(reply: &Reply, args: &Args) -> usize {
    let addresses = Addresses::of(reply);
    let own = addresses.of_name(&args.host);
    let excluded: Vec<IpAddr> = args
        .exclude_hosts
        .iter()
        .flatten()
        .flat_map(|name| addresses.of_name(name))
        .collect();
    let counts = |row: &Row| {
        Some(row.local.1) == args.port
            && args.active_connection_states.iter().any(|state| state.code() == row.state)
            && (own.iter().any(|address| address.is_unspecified() || *address == row.local.0))
            && !excluded.contains(&row.remote.0)
    };
    rows(reply).filter(counts).count()
}

impl Connection {
    /// The number in the column `st`.
    fn code(self) -> u8 {
        match self {
            Connection::Established => 1,
            Connection::SynSent => 2,
            Connection::SynReceived => 3,
            Connection::FinWait1 => 4,
            Connection::FinWait2 => 5,
            Connection::TimeWait => 6,
        }
    }
}

/// The addresses that the host's resolver gave for names.
struct Addresses(Vec<(String, IpAddr)>);

impl Addresses {
    fn of(reply: &Reply) -> Addresses {
        let lines = reply.all("address").into_iter();
        let pair = |line: String| {
            let (name, address) = line.split_once(' ')?;
            Some((name.to_owned(), address.trim().parse().ok()?))
        };
        Addresses(lines.filter_map(pair).collect())
    }

    fn of_name(&self, name: &str) -> Vec<IpAddr> {
        if let Ok(address) = name.parse() {
            return vec![address];
        }
        let known = self.0.iter().filter(|(known, _)| known == name);
        known.map(|(_, address)| *address).collect()
    }
}

struct Row {
    local: (IpAddr, u16),
    remote: (IpAddr, u16),
    state: u8,
}

fn rows(reply: &Reply) -> impl Iterator<Item = Row> {
    let text = ["tcp", "tcp6"].map(|name| reply.text(name).unwrap_or_default());
    let lines: Vec<String> = text.iter().flat_map(|text| text.lines().map(str::to_owned)).collect();
    lines.into_iter().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        Some(Row {
            local: end(words.next()?)?,
            remote: end(words.next()?)?,
            state: u8::from_str_radix(words.next()?, 16).ok()?,
        })
    })
}

/// `0100007F:0016`: an address in the host's byte order by words, and a port.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Option<Vec<u32>> = address
        .as_bytes()
        .chunks(8)
        .map(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
        .collect();
    let bytes: Vec<u8> = words?.into_iter().flat_map(u32::to_le_bytes).collect();
    let address = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
        _ => return None,
    };
    Some((address, port))
}

#[cfg(test)]
mod tests {
    use super::{active, end};
    use crate::entries;
    use crate::modules::wait_for::Args;
    use crate::shell::Reply;
    use crate::value::Value;

    #[test]
    fn addresses_are_read() {
        assert_eq!(end("0100007F:0016").unwrap(), ("127.0.0.1".parse().unwrap(), 22));
        let mapped = "0000000000000000FFFF00000100007F:1F90";
        assert_eq!(end(mapped).unwrap(), ("127.0.0.1".parse().unwrap(), 8080));
        assert_eq!(end("local_address"), None);
    }

    #[test]
    fn connections_of_the_port_are_counted() {
        let tcp = "  sl  local_address rem_address   st\n\
                   0: 0100007F:0050 00000000:0000 0A 0\n\
                   1: 0100007F:0050 0200007F:AAAA 01 0\n\
                   2: 0100007F:0050 0300007F:AAAA 06 0\n\
                   3: 0900007F:0050 0200007F:AAAA 01 0\n";
        let reply = Reply {
            answers: vec![("tcp".to_owned(), tcp.as_bytes().to_vec()), ("address".to_owned(), b"three 127.0.0.3".to_vec())],
            ..Reply::default()
        };
        let count = |args| active(&reply, &Args::read(&args).unwrap());
        assert_eq!(count(entries! { "port" => 80, "state" => "drained" }), 2);
        assert_eq!(count(entries! { "port" => 80, "host" => "0.0.0.0" }), 3);
        assert_eq!(count(entries! { "port" => 80, "exclude_hosts" => "three" }), 1);
        assert_eq!(count(entries! { "port" => 80, "active_connection_states" => Value::strings(["SYN_SENT"]) }), 0);
        assert_eq!(count(entries! { "port" => 81 }), 0);
    }
}

//! Failures that are the same but for names that differ from host to host and from run to run.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What is made up anew each time: names of temporary files, numbers of processes, times, identifiers.
static PASSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?(?:[.,]\d+)?Z?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?)",
        r"|(?P<epoch>\b\d{9,}(?:\.\d+)?(?:-\d+)*)",
        r"|(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)",
        r"|(?P<process>(?i:\b(?:pid|process|job)[ =:#(]{1,3})\d+\)?|/proc/\d+|\[\d+\]|\b\d+ \([a-z][\w.-]*\))",
        r"|(?P<died>:\s+\d+\s+(?:Killed|Terminated|Aborted|Segmentation fault|Trace/breakpoint trap))",
        r"|(?P<ours>(?:/[A-Za-z0-9_./-]*)?\.play\.[A-Za-z0-9_.-]+)",
        r"|(?P<numbered>/[A-Za-z0-9_./-]*\.\d{3,}\b)",
        r"|(?P<word>[A-Za-z0-9_]{6,})",
    ))
    .ok()
});

/// A text without what differs from host to host, to compare it by: the host's name, addresses, names of
/// temporary files, numbers of processes, times.
pub fn alike(text: &str, host: &str) -> String {
    let text = without_addresses(&without_host(text, host));
    let Some(passing) = &*PASSING else {
        return text;
    };
    let masked = passing.replace_all(&text, |found: &Captures<'_>| {
        let whole = &found[0];
        if let Some(word) = found.name("word") {
            return match is_made_up(&text[..word.start()], whole) {
                true => "*".to_owned(),
                false => whole.to_owned(),
            };
        }
        if found.name("ours").is_some() {
            let folder = whole.split(".play.").next().unwrap_or_default();
            return format!("{folder}.play.*");
        }
        match (found.name("numbered"), whole.rsplit_once('.')) {
            (Some(_), Some((name, _))) => format!("{name}.*"),
            _ => mask(whole),
        }
    });
    masked.into_owned()
}

/// The same letters with `*` for the digits, and no more of what only digits and dashes are.
fn mask(text: &str) -> String {
    let mut masked = String::new();
    for c in text.chars() {
        match c.is_ascii_digit() {
            true if masked.ends_with('*') => (),
            true => masked.push('*'),
            false => masked.push(c),
        }
    }
    match text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        true => "*".to_owned(),
        false => masked,
    }
}

/// Says whether nobody thought of a word: it stands where names are made up and has the look of one.
fn is_made_up(before: &str, word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let digits = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    let is_hex = word.len() >= 12 && digits && word.chars().all(|c| c.is_ascii_hexdigit());
    // What Python's `tempfile` makes: `tmpab12cd_x`.
    let is_python = word.len() == 11 && word.starts_with("tmp");
    if is_hex || is_python {
        return true;
    }
    let mixed = word
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let start = before
        .rfind(|c: char| c.is_whitespace() || "'\"`(=,:".contains(c))
        .map_or(0, |at| at + 1);
    let path = before.get(start..).unwrap_or_default();
    let of_temporary = |part: &str| {
        let begins = ["tmp.", "tmp-", "tmp_", "ansible-tmp"];
        part == "tmp" || part == "shm" || begins.iter().any(|begin| part.starts_with(begin))
    };
    let beside = path.starts_with('/') && path.ends_with('.') && digits && mixed;
    beside || (digits || mixed) && path.split('/').any(of_temporary)
}

/// `HOST` for the host's name, alone or as the first label of a longer one.
fn without_host(text: &str, host: &str) -> String {
    if host.is_empty() {
        return text.to_owned();
    }
    let of_a_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(host) {
        let (before, from) = rest.split_at(at);
        let after = &from[host.len()..];
        let joined = out.chars().chain(before.chars()).next_back();
        let joined = joined.is_some_and(of_a_word);
        out.push_str(before);
        match joined || after.starts_with(of_a_word) {
            true => out.push_str(host),
            false => out.push_str("HOST"),
        }
        rest = after;
    }
    out + rest
}

fn without_addresses(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let around = |c: char| ",;()`'\"".contains(c);
        let inner = word.trim_matches(around);
        // A colon may end a word, or be all that an address begins with: `::1`.
        let bare = match inner.parse::<IpAddr>() {
            Ok(_) => inner,
            Err(_) => inner.trim_end_matches(|c: char| c == ':' || around(c)),
        };
        if bare.parse::<IpAddr>().is_ok() {
            return word.replace(bare, "ADDRESS");
        }
        match bare.parse::<SocketAddr>() {
            Ok(address) => word.replace(bare, &format!("ADDRESS:{}", address.port())),
            Err(_) => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn what_differs_by_passing_names_alone_is_alike() {
        for (one, other) in [
            (
                "cannot write /tmp/tmp.Ab3dEf9xYz/out",
                "cannot write /tmp/tmp.q9ZZ0pLmNo/out",
            ),
            (
                "no space: '/root/.ansible/tmp/ansible-tmp-1700000000.12-345-999/x'",
                "no space: '/root/.ansible/tmp/ansible-tmp-1700000111.52-346-111/x'",
            ),
            ("lock held by pid 123", "lock held by pid 45678"),
            (
                "lock held by process 4123 (apt-get)",
                "lock held by process 99 (apt-get)",
            ),
            ("sshd[812]: refused", "sshd[9]: refused"),
            ("sh: line 1: 812 Killed", "sh: line 1: 90210 Killed"),
            ("at 12:03:44 it broke", "at 12:03:45 it broke"),
            ("2026-11-30T06:40:11Z broke", "2026-11-30T06:41:00Z broke"),
            (
                "cannot connect to web1 (10.0.0.1:22): refused",
                "cannot connect to web1 (10.0.0.2:22): refused",
            ),
            ("/tmp/tmpab12cd_x is gone", "/tmp/tmpzz99ab_q is gone"),
            ("/run/app.12345 is there", "/run/app.777 is there"),
            (
                "mktemp: '/etc/.play.web1.242.XXXXXX'",
                "mktemp: '/etc/.play.web1.99.XXXXXX'",
            ),
            ("container 3f2b9c0a1d2e died", "container aa2b9c0a1d77 died"),
        ] {
            assert_eq!(alike(one, "web1"), alike(other, "web1"));
        }
    }

    #[test]
    fn what_differs_in_what_it_says_is_not() {
        for (one, other) in [
            ("exit 1: no", "exit 2: no"),
            (
                "bind() to 0.0.0.0:80 failed",
                "bind() to 0.0.0.0:443 failed",
            ),
            ("HTTP Error 404: Not Found", "HTTP Error 500: Not Found"),
            (
                "/tmp/app/config.yml is missing",
                "/tmp/app/server.yml is missing",
            ),
            ("package nginx1 is missing", "package nginx2 is missing"),
            ("line 120: syntax error", "line 121: syntax error"),
            ("there is no /srv/app.conf", "there is no /srv/app.yaml"),
        ] {
            assert_ne!(alike(one, "web1"), alike(other, "web1"));
        }
    }

    #[test]
    fn the_host_s_name_is_masked_as_a_word() {
        assert_eq!(
            alike("web1 and web1.example.com, not web10", "web1"),
            "HOST and HOST.example.com, not web10"
        );
        assert_eq!(alike("(10.0.0.1:22) ::1", "h"), "(ADDRESS:22) ADDRESS");
    }
}

//! What rsync is called with.

use super::Args;
use crate::shell::quote;
use crate::value::{Map, Value};

/// The options that stand before the addresses, but for ssh's.
pub fn options(args: &Args, check: bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |given: bool, word: &str| {
        if given {
            words.push(word.to_owned());
        }
    };
    add(args.delay_updates, "--delay-updates");
    add(args.delay_updates, "-F");
    add(args.compress, "--compress");
    add(args.rsync_timeout != 0, &format!("--timeout={}", args.rsync_timeout));
    add(check, "--dry-run");
    add(args.delete, "--delete-after");
    add(args.existing_only, "--existing");
    add(args.checksum, "--checksum");
    add(args.copy_links, "--copy-links");
    add(args.archive, "--archive");
    for (wanted, name) in [
        (args.recursive, "recursive"),
        (args.links, "links"),
        (args.perms, "perms"),
        (args.times, "times"),
        (args.owner, "owner"),
        (args.group, "group"),
    ] {
        match wanted {
            Some(true) if !args.archive => add(true, &format!("--{name}")),
            Some(false) if args.archive => add(true, &format!("--no-{name}")),
            _ => {}
        }
    }
    add(args.dirs, "--dirs");
    words
}

/// The options that stand behind ssh's.
pub fn more_options(args: &Args) -> Vec<String> {
    let mut words = args.rsync_opts.clone();
    if args.partial {
        words.push("--partial".to_owned());
    }
    if !args.link_dest.is_empty() {
        words.extend(["-H".to_owned(), "-vv".to_owned()]);
        words.extend(args.link_dest.iter().map(|path| format!("--link-dest={path}")));
    }
    words.push("--out-format=<<CHANGED>>%i %n%L".to_owned());
    words
}

/// How rsync reaches the host: `--rsh`, and what stands before the path.
///
/// # Errors
/// The connection is none that rsync can use.
pub fn reach(args: &Args, login: &Map) -> Result<(String, String), String> {
    let text = |name: &str| login.get(name).map(Value::to_text).unwrap_or_default();
    let host = text("ansible_host");
    match text("ansible_connection").as_str() {
        "ssh" | "openssh" => {}
        tool @ ("docker" | "podman") => return Ok((format!("{tool} exec -i"), format!("{host}:"))),
        other => return Err(format!("rsync cannot use the connection `{other}`")),
    }
    let user = text("ansible_user");
    let user = match args.set_remote_user && !user.is_empty() {
        true => format!("{user}@"),
        false => String::new(),
    };
    let host = match host.contains(':') {
        true => format!("[{host}]"),
        false => host,
    };
    Ok((ssh(args, login).join(" "), format!("{user}{host}:")))
}

fn ssh(args: &Args, login: &Map) -> Vec<String> {
    let mut words = vec!["ssh".to_owned(), "-o BatchMode=yes".to_owned()];
    if !args.ssh_connection_multiplexing {
        words.push("-S none".to_owned());
    }
    let named = args.private_key.as_ref().map(|key| key.0.clone());
    let key = named.or_else(|| login.get("ansible_private_key_file").map(Value::to_text));
    words.extend(key.map(|key| format!("-i {}", quoted(&key))));
    let port = args.dest_port.or_else(|| login.get("ansible_port").and_then(Value::as_int));
    words.extend(port.map(|port| format!("-o Port={port}")));
    let checked = login.get("ansible_host_key_checking").is_none_or(Value::is_true);
    if args.verify_host {
        words.push("-o StrictHostKeyChecking=yes".to_owned());
    } else if !checked {
        words.push("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null".to_owned());
    }
    let given = login.get("ansible_ssh_args").and_then(Value::as_list);
    let given: Vec<String> = given.into_iter().flat_map(|all| all.iter()).map(Value::to_text).collect();
    words.extend(match args.use_ssh_args {
        true => given.iter().map(|word| quoted(word)).collect(),
        false => about_host_keys(&given),
    });
    words
}

/// The options that say where host keys stand: without them a host that the connection knows would
/// be a stranger to rsync's ssh.
fn about_host_keys(given: &[String]) -> Vec<String> {
    let known = |word: &str| {
        let word = word.trim_start_matches("-o").trim_start().to_lowercase();
        ["userknownhostsfile", "globalknownhostsfile", "hostkeyalias", "stricthostkeychecking"]
            .iter()
            .any(|name| word.starts_with(name))
    };
    let pairs = given.iter().zip(given.iter().skip(1));
    let apart = pairs.filter(|(option, value)| *option == "-o" && known(value));
    let apart = apart.map(|(_, value)| format!("-o {}", quoted(value)));
    let joined = given.iter().filter(|word| word.len() > 2 && word.starts_with("-o") && known(word));
    apart.chain(joined.map(|word| quoted(word))).collect()
}

/// A word as rsync parts `--rsh`: by blanks and both kinds of quotes.
fn quoted(word: &str) -> String {
    quote(word).as_str().to_owned()
}

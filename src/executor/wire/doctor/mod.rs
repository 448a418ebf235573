//! Looks at a host in the order in which tasks need it: its name, its port, its key, the login, the shell, the
//! other user, what is free. Stops at what is wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::aftermath::Question;
use crate::connection::{Become, Connection, Lost, LostKind, Target, Transport, knock};
use crate::shell::{Fragment, PRELUDE, Reply, Script};

/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A clock that differs by more is wrong: certificates and package lists are refused.
const CLOCK: u64 = 60;
/// Less than this is hardly enough for a package, in kilobytes.
const SPACE: u64 = 100 * 1024;

static SHELL: Fragment = Fragment {
    name: "doctor",
    text: include_str!("doctor.sh"),
    needs: &[&PRELUDE],
};

/// What was found at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The step: `name`, `port`, `host key`, `login`, `shell`, `become`, `space`, `temporary`, `clock`,
    /// `packages`.
    pub step: &'static str,
    /// What is so.
    pub text: String,
    /// What to do, where it is wrong.
    pub mend: Option<String>,
    /// Whether the host cannot be reached because of it.
    pub lost: bool,
}

impl Found {
    fn good(step: &'static str, text: impl Into<String>) -> Found {
        Found {
            step,
            text: text.into(),
            mend: None,
            lost: false,
        }
    }

    fn bad(step: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Found {
        Found {
            mend: Some(mend.into()),
            ..Found::good(step, text)
        }
    }
}

/// Looks at a host; `deep` looks at more than whether it can be reached.
pub async fn examine(target: &Target, user: Option<&Become>, deep: bool) -> Vec<Found> {
    let connection = match Connection::open(target).await {
        Ok(connection) => connection,
        Err(lost) => return not_reached(target, &lost).await,
    };
    let mut found = reached(target, &connection.story());
    let mut session = match connection.session(None).await {
        Ok(session) => session,
        Err(lost) => {
            found.push(no_shell(target, &lost));
            return found;
        }
    };
    let look = Script::call(&SHELL, "doctor_look");
    let reply = match session
        .run(&look, Some(PATIENCE), &mut |_, _: &[u8]| ())
        .await
    {
        Ok(reply) => reply,
        Err(lost) => {
            found.push(no_shell(target, &lost));
            return found;
        }
    };
    let text = |name: &str| reply.text(name).unwrap_or_default().trim().to_owned();
    found.push(Found::good(
        "shell",
        format!(
            "`{}` works as {}: {}",
            target.shell,
            text("user"),
            text("system")
        ),
    ));
    if let Some(user) = user {
        match connection.session(Some(user)).await {
            Ok(other) => {
                found.push(Found::good(
                    "become",
                    format!("`{}` by {}", user.user, user.method),
                ));
                session = other;
            }
            Err(lost) => {
                found.push(no_become(user, &lost));
                return found;
            }
        }
    }
    if deep {
        found.extend(state(&reply));
        let question = Question::Lock.script();
        if let Ok(reply) = session
            .run(&question, Some(PATIENCE), &mut |_, _: &[u8]| ())
            .await
        {
            found.push(lock(&reply));
        }
    }
    found
}

/// What a connection that was opened shows.
fn reached(target: &Target, story: &[String]) -> Vec<Found> {
    let mut found = vec![Found::good("name", format!("`{}`", target.address))];
    // What happened on the way is of no interest where all is well.
    for line in story {
        if let Some(key) = line.strip_prefix("host key ") {
            found.push(Found::good("host key", key));
        } else if line.starts_with("connected to ") {
            found.push(Found::good("port", line.as_str()));
        }
    }
    match story.iter().find(|line| line.ends_with(" was accepted")) {
        Some(login) => found.push(Found::good("login", login.as_str())),
        None if story.is_empty() => return Vec::new(),
        None => found.push(Found::good("login", "without a proof")),
    }
    found
}

/// Why there is no connection: the steps before the one that is wrong are looked at by themselves.
async fn not_reached(target: &Target, lost: &Lost) -> Vec<Found> {
    if target.transport != Transport::Ssh {
        let mend = "is the container, or the folder, there and does it run?";
        return vec![Found {
            lost: true,
            ..Found::bad("connection", lost.message.as_str(), mend)
        }];
    }
    let port = target.port.unwrap_or(22);
    let name = Found::good("name", format!("`{}`", target.address));
    let answers = Found::good("port", port.to_string());
    let mut found = match lost.kind {
        LostKind::HostKey => vec![name, answers, host_key(lost)],
        LostKind::Authentication => {
            vec![
                name,
                answers,
                Found::good("host key", "is known"),
                login(target, lost),
            ]
        }
        _ => match knock::resolve(&target.address, port).await {
            Err(why) => vec![Found::bad(
                "name",
                format!("`{}` has no address: {why}", target.address),
                "set `ansible_host` to an address or to a name that is known, or mend DNS or /etc/hosts",
            )],
            Ok(addresses) => {
                let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                let name = Found::good(
                    "name",
                    format!("`{}` is {}", target.address, list.join(", ")),
                );
                let text = lost.message.as_str();
                let mend = "is the host up, sshd running (`ansible_port` names another port), and no firewall in between?";
                vec![name, Found::bad("port", text, mend)]
            }
        },
    };
    if let Some(last) = found.last_mut() {
        last.lost = true;
    }
    found
}

/// Which command mends it, the connection says: it knows the file that was read and what stands there.
fn host_key(lost: &Lost) -> Found {
    let mend = lost.mend.as_deref();
    let mend = mend.unwrap_or("ask the owner of the host for its key, and compare the two");
    Found::bad("host key", lost.message.as_str(), mend)
}

fn login(target: &Target, lost: &Lost) -> Found {
    if let Some(mend) = &lost.mend {
        return Found::bad("login", lost.message.as_str(), mend.as_str());
    }
    let port = target
        .port
        .map(|port| format!("-p {port} "))
        .unwrap_or_default();
    let user = target
        .user
        .as_deref()
        .map(|user| format!("{user}@"))
        .unwrap_or_default();
    let mend = format!(
        "bring your key there (ssh-copy-id {port}{user}{}), name it (`ansible_ssh_private_key_file`), or give a password (-k)",
        target.address
    );
    Found::bad("login", lost.message.as_str(), mend)
}

fn no_shell(target: &Target, lost: &Lost) -> Found {
    let mend = format!(
        "the login shell must be able to start `{}` (`ansible_shell_executable` names another one)",
        target.shell
    );
    Found {
        lost: true,
        ..Found::bad("shell", lost.message.as_str(), mend)
    }
}

fn no_become(user: &Become, lost: &Lost) -> Found {
    let mend = match user.method.as_str() {
        "sudo" => "give the password (-K), or let sudo ask for none: NOPASSWD in /etc/sudoers.d",
        _ => "give the password (-K), or use another `become_method`",
    };
    Found::bad("become", lost.message.as_str(), mend)
}

/// Space, temporary files and the clock.
fn state(reply: &Reply) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for line in reply.all("space") {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [point, size, free] = words[..] else {
            continue;
        };
        let (Ok(size), Ok(free)) = (size.parse::<u64>(), free.parse::<u64>()) else {
            continue;
        };
        if seen.iter().any(|known| known == point) {
            continue;
        }
        seen.push(point.to_owned());
        let text = format!(
            "{} MB of {} MB are free on `{point}`",
            free / 1024,
            size / 1024
        );
        found.push(match free < SPACE {
            true => Found::bad("space", text, "make room there"),
            false => Found::good("space", text),
        });
    }
    let trouble = reply.text("temporary").unwrap_or_default();
    found.push(match trouble.trim() {
        "" => Found::good("temporary", "files can be written"),
        why => Found::bad(
            "temporary",
            why,
            "make /tmp writable for the login user, or set TMPDIR by `environment`",
        ),
    });
    let there = reply
        .text("clock")
        .and_then(|text| text.trim().parse::<u64>().ok());
    let here = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(|time| time.as_secs());
    if let (Some(there), Ok(here)) = (there, here) {
        let apart = there.abs_diff(here);
        found.push(match apart > CLOCK {
            true => Found::bad(
                "clock",
                format!("{apart} s from the clock here"),
                "start a time service on the host: timedatectl set-ntp true",
            ),
            false => Found::good("clock", format!("{apart} s from the clock here")),
        });
    }
    found
}

fn lock(reply: &Reply) -> Found {
    match reply.text("holder") {
        None => Found::good("packages", "no lock of a package manager is held"),
        Some(holder) => {
            let lines: Vec<&str> = holder.lines().map(str::trim).collect();
            let text = match lines[..] {
                [file, process, program, ..] => {
                    format!("`{program}` (process {process}) holds `{file}`")
                }
                _ => format!("`{}` is there", holder.trim()),
            };
            Found::bad("packages", text, "wait until it is done")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_full_or_wrong_says_how_to_mend_it() {
        let found = state(&Reply::answering(&[
            ("space", "/ 9000000 4000000"),
            ("space", "/ 9000000 4000000"),
            ("space", "/var 200000 12"),
            (
                "temporary",
                "sh: cannot create /tmp/x: Read-only file system",
            ),
            ("clock", "12"),
        ]));
        let bad: Vec<&str> = found
            .iter()
            .filter(|one| one.mend.is_some())
            .map(|one| one.step)
            .collect();
        assert_eq!(bad, ["space", "temporary", "clock"]);
        assert_eq!(
            found[0],
            Found::good("space", "3906 MB of 8789 MB are free on `/`")
        );
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_lock_names_its_holder() {
        assert!(lock(&Reply::answering(&[])).mend.is_none());
        let held = lock(&Reply::answering(&[(
            "holder",
            "/var/lib/dpkg/lock\n812\napt-get\n01:00",
        )]));
        assert_eq!(
            held.text,
            "`apt-get` (process 812) holds `/var/lib/dpkg/lock`"
        );
    }

    fn here() -> Target {
        Target {
            name: "here".to_owned(),
            transport: Transport::Local,
            address: "localhost".to_owned(),
            port: None,
            user: None,
            login: crate::connection::Login::default(),
            host_keys: crate::connection::HostKeys::Off,
            timeout: PATIENCE,
            retries: 0,
            ssh_arguments: Vec::new(),
            terminal: None,
            shell: "/bin/sh".to_owned(),
        }
    }

    #[tokio::test]
    async fn this_machine_is_well() {
        let target = here();
        let found = examine(&target, None, true).await;
        let steps: Vec<&str> = found.iter().map(|one| one.step).collect();
        assert_eq!(steps.first(), Some(&"shell"), "{found:?}");
        assert!(steps.contains(&"clock"), "{found:?}");
    }
}

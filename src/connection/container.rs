//! Programs that reach a shell: container engines, chroot, and OpenSSH's own client.

use super::relay;
use super::{HostKeys, Lost, LostKind, Target, Transport};

/// The command whose stdin, stdout and stderr are those of the target's shell, with the relay
/// before it; nothing where the shell is reached by ssh2.
pub(super) fn command(target: &Target, mark: &str) -> Option<Vec<String>> {
    let Target { address, shell, .. } = target;
    let mut line = Line::default();
    match &target.transport {
        Transport::Ssh => return None,
        Transport::Local => line.add([shell]),
        Transport::Docker => line.engine("docker", target),
        Transport::Podman => line.engine("podman", target),
        Transport::Kubectl {
            namespace,
            container,
        } => {
            line.add(["kubectl"]);
            line.option("-n", namespace.as_deref());
            line.add(["exec", "-i", address]);
            line.option("-c", container.as_deref());
            line.add(["--", shell]);
        }
        Transport::Nspawn => {
            // `machinectl shell` would put a terminal between us.
            line.add(["systemd-run", "--quiet", "--pipe", "--wait", "--collect"]);
            line.option("--machine", Some(address));
            line.option("--uid", target.user.as_deref());
            line.add(["--", shell]);
        }
        Transport::Chroot => {
            line.add(["chroot"]);
            line.option("--userspec", target.user.as_deref());
            line.add([address, shell]);
        }
        Transport::OpenSsh => {
            line.openssh(target, mark);
            return Some(line.words);
        }
    }
    line.add(relay::arguments(shell, mark));
    Some(line.words)
}

#[derive(Default)]
struct Line {
    words: Vec<String>,
}

impl Line {
    fn add<T: AsRef<str>>(&mut self, words: impl IntoIterator<Item = T>) {
        let words = words.into_iter();
        self.words
            .extend(words.map(|word| word.as_ref().to_owned()));
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) if name.starts_with("--") => self.words.push(format!("{name}={value}")),
            Some(value) => self.add([name, value]),
            None => {}
        }
    }

    fn engine(&mut self, program: &str, target: &Target) {
        self.add([program, "exec", "-i"]);
        self.option("-u", target.user.as_deref());
        self.add([&target.address, &target.shell]);
    }

    /// Our own words come first: ssh takes the first value of an option.
    fn openssh(&mut self, target: &Target, mark: &str) {
        self.add(["ssh", "-T", "-oBatchMode=yes"]);
        let seconds = target.timeout.as_secs().max(1);
        self.words.push(format!("-oConnectTimeout={seconds}"));
        let port = target.port.map(|port| port.to_string());
        self.option("-p", port.as_deref());
        self.option("-l", target.user.as_deref());
        for key in &target.login.keys {
            self.option("-i", Some(&key.to_string_lossy()));
        }
        self.host_keys(&target.host_keys);
        self.add(&target.ssh_arguments);
        let run = format!("exec {}", relay::command(&target.shell, mark, ""));
        self.add(["--", &target.address, &run]);
    }

    fn host_keys(&mut self, host_keys: &HostKeys) {
        let (word, files) = match host_keys {
            HostKeys::Off => return self.add(["-oStrictHostKeyChecking=no"]),
            // OpenSSH's client has no terminal here to ask on.
            HostKeys::Ask { files, .. } | HostKeys::Strict { files } => ("yes", files),
            HostKeys::AcceptNew { files } => ("accept-new", files),
        };
        self.words.push(format!("-oStrictHostKeyChecking={word}"));
        let quoted = files.iter().map(|file| format!("\"{}\"", file.display()));
        let quoted: Vec<String> = quoted.collect();
        if !quoted.is_empty() {
            let files = quoted.join(" ");
            self.words.push(format!("-oUserKnownHostsFile={files}"));
        }
    }
}

/// What OpenSSH's client meant by its last words, before any shell answered.
pub(super) fn openssh_refusal(target: &Target, said: &str) -> Lost {
    let name = &target.name;
    let said = said.trim().trim_end_matches('.');
    if said.contains("Permission denied (") {
        let message = format!("cannot log in to {name}: {said} (OpenSSH's client takes keys only)");
        return Lost::new(LostKind::Authentication, message);
    }
    if said.contains("ost key verification failed") {
        let message = format!("cannot trust {name}: {said}");
        return Lost::new(LostKind::HostKey, message);
    }
    let said = said.strip_prefix("ssh: ").unwrap_or(said);
    let message = format!("cannot connect to {name}: {said}");
    Lost::new(LostKind::Unreachable, message)
}

#[cfg(test)]
mod tests {
    use super::command;
    use crate::connection::Transport;
    use crate::connection::tests::local;

    #[test]
    fn each_transport_has_its_command() {
        let kubectl = |namespace: Option<&str>| Transport::Kubectl {
            namespace: namespace.map(str::to_owned),
            container: Some("web".to_owned()),
        };
        for (transport, user, expected) in [
            (Transport::Docker, None, "docker exec -i c1 /bin/sh"),
            (
                Transport::Podman,
                Some("bob"),
                "podman exec -i -u bob c1 /bin/sh",
            ),
            (
                kubectl(Some("prod")),
                None,
                "kubectl -n prod exec -i c1 -c web -- /bin/sh",
            ),
            (kubectl(None), None, "kubectl exec -i c1 -c web -- /bin/sh"),
            (
                Transport::Nspawn,
                Some("bob"),
                "systemd-run --quiet --pipe --wait --collect --machine=c1 --uid=bob -- /bin/sh",
            ),
            (Transport::Chroot, None, "chroot c1 /bin/sh"),
            (
                Transport::OpenSsh,
                Some("bob"),
                "ssh -T -oBatchMode=yes -oConnectTimeout=10 -l bob -oStrictHostKeyChecking=no -- \
                 c1 exec /bin/sh",
            ),
        ] {
            let mut target = local("/bin/sh");
            target.transport = transport;
            target.address = "c1".to_owned();
            target.user = user.map(str::to_owned);
            let words = command(&target, "MARK").unwrap().join(" ");
            let after = words.strip_prefix(&format!("{expected} -c "));
            let after =
                after.unwrap_or_else(|| panic!("`{words}` does not begin with `{expected}`"));
            assert!(after.contains(" play MARK /bin/sh "), "{after}");
        }
    }
}

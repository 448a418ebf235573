//! The examples that `--help` of each verb shows; the first is the next step where nothing is said.

/// What is typed, and what it does.
type Example = (&'static str, &'static str);

const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "adhoc",
        &[
            ("play all -m ping -i hosts", "is every host there?"),
            (
                "play web -m apt -a 'name=nginx state=latest' -b -K",
                "one module, as root",
            ),
            (
                "play localhost -a 'uptime'",
                "a command on this machine, without an inventory",
            ),
        ],
    ),
    (
        "apply",
        &[(
            "play apply site.plan",
            "do what `play plan -o site.plan` showed",
        )],
    ),
    (
        "completions",
        &[
            (
                "play completions bash > ~/.local/share/bash-completion/completions/play",
                "for every new shell",
            ),
            (
                "play completions zsh --names > ~/.zfunc/_play",
                "Ansible's commands too",
            ),
            (
                "play completions fish > ~/.config/fish/completions/play.fish",
                "for fish",
            ),
        ],
    ),
    (
        "config",
        &[
            ("play config dump --only-changed", "what is set, and where"),
            (
                "play config init --disabled > ansible.cfg",
                "a file to begin with",
            ),
        ],
    ),
    (
        "console",
        &[
            (
                "play console -i hosts",
                "a prompt: `cd web`, then `apt name=nginx`, `!uptime`, `help`",
            ),
            ("play console web -b -K", "as root, on the group web"),
            (
                "echo 'systemd name=nginx state=reloaded' | play console web -b",
                "lines from a file or a pipe",
            ),
        ],
    ),
    (
        "doc",
        &[
            ("play doc copy", "the page of a module"),
            ("play doc -l", "all modules"),
            ("play doc -t filter combine", "a filter"),
        ],
    ),
    (
        "doctor",
        &[
            ("play doctor web1 -i hosts", "why can web1 not be reached?"),
            ("play doctor all -i hosts", "look at every host"),
        ],
    ),
    (
        "explain",
        &[
            ("play explain web1 -i hosts", "every variable of a host"),
            (
                "play explain web1 port --playbook site.yml",
                "who sets `port`, and who wins",
            ),
            (
                "play explain web http_port domain --json",
                "two variables of all hosts of a group, for programs",
            ),
        ],
    ),
    (
        "galaxy",
        &[
            (
                "play galaxy install -r requirements.yml",
                "roles and collections, and a lock of what they became",
            ),
            (
                "play galaxy install -r requirements.yml --locked",
                "exactly what the lock says, in a pipeline",
            ),
            (
                "play galaxy update -r requirements.yml",
                "newer versions, and a new lock",
            ),
            (
                "play galaxy collection install community.general",
                "one collection",
            ),
            ("play galaxy collection list", "what is installed"),
        ],
    ),
    (
        "inventory",
        &[
            (
                "play inventory --graph -i hosts",
                "groups and hosts as a tree",
            ),
            ("play inventory --list -i hosts", "everything, as JSON"),
            (
                "play inventory --host web1 -i hosts",
                "one host's variables",
            ),
        ],
    ),
    (
        "links",
        &[
            (
                "play links ~/.local/bin",
                "ansible-playbook and the others are play now",
            ),
            ("play links ~/.local/bin --remove", "they are not any more"),
        ],
    ),
    (
        "man",
        &[("play man ~/.local/share/man/man1", "then: man play-run")],
    ),
    (
        "plan",
        &[
            ("play plan site.yml -i hosts", "what would change?"),
            (
                "play plan site.yml -i hosts -o site.plan",
                "and keep it, for `play apply site.plan`",
            ),
        ],
    ),
    (
        "ping",
        &[("play ping all -i hosts", "which hosts can be worked on?")],
    ),
    (
        "pull",
        &[
            (
                "play pull -U https://git.example.com/site.git",
                "fetch, and run HOST.yml or local.yml",
            ),
            (
                "play pull -U https://git.example.com/site.git -o -s 60 web.yml",
                "from cron: only when something changed, within a minute",
            ),
        ],
    ),
    (
        "report",
        &[
            ("play report", "a page of the last run"),
            (
                "play report last-1 -o run.html",
                "the run before it, into a file",
            ),
        ],
    ),
    (
        "run",
        &[
            ("play run site.yml -i hosts", "run a playbook"),
            (
                "play run site.yml -i hosts --check --diff",
                "what would it change?",
            ),
            (
                "play run site.yml -i hosts -t nginx -l web1",
                "one part, on one host",
            ),
            (
                "play run site.yml -i vagrant/",
                "the machines of a Vagrant project",
            ),
        ],
    ),
    (
        "runs",
        &[
            ("play runs", "what ran, when, and how it ended"),
            (
                "play runs show last --failed",
                "the failures of the last run",
            ),
            (
                "play runs diff last-1 last",
                "what changed that did not change before",
            ),
        ],
    ),
    (
        "vault",
        &[
            (
                "play vault encrypt group_vars/all/secrets.yml",
                "encrypt a file",
            ),
            ("play vault edit group_vars/all/secrets.yml", "change it"),
            (
                "play vault encrypt-string -n db_password",
                "encrypt one value",
            ),
        ],
    ),
];

fn all(verb: &str) -> Option<&'static [Example]> {
    let found = EXAMPLES.iter().find(|(name, _)| *name == verb);
    found.map(|(_, examples)| *examples)
}

/// The examples of a verb, as text.
pub fn of(verb: &str) -> Option<String> {
    let examples = all(verb)?;
    let line = |(typed, does): &Example| format!("  {typed}\n      {does}\n");
    let lines: String = examples.iter().map(line).collect();
    Some(format!("Examples:\n{}", lines.trim_end()))
}

/// The first example of a verb.
pub fn first(verb: &str) -> Option<&'static str> {
    all(verb)?.first().map(|(typed, _)| *typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every example is a command line that is understood.
    #[test]
    fn every_verb_has_examples_and_they_can_be_typed() {
        let command = crate::cli::command();
        for verb in command.get_subcommands() {
            let name = verb.get_name();
            let examples = all(name).unwrap_or_else(|| panic!("`{name}` has no examples"));
            for (typed, _) in examples {
                let typed = typed.split(" > ").next().unwrap_or(typed);
                let typed = typed.rsplit(" | ").next().unwrap_or(typed);
                let words = shell_words::split(typed).unwrap();
                let words = words.into_iter().map(Into::into).collect();
                let words = crate::cli::with_verb(words).unwrap();
                let parsed = command.clone().try_get_matches_from(words);
                assert!(parsed.is_ok(), "{typed}: {}", parsed.unwrap_err());
            }
        }
        for (name, _) in EXAMPLES {
            assert!(command.find_subcommand(name).is_some(), "{name}");
        }
    }
}

//! What TAB offers in the console: commands and modules, hosts and groups behind `cd`, a module's
//! arguments behind its name.

use super::command::{Command, Line, WORDS, find};
use crate::modules;
use crate::playbook::short_name;

/// The names of the inventory.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Hosts and groups.
    pub places: Vec<String>,
}

impl Words {
    /// Where the word at `position` begins, and what it may become.
    pub fn complete(&self, line: &str, position: usize) -> (usize, Vec<String>) {
        let before = line.get(..position).unwrap_or(line);
        let first = before.trim_start();
        let begins = first.split_whitespace().next().unwrap_or_default();
        if !first.contains(char::is_whitespace) {
            let (at, typed) = last_word(before, "!?");
            return (at, fit(heads(typed), typed));
        }
        match Line::read(before) {
            Line::Command(Command::Cd, _) => {
                let (at, typed) = last_word(before, ",:!&");
                (at, fit(self.places.clone(), typed))
            }
            Line::Command(Command::List, _) => {
                let (at, typed) = last_word(before, "");
                (at, fit(vec!["groups".to_owned()], typed))
            }
            Line::Command(Command::Help, _) => {
                let (at, typed) = last_word(before, "");
                (at, fit(heads(typed), typed))
            }
            Line::Command(Command::Become | Command::Check | Command::Diff, _) => {
                let (at, typed) = last_word(before, "");
                (at, fit(vec!["yes".to_owned(), "no".to_owned()], typed))
            }
            Line::Task(_) if find(begins).is_none() => {
                let (at, typed) = last_word(before, "");
                (at, fit(arguments(begins), typed))
            }
            _ => (position, Vec::new()),
        }
    }
}

fn last_word<'a>(text: &'a str, also: &str) -> (usize, &'a str) {
    let ends = |c: char| c.is_whitespace() || also.contains(c);
    let at = text.rfind(ends).map_or(0, |at| {
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    });
    (at, &text[at..])
}

fn fit(all: Vec<String>, typed: &str) -> Vec<String> {
    let fits = all.into_iter().filter(|word| word.starts_with(typed));
    let mut fits: Vec<String> = fits.collect();
    fits.sort();
    fits.dedup();
    fits
}

/// Commands and modules; modules by their whole names once a dot is typed.
fn heads(typed: &str) -> Vec<String> {
    let commands = WORDS.iter().flat_map(|word| word.names);
    let commands = commands.map(|name| (*name).to_owned());
    let modules = modules::ALL.iter().map(|module| {
        let full = module.full_name();
        match typed.contains('.') {
            true => full,
            false => short_name(&full).to_owned(),
        }
    });
    commands.chain(modules).collect()
}

fn arguments(module: &str) -> Vec<String> {
    let Some(module) = modules::find(module) else {
        return Vec::new();
    };
    let arguments = module.args.iter().flat_map(|table| table.iter());
    arguments
        .map(|argument| format!("{}=", argument.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> (usize, Vec<String>) {
        let places = ["all", "web", "web1", "web2", "db"].map(str::to_owned);
        let words = Words {
            places: places.to_vec(),
        };
        words.complete(line, line.len())
    }

    #[test]
    fn the_first_word_is_a_command_or_a_module() {
        assert_eq!(ask("become_u"), (0, vec!["become_user".to_owned()]));
        assert_eq!(ask("lineinf"), (0, vec!["lineinfile".to_owned()]));
        let (_, found) = ask("ansible.builtin.cop");
        assert_eq!(found, ["ansible.builtin.copy"]);
        assert_eq!(ask("?fork"), (1, vec!["forks".to_owned()]));
    }

    #[test]
    fn behind_it_stands_what_it_takes() {
        assert_eq!(ask("cd web").1, ["web", "web1", "web2"]);
        assert_eq!(ask("cd all:!d"), (8, vec!["db".to_owned()]));
        assert_eq!(ask("copy remote"), (5, vec!["remote_src=".to_owned()]));
        assert_eq!(ask("list g").1, ["groups"]);
        assert_eq!(ask("become ").1, ["no", "yes"]);
        assert_eq!(ask("help foo").1, Vec::<String>::new());
        assert_eq!(ask("nonsense x").1, Vec::<String>::new());
        assert_eq!(ask("shell ls").1, Vec::<String>::new());
        assert_eq!(ask("cd wé").1, Vec::<String>::new());
    }
}

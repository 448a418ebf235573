//! A program for the host: constant text, quoted values, one call.

use super::quote::{Word, quote, quote_path};

/// Functions of constant shell text. A session sends them the first time it needs them.
#[derive(Debug)]
pub struct Fragment {
    /// The name, for the session's memory and for `-vvvv`.
    pub name: &'static str,
    /// POSIX sh that only defines functions.
    pub text: &'static str,
    /// The fragments whose functions this one calls.
    pub needs: &'static [&'static Fragment],
}

/// The functions that every fragment may use: see `prelude.sh`.
pub static PRELUDE: Fragment = Fragment {
    name: "prelude",
    text: include_str!("prelude.sh"),
    needs: &[],
};

/// One request to a host's shell.
///
/// The session sends the fragments it has not sent yet, then, in a subshell of its own with stdin
/// from `/dev/null`: the environment, the assignments, and the call.
#[derive(Clone, Debug)]
pub struct Script {
    fragments: Vec<&'static Fragment>,
    environment: Vec<(String, String)>,
    assignments: Vec<(&'static str, Word)>,
    secrets: Vec<String>,
    function: &'static str,
    arguments: Vec<Word>,
    /// Whether programs are found in the folders of administration too; nothing where nobody said yet.
    tools: Option<bool>,
}

impl Script {
    /// A call of `function`, which `fragment` defines.
    pub fn call(fragment: &'static Fragment, function: &'static str) -> Self {
        Script {
            fragments: vec![fragment],
            environment: Vec::new(),
            assignments: Vec::new(),
            secrets: Vec::new(),
            function,
            arguments: Vec::new(),
            tools: None,
        }
    }

    /// Has programs found in `/sbin` and the like, which an ordinary user's PATH may lack, as the reference's
    /// modules look for theirs (`get_bin_path`); not where [`Script::as_logged_in`] was said.
    #[must_use]
    pub fn finding_tools(mut self) -> Self {
        self.tools = self.tools.or(Some(true));
        self
    }

    /// Leaves PATH as the login made it: what runs are commands of the user's own.
    #[must_use]
    pub fn as_logged_in(mut self) -> Self {
        self.tools = Some(false);
        self
    }

    /// Sets a shell variable to `value`.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.assignments.push((name, quote(value.as_ref())));
        self
    }

    /// Sets a shell variable to a path of the host, where `~` and `$NAME` expand.
    #[must_use]
    pub fn path(mut self, name: &'static str, path: impl AsRef<str>) -> Self {
        self.assignments.push((name, quote_path(path.as_ref())));
        self
    }

    /// Sets a shell variable to `1` or `0`.
    #[must_use]
    pub fn flag(self, name: &'static str, value: bool) -> Self {
        self.set(name, if value { "1" } else { "0" })
    }

    /// Sets a shell variable to a list of quoted words; the fragment reads it with
    /// `eval "set -- ${name}"`.
    #[must_use]
    pub fn list<T: AsRef<str>>(self, name: &'static str, values: &[T]) -> Self {
        let words: Vec<String> = values
            .iter()
            .map(|value| quote(value.as_ref()).as_str().to_owned())
            .collect();
        self.set(name, words.join(" "))
    }

    /// Sets a shell variable to a list of paths of the host, where `~` and `$NAME` expand when the
    /// fragment reads it with `eval "set -- ${name}"`.
    #[must_use]
    pub fn paths<T: AsRef<str>>(self, name: &'static str, paths: &[T]) -> Self {
        let words: Vec<String> = paths
            .iter()
            .map(|path| quote_path(path.as_ref()).as_str().to_owned())
            .collect();
        self.set(name, words.join(" "))
    }

    /// Sets a shell variable to a secret, which no log will show.
    #[must_use]
    pub fn secret(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.secrets.push(value.as_ref().to_owned());
        self.set(name, value)
    }

    /// Masks a secret that stands inside of other values.
    #[must_use]
    pub fn mask(mut self, secret: impl AsRef<str>) -> Self {
        self.secrets.push(secret.as_ref().to_owned());
        self
    }

    /// Adds a positional argument of the call.
    #[must_use]
    pub fn arg(mut self, value: impl AsRef<str>) -> Self {
        self.arguments.push(quote(value.as_ref()));
        self
    }

    /// Adds a path as a positional argument of the call.
    #[must_use]
    pub fn path_arg(mut self, path: impl AsRef<str>) -> Self {
        self.arguments.push(quote_path(path.as_ref()));
        self
    }

    /// Exports an environment variable (`environment:`). The name is checked by the caller.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The fragments in the order in which they have to be known, without repetition.
    pub fn fragments(&self) -> Vec<&'static Fragment> {
        let mut all = Vec::new();
        for fragment in &self.fragments {
            gather(fragment, &mut all);
        }
        all
    }

    /// The text of the request's body: environment, assignments and call, one a line.
    pub fn body(&self) -> String {
        self.text(false)
    }

    /// The body as a host gets it: its programs are found where they are.
    pub fn sent(&self) -> String {
        self.text(self.tools == Some(true))
    }

    fn text(&self, tools: bool) -> String {
        let mut text = String::new();
        for (name, value) in &self.environment {
            let word = quote(value);
            text.push_str(&format!("export {name}={}\n", word.as_str()));
        }
        if tools {
            text.push_str("play_tools\n");
        }
        for (name, word) in &self.assignments {
            text.push_str(&format!("{name}={}\n", word.as_str()));
        }
        text.push_str(self.function);
        for word in &self.arguments {
            text.push(' ');
            text.push_str(word.as_str());
        }
        text.push('\n');
        text
    }

    /// The request as a program of its own, for a shell that runs it in the background; its output
    /// is a reply set off by `mark`.
    pub fn program(&self, mark: &str) -> String {
        let mut text = format!("play_mark={}\n", quote(mark).as_str());
        for fragment in self.fragments() {
            text.push_str(fragment.text);
        }
        text.push_str("( exec </dev/null\n");
        text.push_str(&self.sent());
        text.push_str(")\nplay_end $?\n");
        text
    }

    /// The body with the secrets masked, for `-vvvv`.
    pub fn shown(&self) -> String {
        let mut text = self.body();
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            text = text
                .replace(quote(secret).as_str(), "'***'")
                .replace(secret.as_str(), "***");
        }
        text
    }

    /// The name of the function that is called.
    pub fn function(&self) -> &'static str {
        self.function
    }
}

fn gather(fragment: &'static Fragment, all: &mut Vec<&'static Fragment>) {
    if all.iter().any(|known| known.name == fragment.name) {
        return;
    }
    for needed in fragment.needs {
        gather(needed, all);
    }
    all.push(fragment);
}

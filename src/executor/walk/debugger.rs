//! `debugger`: a person looks at a task that ended, changes it, and has it done again.

use std::sync::Arc;

use super::walker::{Walker, Way};
use crate::error::{Error, Result};
use crate::executor::task::Done;
use crate::playbook::{Keywords, Task};
use crate::report::Status;
use crate::value::{Map, Str, Value};
use crate::vars::Values;

/// When a person is asked; `always` and `never` are left out where they are all there is to say.
const WHEN: [&str; 5] = [
    "always",
    "never",
    "on_failed",
    "on_skipped",
    "on_unreachable",
];

const HELP: &str = "p, pprint EXPRESSION   show task, task.args, task_vars, host or result, or anything of templates
task.args[KEY] = EXPRESSION    change an argument
task_vars[KEY] = EXPRESSION    change a variable
u, update_task   take the task as it is written again, with the variables as they are now
r, redo          do the task again
c, continue      go on
q, quit          end the run
h, help          this list";

/// What a person has changed so far.
pub struct Session {
    /// The task as it is written.
    written: Arc<Task>,
    /// The task as it is done next.
    pub task: Arc<Task>,
    /// The variables that lie over all others.
    pub vars: Map,
}

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The next task.
    GoOn,
    /// The same task.
    Redo,
    /// Nothing: the run ends.
    Quit,
}

impl Session {
    /// Nothing is changed yet.
    pub fn new(task: &Arc<Task>) -> Self {
        Session {
            written: Arc::clone(task),
            task: Arc::clone(task),
            vars: Map::new(),
        }
    }
}

impl Walker {
    /// Asks a person about a task that ended, where the task wants that.
    pub(super) async fn debug(&self, session: &mut Session, way: &Way, done: &Done) -> Next {
        if !self.wants_debugger(session, way, done.status) {
            return Next::GoOn;
        }
        // One person, one question.
        let _turn = self.run().debugging.lock().await;
        if self.run().is_interrupted() {
            return Next::GoOn;
        }
        let name = self.described(session, way);
        let prompt = format!("[{}] TASK: {name} (debug)> ", self.actor.host.name);
        let mut said = String::new();
        let mut last = String::new();
        loop {
            let line = self.run().person.line(&format!("{said}{prompt}"));
            let Some(line) = line else {
                return Next::Quit;
            };
            said.clear();
            // An empty line is the one before again.
            if !line.trim().is_empty() {
                last = line.trim().to_owned();
            }
            match last.as_str() {
                "" => (),
                "c" | "continue" => return Next::GoOn,
                "r" | "redo" => return Next::Redo,
                "q" | "quit" => return Next::Quit,
                "u" | "update_task" => session.task = Arc::clone(&session.written),
                "h" | "help" | "?" => said = format!("{HELP}\n"),
                "p task" | "pprint task" => said = format!("TASK: {name}\n"),
                "p host" | "pprint host" => said = format!("{}\n", self.actor.host.name),
                line => {
                    said = match self.act(session, way, done, line) {
                        Ok(shown) => shown,
                        Err(error) => format!("***{}\n", error.chain()),
                    }
                }
            }
        }
    }

    /// What `debugger` says, or the setting `ENABLE_TASK_DEBUGGER` and the strategy `debug`
    /// (`needs_debugger` of the reference's `executor/task_result.py`).
    fn wants_debugger(&self, session: &Session, way: &Way, status: Status) -> bool {
        let names = self.actor.names(&way.frame, Some(&session.task));
        let values = Values::new(&self.run().engine, &names);
        let is_set = |name: &str| {
            self.run()
                .house
                .settings
                .get(name)
                .is_some_and(Value::is_true)
        };
        let failed = match status {
            Status::Failed => true,
            Status::Ignored => !is_set("TASK_DEBUGGER_IGNORE_ERRORS"),
            _ => false,
        };
        let unreachable = status == Status::Unreachable;
        match values.keyword_text("debugger").ok().flatten().as_deref() {
            Some("always") => true,
            Some("on_failed") => failed,
            Some("on_unreachable") => unreachable,
            Some("on_skipped") => status == Status::Skipped,
            Some("never") => false,
            _ => (self.batch.debugs || is_set("ENABLE_TASK_DEBUGGER")) && (failed || unreachable),
        }
    }

    fn described(&self, session: &Session, way: &Way) -> String {
        self.actor.describe(&session.task, &way.frame).name
    }

    /// Shows a value or changes one.
    fn act(&self, session: &mut Session, way: &Way, done: &Done, line: &str) -> Result<String> {
        let names = self
            .actor
            .names(&way.frame, Some(&session.task))
            .with_locals(&session.vars);
        let values = Values::new(&self.run().engine, &names);
        // What is not told of a task is not told by the debugger either.
        let hidden = self.actor.describe(&session.task, &way.frame).no_log;
        let shown = match hidden {
            true => Value::map(crate::entries! { "censored" => "no_log is set for this task" }),
            false => done.value.clone(),
        };
        let task_vars = values
            .engine
            .expression(&expression("vars"), &values.scope)?;
        let names = names.with_locals(&crate::entries! {
            "task" => crate::entries! {
                "name" => self.described(session, way),
                "action" => session.task.action.name.as_str(),
                "args" => Value::map(session.task.action.args.clone()).untrusted(),
            },
            "task_vars" => task_vars,
            "host" => crate::entries! { "name" => &*self.actor.host.name },
            "result" => crate::entries! { "_result" => shown },
        });
        let values = Values::new(&self.run().engine, &names);
        let give = |text: &str| values.engine.expression(&expression(text), &values.scope);
        let shown = line
            .strip_prefix("pprint ")
            .or_else(|| line.strip_prefix("p "));
        if let Some(shown) = shown {
            let value = give(&format!("({shown}) | pprint"))?;
            return Ok(format!("{}\n", value.to_text()));
        }
        let (what, key, value) = assignment(line).ok_or_else(|| {
            Error::input(format!("`{line}` is not understood: `help` lists what is"))
        })?;
        let key = give(key)?.to_text();
        let value = give(value)?;
        // What is typed here is a person's own text: a template in it is one.
        let value = match &value {
            Value::Str(text) => Value::Str(Str::template(&**text, None)),
            _ => value.trusted(),
        };
        match what {
            Changed::Args => {
                let mut task = Task::clone(&session.task);
                task.action.args.set(&key, value);
                session.task = Arc::new(task);
            }
            Changed::Vars => session.vars.set(&key, value),
        }
        Ok(String::new())
    }
}

fn expression(text: &str) -> Str {
    Str::template(text, None)
}

/// What an assignment changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changed {
    Args,
    Vars,
}

/// `task.args[KEY] = VALUE` in its parts.
fn assignment(line: &str) -> Option<(Changed, &str, &str)> {
    let (what, rest) = match line.strip_prefix("task.args[") {
        Some(rest) => (Changed::Args, rest),
        None => (Changed::Vars, line.strip_prefix("task_vars[")?),
    };
    let quote = rest
        .chars()
        .next()
        .filter(|letter| matches!(letter, '"' | '\''));
    let end = match quote {
        Some(quote) => 2 + rest.get(1..)?.find(quote)?,
        None => rest.find(']')?,
    };
    let (key, rest) = (rest.get(..end)?, rest.get(end..)?);
    let value = rest
        .strip_prefix(']')?
        .trim_start()
        .strip_prefix('=')?
        .trim();
    (!value.is_empty() && !value.starts_with('=')).then_some((what, key.trim(), value))
}

/// Checks the word of `debugger`.
///
/// # Errors
/// It is none of the five.
pub fn check(keywords: &Keywords) -> Result<()> {
    let Some(entry) = keywords.get("debugger") else {
        return Ok(());
    };
    let fits = match &entry.value {
        Value::Str(text) => text.contains("{{") || WHEN.contains(&&**text),
        other => other.is_null(),
    };
    match fits {
        true => Ok(()),
        false => Err(Error::syntax(format!(
            "`{}` does not say when to debug",
            entry.value.to_text()
        ))
        .at(entry.place.clone())
        .hint(format!("the words are {}", WHEN.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_have_a_key_and_a_value() {
        for (line, parts) in [
            (
                "task.args['msg'] = 'x = y'",
                Some((Changed::Args, "'msg'", "'x = y'")),
            ),
            (
                "task_vars[\"a]b\"]=1",
                Some((Changed::Vars, "\"a]b\"", "1")),
            ),
            (
                "task_vars[name] = [1, 2]",
                Some((Changed::Vars, "name", "[1, 2]")),
            ),
            ("task_vars['a'] == 1", None),
            ("task_vars['a'] =", None),
            ("task_vars['a", None),
            ("task.args.msg = 1", None),
            ("task.args[", None),
            ("task.args['", None),
            ("", None),
        ] {
            assert_eq!(assignment(line), parts, "{line}");
        }
    }
}

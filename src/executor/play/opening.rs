//! What comes before a play's own tasks: facts, and the arguments of its roles.

use std::sync::Arc;

use super::super::options::Gathering;
use super::super::position::Position;
use super::super::values::Values;
use super::super::walker::{Flow, Walker, Way};
use crate::error::{Error, Result};
use crate::playbook::{Action, FREE_TEXT, Keywords, Play, RoleUse, Task, keyword, truth};
use crate::value::{Map, Value};

impl Walker {
    /// Gathers facts at the beginning of a play, where that is wanted.
    pub async fn gather(&self, way: &Way, at: &Position) -> Flow {
        if let Err(error) = self.load_files(way) {
            return self.fail_play(way, at, error).await;
        }
        let wanted = match self.wants_facts(way) {
            Ok(wanted) => wanted,
            Err(error) => return self.fail_play(way, at, error).await,
        };
        if !wanted {
            return Flow::Next;
        }
        let task = match self.gathering_task(way) {
            Ok(task) => task,
            Err(error) => return self.fail_play(way, at, error).await,
        };
        let flow = self
            .walk(&[crate::playbook::Node::Task(task)], way, at.clone())
            .await;
        if flow == Flow::Next
            && let Err(error) = self.load_files(way)
        {
            return self.fail_play(way, at, error).await;
        }
        flow
    }

    fn wants_facts(&self, way: &Way) -> Result<bool> {
        let names = self.names(&way.frame, None);
        let values = Values::new(&self.run().engine, &names);
        let said = match values
            .names
            .frame
            .as_ref()
            .and_then(|frame| frame.keywords.get("gather_facts"))
        {
            Some(entry) => truth(&values.render(&entry.value)?),
            None => None,
        };
        Ok(match (said, self.run().options.gathering) {
            (Some(said), Gathering::Implicit | Gathering::Explicit) => said,
            (Some(false), Gathering::Smart) => false,
            (_, Gathering::Smart) => self.host.facts().raw.is_empty(),
            (None, Gathering::Implicit) => true,
            (None, Gathering::Explicit) => false,
        })
    }

    fn gathering_task(&self, way: &Way) -> Result<Arc<Task>> {
        let play = &self.batch.state.play;
        let names = self.names(&way.frame, None);
        let values = Values::new(&self.run().engine, &names);
        let mut args = Map::new();
        for (keyword, argument) in [
            ("gather_subset", "gather_subset"),
            ("gather_timeout", "gather_timeout"),
            ("fact_path", "fact_path"),
        ] {
            if let Some(entry) = play.keywords.get(keyword) {
                args.set(argument, values.render(&entry.value)?);
            }
        }
        let mut keywords = Keywords::default();
        if play.keyword("tags").is_none()
            && let Some(tags) = keyword::find("tags")
        {
            keywords.set(tags, Value::strings(["always"]), play.place.clone());
        }
        Ok(Arc::new(own_task(
            "Gathering Facts",
            "gather_facts",
            args,
            keywords,
            play,
        )))
    }

    /// The failure of a play for this host before its first task.
    async fn fail_play(&self, way: &Way, at: &Position, error: Error) -> Flow {
        if let Err(stop) = self.batch.turnstile.enter(self.number, at).await {
            return Flow::Stopped(stop);
        }
        let play = &self.batch.state.play;
        let task = own_task(
            "Preparing the play",
            "meta",
            Map::new(),
            Keywords::default(),
            play,
        );
        self.fail_announced(&Arc::new(task), way, at, error)
    }

    /// Checks a role's arguments against its specification, where it has one.
    pub async fn validate_role(&self, role: &Arc<RoleUse>, way: &Way, at: &Position) -> Flow {
        let Some(spec) = &role.role.argument_spec else {
            return Flow::Next;
        };
        let options = spec
            .get("options")
            .cloned()
            .unwrap_or_else(|| Value::map(Map::new()));
        let mut given = Map::new();
        for key in options
            .as_map()
            .map(|map| map.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
        {
            let name = key.to_text();
            let names = self.names(&way.frame, None);
            if crate::template::Scope::variable(&names, &name).is_some() {
                let text = format!("{{{{ {name} }}}}");
                given.set(
                    &name,
                    crate::value::Str::template(text, key.place().cloned()),
                );
            }
        }
        let name = role.validation_name().unwrap_or_default();
        let args = crate::entries! {
            "argument_spec" => options,
            "provided_arguments" => given,
            "validate_args_context" => crate::entries! {
                "argument_spec_name" => role.role.entry.as_str(),
                "name" => role.role.full_name(),
                "path" => std::path::absolute(&role.role.path)
                    .unwrap_or_else(|_| role.role.path.clone())
                    .display()
                    .to_string(),
                "type" => "role",
            },
        };
        let mut keywords = Keywords::default();
        if let Some(tags) = keyword::find("tags") {
            keywords.set(tags, Value::strings(["always"]), role.place.clone());
        }
        let play = &self.batch.state.play;
        let mut task = own_task(&name, "validate_argument_spec", args, keywords, play);
        task.place = role.place.clone();
        let nodes = [crate::playbook::Node::Task(Arc::new(task))];
        self.walk(&nodes, way, at.child(0).child(0)).await
    }
}

/// A task of our own, which stands in no file.
fn own_task(name: &str, action: &str, args: Map, keywords: Keywords, play: &Play) -> Task {
    let mut args = args;
    if action == "meta" {
        args.set(FREE_TEXT, "noop");
    }
    Task {
        name: Some(Value::str(name)),
        action: Action {
            name: action.to_owned(),
            args,
            variable: None,
            place: play.place.clone(),
        },
        repeat: None,
        keywords,
        vars: Arc::default(),
        handler: false,
        place: play.place.clone(),
    }
}

//! What comes before a play's own tasks: its files of variables, and facts.

use std::sync::Arc;

use super::argspec;
use super::files::{known, load_files};
use crate::error::{Error, Result};
use crate::executor::run::Gathering;
use crate::executor::walk::{Flow, Position, Walker, Way, own_task};
use crate::memory::reading;
use crate::playbook::{Keywords, Node, Task, keyword, truth};
use crate::value::{Map, Value};
use crate::vars::Values;

impl Walker {
    /// Gathers facts at the beginning of a play, where that is wanted.
    pub async fn gather(&self, way: &Way, at: &Position) -> Flow {
        if let Err(error) = self.load_known(way).await {
            return self.fail_play(way, at, error).await;
        }
        let wanted = match self.wants_facts(way) {
            Ok(wanted) => wanted,
            Err(error) => return self.fail_play(way, at, error).await,
        };
        if !self.starts_in_play() {
            return Flow::Next;
        }
        let nodes = match self.opening_tasks(way, wanted) {
            Ok(nodes) => nodes,
            Err(error) => return self.fail_play(way, at, error).await,
        };
        if nodes.is_empty() {
            return Flow::Next;
        }
        let flow = self.as_started(self.walk(&nodes, way, at.clone())).await;
        if flow == Flow::Next
            && let Err(error) = self.load_known(way).await
        {
            return self.fail_play(way, at, error).await;
        }
        flow
    }

    /// Reads the host's `vars_files`, which have to be those of the run that is resumed.
    async fn load_known(&self, way: &Way) -> Result<()> {
        let (loaded, reads) = reading(async { load_files(&self.actor, &way.frame) }).await;
        loaded?;
        let host = &self.actor.host.name;
        known(self.run(), &self.batch.word, host, &reads)
    }

    fn wants_facts(&self, way: &Way) -> Result<bool> {
        let names = self.actor.names(&way.frame, None);
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
            (_, Gathering::Smart) => self.actor.host.facts().raw.is_empty(),
            (None, Gathering::Implicit) => true,
            (None, Gathering::Explicit) => false,
        })
    }

    /// The tasks before a play's own: facts are gathered, arguments checked.
    fn opening_tasks(&self, way: &Way, gathers: bool) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        if gathers {
            nodes.push(Node::Task(self.gathering_task(way)?));
        }
        let names = self.actor.names(&way.frame, None);
        let values = Values::new(&self.run().engine, &names);
        let checks = argspec::task(self.run(), &self.batch.state.play, &values)?;
        nodes.extend(checks.map(|task| Node::Task(Arc::new(task))));
        Ok(nodes)
    }

    fn gathering_task(&self, way: &Way) -> Result<Arc<Task>> {
        let play = &self.batch.state.play;
        let names = self.actor.names(&way.frame, None);
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
        // Facts are every host's own, also where a play says that its tasks run once.
        if let Some(once) = keyword::find("run_once") {
            keywords.set(once, Value::Bool(false), play.place.clone());
        }
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
}

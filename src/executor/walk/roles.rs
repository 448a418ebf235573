//! Roles on a host's way: whether they run again, and their arguments.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::own_task::own_task;
use super::position::Position;
use super::walker::{Flow, Roles, Walker, Way};
use crate::playbook::{Keywords, Node, RoleUse, keyword};
use crate::report::{CENSORED, Event};
use crate::template::Scope;
use crate::value::{Map, Str, Value};
use crate::vars::Frame;

impl Walker {
    /// Says whether a role is to run now: it has not run for this host, or it may again. One whose
    /// tasks were all skipped has not run.
    pub(super) fn may_run(&self, role: &RoleUse) -> bool {
        role.allow_duplicates || !self.role_notes().done.contains(&role.key())
    }

    /// A task ran that was not skipped: its role has run.
    pub(super) fn touch_role(&self, frame: &Arc<Frame>) {
        if let Some(role) = frame.role() {
            self.role_notes().touched.insert(role.key());
        }
    }

    /// A role came to its end.
    pub(super) fn end_role(&self, role: &RoleUse) {
        let key = role.key();
        let mut roles = self.role_notes();
        if roles.touched.contains(&key) {
            roles.done.insert(key);
        }
    }

    /// Tells that the host is through with a role.
    pub(super) fn tell_role_complete(&self, role: &RoleUse) {
        self.actor.tell(Event::Implicit {
            host: Arc::clone(&self.actor.host.name),
            role: Some(match role.hidden {
                true => CENSORED.to_owned(),
                false => role.role.name.clone(),
            }),
            action: "role_complete",
        });
    }

    fn role_notes(&self) -> MutexGuard<'_, Roles> {
        self.roles.lock().unwrap_or_else(PoisonError::into_inner)
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
            let names = self.actor.names(&way.frame, None);
            if names.variable(&name).is_some() {
                let text = format!("{{{{ {name} }}}}");
                given.set(&name, Str::template(text, key.place().cloned()));
            }
        }
        let name = role.validation_name().unwrap_or_default();
        let args = crate::entries! {
            "argument_spec" => options,
            "provided_arguments" => given,
            "validate_args_context" => crate::entries! {
                "argument_spec_name" => role.role.entry.as_str(),
                "name" => role.role.name.rsplit('.').next().unwrap_or_default(),
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
        let nodes = [Node::Task(Arc::new(task))];
        self.walk(&nodes, way, at.child(0).child(0)).await
    }
}
